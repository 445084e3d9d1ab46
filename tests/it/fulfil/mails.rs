//! The mails about tasks (SPEC section 13, NOT-1, I17).

use chrono::Duration;

use super::*;
use crate::requests::{mails_to, sweep};

on_both! {
    /// Asked once, reminded a day before and when overdue, once each.
    fn i17_one_mail_two_reminders(t: &mut Test) {
        let (_, account) = by_hand(t);
        let carol = t.person("carol");
        ask(t, "alice", account);
        let mail = &t.mails_to("carol@demo.example")[0];
        assert_eq!((mail.kind.as_str(), mail.subject.as_str()), ("fulfilmentTask", "Task: give Alice Example CRM: User"));
        assert!(mail.text.contains("CRM account"), "{}", mail.text);
        let link = mail.link("/tasks/");
        assert!(link.ends_with(&the_open(t).id.to_string()), "{link}");
        for (hours, count) in [(47, 1), (2, 2), (2, 2), (20, 2), (1, 3), (100, 3)] {
            t.advance(Duration::hours(hours));
            sweep(t);
            sweep(t);
            assert_eq!(mails_to(t, carol).len(), count, "after {hours} more hours");
        }
        let subjects: Vec<String> =
            t.mails_to("carol@demo.example").into_iter().map(|m| m.subject).collect();
        assert!(subjects.iter().any(|s| s == "Overdue: give Alice Example CRM: User"), "{subjects:?}");
    }

    /// After a long downtime one reminder is enough.
    fn i17_after_a_downtime_one_reminder(t: &mut Test) {
        let (_, account) = by_hand(t);
        let carol = t.person("carol");
        ask(t, "alice", account);
        t.advance(Duration::days(20));
        sweep(t);
        assert_eq!(mails_to(t, carol), ["fulfilmentTask", "fulfilmentReminder"]);
    }

    /// What need not be done any more is not written about (SPEC NOT-1).
    fn not_1_a_mail_about_a_closed_task_is_dropped(t: &mut Test) {
        let (_, account) = by_hand(t);
        ask(t, "alice", account);
        done(t, "carol", the_open(t).id);
        assert!(t.mails_to("carol@demo.example").is_empty());
        assert_eq!(t.texts("SELECT state AS n FROM notices WHERE kind = 'fulfilmentTask'"), ["dropped"]);
    }
}

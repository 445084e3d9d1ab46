//! One daily mail in place of reminders (SPEC NOT-5, I17).

use chrono::Duration;
use latchkey::app::digests;
use latchkey::domain::approval::Verdict;
use latchkey::jobs::sweeps;

use crate::requests::{decide, submit};
use crate::support::Test;

/// Chooses the daily mail on the profile page.
fn choose(t: &mut Test, name: &str) {
    let browser = t.sign_in(name);
    let form = browser.page("/profile").form("/profile").set("reminders", "daily");
    let page = browser.done(&form);
    assert_eq!(page.form("/profile").values("reminders"), ["daily"]);
}

fn digests_to(t: &Test, name: &str) -> usize {
    t.mails_to(&format!("{name}@demo.example")).iter().filter(|m| m.kind == "dailyDigest").count()
}

on_both! {
    /// At eight of one's own zone, also over the change to daylight-saving time; the first request comes at once, no
    /// reminder beside it; the link decides nothing.
    fn not_5_the_daily_mail_comes_at_eight_in_place_of_reminders(t: &mut Test) {
        t.user("bob").time_zone("Europe/Berlin").create();
        let s = t.sales();
        t.clock.set("2026-03-27T12:00:00Z".parse().unwrap());
        choose(t, "bob");
        submit(t, "alice", s.onboarding);
        let first = t.mails_to("bob@demo.example");
        assert_eq!(first.iter().map(|m| m.kind.as_str()).collect::<Vec<_>>(), ["approvalRequested"]);
        let mut count = 0;
        for eight in ["2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z", "2026-03-30T06:00:00Z"] {
            t.clock.set(eight.parse().unwrap());
            t.advance(-Duration::seconds(1));
            assert_eq!(digests_to(t, "bob"), count, "not before {eight}");
            t.clock.set(eight.parse().unwrap());
            count += 1;
            assert_eq!(digests_to(t, "bob"), count, "at {eight}");
        }
        t.clock.set("2026-04-09T12:00:00Z".parse().unwrap());
        let mails = t.mails_to("bob@demo.example");
        assert!(mails.iter().all(|m| m.kind != "approvalReminder"), "reminders are replaced");
        let digest = mails.iter().find(|m| m.kind == "dailyDigest").expect("a daily mail");
        assert_eq!(digest.subject, "Your day in Latchkey: 28 March 2026");
        assert!(digest.text.contains("for Alice Example, by "), "{}", digest.text);
        assert_eq!(digest.links(), ["/approvals"], "no link decides");
    }

    /// None when there is nothing to tell; access of one's own that ends soon is something.
    fn not_5_none_when_there_is_nothing(t: &mut Test) {
        let s = t.sales();
        choose(t, "alice");
        choose(t, "bob");
        t.advance(Duration::days(1));
        assert_eq!(digests_to(t, "bob") + digests_to(t, "alice"), 0);
        let id = submit(t, "alice", s.onboarding);
        decide(t, "bob", id, Verdict::Approve);
        t.advance(Duration::days(1));
        assert_eq!(digests_to(t, "bob"), 0);
        let alice = t.principal("alice").user;
        let end = t.now() + Duration::days(20);
        let end = t.literal(&end.into());
        t.sql(&format!("UPDATE assignments SET ends_at = {end} WHERE subject_id = '{alice}'"));
        t.advance(Duration::days(5));
        assert_eq!(digests_to(t, "alice"), 0, "fifteen days are not soon");
        t.advance(Duration::days(2));
        let mails = t.mails_to("alice@demo.example");
        let digest = mails.iter().find(|m| m.kind == "dailyDigest").expect("a daily mail");
        assert!(digest.text.contains("Ends soon"), "{}", digest.text);
        assert_eq!(digest.links(), ["/access"]);
    }

    /// Never two on one day: not after downtime, not with a second scheduler, not after moving to another zone. What
    /// was missed on earlier days is not made up for.
    fn not_5_i17_never_twice_a_day(t: &mut Test) {
        t.user("bob").time_zone("Europe/Berlin").create();
        let s = t.sales();
        choose(t, "bob");
        submit(t, "alice", s.onboarding);
        t.clock.set("2026-03-06T03:00:00Z".parse().unwrap());
        assert_eq!(digests_to(t, "bob"), 0, "three missed mornings, and it is not eight yet");
        t.clock.set("2026-03-06T15:00:00Z".parse().unwrap());
        assert_eq!(digests_to(t, "bob"), 1, "late, on its day");
        let (app, barrier) = (t.app.clone(), std::sync::Barrier::new(2));
        t.clock.set("2026-03-07T07:00:00Z".parse().unwrap());
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    barrier.wait();
                    sweeps::digests(&app).expect("a turn");
                });
            }
        });
        let bob = t.principal("bob").user;
        assert_eq!(t.count(&format!("notices WHERE recipient_id = '{bob}' AND kind = 'dailyDigest'")), 2);
        let browser = t.sign_in("bob");
        let form = browser.page("/profile").form("/profile").set("time_zone", "America/New_York");
        browser.done(&form);
        t.clock.set("2026-03-07T13:00:00Z".parse().unwrap());
        assert_eq!(digests_to(t, "bob"), 2, "eight again in the new zone, on the same day");
        t.clock.set("2026-03-08T12:00:00Z".parse().unwrap());
        assert_eq!(digests_to(t, "bob"), 3, "daylight-saving time began in New York");
    }

    /// Whoever goes back to single reminders, or is disabled, gets no daily mail any more.
    fn not_5_the_choice_can_be_taken_back(t: &mut Test) {
        let s = t.sales();
        choose(t, "bob");
        submit(t, "alice", s.onboarding);
        let browser = t.sign_in("bob");
        browser.done(&browser.page("/profile").form("/profile").set("reminders", "each"));
        assert_eq!(t.count("digests"), 0);
        t.advance(Duration::days(8));
        let kinds: Vec<String> = t.mails_to("bob@demo.example").into_iter().map(|m| m.kind).collect();
        assert!(kinds.contains(&"approvalReminder".to_owned()) && !kinds.contains(&"dailyDigest".to_owned()), "{kinds:?}");
        let browser = t.sign_in("bob");
        let forged = browser.page("/profile").form("/profile").forge("reminders", "hourly");
        browser.submit(&forged).expect(422).page().assert_says("Choose how you want to be reminded.");
        let cx = t.app.system_cx("test");
        let bob = t.principal("bob").user;
        assert!(!t.write(|tx| digests::send(tx, &cx, bob)), "no turn");
    }
}

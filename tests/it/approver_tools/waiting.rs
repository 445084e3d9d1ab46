//! What the requestor hears while waiting: for whom, since when, until when, and what is usual (SPEC REQ-3, REQ-8).

use chrono::Duration;
use latchkey::domain::policy::{Approver, Terms};
use latchkey::store::views::package::usual_wait;

use super::*;
use crate::requests::{decide, submit};
use crate::support::terms;

on_both! {
    /// The median of the last decisions, once there are three, of the last year only, and only what somebody decided
    /// (SPEC REQ-3).
    fn req_3_the_usual_wait_is_the_median_of_the_last_decisions(t: &mut Test) {
        let s = t.sales();
        let usual = |t: &Test| t.read(|c| usual_wait(c, s.onboarding, t.now()));
        for (n, hours) in [1, 9, 5].into_iter().enumerate() {
            assert_eq!(usual(t), None, "{n} decisions say nothing yet");
            t.user(&format!("asker{n}")).manager("bob").create();
            let id = submit(t, &format!("asker{n}"), s.onboarding);
            t.advance(Duration::hours(hours));
            decide(t, "bob", id, if n == 1 { Verdict::Deny } else { Verdict::Approve });
        }
        assert_eq!(usual(t), Some(Duration::hours(5)));
        // What nobody decided, and other packages, do not count.
        let left = submit(t, "alice", s.onboarding);
        t.advance(Duration::hours(40));
        t.write_as("alice", |tx, cx, by| request::cancel(tx, cx, left, by, ""));
        assert_eq!(usual(t), Some(Duration::hours(5)));
        assert_eq!(t.read(|c| usual_wait(c, s.deal_desk, t.now())), None);
        let alice = t.sign_in("alice");
        for page in [format!("/packages/{}", s.onboarding), format!("/packages/{}/request", s.onboarding)] {
            alice.page(&page).assert_says("Usually decided in about 5 hours");
        }
        t.advance(Duration::days(366));
        assert_eq!(usual(t), None, "what is older than a year says nothing");
    }

    /// The requestor sees who can decide, since when, until when, and what is usual; in lists in short (SPEC REQ-8).
    fn req_8_the_requestor_sees_for_whom_a_request_waits(t: &mut Test) {
        let s = t.sales();
        for n in 0..3 {
            t.user(&format!("asker{n}")).manager("bob").create();
            let id = submit(t, &format!("asker{n}"), s.deal_desk);
            t.advance(Duration::hours(2));
            decide(t, "bob", id, Verdict::Approve);
            decide(t, "mia", id, Verdict::Approve);
        }
        let id = submit(t, "alice", s.deal_desk);
        t.advance(Duration::hours(3));
        let alice = t.sign_in("alice");
        let page = alice.page(&format!("/requests/{id}"));
        page.assert_says("Waiting for Bob Example to decide.");
        page.assert_says("asked 3 hours ago");
        page.assert_says("Usually decided in about 2 hours.");
        alice.page("/requests").assert_says("waits for Bob Example");
        alice.page("/").assert_says("waits for Bob Example");
        decide(t, "bob", id, Verdict::Approve);
        alice.page("/requests").assert_says("waits for Mia Example");
        decide(t, "mia", id, Verdict::Approve);
        let done = alice.page(&format!("/requests/{id}"));
        done.assert_silent_about("Usually decided");
        alice.page("/requests").assert_silent_about("waits for");
    }

    /// Where the policy keeps the names, they stay kept: in the list, at home and on the page (SPEC REQ-8, REQ-3).
    fn req_8_hidden_approvers_stay_hidden(t: &mut Test) {
        t.person("alice");
        t.person("root");
        t.user("quentin").create();
        let quentin = t.person("quentin");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let stage = terms::stage(vec![Approver::User { id: quentin }]);
        t.policy(package, "P", &Terms { show_approvers: false, ..terms::members(vec![stage]) });
        let id = submit(t, "alice", package);
        let alice = t.sign_in("alice");
        for path in [format!("/requests/{id}"), "/requests".into(), "/".into()] {
            alice.page(&path).assert_silent_about("Quentin");
        }
        alice.page(&format!("/requests/{id}")).assert_says("Waiting for the approvers to decide.");
    }
}

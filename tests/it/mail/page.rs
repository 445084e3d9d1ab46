//! The Mail page (SPEC NOT-4).

use latchkey::mail::SendError;

use super::{newest, owe};
use crate::requests::submit;

on_both! {
    /// Administrators see every notice with its state and what it said, secrets hidden, and send it again.
    fn not_4_administrators_see_every_notice_and_send_it_again(t: &mut Test) {
        let s = t.sales();
        submit(t, "alice", s.onboarding);
        let bob = t.person("bob");
        let id = newest(t, bob).to_string();
        t.post.memory.fail_next(SendError::Never("550 <b>no such mailbox</b>".into()));
        t.run_jobs();
        let root = t.sign_in("root");
        let list = root.page("/admin/mail");
        list.assert_state(&id, "failed");
        list.assert_says("550 <b>no such mailbox</b>");
        let page = root.page(&format!("/admin/mail/{id}"));
        page.assert_says("Action required: Approve or deny request by");
        page.assert_says("https://latchkey.example/d/…");
        page.assert_says("I start on Monday");
        page.assert_says("550 <b>no such mailbox</b>");
        assert!(!page.source().contains("<b>no such"), "escaped");
        let done = root.done(&page.form(&format!("/admin/mail/{id}/send-again")).press("Send again"));
        done.assert_says("on its way again");
        t.run_jobs();
        root.page("/admin/mail?state=sent").assert_state(&id, "sent");
        root.page("/admin/mail?state=failed").assert_no_row(&id);
        root.page("/admin/mail?q=bob&kind=approvalRequested").assert_state(&id, "sent");
        root.page("/admin/mail?q=nobody").assert_no_row(&id);
        assert_eq!(t.post.memory.sent().len(), 1);
        let csv = root.get("/admin/mail?format=csv").expect(200).body;
        assert!(csv.contains("approvalRequested") && !csv.contains("/d/"), "{csv}");
    }

    /// A mail that waits for its first attempt cannot be sent again.
    fn not_4_what_is_on_its_way_is_not_sent_twice(t: &mut Test) {
        let bob = t.person("bob");
        let id = owe(t, bob);
        t.person("root");
        let refused = t.try_as("root", |tx, cx, by| latchkey::app::notices::send_again(tx, cx, by, id));
        assert!(refused.is_err());
        let root = t.sign_in("root");
        let page = root.page(&format!("/admin/mail/{id}"));
        assert!(!page.source().contains("send-again"));
        page.assert_says("A mail is written when it is sent.");
    }

    /// Auditors read; nobody else even that.
    fn not_4_auditors_read_and_others_do_not(t: &mut Test) {
        let bob = t.person("bob");
        let id = owe(t, bob);
        t.run_jobs();
        let aud = t.sign_in("aud");
        let page = aud.page(&format!("/admin/mail/{id}"));
        assert!(!page.source().contains("send-again"));
        aud.page("/admin/mail").assert_state(&id.to_string(), "sent");
        let denied = t.try_as("aud", |tx, cx, by| latchkey::app::notices::send_again(tx, cx, by, id));
        assert!(denied.is_err());
        for name in ["bob", "dan", "carol"] {
            let browser = t.sign_in(name);
            browser.get("/admin/mail").expect(403);
            browser.get(&format!("/admin/mail/{id}")).expect(403);
        }
    }
}

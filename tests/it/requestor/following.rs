//! My requests, and the page of one: who may see it, and what it tells (SPEC REQ-5, REQ-8, ROL-6).

use latchkey::domain::approval::Verdict;

use super::{asked, set};
use crate::requests::{decide, sweep, the_request};
use crate::support::terms;

on_both! {
    /// The timeline tells who did what, when and why, which policy, which mails, and each delivery (SPEC REQ-8).
    fn req_8_the_timeline_tells_everything(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let id = asked(&b, s.deal_desk, "For the spring deal");
        let waiting = b.page(&format!("/requests/{id}"));
        waiting.assert_says("Waiting for Bob Example to decide. Then it goes to Mia Example.");
        waiting.assert_says("Mail to Bob Example (asking for a decision): waiting to be sent");
        t.advance(chrono::Duration::hours(2));
        t.sql("UPDATE notices SET state = 'sent', sent_at = created_at");
        decide(t, "bob", id, Verdict::Approve);
        t.advance(chrono::Duration::hours(2));
        decide(t, "mia", id, Verdict::Approve);
        let page = t.sign_in("alice").page(&format!("/requests/{id}"));
        page.assert_state(&id.to_string(), "delivered");
        let steps = page.texts_of(".lk-timeline > li");
        let expected: [&[&str]; 6] = [
            &["Requested", "Alice Example", "For the spring deal", "Policy “All members”, version 1"],
            &["Bob Example (your manager) asked in stage 1 of 2", "Mail to Bob Example (asking for a decision): accepted by the mail server"],
            &["Approved in stage 1 of 2", "Bob Example", "as agreed"],
            &["Mia Example asked in stage 2 of 2", "To be decided by"],
            &["Approved in stage 2 of 2", "Mia Example"],
            &["Every stage has approved"],
        ];
        for (n, words) in expected.iter().enumerate() {
            for word in *words {
                assert!(steps[n].contains(word), "step {n} lacks {word:?}: {steps:#?}");
            }
        }
        let last = steps.last().unwrap();
        for word in ["Access delivered", "Sales team: Member: delivered", "Mail to Alice Example (access is ready)"] {
            assert!(last.contains(word), "{word:?}: {last}");
        }
        let delivery = t
            .texts("SELECT CAST(id AS TEXT) AS n FROM deliveries")
            .remove(0);
        page.assert_state(&delivery, "delivered");
    }

    /// Requestor, approvers past and present, and whoever sees the catalog's assignments; nobody else (SPEC ROL-6).
    fn rol_6_a_request_opens_for_those_concerned_only(t: &mut Test) {
        let s = t.sales();
        let alice = t.sign_in("alice");
        let id = asked(&alice, s.deal_desk, "Confidential reason");
        let path = format!("/requests/{id}");
        for name in ["alice", "bob", "carol", "priya", "sam", "aud", "root"] {
            t.sign_in(name).get(&path).expect(200);
        }
        for name in ["dan", "erin", "mia"] {
            let b = t.sign_in(name);
            b.get(&path).expect(404);
            let form = b.page("/packages");
            let csrf = form.attribute_of("form[action='/sign-out'] input[name='csrf']", "value");
            b.post(&format!("{path}/cancel"), &[("csrf", &csrf), ("reason", "")]).expect(404);
            b.page("/requests").assert_no_row(&id.to_string());
        }
        decide(t, "bob", id, Verdict::Approve);
        t.sign_in("mia").get(&path).expect(200);
        t.sign_in("bob").get(&path).expect(200);
        // Sam sees the story, and who may only look is told so when acting.
        let aud = t.sign_in("aud");
        let page = aud.page(&path);
        page.assert_says("Confidential reason");
        assert_eq!(page.count("form[action$='/cancel']"), 0);
        let csrf = page.attribute_of("form[action='/sign-out'] input[name='csrf']", "value");
        aud.post(&format!("{path}/cancel"), &[("csrf", &csrf), ("reason", "")]).expect(403);
        assert_eq!(the_request(t, id).state.as_str(), "pendingApproval");
    }

    /// The requestor takes a request back while it waits, with a reason that the story keeps (SPEC REQ-5).
    fn req_5_the_requestor_cancels_while_it_waits(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let id = asked(&b, s.onboarding, "x");
        let form = b.page(&format!("/requests/{id}")).form_called("Cancel it now").set("reason", "Not needed after all");
        let page = b.done(&form);
        page.assert_state(&id.to_string(), "canceled");
        page.assert_says("The request is cancelled.");
        page.assert_says("Not needed after all");
        assert_eq!(page.count("form[action$='/cancel']"), 0);
        // Pressing the button again on the old page changes nothing and says why.
        let page = b.done(&form);
        page.assert_says("This request can no longer be cancelled: it is already cancelled.");
        assert_eq!(page.link("Send again"), format!("/packages/{}/request?again={id}", s.onboarding));
        // One that was delivered cannot be taken back by the requestor.
        let given = asked(&b, s.price_list, "");
        assert_eq!(b.page(&format!("/requests/{given}")).count("form[action$='/cancel']"), 0);
    }

    /// Who manages the assignments cancels what others asked for (SPEC REQ-5).
    fn req_5_managers_cancel_for_others(t: &mut Test) {
        let s = t.sales();
        let alice = t.sign_in("alice");
        let id = asked(&alice, s.onboarding, "x");
        let sam = t.sign_in("sam");
        let form = sam.page(&format!("/requests/{id}")).form_called("Cancel it now").set("reason", "Wrong package");
        sam.done(&form).assert_state(&id.to_string(), "canceled");
        alice.page(&format!("/requests/{id}")).assert_says("Wrong package");
    }

    /// Approvers' names stay hidden from the requestor all along, where the policy says so.
    fn hidden_approvers_stay_hidden_in_the_story(t: &mut Test) {
        let s = t.sales();
        let mia = t.person("mia");
        let quiet = t.package(s.catalog, "Quiet", &[s.team_member]);
        let mut hush = terms::members(vec![terms::by(mia)]);
        hush.show_approvers = false;
        t.policy(quiet, "All members", &hush);
        let b = t.sign_in("alice");
        let id = asked(&b, quiet, "x");
        let path = format!("/requests/{id}");
        b.page(&path).assert_silent_about("Mia");
        decide(t, "mia", id, Verdict::Approve);
        let page = b.page(&path);
        page.assert_silent_about("Mia");
        page.assert_says("An approver");
        t.sign_in("carol").page(&path).assert_says("Mia Example");
    }

    /// The list filters by state, keeps its order and can be taken along (SPEC PGE-2).
    fn pge_2_my_requests_filter_and_export(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        b.page("/requests").assert_says("You have not asked for anything yet");
        let denied = asked(&b, s.onboarding, "x");
        decide(t, "bob", denied, Verdict::Deny);
        t.advance(chrono::Duration::minutes(5));
        let open = asked(&b, s.deal_desk, "y");
        let rows = b.page("/requests").texts_of("tbody th a");
        assert_eq!(rows, ["Deal desk", "Sales onboarding"], "newest first");
        let page = b.page("/requests?state=denied");
        page.assert_state(&denied.to_string(), "denied");
        page.assert_no_row(&open.to_string());
        let page = b.page("/requests?state=open");
        page.assert_state(&open.to_string(), "pendingApproval");
        page.assert_no_row(&denied.to_string());
        b.page("/requests?q=onboard").assert_no_row(&open.to_string());
        b.page("/requests?state=expired").assert_says("No request like this");
        let file = b.get("/requests/export.csv?state=denied").expect(200);
        assert!(file.header("content-type").unwrap().starts_with("text/csv"));
        assert_eq!(file.body.lines().count(), 2, "{}", file.body);
        assert!(file.body.contains("Sales onboarding") && file.body.contains("denied"));
        t.sign_in("dan").page("/requests").assert_silent_about("Deal desk");
    }

    /// A request that nobody decided is shown apart from a denied one (SPEC APR-5).
    fn apr_5_expired_is_shown_apart_from_denied(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let id = asked(&b, s.onboarding, "x");
        t.advance(chrono::Duration::days(15));
        sweep(t);
        let b2 = t.sign_in("alice");
        let page = b2.page(&format!("/requests/{id}"));
        page.assert_state(&id.to_string(), "expired");
        page.assert_says("Nobody decided in time. You can send it again.");
        set(t, "users", "enabled = FALSE", t.read(|c| Ok(latchkey::store::requests::find(c, id)?.unwrap().subject)));
        b2.get(&format!("/requests/{id}")).expect(303);
    }
}

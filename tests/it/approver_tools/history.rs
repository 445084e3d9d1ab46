//! The history of decisions, the queue's filters, and the pages of the tools (SPEC PGE-2, PGE-4, APR-9, APR-10).

use chrono::Duration;
use latchkey::domain::request::RequestState;

use super::*;
use crate::requests::{decide, submit, the_assignment, the_request};
use crate::support::raw;

on_both! {
    /// Filters narrow, sorting orders, the state is in the address, and the file holds what the filter shows (SPEC
    /// PGE-2).
    fn pge_2_the_history_is_filtered_sorted_and_exported(t: &mut Test) {
        let s = t.sales();
        t.user("adam").manager("bob").create();
        let first = submit(t, "alice", s.onboarding);
        decide(t, "bob", first, Verdict::Approve);
        t.advance(Duration::days(2));
        let second = submit(t, "alice", s.deal_desk);
        decide(t, "bob", second, Verdict::Deny);
        t.advance(Duration::days(2));
        let third = submit(t, "adam", s.onboarding);
        decide(t, "bob", third, Verdict::Approve);
        let bob = t.sign_in("bob");
        let rows = |query: &str| -> Vec<String> {
            let page = bob.page(&format!("/approvals/history{query}"));
            let ids = page.source().split("data-id=\"").skip(1).filter_map(|part| part.split('"').next());
            ids.map(str::to_owned).collect()
        };
        let (a, b, c) = (first.to_string(), second.to_string(), third.to_string());
        assert_eq!(rows(""), [&c, &b, &a].map(Clone::clone), "the latest first");
        assert_eq!(rows("?sort=oldest"), [&a, &b, &c].map(Clone::clone));
        assert_eq!(rows("?sort=package"), [&b, &c, &a].map(Clone::clone));
        assert_eq!(rows("?sort=person"), [&c, &b, &a].map(Clone::clone));
        assert_eq!(rows("?verdict=deny"), std::slice::from_ref(&b));
        assert_eq!(rows("?state=denied"), std::slice::from_ref(&b));
        assert_eq!(rows(&format!("?package={}", s.onboarding)), [c.clone(), a.clone()]);
        assert_eq!(rows("?person=adam"), std::slice::from_ref(&c));
        assert_eq!(rows("?q=DEAL+alice"), std::slice::from_ref(&b));
        assert_eq!(rows("?from=2026-03-04&to=2026-03-05"), std::slice::from_ref(&b));
        assert_eq!(rows("?from=nonsense&verdict=%00&package=x").len(), 3, "what cannot be read narrows nothing");
        assert!(rows("?q=100%25").is_empty());
        let file = bob.get("/approvals/history/export.csv?verdict=approve&sort=oldest").expect(200);
        let text = file.page().source().to_owned();
        assert!(text.contains(&a) && text.contains(&c) && !text.contains(&b), "{text}");
        assert_eq!(text.matches("Bob Example").count(), 2);
        assert!(text.contains("\"as agreed\"") && text.contains("\"portal\""));
        // Nobody else's decisions are in it.
        t.sign_in("mia").page("/approvals/history").assert_says("No decisions yet");
    }

    /// A decision in somebody's place is in the history of both, as "X for Y" (SPEC APR-11).
    fn apr_11_a_decision_in_somebodys_place_is_in_both_histories(t: &mut Test) {
        let s = t.sales();
        let (bob, mia) = (t.person("bob"), t.person("mia"));
        let id = submit(t, "alice", s.onboarding);
        decide(t, "bob", id, Verdict::Approve);
        let (mia, place) = (t.literal(&raw::id(mia)), t.literal(&raw::id(bob)));
        t.sql(&format!("UPDATE votes SET approver_id = {mia}, on_behalf_of = {place}"));
        for (name, words) in [("bob", "by Mia Example in your place"), ("mia", "for Bob Example")] {
            let page = t.sign_in(name).page("/approvals/history");
            page.assert_says(words);
            assert_eq!(page.link("Revoke Sales onboarding of Alice Example"), format!("/approvals/{id}/revoke"));
        }
    }

    /// From the history to the question that says what will happen, to the end of the access (SPEC APR-10, PGE-4).
    fn apr_10_revoking_says_what_will_happen_first(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        decide(t, "bob", id, Verdict::Approve);
        let bob = t.sign_in("bob");
        let here = format!("/approvals/{id}/revoke");
        assert_eq!(bob.page("/approvals/history").link("Revoke Sales onboarding of Alice Example"), here);
        assert_eq!(bob.page(&format!("/approvals/{id}")).link("Revoke the access"), here);
        let page = bob.page(&here);
        page.assert_says("Revoke “Sales onboarding” from Alice Example?");
        page.assert_says("Alice Example loses");
        let form = page.form(&here);
        bob.submit(&form).expect(422).page().assert_says("Say why you revoke it.");
        let after = bob.done(&form.set("reason", "The project ended"));
        after.assert_says("The access is revoked.");
        assert!(!the_assignment(t, id).state.is_live());
        let alice = t.sign_in("alice");
        alice.page(&format!("/access/{}", the_assignment(t, id).id)).assert_says("revoked by an approver");
        let nothing = bob.get(&here).expect(303);
        assert_eq!(nothing.location(), format!("/approvals/{id}"));
        bob.page("/approvals/history").assert_says("Ended: revoked by an approver");
        for (name, status) in [("alice", 404), ("dan", 404), ("carol", 404), ("root", 404)] {
            let visitor = t.sign_in(name);
            visitor.get(&here).expect(status);
            let csrf = visitor.page("/approvals/history").attribute_of("form[method=post] input[name=csrf]", "value");
            visitor.post(&here, &[("csrf", csrf.as_str()), ("reason", "x")]).expect(status);
        }
    }

    /// The days of the form are those of the approver's zone; what is chosen shows wherever the request does, and in
    /// the mail to the person (SPEC APR-9).
    fn apr_9_the_form_takes_days_and_everybody_reads_them(t: &mut Test) {
        let s = t.sales();
        let bob = t.person("bob");
        let bob = t.literal(&raw::id(bob));
        let id = submit(t, "alice", s.deal_desk);
        t.sql(&format!("UPDATE users SET time_zone = 'Asia/Kolkata' WHERE id = {bob}"));
        let here = format!("/approvals/{id}");
        let browser = t.sign_in("bob");
        let page = browser.page(&here);
        assert_eq!(page.count("details.lk-fold:not([open]) input[type=date]"), 2, "folded away");
        let form = page.form(&here).set("verdict", "approve").set("reason", "Only this week");
        for (field, day, words) in [
            ("end", "2026-04-30", "Choose a day before the end that was asked for."),
            ("end", "31.12.2026", "Write a date such as 2027-01-31."),
            ("start", "2026-03-01", "Choose a day after the start that was asked for."),
        ] {
            let wrong = browser.submit(&form.clone().set(field, day)).expect(422).page();
            wrong.assert_says(words);
            assert_eq!(wrong.count("details.lk-fold[open]"), 1, "the fold opens on what is wrong");
            assert_eq!(wrong.form(&here).values(field), [day], "what was typed stays");
        }
        // The days that were asked for are no narrowing.
        browser.done(&form.set("start", "2026-03-02").set("end", "2026-03-06"));
        let request = t.read(|c| latchkey::store::requests::votes_of(c, id)).pop().expect("a vote");
        assert_eq!(request.allowed, until(at("2026-03-06T18:30:00Z")), "the end of 6 March in Kolkata");
        let mia = t.sign_in("mia");
        let later = mia.page(&here);
        later.assert_says("Approved until");
        later.assert_says("shorter than asked");
        mia.done(&later.form(&here).set("verdict", "approve").set("reason", "x"));
        assert_eq!(the_assignment(t, id).ends_at, Some(at("2026-03-06T18:30:00Z")));
        let page = t.sign_in("alice").page(&format!("/requests/{id}"));
        page.assert_says("Less than was asked");
        page.assert_says("Approved until");
        page.assert_says("asked until");
        let mail = t.mails_to("alice@demo.example").pop().expect("a mail");
        assert_eq!(mail.kind, "accessDelivered");
        assert!(mail.text.contains("Approved until:") && mail.text.contains("Asked until:"), "{}", mail.text);
    }

    /// The emailed page takes days too (SPEC APR-9, APR-12).
    fn apr_9_the_emailed_page_takes_days_too(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = t.mails_to("bob@demo.example").pop().expect("a mail").link("/d/");
        let bob = t.sign_in("bob");
        let form = bob.page(&link).form(&link).set("verdict", "approve").set("reason", "x");
        bob.submit(&form.clone().set("end", "2027-01-01")).expect(422).page().assert_says("Choose a day before the end");
        bob.done(&form.set("end", "2026-03-10"));
        let ends = the_assignment(t, id).ends_at.expect("an end");
        assert!(ends > t.now() + Duration::days(8) && ends <= t.now() + Duration::days(9), "{ends}");
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
    }

    /// The queue is filtered by package and by what was escalated, and sorted (SPEC PGE-2).
    fn pge_2_the_queue_has_filters_and_orders(t: &mut Test) {
        let s = t.sales();
        t.user("adam").manager("bob").create();
        let (first, second, third) =
            (submit(t, "alice", s.onboarding), submit(t, "alice", s.deal_desk), submit(t, "adam", s.onboarding));
        let escalated = t.literal(&raw::id(second));
        t.sql(&format!("UPDATE requests SET escalated = TRUE WHERE id = {escalated}"));
        let bob = t.sign_in("bob");
        let has = |query: &str, wanted: &[RequestId]| {
            let page = bob.page(&format!("/approvals{query}"));
            assert_eq!(page.count("tbody tr"), wanted.len(), "{query}");
            for id in wanted {
                assert_eq!(page.count(&format!("tr[data-id='{id}']")), 1, "{query}: {id}");
            }
        };
        has("", &[first, second, third]);
        has(&format!("?package={}", s.onboarding), &[first, third]);
        has("?only=escalated", &[second]);
        has("?q=adam", &[third]);
        let top = |query: &str| bob.page(&format!("/approvals{query}")).attribute_of("tbody tr:first-child", "data-id");
        assert_eq!(top("?sort=person"), third.to_string());
        assert_eq!(top("?sort=package"), second.to_string());
        bob.page("/approvals?only=escalated&q=adam").assert_says("No request matches");
    }
}

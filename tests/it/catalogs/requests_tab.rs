//! The requests of a package: filters, search, order, export, what failed, and who may cancel (SPEC REQ-5, DLV-3,
//! PGE-2, section 2).

use latchkey::app::fulfil::Answer;

use crate::fulfil;
use crate::requests;

on_both! {
    /// State, kind, policy, days and words narrow the list, and what is exported is what is shown (SPEC PGE-2).
    fn pge_2_the_list_is_narrowed_sorted_and_exported(t: &mut Test) {
        let s = t.sales();
        let first = requests::submit(t, "alice", s.price_list).to_string();
        t.advance(chrono::Duration::days(2));
        let second = requests::submit(t, "dan", s.price_list).to_string();
        let held = requests::the_assignment(t, first.parse().unwrap()).id;
        let removal = t.write_as("sam", |tx, cx, me| latchkey::app::request::remove(tx, cx, held, me, "moved")).to_string();
        let at = format!("/manage/packages/{}/requests", s.price_list);
        let aud = t.sign_in("aud");
        let shows = |query: &str, wanted: &[&String], not: &[&String]| {
            let page = aud.page(&format!("{at}{query}"));
            for id in wanted { assert!(page.state_of(id).is_some(), "{query}: {id}"); }
            for id in not { page.assert_no_row(id); }
            let csv = aud.get(&format!("{at}/export.csv{query}")).expect(200).body;
            assert_eq!(csv.lines().count(), wanted.len() + 1, "{query}: {csv}");
        };
        shows("", &[&first, &second, &removal], &[]);
        shows("?q=dan", &[&second], &[&first, &removal]);
        shows("?kind=removed", &[&removal], &[&first, &second]);
        shows("?kind=asked&sort=person", &[&first, &second], &[&removal]);
        shows("?state=delivered", &[&first, &second, &removal], &[]);
        shows("?state=open", &[], &[&first, &second, &removal]);
        shows("?to=2026-03-03", &[&first], &[&second, &removal]);
        shows("?from=2026-03-03", &[&second, &removal], &[&first]);
        shows(&format!("?policy={}", s.price_list_policy), &[&first, &second, &removal], &[]);
        shows(&format!("?policy={}", s.onboarding_policy), &[], &[&first]);
        shows("?only=failed", &[], &[&first, &second, &removal]);
        let oldest = aud.page(&format!("{at}?sort=oldest"));
        assert_eq!(oldest.attribute_of("tbody tr:first-child", "data-id"), first);
        let newest = aud.page(&at);
        assert_ne!(newest.attribute_of("tbody tr:first-child", "data-id"), first);
    }

    /// What failed is seen at a glance, and on the request's page per role; a manager cancels it (SPEC REQ-5, DLV-3).
    fn dlv_3_what_failed_is_seen_at_a_glance(t: &mut Test) {
        let (_, account) = fulfil::by_hand(t);
        let (first, second) = (requests::submit(t, "alice", account), requests::submit(t, "bob", account));
        for task in fulfil::all(t) {
            fulfil::answer(t, "carol", task.id, Answer::Cannot, "No licence left").unwrap();
        }
        let fine = requests::submit(t, "dan", account);
        let at = format!("/manage/packages/{account}/requests");
        let sam = t.sign_in("sam");
        let page = sam.page(&at);
        page.assert_says("CRM: User: 2 people did not get it");
        page.assert_says("No licence left");
        let failed = sam.page(&format!("{at}?only=failed"));
        failed.assert_state(&first.to_string(), "deliveryFailed");
        failed.assert_state(&second.to_string(), "deliveryFailed");
        failed.assert_no_row(&fine.to_string());
        let csv = sam.get(&format!("{at}/export.csv?only=failed")).expect(200).body;
        assert_eq!(csv.matches("No licence left").count(), 2, "{csv}");
        // Trying again asks the owner again, with a task of its own.
        sam.done(&failed.form(&format!("/requests/{second}/reprocess")).press("Try again"));
        let again = fulfil::all(t).pop().expect("a new task");
        assert_eq!(again.request_id, second);
        fulfil::done(t, "carol", again.id);
        assert!(requests::the_assignment(t, second).delivered_at.is_some());
        let failed = sam.page(&format!("{at}?only=failed"));
        failed.assert_no_row(&second.to_string());
        let form = failed.form(&format!("{at}/{first}/cancel")).set("reason", "no licences this year");
        let after = sam.done(&form.press("Cancel this request"));
        after.assert_state(&first.to_string(), "canceled");
        after.assert_silent_about("did not get it");
        assert!(!requests::the_assignment(t, first).state.is_live(), "what was half there is gone");
    }

    /// Readers and auditors see it all and change nothing: 403 that names the role; strangers find nothing.
    fn req_5_only_managers_of_the_assignment_cancel(t: &mut Test) {
        let s = t.sales();
        t.person("zoe");
        t.grant_in(s.catalog, latchkey::domain::access::CatalogRole::Reader, "zoe");
        let asked = requests::submit(t, "alice", s.onboarding);
        let at = format!("/manage/packages/{}/requests", s.onboarding);
        let sam = t.sign_in("sam");
        let form = sam.page(&at).form(&format!("{at}/{asked}/cancel")).press("Cancel this request");
        for looker in ["zoe", "aud"] {
            let looker = t.sign_in(looker);
            looker.page(&at).assert_silent_about("Cancel this request");
            looker.get(&format!("{at}/export.csv")).expect(200);
            let csrf = looker.page("/").form("/sign-out").values("csrf").remove(0);
            let answer = looker.post(&format!("{at}/{asked}/cancel"), &[("csrf", csrf.as_str()), ("reason", "")]);
            answer.expect(403).page().assert_says("Access package assignment manager");
        }
        t.sign_in("dan").get(&format!("{at}/export.csv")).expect(404);
        for manager in ["carol", "priya", "root"] {
            t.sign_in(manager).page(&at).assert_says("Cancel this request");
        }
        sam.done(&form).assert_state(&asked.to_string(), "canceled");
    }
}

//! One request in the portal: what an approver sees, decides, and is told (SPEC APR-5 to APR-8).

use latchkey::app::catalog::policies::edit;
use latchkey::domain::policy::{Approver, Stage};
use latchkey::domain::request::RequestState;
use latchkey::store::policies;

use super::*;
use crate::support::terms;

on_both! {
    /// An approver sees who asks for what, why, what they hold, and what others decided before (SPEC APR-8).
    fn apr_8_an_approver_sees_what_it_takes_to_decide(t: &mut Test) {
        let s = t.sales();
        t.sql("UPDATE users SET company = 'Demo Ltd', job_title = 'Account manager' WHERE email = 'alice@demo.example'");
        submit(t, "alice", s.price_list);
        let id = submit(t, "alice", s.deal_desk);
        let here = format!("/approvals/{id}");
        let bob = t.sign_in("bob");
        let page = bob.page(&here);
        for words in [
            "Deal desk", "Alice Example", "Account manager", "Demo Ltd", "Sales", "I start on Monday",
            "Which deal is it for?", "The one with the fair", "Sales team", "Member", "7 days", "Price list",
            "All members", "version 1", "Stage 1 of 2", "conflicts", "Bob Example",
        ] {
            page.assert_says(words);
        }
        page.assert_says("Alice Example can read this.");
        assert_eq!(page.count("main input[checked]"), 0);
        let form = decision(&page, &here).set("verdict", "approve").set("reason", "She closes the big deals");
        let receipt = bob.done(&form);
        receipt.assert_says("You approved this request in stage 1 of 2");
        assert_eq!(receipt.count("main input[type=radio]"), 0);
        let mia = t.sign_in("mia").page(&here);
        for words in ["Approved in stage 1", "Bob Example", "She closes the big deals", "Stage 2 of 2"] {
            mia.assert_says(words);
        }
    }

    /// Who asked on behalf of whom is told (SPEC APR-8), and neither of the two decides (SPEC APR-2, I4).
    fn apr_8_on_whose_behalf(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.board_papers);
        let (bob, request) = (t.person("bob"), t.literal(&raw::id(id)));
        let bob = t.literal(&raw::id(bob));
        t.sql(&format!("UPDATE requests SET requestor_id = {bob}, kind = 'onBehalfAdd' WHERE id = {request}"));
        let page = t.sign_in("carol").page(&format!("/approvals/{id}"));
        page.assert_says("Asked for by BE Bob Example");
        page.assert_says("Bob Example and Alice Example can read this.");
        for name in ["alice", "bob"] {
            t.sign_in(name).get(&format!("/approvals/{id}")).expect(404);
        }
    }

    /// Without a choice or a wanted reason: 422, what was typed stays, and the hint says who reads it (SPEC APR-7).
    fn apr_7_a_missing_choice_or_reason_is_asked_for(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let strict = Stage { reason_required: true, ..terms::manager() };
        t.policy(package, "P", &terms::members(vec![strict]));
        let id = submit(t, "alice", package);
        let here = format!("/approvals/{id}");
        let bob = t.sign_in("bob");
        let form = decision(&bob.page(&here), &here);
        let both = bob.submit(&form).expect(422).page();
        both.assert_says("Choose whether to approve or deny.");
        both.assert_says("Give a reason for your decision.");
        let page = bob.submit(&form.clone().set("verdict", "deny").set("reason", "  ")).expect(422).page();
        assert_eq!(decision(&page, &here).values("verdict"), ["deny"]);
        let long = bob.submit(&form.clone().set("verdict", "deny").set("reason", &"x".repeat(4001))).expect(422).page();
        long.assert_says("too long");
        assert_eq!(votes(t, id), 0);
        bob.done(&form.set("verdict", "deny").set("reason", "Not yet")).assert_says("You denied this request");
        assert_eq!(the_request(t, id).state, RequestState::Denied);
    }

    /// Whoever is too late is told who decided and what; a second click shows the receipt (SPEC APR-6).
    fn apr_6_too_late_tells_who_decided_and_what(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let team = t.group("Reviewers", &["gus", "hana"]);
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        t.policy(package, "P", &terms::members(vec![terms::stage(vec![Approver::Group { id: team }])]));
        let id = submit(t, "alice", package);
        let here = format!("/approvals/{id}");
        let (gus, hana) = (t.sign_in("gus"), t.sign_in("hana"));
        let (his, hers) = (decision(&gus.page(&here), &here), decision(&hana.page(&here), &here));
        let his = his.set("verdict", "deny").set("reason", "No budget");
        gus.done(&his);
        let late = hana.submit(&hers.set("verdict", "approve")).expect(409).page();
        late.assert_says("Gus Example denied this request");
        late.assert_says("No budget");
        let after = snapshot(t);
        gus.done(&his).assert_says("You denied this request");
        gus.done(&his.clone().set("verdict", "approve")).assert_says("You denied this request");
        assert_eq!(snapshot(t), after, "a second click changes nothing");
        hana.page(&here).assert_says("Gus Example denied this request");
    }

    /// A request that changed after the page was made is shown again before it is decided.
    fn apr_12_a_changed_request_is_asked_again_in_the_portal_too(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let here = format!("/approvals/{id}");
        let bob = t.sign_in("bob");
        let form = decision(&bob.page(&here), &here).set("verdict", "approve").set("reason", "Yes");
        let request = t.literal(&raw::id(id));
        t.sql(&format!("UPDATE requests SET justification = 'More', version = version + 1 WHERE id = {request}"));
        for forged in [form.clone(), form.clone().forge("version", ""), form.drop_field("version")] {
            let page = bob.submit(&forged).expect(409).page();
            page.assert_says("has changed since you opened it");
            assert_eq!(decision(&page, &here).values("verdict"), Vec::<String>::new());
        }
        assert_eq!(votes(t, id), 0);
    }

    /// Approvers read the answers with the wording that the requestor saw, in the portal and behind the emailed link
    /// (SPEC APR-8, QST-3), whatever the policy asks by now (SPEC POL-4).
    fn apr_8_qst_3_approvers_read_the_answers_with_their_wording(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.deal_desk);
        t.write_as("carol", |tx, cx, by| {
            let policy = policies::find(tx, s.deal_desk_policy)?.expect("the policy exists");
            let mut terms = policies::terms(tx, policy.id, policy.current_version)?;
            terms.questions[0].text = "What now?".into();
            edit(tx, cx, by, policy.id, policy.version, &policy.fields, &terms)
        });
        let link = link(t, id, "bob");
        let bob = t.sign_in("bob");
        for at in [format!("/approvals/{id}"), link] {
            let page = bob.page(&at);
            page.assert_says("Which deal is it for?");
            page.assert_says("The one with the fair");
            page.assert_silent_about("What now?");
        }
    }

    /// Strangers do not learn that the request exists; who sees assignments looks on, and cannot decide (SPEC ROL-5,
    /// ROL-6, APR-2).
    fn rol_6_strangers_see_nothing_and_onlookers_only_look(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.deal_desk);
        let here = format!("/approvals/{id}");
        let form = decision(&t.sign_in("bob").page(&here), &here).set("verdict", "approve").set("reason", "x");
        for (name, look, send) in [
            ("dan", 404, 404),
            ("alice", 404, 404),
            ("mia", 404, 404),
            ("carol", 200, 403),
            ("sam", 200, 403),
            ("aud", 200, 403),
            ("root", 200, 403),
        ] {
            let visitor = t.sign_in(name);
            let page = visitor.get(&here).expect(look).page();
            assert_eq!(page.count("input[name=verdict]"), 0, "{name}");
            let csrf = visitor.page("/approvals/history").attribute_of("form[method=post] input[name=csrf]", "value");
            visitor.submit(&form.clone().forge("csrf", &csrf)).expect(send);
        }
        assert_eq!(votes(t, id), 0);
        let unknown = format!("/approvals/{}", uuid::Uuid::from_u128(7));
        t.sign_in("root").get(&unknown).expect(404);
        t.browser().get(&here).expect(303);
    }

    /// The right is read when the decision is made (I5, SPEC APR-14): who left in between gets nowhere.
    fn i5_the_right_to_decide_is_read_when_deciding(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let team = t.group("Reviewers", &["gus", "hana"]);
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        t.policy(package, "P", &terms::members(vec![terms::stage(vec![Approver::Group { id: team }])]));
        let id = submit(t, "alice", package);
        let here = format!("/approvals/{id}");
        let gus = t.sign_in("gus");
        let form = decision(&gus.page(&here), &here).set("verdict", "approve").set("reason", "x");
        leave(t, team, "gus");
        gus.submit(&form).expect(403);
        assert_eq!(votes(t, id), 0);
        t.join(team, "ivo");
        let ivo = t.sign_in("ivo");
        ivo.done(&decision(&ivo.page(&here), &here).set("verdict", "approve"));
        assert_eq!(votes(t, id), 1);
    }

    /// What was decided is kept in the history, with what became of it.
    fn the_history_keeps_what_was_decided(t: &mut Test) {
        let s = t.sales();
        let (first, second) = (submit(t, "alice", s.onboarding), submit(t, "alice", s.deal_desk));
        let bob = t.sign_in("bob");
        for (id, verdict) in [(first, "approve"), (second, "deny")] {
            let here = format!("/approvals/{id}");
            bob.done(&decision(&bob.page(&here), &here).set("verdict", verdict).set("reason", "x"));
        }
        let page = bob.page("/approvals/history");
        assert_eq!(page.count("tbody tr"), 2);
        assert_eq!(page.count("tbody [data-state=delivered]"), 1);
        let denied = bob.page("/approvals/history?verdict=deny");
        assert_eq!(denied.count("tbody tr"), 1);
        denied.assert_says("Deal desk");
        bob.page("/approvals/history?q=ONBOARD").assert_says("Sales onboarding");
        bob.page("/approvals/history?q=100%25").assert_says("No decision matches");
        t.sign_in("mia").page("/approvals/history").assert_says("No decisions yet");
    }
}

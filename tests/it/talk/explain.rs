//! Explanations (SPEC REQ-1, POL-3) and versions of policies (SPEC POL-4).

use latchkey::app::catalog::policies as cases;
use latchkey::domain::package::PolicyFields;
use latchkey::domain::policy::{Expiry, Terms};

use super::*;
use crate::requests::submit;

on_both! {
    /// Each check with its result and what to do next; ways that are not for the person are told by kind only, and to
    /// guests not at all (REQ-1, POL-3, ROL-6, EXT-7).
    fn req_1_pol_3_why_i_cannot_request_this(t: &mut Test) {
        let s = t.sales();
        for name in ["dan", "mia", "erin"] {
            t.person(name);
        }
        let mia = t.person("mia");
        let named = terms::only(&[mia], vec![]);
        t.policy(s.onboarding, "Secret circle", &named);
        let alice = t.sign_in("alice");
        let why = format!("/packages/{}/why", s.onboarding);
        let open = alice.page(&why);
        open.assert_says("Nothing stands in the way");
        open.assert_says("All members");
        open.assert_says("One way is for particular people and groups");
        open.assert_silent_about("Secret circle");
        open.assert_silent_about("Mia");
        let hers = t.sign_in("mia").page(&why);
        hers.assert_says("Secret circle");
        hers.assert_says("a way that names you more closely comes first");
        submit(t, "alice", s.onboarding);
        let closed = alice.page(&why);
        assert_eq!(closed.count("li[data-check=failed]"), 1);
        closed.assert_says("There is already an open request for this package.");
        closed.assert_says("Look at it under My requests.");
        assert_eq!(alice.page(&format!("/packages/{}", s.onboarding)).link("All checks in full"), why);
        // A guest whom nothing admits, and a stranger to a hidden package, learn nothing.
        t.sign_in("erin").get(&why).expect(404);
        t.sign_in("dan").get(&format!("/packages/{}/why", s.board_papers)).expect(404);
    }

    /// Managers, readers and auditors check any person: the same checks in full, the policy, who would approve
    /// (REQ-1, POL-3, APR-3); strangers find nothing.
    fn req_1_managers_check_a_person(t: &mut Test) {
        let s = t.sales();
        for name in ["dan", "erin", "aud", "priya"] {
            t.person(name);
        }
        let path = format!("/manage/packages/{}/check", s.deal_desk);
        t.sign_in("dan").get(&path).expect(404);
        t.sign_in("alice").get(&path).expect(404);
        for name in ["aud", "priya", "carol"] {
            let browser = t.sign_in(name);
            let page = browser.page(&format!("{path}?person=alice@demo.example"));
            page.assert_says("Can request this package now.");
            page.assert_says("Would be used");
            let bob = t.principal("bob").name;
            page.assert_says(&format!("Stage 1: {bob}"));
        }
        let carol = t.sign_in("carol");
        let guest = carol.page(&format!("{path}?person=erin@partner.example"));
        guest.assert_says("Cannot request this package now.");
        guest.assert_says("For members only; this person comes from outside.");
        carol.page(&format!("{path}?person=nobody-here")).assert_says("Nobody is called");
        submit(t, "alice", s.deal_desk);
        let asked = carol.page(&format!("{path}?person=alice@demo.example"));
        asked.assert_says("A request of this person for the package is still open.");
        asked.assert_silent_about("You have");
        assert!(!carol.page(&format!("/manage/packages/{}", s.deal_desk)).link("Check a person").is_empty());
    }

    /// Two versions are compared field by field; a request in flight says under which version it is decided, with the
    /// comparison for those who may see it (POL-4).
    fn pol_4_versions_are_compared_and_requests_say_theirs(t: &mut Test) {
        let s = t.sales();
        t.person("dan");
        t.person("aud");
        let id = submit(t, "alice", s.onboarding);
        let policy = s.onboarding_policy;
        for days in [60, 90] {
            t.write_as("carol", |tx, cx, me| {
                let kept = latchkey::store::policies::find(tx, policy)?.ok_or(AppError::NotFound)?;
                let (_, old) = latchkey::store::policies::current(tx, policy)?;
                let terms = Terms {
                    expiry: Expiry::AfterDays { days },
                    justification_required: true,
                    questions: vec![terms::question("why", "What is it for?", true)],
                    ..old
                };
                let fields = PolicyFields { name: "All members".into(), description: String::new() };
                cases::edit(tx, cx, me, policy, kept.version, &fields, &terms)
            });
        }
        let carol = t.sign_in("carol");
        let page = carol.page(&format!("/requests/{id}"));
        page.assert_says("Decided under version 1 of the policy; by now it has version 3.");
        let compare = page.link("Compare");
        let shown = carol.page(&compare);
        shown.assert_says("30 days");
        shown.assert_says("90 days");
        assert!(shown.source().contains("<del>30 days</del>") && shown.source().contains("<ins>90 days</ins>"));
        shown.assert_says("Added");
        shown.assert_says("What is it for? Short text; has to be answered.");
        let base = compare.split('?').next().expect("a path").to_owned();
        let same = carol.page(&format!("{base}?from=3&to=3"));
        same.assert_says("These two versions say the same.");
        let between = carol.page(&format!("{base}?from=2&to=3"));
        between.assert_says("60 days");
        between.assert_says("90 days");
        t.sign_in("aud").get(&compare).expect(200);
        t.sign_in("dan").get(&compare).expect(404);
        // The requestor reads the sentence; the comparison is not theirs.
        let alice = t.sign_in("alice");
        let own = alice.page(&format!("/requests/{id}"));
        own.assert_says("Decided under version 1 of the policy; by now it has version 3.");
        assert!(!own.source().contains("/compare?"));
        alice.get(&compare).expect(404);
    }
}

//! The request form (SPEC REQ-1, REQ-3, REQ-4, REQ-6, POL-6).

use latchkey::domain::answers;
use latchkey::domain::approval::Verdict;
use latchkey::domain::policy::{Choice, QuestionKind};

use super::{ask, asked, form_of, package, set};
use crate::requests::{decide, the_request};
use crate::support::terms;

on_both! {
    /// The form shows what is in the package, for how long, who decides and what comes next; a second click makes no
    /// second request (SPEC REQ-3).
    fn req_3_a_second_click_makes_one_request(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let page = b.page(&form_of(s.onboarding));
        for words in [
            "Sales team : Member",
            "Bob Example (your manager) decides within 14 days",
            "Access ends 30 days after it starts.",
            "What happens next",
        ] {
            page.assert_says(words);
        }
        let form = page.form(&form_of(s.onboarding)).set("justification", "I start on Monday");
        let first = b.submit(&form).expect(303).location();
        let second = b.submit(&form).expect(303).location();
        assert_eq!(first, second);
        assert_eq!(t.count("requests"), 1);
        let shown = b.page(&first);
        shown.assert_state(first.strip_prefix("/requests/").unwrap(), "pendingApproval");
        shown.assert_says("I start on Monday");
        // A form opened anew is told about the request that is on its way (SPEC REQ-4).
        assert_eq!(b.get(&form_of(s.onboarding)).expect(303).location(), package(s.onboarding));
        b.page(&package(s.onboarding)).assert_says("There is already an open request for this package.");
    }

    /// Two forms in two windows make one open request; the other keeps its words (SPEC REQ-4).
    fn req_4_a_second_window_hears_of_the_open_request(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let [one, two] = [(); 2].map(|()| b.page(&form_of(s.onboarding)).form(&form_of(s.onboarding)));
        b.submit(&one.set("justification", "first")).expect(303);
        let page = b.submit(&two.set("justification", "second thoughts")).expect(409).page();
        page.assert_says("There is already an open request for this package.");
        page.assert_says("second thoughts");
        assert_eq!(t.count("requests"), 1);
    }

    /// What is missing or wrong is marked at its field, and everything typed is kept (SPEC POL-6, QST-1, PGE-3).
    fn pge_3_missing_answers_and_reasons_are_marked(t: &mut Test) {
        let s = t.sales();
        let strict = t.package(s.catalog, "Strict", &[s.team_member]);
        let mut terms = terms::members(vec![terms::manager()]);
        terms.justification_required = true;
        let mut region = terms::question("region", "Which region?", true);
        region.kind = QuestionKind::SingleChoice;
        region.choices = [("emea", "Europe"), ("amer", "America")]
            .map(|(value, label)| Choice { value: value.into(), label: label.into() })
            .into();
        let mut tools = region.clone();
        (tools.key, tools.text) = ("tools".into(), "Which tools?".into());
        (tools.kind, tools.required) = (QuestionKind::MultipleChoice, false);
        terms.questions = vec![terms::question("deal", "Which deal?", true), region, tools];
        let policy = t.policy(strict, "All members", &terms);
        let name = |key: &str| format!("q.{policy}.{key}");
        let b = t.sign_in("alice");
        let form = b.page(&form_of(strict)).form(&form_of(strict)).set(&name("deal"), "The spring deal");
        let page = b.submit(&form).expect(422).page();
        page.assert_says("Say why you need this");
        page.assert_says("This question needs an answer.");
        assert_eq!(page.count("[aria-invalid='true']"), 2);
        assert_eq!(page.count("[autofocus]"), 1);
        let form = page.form(&form_of(strict));
        assert_eq!(form.values(&name("deal")), ["The spring deal"]);
        b.submit(&form.clone().set("justification", "Needed").forge(&name("region"), "mars")).expect(422);
        assert_eq!(t.count("requests"), 0);
        let form = form.set("justification", "Needed").set(&name("region"), "amer");
        let form = form.set(&name("tools"), "emea").set(&name("tools"), "amer");
        let to = b.submit(&form).expect(303).location();
        let page = b.page(&to);
        for words in ["Which region?", "America", "The spring deal", "Europe, America"] {
            page.assert_says(words);
        }
        let id = to.strip_prefix("/requests/").unwrap().parse().unwrap();
        let kept = answers::read(&the_request(t, id).answers);
        assert_eq!(kept.len(), 3);
        assert_eq!(kept[1].values, ["amer"], "the stable value is kept beside the words (QST-3)");
    }

    /// Each obstacle has its own message where the person meets it (SPEC REQ-1).
    fn req_1_each_obstacle_is_named(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let form = b.page(&form_of(s.onboarding)).form(&form_of(s.onboarding)).set("justification", "x");
        set(t, "policies", "enabled = FALSE", s.onboarding_policy);
        // With its only policy off, the package is none of her business any more.
        b.submit(&form).expect(404);
        set(t, "policies", "enabled = TRUE", s.onboarding_policy);
        let id = asked(&b, s.price_list, "");
        let page = b.page(&format!("/requests/{id}"));
        page.assert_state(&id.to_string(), "delivered");
        let why = b.page(&package(s.price_list));
        why.assert_says("You already have this package.");
        assert_eq!(why.count("[data-check='failed']"), 1);
        let list = b.page("/packages");
        list.assert_state(&s.price_list.to_string(), "delivered");
    }

    /// Foreign and repeated fields are no form of ours.
    fn a_forged_form_is_a_bad_request(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let form = b.page(&form_of(s.onboarding)).form(&form_of(s.onboarding)).set("justification", "x");
        b.submit(&form.clone().forge("subject", "someone")).expect(400);
        let csrf = form.values("csrf").remove(0);
        let fields = [("csrf", csrf.as_str()), ("token", "a"), ("token", "b"), ("justification", "")];
        b.post(&form_of(s.onboarding), &fields).expect(400);
        assert_eq!(t.count("requests"), 0);
    }

    /// A denied request is copied into a new form, which is a new request (SPEC REQ-6).
    fn req_6_a_denied_request_is_sent_again(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("alice");
        let id = asked(&b, s.deal_desk, "For the spring deal");
        assert!(b.page(&format!("/requests/{id}")).texts_of("a").iter().all(|a| a != "Send again"));
        decide(t, "bob", id, Verdict::Deny);
        let again = b.page(&format!("/requests/{id}")).link("Send again");
        let form = b.page(&again).form(&form_of(s.deal_desk));
        assert_eq!(form.values("justification"), ["For the spring deal"]);
        assert_eq!(form.values(&format!("q.{}.deal", s.deal_desk_policy)), ["The spring deal"]);
        let to = b.submit(&form).expect(303).location();
        assert_ne!(to, format!("/requests/{id}"));
        assert_eq!(t.count("requests"), 2);
        // Nobody else's words come along.
        let dan = t.sign_in("dan");
        let form = dan.page(&again).form(&form_of(s.deal_desk));
        assert_eq!(form.values("justification"), [""]);
    }

    /// Where nobody has to decide, access is there at once (SPEC APR-1, DLV-5).
    fn access_without_approval_is_there_at_once(t: &mut Test) {
        let s = t.sales();
        let b = t.sign_in("dan");
        let to = ask(&b, s.price_list, "").expect(303).location();
        let page = b.page(&to);
        page.assert_says("No approval needed");
        page.assert_says("Access delivered");
        page.assert_says("Sales team: Member: delivered");
        assert_eq!(t.count(&format!("group_members WHERE group_id = '{}'", s.team)), 1);
    }
}

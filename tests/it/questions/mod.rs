//! Questions to requestors, and the attributes that resources require (SPEC QST-1 to QST-3, CAT-5).

mod attributes;
mod editing;

use latchkey::domain::answers::{self, Answer};
use latchkey::domain::policy::{Choice, Question, QuestionKind};
use latchkey::domain::question::{Pattern, Translation};
use latchkey::kernel::ids::{PackageId, PolicyId, RequestId};

use crate::requests::the_request;
use crate::support::form::Form;
use crate::support::{Browser, Test, terms};

/// The address of a package's request form.
fn form_of(id: PackageId) -> String {
    format!("/packages/{id}/request")
}

/// A question of each kind, the first in two languages.
fn of_each_kind() -> Vec<Question> {
    let mut region = Question::new("region", "Which region?", QuestionKind::SingleChoice);
    region.required = true;
    region.hint = "Where most of your customers are.".into();
    region.choices = [("emea", "Europe"), ("amer", "America")]
        .map(|(value, label)| Choice { value: value.into(), label: label.into() })
        .into();
    let german = Translation {
        text: "Welche Region?".into(),
        choices: [("emea".to_owned(), "Europa".to_owned())].into(),
        ..Translation::default()
    };
    let mut tools = Question { kind: QuestionKind::MultipleChoice, ..region.clone() };
    (tools.key, tools.text, tools.required) = ("tools".into(), "Which tools?".into(), false);
    region.translations.insert("de".into(), german);
    let mut order = Question::new("order", "Which order?", QuestionKind::ShortText);
    order.pattern =
        Some(Pattern { expression: "PO-[0-9]{4}".into(), error: "Write the order like PO-1234.".into() });
    let more = Question::new("more", "What else?", QuestionKind::LongText);
    vec![region, tools, order, more]
}

/// A package that asks all of them; Alice's manager decides.
fn asking(t: &mut Test) -> (PackageId, PolicyId) {
    let s = t.sales();
    let package = t.package(s.catalog, "Fair", &[s.team_member]);
    let mut terms = terms::members(vec![terms::manager()]);
    terms.questions = of_each_kind();
    let policy = t.policy(package, "All members", &terms);
    (package, policy)
}

fn kept(t: &Test, id: RequestId) -> Vec<Answer> {
    answers::read(&the_request(t, id).answers)
}

fn speaks(t: &mut Test, name: &str, locale: &str) {
    let user = t.person(name);
    t.sql(&format!("UPDATE users SET locale = '{locale}' WHERE id = '{user}'"));
}

/// Sends a form that has to be accepted; the request that it makes.
#[track_caller]
fn sent(b: &Browser, form: &Form) -> RequestId {
    let to = b.submit(form).expect(303).location();
    to.strip_prefix("/requests/").unwrap_or_else(|| panic!("led to {to}")).parse().expect("an id")
}

on_both! {
    /// Every kind has its field, with its help; the page of the package says that there are questions (SPEC QST-1).
    fn qst_1_every_kind_is_asked_in_the_form(t: &mut Test) {
        let (package, policy) = asking(t);
        let alice = t.sign_in("alice");
        alice.page(&format!("/packages/{package}")).assert_says("You are asked for answers to 4 questions");
        let page = alice.page(&form_of(package));
        page.assert_says("Where most of your customers are.");
        for (css, count) in [
            ("input[type=radio][name$='.region']", 2),
            ("input[type=checkbox][name$='.tools']", 2),
            ("input[type=text][name$='.order']", 1),
            ("textarea[name$='.more']", 1),
        ] {
            assert_eq!(page.count(css), count, "{css}");
        }
        let name = |key: &str| format!("q.{policy}.{key}");
        let form = page.form(&form_of(package)).set(&name("order"), "1234").set(&name("more"), "Thanks");
        let page = alice.submit(&form).expect(422).page();
        page.assert_says("This question needs an answer.");
        page.assert_says("Write the order like PO-1234.");
        let form = page.form(&form_of(package));
        assert_eq!(form.values(&name("more")), ["Thanks"], "what was typed stays");
        let id = sent(&alice, &form.set(&name("region"), "amer").set(&name("tools"), "emea").set(&name("order"), "PO-1234"));
        let shown: Vec<(String, String)> = kept(t, id).into_iter().map(|a| (a.question, a.shown)).collect();
        let expected = [("Which region?", "America"), ("Which tools?", "Europe"), ("Which order?", "PO-1234"), ("What else?", "Thanks")];
        assert_eq!(shown, expected.map(|(q, a)| (q.to_owned(), a.to_owned())));
    }

    /// The person reads, and approvers and managers later see, the words of the person's language; the stored value
    /// is the same in each (SPEC QST-2, QST-3, APR-8).
    fn qst_2_qst_3_the_words_are_those_that_the_person_saw(t: &mut Test) {
        let (package, policy) = asking(t);
        speaks(t, "alice", "de-AT");
        let alice = t.sign_in("alice");
        let page = alice.page(&form_of(package));
        page.assert_says("Welche Region?");
        page.assert_says("Europa");
        page.assert_says("America");
        page.assert_silent_about("Which region?");
        let id = sent(&alice, &page.form(&form_of(package)).set(&format!("q.{policy}.region"), "emea"));
        assert_eq!(kept(t, id)[0].values, ["emea"]);
        let link = crate::approver::link(t, id, "bob");
        let bob = t.sign_in("bob");
        let priya = t.sign_in("priya");
        for page in [
            bob.page(&format!("/approvals/{id}")),
            bob.page(&link),
            alice.page(&format!("/requests/{id}")),
            priya.page(&format!("/requests/{id}")),
            priya.page(&format!("/manage/packages/{package}/requests")),
        ] {
            page.assert_says("Welche Region?");
            page.assert_says("Europa");
        }
        // Bob, who has set no such language, is asked in the default words himself.
        bob.page(&form_of(package)).assert_says("Which region?");
    }

    /// Forged answers get nowhere: a value that is no choice, two where one is asked, too long a text; answers to
    /// unknown questions are not kept (SPEC REQ-1, QST-1).
    fn req_1_forged_answers_get_nowhere(t: &mut Test) {
        let (package, policy) = asking(t);
        let name = |key: &str| format!("q.{policy}.{key}");
        let alice = t.sign_in("alice");
        let form = alice.page(&form_of(package)).form(&form_of(package)).set(&name("region"), "emea");
        let long = "x".repeat(answers::LINE_MAX + 1);
        for (key, value, words) in [
            ("region", "mars", "Choose one of those shown."),
            ("region", "Europe", "Choose one of those shown."),
            ("tools", "hammer", "Choose one of those shown."),
            ("order", long.as_str(), "too long"),
            ("order", "PO-1234\nPO-1235", "characters that cannot be used"),
        ] {
            let page = alice.submit(&form.clone().forge(&name(key), value)).expect(422).page();
            page.assert_says(words);
        }
        let csrf = form.values("csrf").remove(0);
        let (region, token) = (name("region"), form.values("token").remove(0));
        let two = [("csrf", csrf.as_str()), ("token", token.as_str()), ("justification", ""), (region.as_str(), "emea"), (region.as_str(), "amer")];
        alice.post(&form_of(package), &two).expect(422).page().assert_says("Choose only one.");
        assert_eq!(t.count("requests"), 0);
        let id = sent(&alice, &form.forge(&name("salary"), "more").forge("q.nothing", "x"));
        assert_eq!(kept(t, id).len(), 1);
    }
}

//! The editor of questions, in the wizard and for a policy that exists (SPEC QST-1, QST-2, PKG-6).

use latchkey::app::catalog::policies as cases;
use latchkey::domain::policy::{Question, QuestionKind, Terms};
use latchkey::store;

use super::{form_of, of_each_kind, speaks};
use crate::catalogs::refusal;
use crate::support::html::Page;
use crate::support::{Browser, Test, terms};

/// Presses a button that only brings the page back.
#[track_caller]
fn press(b: &Browser, page: &Page, at: &str, button: &str) -> Page {
    b.submit(&page.form(at).press(button)).expect(200).page()
}

fn questions_of(t: &Test, package: &str) -> Vec<Question> {
    let id = package.parse().expect("an id");
    t.read(|c| store::policies::enabled_of_package(c, id)).remove(0).terms.questions
}

on_both! {
    /// Questions are added, moved and removed with buttons that keep everything and save nothing, with a preview; the
    /// package asks them in that order (SPEC PKG-6, QST-1, QST-2).
    fn pkg_6_qst_1_the_wizard_makes_questions(t: &mut Test) {
        let s = t.sales();
        let carol = t.sign_in("carol");
        let at = format!("/catalogs/{}/packages/new", s.catalog);
        let page = carol.submit(&carol.page(&at).form(&at).set("name", "Fair").press("Next")).expect(200).page();
        let page = press(&carol, &page, &at, "Next");
        let page = press(&carol, &page, &at, "Next");
        page.assert_says("No questions yet.");
        page.assert_says("Nothing is asked so far.");

        let page = press(&carol, &page, &at, "Add a question");
        let form = page.form(&at).set("q1_text", "Which region?").set("q1_kind", "singleChoice");
        let form = form.set("q1_choices", "emea = Europe\nAmerica").set("justification", "on");
        let page = carol.submit(&form.press("Add a question")).expect(200).page();
        assert_eq!(page.form(&at).values("q1_choices"), ["emea = Europe\r\nAmerica"]);
        let form = page.form(&at).set("q2_text", "Which order?").set("q2_pattern", "PO-[0-9]{4}");
        let page = carol.submit(&form.unset("q2_required", "on").press("Add a question")).expect(200).page();
        let form = page.form(&at).set("q3_text", "What else?").set("q3_kind", "longText").set("q3_later", "on");

        // The last one goes up; the first gets a language.
        let page = carol.submit(&form.press("Move up question 3")).expect(200).page();
        let form = page.form(&at);
        assert_eq!((form.values("q2_text"), form.values("q3_text")), (vec!["What else?".into()], vec!["Which order?".into()]));
        assert_eq!((form.values("q2_later"), form.values("q3_required")), (vec!["on".to_owned()], vec![]));
        let page = press(&carol, &page, &at, "Add a language to question 1");
        let form = page.form(&at).set("q1_l1_lang", "de").set("q1_l1_text", "Welche Region?").set("q1_l1_choices", "Europa");
        let page = carol.submit(&form.press("Show the preview")).expect(200).page();
        let preview = page.text_of("#preview");
        for words in ["Why do you need this?", "Which region?", "Europe", "America", "What else?", "Which order?"] {
            assert!(preview.contains(words), "{words}: {preview}");
        }
        let page = carol.submit(&page.form(&at).set("preview_language", "de").press("Show the preview")).expect(200).page();
        assert!(page.text_of("#preview").contains("Welche Region?"));
        assert!(page.text_of("#preview").contains("Europa"));
        assert!(page.form(&at).values("preview-1").is_empty(), "the preview is never sent");

        // One too many is removed again; a mistake is told at its field, and Back loses nothing.
        let page = press(&carol, &page, &at, "Add a question");
        let page = press(&carol, &page, &at, "Remove question 4");
        let page = carol.submit(&page.form(&at).set("q3_pattern", "(").press("Next")).expect(422).page();
        page.assert_says("The pattern cannot be used");
        assert_eq!(page.count("[aria-invalid=true]"), 1);
        let page = carol.submit(&page.form(&at).set("q3_pattern", "PO-[0-9]{4}").press("Next")).expect(200).page();
        let page = press(&carol, &page, &at, "Back");
        assert_eq!(page.form(&at).values("q1_l1_choices"), ["Europa"]);
        let page = press(&carol, &page, &at, "Next");
        let page = press(&carol, &page, &at, "Next");
        page.assert_says("Which region? One choice: Europe, America; has to be answered; also in de.");
        assert_eq!(t.count("packages WHERE name = 'Fair'"), 0, "nothing exists before the last step");
        let made = carol.submit(&page.form(&at).press("Create package")).expect(303).location();

        let questions = questions_of(t, made.rsplit('/').next().unwrap());
        let keys: Vec<&str> = questions.iter().map(|q| q.key.as_str()).collect();
        assert_eq!(keys, ["which-region", "what-else", "which-order"]);
        let values: Vec<&str> = questions[0].choices.iter().map(|c| c.value.as_str()).collect();
        assert_eq!(values, ["emea", "america"]);
        assert!(questions[1].editable_later && !questions[2].required);
        assert_eq!(questions[2].kind, QuestionKind::ShortText);
        speaks(t, "alice", "de-CH");
        let package = made.rsplit('/').next().unwrap().parse().unwrap();
        t.sign_in("alice").page(&form_of(package)).assert_says("Welche Region?");
    }

    /// The editor of a policy shows its questions as they are; a label changes and its value stays; the buttons make
    /// no new version (SPEC QST-1, POL-4).
    fn qst_1_editing_a_policy_keeps_keys_and_values(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Fair", &[s.team_member]);
        let asked = Terms { questions: of_each_kind(), ..terms::members(vec![terms::manager()]) };
        let policy = t.policy(package, "All members", &asked);
        let priya = t.sign_in("priya");
        let at = format!("/manage/packages/{package}/policies/{policy}/edit");
        let current = |t: &Test| t.read(|c| store::policies::current(c, policy));

        // Saved as it is shown, nothing changes.
        priya.done(&priya.page(&at).form(&at).press("Save as new version"));
        assert_eq!(current(t), (1, asked.clone()));
        let page = press(&priya, &priya.page(&at), &at, "Move down question 1");
        let page = press(&priya, &page, &at, "Remove question 3");
        assert_eq!(current(t).0, 1, "a button of the editor saves nothing");
        let form = page.form(&at);
        assert_eq!(form.values("q2_choices"), ["emea = Europe\r\namer = America"]);
        let form = form.set("q2_choices", "emea = Europe and Africa\namer = America").set("q2_text", "Where?");
        priya.done(&form.press("Save as new version"));
        let (number, now) = current(t);
        let keys: Vec<&str> = now.questions.iter().map(|q| q.key.as_str()).collect();
        assert_eq!((number, keys), (2, vec!["tools", "region", "more"]));
        assert_eq!((now.questions[1].choices[0].value.as_str(), now.questions[1].choices[0].label.as_str()), ("emea", "Europe and Africa"));
        assert_eq!(now.questions[1].translations, asked.questions[0].translations);
        let page = priya.page(&format!("/manage/packages/{package}/policies/{policy}"));
        page.assert_says("Where? One choice: Europe and Africa, America; has to be answered; also in de.");
    }

    /// Broken questions are refused whoever sends them, and the message says which question (SPEC QST-1).
    fn qst_1_broken_questions_never_become_a_policy(t: &mut Test) {
        let s = t.sales();
        let fields = latchkey::domain::package::PolicyFields { name: "All members".into(), description: String::new() };
        let broken: [(fn(&mut Vec<Question>), &str); 4] = [
            (|q| q[1].key = "region".into(), "Question 2 (“Which tools?”)"),
            (|q| q[1].choices.clear(), "Question 2 (“Which tools?”)"),
            (|q| q[2].pattern.as_mut().unwrap().expression = "(".into(), "Question 3 (“Which order?”)"),
            (|q| q[3].text.clear(), "Question 4"),
        ];
        for (change, words) in broken {
            let mut terms = terms::members(vec![terms::manager()]);
            terms.questions = of_each_kind();
            change(&mut terms.questions);
            let got = t.try_as("priya", |tx, cx, me| cases::edit(tx, cx, me, s.onboarding_policy, 1, &fields, &terms));
            let said = refusal(got).to_string();
            assert!(said.starts_with(words), "{said}");
        }
        assert_eq!(t.read(|c| store::policies::current(c, s.onboarding_policy)).0, 1);
    }

    /// A form with fields that the editor does not have is no form of ours.
    fn a_forged_editor_is_a_bad_request(t: &mut Test) {
        let s = t.sales();
        let carol = t.sign_in("carol");
        let at = format!("/catalogs/{}/packages/new", s.catalog);
        let form = carol.page(&at).form(&at).press("Next");
        carol.submit(&form.clone().forge("q21_text", "One too many")).expect(400);
        carol.submit(&form.forge("q1_owner", "x")).expect(400);
    }
}

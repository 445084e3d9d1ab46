use proptest::prelude::*;

use super::*;
use crate::domain::question::{Choice, Pattern, Translation};

fn questions() -> Vec<Question> {
    let question = |key: &str, kind: QuestionKind, required| {
        let mut question = Question::new(key, format!("What about {key}?"), kind);
        question.required = required;
        if kind.chooses() {
            question.choices = ["a", "b"].map(|v| Choice { value: v.into(), label: v.to_uppercase() }).into();
        }
        question
    };
    let mut region = question("region", QuestionKind::SingleChoice, true);
    region.translations.insert(
        "de".into(),
        Translation {
            text: "Welche Region?".into(),
            choices: [("a".to_owned(), "Ah".to_owned())].into(),
            ..Translation::default()
        },
    );
    let mut order = question("order", QuestionKind::ShortText, false);
    order.pattern = Some(Pattern { expression: r"PO-\d{4}".into(), error: "Write it like PO-1234.".into() });
    order.editable_later = true;
    vec![
        region,
        question("tools", QuestionKind::MultipleChoice, false),
        question("why", QuestionKind::ShortText, false),
        order,
        question("more", QuestionKind::LongText, false),
    ]
}

fn kept(given: Value) -> Value {
    keep(&questions(), &given, "en").unwrap()
}

#[test]
fn qst_3_answers_keep_the_wording_that_the_person_saw() {
    let given = json!({ "region": "b", "tools": ["b", "a", "b"], "why": "  ", "other": "x" });
    let answers = read(&kept(given));
    assert_eq!(answers.len(), 2, "blank answers, and those to unknown questions, are not kept");
    assert_eq!(answers[0].question, "What about region?");
    assert_eq!((answers[0].values.as_slice(), answers[0].shown.as_str()), (&["b".to_owned()][..], "B"));
    assert_eq!((answers[1].values.len(), answers[1].shown.as_str()), (2, "A, B"));
}

#[test]
fn qst_2_answers_keep_the_words_of_the_persons_language() {
    let kept = keep(&questions(), &json!({ "region": "a" }), "de-AT").unwrap();
    let [answer] = &read(&kept)[..] else { panic!("one answer") };
    assert_eq!((answer.question.as_str(), answer.shown.as_str()), ("Welche Region?", "Ah"));
    assert_eq!(answer.values, ["a"], "the stable value is the same in every language");
    let refused = keep(&questions(), &json!({}), "de").unwrap_err().to_string();
    assert!(refused.contains("Welche Region?"), "{refused}");
}

#[test]
fn req_1_required_and_valid_answers_are_demanded() {
    let bad = |given: Value| keep(&questions(), &given, "en").unwrap_err().to_string();
    assert!(bad(json!({})).contains("What about region?"));
    assert!(bad(json!({ "region": "" })).contains("needs an answer"));
    assert!(bad(json!({ "region": "z" })).contains("Choose one of those shown."));
    assert!(bad(json!({ "region": "A" })).contains("Choose one of those shown."), "the label is no value");
    assert!(bad(json!({ "region": ["a", "b"] })).contains("only one"));
    assert!(bad(json!({ "region": "a", "why": "x\u{7}" })).contains("What about why?"));
    assert!(bad(json!({ "region": "a", "why": "two\nlines" })).contains("What about why?"));
    assert!(bad(json!({ "region": "a", "why": "x".repeat(LINE_MAX + 1) })).contains("too long"));
    assert!(bad(json!({ "region": "a", "more": "x".repeat(TEXT_MAX + 1) })).contains("too long"));
    assert!(bad(json!({ "region": "a", "order": "PO-12345" })).contains("Write it like PO-1234."));
    // A pattern does not make an optional answer required.
    assert_eq!(read(&kept(json!({ "region": "a", "order": " " }))).len(), 1);
    assert_eq!(read(&json!({})), vec![]);
}

#[test]
fn qst_1_only_what_is_editable_later_changes() {
    let before = kept(json!({ "region": "a", "order": "PO-1000" }));
    let change = |given: Value| change(&questions(), &before, &given, "de");
    let now = read(&change(json!({ "order": "PO-2000", "why": "late" })).unwrap());
    let shown: Vec<(&str, &str)> = now.iter().map(|a| (a.key.as_str(), a.shown.as_str())).collect();
    assert_eq!(shown, [("region", "A"), ("order", "PO-2000"), ("why", "late")]);
    assert_eq!(now[0].question, "What about region?", "what stays keeps the words of its time");
    // The same answer sent again is no change; another one is refused.
    assert_eq!(change(json!({ "region": "a" })).unwrap(), before);
    let refused = change(json!({ "region": "b" })).unwrap_err().to_string();
    assert!(refused.contains("cannot be changed"), "{refused}");
    assert!(change(json!({ "region": [] })).is_err(), "nor taken back");
    assert!(change(json!({ "order": "nonsense" })).unwrap_err().to_string().contains("PO-1234"));
    assert_eq!(read(&change(json!({ "order": "" })).unwrap()).len(), 1, "an optional one can be taken back");
}

proptest! {
    /// Whatever is sent: what is kept answers questions that were asked, with values that were offered, within the
    /// limits; and what was kept can be sent again and gives the same (SPEC REQ-1, QST-1).
    #[test]
    fn req_1_whatever_is_kept_is_a_good_answer(
        given in proptest::collection::btree_map(
            prop_oneof![Just("region"), Just("tools"), Just("why"), Just("order"), Just("more"), Just("x")],
            proptest::collection::vec(prop_oneof![Just("a".to_owned()), Just("b".to_owned()), "PO-[0-9]{4}", ".{0,400}"], 0..3),
            0..6,
        )
    ) {
        let questions = questions();
        if let Ok(kept) = keep(&questions, &json!(given), "en") {
            let answers = read(&kept);
            prop_assert!(answers.iter().any(|a| a.key == "region"));
            for answer in &answers {
                let question = questions.iter().find(|q| q.key == answer.key);
                let question = question.expect("only what was asked");
                prop_assert!(!answer.values.is_empty());
                if question.kind.chooses() {
                    prop_assert!(answer.values.iter().all(|v| question.choices.iter().any(|c| c.value == *v)));
                } else {
                    prop_assert!(answer.shown.chars().count() <= TEXT_MAX);
                    prop_assert!(question.pattern.as_ref().is_none_or(|p| p.admits(&answer.shown)));
                }
            }
            let again: BTreeMap<_, _> = answers.iter().map(|a| (a.key.clone(), a.values.clone())).collect();
            prop_assert_eq!(keep(&questions, &json!(again), "en").expect("still good"), kept);
        }
    }
}

use super::*;
use crate::domain::question::check_all;

fn draft(pairs: &[(&str, &str)]) -> Draft {
    let mut draft = Draft::default();
    for (name, value) in pairs {
        draft.set(name, [*value]);
    }
    draft
}

fn good(draft: &Draft) -> Vec<Question> {
    let mut errors = FormErrors::new();
    let questions = read(draft, Whose::Policy, &mut errors);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(check_all(&questions), Ok(()));
    questions
}

const REGION: [(&str, &str); 9] = [
    ("q1_text", "Which region?"),
    ("q1_kind", "singleChoice"),
    ("q1_required", "on"),
    ("q1_choices", "Europe\r\n\r\namer = America\nEurope, east"),
    ("q1_l1_lang", "DE_at"),
    ("q1_l1_text", "Welche Region?"),
    ("q1_l1_choices", "Europa\n\namer = Amerika"),
    ("q2_text", "Which region?"),
    ("q2_kind", "longText"),
];

#[test]
fn qst_1_values_stay_when_labels_are_edited() {
    let questions = good(&draft(&REGION));
    let choices: Vec<(&str, &str)> =
        questions[0].choices.iter().map(|c| (c.value.as_str(), c.label.as_str())).collect();
    assert_eq!(choices, [("europe", "Europe"), ("amer", "America"), ("europe-east", "Europe, east")]);
    let keys: Vec<&str> = questions.iter().map(|q| q.key.as_str()).collect();
    assert_eq!(keys, ["which-region", "which-region-2"]);
    // What the editor shows of them gives the same again, also with other words.
    let mut again = Draft::default();
    show(&mut again, &questions);
    assert_eq!(good(&again), questions);
    again.set("q1_text", ["Where?"]);
    again.set("q1_choices", [again.one("q1_choices").replace("= Europe\n", "= Europe and Africa\n")]);
    let edited = good(&again);
    assert_eq!((edited[0].key.as_str(), edited[0].text.as_str()), ("which-region", "Where?"));
    let first = &edited[0].choices[0];
    assert_eq!((first.value.as_str(), first.label.as_str()), ("europe", "Europe and Africa"));
}

#[test]
fn qst_2_translations_are_read_line_by_line() {
    let questions = good(&draft(&REGION));
    let said = &questions[0].translations["de-AT"];
    assert_eq!(said.text, "Welche Region?");
    // The first line is for the first choice; the third names its choice.
    let labels: Vec<(&str, &str)> = said.choices.iter().map(|(v, l)| (v.as_str(), l.as_str())).collect();
    assert_eq!(labels, [("amer", "Amerika"), ("europe", "Europa")]);
}

#[test]
fn qst_1_buttons_move_add_and_remove_and_keep_what_was_typed() {
    let mut typed_in = draft(&REGION);
    assert_eq!(Act::parse("q-down-1").unwrap().run(&mut typed_in), Some(2));
    assert_eq!((typed_in.one("q1_kind"), typed_in.one("q2_l1_lang")), ("longText", "DE_at"));
    assert_eq!(Act::parse("q-up-2").unwrap().run(&mut typed_in), Some(1));
    let mut moved_back = FormErrors::new();
    assert_eq!(read(&typed_in, Whose::Policy, &mut moved_back), good(&draft(&REGION)));
    assert_eq!(Act::parse("q-add").unwrap().run(&mut typed_in), Some(3));
    assert_eq!(typed_in.one("q3_kind"), "shortText");
    Act::parse("q-language-2").unwrap().run(&mut typed_in);
    assert_eq!(typed_in.many("q2_l1_lang"), [""]);
    Act::parse("q-remove-1").unwrap().run(&mut typed_in);
    assert_eq!((typed_in.one("q1_kind"), typed_in.one("q2_kind")), ("longText", "shortText"));
    assert!(typed_in.many("q3_text").is_empty());
    // Nothing falls off the ends, and other buttons are none of these.
    for odd in ["q-up-1", "q-down-2", "q-remove-9", "q-show"] {
        let before = typed(&typed_in).len();
        Act::parse(odd).unwrap().run(&mut typed_in);
        assert_eq!(typed(&typed_in).len(), before, "{odd}");
    }
    for other in ["next", "q-up-0", "q-up-x", "q-fly-1", "q-up-21", "q-"] {
        assert_eq!(Act::parse(other), None, "{other}");
    }
    for _ in 0..30 {
        Act::Add.run(&mut typed_in);
    }
    assert_eq!(typed(&typed_in).len(), QUESTIONS_MAX);
}

#[test]
fn qst_1_each_mistake_is_told_at_its_field() {
    let wrong = |pairs: &[(&str, &str)], whose| {
        let mut all = draft(&[("q1_text", "Why?"), ("q1_kind", "shortText")]);
        for (name, value) in pairs {
            all.set(name, [*value]);
        }
        let mut errors = FormErrors::new();
        read(&all, whose, &mut errors);
        errors
    };
    for (field, pairs) in [
        ("q1_text", &[("q1_text", " ")][..]),
        ("q1_kind", &[("q1_kind", "song")]),
        ("q1_choices", &[("q1_kind", "singleChoice")]),
        ("q1_choices", &[("q1_kind", "singleChoice"), ("q1_choices", "A\nB\na")]),
        ("q1_choices", &[("q1_kind", "singleChoice"), ("q1_choices", "x = A\nx = B")]),
        ("q1_pattern", &[("q1_pattern", "(")]),
        ("q1_l1_lang", &[("q1_l1_lang", ""), ("q1_l1_text", "Warum?")]),
        ("q1_l2_lang", &[("q1_l1_lang", "de"), ("q1_l2_lang", "DE")]),
        (
            "q1_l1_choices",
            &[
                ("q1_kind", "singleChoice"),
                ("q1_choices", "A"),
                ("q1_l1_lang", "de"),
                ("q1_l1_choices", "a\nb"),
            ],
        ),
        ("q1_text", &[("q1_key", "no.dots")]),
    ] {
        let errors = wrong(pairs, Whose::Policy);
        assert!(errors.of(field).is_some(), "{field}: {errors:?}");
    }
    assert!(wrong(&[("q1_key", "")], Whose::Resource).of("q1_key").is_some());
    assert!(wrong(&[("q1_key", "Badge")], Whose::Resource).is_empty());
    // A pattern is not judged where there are choices, and the other way round.
    assert!(wrong(&[("q1_choices", "A\nA")], Whose::Policy).is_empty());
    // Empty languages are no languages.
    assert!(wrong(&[("q1_l1_lang", " "), ("q1_l1_text", "")], Whose::Policy).is_empty());
}

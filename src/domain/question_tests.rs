use super::*;

fn text(pattern: &str) -> Question {
    let mut question = Question::new("order", "Which order?", QuestionKind::ShortText);
    question.pattern = Some(Pattern { expression: pattern.into(), error: String::new() });
    question
}

fn choosing() -> Question {
    let mut question = Question::new("region", "Which region?", QuestionKind::SingleChoice);
    question.choices = [("emea", "Europe"), ("amer", "America")]
        .map(|(value, label)| Choice { value: value.into(), label: label.into() })
        .into();
    question.translations.insert(
        "de".into(),
        Translation {
            text: "Welche Region?".into(),
            choices: [("emea".to_owned(), "Europa".to_owned())].into(),
            ..Translation::default()
        },
    );
    question
        .translations
        .insert("de-AT".into(), Translation { hint: "Wo bist du daheim?".into(), ..Translation::default() });
    question
}

#[test]
fn qst_2_the_words_are_those_of_the_locale_then_of_the_language_then_the_default() {
    let question = choosing();
    assert_eq!(question.check(), Ok(()));
    let austrian = question.wording("de-AT");
    assert_eq!((austrian.text, austrian.hint), ("Welche Region?", "Wo bist du daheim?"));
    assert_eq!(austrian.choices, [("emea", "Europa".to_owned()), ("amer", "America".to_owned())]);
    assert_eq!(question.wording("de_CH").hint, "", "Switzerland gets the German of all");
    assert_eq!(question.wording("DE-ch").text, "Welche Region?");
    for other in ["en-GB", "", "nonsense!", "d"] {
        assert_eq!(question.wording(other).text, "Which region?", "{other}");
    }
    assert_eq!(language_chain("zh-hant-tw"), ["zh-Hant-TW", "zh-Hant", "zh"]);
    assert_eq!(language_tag("de-"), None);
}

#[test]
fn qst_1_a_pattern_is_for_the_whole_answer() {
    let good = text(r"[A-Z]{2}-\d{4}");
    let pattern = good.pattern.unwrap();
    assert!(pattern.admits("AB-1234"));
    for wrong in ["AB-12345", "xAB-1234", "AB-1234\n", "", "AB-1234 or so"] {
        assert!(!pattern.admits(wrong), "{wrong:?}");
    }
    // The longer one of two ways counts too.
    assert!(text("a|ab").pattern.unwrap().admits("ab"));
}

#[test]
fn qst_1_a_broken_pattern_is_refused_with_its_question() {
    for bad in ["(", "a)|(b", "[z-a]", r"(\w)\1", "(?=a)a", "", " ", "(?x)a # b"] {
        let said = check_all(&[choosing(), text(bad)]).expect_err(bad);
        assert!(said.starts_with("Question 2 (“Which order?”): The pattern"), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }
    let large = check_all(&[text(r"(?:\w{500}){500}")]).unwrap_err();
    assert!(large.contains("too large"), "{large}");
    assert!(check_all(&[text(&"a".repeat(PATTERN_MAX + 1))]).unwrap_err().contains("too long"));
    assert_eq!(check_all(&[text(&"a".repeat(PATTERN_MAX))]), Ok(()));
    let mut question = choosing();
    question.pattern = text("a").pattern;
    assert!(check_all(&[question]).unwrap_err().contains("Only texts"));
}

#[test]
fn qst_1_a_hostile_pattern_takes_linear_time() {
    let pattern = text("(a+)+(a+)+(a+)+b").pattern.unwrap();
    // A backtracking engine would not come back from this in the life of the test.
    assert!(!pattern.admits(&"a".repeat(4000)));
}

#[test]
fn qst_1_broken_questions_are_refused() {
    let broken = |change: fn(&mut Question)| {
        let mut question = choosing();
        change(&mut question);
        check_all(&[question]).unwrap_err()
    };
    assert!(broken(|q| q.text = "  ".into()).contains("Write what is asked"));
    assert!(broken(|q| q.text = "x".repeat(WORDING_MAX + 1)).contains("too long"));
    assert!(broken(|q| q.text = "a\u{7}".into()).contains("characters"));
    assert!(broken(|q| q.choices.clear()).contains("at least one choice"));
    assert!(broken(|q| q.choices[1].value = "emea".into()).contains("same value"));
    assert!(broken(|q| q.choices[1].label = " europe".into()).contains("twice"));
    assert!(broken(|q| q.choices[1].label = " ".into()).contains("empty"));
    assert!(broken(|q| q.key = "a.b".into()).contains("cannot be used"));
    assert!(broken(|q| q.kind = QuestionKind::LongText).contains("Only questions with choices"));
    assert!(
        broken(|q| {
            q.translations.insert("x".into(), Translation::default());
        })
        .contains("no language")
    );
    assert!(
        broken(|q| {
            let extra = ("mars".to_owned(), "Mars".to_owned());
            q.translations.entry("fr".into()).or_default().choices.extend([extra]);
        })
        .contains("not there")
    );
    assert!(check_all(&[choosing(), choosing()]).unwrap_err().contains("has the name “region” already"));
    let many: Vec<Question> =
        (0..=QUESTIONS_MAX).map(|n| Question::new(format!("q{n}"), "Why?", QuestionKind::LongText)).collect();
    assert!(check_all(&many).unwrap_err().contains("at most"));
}

#[test]
fn qst_1_slugs_are_stable_words() {
    assert_eq!(slug("Which deal is it for?", "question", |_| false), "which-deal-is-it-for");
    assert_eq!(slug("日本", "question", |_| false), "question");
    assert_eq!(slug("A", "x", |word| word == "a"), "a-2");
    assert!(is_key(&slug(&"long ".repeat(100), "x", |word| !word.ends_with("-9"))));
}

#[test]
fn qst_1_questions_of_earlier_versions_still_read() {
    let old = r#"{"key":"deal","text":"Which deal?","kind":"shortText","required":true}"#;
    let question: Question = serde_json::from_str(old).unwrap();
    assert!(!question.editable_later && question.pattern.is_none());
    let again: Question = serde_json::from_str(&serde_json::to_string(&choosing()).unwrap()).unwrap();
    assert_eq!(again, choosing());
}

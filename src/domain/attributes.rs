//! Required attributes (SPEC CAT-5): what a resource has to know of everybody who gets it. Asked with every package
//! that contains the resource, kept on the request like other answers, and stored on the person.

use serde_json::{Value, json};

use super::Refusal;
use super::answers::{self, Answer, BadAnswer, Given};
use super::question::{self, Question};

/// Keys of attributes begin so among the answers of a request; those of a policy's questions never do.
const PREFIX: &str = "attribute:";

/// What a resource asks, with what the person answered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The question; its key is the attribute's name with a prefix, and it always needs an answer.
    pub question: Question,
    /// What is stored on the person.
    pub stored: Option<Answer>,
}

impl Attribute {
    /// What is asked of a person. `question` is as the resource has it, under its plain name.
    pub fn new(question: Question, stored: Option<Answer>) -> Self {
        let key = key(&question.key);
        Self { question: Question { key, required: true, ..question }, stored }
    }

    /// The answer that cannot be changed any more.
    pub fn frozen(&self) -> Option<&Answer> {
        self.stored.as_ref().filter(|_| !self.question.editable_later)
    }
}

/// The key of an attribute's answer among those of a request.
pub fn key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Are these good questions for a resource? The first problem, in words.
pub fn check_questions(questions: &[Question]) -> Result<(), Refusal> {
    question::check_all(questions).map_err(Refusal::BadQuestions)?;
    match questions.iter().find(|q| q.key != q.key.to_ascii_lowercase()) {
        // Names are shared between resources, so they have one spelling.
        Some(q) => Err(Refusal::BadQuestions(format!("The name “{}” has to be in small letters.", q.key))),
        None => Ok(()),
    }
}

/// Checks the answers to attributes. One that is frozen stays as it is stored; whoever sends another is told.
pub fn check(attributes: &[Attribute], given: &Given, locale: &str) -> Result<Vec<Answer>, Vec<BadAnswer>> {
    let (mut all, mut bad) = (Vec::new(), Vec::new());
    for attribute in attributes {
        let question = &attribute.question;
        let Some(stored) = attribute.frozen() else {
            match answers::check(std::slice::from_ref(question), given, locale) {
                Ok(good) => all.extend(good),
                Err(wrong) => bad.extend(wrong),
            }
            continue;
        };
        let sent: Vec<&String> =
            given.get(&question.key).into_iter().flatten().filter(|v| !v.trim().is_empty()).collect();
        if !sent.is_empty() && sent != stored.values.iter().collect::<Vec<_>>() {
            let why = "You answered this before, and it cannot be changed any more.".to_owned();
            bad.push(BadAnswer { key: question.key.clone(), why });
            continue;
        }
        all.push(Answer { key: question.key.clone(), ..stored.clone() });
    }
    if bad.is_empty() { Ok(all) } else { Err(bad) }
}

/// For a request on behalf of the person: what they said about themselves counts, whatever the one who asks sends;
/// only what is not stored yet is asked.
pub fn on_behalf(attributes: &mut [Attribute], given: &mut Value) {
    for attribute in attributes.iter_mut().filter(|a| a.stored.is_some()) {
        attribute.question.editable_later = false;
        if let Some(given) = given.as_object_mut() {
            given.remove(&attribute.question.key);
        }
    }
}

/// Like [`answers::keep`], for the policy's questions and, after them, the attributes.
pub fn keep(
    questions: &[Question],
    attributes: &[Attribute],
    given: &Value,
    locale: &str,
) -> Result<Value, Refusal> {
    let kept = answers::keep(questions, given, locale)?;
    let mut all = answers::read(&kept);
    let asked: Vec<Question> = attributes.iter().map(|a| a.question.clone()).collect();
    all.extend(
        check(attributes, &answers::read_given(given), locale)
            .map_err(|bad| answers::refusal(&asked, bad, locale))?,
    );
    Ok(json!(all))
}

/// The attributes among the answers that a request kept: name and answer.
pub fn of_request(kept: &Value) -> Vec<(String, Answer)> {
    let named = |answer: Answer| Some((answer.key.strip_prefix(PREFIX)?.to_owned(), answer));
    answers::read(kept).into_iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::question::QuestionKind;

    fn attribute(editable_later: bool, stored: Option<&str>) -> Attribute {
        let question =
            Question { editable_later, ..Question::new("badge", "Your badge?", QuestionKind::ShortText) };
        let answer = |text: &str| Answer {
            key: key("badge"),
            question: "Badge, as it was asked?".into(),
            values: vec![text.into()],
            shown: text.into(),
        };
        Attribute::new(question, stored.map(answer))
    }

    fn sent(text: &str) -> Value {
        json!({ "attribute:badge": text, "badge": "not this one" })
    }

    #[test]
    fn cat_5_attributes_always_need_an_answer_and_are_kept_with_their_wording() {
        assert!(keep(&[], &[attribute(true, None)], &json!({}), "en").is_err());
        let kept = keep(&[], &[attribute(true, Some("A1"))], &sent("B2"), "en").unwrap();
        let [(name, answer)] = &of_request(&kept)[..] else { panic!("one attribute") };
        assert_eq!((name.as_str(), answer.shown.as_str()), ("badge", "B2"));
        assert_eq!(answer.question, "Your badge?");
    }

    #[test]
    fn cat_5_a_frozen_attribute_is_never_overwritten() {
        let frozen = attribute(false, Some("A1"));
        assert!(keep(&[], std::slice::from_ref(&frozen), &sent("B2"), "en").is_err());
        for same in [json!({}), sent("A1"), sent(" ")] {
            let kept = keep(&[], std::slice::from_ref(&frozen), &same, "en").unwrap();
            assert_eq!(of_request(&kept)[0].1.shown, "A1");
        }
        // The first answer is free.
        assert!(keep(&[], &[attribute(false, None)], &sent("B2"), "en").is_ok());
    }

    #[test]
    fn cat_5_nobody_overwrites_what_others_said_about_themselves() {
        let mut stored = [attribute(true, Some("A1"))];
        let mut given = sent("B2");
        on_behalf(&mut stored, &mut given);
        assert_eq!(of_request(&keep(&[], &stored, &given, "en").unwrap())[0].1.shown, "A1");
        // What nobody said yet is asked of whoever asks.
        let mut open = [attribute(true, None)];
        on_behalf(&mut open, &mut json!({}));
        assert!(keep(&[], &open, &json!({}), "en").is_err());
        assert!(keep(&[], &open, &sent("B2"), "en").is_ok());
    }

    #[test]
    fn cat_5_a_question_of_the_policy_is_no_attribute() {
        let question = Question::new("badge", "Your badge?", QuestionKind::ShortText);
        let kept = keep(&[question], &[], &sent("x"), "en").unwrap();
        assert_eq!(of_request(&kept), vec![]);
        assert_eq!(answers::read(&kept).len(), 1);
    }
}

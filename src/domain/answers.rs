//! Answers to a policy's questions (SPEC QST-1, QST-3): checked once, and kept with the wording that the person saw.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Refusal;
use super::policy::{Question, QuestionKind};
use crate::kernel::text;

/// The longest answer in one line, in characters.
pub const LINE_MAX: usize = 300;
/// The longest answer in several lines, in characters.
pub const TEXT_MAX: usize = 4000;

/// What a person gave: for each question's key one text, or the values of the choices.
pub type Given = BTreeMap<String, Vec<String>>;

/// An answer as it is kept on the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question's key.
    pub key: String,
    /// The question as the person read it.
    pub question: String,
    /// The text, or the stable values of the choices.
    pub values: Vec<String>,
    /// The answer as the person read it.
    pub shown: String,
}

/// What is wrong with the answer to the question of this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadAnswer {
    /// The question's key.
    pub key: String,
    /// Why, in words.
    pub why: String,
}

/// Checks all answers (SPEC REQ-1). Questions that were not answered and need not be are left out; answers to
/// questions that the policy does not ask are dropped.
pub fn check(questions: &[Question], given: &Given) -> Result<Vec<Answer>, Vec<BadAnswer>> {
    let (mut answers, mut bad) = (Vec::new(), Vec::new());
    for question in questions {
        let values = given.get(&question.key).map_or(&[][..], Vec::as_slice);
        match one(question, values) {
            Ok(Some(answer)) => answers.push(answer),
            Ok(None) => {}
            Err(why) => bad.push(BadAnswer { key: question.key.clone(), why }),
        }
    }
    if bad.is_empty() { Ok(answers) } else { Err(bad) }
}

fn one(question: &Question, values: &[String]) -> Result<Option<Answer>, String> {
    let (values, shown) = match question.kind {
        QuestionKind::ShortText | QuestionKind::LongText => {
            let typed = values.first().map_or("", String::as_str);
            let clean = if question.kind == QuestionKind::ShortText {
                text::optional_line(typed, LINE_MAX)
            } else {
                text::lines(typed, TEXT_MAX)
            }
            .map_err(|e| e.to_string())?;
            (Vec::from_iter((!clean.is_empty()).then(|| clean.clone())), clean)
        }
        QuestionKind::SingleChoice | QuestionKind::MultipleChoice => {
            let values: Vec<String> = values.iter().filter(|v| !v.is_empty()).cloned().collect();
            if question.kind == QuestionKind::SingleChoice && values.len() > 1 {
                return Err("Choose only one.".to_owned());
            }
            let labels = values
                .iter()
                .map(|value| {
                    let choice = question.choices.iter().find(|c| c.value == *value);
                    choice.map(|c| c.label.as_str())
                })
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| "Choose one of those shown.".to_owned())?;
            let shown = labels.join(", ");
            (values, shown)
        }
    };
    if values.is_empty() {
        return if question.required { Err("This question needs an answer.".to_owned()) } else { Ok(None) };
    }
    Ok(Some(Answer { key: question.key.clone(), question: question.text.clone(), values, shown }))
}

/// Checks answers by key, `{"region": "EMEA"}` or `{"region": ["EMEA"]}`, and gives what is kept on the request.
pub fn keep(questions: &[Question], given: &Value) -> Result<Value, Refusal> {
    let given: Given =
        given.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), texts(value))).collect();
    let answers = check(questions, &given).map_err(|bad| {
        let first = bad.into_iter().next();
        let asked = first
            .as_ref()
            .and_then(|b| questions.iter().find(|q| q.key == b.key))
            .map_or("", |q| q.text.as_str());
        Refusal::BadAnswer(format!("“{asked}”: {}", first.map(|b| b.why).unwrap_or_default()))
    })?;
    Ok(Value::Array(answers.into_iter().map(|a| serde_json::json!(a)).collect()))
}

/// The answers that a request kept; none if it kept none.
pub fn read(kept: &Value) -> Vec<Answer> {
    kept.as_array().into_iter().flatten().filter_map(|answer| Answer::deserialize(answer).ok()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Choice;
    use serde_json::json;

    fn questions() -> Vec<Question> {
        let question = |key: &str, kind, required| Question {
            key: key.into(),
            text: format!("What about {key}?"),
            kind,
            required,
            choices: ["a", "b"].map(|v| Choice { value: v.into(), label: v.to_uppercase() }).into(),
        };
        vec![
            question("region", QuestionKind::SingleChoice, true),
            question("tools", QuestionKind::MultipleChoice, false),
            question("why", QuestionKind::ShortText, false),
        ]
    }

    #[test]
    fn qst_3_answers_keep_the_wording_that_the_person_saw() {
        let kept =
            keep(&questions(), &json!({ "region": "b", "tools": ["a", "b"], "why": "  ", "other": "x" }))
                .unwrap();
        let answers = read(&kept);
        assert_eq!(answers.len(), 2, "blank and unknown answers are not kept");
        assert_eq!(answers[0].question, "What about region?");
        assert_eq!((answers[0].values.as_slice(), answers[0].shown.as_str()), (&["b".to_owned()][..], "B"));
        assert_eq!(answers[1].shown, "A, B");
    }

    #[test]
    fn req_1_required_and_valid_answers_are_demanded() {
        let bad = |given: Value| keep(&questions(), &given).unwrap_err().to_string();
        assert!(bad(json!({})).contains("What about region?"));
        assert!(bad(json!({ "region": "z" })).contains("Choose one of those shown."));
        assert!(bad(json!({ "region": ["a", "b"] })).contains("only one"));
        assert!(bad(json!({ "region": "a", "why": "x\u{7}" })).contains("What about why?"));
        assert_eq!(read(&json!({})), vec![]);
    }
}

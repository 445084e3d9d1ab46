//! Answers to a policy's questions (SPEC QST-1, QST-3): checked once, and kept with the wording that the person saw.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Refusal;
use super::question::{Question, QuestionKind, Wording};
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

/// Checks all answers (SPEC REQ-1), in the words of the person's locale (SPEC QST-2). Questions that were not
/// answered and need not be are left out; answers to questions that nobody asks are dropped.
pub fn check(questions: &[Question], given: &Given, locale: &str) -> Result<Vec<Answer>, Vec<BadAnswer>> {
    let (mut answers, mut bad) = (Vec::new(), Vec::new());
    for question in questions {
        let values = given.get(&question.key).map_or(&[][..], Vec::as_slice);
        match one(question, values, locale) {
            Ok(Some(answer)) => answers.push(answer),
            Ok(None) => {}
            Err(why) => bad.push(BadAnswer { key: question.key.clone(), why }),
        }
    }
    if bad.is_empty() { Ok(answers) } else { Err(bad) }
}

/// Checks one answer: what is kept of it, nothing, or why it cannot be taken.
fn one(question: &Question, values: &[String], locale: &str) -> Result<Option<Answer>, String> {
    let words = question.wording(locale);
    let (values, shown) = if question.kind.chooses() {
        chosen(question.kind, &words, values)?
    } else {
        let text = typed(question, &words, values.first().map_or("", String::as_str))?;
        (Vec::from_iter((!text.is_empty()).then(|| text.clone())), text)
    };
    if values.is_empty() {
        return if question.required { Err("This question needs an answer.".to_owned()) } else { Ok(None) };
    }
    Ok(Some(Answer { key: question.key.clone(), question: words.text.to_owned(), values, shown }))
}

fn typed(question: &Question, words: &Wording<'_>, typed: &str) -> Result<String, String> {
    let clean = match question.kind {
        QuestionKind::LongText => text::lines(typed, TEXT_MAX),
        _ => text::optional_line(typed, LINE_MAX),
    }
    .map_err(|e| e.to_string())?;
    match &question.pattern {
        Some(pattern) if !clean.is_empty() && !pattern.admits(&clean) => Err(match words.error {
            "" => "This does not look as it should. Check it, and correct it.".to_owned(),
            own => own.to_owned(),
        }),
        _ => Ok(clean),
    }
}

/// The stable values that were chosen, in the order of the choices, and how they read.
fn chosen(
    kind: QuestionKind,
    words: &Wording<'_>,
    values: &[String],
) -> Result<(Vec<String>, String), String> {
    let values: BTreeSet<&str> = values.iter().map(String::as_str).filter(|v| !v.is_empty()).collect();
    if kind == QuestionKind::SingleChoice && values.len() > 1 {
        return Err("Choose only one.".to_owned());
    }
    let picked: Vec<&(&str, String)> =
        words.choices.iter().filter(|(value, _)| values.contains(value)).collect();
    if picked.len() < values.len() {
        return Err("Choose one of those shown.".to_owned());
    }
    let labels: Vec<&str> = picked.iter().map(|(_, label)| label.as_str()).collect();
    Ok((picked.iter().map(|(value, _)| (*value).to_owned()).collect(), labels.join(", ")))
}

/// Checks answers by key, `{"region": "EMEA"}` or `{"region": ["EMEA"]}`, and gives what is kept on the request,
/// with the wording of the person's locale (SPEC QST-3).
pub fn keep(questions: &[Question], given: &Value, locale: &str) -> Result<Value, Refusal> {
    let answers =
        check(questions, &read_given(given), locale).map_err(|bad| refusal(questions, bad, locale))?;
    Ok(json!(answers))
}

/// Changes kept answers later (request type `userUpdate`): an answer is taken if its question may be answered anew
/// ([`Question::editable_later`]), or was never answered. The others stay as they are, with the wording of their
/// time; whoever sends another answer to one of them is refused. What is not sent stays, too.
pub fn change(questions: &[Question], kept: &Value, given: &Value, locale: &str) -> Result<Value, Refusal> {
    let (mut answers, given) = (read(kept), read_given(given));
    let mut bad = Vec::new();
    for question in questions {
        let at = answers.iter().position(|a| a.key == question.key);
        let earlier = at.and_then(|at| answers.get(at)).cloned();
        let sent = given.get(&question.key);
        let said = match (&earlier, sent) {
            (Some(_), None) => continue,
            (Some(earlier), Some(values)) if !question.editable_later => {
                let same = one(question, values, locale).ok().flatten();
                if same.is_none_or(|a| a.values != earlier.values) {
                    let why = "This answer cannot be changed any more.".to_owned();
                    bad.push(BadAnswer { key: question.key.clone(), why });
                }
                continue;
            }
            _ => one(question, sent.map_or(&[][..], Vec::as_slice), locale),
        };
        match said {
            Err(why) => bad.push(BadAnswer { key: question.key.clone(), why }),
            Ok(said) => {
                let unchanged =
                    said.as_ref().zip(earlier.as_ref()).is_some_and(|(s, e)| s.values == e.values);
                if unchanged {
                    continue;
                }
                if let Some(at) = at {
                    answers.remove(at);
                }
                let at = at.unwrap_or(answers.len());
                answers.splice(at..at, said);
            }
        }
    }
    if bad.is_empty() { Ok(json!(answers)) } else { Err(refusal(questions, bad, locale)) }
}

/// The first mistake as a refusal, with the question that has it.
pub(super) fn refusal(questions: &[Question], bad: Vec<BadAnswer>, locale: &str) -> Refusal {
    let Some(first) = bad.into_iter().next() else {
        return Refusal::BadAnswer("An answer is not valid.".to_owned());
    };
    let asked = questions.iter().find(|q| q.key == first.key).map_or("", |q| q.wording(locale).text);
    Refusal::BadAnswer(format!("“{asked}”: {}", first.why))
}

pub(super) fn read_given(given: &Value) -> Given {
    given.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), texts(value))).collect()
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
#[path = "answers_tests.rs"]
mod tests;

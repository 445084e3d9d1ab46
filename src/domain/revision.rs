//! What a requestor changed when an approver asked for it (SPEC REQ-9).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answers;
use crate::kernel::Moment;

/// Something that is not as it was sent before, with the old and the new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase")]
pub enum Edit {
    /// The reason.
    Justification {
        /// Before.
        before: String,
        /// After.
        after: String,
    },
    /// An answer.
    Answer {
        /// The question as the person read it.
        question: String,
        /// Before; empty if there was none.
        before: String,
        /// After; empty if there is none.
        after: String,
    },
    /// The wanted start.
    Start {
        /// Before.
        before: Option<Moment>,
        /// After.
        after: Option<Moment>,
    },
    /// The wanted end.
    End {
        /// Before.
        before: Option<Moment>,
        /// After.
        after: Option<Moment>,
    },
}

impl Edit {
    /// It in words, with the old and the new; `at` shows an instant.
    pub fn words(&self, at: impl Fn(Moment) -> String) -> String {
        let said = |text: &str| if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") };
        let at = |moment: &Option<Moment>| moment.map_or_else(|| "none".to_owned(), &at);
        match self {
            Self::Justification { before, after } => {
                format!("Reason: was {}, now {}", said(before), said(after))
            }
            Self::Answer { question, before, after } => {
                format!("{question} Was {}, now {}", said(before), said(after))
            }
            Self::Start { before, after } => format!("Wanted start: was {}, now {}", at(before), at(after)),
            Self::End { before, after } => format!("Wanted end: was {}, now {}", at(before), at(after)),
        }
    }
}

/// What can be edited, as it is or as it shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct Said<'a> {
    /// The reason.
    pub justification: &'a str,
    /// The answers as they are kept.
    pub answers: &'a Value,
    /// The wanted start.
    pub start: Option<Moment>,
    /// The wanted end.
    pub end: Option<Moment>,
}

/// What differs, in the order of the form.
pub fn edits(before: &Said<'_>, after: &Said<'_>) -> Vec<Edit> {
    let mut all = Vec::new();
    if before.justification != after.justification {
        all.push(Edit::Justification {
            before: before.justification.to_owned(),
            after: after.justification.to_owned(),
        });
    }
    let (old, new) = (answers::read(before.answers), answers::read(after.answers));
    for answer in &new {
        let earlier = old.iter().find(|o| o.key == answer.key);
        if earlier.is_none_or(|o| o.values != answer.values) {
            all.push(Edit::Answer {
                question: answer.question.clone(),
                before: earlier.map(|o| o.shown.clone()).unwrap_or_default(),
                after: answer.shown.clone(),
            });
        }
    }
    for answer in old.iter().filter(|o| new.iter().all(|n| n.key != o.key)) {
        all.push(Edit::Answer {
            question: answer.question.clone(),
            before: answer.shown.clone(),
            after: String::new(),
        });
    }
    if before.start != after.start {
        all.push(Edit::Start { before: before.start, after: after.start });
    }
    if before.end != after.end {
        all.push(Edit::End { before: before.end, after: after.end });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn req_9_what_changed_is_told_item_by_item_with_old_and_new() {
        let answer = |key: &str, values: &[&str]| json!({ "key": key, "question": format!("About {key}?"), "values": values, "shown": values.join(", ") });
        let old = json!([answer("deal", &["Spring"]), answer("tool", &["A", "B"]), answer("old", &["x"])]);
        let new = json!([answer("deal", &["Autumn"]), answer("tool", &["A", "B"]), answer("new", &["y"])]);
        let before = Said { justification: "Fair", answers: &old, start: None, end: None };
        assert_eq!(edits(&before, &before), vec![]);
        let start: Moment = "2026-03-31T09:00:00Z".parse().unwrap();
        let after = Said { justification: "The fair in May", answers: &new, start: Some(start), end: None };
        let told = |question: &str, before: &str, after: &str| Edit::Answer {
            question: question.into(),
            before: before.into(),
            after: after.into(),
        };
        assert_eq!(
            edits(&before, &after),
            vec![
                Edit::Justification { before: "Fair".into(), after: "The fair in May".into() },
                told("About deal?", "Spring", "Autumn"),
                told("About new?", "", "y"),
                told("About old?", "x", ""),
                Edit::Start { before: None, after: Some(start) },
            ]
        );
    }
}

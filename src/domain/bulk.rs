//! Work on many people or assignments at once (SPEC ASG-1, ASG-2, PGE-4). It begins as a draft, whose rows are
//! checked and shown before anything is done; then each row is done by itself, and what is refused never stops the
//! others.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Refusal;
use crate::kernel::Moment;
use crate::kernel::ids::PolicyId;

text_enum! {
    /// What is done to each row.
    pub enum WorkKind {
        /// A package is assigned to each person.
        Assign = "assign",
        /// Each assignment is removed.
        Remove = "remove",
        /// Each assignment gets another end.
        ChangeEnd = "changeEnd",
    }
}

text_enum! {
    /// How far the work is.
    pub enum WorkState {
        /// Checked and shown, not begun.
        Draft = "draft",
        /// To be begun.
        Waiting = "waiting",
        /// Under way.
        Running = "running",
        /// Every row has its result.
        Done = "done",
        /// Stopped; what was done stays done.
        Canceled = "canceled",
        /// Given up.
        Failed = "failed",
    }
}

text_enum! {
    /// What became of a row.
    pub enum RowState {
        /// Not done yet.
        Waiting = "waiting",
        /// Done.
        Done = "done",
        /// Nothing had to be done: the person holds it already, say.
        Skipped = "skipped",
        /// A rule said no.
        Refused = "refused",
        /// It broke.
        Failed = "failed",
    }
}

impl WorkState {
    /// Is something still to be done?
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// What is to be done, as it is kept. Variants and fields are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum What {
    /// Assign the package.
    Assign(Assign),
    /// Remove assignments.
    Remove {
        /// Why; the person reads it.
        reason: String,
    },
    /// Change the end of assignments.
    #[serde(rename_all = "camelCase")]
    ChangeEnd {
        /// To when; none as long as it is not chosen.
        end: Option<NewEnd>,
        /// Why; the person reads it.
        reason: String,
    },
}

impl What {
    /// The word of the kind.
    pub fn kind(&self) -> WorkKind {
        match self {
            Self::Assign(_) => WorkKind::Assign,
            Self::Remove { .. } => WorkKind::Remove,
            Self::ChangeEnd { .. } => WorkKind::ChangeEnd,
        }
    }
}

/// What is assigned, and how, to everybody for whom the row says nothing else (SPEC ASG-1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assign {
    /// Under which policy.
    pub policy: PolicyId,
    /// Why.
    pub justification: String,
    /// Without the approval that the policy asks for.
    pub without_approval: bool,
    /// From when; none is at once.
    pub start: Option<Moment>,
    /// Until when; none is as long as the policy gives.
    pub end: Option<Moment>,
    /// Answers by key.
    pub answers: Value,
    /// Are the people told (SPEC ASG-4)?
    pub notify: bool,
    /// What was typed into the form, so that it can be changed.
    pub form: Value,
}

/// What one row says that differs from the rest: a line of a CSV file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RowWish {
    /// Its own answers by key, instead of those for all.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub answers: Value,
    /// Its own start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Moment>,
    /// Its own end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Moment>,
    /// Its own justification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

/// Another end for access that somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum NewEnd {
    /// At this instant.
    At {
        /// When.
        at: Moment,
    },
    /// The end that the policy, as it is now, gives from the start of the access.
    Policy,
}

/// What is kept as the parameters of a work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Which shape this is; 1 so far.
    pub version: u8,
    /// What is to be done.
    pub what: What,
}

/// The most rows that one work takes.
pub const MOST_ROWS: usize = 20_000;

/// So few rows are done at once, in the request of whoever confirms.
pub const AT_ONCE: i32 = 25;

/// A refusal in the words for whoever manages assignments: the rules' own words speak to the person.
pub fn words_for_managers(refusal: &Refusal) -> String {
    match refusal {
        Refusal::UserDisabled => "The account is disabled.".to_owned(),
        Refusal::NotAdmitted => "The policy is not for this person.".to_owned(),
        Refusal::AlreadyHeld => "Has this package already.".to_owned(),
        Refusal::AlreadyRequested => {
            "A request of this person for this package is on its way already.".to_owned()
        }
        Refusal::Conflict(with) => format!("Separation of duties: the person has {with}."),
        Refusal::PolicyNotOffered => "The policy is switched off or deleted.".to_owned(),
        Refusal::AlreadyEnded | Refusal::EndedMeanwhile => "This access has ended already.".to_owned(),
        Refusal::JustificationRequired => "Say why: without approval, a justification is needed.".to_owned(),
        other => other.to_string(),
    }
}

/// What a refusal makes of a row: who has what was asked for needs nothing.
pub fn row_state(refusal: &Refusal) -> RowState {
    match refusal {
        Refusal::AlreadyHeld | Refusal::AlreadyEnded | Refusal::EndedMeanwhile | Refusal::SameEnd => {
            RowState::Skipped
        }
        _ => RowState::Refused,
    }
}

/// The addresses, or whatever stands for them, in a pasted list: one per line, or between commas, semicolons or
/// spaces, also as `Name <address>`. Nothing twice.
pub fn pasted(text: &str) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut found = Vec::new();
    let mut keep = |typed: &str| {
        let typed =
            typed.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '<' | '>'));
        if !typed.is_empty() && seen.insert(typed.to_lowercase()) {
            found.push(typed.to_owned());
        }
    };
    for piece in text.split(['\n', '\r', ';', '\t']) {
        if piece.contains('<') {
            // "Doe, Jane <jane@…>, Roe, Max <max@…>": what is between the brackets counts.
            piece.split('<').skip(1).filter_map(|rest| rest.split('>').next()).for_each(&mut keep);
        } else if piece.contains('@') {
            piece.split([',', ' ', '|']).for_each(&mut keep);
        } else {
            piece.split(',').for_each(&mut keep);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asg_1_a_pasted_list_may_have_any_separators() {
        let text = "a@x.example, b@x.example;C@x.example\n\"Doe, Jane\" <jane@x.example>; Max <max@x.example>\r\n\
                    d@x.example e@x.example\tf@x.example | g@x.example\nA@X.example\n\nJane Doe";
        assert_eq!(
            pasted(text),
            [
                "a@x.example",
                "b@x.example",
                "C@x.example",
                "jane@x.example",
                "max@x.example",
                "d@x.example",
                "e@x.example",
                "f@x.example",
                "g@x.example",
                "Jane Doe"
            ]
        );
        assert!(pasted(" ,;\n").is_empty());
    }

    #[test]
    fn what_is_kept_can_be_read_again() {
        let what = What::ChangeEnd { end: Some(NewEnd::Policy), reason: "x".into() };
        let kept = serde_json::to_value(Params { version: 1, what: what.clone() }).unwrap();
        assert_eq!(kept["what"]["kind"], "changeEnd");
        assert_eq!(serde_json::from_value::<Params>(kept).unwrap().what, what);
        assert_eq!(serde_json::from_str::<RowWish>("{}").unwrap(), RowWish::default());
    }
}

//! What an emailed decision link remembers of the request that its mail described (SPEC APR-12).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::Moment;

/// How many codes a link's approver may ask for within an hour, for one stage of one request.
pub const CODES_AN_HOUR: i64 = 3;
/// How often a code may be tried.
pub const TRIES_A_CODE: i32 = 5;
/// For how many minutes a code is good.
pub const CODE_MINUTES: i64 = 10;
/// The longest that a link lives, in days, even if the stage lasts longer.
pub const LINK_DAYS: i64 = 14;

/// What the mail told about the request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The requestor's words.
    pub justification: String,
    /// The answers to the policy's questions.
    pub answers: Value,
    /// The start that was asked for.
    pub wanted_start: Option<Moment>,
    /// The end that was asked for.
    pub wanted_end: Option<Moment>,
    /// What the package gives, as "Resource: role", sorted.
    pub roles: Vec<String>,
    /// How many approvals the stage had.
    pub approvals: usize,
}

/// Something about the request that is not as the mail told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another justification; this was the one in the mail.
    Justification(String),
    /// Other answers.
    Answers,
    /// Another start; this was the one in the mail.
    Start(Option<Moment>),
    /// Another end; this was the one in the mail.
    End(Option<Moment>),
    /// The package gives this now, too.
    RoleAdded(String),
    /// The package does not give this any more.
    RoleRemoved(String),
    /// Others have approved in the meantime: so many.
    Approvals(usize),
}

impl Seen {
    /// What is different now.
    pub fn changes(&self, now: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.justification != now.justification {
            changes.push(Change::Justification(self.justification.clone()));
        }
        if self.answers != now.answers {
            changes.push(Change::Answers);
        }
        if self.wanted_start != now.wanted_start {
            changes.push(Change::Start(self.wanted_start));
        }
        if self.wanted_end != now.wanted_end {
            changes.push(Change::End(self.wanted_end));
        }
        let missing = |from: &[String], among: &[String]| -> Vec<String> {
            from.iter().filter(|role| !among.contains(role)).cloned().collect()
        };
        changes.extend(missing(&now.roles, &self.roles).into_iter().map(Change::RoleAdded));
        changes.extend(missing(&self.roles, &now.roles).into_iter().map(Change::RoleRemoved));
        if now.approvals > self.approvals {
            changes.push(Change::Approvals(now.approvals - self.approvals));
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apr_12_what_changed_since_the_mail_is_told_item_by_item() {
        let mail = Seen {
            justification: "For the fair".into(),
            roles: vec!["CRM: User".into(), "Sales team: Member".into()],
            ..Seen::default()
        };
        assert_eq!(mail.changes(&mail), vec![]);
        let now = Seen {
            justification: "For the fair in May".into(),
            roles: vec!["CRM: Administrator".into(), "Sales team: Member".into()],
            approvals: 1,
            ..mail.clone()
        };
        assert_eq!(
            mail.changes(&now),
            vec![
                Change::Justification("For the fair".into()),
                Change::RoleAdded("CRM: Administrator".into()),
                Change::RoleRemoved("CRM: User".into()),
                Change::Approvals(1),
            ]
        );
    }
}

//! What can be asked for: twenty packages, each with other policies.

use chrono::Datelike as _;

mod business;
mod house;

use super::Demo;
use crate::domain::policy::{
    Alternates, Approver, Choice, Expiry, Extension, LinkMode, Question, QuestionKind, Quorum, Scope, Stage,
    Terms,
};
use crate::domain::question::{Pattern, Translation};
use crate::kernel::ids::{GroupId, UserId};
use crate::store::StoreError;

/// A package with its policies.
pub(super) struct Offer {
    pub(super) name: &'static str,
    pub(super) catalog: &'static str,
    pub(super) description: &'static str,
    /// Who puts it on the shelf.
    pub(super) by: &'static str,
    pub(super) hidden: bool,
    pub(super) roles: &'static [(&'static str, &'static str)],
    /// Name, description, enabled, terms.
    pub(super) policies: Vec<(&'static str, &'static str, bool, Terms)>,
}

fn offer(
    name: &'static str,
    catalog: &'static str,
    by: &'static str,
    description: &'static str,
    roles: &'static [(&'static str, &'static str)],
    policies: Vec<(&'static str, &'static str, bool, Terms)>,
) -> Offer {
    Offer { name, catalog, description, by, hidden: false, roles, policies }
}

const MANAGER: Approver = Approver::Manager { level: 1 };

fn stage(approvers: Vec<Approver>, limit_days: u8) -> Stage {
    Stage {
        approvers,
        quorum: Quorum::AnyOne,
        fallback: Vec::new(),
        alternates: None,
        limit_days,
        reason_required: false,
    }
}

fn terms(scope: Scope, stages: Vec<Stage>, expiry: Expiry) -> Terms {
    Terms {
        scope,
        stages,
        expiry,
        extension: Extension { allowed: true, needs_approval: false },
        ..Terms::direct_only()
    }
}

fn members(stages: Vec<Stage>, days: u16) -> Terms {
    terms(Scope::AllMembers, stages, Expiry::AfterDays { days })
}

fn of_group(group: GroupId, stages: Vec<Stage>, expiry: Expiry) -> Terms {
    let scope = Scope::Specific { users: std::collections::BTreeSet::default(), groups: [group].into() };
    terms(scope, stages, expiry)
}

fn question(key: &str, text: &str, kind: QuestionKind, choices: &[&str]) -> Question {
    let choice =
        |label: &&str| Choice { value: label.to_lowercase().replace(' ', "-"), label: (*label).to_owned() };
    Question {
        required: true,
        choices: choices.iter().map(choice).collect(),
        ..Question::new(key, text, kind)
    }
}

const EVERYBODY: &str = "All members";

/// Everything on the shelf.
pub(super) fn all(demo: &Demo) -> Result<Vec<Offer>, StoreError> {
    let mut offers = business::sales(demo)?;
    offers.extend(business::finance(demo)?);
    offers.extend(house::engineering(demo)?);
    offers.extend(house::workplace(demo)?);
    offers.extend(house::general(demo)?);
    Ok(offers)
}

fn user(demo: &Demo, key: &str) -> Result<Approver, StoreError> {
    Ok(Approver::User { id: demo.person(key)? })
}

//! Fulfilment tasks (SPEC DLV-6): what the owners of a resource do by hand, because the portal cannot reach it.

use std::collections::BTreeSet;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::kernel::Moment;
use crate::kernel::ids::UserId;

text_enum! {
    /// What is to be done.
    pub enum TaskAction {
        /// Give the role to the person.
        Grant = "grant",
        /// Take it back.
        Revoke = "revoke",
    }
}

text_enum! {
    /// How far a task is.
    pub enum TaskState {
        /// Somebody has to do it.
        Open = "open",
        /// It is done.
        Done = "done",
        /// It cannot be done; the reason is kept.
        Cannot = "cannot",
        /// Nobody has to do it any more.
        Canceled = "canceled",
    }
}

/// The days that the owners of a resource have for a task, unless the resource says otherwise.
pub const DEFAULT_DAYS: u8 = 3;
/// The most days that a resource can give.
pub const MOST_DAYS: u8 = 30;

/// How a resource that people serve by hand is set up: what is kept with its connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualSettings {
    /// How many days its owners have for a task.
    pub days: u8,
}

impl Default for ManualSettings {
    fn default() -> Self {
        Self { days: DEFAULT_DAYS }
    }
}

impl ManualSettings {
    /// With so many days, if that many can be given.
    pub fn of_days(days: i64) -> Result<Self, Refusal> {
        u8::try_from(days)
            .ok()
            .filter(|days| (1..=MOST_DAYS).contains(days))
            .map(|days| Self { days })
            .ok_or(Refusal::TaskDays)
    }

    /// When a task that is written at `now` is due.
    pub fn due(self, now: Moment) -> Moment {
        now + Duration::days(i64::from(self.days))
    }
}

/// When the people who have to do a task are reminded: a day before it is due, if it was not younger than that
/// then, and when it is overdue.
pub fn reminders(created_at: Moment, due_at: Moment) -> Vec<Moment> {
    let before = due_at - Duration::days(1);
    [before, due_at].into_iter().filter(|at| *at > created_at).collect()
}

/// The people around a resource, those who can sign in now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Owners of the resource.
    pub owners: BTreeSet<UserId>,
    /// Owners of the catalog of the package.
    pub catalog_owners: BTreeSet<UserId>,
    /// Administrators.
    pub administrators: BTreeSet<UserId>,
}

/// Who has to do a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The owners of the resource.
    Owners,
    /// The owners of the catalog, for want of an owner who can sign in.
    CatalogOwners,
    /// The administrators, for want of anybody else.
    Administrators,
}

impl Who {
    /// Who, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Owners => "the owners of the resource",
            Self::CatalogOwners => "the owners of the catalog, because the resource has no owner who can act",
            Self::Administrators => "the administrators, because nobody else can act",
        }
    }
}

impl Around {
    /// The people who have to do a task for this person: never nobody, while somebody can sign in as
    /// administrator. Nobody does a task about their own access if somebody else of the same circle can.
    pub fn asked(&self, subject: UserId) -> (Who, BTreeSet<UserId>) {
        let (who, circle) = if !self.owners.is_empty() {
            (Who::Owners, &self.owners)
        } else if !self.catalog_owners.is_empty() {
            (Who::CatalogOwners, &self.catalog_owners)
        } else {
            (Who::Administrators, &self.administrators)
        };
        let others: BTreeSet<UserId> = circle.iter().copied().filter(|user| *user != subject).collect();
        (who, if others.is_empty() { circle.clone() } else { others })
    }

    /// May this person close a task about the access of `subject`? Those who are asked, and administrators; not
    /// for themselves while somebody else is there to do it. `Ok(false)` for whoever has no part in it.
    pub fn may_close(&self, subject: UserId, by: UserId) -> Result<bool, Refusal> {
        let asked = self.asked(subject).1;
        if asked.contains(&by) {
            return Ok(true);
        }
        if by == subject && (self.owners.contains(&by) || self.administrators.contains(&by)) {
            return Err(Refusal::OwnTask);
        }
        Ok(self.administrators.contains(&by))
    }
}

/// Is the task still to be done? `closer` is the name of whoever closed it, empty for the portal itself.
pub fn check_open(state: TaskState, closer: &str) -> Result<(), Refusal> {
    let by = |done: &str| match closer {
        "" => done.to_owned(),
        name => format!("{done} by {name}"),
    };
    Err(Refusal::TaskClosed(match state {
        TaskState::Open => return Ok(()),
        TaskState::Done => by("it was done already"),
        TaskState::Cannot => by("it was answered already, with “cannot be done”,"),
        TaskState::Canceled => {
            "nobody has to do it any more. If you have begun, put it back as it was".to_owned()
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn set(ids: &[u128]) -> BTreeSet<UserId> {
        ids.iter().map(|n| user(*n)).collect()
    }

    #[test]
    fn dlv_6_somebody_is_always_asked() {
        let mut around =
            Around { owners: set(&[1, 2]), catalog_owners: set(&[3]), administrators: set(&[4]) };
        assert_eq!(around.asked(user(9)), (Who::Owners, set(&[1, 2])));
        around.owners.clear();
        assert_eq!(around.asked(user(9)), (Who::CatalogOwners, set(&[3])));
        around.catalog_owners.clear();
        assert_eq!(around.asked(user(9)), (Who::Administrators, set(&[4])));
    }

    #[test]
    fn dlv_6_nobody_fulfils_for_themselves_while_another_owner_can() {
        let mut around =
            Around { owners: set(&[1, 2]), catalog_owners: set(&[3]), administrators: set(&[4, 1]) };
        assert_eq!(around.asked(user(1)), (Who::Owners, set(&[2])));
        assert_eq!(around.may_close(user(1), user(1)), Err(Refusal::OwnTask), "not even as administrator");
        assert_eq!(around.may_close(user(1), user(2)), Ok(true));
        assert_eq!(around.may_close(user(1), user(4)), Ok(true));
        assert_eq!(around.may_close(user(4), user(4)), Err(Refusal::OwnTask));
        assert_eq!(around.may_close(user(1), user(3)), Ok(false), "a catalog owner only for want of owners");
        assert_eq!(around.may_close(user(9), user(9)), Ok(false), "a holder is no owner");
        around.owners = set(&[1]);
        assert_eq!(around.may_close(user(1), user(1)), Ok(true), "the only owner");
    }

    #[test]
    fn i17_two_reminders_or_one_for_a_task_of_a_day() {
        let at = |text: &str| -> Moment { text.parse().unwrap() };
        let made = at("2026-03-02T09:00:00Z");
        let due = ManualSettings::default().due(made);
        assert_eq!(reminders(made, due), [at("2026-03-04T09:00:00Z"), at("2026-03-05T09:00:00Z")]);
        assert_eq!(reminders(made, at("2026-03-03T09:00:00Z")), [at("2026-03-03T09:00:00Z")]);
        assert!(ManualSettings::of_days(0).is_err() && ManualSettings::of_days(31).is_err());
    }
}

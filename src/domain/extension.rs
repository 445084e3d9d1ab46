//! Extending access that a person holds, and reminding them of its end (SPEC REQ-7, LIF-2, NOT-2).
//!
//! An extension is a request against the live assignment. The period starts anew with the decision: access then
//! lasts as long as the policy gives from that moment, or until its old end if that is later. Counting from the
//! decision rather than from the old end keeps the policy's promise that nobody holds access for longer than its
//! period without somebody, or at least the rules, having said yes again: extending twice on the first day gives
//! nothing more than extending once.
//!
//! If the old end passes while an extension waits, the access ends (I6): a wait is not a yes. The sweep that ends
//! it cancels the extension, and says so in its timeline; until then an approval is refused. The person asks anew.

use chrono::Duration;
use chrono_tz::Tz;

use super::Refusal;
use super::assignment::{AssignmentState, effective, end_of};
use super::policy::Expiry;
use crate::kernel::Moment;

/// What decides whether access can be extended now.
#[derive(Debug, Clone)]
pub struct ExtensionFacts {
    /// The assignment's state.
    pub state: AssignmentState,
    /// When the access started.
    pub starts_at: Moment,
    /// When it ends.
    pub ends_at: Option<Moment>,
    /// Does the policy that gave the access, as it is now, allow extension (SPEC LIF-2)?
    pub allowed: bool,
    /// Is that policy enabled (SPEC POL-2)?
    pub policy_enabled: bool,
    /// Does it admit the holder still? A policy for direct assignment admits whom it was given to.
    pub admitted: bool,
    /// How long it gives access, as it is now.
    pub expiry: Expiry,
    /// Is the catalog published?
    pub published: bool,
    /// Is the catalog closed to the holder, who is a guest?
    pub closed_to_guest: bool,
    /// Is the holder enabled?
    pub enabled: bool,
    /// Is another request about the package on its way (SPEC REQ-4)?
    pub open: bool,
    /// Names of incompatible packages and groups that the holder has (SPEC SOD-1).
    pub conflicts: Vec<String>,
}

/// May the access be extended now (SPEC REQ-7)? The first check that fails, each with its own words.
pub fn check(f: &ExtensionFacts, now: Moment, zone: Tz) -> Result<(), Refusal> {
    let conflict = f.conflicts.join(", ");
    check_change(f, now)?;
    let Some(old) = f.ends_at else {
        return Err(Refusal::NothingToExtend);
    };
    if !f.allowed {
        return Err(Refusal::ExtensionNotAllowed);
    }
    if !conflict.is_empty() {
        return Err(Refusal::Conflict(conflict));
    }
    if new_end(f.expiry, None, Some(old), now, zone) == Some(old) {
        return Err(Refusal::AtTheLimit);
    }
    Ok(())
}

/// May a person change anything about access that they hold: is it live, are they and its policy still what they
/// were, and is nothing else on its way?
pub fn check_change(f: &ExtensionFacts, now: Moment) -> Result<(), Refusal> {
    let over = !f.state.is_live() || f.ends_at.is_some_and(|end| end <= now);
    if over {
        Err(Refusal::AlreadyEnded)
    } else if f.open || !effective(f.state, f.starts_at, f.ends_at, now) {
        // What starts later is on its way still.
        Err(Refusal::AlreadyRequested)
    } else if !f.enabled {
        Err(Refusal::UserDisabled)
    } else if !f.policy_enabled {
        Err(Refusal::PolicySwitchedOff)
    } else if !f.published {
        Err(Refusal::CatalogUnpublished)
    } else if f.closed_to_guest {
        Err(Refusal::CatalogClosedToGuests)
    } else if !f.admitted {
        Err(Refusal::NoLongerAdmitted)
    } else {
        Ok(())
    }
}

/// The end that an extension gives when it is decided at `now`: as late as the policy gives from then, or as the
/// person wants if that is earlier; never past the policy's fixed date, and never before the old end.
pub fn new_end(
    expiry: Expiry,
    wanted: Option<Moment>,
    old: Option<Moment>,
    now: Moment,
    zone: Tz,
) -> Option<Moment> {
    let given = match (end_of(expiry, now, zone), wanted) {
        (Some(limit), Some(wanted)) => Some(limit.min(wanted)),
        (limit, wanted) => limit.or(wanted),
    };
    Some(given?.max(old?))
}

/// When the holder of access is reminded of its end: 14 days and 1 day before (SPEC NOT-2), but only in the second
/// half of the period, so that nobody who just got access is told that it ends. Access for less than 28 days has
/// the last reminder only, access for less than two days none.
pub fn reminders(from: Moment, end: Moment) -> Vec<Moment> {
    let half = from + (end - from) / 2;
    [14, 1].map(|days| end - Duration::days(days)).into_iter().filter(|at| *at >= half).collect()
}

/// The next reminder of access for a period that started, or was extended, at `from`.
pub fn next_reminder(from: Moment, end: Moment, now: Moment) -> Option<Moment> {
    reminders(from, end).into_iter().find(|at| *at > now)
}

/// What is to be done at a moment that was kept as the time of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminding {
    /// Is a mail due?
    pub due: bool,
    /// When to look again.
    pub next: Option<Moment>,
}

/// Decides about a reminder that was planned for `planned`, which has come. However late it is, one mail is enough;
/// none, if the access is over or has got another end since, which only plans anew.
pub fn remind(planned: Moment, starts_at: Moment, end: Moment, now: Moment) -> Reminding {
    let last = end - Duration::days(1);
    if planned == last || planned == end - Duration::days(14) {
        Reminding {
            due: planned <= now && now < end,
            next: Some(last).filter(|at| *at > now && *at > planned),
        }
    } else {
        Reminding { due: false, next: next_reminder(starts_at, end, now) }
    }
}

#[cfg(test)]
#[path = "extension_tests.rs"]
mod tests;

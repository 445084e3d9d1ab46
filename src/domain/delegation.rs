//! Delegation while away (SPEC APR-11): an approver names another member who decides in their place for a while.
//! What it lets the delegate do is in [`super::approval`]; here is when one may be made, and when it runs.

use super::Refusal;
use crate::kernel::Moment;
use crate::kernel::ids::{DelegationId, UserId};

/// The longest delegation, in days.
pub const MOST_DAYS: i64 = 90;

/// A delegation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// Who is away.
    pub delegator: UserId,
    /// Who stands in.
    pub delegate: UserId,
    /// From when.
    pub starts_at: Moment,
    /// Until when, as it was made; the delegate has no right at this instant any more.
    pub ends_at: Moment,
    /// Why; may be empty.
    pub reason: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it was ended early, or taken back before it began.
    pub ended_at: Option<Moment>,
}

/// Where a delegation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It runs.
    Running,
    /// It begins later.
    Coming,
    /// It is over.
    Over,
}

impl Delegation {
    /// When it ends, or ended.
    pub fn end(&self) -> Moment {
        self.ended_at.map_or(self.ends_at, |early| early.min(self.ends_at))
    }

    /// Where it stands.
    pub fn phase(&self, now: Moment) -> Phase {
        if self.end() <= now || self.end() <= self.starts_at {
            Phase::Over
        } else if self.starts_at <= now {
            Phase::Running
        } else {
            Phase::Coming
        }
    }

    fn overlaps(&self, starts_at: Moment, ends_at: Moment) -> bool {
        self.starts_at < ends_at && starts_at < self.end()
    }
}

/// Somebody who is to stand in.
#[derive(Debug, Clone)]
pub struct Delegate<'a> {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: &'a str,
    /// Is the account enabled?
    pub enabled: bool,
    /// Comes from outside?
    pub guest: bool,
}

/// May this person hand their approvals to that one for this time? `own` are the delegations that they made
/// before.
pub fn check(
    delegator: UserId,
    to: &Delegate<'_>,
    (starts_at, ends_at): (Moment, Moment),
    own: &[Delegation],
    now: Moment,
) -> Result<(), Refusal> {
    if to.id == delegator {
        return Err(Refusal::DelegateSelf);
    }
    if !to.enabled {
        return Err(Refusal::DelegateDisabled(to.name.to_owned()));
    }
    if to.guest {
        return Err(Refusal::DelegateGuest(to.name.to_owned()));
    }
    if ends_at <= starts_at {
        return Err(Refusal::DelegationPeriod("The last day is before the first. Choose a later one."));
    }
    if ends_at <= now {
        return Err(Refusal::DelegationPeriod("These days are over. Choose days that are still to come."));
    }
    // A day in which the clocks are put back has an hour more.
    if ends_at - starts_at > chrono::Duration::days(MOST_DAYS) + chrono::Duration::hours(1) {
        return Err(Refusal::DelegationPeriod(
            "This is longer than 90 days. Choose a shorter time; you can hand over again later.",
        ));
    }
    if own.iter().any(|d| d.overlaps(starts_at, ends_at)) {
        return Err(Refusal::DelegationOverlaps);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }
    fn made(from: &str, until: &str, ended: Option<&str>) -> Delegation {
        Delegation {
            id: DelegationId(Uuid::from_u128(9)),
            delegator: UserId(Uuid::from_u128(1)),
            delegate: UserId(Uuid::from_u128(2)),
            starts_at: at(from),
            ends_at: at(until),
            reason: String::new(),
            created_at: at("2026-03-01T00:00:00Z"),
            ended_at: ended.map(at),
        }
    }
    fn tried(from: &str, until: &str, own: &[Delegation]) -> Result<(), Refusal> {
        let to = Delegate { id: UserId(Uuid::from_u128(2)), name: "Mia", enabled: true, guest: false };
        check(UserId(Uuid::from_u128(1)), &to, (at(from), at(until)), own, at("2026-03-02T09:00:00Z"))
    }

    #[test]
    fn apr_11_a_delegation_runs_from_its_start_to_its_end() {
        let d = made("2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z", None);
        assert_eq!(d.phase(at("2026-03-02T23:59:59Z")), Phase::Coming);
        assert_eq!(d.phase(at("2026-03-03T00:00:00Z")), Phase::Running);
        assert_eq!(d.phase(at("2026-03-04T23:59:59Z")), Phase::Running);
        assert_eq!(d.phase(at("2026-03-05T00:00:00Z")), Phase::Over);
        let early = made("2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z", Some("2026-03-04T00:00:00Z"));
        assert_eq!(early.phase(at("2026-03-04T00:00:00Z")), Phase::Over);
        let taken_back = made("2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z", Some("2026-03-02T00:00:00Z"));
        assert_eq!(taken_back.phase(at("2026-03-01T00:00:00Z")), Phase::Over);
    }

    #[test]
    fn apr_11_periods_that_make_no_sense_are_refused() {
        assert_eq!(tried("2026-03-02T00:00:00Z", "2026-03-10T00:00:00Z", &[]), Ok(()));
        assert_eq!(tried("2026-03-05T00:00:00Z", "2026-06-03T00:00:00Z", &[]), Ok(()));
        for (from, until) in [
            ("2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z"),
            ("2026-03-05T00:00:00Z", "2026-03-04T00:00:00Z"),
            ("2026-02-05T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2026-03-05T00:00:00Z", "2026-06-04T00:00:00Z"),
        ] {
            assert!(matches!(tried(from, until, &[]), Err(Refusal::DelegationPeriod(_))), "{from} {until}");
        }
    }

    #[test]
    fn apr_11_two_delegations_of_one_person_never_overlap() {
        let other = made("2026-03-10T00:00:00Z", "2026-03-20T00:00:00Z", None);
        for (from, until, ok) in [
            ("2026-03-05T00:00:00Z", "2026-03-10T00:00:00Z", true),
            ("2026-03-05T00:00:00Z", "2026-03-10T00:00:01Z", false),
            ("2026-03-12T00:00:00Z", "2026-03-13T00:00:00Z", false),
            ("2026-03-05T00:00:00Z", "2026-03-30T00:00:00Z", false),
            ("2026-03-20T00:00:00Z", "2026-03-30T00:00:00Z", true),
        ] {
            let got = tried(from, until, std::slice::from_ref(&other));
            assert_eq!(got, if ok { Ok(()) } else { Err(Refusal::DelegationOverlaps) }, "{from} {until}");
        }
        // What was ended early makes room.
        let ended = Delegation { ended_at: Some(at("2026-03-12T00:00:00Z")), ..other };
        assert_eq!(tried("2026-03-12T00:00:00Z", "2026-03-14T00:00:00Z", &[ended]), Ok(()));
    }

    #[test]
    fn apr_11_nobody_stands_in_for_themselves_and_only_enabled_members_do() {
        let me = UserId(Uuid::from_u128(1));
        let time = (at("2026-03-03T00:00:00Z"), at("2026-03-05T00:00:00Z"));
        let now = at("2026-03-02T00:00:00Z");
        let mut to = Delegate { id: me, name: "Mia", enabled: true, guest: false };
        assert_eq!(check(me, &to, time, &[], now), Err(Refusal::DelegateSelf));
        to.id = UserId(Uuid::from_u128(2));
        to.guest = true;
        assert_eq!(check(me, &to, time, &[], now), Err(Refusal::DelegateGuest("Mia".into())));
        to.enabled = false;
        assert_eq!(check(me, &to, time, &[], now), Err(Refusal::DelegateDisabled("Mia".into())));
    }
}

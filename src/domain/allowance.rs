//! Approving for a shorter time, or from a later start, than was asked (SPEC APR-9).

use chrono::Duration;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Refusal;
use super::assignment::end_of;
use super::policy::Expiry;
use crate::kernel::Moment;

/// How far ahead an approver can put the start, in days.
pub const START_WITHIN_DAYS: i64 = 366;

/// Bounds of access: not before the start, not after the end; `None` is no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Moment>,
    /// Not after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Moment>,
}

impl Allowance {
    /// Does it bound nothing?
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// What both allow: of several approvers the strictest wins.
    #[must_use]
    pub fn strictest(self, other: Self) -> Self {
        let end = match (self.end, other.end) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { start: self.start.max(other.start), end }
    }
}

/// From when to when access lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From when.
    pub starts_at: Moment,
    /// Until when; `None` is without an end.
    pub ends_at: Option<Moment>,
}

impl Span {
    /// Is nothing left of it?
    pub fn is_empty(self) -> bool {
        self.ends_at.is_some_and(|end| end <= self.starts_at)
    }
}

/// What a request asks for, as far as time goes.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// How long the policy lets access last.
    pub expiry: Expiry,
    /// The zone in which the policy counts (SPEC LIF-1).
    pub zone: Tz,
    /// What the requestor wants, within that.
    pub wanted: Allowance,
    /// The present end of access that is to be extended: it is never cut, and only the end is asked about.
    pub present_end: Option<Moment>,
}

impl Asked {
    /// From when to when access lasts if it is approved now, within these bounds.
    pub fn span(&self, allowed: Allowance, now: Moment) -> Span {
        let bounds = self.wanted.strictest(allowed);
        let starts_at =
            bounds.start.filter(|start| *start > now && self.present_end.is_none()).unwrap_or(now);
        let limit = Allowance { start: None, end: end_of(self.expiry, starts_at, self.zone) };
        Span { starts_at, ends_at: bounds.strictest(limit).end }
    }

    /// Checks what an approver chooses, after what others allowed before: a start later than asked, an end earlier
    /// than asked, never anything more (SPEC APR-9).
    pub fn narrow(&self, so_far: Allowance, choice: Allowance, now: Moment) -> Result<(), Refusal> {
        let before = self.span(so_far, now);
        if let Some(start) = choice.start {
            if self.present_end.is_some() {
                return Err(Refusal::AllowedStart(
                    "Access that goes on has no other start. Choose only an end.",
                ));
            }
            if start <= before.starts_at {
                return Err(Refusal::AllowedStart("Choose a day after the start that was asked for."));
            }
            if start > now + Duration::days(START_WITHIN_DAYS) {
                return Err(Refusal::AllowedStart("Access can start at most a year ahead."));
            }
        }
        let then = self.span(so_far.strictest(Allowance { end: None, ..choice }), now);
        if choice.start.is_some() && then.is_empty() {
            return Err(Refusal::AllowedStart("Access would end before this day."));
        }
        if let Some(end) = choice.end {
            if end <= then.starts_at {
                return Err(Refusal::AllowedEnd("The last day must not be before access starts."));
            }
            if self.present_end.is_some_and(|present| end <= present) {
                return Err(Refusal::AllowedEnd("The last day must be after the present end of the access."));
            }
            if then.ends_at.is_some_and(|last| end >= last) {
                return Err(Refusal::AllowedEnd("Choose a day before the end that was asked for."));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn day(day: &str) -> Moment {
        at(&format!("2026-03-{day}T00:00:00Z"))
    }

    fn asked(expiry: Expiry, wanted: Allowance) -> Asked {
        Asked { expiry, zone: chrono_tz::UTC, wanted, present_end: None }
    }

    fn bounds(start: Option<&str>, end: Option<&str>) -> Allowance {
        Allowance { start: start.map(day), end: end.map(day) }
    }

    #[test]
    fn apr_9_of_several_approvers_the_strictest_wins() {
        let both = bounds(Some("03"), Some("20")).strictest(bounds(Some("05"), None));
        assert_eq!(both, bounds(Some("05"), Some("20")));
        assert_eq!(both.strictest(bounds(None, Some("10"))).end, Some(day("10")));
        assert_eq!(Allowance::default().strictest(both), both);
    }

    #[test]
    fn apr_9_later_and_shorter_never_earlier_or_longer() {
        let now = at("2026-03-02T09:00:00Z");
        let a = asked(Expiry::AfterDays { days: 10 }, Allowance::default());
        let none = Allowance::default();
        assert_eq!(a.span(none, now).ends_at, Some(at("2026-03-12T09:00:00Z")));
        assert_eq!(a.narrow(none, bounds(Some("05"), Some("10")), now), Ok(()));
        assert!(matches!(a.narrow(none, bounds(Some("02"), None), now), Err(Refusal::AllowedStart(_))));
        assert!(matches!(a.narrow(none, bounds(None, Some("13")), now), Err(Refusal::AllowedEnd(_))));
        assert!(matches!(a.narrow(none, bounds(Some("08"), Some("08")), now), Err(Refusal::AllowedEnd(_))));
        // A later start keeps the length, and no approver gives back what another took.
        assert_eq!(a.span(bounds(Some("05"), None), now).ends_at, Some(day("15")));
        let first = bounds(None, Some("07"));
        assert!(a.narrow(first, bounds(None, Some("08")), now).is_err());
        assert!(a.narrow(first, bounds(Some("09"), None), now).is_err());
        assert_eq!(a.narrow(first, bounds(None, Some("06")), now), Ok(()));
        // What the requestor wants is a bound like any other.
        let wish = asked(Expiry::Never, bounds(Some("10"), Some("20")));
        assert!(wish.narrow(none, bounds(Some("10"), None), now).is_err());
        assert!(wish.narrow(none, bounds(None, Some("20")), now).is_err());
        assert_eq!(wish.narrow(none, bounds(Some("11"), Some("19")), now), Ok(()));
        assert!(
            asked(Expiry::Never, none)
                .narrow(none, Allowance { start: Some(now + Duration::days(400)), end: None }, now)
                .is_err()
        );
    }

    #[test]
    fn apr_9_an_extension_is_never_cut_below_what_the_person_has() {
        let now = at("2026-03-02T09:00:00Z");
        let a = Asked {
            present_end: Some(day("06")),
            ..asked(Expiry::AfterDays { days: 10 }, Allowance::default())
        };
        assert!(a.narrow(Allowance::default(), bounds(None, Some("06")), now).is_err());
        assert!(a.narrow(Allowance::default(), bounds(Some("05"), None), now).is_err());
        assert_eq!(a.narrow(Allowance::default(), bounds(None, Some("08")), now), Ok(()));
    }
}

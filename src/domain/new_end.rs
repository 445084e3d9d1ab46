//! Another end for access that somebody holds, set by those who manage assignments (`adminUpdate`): earlier, later, or
//! the policy's own, and never past what the policy gives from now on.

use chrono_tz::Tz;

use super::Refusal;
use super::assignment::{AssignmentState, end_of};
use super::bulk::NewEnd;
use super::period;
use super::policy::Expiry;
use crate::kernel::Moment;

/// The access that is to end at another time.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// How far it is.
    pub state: AssignmentState,
    /// From when.
    pub starts_at: Moment,
    /// Until when; none is without an end.
    pub ends_at: Option<Moment>,
}

/// The end that the access gets, if it may. `expiry` is that of its policy, as the policy is now; `zone` is the
/// instance's.
pub fn plan(
    held: Held,
    wanted: NewEnd,
    expiry: Expiry,
    now: Moment,
    zone: Tz,
) -> Result<Option<Moment>, Refusal> {
    let bad = |text: &str| Err(Refusal::BadPeriod(text.to_owned()));
    if !held.state.is_live() || held.ends_at.is_some_and(|end| end <= now) {
        return Err(Refusal::AlreadyEnded);
    }
    let from = held.starts_at.max(now);
    let end = match wanted {
        NewEnd::Policy => match end_of(expiry, held.starts_at, zone) {
            Some(end) if end <= from => {
                return bad("By the policy this access would be over already. Choose a day, or remove it.");
            }
            end => end,
        },
        NewEnd::At { at } if at <= now => {
            return bad("The end must not be in the past. To end access now, remove it.");
        }
        NewEnd::At { at } if at <= held.starts_at => {
            return bad("The end must be after the start of the access.");
        }
        // Counted from now, as an extension is: nobody holds access for longer than its period without a new yes.
        NewEnd::At { at } => {
            period::within(at, end_of(expiry, from, zone), expiry, zone).map_err(Refusal::BadPeriod)?
        }
    };
    if end == held.ends_at { Err(Refusal::SameEnd) } else { Ok(end) }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn held(ends_at: Option<&str>) -> Held {
        Held {
            state: AssignmentState::Delivered,
            starts_at: at("2026-03-02T09:00:00Z"),
            ends_at: ends_at.map(at),
        }
    }

    #[test]
    fn asg_1_an_end_may_be_earlier_later_or_the_policys_own_within_its_limit() {
        let now = at("2026-03-12T09:00:00Z");
        let plan = |held, wanted, expiry| plan(held, wanted, expiry, now, chrono_tz::UTC);
        let days = Expiry::AfterDays { days: 30 };
        let access = held(Some("2026-04-01T09:00:00Z"));
        let to = |text: &str| NewEnd::At { at: at(text) };
        // Earlier, and later up to what the policy gives from now.
        assert_eq!(plan(access, to("2026-03-13T00:00:00Z"), days), Ok(Some(at("2026-03-13T00:00:00Z"))));
        assert_eq!(plan(access, to("2026-04-11T08:00:00Z"), days), Ok(Some(at("2026-04-11T08:00:00Z"))));
        // Its last day is meant as "until the policy ends it".
        assert_eq!(plan(access, to("2026-04-12T00:00:00Z"), days), Ok(Some(at("2026-04-11T09:00:00Z"))));
        assert!(matches!(plan(access, to("2026-04-13T00:00:00Z"), days), Err(Refusal::BadPeriod(_))));
        assert!(matches!(plan(access, to("2026-03-12T09:00:00Z"), days), Err(Refusal::BadPeriod(_))));
        assert_eq!(plan(access, to("2026-04-01T09:00:00Z"), days), Err(Refusal::SameEnd));
        // The policy's own end counts from the start.
        assert_eq!(plan(access, NewEnd::Policy, days), Err(Refusal::SameEnd));
        let longer = Expiry::AfterDays { days: 90 };
        assert_eq!(plan(access, NewEnd::Policy, longer), Ok(Some(access.starts_at + Duration::days(90))));
        assert_eq!(plan(access, NewEnd::Policy, Expiry::Never), Ok(None));
        let shorter = Expiry::AfterDays { days: 5 };
        assert!(matches!(plan(access, NewEnd::Policy, shorter), Err(Refusal::BadPeriod(_))));
        // Without a limit everything goes; what is over stays over (I6).
        assert!(plan(held(None), to("2036-03-13T00:00:00Z"), Expiry::Never).is_ok());
        assert_eq!(
            plan(held(Some("2026-03-12T09:00:00Z")), NewEnd::Policy, days),
            Err(Refusal::AlreadyEnded)
        );
    }
}

//! Assignments: one user holding one package for a period under one policy (SPEC section 9).

use chrono::{Duration, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::policy::Expiry;
use crate::kernel::Moment;

text_enum! {
    /// The state of an assignment (SPEC section 8).
    pub enum AssignmentState {
        /// Starts later.
        Scheduled = "scheduled",
        /// Roles are being delivered.
        Delivering = "delivering",
        /// Every role is in place.
        Delivered = "delivered",
        /// Some roles are in place, others failed.
        PartiallyDelivered = "partiallyDelivered",
        /// No role could be delivered.
        DeliveryFailed = "deliveryFailed",
        /// Ended, for whatever reason.
        Expired = "expired",
    }
}

impl AssignmentState {
    /// Does the assignment still stand (SPEC REQ-4)?
    pub fn is_live(self) -> bool {
        self != Self::Expired
    }
}

text_enum! {
    /// Why an assignment ended (SPEC section 8).
    pub enum EndReason {
        /// Its time was over.
        Time = "time",
        /// The person gave it up.
        RemovedByUser = "removedByUser",
        /// The person's manager removed it.
        RemovedByManager = "removedByManager",
        /// An administrator, an owner or manager of the package removed it.
        RemovedByAdministrator = "removedByAdministrator",
        /// An approver revoked it.
        RemovedByApprover = "removedByApprover",
        /// An access review denied it.
        Review = "review",
        /// The person left the policy's scope.
        PolicyScope = "policyScope",
        /// The account was deleted.
        Account = "account",
    }
}

impl EndReason {
    /// The reason in words, for pages and mails.
    pub fn words(self) -> &'static str {
        match self {
            Self::Time => "its time was over",
            Self::RemovedByUser => "given up",
            Self::RemovedByManager => "removed by the manager",
            Self::RemovedByAdministrator => "removed by the people who manage it",
            Self::RemovedByApprover => "revoked by an approver",
            Self::Review => "not confirmed in a review",
            Self::PolicyScope => "no longer among the people it is for",
            Self::Account => "the account was removed",
        }
    }
}

/// Does the person have the access at `now`? True only from the start and strictly before the end, whether or
/// not a sweep has written the end down yet (I6).
pub fn effective(state: AssignmentState, starts_at: Moment, ends_at: Option<Moment>, now: Moment) -> bool {
    state.is_live() && starts_at <= now && ends_at.is_none_or(|end| now < end)
}

/// When access that starts at `start` ends (SPEC LIF-1). Days are calendar days in the instance's time zone, so
/// that access over a change to or from daylight-saving time ends at the same wall-clock time; hours are real
/// hours. A fixed date ends at the end of that day.
pub fn end_of(expiry: Expiry, start: Moment, zone: Tz) -> Option<Moment> {
    match expiry {
        Expiry::Never => None,
        Expiry::AfterHours { hours } => Some(start + Duration::hours(i64::from(hours))),
        Expiry::AfterDays { days } => {
            let local = start.with_timezone(&zone).naive_local();
            Some(instant(local + Duration::days(i64::from(days)), zone))
        }
        Expiry::OnDate { date } => Some(end_of_day(date, zone)),
    }
}

/// The first instant after a day in a time zone.
pub fn end_of_day(date: NaiveDate, zone: Tz) -> Moment {
    let next = date.succ_opt().unwrap_or(date);
    instant(next.and_time(chrono::NaiveTime::MIN), zone)
}

/// A wall-clock time as an instant. In the hour that daylight-saving time skips, the first instant after the
/// gap; in the hour that it repeats, the earlier of the two: nothing lasts longer than promised (I18).
pub fn instant(local: chrono::NaiveDateTime, zone: Tz) -> Moment {
    match zone.from_local_datetime(&local) {
        chrono::LocalResult::Single(at) => at.with_timezone(&Utc).into(),
        chrono::LocalResult::Ambiguous(first, _) => first.with_timezone(&Utc).into(),
        chrono::LocalResult::None => {
            let mut probe = local;
            for _ in 0..48 {
                probe += Duration::minutes(15);
                if let Some(at) = zone.from_local_datetime(&probe).earliest() {
                    return at.with_timezone(&Utc).into();
                }
            }
            Utc.from_utc_datetime(&local).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn i6_no_access_at_or_after_the_end() {
        let (start, end) = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
        let s = Duration::seconds(1);
        let on = |now| effective(AssignmentState::Delivered, start, Some(end), now);
        assert!(!on(start - s) && on(start) && on(end - s) && !on(end) && !on(end + s));
        assert!(!effective(AssignmentState::Expired, start, None, start));
    }

    #[test]
    fn lif_1_days_hours_dates_and_never() {
        let zone = chrono_tz::Europe::Berlin;
        let start = at("2026-11-22T09:30:00Z");
        assert_eq!(end_of(Expiry::Never, start, zone), None);
        assert_eq!(end_of(Expiry::AfterHours { hours: 5 }, start, zone), Some(at("2026-11-22T14:30:00Z")));
        assert_eq!(end_of(Expiry::AfterDays { days: 30 }, start, zone), Some(at("2026-12-22T09:30:00Z")));
        let date = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
        assert_eq!(end_of(Expiry::OnDate { date }, start, zone), Some(at("2026-12-31T23:00:00Z")));
    }

    #[test]
    fn i18_daylight_saving_and_leap_days_do_not_move_the_wall_clock() {
        let zone = chrono_tz::Europe::Berlin;
        // Over the change of 29 March 2026: 10:00 stays 10:00.
        assert_eq!(
            end_of(Expiry::AfterDays { days: 7 }, at("2026-03-25T09:00:00Z"), zone),
            Some(at("2026-04-01T08:00:00Z"))
        );
        // 02:30 does not exist on 29 March: the first instant after the gap.
        assert_eq!(
            end_of(Expiry::AfterDays { days: 1 }, at("2026-03-28T01:30:00Z"), zone),
            Some(at("2026-03-29T01:00:00Z"))
        );
        // 02:30 exists twice on 25 October: the earlier one.
        assert_eq!(
            end_of(Expiry::AfterDays { days: 1 }, at("2026-10-24T00:30:00Z"), zone),
            Some(at("2026-10-25T00:30:00Z"))
        );
        // The leap day of 2028.
        assert_eq!(
            end_of(Expiry::AfterDays { days: 1 }, at("2028-02-28T12:00:00Z"), zone),
            Some(at("2028-02-29T12:00:00Z"))
        );
    }
}

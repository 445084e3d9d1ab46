//! Another lifecycle of a policy, applied to access that people hold already (SPEC LIF-3): when it ends then.
//!
//! What was promised to somebody in particular stays: access that was asked for or allowed for a shorter time is never
//! made longer by an edit of the policy. Access that was extended counts from its last extension, as it does now.

use chrono::Duration;
use chrono_tz::Tz;

use super::assignment::{end_of, instant};
use super::policy::Expiry;
use crate::kernel::Moment;

/// When access ends that was given under `old`, if `new` takes its place; `None` is never. It may lie in the past:
/// whoever applies it has to say that the access ends now.
pub fn reset(
    old: Expiry,
    new: Expiry,
    starts_at: Moment,
    ends_at: Option<Moment>,
    zone: Tz,
) -> Option<Moment> {
    let promised = end_of(old, starts_at, zone);
    match (ends_at, promised) {
        // Shorter than the policy gave: on purpose.
        (Some(end), promised) if promised.is_none_or(|p| end < p) => {
            Some(end_of(new, starts_at, zone).map_or(end, |new| new.min(end)))
        }
        // Longer: extended, so the period began anew.
        (Some(end), Some(promised)) if end > promised => {
            end_of(new, begun(old, end, zone).max(starts_at), zone)
        }
        _ => end_of(new, starts_at, zone),
    }
}

/// When a period began that ends at `end`.
fn begun(expiry: Expiry, end: Moment, zone: Tz) -> Moment {
    match expiry {
        Expiry::AfterHours { hours } => end - Duration::hours(i64::from(hours)),
        Expiry::AfterDays { days } => {
            instant(end.with_timezone(&zone).naive_local() - Duration::days(i64::from(days)), zone)
        }
        // These do not count from a beginning.
        Expiry::OnDate { .. } | Expiry::Never => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    const ZONE: Tz = chrono_tz::Europe::Berlin;
    const DAYS_30: Expiry = Expiry::AfterDays { days: 30 };
    const DAYS_60: Expiry = Expiry::AfterDays { days: 60 };
    const DAYS_10: Expiry = Expiry::AfterDays { days: 10 };

    fn start() -> Moment {
        at("2026-04-01T08:00:00Z")
    }

    fn ended(old: Expiry, new: Expiry, end: Option<&str>) -> Option<Moment> {
        reset(old, new, start(), end.map(at), ZONE)
    }

    #[test]
    fn lif_3_the_new_period_counts_from_the_start_of_the_access() {
        let held = Some("2026-05-01T08:00:00Z");
        assert_eq!(ended(DAYS_30, DAYS_60, held), Some(at("2026-05-31T08:00:00Z")));
        assert_eq!(ended(DAYS_30, DAYS_10, held), Some(at("2026-04-11T08:00:00Z")));
        assert_eq!(ended(DAYS_30, Expiry::Never, held), None);
        assert_eq!(ended(Expiry::Never, DAYS_30, None), Some(at("2026-05-01T08:00:00Z")));
        let date = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
        assert_eq!(ended(DAYS_30, Expiry::OnDate { date }, held), Some(at("2026-12-31T23:00:00Z")));
        assert_eq!(ended(DAYS_30, DAYS_30, held), Some(at(held.unwrap())), "the same stays the same");
    }

    #[test]
    fn lif_3_what_was_shortened_on_purpose_is_never_made_longer() {
        let short = Some("2026-04-08T08:00:00Z");
        assert_eq!(ended(DAYS_30, DAYS_60, short), Some(at("2026-04-08T08:00:00Z")));
        assert_eq!(ended(DAYS_30, Expiry::Never, short), Some(at("2026-04-08T08:00:00Z")));
        assert_eq!(ended(Expiry::Never, DAYS_30, short), Some(at("2026-04-08T08:00:00Z")));
        let days_3 = Expiry::AfterDays { days: 3 };
        assert_eq!(ended(DAYS_30, days_3, short), Some(at("2026-04-04T08:00:00Z")));
    }

    #[test]
    fn lif_3_what_was_extended_counts_from_its_extension() {
        // Extended on 20 April for another 30 days.
        let longer = Some("2026-05-20T08:00:00Z");
        assert_eq!(ended(DAYS_30, DAYS_60, longer), Some(at("2026-06-19T08:00:00Z")));
        assert_eq!(ended(DAYS_30, DAYS_10, longer), Some(at("2026-04-30T08:00:00Z")));
        assert_eq!(ended(DAYS_30, DAYS_30, longer), Some(at("2026-05-20T08:00:00Z")));
    }
}

//! The daily mail in place of reminders (SPEC NOT-5): when it is due.

use chrono::{Days, Duration, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::kernel::Moment;

/// The hour at which it goes out, in the reader's own zone.
pub const HOUR: u32 = 8;
/// How far ahead it tells of access that ends.
pub const AHEAD: Duration = Duration::days(14);

/// The day that the reader has now.
pub fn today(now: Moment, zone: Tz) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}

/// Eight o'clock of a day. Where the clock is moved over it, the first instant after the gap; where it comes
/// twice, the first; none on a day that a zone leaves out.
fn eight(day: NaiveDate, zone: Tz) -> Option<Moment> {
    let mut local = day.and_hms_opt(HOUR, 0, 0)?;
    while local.date() == day {
        if let Some(at) = zone.from_local_datetime(&local).earliest() {
            return Some(at.with_timezone(&Utc).into());
        }
        local += Duration::minutes(15);
    }
    None
}

/// Is it past eight of the reader's day? One whose turn was on an earlier day has missed it.
pub fn is_due(now: Moment, zone: Tz) -> bool {
    eight(today(now, zone), zone).is_some_and(|at| at <= now)
}

/// The next eight o'clock after this instant.
pub fn next(after: Moment, zone: Tz) -> Moment {
    let today = today(after, zone);
    (0..4)
        .filter_map(|n| eight(today.checked_add_days(Days::new(n))?, zone))
        .find(|at| *at > after)
        .unwrap_or(after + Duration::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn not_5_eight_o_clock_in_the_readers_zone_over_changes_of_the_clock() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(next(at("2026-03-27T06:59:59Z"), berlin), at("2026-03-27T07:00:00Z"));
        assert_eq!(next(at("2026-03-27T07:00:00Z"), berlin), at("2026-03-28T07:00:00Z"));
        // 29 March has 23 hours, 25 October 25: eight stays eight.
        assert_eq!(next(at("2026-03-28T07:00:00Z"), berlin), at("2026-03-29T06:00:00Z"));
        assert_eq!(next(at("2026-10-24T06:00:00Z"), berlin), at("2026-10-25T07:00:00Z"));
        assert_eq!(next(at("2026-01-01T00:00:00Z"), Tz::Asia__Kolkata), at("2026-01-01T02:30:00Z"));
        // Samoa left 30 December 2011 out.
        assert_eq!(next(at("2011-12-29T19:00:00Z"), Tz::Pacific__Apia), at("2011-12-30T18:00:00Z"));
    }

    #[test]
    fn not_5_a_missed_day_is_not_made_up_for_before_eight() {
        let berlin = Tz::Europe__Berlin;
        assert!(!is_due(at("2026-03-27T06:59:59Z"), berlin));
        assert!(is_due(at("2026-03-27T07:00:00Z"), berlin));
        assert!(is_due(at("2026-03-27T22:59:59Z"), berlin), "late, but still today");
        assert!(!is_due(at("2026-03-27T23:00:00Z"), berlin), "tomorrow already");
        assert_eq!(today(at("2026-03-27T23:00:00Z"), berlin).to_string(), "2026-03-28");
    }

    #[test]
    fn not_5_turns_are_never_two_on_one_day_in_any_zone() {
        for zone in chrono_tz::TZ_VARIANTS {
            let mut now = at("2026-01-01T00:00:00Z");
            let mut last = None;
            while now < at("2027-01-01T00:00:00Z") {
                now = next(now, zone);
                let day = today(now, zone);
                assert!(last.is_none_or(|l| l < day) && is_due(now, zone), "{zone} {now:?}");
                last = Some(day);
            }
        }
    }
}

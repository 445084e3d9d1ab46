//! Another lifecycle of a policy, applied to access that people hold already (SPEC LIF-3): whose end follows it.
//!
//! Only access that ends as its policy said is touched. Where somebody in particular decided otherwise (a shorter time
//! was asked for or allowed, the access was extended, or its end was changed by hand), that decision stays.

use chrono_tz::Tz;

use super::assignment::end_of;
use super::policy::Expiry;
use crate::kernel::Moment;

/// Does access that was given under `expiry` end as that says?
pub fn follows(expiry: Expiry, starts_at: Moment, ends_at: Option<Moment>, zone: Tz) -> bool {
    end_of(expiry, starts_at, zone) == ends_at
}

/// Would it end at another time under this one?
pub fn changes(expiry: Expiry, starts_at: Moment, ends_at: Option<Moment>, zone: Tz) -> bool {
    !follows(expiry, starts_at, ends_at, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lif_3_what_somebody_decided_in_particular_stays() {
        let at = |text: &str| -> Moment { text.parse().unwrap() };
        let start = at("2026-04-01T08:00:00Z");
        let zone = chrono_tz::Europe::Berlin;
        let days = Expiry::AfterDays { days: 30 };
        let end = |text: &str| Some(at(text));
        assert!(follows(days, start, end("2026-05-01T08:00:00Z"), zone));
        assert!(!follows(days, start, end("2026-04-08T08:00:00Z"), zone), "shortened");
        assert!(!follows(days, start, end("2026-05-20T08:00:00Z"), zone), "extended");
        assert!(!follows(days, start, None, zone));
        assert!(follows(Expiry::Never, start, None, zone));
        assert!(changes(Expiry::Never, start, end("2026-05-01T08:00:00Z"), zone));
        assert!(!changes(days, start, end("2026-05-01T08:00:00Z"), zone));
    }
}

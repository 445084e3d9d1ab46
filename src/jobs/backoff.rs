//! Growing pauses between attempts.

use chrono::Duration;

use crate::kernel::secret;

/// How attempts are spread.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The pause after the first failure, in seconds. It doubles from one failure to the next.
    pub first: u32,
    /// No pause is longer, in seconds.
    pub longest: u32,
    /// After so many attempts it is given up.
    pub attempts: u16,
}

/// For mail: from half a minute to two hours, about three days in all, as mail servers do among themselves.
pub const MAIL: Backoff = Backoff { first: 30, longest: 7_200, attempts: 42 };

/// For jobs: from ten seconds to an hour, about a day in all.
pub const JOB: Backoff = Backoff { first: 10, longest: 3_600, attempts: 32 };

impl Backoff {
    /// The pause after the failure of this attempt (from 1), or `None` to give up. `seed` spreads items that
    /// failed together over a quarter of the pause; the same item gets the same pause, so tests can count on it.
    pub fn after(self, attempt: i32, seed: &str) -> Option<Duration> {
        let attempt = u16::try_from(attempt).unwrap_or(u16::MAX).max(1);
        if attempt >= self.attempts {
            return None;
        }
        let doublings = u32::from(attempt - 1).min(20);
        let pause = u64::from(self.first).saturating_mul(1 << doublings).min(u64::from(self.longest));
        let digest = secret::hash(&format!("{seed}/{attempt}"));
        let spread = u64::from_str_radix(digest.get(..4).unwrap_or("0"), 16).unwrap_or(0);
        let millis = pause * 1000 - pause * 250 * spread / 0xffff;
        Some(Duration::milliseconds(i64::try_from(millis).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit_and_end() {
        let mut total = Duration::zero();
        let mut last = Duration::zero();
        for attempt in 1..i32::from(MAIL.attempts) {
            let pause = MAIL.after(attempt, "a").unwrap();
            assert!(pause <= Duration::seconds(i64::from(MAIL.longest)));
            assert!(pause >= Duration::seconds(22), "{pause}");
            if attempt < 8 {
                assert!(pause > last, "attempt {attempt}: {pause} after {last}");
            }
            last = pause;
            total += pause;
        }
        assert_eq!(MAIL.after(i32::from(MAIL.attempts), "a"), None);
        assert!(total > Duration::days(2) && total < Duration::days(4), "{total}");
    }

    #[test]
    fn items_that_failed_together_are_spread() {
        let pauses: std::collections::BTreeSet<_> =
            (0..50).filter_map(|n| MAIL.after(9, &n.to_string())).map(|d| d.num_milliseconds()).collect();
        assert!(pauses.len() > 40);
    }
}

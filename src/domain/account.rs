//! Accounts: e-mailed links, which mails somebody wants, and how often somebody may try (SPEC section 4).

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::notice::Notice;
use crate::kernel::Moment;

text_enum! {
    /// What an account link is for.
    pub enum LinkPurpose {
        /// Choose the first password (SPEC SES-1).
        Invitation = "invitation",
        /// Choose a new password (SPEC SES-1).
        PasswordReset = "passwordReset",
        /// Create the first administrator (SPEC SES-5).
        SetUp = "setUp",
    }
}

impl LinkPurpose {
    /// How long a link is good.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Invitation => Duration::days(7),
            Self::PasswordReset => Duration::hours(1),
            Self::SetUp => Duration::hours(24),
        }
    }
}

/// What is remembered of attempts that failed, or whose outcome is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Attempts counted.
    pub failures: i32,
    /// When the first of them was, or the latest once the limit was reached.
    pub since: Moment,
    /// Until when nothing more is tried.
    pub blocked_until: Option<Moment>,
}

/// How many attempts there are, and how long one waits after them (SPEC SES-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Attempts without waiting.
    pub free: i32,
    /// The window in which they are counted.
    pub window: Duration,
    /// The first delay; each further attempt doubles it.
    pub first_delay: Duration,
    /// No delay is longer: nobody is locked out for good.
    pub longest_delay: Duration,
}

impl Budget {
    /// For one account: 5 failures in 15 minutes.
    pub fn account() -> Self {
        Self::of(5)
    }

    /// For one network address: 20 failures in 15 minutes.
    pub fn address() -> Self {
        Self::of(20)
    }

    /// For mails with a reset link to one account: 3 an hour.
    pub fn reset_mails() -> Self {
        Self {
            free: 3,
            window: Duration::hours(1),
            first_delay: Duration::minutes(20),
            longest_delay: Duration::hours(1),
        }
    }

    fn of(free: i32) -> Self {
        Self {
            free,
            window: Duration::minutes(15),
            first_delay: Duration::seconds(15),
            longest_delay: Duration::minutes(15),
        }
    }

    /// Counts an attempt before it is made, or says how long to wait. What is refused is not counted, so that
    /// waiting is never prolonged by trying.
    pub fn admit(&self, tally: Option<Tally>, now: Moment) -> Result<Tally, Duration> {
        let fresh = Tally { failures: 0, since: now, blocked_until: None };
        let so_far = match tally {
            Some(t) if !self.forgotten(t, now) => t,
            _ => fresh,
        };
        if let Some(until) = so_far.blocked_until
            && until > now
        {
            return Err(until - now);
        }
        let failures = so_far.failures.saturating_add(1);
        if failures < self.free {
            return Ok(Tally { failures, ..so_far });
        }
        let doublings = u32::try_from(failures - self.free).unwrap_or(0).min(16);
        let delay = (self.first_delay * 2_i32.pow(doublings)).min(self.longest_delay);
        Ok(Tally { failures, since: now, blocked_until: Some(now + delay) })
    }

    /// Is it so long ago that it counts no more? Within the limit the window counts from the first failure;
    /// beyond it, a whole window without any attempt has to pass after the delay.
    fn forgotten(&self, tally: Tally, now: Moment) -> bool {
        now >= tally.blocked_until.unwrap_or(tally.since) + self.window
    }
}

/// Which mails a person wants that are not owed to them in any case (SPEC DIR-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticePreferences {
    /// Reminders of requests that still wait for the person's decision.
    pub reminders: bool,
    /// How requests ended that the person could decide.
    pub outcomes: bool,
    /// One daily mail in place of reminders (SPEC NOT-5).
    pub digest: bool,
}

impl Default for NoticePreferences {
    fn default() -> Self {
        Self { reminders: true, outcomes: true, digest: false }
    }
}

impl NoticePreferences {
    /// Does the person want this mail? Whatever asks for an action, tells of one's own access or protects the
    /// account is always sent.
    pub fn wants(&self, notice: &Notice) -> bool {
        match notice {
            Notice::ApprovalReminder { .. } => self.reminders && !self.digest,
            // The daily mail tells of it, with the same button one click further.
            Notice::ExtensionReminder { .. } => !self.digest,
            Notice::DailyDigest { .. } => self.digest,
            Notice::StageApproved { .. } | Notice::StageExpired { .. } | Notice::RequestApproved { .. } => {
                self.outcomes
            }
            _ => true,
        }
    }
}

/// A time to wait, in words: never shorter than it is.
pub fn wait_in_words(wait: Duration) -> String {
    let seconds = wait.num_seconds() + 1;
    match seconds {
        ..=1 => "1 second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_euclid(60) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Moment {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn ses_3_five_tries_then_growing_delays() {
        let (budget, mut now, mut tally) = (Budget::account(), start(), None);
        for _ in 0..5 {
            tally = Some(budget.admit(tally, now).unwrap());
        }
        assert_eq!(budget.admit(tally, now), Err(Duration::seconds(15)));
        let mut waits = Vec::new();
        for _ in 0..10 {
            let wait = budget.admit(tally, now).unwrap_err();
            waits.push(wait.num_seconds());
            now = now + wait;
            tally = Some(budget.admit(tally, now).unwrap());
        }
        assert_eq!(waits, [15, 30, 60, 120, 240, 480, 900, 900, 900, 900], "never for good");
    }

    #[test]
    fn ses_3_refused_tries_do_not_prolong_the_wait() {
        let (budget, now, mut tally) = (Budget::account(), start(), None);
        for _ in 0..5 {
            tally = Some(budget.admit(tally, now).unwrap());
        }
        for second in 0..15 {
            assert!(budget.admit(tally, now + Duration::seconds(second)).is_err());
        }
        assert!(budget.admit(tally, now + Duration::seconds(15)).is_ok());
    }

    #[test]
    fn ses_3_a_quarter_of_an_hour_forgets_a_few_failures() {
        let (budget, now) = (Budget::account(), start());
        let mut tally = None;
        for _ in 0..4 {
            tally = Some(budget.admit(tally, now).unwrap());
        }
        assert_eq!(budget.admit(tally, now + Duration::minutes(14)).unwrap().failures, 5);
        assert_eq!(budget.admit(tally, now + Duration::minutes(15)).unwrap().failures, 1);
        // The fifth was blocked for 15 s; only a quiet quarter of an hour after that starts afresh.
        tally = Some(budget.admit(tally, now).unwrap());
        let quiet = now + Duration::seconds(15) + Duration::minutes(15);
        assert_eq!(budget.admit(tally, quiet - Duration::seconds(1)).unwrap().failures, 6);
        assert_eq!(budget.admit(tally, quiet).unwrap().failures, 1);
    }

    #[test]
    fn what_protects_the_account_is_always_sent() {
        use crate::kernel::ids::{AccountLinkId, RequestId, UserId};
        let id = uuid::Uuid::from_u128(1);
        let quiet = NoticePreferences { reminders: false, outcomes: false, digest: false };
        let request = RequestId(id);
        assert!(!quiet.wants(&Notice::ApprovalReminder { request, stage: 1 }));
        assert!(!quiet.wants(&Notice::RequestApproved { request }));
        assert!(quiet.wants(&Notice::ApprovalRequested { request, stage: 1 }));
        assert!(quiet.wants(&Notice::RequestDenied { request }));
        assert!(quiet.wants(&Notice::PasswordReset { user: UserId(id), link: AccountLinkId(id) }));
        assert!(NoticePreferences::default().wants(&Notice::RequestApproved { request }));
        let daily = NoticePreferences { digest: true, ..NoticePreferences::default() };
        let digest = Notice::DailyDigest { day: chrono::NaiveDate::default() };
        assert!(daily.wants(&digest) && !NoticePreferences::default().wants(&digest));
        assert!(!daily.wants(&Notice::ApprovalReminder { request, stage: 1 }));
        assert!(daily.wants(&Notice::ApprovalRequested { request, stage: 1 }), "first requests come at once");
        let old: NoticePreferences = serde_json::from_str("{}").unwrap();
        assert_eq!(old, NoticePreferences::default());
    }

    #[test]
    fn waiting_is_told_in_words_and_never_too_short() {
        assert_eq!(wait_in_words(Duration::milliseconds(400)), "1 second");
        assert_eq!(wait_in_words(Duration::seconds(14)), "15 seconds");
        assert_eq!(wait_in_words(Duration::seconds(15 * 60 - 1)), "16 minutes");
    }
}

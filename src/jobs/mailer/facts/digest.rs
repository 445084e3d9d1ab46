//! What the daily mail tells: what is so when it is sent (SPEC NOT-5).

use chrono::NaiveDate;

use super::{Loader, Told, no};
use crate::app::{AppError, digests};
use crate::mail::facts::Facts;

impl Loader<'_, '_> {
    pub(super) fn daily_digest(&mut self, day: NaiveDate) -> Result<Told, AppError> {
        let found = digests::contents(self.tx, self.user, self.cx.now)?;
        if found.is_empty() {
            return no("nothing waits any more");
        }
        let waiting = found.waiting.into_iter();
        let waiting = waiting.map(|w| (format!("“{}” for {}", w.package, w.subject), w.due_at)).collect();
        let ending = found.ending.into_iter().map(|(name, at)| (format!("“{name}”"), at)).collect();
        Ok(Ok(Facts::DailyDigest { day, waiting, ending }))
    }
}

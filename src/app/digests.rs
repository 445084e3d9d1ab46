//! Daily mails in place of reminders (SPEC NOT-5).

use chrono_tz::Tz;

use crate::app::{AppError, Cx, notices};
use crate::domain::digest;
use crate::domain::notice::Notice;
use crate::kernel::ids::UserId;
use crate::kernel::{Moment, PageRequest};
use crate::store::views::approvals::{self, Filter, Order, Waiting};
use crate::store::{Conn, StoreError, Tx, digests, profiles};

/// What a daily mail tells.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// What waits for the person's decision, due soonest first.
    pub waiting: Vec<Waiting>,
    /// What of their own access ends soon: package and end.
    pub ending: Vec<(String, Moment)>,
}

impl Contents {
    /// Is there nothing to tell?
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.ending.is_empty()
    }
}

/// What there is to tell this person now.
pub fn contents(conn: &mut Conn, user: UserId, now: Moment) -> Result<Contents, StoreError> {
    let waiting =
        approvals::queue(conn, user, now, &Filter::default(), Order::Due, PageRequest::everything())?.items;
    let ending = digests::ending(conn, user, now, now + digest::AHEAD)?;
    Ok(Contents { waiting, ending })
}

/// The person chose a daily mail, or reads times in another zone: sets when the next one is due. Without the
/// choice there is none.
pub fn schedule(tx: &mut Tx<'_>, cx: &Cx, user: UserId, wanted: bool, zone: &str) -> Result<(), AppError> {
    let next = wanted.then(|| digest::next(cx.now, zone_of(cx, zone)));
    Ok(digests::set(tx, user, next)?)
}

/// Owes a person their daily mail, if their turn is due. True if it was. Late is late: a turn that was missed on
/// an earlier day is left out, and nobody gets two on one day of theirs.
pub fn send(tx: &mut Tx<'_>, cx: &Cx, user: UserId) -> Result<bool, AppError> {
    let Some(seen) = digests::next_of(tx, user)?.filter(|at| *at <= cx.now) else {
        return Ok(false);
    };
    let wanted = profiles::find(tx, user)?.filter(|p| p.preferences.notices.digest);
    let Some(profile) = wanted else {
        digests::set(tx, user, None)?;
        return Ok(true);
    };
    let zone = zone_of(cx, &profile.preferences.time_zone);
    if !digests::take(tx, user, seen, digest::next(cx.now, zone))? {
        return Ok(false);
    }
    if digest::is_due(cx.now, zone) && !contents(tx, user, cx.now)?.is_empty() {
        let day = digest::today(cx.now, zone);
        notices::send(tx, cx, user, Notice::DailyDigest { day }, &day.to_string())?;
    }
    Ok(true)
}

fn zone_of(cx: &Cx, name: &str) -> Tz {
    name.parse().unwrap_or(cx.instance.time_zone)
}

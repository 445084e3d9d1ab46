//! How often somebody has tried (SPEC SES-3). Counted before the work, in a short transaction that locks the
//! row, so that parallel attempts never exceed the budget. Keys are hashed: no address, no name is kept.

use chrono::Duration;
use diesel::prelude::*;

use super::conn::Conn;
use super::dialect::insert_or_ignore;
use super::error::StoreError;
use super::schema::sign_in_failures;
use super::tx::Tx;
use crate::domain::account::{Budget, Tally};
use crate::kernel::{Moment, secret};

/// Who or what is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    /// An account, by the folded address that was typed, whether it exists or not.
    pub fn account(folded_email: &str) -> Self {
        Self::of("account", folded_email)
    }

    /// A network address.
    pub fn address(ip: &str) -> Self {
        Self::of("address", ip)
    }

    /// An account from a network address that its owner has signed in from: counted apart, so that strangers
    /// elsewhere cannot keep the owner out.
    pub fn familiar(folded_email: &str, ip: &str) -> Self {
        Self::of("familiar", &format!("{folded_email}\n{ip}"))
    }

    /// Mails with a reset link to an account.
    pub fn reset_mails(folded_email: &str) -> Self {
        Self::of("reset", folded_email)
    }

    /// Attempts to ask for reset mails from a network address.
    pub fn reset_address(ip: &str) -> Self {
        Self::of("resetAddress", ip)
    }

    fn of(kind: &str, what: &str) -> Self {
        Self(format!("{kind}:{}", secret::hash(what)))
    }
}

type Stored = (i32, Moment, Option<Moment>);

/// Counts one attempt against each budget, or says how long to wait; then nothing is counted.
pub fn admit(
    tx: &mut Tx<'_>,
    limits: &[(Key, Budget)],
    now: Moment,
) -> Result<Result<(), Duration>, StoreError> {
    // Always in the same order, so that two attempts never wait for each other.
    let mut limits: Vec<&(Key, Budget)> = limits.iter().collect();
    limits.sort_by(|a, b| a.0.cmp(&b.0));
    let mut counted = Vec::with_capacity(limits.len());
    let mut wait: Option<Duration> = None;
    for (key, budget) in limits {
        let tally = lock(tx, key, now)?;
        match budget.admit(Some(tally), now) {
            Ok(next) => counted.push((key, next)),
            Err(delay) => wait = Some(wait.map_or(delay, |w| w.max(delay))),
        }
    }
    if let Some(wait) = wait {
        return Ok(Err(wait));
    }
    for (key, tally) in counted {
        save(tx, key, tally)?;
    }
    Ok(Ok(()))
}

/// Forgets the attempts of a key: the password was right after all.
pub fn forgive(tx: &mut Tx<'_>, key: &Key, now: Moment) -> Result<(), StoreError> {
    save(tx, key, Tally { failures: 0, since: now, blocked_until: None })
}

/// Takes one attempt of a key back, and the delay that it brought: a right password is no failure of the
/// network address, but does not wash the others away either.
pub fn take_back(tx: &mut Tx<'_>, key: &Key, now: Moment) -> Result<(), StoreError> {
    let tally = lock(tx, key, now)?;
    save(tx, key, Tally { failures: (tally.failures - 1).max(0), since: tally.since, blocked_until: None })
}

/// Notes that the owner of an account was at a network address.
pub fn make_familiar(tx: &mut Tx<'_>, folded_email: &str, ip: &str, now: Moment) -> Result<(), StoreError> {
    let key = Key::familiar(folded_email, ip);
    lock(tx, &key, now)?;
    forgive(tx, &key, now)
}

/// Was the owner of this account at this network address before?
pub fn is_familiar(conn: &mut Conn, folded_email: &str, ip: &str) -> Result<bool, StoreError> {
    let rows: i64 = sign_in_failures::table
        .filter(sign_in_failures::key.eq(Key::familiar(folded_email, ip).0))
        .count()
        .get_result(conn)?;
    Ok(rows > 0)
}

/// Removes what counts no more: attempts after two days, familiar addresses after 90. How many there were.
pub fn purge(tx: &mut Tx<'_>, now: Moment) -> Result<usize, StoreError> {
    let old = sign_in_failures::table.filter(
        sign_in_failures::window_started_at.lt(now - Duration::days(90)).or(
            sign_in_failures::window_started_at
                .lt(now - Duration::days(2))
                .and(sign_in_failures::key.not_like("familiar:%")),
        ),
    );
    Ok(diesel::delete(old).execute(&mut **tx)?)
}

/// Locks the row of a key, making it if need be.
fn lock(tx: &mut Tx<'_>, key: &Key, now: Moment) -> Result<Tally, StoreError> {
    insert_or_ignore!(
        &mut **tx,
        sign_in_failures::table,
        (
            sign_in_failures::key.eq(&key.0),
            sign_in_failures::failures.eq(0),
            sign_in_failures::window_started_at.eq(now),
        )
    )?;
    diesel::update(sign_in_failures::table.find(&key.0))
        .set(sign_in_failures::failures.eq(sign_in_failures::failures))
        .execute(&mut **tx)?;
    let (failures, since, blocked_until): Stored = sign_in_failures::table
        .find(&key.0)
        .select((
            sign_in_failures::failures,
            sign_in_failures::window_started_at,
            sign_in_failures::blocked_until,
        ))
        .first(&mut **tx)?;
    Ok(Tally { failures, since, blocked_until })
}

fn save(tx: &mut Tx<'_>, key: &Key, tally: Tally) -> Result<(), StoreError> {
    diesel::update(sign_in_failures::table.find(&key.0))
        .set((
            sign_in_failures::failures.eq(tally.failures),
            sign_in_failures::window_started_at.eq(tally.since),
            sign_in_failures::blocked_until.eq(tally.blocked_until),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

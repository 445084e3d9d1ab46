//! When the daily mails of those who chose them are due (SPEC NOT-5).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{assignments, digests as t, packages};
use super::tx::Tx;
use crate::domain::assignment::AssignmentState;
use crate::kernel::Moment;
use crate::kernel::ids::UserId;

/// Whose daily mail is due.
pub fn due(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<UserId>, StoreError> {
    Ok(t::table
        .filter(t::next_at.le(now))
        .order((t::next_at, t::user_id))
        .limit(limit)
        .select(t::user_id)
        .load(conn)?)
}

/// When this person's next daily mail is due.
pub fn next_of(conn: &mut Conn, user: UserId) -> Result<Option<Moment>, StoreError> {
    Ok(t::table.find(user).select(t::next_at).first(conn).optional()?)
}

/// Moves the turn that was seen to be due at `seen`. False if somebody else took it (I17).
pub fn take(tx: &mut Tx<'_>, user: UserId, seen: Moment, next: Moment) -> Result<bool, StoreError> {
    let row = t::table.find(user).filter(t::next_at.eq(seen));
    Ok(diesel::update(row).set(t::next_at.eq(next)).execute(&mut **tx)? == 1)
}

/// The person wants a daily mail, next at this instant; or none any more.
pub fn set(tx: &mut Tx<'_>, user: UserId, next: Option<Moment>) -> Result<(), StoreError> {
    diesel::delete(t::table.find(user)).execute(&mut **tx)?;
    if let Some(next) = next {
        diesel::insert_into(t::table)
            .values((t::user_id.eq(user), t::next_at.eq(next)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// What of this person's access ends within this time: package and end, the soonest first.
pub fn ending(
    conn: &mut Conn,
    user: UserId,
    after: Moment,
    until: Moment,
) -> Result<Vec<(String, Moment)>, StoreError> {
    let rows: Vec<(String, Option<Moment>)> = assignments::table
        .inner_join(packages::table)
        .filter(assignments::subject_id.eq(user))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .filter(assignments::starts_at.le(after))
        .filter(assignments::ends_at.gt(after))
        .filter(assignments::ends_at.le(until))
        .order((assignments::ends_at, assignments::id))
        .select((packages::name, assignments::ends_at))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(name, at)| at.map(|at| (name, at))).collect())
}

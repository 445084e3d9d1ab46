//! When recurring work is due next. There is no leader: whoever moves the next instant by compare-and-swap has
//! the turn, so several schedulers can share a database (I17).

use diesel::prelude::*;

use super::conn::Conn;
use super::dialect::insert_or_ignore;
use super::error::StoreError;
use super::schema::schedules;
use super::tx::Tx;
use crate::kernel::Moment;

/// Makes a schedule known that is due at once.
pub fn ensure(tx: &mut Tx<'_>, name: &str, now: Moment) -> Result<(), StoreError> {
    insert_or_ignore!(tx, schedules::table, (schedules::name.eq(name), schedules::next_run_at.eq(now)))?;
    Ok(())
}

/// Every schedule that is known, with its next instant.
pub fn all(conn: &mut Conn) -> Result<Vec<(String, Moment)>, StoreError> {
    Ok(schedules::table
        .order(schedules::name)
        .select((schedules::name, schedules::next_run_at))
        .load(conn)?)
}

/// Takes the turn that was seen to be due at `seen`, and sets the next one. False if somebody else was quicker:
/// however many turns were missed, and however many schedulers there are, one of them has one turn.
pub fn take(
    tx: &mut Tx<'_>,
    name: &str,
    seen: Moment,
    next: Moment,
    now: Moment,
) -> Result<bool, StoreError> {
    let row = schedules::table.filter(schedules::name.eq(name)).filter(schedules::next_run_at.eq(seen));
    let changed = diesel::update(row)
        .set((schedules::next_run_at.eq(next), schedules::last_run_at.eq(now)))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Notes how the last turn went.
pub fn note(tx: &mut Tx<'_>, name: &str, result: &str) -> Result<(), StoreError> {
    diesel::update(schedules::table.find(name)).set(schedules::last_result.eq(result)).execute(&mut **tx)?;
    Ok(())
}

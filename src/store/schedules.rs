//! When recurring work is due next. There is no leader: whoever moves the next instant by compare-and-swap has
//! the turn, so several schedulers can share a database (I17).

use chrono::Duration;
use diesel::prelude::*;

use super::conn::Conn;
use super::dialect::insert_or_ignore;
use super::error::StoreError;
use super::schema::schedules;
use super::tx::Tx;
use crate::kernel::Moment;

/// Makes a schedule known that is due at once, and how often its turn comes.
pub fn ensure(tx: &mut Tx<'_>, name: &str, every: Duration, now: Moment) -> Result<(), StoreError> {
    insert_or_ignore!(tx, schedules::table, (schedules::name.eq(name), schedules::next_run_at.eq(now)))?;
    let seconds = i32::try_from(every.num_seconds()).unwrap_or(i32::MAX);
    diesel::update(schedules::table.find(name))
        .set(schedules::every_seconds.eq(seconds))
        .execute(&mut **tx)?;
    Ok(())
}

/// The schedules whose turns come as often as was last said.
pub fn known(conn: &mut Conn) -> Result<Vec<(String, Option<i32>)>, StoreError> {
    Ok(schedules::table.select((schedules::name, schedules::every_seconds)).load(conn)?)
}

/// Makes a schedule due now. False if there is none of this name.
pub fn bring_forward(tx: &mut Tx<'_>, name: &str, now: Moment) -> Result<bool, StoreError> {
    let changed =
        diesel::update(schedules::table.find(name)).set(schedules::next_run_at.eq(now)).execute(&mut **tx)?;
    Ok(changed == 1)
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
    if changed == 1 {
        // What went wrong last time is over, unless it goes wrong again.
        let broken = schedules::table.find(name).filter(schedules::last_result.like("failed%"));
        diesel::update(broken).set(schedules::last_result.eq(None::<String>)).execute(&mut **tx)?;
    }
    Ok(changed == 1)
}

/// Notes how the last turn went.
pub fn note(tx: &mut Tx<'_>, name: &str, result: &str) -> Result<(), StoreError> {
    diesel::update(schedules::table.find(name)).set(schedules::last_result.eq(result)).execute(&mut **tx)?;
    Ok(())
}

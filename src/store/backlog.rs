//! What waits in the background: the gauges of `/metrics` (SPEC OPS-4).

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::jobs::JobState;
use super::schema::{jobs, notices};
use crate::domain::notice::NoticeState;
use crate::kernel::Moment;

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// How many there are in each state that is not an end, and how many were given up.
    pub counts: Vec<(&'static str, i64)>,
    /// Since when the oldest one that is due waits.
    pub due_since: Option<Moment>,
}

/// The notices that are owed (SPEC NOT-1).
pub fn notices(conn: &mut Conn, now: Moment) -> Result<Queue, StoreError> {
    const STATES: [NoticeState; 3] = [NoticeState::Waiting, NoticeState::Sending, NoticeState::Failed];
    let found: Vec<(NoticeState, i64)> = notices::table
        .filter(notices::state.eq_any(STATES))
        .group_by(notices::state)
        .select((notices::state, count_star()))
        .load(conn)?;
    let due_since = notices::table
        .filter(notices::state.eq(NoticeState::Waiting).and(notices::not_before.le(now)))
        .order(notices::not_before)
        .select(notices::not_before)
        .first(conn)
        .optional()?;
    Ok(Queue { counts: counted(&STATES, &found, NoticeState::as_str), due_since })
}

/// The jobs that are to be done.
pub fn jobs(conn: &mut Conn, now: Moment) -> Result<Queue, StoreError> {
    const STATES: [JobState; 3] = [JobState::Waiting, JobState::Running, JobState::Failed];
    let found: Vec<(JobState, i64)> = jobs::table
        .filter(jobs::state.eq_any(STATES))
        .group_by(jobs::state)
        .select((jobs::state, count_star()))
        .load(conn)?;
    let due_since = jobs::table
        .filter(jobs::state.eq(JobState::Waiting).and(jobs::run_at.le(now)))
        .order(jobs::run_at)
        .select(jobs::run_at)
        .first(conn)
        .optional()?;
    Ok(Queue { counts: counted(&STATES, &found, JobState::as_str), due_since })
}

/// A line for each state, also where there is nothing: a gauge that comes and goes cannot be watched.
fn counted<S: Copy + PartialEq>(
    states: &[S],
    found: &[(S, i64)],
    word: fn(S) -> &'static str,
) -> Vec<(&'static str, i64)> {
    let of = |state: &S| found.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
    states.iter().map(|state| (word(*state), of(state))).collect()
}

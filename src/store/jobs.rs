//! Background jobs: work that a change leaves behind, written in its transaction, done once by some runner.
//! The lease works as in the outbox: no transaction is held while working.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::conn::Conn;
use super::dialect::{insert_or_ignore, take_unlocked};
use super::error::StoreError;
use super::schema::jobs;
use super::tx::Tx;
use super::types::{AnyId, Json};
use crate::kernel::Moment;
use crate::kernel::ids::JobId;

text_enum! {
    /// Where a job stands.
    pub enum JobState {
        /// To be done when its time comes.
        Waiting = "waiting",
        /// Somebody is at it.
        Running = "running",
        /// Done.
        Done = "done",
        /// Given up; an administrator can run it again.
        Failed = "failed",
    }
}

/// A job to be written.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Which kind of work; the registry of `jobs` knows it.
    pub kind: String,
    /// What to work on: ids only.
    pub payload: Value,
    /// As long as a job with the same key waits or runs, a second one is ignored.
    pub dedupe_key: Option<String>,
    /// Not to be done earlier.
    pub run_at: Moment,
    /// The current instant.
    pub now: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct NewRow {
    id: JobId,
    kind: String,
    payload: Json,
    dedupe_key: Option<String>,
    state: JobState,
    run_at: Moment,
    attempts: i32,
    created_at: Moment,
}

/// Writes a job, unless one with its key waits or runs. True if it was written.
pub fn enqueue(tx: &mut Tx<'_>, new: NewJob) -> Result<bool, StoreError> {
    let row = NewRow {
        id: new.id,
        kind: new.kind,
        payload: Json(new.payload),
        dedupe_key: new.dedupe_key,
        state: JobState::Waiting,
        run_at: new.run_at,
        attempts: 0,
        created_at: new.now,
    };
    Ok(insert_or_ignore!(tx, jobs::table, &row)? == 1)
}

/// A job that somebody has claimed and has to do.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: JobId,
    /// Which kind of work.
    pub kind: String,
    /// What to work on.
    pub payload: Value,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// What proves the claim.
    pub lease: Uuid,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct DueRow {
    id: JobId,
    kind: String,
    payload: Json,
    attempts: i32,
}

/// Is there anything to do now? A cheap question, so that an idle runner writes nothing.
pub fn any_due(conn: &mut Conn, now: Moment) -> Result<bool, StoreError> {
    let waiting = jobs::table.filter(jobs::state.eq(JobState::Waiting)).filter(jobs::run_at.le(now));
    let abandoned = jobs::table.filter(jobs::state.eq(JobState::Running)).filter(jobs::lease_until.le(now));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result::<bool>(conn)?
        || diesel::select(diesel::dsl::exists(abandoned)).get_result::<bool>(conn)?)
}

/// Claims up to `limit` jobs that are due, for as long as `hold`.
pub fn claim(
    tx: &mut Tx<'_>,
    now: Moment,
    limit: i64,
    hold: Duration,
    lease: Uuid,
) -> Result<Vec<Claimed>, StoreError> {
    let rows: Vec<DueRow> = take_unlocked!(
        tx,
        jobs::table
            .filter(
                jobs::state
                    .eq(JobState::Waiting)
                    .and(jobs::run_at.le(now))
                    .or(jobs::state.eq(JobState::Running).and(jobs::lease_until.le(now).assume_not_null())),
            )
            .order((jobs::run_at, jobs::id))
            .limit(limit)
            .select(DueRow::as_select())
    )?;
    let ids: Vec<JobId> = rows.iter().map(|r| r.id).collect();
    diesel::update(jobs::table.filter(jobs::id.eq_any(ids)))
        .set((
            jobs::state.eq(JobState::Running),
            jobs::lease_token.eq(AnyId(lease)),
            jobs::lease_until.eq(now + hold),
            jobs::attempts.eq(jobs::attempts + 1),
        ))
        .execute(&mut **tx)?;
    Ok(rows
        .into_iter()
        .map(|r| Claimed { id: r.id, kind: r.kind, payload: r.payload.0, attempts: r.attempts + 1, lease })
        .collect())
}

/// Marks a job as done. False if the claim was lost.
pub fn done(tx: &mut Tx<'_>, id: JobId, lease: Uuid, now: Moment) -> Result<bool, StoreError> {
    let changed = diesel::update(claimed(id, lease))
        .set((
            jobs::state.eq(JobState::Done),
            jobs::finished_at.eq(now),
            jobs::last_error.eq(None::<String>),
            jobs::lease_token.eq(None::<AnyId>),
            jobs::lease_until.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Marks a job as failed for good. False if the claim was lost.
pub fn failed(tx: &mut Tx<'_>, id: JobId, lease: Uuid, error: &str, now: Moment) -> Result<bool, StoreError> {
    let changed = diesel::update(claimed(id, lease))
        .set((
            jobs::state.eq(JobState::Failed),
            jobs::finished_at.eq(now),
            jobs::last_error.eq(error),
            jobs::lease_token.eq(None::<AnyId>),
            jobs::lease_until.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Gives a job back to be tried again later. False if the claim was lost.
pub fn retry(
    tx: &mut Tx<'_>,
    id: JobId,
    lease: Uuid,
    error: &str,
    again: Moment,
) -> Result<bool, StoreError> {
    let changed = diesel::update(claimed(id, lease))
        .set((
            jobs::state.eq(JobState::Waiting),
            jobs::run_at.eq(again),
            jobs::last_error.eq(error),
            jobs::lease_token.eq(None::<AnyId>),
            jobs::lease_until.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// The kind of a job, if there is such a job.
pub fn kind(conn: &mut Conn, id: JobId) -> Result<Option<String>, StoreError> {
    Ok(jobs::table.find(id).select(jobs::kind).first(conn).optional()?)
}

/// Puts a job that was given up back into the queue, with all its attempts. False if it was not given up. Breaks
/// `jobs_dedupe_key_key` if the same work waits already.
pub fn again(tx: &mut Tx<'_>, id: JobId, now: Moment) -> Result<bool, StoreError> {
    let changed = diesel::update(jobs::table.find(id).filter(jobs::state.eq(JobState::Failed)))
        .set((
            jobs::state.eq(JobState::Waiting),
            jobs::run_at.eq(now),
            jobs::attempts.eq(0),
            jobs::finished_at.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// The row, as long as the claim holds.
#[diesel::dsl::auto_type(no_type_alias)]
fn claimed(id: JobId, lease: Uuid) -> _ {
    let lease: AnyId = AnyId(lease);
    jobs::table.filter(jobs::id.eq(id)).filter(jobs::lease_token.eq(lease))
}

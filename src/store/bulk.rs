//! Work on many people or assignments at once: the work and its rows (SPEC ASG-2). A lease keeps two runners from
//! being at one work; that a row is never done twice is the row's own state, which changes in the transaction that
//! does it.

use diesel::dsl::count_star;
use diesel::prelude::*;
use uuid::Uuid;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{bulk_rows, bulk_works};
use super::tx::Tx;
use super::types::{AnyId, Json};
use crate::domain::bulk::{Params, RowState, RowWish, What, WorkKind, WorkState};
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, BulkWorkId, PackageId, RequestId, UserId};

/// A work as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Its id.
    pub id: BulkWorkId,
    /// The package whose assignments it is about.
    pub package: PackageId,
    /// What is to be done; words, if what was kept cannot be read.
    pub what: Result<What, String>,
    /// Its kind.
    pub kind: WorkKind,
    /// How far it is.
    pub state: WorkState,
    /// Who stopped it, or why it failed.
    pub note: String,
    /// How the rows are.
    pub counts: Counts,
    /// Who started it: in whose right it works.
    pub created_by: UserId,
    /// When the draft was made.
    pub created_at: Moment,
    /// When it was begun.
    pub started_at: Option<Moment>,
    /// When it ended.
    pub finished_at: Option<Moment>,
}

/// How many rows are how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// In all.
    pub total: i32,
    /// Done.
    pub done: i32,
    /// Nothing had to be done.
    pub skipped: i32,
    /// Refused.
    pub refused: i32,
    /// Broken.
    pub failed: i32,
}

impl Counts {
    /// How many have their result.
    pub fn settled(&self) -> i32 {
        self.done + self.skipped + self.refused + self.failed
    }

    /// How many are still to be done.
    pub fn waiting(&self) -> i32 {
        self.total - self.settled()
    }

    /// How much is settled, in per cent.
    pub fn percent(&self) -> i32 {
        if self.total == 0 { 100 } else { self.settled() * 100 / self.total }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bulk_works, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: BulkWorkId,
    package_id: PackageId,
    kind: WorkKind,
    params: Json,
    state: WorkState,
    note: String,
    total: i32,
    done: i32,
    skipped: i32,
    refused: i32,
    failed: i32,
    created_by: UserId,
    created_at: Moment,
    started_at: Option<Moment>,
    finished_at: Option<Moment>,
}

impl From<Row> for Work {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            package: r.package_id,
            what: r.params.read::<Params>().map(|p| p.what).map_err(|e| e.to_string()),
            kind: r.kind,
            state: r.state,
            note: r.note,
            counts: Counts {
                total: r.total,
                done: r.done,
                skipped: r.skipped,
                refused: r.refused,
                failed: r.failed,
            },
            created_by: r.created_by,
            created_at: r.created_at,
            started_at: r.started_at,
            finished_at: r.finished_at,
        }
    }
}

/// A row of a work.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkRow {
    /// Its place, from 1.
    pub position: i32,
    /// What was typed, or the person's address.
    pub typed: String,
    /// Whom it is about, if that is known.
    pub subject: Option<UserId>,
    /// Which assignment it is about, or made.
    pub assignment: Option<AssignmentId>,
    /// What it says that differs from the rest.
    pub wish: RowWish,
    /// What became of it.
    pub state: RowState,
    /// Words about that.
    pub words: String,
    /// The request that came of it.
    pub request: Option<RequestId>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bulk_rows, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct LineRow {
    work_id: BulkWorkId,
    position: i32,
    typed: String,
    subject_id: Option<UserId>,
    assignment_id: Option<AssignmentId>,
    details: Json,
    state: RowState,
    words: String,
    request_id: Option<RequestId>,
}

impl LineRow {
    fn read(self) -> Result<WorkRow, StoreError> {
        Ok(WorkRow {
            position: self.position,
            typed: self.typed,
            subject: self.subject_id,
            assignment: self.assignment_id,
            wish: self.details.read()?,
            state: self.state,
            words: self.words,
            request: self.request_id,
        })
    }
}

fn kept(what: &What) -> Result<Json, StoreError> {
    Json::of(&Params { version: 1, what: what.clone() })
}

fn number(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Adds a draft with its rows.
pub fn insert(
    tx: &mut Tx<'_>,
    id: BulkWorkId,
    package: PackageId,
    by: UserId,
    what: &What,
    rows: &[WorkRow],
    now: Moment,
) -> Result<(), StoreError> {
    let row = Row {
        id,
        package_id: package,
        kind: what.kind(),
        params: kept(what)?,
        state: WorkState::Draft,
        note: String::new(),
        total: number(rows.len()),
        done: 0,
        skipped: 0,
        refused: 0,
        failed: 0,
        created_by: by,
        created_at: now,
        started_at: None,
        finished_at: None,
    };
    diesel::insert_into(bulk_works::table).values(&row).execute(&mut **tx)?;
    for line in rows {
        let row = LineRow {
            work_id: id,
            position: line.position,
            typed: line.typed.clone(),
            subject_id: line.subject,
            assignment_id: line.assignment,
            details: Json::of(&line.wish)?,
            state: line.state,
            words: line.words.clone(),
            request_id: None,
        };
        diesel::insert_into(bulk_rows::table).values(&row).execute(&mut **tx)?;
    }
    count_again(tx, id)
}

/// The work, if there is one.
pub fn find(conn: &mut Conn, id: BulkWorkId) -> Result<Option<Work>, StoreError> {
    let row: Option<Row> = bulk_works::table.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Work::from))
}

/// Changes what a draft is to do. False if it is no draft any more.
pub fn redraft(tx: &mut Tx<'_>, id: BulkWorkId, what: &What) -> Result<bool, StoreError> {
    let draft = bulk_works::table.find(id).filter(bulk_works::state.eq(WorkState::Draft));
    Ok(diesel::update(draft).set(bulk_works::params.eq(kept(what)?)).execute(&mut **tx)? == 1)
}

/// Begins a draft; whoever has not taken it up by `due` is helped. False if it is no draft any more.
pub fn begin(
    tx: &mut Tx<'_>,
    id: BulkWorkId,
    what: &What,
    now: Moment,
    due: Moment,
) -> Result<bool, StoreError> {
    let draft = bulk_works::table.find(id).filter(bulk_works::state.eq(WorkState::Draft));
    let changed = diesel::update(draft)
        .set((
            bulk_works::state.eq(WorkState::Waiting),
            bulk_works::params.eq(kept(what)?),
            bulk_works::started_at.eq(now),
            bulk_works::due_at.eq(due),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Takes the work up, unless somebody else is at it. False if so, or if nothing is to be done.
pub fn take(
    tx: &mut Tx<'_>,
    id: BulkWorkId,
    lease: Uuid,
    now: Moment,
    until: Moment,
) -> Result<bool, StoreError> {
    let free = bulk_works::table
        .filter(bulk_works::id.eq(id))
        .filter(bulk_works::state.eq_any([WorkState::Waiting, WorkState::Running]))
        .filter(bulk_works::lease_token.is_null().or(bulk_works::due_at.le(now)));
    let changed = diesel::update(free)
        .set((
            bulk_works::state.eq(WorkState::Running),
            bulk_works::lease_token.eq(AnyId(lease)),
            bulk_works::due_at.eq(until),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Keeps the work for longer. False if it was lost or stopped. Whoever stops it waits for this transaction.
pub fn keep(tx: &mut Tx<'_>, id: BulkWorkId, lease: Uuid, until: Moment) -> Result<bool, StoreError> {
    let lease: AnyId = AnyId(lease);
    let mine = bulk_works::table
        .filter(bulk_works::id.eq(id))
        .filter(bulk_works::state.eq(WorkState::Running))
        .filter(bulk_works::lease_token.eq(lease));
    Ok(diesel::update(mine).set(bulk_works::due_at.eq(until)).execute(&mut **tx)? == 1)
}

/// Lets the work go; whoever has not taken it up by `due` is helped.
pub fn release(tx: &mut Tx<'_>, id: BulkWorkId, lease: Uuid, due: Moment) -> Result<bool, StoreError> {
    let lease: AnyId = AnyId(lease);
    let mine = bulk_works::table.filter(bulk_works::id.eq(id)).filter(bulk_works::lease_token.eq(lease));
    let changed = diesel::update(mine)
        .set((bulk_works::lease_token.eq(None::<AnyId>), bulk_works::due_at.eq(due)))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Works that somebody should be at, and nobody is.
pub fn abandoned(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<BulkWorkId>, StoreError> {
    Ok(bulk_works::table
        .filter(bulk_works::state.eq_any([WorkState::Waiting, WorkState::Running]))
        .filter(bulk_works::due_at.le(now))
        .order((bulk_works::due_at, bulk_works::id))
        .limit(limit)
        .select(bulk_works::id)
        .load(conn)?)
}

/// Puts off the instant at which somebody helps. False if somebody was quicker.
pub fn help(tx: &mut Tx<'_>, id: BulkWorkId, now: Moment, due: Moment) -> Result<bool, StoreError> {
    let late = bulk_works::table
        .filter(bulk_works::id.eq(id))
        .filter(bulk_works::state.eq_any([WorkState::Waiting, WorkState::Running]))
        .filter(bulk_works::due_at.le(now));
    let changed = diesel::update(late)
        .set((bulk_works::lease_token.eq(None::<AnyId>), bulk_works::due_at.eq(due)))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// The next rows that are to be done.
pub fn waiting(conn: &mut Conn, id: BulkWorkId, limit: i64) -> Result<Vec<WorkRow>, StoreError> {
    let rows: Vec<LineRow> = bulk_rows::table
        .filter(bulk_rows::work_id.eq(id).and(bulk_rows::state.eq(RowState::Waiting)))
        .order(bulk_rows::position)
        .limit(limit)
        .select(LineRow::as_select())
        .load(conn)?;
    rows.into_iter().map(LineRow::read).collect()
}

/// Every row, in order.
pub fn rows(conn: &mut Conn, id: BulkWorkId) -> Result<Vec<WorkRow>, StoreError> {
    let rows: Vec<LineRow> = bulk_rows::table
        .filter(bulk_rows::work_id.eq(id))
        .order(bulk_rows::position)
        .select(LineRow::as_select())
        .load(conn)?;
    rows.into_iter().map(LineRow::read).collect()
}

/// Writes down what became of a row that waits; `Stale` if it does not.
pub fn settle(tx: &mut Tx<'_>, id: BulkWorkId, row: &WorkRow) -> Result<(), StoreError> {
    let line = bulk_rows::table
        .filter(bulk_rows::work_id.eq(id).and(bulk_rows::position.eq(row.position)))
        .filter(bulk_rows::state.eq(RowState::Waiting));
    let changed = diesel::update(line)
        .set((
            bulk_rows::state.eq(row.state),
            bulk_rows::words.eq(&row.words),
            bulk_rows::assignment_id.eq(row.assignment),
            bulk_rows::request_id.eq(row.request),
        ))
        .execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Writes down what a check of a draft found: every row, whatever was found before.
pub fn judge(tx: &mut Tx<'_>, id: BulkWorkId, rows: &[WorkRow]) -> Result<(), StoreError> {
    for row in rows {
        let line =
            bulk_rows::table.filter(bulk_rows::work_id.eq(id).and(bulk_rows::position.eq(row.position)));
        diesel::update(line)
            .set((
                bulk_rows::state.eq(row.state),
                bulk_rows::words.eq(&row.words),
                bulk_rows::details.eq(Json::of(&row.wish)?),
            ))
            .execute(&mut **tx)?;
    }
    count_again(tx, id)
}

/// Adds to the counts what a batch did.
pub fn count(tx: &mut Tx<'_>, id: BulkWorkId, news: Counts) -> Result<(), StoreError> {
    diesel::update(bulk_works::table.find(id))
        .set((
            bulk_works::done.eq(bulk_works::done + news.done),
            bulk_works::skipped.eq(bulk_works::skipped + news.skipped),
            bulk_works::refused.eq(bulk_works::refused + news.refused),
            bulk_works::failed.eq(bulk_works::failed + news.failed),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Gives every row that still waits this result, and counts anew.
pub fn settle_rest(tx: &mut Tx<'_>, id: BulkWorkId, state: RowState, words: &str) -> Result<(), StoreError> {
    let rest = bulk_rows::table.filter(bulk_rows::work_id.eq(id).and(bulk_rows::state.eq(RowState::Waiting)));
    diesel::update(rest).set((bulk_rows::state.eq(state), bulk_rows::words.eq(words))).execute(&mut **tx)?;
    count_again(tx, id)
}

fn count_again(tx: &mut Tx<'_>, id: BulkWorkId) -> Result<(), StoreError> {
    let found: Vec<(RowState, i64)> = bulk_rows::table
        .filter(bulk_rows::work_id.eq(id))
        .group_by(bulk_rows::state)
        .select((bulk_rows::state, count_star()))
        .load(&mut **tx)?;
    let of = |state| {
        let n = found.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n);
        i32::try_from(n).unwrap_or(i32::MAX)
    };
    diesel::update(bulk_works::table.find(id))
        .set((
            bulk_works::done.eq(of(RowState::Done)),
            bulk_works::skipped.eq(of(RowState::Skipped)),
            bulk_works::refused.eq(of(RowState::Refused)),
            bulk_works::failed.eq(of(RowState::Failed)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends a work that is under way. False if it is not.
pub fn end(
    tx: &mut Tx<'_>,
    id: BulkWorkId,
    state: WorkState,
    note: &str,
    now: Moment,
) -> Result<bool, StoreError> {
    let open = bulk_works::table
        .filter(bulk_works::id.eq(id))
        .filter(bulk_works::state.eq_any([WorkState::Waiting, WorkState::Running]));
    let changed = diesel::update(open)
        .set((
            bulk_works::state.eq(state),
            bulk_works::note.eq(note),
            bulk_works::finished_at.eq(now),
            bulk_works::lease_token.eq(None::<AnyId>),
            bulk_works::due_at.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Throws a draft away. False if it is none.
pub fn discard(tx: &mut Tx<'_>, id: BulkWorkId) -> Result<bool, StoreError> {
    let draft = bulk_works::table.find(id).filter(bulk_works::state.eq(WorkState::Draft));
    Ok(diesel::delete(draft).execute(&mut **tx)? == 1)
}

/// Throws away drafts that nobody began. How many.
pub fn discard_old(tx: &mut Tx<'_>, before: Moment) -> Result<usize, StoreError> {
    let old = bulk_works::table
        .filter(bulk_works::state.eq(WorkState::Draft))
        .filter(bulk_works::created_at.lt(before));
    Ok(diesel::delete(old).execute(&mut **tx)?)
}

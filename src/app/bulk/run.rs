//! Working bulk work off: bounded batches, one transaction each, in which every row stands by itself. The right of
//! whoever started it is read anew at each batch (SPEC ASG-2, I5).

use std::time::{Duration as Span, Instant};

use chrono::Duration;
use serde_json::json;
use uuid::Uuid;

use super::check::verdict;
use super::{PATIENCE, enqueue, tell};
use crate::app::request::{self, Direct};
use crate::app::{App, AppError, Cx};
use crate::domain::access::{self, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::bulk::{Assign, NewEnd, RowState, What, WorkState, words_for_managers};
use crate::kernel::ids::{AssignmentId, BulkWorkId, EntityId as _, RequestId, UserId};
use crate::store::bulk::{self, Counts, Work, WorkRow};
use crate::store::{StoreError, Tx, lasting, principals, standing};

/// How long a work is ours between two batches.
const HOLD: Duration = Duration::seconds(60);

/// How much is done before somebody else gets their turn.
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    /// Rows per transaction.
    pub rows: i64,
    /// No further batch begins after so long.
    pub span: Span,
    /// Does whoever started it get a mail at the end? Not if they look at the result already.
    pub tell: bool,
}

impl Batch {
    /// For jobs: other work must not wait for long.
    pub const JOB: Self = Self { rows: 100, span: Span::from_secs(3), tell: true };
    /// For little work, inside the request of whoever confirmed it.
    pub const AT_ONCE: Self = Self { rows: 100, span: Span::from_secs(20), tell: false };
}

/// How a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// There may be more.
    More,
    /// Nothing is left.
    Over,
    /// Somebody stopped it, or somebody else is at it.
    Lost,
}

/// Works at a work until its time is up, and has a job go on if more is to be done. True if nothing is left. Called
/// again, or twice at once, it does no harm: one holds the work, and a row is done in the transaction that notes it.
pub fn run(app: &App, id: BulkWorkId, batch: Batch) -> Result<bool, AppError> {
    let lease = app.ids.uuid();
    let now = app.now();
    if !app.db.write_now(|tx| bulk::take(tx, id, lease, now, now + HOLD))? {
        return Ok(true);
    }
    let began = Instant::now();
    loop {
        match app.db.write_now(|tx| one_batch(tx, app, id, lease, batch))? {
            Step::Over | Step::Lost => return Ok(true),
            Step::More if began.elapsed() >= batch.span => break,
            Step::More => {}
        }
    }
    let cx = app.system_cx(format!("bulk-{id}"));
    app.db.write_now(|tx| -> Result<(), AppError> {
        if bulk::release(tx, id, lease, cx.now + PATIENCE)? {
            enqueue(tx, &cx, id)?;
        }
        Ok(())
    })?;
    Ok(false)
}

/// Gives a new job to a work that nobody is at: its runner died, or the one before was lost. True if it was so.
pub fn help_abandoned(tx: &mut Tx<'_>, cx: &Cx, id: BulkWorkId) -> Result<bool, AppError> {
    if !bulk::help(tx, id, cx.now, cx.now + PATIENCE)? {
        return Ok(false);
    }
    enqueue(tx, cx, id)?;
    Ok(true)
}

fn one_batch(
    tx: &mut Tx<'_>,
    app: &App,
    id: BulkWorkId,
    lease: Uuid,
    batch: Batch,
) -> Result<Step, AppError> {
    let system = app.system_cx(format!("bulk-{id}"));
    if !bulk::keep(tx, id, lease, system.now + HOLD)? {
        return Ok(Step::Lost);
    }
    let work = bulk::find(tx, id)?.ok_or(AppError::NotFound)?;
    let what = match &work.what {
        Ok(what) => what.clone(),
        Err(problem) => {
            tracing::error!(work = %id, %problem, "bulk work cannot be read");
            let note = "What was to be done cannot be read by this version of the portal.";
            return finish(tx, &system, &work, WorkState::Failed, note, batch.tell);
        }
    };
    let rows = bulk::waiting(tx, id, batch.rows)?;
    if rows.is_empty() {
        return finish(tx, &system, &work, WorkState::Done, "", batch.tell);
    }
    let catalog = lasting::catalog_of(tx, work.package)?;
    let me = principals::load(tx, work.created_by)?;
    let Some(me) = me.filter(|me| access::manage_assignments(me, catalog).is_ok()) else {
        let words = "Refused: whoever started this may no longer manage assignments here.";
        bulk::settle_rest(tx, id, RowState::Refused, words)?;
        return finish(tx, &system, &work, WorkState::Done, words, batch.tell);
    };
    let cx = app.cx(&me, "bulk", format!("bulk-{id}"));
    let mut news = Counts::default();
    let settled = match &what {
        What::Assign(all) => assign(tx, &cx, &me, &work, all, rows)?,
        What::Remove { reason } => each(tx, rows, |tx, row| {
            let id = row.assignment.ok_or(AppError::NotFound)?;
            Ok((request::remove(tx, &cx, id, &me, reason)?, Some(id)))
        })?,
        What::ChangeEnd { end, reason } => {
            let end = end.unwrap_or(NewEnd::Policy);
            each(tx, rows, |tx, row| {
                let id = row.assignment.ok_or(AppError::NotFound)?;
                Ok((request::change_end(tx, &cx, &me, id, end, reason)?, Some(id)))
            })?
        }
    };
    for row in settled {
        match row.state {
            RowState::Done => news.done += 1,
            RowState::Skipped => news.skipped += 1,
            RowState::Refused => news.refused += 1,
            RowState::Waiting | RowState::Failed => news.failed += 1,
        }
        bulk::settle(tx, id, &row)?;
    }
    bulk::count(tx, id, news)?;
    Ok(Step::More)
}

/// Does each row by itself; one that is refused takes nothing of the others back.
fn each(
    tx: &mut Tx<'_>,
    rows: Vec<WorkRow>,
    mut work: impl FnMut(&mut Tx<'_>, &WorkRow) -> Result<(RequestId, Option<AssignmentId>), AppError>,
) -> Result<Vec<WorkRow>, AppError> {
    let mut settled = Vec::with_capacity(rows.len());
    for mut row in rows {
        match tx.attempt(|tx| work(tx, &row)) {
            Ok((request, assignment)) => {
                row.state = RowState::Done;
                row.request = Some(request);
                row.assignment = assignment;
                row.words.clear();
            }
            Err(error) => (row.state, row.words) = verdict(error)?,
        }
        settled.push(row);
    }
    Ok(settled)
}

fn assign(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    work: &Work,
    all: &Assign,
    rows: Vec<WorkRow>,
) -> Result<Vec<WorkRow>, AppError> {
    let ready = match request::ready(tx, me, work.package, all.policy) {
        Ok(ready) => ready,
        Err(AppError::Refused(refusal)) => {
            // The policy was switched off or deleted meanwhile: that concerns every row.
            let words = words_for_managers(&refusal);
            let refuse = |row| WorkRow { state: RowState::Refused, words: words.clone(), ..row };
            return Ok(rows.into_iter().map(refuse).collect());
        }
        Err(other) => return Err(other),
    };
    request::hold(tx, work.package, &ready)?;
    let people: Vec<UserId> = rows.iter().filter_map(|row| row.subject).collect();
    let standings = standing::of(tx, &people, work.package, cx.now)?;
    each(tx, rows, |tx, row| {
        let user = row.subject.ok_or(AppError::NotFound)?;
        let wish = Direct::of_row(work.package, user, all, &row.wish);
        let judged = request::judge(tx, cx, me, &ready, standings.get(&user), &wish)?;
        let made = request::carry_out(tx, cx, me, &ready, &wish, judged)?;
        Ok((made.id, made.assignment))
    })
}

fn finish(
    tx: &mut Tx<'_>,
    cx: &Cx,
    work: &Work,
    state: WorkState,
    note: &str,
    told: bool,
) -> Result<Step, AppError> {
    if !bulk::end(tx, work.id, state, note, cx.now)? {
        return Ok(Step::Lost);
    }
    let now = bulk::find(tx, work.id)?.ok_or(StoreError::Missing("bulk work"))?;
    let name = lasting::package_name(tx, work.package)?;
    let c = now.counts;
    let values = json!({
        "state": state, "done": c.done, "skipped": c.skipped, "refused": c.refused, "failed": c.failed,
    });
    let over = Record::of("bulk.finish", ObjectKind::BulkWork, work.id.uuid(), name)
        .change(json!({ "state": work.state }), values);
    cx.record(tx, over);
    if told {
        tell(tx, cx, &now)?;
    }
    Ok(Step::Over)
}

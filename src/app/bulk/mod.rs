//! Use cases of bulk work (SPEC ASG-1, ASG-2): drafting and checking it, beginning and stopping it here, working it off
//! next door. Who may manage assignments in the package's catalog may do all of it.

mod check;
mod run;

pub use check::{Entry, assign_draft, check_end, end_draft, remove_draft};
pub use run::{Batch, help_abandoned, run};

use chrono::Duration;
use serde_json::json;

use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::bulk::{AT_ONCE, What, WorkState};
use crate::domain::notice::Notice;
use crate::kernel::ids::{BulkWorkId, EntityId as _, JobId};
use crate::store::bulk::{self, Work};
use crate::store::jobs::{self, NewJob};
use crate::store::{Conn, StoreError, Tx, lasting};

/// The kind of the jobs that work bulk work off.
pub const JOB: &str = "bulk";

/// When nobody has taken up a work for so long, somebody helps.
const PATIENCE: Duration = Duration::seconds(60);

/// How long a draft is kept that nobody begins.
const DRAFTS_KEPT: Duration = Duration::days(2);

/// The work, for whoever manages the assignments that it is about.
pub fn managed(conn: &mut Conn, by: &Principal, id: BulkWorkId) -> Result<Work, AppError> {
    let work = bulk::find(conn, id)?.ok_or(AppError::NotFound)?;
    access::manage_assignments(by, lasting::catalog_of(conn, work.package)?)?;
    Ok(work)
}

/// Begins a draft, with the words that were still missing. True if it is so little that the caller does it at once;
/// else a job does it.
pub fn begin(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    id: BulkWorkId,
    reason: Option<&str>,
) -> Result<bool, AppError> {
    let work = managed(tx, by, id)?;
    // In whose right it works is whoever said yes to what was shown to them.
    if work.created_by != by.user {
        return Err(access::Denied::Invisible.into());
    }
    if work.state != WorkState::Draft {
        return Err(Refusal::WorkBegun.into());
    }
    if work.counts.waiting() == 0 {
        return Err(Refusal::NothingToDo.into());
    }
    let mut what = work.what.map_err(StoreError::Corrupt)?;
    if let (What::Remove { reason: kept } | What::ChangeEnd { reason: kept, .. }, Some(words)) =
        (&mut what, reason)
    {
        *kept = crate::kernel::text::lines(words, crate::app::request::REASON_MAX)
            .map_err(|e| Refusal::BadText(e.to_string()))?;
    }
    if !bulk::begin(tx, id, &what, cx.now, cx.now + PATIENCE)? {
        return Err(Refusal::WorkBegun.into());
    }
    let name = lasting::package_name(tx, work.package)?;
    let values = json!({ "kind": work.kind, "rows": work.counts.waiting() });
    let begun = Record::of("bulk.begin", ObjectKind::BulkWork, id.uuid(), name).change(json!(null), values);
    cx.record(tx, begun);
    let at_once = work.counts.waiting() <= AT_ONCE;
    if !at_once {
        enqueue(tx, cx, id)?;
    }
    Ok(at_once)
}

/// Stops a work that is under way: what is done stays done, the rest is not done any more. Whoever may manage the
/// assignments may stop it.
pub fn cancel(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, id: BulkWorkId) -> Result<(), AppError> {
    let work = managed(tx, by, id)?;
    // The batch that is being done holds the work's row, so it is waited for. The rows that wait stay as they are.
    let note = format!("Stopped by {}.", by.name);
    if !bulk::end(tx, id, WorkState::Canceled, &note, cx.now)? {
        return Err(Refusal::WorkOver.into());
    }
    let name = lasting::package_name(tx, work.package)?;
    let record = Record::of("bulk.cancel", ObjectKind::BulkWork, id.uuid(), name)
        .change(json!({ "state": work.state }), json!({ "state": WorkState::Canceled }));
    cx.record(tx, record);
    if work.created_by != by.user {
        tell(tx, cx, &work)?;
    }
    Ok(())
}

/// Throws a draft away.
pub fn discard(tx: &mut Tx<'_>, by: &Principal, id: BulkWorkId) -> Result<Work, AppError> {
    let work = managed(tx, by, id)?;
    if work.created_by != by.user {
        return Err(access::Denied::Invisible.into());
    }
    if !bulk::discard(tx, id)? {
        return Err(Refusal::WorkBegun.into());
    }
    Ok(work)
}

/// Throws away drafts that nobody began.
pub fn discard_old(tx: &mut Tx<'_>, cx: &Cx) -> Result<usize, AppError> {
    Ok(bulk::discard_old(tx, cx.now - DRAFTS_KEPT)?)
}

/// Has a job go on with the work.
pub fn enqueue(tx: &mut Tx<'_>, cx: &Cx, id: BulkWorkId) -> Result<(), AppError> {
    let job: JobId = cx.id();
    let new = NewJob {
        id: job,
        kind: JOB.to_owned(),
        payload: json!({ "work": id }),
        // The job that enqueues the next one runs itself still, so each has its own key.
        dedupe_key: Some(format!("{JOB}/{id}/{job}")),
        run_at: cx.now,
        now: cx.now,
    };
    jobs::enqueue(tx, new)?;
    Ok(())
}

/// Owes whoever started it the mail about the result.
fn tell(tx: &mut Tx<'_>, cx: &Cx, work: &Work) -> Result<(), AppError> {
    let notice = Notice::BulkResult { work: work.id };
    notices::send(tx, cx, work.created_by, notice, &work.id.to_string())
}

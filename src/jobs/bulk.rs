//! Bulk work as a kind of job. A job is only a nudge: the work knows itself what is left, and who is at it.

use super::{Job, JobError, Turn};
use crate::app::bulk::{self, Batch};
use crate::app::{App, AppError};
use crate::kernel::ids::BulkWorkId;
use crate::store::bulk as store;

/// Goes on with a work.
pub struct Bulk;

impl Job for Bulk {
    fn kind(&self) -> &'static str {
        bulk::JOB
    }

    fn run(&self, app: &App, payload: &serde_json::Value) -> Result<(), JobError> {
        let id: BulkWorkId = payload
            .get("work")
            .and_then(|id| id.as_str())
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| JobError::Never("the job names no work".to_owned()))?;
        bulk::run(app, id, Batch::JOB)?;
        Ok(())
    }
}

/// Helps works that nobody is at, because a runner died, and throws away drafts that nobody began.
pub fn sweep(app: &App) -> Result<Turn, AppError> {
    const BATCH: i64 = 50;
    let cx = app.system_cx("bulk-sweep");
    let late = app.db.read_now::<_, AppError>(|c| Ok(store::abandoned(c, cx.now, BATCH)?))?;
    let mut turn = Turn::default();
    for id in late {
        if app.db.write_now(|tx| bulk::help_abandoned(tx, &cx, id))? {
            turn.done += 1;
        }
    }
    let gone = app.db.write_now(|tx| bulk::discard_old(tx, &cx))?;
    turn.done += u32::try_from(gone).unwrap_or(u32::MAX);
    Ok(turn)
}

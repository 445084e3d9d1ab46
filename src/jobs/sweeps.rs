//! Sweeps: what became due by the clock. Bounded batches, one transaction per item; an item that fails is counted
//! and left for the next round, and never holds up the others.

use super::Turn;
use crate::app::{App, AppError, Cx, digests as daily, fulfil, request, rules as following};
use crate::domain::audit::Author;
use crate::store::{Tx, assignments, digests, requests, tasks};

/// How many items of a kind one round takes.
const BATCH: i64 = 200;

/// What a round of sweeps did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Requests that nobody decided in time.
    pub expired: u32,
    /// Stages whose alternates were asked.
    pub escalated: u32,
    /// Stages whose approvers were reminded.
    pub reminded: u32,
    /// Holders who were told that access ends which they can extend.
    pub ending: u32,
    /// Scheduled assignments that began.
    pub started: u32,
    /// Assignments that ended.
    pub ended: u32,
    /// Assignments whose delivery was taken up again.
    pub delivered: u32,
    /// Tasks whose people were reminded.
    pub tasks: u32,
    /// Items that failed and will be tried again.
    pub failed: u32,
    /// Was a batch full, so that another round is worth while?
    pub more: bool,
}

impl SweepReport {
    /// Did anything happen?
    pub fn any(&self) -> bool {
        self.expired
            + self.escalated
            + self.reminded
            + self.ending
            + self.started
            + self.ended
            + self.delivered
            + self.tasks
            > 0
    }
}

/// One round: ends what is over first, so that no access outlives its time while other work waits.
pub fn run(app: &App) -> Result<SweepReport, AppError> {
    let now = app.now();
    let cx = app.cx_as(Author::system(format!("sweep-{}", now.timestamp_millis())));
    let mut report = SweepReport::default();
    let ids = app.db.read_now::<_, AppError>(|c| Ok(assignments::ending(c, now, BATCH)?))?;
    report.ended = each(app, &mut report, ids, |tx, id| request::end_assignment(tx, &cx, id));
    let ids = app.db.read_now::<_, AppError>(|c| Ok(requests::overdue(c, now, BATCH)?))?;
    report.expired = each(app, &mut report, ids, |tx, id| request::expire_request(tx, &cx, id));
    let ids = app.db.read_now::<_, AppError>(|c| Ok(assignments::starting(c, now, BATCH)?))?;
    report.started = each(app, &mut report, ids, |tx, id| request::start_assignment(tx, &cx, id));
    // Before the reminders, which go to the alternates too once they are asked.
    let ids = app.db.read_now::<_, AppError>(|c| Ok(requests::escalations_due(c, now, BATCH)?))?;
    report.escalated =
        each(app, &mut report, ids, |tx, (id, stage)| request::escalate_request(tx, &cx, id, stage));
    let ids = app.db.read_now::<_, AppError>(|c| Ok(requests::reminders_due(c, now, BATCH)?))?;
    report.reminded =
        each(app, &mut report, ids, |tx, (id, stage)| request::remind_approvers(tx, &cx, id, stage));
    let ids = app.db.read_now::<_, AppError>(|c| Ok(assignments::reminders_due(c, now, BATCH)?))?;
    report.ending = each(app, &mut report, ids, |tx, id| request::remind_holder(tx, &cx, id));
    let ids = app.db.read_now::<_, AppError>(|c| Ok(assignments::undelivered(c, now, BATCH)?))?;
    report.delivered = each(app, &mut report, ids, |tx, id| deliver(tx, &cx, id));
    let ids = app.db.read_now::<_, AppError>(|c| Ok(tasks::reminders_due(c, now, BATCH)?))?;
    report.tasks = each(app, &mut report, ids, |tx, id| fulfil::remind(tx, &cx, id));
    Ok(report)
}

/// Daily mails whose turn has come (SPEC NOT-5).
pub fn digests(app: &App) -> Result<Turn, AppError> {
    let now = app.now();
    let cx = app.cx_as(Author::system(format!("digest-{}", now.timestamp_millis())));
    let mut report = SweepReport::default();
    let ids = app.db.read_now::<_, AppError>(|c| Ok(digests::due(c, now, BATCH)?))?;
    let done = each(app, &mut report, ids, |tx, user| daily::send(tx, &cx, user));
    Ok(Turn { done, skipped: report.failed, more: report.more })
}

/// Dynamic groups and automatic assignment (SPEC DIR-4, AUT-3).
pub fn rules(app: &App) -> Result<Turn, AppError> {
    let round = following::round(app)?;
    Ok(Turn { done: round.done, skipped: round.failed, more: false })
}

/// Everybody is to be looked at again.
pub fn rules_daily(app: &App) -> Result<Turn, AppError> {
    following::look_at_everybody(app)?;
    Ok(Turn::default())
}

fn deliver(tx: &mut Tx<'_>, cx: &Cx, id: crate::kernel::ids::AssignmentId) -> Result<bool, AppError> {
    request::deliver_pending(tx, cx, id)
}

fn each<T: Copy>(
    app: &App,
    report: &mut SweepReport,
    items: Vec<T>,
    mut work: impl FnMut(&mut Tx<'_>, T) -> Result<bool, AppError>,
) -> u32 {
    report.more |= i64::try_from(items.len()).is_ok_and(|n| n >= BATCH);
    let mut done = 0;
    for item in items {
        match app.db.write_now(|tx| work(tx, item)) {
            Ok(true) => done += 1,
            Ok(false) => {}
            Err(error) => {
                report.failed += 1;
                tracing::error!(%error, "an item of a sweep failed; it stays for the next round");
            }
        }
    }
    done
}

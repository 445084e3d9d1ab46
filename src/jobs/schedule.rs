//! Turns of sweeps: each due turn is taken by one scheduler (I17).

use crate::app::{App, AppError};
use crate::kernel::Moment;
use crate::store::schedules;

use super::{Sweep, Turn};

/// Takes every turn that is due and runs it. Turns that were missed while nobody ran are made up for by one.
/// Returns what was done, and the earliest next turn.
pub fn run_due(
    app: &App,
    sweeps: &[Sweep],
    stopping: &dyn Fn() -> bool,
) -> Result<(Turn, Option<Moment>), AppError> {
    let mut known = app.db.read_now(schedules::all)?;
    let told = app.db.read_now(schedules::known)?;
    let seconds = |s: &Sweep| i32::try_from(s.every.num_seconds()).ok();
    if sweeps.iter().any(|s| !told.iter().any(|(name, every)| name == s.name && *every == seconds(s))) {
        let now = app.now();
        app.db.write_now(|tx| -> Result<(), AppError> {
            for sweep in sweeps {
                schedules::ensure(tx, sweep.name, sweep.every, now)?;
            }
            Ok(())
        })?;
        known = app.db.read_now(schedules::all)?;
    }
    let mut total = Turn::default();
    let mut earliest: Option<Moment> = None;
    for sweep in sweeps {
        if stopping() {
            break;
        }
        let Some((_, seen)) = known.iter().find(|(name, _)| name == sweep.name) else {
            continue;
        };
        let now = app.now();
        // A clock that was set back must not silence a sweep until it has caught up.
        let due = *seen <= now || *seen > now + sweep.every;
        let mut next = *seen;
        if due {
            next = now + sweep.every;
            let mine = app.db.write_now(|tx| schedules::take(tx, sweep.name, *seen, next, now))?;
            if mine {
                let report = run_one(app, *sweep)?;
                total = total.and(report);
            }
        }
        earliest = Some(earliest.map_or(next, |e: Moment| e.min(next)));
    }
    Ok((total, earliest))
}

/// Runs one sweep now, whether or not its turn is due, until it has no more.
pub fn run_one(app: &App, sweep: Sweep) -> Result<Turn, AppError> {
    const BATCHES: usize = 1_000;
    let mut total = Turn::default();
    for _ in 0..BATCHES {
        let report = match (sweep.run)(app) {
            Ok(report) => report,
            Err(error) => {
                tracing::error!(sweep = sweep.name, %error, "a sweep failed");
                app.db.write_now(|tx| schedules::note(tx, sweep.name, &format!("failed: {error}")))?;
                return Ok(total);
            }
        };
        total = total.and(Turn { more: false, ..report });
        // A batch of which nothing could be done would come again and again.
        if !report.more || report.done == 0 {
            break;
        }
    }
    if total != Turn::default() {
        let result = format!("{} done, {} skipped", total.done, total.skipped);
        app.db.write_now(|tx| schedules::note(tx, sweep.name, &result))?;
        tracing::info!(sweep = sweep.name, done = total.done, skipped = total.skipped, "swept");
    }
    Ok(total)
}

//! Carrying changes of packages to those who hold them, and trying again what failed (SPEC PKG-3).

use serde_json::Value;

use super::{Job, JobError, Turn};
use crate::app::{App, AppError, catalog::package_roles, request};
use crate::kernel::ids::{AssignmentId, PackageId, UserId};
use crate::store::{package_changes, principals};

/// How many assignments one turn looks at.
const BATCH: i64 = 200;

/// One batch of one change. Each assignment has its own transaction; one that fails is met again, because a change is
/// finished only when nobody was missed.
pub fn carry(app: &App) -> Result<Turn, AppError> {
    let Some(change) =
        app.db.read_now::<_, AppError>(|conn| Ok(package_changes::unfinished(conn, 1)?))?.into_iter().next()
    else {
        return Ok(Turn::default());
    };
    let cx = app.system_cx(format!("package-{}", change.id));
    let batch = app.db.read_now::<_, AppError>(|conn| {
        Ok(package_changes::next(conn, change.package, change.reached, BATCH)?)
    })?;
    let mut turn = Turn::default();
    for id in &batch {
        match app.db.write_now(|tx| request::resync(tx, &cx, *id)) {
            Ok(true) => turn.done += 1,
            Ok(false) => {}
            Err(error) => {
                turn.skipped += 1;
                tracing::error!(assignment = %id, %error, "a change of a package could not be carried to somebody yet");
            }
        }
    }
    let full = i64::try_from(batch.len()).is_ok_and(|n| n >= BATCH);
    let now = app.now();
    app.db.write_now::<_, AppError>(|tx| {
        if full {
            return Ok(package_changes::note(tx, change.id, batch.last().copied(), None)?);
        }
        let missed = package_changes::missed_somebody(tx, change.package)?;
        Ok(package_changes::note(tx, change.id, None, (!missed).then_some(now))?)
    })?;
    // Walking is progress too: the next batch follows at once.
    turn.done += u32::from(full);
    turn.more = full;
    Ok(turn)
}

/// Tries again whatever was given up of a package's assignments, in the name of whoever asked for it.
pub struct TryAgain;

impl Job for TryAgain {
    fn kind(&self) -> &'static str {
        package_roles::TRY_AGAIN
    }

    fn run(&self, app: &App, payload: &Value) -> Result<(), JobError> {
        let read = |name: &str| payload.get(name).and_then(Value::as_str).and_then(|id| id.parse().ok());
        let (Some(package), Some(user)) = (read("package").map(PackageId), read("by").map(UserId)) else {
            return Err(JobError::Never("the job says not which package, or by whom".to_owned()));
        };
        let mut after: Option<AssignmentId> = None;
        loop {
            let batch = app.db.read_now::<_, AppError>(|conn| {
                Ok(package_changes::given_up(conn, package, after, BATCH)?)
            })?;
            let Some(last) = batch.last().copied() else {
                return Ok(());
            };
            for id in batch {
                app.db.write_now(|tx| {
                    let Some(by) = principals::load(tx, user)? else {
                        return Err(AppError::NotFound);
                    };
                    let cx = app.cx(&by, "system", format!("package-{package}"));
                    package_roles::try_one_again(tx, &cx, &by, id)
                })?;
            }
            after = Some(last);
        }
    }
}

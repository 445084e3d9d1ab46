//! Work that nobody waits for: mails, jobs, sweeps.
//!
//! Here live the registry of recurring sweeps and of job kinds, the runner that does what is due, and the
//! mailer. State changes go through `app`; only this folder calls `mail` and `connectors`. A sweep takes bounded
//! batches and one transaction per item; what fails is skipped and counted, and never stops the rest.

pub mod backoff;
mod bulk;
pub mod deliveries;
pub mod mailer;
pub mod packages;
pub mod runner;
pub mod schedule;
pub mod sweeps;
mod webhook_test;

use chrono::Duration;

use crate::app::directory::imports;
use crate::app::{App, AppError, account};
use crate::store::orders;

pub use deliveries::Targets;
pub use runner::Worker;

/// Recurring work. Sweeps only write down what is true already (an end that has passed, a limit that is over),
/// so one that is late, or runs twice, does no harm.
#[derive(Clone, Copy)]
pub struct Sweep {
    /// Its name in the table of schedules and in the log.
    pub name: &'static str,
    /// How often.
    pub every: Duration,
    /// One batch of the work.
    pub run: fn(&App) -> Result<Turn, AppError>,
}

/// The recurring work of the portal: one line each.
pub const SWEEPS: &[Sweep] = &[
    Sweep { name: "due", every: Duration::seconds(5), run: |app| sweeps::run(app).map(Turn::from) },
    Sweep { name: "bulk", every: Duration::seconds(10), run: bulk::sweep },
    Sweep { name: "rules", every: Duration::seconds(10), run: sweeps::rules },
    Sweep { name: "rules-daily", every: Duration::days(1), run: sweeps::rules_daily },
    Sweep { name: "packages", every: Duration::seconds(5), run: packages::carry },
    Sweep { name: "digests", every: Duration::minutes(1), run: sweeps::digests },
    Sweep { name: "accounts", every: Duration::hours(1), run: purge_accounts },
];

/// Ended sessions, old account links, attempts that count no more.
fn purge_accounts(app: &App) -> Result<Turn, AppError> {
    let now = app.now();
    let gone = app.db.write_now(|tx| account::purge(tx, now).map_err(AppError::from))?;
    // Of what targets were asked and said, three months are kept.
    let before = now - Duration::days(90);
    app.db.write_now::<_, AppError>(|tx| Ok(orders::forget_attempts(tx, before)?))?;
    Ok(Turn { done: u32::try_from(gone).unwrap_or(u32::MAX), ..Turn::default() })
}

/// Every kind of background job: one line each.
pub fn kinds(targets: &Targets) -> Vec<Box<dyn Job>> {
    vec![
        Box::new(bulk::Bulk),
        Box::new(UserImport),
        Box::new(packages::TryAgain),
        Box::new(webhook_test::WebhookTest(targets.clone())),
    ]
}

/// Carries a confirmed import of users out (SPEC DIR-3).
struct UserImport;

impl Job for UserImport {
    fn kind(&self) -> &'static str {
        imports::JOB
    }

    fn run(&self, app: &App, payload: &serde_json::Value) -> Result<(), JobError> {
        let id = payload.get("import").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| JobError::Never("no import is named".to_owned()))?;
        Ok(imports::run(app, id)?)
    }
}

/// What one turn of a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turn {
    /// Items that were done.
    pub done: u32,
    /// Items that failed and were skipped; the next turn tries them again.
    pub skipped: u32,
    /// Is there more than one batch holds? Then the next batch follows at once.
    pub more: bool,
}

impl Turn {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            done: self.done + other.done,
            skipped: self.skipped + other.skipped,
            more: self.more || other.more,
        }
    }
}

impl From<sweeps::SweepReport> for Turn {
    fn from(r: sweeps::SweepReport) -> Self {
        Self {
            done: r.expired + r.escalated + r.reminded + r.started + r.ended + r.delivered,
            skipped: r.failed,
            more: r.more,
        }
    }
}

/// A kind of background job.
pub trait Job: Send + Sync {
    /// The word that jobs of this kind are kept under.
    fn kind(&self) -> &'static str;

    /// Does one. It may be called again for the same job after a crash, so it must bear repetition.
    fn run(&self, app: &App, payload: &serde_json::Value) -> Result<(), JobError>;
}

/// Why a job could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may work later.
    #[error("{0}")]
    Later(String),
    /// It will never work.
    #[error("{0}")]
    Never(String),
}

impl From<AppError> for JobError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(_) | AppError::NoRandomness(_) => Self::Later(error.to_string()),
            AppError::Refused(_) | AppError::Denied(_) | AppError::NotFound => Self::Never(error.to_string()),
        }
    }
}

//! Migrations: forward by themselves at start; a newer database refuses an older binary (SPEC OPS-5).

use diesel::migration::Migration as _;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::conn::{Conn, DatabaseUrl};
use super::dialect::{self, Purpose, Turn};
use super::error::StoreError;

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Why the database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database was made by a newer version.
    #[error(
        "the database is newer than this program: it has the migration {0}, which this version does not know. Install the newer version, or restore a backup from before the upgrade"
    )]
    Newer(String),
    /// A migration has not run yet.
    #[error(
        "the database is older than this program: the migration {0} has yet to run. Run `latchkey migrate`"
    )]
    Pending(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A migration failed; nothing of it was kept.
    #[error("migrating the database failed: {0}")]
    Failed(String),
}

/// Brings the database up to date. Returns the names of the migrations that ran.
pub fn run(url: &DatabaseUrl) -> Result<Vec<String>, MigrateError> {
    let mut conn = dialect::open(url, Purpose::Write).map_err(|e| StoreError::Unavailable(e.to_string()))?;
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| MigrateError::Failed(e.to_string());
    // Several servers may start at the same moment (SPEC OPS-2): one migrates, the others find it done.
    dialect::keep_turn(&mut conn, Turn::Migrations)?;
    match &mut conn {
        Conn::Pg(c) => {
            refuse_newer(c.applied_migrations().map_err(failed)?, &names::<diesel::pg::Pg>(&POSTGRES)?)?;
            let ran = c.run_pending_migrations(POSTGRES).map_err(failed)?;
            Ok(ran.iter().map(ToString::to_string).collect())
        }
        Conn::Sqlite(c) => {
            refuse_newer(
                c.applied_migrations().map_err(failed)?,
                &names::<diesel::sqlite::Sqlite>(&SQLITE)?,
            )?;
            let ran = c.run_pending_migrations(SQLITE).map_err(failed)?;
            Ok(ran.iter().map(ToString::to_string).collect())
        }
    }
}

/// Is the database up to date? The names of the migrations that have yet to run.
pub fn pending(url: &DatabaseUrl) -> Result<Vec<String>, MigrateError> {
    let mut conn = dialect::open(url, Purpose::Write).map_err(|e| StoreError::Unavailable(e.to_string()))?;
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| MigrateError::Failed(e.to_string());
    match &mut conn {
        Conn::Pg(c) => {
            refuse_newer(c.applied_migrations().map_err(failed)?, &names::<diesel::pg::Pg>(&POSTGRES)?)?;
            Ok(c.pending_migrations(POSTGRES).map_err(failed)?.iter().map(|m| m.name().to_string()).collect())
        }
        Conn::Sqlite(c) => {
            refuse_newer(
                c.applied_migrations().map_err(failed)?,
                &names::<diesel::sqlite::Sqlite>(&SQLITE)?,
            )?;
            Ok(c.pending_migrations(SQLITE).map_err(failed)?.iter().map(|m| m.name().to_string()).collect())
        }
    }
}

/// Takes every migration back, newest first: for the tests that prove `down` undoes `up`.
#[doc(hidden)]
pub fn revert_all(url: &DatabaseUrl) -> Result<(), MigrateError> {
    let mut conn = dialect::open(url, Purpose::Write).map_err(|e| StoreError::Unavailable(e.to_string()))?;
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| MigrateError::Failed(e.to_string());
    match &mut conn {
        Conn::Pg(c) => c.revert_all_migrations(POSTGRES).map(|_| ()).map_err(failed),
        Conn::Sqlite(c) => c.revert_all_migrations(SQLITE).map(|_| ()).map_err(failed),
    }
}

fn names<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, MigrateError> {
    let all = diesel::migration::MigrationSource::<DB>::migrations(source)
        .map_err(|e| MigrateError::Failed(e.to_string()))?;
    Ok(all.iter().map(|m| m.name().version().to_string()).collect())
}

fn refuse_newer(
    applied: Vec<diesel::migration::MigrationVersion<'static>>,
    known: &[String],
) -> Result<(), MigrateError> {
    match applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        Some(unknown) => Err(MigrateError::Newer(unknown)),
        None => Ok(()),
    }
}

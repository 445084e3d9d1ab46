//! Why nothing runs: one line that says what to do.

use crate::app::AppError;
use crate::config::Problems;
use crate::domain::audit::Broken;
use crate::store::StoreError;
use crate::store::migrate::MigrateError;

/// Why an instance could not be started, or a command not carried out.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] Problems),
    /// The data folder.
    #[error(
        "the data folder {path} cannot be used: {cause}. Choose another with --data-dir, or make it writable"
    )]
    DataDir {
        /// Which.
        path: String,
        /// Why.
        cause: String,
    },
    /// The port.
    #[error("{bind} is taken by another program. Stop it, or choose another address with --bind")]
    PortTaken {
        /// Which.
        bind: String,
    },
    /// The address to listen on.
    #[error("the server cannot listen on {bind}: {cause}. Choose another address with --bind")]
    Listen {
        /// Which.
        bind: String,
        /// Why.
        cause: String,
    },
    /// The database cannot be reached.
    #[error(
        "the database {url} cannot be reached: {cause}. Check DATABASE_URL, and that it runs and lets you in"
    )]
    Unreachable {
        /// Which; without its password.
        url: String,
        /// Why.
        cause: String,
    },
    /// The database cannot be written.
    #[error(
        "the database {url} cannot be written: {cause}. Check free disk space and the rights on its files"
    )]
    NotWritable {
        /// Which; without its password.
        url: String,
        /// Why.
        cause: String,
    },
    /// Migrations.
    #[error("{0}")]
    Migrate(String),
    /// The database belongs to something else.
    #[error("{0}")]
    WrongDatabase(&'static str),
    /// The audit log does not hold.
    #[error("the audit log is broken: {0}. Keep the database as it is, and compare it with a backup")]
    AuditBroken(Broken),
    /// The mail settings.
    #[error("the mail settings are wrong: {0}")]
    Mail(String),
    /// Anything else in the store.
    #[error("the database gave an error: {0}")]
    Store(String),
    /// A use case said no, or failed.
    #[error("{0}")]
    App(AppError),
    /// The system.
    #[error("{what}: {cause}")]
    System {
        /// What failed.
        what: &'static str,
        /// Why.
        cause: String,
    },
}

impl StartError {
    /// The exit code: 2 for what is to be corrected in the configuration, 1 for the rest.
    pub fn code(&self) -> u8 {
        if matches!(self, Self::Config(_) | Self::Mail(_)) { 2 } else { 1 }
    }

    /// A failure of the store, in terms of this database.
    pub fn of_store(error: StoreError, url: &str) -> Self {
        match error {
            StoreError::Unavailable(cause) => {
                Self::Unreachable { url: url.to_owned(), cause: one_line(&cause) }
            }
            StoreError::CannotWrite(cause) => {
                Self::NotWritable { url: url.to_owned(), cause: one_line(&cause) }
            }
            other => Self::Store(one_line(&other.to_string())),
        }
    }

    /// A failure of a migration, in terms of this database.
    pub fn of_migration(error: MigrateError, url: &str) -> Self {
        match error {
            MigrateError::Store(error) => Self::of_store(error, url),
            MigrateError::Failed(cause) if is_about_writing(&cause) => {
                Self::NotWritable { url: url.to_owned(), cause: one_line(&cause) }
            }
            other => Self::Migrate(one_line(&other.to_string())),
        }
    }

    /// A failure of a use case, in terms of this database.
    pub fn of_app(error: AppError, url: &str) -> Self {
        match error {
            AppError::Store(error) => Self::of_store(error, url),
            other => Self::App(other),
        }
    }
}

/// Both databases' words for a file or disk that takes nothing more.
fn is_about_writing(cause: &str) -> bool {
    let cause = cause.to_lowercase();
    ["readonly", "read-only", "disk is full", "no space left", "permission denied"]
        .iter()
        .any(|words| cause.contains(words))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

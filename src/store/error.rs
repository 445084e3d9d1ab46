//! What can go wrong in the store.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the row in between. Retried by `write`; in a form it is a refusal.
    #[error("the row was changed in between")]
    Stale,
    /// A row that has to be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A unique rule of the database said no; holds its name, such as `users_email_folded_key`.
    #[error("the unique rule {0} was broken")]
    Taken(String),
    /// Two transactions got in each other's way; worth a retry.
    #[error("transactions collided: {0}")]
    Collision(String),
    /// The database cannot be reached or is busy.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The disk is full or the database is read-only.
    #[error("the database cannot be written: {0}")]
    CannotWrite(String),
    /// What is stored cannot be understood.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// Anything else.
    #[error("database error: {0}")]
    Database(String),
}

impl StoreError {
    /// Is it worth trying the whole transaction again?
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Stale | Self::Collision(_))
    }

    /// Was this unique rule broken?
    pub fn is_taken(&self, rule: &str) -> bool {
        matches!(self, Self::Taken(name) if name == rule)
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::Missing("a row"),
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation => {
                    Self::Taken(super::dialect::broken_rule(info.constraint_name(), info.message()))
                }
                DatabaseErrorKind::SerializationFailure => Self::Collision(info.message().to_owned()),
                DatabaseErrorKind::ClosedConnection => Self::Unavailable(info.message().to_owned()),
                DatabaseErrorKind::ReadOnlyTransaction => Self::CannotWrite(info.message().to_owned()),
                _ => super::dialect::classify(info.message()),
            },
            DieselError::DeserializationError(cause) => Self::Corrupt(with_causes(cause.as_ref())),
            other => super::dialect::classify(&other.to_string()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// diesel names the column, its cause names the value.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

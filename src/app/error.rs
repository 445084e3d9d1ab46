//! How a use case fails.

use crate::domain::Refusal;
use crate::domain::access::Denied;
use crate::kernel::secret::NoRandomness;
use crate::store::{Retry, StoreError};

/// Why a use case did nothing.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A rule says no; the words are for the person.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The person may not do this, or may not know of it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The object does not exist.
    #[error("not found")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine has no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Retry for AppError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}

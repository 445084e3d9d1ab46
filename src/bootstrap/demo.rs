//! The demonstration: a made-up organization, and a clock that can be moved (SPEC OPS-1, FIX-3).

use crate::app::{App, AppError};

/// Fills an empty database with the organization of SPEC FIX-3.
pub fn fill(_app: &App) -> Result<(), AppError> {
    Ok(())
}

//! Puts a running instance together: database, clock, mail, background work, server. The only place that knows
//! every layer.

pub mod demo;
mod error;
mod instance;
mod run;

pub use error::StartError;
pub use instance::{Opened, migrate, open, read_only};
pub use run::{serve, work};

//! Use cases: what people and timers do, one file each or per family. A use case runs inside one transaction:
//! load facts, decide in `domain`, save, record for the audit log, enqueue notices and jobs. Synchronous; no
//! HTTP, no mail transport, no templates here.

pub mod account;
pub mod background;
pub mod bulk;
pub mod catalog;
pub mod context;
pub mod delegation;
pub mod digests;
pub mod directory;
pub mod error;
pub mod fulfil;
pub mod links;
pub mod notice_texts;
pub mod notices;
pub mod request;
pub mod rules;

pub use context::{App, Cx, Instance};
pub use error::AppError;

//! Where mails go: to a mail server, into a folder, or into memory for tests.

mod file;
mod memory;
mod smtp;

use std::path::Path;
use std::sync::Arc;

pub use lettre::Message;

use super::message::{Envelope, SendError};

pub use file::Folder;
pub use memory::{Memory, SentMail};
pub use smtp::{BadSmtpUrl, Smtp};

/// Takes a message, or says whether it may later.
pub trait Transport: Send + Sync {
    /// Sends a message.
    fn send(&self, message: &Message, envelope: &Envelope<'_>) -> Result<(), SendError>;
}

/// The transport that the settings ask for (SPEC NOT-4): a mail server, or else files below the data folder.
pub fn from_settings(smtp_url: Option<&str>, data_dir: &Path) -> Result<Arc<dyn Transport>, BadSmtpUrl> {
    Ok(match smtp_url {
        Some(url) => Arc::new(Smtp::open(url)?),
        None => Arc::new(Folder::new(data_dir.join("mail"))),
    })
}

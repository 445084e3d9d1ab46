//! Mails: from facts to words, and from words to a mail server.
//!
//! `jobs` loads the facts of a notice, [`render()`] turns them into a [`Mail`], and a [`Mailer`] hands it to its
//! transport. This folder knows neither the store nor the use cases; it decides nothing.

pub mod facts;
mod letter;
mod letters;
pub mod message;
pub mod preview;
mod texts;
mod time;
pub mod transport;

#[cfg(test)]
mod letters_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod samples_others;

pub use facts::{Facts, Portal, Recipient};
pub use letters::{render, render_with};
pub use message::{Envelope, Mailer, SendError};
pub use transport::Transport;

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The subject.
    pub subject: String,
    /// The plain text part; says everything that the HTML part says.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Mail {
    /// The mail without its secret: what may be kept and shown (SPEC APR-12). A link's token becomes `…`, and so
    /// does a code.
    #[must_use]
    pub fn masked(&self, secret: Option<&str>) -> Self {
        let hide = |text: &str| match secret {
            Some(secret) if !secret.is_empty() => text.replace(secret, "…"),
            _ => text.to_owned(),
        };
        Self { subject: hide(&self.subject), text: hide(&self.text), html: hide(&self.html) }
    }
}

/// Why there is no mail.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template failed.
    #[error("the mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

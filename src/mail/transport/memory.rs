//! Keeps mails in memory and fails on demand: for tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use lettre::Message;

use super::Transport;
use crate::mail::message::{Envelope, SendError};

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct SentMail {
    /// Whom it was for.
    pub to: String,
    /// Its kind.
    pub kind: String,
    /// Its Message-ID.
    pub message_id: String,
    /// The whole message as a mail server would get it.
    pub source: String,
}

/// A transport that keeps what it gets. Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    sent: Arc<Mutex<Vec<SentMail>>>,
    failures: Arc<Mutex<VecDeque<SendError>>>,
}

impl Memory {
    /// What was taken so far.
    pub fn sent(&self) -> Vec<SentMail> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes the next attempt fail.
    pub fn fail_next(&self, error: SendError) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push_back(error);
    }
}

impl Transport for Memory {
    fn send(&self, message: &Message, envelope: &Envelope<'_>) -> Result<(), SendError> {
        if let Some(error) = self.failures.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
            return Err(error);
        }
        let mail = SentMail {
            to: envelope.to.address.clone(),
            kind: envelope.kind.to_owned(),
            message_id: envelope.message_id.to_owned(),
            source: String::from_utf8_lossy(&message.formatted()).into_owned(),
        };
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        Ok(())
    }
}

//! What an operator can set (SPEC FIX-2, OPS-3). Defaults, then the file, then the environment, then flags; unknown
//! keys are refused; every problem is reported at once.

pub mod cidr;
mod read;
mod sources;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::Duration;
use chrono_tz::Tz;

use crate::domain::policy::LinkMode;
use crate::domain::webhook::Hosts;
use crate::kernel::Email;

pub use cidr::Cidr;
pub use read::{KEYS, Key};
pub use sources::{Flags, Sources};

/// A text that must not reach a log or a screen.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Everything that an operator can set, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the server listens.
    pub bind: SocketAddr,
    /// Where the embedded database and mail files live.
    pub data_dir: PathBuf,
    /// The database; it may hold a password.
    pub database_url: Secret,
    /// Where people reach the portal, without a slash at the end.
    pub base_url: String,
    /// The mail server; none means files. It may hold a password.
    pub smtp_url: Option<Secret>,
    /// The sender's address of mails; none means one made from the base URL.
    pub mail_from: Option<Email>,
    /// The portal's name.
    pub instance_name: String,
    /// The time zone in which fixed dates end.
    pub time_zone: Tz,
    /// What links in approval mails permit where a policy does not say.
    pub link_mode: LinkMode,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// The hosts that webhooks may call; none unless they are named.
    pub webhook_hosts: Hosts,
    /// A session without a request ends after this.
    pub session_idle: Duration,
    /// A session ends after this in any case.
    pub session_absolute: Duration,
    /// How much the log says: `info`, or a filter such as `info,latchkey::jobs=debug`.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Each setting with its value, secrets hidden, and where it came from: for `check-config`.
    pub report: Vec<Line>,
}

/// One setting as `check-config` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The key.
    pub key: &'static str,
    /// The value, unless it is secret.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}

/// All that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "the configuration is wrong: {one}"),
            many => {
                write!(f, "the configuration has {} problems:", many.len())?;
                many.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
        }
    }
}

impl std::error::Error for Problems {}

impl Config {
    /// Reads and checks everything.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        read::read(sources)
    }

    /// Is the database the embedded one?
    pub fn is_embedded(&self) -> bool {
        self.database_url.reveal().starts_with("sqlite:")
    }
}

#[cfg(test)]
mod tests;

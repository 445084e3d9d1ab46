//! The audit log's entries and their chain (SPEC AUD-1, I8).

use serde_json::Value;
use uuid::Uuid;

use crate::kernel::Moment;
use crate::kernel::ids::{AuditId, UserId};
use crate::kernel::secret;

text_enum! {
    /// What kind of object an audit event is about.
    pub enum ObjectKind {
        /// A user.
        User = "user",
        /// A group.
        Group = "group",
        /// A session.
        Session = "session",
        /// A directory-wide role.
        DirectoryRole = "directoryRole",
        /// A catalog.
        Catalog = "catalog",
        /// A resource.
        Resource = "resource",
        /// An access package.
        Package = "package",
        /// An assignment policy.
        Policy = "policy",
        /// A request.
        Request = "request",
        /// An assignment.
        Assignment = "assignment",
        /// A fulfilment task.
        Task = "task",
        /// A connected organization.
        Organization = "organization",
        /// A notice.
        Notice = "notice",
        /// Work on many people or assignments at once.
        BulkWork = "bulkWork",
        /// A background job.
        Job = "job",
        /// A schedule of recurring work; its id is the portal's.
        Schedule = "schedule",
        /// A setting of the instance.
        Setting = "setting",
    }
}

/// Who makes a change, and from where: for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Who; `None` is the system.
    pub user: Option<UserId>,
    /// Their name at the time.
    pub name: String,
    /// From where: an address, or `system`.
    pub origin: String,
    /// Ties together what one request or job does.
    pub correlation: String,
}

impl Author {
    /// The system itself: sweeps and jobs.
    pub fn system(correlation: impl Into<String>) -> Self {
        Self {
            user: None,
            name: "Latchkey".to_owned(),
            origin: "system".to_owned(),
            correlation: correlation.into(),
        }
    }
}

/// A change to be recorded.
#[derive(Debug, Clone)]
pub struct Record {
    /// The verb, such as `request.submit`.
    pub action: &'static str,
    /// What kind of object.
    pub object_kind: ObjectKind,
    /// Which object.
    pub object: Uuid,
    /// Its name at the time.
    pub object_name: String,
    /// The person whom it concerns, if another than the actor.
    pub subject: Option<UserId>,
    /// Values before.
    pub old: Value,
    /// Values after.
    pub new: Value,
    /// The words that were given.
    pub reason: String,
}

impl Record {
    /// A record of an action on an object.
    pub fn of(
        action: &'static str,
        object_kind: ObjectKind,
        object: Uuid,
        object_name: impl Into<String>,
    ) -> Self {
        Self {
            action,
            object_kind,
            object,
            object_name: object_name.into(),
            subject: None,
            old: Value::Null,
            new: Value::Null,
            reason: String::new(),
        }
    }

    /// With the values before and after.
    #[must_use]
    pub fn change(mut self, old: Value, new: Value) -> Self {
        self.old = old;
        self.new = new;
        self
    }

    /// With the person whom it concerns.
    #[must_use]
    pub fn about(mut self, subject: UserId) -> Self {
        self.subject = Some(subject);
        self
    }

    /// With the words that were given.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }
}

/// An event as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Place in the chain, from 1, without gaps.
    pub seq: i64,
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Moment,
    /// Who; `None` is the system.
    pub actor: Option<UserId>,
    /// The actor's name at the time.
    pub actor_name: String,
    /// From where: an address, or `system`.
    pub origin: String,
    /// The verb.
    pub action: String,
    /// What kind of object.
    pub object_kind: ObjectKind,
    /// Which object.
    pub object: Uuid,
    /// Its name at the time.
    pub object_name: String,
    /// The person whom it concerns.
    pub subject: Option<UserId>,
    /// Values before, as canonical JSON text.
    pub old: String,
    /// Values after, as canonical JSON text.
    pub new: String,
    /// The words that were given.
    pub reason: String,
    /// Ties together what one request or job did.
    pub correlation: String,
    /// Hash of the event before; empty for the first.
    pub previous: String,
    /// Hash of this event.
    pub hash: String,
}

impl Event {
    /// The hash that the event must carry: SHA-256 over the previous hash and every field, each with its length
    /// in front, so that no two different events have the same bytes.
    pub fn expected_hash(&self) -> String {
        let fields = [
            self.previous.clone(),
            self.seq.to_string(),
            self.id.to_string(),
            self.at.timestamp_micros().to_string(),
            self.actor.map(|u| u.to_string()).unwrap_or_default(),
            self.actor_name.clone(),
            self.origin.clone(),
            self.action.clone(),
            self.object_kind.to_string(),
            self.object.to_string(),
            self.object_name.clone(),
            self.subject.map(|u| u.to_string()).unwrap_or_default(),
            self.old.clone(),
            self.new.clone(),
            self.reason.clone(),
            self.correlation.clone(),
        ];
        let bytes: String = fields.iter().map(|f| format!("{}:{f}", f.len())).collect();
        secret::hash(&bytes)
    }
}

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A number is missing or out of order.
    #[error("event {expected} is missing or out of order (found {found})")]
    Gap {
        /// The number that should follow.
        expected: i64,
        /// The number that does.
        found: i64,
    },
    /// The link to the event before does not fit.
    #[error("event {0} does not follow from the event before it")]
    Link(i64),
    /// The content was changed.
    #[error("event {0} was changed after it was written")]
    Content(i64),
    /// The end is missing.
    #[error("the log ends at event {found}, but {expected} were written")]
    Truncated {
        /// The last number that was written.
        expected: i64,
        /// The last number that is there.
        found: i64,
    },
    /// Something was added at the end past the portal.
    #[error("the log ends at event {found}, but only {expected} were written")]
    Added {
        /// The last number that was written.
        expected: i64,
        /// The last number that is there.
        found: i64,
    },
}

/// Checks the next event of a chain against the hash and number of the one before.
pub fn verify_next(previous_seq: i64, previous_hash: &str, event: &Event) -> Result<(), Broken> {
    if event.seq != previous_seq + 1 {
        return Err(Broken::Gap { expected: previous_seq + 1, found: event.seq });
    }
    if event.previous != previous_hash {
        return Err(Broken::Link(event.seq));
    }
    if event.hash != event.expected_hash() {
        return Err(Broken::Content(event.seq));
    }
    Ok(())
}

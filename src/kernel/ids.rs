//! One id type per entity, and the generator. Ids are UUIDs of version 7, so they sort by creation.

use std::sync::Arc;

use uuid::Uuid;

use super::clock::{Clock, SharedClock};

/// What every id type can do.
pub trait EntityId: Copy + Ord + std::fmt::Display + Send + Sync + 'static {
    /// Wraps a UUID.
    fn from_uuid(id: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);
        impl EntityId for $name {
            fn from_uuid(id: Uuid) -> Self { Self(id) }
            fn uuid(self) -> Uuid { self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::parse_str(text).map(Self) }
        }
    )+ };
}

ids! {
    /// A user.
    UserId,
    /// A group of users.
    GroupId,
    /// A connected organization.
    OrganizationId,
    /// A catalog.
    CatalogId,
    /// A resource.
    ResourceId,
    /// A role that a resource offers.
    ResourceRoleId,
    /// An access package.
    PackageId,
    /// An assignment policy.
    PolicyId,
    /// An assignment request.
    RequestId,
    /// An assignment.
    AssignmentId,
    /// The delivery of one resource role of one assignment.
    DeliveryId,
    /// A vote of an approver.
    VoteId,
    /// A grant of a directory-wide or catalog role.
    RoleGrantId,
    /// A notice in the outbox.
    NoticeId,
    /// An emailed decision link.
    LinkId,
    /// A one-time code for an emailed decision link.
    CodeId,
    /// A single-use account link: invitation, reset, set-up.
    AccountLinkId,
    /// A signed-in session.
    SessionId,
    /// A background job.
    JobId,
    /// An audit event.
    AuditId,
    /// A step in a request's timeline.
    StepId,
}

/// Makes new ids.
#[derive(Clone)]
pub struct Ids {
    clock: SharedClock,
}

impl Ids {
    /// A generator that stamps ids with this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }

    /// A new id.
    pub fn next<T: EntityId>(&self) -> T {
        T::from_uuid(self.uuid())
    }

    /// A new UUID of version 7 by the generator's clock.
    pub fn uuid(&self) -> Uuid {
        let now = self.clock.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        let stamp = uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos());
        Uuid::new_v7(stamp)
    }
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ids")
    }
}

//! One id type per entity, and the generator. Ids are UUIDs of version 7, so they sort by creation.

use std::sync::{Arc, Mutex};

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
    /// An entry of what a package cannot be held together with.
    ConflictId,
    /// An assignment request.
    RequestId,
    /// An assignment.
    AssignmentId,
    /// The delivery of one resource role of one assignment.
    DeliveryId,
    /// An order to a target outside the portal: its idempotency key.
    OrderId,
    /// One attempt to carry an order out.
    AttemptId,
    /// A change of what a package grants.
    PackageChangeId,
    /// Something that the owners of a resource have to do by hand.
    TaskId,
    /// A vote of an approver.
    VoteId,
    /// A delegation of approvals while away.
    DelegationId,
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
    /// Work on many people or assignments at once.
    BulkWorkId,
    /// A file of users to import.
    ImportId,
    /// A background job.
    JobId,
    /// An audit event.
    AuditId,
    /// A step in a request's timeline.
    StepId,
    /// A comment on a request.
    CommentId,
    /// Changes to a request that an approver asks for.
    ChangeRequestId,
}

/// Makes new ids. Ids of one generator grow, also within one millisecond and while the clock stands still, so
/// that "order by id" is the order in which things were made.
#[derive(Clone)]
pub struct Ids {
    clock: SharedClock,
    last: Arc<Mutex<(u64, u32)>>,
}

impl Ids {
    /// A generator that stamps ids with this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: Arc::default() }
    }

    /// A new id.
    pub fn next<T: EntityId>(&self) -> T {
        T::from_uuid(self.uuid())
    }

    /// A new UUID of version 7 by the generator's clock (RFC 9562, section 6.2, method 1: a counter of 26 bits
    /// behind the milliseconds, random bits behind the counter).
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        let counter = {
            let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *last = if last.0 == millis { (millis, last.1.wrapping_add(1)) } else { (millis, 0) };
            last.1
        };
        let [a, b, c, d] = counter.to_be_bytes();
        // 26 bits in the places that version and variant leave free.
        let first = ((a & 0x03) << 2) | (b >> 6);
        let second = (b << 2) | (c >> 6);
        let third = c & 0x3f;
        let tail = random_tail();
        let [e, f, g, h, i, j] = tail;
        uuid::Builder::from_unix_timestamp_millis(millis, &[first, second, third, d, e, f, g, h, i, j])
            .into_uuid()
    }
}

/// Random bits that keep ids of several machines apart. Ids are no secrets, so if the operating system has no
/// randomness (then nothing secret can be made either), the address of a local stands in.
fn random_tail() -> [u8; 6] {
    super::secret::random_bytes::<6>().unwrap_or_else(|_| {
        let here = 0_u8;
        let [.., a, b, c, d, e, f] = (std::ptr::from_ref(&here) as usize).to_be_bytes();
        [a, b, c, d, e, f]
    })
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ids")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::ManualClock;

    #[test]
    fn ids_grow_while_the_clock_stands_still() {
        let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
        let ids = Ids::new(Arc::new(clock.clone()));
        let made: Vec<UserId> = (0..70_000).map(|_| ids.next()).collect();
        assert!(made.windows(2).all(|w| w[0] < w[1]));
        clock.advance(chrono::Duration::milliseconds(1));
        assert!(ids.next::<UserId>() > made[made.len() - 1]);
        assert_eq!(ids.uuid().get_version_num(), 7);
    }
}

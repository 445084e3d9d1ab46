//! Orders to targets outside the portal (SPEC DLV-3, DLV-4, DLV-6, I10).
//!
//! Whatever leaves the portal is ordered for one role and one person at a time. Each order has a sequence number,
//! greater than that of any earlier order for this role and person, and an idempotency key, which stays the same
//! when the order is repeated.

use chrono::Duration;

use super::catalog::ConnectorKind;
use super::delivery::ConnectorError;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, DeliveryId, OrderId, PackageId, ResourceId, ResourceRoleId, UserId};

text_enum! {
    /// What an order asks for.
    pub enum Action {
        /// Put the role in place.
        Grant = "grant",
        /// Take it back.
        Revoke = "revoke",
        /// Nothing: to see whether the target understands.
        Test = "test",
    }
}

text_enum! {
    /// What became of an attempt.
    pub enum Outcome {
        /// On its way.
        Sending = "sending",
        /// Carried out.
        Done = "done",
        /// The target will tell later.
        Pending = "pending",
        /// Failed; tried again.
        Later = "later",
        /// The target will not.
        Refused = "refused",
        /// The answer came when a newer order had taken its place.
        Outdated = "outdated",
    }
}

impl Outcome {
    /// In everyday words, for pages.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sending => "on its way",
            Self::Done => "done",
            Self::Pending => "the target tells later",
            Self::Later => "failed, tried again",
            Self::Refused => "refused",
            Self::Outdated => "outdated answer",
        }
    }
}

/// Is it delivered by somebody or something outside this program, so that it cannot be part of a transaction?
pub fn leaves_the_portal(kind: ConnectorKind) -> bool {
    matches!(kind, ConnectorKind::Webhook | ConnectorKind::Ldap | ConnectorKind::Scim)
}

/// Who is to get or lose a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their number in the organization; may be empty.
    pub employee_id: String,
}

/// What is to be granted or taken back, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// Who gets or loses it.
    pub subject: Subject,
    /// The role's id.
    pub role: ResourceRoleId,
    /// The role's name.
    pub role_name: String,
    /// For which assignment.
    pub assignment: AssignmentId,
    /// Of which package.
    pub package: PackageId,
    /// The package's name.
    pub package_name: String,
    /// When the access ends.
    pub ends_at: Option<Moment>,
}

/// Where orders of a webhook go. The secret signs them.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookTarget {
    /// The address.
    pub url: String,
    /// The key of the signature.
    pub secret: String,
}

impl std::fmt::Debug for WebhookTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookTarget(…)")
    }
}

/// An order, ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideOrder {
    /// Its idempotency key.
    pub id: OrderId,
    /// Its number among the orders for this role and person.
    pub sequence: i64,
    /// What it asks for.
    pub action: Action,
    /// How it is delivered.
    pub connector: ConnectorKind,
    /// The resource.
    pub resource: ResourceId,
    /// The resource's name.
    pub resource_name: String,
    /// What is granted or taken back; a test has nothing.
    pub matter: Option<Matter>,
    /// Where it goes, if that is set up.
    pub target: Option<WebhookTarget>,
    /// Where the target may tell later how it went.
    pub callback: String,
    /// When it leaves.
    pub at: Moment,
}

/// What a target says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// It will tell later.
    Pending,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the target said, or why not.
    pub reply: Result<Reply, ConnectorError>,
    /// The status code of its answer, where there is such a thing.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub millis: u32,
}

impl Report {
    /// What became of the attempt.
    pub fn outcome(&self) -> Outcome {
        match &self.reply {
            Ok(Reply::Done) => Outcome::Done,
            Ok(Reply::Pending) => Outcome::Pending,
            Err(ConnectorError::Later(_)) => Outcome::Later,
            Err(ConnectorError::Refused(_)) => Outcome::Refused,
        }
    }

    /// What went wrong.
    pub fn message(&self) -> Option<&str> {
        match &self.reply {
            Ok(_) => None,
            Err(ConnectorError::Later(text) | ConnectorError::Refused(text)) => Some(text),
        }
    }
}

/// A way to carry orders out. Orders may be repeated after a crash; the target tells them apart by their
/// idempotency key, and ignores what is older than what it knows (SPEC DLV-4, I10).
pub trait Target: Send + Sync {
    /// Which connector it is.
    fn kind(&self) -> ConnectorKind;

    /// Carries an order out. It takes its time: no transaction is held meanwhile.
    fn carry_out(&self, order: &OutsideOrder) -> Report;
}

/// How long an order belongs to whoever claimed it: longer than any call may take.
pub const HOLD: Duration = Duration::minutes(2);

/// A target that promised to tell later has this long; then it counts as a failure, and is asked again.
pub const ANSWER_WITHIN: Duration = Duration::hours(6);

/// When a role is tried again that could not be delivered or taken back: after 1 minute, then twice as long each time
/// up to 6 hours, 24 hours in all. `None` is never: it stays failed until somebody tries it again (SPEC DLV-3).
/// `tries` counts from 1, `since` is the first one.
pub fn again(tries: i32, since: Moment, now: Moment) -> Option<Moment> {
    let last = since + Duration::hours(24);
    if now >= last {
        return None;
    }
    let doublings = u32::try_from(tries.clamp(1, 20) - 1).unwrap_or(0);
    let minutes = (1_i64 << doublings).min(6 * 60);
    Some((now + Duration::minutes(minutes)).min(last))
}

/// An order that is to be carried out for this delivery, with what proves the claim.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// For which delivery.
    pub delivery: DeliveryId,
    /// What to do.
    pub order: OutsideOrder,
    /// What proves the claim.
    pub lease: uuid::Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dlv_3_pauses_grow_from_a_minute_to_six_hours_for_a_day() {
        let start: Moment = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut now = start;
        let mut pauses = Vec::new();
        for tries in 1..100 {
            let Some(at) = again(tries, start, now) else { break };
            pauses.push((at - now).num_minutes());
            now = at;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 209]);
        assert_eq!(now, start + Duration::hours(24));
        assert_eq!(again(1, start, start + Duration::days(3)), None);
    }
}

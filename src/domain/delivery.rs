//! Delivery of resource roles (SPEC DLV-1 to DLV-5).

use super::assignment::AssignmentState;
use super::catalog::ConnectorKind;
use crate::kernel::ids::{AssignmentId, ResourceRoleId, UserId};

text_enum! {
    /// How far one resource role of one assignment is delivered (SPEC DLV-1).
    pub enum DeliveryState {
        /// To be delivered.
        Pending = "pending",
        /// In place.
        Delivered = "delivered",
        /// Could not be delivered; the error is kept.
        Failed = "failed",
        /// To be taken back.
        Removing = "removing",
        /// Taken back, or kept because another live assignment grants the same role.
        Removed = "removed",
    }
}

/// What a connector is asked to do: one role, one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// For which assignment.
    pub assignment: AssignmentId,
    /// Which role.
    pub role: ResourceRoleId,
    /// Who gets or loses it.
    pub user: UserId,
}

/// Why a target did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// Worth another try later (SPEC DLV-3).
    #[error("{0}")]
    Later(String),
    /// Will not work until somebody changes something.
    #[error("{0}")]
    Refused(String),
}

/// The way a resource role is delivered (SPEC DLV-6). Both orders are idempotent: a grant of what is there and a
/// removal of what is not succeed (SPEC DLV-4).
pub trait Connector {
    /// A failure of the portal itself, not of the target: nothing is recorded, the work is tried again.
    type Broken;

    /// Which connector this is.
    fn kind(&self) -> ConnectorKind;

    /// Puts the role in place.
    fn grant(&mut self, order: &Order) -> Result<Result<(), ConnectorError>, Self::Broken>;

    /// Takes the role back.
    fn revoke(&mut self, order: &Order) -> Result<Result<(), ConnectorError>, Self::Broken>;
}

/// The state of a live assignment, derived from its roles (SPEC DLV-1). An assignment without roles is
/// delivered.
pub fn derive(roles: &[DeliveryState]) -> AssignmentState {
    use DeliveryState::{Delivered, Failed, Pending};
    let live: Vec<_> = roles.iter().filter(|s| matches!(s, Pending | Delivered | Failed)).collect();
    let failed = live.iter().filter(|s| ***s == Failed).count();
    if live.iter().any(|s| **s == Pending) {
        AssignmentState::Delivering
    } else if failed == 0 {
        AssignmentState::Delivered
    } else if failed == live.len() {
        AssignmentState::DeliveryFailed
    } else {
        AssignmentState::PartiallyDelivered
    }
}

#[cfg(test)]
mod tests {
    use super::DeliveryState::*;
    use super::*;

    #[test]
    fn dlv_1_the_assignments_state_follows_its_roles() {
        assert_eq!(derive(&[]), AssignmentState::Delivered);
        assert_eq!(derive(&[Delivered, Delivered]), AssignmentState::Delivered);
        assert_eq!(derive(&[Delivered, Pending]), AssignmentState::Delivering);
        assert_eq!(derive(&[Failed, Pending]), AssignmentState::Delivering);
        assert_eq!(derive(&[Failed, Delivered]), AssignmentState::PartiallyDelivered);
        assert_eq!(derive(&[Failed]), AssignmentState::DeliveryFailed);
        assert_eq!(derive(&[Removed, Delivered]), AssignmentState::Delivered);
    }
}

//! Delivery of resource roles (SPEC DLV-1 to DLV-5).

use super::assignment::AssignmentState;

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

/// The state of a live assignment, derived from its roles (SPEC DLV-1). An assignment without roles is
/// delivered.
pub fn derive(roles: &[DeliveryState]) -> AssignmentState {
    use DeliveryState::{Delivered, Failed, Pending};
    let live: Vec<_> = roles
        .iter()
        .filter(|s| matches!(s, Pending | Delivered | Failed))
        .collect();
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

//! Assignment requests (SPEC section 8): their states, and the gate at submission.

use super::Refusal;
use crate::kernel::ids::{AssignmentId, PolicyId, RequestId};

text_enum! {
    /// What a request wants (SPEC section 8).
    pub enum RequestKind {
        /// A person asks for a package.
        UserAdd = "userAdd",
        /// A person asks to extend, or changes answers.
        UserUpdate = "userUpdate",
        /// A person gives a package up.
        UserRemove = "userRemove",
        /// A manager asks for a report.
        OnBehalfAdd = "onBehalfAdd",
        /// Somebody assigns directly.
        AdminAdd = "adminAdd",
        /// Somebody changes an assignment.
        AdminUpdate = "adminUpdate",
        /// Somebody who manages the assignment removes it.
        AdminRemove = "adminRemove",
        /// A rule assigns.
        SystemAdd = "systemAdd",
        /// The system changes an assignment.
        SystemUpdate = "systemUpdate",
        /// The system ends an assignment: expiry, for one.
        SystemRemove = "systemRemove",
        /// An approver revokes.
        ApproverRemove = "approverRemove",
    }
}

impl RequestKind {
    /// Does it take access away?
    pub fn removes(self) -> bool {
        matches!(self, Self::UserRemove | Self::AdminRemove | Self::SystemRemove | Self::ApproverRemove)
    }

    /// Does it ask for a new assignment?
    pub fn adds(self) -> bool {
        matches!(self, Self::UserAdd | Self::OnBehalfAdd | Self::AdminAdd | Self::SystemAdd)
    }
}

text_enum! {
    /// What a `userUpdate` changes about access that the person holds (SPEC section 8, REQ-7).
    pub enum Changes {
        /// Its end: an extension; answers may change with it.
        End = "end",
        /// Answers only.
        Answers = "answers",
    }
}

text_enum! {
    /// The state of a request (SPEC section 8).
    pub enum RequestState {
        /// Accepted, nothing done yet.
        Submitted = "submitted",
        /// Waiting for a custom extension.
        WaitingForCallback = "waitingForCallback",
        /// A stage is asked.
        PendingApproval = "pendingApproval",
        /// Approved; access starts later.
        Scheduled = "scheduled",
        /// Approved; roles are being delivered or taken back.
        Delivering = "delivering",
        /// Done.
        Delivered = "delivered",
        /// Done in part.
        PartiallyDelivered = "partiallyDelivered",
        /// Nothing could be delivered.
        DeliveryFailed = "deliveryFailed",
        /// An approver said no.
        Denied = "denied",
        /// Nobody decided in time.
        Expired = "expired",
        /// Taken back before it was delivered.
        Canceled = "canceled",
    }
}

impl RequestState {
    /// Still on its way (SPEC REQ-4)? At most one such request per person and package.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Submitted
                | Self::WaitingForCallback
                | Self::PendingApproval
                | Self::Scheduled
                | Self::Delivering
        )
    }

    /// The state in everyday words, for refusals and lists.
    pub fn words(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::WaitingForCallback => "waiting for another system",
            Self::PendingApproval => "waiting for a decision",
            Self::Scheduled => "scheduled",
            Self::Delivering => "being delivered",
            Self::Delivered => "delivered",
            Self::PartiallyDelivered => "delivered in part",
            Self::DeliveryFailed => "not delivered",
            Self::Denied => "denied",
            Self::Expired => "expired without a decision",
            Self::Canceled => "cancelled",
        }
    }
}

/// What the gate needs to know (SPEC REQ-1).
#[derive(Debug, Clone, Default)]
pub struct GateFacts {
    /// Is the person enabled?
    pub enabled: bool,
    /// Does the person come from outside?
    pub guest: bool,
    /// Is the catalog published?
    pub published: bool,
    /// Is the catalog open to guests?
    pub open_to_guests: bool,
    /// The policies that the person may use, already narrowed to the strictest tier.
    pub offered: Vec<PolicyId>,
    /// A live assignment of the package.
    pub held: Option<AssignmentId>,
    /// An open request for the package.
    pub open: Option<RequestId>,
    /// Names of incompatible packages and groups that the person holds.
    pub conflicts: Vec<String>,
}

/// One check of the gate, with its result: "Why can't I request this?"
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is checked, in words.
    pub label: &'static str,
    /// Why it fails, if it does.
    pub failed: Option<Refusal>,
}

/// Every check of the gate in order (SPEC REQ-1).
pub fn checks(f: &GateFacts) -> Vec<Check> {
    let check = |label, failed: bool, refusal| Check { label, failed: failed.then_some(refusal) };
    let mut all = vec![
        check("Your account is enabled", !f.enabled, Refusal::UserDisabled),
        check("The catalog is published", !f.published, Refusal::CatalogUnpublished),
    ];
    if f.guest {
        all.push(check(
            "The catalog is open to people from outside",
            !f.open_to_guests,
            Refusal::CatalogClosedToGuests,
        ));
    }
    all.push(check("A policy lets you request it", f.offered.is_empty(), Refusal::NotAdmitted));
    all.push(check("You do not have it yet", f.held.is_some(), Refusal::AlreadyHeld));
    all.push(check("You have not asked for it already", f.open.is_some(), Refusal::AlreadyRequested));
    let conflict = f.conflicts.join(", ");
    all.push(check(
        "It does not conflict with what you have",
        !conflict.is_empty(),
        Refusal::Conflict(conflict),
    ));
    all
}

/// May the person request the package now (SPEC REQ-1)? The first check that fails, if any.
pub fn gate(facts: &GateFacts) -> Result<(), Refusal> {
    checks(facts).into_iter().find_map(|c| c.failed).map_or(Ok(()), Err)
}

/// Who wants to cancel a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canceler {
    /// The requestor or the person it is for.
    Requestor,
    /// Somebody who manages the assignment.
    Manager,
}

/// May this request be cancelled (SPEC REQ-5)?
pub fn check_cancel(state: RequestState, kind: RequestKind, by: Canceler) -> Result<(), Refusal> {
    use RequestState::{
        Delivering, DeliveryFailed, PartiallyDelivered, PendingApproval, Scheduled, Submitted,
    };
    let ok = match by {
        Canceler::Requestor => matches!(state, Submitted | PendingApproval | Scheduled),
        Canceler::Manager => {
            matches!(
                state,
                Submitted | PendingApproval | Scheduled | Delivering | DeliveryFailed | PartiallyDelivered
            )
        }
    };
    if ok && !kind.removes() { Ok(()) } else { Err(Refusal::NotCancelable(state.words().to_owned())) }
}

/// May this request be copied into a new form (SPEC REQ-6)?
pub fn check_resubmit(state: RequestState) -> Result<(), Refusal> {
    if matches!(state, RequestState::Denied | RequestState::Expired | RequestState::Canceled) {
        Ok(())
    } else {
        Err(Refusal::NotResubmittable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn open_door() -> GateFacts {
        GateFacts {
            enabled: true,
            published: true,
            open_to_guests: true,
            offered: vec![PolicyId(Uuid::nil())],
            ..GateFacts::default()
        }
    }

    #[test]
    fn req_1_each_check_of_the_gate_has_its_own_message() {
        assert_eq!(gate(&open_door()), Ok(()));
        let cases: Vec<(fn(&mut GateFacts), Refusal)> = vec![
            (|f| f.enabled = false, Refusal::UserDisabled),
            (|f| f.published = false, Refusal::CatalogUnpublished),
            (
                |f| {
                    f.guest = true;
                    f.open_to_guests = false;
                },
                Refusal::CatalogClosedToGuests,
            ),
            (|f| f.offered.clear(), Refusal::NotAdmitted),
            (|f| f.held = Some(AssignmentId(Uuid::nil())), Refusal::AlreadyHeld),
            (|f| f.open = Some(RequestId(Uuid::nil())), Refusal::AlreadyRequested),
            (|f| f.conflicts = vec!["Board papers".into()], Refusal::Conflict("Board papers".into())),
        ];
        let mut messages = std::collections::HashSet::new();
        for (change, refusal) in cases {
            let mut facts = open_door();
            change(&mut facts);
            assert_eq!(gate(&facts), Err(refusal.clone()));
            assert!(messages.insert(refusal.to_string()));
            assert_eq!(checks(&facts).iter().filter(|c| c.failed.is_some()).count(), 1);
        }
    }

    #[test]
    fn req_5_who_may_cancel_when() {
        use RequestState::*;
        for state in RequestState::ALL.iter().copied() {
            let requestor = check_cancel(state, RequestKind::UserAdd, Canceler::Requestor).is_ok();
            let manager = check_cancel(state, RequestKind::UserAdd, Canceler::Manager).is_ok();
            assert_eq!(requestor, matches!(state, Submitted | PendingApproval | Scheduled), "{state}");
            assert_eq!(
                manager,
                requestor || matches!(state, Delivering | DeliveryFailed | PartiallyDelivered),
                "{state}"
            );
            assert!(check_cancel(state, RequestKind::UserRemove, Canceler::Manager).is_err());
        }
    }

    #[test]
    fn req_6_only_ended_requests_are_sent_again() {
        let ok: Vec<_> = RequestState::ALL.iter().filter(|s| check_resubmit(**s).is_ok()).collect();
        assert_eq!(ok, [&RequestState::Denied, &RequestState::Expired, &RequestState::Canceled]);
    }
}

//! Notices: the mails that the portal owes somebody (SPEC section 13).

use serde::{Deserialize, Serialize};

use crate::kernel::Moment;
use crate::kernel::ids::{
    AccountLinkId, AssignmentId, BulkWorkId, ChangeRequestId, CommentId, DelegationId, DeliveryId, LinkId,
    RequestId, TaskId, UserId, VoteId,
};

/// What a notice is about. Kept as JSON in the outbox: it holds ids only, the words are found when it is sent,
/// and secrets (link tokens, codes) are made then (SPEC APR-12). Variants are only ever added; a changed one
/// gets a new name, so that what waits in the outbox over an upgrade can still be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Notice {
    /// Mails 2, 4, 11, 13: decide, please.
    ApprovalRequested {
        /// Which request.
        request: RequestId,
        /// Which stage.
        stage: u8,
    },
    /// Mails 3, 5, 12, 14: still to be decided.
    ApprovalReminder {
        /// Which request.
        request: RequestId,
        /// Which stage.
        stage: u8,
    },
    /// Mails 1 and 15: nobody decided for so long that alternates are asked too (SPEC APR-4); to them.
    ApprovalForwarded {
        /// Which request.
        request: RequestId,
        /// Which stage.
        stage: u8,
    },
    /// Mails 6 and 17: nobody decided in time; to the stage's approvers.
    StageExpired {
        /// Which request.
        request: RequestId,
        /// Which stage.
        stage: u8,
    },
    /// Mails 8 and 16: a stage is approved; to its approvers.
    StageApproved {
        /// Which request.
        request: RequestId,
        /// Which stage.
        stage: u8,
    },
    /// Mail 7: the request is decided; to the approvers.
    RequestApproved {
        /// Which request.
        request: RequestId,
    },
    /// Mail 9: denied; to the requestor.
    RequestDenied {
        /// Which request.
        request: RequestId,
    },
    /// Mail 10: nobody decided in time; to the requestor.
    RequestExpired {
        /// Which request.
        request: RequestId,
    },
    /// Mail 18: you now have access.
    AccessDelivered {
        /// Which request.
        request: RequestId,
        /// Which assignment.
        assignment: AssignmentId,
    },
    /// Mail 19: access ends soon and can be extended (SPEC NOT-2).
    ExtensionReminder {
        /// Which assignment.
        assignment: AssignmentId,
        /// The end that it was written about: with another end it is not true any more.
        ends_at: Moment,
    },
    /// Mail 20: access has ended.
    AccessEnded {
        /// Which request ended it.
        request: RequestId,
        /// Which assignment.
        assignment: AssignmentId,
    },
    /// Access that somebody holds got another end (SPEC section 8, `adminUpdate`); to them.
    EndChanged {
        /// Which request changed it.
        request: RequestId,
        /// Which assignment.
        assignment: AssignmentId,
    },
    /// Work on many people or assignments is over (SPEC ASG-2); to whoever started it.
    BulkResult {
        /// Which work.
        work: BulkWorkId,
    },
    /// A role could not be delivered or taken back, and is not tried again by itself (SPEC DLV-3); to the people who
    /// manage the assignment.
    DeliveryFailed {
        /// Which request tells of it.
        request: RequestId,
        /// Which delivery.
        delivery: DeliveryId,
    },
    /// The daily mail of those who chose one in place of reminders (SPEC NOT-5).
    DailyDigest {
        /// Whose day it is: the one that the recipient has then.
        day: chrono::NaiveDate,
    },
    /// A decision was made in the approver's name (SPEC APR-12).
    DecisionConfirmed {
        /// Which request.
        request: RequestId,
        /// Which vote.
        vote: VoteId,
    },
    /// The one-time code of an emailed link (SPEC APR-12, mode *code*).
    DecisionCode {
        /// Which link.
        link: LinkId,
    },
    /// Somebody hands their approvals over while they are away (SPEC APR-11); to the delegate.
    ApprovalDelegated {
        /// Which delegation.
        delegation: DelegationId,
    },
    /// A delegation was ended before its time (SPEC APR-11); to the delegate.
    DelegationEnded {
        /// Which delegation.
        delegation: DelegationId,
    },
    /// A manager asked for access for somebody who reports to them (SPEC POL-6); to that person.
    RequestedForYou {
        /// Which request.
        request: RequestId,
    },
    /// Somebody commented on a request; to the others involved (SPEC REQ-9).
    CommentAdded {
        /// Which request.
        request: RequestId,
        /// Which comment.
        comment: CommentId,
    },
    /// An approver asks for changes; to the requestor (SPEC REQ-9).
    ChangesRequested {
        /// Which request.
        request: RequestId,
        /// Which changes.
        changes: ChangeRequestId,
    },
    /// Something is to be done by hand for a resource; to the people around it (SPEC DLV-6).
    FulfilmentTask {
        /// Which task.
        task: TaskId,
        /// The request that it was written for.
        request: RequestId,
    },
    /// It is still to be done.
    FulfilmentReminder {
        /// Which task.
        task: TaskId,
        /// The request that it was written for.
        request: RequestId,
        /// Is it overdue, or due within a day?
        overdue: bool,
    },
    /// An account is waiting (SPEC SES-1).
    Invitation {
        /// Whose.
        user: UserId,
        /// The account link whose token is made when the mail is rendered.
        link: AccountLinkId,
    },
    /// A new password was asked for (SPEC SES-1).
    PasswordReset {
        /// Whose.
        user: UserId,
        /// The account link whose token is made when the mail is rendered.
        link: AccountLinkId,
    },
}

text_enum! {
    /// Where a notice stands in the outbox.
    pub enum NoticeState {
        /// To be sent when its time comes.
        Waiting = "waiting",
        /// Somebody is sending it.
        Sending = "sending",
        /// The mail server took it, or the file was written.
        Sent = "sent",
        /// No longer true when its time came (SPEC NOT-1).
        Dropped = "dropped",
        /// Refused for good, or tried too often; an administrator can send it again (SPEC NOT-4).
        Failed = "failed",
    }
}

impl Notice {
    /// Every word that [`Notice::kind`] gives, for filters.
    pub const KINDS: &[&str] = &[
        "approvalRequested",
        "approvalReminder",
        "approvalForwarded",
        "stageExpired",
        "stageApproved",
        "requestApproved",
        "requestDenied",
        "requestExpired",
        "accessDelivered",
        "extensionReminder",
        "accessEnded",
        "endChanged",
        "bulkResult",
        "deliveryFailed",
        "dailyDigest",
        "decisionConfirmed",
        "decisionCode",
        "approvalDelegated",
        "delegationEnded",
        "requestedForYou",
        "commentAdded",
        "changesRequested",
        "fulfilmentTask",
        "fulfilmentReminder",
        "invitation",
        "passwordReset",
    ];

    /// The kind as people read it on the Mail page.
    pub fn words(kind: &str) -> &'static str {
        match kind {
            "approvalRequested" => "Approval requested",
            "approvalReminder" => "Approval reminder",
            "approvalForwarded" => "Approval forwarded",
            "stageExpired" => "Stage expired",
            "stageApproved" => "Stage approved",
            "requestApproved" => "Request approved",
            "requestDenied" => "Request denied",
            "requestExpired" => "Request expired",
            "accessDelivered" => "Access delivered",
            "extensionReminder" => "Extension reminder",
            "accessEnded" => "Access ended",
            "endChanged" => "End of access changed",
            "bulkResult" => "Bulk result",
            "deliveryFailed" => "Delivery failed",
            "dailyDigest" => "Daily summary",
            "decisionConfirmed" => "Decision confirmed",
            "decisionCode" => "Decision code",
            "approvalDelegated" => "Approval delegated",
            "delegationEnded" => "Delegation ended",
            "requestedForYou" => "Requested for somebody",
            "commentAdded" => "Comment added",
            "changesRequested" => "Changes asked for",
            "fulfilmentTask" => "Fulfilment task",
            "fulfilmentReminder" => "Fulfilment reminder",
            "invitation" => "Invitation",
            "passwordReset" => "Password reset",
            _ => "Notice",
        }
    }

    /// The word for `X-Latchkey-Notice` and for lists (SPEC NOT-3).
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ApprovalRequested { .. } => "approvalRequested",
            Self::ApprovalReminder { .. } => "approvalReminder",
            Self::ApprovalForwarded { .. } => "approvalForwarded",
            Self::StageExpired { .. } => "stageExpired",
            Self::StageApproved { .. } => "stageApproved",
            Self::RequestApproved { .. } => "requestApproved",
            Self::RequestDenied { .. } => "requestDenied",
            Self::RequestExpired { .. } => "requestExpired",
            Self::AccessDelivered { .. } => "accessDelivered",
            Self::ExtensionReminder { .. } => "extensionReminder",
            Self::AccessEnded { .. } => "accessEnded",
            Self::EndChanged { .. } => "endChanged",
            Self::BulkResult { .. } => "bulkResult",
            Self::DeliveryFailed { .. } => "deliveryFailed",
            Self::DailyDigest { .. } => "dailyDigest",
            Self::DecisionConfirmed { .. } => "decisionConfirmed",
            Self::DecisionCode { .. } => "decisionCode",
            Self::ApprovalDelegated { .. } => "approvalDelegated",
            Self::DelegationEnded { .. } => "delegationEnded",
            Self::RequestedForYou { .. } => "requestedForYou",
            Self::CommentAdded { .. } => "commentAdded",
            Self::ChangesRequested { .. } => "changesRequested",
            Self::FulfilmentTask { .. } => "fulfilmentTask",
            Self::FulfilmentReminder { .. } => "fulfilmentReminder",
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "passwordReset",
        }
    }

    /// The request that it concerns, for the request's timeline.
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::ApprovalRequested { request, .. }
            | Self::ApprovalReminder { request, .. }
            | Self::ApprovalForwarded { request, .. }
            | Self::StageExpired { request, .. }
            | Self::StageApproved { request, .. }
            | Self::RequestApproved { request }
            | Self::RequestDenied { request }
            | Self::RequestExpired { request }
            | Self::RequestedForYou { request }
            | Self::AccessDelivered { request, .. }
            | Self::AccessEnded { request, .. }
            | Self::EndChanged { request, .. }
            | Self::DeliveryFailed { request, .. }
            | Self::DecisionConfirmed { request, .. }
            | Self::CommentAdded { request, .. }
            | Self::ChangesRequested { request, .. }
            | Self::FulfilmentTask { request, .. }
            | Self::FulfilmentReminder { request, .. } => Some(*request),
            Self::ExtensionReminder { .. }
            | Self::DailyDigest { .. }
            | Self::BulkResult { .. }
            | Self::DecisionCode { .. }
            | Self::ApprovalDelegated { .. }
            | Self::DelegationEnded { .. }
            | Self::Invitation { .. }
            | Self::PasswordReset { .. } => None,
        }
    }
}

//! The timeline of a request (SPEC REQ-8): every step with who, what, when and why.

use serde::{Deserialize, Serialize};

use super::allowance::Allowance;
use super::approval::{Channel, Circle, Verdict};
use super::assignment::EndReason;
use super::fulfilment::TaskAction;
use super::revision::Edit;
use crate::kernel::Moment;
use crate::kernel::ids::{ResourceRoleId, UserId};

/// A step, as it is kept. Names that a person saw at the time are kept with it, so that history stays readable
/// when things are renamed or deleted (SPEC DIR-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Step {
    /// The request was made.
    Submitted {
        /// Name of the policy.
        policy: String,
        /// Version of the policy.
        version: i32,
    },
    /// No approval was needed.
    ApprovedWithoutAsking,
    /// A manager of the assignment assigned without the approval that the policy asks for (SPEC ROL-5).
    ApprovalBypassed {
        /// Why.
        reason: String,
    },
    /// A stage opened.
    StageOpened {
        /// Which, from 1.
        stage: u8,
        /// When its time is over.
        due: Moment,
        /// Who was asked (SPEC APR-3).
        circle: Circle,
        /// How many people can decide.
        people: u32,
    },
    /// An approver decided.
    Voted {
        /// In which stage.
        stage: u8,
        /// What.
        verdict: Verdict,
        /// Why.
        reason: String,
        /// By which channel.
        channel: Channel,
        /// Approvals so far, and needed.
        approvals: u32,
        /// Approvals needed.
        needed: u32,
        /// In whose place, by name (SPEC APR-11).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_place_of: Option<String>,
    },
    /// Nobody had decided for a while, so the alternates were asked too (SPEC APR-4).
    Escalated {
        /// In which stage.
        stage: u8,
        /// How many more people can decide; zero if no alternate can.
        people: u32,
    },
    /// An approver asked for changes instead of deciding (SPEC REQ-9).
    ChangesRequested {
        /// In which stage.
        stage: u8,
        /// What to change.
        text: String,
    },
    /// The requestor changed the request and sent it back to the same stage (SPEC REQ-9).
    SentBack {
        /// To which stage.
        stage: u8,
        /// What is different.
        edits: Vec<Edit>,
        /// So many approvals of the stage were for the earlier text, and are asked for again.
        asked_again: u32,
    },
    /// The approver who just decided allowed less than was asked (SPEC APR-9).
    Narrowed {
        /// What they allowed.
        allowed: Allowance,
        /// When access would have started.
        asked_start: Moment,
        /// When access would have ended.
        asked_end: Option<Moment>,
    },
    /// Every stage is approved.
    Approved,
    /// An approver said no.
    Denied,
    /// Nobody decided in time.
    Expired {
        /// In which stage.
        stage: u8,
    },
    /// Taken back.
    Canceled {
        /// Why.
        reason: String,
    },
    /// Access starts later.
    Scheduled {
        /// When.
        starts_at: Moment,
    },
    /// Delivery began.
    DeliveryStarted,
    /// A role was delivered.
    RoleDelivered {
        /// Which.
        role: ResourceRoleId,
        /// "Resource: role".
        name: String,
    },
    /// A role could not be delivered or taken back.
    RoleFailed {
        /// Which.
        role: ResourceRoleId,
        /// "Resource: role".
        name: String,
        /// Why.
        error: String,
    },
    /// A role could not be delivered or taken back yet; it is tried again (SPEC DLV-3).
    RoleDelayed {
        /// Which.
        role: ResourceRoleId,
        /// "Resource: role".
        name: String,
        /// Why.
        error: String,
    },
    /// The target took the order and tells later how it went (SPEC DLV-6).
    RoleAwaited {
        /// Which.
        role: ResourceRoleId,
        /// "Resource: role".
        name: String,
    },
    /// Somebody put to work again what had been given up (SPEC DLV-3).
    Reprocessed {
        /// How many roles.
        roles: u32,
    },
    /// What the package grants has changed, and this access with it (SPEC PKG-3).
    PackageChanged {
        /// "Resource: role" of what comes.
        added: Vec<String>,
        /// "Resource: role" of what goes.
        removed: Vec<String>,
    },
    /// A role was taken back.
    RoleRemoved {
        /// Which.
        role: ResourceRoleId,
        /// "Resource: role".
        name: String,
    },
    /// A role stays, because another live assignment grants it (SPEC DLV-2).
    RoleKept {
        /// Which.
        role: ResourceRoleId,
        /// "Resource: role".
        name: String,
    },
    /// The people around a resource were asked to do something by hand (SPEC DLV-6).
    FulfilmentAsked {
        /// Which role.
        role: ResourceRoleId,
        /// "Resource: role".
        name: String,
        /// Give or take back.
        action: TaskAction,
        /// Who was asked.
        people: Vec<String>,
        /// Until when.
        due: Moment,
    },
    /// What was to be done by hand need not be done any more.
    FulfilmentOver {
        /// Which role.
        role: ResourceRoleId,
        /// "Resource: role".
        name: String,
        /// Give or take back.
        action: TaskAction,
    },
    /// Everything is delivered.
    Delivered {
        /// When access ends.
        ends_at: Option<Moment>,
    },
    /// Access that the person holds got another end (SPEC REQ-7).
    Extended {
        /// When it would have ended.
        before: Option<Moment>,
        /// When it ends.
        ends_at: Option<Moment>,
    },
    /// Those who manage assignments gave access that the person holds another end.
    EndChanged {
        /// When it would have ended.
        before: Option<Moment>,
        /// When it ends.
        ends_at: Option<Moment>,
        /// Why; may be empty.
        reason: String,
    },
    /// The answers about access that the person holds were changed.
    AnswersChanged,
    /// Access ended.
    Ended {
        /// Why.
        reason: EndReason,
        /// The words of whoever ended it.
        note: String,
    },
}

/// A step with who and when.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When.
    pub at: Moment,
    /// Who; `None` is the system.
    pub actor: Option<UserId>,
    /// What.
    pub step: Step,
}

//! More facts for tests: what is neither asked nor decided.

use uuid::Uuid;

use super::facts::{Approval, BulkResult, Delegated, Facts, Request, Task};
use super::samples::{CODE, access, approval, at, request, token};
use crate::domain::approval::{Channel, Verdict};
use crate::domain::bulk::{WorkKind, WorkState};
use crate::domain::fulfilment::TaskAction;
use crate::domain::policy::LinkMode;
use crate::domain::revision::Edit;
use crate::kernel::ids::{BulkWorkId, PackageId, TaskId};

/// What is neither asked of approvers nor told of decisions.
pub(super) fn others() -> Vec<(&'static str, Facts, &'static str)> {
    let until = at("2026-11-22T16:40:00Z");
    vec![
        (
            "confirmed",
            Facts::DecisionConfirmed {
                request: request(),
                verdict: Verdict::Approve,
                at: until,
                channel: Channel::Link,
                ip: "192.0.2.17".into(),
                reason: "Fine.".into(),
                delegated: None,
            },
            "Decided in your name: request of Alice Adler for Deal desk",
        ),
        (
            "confirmed-for-somebody",
            decided_in_place(Delegated::For("Bob Brandt".into())),
            "Decided in your name: request of Alice Adler for Deal desk",
        ),
        (
            "confirmed-by-somebody",
            decided_in_place(Delegated::By("Mia Moreau".into())),
            "Decided in your name: request of Alice Adler for Deal desk",
        ),
        (
            "delegated",
            Facts::ApprovalDelegated {
                by: "Bob Brandt".into(),
                from: at("2026-11-23T07:00:00Z"),
                until: at("2026-12-07T23:00:00Z"),
                reason: "Two weeks in the mountains.".into(),
            },
            "Bob Brandt asks you to decide requests in their place",
        ),
        (
            "20-called-off",
            Facts::AccessEnded {
                access: access(),
                why: "The account is disabled.".into(),
                reason: String::new(),
                begun: false,
            },
            "Access has ended for Deal desk",
        ),
        (
            "delegation-ended",
            Facts::DelegationEnded { by: "Bob Brandt".into(), begun: true },
            "You no longer decide requests in the place of Bob Brandt",
        ),
        (
            "requested-for-you",
            Facts::RequestedForYou {
                request: Request { asked_by: Some("Bob Brandt".into()), ..request() },
                due: Some(at("2026-11-24T23:30:00Z")),
            },
            "Bob Brandt asks for Deal desk for you",
        ),
        (
            "2-again",
            Facts::ApprovalRequested(Approval {
                changed: vec![Edit::Justification {
                    before: "For the fair".into(),
                    after: "For the fair in May, hall 3".into(),
                }],
                ..approval(1, LinkMode::SignIn)
            }),
            "Action required: Approve or deny request by 25 November 2026",
        ),
        (
            "end-changed",
            Facts::EndChanged {
                access: access(),
                before: Some(at("2026-12-22T09:00:00Z")),
                by: "Sam Sato".into(),
                reason: "The project ends earlier.".into(),
            },
            "The end of your access to Deal desk was changed",
        ),
        ("bulk", bulk(WorkState::Done), "Assigning Deal desk is done: 236 of 240 done"),
        ("bulk-stopped", bulk(WorkState::Canceled), "Assigning Deal desk was stopped: 236 of 240 done"),
        (
            "2-delegated",
            Facts::ApprovalRequested(Approval {
                in_place_of: Some("Bob Brandt".into()),
                ..approval(1, LinkMode::SignIn)
            }),
            "Action required: Approve or deny request by 25 November 2026",
        ),
        ("code", Facts::DecisionCode { code: CODE.into(), until }, "Your code to decide a request"),
        (
            "comment",
            Facts::CommentAdded {
                request: request(),
                by: "Alice Adler".into(),
                at: until,
                text: "Is the north all that you need?\nThen it is fine.".into(),
                decides: true,
            },
            "New comment on the request for Deal desk",
        ),
        (
            "changes",
            Facts::ChangesRequested {
                request: request(),
                by: "Mia Moreau".into(),
                at: until,
                text: "Please name the accounts.".into(),
                due: Some(at("2026-11-24T23:30:00Z")),
            },
            "Action required: Change your request for Deal desk",
        ),
        (
            "task",
            Facts::FulfilmentTask { task: task(TaskAction::Grant) },
            "Task: give Alice Adler Door system: Warehouse",
        ),
        (
            "task-back",
            Facts::FulfilmentTask { task: task(TaskAction::Revoke) },
            "Task: take Door system: Warehouse back from Alice Adler",
        ),
        (
            "task-reminder",
            Facts::FulfilmentReminder { task: task(TaskAction::Grant), overdue: false },
            "Reminder: give Alice Adler Door system: Warehouse",
        ),
        (
            "task-overdue",
            Facts::FulfilmentReminder { task: task(TaskAction::Revoke), overdue: true },
            "Overdue: take Door system: Warehouse back from Alice Adler",
        ),
        ("invitation", Facts::Invitation { token: token(), until }, "You are invited to Latchkey"),
        ("reset", Facts::PasswordReset { token: token(), until }, "Choose a new password for Latchkey"),
    ]
}

fn decided_in_place(delegated: Delegated) -> Facts {
    Facts::DecisionConfirmed {
        request: request(),
        verdict: Verdict::Deny,
        at: at("2026-11-22T16:40:00Z"),
        channel: Channel::Portal,
        ip: "192.0.2.17".into(),
        reason: "Not before the audit.".into(),
        delegated: Some(delegated),
    }
}

fn bulk(state: WorkState) -> Facts {
    Facts::BulkResult(BulkResult {
        work: BulkWorkId(Uuid::from_u128(11)),
        package_id: PackageId(Uuid::from_u128(12)),
        package: "Deal desk".into(),
        kind: WorkKind::Assign,
        state,
        note: if state == WorkState::Canceled { "Stopped by Sam Sato.".into() } else { String::new() },
        total: 240,
        done: 236,
        skipped: 2,
        refused: 1,
        failed: 0,
    })
}

fn task(action: TaskAction) -> Task {
    Task {
        id: TaskId(Uuid::from_u128(9)),
        action,
        resource: "Door system".into(),
        role: "Warehouse".into(),
        person: "Alice Adler".into(),
        address: "alice@demo.example".into(),
        package: "Warehouse access".into(),
        justification: "I help with the stock-taking.".into(),
        until: (action == TaskAction::Grant).then(|| at("2026-12-22T09:00:00Z")),
        due: at("2026-11-25T15:12:00Z"),
    }
}

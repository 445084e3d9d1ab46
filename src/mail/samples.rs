//! Facts of every kind, for tests.

use chrono_tz::Tz;
use uuid::Uuid;

use super::facts::{
    Access, Approval, BulkResult, Decision, Delegated, Facts, Less, Portal, Recipient, Request, Task,
};
use super::message::{Envelope, Mailer, SendError};
use super::render;
use super::transport::Transport;
use crate::domain::allowance::Allowance;
use crate::domain::approval::{Channel, Verdict};
use crate::domain::bulk::{WorkKind, WorkState};
use crate::domain::fulfilment::TaskAction;
use crate::domain::policy::LinkMode;
use crate::domain::revision::Edit;
use crate::kernel::ids::{AssignmentId, BulkWorkId, PackageId, RequestId, TaskId};
use crate::kernel::secret::Token;
use crate::kernel::{Email, Moment};

/// A token that tests recognize.
pub(super) const TOKEN: &str = "Zm9yLXRlc3RzLW9ubHktbm90LWEtcmVhbC1zZWNyZXQ";
/// A code that tests recognize.
pub(super) const CODE: &str = "48213907";

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn token() -> Token {
    Token::parse(TOKEN).unwrap()
}

pub(super) fn portal() -> Portal {
    Portal { name: "Latchkey".into(), base_url: "https://access.demo.example".into() }
}

pub(super) fn recipient() -> Recipient {
    Recipient {
        name: "Bob Brandt".into(),
        address: "bob@demo.example".into(),
        locale: "en".into(),
        zone: Tz::Europe__Berlin,
    }
}

pub(super) fn request() -> Request {
    Request {
        id: RequestId(Uuid::from_u128(7)),
        package: "Deal desk".into(),
        catalog: "Sales".into(),
        person: "Alice Adler".into(),
        position: "Account manager, Sales".into(),
        organization: "Demo GmbH".into(),
        asked_by: None,
        justification:
            "I take over the accounts in the north from 1 December and have to see their quotes.\n\n\
                        The hand-over is on Monday."
                .into(),
        wanted_start: Some(at("2026-12-01T07:00:00Z")),
        wanted_end: None,
        submitted_at: at("2026-11-22T15:12:00Z"),
        stages: 2,
    }
}

pub(super) fn approval(stage: u8, mode: LinkMode) -> Approval {
    Approval {
        request: request(),
        stage,
        due: at("2026-11-24T23:30:00Z"),
        forwards_at: None,
        roles: vec!["Quote tool: Editor".into(), "Deal desk team: Member".into()],
        mode,
        token: (mode != LinkMode::NoticeOnly).then(token),
        changed: Vec::new(),
        in_place_of: None,
    }
}

fn decision() -> Decision {
    Decision {
        by: "Mia Moreau".into(),
        at: at("2026-11-23T09:41:00Z"),
        reason: "Fine, for the north only.".into(),
    }
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

fn access() -> Access {
    Access {
        assignment: AssignmentId(Uuid::from_u128(9)),
        package: "Deal desk".into(),
        roles: vec!["Quote tool: Editor".into(), "Deal desk team: Member".into()],
        ends_at: Some(at("2026-11-30T09:00:00Z")),
        holder: None,
        less: Some(Less {
            allowed: Allowance { start: None, end: Some(at("2026-11-30T09:00:00Z")) },
            asked_start: at("2026-11-22T09:00:00Z"),
            asked_end: Some(at("2026-12-22T09:00:00Z")),
        }),
    }
}

/// Every kind of mail, with the number of the reference table or a word, and the subject that it must have.
pub(super) fn all() -> Vec<(&'static str, Facts, &'static str)> {
    let until = at("2026-11-22T16:40:00Z");
    let on_behalf = Request { asked_by: Some("Bob Brandt".into()), stages: 1, ..request() };
    let escalating = |stage| Approval {
        forwards_at: Some(at("2026-11-23T15:12:00Z")),
        ..approval(stage, LinkMode::SignIn)
    };
    vec![
        (
            "1",
            Facts::ApprovalForwarded(escalating(1)),
            "Action required: Approve or deny forwarded request by 25 November 2026",
        ),
        (
            "4",
            Facts::ApprovalRequested(escalating(1)),
            "Approve or deny the request by 00:30 on 25 November 2026",
        ),
        (
            "5",
            Facts::ApprovalReminder(escalating(1)),
            "Action required reminder: Approve or deny the request by 25 November 2026 for Alice Adler",
        ),
        (
            "13",
            Facts::ApprovalRequested(escalating(2)),
            "Action required: Approve or deny the request by 25 November 2026 for Alice Adler",
        ),
        (
            "13-third-stage",
            Facts::ApprovalRequested(escalating(3)),
            "Action required: Approve or deny the request by 25 November 2026 for Alice Adler",
        ),
        (
            "14",
            Facts::ApprovalReminder(escalating(2)),
            "Action required reminder: Approve or deny the request by 25 November 2026 for Alice Adler",
        ),
        (
            "15",
            Facts::ApprovalForwarded(escalating(2)),
            "Action required: Approve or deny forwarded request by 25 November 2026",
        ),
        (
            "19",
            Facts::ExtensionReminder { access: access(), ends_at: at("2026-11-30T09:00:00Z") },
            "Extend access for Deal desk by 30 November 2026",
        ),
        (
            "2",
            Facts::ApprovalRequested(approval(1, LinkMode::SignIn)),
            "Action required: Approve or deny request by 25 November 2026",
        ),
        (
            "2-code",
            Facts::ApprovalRequested(Approval { request: on_behalf, ..approval(1, LinkMode::Code) }),
            "Action required: Approve or deny request by 25 November 2026",
        ),
        (
            "2-notice-only",
            Facts::ApprovalRequested(approval(1, LinkMode::NoticeOnly)),
            "Action required: Approve or deny request by 25 November 2026",
        ),
        (
            "3",
            Facts::ApprovalReminder(approval(1, LinkMode::SignIn)),
            "Reminder: Approve or deny the request by 25 November 2026 for Alice Adler",
        ),
        (
            "6",
            Facts::StageExpired { request: request(), stage: 1, at: until },
            "Request has expired for Deal desk",
        ),
        (
            "7",
            Facts::RequestApproved { request: request(), own: false, decisions: vec![decision()] },
            "Request approved for Alice Adler to Deal desk",
        ),
        (
            "8",
            Facts::StageApproved { request: request(), stage: 1, decisions: vec![decision()] },
            "Request approved for Alice Adler to Deal desk",
        ),
        (
            "9",
            Facts::RequestDenied { request: request(), own: true, decision: Some(decision()) },
            "Request denied to Deal desk",
        ),
        (
            "denied-approvers",
            Facts::RequestDenied { request: request(), own: false, decision: Some(decision()) },
            "Request denied for Alice Adler to Deal desk",
        ),
        (
            "approved-requestor",
            Facts::RequestApproved { request: request(), own: true, decisions: vec![decision()] },
            "Request approved for Alice Adler to Deal desk",
        ),
        (
            "digest",
            Facts::DailyDigest {
                day: "2026-11-23".parse().unwrap(),
                waiting: vec![
                    ("“Deal desk” for Alice Adler".into(), at("2026-11-24T23:30:00Z")),
                    ("“Onboarding” for Mia Moreau".into(), at("2026-11-26T09:00:00Z")),
                ],
                ending: vec![("“Quote tool”".into(), at("2026-11-30T09:00:00Z"))],
            },
            "Your day in Latchkey: 23 November 2026",
        ),
        (
            "10",
            Facts::RequestExpired { request: request(), at: until },
            "Your request has expired for Deal desk",
        ),
        (
            "11",
            Facts::ApprovalRequested(approval(2, LinkMode::SignIn)),
            "Action required: Approve or deny request by 25 November 2026",
        ),
        (
            "12",
            Facts::ApprovalReminder(approval(2, LinkMode::SignIn)),
            "Action required reminder: Approve or deny the request by 25 November 2026",
        ),
        (
            "12-third-stage",
            Facts::ApprovalReminder(approval(3, LinkMode::SignIn)),
            "Action required reminder: Approve or deny the request by 25 November 2026",
        ),
        (
            "16",
            Facts::StageApproved {
                request: Request { stages: 3, ..request() },
                stage: 2,
                decisions: vec![decision()],
            },
            "Request approved for Alice Adler to Deal desk",
        ),
        (
            "17",
            Facts::StageExpired { request: request(), stage: 2, at: until },
            "A request has expired for Deal desk",
        ),
        ("18", Facts::AccessDelivered { access: access() }, "You now have access to Deal desk"),
        (
            "20",
            Facts::AccessEnded {
                access: access(),
                why: "its time was over".into(),
                reason: String::new(),
                begun: true,
            },
            "Access has ended for Deal desk",
        ),
        (
            "delivery-failed",
            Facts::DeliveryFailed {
                request: request().id,
                package: "Deal desk".into(),
                person: "Alice Adler".into(),
                role: "Ticket system: Agent".into(),
                removal: true,
                error: "The target answered 503.".into(),
            },
            "Delivery failed for Deal desk: Alice Adler",
        ),
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

pub(super) fn mailer(transport: impl Transport + 'static) -> Mailer {
    let from = Email::parse("latchkey@access.demo.example").unwrap();
    Mailer::new("Latchkey", from, std::sync::Arc::new(transport))
}

/// Sends an approval mail.
pub(super) fn send(mailer: &Mailer, message_id: &str, now: Moment) -> Result<(), SendError> {
    let to = recipient();
    let facts = Facts::ApprovalRequested(approval(1, LinkMode::SignIn));
    let mail = render(&facts, &to, &portal()).unwrap();
    let envelope = Envelope { to: &to, message_id, kind: "approvalRequested", now };
    mailer.send(&mail, &envelope)
}

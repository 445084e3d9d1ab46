//! Facts of every kind, for tests.

use chrono_tz::Tz;
use uuid::Uuid;

use super::facts::{Access, Approval, Decision, Facts, Less, Portal, Recipient, Request};
use super::message::{Envelope, Mailer, SendError};
use super::render;
use super::samples_others::others;
use super::transport::Transport;
use crate::domain::allowance::Allowance;
use crate::domain::policy::LinkMode;
use crate::kernel::ids::{AssignmentId, RequestId};
use crate::kernel::secret::Token;
use crate::kernel::{Email, Moment};

/// A token that tests recognize.
pub(super) const TOKEN: &str = "Zm9yLXRlc3RzLW9ubHktbm90LWEtcmVhbC1zZWNyZXQ";
/// A code that tests recognize.
pub(super) const CODE: &str = "48213907";

pub(super) fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

pub(super) fn token() -> Token {
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

pub(super) fn access() -> Access {
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
    let mut all = vec![
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
    ];
    all.extend(others());
    all
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

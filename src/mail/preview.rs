//! What mails of each kind would look like, with the people of the example: for whoever changes their texts
//! (SPEC NOT-6). Nothing here is sent, and no link in it works.

use chrono::Duration;
use uuid::Uuid;

use super::facts::{Access, Approval, BulkResult, Decision, Facts, Request, Task};
use crate::domain::approval::{Channel, Verdict};
use crate::domain::bulk::{WorkKind, WorkState};
use crate::domain::fulfilment::TaskAction;
use crate::domain::policy::LinkMode;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, BulkWorkId, PackageId, RequestId, TaskId};
use crate::kernel::secret::Token;

/// Stands where a real mail has the secret of its link.
const TOKEN: &str = "YW4tZXhhbXBsZS10aGF0LW9wZW5zLW5vdGhpbmctYXQ";

/// Facts of this kind of notice; none of a kind whose texts cannot be changed.
pub fn sample(kind: &str, now: Moment) -> Option<Facts> {
    let until = now + Duration::days(3);
    Some(match kind {
        "approvalRequested" => Facts::ApprovalRequested(approval(now, None)?),
        "approvalReminder" => Facts::ApprovalReminder(approval(now, None)?),
        "approvalForwarded" => Facts::ApprovalForwarded(approval(now, Some(now))?),
        "stageExpired" => Facts::StageExpired { request: request(now), stage: 1, at: now },
        "stageApproved" => {
            Facts::StageApproved { request: request(now), stage: 1, decisions: vec![decision(now)] }
        }
        "requestApproved" => {
            Facts::RequestApproved { request: request(now), own: false, decisions: vec![decision(now)] }
        }
        "requestDenied" => {
            Facts::RequestDenied { request: request(now), own: true, decision: Some(decision(now)) }
        }
        "requestExpired" => Facts::RequestExpired { request: request(now), at: now },
        "accessDelivered" => Facts::AccessDelivered { access: access(now + Duration::days(90)) },
        "extensionReminder" => Facts::ExtensionReminder { access: access(until), ends_at: until },
        "accessEnded" => Facts::AccessEnded {
            access: access(now),
            why: "its time was over".to_owned(),
            reason: String::new(),
            begun: true,
        },
        "deliveryFailed" => Facts::DeliveryFailed {
            request: request(now).id,
            package: "Sales onboarding".to_owned(),
            person: "Alice Adler".to_owned(),
            role: "Ticket system: Agent".to_owned(),
            removal: false,
            error: "The target answered 503.".to_owned(),
        },
        "dailyDigest" => Facts::DailyDigest {
            day: now.date_naive(),
            waiting: vec![("“Deal desk” for Alice Adler".to_owned(), until)],
            ending: vec![("“Sales onboarding”".to_owned(), now + Duration::days(9))],
        },
        "decisionConfirmed" => Facts::DecisionConfirmed {
            request: request(now),
            verdict: Verdict::Approve,
            at: now,
            channel: Channel::Portal,
            ip: "192.0.2.17".to_owned(),
            reason: "Fine, for the north only.".to_owned(),
            delegated: None,
        },
        "endChanged" => Facts::EndChanged {
            access: access(until),
            before: Some(now + Duration::days(90)),
            by: "Sam Sato".to_owned(),
            reason: "The project ends earlier.".to_owned(),
        },
        "bulkResult" => Facts::BulkResult(BulkResult {
            work: BulkWorkId(Uuid::nil()),
            package_id: PackageId(Uuid::nil()),
            package: "Deal desk".to_owned(),
            kind: WorkKind::Assign,
            state: WorkState::Done,
            note: String::new(),
            total: 240,
            done: 236,
            skipped: 3,
            refused: 1,
            failed: 0,
        }),
        "approvalDelegated" => Facts::ApprovalDelegated {
            by: "Mia Moreau".to_owned(),
            from: now,
            until,
            reason: "On holiday".to_owned(),
        },
        "delegationEnded" => Facts::DelegationEnded { by: "Mia Moreau".to_owned(), begun: true },
        "requestedForYou" => Facts::RequestedForYou {
            request: Request { asked_by: Some("Bob Brandt".to_owned()), ..request(now) },
            due: Some(until),
        },
        "commentAdded" => Facts::CommentAdded {
            request: request(now),
            by: "Mia Moreau".to_owned(),
            at: now,
            text: "Until when do you need it?".to_owned(),
            decides: true,
        },
        "changesRequested" => Facts::ChangesRequested {
            request: request(now),
            by: "Mia Moreau".to_owned(),
            at: now,
            text: "Please name the accounts.".to_owned(),
            due: Some(until),
        },
        "fulfilmentTask" => Facts::FulfilmentTask { task: task(until) },
        "fulfilmentReminder" => Facts::FulfilmentReminder { task: task(until), overdue: false },
        "decisionCode" => {
            Facts::DecisionCode { code: "12345678".to_owned(), until: now + Duration::minutes(10) }
        }
        "invitation" => Facts::Invitation { token: token()?, until },
        "passwordReset" => Facts::PasswordReset { token: token()?, until },
        _ => return None,
    })
}

fn token() -> Option<Token> {
    Token::parse(TOKEN)
}

fn approval(now: Moment, forwards_at: Option<Moment>) -> Option<Approval> {
    Some(Approval {
        request: request(now),
        stage: 1,
        due: now + Duration::days(3),
        forwards_at,
        roles: roles(),
        mode: LinkMode::SignIn,
        changed: Vec::new(),
        in_place_of: None,
        token: Some(token()?),
    })
}

fn request(now: Moment) -> Request {
    Request {
        id: RequestId(Uuid::nil()),
        package: "Deal desk".to_owned(),
        catalog: "Sales".to_owned(),
        person: "Alice Adler".to_owned(),
        position: "Account manager, Sales".to_owned(),
        organization: String::new(),
        asked_by: None,
        justification: "I take over the accounts in the north and have to see their quotes.".to_owned(),
        wanted_start: None,
        wanted_end: None,
        submitted_at: now - Duration::hours(1),
        stages: 2,
    }
}

fn roles() -> Vec<String> {
    vec!["Quote tool: Editor".to_owned(), "Deal desk team: Member".to_owned()]
}

fn decision(now: Moment) -> Decision {
    Decision { by: "Mia Moreau".to_owned(), at: now, reason: "Fine, for the north only.".to_owned() }
}

fn access(ends_at: Moment) -> Access {
    Access {
        assignment: AssignmentId(Uuid::nil()),
        package: "Deal desk".to_owned(),
        roles: roles(),
        ends_at: Some(ends_at),
        holder: None,
        less: None,
    }
}

fn task(due: Moment) -> Task {
    Task {
        id: TaskId(Uuid::nil()),
        action: TaskAction::Grant,
        resource: "Door system".to_owned(),
        role: "Warehouse".to_owned(),
        person: "Alice Adler".to_owned(),
        address: "alice@demo.example".to_owned(),
        package: "Warehouse access".to_owned(),
        justification: "I help with the stock-taking.".to_owned(),
        until: Some(due + Duration::days(30)),
        due,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{samples, texts};
    use super::*;
    use crate::domain::notice::Notice;
    use crate::domain::notice_text::{Part, Texts, placeholders};
    use crate::mail::{render, render_with};

    fn now() -> Moment {
        "2026-11-22T15:12:00Z".parse().unwrap()
    }

    #[test]
    fn not_6_every_kind_has_a_sample_and_fills_every_placeholder_that_it_names() {
        for kind in Notice::KINDS {
            let facts = sample(kind, now()).unwrap_or_else(|| panic!("{kind} has no sample"));
            let values = texts::values(&facts, &samples::recipient(), &samples::portal());
            let mut named: Vec<&str> = placeholders(kind).iter().map(|p| p.name).collect();
            named.sort_unstable();
            assert_eq!(values.keys().copied().collect::<Vec<_>>(), named, "{kind}");
            assert!(values.values().all(|v| !v.is_empty()), "{kind}: {values:?}");
        }
    }

    #[test]
    fn not_6_changed_texts_leave_facts_button_and_protection_alone() {
        let texts = Texts {
            subject: "S {name}".into(),
            heading: "H {portal}".into(),
            opening: "First <b>line</b>\nsecond".into(),
            closing: "Closing words".into(),
        };
        for kind in Notice::KINDS {
            let facts = sample(kind, now()).unwrap();
            let own = render(&facts, &samples::recipient(), &samples::portal()).unwrap();
            let (mail, problem) =
                render_with(&facts, &samples::recipient(), &samples::portal(), &texts).unwrap();
            assert_eq!((mail.subject.as_str(), problem), ("S Bob Brandt", None), "{kind}");
            assert!(mail.text.starts_with("H Latchkey\n==========\n"), "{kind}");
            assert!(mail.text.contains("\nFirst <b>line</b>\n\nsecond\n"), "{kind}: {}", mail.text);
            assert!(mail.html.contains("First &#60;b&#62;line"), "{kind}: escaped");
            let body = super::super::letters::letter(&facts, &samples::recipient(), &samples::portal());
            for (_, values) in &body.facts {
                assert!(values.iter().all(|v| mail.html.contains(&v.replace('&', "&#38;"))), "{kind}");
            }
            if let Some((words, address)) = &body.button {
                assert!(mail.text.contains(&format!("{words}:\n{address}")), "{kind}");
            }
            for sentence in &body.security {
                let start: String = sentence.chars().take(40).collect();
                assert!(mail.text.contains(&start) && mail.html.contains(&start), "{kind}: {sentence}");
            }
            let footer = own.text.rsplit("-- ").next().unwrap();
            assert!(mail.text.ends_with(footer), "{kind}");
            assert!(mail.text.contains("Closing words"), "{kind}");
        }
    }

    #[test]
    fn not_6_texts_that_cannot_be_used_hold_no_mail_up() {
        for kind in Notice::KINDS {
            let facts = sample(kind, now()).unwrap();
            let own = render(&facts, &samples::recipient(), &samples::portal()).unwrap();
            for subject in ["{gone}", "a { b"] {
                let texts = Texts { subject: subject.into(), ..Texts::default() };
                assert!(texts.problem(kind).is_some());
                assert_eq!(texts.parts()[0].0, Part::Subject);
                let (mail, problem) =
                    render_with(&facts, &samples::recipient(), &samples::portal(), &texts).unwrap();
                assert_eq!(mail, own, "{kind}");
                assert!(problem.is_some(), "{kind}");
            }
        }
    }
}

//! What each notice says. Subjects are those of the reference product (SPEC section 13); they never carry
//! anybody's own words or a secret.

mod account;
mod approving;
mod bulk;
mod conversation;
mod delegating;
mod digest;
mod fulfilling;
mod holding;
mod outcomes;

use super::facts::{Facts, Portal, Recipient, Request};
use super::letter::Letter;
use super::texts::values;
use super::time::{exact, hour};
use super::{Mail, RenderError};
use crate::domain::notice_text::Texts;

const APPROVER: &str = "you are among the people who can decide this request";
const REQUESTOR: &str = "you asked for this access, or it is yours";
const MANAGER: &str = "you are among the people who manage this access";
const ACCOUNT: &str = "you have an account here, or are about to";

/// Writes the mail that tells these facts to this person.
pub fn render(facts: &Facts, to: &Recipient, portal: &Portal) -> Result<Mail, RenderError> {
    letter(facts, to, portal).write(portal, to)
}

/// Like [`render`], with the texts that an administrator put in place of the portal's own. Texts that cannot be
/// used are left out, and the problem is told: a mail is never held up by them (SPEC NOT-6).
pub fn render_with(
    facts: &Facts,
    to: &Recipient,
    portal: &Portal,
    texts: &Texts,
) -> Result<(Mail, Option<String>), RenderError> {
    let own = letter(facts, to, portal);
    match own.clone().with(texts, &values(facts, to, portal)) {
        Ok(changed) => Ok((changed.write(portal, to)?, None)),
        Err(problem) => Ok((own.write(portal, to)?, Some(problem.to_string()))),
    }
}

pub(super) fn letter(facts: &Facts, to: &Recipient, portal: &Portal) -> Letter {
    let pen = Pen { to, portal };
    match facts {
        Facts::ApprovalRequested(approval) => pen.approval_requested(approval),
        Facts::ApprovalReminder(approval) => pen.approval_reminder(approval),
        Facts::ApprovalForwarded(approval) => pen.approval_forwarded(approval),
        Facts::StageExpired { request, stage, at } => pen.stage_expired(request, *stage, exact(*at, to.zone)),
        Facts::StageApproved { request, stage, decisions } => pen.stage_approved(request, *stage, decisions),
        Facts::RequestApproved { request, own, decisions } => pen.request_approved(request, *own, decisions),
        Facts::RequestDenied { request, own, decision } => {
            pen.request_denied(request, *own, decision.as_ref())
        }
        Facts::RequestExpired { request, at } => pen.request_expired(request, exact(*at, to.zone)),
        Facts::AccessDelivered { access } => pen.access_delivered(access),
        Facts::ExtensionReminder { access, ends_at } => pen.extension_reminder(access, *ends_at),
        Facts::AccessEnded { access, why, reason, begun: true } => pen.access_ended(access, why, reason),
        Facts::AccessEnded { access, why, begun: false, .. } => pen.access_called_off(access, why),
        Facts::EndChanged { access, before, by, reason } => pen.end_changed(access, *before, by, reason),
        Facts::BulkResult(result) => pen.bulk_result(result),
        Facts::DeliveryFailed { request, package, person, role, removal, error } => {
            pen.delivery_failed(*request, (package, person, role), *removal, error)
        }
        Facts::DailyDigest { day, waiting, ending } => pen.daily_digest(*day, waiting, ending),
        Facts::DecisionConfirmed { request, verdict, at, channel, ip, reason, delegated } => {
            match delegated {
                None => pen.decision_confirmed(request, *verdict, *channel, reason),
                Some(delegated) => pen.decided_in_place(request, *verdict, *channel, reason, delegated),
            }
            .fact("When", exact(*at, to.zone))
            .fact("From", ip.as_str())
        }
        Facts::DecisionCode { code, until } => pen.decision_code(code, hour(*until, to.zone)),
        Facts::ApprovalDelegated { by, from, until, reason } => {
            pen.approval_delegated(by, exact(*from, to.zone), exact(*until, to.zone), reason)
        }
        Facts::DelegationEnded { by, begun } => pen.delegation_ended(by, *begun),
        Facts::RequestedForYou { request, due } => pen.requested_for_you(request, *due),
        Facts::CommentAdded { request, by, at, text, decides } => {
            pen.comment_added(request, by, *at, text, *decides)
        }
        Facts::ChangesRequested { request, by, at, text, due } => {
            pen.changes_requested(request, by, *at, text, *due)
        }
        Facts::FulfilmentTask { task } => pen.fulfilment_task(task),
        Facts::FulfilmentReminder { task, overdue } => pen.fulfilment_reminder(task, *overdue),
        Facts::Invitation { token, until } => pen.invitation(token, exact(*until, to.zone)),
        Facts::PasswordReset { token, until } => pen.password_reset(token, exact(*until, to.zone)),
    }
}

struct Pen<'a> {
    to: &'a Recipient,
    portal: &'a Portal,
}

impl Pen<'_> {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.portal.base_url)
    }

    /// The facts of a request that every reader may see.
    fn about(&self, letter: Letter, request: &Request) -> Letter {
        let person = join(&[&request.person, &request.position]);
        letter
            .fact("Package", format!("{} (catalog {})", request.package, request.catalog))
            .fact("For", person)
            .fact("Organization", request.organization.as_str())
            .fact("Asked by", request.asked_by.clone().unwrap_or_default())
    }
}

/// "Alice asks for “Deal desk”", or "Bob asks for “Deal desk” for Alice".
fn wish(r: &Request) -> String {
    match &r.asked_by {
        Some(by) => format!("{by} asks for “{}” for {}", r.package, r.person),
        None => format!("{} asks for “{}”", r.person, r.package),
    }
}

fn stage_of(stage: u8, stages: u8) -> String {
    if stages > 1 { format!("{stage} of {stages}") } else { String::new() }
}

fn join(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
    parts.join(", ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

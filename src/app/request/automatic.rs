//! Access that comes and goes by a rule (SPEC AUT-3): always a request with its own timeline, like any other.

use serde_json::json;

use super::{deliver, end, gate, package_name, person, record, step, submit};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::assignment::EndReason;
use crate::domain::package::Policy;
use crate::domain::policy::Terms;
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::{AssignmentId, RequestId, UserId};
use crate::store::requests::{self, Request};
use crate::store::{Tx, assignments, packages};

/// Gives a package to somebody who matches the policy's rule. Refused if the person is disabled, holds it or asked
/// for it already, or holds what cannot be held together with it (SPEC SOD-1).
pub fn give(
    tx: &mut Tx<'_>,
    cx: &Cx,
    policy: &Policy,
    terms: &Terms,
    subject: UserId,
) -> Result<RequestId, AppError> {
    if !packages::hold(tx, policy.package)? {
        return Err(AppError::NotFound);
    }
    gate::hold_open(tx, policy.id)?;
    let who = person(tx, subject)?;
    let facts = gate::gate_facts(tx, &who, policy.package, cx.now)?;
    let refusal = if !facts.enabled {
        Some(Refusal::UserDisabled)
    } else if facts.held.is_some() {
        Some(Refusal::AlreadyHeld)
    } else if facts.open.is_some() {
        Some(Refusal::AlreadyRequested)
    } else if facts.guest && !facts.open_to_guests {
        Some(Refusal::CatalogClosedToGuests)
    } else if !facts.conflicts.is_empty() {
        Some(Refusal::Conflict(facts.conflicts.join(", ")))
    } else {
        None
    };
    if let Some(refusal) = refusal {
        return Err(refusal.into());
    }
    let mut made = Request {
        id: cx.id(),
        kind: RequestKind::SystemAdd,
        package: policy.package,
        policy: policy.id,
        policy_version: policy.current_version,
        requestor: None,
        subject,
        assignment: None,
        state: RequestState::Submitted,
        stage: 0,
        stages: 0,
        escalated: false,
        due_at: None,
        justification: format!("Matches the rule of the policy {}.", policy.fields.name),
        answers: json!([]),
        wanted_start: None,
        wanted_end: None,
        submit_token: None,
        submitted_at: cx.now,
        decided_at: None,
        completed_at: None,
        version: 1,
        changes: None,
    };
    requests::insert(tx, &cx.ids, &made, &[]).map_err(submit::one_open_request)?;
    let submitted = Step::Submitted { policy: policy.fields.name.clone(), version: policy.current_version };
    step(tx, cx, &made, &submitted)?;
    step(tx, cx, &made, &Step::ApprovedWithoutAsking)?;
    let package = package_name(tx, policy.package)?;
    let values = json!({ "policy": policy.fields.name, "policyVersion": policy.current_version });
    let words = made.justification.clone();
    cx.record(tx, record(&made, "assignment.byRule", &package).change(json!(null), values).because(words));
    deliver::start(tx, cx, &mut made, terms)?;
    Ok(made.id)
}

/// Takes a package from somebody who does not match the policy's rule any more. False if the access is over already.
pub fn take(tx: &mut Tx<'_>, cx: &Cx, policy: &Policy, held: AssignmentId) -> Result<bool, AppError> {
    let Some(held) = assignments::find(tx, held)?.filter(|h| h.state.is_live()) else {
        return Ok(false);
    };
    let why = format!("No longer matches the rule of the policy {}.", policy.fields.name);
    end::end(tx, cx, held, RequestKind::SystemRemove, EndReason::PolicyScope, &why)?;
    Ok(true)
}

//! Direct assignment (SPEC ASG-1): somebody who manages assignments gives a person a package.

use serde_json::json;

use super::{deliver, gate, package_name, person, record, stage, step, submit, timers, words};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::policy::Scope;
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::{PackageId, PolicyId, RequestId, UserId};
use crate::store::requests::{self, Request};
use crate::store::{Tx, lasting, packages, policies};

/// What somebody assigns.
#[derive(Debug, Clone)]
pub struct Direct {
    /// Which package.
    pub package: PackageId,
    /// Under which policy.
    pub policy: PolicyId,
    /// To whom.
    pub subject: UserId,
    /// Why.
    pub justification: String,
    /// Without the approval that the policy asks for (administrators and catalog owners only; then the
    /// justification is required).
    pub without_approval: bool,
}

/// Assigns. It obeys the policy's scope and switch, and separation of duties; approval applies unless it is
/// bypassed, which the timeline and the audit log say (SPEC ROL-5).
pub fn assign(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, wish: &Direct) -> Result<RequestId, AppError> {
    let catalog = lasting::catalog_of(tx, wish.package)?;
    access::manage_assignments(by, catalog)?;
    if !packages::hold(tx, wish.package)? {
        return Err(AppError::NotFound);
    }
    let policy = policies::enabled_of_package(tx, wish.package)?
        .into_iter()
        .find(|p| p.id == wish.policy)
        .ok_or(Refusal::PolicyNotOffered)?;
    gate::hold_open(tx, policy.id)?;
    let subject = person(tx, wish.subject)?;
    timers::end_what_is_over(tx, cx, wish.subject, wish.package)?;
    let facts = gate::gate_facts(tx, &subject, wish.package, cx.now)?;
    let in_scope = policy.terms.scope == Scope::Nobody || policy.terms.scope.admits(&subject);
    let refusal = if !facts.enabled {
        Some(Refusal::UserDisabled)
    } else if !in_scope {
        Some(Refusal::NotAdmitted)
    } else if facts.held.is_some() {
        Some(Refusal::AlreadyHeld)
    } else if facts.open.is_some() {
        Some(Refusal::AlreadyRequested)
    } else if !facts.conflicts.is_empty() {
        Some(Refusal::Conflict(facts.conflicts.join(", ")))
    } else {
        None
    };
    if let Some(refusal) = refusal {
        return Err(refusal.into());
    }
    submit::check_end(cx, &policy.terms)?;
    let justification = words(&wish.justification)?;
    let asks = !policy.terms.stages.is_empty();
    if asks && wish.without_approval {
        access::bypass_approval(by, catalog)?;
        if justification.is_empty() {
            return Err(Refusal::JustificationRequired.into());
        }
    }
    let stages = if wish.without_approval { Vec::new() } else { policy.terms.stages.clone() };
    let mut made = Request {
        id: cx.id(),
        kind: RequestKind::AdminAdd,
        package: wish.package,
        policy: policy.id,
        policy_version: policy.current_version,
        requestor: Some(by.user),
        subject: wish.subject,
        assignment: None,
        state: RequestState::Submitted,
        stage: 0,
        stages: u8::try_from(stages.len()).unwrap_or(u8::MAX),
        escalated: false,
        due_at: None,
        justification: justification.clone(),
        answers: json!({}),
        wanted_start: None,
        wanted_end: None,
        submit_token: None,
        submitted_at: cx.now,
        decided_at: None,
        completed_at: None,
        version: 1,
        changes: None,
    };
    requests::insert(tx, &cx.ids, &made, &stages).map_err(|e| {
        if e.is_taken("requests_subject_id_package_id_key") {
            AppError::from(Refusal::AlreadyRequested)
        } else {
            e.into()
        }
    })?;
    step(tx, cx, &made, &Step::Submitted { policy: policy.name.clone(), version: policy.current_version })?;
    let package = package_name(tx, wish.package)?;
    let values = json!({ "policy": policy.name, "withoutApproval": asks && wish.without_approval });
    cx.record(
        tx,
        record(&made, "assignment.direct", &package).change(json!(null), values).because(&justification),
    );
    if stages.is_empty() {
        let how =
            if asks { Step::ApprovalBypassed { reason: justification } } else { Step::ApprovedWithoutAsking };
        step(tx, cx, &made, &how)?;
        deliver::checked(tx, cx, &mut made, &policy.terms)?;
    } else {
        stage::open(tx, cx, &mut made, &stages, 1)?;
        requests::save(tx, &mut made)?;
    }
    Ok(made.id)
}

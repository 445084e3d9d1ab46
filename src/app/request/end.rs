//! The end of access: given up, removed, or over (SPEC ASG-3, DLV-2, I6). Always a request with its own timeline.

use serde_json::json;

use super::{behalf, deliver, outcome, package_name, stage, step, words};
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::access::{self, CatalogTask, Denied, Principal};
use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::delivery::DeliveryState;
use crate::domain::notice::Notice;
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, EntityId as _, RequestId};
use crate::store::assignments::{self, Assignment};
use crate::store::requests::{self, Request};
use crate::store::{Tx, lasting, policies, rules};

/// "I no longer need this": the person gives access up.
pub fn give_up(
    tx: &mut Tx<'_>,
    cx: &Cx,
    assignment: AssignmentId,
    by: &Principal,
    note: &str,
) -> Result<RequestId, AppError> {
    let held = assignments::find(tx, assignment)?.ok_or(AppError::NotFound)?;
    if held.subject_id != by.user {
        // Whoever sees the access may not give it up for its holder (SPEC ROL-6).
        let seen = by.may_in(CatalogTask::SeeAssignments, lasting::catalog_of(tx, held.package_id)?);
        let denied = Denied::Forbidden {
            needed: "holder of this access",
            grantors: "Nobody: only the person who holds it can give it up",
        };
        return Err(if seen { denied.into() } else { AppError::NotFound });
    }
    end(tx, cx, held, RequestKind::UserRemove, EndReason::RemovedByUser, note)
}

/// Whoever manages assignments in the catalog removes access.
pub fn remove(
    tx: &mut Tx<'_>,
    cx: &Cx,
    assignment: AssignmentId,
    by: &Principal,
    note: &str,
) -> Result<RequestId, AppError> {
    let held = assignments::find(tx, assignment)?.ok_or(AppError::NotFound)?;
    access::manage_assignments(by, lasting::catalog_of(tx, held.package_id)?)?;
    end(tx, cx, held, RequestKind::AdminRemove, EndReason::RemovedByAdministrator, note)
}

/// A manager removes access of somebody who reports to them directly (SPEC ASG-3). They say why.
pub fn remove_from_report(
    tx: &mut Tx<'_>,
    cx: &Cx,
    assignment: AssignmentId,
    by: &Principal,
    note: &str,
) -> Result<RequestId, AppError> {
    let held = assignments::find(tx, assignment)?.ok_or(AppError::NotFound)?;
    behalf::reports_to(tx, held.subject_id, by.user)?;
    if note.trim().is_empty() {
        return Err(Refusal::RemovalReasonRequired.into());
    }
    end(tx, cx, held, RequestKind::AdminRemove, EndReason::RemovedByManager, note)
}

/// Ends a live assignment: writes the request of its removal, closes it, takes the roles back and tells the
/// person.
pub(super) fn end(
    tx: &mut Tx<'_>,
    cx: &Cx,
    mut held: Assignment,
    kind: RequestKind,
    reason: EndReason,
    note: &str,
) -> Result<RequestId, AppError> {
    if !held.state.is_live() {
        return Err(Refusal::AlreadyEnded.into());
    }
    let note = words(note)?;
    settle_open_request(tx, cx, &held, reason)?;
    let mut request = Request {
        id: cx.id(),
        kind,
        package: held.package_id,
        policy: held.policy_id,
        policy_version: held.policy_version,
        requestor: cx.user(),
        subject: held.subject_id,
        assignment: Some(held.id),
        state: RequestState::Delivering,
        stage: 0,
        stages: 0,
        escalated: false,
        due_at: None,
        justification: note.clone(),
        answers: json!({}),
        wanted_start: None,
        wanted_end: None,
        submit_token: None,
        submitted_at: cx.now,
        decided_at: Some(cx.now),
        completed_at: None,
        version: 1,
        changes: None,
    };
    requests::insert(tx, &cx.ids, &request, &[])?;
    step(tx, cx, &request, &Step::Ended { reason, note: note.clone() })?;
    let at = if reason == EndReason::Time { held.ends_at.unwrap_or(cx.now).min(cx.now) } else { cx.now };
    let before = held.state;
    close(tx, cx, &mut held, reason, at)?;
    take_back(tx, cx, &request, &held)?;
    outcome::finish(tx, cx, &mut request, &mut held)?;
    let package = package_name(tx, held.package_id)?;
    let ended = Record::of("assignment.end", ObjectKind::Assignment, held.id.uuid(), package)
        .about(held.subject_id)
        .change(json!({ "state": before }), json!({ "state": held.state, "reason": reason }))
        .because(note);
    cx.record(tx, ended);
    let terms = policies::terms(tx, held.policy_id, held.policy_version)?;
    // Whoever gave access up need not be told.
    if terms.notify && reason != EndReason::RemovedByUser {
        let notice = Notice::AccessEnded { request: request.id, assignment: held.id };
        notices::send(tx, cx, held.subject_id, notice, &held.id.to_string())?;
    }
    Ok(request.id)
}

/// What is still under way about the assignment ends with it: an extension is cancelled, a delivery too.
fn settle_open_request(
    tx: &mut Tx<'_>,
    cx: &Cx,
    held: &Assignment,
    reason: EndReason,
) -> Result<(), AppError> {
    let Some(open) = requests::open_of(tx, held.subject_id, held.package_id)? else {
        return Ok(());
    };
    let Some(mut open) = requests::find(tx, open)? else {
        return Ok(());
    };
    let why = format!("The access itself ended: {}.", reason.words());
    stage::finish(tx, cx, &mut open, RequestState::Canceled, &Step::Canceled { reason: why })
}

/// Closes an assignment: from here on it is nobody's access. Saves it.
pub(super) fn close(
    tx: &mut Tx<'_>,
    _cx: &Cx,
    held: &mut Assignment,
    reason: EndReason,
    at: Moment,
) -> Result<(), AppError> {
    held.state = AssignmentState::Expired;
    held.ended_at = Some(at);
    held.end_reason = Some(reason);
    assignments::save(tx, held)?;
    // A rule may give the package now (SPEC AUT-3).
    rules::touch_ended(tx, held.subject_id, held.id)?;
    Ok(())
}

/// Takes the roles of a closed assignment back.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    held: &Assignment,
) -> Result<(), AppError> {
    for mut row in assignments::deliveries_of(tx, held.id)? {
        if row.state == DeliveryState::Removed {
            continue;
        }
        deliver::let_go(tx, cx, held, &mut row)?;
        assignments::save_delivery(tx, &mut row)?;
    }
    deliver::work(tx, cx, request, held)
}

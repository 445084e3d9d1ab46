//! Another end for access that somebody holds, set by those who manage assignments (SPEC section 8, `adminUpdate`):
//! a request with its own timeline, carried out at once.

use serde_json::json;

use super::{package_name, person, record, step, words};
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::bulk::NewEnd;
use crate::domain::extension;
use crate::domain::new_end::{self, Held};
use crate::domain::notice::Notice;
use crate::domain::request::{Changes, RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, EntityId as _, RequestId};
use crate::store::assignments::{self, Assignment};
use crate::store::requests::{self, Request};
use crate::store::{Conn, Tx, conflicts, lasting, policies};

/// The end that this access would get, if it may get another one: within what its policy gives now, and later only
/// without a conflict of duties (SPEC SOD-1).
pub fn planned_end(
    conn: &mut Conn,
    cx: &Cx,
    held: &Assignment,
    end: NewEnd,
) -> Result<Option<Moment>, AppError> {
    let (_, terms) = policies::current(conn, held.policy_id)?;
    let access = Held { state: held.state, starts_at: held.starts_at, ends_at: held.ends_at };
    let planned = new_end::plan(access, end, terms.expiry, cx.now, cx.instance.time_zone)?;
    let later = match (held.ends_at, planned) {
        (Some(old), Some(new)) => new > old,
        (Some(_), None) => true,
        (None, _) => false,
    };
    if later {
        let holder = person(conn, held.subject_id)?;
        let with = conflicts::held_against(conn, &holder, held.package_id)?.join(", ");
        if !with.is_empty() {
            return Err(Refusal::Conflict(with).into());
        }
    }
    Ok(planned)
}

/// Gives the access another end and tells the person.
pub fn change_end(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    assignment: AssignmentId,
    end: NewEnd,
    reason: &str,
) -> Result<RequestId, AppError> {
    let mut held = assignments::find(tx, assignment)?.ok_or(AppError::NotFound)?;
    access::manage_assignments(by, lasting::catalog_of(tx, held.package_id)?)?;
    policies::hold(tx, held.policy_id)?;
    let planned = planned_end(tx, cx, &held, end)?;
    let reason = words(reason)?;
    let request = Request {
        id: cx.id(),
        kind: RequestKind::AdminUpdate,
        package: held.package_id,
        policy: held.policy_id,
        policy_version: held.policy_version,
        requestor: Some(by.user),
        subject: held.subject_id,
        assignment: Some(held.id),
        state: RequestState::Delivered,
        stage: 0,
        stages: 0,
        escalated: false,
        due_at: None,
        justification: reason.clone(),
        answers: json!({}),
        wanted_start: None,
        wanted_end: planned,
        submit_token: None,
        submitted_at: cx.now,
        decided_at: Some(cx.now),
        completed_at: Some(cx.now),
        version: 1,
        changes: Some(Changes::End),
    };
    requests::insert(tx, &cx.ids, &request, &[])?;
    let before = held.ends_at;
    held.ends_at = planned;
    if end == NewEnd::Policy {
        // From here on it follows the policy as it is now (SPEC LIF-3).
        held.policy_version = policies::current(tx, held.policy_id)?.0;
    }
    held.remind_at = planned.and_then(|end| extension::next_reminder(held.starts_at, end, cx.now));
    assignments::save(tx, &mut held)?;
    step(tx, cx, &request, &Step::EndChanged { before, ends_at: planned, reason: reason.clone() })?;
    let package = package_name(tx, held.package_id)?;
    cx.record(tx, record(&request, "request.changeEnd", &package).because(&reason));
    let changed = Record::of("assignment.changeEnd", ObjectKind::Assignment, held.id.uuid(), package)
        .about(held.subject_id)
        .change(json!({ "endsAt": before }), json!({ "endsAt": planned, "request": request.id }))
        .because(reason);
    cx.record(tx, changed);
    let terms = policies::terms(tx, held.policy_id, held.policy_version)?;
    if terms.notify {
        let notice = Notice::EndChanged { request: request.id, assignment: held.id };
        notices::send(tx, cx, held.subject_id, notice, &request.id.to_string())?;
    }
    Ok(request.id)
}

//! Access that starts later: what can stand in its way when its time has come (SPEC DLV-8, SOD-3).

use serde_json::json;

use super::{end, package_name, person, record, stage};
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::assignment::EndReason;
use crate::domain::notice::Notice;
use crate::domain::request::RequestState;
use crate::domain::timeline::Step;
use crate::store::assignments::Assignment;
use crate::store::requests::Request;
use crate::store::{Conn, Tx, conflicts, people, policies};

/// Why scheduled access cannot start now, if anything stands in its way: the account is disabled or gone, or the
/// person got something incompatible since.
pub(super) fn obstacle(conn: &mut Conn, held: &Assignment) -> Result<Option<(EndReason, String)>, AppError> {
    if !people::person(conn, held.subject_id)?.is_some_and(|p| p.enabled) {
        return Ok(Some((
            EndReason::Account,
            "The account was disabled when the access was to start.".to_owned(),
        )));
    }
    let holder = person(conn, held.subject_id)?;
    let names = conflicts::held_against(conn, &holder, held.package_id)?.join(", ");
    Ok((!names.is_empty()).then(|| {
        let why = format!("The access was to start now. {}", Refusal::Conflict(names));
        (EndReason::PolicyScope, why)
    }))
}

/// Calls scheduled access off: it never starts, and the person hears why.
pub(super) fn call_off(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &mut Request,
    mut held: Assignment,
    reason: EndReason,
    why: String,
) -> Result<(), AppError> {
    let before = request.state;
    end::close(tx, cx, &mut held, reason, cx.now)?;
    stage::finish(tx, cx, request, RequestState::Canceled, &Step::Canceled { reason: why.clone() })?;
    let package = package_name(tx, request.package)?;
    let change = record(request, "request.callOff", &package)
        .change(json!({ "state": before }), json!({ "state": request.state }));
    cx.record(tx, change.because(why));
    let terms = policies::terms(tx, held.policy_id, held.policy_version)?;
    if terms.notify {
        let notice = Notice::AccessEnded { request: request.id, assignment: held.id };
        notices::send(tx, cx, held.subject_id, notice, &held.id.to_string())?;
    }
    Ok(())
}

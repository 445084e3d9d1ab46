//! Trying again what was given up (SPEC DLV-3): no time limit.

use serde_json::json;

use super::{outcome, package_name, record, step};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Denied, Principal};
use crate::domain::delivery::DeliveryState;
use crate::domain::timeline::Step;
use crate::kernel::ids::{EntityId as _, RequestId};
use crate::store::{Tx, assignments, lasting, requests};

/// Puts every role of the request's assignment back to work that was given up, removals too. By whoever manages
/// assignments in the catalog. Gives how many there were.
pub fn reprocess(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, request: RequestId) -> Result<u32, AppError> {
    let request = requests::find(tx, request)?.ok_or(AppError::NotFound)?;
    let catalog = lasting::catalog_of(tx, request.package)?;
    match access::manage_assignments(by, catalog) {
        Ok(_) => {}
        // Who sees the request may know that there is such a thing.
        Err(Denied::Invisible) if request.subject == by.user || request.requestor == Some(by.user) => {
            return Err(Denied::Forbidden {
                needed: "access package assignment manager",
                grantors: "The owners of the catalog, and administrators,",
            }
            .into());
        }
        Err(denied) => return Err(denied.into()),
    }
    let id = request.assignment.ok_or(Refusal::NothingFailed)?;
    again(tx, cx, id)
}

/// Puts every role of an assignment back to work that was given up. The right to do so was checked.
pub(in crate::app) fn again(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: crate::kernel::ids::AssignmentId,
) -> Result<u32, AppError> {
    let mut held = assignments::find(tx, id)?.ok_or(AppError::NotFound)?;
    let mut story = outcome::story_of(tx, &held)?.ok_or(AppError::NotFound)?;
    let mut roles = Vec::new();
    for mut row in assignments::deliveries_of(tx, held.id)? {
        if !row.given_up() {
            continue;
        }
        let state = match row.state {
            DeliveryState::Removing => DeliveryState::Removing,
            _ if held.state.is_live() => DeliveryState::Pending,
            _ => DeliveryState::Removing,
        };
        row.begin_anew(state, cx.now);
        assignments::save_delivery(tx, &mut row)?;
        roles.push(row.resource_role_id);
    }
    if roles.is_empty() {
        return Err(Refusal::NothingFailed.into());
    }
    let count = u32::try_from(roles.len()).unwrap_or(u32::MAX);
    step(tx, cx, &story, &Step::Reprocessed { roles: count })?;
    let package = package_name(tx, held.package_id)?;
    let change = record(&story, "request.reprocess", &package)
        .change(json!(null), json!({ "assignment": held.id.uuid(), "roles": roles }));
    cx.record(tx, change);
    super::deliver::work(tx, cx, &story, &held)?;
    outcome::finish(tx, cx, &mut story, &mut held)?;
    Ok(count)
}

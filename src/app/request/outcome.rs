//! What came of a delivery or a removal, written down: the row, the timeline, and when it is given up, the mail to the
//! people who manage the assignment and the audit log (SPEC DLV-1, DLV-3).

use serde_json::json;

use super::{deliver, package_name};
use crate::app::{AppError, Cx, notices};
use crate::domain::assignment::AssignmentState;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::delivery::{ConnectorError, DeliveryState};
use crate::domain::notice::Notice;
use crate::domain::order::{self, Reply};
use crate::domain::request::RequestState;
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::kernel::ids::{EntityId as _, UserId};
use crate::store::assignments::{self, Assignment, Delivery};
use crate::store::requests::{self, Request};
use crate::store::{Conn, StoreError, Tx, lasting, role_grants};

/// What came of it.
#[derive(Debug, Clone)]
pub(super) enum Came {
    /// The connector answered.
    Answered(Result<Reply, ConnectorError>),
    /// Nothing was to be done: other access gives the role too (SPEC DLV-2).
    Kept,
}

/// Writes down what came of a delivery or removal. The row is saved; the assignment is not: see [`finish`].
pub(super) fn mark(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    held: &Assignment,
    row: &mut Delivery,
    came: Came,
) -> Result<(), AppError> {
    mark_by(tx, cx, None, request, held, row, came)
}

/// The same, when a person did it (SPEC DLV-6).
pub(super) fn mark_by(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: Option<UserId>,
    request: &Request,
    held: &Assignment,
    row: &mut Delivery,
    came: Came,
) -> Result<(), AppError> {
    let role = row.resource_role_id;
    let (name, _) = lasting::role(tx, role)?;
    let removing = row.state == DeliveryState::Removing;
    row.updated_at = cx.now;
    let first = row.tries <= 1;
    let told = match came {
        Came::Answered(Ok(Reply::Done)) | Came::Kept => {
            let kept = matches!(came, Came::Kept);
            row.state = if removing { DeliveryState::Removed } else { DeliveryState::Delivered };
            row.error = None;
            row.due_at = None;
            row.tries = 0;
            row.trying_since = None;
            Some(match (removing, kept) {
                (_, true) => Step::RoleKept { role, name },
                (true, false) => Step::RoleRemoved { role, name },
                (false, false) => Step::RoleDelivered { role, name },
            })
        }
        Came::Answered(Ok(Reply::Pending)) => {
            row.error = None;
            row.due_at = Some(cx.now + order::ANSWER_WITHIN);
            first.then_some(Step::RoleAwaited { role, name })
        }
        Came::Answered(Err(ConnectorError::Later(error))) => {
            let since = *row.trying_since.get_or_insert(cx.now);
            match order::again(row.tries, since, cx.now) {
                Some(at) => {
                    row.due_at = Some(at);
                    row.error = Some(error.clone());
                    // One line for the whole series: a day of attempts would bury the rest.
                    first.then_some(Step::RoleDelayed { role, name, error })
                }
                None => Some(give_up(tx, cx, request, held, row, name, error)?),
            }
        }
        Came::Answered(Err(ConnectorError::Refused(error))) => {
            Some(give_up(tx, cx, request, held, row, name, error)?)
        }
    };
    assignments::save_delivery(tx, row)?;
    if let Some(step) = told {
        requests::push_step(tx, cx.id(), request.id, cx.now, by, &step)?;
    }
    Ok(())
}

/// It stays failed until somebody tries it again. Those who can do that hear of it.
fn give_up(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    held: &Assignment,
    row: &mut Delivery,
    name: String,
    error: String,
) -> Result<Step, AppError> {
    let removing = row.state == DeliveryState::Removing;
    if !removing {
        row.state = DeliveryState::Failed;
    }
    row.due_at = None;
    row.error = Some(error.clone());
    let package = package_name(tx, held.package_id)?;
    let values = json!({ "role": row.resource_role_id, "removal": removing, "error": error });
    let record = Record::of("delivery.fail", ObjectKind::Assignment, held.id.uuid(), package)
        .about(held.subject_id)
        .change(json!(null), values);
    cx.record(tx, record);
    let catalog = lasting::catalog_of(tx, held.package_id)?;
    let mut people = role_grants::assignment_managers(tx, catalog)?;
    if people.is_empty() {
        people = role_grants::administrators(tx)?;
    }
    for user in people {
        let notice = Notice::DeliveryFailed { request: request.id, delivery: row.id };
        // Once for each series of attempts.
        let key = format!("{}/{}", row.id, row.attempts);
        notices::send(tx, cx, user, notice, &key)?;
    }
    Ok(Step::RoleFailed { role: row.resource_role_id, name, error })
}

/// The request whose timeline tells of an assignment's deliveries: the one that made it, or once it has ended, the
/// one that ended it. Access that was cancelled has only the first.
pub(super) fn story_of(conn: &mut Conn, held: &Assignment) -> Result<Option<Request>, StoreError> {
    if !held.state.is_live()
        && let Some(ending) = requests::ending(conn, held.id)?
    {
        return Ok(Some(ending));
    }
    requests::making(conn, held.id)
}

/// Brings an assignment and its request up to date with its deliveries. Saves both.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &mut Request,
    held: &mut Assignment,
) -> Result<(), AppError> {
    if held.state != AssignmentState::Expired {
        return deliver::settle(tx, cx, request, held);
    }
    if !request.kind.removes() {
        return Ok(());
    }
    let rows = assignments::deliveries_of(tx, held.id)?;
    let before = request.state;
    if rows.iter().all(|d| d.state == DeliveryState::Removed) {
        request.state = RequestState::Delivered;
        request.completed_at.get_or_insert(cx.now);
    } else if rows.iter().all(|d| d.state == DeliveryState::Removed || d.given_up()) {
        request.state = RequestState::DeliveryFailed;
    }
    if request.state != before {
        requests::save(tx, request)?;
    }
    Ok(())
}

/// When a delivery that is not due yet is looked at again.
pub(super) fn put_off(tx: &mut Tx<'_>, row: &mut Delivery, until: Moment) -> Result<(), StoreError> {
    row.due_at = Some(until);
    assignments::save_delivery(tx, row)
}

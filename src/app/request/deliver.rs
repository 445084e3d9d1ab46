//! From approval to access: the assignment is made, its roles are delivered (SPEC DLV-1 to DLV-5).

use serde_json::json;

use super::outcome::{self, Came};
use super::{allow, attributes, extend, person, step};
use crate::app::fulfil::{self, Asked};
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::allowance::Span;
use crate::domain::assignment::AssignmentState;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::ConnectorKind;
use crate::domain::delivery::{self, Connector as _, DeliveryState, Order};
use crate::domain::extension;
use crate::domain::notice::Notice;
use crate::domain::order::Reply;
use crate::domain::policy::Terms;
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::EntityId as _;
use crate::store::assignments::{self, Assignment, Delivery};
use crate::store::delivered::DirectoryConnector;
use crate::store::requests::{self, Request};
use crate::store::{Tx, conflicts, lasting, packages, policies};

/// Makes the assignment of an approved request and delivers what can be delivered at once; an approved change of
/// access that the person holds is carried out. Saves the request.
pub(super) fn start(tx: &mut Tx<'_>, cx: &Cx, request: &mut Request, terms: &Terms) -> Result<(), AppError> {
    if request.kind == RequestKind::UserUpdate {
        return extend::apply(tx, cx, request, terms);
    }
    // Held, so that whoever changes its roles or deletes it at this moment counts this assignment (SPEC PKG-3, PKG-4).
    if !packages::hold(tx, request.package)? || policies::hold(tx, request.policy)?.is_none() {
        return Err(AppError::NotFound);
    }
    let subject = person(tx, request.subject)?;
    // SPEC SOD-3: checked again when the request is approved.
    let conflicts = conflicts::stand_against(tx, &subject, request.package)?.join(", ");
    if !conflicts.is_empty() {
        return Err(Refusal::Conflict(conflicts).into());
    }
    make(tx, cx, request, terms)
}

/// The same for somebody who was checked a moment ago, with package and policy held: direct assignment.
pub(super) fn make(tx: &mut Tx<'_>, cx: &Cx, request: &mut Request, terms: &Terms) -> Result<(), AppError> {
    let allowed = allow::allowed(tx, request)?;
    let span = allow::asked(tx, request, terms, cx.instance.time_zone)?.span(allowed, cx.now);
    let Span { starts_at, ends_at } = span;
    if span.is_empty() {
        let text =
            "Access would end before it starts: its end, as wanted, allowed or by the policy, is over.";
        return Err(Refusal::BadPeriod(text.to_owned()).into());
    }
    let scheduled = starts_at > cx.now;
    let held = Assignment {
        id: cx.id(),
        package_id: request.package,
        policy_id: request.policy,
        policy_version: request.policy_version,
        subject_id: request.subject,
        state: if scheduled { AssignmentState::Scheduled } else { AssignmentState::Delivering },
        starts_at,
        ends_at,
        created_at: cx.now,
        delivered_at: None,
        ended_at: None,
        end_reason: None,
        version: 1,
        remind_at: ends_at.and_then(|end| extension::next_reminder(starts_at, end, cx.now)),
    };
    assignments::insert(tx, &held).map_err(|e| {
        if e.is_taken("assignments_subject_id_package_id_key") {
            AppError::from(Refusal::AlreadyHeld)
        } else {
            e.into()
        }
    })?;
    let name = lasting::package_name(tx, request.package)?;
    let made = Record::of("assignment.create", ObjectKind::Assignment, held.id.uuid(), name)
        .about(request.subject)
        .change(
            json!(null),
            json!({ "startsAt": held.starts_at, "endsAt": held.ends_at, "request": request.id }),
        );
    cx.record(tx, made);
    attributes::store(tx, cx, request)?;
    request.assignment = Some(held.id);
    request.decided_at.get_or_insert(cx.now);
    request.due_at = None;
    if scheduled {
        request.state = RequestState::Scheduled;
        requests::save(tx, request)?;
        step(tx, cx, request, &Step::Scheduled { starts_at })?;
        return Ok(());
    }
    begin(tx, cx, request, held)
}

/// Begins the delivery of an assignment whose time has come. Saves both.
pub(super) fn begin(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &mut Request,
    mut held: Assignment,
) -> Result<(), AppError> {
    requests::push_step(tx, cx.id(), request.id, cx.now, None, &Step::DeliveryStarted)?;
    // Whoever changes the package's roles at this moment counts this assignment, or it starts with the new ones
    // (SPEC PKG-3). A deleted package has no live assignments, so there is one.
    packages::hold(tx, held.package_id)?;
    for role in assignments::roles_of_package(tx, held.package_id)? {
        let row = Delivery {
            id: cx.id(),
            assignment_id: held.id,
            resource_role_id: role,
            state: DeliveryState::Pending,
            error: None,
            attempts: 0,
            due_at: Some(cx.now),
            updated_at: cx.now,
            version: 1,
            tries: 0,
            trying_since: None,
        };
        assignments::insert_delivery(tx, &row)?;
    }
    request.state = RequestState::Delivering;
    held.state = AssignmentState::Delivering;
    work(tx, cx, request, &held)?;
    settle(tx, cx, request, &mut held)
}

/// Works off what is due of an assignment, as far as it can be done inside this transaction: roles of the portal's
/// own directory, and removals of what other access gives too. The rest leaves the portal: see `ordering`.
pub(super) fn work(tx: &mut Tx<'_>, cx: &Cx, request: &Request, held: &Assignment) -> Result<(), AppError> {
    for mut row in assignments::deliveries_of(tx, held.id)? {
        let removing = match row.state {
            DeliveryState::Pending => false,
            DeliveryState::Removing => true,
            DeliveryState::Delivered | DeliveryState::Failed | DeliveryState::Removed => continue,
        };
        if row.due_at.is_none_or(|due| due > cx.now) {
            continue;
        }
        let (name, connector) = lasting::role(tx, row.resource_role_id)?;
        let role = row.resource_role_id;
        let order = Order { assignment: held.id, role, user: held.subject_id };
        // SPEC DLV-2: what another live assignment grants stays.
        let kept = removing && assignments::granted_otherwise(tx, held.subject_id, role, held.id, cx.now)?;
        let came = if kept {
            Came::Kept
        } else if connector == ConnectorKind::Directory {
            row.attempts += 1;
            row.tries += 1;
            let mut directory = DirectoryConnector::new(tx, cx.now);
            let done = if removing { directory.revoke(&order)? } else { directory.grant(&order)? };
            Came::Answered(done.map(|()| Reply::Done))
        } else if connector == ConnectorKind::Manual {
            match fulfil::ask(tx, cx, request, held, &row, removing, &name)? {
                Asked::AtOnce => Came::Answered(Ok(Reply::Done)),
                Asked::Kept => Came::Kept,
                Asked::Waits => {
                    row.attempts += 1;
                    row.updated_at = cx.now;
                    row.error = None;
                    // A person is asked: their answer goes on with it, and no timer.
                    row.due_at = None;
                    assignments::save_delivery(tx, &mut row)?;
                    continue;
                }
            }
        } else {
            // The other connectors leave the machine: a job delivers for them after this transaction.
            continue;
        };
        outcome::mark(tx, cx, request, held, &mut row, came)?;
    }
    Ok(())
}

/// Marks a role of an assignment as to be taken back. What was never tried is not there, unless earlier access left it
/// at the target because of this one.
pub(super) fn let_go(
    tx: &mut Tx<'_>,
    cx: &Cx,
    held: &Assignment,
    row: &mut Delivery,
) -> Result<(), AppError> {
    let untried = row.state == DeliveryState::Pending
        && row.attempts == 0
        && !assignments::ever_tried(tx, held.subject_id, row.resource_role_id)?;
    if untried {
        row.state = DeliveryState::Removed;
        row.due_at = None;
        row.updated_at = cx.now;
    } else {
        row.begin_anew(DeliveryState::Removing, cx.now);
    }
    Ok(())
}

/// Writes down how far the assignment is, and when everything is delivered, says so to the person (SPEC DLV-5).
/// Saves the assignment and the request.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &mut Request,
    held: &mut Assignment,
) -> Result<(), AppError> {
    let states: Vec<_> = assignments::deliveries_of(tx, held.id)?.iter().map(|d| d.state).collect();
    held.state = delivery::derive(&states);
    let state = match held.state {
        AssignmentState::Delivered => RequestState::Delivered,
        AssignmentState::PartiallyDelivered => RequestState::PartiallyDelivered,
        AssignmentState::DeliveryFailed => RequestState::DeliveryFailed,
        AssignmentState::Scheduled | AssignmentState::Delivering | AssignmentState::Expired => {
            RequestState::Delivering
        }
    };
    // A request that was done stays done while its roles are worked at again: another one may be open by now.
    if request.state.is_open() || !state.is_open() {
        request.state = state;
    }
    let done = held.state == AssignmentState::Delivered;
    let first = done && held.delivered_at.is_none();
    if done {
        held.delivered_at.get_or_insert(cx.now);
        request.completed_at.get_or_insert(cx.now);
    }
    assignments::save(tx, held)?;
    requests::save(tx, request)?;
    if first {
        let last = Step::Delivered { ends_at: held.ends_at };
        requests::push_step(tx, cx.id(), request.id, cx.now, None, &last)?;
        let terms = policies::terms(tx, held.policy_id, held.policy_version)?;
        // Who was assigned directly is told, unless that was switched off (SPEC ASG-4).
        if terms.notify && !requests::is_quiet(tx, request.id)? {
            let notice = Notice::AccessDelivered { request: request.id, assignment: held.id };
            notices::send(tx, cx, held.subject_id, notice.clone(), &held.id.to_string())?;
            // Whoever asked for somebody else hears it too (SPEC POL-6).
            let asked = request.requestor.filter(|_| request.kind == RequestKind::OnBehalfAdd);
            if let Some(manager) = asked {
                notices::send(tx, cx, manager, notice, &held.id.to_string())?;
            }
        }
    }
    Ok(())
}

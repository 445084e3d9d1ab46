//! Orders to targets outside the portal: claim, commit, call, and write down what came of it, if the order is still
//! the newest one (SPEC DLV-3, DLV-4, I10). The call itself is made between [`claim`] and [`conclude`], without a
//! transaction.

use uuid::Uuid;

use super::outcome::{self, Came};
use crate::app::{AppError, Cx};
use crate::domain::assignment::effective;
use crate::domain::delivery::{ConnectorError, DeliveryState};
use crate::domain::order::{self, Action, Claimed, Outcome, OutsideOrder, Reply, Report, leaves_the_portal};
use crate::domain::webhook;
use crate::kernel::ids::{DeliveryId, OrderId};
use crate::kernel::paths;
use crate::store::assignments::{self, Assignment, Delivery};
use crate::store::orders::{self, Attempt, Lane};
use crate::store::{Tx, lasting, webhooks};

/// What a claim gave.
#[derive(Debug, Clone)]
pub enum Claim {
    /// There is nothing to do, or not now.
    Nothing,
    /// It is done without anybody being asked.
    Settled,
    /// Carry this out, then [`conclude`].
    Call(Box<Claimed>),
}

/// Claims a delivery or removal that is due. Of several workers one gets it; while an order for the same role and
/// person is under way, no other one starts.
pub fn claim(tx: &mut Tx<'_>, cx: &Cx, id: DeliveryId, lease: Uuid) -> Result<Claim, AppError> {
    let Some(mut row) = assignments::find_delivery(tx, id)? else {
        return Ok(Claim::Nothing);
    };
    let action = match row.state {
        DeliveryState::Pending => Action::Grant,
        DeliveryState::Removing => Action::Revoke,
        DeliveryState::Delivered | DeliveryState::Failed | DeliveryState::Removed => {
            return Ok(Claim::Nothing);
        }
    };
    if row.due_at.is_none_or(|due| due > cx.now) {
        return Ok(Claim::Nothing);
    }
    let (_, connector) = lasting::role(tx, row.resource_role_id)?;
    let Some(held) = assignments::find(tx, row.assignment_id)?.filter(|_| leaves_the_portal(connector))
    else {
        return Ok(Claim::Nothing);
    };
    let mut lane = orders::open_lane(tx, row.resource_role_id, held.subject_id)?;
    if let Some(until) = lane.lease_until.filter(|until| *until > cx.now) {
        outcome::put_off(tx, &mut row, until)?;
        return Ok(Claim::Nothing);
    }
    let ours = lane.open && lane.delivery == Some(id) && lane.action == Some(action);
    match lane.answer_due_at {
        // A newer order of the other kind takes the place of one that waits for its answer; the same kind waits.
        Some(until) if until > cx.now && !ours && lane.action == Some(action) => {
            outcome::put_off(tx, &mut row, until)?;
            return Ok(Claim::Nothing);
        }
        Some(until) if until > cx.now && ours => {
            outcome::put_off(tx, &mut row, until)?;
            return Ok(Claim::Nothing);
        }
        Some(_) if ours => return no_answer(tx, cx, &mut lane, row, held),
        _ => {}
    }
    // SPEC DLV-2: judged now, at the moment of removal.
    let kept = action == Action::Revoke
        && assignments::granted_otherwise(tx, held.subject_id, row.resource_role_id, held.id, cx.now)?;
    if kept {
        written(tx, cx, held, row, Came::Kept)?;
        return Ok(Claim::Settled);
    }
    // I6: nothing is granted at or after the end; the removal follows.
    if action == Action::Grant && !effective(held.state, held.starts_at, held.ends_at, cx.now) {
        outcome::put_off(tx, &mut row, cx.now + chrono::Duration::minutes(1))?;
        return Ok(Claim::Nothing);
    }
    // SPEC DLV-4: an order whose end is not known is repeated under its own key; anything else is a new order.
    let key = match lane.order.filter(|_| ours) {
        Some(key) => key,
        None => {
            lane.sequence += 1;
            cx.id()
        }
    };
    let until = cx.now + order::HOLD;
    lane.order = Some(key);
    lane.delivery = Some(id);
    lane.action = Some(action);
    lane.open = true;
    lane.lease = Some(lease);
    lane.lease_until = Some(until);
    lane.answer_due_at = None;
    orders::save_lane(tx, &mut lane)?;
    row.attempts += 1;
    row.tries += 1;
    row.trying_since.get_or_insert(cx.now);
    row.updated_at = cx.now;
    // If this worker dies, the order is repeated then.
    outcome::put_off(tx, &mut row, until)?;
    let (matter, resource, resource_name) = orders::matter(tx, id)?;
    let callback = format!("{}{}", cx.instance.base_url, paths::delivery_answer(key));
    let target = webhooks::find(tx, resource)?.map(|(target, _)| target);
    let order = OutsideOrder {
        id: key,
        sequence: lane.sequence,
        action,
        connector,
        resource,
        resource_name,
        matter: Some(matter),
        target,
        callback,
        at: cx.now,
    };
    Ok(Claim::Call(Box::new(Claimed { delivery: id, order, lease })))
}

/// The answer that was promised did not come in time: that is a failure like any other.
fn no_answer(
    tx: &mut Tx<'_>,
    cx: &Cx,
    lane: &mut Lane,
    row: Delivery,
    held: Assignment,
) -> Result<Claim, AppError> {
    lane.answer_due_at = None;
    orders::save_lane(tx, lane)?;
    let error = format!(
        "The target took the order and did not tell within {} hours how it went.",
        order::ANSWER_WITHIN.num_hours()
    );
    written(tx, cx, held, row, Came::Answered(Err(ConnectorError::Later(error))))?;
    Ok(Claim::Settled)
}

/// Writes down what came of a delivery, and brings its assignment and request up to date.
fn written(
    tx: &mut Tx<'_>,
    cx: &Cx,
    mut held: Assignment,
    mut row: Delivery,
    came: Came,
) -> Result<(), AppError> {
    let Some(mut request) = outcome::story_of(tx, &held)? else {
        return Err(AppError::NotFound);
    };
    outcome::mark(tx, cx, &request, &held, &mut row, came)?;
    outcome::finish(tx, cx, &mut request, &mut held)
}

/// Writes down what came of a call. An answer that comes when the claim is lost, or when a newer order has taken the
/// place of this one, changes nothing but the log. True if it counted.
pub fn conclude(tx: &mut Tx<'_>, cx: &Cx, claimed: &Claimed, report: &Report) -> Result<bool, AppError> {
    let order = &claimed.order;
    let lane = match &order.matter {
        Some(matter) => orders::lane(tx, matter.role, matter.subject.id)?,
        None => None,
    };
    let ours = lane.filter(|l| l.lease == Some(claimed.lease) && l.order == Some(order.id));
    let entry = Attempt {
        id: cx.id(),
        resource_id: order.resource,
        resource_role_id: order.matter.as_ref().map(|m| m.role),
        delivery_id: Some(claimed.delivery),
        order_id: order.id,
        sequence: order.sequence,
        action: order.action,
        by_callback: false,
        outcome: if ours.is_some() { report.outcome() } else { Outcome::Outdated },
        status_code: report.status.map(i32::from),
        millis: i32::try_from(report.millis).ok(),
        message: report.message().map(str::to_owned),
        at: cx.now,
    };
    orders::log(tx, &entry)?;
    let Some(lane) = ours else {
        return Ok(false);
    };
    take(tx, cx, lane, &report.reply)?;
    Ok(true)
}

/// What the target said about the newest order of a lane.
fn take(
    tx: &mut Tx<'_>,
    cx: &Cx,
    mut lane: Lane,
    reply: &Result<Reply, ConnectorError>,
) -> Result<(), AppError> {
    let (Some(action), Some(delivery)) = (lane.action, lane.delivery) else {
        return Ok(());
    };
    lane.lease = None;
    lane.lease_until = None;
    lane.answer_due_at = matches!(reply, Ok(Reply::Pending)).then(|| cx.now + order::ANSWER_WITHIN);
    // A refusal is an end too: the next attempt is a new order.
    lane.open = matches!(reply, Ok(Reply::Pending) | Err(ConnectorError::Later(_)));
    if *reply == Ok(Reply::Done) {
        orders::record_holding(tx, lane.role, lane.user, action, cx.now)?;
    }
    let row = assignments::find_delivery(tx, delivery)?;
    let wanted = match action {
        Action::Grant => DeliveryState::Pending,
        Action::Revoke => DeliveryState::Removing,
        Action::Test => return Ok(()),
    };
    // What is wanted may have changed while the call was made: then this answer is only part of the way.
    if let Some(mut row) = row {
        let held = assignments::find(tx, row.assignment_id)?;
        if row.state == wanted && !row.given_up() {
            if let Some(held) = held {
                written(tx, cx, held, row, Came::Answered(reply.clone()))?;
                let after = assignments::find_delivery(tx, delivery)?;
                lane.open = lane.open && after.is_some_and(|row| !row.given_up());
            }
        } else if row.due_at.is_some() {
            outcome::put_off(tx, &mut row, cx.now)?;
        }
    }
    orders::save_lane(tx, &mut lane)?;
    Ok(())
}

/// What came of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It counted.
    Taken,
    /// The order does not wait for an answer, or not any more: nothing changed.
    Known,
}

/// What a target tells later about an order (SPEC DLV-6). Only the newest order of its role and person takes an answer,
/// and only while it waits for one; the same answer twice changes nothing. The signature is checked with the secret of
/// the resource; without it the order does not exist for whoever asks.
pub fn answer(
    tx: &mut Tx<'_>,
    cx: &Cx,
    order: OrderId,
    signed: &webhook::Signed<'_>,
) -> Result<Heard, AppError> {
    let first = orders::attempt_at(tx, order)?.ok_or(AppError::NotFound)?;
    let (target, _) = webhooks::find(tx, first.resource_id)?.ok_or(AppError::NotFound)?;
    if !signed.holds(&target.secret, cx.now) {
        return Err(AppError::NotFound);
    }
    let reply = webhook::read_answer(signed.body).map_err(crate::domain::Refusal::BadText)?;
    let lane = orders::lane_of(tx, order)?.filter(|l| l.answer_due_at.is_some() && l.open);
    let report = Report { reply: reply.clone(), status: None, millis: 0 };
    let entry = Attempt {
        id: cx.id(),
        by_callback: true,
        outcome: if lane.is_some() { report.outcome() } else { Outcome::Outdated },
        status_code: None,
        millis: None,
        message: report.message().map(str::to_owned),
        at: cx.now,
        ..first
    };
    let Some(lane) = lane else {
        return Ok(Heard::Known);
    };
    orders::log(tx, &entry)?;
    take(tx, cx, lane, &reply)?;
    Ok(Heard::Taken)
}

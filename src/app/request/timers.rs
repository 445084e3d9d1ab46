//! What becomes due by itself: each function handles one item in its own transaction, checks again that it is
//! still due, and does nothing if it is not, so that it may run late, twice, or on two machines at once (I17).

use super::{deliver, end, outcome, schedule, stage, tell};
use crate::app::{AppError, Cx, notices};
use crate::domain::approval::{self, StageState};
use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::audit::Author;
use crate::domain::delivery::DeliveryState;
use crate::domain::notice::Notice;
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::{AssignmentId, PackageId, RequestId, UserId};
use crate::store::{Tx, assignments, requests};

/// Ends a request that nobody decided in time (SPEC APR-5). True if it was due.
pub fn expire_request(tx: &mut Tx<'_>, cx: &Cx, id: RequestId) -> Result<bool, AppError> {
    let Some(mut request) = requests::find(tx, id)? else {
        return Ok(false);
    };
    let due = request.state == RequestState::PendingApproval && request.due_at.is_some_and(|d| d <= cx.now);
    if !due {
        return Ok(false);
    }
    let number = request.stage;
    let plan = stage::plan_of(tx, &request)?;
    requests::close_stage(tx, id, number, StageState::Expired, cx.now)?;
    stage::finish(tx, cx, &mut request, RequestState::Expired, &Step::Expired { stage: number })?;
    tell::expired(tx, cx, &request, &plan)?;
    let package = super::package_name(tx, request.package)?;
    let values = serde_json::json!({ "state": request.state, "stage": number });
    cx.record(
        tx,
        super::record(&request, "request.expire", &package).change(serde_json::json!(null), values),
    );
    Ok(true)
}

/// Reminds those who can still decide a stage (SPEC NOT-2). True if it was due.
pub fn remind_approvers(tx: &mut Tx<'_>, cx: &Cx, id: RequestId, number: u8) -> Result<bool, AppError> {
    let Some(request) = requests::find(tx, id)? else {
        return Ok(false);
    };
    let row = requests::stages(tx, id)?.into_iter().find(|s| s.stage == number);
    let opened = row.filter(|s| s.state == StageState::Pending).and_then(|s| s.opened_at);
    let (Some(opened), RequestState::PendingApproval) = (opened, request.state) else {
        requests::set_reminder(tx, id, number, None)?;
        return Ok(false);
    };
    let plan = stage::plan_of(tx, &request)?;
    let rule = stage::stage_of(&plan, number)?;
    let times = approval::reminders(rule, opened);
    let passed = times.iter().filter(|t| **t <= cx.now).count();
    requests::set_reminder(tx, id, number, times.get(passed).copied())?;
    // After a long downtime several may have passed: one mail is enough, and none when the time is over anyway.
    if passed == 0 || request.due_at.is_some_and(|d| d <= cx.now) {
        return Ok(false);
    }
    let (deciders, _) = stage::deciders_of(tx, cx.now, &request, &plan, number)?;
    let votes = requests::stage_votes(&requests::votes_of(tx, id)?, number);
    for user in deciders.everybody().into_iter().filter(|u| deciders.place_of(*u, &votes).is_ok()) {
        let notice = Notice::ApprovalReminder { request: id, stage: number };
        // With the opening, for a stage that is asked again after the request was changed.
        let key = format!("{id}/{number}/{}/{passed}", opened.timestamp());
        notices::send(tx, cx, user, notice, &key)?;
    }
    Ok(true)
}

/// Asks the alternates of a stage that nobody decided for a while (SPEC APR-4). The first approvers may still
/// decide. True if it was due.
pub fn escalate_request(tx: &mut Tx<'_>, cx: &Cx, id: RequestId, number: u8) -> Result<bool, AppError> {
    let Some(mut request) = requests::find(tx, id)? else {
        return Ok(false);
    };
    let row = requests::stages(tx, id)?.into_iter().find(|s| s.stage == number);
    let opened = row.filter(|s| s.state == StageState::Pending && s.escalated_at.is_none());
    let opened = opened.and_then(|s| s.opened_at);
    let (Some(opened), RequestState::PendingApproval, true) =
        (opened, request.state, request.stage == number && !request.escalated)
    else {
        return Ok(false);
    };
    let plan = stage::plan_of(tx, &request)?;
    let Some(at) = approval::escalation(stage::stage_of(&plan, number)?, opened) else {
        requests::set_escalated(tx, id, number, None)?;
        return Ok(false);
    };
    // After a long downtime the whole stage may be over: then it expires, and nobody is asked any more.
    if at > cx.now || request.due_at.is_none_or(|due| due <= cx.now) {
        return Ok(false);
    }
    let before = stage::deciders_of(tx, cx.now, &request, &plan, number)?.0.everybody();
    request.escalated = true;
    // Growing the version lets only one of two sweeps at the same moment through (I17).
    requests::save(tx, &mut request)?;
    requests::set_escalated(tx, id, number, Some(cx.now))?;
    let (deciders, _) = stage::deciders_of(tx, cx.now, &request, &plan, number)?;
    let votes = requests::stage_votes(&requests::votes_of(tx, id)?, number);
    let asked = deciders.everybody();
    let mut more = 0_u32;
    for user in asked.difference(&before).filter(|u| deciders.place_of(**u, &votes).is_ok()) {
        let notice = Notice::ApprovalForwarded { request: id, stage: number };
        notices::send(tx, cx, *user, notice, &format!("{id}/{number}/{}", opened.timestamp()))?;
        more += u32::from(deciders.users.contains(user));
    }
    super::step(tx, cx, &request, &Step::Escalated { stage: number, people: more })?;
    let package = super::package_name(tx, request.package)?;
    let values = serde_json::json!({ "escalated": true, "stage": number, "people": more });
    let was = serde_json::json!({ "escalated": false });
    cx.record(tx, super::record(&request, "request.escalate", &package).change(was, values));
    Ok(true)
}

/// Begins a scheduled assignment whose start has come (SPEC DLV-8), if nothing stands in its way by now (SOD-3);
/// otherwise calls it off. True if it was due.
pub fn start_assignment(tx: &mut Tx<'_>, cx: &Cx, id: AssignmentId) -> Result<bool, AppError> {
    let Some(held) = assignments::find(tx, id)? else {
        return Ok(false);
    };
    if held.state != AssignmentState::Scheduled || held.starts_at > cx.now {
        return Ok(false);
    }
    let Some(mut request) = requests::making(tx, id)? else {
        return Ok(false);
    };
    match schedule::obstacle(tx, &held)? {
        None => deliver::begin(tx, cx, &mut request, held)?,
        Some((reason, why)) => schedule::call_off(tx, cx, &mut request, held, reason, why)?,
    }
    Ok(true)
}

/// Ends an assignment whose time is over (I6). True if it was due.
pub fn end_assignment(tx: &mut Tx<'_>, cx: &Cx, id: AssignmentId) -> Result<bool, AppError> {
    let Some(held) = assignments::find(tx, id)? else {
        return Ok(false);
    };
    if !held.state.is_live() || held.ends_at.is_none_or(|end| end > cx.now) {
        return Ok(false);
    }
    end::end(tx, cx, held, RequestKind::SystemRemove, EndReason::Time, "")?;
    Ok(true)
}

/// Ends access of this person to this package whose time is over, before the sweep comes to it, so that it stands in
/// nobody's way.
pub(super) fn end_what_is_over(
    tx: &mut Tx<'_>,
    cx: &Cx,
    subject: UserId,
    package: PackageId,
) -> Result<(), AppError> {
    if let Some(held) = assignments::live_of(tx, subject, package)? {
        // The clock ends it, whoever comes by at that moment.
        let by_itself = Cx { author: Author::system(cx.author.correlation.clone()), ..cx.clone() };
        end_assignment(tx, &by_itself, held.id)?;
    }
    Ok(())
}

/// Takes up a delivery or removal that is due again (SPEC DLV-3, DLV-4). True if something was done.
pub fn deliver_pending(tx: &mut Tx<'_>, cx: &Cx, id: AssignmentId) -> Result<bool, AppError> {
    let Some(mut held) = assignments::find(tx, id)? else {
        return Ok(false);
    };
    let due = |d: &assignments::Delivery| {
        matches!(d.state, DeliveryState::Pending | DeliveryState::Removing)
            && d.due_at.is_some_and(|at| at <= cx.now)
    };
    if !assignments::deliveries_of(tx, id)?.iter().any(due) {
        return Ok(false);
    }
    let Some(mut request) = outcome::story_of(tx, &held)? else {
        return Ok(false);
    };
    deliver::work(tx, cx, &request, &held)?;
    outcome::finish(tx, cx, &mut request, &mut held)?;
    Ok(true)
}

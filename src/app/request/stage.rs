//! Stages: opening one, and who can decide it.

use std::collections::BTreeSet;

use super::step;
use crate::app::{AppError, Cx, notices};
use crate::domain::approval::{self, Deciders};
use crate::domain::conversation::ChangesOutcome;
use crate::domain::notice::Notice;
use crate::domain::policy::Stage;
use crate::domain::request::RequestState;
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::kernel::ids::UserId;
use crate::store::approvers::{self, Question};
use crate::store::requests::{self, Request, StageTimes};
use crate::store::{Conn, StoreError, Tx, conversation, policies};

/// The frozen plan of a request: the stages of the policy's version under which it was made (SPEC POL-4).
pub fn plan_of(conn: &mut Conn, request: &Request) -> Result<Vec<Stage>, StoreError> {
    Ok(policies::terms(conn, request.policy, request.policy_version)?.stages)
}

/// One stage of a plan, counted from 1.
pub(super) fn stage_of(plan: &[Stage], number: u8) -> Result<&Stage, StoreError> {
    usize::from(number)
        .checked_sub(1)
        .and_then(|index| plan.get(index))
        .ok_or(StoreError::Missing("a stage of the request"))
}

/// Who can decide this stage of a request now (SPEC APR-14, I5); with the alternates, if they were asked in it
/// (SPEC APR-4).
pub(super) fn deciders_of(
    conn: &mut Conn,
    now: Moment,
    request: &Request,
    plan: &[Stage],
    number: u8,
) -> Result<(Deciders, BTreeSet<UserId>), StoreError> {
    let stage = stage_of(plan, number)?;
    let escalated = if number == request.stage {
        request.escalated
    } else {
        let rows = requests::stages(conn, request.id)?;
        rows.iter().any(|s| s.stage == number && s.escalated_at.is_some())
    };
    let question = Question {
        stage,
        subject: request.subject,
        requestor: request.requestor,
        package: request.package,
        escalated,
    };
    let facts = approvers::facts(conn, now, &question)?;
    Ok((approval::deciders(&facts), facts.barred))
}

/// Who can decide the request now; nobody if it is not waiting for a decision.
pub fn current_deciders(
    conn: &mut Conn,
    now: Moment,
    request: &Request,
) -> Result<Option<Deciders>, StoreError> {
    if request.state != RequestState::PendingApproval {
        return Ok(None);
    }
    let plan = plan_of(conn, request)?;
    Ok(Some(deciders_of(conn, now, request, &plan, request.stage)?.0))
}

/// Opens a stage: sets its time, tells the timeline who was asked (SPEC APR-3) and writes to the approvers. The
/// caller saves the request.
pub(super) fn open(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &mut Request,
    plan: &[Stage],
    number: u8,
) -> Result<(), AppError> {
    let stage = stage_of(plan, number)?;
    request.state = RequestState::PendingApproval;
    request.stage = number;
    request.escalated = false;
    let due = approval::due(stage, cx.now);
    request.due_at = Some(due);
    let (deciders, _) = deciders_of(tx, cx.now, request, plan, number)?;
    let times = StageTimes {
        due,
        remind: approval::reminders(stage, cx.now).first().copied(),
        escalate: approval::escalation(stage, cx.now),
    };
    requests::open_stage(tx, request.id, number, deciders.circle, cx.now, times)?;
    let people = u32::try_from(deciders.users.len()).unwrap_or(u32::MAX);
    // Opening is the system's doing, whoever caused it.
    let opened = Step::StageOpened { stage: number, due, circle: deciders.circle, people };
    requests::push_step(tx, cx.id(), request.id, cx.now, None, &opened)?;
    for user in deciders.everybody() {
        let notice = Notice::ApprovalRequested { request: request.id, stage: number };
        // A stage can be asked again after the request was changed; the version tells the times apart.
        notices::send(tx, cx, user, notice, &format!("{}/{number}/{}", request.id, request.version))?;
    }
    Ok(())
}

/// Ends a request without access: denied, expired or cancelled.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &mut Request,
    state: RequestState,
    last: &Step,
) -> Result<(), AppError> {
    requests::skip_open_stages(tx, request.id, cx.now)?;
    conversation::end_changes(tx, request.id, ChangesOutcome::Overtaken, cx.now)?;
    request.state = state;
    request.due_at = None;
    request.decided_at.get_or_insert(cx.now);
    request.completed_at = Some(cx.now);
    requests::save(tx, request)?;
    step(tx, cx, request, last)?;
    Ok(())
}

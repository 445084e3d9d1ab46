//! The stages of requests: the plan as it was frozen, and how far each stage is.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::small;
use crate::domain::approval::{Circle, StageState};
use crate::domain::policy::{Approver, Stage};
use crate::kernel::Moment;
use crate::kernel::ids::{EntityId as _, GroupId, Ids, RequestId, StepId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{request_stages, stage_approvers};
use crate::store::tx::Tx;

/// Writes the frozen plan down, stage by stage (SPEC POL-4).
pub(super) fn insert_plan(
    tx: &mut Tx<'_>,
    ids: &Ids,
    request: RequestId,
    plan: &[Stage],
) -> Result<(), StoreError> {
    for (number, stage) in (1_i32..).zip(plan) {
        diesel::insert_into(request_stages::table)
            .values((
                request_stages::request_id.eq(request),
                request_stages::stage.eq(number),
                request_stages::state.eq(StageState::Waiting),
            ))
            .execute(&mut **tx)?;
        let alternates = stage.alternates.iter().flat_map(|a| &a.approvers);
        let tiers = stage
            .approvers
            .iter()
            .map(|a| ("named", a))
            .chain(stage.fallback.iter().map(|a| ("fallback", a)))
            .chain(alternates.map(|a| ("alternate", a)));
        for (tier, approver) in tiers {
            let (kind, level, user, group): (_, _, Option<UserId>, Option<GroupId>) = match *approver {
                Approver::Manager { level } => ("manager", i32::from(level), None, None),
                Approver::User { id } => ("user", 0, Some(id), None),
                Approver::Group { id } => ("group", 0, None, Some(id)),
                Approver::Sponsors => ("sponsors", 0, None, None),
                Approver::InternalSponsors => ("internalSponsors", 0, None, None),
                Approver::ExternalSponsors => ("externalSponsors", 0, None, None),
                Approver::ResourceOwners => ("resourceOwners", 0, None, None),
                Approver::CatalogOwners => ("catalogOwners", 0, None, None),
            };
            diesel::insert_into(stage_approvers::table)
                .values((
                    stage_approvers::id.eq(StepId::from_uuid(ids.uuid())),
                    stage_approvers::request_id.eq(request),
                    stage_approvers::stage.eq(number),
                    stage_approvers::tier.eq(tier),
                    stage_approvers::kind.eq(kind),
                    stage_approvers::level.eq(level),
                    stage_approvers::user_id.eq(user),
                    stage_approvers::group_id.eq(group),
                ))
                .execute(&mut **tx)?;
        }
    }
    Ok(())
}

/// One stage of a request as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageRow {
    /// Which, from 1.
    pub stage: u8,
    /// How far.
    pub state: StageState,
    /// Who was asked when it opened.
    pub circle: Option<Circle>,
    /// When it opened.
    pub opened_at: Option<Moment>,
    /// When its time is over.
    pub due_at: Option<Moment>,
    /// When it closed.
    pub closed_at: Option<Moment>,
    /// When the alternates were asked (SPEC APR-4).
    pub escalated_at: Option<Moment>,
}

/// The stages of a request in order.
pub fn stages(conn: &mut Conn, request: RequestId) -> Result<Vec<StageRow>, StoreError> {
    type At = Option<Moment>;
    type Columns = (i32, StageState, Option<Circle>, At, At, At, At);
    let rows: Vec<Columns> = request_stages::table
        .filter(request_stages::request_id.eq(request))
        .order(request_stages::stage)
        .select((
            request_stages::stage,
            request_stages::state,
            request_stages::circle,
            request_stages::opened_at,
            request_stages::due_at,
            request_stages::closed_at,
            request_stages::escalated_at,
        ))
        .load(conn)?;
    let row = |(stage, state, circle, opened_at, due_at, closed_at, escalated_at): Columns| StageRow {
        stage: small(stage),
        state,
        circle,
        opened_at,
        due_at,
        closed_at,
        escalated_at,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// What becomes due in a stage that opens.
#[derive(Debug, Clone, Copy)]
pub struct StageTimes {
    /// When its time is over (SPEC APR-5).
    pub due: Moment,
    /// When the approvers are reminded first (SPEC NOT-2).
    pub remind: Option<Moment>,
    /// When the alternates are asked too (SPEC APR-4).
    pub escalate: Option<Moment>,
}

/// Opens a stage.
pub fn open_stage(
    tx: &mut Tx<'_>,
    request: RequestId,
    stage: u8,
    circle: Circle,
    at: Moment,
    times: StageTimes,
) -> Result<(), StoreError> {
    diesel::update(request_stages::table.find((request, i32::from(stage))))
        .set((
            request_stages::state.eq(StageState::Pending),
            request_stages::circle.eq(Some(circle)),
            request_stages::opened_at.eq(Some(at)),
            request_stages::due_at.eq(Some(times.due)),
            request_stages::remind_at.eq(times.remind),
            request_stages::escalate_at.eq(times.escalate),
            // A stage that is asked again begins with its first approvers.
            request_stages::escalated_at.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Closes a stage.
pub fn close_stage(
    tx: &mut Tx<'_>,
    request: RequestId,
    stage: u8,
    state: StageState,
    at: Moment,
) -> Result<(), StoreError> {
    diesel::update(request_stages::table.find((request, i32::from(stage))))
        .set((
            request_stages::state.eq(state),
            request_stages::closed_at.eq(Some(at)),
            request_stages::remind_at.eq(None::<Moment>),
            request_stages::escalate_at.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Marks every stage that is not asked any more.
pub fn skip_open_stages(tx: &mut Tx<'_>, request: RequestId, at: Moment) -> Result<(), StoreError> {
    diesel::update(
        request_stages::table
            .filter(request_stages::request_id.eq(request))
            .filter(request_stages::state.eq_any([StageState::Waiting, StageState::Pending])),
    )
    .set((
        request_stages::state.eq(StageState::Skipped),
        request_stages::closed_at.eq(Some(at)),
        request_stages::remind_at.eq(None::<Moment>),
        request_stages::escalate_at.eq(None::<Moment>),
    ))
    .execute(&mut **tx)?;
    Ok(())
}

/// Stages whose reminder is due, oldest first: request, stage, opened.
pub fn reminders_due(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<(RequestId, u8)>, StoreError> {
    let rows: Vec<(RequestId, i32)> = request_stages::table
        .filter(request_stages::state.eq(StageState::Pending).and(request_stages::remind_at.le(now)))
        .order((request_stages::remind_at, request_stages::request_id))
        .limit(limit)
        .select((request_stages::request_id, request_stages::stage))
        .load(conn)?;
    Ok(rows.into_iter().map(|(request, stage)| (request, small(stage))).collect())
}

/// Sets when the stage's next reminder is due.
pub fn set_reminder(
    tx: &mut Tx<'_>,
    request: RequestId,
    stage: u8,
    at: Option<Moment>,
) -> Result<(), StoreError> {
    diesel::update(request_stages::table.find((request, i32::from(stage))))
        .set(request_stages::remind_at.eq(at))
        .execute(&mut **tx)?;
    Ok(())
}

/// Stages whose alternates are to be asked now, oldest first (SPEC APR-4).
pub fn escalations_due(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<(RequestId, u8)>, StoreError> {
    let rows: Vec<(RequestId, i32)> = request_stages::table
        .filter(request_stages::state.eq(StageState::Pending).and(request_stages::escalate_at.le(now)))
        .order((request_stages::escalate_at, request_stages::request_id))
        .limit(limit)
        .select((request_stages::request_id, request_stages::stage))
        .load(conn)?;
    Ok(rows.into_iter().map(|(request, stage)| (request, small(stage))).collect())
}

/// Notes that the alternates of a stage were asked, or with `None` that they never will be.
pub fn set_escalated(
    tx: &mut Tx<'_>,
    request: RequestId,
    stage: u8,
    at: Option<Moment>,
) -> Result<(), StoreError> {
    diesel::update(request_stages::table.find((request, i32::from(stage))))
        .set((request_stages::escalate_at.eq(None::<Moment>), request_stages::escalated_at.eq(at)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Since when the stages of these requests are escalated, by request and stage (SPEC APR-4).
pub fn escalated_since(
    conn: &mut Conn,
    escalated: BTreeSet<RequestId>,
) -> Result<BTreeMap<(RequestId, u8), Moment>, StoreError> {
    if escalated.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(RequestId, i32, Option<Moment>)> = request_stages::table
        .filter(request_stages::request_id.eq_any(escalated))
        .filter(request_stages::escalated_at.is_not_null())
        .select((request_stages::request_id, request_stages::stage, request_stages::escalated_at))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, stage, at)| Some(((id, small(stage)), at?))).collect())
}

//! Requests with their stages, votes and timeline.

use diesel::prelude::*;
use serde_json::Value;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{request_stages, request_steps, requests, stage_approvers, votes};
use super::tx::Tx;
use super::types::Json;
use crate::domain::approval::{Channel, Circle, StageState, Verdict, Vote};
use crate::domain::policy::{Approver, Stage};
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::{Entry, Step};
use crate::kernel::Moment;
use crate::kernel::ids::{
    AssignmentId, EntityId as _, GroupId, Ids, PackageId, PolicyId, RequestId, StepId, UserId, VoteId,
};

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// What it wants.
    pub kind: RequestKind,
    /// Which package.
    pub package: PackageId,
    /// Under which policy.
    pub policy: PolicyId,
    /// Which version of it (SPEC POL-4).
    pub policy_version: i32,
    /// Who asked; `None` is the system.
    pub requestor: Option<UserId>,
    /// Whom it is for.
    pub subject: UserId,
    /// The assignment that it made or concerns.
    pub assignment: Option<AssignmentId>,
    /// How far it is.
    pub state: RequestState,
    /// The current stage, from 1; 0 before and without stages.
    pub stage: u8,
    /// How many stages there are.
    pub stages: u8,
    /// Were the alternates asked?
    pub escalated: bool,
    /// When the current stage's time is over.
    pub due_at: Option<Moment>,
    /// Why, in the requestor's words.
    pub justification: String,
    /// Answers to the policy's questions.
    pub answers: Value,
    /// Start that was asked for.
    pub wanted_start: Option<Moment>,
    /// End that was asked for.
    pub wanted_end: Option<Moment>,
    /// Makes a repeated post the same request (SPEC REQ-3).
    pub submit_token: Option<String>,
    /// When it was made.
    pub submitted_at: Moment,
    /// When it was approved or denied.
    pub decided_at: Option<Moment>,
    /// When nothing more was to be done.
    pub completed_at: Option<Moment>,
    /// Grows with each change and each vote.
    pub version: i64,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = requests, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: RequestId,
    kind: RequestKind,
    package_id: PackageId,
    policy_id: PolicyId,
    policy_version: i32,
    requestor_id: Option<UserId>,
    subject_id: UserId,
    assignment_id: Option<AssignmentId>,
    state: RequestState,
    stage: i32,
    stages: i32,
    escalated: bool,
    due_at: Option<Moment>,
    justification: String,
    answers: Json,
    wanted_start: Option<Moment>,
    wanted_end: Option<Moment>,
    submit_token: Option<String>,
    submitted_at: Moment,
    decided_at: Option<Moment>,
    completed_at: Option<Moment>,
    version: i64,
}

fn small(n: i32) -> u8 {
    u8::try_from(n).unwrap_or(0)
}

impl From<Row> for Request {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            kind: r.kind,
            package: r.package_id,
            policy: r.policy_id,
            policy_version: r.policy_version,
            requestor: r.requestor_id,
            subject: r.subject_id,
            assignment: r.assignment_id,
            state: r.state,
            stage: small(r.stage),
            stages: small(r.stages),
            escalated: r.escalated,
            due_at: r.due_at,
            justification: r.justification,
            answers: r.answers.0,
            wanted_start: r.wanted_start,
            wanted_end: r.wanted_end,
            submit_token: r.submit_token,
            submitted_at: r.submitted_at,
            decided_at: r.decided_at,
            completed_at: r.completed_at,
            version: r.version,
        }
    }
}

impl From<&Request> for Row {
    fn from(r: &Request) -> Self {
        Self {
            id: r.id,
            kind: r.kind,
            package_id: r.package,
            policy_id: r.policy,
            policy_version: r.policy_version,
            requestor_id: r.requestor,
            subject_id: r.subject,
            assignment_id: r.assignment,
            state: r.state,
            stage: i32::from(r.stage),
            stages: i32::from(r.stages),
            escalated: r.escalated,
            due_at: r.due_at,
            justification: r.justification.clone(),
            answers: Json(r.answers.clone()),
            wanted_start: r.wanted_start,
            wanted_end: r.wanted_end,
            submit_token: r.submit_token.clone(),
            submitted_at: r.submitted_at,
            decided_at: r.decided_at,
            completed_at: r.completed_at,
            version: r.version,
        }
    }
}

/// The request, if there is one.
pub fn find(conn: &mut Conn, id: RequestId) -> Result<Option<Request>, StoreError> {
    let row: Option<Row> = requests::table.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Request::from))
}

/// The request that this form already made (SPEC REQ-3).
pub fn find_by_submit_token(conn: &mut Conn, token: &str) -> Result<Option<Request>, StoreError> {
    let row: Option<Row> = requests::table
        .filter(requests::submit_token.eq(token))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Request::from))
}

/// The open request of a person for a package (SPEC REQ-4).
pub fn open_of(
    conn: &mut Conn,
    subject: UserId,
    package: PackageId,
) -> Result<Option<RequestId>, StoreError> {
    let open: Vec<_> = RequestState::ALL.iter().copied().filter(|s| s.is_open()).collect();
    Ok(requests::table
        .filter(requests::subject_id.eq(subject).and(requests::package_id.eq(package)))
        .filter(requests::state.eq_any(open))
        .select(requests::id)
        .first(conn)
        .optional()?)
}

/// The open requests of a person.
pub fn open_of_subject(conn: &mut Conn, subject: UserId) -> Result<Vec<Request>, StoreError> {
    let open: Vec<_> = RequestState::ALL.iter().copied().filter(|s| s.is_open()).collect();
    let rows: Vec<Row> = requests::table
        .filter(requests::subject_id.eq(subject))
        .filter(requests::state.eq_any(open))
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Request::from).collect())
}

/// Adds a request with the stages of its frozen plan.
pub fn insert(tx: &mut Tx<'_>, ids: &Ids, request: &Request, plan: &[Stage]) -> Result<(), StoreError> {
    diesel::insert_into(requests::table).values(Row::from(request)).execute(&mut **tx)?;
    for (number, stage) in (1_i32..).zip(plan) {
        diesel::insert_into(request_stages::table)
            .values((
                request_stages::request_id.eq(request.id),
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
                    stage_approvers::request_id.eq(request.id),
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

/// Saves a request; its version grows. `Stale` if somebody else was quicker.
pub fn save(tx: &mut Tx<'_>, request: &mut Request) -> Result<(), StoreError> {
    let old = request.version;
    request.version += 1;
    let changed =
        diesel::update(requests::table.filter(requests::id.eq(request.id)).filter(requests::version.eq(old)))
            .set(Row::from(&*request))
            .execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
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
}

/// The stages of a request in order.
pub fn stages(conn: &mut Conn, request: RequestId) -> Result<Vec<StageRow>, StoreError> {
    type Columns = (i32, StageState, Option<Circle>, Option<Moment>, Option<Moment>, Option<Moment>);
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
        ))
        .load(conn)?;
    let row = |(stage, state, circle, opened_at, due_at, closed_at)| StageRow {
        stage: small(stage),
        state,
        circle,
        opened_at,
        due_at,
        closed_at,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Opens a stage.
pub fn open_stage(
    tx: &mut Tx<'_>,
    request: RequestId,
    stage: u8,
    circle: Circle,
    at: Moment,
    due: Moment,
    remind_at: Option<Moment>,
) -> Result<(), StoreError> {
    diesel::update(request_stages::table.find((request, i32::from(stage))))
        .set((
            request_stages::state.eq(StageState::Pending),
            request_stages::circle.eq(Some(circle)),
            request_stages::opened_at.eq(Some(at)),
            request_stages::due_at.eq(Some(due)),
            request_stages::remind_at.eq(remind_at),
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

/// Requests whose stage is over its time, oldest first.
pub fn overdue(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<RequestId>, StoreError> {
    Ok(requests::table
        .filter(requests::state.eq(RequestState::PendingApproval).and(requests::due_at.le(now)))
        .order((requests::due_at, requests::id))
        .limit(limit)
        .select(requests::id)
        .load(conn)?)
}

/// A vote as it is kept.
#[derive(Debug, Clone)]
pub struct VoteRow {
    /// Its id.
    pub id: VoteId,
    /// In which stage.
    pub stage: u8,
    /// Who.
    pub by: UserId,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// By which channel.
    pub channel: Channel,
    /// From which address.
    pub ip: String,
    /// When.
    pub at: Moment,
}

/// Adds a vote; the database takes one per approver and stage.
pub fn insert_vote(tx: &mut Tx<'_>, request: RequestId, vote: &VoteRow) -> Result<(), StoreError> {
    diesel::insert_into(votes::table)
        .values((
            votes::id.eq(vote.id),
            votes::request_id.eq(request),
            votes::stage.eq(i32::from(vote.stage)),
            votes::approver_id.eq(vote.by),
            votes::verdict.eq(vote.verdict),
            votes::reason.eq(&vote.reason),
            votes::channel.eq(vote.channel),
            votes::ip.eq(&vote.ip),
            votes::voted_at.eq(vote.at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Every vote of a request, oldest first.
pub fn votes_of(conn: &mut Conn, request: RequestId) -> Result<Vec<VoteRow>, StoreError> {
    type Columns = (VoteId, i32, UserId, Verdict, String, Channel, String, Moment);
    let rows: Vec<Columns> = votes::table
        .filter(votes::request_id.eq(request))
        .order((votes::voted_at, votes::id))
        .select((
            votes::id,
            votes::stage,
            votes::approver_id,
            votes::verdict,
            votes::reason,
            votes::channel,
            votes::ip,
            votes::voted_at,
        ))
        .load(conn)?;
    let row = |(id, stage, by, verdict, reason, channel, ip, at)| VoteRow {
        id,
        stage: small(stage),
        by,
        verdict,
        reason,
        channel,
        ip,
        at,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// The votes of one stage, as the rules see them.
pub fn stage_votes(all: &[VoteRow], stage: u8) -> Vec<Vote> {
    all.iter().filter(|v| v.stage == stage).map(|v| Vote { by: v.by, verdict: v.verdict }).collect()
}

/// Adds a step to the timeline (SPEC REQ-8).
pub fn push_step(
    tx: &mut Tx<'_>,
    id: StepId,
    request: RequestId,
    at: Moment,
    actor: Option<UserId>,
    step: &Step,
) -> Result<(), StoreError> {
    diesel::insert_into(request_steps::table)
        .values((
            request_steps::id.eq(id),
            request_steps::request_id.eq(request),
            request_steps::at.eq(at),
            request_steps::actor_id.eq(actor),
            request_steps::step.eq(Json::of(step)?),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The timeline, oldest first.
pub fn steps(conn: &mut Conn, request: RequestId) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<(Moment, Option<UserId>, Json)> = request_steps::table
        .filter(request_steps::request_id.eq(request))
        .order((request_steps::at, request_steps::id))
        .select((request_steps::at, request_steps::actor_id, request_steps::step))
        .load(conn)?;
    rows.into_iter().map(|(at, actor, step)| Ok(Entry { at, actor, step: step.read()? })).collect()
}

fn of_assignment(
    conn: &mut Conn,
    assignment: AssignmentId,
    removing: bool,
) -> Result<Option<Request>, StoreError> {
    let kinds: Vec<_> =
        RequestKind::ALL.iter().copied().filter(|k| if removing { k.removes() } else { k.adds() }).collect();
    let row: Option<Row> = requests::table
        .filter(requests::assignment_id.eq(assignment).and(requests::kind.eq_any(kinds)))
        .order((requests::submitted_at.desc(), requests::id.desc()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Request::from))
}

/// The request that made an assignment.
pub fn making(conn: &mut Conn, assignment: AssignmentId) -> Result<Option<Request>, StoreError> {
    of_assignment(conn, assignment, false)
}

/// The request that ended an assignment.
pub fn ending(conn: &mut Conn, assignment: AssignmentId) -> Result<Option<Request>, StoreError> {
    of_assignment(conn, assignment, true)
}

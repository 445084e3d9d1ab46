//! Requests; with a room each for their stages, votes and timeline.

mod stages;
mod steps;
mod votes;

pub use stages::{
    StageRow, StageTimes, close_stage, escalated_since, escalations_due, open_stage, reminders_due,
    set_escalated, set_reminder, skip_open_stages, stages,
};
pub use steps::{push_step, steps};
pub use votes::{
    VoteRow, allowed, approved_by, insert_vote, stage_votes, supersede_votes, superseded_votes_of, votes_of,
};

use diesel::prelude::*;
use serde_json::Value;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::requests;
use super::tx::Tx;
use super::types::Json;
use crate::domain::policy::Stage;
use crate::domain::request::{Changes, RequestKind, RequestState};
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, Ids, PackageId, PolicyId, RequestId, UserId};

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
    /// What it changes about access that the person holds (SPEC REQ-7).
    pub changes: Option<Changes>,
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
    changes: Option<Changes>,
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
            changes: r.changes,
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
            changes: r.changes,
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

/// Keeps that the person is not told when the access is there (SPEC ASG-4).
pub fn keep_quiet(tx: &mut Tx<'_>, id: RequestId) -> Result<(), StoreError> {
    diesel::update(requests::table.find(id)).set(requests::quiet.eq(true)).execute(&mut **tx)?;
    Ok(())
}

/// Is the person not to be told (SPEC ASG-4)?
pub fn is_quiet(conn: &mut Conn, id: RequestId) -> Result<bool, StoreError> {
    Ok(requests::table.find(id).select(requests::quiet).first(conn).optional()?.unwrap_or(false))
}

/// Adds a request with the stages of its frozen plan.
pub fn insert(tx: &mut Tx<'_>, ids: &Ids, request: &Request, plan: &[Stage]) -> Result<(), StoreError> {
    diesel::insert_into(requests::table).values(Row::from(request)).execute(&mut **tx)?;
    stages::insert_plan(tx, ids, request.id, plan)
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

/// Requests whose stage is over its time, oldest first.
pub fn overdue(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<RequestId>, StoreError> {
    Ok(requests::table
        .filter(requests::state.eq(RequestState::PendingApproval).and(requests::due_at.le(now)))
        .order((requests::due_at, requests::id))
        .limit(limit)
        .select(requests::id)
        .load(conn)?)
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

/// What the person answered last about an assignment: with the request that made it, or with a later one that was
/// carried out.
pub fn answers_of(conn: &mut Conn, assignment: AssignmentId) -> Result<Value, StoreError> {
    let kinds: Vec<_> =
        RequestKind::ALL.iter().copied().filter(|k| k.adds() || *k == RequestKind::UserUpdate).collect();
    let ended = [RequestState::Denied, RequestState::Expired, RequestState::Canceled];
    let answers: Option<Json> = requests::table
        .filter(requests::assignment_id.eq(assignment).and(requests::kind.eq_any(kinds)))
        .filter(requests::state.ne_all(ended).and(requests::state.ne(RequestState::PendingApproval)))
        .order((requests::submitted_at.desc(), requests::id.desc()))
        .select(requests::answers)
        .first(conn)
        .optional()?;
    Ok(answers.map_or(Value::Null, |json| json.0))
}

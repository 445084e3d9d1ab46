//! The page of one request with its timeline (SPEC REQ-8).

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::offer::{self, Asker, StageOutline};
use super::story::{self, DeliveryNow, EntryNow, NoticeNow};
use crate::domain::access::{CatalogTask, Principal};
use crate::domain::allowance::Allowance;
use crate::domain::approval::{Circle, StageState};
use crate::domain::assignment::AssignmentState;
use crate::domain::policy::Terms;
use crate::domain::request::{Changes, RequestKind, RequestState};
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, CatalogId, PackageId, PolicyId, RequestId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::requests as kept;
use crate::store::schema::{
    assignments, catalogs, notices, packages, policies, policy_versions, request_stages, requests, users,
    votes,
};
use crate::store::types::Json;

/// A person on a request's page.
#[derive(Debug, Clone)]
pub struct Someone {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their department, may be empty.
    pub department: String,
}

/// One stage as it stands.
#[derive(Debug, Clone)]
pub struct StageNow {
    /// Which, from 1.
    pub number: i32,
    /// Its state.
    pub state: StageState,
    /// Who was asked in the end (SPEC APR-3).
    pub circle: Option<Circle>,
    /// When it opened.
    pub opened_at: Option<Moment>,
    /// When its time is over.
    pub due_at: Option<Moment>,
    /// Since when its alternates are asked too (SPEC APR-4).
    pub escalated_at: Option<Moment>,
    /// Who is named, with the policy's words about it.
    pub outline: Option<StageOutline>,
}

/// The assignment that a request made or ends.
#[derive(Debug, Clone)]
pub struct AssignmentNow {
    /// Its id.
    pub id: AssignmentId,
    /// Its state.
    pub state: AssignmentState,
    /// When it starts.
    pub starts_at: Moment,
    /// When it ends.
    pub ends_at: Option<Moment>,
}

/// Through which eyes a request is seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sight {
    /// The person asked for it, or it is for them.
    pub own: bool,
    /// The person decides it or has decided it.
    pub approver: bool,
    /// The person sees the assignments of the catalog.
    pub manager: bool,
}

/// Everything about one request (SPEC REQ-8).
#[derive(Debug, Clone)]
pub struct RequestPage {
    /// Its id.
    pub id: RequestId,
    /// What it wants.
    pub kind: RequestKind,
    /// What it changes about access that the person holds.
    pub changes: Option<Changes>,
    /// Start that was asked for.
    pub wanted_start: Option<Moment>,
    /// End that was asked for.
    pub wanted_end: Option<Moment>,
    /// Its state.
    pub state: RequestState,
    /// For which package.
    pub package: PackageId,
    /// The package's name.
    pub package_name: String,
    /// Its catalog.
    pub catalog: CatalogId,
    /// The catalog's name.
    pub catalog_name: String,
    /// The policy.
    pub policy: PolicyId,
    /// The policy's name.
    pub policy_name: String,
    /// The version of the policy that governs the request (SPEC POL-4).
    pub policy_version: i32,
    /// What that version says.
    pub terms: Terms,
    /// Who asked; `None` is the system.
    pub requestor: Option<Someone>,
    /// Whom the access is for.
    pub subject: Someone,
    /// The assignment that it made or ends.
    pub assignment: Option<AssignmentNow>,
    /// The requestor's reason.
    pub justification: String,
    /// The requestor's answers, as they were kept.
    pub answers: serde_json::Value,
    /// The stage that is asked, from 1.
    pub stage: i32,
    /// When it must be decided.
    pub due_at: Option<Moment>,
    /// When it was made.
    pub submitted_at: Moment,
    /// When it was over.
    pub completed_at: Option<Moment>,
    /// Grows with each change.
    pub version: i64,
    /// The stages.
    pub stages: Vec<StageNow>,
    /// The steps in order.
    pub entries: Vec<EntryNow>,
    /// The least that the approvers so far allowed (SPEC APR-9).
    pub allowed: Allowance,
    /// The mails in order.
    pub notices: Vec<NoticeNow>,
    /// The delivery of each role.
    pub deliveries: Vec<DeliveryNow>,
    /// Through which eyes it is seen.
    pub sight: Sight,
    /// Is the access for the person who looks?
    pub for_viewer: bool,
}

impl RequestPage {
    /// Does the policy keep the approvers' names from the person who looks?
    pub fn hides_approvers(&self) -> bool {
        !self.terms.show_approvers && !self.sight.approver && !self.sight.manager
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = requests, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, crate::store::conn::MultiBackend))]
struct Row {
    id: RequestId,
    kind: RequestKind,
    changes: Option<Changes>,
    wanted_start: Option<Moment>,
    wanted_end: Option<Moment>,
    package_id: PackageId,
    policy_id: PolicyId,
    policy_version: i32,
    requestor_id: Option<UserId>,
    subject_id: UserId,
    assignment_id: Option<AssignmentId>,
    state: RequestState,
    stage: i32,
    due_at: Option<Moment>,
    justification: String,
    answers: Json,
    submitted_at: Moment,
    completed_at: Option<Moment>,
    version: i64,
}

/// One request as this person sees it, who may be among those who can decide it just now (`decides`); `None` if there is none that they may know of: it opens for whoever asked,
/// whom it is for, whoever decides or was asked to decide, and whoever sees the catalog's assignments.
pub fn page(
    conn: &mut Conn,
    principal: &Principal,
    id: RequestId,
    decides: bool,
) -> Result<Option<RequestPage>, StoreError> {
    let found: Option<(Row, (String, CatalogId, String), (String, Json))> = requests::table
        .inner_join(packages::table.inner_join(catalogs::table))
        .inner_join(policies::table)
        .inner_join(
            policy_versions::table.on(policy_versions::policy_id
                .eq(requests::policy_id)
                .and(policy_versions::number.eq(requests::policy_version))),
        )
        .filter(requests::id.eq(id))
        .select((
            Row::as_select(),
            (packages::name, catalogs::id, catalogs::name),
            (policies::name, policy_versions::terms),
        ))
        .first(conn)
        .optional()?;
    let Some((row, (package_name, catalog, catalog_name), (policy_name, terms))) = found else {
        return Ok(None);
    };
    let me = principal.user;
    let sight = Sight {
        own: row.subject_id == me || row.requestor_id == Some(me),
        approver: decides || was_asked(conn, id, me)?,
        manager: principal.may_in(CatalogTask::SeeAssignments, catalog),
    };
    if sight == Sight::default() {
        return Ok(None);
    }
    let terms: Terms = terms.read()?;
    let people = people(conn, row.requestor_id.into_iter().chain([row.subject_id]).collect())?;
    let Some(subject) = people.get(&row.subject_id).cloned() else {
        return Err(StoreError::Missing("the person of a request"));
    };
    let (assignment, deliveries) = match row.assignment_id {
        Some(assignment) => (self::assignment(conn, assignment)?, story::deliveries(conn, assignment)?),
        None => (None, Vec::new()),
    };
    Ok(Some(RequestPage {
        stages: stages(conn, &row, &terms)?,
        entries: story::entries(conn, id, me)?,
        allowed: kept::allowed(&kept::votes_of(conn, id)?),
        notices: story::notices(conn, id)?,
        id,
        kind: row.kind,
        changes: row.changes,
        wanted_start: row.wanted_start,
        wanted_end: row.wanted_end,
        state: row.state,
        package: row.package_id,
        package_name,
        catalog,
        catalog_name,
        policy: row.policy_id,
        policy_name,
        policy_version: row.policy_version,
        terms,
        requestor: row.requestor_id.and_then(|id| people.get(&id).cloned()),
        subject,
        assignment,
        justification: row.justification,
        answers: row.answers.0,
        stage: row.stage,
        due_at: row.due_at,
        submitted_at: row.submitted_at,
        completed_at: row.completed_at,
        version: row.version,
        deliveries,
        sight,
        for_viewer: row.subject_id == me,
    }))
}

/// Has the person voted on the request, or been asked to?
fn was_asked(conn: &mut Conn, request: RequestId, user: UserId) -> Result<bool, StoreError> {
    use diesel::dsl::{exists, select};
    let voted = votes::table
        .filter(votes::request_id.eq(request))
        .filter(votes::approver_id.eq(user).or(votes::on_behalf_of.eq(user)));
    let asked = notices::table
        .filter(notices::request_id.eq(request))
        .filter(notices::recipient_id.eq(user))
        .filter(notices::kind.eq_any(["approvalRequested", "approvalForwarded"]));
    Ok(select(exists(voted)).get_result::<bool>(conn)? || select(exists(asked)).get_result::<bool>(conn)?)
}

type SomeoneRow = (UserId, String, String, String);

fn people(conn: &mut Conn, ids: BTreeSet<UserId>) -> Result<HashMap<UserId, Someone>, StoreError> {
    let rows: Vec<SomeoneRow> = users::table
        .filter(users::id.eq_any(ids))
        .select((users::id, users::display_name, users::email, users::department))
        .load(conn)?;
    let someone = |(id, name, email, department)| Someone { id, name, email, department };
    Ok(rows.into_iter().map(|row| (row.0, someone(row))).collect())
}

type AssignmentRow = (AssignmentId, AssignmentState, Moment, Option<Moment>);

fn assignment(conn: &mut Conn, id: AssignmentId) -> Result<Option<AssignmentNow>, StoreError> {
    let row: Option<AssignmentRow> = assignments::table
        .find(id)
        .select((assignments::id, assignments::state, assignments::starts_at, assignments::ends_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, state, starts_at, ends_at)| AssignmentNow { id, state, starts_at, ends_at }))
}

type StageRow = (i32, StageState, Option<Circle>, Option<Moment>, Option<Moment>, Option<Moment>);

fn stages(conn: &mut Conn, request: &Row, terms: &Terms) -> Result<Vec<StageNow>, StoreError> {
    let rows: Vec<StageRow> = request_stages::table
        .filter(request_stages::request_id.eq(request.id))
        .order(request_stages::stage)
        .select((
            request_stages::stage,
            request_stages::state,
            request_stages::circle,
            request_stages::opened_at,
            request_stages::due_at,
            request_stages::escalated_at,
        ))
        .load(conn)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let outlines = match Asker::load(conn, request.subject_id)? {
        Some(asker) => offer::outline(conn, &asker, terms)?,
        None => Vec::new(),
    };
    let mut outlines = outlines.into_iter();
    Ok(rows
        .into_iter()
        .map(|(number, state, circle, opened_at, due_at, escalated_at)| StageNow {
            number,
            state,
            circle,
            opened_at,
            due_at,
            escalated_at,
            outline: outlines.next(),
        })
        .collect())
}

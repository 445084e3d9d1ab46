//! My requests, and the page of one request with its timeline (SPEC REQ-8).

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::browse::open_states;
use super::offer::{self, Asker, StageOutline};
use crate::domain::access::{CatalogTask, Principal};
use crate::domain::approval::{Circle, StageState};
use crate::domain::assignment::AssignmentState;
use crate::domain::delivery::DeliveryState;
use crate::domain::policy::Terms;
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::{
    AssignmentId, CatalogId, DeliveryId, PackageId, PolicyId, RequestId, StepId, UserId,
};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalogs, deliveries, notices, packages, policies, policy_versions, request_stages,
    request_steps, requests, resource_roles, resources, users, votes,
};
use crate::store::search::{ESCAPE, patterns};
use crate::store::types::Json;

/// What a list of requests is narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// All.
    #[default]
    All,
    /// On their way.
    Open,
    /// In this state.
    In(RequestState),
}

/// A request in a list.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// Its id.
    pub id: RequestId,
    /// What it wants.
    pub kind: RequestKind,
    /// Its state.
    pub state: RequestState,
    /// For which package.
    pub package: PackageId,
    /// The package's name.
    pub package_name: String,
    /// The catalog's name.
    pub catalog: String,
    /// Whom the access is for.
    pub subject: UserId,
    /// Their name.
    pub subject_name: String,
    /// Who asked; `None` is the system.
    pub requestor: Option<UserId>,
    /// Their name.
    pub requestor_name: Option<String>,
    /// The stage that is asked, from 1; 0 is none.
    pub stage: i32,
    /// How many stages there are.
    pub stages: i32,
    /// When the present stage must be decided.
    pub due_at: Option<Moment>,
    /// When it was made.
    pub submitted_at: Moment,
}

type ListRow = (
    RequestId,
    RequestKind,
    RequestState,
    PackageId,
    String,
    String,
    UserId,
    Option<UserId>,
    i32,
    i32,
    Option<Moment>,
    Moment,
);

/// What the system does by itself at the end of access is told on the page of the access, not in this list.
fn systems_own() -> Vec<&'static str> {
    [RequestKind::SystemRemove, RequestKind::SystemUpdate]
        .map(RequestKind::as_str)
        .to_vec()
}

/// The requests that the person made, and those made for them, newest first.
pub fn mine(
    conn: &mut Conn,
    user: UserId,
    which: Which,
    q: &str,
    at: PageRequest,
) -> Result<Page<RequestRow>, StoreError> {
    let filtered = || {
        let mut query = requests::table
            .inner_join(packages::table.inner_join(catalogs::table))
            .filter(requests::requestor_id.eq(user).or(requests::subject_id.eq(user)))
            .filter(requests::kind.ne_all(systems_own()))
            .into_boxed::<MultiBackend>();
        match which {
            Which::All => {}
            Which::Open => query = query.filter(requests::state.eq_any(open_states())),
            Which::In(state) => query = query.filter(requests::state.eq(state)),
        }
        for like in patterns(q) {
            query = query.filter(
                packages::name_folded
                    .like(like.clone())
                    .escape(ESCAPE)
                    .or(catalogs::name_folded.like(like).escape(ESCAPE)),
            );
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let rows: Vec<ListRow> = filtered()
        .order((requests::submitted_at.desc(), requests::id.desc()))
        .limit(at.size)
        .offset(at.offset())
        .select((
            requests::id,
            requests::kind,
            requests::state,
            packages::id,
            packages::name,
            catalogs::name,
            requests::subject_id,
            requests::requestor_id,
            requests::stage,
            requests::stages,
            requests::due_at,
            requests::submitted_at,
        ))
        .load(conn)?;
    let names = names(
        conn,
        rows.iter().flat_map(|r| [Some(r.6), r.7]).flatten().collect(),
    )?;
    let name = |id: UserId| names.get(&id).cloned().unwrap_or_default();
    let items = rows
        .into_iter()
        .map(|r| RequestRow {
            id: r.0,
            kind: r.1,
            state: r.2,
            package: r.3,
            package_name: r.4,
            catalog: r.5,
            subject: r.6,
            subject_name: name(r.6),
            requestor: r.7,
            requestor_name: r.7.map(name),
            stage: r.8,
            stages: r.9,
            due_at: r.10,
            submitted_at: r.11,
        })
        .collect();
    Ok(Page { items, total, at })
}

/// The names of people, deleted ones too: history keeps them (SPEC DIR-2).
pub(super) fn names(conn: &mut Conn, ids: BTreeSet<UserId>) -> Result<HashMap<UserId, String>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(UserId, String)> = users::table
        .filter(users::id.eq_any(ids))
        .select((users::id, users::display_name))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

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
    /// When its time is over.
    pub due_at: Option<Moment>,
    /// Who is named, with the policy's words about it.
    pub outline: Option<StageOutline>,
}

/// A step of the timeline with the name of who did it.
#[derive(Debug, Clone)]
pub struct EntryNow {
    /// When.
    pub at: Moment,
    /// Who; `None` is the system.
    pub actor: Option<String>,
    /// Was it the person who looks?
    pub by_viewer: bool,
    /// What.
    pub step: Step,
}

/// A mail that went out about the request, or will.
#[derive(Debug, Clone)]
pub struct NoticeNow {
    /// The word of the notice.
    pub kind: String,
    /// To whom.
    pub to: Option<UserId>,
    /// Their name.
    pub name: String,
    /// `waiting`, `sending`, `sent`, `dropped`, `failed`.
    pub state: String,
    /// When it was written, or becomes due if that is later.
    pub due_at: Moment,
    /// When the mail server accepted it.
    pub sent_at: Option<Moment>,
}

/// The delivery of one role.
#[derive(Debug, Clone)]
pub struct DeliveryNow {
    /// Its id.
    pub id: DeliveryId,
    /// The resource's name.
    pub resource: String,
    /// The role's name.
    pub role: String,
    /// How far it is.
    pub state: DeliveryState,
    /// What went wrong.
    pub error: Option<String>,
    /// When it last changed.
    pub updated_at: Moment,
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
    /// The mails in order.
    pub notices: Vec<NoticeNow>,
    /// The delivery of each role.
    pub deliveries: Vec<DeliveryNow>,
    /// Through which eyes it is seen.
    pub sight: Sight,
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
    let people = people(
        conn,
        row.requestor_id.into_iter().chain([row.subject_id]).collect(),
    )?;
    let Some(subject) = people.get(&row.subject_id).cloned() else {
        return Err(StoreError::Missing("the person of a request"));
    };
    let (assignment, deliveries) = match row.assignment_id {
        Some(assignment) => (
            self::assignment(conn, assignment)?,
            self::deliveries(conn, assignment)?,
        ),
        None => (None, Vec::new()),
    };
    Ok(Some(RequestPage {
        stages: stages(conn, &row, &terms)?,
        entries: entries(conn, id, me)?,
        notices: self::notices(conn, id)?,
        id,
        kind: row.kind,
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
    }))
}

/// Has the person voted on the request, or been asked to?
fn was_asked(conn: &mut Conn, request: RequestId, user: UserId) -> Result<bool, StoreError> {
    use diesel::dsl::{exists, select};
    let voted = votes::table
        .filter(votes::request_id.eq(request))
        .filter(votes::approver_id.eq(user));
    let asked = notices::table
        .filter(notices::request_id.eq(request))
        .filter(notices::recipient_id.eq(user))
        .filter(notices::kind.eq("approvalRequested"));
    Ok(select(exists(voted)).get_result::<bool>(conn)? || select(exists(asked)).get_result::<bool>(conn)?)
}

type SomeoneRow = (UserId, String, String, String);

fn people(conn: &mut Conn, ids: BTreeSet<UserId>) -> Result<HashMap<UserId, Someone>, StoreError> {
    let rows: Vec<SomeoneRow> = users::table
        .filter(users::id.eq_any(ids))
        .select((users::id, users::display_name, users::email, users::department))
        .load(conn)?;
    let someone = |(id, name, email, department)| Someone {
        id,
        name,
        email,
        department,
    };
    Ok(rows.into_iter().map(|row| (row.0, someone(row))).collect())
}

type AssignmentRow = (AssignmentId, AssignmentState, Moment, Option<Moment>);

fn assignment(conn: &mut Conn, id: AssignmentId) -> Result<Option<AssignmentNow>, StoreError> {
    let row: Option<AssignmentRow> = assignments::table
        .find(id)
        .select((
            assignments::id,
            assignments::state,
            assignments::starts_at,
            assignments::ends_at,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, state, starts_at, ends_at)| AssignmentNow {
        id,
        state,
        starts_at,
        ends_at,
    }))
}

type StageRow = (i32, StageState, Option<Circle>, Option<Moment>);

fn stages(conn: &mut Conn, request: &Row, terms: &Terms) -> Result<Vec<StageNow>, StoreError> {
    let rows: Vec<StageRow> = request_stages::table
        .filter(request_stages::request_id.eq(request.id))
        .order(request_stages::stage)
        .select((
            request_stages::stage,
            request_stages::state,
            request_stages::circle,
            request_stages::due_at,
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
        .map(|(number, state, circle, due_at)| StageNow {
            number,
            state,
            circle,
            due_at,
            outline: outlines.next(),
        })
        .collect())
}

type StepRow = (StepId, Moment, Option<UserId>, Json);

fn entries(conn: &mut Conn, request: RequestId, viewer: UserId) -> Result<Vec<EntryNow>, StoreError> {
    let rows: Vec<StepRow> = request_steps::table
        .filter(request_steps::request_id.eq(request))
        .order((request_steps::at, request_steps::id))
        .select((
            request_steps::id,
            request_steps::at,
            request_steps::actor_id,
            request_steps::step,
        ))
        .load(conn)?;
    let names = names(conn, rows.iter().filter_map(|r| r.2).collect())?;
    let mut entries = rows
        .into_iter()
        .map(|(_, at, actor, step)| {
            Ok(EntryNow {
                at,
                actor: actor.and_then(|id| names.get(&id).cloned()),
                by_viewer: actor == Some(viewer),
                step: step.read()?,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    entries.sort_by_key(|e| (e.at, rank(&e.step)));
    Ok(entries)
}

/// Steps of one transaction share their instant: this is the order in which they make sense.
fn rank(step: &Step) -> u8 {
    match step {
        Step::Submitted { .. } => 0,
        Step::ApprovedWithoutAsking | Step::ApprovalBypassed { .. } | Step::Voted { .. } => 1,
        Step::StageOpened { .. } | Step::Approved | Step::Denied => 2,
        Step::Expired { .. } | Step::Canceled { .. } => 3,
        Step::Scheduled { .. } | Step::DeliveryStarted | Step::Ended { .. } => 4,
        Step::RoleDelivered { .. }
        | Step::RoleFailed { .. }
        | Step::RoleRemoved { .. }
        | Step::RoleKept { .. } => 5,
        Step::Delivered { .. } => 6,
    }
}

type NoticeRow = (
    String,
    Option<UserId>,
    String,
    String,
    Moment,
    Moment,
    Option<Moment>,
);

fn notices(conn: &mut Conn, request: RequestId) -> Result<Vec<NoticeNow>, StoreError> {
    let rows: Vec<NoticeRow> = notices::table
        .filter(notices::request_id.eq(request))
        .order((notices::created_at, notices::not_before, notices::id))
        .select((
            notices::kind,
            notices::recipient_id,
            notices::display_name,
            notices::state,
            notices::created_at,
            notices::not_before,
            notices::sent_at,
        ))
        .load(conn)?;
    let notice = |(kind, to, name, state, created_at, not_before, sent_at): NoticeRow| NoticeNow {
        kind,
        to,
        name,
        state,
        due_at: created_at.max(not_before),
        sent_at,
    };
    Ok(rows.into_iter().map(notice).collect())
}

type DeliveryRow = (DeliveryId, String, String, DeliveryState, Option<String>, Moment);

/// The delivery of each role of an assignment, in the order of the resources' names.
pub(super) fn deliveries(conn: &mut Conn, assignment: AssignmentId) -> Result<Vec<DeliveryNow>, StoreError> {
    let rows: Vec<DeliveryRow> = deliveries::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(deliveries::assignment_id.eq(assignment))
        .order((
            resources::name_folded,
            resources::id,
            resource_roles::position,
            deliveries::id,
        ))
        .select((
            deliveries::id,
            resources::name,
            resource_roles::name,
            deliveries::state,
            deliveries::error,
            deliveries::updated_at,
        ))
        .load(conn)?;
    let delivery = |(id, resource, role, state, error, updated_at)| DeliveryNow {
        id,
        resource,
        role,
        state,
        error,
        updated_at,
    };
    Ok(rows.into_iter().map(delivery).collect())
}

/// What a request said, for a new form (SPEC REQ-6).
#[derive(Debug, Clone)]
pub struct Copy {
    /// For which package.
    pub package: PackageId,
    /// Through which policy.
    pub policy: PolicyId,
    /// Its state.
    pub state: RequestState,
    /// The reason.
    pub justification: String,
    /// The answers.
    pub answers: serde_json::Value,
}

/// What the person's own request said.
pub fn copy(conn: &mut Conn, user: UserId, id: RequestId) -> Result<Option<Copy>, StoreError> {
    let row: Option<(PackageId, PolicyId, RequestState, String, Json)> = requests::table
        .filter(requests::id.eq(id))
        .filter(requests::requestor_id.eq(user).or(requests::subject_id.eq(user)))
        .select((
            requests::package_id,
            requests::policy_id,
            requests::state,
            requests::justification,
            requests::answers,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(package, policy, state, justification, answers)| Copy {
        package,
        policy,
        state,
        justification,
        answers: answers.0,
    }))
}

//! The requests for a package as those who manage it see them, and what could not be delivered (SPEC PKG-6, REQ-5,
//! DLV-3, PGE-2).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;

use super::requests::names;
use crate::domain::answers::{self, Answer};
use crate::domain::assignment::AssignmentState;
use crate::domain::delivery::DeliveryState;
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::ids::{AssignmentId, PackageId, PolicyId, RequestId, ResourceRoleId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{assignments, deliveries, policies, requests, resource_roles, resources, users};
use crate::store::types::Json;
use crate::store::{requests as kept, search};

/// What a list of requests is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words in the name or address of the person whom it is for.
    pub q: String,
    /// In one of these states; none means any.
    pub states: Vec<RequestState>,
    /// Of one of these kinds; none means any.
    pub kinds: Vec<RequestKind>,
    /// Under this policy.
    pub policy: Option<PolicyId>,
    /// Made not before.
    pub from: Option<Moment>,
    /// Made before.
    pub to: Option<Moment>,
    /// Only those with a role that could not be delivered or taken back.
    pub failed: bool,
}

/// How a list of requests is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The latest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By person.
    Person,
    /// By policy.
    Policy,
}

/// A request in a package's list.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// Its id.
    pub id: RequestId,
    /// What it wants.
    pub kind: RequestKind,
    /// For whom.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Who asked, if somebody else did.
    pub asked_by: Option<String>,
    /// Under which policy.
    pub policy: String,
    /// In which version of it.
    pub policy_version: i32,
    /// Its state.
    pub state: RequestState,
    /// Which stage is asked.
    pub stage: i32,
    /// Of how many.
    pub stages: i32,
    /// When.
    pub submitted_at: Moment,
    /// Until when it must be decided.
    pub due_at: Option<Moment>,
    /// When it was over.
    pub completed_at: Option<Moment>,
    /// Since when the alternates are asked too (SPEC APR-4).
    pub escalated_at: Option<Moment>,
    /// Why, in the words of whoever asked.
    pub justification: String,
    /// What the person answered, with the wording that they saw (SPEC QST-3).
    pub answers: Vec<Answer>,
    /// What could not be delivered or taken back: "Resource: role", and why.
    pub errors: Vec<(String, String)>,
}

type Columns = (
    (RequestId, RequestKind, UserId, String, String, String, i32),
    (RequestState, i32, i32, Moment, Option<Moment>, Option<Moment>, Json),
    (Option<UserId>, Option<AssignmentId>, String),
);

/// Deliveries that failed: grants, and removals that were given up. `given up` is what the engine leaves alone.
macro_rules! failing {
    () => {
        deliveries::state.eq(DeliveryState::Failed).or(deliveries::state
            .eq(DeliveryState::Removing)
            .and(deliveries::due_at.is_null())
            .and(deliveries::error.is_not_null()))
    };
}

fn kinds(wanted: impl Fn(RequestKind) -> bool) -> Vec<RequestKind> {
    RequestKind::ALL.iter().copied().filter(|k| wanted(*k)).collect()
}

/// The requests for a package.
pub fn list(
    conn: &mut Conn,
    package: PackageId,
    filter: &Filter,
    sort: Sort,
    at: PageRequest,
) -> Result<Page<RequestRow>, StoreError> {
    let filtered = || {
        let mut query = requests::table
            .inner_join(users::table.on(users::id.eq(requests::subject_id)))
            .inner_join(policies::table)
            .filter(requests::package_id.eq(package))
            .into_boxed::<MultiBackend>();
        if !filter.states.is_empty() {
            query = query.filter(requests::state.eq_any(filter.states.clone()));
        }
        if !filter.kinds.is_empty() {
            query = query.filter(requests::kind.eq_any(filter.kinds.clone()));
        }
        if let Some(policy) = filter.policy {
            query = query.filter(requests::policy_id.eq(policy));
        }
        if let Some(from) = filter.from {
            query = query.filter(requests::submitted_at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(requests::submitted_at.lt(to));
        }
        if filter.failed {
            let failing = deliveries::table.filter(failing!()).select(deliveries::assignment_id.nullable());
            let live = assignments::table
                .filter(assignments::state.ne(AssignmentState::Expired))
                .select(assignments::id.nullable());
            // Told of by the request that made the access, and once that has ended, by the one that ended it.
            query = query.filter(requests::assignment_id.eq_any(failing)).filter(
                requests::kind.eq_any(kinds(RequestKind::removes)).or(requests::kind
                    .eq_any(kinds(RequestKind::adds))
                    .and(
                        requests::assignment_id.eq_any(live).or(requests::state.eq(RequestState::Canceled)),
                    )),
            );
        }
        for pattern in search::patterns(&filter.q) {
            query = query.filter(users::search_folded.like(pattern).escape(search::ESCAPE));
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let query = match sort {
        Sort::Newest => filtered().order((requests::submitted_at.desc(), requests::id.desc())),
        Sort::Oldest => filtered().order((requests::submitted_at.asc(), requests::id.asc())),
        Sort::Person => {
            filtered().order((users::name_folded.asc(), requests::submitted_at.desc(), requests::id.desc()))
        }
        Sort::Policy => filtered().order((
            policies::name_folded.asc(),
            requests::submitted_at.desc(),
            requests::id.desc(),
        )),
    };
    let rows: Vec<Columns> = query
        .limit(at.size)
        .offset(at.offset())
        .select((
            (
                requests::id,
                requests::kind,
                users::id,
                users::display_name,
                users::email,
                policies::name,
                requests::policy_version,
            ),
            (
                requests::state,
                requests::stage,
                requests::stages,
                requests::submitted_at,
                requests::due_at,
                requests::completed_at,
                requests::answers,
            ),
            (requests::requestor_id, requests::assignment_id, requests::justification),
        ))
        .load(conn)?;
    let pending = rows.iter().filter(|r| r.1.0 == RequestState::PendingApproval).map(|r| r.0.0).collect();
    let escalated = kept::escalated_since(conn, pending)?;
    let askers: BTreeSet<UserId> = rows.iter().filter_map(|r| r.2.0.filter(|by| *by != r.0.2)).collect();
    let askers = names(conn, askers)?;
    let errors = errors(conn, rows.iter().filter_map(|r| r.2.1).collect())?;
    let items = rows
        .into_iter()
        .map(|(who, what, whence)| RequestRow {
            escalated_at: escalated.get(&(who.0, u8::try_from(what.1).unwrap_or(0))).copied(),
            errors: whence
                .1
                .and_then(|id| errors.get(&id))
                .filter(|(live, _)| {
                    who.1.removes() || (who.1.adds() && (*live || what.0 == RequestState::Canceled))
                })
                .map(|(_, errors)| errors.clone())
                .unwrap_or_default(),
            asked_by: whence.0.and_then(|by| askers.get(&by)).cloned(),
            id: who.0,
            kind: who.1,
            user: who.2,
            name: who.3,
            email: who.4,
            policy: who.5,
            policy_version: who.6,
            state: what.0,
            stage: what.1,
            stages: what.2,
            submitted_at: what.3,
            due_at: what.4,
            completed_at: what.5,
            justification: whence.2,
            answers: answers::read(&what.6.0),
        })
        .collect();
    Ok(Page { items, total, at })
}

/// What failed, by assignment: does that live, and role and reason of each.
type Errors = HashMap<AssignmentId, (bool, Vec<(String, String)>)>;

/// What could not be delivered or taken back of these assignments, in portions that every database takes.
fn errors(conn: &mut Conn, ids: BTreeSet<AssignmentId>) -> Result<Errors, StoreError> {
    let ids: Vec<AssignmentId> = ids.into_iter().collect();
    let mut all: Errors = HashMap::new();
    for some in ids.chunks(1000) {
        let rows: Vec<(AssignmentId, AssignmentState, String, String, Option<String>)> = deliveries::table
            .inner_join(assignments::table)
            .inner_join(resource_roles::table.inner_join(resources::table))
            .filter(deliveries::assignment_id.eq_any(some.to_vec()))
            .filter(failing!())
            .order((resources::name_folded, resource_roles::position, deliveries::id))
            .select((
                assignments::id,
                assignments::state,
                resources::name,
                resource_roles::name,
                deliveries::error,
            ))
            .load(conn)?;
        for (assignment, state, resource, role, error) in rows {
            let there = all.entry(assignment).or_insert_with(|| (state.is_live(), Vec::new()));
            there.1.push((format!("{resource}: {role}"), error.unwrap_or_default()));
        }
    }
    Ok(all)
}

/// A role that could not be delivered, or taken back, for some people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// "Resource: role".
    pub role: String,
    /// Was it to be taken back?
    pub removing: bool,
    /// For how many people.
    pub people: usize,
    /// The last reason that was given.
    pub error: String,
}

/// The most deliveries that are looked at for [`failures`].
pub const MOST_FAILURES: i64 = 1000;

/// What failed in a package, at a glance: by role, the most first.
pub fn failures(conn: &mut Conn, package: PackageId) -> Result<Vec<Failure>, StoreError> {
    type Row = (ResourceRoleId, String, String, DeliveryState, Option<String>);
    let rows: Vec<Row> = deliveries::table
        .inner_join(assignments::table)
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(assignments::package_id.eq(package))
        .filter(failing!())
        .order((deliveries::updated_at.desc(), deliveries::id.desc()))
        .limit(MOST_FAILURES)
        .select((
            resource_roles::id,
            resources::name,
            resource_roles::name,
            deliveries::state,
            deliveries::error,
        ))
        .load(conn)?;
    let mut by_role: BTreeMap<(ResourceRoleId, bool), Failure> = BTreeMap::new();
    for (role, resource, name, state, error) in rows {
        let removing = state == DeliveryState::Removing;
        by_role
            .entry((role, removing))
            .or_insert_with(|| Failure {
                role: format!("{resource}: {name}"),
                removing,
                people: 0,
                error: error.unwrap_or_default(),
            })
            .people += 1;
    }
    let mut all: Vec<Failure> = by_role.into_values().collect();
    all.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| a.role.cmp(&b.role)));
    Ok(all)
}

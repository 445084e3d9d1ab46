//! My requests.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::browse::open_states;
use super::waiting;
use crate::domain::request::{Changes, RequestKind, RequestState};
use crate::kernel::ids::{AssignmentId, PackageId, PolicyId, RequestId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{catalogs, packages, requests, users};
use crate::store::search::{ESCAPE, patterns};
use crate::store::types::Json;
use crate::store::{conversation, requests as kept};

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
    /// What it changes about access that the person holds.
    pub changes: Option<Changes>,
    /// The start that was asked for.
    pub wanted_start: Option<Moment>,
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
    /// Since when its alternates are asked too (SPEC APR-4).
    pub escalated_at: Option<Moment>,
    /// Does it wait for its requestor to change it (SPEC REQ-9)?
    pub changes_asked: bool,
    /// When it was made.
    pub submitted_at: Moment,
    /// Who can decide now, by name, where the policy shows it.
    pub waiting_for: Vec<String>,
}

type ListRow = (
    RequestId,
    (RequestKind, Option<Changes>, Option<Moment>),
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
    [RequestKind::SystemRemove, RequestKind::SystemUpdate].map(RequestKind::as_str).to_vec()
}

/// The requests that the person made, and those made for them, newest first.
pub fn mine(
    conn: &mut Conn,
    user: UserId,
    which: Which,
    q: &str,
    at: PageRequest,
    now: Moment,
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
            (requests::kind, requests::changes, requests::wanted_start),
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
    let names = names(conn, rows.iter().flat_map(|r| [Some(r.6), r.7]).flatten().collect())?;
    // A list for a page names them; a whole export does not.
    let pending: Vec<RequestId> =
        rows.iter().filter(|r| r.2 == RequestState::PendingApproval).map(|r| r.0).take(100).collect();
    let mut whom = waiting::whom(conn, now, &pending)?;
    let name = |id: UserId| names.get(&id).cloned().unwrap_or_default();
    let pending: BTreeSet<RequestId> =
        rows.iter().filter(|r| r.2 == RequestState::PendingApproval).map(|r| r.0).collect();
    let changing = conversation::waiting_among(conn, pending.iter().copied())?;
    let escalated = kept::escalated_since(conn, pending)?;
    let items = rows
        .into_iter()
        .map(|r| RequestRow {
            id: r.0,
            kind: r.1.0,
            changes: r.1.1,
            wanted_start: r.1.2,
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
            escalated_at: escalated.get(&(r.0, u8::try_from(r.8).unwrap_or(0))).copied(),
            changes_asked: changing.contains(&r.0),
            submitted_at: r.11,
            waiting_for: whom.remove(&r.0).unwrap_or_default(),
        })
        .collect();
    Ok(Page { items, total, at })
}

/// The names of people, deleted ones too: history keeps them (SPEC DIR-2).
pub(super) fn names(conn: &mut Conn, ids: BTreeSet<UserId>) -> Result<HashMap<UserId, String>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(UserId, String)> =
        users::table.filter(users::id.eq_any(ids)).select((users::id, users::display_name)).load(conn)?;
    Ok(rows.into_iter().collect())
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
    /// Is the access over that it led to?
    pub over: bool,
    /// The reason.
    pub justification: String,
    /// The answers.
    pub answers: serde_json::Value,
}

/// What the person's own request said.
pub fn copy(conn: &mut Conn, user: UserId, id: RequestId, now: Moment) -> Result<Option<Copy>, StoreError> {
    type Row = (PackageId, PolicyId, RequestState, String, Json, Option<AssignmentId>);
    let row: Option<Row> = requests::table
        .filter(requests::id.eq(id))
        .filter(requests::requestor_id.eq(user).or(requests::subject_id.eq(user)))
        .select((
            requests::package_id,
            requests::policy_id,
            requests::state,
            requests::justification,
            requests::answers,
            requests::assignment_id,
        ))
        .first(conn)
        .optional()?;
    let Some((package, policy, state, justification, answers, assignment)) = row else {
        return Ok(None);
    };
    let over = match assignment {
        Some(id) => crate::store::assignments::find(conn, id)?
            .is_some_and(|a| !a.state.is_live() || a.ends_at.is_some_and(|end| end <= now)),
        None => false,
    };
    Ok(Some(Copy { package, policy, state, over, justification, answers: answers.0 }))
}

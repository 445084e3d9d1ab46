//! Fulfilment tasks as their people see them (SPEC DLV-6, PGE-2): filtered, sorted and paged in SQL.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::requests::names;
use crate::domain::access::{CatalogRole, DirectoryRole, Principal};
use crate::domain::catalog::ConnectorKind;
use crate::domain::fulfilment::{TaskAction, TaskState};
use crate::kernel::ids::{CatalogId, ResourceId, TaskId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{
    catalogs, fulfilment_tasks, packages, requests, resource_owners, resource_roles, resources, users,
};
use crate::store::search::{ESCAPE, patterns};
use crate::store::tasks::{self as kept, Place};
use crate::store::{approvers, people};

/// Whose tasks a list shows.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    everything: bool,
    me: Option<UserId>,
    owned: Vec<ResourceId>,
    /// Resources without an owner who can sign in, and the catalogs in which the person stands in for them.
    ownerless: Vec<ResourceId>,
    catalogs: Vec<CatalogId>,
    /// Open tasks about the person's own access that somebody else has to do.
    barred: Vec<TaskId>,
}

impl Scope {
    /// Has the person anything to do with tasks at all?
    pub fn is_empty(&self) -> bool {
        !self.everything && self.owned.is_empty() && (self.ownerless.is_empty() || self.catalogs.is_empty())
    }

    /// Every task: for administrators and auditors; the person's own for everybody else.
    pub fn all(conn: &mut Conn, me: &Principal) -> Result<Self, StoreError> {
        if me.is_administrator() || me.is(DirectoryRole::Auditor) {
            return Ok(Self { everything: true, ..Self::default() });
        }
        Self::mine(conn, me)
    }

    /// What the person themselves is asked to do at this instant: for resources that they own, and for those
    /// without an owner in catalogs that they own; administrators also where nobody else is left.
    pub fn mine(conn: &mut Conn, me: &Principal) -> Result<Self, StoreError> {
        let owned: Vec<ResourceId> = resource_owners::table
            .inner_join(resources::table)
            .filter(resource_owners::user_id.eq(me.user))
            .filter(resources::connector.eq(ConnectorKind::Manual))
            .select(resource_owners::resource_id)
            .load(conn)?;
        let mut catalogs: Vec<CatalogId> = me
            .catalogs
            .iter()
            .filter(|(_, roles)| roles.contains(&CatalogRole::Owner))
            .map(|(catalog, _)| *catalog)
            .collect();
        let mut ownerless = Vec::new();
        if me.is_administrator() || !catalogs.is_empty() {
            ownerless = self::ownerless(conn)?;
        }
        if me.is_administrator() && !ownerless.is_empty() {
            catalogs.extend(orphans(conn)?);
        }
        let mut scope =
            Self { everything: false, me: Some(me.user), owned, ownerless, catalogs, barred: Vec::new() };
        if !scope.is_empty() {
            scope.barred = barred(conn, me.user)?;
        }
        Ok(scope)
    }
}

/// Resources served by hand that have no owner who can sign in.
fn ownerless(conn: &mut Conn) -> Result<Vec<ResourceId>, StoreError> {
    let manned = resource_owners::table
        .inner_join(users::table)
        .filter(users::enabled.eq(true).and(users::deleted_at.is_null()))
        .select(resource_owners::resource_id);
    Ok(resources::table
        .filter(resources::connector.eq(ConnectorKind::Manual))
        .filter(resources::id.ne_all(manned))
        .select(resources::id)
        .load(conn)?)
}

/// Catalogs without an owner who can sign in.
fn orphans(conn: &mut Conn) -> Result<Vec<CatalogId>, StoreError> {
    let all: BTreeSet<CatalogId> =
        catalogs::table.select(catalogs::id).load::<CatalogId>(conn)?.into_iter().collect();
    let owners = approvers::catalog_owners(conn, &all)?;
    let enabled = people::enabled_among(conn, &owners.values().flatten().copied().collect())?;
    let manned = |catalog: &CatalogId| owners.get(catalog).is_some_and(|o| !o.is_disjoint(&enabled));
    Ok(all.into_iter().filter(|catalog| !manned(catalog)).collect())
}

/// Open tasks about somebody's own access that another one has to do.
fn barred(conn: &mut Conn, me: UserId) -> Result<Vec<TaskId>, StoreError> {
    let rows: Vec<(TaskId, ResourceId, CatalogId)> = fulfilment_tasks::table
        .inner_join(requests::table.inner_join(packages::table))
        .filter(fulfilment_tasks::subject_id.eq(me))
        .filter(fulfilment_tasks::state.eq(TaskState::Open))
        .select((fulfilment_tasks::id, fulfilment_tasks::resource_id, packages::catalog_id))
        .load(conn)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<Place> =
        rows.into_iter().map(|(task, resource, catalog)| Place { task, resource, catalog }).collect();
    let around = kept::around(conn, &places)?;
    Ok(around.into_iter().filter(|(_, a)| !a.asked(me).1.contains(&me)).map(|(task, _)| task).collect())
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Closed ones instead of open ones.
    pub closed: bool,
    /// Words in the person's, resource's or package's name.
    pub q: String,
    /// Give or take back.
    pub action: Option<TaskAction>,
    /// One resource.
    pub resource: Option<ResourceId>,
    /// How it was closed.
    pub state: Option<TaskState>,
    /// Only what was due before this instant.
    pub due_before: Option<Moment>,
}

/// How a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The most urgent first; of closed ones the latest first.
    #[default]
    Urgent,
    /// By person.
    Person,
    /// By resource.
    Resource,
}

/// A task in a list.
#[derive(Debug, Clone)]
pub struct TaskRow {
    /// Its id.
    pub id: TaskId,
    /// Give or take back.
    pub action: TaskAction,
    /// How far.
    pub state: TaskState,
    /// For whom.
    pub subject: UserId,
    /// Their name.
    pub person: String,
    /// Their address.
    pub email: String,
    /// Which resource.
    pub resource_id: ResourceId,
    /// Its name.
    pub resource: String,
    /// The role's name.
    pub role: String,
    /// For which package.
    pub package: String,
    /// When it was written.
    pub created_at: Moment,
    /// Until when it is to be done.
    pub due_at: Moment,
    /// Who is at it.
    pub taken_by: Option<(UserId, String)>,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// When.
    pub closed_at: Option<Moment>,
    /// Their words.
    pub reason: String,
}

type Row = (
    (TaskId, TaskAction, TaskState, Moment, Moment),
    (Option<UserId>, Option<UserId>, Option<Moment>, String),
    (UserId, String, String),
    (ResourceId, String, String),
    String,
);

macro_rules! base {
    () => {
        fulfilment_tasks::table
            .inner_join(users::table)
            .inner_join(resources::table)
            .inner_join(resource_roles::table)
            .inner_join(requests::table.inner_join(packages::table))
    };
}
macro_rules! columns {
    () => {
        (
            (
                fulfilment_tasks::id,
                fulfilment_tasks::action,
                fulfilment_tasks::state,
                fulfilment_tasks::created_at,
                fulfilment_tasks::due_at,
            ),
            (
                fulfilment_tasks::taken_by,
                fulfilment_tasks::closed_by,
                fulfilment_tasks::closed_at,
                fulfilment_tasks::reason,
            ),
            (users::id, users::display_name, users::email),
            (resources::id, resources::name, resource_roles::name),
            packages::name,
        )
    };
}

fn rows_of(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<TaskRow>, StoreError> {
    let named: BTreeSet<UserId> = rows.iter().flat_map(|r| [r.1.0, r.1.1]).flatten().collect();
    let names = names(conn, named)?;
    Ok(rows
        .into_iter()
        .map(|(task, closed, person, resource, package)| TaskRow {
            id: task.0,
            action: task.1,
            state: task.2,
            created_at: task.3,
            due_at: task.4,
            taken_by: closed.0.and_then(|id| names.get(&id).map(|name| (id, name.clone()))),
            closed_by: closed.1.and_then(|id| names.get(&id)).cloned(),
            closed_at: closed.2,
            reason: closed.3,
            subject: person.0,
            person: person.1,
            email: person.2,
            resource_id: resource.0,
            resource: resource.1,
            role: resource.2,
            package,
        })
        .collect())
}

/// One task, by its id alone: whoever calls has checked who may see it.
pub fn one(conn: &mut Conn, id: TaskId) -> Result<Option<TaskRow>, StoreError> {
    let row: Option<Row> =
        base!().filter(fulfilment_tasks::id.eq(id)).select(columns!()).first(conn).optional()?;
    Ok(rows_of(conn, row.into_iter().collect())?.pop())
}

/// The tasks of this scope.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    sort: Sort,
    at: PageRequest,
) -> Result<Page<TaskRow>, StoreError> {
    let filtered = || {
        let mut query = base!().into_boxed::<MultiBackend>();
        if !scope.everything {
            let through =
                fulfilment_tasks::resource_id.eq_any(scope.owned.clone()).or(fulfilment_tasks::resource_id
                    .eq_any(scope.ownerless.clone())
                    .and(packages::catalog_id.eq_any(scope.catalogs.clone())));
            query = match scope.me.filter(|_| filter.closed) {
                Some(me) => query.filter(through.or(fulfilment_tasks::closed_by.eq(me))),
                None => query.filter(through),
            };
            query = query.filter(fulfilment_tasks::id.ne_all(scope.barred.clone()));
        }
        query = if filter.closed {
            query.filter(fulfilment_tasks::state.ne(TaskState::Open))
        } else {
            query.filter(fulfilment_tasks::state.eq(TaskState::Open))
        };
        if let Some(action) = filter.action {
            query = query.filter(fulfilment_tasks::action.eq(action));
        }
        if let Some(state) = filter.state {
            query = query.filter(fulfilment_tasks::state.eq(state));
        }
        if let Some(resource) = filter.resource {
            query = query.filter(fulfilment_tasks::resource_id.eq(resource));
        }
        if let Some(before) = filter.due_before {
            query = query.filter(fulfilment_tasks::due_at.le(before));
        }
        for like in patterns(&filter.q) {
            query = query.filter(
                users::search_folded
                    .like(like.clone())
                    .escape(ESCAPE)
                    .or(resources::name_folded.like(like.clone()).escape(ESCAPE))
                    .or(packages::name_folded.like(like).escape(ESCAPE)),
            );
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let query = match (sort, filter.closed) {
        (Sort::Urgent, false) => {
            filtered().order((fulfilment_tasks::due_at.asc(), fulfilment_tasks::id.asc()))
        }
        (Sort::Urgent, true) => {
            filtered().order((fulfilment_tasks::closed_at.desc(), fulfilment_tasks::id.desc()))
        }
        (Sort::Person, _) => filtered().order((
            users::name_folded.asc(),
            fulfilment_tasks::due_at.asc(),
            fulfilment_tasks::id.asc(),
        )),
        (Sort::Resource, _) => filtered().order((
            resources::name_folded.asc(),
            fulfilment_tasks::due_at.asc(),
            fulfilment_tasks::id.asc(),
        )),
    };
    let rows: Vec<Row> = query.limit(at.size).offset(at.offset()).select(columns!()).load(conn)?;
    Ok(Page { items: rows_of(conn, rows)?, total, at })
}

/// The resources that a person can narrow their list to, by name; at most two hundred.
pub fn resources_of(conn: &mut Conn, scope: &Scope) -> Result<Vec<(ResourceId, String)>, StoreError> {
    let mut query = resources::table
        .filter(resources::connector.eq(ConnectorKind::Manual).and(resources::deleted_at.is_null()))
        .into_boxed::<MultiBackend>();
    if !scope.everything {
        let ids: Vec<ResourceId> = scope.owned.iter().chain(&scope.ownerless).copied().collect();
        query = query.filter(resources::id.eq_any(ids));
    }
    Ok(query
        .order((resources::name_folded, resources::id))
        .limit(200)
        .select((resources::id, resources::name))
        .load(conn)?)
}

/// How many tasks wait for the person; `None` if they have nothing to do with tasks.
pub fn count(conn: &mut Conn, me: &Principal) -> Result<Option<i64>, StoreError> {
    let scope = Scope::mine(conn, me)?;
    if scope.is_empty() {
        return Ok(Scope::all(conn, me)?.everything.then_some(0));
    }
    let none = PageRequest { number: 1, size: 0 };
    Ok(Some(list(conn, &scope, &Filter::default(), Sort::Urgent, none)?.total))
}

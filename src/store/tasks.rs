//! Fulfilment tasks: what the owners of a resource have to do by hand (SPEC DLV-6).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::assignments::{Assignment, Delivery};
use super::conn::Conn;
use super::dialect::{Turn, take_turn_of};
use super::error::StoreError;
use super::schema::{
    assignments, deliveries, fulfilment_tasks, packages, requests, resource_owners, resource_roles,
    resources, role_holdings,
};
use super::tx::Tx;
use super::types::Json;
use super::{approvers, people};
use crate::domain::catalog::ConnectorKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::fulfilment::{Around, ManualSettings, TaskAction, TaskState};
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, RequestId, ResourceId, ResourceRoleId, TaskId, UserId};

/// A task as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = fulfilment_tasks, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Which resource.
    pub resource_id: ResourceId,
    /// Which of its roles.
    pub resource_role_id: ResourceRoleId,
    /// For whom.
    pub subject_id: UserId,
    /// The request that it was written for first.
    pub request_id: RequestId,
    /// Give or take back.
    pub action: TaskAction,
    /// How far.
    pub state: TaskState,
    /// When it was written.
    pub created_at: Moment,
    /// Until when it is to be done.
    pub due_at: Moment,
    /// When its people are reminded next.
    pub remind_at: Option<Moment>,
    /// Who said that they are at it.
    pub taken_by: Option<UserId>,
    /// Who closed it; `None` is the portal itself.
    pub closed_by: Option<UserId>,
    /// When.
    pub closed_at: Option<Moment>,
    /// The words of whoever closed it.
    pub reason: String,
    /// Grows with each change.
    pub version: i64,
}

/// Waits until no other transaction decides what is to be done by hand for this person, and keeps the others
/// waiting until this one ends.
pub fn take_turn(tx: &mut Tx<'_>, subject: UserId) -> Result<(), StoreError> {
    take_turn_of(tx, Turn::Fulfilment, subject.0)
}

/// Adds a task.
pub fn insert(tx: &mut Tx<'_>, task: &Task) -> Result<(), StoreError> {
    diesel::insert_into(fulfilment_tasks::table).values(task).execute(&mut **tx)?;
    Ok(())
}

/// Saves a task; its version grows. `Stale` if somebody else was quicker.
pub fn save(tx: &mut Tx<'_>, task: &mut Task) -> Result<(), StoreError> {
    let old = task.version;
    task.version += 1;
    let row = fulfilment_tasks::table
        .filter(fulfilment_tasks::id.eq(task.id))
        .filter(fulfilment_tasks::version.eq(old));
    let changed = diesel::update(row).set(&*task).execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The task, if there is one.
pub fn find(conn: &mut Conn, id: TaskId) -> Result<Option<Task>, StoreError> {
    Ok(fulfilment_tasks::table.find(id).select(Task::as_select()).first(conn).optional()?)
}

/// The open task about this role and person. There is one at most.
pub fn open_of(conn: &mut Conn, role: ResourceRoleId, subject: UserId) -> Result<Option<Task>, StoreError> {
    Ok(fulfilment_tasks::table
        .filter(fulfilment_tasks::resource_role_id.eq(role).and(fulfilment_tasks::subject_id.eq(subject)))
        .filter(fulfilment_tasks::state.eq(TaskState::Open))
        .select(Task::as_select())
        .first(conn)
        .optional()?)
}

/// The open tasks of a resource.
pub fn open_of_resource(conn: &mut Conn, resource: ResourceId) -> Result<Vec<Task>, StoreError> {
    Ok(fulfilment_tasks::table
        .filter(fulfilment_tasks::resource_id.eq(resource))
        .filter(fulfilment_tasks::state.eq(TaskState::Open))
        .order(fulfilment_tasks::id)
        .select(Task::as_select())
        .load(conn)?)
}

/// Open tasks that were written before this instant, oldest first.
pub fn open_before(conn: &mut Conn, before: Moment, limit: i64) -> Result<Vec<Task>, StoreError> {
    Ok(fulfilment_tasks::table
        .filter(fulfilment_tasks::state.eq(TaskState::Open))
        .filter(fulfilment_tasks::created_at.lt(before))
        .order((fulfilment_tasks::created_at, fulfilment_tasks::id))
        .limit(limit)
        .select(Task::as_select())
        .load(conn)?)
}

/// How many open tasks a resource has.
pub fn count_open(conn: &mut Conn, resource: ResourceId) -> Result<i64, StoreError> {
    Ok(fulfilment_tasks::table
        .filter(fulfilment_tasks::resource_id.eq(resource))
        .filter(fulfilment_tasks::state.eq(TaskState::Open))
        .count()
        .get_result(conn)?)
}

/// Tasks whose people are to be reminded, oldest first.
pub fn reminders_due(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<TaskId>, StoreError> {
    Ok(fulfilment_tasks::table
        .filter(fulfilment_tasks::state.eq(TaskState::Open).and(fulfilment_tasks::remind_at.le(now)))
        .order((fulfilment_tasks::remind_at, fulfilment_tasks::id))
        .limit(limit)
        .select(fulfilment_tasks::id)
        .load(conn)?)
}

/// Is the role in place for the person, as far as the portal knows?
pub fn holds(conn: &mut Conn, role: ResourceRoleId, subject: UserId) -> Result<bool, StoreError> {
    let n: i64 = role_holdings::table.find((role, subject)).count().get_result(conn)?;
    Ok(n > 0)
}

fn waiting_state(action: TaskAction) -> DeliveryState {
    match action {
        TaskAction::Grant => DeliveryState::Pending,
        TaskAction::Revoke => DeliveryState::Removing,
    }
}

/// The deliveries that wait for this role to be given to, or taken from, this person, with their assignments.
pub fn waiting(
    conn: &mut Conn,
    role: ResourceRoleId,
    subject: UserId,
    action: TaskAction,
) -> Result<Vec<(Delivery, Assignment)>, StoreError> {
    Ok(deliveries::table
        .inner_join(assignments::table)
        .filter(deliveries::resource_role_id.eq(role).and(deliveries::state.eq(waiting_state(action))))
        .filter(assignments::subject_id.eq(subject))
        .order(deliveries::id)
        .select((Delivery::as_select(), Assignment::as_select()))
        .load(conn)?)
}

/// The resource of a role, deleted ones too.
pub fn resource_of(conn: &mut Conn, role: ResourceRoleId) -> Result<ResourceId, StoreError> {
    Ok(resource_roles::table.find(role).select(resource_roles::resource_id).first(conn)?)
}

/// How a resource that people serve by hand is set up; what is not said is as usual.
pub fn settings(conn: &mut Conn, resource: ResourceId) -> Result<ManualSettings, StoreError> {
    let (kind, json): (ConnectorKind, Json) = resources::table
        .find(resource)
        .select((resources::connector, resources::connector_settings))
        .first(conn)?;
    let empty = json.0.as_object().is_none_or(serde_json::Map::is_empty);
    if kind != ConnectorKind::Manual || empty { Ok(ManualSettings::default()) } else { json.read() }
}

/// A task whose people are wanted: the resource, and the catalog of the package that it is for.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The task.
    pub task: TaskId,
    /// Its resource.
    pub resource: ResourceId,
    /// The catalog.
    pub catalog: CatalogId,
}

/// Where a task belongs.
pub fn place(conn: &mut Conn, task: &Task) -> Result<Place, StoreError> {
    let catalog: CatalogId = requests::table
        .inner_join(packages::table)
        .filter(requests::id.eq(task.request_id))
        .select(packages::catalog_id)
        .first(conn)?;
    Ok(Place { task: task.id, resource: task.resource_id, catalog })
}

/// The people around these tasks at this instant, for any number of tasks in a bounded number of queries.
pub fn around(conn: &mut Conn, places: &[Place]) -> Result<BTreeMap<TaskId, Around>, StoreError> {
    let of: BTreeSet<ResourceId> = places.iter().map(|p| p.resource).collect();
    let rows: Vec<(ResourceId, UserId)> = resource_owners::table
        .filter(resource_owners::resource_id.eq_any(of))
        .select((resource_owners::resource_id, resource_owners::user_id))
        .load(conn)?;
    let mut owners: BTreeMap<ResourceId, BTreeSet<UserId>> = BTreeMap::new();
    for (resource, user) in rows {
        owners.entry(resource).or_default().insert(user);
    }
    let catalogs = places.iter().map(|p| p.catalog).collect();
    let catalog_owners = approvers::catalog_owners(conn, &catalogs)?;
    let administrators = approvers::administrators(conn)?;
    let everybody =
        owners.values().chain(catalog_owners.values()).chain([&administrators]).flatten().copied().collect();
    let enabled = people::enabled_among(conn, &everybody)?;
    let active = |set: Option<&BTreeSet<UserId>>| -> BTreeSet<UserId> {
        set.map(|s| s.intersection(&enabled).copied().collect()).unwrap_or_default()
    };
    Ok(places
        .iter()
        .map(|p| {
            let around = Around {
                owners: active(owners.get(&p.resource)),
                catalog_owners: active(catalog_owners.get(&p.catalog)),
                administrators: active(Some(&administrators)),
            };
            (p.task, around)
        })
        .collect())
}

/// The people around one task at this instant.
pub fn around_one(conn: &mut Conn, task: &Task) -> Result<(CatalogId, Around), StoreError> {
    let place = place(conn, task)?;
    let around = around(conn, &[place])?.remove(&task.id).unwrap_or_default();
    Ok((place.catalog, around))
}

/// Lets the engine look at deliveries again that waited for a task.
pub fn wake(
    tx: &mut Tx<'_>,
    role: ResourceRoleId,
    subject: UserId,
    action: TaskAction,
    now: Moment,
) -> Result<(), StoreError> {
    for (mut delivery, _) in waiting(tx, role, subject, action)? {
        delivery.due_at = Some(now);
        delivery.updated_at = now;
        super::assignments::save_delivery(tx, &mut delivery)?;
    }
    Ok(())
}

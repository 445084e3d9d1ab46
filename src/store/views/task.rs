//! One fulfilment task, and what waits for tasks (SPEC DLV-6, REQ-8).

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::requests::names;
use crate::domain::assignment::AssignmentState;
use crate::domain::delivery::DeliveryState;
use crate::domain::fulfilment::{TaskAction, TaskState};
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, CatalogId, DeliveryId, PackageId, RequestId, TaskId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalogs, deliveries, fulfilment_tasks, packages, requests, resource_roles, resources, users,
};
use crate::store::tasks::{self as kept, Place, Task};

/// A package through which the person is to get, or loses, the role of a task.
#[derive(Debug, Clone)]
pub struct Through {
    /// The assignment.
    pub assignment: AssignmentId,
    /// The package.
    pub package: PackageId,
    /// Its name.
    pub name: String,
    /// Until when access lasts.
    pub ends_at: Option<Moment>,
    /// Does it still stand?
    pub live: bool,
}

/// Through which packages a task came about: what waits for it now.
pub fn through(conn: &mut Conn, task: &Task) -> Result<Vec<Through>, StoreError> {
    type Columns = (AssignmentId, PackageId, String, Option<Moment>, AssignmentState);
    let state = match task.action {
        TaskAction::Grant => DeliveryState::Pending,
        TaskAction::Revoke => DeliveryState::Removing,
    };
    let rows: Vec<Columns> = deliveries::table
        .inner_join(assignments::table.inner_join(packages::table))
        .filter(deliveries::resource_role_id.eq(task.resource_role_id).and(deliveries::state.eq(state)))
        .filter(assignments::subject_id.eq(task.subject_id))
        .order(deliveries::id)
        .select((assignments::id, packages::id, packages::name, assignments::ends_at, assignments::state))
        .load(conn)?;
    let one = |(assignment, package, name, ends_at, state): Columns| Through {
        assignment,
        package,
        name,
        ends_at,
        live: state.is_live(),
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Until when the person of a task keeps the role: the latest end of what waits for it; `None` is for ever.
pub fn until(conn: &mut Conn, task: &Task) -> Result<Option<Moment>, StoreError> {
    let through = through(conn, task)?;
    let for_ever = through.is_empty() || through.iter().any(|t| t.ends_at.is_none());
    Ok(if for_ever { None } else { through.iter().filter_map(|t| t.ends_at).max() })
}

/// An open task behind a delivery, as those who wait for it see it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The task.
    pub task: TaskId,
    /// Give or take back.
    pub action: TaskAction,
    /// Who has to do it, by name.
    pub people: Vec<String>,
    /// Who is at it.
    pub taken_by: Option<String>,
    /// Until when.
    pub due_at: Moment,
}

/// The open tasks behind the deliveries of an assignment, by delivery (SPEC REQ-8: delivery per resource role).
pub fn behind(conn: &mut Conn, assignment: AssignmentId) -> Result<HashMap<DeliveryId, Waiting>, StoreError> {
    let rows: Vec<(DeliveryId, DeliveryState, Task, CatalogId)> = deliveries::table
        .inner_join(assignments::table)
        .inner_join(
            fulfilment_tasks::table.inner_join(requests::table.inner_join(packages::table)).on(
                fulfilment_tasks::resource_role_id
                    .eq(deliveries::resource_role_id)
                    .and(fulfilment_tasks::subject_id.eq(assignments::subject_id)),
            ),
        )
        .filter(deliveries::assignment_id.eq(assignment))
        .filter(fulfilment_tasks::state.eq(TaskState::Open))
        .select((deliveries::id, deliveries::state, Task::as_select(), packages::catalog_id))
        .load(conn)?;
    let waits = |state: DeliveryState, action: TaskAction| {
        matches!(
            (state, action),
            (DeliveryState::Pending, TaskAction::Grant) | (DeliveryState::Removing, TaskAction::Revoke)
        )
    };
    let rows: Vec<_> = rows.into_iter().filter(|(_, state, task, _)| waits(*state, task.action)).collect();
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<Place> = rows
        .iter()
        .map(|(_, _, task, catalog)| Place { task: task.id, resource: task.resource_id, catalog: *catalog })
        .collect();
    let around = kept::around(conn, &places)?;
    let mut asked: HashMap<TaskId, BTreeSet<UserId>> = HashMap::new();
    for (_, _, task, _) in &rows {
        let people = around.get(&task.id).map(|a| a.asked(task.subject_id).1).unwrap_or_default();
        asked.insert(task.id, people);
    }
    let everybody =
        asked.values().flatten().copied().chain(rows.iter().filter_map(|r| r.2.taken_by)).collect();
    let names = names(conn, everybody)?;
    Ok(rows
        .into_iter()
        .map(|(delivery, _, task, _)| {
            let people = asked.get(&task.id).into_iter().flatten().filter_map(|id| names.get(id)).cloned();
            let waiting = Waiting {
                task: task.id,
                action: task.action,
                people: people.collect(),
                taken_by: task.taken_by.and_then(|id| names.get(&id)).cloned(),
                due_at: task.due_at,
            };
            (delivery, waiting)
        })
        .collect())
}

/// What the page of a task shows besides its row.
#[derive(Debug, Clone)]
pub struct Details {
    /// The request that it was written for.
    pub request: RequestId,
    /// Why the access was wanted, in the requestor's words.
    pub justification: String,
    /// What the role permits.
    pub role_description: String,
    /// How the resource is used.
    pub usage: String,
    /// Where it is.
    pub link: String,
    /// The person's department.
    pub department: String,
    /// The person's job title.
    pub job_title: String,
    /// The people who manage the catalog: its name.
    pub catalog: String,
}

/// What the page of a task shows besides its row.
pub fn details(conn: &mut Conn, task: &Task) -> Result<Details, StoreError> {
    type Columns = ((RequestId, String), (String, String, String), (String, String), String);
    let (request, resource, person, catalog): Columns = fulfilment_tasks::table
        .inner_join(users::table)
        .inner_join(resources::table)
        .inner_join(resource_roles::table)
        .inner_join(requests::table.inner_join(packages::table.inner_join(catalogs::table)))
        .filter(fulfilment_tasks::id.eq(task.id))
        .select((
            (requests::id, requests::justification),
            (resource_roles::description, resources::usage_text, resources::link),
            (users::department, users::job_title),
            catalogs::name,
        ))
        .first(conn)?;
    Ok(Details {
        request: request.0,
        justification: request.1,
        role_description: resource.0,
        usage: resource.1,
        link: resource.2,
        department: person.0,
        job_title: person.1,
        catalog,
    })
}

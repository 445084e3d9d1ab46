//! Fulfilment tasks (SPEC DLV-6): the `manual` connector asks the people around a resource to give a role or to take
//! it back, and goes on when they have answered. [`ask()`] is called by the delivery engine; the rest by people and by
//! the clock.

mod ask;
mod close;
mod connector;
mod remind;

pub use ask::{Asked, ask};
pub use close::{Answer, close, take};
pub use connector::{Choice, cancel_open, set_connector};
pub use remind::remind;

use crate::app::AppError;
use crate::domain::access::{CatalogTask, Denied, DirectoryRole, Principal};
use crate::domain::fulfilment::Around;
use crate::kernel::ids::{CatalogId, TaskId};
use crate::store::tasks::{self, Task};
use crate::store::{Conn, resources};

/// A task as somebody may see it.
#[derive(Debug)]
pub struct Seen {
    /// The task.
    pub task: Task,
    /// The catalog of its package.
    pub catalog: CatalogId,
    /// The people around it.
    pub around: Around,
}

/// The task, for its people, for owners of the resource, and for whoever sees the assignments of the catalog;
/// others do not know of it (SPEC ROL-6).
pub fn seen(conn: &mut Conn, me: &Principal, id: TaskId) -> Result<Seen, AppError> {
    let task = tasks::find(conn, id)?.ok_or(Denied::Invisible)?;
    let (catalog, around) = tasks::around_one(conn, &task)?;
    let sees = around.asked(task.subject_id).1.contains(&me.user)
        || me.is_administrator()
        || me.is(DirectoryRole::Auditor)
        || me.may_in(CatalogTask::SeeAssignments, catalog)
        || task.closed_by == Some(me.user)
        || resources::owns(conn, task.resource_id, me.user)?;
    if sees { Ok(Seen { task, catalog, around }) } else { Err(Denied::Invisible.into()) }
}

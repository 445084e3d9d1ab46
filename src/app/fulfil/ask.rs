//! Asking people to give a role or to take it back.

use serde_json::json;

use crate::app::{AppError, Cx, notices};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::fulfilment::{self, TaskAction, TaskState};
use crate::domain::notice::Notice;
use crate::domain::timeline::Step;
use crate::kernel::ids::EntityId as _;
use crate::store::assignments::{self, Assignment, Delivery};
use crate::store::requests::{self, Request};
use crate::store::tasks::{self, Task};
use crate::store::{StoreError, Tx, people};

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nobody has to do anything: it is as wanted already.
    AtOnce,
    /// It is not to be taken back: other access gives it too (SPEC DLV-2).
    Kept,
    /// Somebody has to.
    Waits,
}

/// Asks for one role of an assignment to be given, or taken back (`removing`). The same wish asked again, or by
/// another package, is one task; a wish that turns round cancels the task of the earlier one (I10, SPEC DLV-4).
pub fn ask(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    held: &Assignment,
    delivery: &Delivery,
    removing: bool,
    name: &str,
) -> Result<Asked, AppError> {
    let (role, subject) = (delivery.resource_role_id, held.subject_id);
    tasks::take_turn(tx, subject)?;
    let wanted = if removing { TaskAction::Revoke } else { TaskAction::Grant };
    // Looked at again, now that nobody else decides about this person at the same moment (SPEC DLV-2).
    if removing && assignments::granted_otherwise(tx, subject, role, held.id, cx.now)? {
        return Ok(Asked::Kept);
    }
    if let Some(open) = tasks::open_of(tx, role, subject)? {
        if open.action == wanted {
            return Ok(Asked::Waits);
        }
        cancel(tx, cx, open, name)?;
    }
    if tasks::holds(tx, role, subject)? != removing {
        return Ok(Asked::AtOnce);
    }
    write(tx, cx, request, delivery, wanted, name, subject)?;
    Ok(Asked::Waits)
}

fn write(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    delivery: &Delivery,
    action: TaskAction,
    name: &str,
    subject: crate::kernel::ids::UserId,
) -> Result<(), AppError> {
    let resource = tasks::resource_of(tx, delivery.resource_role_id)?;
    let due_at = tasks::settings(tx, resource)?.due(cx.now);
    let task = Task {
        id: cx.id(),
        resource_id: resource,
        resource_role_id: delivery.resource_role_id,
        subject_id: subject,
        request_id: request.id,
        action,
        state: TaskState::Open,
        created_at: cx.now,
        due_at,
        remind_at: fulfilment::reminders(cx.now, due_at).first().copied(),
        taken_by: None,
        closed_by: None,
        closed_at: None,
        reason: String::new(),
        version: 1,
    };
    tasks::insert(tx, &task).map_err(|e| {
        // Somebody else wrote it at the same moment: look again.
        if e.is_taken("fulfilment_tasks_resource_role_id_subject_id_key") { StoreError::Stale } else { e }
    })?;
    let (_, around) = tasks::around_one(tx, &task)?;
    let (who, asked) = around.asked(subject);
    let names = people::names(tx, &asked)?;
    let step = Step::FulfilmentAsked {
        role: task.resource_role_id,
        name: name.to_owned(),
        action,
        people: names.into_values().collect(),
        due: due_at,
    };
    // Asking is the portal's doing, whoever caused it.
    requests::push_step(tx, cx.id(), request.id, cx.now, None, &step)?;
    for user in asked {
        let notice = Notice::FulfilmentTask { task: task.id, request: request.id };
        notices::send(tx, cx, user, notice, &task.id.to_string())?;
    }
    let values = json!({ "action": action, "request": request.id, "dueAt": due_at, "asked": who.words() });
    cx.record(
        tx,
        Record::of("task.create", ObjectKind::Task, task.id.uuid(), name)
            .about(subject)
            .change(json!(null), values),
    );
    Ok(())
}

/// Closes a task that nobody has to do any more, and lets the engine see to the deliveries that waited for it.
pub(super) fn cancel(tx: &mut Tx<'_>, cx: &Cx, mut task: Task, name: &str) -> Result<(), AppError> {
    task.state = TaskState::Canceled;
    task.closed_at = Some(cx.now);
    task.remind_at = None;
    tasks::save(tx, &mut task)?;
    tasks::wake(tx, task.resource_role_id, task.subject_id, task.action, cx.now)?;
    let step =
        Step::FulfilmentOver { role: task.resource_role_id, name: name.to_owned(), action: task.action };
    requests::push_step(tx, cx.id(), task.request_id, cx.now, None, &step)?;
    cx.record(
        tx,
        Record::of("task.cancel", ObjectKind::Task, task.id.uuid(), name)
            .about(task.subject_id)
            .change(json!({ "state": TaskState::Open }), json!({ "state": task.state })),
    );
    Ok(())
}

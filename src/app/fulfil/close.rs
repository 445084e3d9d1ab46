//! Answering a task: done, or cannot be done; and saying that one is at it.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Seen, seen};
use crate::app::{AppError, Cx, request};
use crate::domain::Refusal;
use crate::domain::access::{Denied, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::delivery::{Connector as _, Order};
use crate::domain::fulfilment::{TaskAction, TaskState, check_open};
use crate::kernel::ids::{EntityId as _, TaskId};
use crate::kernel::text;
use crate::store::delivered::DirectoryConnector;
use crate::store::tasks::{self, Task};
use crate::store::{Conn, Tx, lasting, people};

/// The longest reason, in characters.
pub const REASON_MAX: usize = 1000;

/// What somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It cannot be done.
    Cannot,
}

/// The task, for somebody who may act on it and while it is open.
fn to_act(conn: &mut Conn, me: &Principal, id: TaskId) -> Result<Task, AppError> {
    let Seen { task, around, .. } = seen(conn, me, id)?;
    let may = around.may_close(task.subject_id, me.user)?;
    if !may {
        return Err(Denied::Forbidden {
            needed: "owner of the resource",
            grantors: "The resource's owners, and administrators,",
        }
        .into());
    }
    let closer = match task.closed_by {
        Some(user) => people::name(conn, user)?,
        None => String::new(),
    };
    check_open(task.state, &closer)?;
    Ok(task)
}

/// Answers a task. Of two people who answer at the same moment one counts; the other hears who was quicker.
pub fn close(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: TaskId,
    answer: Answer,
    words: &str,
) -> Result<(), AppError> {
    let mut task = to_act(tx, me, id)?;
    let reason = text::lines(words, REASON_MAX).map_err(|e| Refusal::BadText(e.to_string()))?;
    if answer == Answer::Cannot && reason.is_empty() {
        return Err(Refusal::TaskReasonRequired.into());
    }
    task.state = if answer == Answer::Done { TaskState::Done } else { TaskState::Cannot };
    task.closed_by = Some(me.user);
    task.closed_at = Some(cx.now);
    task.remind_at = None;
    task.reason.clone_from(&reason);
    tasks::save(tx, &mut task)?;
    let (name, _) = lasting::role(tx, task.resource_role_id)?;
    let action = if answer == Answer::Done { "task.done" } else { "task.cannot" };
    cx.record(
        tx,
        Record::of(action, ObjectKind::Task, task.id.uuid(), &name)
            .about(task.subject_id)
            .change(
                json!({ "state": TaskState::Open }),
                json!({ "state": task.state, "action": task.action }),
            )
            .because(&reason),
    );
    carry_out(tx, cx, me, &task)
}

/// Writes down what was answered on every delivery that waited for it.
fn carry_out(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, task: &Task) -> Result<(), AppError> {
    let (role, subject) = (task.resource_role_id, task.subject_id);
    let waiting = tasks::waiting(tx, role, subject, task.action)?;
    if task.state == TaskState::Done
        && let Some((_, held)) = waiting.first()
    {
        // What is done by hand is kept as a holding, as everything that the portal delivers.
        let order = Order { assignment: held.id, role, user: subject };
        let mut kept = DirectoryConnector::new(tx, cx.now);
        let done = match task.action {
            TaskAction::Grant => kept.grant(&order)?,
            TaskAction::Revoke => kept.revoke(&order)?,
        };
        done.map_err(|e| Refusal::BadText(e.to_string()))?;
    }
    let mut touched = BTreeSet::new();
    for (mut delivery, held) in waiting {
        let answer = if task.state == TaskState::Done {
            Ok(())
        } else {
            Err(format!("{} says that it cannot be done: {}", me.name, task.reason))
        };
        request::answered(tx, cx, &held, &mut delivery, answer)?;
        touched.insert(held.id);
    }
    for assignment in touched {
        request::settled(tx, cx, assignment)?;
    }
    Ok(())
}

/// Says that one is at it, or not any more: so that two people do not begin the same thing. It binds nobody.
pub fn take(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: TaskId, mine: bool) -> Result<(), AppError> {
    let mut task = to_act(tx, me, id)?;
    let taken_by = mine.then_some(me.user);
    if task.taken_by == taken_by {
        return Ok(());
    }
    let before = task.taken_by;
    task.taken_by = taken_by;
    tasks::save(tx, &mut task)?;
    let (name, _) = lasting::role(tx, task.resource_role_id)?;
    cx.record(
        tx,
        Record::of("task.take", ObjectKind::Task, task.id.uuid(), name)
            .about(task.subject_id)
            .change(json!({ "takenBy": before }), json!({ "takenBy": taken_by })),
    );
    Ok(())
}

//! Reminders of tasks: a day before they are due, and when they are overdue, once each (I17).

use crate::app::{AppError, Cx, notices};
use crate::domain::fulfilment::{TaskState, reminders};
use crate::domain::notice::Notice;
use crate::kernel::ids::TaskId;
use crate::store::{Tx, tasks};

/// Reminds the people of a task. True if it was due. After a long downtime both may have passed: one mail is enough.
pub fn remind(tx: &mut Tx<'_>, cx: &Cx, id: TaskId) -> Result<bool, AppError> {
    let Some(mut task) = tasks::find(tx, id)? else {
        return Ok(false);
    };
    if task.state != TaskState::Open || task.remind_at.is_none_or(|at| at > cx.now) {
        return Ok(false);
    }
    task.remind_at = reminders(task.created_at, task.due_at).into_iter().find(|at| *at > cx.now);
    // Growing the version lets only one of two sweeps at the same moment through.
    tasks::save(tx, &mut task)?;
    let overdue = task.due_at <= cx.now;
    let (_, around) = tasks::around_one(tx, &task)?;
    for user in around.asked(task.subject_id).1 {
        let notice = Notice::FulfilmentReminder { task: id, request: task.request_id, overdue };
        notices::send(tx, cx, user, notice, &format!("{id}/{overdue}"))?;
    }
    Ok(true)
}

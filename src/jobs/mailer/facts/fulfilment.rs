//! What notices about fulfilment tasks tell (SPEC DLV-6).

use super::{Loader, Told, no};
use crate::app::AppError;
use crate::domain::fulfilment::{TaskAction, TaskState};
use crate::kernel::ids::TaskId;
use crate::mail::facts::{Facts, Task};
use crate::store::views::{task as task_view, tasks as views};
use crate::store::{requests, tasks};

impl Loader<'_, '_> {
    /// True only while somebody has to do it, and the reader is among those who can.
    fn task(&mut self, id: TaskId) -> Result<Result<Task, String>, AppError> {
        let Some(task) = tasks::find(self.tx, id)? else {
            return Ok(Err("the task is not there".to_owned()));
        };
        if task.state != TaskState::Open {
            return Ok(Err("nobody has to do it any more".to_owned()));
        }
        let (_, around) = tasks::around_one(self.tx, &task)?;
        if !around.asked(task.subject_id).1.contains(&self.user) {
            return Ok(Err("the person does not have to do it any more".to_owned()));
        }
        let Some(shown) = views::one(self.tx, id)? else {
            return Ok(Err("the task is not there".to_owned()));
        };
        let justification =
            requests::find(self.tx, task.request_id)?.map(|r| r.justification).unwrap_or_default();
        let until = match task.action {
            TaskAction::Grant => task_view::until(self.tx, &task)?,
            TaskAction::Revoke => None,
        };
        Ok(Ok(Task {
            id,
            action: task.action,
            resource: shown.resource,
            role: shown.role,
            person: shown.person,
            address: shown.email,
            package: shown.package,
            justification,
            until,
            due: task.due_at,
        }))
    }

    pub(super) fn fulfilment_task(&mut self, id: TaskId) -> Result<Told, AppError> {
        Ok(self.task(id)?.map(|task| Facts::FulfilmentTask { task }))
    }

    pub(super) fn fulfilment_reminder(&mut self, id: TaskId, overdue: bool) -> Result<Told, AppError> {
        let task = self.task(id)?;
        if task.as_ref().is_ok_and(|t| !overdue && t.due <= self.cx.now) {
            return no("its time is over by now; another mail says so");
        }
        Ok(task.map(|task| Facts::FulfilmentReminder { task, overdue }))
    }
}

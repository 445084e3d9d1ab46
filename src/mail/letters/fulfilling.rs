//! Letters to the people who do by hand what the portal cannot (SPEC DLV-6).

use super::super::facts::Task;
use super::super::letter::Letter;
use super::super::time::exact;
use super::Pen;
use crate::domain::fulfilment::TaskAction;
use crate::kernel::paths;

/// "give Alice Adler Door system: Warehouse".
fn act(t: &Task) -> String {
    match t.action {
        TaskAction::Grant => format!("give {} {}: {}", t.person, t.resource, t.role),
        TaskAction::Revoke => format!("take {}: {} back from {}", t.resource, t.role, t.person),
    }
}

impl Pen<'_> {
    pub(super) fn fulfilment_task(&self, t: &Task) -> Letter {
        let opening = match t.action {
            TaskAction::Grant => format!(
                "{} was granted “{}”. Please give them the role {} in {}, and then say that it is done: only then \
                 do they hear that they have access.",
                t.person, t.package, t.role, t.resource
            ),
            TaskAction::Revoke => format!(
                "The access of {} through “{}” has ended. Please take the role {} in {} back, and then say that it \
                 is done.",
                t.person, t.package, t.role, t.resource
            ),
        };
        self.task(t, format!("Task: {}", act(t)), opening)
    }

    pub(super) fn fulfilment_reminder(&self, t: &Task, overdue: bool) -> Letter {
        let (word, opening) = if overdue {
            (
                "Overdue",
                format!(
                    "This was to be done by {}, and nobody has answered yet.",
                    exact(t.due, self.to.zone)
                ),
            )
        } else {
            ("Reminder", "Nobody has answered this task yet.".to_owned())
        };
        self.task(t, format!("{word}: {}", act(t)), opening)
    }

    fn task(&self, t: &Task, subject: String, opening: String) -> Letter {
        let heading = match t.action {
            TaskAction::Grant => format!("Give {} access to {}", t.person, t.resource),
            TaskAction::Revoke => format!("Take {} back from {}", t.resource, t.person),
        };
        let until = t.until.map(|at| exact(at, self.to.zone)).unwrap_or_default();
        Letter {
            subject,
            heading,
            opening: vec![opening],
            button: Some(("Open the task", self.url(&paths::task(t.id)))),
            closing: vec![
                "If it cannot be done, say so there with a reason, so that others can help.".to_owned(),
            ],
            why: "you answer for this resource",
            ..Letter::default()
        }
        .fact("For", format!("{} ({})", t.person, t.address))
        .fact("Resource", t.resource.as_str())
        .fact("Role", t.role.as_str())
        .fact("Package", t.package.as_str())
        .fact("Access until", until)
        .fact("To be done by", exact(t.due, self.to.zone))
        .quote("The reason that was given".to_owned(), &t.justification)
    }
}

//! Fulfilment tasks: the `manual` connector (SPEC DLV-4 to DLV-6).

mod mails;
mod pages;
mod rules;

use latchkey::app::AppError;
use latchkey::app::fulfil::{self, Answer};
use latchkey::domain::fulfilment::TaskState;
use latchkey::kernel::ids::{PackageId, RequestId, TaskId, UserId};
use latchkey::store::tasks::{self, Task};

use crate::requests;
use crate::support::fixtures::Sales;
use crate::support::{Test, terms};

/// The catalog Sales, and a package "CRM account" that everybody may ask for and that is set up by hand by Carol.
pub fn by_hand(t: &mut Test) -> (Sales, PackageId) {
    let s = t.sales();
    let account = t.package(s.catalog, "CRM account", &[s.crm_user]);
    t.policy(account, "All members", &terms::members(vec![]));
    (s, account)
}

/// Every task, in the order in which they were written.
pub fn all(t: &Test) -> Vec<Task> {
    let text = if t.database.is_sqlite() { "" } else { "::text" };
    t.texts(&format!("SELECT id{text} AS n FROM fulfilment_tasks ORDER BY created_at, id"))
        .iter()
        .map(|id| {
            let id: TaskId = id.parse().expect("an id");
            t.read(|c| tasks::find(c, id)).expect("the task is there")
        })
        .collect()
}

/// The open task; there is one.
#[track_caller]
pub fn the_open(t: &Test) -> Task {
    let mut open: Vec<Task> = all(t).into_iter().filter(|task| task.state == TaskState::Open).collect();
    assert_eq!(open.len(), 1, "one task is open: {open:?}");
    open.remove(0)
}

pub fn nothing_open(t: &Test) -> bool {
    all(t).iter().all(|task| task.state != TaskState::Open)
}

pub fn answer(t: &Test, who: &str, task: TaskId, answer: Answer, words: &str) -> Result<(), AppError> {
    t.try_as(who, |tx, cx, me| fulfil::close(tx, cx, me, task, answer, words))
}

pub fn done(t: &Test, who: &str, task: TaskId) {
    answer(t, who, task, Answer::Done, "").expect("the answer counts");
}

/// Does the portal know that the person has the role?
pub fn holds(t: &Test, s: &Sales, user: UserId) -> bool {
    t.read(|c| tasks::holds(c, s.crm_user, user))
}

/// Asks for the package and gives the request.
pub fn ask(t: &Test, who: &str, package: PackageId) -> RequestId {
    requests::submit(t, who, package)
}

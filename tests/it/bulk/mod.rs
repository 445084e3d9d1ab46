//! Work on many people or assignments at once (SPEC ASG-1 to ASG-4, PGE-4).

mod assign;
mod many;
mod pages;
mod run;

use latchkey::app::AppError;
use latchkey::app::bulk::{self, Batch, Entry};
use latchkey::domain::bulk::{Assign, RowState, RowWish};
use latchkey::kernel::ids::{BulkWorkId, PackageId, PolicyId, UserId};
use latchkey::store::bulk::{self as store, Work, WorkRow};

use crate::support::Test;

/// An assignment through this policy, with nothing special.
pub fn plainly(policy: PolicyId) -> Assign {
    Assign {
        policy,
        justification: "New in the team".into(),
        without_approval: false,
        start: None,
        end: None,
        answers: serde_json::json!({}),
        notify: true,
        form: serde_json::Value::Null,
    }
}

pub fn entry(typed: &str) -> Entry {
    Entry { typed: typed.into(), wish: RowWish::default(), problem: None }
}

pub fn try_draft(
    t: &Test,
    who: &str,
    package: PackageId,
    all: &Assign,
    typed: &[&str],
) -> Result<BulkWorkId, AppError> {
    let entries: Vec<Entry> = typed.iter().map(|t| entry(t)).collect();
    t.try_as(who, |tx, cx, by| bulk::assign_draft(tx, cx, by, package, all.clone(), entries.clone()))
}

pub fn draft(t: &Test, who: &str, package: PackageId, all: &Assign, typed: &[&str]) -> BulkWorkId {
    try_draft(t, who, package, all, typed).expect("a draft")
}

/// Begins a draft; true if it is little enough to be done at once.
pub fn begin(t: &Test, who: &str, id: BulkWorkId) -> bool {
    t.write_as(who, |tx, cx, by| bulk::begin(tx, cx, by, id, Some("as agreed")))
}

pub fn at_once(t: &Test, id: BulkWorkId) {
    assert!(bulk::run(&t.app, id, Batch::AT_ONCE).expect("it runs"), "nothing is left");
}

pub fn work(t: &Test, id: BulkWorkId) -> Work {
    t.read(|c| store::find(c, id)).expect("the work exists")
}

pub fn rows(t: &Test, id: BulkWorkId) -> Vec<WorkRow> {
    t.read(|c| store::rows(c, id))
}

/// What became of each row.
pub fn states(t: &Test, id: BulkWorkId) -> Vec<RowState> {
    rows(t, id).into_iter().map(|r| r.state).collect()
}

/// So many plain members, with their addresses.
pub fn crowd(t: &mut Test, n: usize) -> Vec<(UserId, String)> {
    (0..n).map(|n| (t.person(&format!("p{n}")), format!("p{n}@demo.example"))).collect()
}

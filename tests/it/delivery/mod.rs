//! Delivery that leaves the portal (SPEC DLV-1 to DLV-6, I10).

mod changes;
mod engine;
mod fake;
mod model;
mod server;
mod webhook;

use std::sync::Arc;

use latchkey::app::request::{self, Direct};
use latchkey::domain::order::Target;
use latchkey::jobs::Targets;
use latchkey::jobs::deliveries::deliver_due;
use latchkey::kernel::ids::{
    EntityId as _, PackageId, PolicyId, RequestId, ResourceId, ResourceRoleId, UserId,
};
use latchkey::store::assignments::{self, Assignment, Delivery};
use latchkey::store::requests;

use crate::support::{Test, terms};

/// A catalog whose package grants one role of an application behind a webhook.
pub struct World {
    pub app: ResourceId,
    pub role: ResourceRoleId,
    pub package: PackageId,
    pub policy: PolicyId,
    pub other: PackageId,
    pub other_policy: PolicyId,
}

/// Carol owns the catalog, Sam manages its assignments; two packages grant the same role.
pub fn world(t: &mut Test) -> World {
    for name in ["alice", "bob", "carol", "sam", "dan", "root"] {
        t.person(name);
    }
    let catalog = t.catalog("Tools", "carol");
    t.grant_in(catalog, latchkey::domain::access::CatalogRole::AssignmentManager, "sam");
    let app = t.resource(catalog, "Tickets", None, "carol");
    t.sql(&format!("UPDATE resources SET connector = 'webhook' WHERE id = '{app}'"));
    let role = t.role(app, "Agent", None);
    let package = t.package(catalog, "Support", &[role]);
    let policy = t.policy(package, "Direct", &terms::members(vec![]));
    let other = t.package(catalog, "Sales support", &[role]);
    let other_policy = t.policy(other, "Direct", &terms::members(vec![]));
    World { app, role, package, policy, other, other_policy }
}

/// Sam assigns.
pub fn assign(t: &Test, who: UserId, package: PackageId, policy: PolicyId) -> Assignment {
    let id = t.write_as("sam", |tx, cx, by| request::assign(tx, cx, by, &Direct::new(package, policy, who)));
    let made = t.read(|c| requests::find(c, id)).expect("a request");
    held(t, made.assignment.expect("an assignment").uuid())
}

pub fn held(t: &Test, id: uuid::Uuid) -> Assignment {
    t.read(|c| assignments::find(c, latchkey::kernel::ids::AssignmentId(id))).expect("an assignment")
}

/// Sam removes.
pub fn remove(t: &Test, held: &Assignment) -> RequestId {
    t.write_as("sam", |tx, cx, by| request::remove(tx, cx, held.id, by, "done"))
}

/// The only delivery of an assignment.
pub fn row(t: &Test, held: &Assignment) -> Delivery {
    let mut rows = t.read(|c| assignments::deliveries_of(c, held.id));
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// One worker does what is due.
pub fn deliver(t: &Test, target: &Arc<dyn Target>) -> usize {
    deliver_on(&t.app, target)
}

/// The same, for threads.
pub fn deliver_on(app: &latchkey::app::App, target: &Arc<dyn Target>) -> usize {
    let targets = Targets::new(vec![target.clone()]);
    deliver_due(app, &targets, &|| false).unwrap_or_else(|e| panic!("{e}"))
}

/// Who holds the role, by the portal's own record.
pub fn recorded(t: &Test, role: ResourceRoleId) -> i64 {
    t.count(&format!("role_holdings WHERE resource_role_id = '{role}'"))
}

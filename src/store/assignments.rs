//! Assignments and the delivery of their roles.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{assignments, deliveries, package_roles, resource_roles, resources};
use super::tx::Tx;
use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::catalog::ConnectorKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::order::leaves_the_portal;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, DeliveryId, PackageId, PolicyId, ResourceRoleId, UserId};

/// An assignment as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = assignments, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// Which package.
    pub package_id: PackageId,
    /// Under which policy.
    pub policy_id: PolicyId,
    /// Which version of it.
    pub policy_version: i32,
    /// Who holds it.
    pub subject_id: UserId,
    /// How far it is.
    pub state: AssignmentState,
    /// From when.
    pub starts_at: Moment,
    /// Until when; `None` is for ever.
    pub ends_at: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
    /// When every role was in place first.
    pub delivered_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// Grows with each change.
    pub version: i64,
    /// When the holder is to be reminded of the end next (SPEC NOT-2).
    pub remind_at: Option<Moment>,
}

/// The assignment, if there is one.
pub fn find(conn: &mut Conn, id: AssignmentId) -> Result<Option<Assignment>, StoreError> {
    Ok(assignments::table.find(id).select(Assignment::as_select()).first(conn).optional()?)
}

/// The live assignment of a person for a package (SPEC REQ-4).
pub fn live_of(
    conn: &mut Conn,
    subject: UserId,
    package: PackageId,
) -> Result<Option<Assignment>, StoreError> {
    Ok(assignments::table
        .filter(assignments::subject_id.eq(subject).and(assignments::package_id.eq(package)))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .select(Assignment::as_select())
        .first(conn)
        .optional()?)
}

/// The live assignments of a policy that stand at `now`, oldest first.
pub fn live_under(conn: &mut Conn, policy: PolicyId, now: Moment) -> Result<Vec<Assignment>, StoreError> {
    Ok(assignments::table
        .filter(assignments::policy_id.eq(policy).and(assignments::state.ne(AssignmentState::Expired)))
        .filter(assignments::ends_at.is_null().or(assignments::ends_at.gt(now)))
        .order(assignments::id)
        .select(Assignment::as_select())
        .load(conn)?)
}

/// Adds an assignment.
pub fn insert(tx: &mut Tx<'_>, assignment: &Assignment) -> Result<(), StoreError> {
    diesel::insert_into(assignments::table).values(assignment).execute(&mut **tx)?;
    Ok(())
}

/// Saves an assignment; its version grows. `Stale` if somebody else was quicker.
pub fn save(tx: &mut Tx<'_>, assignment: &mut Assignment) -> Result<(), StoreError> {
    let old = assignment.version;
    assignment.version += 1;
    let row =
        assignments::table.filter(assignments::id.eq(assignment.id)).filter(assignments::version.eq(old));
    let changed = diesel::update(row).set(&*assignment).execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Live assignments whose time is over, oldest end first.
pub fn ending(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<AssignmentId>, StoreError> {
    Ok(assignments::table
        .filter(assignments::state.ne(AssignmentState::Expired).and(assignments::ends_at.le(now)))
        .order((assignments::ends_at, assignments::id))
        .limit(limit)
        .select(assignments::id)
        .load(conn)?)
}

/// Scheduled assignments whose start has come, oldest first.
pub fn starting(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<AssignmentId>, StoreError> {
    Ok(assignments::table
        .filter(assignments::state.eq(AssignmentState::Scheduled).and(assignments::starts_at.le(now)))
        .order((assignments::starts_at, assignments::id))
        .limit(limit)
        .select(assignments::id)
        .load(conn)?)
}

/// Live assignments whose holder is to be reminded of the end, oldest first (SPEC NOT-2).
pub fn reminders_due(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<AssignmentId>, StoreError> {
    Ok(assignments::table
        .filter(assignments::state.ne(AssignmentState::Expired).and(assignments::remind_at.le(now)))
        .order((assignments::remind_at, assignments::id))
        .limit(limit)
        .select(assignments::id)
        .load(conn)?)
}

/// The delivery of one resource role of one assignment (SPEC DLV-1).
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deliveries, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Of which assignment.
    pub assignment_id: AssignmentId,
    /// Which role.
    pub resource_role_id: ResourceRoleId,
    /// How far.
    pub state: DeliveryState,
    /// What went wrong last.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried (again).
    pub due_at: Option<Moment>,
    /// When it changed last.
    pub updated_at: Moment,
    /// Grows with each change.
    pub version: i64,
    /// How often it was tried in the present series of attempts (SPEC DLV-3).
    pub tries: i32,
    /// When that series began.
    pub trying_since: Option<Moment>,
}

impl Delivery {
    /// Was it given up? A grant is `failed` then; a removal stays `removing`, with its error and nothing due, so that
    /// the role still counts as not taken back (SPEC DLV-3).
    pub fn given_up(&self) -> bool {
        gave_up(self.state, self.due_at, self.error.as_deref())
    }

    /// Puts it to work from the start: a new series of attempts.
    pub fn begin_anew(&mut self, state: DeliveryState, now: Moment) {
        self.state = state;
        self.due_at = Some(now);
        self.tries = 0;
        self.trying_since = None;
        self.error = None;
        self.updated_at = now;
    }
}

/// Is a delivery in this state given up? See [`Delivery::given_up`].
pub fn gave_up(state: DeliveryState, due_at: Option<Moment>, error: Option<&str>) -> bool {
    match state {
        DeliveryState::Failed => true,
        DeliveryState::Removing => due_at.is_none() && error.is_some(),
        DeliveryState::Pending | DeliveryState::Delivered | DeliveryState::Removed => false,
    }
}

/// The delivery, if there is one.
pub fn find_delivery(conn: &mut Conn, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    Ok(deliveries::table.find(id).select(Delivery::as_select()).first(conn).optional()?)
}

/// Was this role ever tried for this person, for whatever assignment? Then the target may hold it.
pub fn ever_tried(conn: &mut Conn, subject: UserId, role: ResourceRoleId) -> Result<bool, StoreError> {
    let tried = deliveries::table
        .inner_join(assignments::table)
        .filter(deliveries::resource_role_id.eq(role).and(deliveries::attempts.gt(0)))
        .filter(assignments::subject_id.eq(subject));
    Ok(diesel::select(diesel::dsl::exists(tried)).get_result(conn)?)
}

/// Adds a delivery.
pub fn insert_delivery(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<(), StoreError> {
    diesel::insert_into(deliveries::table).values(delivery).execute(&mut **tx)?;
    Ok(())
}

/// Saves a delivery; its version grows. `Stale` if somebody else was quicker.
pub fn save_delivery(tx: &mut Tx<'_>, delivery: &mut Delivery) -> Result<(), StoreError> {
    let old = delivery.version;
    delivery.version += 1;
    let row = deliveries::table.filter(deliveries::id.eq(delivery.id)).filter(deliveries::version.eq(old));
    let changed = diesel::update(row).set(&*delivery).execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The deliveries of an assignment.
pub fn deliveries_of(conn: &mut Conn, assignment: AssignmentId) -> Result<Vec<Delivery>, StoreError> {
    Ok(deliveries::table
        .filter(deliveries::assignment_id.eq(assignment))
        .order(deliveries::id)
        .select(Delivery::as_select())
        .load(conn)?)
}

/// The roles that a package grants now.
pub fn roles_of_package(conn: &mut Conn, package: PackageId) -> Result<Vec<ResourceRoleId>, StoreError> {
    Ok(package_roles::table
        .filter(package_roles::package_id.eq(package))
        .order(package_roles::resource_role_id)
        .select(package_roles::resource_role_id)
        .load(conn)?)
}

/// Does another live assignment of the person, effective at `now`, grant this role (SPEC DLV-2)?
pub fn granted_otherwise(
    conn: &mut Conn,
    subject: UserId,
    role: ResourceRoleId,
    except: AssignmentId,
    now: Moment,
) -> Result<bool, StoreError> {
    // By the person first: of a role there may be thousands of deliveries, of a person few assignments.
    let theirs: Vec<AssignmentId> = assignments::table
        .filter(assignments::subject_id.eq(subject).and(assignments::id.ne(except)))
        .filter(assignments::state.ne_all([AssignmentState::Expired, AssignmentState::Scheduled]))
        .filter(assignments::ends_at.is_null().or(assignments::ends_at.gt(now)))
        .select(assignments::id)
        .load(conn)?;
    if theirs.is_empty() {
        return Ok(false);
    }
    let others = deliveries::table
        .filter(deliveries::assignment_id.eq_any(theirs).and(deliveries::resource_role_id.eq(role)))
        .filter(deliveries::state.eq_any([
            DeliveryState::Pending,
            DeliveryState::Delivered,
            DeliveryState::Failed,
        ]));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(conn)?)
}

/// Assignments with a delivery or removal that is due and that the portal does by itself, oldest first. What leaves
/// the portal is in `orders`.
pub fn undelivered(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<AssignmentId>, StoreError> {
    let outside: Vec<_> = ConnectorKind::ALL.iter().copied().filter(|k| leaves_the_portal(*k)).collect();
    let mut ids: Vec<AssignmentId> = deliveries::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(deliveries::state.eq_any([DeliveryState::Pending, DeliveryState::Removing]))
        .filter(deliveries::due_at.le(now))
        .filter(resources::connector.ne_all(outside))
        .order((deliveries::due_at, deliveries::id))
        .limit(limit)
        .select(deliveries::assignment_id)
        .load(conn)?;
    ids.dedup();
    Ok(ids)
}

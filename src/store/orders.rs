//! Orders to targets outside the portal: one lane for each role and person (SPEC DLV-3, DLV-4, I10), and the log of
//! what was asked and answered.

use diesel::prelude::*;
use uuid::Uuid;

use super::conn::Conn;
use super::dialect::insert_or_ignore;
use super::error::StoreError;
use super::schema::{
    assignments, deliveries, delivery_attempts, delivery_lanes, packages, resource_roles, resources,
    role_holdings, users,
};
use super::tx::Tx;
use super::types::AnyId;
use crate::domain::catalog::ConnectorKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::order::{Action, Matter, Outcome, Report, Subject};
use crate::kernel::Moment;
use crate::kernel::ids::{AttemptId, DeliveryId, OrderId, ResourceId, ResourceRoleId, UserId};

/// The lane of one role and one person: the newest order, and whether somebody is carrying it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Which role.
    pub role: ResourceRoleId,
    /// Which person.
    pub user: UserId,
    /// The number of the newest order.
    pub sequence: i64,
    /// Its idempotency key; `None` before the first.
    pub order: Option<OrderId>,
    /// For which delivery it is.
    pub delivery: Option<DeliveryId>,
    /// What it asks for.
    pub action: Option<Action>,
    /// Is it not known yet how it ended?
    pub open: bool,
    /// What proves the claim of whoever carries it out.
    pub lease: Option<Uuid>,
    /// Until when it is theirs.
    pub lease_until: Option<Moment>,
    /// Until when the target will tell how it went.
    pub answer_due_at: Option<Moment>,
    version: i64,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = delivery_lanes, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    resource_role_id: ResourceRoleId,
    user_id: UserId,
    sequence: i64,
    order_id: Option<OrderId>,
    delivery_id: Option<DeliveryId>,
    action: Option<Action>,
    open: bool,
    lease_token: Option<AnyId>,
    lease_until: Option<Moment>,
    answer_due_at: Option<Moment>,
    version: i64,
}

impl From<Row> for Lane {
    fn from(r: Row) -> Self {
        Self {
            role: r.resource_role_id,
            user: r.user_id,
            sequence: r.sequence,
            order: r.order_id,
            delivery: r.delivery_id,
            action: r.action,
            open: r.open,
            lease: r.lease_token.map(|id| id.0),
            lease_until: r.lease_until,
            answer_due_at: r.answer_due_at,
            version: r.version,
        }
    }
}

impl From<&Lane> for Row {
    fn from(l: &Lane) -> Self {
        Self {
            resource_role_id: l.role,
            user_id: l.user,
            sequence: l.sequence,
            order_id: l.order,
            delivery_id: l.delivery,
            action: l.action,
            open: l.open,
            lease_token: l.lease.map(AnyId),
            lease_until: l.lease_until,
            answer_due_at: l.answer_due_at,
            version: l.version,
        }
    }
}

/// The lane of a role and a person, if anything was ever ordered.
pub fn lane(conn: &mut Conn, role: ResourceRoleId, user: UserId) -> Result<Option<Lane>, StoreError> {
    let row: Option<Row> =
        delivery_lanes::table.find((role, user)).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Lane::from))
}

/// The lane whose newest order this is.
pub fn lane_of(conn: &mut Conn, order: OrderId) -> Result<Option<Lane>, StoreError> {
    let row: Option<Row> = delivery_lanes::table
        .filter(delivery_lanes::order_id.eq(order))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Lane::from))
}

/// The lane of a role and a person, made if there is none.
pub fn open_lane(tx: &mut Tx<'_>, role: ResourceRoleId, user: UserId) -> Result<Lane, StoreError> {
    if let Some(lane) = lane(tx, role, user)? {
        return Ok(lane);
    }
    insert_or_ignore!(
        tx,
        delivery_lanes::table,
        (
            delivery_lanes::resource_role_id.eq(role),
            delivery_lanes::user_id.eq(user),
            delivery_lanes::sequence.eq(0_i64),
            delivery_lanes::open.eq(false),
            delivery_lanes::version.eq(1_i64),
        )
    )?;
    lane(tx, role, user)?.ok_or(StoreError::Stale)
}

/// Saves a lane. `Stale` if somebody else was quicker: of two that claim it, one gets it.
pub fn save_lane(tx: &mut Tx<'_>, lane: &mut Lane) -> Result<(), StoreError> {
    let old = lane.version;
    lane.version += 1;
    let row = delivery_lanes::table.find((lane.role, lane.user)).filter(delivery_lanes::version.eq(old));
    let changed = diesel::update(row).set(Row::from(&*lane)).execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deliveries and removals that are due and go through one of these connectors, oldest first.
pub fn due(
    conn: &mut Conn,
    now: Moment,
    kinds: &[ConnectorKind],
    limit: i64,
) -> Result<Vec<DeliveryId>, StoreError> {
    Ok(deliveries::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(deliveries::state.eq_any([DeliveryState::Pending, DeliveryState::Removing]))
        .filter(deliveries::due_at.le(now))
        .filter(resources::connector.eq_any(kinds.to_vec()))
        .order((deliveries::due_at, deliveries::id))
        .limit(limit)
        .select(deliveries::id)
        .load(conn)?)
}

type MatterRow = (
    (UserId, String, String, String),
    (ResourceRoleId, String, ResourceId, String),
    (crate::kernel::ids::AssignmentId, Option<Moment>),
    (crate::kernel::ids::PackageId, String),
);

/// What a delivery is about, with the resource; deleted things and people too, because what they hold has to be taken
/// back as well.
pub fn matter(conn: &mut Conn, delivery: DeliveryId) -> Result<(Matter, ResourceId, String), StoreError> {
    let row: Option<MatterRow> = deliveries::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .inner_join(assignments::table.inner_join(packages::table).inner_join(users::table))
        .filter(deliveries::id.eq(delivery))
        .select((
            (users::id, users::email, users::display_name, users::employee_id),
            (resource_roles::id, resource_roles::name, resources::id, resources::name),
            (assignments::id, assignments::ends_at),
            (packages::id, packages::name),
        ))
        .first(conn)
        .optional()?;
    let (who, role, held, package) = row.ok_or(StoreError::Missing("a delivery"))?;
    let matter = Matter {
        subject: Subject { id: who.0, email: who.1, name: who.2, employee_id: who.3 },
        role: role.0,
        role_name: role.1,
        assignment: held.0,
        package: package.0,
        package_name: package.1,
        ends_at: held.1,
    };
    Ok((matter, role.2, role.3))
}

/// Writes down that the target has put the role in place, or has taken it back.
pub fn record_holding(
    tx: &mut Tx<'_>,
    role: ResourceRoleId,
    user: UserId,
    action: Action,
    now: Moment,
) -> Result<(), StoreError> {
    match action {
        Action::Grant => {
            insert_or_ignore!(
                tx,
                role_holdings::table,
                (
                    role_holdings::resource_role_id.eq(role),
                    role_holdings::user_id.eq(user),
                    role_holdings::since.eq(now),
                )
            )?;
        }
        Action::Revoke => {
            diesel::delete(role_holdings::table.find((role, user))).execute(&mut **tx)?;
        }
        Action::Test => {}
    }
    Ok(())
}

/// An entry of the delivery log.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = delivery_attempts, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// Which resource.
    pub resource_id: ResourceId,
    /// Which role; a test has none.
    pub resource_role_id: Option<ResourceRoleId>,
    /// For which delivery; a test has none.
    pub delivery_id: Option<DeliveryId>,
    /// The idempotency key.
    pub order_id: OrderId,
    /// The number of the order.
    pub sequence: i64,
    /// What was asked.
    pub action: Action,
    /// Is it what the target told later?
    pub by_callback: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// The status code of the answer.
    pub status_code: Option<i32>,
    /// How long it took.
    pub millis: Option<i32>,
    /// What the target said.
    pub message: Option<String>,
    /// When it ended.
    pub at: Moment,
}

/// Adds an entry to the log.
pub fn log(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), StoreError> {
    diesel::insert_into(delivery_attempts::table).values(attempt).execute(&mut **tx)?;
    Ok(())
}

/// Writes down how a test went.
pub fn log_report(tx: &mut Tx<'_>, id: AttemptId, report: &Report, now: Moment) -> Result<(), StoreError> {
    diesel::update(delivery_attempts::table.find(id))
        .set((
            delivery_attempts::outcome.eq(report.outcome()),
            delivery_attempts::status_code.eq(report.status.map(i32::from)),
            delivery_attempts::millis.eq(i32::try_from(report.millis).ok()),
            delivery_attempts::message.eq(report.message()),
            delivery_attempts::at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// An entry of the log.
pub fn attempt(conn: &mut Conn, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
    Ok(delivery_attempts::table.find(id).select(Attempt::as_select()).first(conn).optional()?)
}

/// The first attempt at an order.
pub fn attempt_at(conn: &mut Conn, order: OrderId) -> Result<Option<Attempt>, StoreError> {
    Ok(delivery_attempts::table
        .filter(delivery_attempts::order_id.eq(order))
        .order(delivery_attempts::id)
        .select(Attempt::as_select())
        .first(conn)
        .optional()?)
}

/// The newest attempts at a resource.
pub fn attempts(conn: &mut Conn, resource: ResourceId, limit: i64) -> Result<Vec<Attempt>, StoreError> {
    Ok(delivery_attempts::table
        .filter(delivery_attempts::resource_id.eq(resource))
        .order((delivery_attempts::at.desc(), delivery_attempts::id.desc()))
        .limit(limit)
        .select(Attempt::as_select())
        .load(conn)?)
}

/// Forgets attempts that ended before this instant.
pub fn forget_attempts(tx: &mut Tx<'_>, before: Moment) -> Result<usize, StoreError> {
    Ok(diesel::delete(delivery_attempts::table.filter(delivery_attempts::at.lt(before)))
        .execute(&mut **tx)?)
}

/// Makes everything due at once that waits at this resource: its way of delivery has changed.
pub fn hurry(tx: &mut Tx<'_>, resource: ResourceId, now: Moment) -> Result<(), StoreError> {
    let roles: Vec<ResourceRoleId> = resource_roles::table
        .filter(resource_roles::resource_id.eq(resource))
        .select(resource_roles::id)
        .load(&mut **tx)?;
    diesel::update(
        deliveries::table
            .filter(deliveries::resource_role_id.eq_any(&roles))
            .filter(deliveries::state.eq_any([DeliveryState::Pending, DeliveryState::Removing]))
            .filter(deliveries::due_at.is_not_null()),
    )
    .set((deliveries::due_at.eq(now), deliveries::version.eq(deliveries::version + 1)))
    .execute(&mut **tx)?;
    diesel::update(delivery_lanes::table.filter(delivery_lanes::resource_role_id.eq_any(&roles)))
        .set((
            delivery_lanes::answer_due_at.eq(None::<Moment>),
            delivery_lanes::version.eq(delivery_lanes::version + 1),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

//! Delegations of approvals while somebody is away (SPEC APR-11).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{delegations, users};
use super::tx::Tx;
use crate::domain::delegation::Delegation;
use crate::kernel::Moment;
use crate::kernel::ids::{DelegationId, UserId};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = delegations, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: DelegationId,
    delegator_id: UserId,
    delegate_id: UserId,
    starts_at: Moment,
    ends_at: Moment,
    reason: String,
    created_at: Moment,
    ended_at: Option<Moment>,
}

impl From<Row> for Delegation {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            delegator: r.delegator_id,
            delegate: r.delegate_id,
            starts_at: r.starts_at,
            ends_at: r.ends_at,
            reason: r.reason,
            created_at: r.created_at,
            ended_at: r.ended_at,
        }
    }
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, d: &Delegation) -> Result<(), StoreError> {
    let row = Row {
        id: d.id,
        delegator_id: d.delegator,
        delegate_id: d.delegate,
        starts_at: d.starts_at,
        ends_at: d.ends_at,
        reason: d.reason.clone(),
        created_at: d.created_at,
        ended_at: d.ended_at,
    };
    diesel::insert_into(delegations::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Makes transactions that add a delegation of this person wait for each other, so that two of them never overlap.
/// Call it before [`made_by`].
pub fn lock(tx: &mut Tx<'_>, delegator: UserId) -> Result<(), StoreError> {
    diesel::update(users::table.find(delegator)).set(users::enabled.eq(users::enabled)).execute(&mut **tx)?;
    Ok(())
}

/// One of them.
pub fn find(conn: &mut Conn, id: DelegationId) -> Result<Option<Delegation>, StoreError> {
    let row: Option<Row> = delegations::table.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Delegation::from))
}

/// Ends one early. False if somebody did before.
pub fn end(tx: &mut Tx<'_>, id: DelegationId, at: Moment) -> Result<bool, StoreError> {
    let changed = diesel::update(delegations::table.find(id).filter(delegations::ended_at.is_null()))
        .set(delegations::ended_at.eq(Some(at)))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// The delegations that this person made and that end after this instant.
pub fn made_by(conn: &mut Conn, delegator: UserId, after: Moment) -> Result<Vec<Delegation>, StoreError> {
    let rows: Vec<Row> = delegations::table
        .filter(delegations::delegator_id.eq(delegator).and(delegations::ends_at.gt(after)))
        .order((delegations::starts_at, delegations::id))
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Delegation::from).collect())
}

/// Everything that this person handed over or stands in for, the newest first.
pub fn around(conn: &mut Conn, user: UserId, limit: i64) -> Result<Vec<Delegation>, StoreError> {
    let rows: Vec<Row> = delegations::table
        .filter(delegations::delegator_id.eq(user).or(delegations::delegate_id.eq(user)))
        .order((delegations::starts_at.desc(), delegations::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Delegation::from).collect())
}

/// Who stands in for each of these people at this instant: enabled delegates only.
pub fn running_of(
    conn: &mut Conn,
    people: &BTreeSet<UserId>,
    now: Moment,
) -> Result<BTreeMap<UserId, BTreeSet<UserId>>, StoreError> {
    if people.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(UserId, UserId)> = delegations::table
        .inner_join(users::table.on(users::id.eq(delegations::delegate_id)))
        .filter(delegations::delegator_id.eq_any(people.iter().copied()))
        .filter(delegations::starts_at.le(now).and(delegations::ends_at.gt(now)))
        .filter(delegations::ended_at.is_null())
        .filter(users::enabled.eq(true).and(users::deleted_at.is_null()))
        .select((delegations::delegator_id, delegations::delegate_id))
        .load(conn)?;
    let mut running: BTreeMap<UserId, BTreeSet<UserId>> = BTreeMap::new();
    for (delegator, delegate) in rows {
        running.entry(delegator).or_default().insert(delegate);
    }
    Ok(running)
}

/// For whom this person stands in at this instant.
pub fn places_of(conn: &mut Conn, delegate: UserId, now: Moment) -> Result<BTreeSet<UserId>, StoreError> {
    let rows: Vec<UserId> = delegations::table
        .filter(delegations::delegate_id.eq(delegate))
        .filter(delegations::starts_at.le(now).and(delegations::ends_at.gt(now)))
        .filter(delegations::ended_at.is_null())
        .select(delegations::delegator_id)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

//! Assignment policies and their versions (SPEC section 7).

use diesel::prelude::*;

use super::catalogs::one;
use super::conn::Conn;
use super::dialect::hold_rows;
use super::error::StoreError;
use super::schema::{
    policies, policy_scope_groups, policy_scope_organizations, policy_scope_users, policy_versions,
};
use super::tx::Tx;
use super::types::Json;
use crate::domain::package::{Policy, PolicyFields};
use crate::domain::policy::{Scope, ScopeKind, Terms};
use crate::kernel::Moment;
use crate::kernel::ids::{PackageId, PolicyId, UserId};
use crate::kernel::text::fold;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = policies, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: PolicyId,
    package_id: PackageId,
    name: String,
    name_folded: String,
    description: String,
    enabled: bool,
    scope_kind: ScopeKind,
    current_version: i32,
    position: i32,
    created_at: Moment,
    deleted_at: Option<Moment>,
    version: i64,
}

impl From<Row> for Policy {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            package: r.package_id,
            fields: PolicyFields { name: r.name, description: r.description },
            enabled: r.enabled,
            scope_kind: r.scope_kind,
            current_version: r.current_version,
            version: r.version,
        }
    }
}

/// A policy with its current terms.
#[derive(Debug, Clone)]
pub struct PolicyRow {
    /// Its id.
    pub id: PolicyId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Open for new requests (SPEC POL-2)?
    pub enabled: bool,
    /// Whom it is for.
    pub scope_kind: ScopeKind,
    /// The number of its current terms.
    pub current_version: i32,
    /// Its current terms.
    pub terms: Terms,
}

/// Adds a policy with its first version of terms, behind the package's other policies.
pub fn insert(
    tx: &mut Tx<'_>,
    id: PolicyId,
    package: PackageId,
    fields: &PolicyFields,
    enabled: bool,
    terms: &Terms,
    by: Option<UserId>,
    now: Moment,
) -> Result<(), StoreError> {
    let last: Option<i32> = policies::table
        .filter(policies::package_id.eq(package))
        .select(diesel::dsl::max(policies::position))
        .first(&mut **tx)?;
    diesel::insert_into(policies::table)
        .values(Row {
            id,
            package_id: package,
            name: fields.name.clone(),
            name_folded: fold(&fields.name),
            description: fields.description.clone(),
            enabled,
            scope_kind: terms.scope.kind(),
            current_version: 1,
            position: last.unwrap_or(0) + 1,
            created_at: now,
            deleted_at: None,
            version: 1,
        })
        .execute(&mut **tx)?;
    insert_version(tx, id, 1, terms, by, now)?;
    keep_scope(tx, id, &terms.scope)
}

/// Changes a policy that still has this version; its new terms, if any, become its next version (SPEC POL-4). The
/// number of the terms that are current afterwards.
pub fn save_version(
    tx: &mut Tx<'_>,
    policy: &Policy,
    fields: &PolicyFields,
    terms: Option<&Terms>,
    by: Option<UserId>,
    now: Moment,
) -> Result<i32, StoreError> {
    let number = policy.current_version + i32::from(terms.is_some());
    let kind = terms.map_or(policy.scope_kind, |t| t.scope.kind());
    let changed = diesel::update(
        policies::table
            .find(policy.id)
            .filter(policies::version.eq(policy.version))
            .filter(policies::deleted_at.is_null()),
    )
    .set((
        policies::name.eq(&fields.name),
        policies::name_folded.eq(fold(&fields.name)),
        policies::description.eq(&fields.description),
        policies::scope_kind.eq(kind),
        policies::current_version.eq(number),
        policies::version.eq(policies::version + 1),
    ))
    .execute(&mut **tx)?;
    one(changed)?;
    if let Some(terms) = terms {
        insert_version(tx, policy.id, number, terms, by, now)?;
        keep_scope(tx, policy.id, &terms.scope)?;
    }
    Ok(number)
}

fn insert_version(
    tx: &mut Tx<'_>,
    id: PolicyId,
    number: i32,
    terms: &Terms,
    by: Option<UserId>,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(policy_versions::table)
        .values((
            policy_versions::policy_id.eq(id),
            policy_versions::number.eq(number),
            policy_versions::terms.eq(Json::of(terms)?),
            policy_versions::created_by.eq(by),
            policy_versions::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Keeps beside the policy whom its current terms are for, so that queries can find it by person and group.
fn keep_scope(tx: &mut Tx<'_>, id: PolicyId, scope: &Scope) -> Result<(), StoreError> {
    diesel::delete(policy_scope_users::table.filter(policy_scope_users::policy_id.eq(id)))
        .execute(&mut **tx)?;
    diesel::delete(policy_scope_groups::table.filter(policy_scope_groups::policy_id.eq(id)))
        .execute(&mut **tx)?;
    diesel::delete(policy_scope_organizations::table.filter(policy_scope_organizations::policy_id.eq(id)))
        .execute(&mut **tx)?;
    match scope {
        Scope::Specific { users, groups } => {
            for user in users {
                diesel::insert_into(policy_scope_users::table)
                    .values((policy_scope_users::policy_id.eq(id), policy_scope_users::user_id.eq(user)))
                    .execute(&mut **tx)?;
            }
            for group in groups {
                diesel::insert_into(policy_scope_groups::table)
                    .values((policy_scope_groups::policy_id.eq(id), policy_scope_groups::group_id.eq(group)))
                    .execute(&mut **tx)?;
            }
        }
        Scope::Organizations { organizations } => {
            for organization in organizations {
                diesel::insert_into(policy_scope_organizations::table)
                    .values((
                        policy_scope_organizations::policy_id.eq(id),
                        policy_scope_organizations::organization_id.eq(organization),
                    ))
                    .execute(&mut **tx)?;
            }
        }
        Scope::AllMembers
        | Scope::AllUsers
        | Scope::AllOrganizations
        | Scope::Anyone
        | Scope::Nobody
        | Scope::Automatic { .. } => {}
    }
    Ok(())
}

/// The policy of this id, unless it was deleted.
pub fn find(conn: &mut Conn, id: PolicyId) -> Result<Option<Policy>, StoreError> {
    let row: Option<Row> = policies::table
        .find(id)
        .filter(policies::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Policy::from))
}

/// What a policy says in this version: also of deleted policies, whose requests keep it (SPEC POL-4).
pub fn terms(conn: &mut Conn, id: PolicyId, number: i32) -> Result<Terms, StoreError> {
    let json: Option<Json> =
        policy_versions::table.find((id, number)).select(policy_versions::terms).first(conn).optional()?;
    json.ok_or(StoreError::Missing("a version of a policy"))?.read()
}

/// What a policy says now, and the number of that version.
pub fn current(conn: &mut Conn, id: PolicyId) -> Result<(i32, Terms), StoreError> {
    let number: i32 = policies::table.find(id).select(policies::current_version).first(conn)?;
    Ok((number, terms(conn, id, number)?))
}

/// The policies of a package with their current terms, in order; only the enabled ones if so asked.
fn load_of_package(
    conn: &mut Conn,
    package: PackageId,
    only_enabled: bool,
) -> Result<Vec<PolicyRow>, StoreError> {
    let rows: Vec<(Row, Json)> = policies::table
        .inner_join(policy_versions::table)
        .filter(policies::package_id.eq(package))
        .filter(policies::deleted_at.is_null())
        .filter(policy_versions::number.eq(policies::current_version))
        .order((policies::position, policies::id))
        .select((Row::as_select(), policy_versions::terms))
        .load(conn)?;
    rows.into_iter()
        .filter(|(r, _)| r.enabled || !only_enabled)
        .map(|(r, terms)| {
            Ok(PolicyRow {
                id: r.id,
                name: r.name,
                description: r.description,
                enabled: r.enabled,
                scope_kind: r.scope_kind,
                current_version: r.current_version,
                terms: terms.read()?,
            })
        })
        .collect()
}

/// The enabled policies of a package with their current terms, in order.
pub fn enabled_of_package(conn: &mut Conn, package: PackageId) -> Result<Vec<PolicyRow>, StoreError> {
    load_of_package(conn, package, true)
}

/// All policies of a package with their current terms, in order.
pub fn of_package(conn: &mut Conn, package: PackageId) -> Result<Vec<PolicyRow>, StoreError> {
    load_of_package(conn, package, false)
}

/// Switches a policy that still has this version on or off (SPEC POL-2).
pub fn set_enabled(tx: &mut Tx<'_>, id: PolicyId, version: i64, enabled: bool) -> Result<(), StoreError> {
    let changed = diesel::update(
        policies::table.find(id).filter(policies::version.eq(version)).filter(policies::deleted_at.is_null()),
    )
    .set((policies::enabled.eq(enabled), policies::version.eq(policies::version + 1)))
    .execute(&mut **tx)?;
    one(changed)
}

/// Keeps the policy as it is until this transaction ends: who deletes it or switches it off waits (SPEC PKG-4, POL-2).
/// Whether it is open to new requests; `None` if there is no such policy any more.
pub fn hold(tx: &mut Tx<'_>, id: PolicyId) -> Result<Option<bool>, StoreError> {
    let enabled: Vec<bool> = hold_rows!(
        *tx,
        policies::table
            .filter(policies::id.eq(id))
            .filter(policies::deleted_at.is_null())
            .select(policies::enabled)
    )?;
    Ok(enabled.first().copied())
}

/// Soft-deletes a policy that still has this version. Its versions stay: old requests show them.
pub fn delete(tx: &mut Tx<'_>, id: PolicyId, version: i64, now: Moment) -> Result<(), StoreError> {
    let changed = diesel::update(
        policies::table.find(id).filter(policies::version.eq(version)).filter(policies::deleted_at.is_null()),
    )
    .set((
        policies::deleted_at.eq(now),
        policies::enabled.eq(false),
        policies::version.eq(policies::version + 1),
    ))
    .execute(&mut **tx)?;
    one(changed)
}

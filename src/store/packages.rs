//! Access packages and the resource roles that they grant (SPEC section 6).

use diesel::prelude::*;

use super::catalogs::one;
use super::conn::Conn;
use super::dialect::hold_rows;
use super::error::StoreError;
use super::schema::{
    assignments, catalogs, package_roles, packages, requests, resource_roles, resources, users,
};
use super::tx::Tx;
use crate::domain::assignment::AssignmentState;
use crate::domain::catalog::{ConnectorKind, GroupRole, ResourceKind, ResourceRole};
use crate::domain::package::{Package, PackageFields, RoleInPackage};
use crate::domain::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, GroupId, PackageId, PolicyId, ResourceId, ResourceRoleId, UserId};
use crate::kernel::text::fold;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = packages, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: PackageId,
    catalog_id: CatalogId,
    name: String,
    name_folded: String,
    description: String,
    search_folded: String,
    hidden: bool,
    created_at: Moment,
    deleted_at: Option<Moment>,
    version: i64,
}

impl From<Row> for Package {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            catalog: r.catalog_id,
            name: r.name,
            description: r.description,
            hidden: r.hidden,
            version: r.version,
        }
    }
}

/// Adds a package, with version 1. Call [`refresh_search`] once its roles are in.
pub fn insert(
    tx: &mut Tx<'_>,
    id: PackageId,
    catalog: CatalogId,
    fields: &PackageFields,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(packages::table)
        .values(Row {
            id,
            catalog_id: catalog,
            name: fields.name.clone(),
            name_folded: fold(&fields.name),
            description: fields.description.clone(),
            search_folded: fold(&format!("{} {}", fields.name, fields.description)),
            hidden: fields.hidden,
            created_at: now,
            deleted_at: None,
            version: 1,
        })
        .execute(&mut **tx)?;
    Ok(())
}

/// The package of this id, unless it was deleted.
pub fn find(conn: &mut Conn, id: PackageId) -> Result<Option<Package>, StoreError> {
    let row: Option<Row> = packages::table
        .find(id)
        .filter(packages::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Package::from))
}

/// Changes a package that still has this version. Call [`refresh_search`] afterwards.
pub fn update(
    tx: &mut Tx<'_>,
    id: PackageId,
    version: i64,
    fields: &PackageFields,
) -> Result<(), StoreError> {
    let changed = diesel::update(
        packages::table.find(id).filter(packages::version.eq(version)).filter(packages::deleted_at.is_null()),
    )
    .set((
        packages::name.eq(&fields.name),
        packages::name_folded.eq(fold(&fields.name)),
        packages::description.eq(&fields.description),
        packages::hidden.eq(fields.hidden),
        packages::version.eq(packages::version + 1),
    ))
    .execute(&mut **tx)?;
    one(changed)
}

/// Puts a package that still has this version into another catalog. Call [`refresh_search`] afterwards.
pub fn set_catalog(
    tx: &mut Tx<'_>,
    id: PackageId,
    version: i64,
    catalog: CatalogId,
) -> Result<(), StoreError> {
    let changed = diesel::update(
        packages::table.find(id).filter(packages::version.eq(version)).filter(packages::deleted_at.is_null()),
    )
    .set((packages::catalog_id.eq(catalog), packages::version.eq(packages::version + 1)))
    .execute(&mut **tx)?;
    one(changed)
}

/// Notes that something about the package changed that has no columns of its own, such as its roles.
pub fn touch(tx: &mut Tx<'_>, id: PackageId, version: i64) -> Result<(), StoreError> {
    let changed = diesel::update(
        packages::table.find(id).filter(packages::version.eq(version)).filter(packages::deleted_at.is_null()),
    )
    .set(packages::version.eq(packages::version + 1))
    .execute(&mut **tx)?;
    one(changed)
}

/// Keeps the package as it is until this transaction ends: who deletes it or changes its roles waits, and then counts
/// what this transaction made of it (SPEC PKG-3, PKG-4). False if there is no such package any more.
pub fn hold(tx: &mut Tx<'_>, id: PackageId) -> Result<bool, StoreError> {
    let there: Vec<PackageId> = hold_rows!(
        *tx,
        packages::table
            .filter(packages::id.eq(id))
            .filter(packages::deleted_at.is_null())
            .select(packages::id)
    )?;
    Ok(!there.is_empty())
}

/// Soft-deletes a package that still has this version.
pub fn delete(tx: &mut Tx<'_>, id: PackageId, version: i64, now: Moment) -> Result<(), StoreError> {
    let changed = diesel::update(
        packages::table.find(id).filter(packages::version.eq(version)).filter(packages::deleted_at.is_null()),
    )
    .set((packages::deleted_at.eq(now), packages::version.eq(packages::version + 1)))
    .execute(&mut **tx)?;
    one(changed)
}

type RoleColumns = (
    (ResourceRoleId, ResourceId, String, String, Option<GroupRole>),
    (String, ResourceKind, Option<GroupId>, ConnectorKind),
);

/// The resource roles that the package grants, by resource and role (SPEC PKG-1).
pub fn roles(conn: &mut Conn, id: PackageId) -> Result<Vec<RoleInPackage>, StoreError> {
    let rows: Vec<RoleColumns> = package_roles::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(package_roles::package_id.eq(id))
        .order((resources::name_folded, resources::id, resource_roles::position, resource_roles::id))
        .select((
            (
                resource_roles::id,
                resource_roles::resource_id,
                resource_roles::name,
                resource_roles::description,
                resource_roles::group_role.nullable(),
            ),
            (resources::name, resources::kind, resources::group_id.nullable(), resources::connector),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(role, resource)| RoleInPackage {
            role: ResourceRole {
                id: role.0,
                resource: role.1,
                name: role.2,
                description: role.3,
                group_role: role.4,
            },
            resource_name: resource.0,
            resource_kind: resource.1,
            group: resource.2,
            connector: resource.3,
        })
        .collect())
}

/// Adds a resource role to what the package grants. False if it was there already.
pub fn add_role(
    tx: &mut Tx<'_>,
    id: PackageId,
    role: ResourceRoleId,
    now: Moment,
) -> Result<bool, StoreError> {
    let added = super::dialect::insert_or_ignore!(
        tx,
        package_roles::table,
        (
            package_roles::package_id.eq(id),
            package_roles::resource_role_id.eq(role),
            package_roles::added_at.eq(now),
        )
    )?;
    Ok(added == 1)
}

/// Takes a resource role out of what the package grants. False if it was not there.
pub fn remove_role(tx: &mut Tx<'_>, id: PackageId, role: ResourceRoleId) -> Result<bool, StoreError> {
    let removed = diesel::delete(package_roles::table.find((id, role))).execute(&mut **tx)?;
    Ok(removed == 1)
}

/// The packages that grant this role, by name.
pub fn granting(conn: &mut Conn, role: ResourceRoleId) -> Result<Vec<(PackageId, String)>, StoreError> {
    Ok(package_roles::table
        .inner_join(packages::table)
        .filter(package_roles::resource_role_id.eq(role))
        .filter(packages::deleted_at.is_null())
        .order((packages::name_folded, packages::id))
        .select((packages::id, packages::name))
        .load(conn)?)
}

/// The packages that grant a role of this resource.
pub fn with_resource(conn: &mut Conn, resource: ResourceId) -> Result<Vec<PackageId>, StoreError> {
    Ok(package_roles::table
        .inner_join(resource_roles::table)
        .filter(resource_roles::resource_id.eq(resource))
        .select(package_roles::package_id)
        .distinct()
        .load(conn)?)
}

/// Writes anew what a search finds the package by: its name, description, catalog and resources (SPEC section
/// 14). To be called whenever one of them changes.
pub fn refresh_search(tx: &mut Tx<'_>, id: PackageId) -> Result<(), StoreError> {
    let (name, description, catalog): (String, String, String) = packages::table
        .inner_join(catalogs::table)
        .filter(packages::id.eq(id))
        .select((packages::name, packages::description, catalogs::name))
        .first(&mut **tx)?;
    let mut words = vec![name, description, catalog];
    for role in roles(tx, id)? {
        words.push(role.resource_name);
    }
    words.dedup();
    diesel::update(packages::table.find(id))
        .set(packages::search_folded.eq(fold(&words.join(" "))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Somebody who holds a package, or is about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Deleted, but not purged yet: still in the way (SPEC PKG-4).
    pub deleted: bool,
}

const LIVE: [AssignmentState; 5] = [
    AssignmentState::Scheduled,
    AssignmentState::Delivering,
    AssignmentState::Delivered,
    AssignmentState::PartiallyDelivered,
    AssignmentState::DeliveryFailed,
];

const OPEN: [RequestState; 5] = [
    RequestState::Submitted,
    RequestState::WaitingForCallback,
    RequestState::PendingApproval,
    RequestState::Scheduled,
    RequestState::Delivering,
];

/// Whose access or open request stands in the way of changing or deleting a package or one of its policies:
/// everyone with a live assignment or an open request, deleted accounts too (SPEC PKG-4).
#[derive(Debug, Clone, Copy)]
pub enum InTheWayOf {
    /// Of the package.
    Package(PackageId),
    /// Of the policy.
    Policy(PolicyId),
}

/// Everyone with a live assignment (SPEC PKG-4), by name.
pub fn holders(conn: &mut Conn, of: InTheWayOf) -> Result<Vec<Holder>, StoreError> {
    let base = assignments::table
        .inner_join(users::table)
        .filter(assignments::state.eq_any(LIVE))
        .order((users::name_folded, users::id))
        .select((users::id, users::display_name, users::deleted_at.nullable()));
    let rows: Vec<(UserId, String, Option<Moment>)> = match of {
        InTheWayOf::Package(id) => base.filter(assignments::package_id.eq(id)).load(conn)?,
        InTheWayOf::Policy(id) => base.filter(assignments::policy_id.eq(id)).load(conn)?,
    };
    Ok(named(rows))
}

/// Everyone with an open request, by name.
pub fn askers(conn: &mut Conn, of: InTheWayOf) -> Result<Vec<Holder>, StoreError> {
    let base = requests::table
        .inner_join(users::table.on(users::id.eq(requests::subject_id)))
        .filter(requests::state.eq_any(OPEN))
        .order((users::name_folded, users::id))
        .select((users::id, users::display_name, users::deleted_at.nullable()));
    let rows: Vec<(UserId, String, Option<Moment>)> = match of {
        InTheWayOf::Package(id) => base.filter(requests::package_id.eq(id)).load(conn)?,
        InTheWayOf::Policy(id) => base.filter(requests::policy_id.eq(id)).load(conn)?,
    };
    Ok(named(rows))
}

fn named(rows: Vec<(UserId, String, Option<Moment>)>) -> Vec<Holder> {
    rows.into_iter()
        .map(|(user, name, deleted_at)| Holder { user, name, deleted: deleted_at.is_some() })
        .collect()
}

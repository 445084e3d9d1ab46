//! Catalogs, and which resources they hold (SPEC section 5).

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{catalog_resources, catalogs, package_roles, packages, resource_roles};
use super::tx::Tx;
use crate::domain::catalog::{Catalog, CatalogFields, CatalogState};
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, PackageId, ResourceId, UserId};
use crate::kernel::text::fold;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = catalogs, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: CatalogId,
    name: String,
    name_folded: String,
    description: String,
    state: CatalogState,
    external_enabled: bool,
    built_in: bool,
    created_at: Moment,
    deleted_at: Option<Moment>,
    version: i64,
}

impl From<Row> for Catalog {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            fields: CatalogFields {
                name: r.name,
                description: r.description,
                state: r.state,
                external_enabled: r.external_enabled,
            },
            built_in: r.built_in,
            version: r.version,
        }
    }
}

/// Adds a catalog, with version 1.
pub fn insert(
    tx: &mut Tx<'_>,
    id: CatalogId,
    fields: &CatalogFields,
    built_in: bool,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(catalogs::table)
        .values(Row {
            id,
            name: fields.name.clone(),
            name_folded: fold(&fields.name),
            description: fields.description.clone(),
            state: fields.state,
            external_enabled: fields.external_enabled,
            built_in,
            created_at: now,
            deleted_at: None,
            version: 1,
        })
        .execute(&mut **tx)?;
    Ok(())
}

/// The catalog of this id, unless it was deleted.
pub fn find(conn: &mut Conn, id: CatalogId) -> Result<Option<Catalog>, StoreError> {
    let row: Option<Row> = catalogs::table
        .find(id)
        .filter(catalogs::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Catalog::from))
}

/// The built-in catalog (SPEC CAT-1).
pub fn built_in(conn: &mut Conn) -> Result<Option<Catalog>, StoreError> {
    let row: Option<Row> = catalogs::table
        .filter(catalogs::built_in.eq(true))
        .filter(catalogs::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Catalog::from))
}

/// Changes a catalog that still has this version.
pub fn update(
    tx: &mut Tx<'_>,
    id: CatalogId,
    version: i64,
    fields: &CatalogFields,
) -> Result<(), StoreError> {
    let changed = diesel::update(
        catalogs::table.find(id).filter(catalogs::version.eq(version)).filter(catalogs::deleted_at.is_null()),
    )
    .set((
        catalogs::name.eq(&fields.name),
        catalogs::name_folded.eq(fold(&fields.name)),
        catalogs::description.eq(&fields.description),
        catalogs::state.eq(fields.state),
        catalogs::external_enabled.eq(fields.external_enabled),
        catalogs::version.eq(catalogs::version + 1),
    ))
    .execute(&mut **tx)?;
    one(changed)
}

/// Makes transactions that count on what the catalog holds wait for each other until this one ends.
pub fn hold(tx: &mut Tx<'_>, id: CatalogId) -> Result<(), StoreError> {
    diesel::update(catalogs::table.find(id))
        .set(catalogs::version.eq(catalogs::version))
        .execute(&mut **tx)?;
    Ok(())
}

/// Soft-deletes a catalog that still has this version.
pub fn delete(tx: &mut Tx<'_>, id: CatalogId, version: i64, now: Moment) -> Result<(), StoreError> {
    let changed = diesel::update(
        catalogs::table.find(id).filter(catalogs::version.eq(version)).filter(catalogs::deleted_at.is_null()),
    )
    .set((catalogs::deleted_at.eq(now), catalogs::version.eq(catalogs::version + 1)))
    .execute(&mut **tx)?;
    one(changed)
}

/// An optimistic update hits exactly one row, or somebody else was quicker.
pub(super) fn one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Which packages are in the catalog, by name.
pub fn packages_in(conn: &mut Conn, id: CatalogId) -> Result<Vec<(PackageId, String)>, StoreError> {
    Ok(packages::table
        .filter(packages::catalog_id.eq(id))
        .filter(packages::deleted_at.is_null())
        .order((packages::name_folded, packages::id))
        .select((packages::id, packages::name))
        .load(conn)?)
}

/// Puts a resource into a catalog. False if it was there already.
pub fn add_resource(
    tx: &mut Tx<'_>,
    catalog: CatalogId,
    resource: ResourceId,
    by: Option<UserId>,
    now: Moment,
) -> Result<bool, StoreError> {
    let added = super::dialect::insert_or_ignore!(
        tx,
        catalog_resources::table,
        (
            catalog_resources::catalog_id.eq(catalog),
            catalog_resources::resource_id.eq(resource),
            catalog_resources::added_by.eq(by),
            catalog_resources::added_at.eq(now),
        )
    )?;
    Ok(added == 1)
}

/// Takes a resource out of a catalog. False if it was not there.
pub fn remove_resource(
    tx: &mut Tx<'_>,
    catalog: CatalogId,
    resource: ResourceId,
) -> Result<bool, StoreError> {
    let removed = diesel::delete(catalog_resources::table.find((catalog, resource))).execute(&mut **tx)?;
    Ok(removed == 1)
}

/// Is the resource in the catalog?
pub fn holds_resource(conn: &mut Conn, catalog: CatalogId, resource: ResourceId) -> Result<bool, StoreError> {
    let n: i64 = catalog_resources::table.find((catalog, resource)).count().get_result(conn)?;
    Ok(n > 0)
}

/// The catalogs that hold a resource, by name.
pub fn holding_resource(
    conn: &mut Conn,
    resource: ResourceId,
) -> Result<Vec<(CatalogId, String)>, StoreError> {
    Ok(catalog_resources::table
        .inner_join(catalogs::table)
        .filter(catalog_resources::resource_id.eq(resource))
        .filter(catalogs::deleted_at.is_null())
        .order((catalogs::name_folded, catalogs::id))
        .select((catalogs::id, catalogs::name))
        .load(conn)?)
}

/// Which catalogs hold which of these resources.
pub fn holding_any(
    conn: &mut Conn,
    resources: Vec<ResourceId>,
) -> Result<BTreeSet<(CatalogId, ResourceId)>, StoreError> {
    let rows: Vec<(CatalogId, ResourceId)> = catalog_resources::table
        .filter(catalog_resources::resource_id.eq_any(resources))
        .select((catalog_resources::catalog_id, catalog_resources::resource_id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The packages of a catalog that grant a role of the resource, by name (SPEC CAT-3).
pub fn packages_using(
    conn: &mut Conn,
    catalog: CatalogId,
    resource: ResourceId,
) -> Result<Vec<(PackageId, String)>, StoreError> {
    // PostgreSQL orders distinct rows only by what is selected.
    let rows: Vec<(String, PackageId, String)> = package_roles::table
        .inner_join(packages::table)
        .inner_join(resource_roles::table)
        .filter(packages::catalog_id.eq(catalog))
        .filter(packages::deleted_at.is_null())
        .filter(resource_roles::resource_id.eq(resource))
        .order((packages::name_folded, packages::id))
        .select((packages::name_folded, packages::id, packages::name))
        .distinct()
        .load(conn)?;
    Ok(rows.into_iter().map(|(_, id, name)| (id, name)).collect())
}

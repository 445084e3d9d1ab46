//! How far the paths are on which catalogs are handed to departments. A path that is at its end has no row.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{catalog_handovers, catalog_resources, catalog_role_grants};
use super::tx::Tx;
use crate::domain::access::CatalogRole;
use crate::domain::handover::{Handover, Progress, Step};
use crate::kernel::Moment;
use crate::kernel::ids::CatalogId;

/// The path of this catalog, with what was done on the catalog's other pages; `None` if it is not on one.
pub fn find(conn: &mut Conn, catalog: CatalogId) -> Result<Option<Handover>, StoreError> {
    let row: Option<(Progress, Progress, Progress)> = catalog_handovers::table
        .find(catalog)
        .select((catalog_handovers::owners, catalog_handovers::resources, catalog_handovers::managers))
        .first(conn)
        .optional()?;
    let Some((owners, resources, managers)) = row else {
        return Ok(None);
    };
    let grants: Vec<CatalogRole> = catalog_role_grants::table
        .filter(catalog_role_grants::catalog_id.eq(catalog))
        .select(catalog_role_grants::role)
        .load(conn)?;
    let inside: i64 = catalog_resources::table
        .filter(catalog_resources::catalog_id.eq(catalog))
        .count()
        .get_result(conn)?;
    let count = |role| grants.iter().filter(|g| **g == role).count();
    let path = Handover { owners, resources, managers }
        // Whoever made the catalog owns it anyway.
        .seen(Step::Owners, count(CatalogRole::Owner) > 1)
        .seen(Step::Resources, inside > 0)
        .seen(Step::Managers, count(CatalogRole::PackageManager) > 0);
    Ok(Some(path))
}

/// Begins a path.
pub fn begin(tx: &mut Tx<'_>, catalog: CatalogId, now: Moment) -> Result<(), StoreError> {
    let begun = Handover::BEGUN;
    diesel::insert_into(catalog_handovers::table)
        .values((
            catalog_handovers::catalog_id.eq(catalog),
            catalog_handovers::owners.eq(begun.owners),
            catalog_handovers::resources.eq(begun.resources),
            catalog_handovers::managers.eq(begun.managers),
            catalog_handovers::started_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Keeps how far it is.
pub fn save(tx: &mut Tx<'_>, catalog: CatalogId, path: Handover) -> Result<(), StoreError> {
    diesel::update(catalog_handovers::table.find(catalog))
        .set((
            catalog_handovers::owners.eq(path.owners),
            catalog_handovers::resources.eq(path.resources),
            catalog_handovers::managers.eq(path.managers),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends it.
pub fn end(tx: &mut Tx<'_>, catalog: CatalogId) -> Result<(), StoreError> {
    diesel::delete(catalog_handovers::table.find(catalog)).execute(&mut **tx)?;
    Ok(())
}

//! What has to stay readable after things are deleted: requests, assignments and deliveries point at packages and
//! roles that may be gone from every list (SPEC DIR-2: names stay in past records).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{packages, resource_roles, resources};
use crate::domain::catalog::ConnectorKind;
use crate::kernel::ids::{CatalogId, PackageId, ResourceRoleId};

/// The name of a package, a deleted one too.
pub fn package_name(conn: &mut Conn, id: PackageId) -> Result<String, StoreError> {
    let found: Option<String> = packages::table.find(id).select(packages::name).first(conn).optional()?;
    found.ok_or(StoreError::Missing("a package"))
}

/// The catalog of a package, a deleted one too.
pub fn catalog_of(conn: &mut Conn, id: PackageId) -> Result<CatalogId, StoreError> {
    let found: Option<CatalogId> =
        packages::table.find(id).select(packages::catalog_id).first(conn).optional()?;
    found.ok_or(StoreError::Missing("a package"))
}

/// "Resource: role" and how the role is delivered, deleted ones too.
pub fn role(conn: &mut Conn, id: ResourceRoleId) -> Result<(String, ConnectorKind), StoreError> {
    let found: Option<(String, String, ConnectorKind)> = resource_roles::table
        .inner_join(resources::table)
        .filter(resource_roles::id.eq(id))
        .select((resources::name, resource_roles::name, resources::connector))
        .first(conn)
        .optional()?;
    let (resource, role, connector) = found.ok_or(StoreError::Missing("a resource role"))?;
    Ok((format!("{resource}: {role}"), connector))
}

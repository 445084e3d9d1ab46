//! Resources, their roles and owners (SPEC CAT-4).

use diesel::prelude::*;

use super::catalogs::one;
use super::conn::Conn;
use super::error::StoreError;
use super::schema::{catalog_resources, group_owners, resource_owners, resource_roles, resources, users};
use super::tx::Tx;
use super::types::Json;
use crate::domain::catalog::{
    ConnectorKind, GroupRole, Resource, ResourceFields, ResourceKind, ResourceRole,
};
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, GroupId, ResourceId, ResourceRoleId, UserId};
use crate::kernel::text::fold;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = resources, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: ResourceId,
    kind: ResourceKind,
    name: String,
    name_folded: String,
    description: String,
    usage_text: String,
    link: String,
    connector: ConnectorKind,
    connector_settings: Json,
    group_id: Option<GroupId>,
    created_at: Moment,
    deleted_at: Option<Moment>,
    version: i64,
}

impl From<Row> for Resource {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            fields: ResourceFields {
                kind: r.kind,
                name: r.name,
                description: r.description,
                usage: r.usage_text,
                link: r.link,
                connector: r.connector,
                group: r.group_id,
            },
            version: r.version,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = resource_roles, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct RoleRow {
    id: ResourceRoleId,
    resource_id: ResourceId,
    name: String,
    description: String,
    group_role: Option<GroupRole>,
}

impl From<RoleRow> for ResourceRole {
    fn from(r: RoleRow) -> Self {
        Self {
            id: r.id,
            resource: r.resource_id,
            name: r.name,
            description: r.description,
            group_role: r.group_role,
        }
    }
}

/// Adds a resource, with version 1.
pub fn insert(
    tx: &mut Tx<'_>,
    id: ResourceId,
    fields: &ResourceFields,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(resources::table)
        .values(Row {
            id,
            kind: fields.kind,
            name: fields.name.clone(),
            name_folded: fold(&fields.name),
            description: fields.description.clone(),
            usage_text: fields.usage.clone(),
            link: fields.link.clone(),
            connector: fields.connector,
            connector_settings: Json(serde_json::json!({})),
            group_id: fields.group,
            created_at: now,
            deleted_at: None,
            version: 1,
        })
        .execute(&mut **tx)?;
    Ok(())
}

/// The resource of this id, unless it was deleted.
pub fn find(conn: &mut Conn, id: ResourceId) -> Result<Option<Resource>, StoreError> {
    let row: Option<Row> = resources::table
        .find(id)
        .filter(resources::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Resource::from))
}

/// The resource that stands for a group.
pub fn find_for_group(conn: &mut Conn, group: GroupId) -> Result<Option<Resource>, StoreError> {
    let row: Option<Row> = resources::table
        .filter(resources::group_id.eq(group))
        .filter(resources::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Resource::from))
}

/// Changes a resource that still has this version. Kind, connector and group stay as they are.
pub fn update(
    tx: &mut Tx<'_>,
    id: ResourceId,
    version: i64,
    fields: &ResourceFields,
) -> Result<(), StoreError> {
    let changed = diesel::update(
        resources::table
            .find(id)
            .filter(resources::version.eq(version))
            .filter(resources::deleted_at.is_null()),
    )
    .set((
        resources::name.eq(&fields.name),
        resources::name_folded.eq(fold(&fields.name)),
        resources::description.eq(&fields.description),
        resources::usage_text.eq(&fields.usage),
        resources::link.eq(&fields.link),
        resources::version.eq(resources::version + 1),
    ))
    .execute(&mut **tx)?;
    one(changed)
}

/// Notes that something about the resource changed that has no columns of its own, such as its roles.
pub fn touch(tx: &mut Tx<'_>, id: ResourceId, version: i64) -> Result<(), StoreError> {
    let changed = diesel::update(
        resources::table
            .find(id)
            .filter(resources::version.eq(version))
            .filter(resources::deleted_at.is_null()),
    )
    .set(resources::version.eq(resources::version + 1))
    .execute(&mut **tx)?;
    one(changed)
}

/// What is kept with the connector of a resource.
pub fn connector_settings(conn: &mut Conn, id: ResourceId) -> Result<serde_json::Value, StoreError> {
    let json: Json = resources::table.find(id).select(resources::connector_settings).first(conn)?;
    Ok(json.0)
}

/// Chooses how the roles of a resource that still has this version are delivered.
pub fn set_connector(
    tx: &mut Tx<'_>,
    id: ResourceId,
    version: i64,
    connector: ConnectorKind,
    settings: &serde_json::Value,
) -> Result<(), StoreError> {
    let changed = diesel::update(
        resources::table
            .find(id)
            .filter(resources::version.eq(version))
            .filter(resources::deleted_at.is_null()),
    )
    .set((
        resources::connector.eq(connector),
        resources::connector_settings.eq(Json(settings.clone())),
        resources::version.eq(resources::version + 1),
    ))
    .execute(&mut **tx)?;
    one(changed)
}

/// A role that a package of a catalog can grant.
#[derive(Debug, Clone)]
pub struct RoleOnOffer {
    /// The role.
    pub role: ResourceRole,
    /// The resource's name.
    pub resource_name: String,
    /// What the resource is.
    pub resource_kind: ResourceKind,
}

/// The roles of all resources of a catalog, by resource (SPEC PKG-1).
pub fn roles_on_offer(conn: &mut Conn, catalog: CatalogId) -> Result<Vec<RoleOnOffer>, StoreError> {
    let rows: Vec<(RoleRow, String, ResourceKind)> = catalog_resources::table
        .inner_join(resources::table.inner_join(resource_roles::table))
        .filter(catalog_resources::catalog_id.eq(catalog))
        .filter(resources::deleted_at.is_null())
        .filter(resource_roles::deleted_at.is_null())
        .order((resources::name_folded, resources::id, resource_roles::position, resource_roles::id))
        .select((RoleRow::as_select(), resources::name, resources::kind))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(role, resource_name, resource_kind)| RoleOnOffer {
            role: role.into(),
            resource_name,
            resource_kind,
        })
        .collect())
}

/// The name of a role, whatever became of it.
pub fn role_name(conn: &mut Conn, id: ResourceRoleId) -> Result<Option<String>, StoreError> {
    Ok(resource_roles::table.find(id).select(resource_roles::name).first(conn).optional()?)
}

/// Soft-deletes a resource: it is in no catalog any more.
pub fn delete(tx: &mut Tx<'_>, id: ResourceId, version: i64, now: Moment) -> Result<(), StoreError> {
    let changed = diesel::update(
        resources::table
            .find(id)
            .filter(resources::version.eq(version))
            .filter(resources::deleted_at.is_null()),
    )
    .set((resources::deleted_at.eq(now), resources::version.eq(resources::version + 1)))
    .execute(&mut **tx)?;
    one(changed)
}

/// The roles that a resource offers, in order.
pub fn roles(conn: &mut Conn, id: ResourceId) -> Result<Vec<ResourceRole>, StoreError> {
    let rows: Vec<RoleRow> = resource_roles::table
        .filter(resource_roles::resource_id.eq(id))
        .filter(resource_roles::deleted_at.is_null())
        .order((resource_roles::position, resource_roles::id))
        .select(RoleRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(ResourceRole::from).collect())
}

/// Adds a role behind the others.
pub fn insert_role(tx: &mut Tx<'_>, role: &ResourceRole) -> Result<(), StoreError> {
    let last: Option<i32> = resource_roles::table
        .filter(resource_roles::resource_id.eq(role.resource))
        .select(diesel::dsl::max(resource_roles::position))
        .first(&mut **tx)?;
    diesel::insert_into(resource_roles::table)
        .values((
            resource_roles::id.eq(role.id),
            resource_roles::resource_id.eq(role.resource),
            resource_roles::name.eq(&role.name),
            resource_roles::name_folded.eq(fold(&role.name)),
            resource_roles::description.eq(&role.description),
            resource_roles::group_role.eq(role.group_role),
            resource_roles::position.eq(last.unwrap_or(0) + 1),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Changes a role's name and description.
pub fn update_role(
    tx: &mut Tx<'_>,
    id: ResourceRoleId,
    name: &str,
    description: &str,
) -> Result<(), StoreError> {
    let changed = diesel::update(resource_roles::table.find(id).filter(resource_roles::deleted_at.is_null()))
        .set((
            resource_roles::name.eq(name),
            resource_roles::name_folded.eq(fold(name)),
            resource_roles::description.eq(description),
        ))
        .execute(&mut **tx)?;
    one(changed)
}

/// Soft-deletes a role: records of who held it stay readable.
pub fn delete_role(tx: &mut Tx<'_>, id: ResourceRoleId, now: Moment) -> Result<(), StoreError> {
    let changed = diesel::update(resource_roles::table.find(id).filter(resource_roles::deleted_at.is_null()))
        .set(resource_roles::deleted_at.eq(now))
        .execute(&mut **tx)?;
    one(changed)
}

/// Who owns the resource, by name; deleted accounts do not.
pub fn owners(conn: &mut Conn, id: ResourceId) -> Result<Vec<UserId>, StoreError> {
    Ok(resource_owners::table
        .inner_join(users::table)
        .filter(resource_owners::resource_id.eq(id))
        .filter(users::deleted_at.is_null())
        .order((users::name_folded, users::id))
        .select(users::id)
        .load(conn)?)
}

/// Names the owners anew; who was one already stays one since then (SPEC ROL-7).
pub fn set_owners(tx: &mut Tx<'_>, id: ResourceId, owners: &[UserId], now: Moment) -> Result<(), StoreError> {
    let others = resource_owners::table
        .filter(resource_owners::resource_id.eq(id))
        .filter(resource_owners::user_id.ne_all(owners.to_vec()));
    diesel::delete(others).execute(&mut **tx)?;
    for owner in owners {
        super::dialect::insert_or_ignore!(
            tx,
            resource_owners::table,
            (
                resource_owners::resource_id.eq(id),
                resource_owners::user_id.eq(owner),
                resource_owners::added_at.eq(Some(now)),
            )
        )?;
    }
    Ok(())
}

/// Does the person own the resource, itself or through the group behind it (SPEC ROL-2)?
pub fn owns(conn: &mut Conn, id: ResourceId, user: UserId) -> Result<bool, StoreError> {
    let direct: i64 = resource_owners::table.find((id, user)).count().get_result(conn)?;
    if direct > 0 {
        return Ok(true);
    }
    let group: Option<Option<GroupId>> =
        resources::table.find(id).select(resources::group_id.nullable()).first(conn).optional()?;
    match group.flatten() {
        Some(group) => owns_group(conn, group, user),
        None => Ok(false),
    }
}

/// Does the person own the group?
pub fn owns_group(conn: &mut Conn, group: GroupId, user: UserId) -> Result<bool, StoreError> {
    let n: i64 = group_owners::table.find((group, user)).count().get_result(conn)?;
    Ok(n > 0)
}

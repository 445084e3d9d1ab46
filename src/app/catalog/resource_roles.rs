//! The roles that an application or a site offers (SPEC CAT-4). Those of a group are always Member and Owner.

use serde_json::{Value, json};

use super::resources::{NewRole, open};
use super::{name_taken, same_version, some_of};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::{Resource, ResourceKind, ResourceRole};
use crate::kernel::ids::{EntityId as _, ResourceId, ResourceRoleId};
use crate::store::{Conn, Tx, catalogs, packages, resources};

pub(super) const NAME: &str = "resource_roles_resource_id_name_folded_key";

/// The resource, unless its roles are fixed.
fn check_named_roles(resource: &Resource) -> Result<(), Refusal> {
    if resource.fields.kind == ResourceKind::Group { Err(Refusal::FixedRoles) } else { Ok(()) }
}

fn role_of(conn: &mut Conn, resource: ResourceId, id: ResourceRoleId) -> Result<ResourceRole, AppError> {
    resources::roles(conn, resource)?.into_iter().find(|role| role.id == id).ok_or(AppError::NotFound)
}

/// Adds a role to an application or a site.
pub fn add(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    resource: ResourceId,
    version: i64,
    new: &NewRole,
) -> Result<ResourceRoleId, AppError> {
    let (there, permit) = open(tx, me, resource)?;
    same_version(version, there.version)?;
    check_named_roles(&there)?;
    let role = ResourceRole {
        id: cx.id(),
        resource: permit.resource(),
        name: new.name.clone(),
        description: new.description.clone(),
        group_role: None,
    };
    resources::touch(tx, resource, version)?;
    resources::insert_role(tx, &role).map_err(name_taken(NAME, "a role of this resource"))?;
    cx.record(
        tx,
        Record::of("resource.addRole", ObjectKind::Resource, resource.uuid(), &there.fields.name)
            .change(Value::Null, json!(role)),
    );
    Ok(role.id)
}

/// Changes the name and description of a role.
pub fn edit(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    resource: ResourceId,
    version: i64,
    id: ResourceRoleId,
    new: &NewRole,
) -> Result<(), AppError> {
    let (there, permit) = open(tx, me, resource)?;
    same_version(version, there.version)?;
    check_named_roles(&there)?;
    let role = role_of(tx, permit.resource(), id)?;
    if role.name == new.name && role.description == new.description {
        return Ok(());
    }
    resources::touch(tx, resource, version)?;
    resources::update_role(tx, id, &new.name, &new.description)
        .map_err(name_taken(NAME, "a role of this resource"))?;
    cx.record(
        tx,
        Record::of("resource.editRole", ObjectKind::Resource, resource.uuid(), &there.fields.name)
            .change(json!(role), json!({ "id": id, "name": new.name, "description": new.description })),
    );
    Ok(())
}

/// Removes a role that no package grants.
pub fn remove(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    resource: ResourceId,
    version: i64,
    id: ResourceRoleId,
) -> Result<(), AppError> {
    let (there, permit) = open(tx, me, resource)?;
    same_version(version, there.version)?;
    check_named_roles(&there)?;
    let role = role_of(tx, permit.resource(), id)?;
    // Nobody can put the role into a package at this moment: that holds the catalog too.
    for (catalog, _) in catalogs::holding_resource(tx, resource)? {
        catalogs::hold(tx, catalog)?;
    }
    let granting: Vec<String> = packages::granting(tx, id)?.into_iter().map(|(_, name)| name).collect();
    if !granting.is_empty() {
        return Err(Refusal::ResourceInUse(some_of(&granting)).into());
    }
    resources::touch(tx, resource, version)?;
    resources::delete_role(tx, id, cx.now)?;
    cx.record(
        tx,
        Record::of("resource.removeRole", ObjectKind::Resource, resource.uuid(), &there.fields.name)
            .change(json!(role), Value::Null),
    );
    Ok(())
}

//! Making, changing and placing resources (SPEC CAT-3, CAT-4, ROL-2).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::catalogs::get as get_catalog;
use super::{name_taken, same_version, some_of};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Denied, Permit, Principal, task};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::{
    ConnectorKind, GroupRole, Resource, ResourceFields, ResourceKind, ResourceRole,
};
use crate::kernel::ids::{CatalogId, EntityId as _, GroupId, ResourceId, UserId};
use crate::store::{Conn, Tx, catalogs, groups, packages, resources};

const NAME: &str = "resources_kind_name_folded_key";

/// A role of a new application or site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRole {
    /// Its name, as people read it.
    pub name: String,
    /// What it permits.
    pub description: String,
}

/// What a new resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewKind {
    /// A group of the directory; its roles Member and Owner come by themselves.
    Group(GroupId),
    /// An application with these roles.
    Application(Vec<NewRole>),
    /// A site with these roles.
    Site(Vec<NewRole>),
}

/// A resource to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewResource {
    /// What it is.
    pub kind: NewKind,
    /// Its name; empty for a group means the group's own.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How to use it.
    pub usage: String,
    /// Where its users find it.
    pub link: String,
    /// Who owns it; nobody named means whoever makes it.
    pub owners: Vec<UserId>,
}

/// Does the person hold the second key, ownership of the resource (SPEC ROL-2)?
fn second_key(conn: &mut Conn, me: &Principal, id: ResourceId) -> Result<bool, AppError> {
    Ok(me.is_administrator() || resources::owns(conn, id, me.user)?)
}

/// Makes a resource in a catalog. Who makes a resource of a group has to own the group (SPEC ROL-2).
pub fn create(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    catalog: CatalogId,
    new: &NewResource,
) -> Result<ResourceId, AppError> {
    let owns = match new.kind {
        NewKind::Group(group) => resources::owns_group(tx, group, me.user)?,
        NewKind::Application(_) | NewKind::Site(_) => true,
    };
    let permit = access::edit_resources(me, catalog, owns)?;
    catalogs::hold(tx, catalog)?;
    let (kind, group, name, roles) = match &new.kind {
        NewKind::Group(id) => {
            let group = groups::find(tx, *id)?.ok_or(AppError::NotFound)?;
            if let Some(there) = resources::find_for_group(tx, *id)? {
                return Err(Refusal::GroupIsResource(there.fields.name).into());
            }
            let name = if new.name.is_empty() { group.fields.name } else { new.name.clone() };
            (ResourceKind::Group, Some(*id), name, Vec::new())
        }
        NewKind::Application(roles) => (ResourceKind::Application, None, new.name.clone(), roles.clone()),
        NewKind::Site(roles) => (ResourceKind::Site, None, new.name.clone(), roles.clone()),
    };
    let fields = ResourceFields {
        kind,
        name,
        description: new.description.clone(),
        usage: new.usage.clone(),
        link: new.link.clone(),
        connector: ConnectorKind::Directory,
        group,
    };
    let id: ResourceId = cx.id();
    resources::insert(tx, id, &fields, cx.now).map_err(name_taken(NAME, "a resource"))?;
    let mut role_names = Vec::new();
    for role in first_roles(cx, id, kind, &roles) {
        resources::insert_role(tx, &role)
            .map_err(name_taken(super::resource_roles::NAME, "a role of this resource"))?;
        role_names.push(role.name);
    }
    let owners = if new.owners.is_empty() { vec![me.user] } else { new.owners.clone() };
    resources::set_owners(tx, id, &owners, cx.now)?;
    cx.record(
        tx,
        Record::of("resource.create", ObjectKind::Resource, id.uuid(), &fields.name)
            .change(Value::Null, json!({ "fields": fields, "roles": role_names, "owners": owners })),
    );
    place(tx, cx, permit, id, &fields.name)?;
    Ok(id)
}

fn first_roles(cx: &Cx, resource: ResourceId, kind: ResourceKind, named: &[NewRole]) -> Vec<ResourceRole> {
    let role = |name: &str, description: &str, group_role| ResourceRole {
        id: cx.id(),
        resource,
        name: name.to_owned(),
        description: description.to_owned(),
        group_role,
    };
    if kind == ResourceKind::Group {
        vec![
            role("Member", "Is in the group.", Some(GroupRole::Member)),
            role("Owner", "Keeps the group and its members.", Some(GroupRole::Owner)),
        ]
    } else {
        named.iter().map(|r| role(&r.name, &r.description, None)).collect()
    }
}

fn place(
    tx: &mut Tx<'_>,
    cx: &Cx,
    permit: Permit<task::EditResources>,
    resource: ResourceId,
    name: &str,
) -> Result<bool, AppError> {
    let catalog = permit.catalog();
    let catalog_name = get_catalog(tx, catalog)?.fields.name;
    let added = catalogs::add_resource(tx, catalog, resource, Some(permit.by()), cx.now)?;
    if added {
        cx.record(
            tx,
            Record::of("catalog.addResource", ObjectKind::Catalog, catalog.uuid(), catalog_name)
                .change(Value::Null, json!({ "resource": resource, "name": name })),
        );
    }
    Ok(added)
}

/// Puts a resource that exists already into a catalog. False if it was there.
pub fn add(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    catalog: CatalogId,
    resource: ResourceId,
) -> Result<bool, AppError> {
    let owns = second_key(tx, me, resource)?;
    let permit = access::edit_resources(me, catalog, owns)?;
    catalogs::hold(tx, catalog)?;
    let name = resources::find(tx, resource)?.ok_or(AppError::NotFound)?.fields.name;
    place(tx, cx, permit, resource, &name)
}

/// Takes a resource out of a catalog that has no package with it (SPEC CAT-3).
pub fn remove(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    catalog: CatalogId,
    resource: ResourceId,
) -> Result<(), AppError> {
    let owns = second_key(tx, me, resource)?;
    access::edit_resources(me, catalog, owns)?;
    catalogs::hold(tx, catalog)?;
    let catalog_name = get_catalog(tx, catalog)?.fields.name;
    let name = resources::find(tx, resource)?.ok_or(AppError::NotFound)?.fields.name;
    let using: Vec<String> =
        catalogs::packages_using(tx, catalog, resource)?.into_iter().map(|(_, name)| name).collect();
    if !using.is_empty() {
        return Err(Refusal::ResourceInUse(some_of(&using)).into());
    }
    if !catalogs::remove_resource(tx, catalog, resource)? {
        return Err(AppError::NotFound);
    }
    cx.record(
        tx,
        Record::of("catalog.removeResource", ObjectKind::Catalog, catalog.uuid(), catalog_name)
            .change(json!({ "resource": resource, "name": name }), Value::Null),
    );
    Ok(())
}

/// Loads a resource and the right to change it: its owners and administrators. Whoever sees a catalog with it is
/// told that they may not, everybody else that it does not exist (SPEC ROL-6).
pub(super) fn open(
    conn: &mut Conn,
    me: &Principal,
    id: ResourceId,
) -> Result<(Resource, Permit<task::EditResource>), AppError> {
    let resource = resources::find(conn, id)?.ok_or(Denied::Invisible)?;
    let owns = second_key(conn, me, id)?;
    let sees = owns || {
        let holding = catalogs::holding_resource(conn, id)?;
        holding.iter().any(|(catalog, _)| me.may_in(access::CatalogTask::See, *catalog))
    };
    let permit = access::edit_resource(me, id, owns, sees)?;
    Ok((resource, permit))
}

/// The same, if it is still as it was when the form was made.
pub(in crate::app) fn open_version(
    conn: &mut Conn,
    me: &Principal,
    id: ResourceId,
    version: i64,
) -> Result<Resource, AppError> {
    let (resource, _) = open(conn, me, id)?;
    same_version(version, resource.version)?;
    Ok(resource)
}

/// What can be changed about a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceEdit {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How to use it.
    pub usage: String,
    /// Where its users find it.
    pub link: String,
    /// Who owns it; at least one.
    pub owners: BTreeSet<UserId>,
}

/// Changes a resource and its owners. `version` is the one that the form was made from.
pub fn edit(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: ResourceId,
    version: i64,
    edit: &ResourceEdit,
) -> Result<(), AppError> {
    let (resource, permit) = open(tx, me, id)?;
    same_version(version, resource.version)?;
    let fields = ResourceFields {
        name: edit.name.clone(),
        description: edit.description.clone(),
        usage: edit.usage.clone(),
        link: edit.link.clone(),
        ..resource.fields.clone()
    };
    let owners: Vec<UserId> = edit.owners.iter().copied().collect();
    if owners.is_empty() {
        return Err(Refusal::NoResourceOwner.into());
    }
    let mut old_owners = resources::owners(tx, permit.resource())?;
    old_owners.sort_unstable();
    if fields == resource.fields && owners == old_owners {
        return Ok(());
    }
    resources::update(tx, id, resource.version, &fields).map_err(name_taken(NAME, "a resource"))?;
    resources::set_owners(tx, id, &owners, cx.now)?;
    if fields.name != resource.fields.name {
        for package in packages::with_resource(tx, id)? {
            packages::refresh_search(tx, package)?;
        }
    }
    cx.record(
        tx,
        Record::of("resource.edit", ObjectKind::Resource, id.uuid(), &fields.name).change(
            json!({ "fields": resource.fields, "owners": old_owners }),
            json!({ "fields": fields, "owners": owners }),
        ),
    );
    Ok(())
}

/// Deletes a resource that is in no catalog any more.
pub fn delete(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: ResourceId,
    version: i64,
) -> Result<(), AppError> {
    let (resource, permit) = open(tx, me, id)?;
    same_version(version, resource.version)?;
    let holding: Vec<String> = catalogs::holding_resource(tx, id)?
        .into_iter()
        .map(|(_, name)| format!("the catalog {name}"))
        .collect();
    if !holding.is_empty() {
        return Err(Refusal::ResourceInUse(some_of(&holding)).into());
    }
    resources::delete(tx, permit.resource(), version, cx.now)?;
    cx.record(
        tx,
        Record::of("resource.delete", ObjectKind::Resource, id.uuid(), &resource.fields.name)
            .change(json!(resource.fields), Value::Null),
    );
    Ok(())
}

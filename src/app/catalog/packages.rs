//! Making, changing and deleting packages (SPEC PKG-1 to PKG-6).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::catalogs::get as get_catalog;
use super::{name_taken, policies as policy_cases, same_version, some_of};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Denied, Permit, Principal, task};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::package::{Package, PackageFields, PolicyFields};
use crate::domain::policy::Terms;
use crate::kernel::ids::{CatalogId, EntityId as _, PackageId, ResourceRoleId};
use crate::store::packages::{Holder, InTheWayOf};
use crate::store::{Conn, Tx, catalogs, drafts, groups, packages, resources};

pub(super) const NAME: &str = "packages_catalog_id_name_folded_key";

/// The first policy of a new package.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPolicy {
    /// Name and description.
    pub fields: PolicyFields,
    /// Open from the start?
    pub enabled: bool,
    /// What it says.
    pub terms: Terms,
}

/// A package to be made: what the wizard has gathered (SPEC PKG-6).
#[derive(Debug, Clone, PartialEq)]
pub struct NewPackage {
    /// Name, description, hidden.
    pub fields: PackageFields,
    /// What it grants; may be nothing.
    pub roles: BTreeSet<ResourceRoleId>,
    /// Its first policy; without one nobody can get it yet.
    pub policy: Option<NewPolicy>,
}

/// Makes a package with its roles and its first policy, all or nothing (SPEC PKG-6).
pub fn create(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    catalog: CatalogId,
    new: &NewPackage,
) -> Result<PackageId, AppError> {
    let permit = access::edit_packages(me, catalog)?;
    catalogs::hold(tx, catalog)?;
    get_catalog(tx, catalog)?;
    let id: PackageId = cx.id();
    packages::insert(tx, id, permit.catalog(), &new.fields, cx.now)
        .map_err(name_taken(NAME, "a package in this catalog"))?;
    check_on_offer(tx, catalog, &new.roles)?;
    for role in &new.roles {
        packages::add_role(tx, id, *role, cx.now)?;
    }
    packages::refresh_search(tx, id)?;
    cx.record(
        tx,
        Record::of("package.create", ObjectKind::Package, id.uuid(), &new.fields.name)
            .change(Value::Null, json!({ "catalog": catalog, "fields": new.fields, "roles": new.roles })),
    );
    if let Some(policy) = &new.policy {
        policy_cases::insert(tx, cx, permit, id, policy)?;
    }
    drafts::forget(tx, me.user, catalog)?;
    Ok(id)
}

/// A package grants roles of its own catalog's resources only (SPEC PKG-1).
pub(super) fn check_on_offer(
    conn: &mut Conn,
    catalog: CatalogId,
    roles: &BTreeSet<ResourceRoleId>,
) -> Result<(), AppError> {
    let offered = resources::roles_on_offer(conn, catalog)?;
    for id in roles {
        if !offered.iter().any(|role| role.role.id == *id) {
            let name = resources::role_name(conn, *id)?.ok_or(AppError::NotFound)?;
            return Err(Refusal::ForeignRole(name).into());
        }
        if let Some(group) = groups::dynamic_of_role(conn, *id)? {
            return Err(Refusal::MembersByRule(group).into());
        }
    }
    Ok(())
}

/// Loads a package and the right to change it.
pub(super) fn open(
    conn: &mut Conn,
    me: &Principal,
    id: PackageId,
) -> Result<(Package, Permit<task::EditPackages>), AppError> {
    let package = packages::find(conn, id)?.ok_or(Denied::Invisible)?;
    let permit = access::edit_packages(me, package.catalog)?;
    Ok((package, permit))
}

/// Changes name, description, hidden. `version` is the one that the form was made from.
pub fn edit(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PackageId,
    version: i64,
    fields: &PackageFields,
) -> Result<(), AppError> {
    let (package, _permit) = open(tx, me, id)?;
    same_version(version, package.version)?;
    if *fields == package.fields() {
        return Ok(());
    }
    packages::update(tx, id, version, fields).map_err(name_taken(NAME, "a package in this catalog"))?;
    packages::refresh_search(tx, id)?;
    cx.record(
        tx,
        Record::of("package.edit", ObjectKind::Package, id.uuid(), &fields.name)
            .change(json!(package.fields()), json!(fields)),
    );
    Ok(())
}

/// Deletes a package that nobody holds and nobody has asked for (SPEC PKG-4).
pub fn delete(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: PackageId, version: i64) -> Result<(), AppError> {
    let (package, _permit) = open(tx, me, id)?;
    same_version(version, package.version)?;
    // First the row, so that a request that is sent at this moment either counts below or finds no package.
    packages::delete(tx, id, version, cx.now)?;
    let there = in_the_way(tx, InTheWayOf::Package(id))?;
    if !there.is_empty() {
        return Err(Refusal::PackageInUse(people(&there)).into());
    }
    cx.record(
        tx,
        Record::of("package.delete", ObjectKind::Package, id.uuid(), &package.name)
            .change(json!(package.fields()), Value::Null),
    );
    Ok(())
}

/// Everyone who holds it or has an open request, once each (SPEC PKG-4).
pub(super) fn in_the_way(conn: &mut Conn, of: InTheWayOf) -> Result<Vec<Holder>, AppError> {
    let mut all = packages::holders(conn, of)?;
    for asker in packages::askers(conn, of)? {
        if !all.contains(&asker) {
            all.push(asker);
        }
    }
    Ok(all)
}

/// The people by name, deleted accounts marked (SPEC PKG-4).
pub(super) fn people(holders: &[Holder]) -> String {
    let names: Vec<String> = holders
        .iter()
        .map(|h| if h.deleted { format!("{} (deleted account)", h.name) } else { h.name.clone() })
        .collect();
    some_of(&names)
}

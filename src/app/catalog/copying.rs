//! Moving a package to another catalog, and making another one like it (SPEC PKG-5, PKG-7).

use std::collections::BTreeMap;

use serde_json::json;

use super::packages::{NAME, open};
use super::policies::insert as insert_policy;
use super::{catalogs as catalog_cases, name_taken, same_version, some_of};
use crate::app::catalog::packages::NewPolicy;
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Denied, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::package::{Package, PackageFields, PolicyFields};
use crate::domain::policy::Scope;
use crate::kernel::ids::{CatalogId, ConflictId, EntityId as _, PackageId, ResourceId};
use crate::store::{Conn, Tx, catalogs, conflicts, packages, policies};

/// The package, for whoever owns its catalog.
pub fn movable(conn: &mut Conn, me: &Principal, id: PackageId) -> Result<Package, AppError> {
    let package = packages::find(conn, id)?.ok_or(Denied::Invisible)?;
    access::edit_catalog(me, package.catalog)?;
    Ok(package)
}

/// The resources of the package, and those of them that each of these catalogs does not hold, by name.
pub fn missing(
    conn: &mut Conn,
    id: PackageId,
    targets: &[CatalogId],
) -> Result<BTreeMap<CatalogId, Vec<(ResourceId, String)>>, AppError> {
    let mut needed: Vec<(ResourceId, String)> = Vec::new();
    for role in packages::roles(conn, id)? {
        if needed.iter().all(|(there, _)| *there != role.role.resource) {
            needed.push((role.role.resource, role.resource_name));
        }
    }
    let held = catalogs::holding_any(conn, needed.iter().map(|(id, _)| *id).collect())?;
    let lacks = |catalog: CatalogId| -> Vec<(ResourceId, String)> {
        needed.iter().filter(|(id, _)| !held.contains(&(catalog, *id))).cloned().collect()
    };
    Ok(targets.iter().map(|catalog| (*catalog, lacks(*catalog))).collect())
}

/// Moves the package to another catalog that holds all its resources, if the mover owns both. Its policies, requests and
/// assignments go with it as they are; who keeps it changes (SPEC PKG-5).
pub fn move_to(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PackageId,
    version: i64,
    to: CatalogId,
) -> Result<(), AppError> {
    let package = movable(tx, me, id)?;
    access::edit_catalog(me, to)?;
    same_version(version, package.version)?;
    if to == package.catalog {
        return Ok(());
    }
    // In one order, so that two moves in opposite directions do not wait for each other; nobody takes a resource out,
    // or deletes the catalog, meanwhile.
    let mut both = [package.catalog, to];
    both.sort_unstable();
    for catalog in both {
        catalogs::hold(tx, catalog)?;
    }
    let from = catalog_cases::get(tx, package.catalog)?.fields.name;
    let target = catalog_cases::get(tx, to)?.fields.name;
    let lacks: Vec<String> = missing(tx, id, &[to])?.into_values().flatten().map(|(_, name)| name).collect();
    if !lacks.is_empty() {
        return Err(Refusal::ResourcesMissing(target, some_of(&lacks)).into());
    }
    packages::set_catalog(tx, id, version, to).map_err(name_taken(NAME, "a package in that catalog"))?;
    packages::refresh_search(tx, id)?;
    cx.record(
        tx,
        Record::of("package.move", ObjectKind::Package, id.uuid(), &package.name).change(
            json!({ "catalog": package.catalog, "name": from }),
            json!({ "catalog": to, "name": target }),
        ),
    );
    Ok(())
}

/// How a package is copied.
#[derive(Debug, Clone)]
pub struct Copy {
    /// Name and description of the new one, and whether it is hidden.
    pub fields: PackageFields,
    /// Policies that are on are on in the copy too; otherwise all start switched off. A rule that assigns by itself
    /// always starts switched off.
    pub open: bool,
    /// What the package cannot be held together with stands against the copy too.
    pub apart: bool,
}

/// Makes another package with the same contents and policies, in the same catalog; nobody holds it (SPEC PKG-7).
pub fn duplicate(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PackageId,
    copy: &Copy,
) -> Result<PackageId, AppError> {
    let (package, permit) = open(tx, me, id)?;
    catalogs::hold(tx, package.catalog)?;
    catalog_cases::get(tx, package.catalog)?;
    let new: PackageId = cx.id();
    packages::insert(tx, new, package.catalog, &copy.fields, cx.now)
        .map_err(name_taken(NAME, "a package in this catalog"))?;
    let roles: Vec<_> = packages::roles(tx, id)?.into_iter().map(|r| r.role.id).collect();
    for role in &roles {
        packages::add_role(tx, new, *role, cx.now)?;
    }
    packages::refresh_search(tx, new)?;
    cx.record(
        tx,
        Record::of("package.duplicate", ObjectKind::Package, new.uuid(), &copy.fields.name).change(
            serde_json::Value::Null,
            json!({ "of": id, "catalog": package.catalog, "fields": copy.fields, "roles": roles }),
        ),
    );
    for policy in policies::of_package(tx, id)? {
        let by_itself = matches!(policy.terms.scope, Scope::Automatic { .. });
        let like = NewPolicy {
            fields: PolicyFields { name: policy.name, description: policy.description },
            enabled: copy.open && policy.enabled && !by_itself,
            terms: policy.terms,
        };
        insert_policy(tx, cx, permit, new, &like)?;
    }
    if copy.apart {
        for (_, against) in conflicts::of_package(tx, id)? {
            let entry: ConflictId = cx.id();
            conflicts::insert(tx, entry, new, against)?;
            cx.record(
                tx,
                Record::of("package.addConflict", ObjectKind::Package, new.uuid(), &copy.fields.name)
                    .change(serde_json::Value::Null, json!({ "against": against })),
            );
        }
    }
    Ok(new)
}

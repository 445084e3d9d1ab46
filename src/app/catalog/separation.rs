//! What a package cannot be held together with (SPEC SOD-1, SOD-2).

use serde_json::{Value, json};

use super::packages::open;
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{CatalogTask, Denied, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::GroupRole;
use crate::domain::conflict::Against;
use crate::domain::package::Package;
use crate::kernel::ids::{ConflictId, EntityId as _, PackageId};
use crate::store::{Conn, Tx, conflicts, groups, packages};

/// What is to stand against a package, by name, for whoever may know of it: a package of a catalog that they see
/// (SPEC ROL-6), or any group.
pub fn name_of(conn: &mut Conn, me: &Principal, against: Against) -> Result<String, AppError> {
    match against {
        Against::Package(other) => {
            let other = packages::find(conn, other)?.ok_or(Denied::Invisible)?;
            if !me.may_in(CatalogTask::See, other.catalog) {
                return Err(Denied::Invisible.into());
            }
            Ok(other.name)
        }
        Against::Group(group) => Ok(groups::find(conn, group)?.ok_or(Denied::Invisible)?.fields.name),
    }
}

/// May this be added? What the page that asks before saving checks too; the other package if both directions are
/// wanted.
pub fn check(
    conn: &mut Conn,
    me: &Principal,
    id: PackageId,
    against: Against,
    mutual: bool,
) -> Result<(Package, String), AppError> {
    let (package, _) = open(conn, me, id)?;
    let name = name_of(conn, me, against)?;
    match against {
        Against::Package(other) if other == id => {
            return Err(Refusal::BadConflict("A package is not in conflict with itself.").into());
        }
        Against::Package(other) if mutual => {
            let other = packages::find(conn, other)?.ok_or(Denied::Invisible)?;
            if !me.may_in(CatalogTask::Packages, other.catalog) {
                return Err(Refusal::ConflictOneWay(name).into());
            }
        }
        Against::Group(_) if mutual => {
            let text =
                "A group is joined, not requested, so this works in one direction only. Leave the box empty.";
            return Err(Refusal::BadConflict(text).into());
        }
        Against::Group(group) => {
            let grants = |r: &crate::domain::package::RoleInPackage| {
                r.group == Some(group) && r.role.group_role == Some(GroupRole::Member)
            };
            if packages::roles(conn, id)?.iter().any(grants) {
                return Err(Refusal::ConflictWithItself(name).into());
            }
        }
        Against::Package(_) => {}
    }
    let there = conflicts::of_package(conn, id)?.iter().any(|(_, a)| *a == against);
    let back = match against {
        Against::Package(other) if mutual => {
            conflicts::of_package(conn, other)?.iter().any(|(_, a)| *a == Against::Package(id))
        }
        _ => true,
    };
    if there && back {
        return Err(Refusal::ConflictThere(name).into());
    }
    Ok((package, name))
}

/// Adds an entry, in both directions if so wanted; whoever holds both keeps both (SPEC SOD-2).
pub fn add(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PackageId,
    against: Against,
    mutual: bool,
) -> Result<(), AppError> {
    let (package, name) = check(tx, me, id, against, mutual)?;
    // Whoever deletes one of them at this moment waits, or has been quicker.
    for held in [Some(id), against.package()].into_iter().flatten() {
        if !packages::hold(tx, held)? {
            return Err(AppError::NotFound);
        }
    }
    insert(tx, cx, id, &package.name, against, &name)?;
    if let (true, Against::Package(other)) = (mutual, against) {
        insert(tx, cx, other, &name, Against::Package(id), &package.name)?;
    }
    Ok(())
}

fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: PackageId,
    package: &str,
    against: Against,
    name: &str,
) -> Result<(), AppError> {
    let entry: ConflictId = cx.id();
    if conflicts::insert(tx, entry, id, against)? {
        cx.record(
            tx,
            Record::of("package.addConflict", ObjectKind::Package, id.uuid(), package)
                .change(Value::Null, json!({ "against": against, "name": name })),
        );
    }
    Ok(())
}

/// Takes an entry away, and the one in the other direction if so wanted.
pub fn remove(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PackageId,
    entry: ConflictId,
    mutual: bool,
) -> Result<(), AppError> {
    let (package, _) = open(tx, me, id)?;
    let against = conflicts::of_package(tx, id)?
        .into_iter()
        .find_map(|(there, against)| (there == entry).then_some(against))
        .ok_or(AppError::NotFound)?;
    delete(tx, cx, &package, against)?;
    if let (true, Against::Package(other)) = (mutual, against) {
        // Both directions are one step: without the right on the other package nothing is removed.
        let (other, _) = open(tx, me, other)?;
        delete(tx, cx, &other, Against::Package(id))?;
    }
    Ok(())
}

fn delete(tx: &mut Tx<'_>, cx: &Cx, package: &Package, against: Against) -> Result<(), AppError> {
    if conflicts::delete(tx, package.id, against)? {
        cx.record(
            tx,
            Record::of("package.removeConflict", ObjectKind::Package, package.id.uuid(), &package.name)
                .change(json!({ "against": against }), Value::Null),
        );
    }
    Ok(())
}

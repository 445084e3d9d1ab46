//! Separation of duties: what cannot be held together (SPEC SOD-1).

use diesel::prelude::*;

use super::conn::Conn;
use super::dialect::{Turn, take_turn_of};
use super::error::StoreError;
use super::schema::{assignments, groups, package_conflicts, packages};
use super::tx::Tx;
use crate::domain::assignment::AssignmentState;
use crate::domain::conflict::Against;
use crate::domain::directory::Person;
use crate::kernel::ids::{ConflictId, EntityId as _, GroupId, PackageId};

/// The names of incompatible packages and groups that the person holds, in order.
pub fn held_against(conn: &mut Conn, person: &Person, package: PackageId) -> Result<Vec<String>, StoreError> {
    let Some(subject) = person.id else {
        return Ok(Vec::new());
    };
    let mut names: Vec<String> = package_conflicts::table
        .inner_join(packages::table.on(package_conflicts::other_package_id.eq(packages::id.nullable())))
        .inner_join(assignments::table.on(assignments::package_id.eq(packages::id)))
        .filter(package_conflicts::package_id.eq(package))
        .filter(assignments::subject_id.eq(subject).and(assignments::state.ne(AssignmentState::Expired)))
        .select(packages::name)
        .load(conn)?;
    let against: Vec<(GroupId, String)> = package_conflicts::table
        .inner_join(groups::table.on(package_conflicts::group_id.eq(groups::id.nullable())))
        .filter(package_conflicts::package_id.eq(package).and(groups::deleted_at.is_null()))
        .select((groups::id, groups::name))
        .load(conn)?;
    names.extend(against.into_iter().filter(|(id, _)| person.groups.contains(id)).map(|(_, name)| name));
    names.sort();
    Ok(names)
}

/// The same for a transaction that gives the person the package: of two at once for one person, one waits for the
/// other and then sees what it gave. Without this both halves of a mutual conflict could be given at the same moment.
pub fn stand_against(
    tx: &mut Tx<'_>,
    person: &Person,
    package: PackageId,
) -> Result<Vec<String>, StoreError> {
    let any: i64 = package_conflicts::table
        .filter(package_conflicts::package_id.eq(package))
        .count()
        .get_result(&mut **tx)?;
    let Some(subject) = person.id.filter(|_| any > 0) else {
        return Ok(Vec::new());
    };
    take_turn_of(tx, Turn::Duties, subject.uuid())?;
    held_against(tx, person, package)
}

/// What stands against the package.
pub fn of_package(conn: &mut Conn, package: PackageId) -> Result<Vec<(ConflictId, Against)>, StoreError> {
    let rows: Vec<(ConflictId, Option<PackageId>, Option<GroupId>)> = package_conflicts::table
        .filter(package_conflicts::package_id.eq(package))
        .order(package_conflicts::id)
        .select((package_conflicts::id, package_conflicts::other_package_id, package_conflicts::group_id))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, other, group)| Some((id, against(other, group)?))).collect())
}

/// The two columns as one thing; the database lets exactly one of them be filled.
pub(super) fn against(package: Option<PackageId>, group: Option<GroupId>) -> Option<Against> {
    package.map(Against::Package).or(group.map(Against::Group))
}

/// The packages that name this one as incompatible.
pub fn naming(conn: &mut Conn, package: PackageId) -> Result<Vec<PackageId>, StoreError> {
    Ok(package_conflicts::table
        .filter(package_conflicts::other_package_id.eq(package))
        .select(package_conflicts::package_id)
        .load(conn)?)
}

/// Adds an entry. False if it was there already.
pub fn insert(
    tx: &mut Tx<'_>,
    id: ConflictId,
    package: PackageId,
    against: Against,
) -> Result<bool, StoreError> {
    let added = super::dialect::insert_or_ignore!(
        tx,
        package_conflicts::table,
        (
            package_conflicts::id.eq(id),
            package_conflicts::package_id.eq(package),
            package_conflicts::other_package_id.eq(against.package()),
            package_conflicts::group_id.eq(against.group()),
        )
    )?;
    Ok(added == 1)
}

/// Takes an entry of this package away. False if it was not there.
pub fn delete(tx: &mut Tx<'_>, package: PackageId, against: Against) -> Result<bool, StoreError> {
    let of_package = package_conflicts::table.filter(package_conflicts::package_id.eq(package));
    let removed = match against {
        Against::Package(other) => {
            diesel::delete(of_package.filter(package_conflicts::other_package_id.eq(other)))
                .execute(&mut **tx)?
        }
        Against::Group(group) => {
            diesel::delete(of_package.filter(package_conflicts::group_id.eq(group))).execute(&mut **tx)?
        }
    };
    Ok(removed == 1)
}

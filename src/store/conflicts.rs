//! Separation of duties: what cannot be held together (SPEC SOD-1).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{assignments, groups, package_conflicts, packages};
use crate::domain::assignment::AssignmentState;
use crate::domain::directory::Person;
use crate::kernel::ids::{GroupId, PackageId};

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

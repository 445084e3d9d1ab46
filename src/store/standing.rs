//! How many people stand towards one package: everything that decides whether it can be given to them, in a bounded
//! number of queries (SPEC ASG-1, REQ-1).

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{
    assignments, connected_organizations, group_members, groups, package_conflicts, packages, requests, users,
};
use crate::domain::assignment::AssignmentState;
use crate::domain::directory::{OrganizationState, Person, UserKind};
use crate::domain::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::{GroupId, OrganizationId, PackageId, UserId};

/// How one person stands towards the package.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The person.
    pub person: Person,
    /// Do they hold it, or will they? Access whose time is over counts as ended (I6).
    pub held: bool,
    /// Did they hold it, and the end is not written down yet?
    pub lapsed: bool,
    /// Is a request for it on its way?
    pub open: bool,
    /// The names of incompatible packages and groups that they have, in order (SPEC SOD-1).
    pub conflicts: Vec<String>,
}

/// So many people are asked about in one query.
const CHUNK: usize = 400;

/// How these people stand towards the package; who is deleted or unknown is left out.
pub fn of(
    conn: &mut Conn,
    people: &[UserId],
    package: PackageId,
    now: Moment,
) -> Result<HashMap<UserId, Standing>, StoreError> {
    let mut all = HashMap::with_capacity(people.len());
    if people.is_empty() {
        return Ok(all);
    }
    let against: Vec<(PackageId, String)> = package_conflicts::table
        .inner_join(packages::table.on(package_conflicts::other_package_id.eq(packages::id.nullable())))
        .filter(package_conflicts::package_id.eq(package))
        .select((packages::id, packages::name))
        .load(conn)?;
    let groups_against: Vec<(GroupId, String)> = package_conflicts::table
        .inner_join(groups::table.on(package_conflicts::group_id.eq(groups::id.nullable())))
        .filter(package_conflicts::package_id.eq(package).and(groups::deleted_at.is_null()))
        .select((groups::id, groups::name))
        .load(conn)?;
    for ids in people.chunks(CHUNK) {
        chunk(conn, ids, package, now, &mut all)?;
        if !against.is_empty() {
            let others = against.iter().map(|(id, _)| *id);
            let held: Vec<(UserId, PackageId)> = assignments::table
                .filter(assignments::subject_id.eq_any(ids).and(assignments::package_id.eq_any(others)))
                .filter(assignments::state.ne(AssignmentState::Expired))
                .select((assignments::subject_id, assignments::package_id))
                .load(conn)?;
            for (user, other) in held {
                let name = against.iter().find(|(id, _)| *id == other).map(|(_, name)| name.clone());
                if let Some(standing) = all.get_mut(&user) {
                    standing.conflicts.extend(name);
                }
            }
        }
    }
    for standing in all.values_mut() {
        let groups = groups_against.iter().filter(|(id, _)| standing.person.groups.contains(id));
        let names: Vec<String> = groups.map(|(_, name)| name.clone()).collect();
        standing.conflicts.extend(names);
        standing.conflicts.sort();
    }
    Ok(all)
}

fn chunk(
    conn: &mut Conn,
    ids: &[UserId],
    package: PackageId,
    now: Moment,
    all: &mut HashMap<UserId, Standing>,
) -> Result<(), StoreError> {
    let found: Vec<(UserId, UserKind, bool, Option<OrganizationId>, Option<OrganizationState>)> =
        users::table
            .left_join(connected_organizations::table)
            .filter(users::id.eq_any(ids).and(users::deleted_at.is_null()))
            .select((
                users::id,
                users::kind,
                users::enabled,
                users::organization_id,
                connected_organizations::state.nullable(),
            ))
            .load(conn)?;
    for (id, kind, enabled, organization, state) in found {
        let person = Person {
            id: Some(id),
            guest: kind == UserKind::Guest,
            enabled,
            groups: HashSet::new(),
            organization,
            organization_configured: state == Some(OrganizationState::Configured),
        };
        all.insert(id, Standing { person, held: false, lapsed: false, open: false, conflicts: Vec::new() });
    }
    let memberships: Vec<(UserId, GroupId)> = group_members::table
        .inner_join(groups::table)
        .filter(group_members::user_id.eq_any(ids).and(groups::deleted_at.is_null()))
        .select((group_members::user_id, group_members::group_id))
        .load(conn)?;
    for (user, group) in memberships {
        if let Some(standing) = all.get_mut(&user) {
            standing.person.groups.insert(group);
        }
    }
    let holders: Vec<(UserId, Option<Moment>)> = assignments::table
        .filter(assignments::subject_id.eq_any(ids).and(assignments::package_id.eq(package)))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .select((assignments::subject_id, assignments::ends_at))
        .load(conn)?;
    let open: Vec<_> = RequestState::ALL.iter().copied().filter(|s| s.is_open()).collect();
    let askers: Vec<UserId> = requests::table
        .filter(requests::subject_id.eq_any(ids).and(requests::package_id.eq(package)))
        .filter(requests::state.eq_any(open))
        .select(requests::subject_id)
        .load(conn)?;
    for (user, ends_at) in holders {
        if let Some(standing) = all.get_mut(&user) {
            standing.lapsed = ends_at.is_some_and(|end| end <= now);
            standing.held = !standing.lapsed;
        }
    }
    for user in askers {
        if let Some(standing) = all.get_mut(&user) {
            standing.open = true;
        }
    }
    Ok(())
}

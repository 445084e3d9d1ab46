//! A user's page for administrators: profile, line, groups, roles, packages and resources held (SPEC DIR-2).

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::pickers::{self, PersonOption};
use crate::domain::access::{CatalogRole, DirectoryRole};
use crate::domain::assignment::AssignmentState;
use crate::domain::catalog::ResourceKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::directory::{Belonging, Holder, User};
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, CatalogId, GroupId, PackageId, ResourceId, ResourceRoleId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalog_role_grants, catalogs, deliveries, directory_role_grants, group_members,
    group_owners, groups, packages, policies, resource_roles, resources, role_holdings, users as t,
};
use crate::store::{attributes, sponsors, users};

/// Everything that the page shows.
#[derive(Debug, Clone)]
pub struct UserPage {
    /// The user, perhaps a deleted one.
    pub user: User,
    /// Their manager, unless deleted.
    pub manager: Option<PersonOption>,
    /// Who answers for them.
    pub sponsors: Vec<PersonOption>,
    /// Who reports to them.
    pub reports: Vec<PersonOption>,
    /// The groups that they belong to.
    pub groups: Vec<Belongs>,
    /// The roles that they hold.
    pub roles: Vec<HeldRole>,
    /// The packages that they hold or will hold.
    pub packages: Vec<HeldPackage>,
    /// The resource roles that were delivered to them.
    pub resources: Vec<HeldResource>,
    /// What they answered to resources (SPEC CAT-5).
    pub attributes: Vec<attributes::Stored>,
}

/// A group that somebody belongs to.
#[derive(Debug, Clone)]
pub struct Belongs {
    /// Which group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// In which way.
    pub as_a: Belonging,
    /// Since when.
    pub since: Moment,
}

/// A role that somebody holds (SPEC ROL-7).
#[derive(Debug, Clone)]
pub struct HeldRole {
    /// The role as people read it.
    pub role: &'static str,
    /// In which catalog; `None` for a directory-wide role.
    pub catalog: Option<(CatalogId, String)>,
    /// Through which group; `None` if it was granted to the person.
    pub through: Option<(GroupId, String)>,
    /// Since when.
    pub since: Moment,
}

/// A package that somebody holds.
#[derive(Debug, Clone)]
pub struct HeldPackage {
    /// By which assignment.
    pub assignment: AssignmentId,
    /// Which package.
    pub package: PackageId,
    /// Its name.
    pub name: String,
    /// The name of its catalog.
    pub catalog: String,
    /// The name of the policy that governs it.
    pub policy: String,
    /// The state of the assignment.
    pub state: AssignmentState,
    /// From when.
    pub starts_at: Moment,
    /// Until when; `None` does not end.
    pub ends_at: Option<Moment>,
}

/// A resource role that somebody holds.
#[derive(Debug, Clone)]
pub struct HeldResource {
    /// Which resource.
    pub resource: ResourceId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The name of the role.
    pub role: String,
    /// Since when.
    pub since: Moment,
    /// The packages that give it.
    pub through: Vec<String>,
}

/// How many reports the page lists at most.
const MOST_REPORTS: i64 = 200;

/// Everything about a user; `None` if there never was one.
pub fn load(conn: &mut Conn, id: UserId) -> Result<Option<UserPage>, StoreError> {
    let Some(user) = users::find_with_deleted(conn, id)? else {
        return Ok(None);
    };
    let manager = match user.profile.manager {
        Some(manager) => pickers::chosen(conn, &[Holder::User(manager)])?.0.pop(),
        None => None,
    };
    let sponsors: Vec<Holder> = sponsors::of(conn, id)?.into_iter().map(Holder::User).collect();
    Ok(Some(UserPage {
        manager,
        sponsors: pickers::chosen(conn, &sponsors)?.0,
        reports: reports_of(conn, id)?,
        groups: groups_of(conn, id)?,
        roles: roles_of(conn, id)?,
        packages: packages_of(conn, id)?,
        resources: resources_of(conn, id)?,
        attributes: attributes::stored(conn, id)?,
        user,
    }))
}

fn reports_of(conn: &mut Conn, id: UserId) -> Result<Vec<PersonOption>, StoreError> {
    let ids: Vec<UserId> = t::table
        .filter(t::manager_id.eq(id))
        .filter(t::deleted_at.is_null())
        .order((t::name_folded, t::id))
        .limit(MOST_REPORTS)
        .select(t::id)
        .load(conn)?;
    let holders: Vec<Holder> = ids.into_iter().map(Holder::User).collect();
    Ok(pickers::chosen(conn, &holders)?.0)
}

/// The groups that somebody is in or owns, by name.
pub(super) fn groups_of(conn: &mut Conn, id: UserId) -> Result<Vec<Belongs>, StoreError> {
    let member: Vec<(GroupId, String, Moment)> = group_members::table
        .inner_join(groups::table)
        .filter(group_members::user_id.eq(id))
        .filter(groups::deleted_at.is_null())
        .order((groups::name_folded, groups::id))
        .select((groups::id, groups::name, group_members::added_at))
        .load(conn)?;
    let owner: Vec<(GroupId, String, Moment)> = group_owners::table
        .inner_join(groups::table)
        .filter(group_owners::user_id.eq(id))
        .filter(groups::deleted_at.is_null())
        .order((groups::name_folded, groups::id))
        .select((groups::id, groups::name, group_owners::added_at))
        .load(conn)?;
    let belongs = |as_a| move |(group, name, since)| Belongs { group, name, as_a, since };
    Ok(member
        .into_iter()
        .map(belongs(Belonging::Member))
        .chain(owner.into_iter().map(belongs(Belonging::Owner)))
        .collect())
}

/// The roles that somebody holds right now, their own and those of their groups (SPEC ROL-4, ROL-7). Through a group a
/// role is held since both are true: the group has it, and the person is in the group.
pub(super) fn roles_of(conn: &mut Conn, id: UserId) -> Result<Vec<HeldRole>, StoreError> {
    let own_groups = || {
        group_members::table.filter(group_members::user_id.eq(id)).select(group_members::group_id.nullable())
    };
    type Through = Option<(GroupId, String, Option<Moment>)>;
    let directory: Vec<(DirectoryRole, Moment, Through)> = directory_role_grants::table
        .left_join(groups::table)
        .filter(
            directory_role_grants::user_id.eq(id).or(directory_role_grants::group_id.eq_any(own_groups())),
        )
        .order(directory_role_grants::id)
        .select((
            directory_role_grants::role,
            directory_role_grants::granted_at,
            (groups::id, groups::name, groups::deleted_at).nullable(),
        ))
        .load(conn)?;
    let catalog: Vec<(CatalogRole, Moment, (CatalogId, String), Through)> = catalog_role_grants::table
        .inner_join(catalogs::table)
        .left_join(groups::table)
        .filter(catalogs::deleted_at.is_null())
        .filter(catalog_role_grants::user_id.eq(id).or(catalog_role_grants::group_id.eq_any(own_groups())))
        .order((catalogs::name_folded, catalog_role_grants::id))
        .select((
            catalog_role_grants::role,
            catalog_role_grants::granted_at,
            (catalogs::id, catalogs::name),
            (groups::id, groups::name, groups::deleted_at).nullable(),
        ))
        .load(conn)?;
    let joined: BTreeMap<GroupId, Moment> = group_members::table
        .filter(group_members::user_id.eq(id))
        .select((group_members::group_id, group_members::added_at))
        .load::<(GroupId, Moment)>(conn)?
        .into_iter()
        .collect();
    // A deleted group gives nothing.
    let through = |group: Through, granted: Moment| match group {
        None => Some((None, granted)),
        Some((id, name, None)) => {
            let since = joined.get(&id).map_or(granted, |joined| granted.max(*joined));
            Some((Some((id, name)), since))
        }
        Some(_) => None,
    };
    let everywhere = directory.into_iter().filter_map(|(role, granted, group)| {
        let (through, since) = through(group, granted)?;
        Some(HeldRole { role: role.words(), catalog: None, through, since })
    });
    let somewhere = catalog.into_iter().filter_map(|(role, granted, catalog, group)| {
        let (through, since) = through(group, granted)?;
        Some(HeldRole { role: role.words(), catalog: Some(catalog), through, since })
    });
    Ok(everywhere.chain(somewhere).collect())
}

fn packages_of(conn: &mut Conn, id: UserId) -> Result<Vec<HeldPackage>, StoreError> {
    type Row = ((AssignmentId, AssignmentState, Moment, Option<Moment>), (PackageId, String), String, String);
    let rows: Vec<Row> = assignments::table
        .inner_join(packages::table.inner_join(catalogs::table))
        .inner_join(policies::table.on(assignments::policy_id.eq(policies::id)))
        .filter(assignments::subject_id.eq(id))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .order((packages::name_folded, assignments::id))
        .select((
            (assignments::id, assignments::state, assignments::starts_at, assignments::ends_at),
            (packages::id, packages::name),
            catalogs::name,
            policies::name,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|((assignment, state, starts_at, ends_at), (package, name), catalog, policy)| HeldPackage {
            assignment,
            package,
            name,
            catalog,
            policy,
            state,
            starts_at,
            ends_at,
        })
        .collect())
}

fn resources_of(conn: &mut Conn, id: UserId) -> Result<Vec<HeldResource>, StoreError> {
    type Row = (ResourceRoleId, Moment, String, (ResourceId, String, ResourceKind));
    let rows: Vec<Row> = role_holdings::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(role_holdings::user_id.eq(id))
        .order((resources::name_folded, resource_roles::position, resource_roles::id))
        .select((
            role_holdings::resource_role_id,
            role_holdings::since,
            resource_roles::name,
            (resources::id, resources::name, resources::kind),
        ))
        .load(conn)?;
    let given: Vec<(ResourceRoleId, String)> = deliveries::table
        .inner_join(assignments::table.inner_join(packages::table))
        .filter(assignments::subject_id.eq(id))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .filter(deliveries::state.eq(DeliveryState::Delivered))
        .order((packages::name_folded, packages::id))
        .select((deliveries::resource_role_id, packages::name))
        .load(conn)?;
    let mut through: BTreeMap<ResourceRoleId, Vec<String>> = BTreeMap::new();
    for (role, package) in given {
        through.entry(role).or_default().push(package);
    }
    Ok(rows
        .into_iter()
        .map(|(id, since, role, (resource, name, kind))| HeldResource {
            resource,
            name,
            kind,
            role,
            since,
            through: through.get(&id).cloned().unwrap_or_default(),
        })
        .collect())
}

/// What disabling or deleting somebody touches, in numbers (SPEC PGE-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consequences {
    /// Packages that they hold or will hold.
    pub packages: i64,
    /// People who report to them.
    pub reports: i64,
}

/// Counts what disabling or deleting somebody touches.
pub fn consequences(conn: &mut Conn, id: UserId) -> Result<Consequences, StoreError> {
    let packages = assignments::table
        .filter(assignments::subject_id.eq(id))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .count()
        .get_result(conn)?;
    let reports =
        t::table.filter(t::manager_id.eq(id)).filter(t::deleted_at.is_null()).count().get_result(conn)?;
    Ok(Consequences { packages, reports })
}

//! The page of a resource: what it is, where it is used, and who has it through what (SPEC CAT-4, RPT-1).

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::assignment::AssignmentState;
use crate::domain::catalog::{GroupRole, ResourceRole};
use crate::kernel::ids::{AssignmentId, CatalogId, GroupId, PackageId, ResourceId, ResourceRoleId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalogs, deliveries, group_members, group_owners, groups, package_roles, packages,
    policies, resource_roles, resources, role_holdings, users,
};
use crate::store::search;

/// A package that grants a role of the resource.
#[derive(Debug, Clone)]
pub struct Granting {
    /// The package.
    pub package: PackageId,
    /// Its name.
    pub name: String,
    /// The catalog that it is in.
    pub catalog: CatalogId,
    /// That catalog's name.
    pub catalog_name: String,
    /// The role.
    pub role: ResourceRoleId,
}

/// The packages that grant roles of the resource, by name.
pub fn granting(conn: &mut Conn, resource: ResourceId) -> Result<Vec<Granting>, StoreError> {
    let rows: Vec<(PackageId, String, CatalogId, String, ResourceRoleId)> = package_roles::table
        .inner_join(packages::table.inner_join(catalogs::table))
        .inner_join(resource_roles::table)
        .filter(resource_roles::resource_id.eq(resource))
        .filter(packages::deleted_at.is_null())
        .order((packages::name_folded, packages::id, resource_roles::position))
        .select((packages::id, packages::name, catalogs::id, catalogs::name, resource_roles::id))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(package, name, catalog, catalog_name, role)| Granting {
            package,
            name,
            catalog,
            catalog_name,
            role,
        })
        .collect())
}

/// The name of the group behind a resource.
pub fn group_name(conn: &mut Conn, group: GroupId) -> Result<String, StoreError> {
    Ok(groups::table.find(group).select(groups::name).first(conn)?)
}

/// Through which access somebody has a role.
#[derive(Debug, Clone)]
pub struct Through {
    /// The assignment.
    pub assignment: AssignmentId,
    /// Of which package.
    pub package: PackageId,
    /// The package's name.
    pub package_name: String,
    /// The catalog that it is in.
    pub catalog: CatalogId,
    /// Under which policy.
    pub policy: String,
    /// From when.
    pub starts_at: Moment,
    /// Until when.
    pub ends_at: Option<Moment>,
}

/// Somebody who has a role of the resource.
#[derive(Debug, Clone)]
pub struct Having {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// May they sign in?
    pub enabled: bool,
    /// Since when.
    pub since: Moment,
    /// Through which access; none means that it was given by hand.
    pub through: Vec<Through>,
}

type HavingRow = (UserId, String, String, bool, Moment);

macro_rules! who {
    ($conn:expr, $table:ident, $at:ident, $filter:expr, $q:expr, $page:expr) => {{
        let filtered = || {
            let mut query = $table::table
                .inner_join(users::table)
                .filter($filter)
                .filter(users::deleted_at.is_null())
                .into_boxed::<MultiBackend>();
            for pattern in search::patterns($q) {
                query = query.filter(users::search_folded.like(pattern).escape(search::ESCAPE));
            }
            query
        };
        let total: i64 = filtered().count().get_result($conn)?;
        let rows: Vec<HavingRow> = filtered()
            .order((users::name_folded, users::id))
            .limit($page.size)
            .offset($page.offset())
            .select((users::id, users::display_name, users::email, users::enabled, $table::$at))
            .load($conn)?;
        (total, rows)
    }};
}

/// Who has this role, by name. For a role of a group these are the group's members or owners, however they got
/// there; for any other role those to whom it was delivered.
pub fn who_has(
    conn: &mut Conn,
    role: &ResourceRole,
    q: &str,
    at: PageRequest,
) -> Result<Page<Having>, StoreError> {
    let group: Option<GroupId> =
        resources::table.find(role.resource).select(resources::group_id.nullable()).first(conn)?;
    let (total, rows) = match (group, role.group_role) {
        (Some(group), Some(GroupRole::Member)) => {
            who!(conn, group_members, added_at, group_members::group_id.eq(group), q, at)
        }
        (Some(group), Some(GroupRole::Owner)) => {
            who!(conn, group_owners, added_at, group_owners::group_id.eq(group), q, at)
        }
        _ => who!(conn, role_holdings, since, role_holdings::resource_role_id.eq(role.id), q, at),
    };
    let people: Vec<UserId> = rows.iter().map(|r| r.0).collect();
    let mut through = through(conn, role.id, &people)?;
    let items = rows
        .into_iter()
        .map(|(user, name, email, enabled, since)| Having {
            user,
            name,
            email,
            enabled,
            since,
            through: through.remove(&user).unwrap_or_default(),
        })
        .collect();
    Ok(Page { items, total, at })
}

type ThroughRow = (UserId, AssignmentId, (PackageId, String, CatalogId), String, Moment, Option<Moment>);

fn through(
    conn: &mut Conn,
    role: ResourceRoleId,
    people: &[UserId],
) -> Result<HashMap<UserId, Vec<Through>>, StoreError> {
    let mut all: HashMap<UserId, Vec<Through>> = HashMap::new();
    // In portions, because a database takes only so many values in one question.
    for portion in people.chunks(500) {
        let rows: Vec<ThroughRow> = deliveries::table
            .inner_join(assignments::table.inner_join(packages::table).inner_join(policies::table))
            .filter(deliveries::resource_role_id.eq(role))
            .filter(assignments::subject_id.eq_any(portion.to_vec()))
            .filter(assignments::state.ne(AssignmentState::Expired))
            .order((packages::name_folded, assignments::id))
            .select((
                assignments::subject_id,
                assignments::id,
                (packages::id, packages::name, packages::catalog_id),
                policies::name,
                assignments::starts_at,
                assignments::ends_at,
            ))
            .load(conn)?;
        for (user, assignment, (package, package_name, catalog), policy, starts_at, ends_at) in rows {
            let one = Through { assignment, package, package_name, catalog, policy, starts_at, ends_at };
            all.entry(user).or_default().push(one);
        }
    }
    Ok(all)
}

//! Groups, their members and owners (SPEC DIR-4).

use diesel::prelude::*;

use super::conn::Conn;
use super::dialect::insert_or_ignore;
use super::error::StoreError;
use super::schema::{
    catalog_role_grants, directory_role_grants, group_members, group_owners, groups, package_conflicts,
    package_roles, packages, policies, policy_scope_groups, policy_versions, resource_roles, resources,
};
use super::tx::Tx;
use super::types::Json;
use crate::domain::catalog::GroupRole;
use crate::domain::directory::{Belonging, Group, GroupFields, GroupKind};
use crate::kernel::ids::{GroupId, ResourceRoleId, UserId};
use crate::kernel::{Moment, text};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = groups, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: GroupId,
    name: String,
    name_folded: String,
    description: String,
    kind: GroupKind,
    membership_rule: Option<String>,
    created_at: Moment,
    deleted_at: Option<Moment>,
    version: i64,
}

impl From<Row> for Group {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            fields: GroupFields { name: r.name, description: r.description },
            kind: r.kind,
            rule: r.membership_rule,
            created_at: r.created_at,
            deleted_at: r.deleted_at,
            version: r.version,
        }
    }
}

/// The group, unless deleted.
pub fn find(conn: &mut Conn, id: GroupId) -> Result<Option<Group>, StoreError> {
    let row: Option<Row> = groups::table
        .find(id)
        .filter(groups::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Group::from))
}

/// The group with this name, unless deleted; case does not count.
pub fn find_by_name(conn: &mut Conn, name: &str) -> Result<Option<Group>, StoreError> {
    let row: Option<Row> = groups::table
        .filter(groups::name_folded.eq(text::fold(name)))
        .filter(groups::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Group::from))
}

/// Adds a group. Breaks `groups_name_folded_key` if the name is taken.
pub fn insert(tx: &mut Tx<'_>, group: &Group) -> Result<(), StoreError> {
    let row = Row {
        id: group.id,
        name: group.fields.name.clone(),
        name_folded: text::fold(&group.fields.name),
        description: group.fields.description.clone(),
        kind: group.kind,
        membership_rule: group.rule.clone(),
        created_at: group.created_at,
        deleted_at: group.deleted_at,
        version: group.version,
    };
    diesel::insert_into(groups::table).values(row).execute(&mut **tx)?;
    Ok(())
}

fn one(rows: usize) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Saves what can be edited, if nobody changed the group since this version.
pub fn update(tx: &mut Tx<'_>, id: GroupId, version: i64, fields: &GroupFields) -> Result<(), StoreError> {
    let rows = diesel::update(groups::table)
        .filter(groups::id.eq(id))
        .filter(groups::version.eq(version))
        .set((
            groups::name.eq(&fields.name),
            groups::name_folded.eq(text::fold(&fields.name)),
            groups::description.eq(&fields.description),
            groups::version.eq(version + 1),
        ))
        .execute(&mut **tx)?;
    one(rows)
}

/// Lets the group's members follow a rule, or be named by hand, if nobody changed the group since this version.
pub fn set_rule(tx: &mut Tx<'_>, id: GroupId, version: i64, rule: Option<&str>) -> Result<(), StoreError> {
    let kind = if rule.is_some() { GroupKind::Dynamic } else { GroupKind::Assigned };
    let rows = diesel::update(groups::table)
        .filter(groups::id.eq(id))
        .filter(groups::version.eq(version))
        .filter(groups::deleted_at.is_null())
        .set((groups::kind.eq(kind), groups::membership_rule.eq(rule), groups::version.eq(version + 1)))
        .execute(&mut **tx)?;
    one(rows)
}

/// The packages that make people members of the group, by name.
pub fn packages_with_members(conn: &mut Conn, id: GroupId) -> Result<Vec<String>, StoreError> {
    Ok(package_roles::table
        .inner_join(packages::table)
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(resources::group_id.eq(id))
        .filter(resources::deleted_at.is_null())
        .filter(resource_roles::group_role.eq(GroupRole::Member))
        .filter(packages::deleted_at.is_null())
        .order((packages::name_folded, packages::id))
        .select(packages::name)
        .load(conn)?)
}

/// The name of the dynamic group whose membership this resource role is, if it is one.
pub fn dynamic_of_role(conn: &mut Conn, role: ResourceRoleId) -> Result<Option<String>, StoreError> {
    Ok(resource_roles::table
        .inner_join(resources::table.inner_join(groups::table))
        .filter(resource_roles::id.eq(role))
        .filter(resource_roles::group_role.eq(GroupRole::Member))
        .filter(groups::kind.eq(GroupKind::Dynamic))
        .filter(groups::deleted_at.is_null())
        .select(groups::name)
        .first(conn)
        .optional()?)
}

/// Deletes the group softly, if nobody changed it since this version. Ask [`uses`] before.
pub fn delete(tx: &mut Tx<'_>, id: GroupId, version: i64, at: Moment) -> Result<(), StoreError> {
    let rows = diesel::update(groups::table)
        .filter(groups::id.eq(id))
        .filter(groups::version.eq(version))
        .filter(groups::deleted_at.is_null())
        .set((groups::deleted_at.eq(at), groups::version.eq(version + 1)))
        .execute(&mut **tx)?;
    one(rows)
}

/// Adds somebody to the group, as member or owner. False if they belong to it already.
pub fn add(
    tx: &mut Tx<'_>,
    group: GroupId,
    user: UserId,
    as_a: Belonging,
    at: Moment,
) -> Result<bool, StoreError> {
    let rows = match as_a {
        Belonging::Member => insert_or_ignore!(
            *tx,
            group_members::table,
            (
                group_members::group_id.eq(group),
                group_members::user_id.eq(user),
                group_members::added_at.eq(at),
            )
        )?,
        Belonging::Owner => insert_or_ignore!(
            *tx,
            group_owners::table,
            (group_owners::group_id.eq(group), group_owners::user_id.eq(user), group_owners::added_at.eq(at),)
        )?,
    };
    Ok(rows == 1)
}

/// Takes somebody out of the group. False if they did not belong to it in that way.
pub fn remove(tx: &mut Tx<'_>, group: GroupId, user: UserId, as_a: Belonging) -> Result<bool, StoreError> {
    let rows = match as_a {
        Belonging::Member => diesel::delete(group_members::table.find((group, user))).execute(&mut **tx)?,
        Belonging::Owner => diesel::delete(group_owners::table.find((group, user))).execute(&mut **tx)?,
    };
    Ok(rows == 1)
}

/// Does this user belong to the group in that way?
pub fn has(conn: &mut Conn, group: GroupId, user: UserId, as_a: Belonging) -> Result<bool, StoreError> {
    let found = match as_a {
        Belonging::Member => group_members::table.find((group, user)).count().get_result::<i64>(conn)?,
        Belonging::Owner => group_owners::table.find((group, user)).count().get_result::<i64>(conn)?,
    };
    Ok(found > 0)
}

/// What still uses the group, in words for a person; empty if it can be deleted.
pub fn uses(conn: &mut Conn, group: GroupId) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    let resource: Vec<String> = resources::table
        .filter(resources::group_id.eq(group))
        .filter(resources::deleted_at.is_null())
        .select(resources::name)
        .load(conn)?;
    found.extend(resource.into_iter().map(|name| format!("the resource {name}")));
    let roles: i64 = directory_role_grants::table
        .filter(directory_role_grants::group_id.eq(group))
        .count()
        .get_result(conn)?;
    let in_catalogs: i64 = catalog_role_grants::table
        .filter(catalog_role_grants::group_id.eq(group))
        .count()
        .get_result(conn)?;
    if roles + in_catalogs > 0 {
        found.push(counted(roles + in_catalogs, "granted role", "granted roles"));
    }
    let policies = policies_naming(conn, group)?;
    found.extend(policies.into_iter().map(|(package, policy)| format!("the policy {policy} of {package}")));
    let conflicts: Vec<String> = package_conflicts::table
        .inner_join(packages::table.on(package_conflicts::package_id.eq(packages::id)))
        .filter(package_conflicts::group_id.eq(group))
        .filter(packages::deleted_at.is_null())
        .select(packages::name)
        .load(conn)?;
    found.extend(conflicts.into_iter().map(|name| format!("separation of duties of {name}")));
    Ok(found)
}

/// The live policies that name the group, as scope or as approver, with their packages.
fn policies_naming(conn: &mut Conn, group: GroupId) -> Result<Vec<(String, String)>, StoreError> {
    let in_scope: Vec<(String, String)> = policy_scope_groups::table
        .inner_join(policies::table.inner_join(packages::table))
        .filter(policy_scope_groups::group_id.eq(group))
        .filter(policies::deleted_at.is_null())
        .filter(packages::deleted_at.is_null())
        .select((packages::name, policies::name))
        .load(conn)?;
    // Approvers are inside the terms, which are never queried inside; deleting a group is rare enough to look
    // through those of today's policies.
    let current: Vec<(String, String, Json)> = policies::table
        .inner_join(packages::table)
        .inner_join(
            policy_versions::table.on(policy_versions::policy_id
                .eq(policies::id)
                .and(policy_versions::number.eq(policies::current_version))),
        )
        .filter(policies::deleted_at.is_null())
        .filter(packages::deleted_at.is_null())
        .select((packages::name, policies::name, policy_versions::terms))
        .load(conn)?;
    let id = group.to_string();
    let mut all = in_scope;
    for (package, policy, terms) in current {
        let named = (package, policy);
        if !all.contains(&named) && terms.0.to_string().contains(&id) {
            all.push(named);
        }
    }
    Ok(all)
}

fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

//! The list of groups, and a group's page: members, owners, and which packages grant it (SPEC DIR-4).

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::domain::catalog::GroupRole;
use crate::domain::directory::{Group, GroupKind};
use crate::kernel::ids::{CatalogId, GroupId, PackageId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalog_role_grants, catalogs, deliveries, directory_role_grants, group_members,
    group_owners, groups as t, package_roles, packages, resource_roles, resources, users,
};
use crate::store::{groups, search};

/// A line of the list.
#[derive(Debug, Clone)]
pub struct GroupLine {
    /// Which group.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How it gets its members.
    pub kind: GroupKind,
    /// When it was made.
    pub created_at: Moment,
    /// How many members it has.
    pub members: i64,
    /// How many owners it has.
    pub owners: i64,
}

text_enum! {
    /// What the list is ordered by.
    pub enum GroupOrder {
        /// Name.
        Name = "name",
        /// When it was made.
        Created = "created",
    }
}

/// The groups whose name contains every word of `q`, one page of them, in a stable order.
pub fn list(
    conn: &mut Conn,
    q: &str,
    kind: Option<GroupKind>,
    order: GroupOrder,
    descending: bool,
    at: PageRequest,
) -> Result<Page<GroupLine>, StoreError> {
    macro_rules! matching {
        () => {{
            let mut query = t::table.filter(t::deleted_at.is_null()).into_boxed::<MultiBackend>();
            for pattern in search::patterns(q) {
                query = query.filter(t::name_folded.like(pattern).escape(search::ESCAPE));
            }
            if let Some(kind) = kind {
                query = query.filter(t::kind.eq(kind));
            }
            query
        }};
    }
    let total = matching!().count().get_result(conn)?;
    let ordered = match (order, descending) {
        (GroupOrder::Name, false) => matching!().order((t::name_folded.asc(), t::id.asc())),
        (GroupOrder::Name, true) => matching!().order((t::name_folded.desc(), t::id.desc())),
        (GroupOrder::Created, false) => matching!().order((t::created_at.asc(), t::id.asc())),
        (GroupOrder::Created, true) => matching!().order((t::created_at.desc(), t::id.desc())),
    };
    let rows: Vec<(GroupId, String, String, GroupKind, Moment)> = ordered
        .limit(at.size)
        .offset(at.offset())
        .select((t::id, t::name, t::description, t::kind, t::created_at))
        .load(conn)?;
    let ids: Vec<GroupId> = rows.iter().map(|row| row.0).collect();
    // Whole listings would name more groups than a statement takes parameters, so those count all groups.
    let members: Vec<(GroupId, i64)> = if ids.len() > 500 {
        live_members().load(conn)?
    } else {
        live_members().filter(group_members::group_id.eq_any(&ids)).load(conn)?
    };
    let owners: Vec<(GroupId, i64)> = if ids.len() > 500 {
        live_owners().load(conn)?
    } else {
        live_owners().filter(group_owners::group_id.eq_any(&ids)).load(conn)?
    };
    let members: BTreeMap<GroupId, i64> = members.into_iter().collect();
    let owners: BTreeMap<GroupId, i64> = owners.into_iter().collect();
    let items = rows
        .into_iter()
        .map(|(id, name, description, kind, created_at)| GroupLine {
            members: members.get(&id).copied().unwrap_or(0),
            owners: owners.get(&id).copied().unwrap_or(0),
            id,
            name,
            description,
            kind,
            created_at,
        })
        .collect();
    Ok(Page { items, total, at })
}

#[diesel::dsl::auto_type(no_type_alias)]
fn live_members() -> _ {
    let count: diesel::dsl::count<group_members::user_id> = diesel::dsl::count(group_members::user_id);
    group_members::table
        .inner_join(users::table)
        .filter(users::deleted_at.is_null())
        .group_by(group_members::group_id)
        .select((group_members::group_id, count))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn live_owners() -> _ {
    let count: diesel::dsl::count<group_owners::user_id> = diesel::dsl::count(group_owners::user_id);
    group_owners::table
        .inner_join(users::table)
        .filter(users::deleted_at.is_null())
        .group_by(group_owners::group_id)
        .select((group_owners::group_id, count))
}

/// Somebody who belongs to a group.
#[derive(Debug, Clone)]
pub struct Belonger {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their department, may be empty.
    pub department: String,
    /// May they sign in?
    pub enabled: bool,
    /// Since when they belong to it.
    pub since: Moment,
    /// The packages that put them in; empty if they were added by hand.
    pub through: Vec<String>,
}

/// A package that grants membership or ownership.
#[derive(Debug, Clone)]
pub struct GrantingPackage {
    /// Which package.
    pub id: PackageId,
    /// Its name.
    pub name: String,
    /// Its catalog's name.
    pub catalog: String,
    /// What it grants.
    pub role: GroupRole,
}

/// Everything that a group's page shows.
#[derive(Debug, Clone)]
pub struct GroupPage {
    /// The group.
    pub group: Group,
    /// One page of its members, by name.
    pub members: Page<Belonger>,
    /// Its owners, by name.
    pub owners: Vec<Belonger>,
    /// The packages that grant it.
    pub packages: Vec<GrantingPackage>,
    /// The roles that its members hold through it: the words, and the catalog's name.
    pub roles: Vec<(&'static str, Option<(CatalogId, String)>)>,
}

/// Everything about a group; `None` if there is none. `q` narrows the members.
pub fn load(conn: &mut Conn, id: GroupId, q: &str, at: PageRequest) -> Result<Option<GroupPage>, StoreError> {
    let Some(group) = groups::find(conn, id)? else {
        return Ok(None);
    };
    Ok(Some(GroupPage {
        members: members(conn, id, q, at)?,
        owners: owners(conn, id)?,
        packages: granting(conn, id)?,
        roles: roles(conn, id)?,
        group,
    }))
}

type Row = (UserId, String, String, String, bool, Moment);

fn belonger(row: Row, through: &BTreeMap<UserId, Vec<String>>) -> Belonger {
    let (id, name, email, department, enabled, since) = row;
    Belonger {
        through: through.get(&id).cloned().unwrap_or_default(),
        id,
        name,
        email,
        department,
        enabled,
        since,
    }
}

/// One page of a group's members, by name.
pub fn members(conn: &mut Conn, id: GroupId, q: &str, at: PageRequest) -> Result<Page<Belonger>, StoreError> {
    macro_rules! matching {
        () => {{
            let mut query = group_members::table
                .inner_join(users::table)
                .filter(group_members::group_id.eq(id))
                .filter(users::deleted_at.is_null())
                .into_boxed::<MultiBackend>();
            for pattern in search::patterns(q) {
                query = query.filter(users::search_folded.like(pattern).escape(search::ESCAPE));
            }
            query
        }};
    }
    let total = matching!().count().get_result(conn)?;
    let rows: Vec<Row> = matching!()
        .order((users::name_folded, users::id))
        .limit(at.size)
        .offset(at.offset())
        .select((
            users::id,
            users::display_name,
            users::email,
            users::department,
            users::enabled,
            group_members::added_at,
        ))
        .load(conn)?;
    let through = through(conn, id, GroupRole::Member)?;
    let items = rows.into_iter().map(|row| belonger(row, &through)).collect();
    Ok(Page { items, total, at })
}

fn owners(conn: &mut Conn, id: GroupId) -> Result<Vec<Belonger>, StoreError> {
    let rows: Vec<Row> = group_owners::table
        .inner_join(users::table)
        .filter(group_owners::group_id.eq(id))
        .filter(users::deleted_at.is_null())
        .order((users::name_folded, users::id))
        .select((
            users::id,
            users::display_name,
            users::email,
            users::department,
            users::enabled,
            group_owners::added_at,
        ))
        .load(conn)?;
    let through = through(conn, id, GroupRole::Owner)?;
    Ok(rows.into_iter().map(|row| belonger(row, &through)).collect())
}

/// Who is in the group through live assignments of which packages.
pub fn through(
    conn: &mut Conn,
    id: GroupId,
    role: GroupRole,
) -> Result<BTreeMap<UserId, Vec<String>>, StoreError> {
    use crate::domain::assignment::AssignmentState;
    use crate::domain::delivery::DeliveryState;
    let rows: Vec<(UserId, String)> = deliveries::table
        .inner_join(assignments::table.inner_join(packages::table))
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(resources::group_id.eq(id))
        .filter(resource_roles::group_role.eq(role))
        .filter(deliveries::state.eq(DeliveryState::Delivered))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .order((packages::name_folded, packages::id))
        .select((assignments::subject_id, packages::name))
        .load(conn)?;
    let mut all: BTreeMap<UserId, Vec<String>> = BTreeMap::new();
    for (user, package) in rows {
        all.entry(user).or_default().push(package);
    }
    Ok(all)
}

fn granting(conn: &mut Conn, id: GroupId) -> Result<Vec<GrantingPackage>, StoreError> {
    let rows: Vec<(PackageId, String, String, Option<GroupRole>)> = package_roles::table
        .inner_join(packages::table.inner_join(catalogs::table))
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(resources::group_id.eq(id))
        .filter(resources::deleted_at.is_null())
        .filter(resource_roles::deleted_at.is_null())
        .filter(packages::deleted_at.is_null())
        .order((packages::name_folded, packages::id))
        .select((packages::id, packages::name, catalogs::name, resource_roles::group_role))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, name, catalog, role)| Some(GrantingPackage { id, name, catalog, role: role? }))
        .collect())
}

fn roles(
    conn: &mut Conn,
    id: GroupId,
) -> Result<Vec<(&'static str, Option<(CatalogId, String)>)>, StoreError> {
    use crate::domain::access::{CatalogRole, DirectoryRole};
    let everywhere: Vec<DirectoryRole> = directory_role_grants::table
        .filter(directory_role_grants::group_id.eq(id))
        .order(directory_role_grants::id)
        .select(directory_role_grants::role)
        .load(conn)?;
    let somewhere: Vec<(CatalogRole, CatalogId, String)> = catalog_role_grants::table
        .inner_join(catalogs::table)
        .filter(catalog_role_grants::group_id.eq(id))
        .filter(catalogs::deleted_at.is_null())
        .order((catalogs::name_folded, catalog_role_grants::id))
        .select((catalog_role_grants::role, catalogs::id, catalogs::name))
        .load(conn)?;
    Ok(everywhere
        .into_iter()
        .map(|role| (role.words(), None))
        .chain(somewhere.into_iter().map(|(role, id, name)| (role.words(), Some((id, name)))))
        .collect())
}

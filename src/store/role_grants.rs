//! Who holds which directory-wide and catalog roles (SPEC section 2). A role is granted to a user or to a
//! group; a group counts with the members that it has at the moment of the question (SPEC ROL-4).

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::conn::Conn;
use super::dialect::insert_or_ignore;
use super::error::StoreError;
use super::schema::{catalog_role_grants, directory_role_grants, group_members, groups, users};
use super::tx::Tx;
use crate::domain::access::{CatalogRole, DirectoryRole};
use crate::domain::directory::Holder;
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, GroupId, RoleGrantId, UserId};

/// A role that was granted, with the names for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<R> {
    /// Its id.
    pub id: RoleGrantId,
    /// Which role.
    pub role: R,
    /// To whom.
    pub holder: Holder,
    /// The holder's name.
    pub holder_name: String,
    /// The address of a user; empty for a group.
    pub holder_email: String,
    /// Is a user who holds it enabled? Always true for a group.
    pub enabled: bool,
    /// Who granted it; `None` is the system.
    pub granted_by: Option<String>,
    /// Since when.
    pub granted_at: Moment,
}

/// A new grant.
#[derive(Debug, Clone, Copy)]
pub struct NewGrant<R> {
    /// Its id.
    pub id: RoleGrantId,
    /// Which role.
    pub role: R,
    /// To whom.
    pub holder: Holder,
    /// Who grants it; `None` is the system.
    pub by: Option<UserId>,
    /// When.
    pub at: Moment,
}

type GrantRow<R> = (RoleGrantId, R, Option<UserId>, Option<GroupId>, Moment);
type UserName = Option<(String, String, bool, Option<Moment>)>;
type GroupName = Option<(String, Option<Moment>)>;

/// A row as a grant; `None` if its holder is deleted, because then nobody holds it.
fn grant<R>(
    (row, user, group, granted_by): (GrantRow<R>, UserName, GroupName, Option<String>),
) -> Option<Grant<R>> {
    let (id, role, user_id, group_id, granted_at) = row;
    let (holder, holder_name, holder_email, enabled) = match (user_id, user, group_id, group) {
        (Some(id), Some((name, email, enabled, None)), _, _) => (Holder::User(id), name, email, enabled),
        (_, _, Some(id), Some((name, None))) => (Holder::Group(id), name, String::new(), true),
        _ => return None,
    };
    Some(Grant { id, role, holder, holder_name, holder_email, enabled, granted_by, granted_at })
}

macro_rules! grants_of {
    ($conn:expr, $table:ident, $role:ty $(, $filter:expr)*) => {{
        let grantors = diesel::alias!(users as grantors);
        let rows: Vec<(GrantRow<$role>, UserName, GroupName, Option<String>)> = $table::table
            .left_join(users::table.on($table::user_id.eq(users::id.nullable())))
            .left_join(groups::table.on($table::group_id.eq(groups::id.nullable())))
            .left_join(grantors.on($table::granted_by.eq(grantors.field(users::id).nullable())))
            $(.filter($filter))*
            .order($table::id)
            .select((
                (
                    $table::id,
                    $table::role,
                    $table::user_id,
                    $table::group_id,
                    $table::granted_at,
                ),
                (users::display_name, users::email, users::enabled, users::deleted_at).nullable(),
                (groups::name, groups::deleted_at).nullable(),
                grantors.field(users::display_name).nullable(),
            ))
            .load($conn)?;
        let mut grants: Vec<Grant<$role>> = rows.into_iter().filter_map(grant).collect();
        grants.sort_by_cached_key(|g| (crate::kernel::text::fold(&g.holder_name), g.id));
        grants
    }};
}

/// Every directory-wide role that somebody holds, by the holder's name.
pub fn list_directory(conn: &mut Conn) -> Result<Vec<Grant<DirectoryRole>>, StoreError> {
    Ok(grants_of!(conn, directory_role_grants, DirectoryRole))
}

/// Every role that somebody holds in this catalog, by the holder's name.
pub fn list_in_catalog(conn: &mut Conn, catalog: CatalogId) -> Result<Vec<Grant<CatalogRole>>, StoreError> {
    Ok(grants_of!(conn, catalog_role_grants, CatalogRole, catalog_role_grants::catalog_id.eq(catalog)))
}

/// Grants a directory-wide role. False if the holder has it already.
pub fn grant_directory(tx: &mut Tx<'_>, new: NewGrant<DirectoryRole>) -> Result<bool, StoreError> {
    let rows = insert_or_ignore!(
        *tx,
        directory_role_grants::table,
        (
            directory_role_grants::id.eq(new.id),
            directory_role_grants::role.eq(new.role),
            directory_role_grants::user_id.eq(new.holder.user()),
            directory_role_grants::group_id.eq(new.holder.group()),
            directory_role_grants::granted_by.eq(new.by),
            directory_role_grants::granted_at.eq(new.at),
        )
    )?;
    Ok(rows == 1)
}

/// Grants a role in a catalog. False if the holder has it already.
pub fn grant_in_catalog(
    tx: &mut Tx<'_>,
    catalog: CatalogId,
    new: NewGrant<CatalogRole>,
) -> Result<bool, StoreError> {
    let rows = insert_or_ignore!(
        *tx,
        catalog_role_grants::table,
        (
            catalog_role_grants::id.eq(new.id),
            catalog_role_grants::catalog_id.eq(catalog),
            catalog_role_grants::role.eq(new.role),
            catalog_role_grants::user_id.eq(new.holder.user()),
            catalog_role_grants::group_id.eq(new.holder.group()),
            catalog_role_grants::granted_by.eq(new.by),
            catalog_role_grants::granted_at.eq(new.at),
        )
    )?;
    Ok(rows == 1)
}

/// Takes a directory-wide role back. False if nobody held it under this id. Call [`lock_administrators`] before,
/// and count [`administrators`] after (SPEC ROL-3).
pub fn revoke_directory(tx: &mut Tx<'_>, id: RoleGrantId) -> Result<bool, StoreError> {
    let rows = diesel::delete(directory_role_grants::table.find(id)).execute(&mut **tx)?;
    Ok(rows == 1)
}

/// Takes a role in this catalog back. False if nobody held it under this id. Call [`lock_owners`] before, and
/// count [`owners`] after (SPEC ROL-3).
pub fn revoke_in_catalog(tx: &mut Tx<'_>, catalog: CatalogId, id: RoleGrantId) -> Result<bool, StoreError> {
    let rows = diesel::delete(
        catalog_role_grants::table.find(id).filter(catalog_role_grants::catalog_id.eq(catalog)),
    )
    .execute(&mut **tx)?;
    Ok(rows == 1)
}

/// Makes transactions that may take away an administrator wait for each other, so that two of them cannot each
/// leave the other's administrator as the last one (SPEC ROL-3). Call it before the change.
pub fn lock_administrators(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    diesel::update(
        directory_role_grants::table.filter(directory_role_grants::role.eq(DirectoryRole::Administrator)),
    )
    .set(directory_role_grants::granted_at.eq(directory_role_grants::granted_at))
    .execute(&mut **tx)?;
    Ok(())
}

/// The same for the owners of a catalog.
pub fn lock_owners(tx: &mut Tx<'_>, catalog: CatalogId) -> Result<(), StoreError> {
    diesel::update(
        catalog_role_grants::table
            .filter(catalog_role_grants::catalog_id.eq(catalog))
            .filter(catalog_role_grants::role.eq(CatalogRole::Owner)),
    )
    .set(catalog_role_grants::granted_at.eq(catalog_role_grants::granted_at))
    .execute(&mut **tx)?;
    Ok(())
}

/// The enabled administrators, through groups too (SPEC ROL-3, ROL-4).
pub fn administrators(conn: &mut Conn) -> Result<BTreeSet<UserId>, StoreError> {
    let grants =
        || directory_role_grants::table.filter(directory_role_grants::role.eq(DirectoryRole::Administrator));
    let ids: Vec<UserId> = users::table
        .filter(users::enabled.eq(true))
        .filter(users::deleted_at.is_null())
        .filter(
            users::id.nullable().eq_any(grants().select(directory_role_grants::user_id)).or(users::id
                .eq_any(
                    group_members::table
                        .inner_join(groups::table)
                        .filter(groups::deleted_at.is_null())
                        .filter(
                            groups::id.nullable().eq_any(grants().select(directory_role_grants::group_id)),
                        )
                        .select(group_members::user_id),
                )),
        )
        .select(users::id)
        .load(conn)?;
    Ok(ids.into_iter().collect())
}

/// The owners of a catalog who are enabled, through groups too (SPEC ROL-3, ROL-4).
pub fn owners(conn: &mut Conn, catalog: CatalogId) -> Result<BTreeSet<UserId>, StoreError> {
    holders(conn, catalog, &[CatalogRole::Owner])
}

/// Those who manage assignments in a catalog and are enabled, through groups too (SPEC section 2).
pub fn assignment_managers(conn: &mut Conn, catalog: CatalogId) -> Result<BTreeSet<UserId>, StoreError> {
    holders(conn, catalog, &[CatalogRole::Owner, CatalogRole::PackageManager, CatalogRole::AssignmentManager])
}

fn holders(
    conn: &mut Conn,
    catalog: CatalogId,
    roles: &[CatalogRole],
) -> Result<BTreeSet<UserId>, StoreError> {
    let grants = || {
        catalog_role_grants::table
            .filter(catalog_role_grants::catalog_id.eq(catalog))
            .filter(catalog_role_grants::role.eq_any(roles.to_vec()))
    };
    let ids: Vec<UserId> = users::table
        .filter(users::enabled.eq(true))
        .filter(users::deleted_at.is_null())
        .filter(
            users::id.nullable().eq_any(grants().select(catalog_role_grants::user_id)).or(users::id.eq_any(
                group_members::table
                    .inner_join(groups::table)
                    .filter(groups::deleted_at.is_null())
                    .filter(groups::id.nullable().eq_any(grants().select(catalog_role_grants::group_id)))
                    .select(group_members::user_id),
            )),
        )
        .select(users::id)
        .load(conn)?;
    Ok(ids.into_iter().collect())
}

/// The catalogs that this holder owns by a grant of its own.
pub fn owned_catalogs(conn: &mut Conn, holder: Holder) -> Result<Vec<CatalogId>, StoreError> {
    let owned = catalog_role_grants::table.filter(catalog_role_grants::role.eq(CatalogRole::Owner));
    Ok(match holder {
        Holder::User(id) => owned
            .filter(catalog_role_grants::user_id.eq(id))
            .select(catalog_role_grants::catalog_id)
            .load(conn)?,
        Holder::Group(id) => owned
            .filter(catalog_role_grants::group_id.eq(id))
            .select(catalog_role_grants::catalog_id)
            .load(conn)?,
    })
}

//! Signed-in people with the roles that they hold right now.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{catalog_role_grants, catalogs, directory_role_grants, group_members, groups, users};
use crate::domain::access::{CatalogRole, DirectoryRole, Principal};
use crate::domain::directory::UserKind;
use crate::kernel::ids::{CatalogId, UserId};

/// The person with their roles, their own and those of the groups that they are in at this moment (SPEC ROL-4).
/// `None` if the account is gone, deleted or disabled: such a person may do nothing (SPEC DIR-5).
pub fn load(conn: &mut Conn, user: UserId) -> Result<Option<Principal>, StoreError> {
    let person: Option<(String, UserKind)> = users::table
        .filter(users::id.eq(user))
        .filter(users::enabled.eq(true))
        .filter(users::deleted_at.is_null())
        .select((users::display_name, users::kind))
        .first(conn)
        .optional()?;
    let Some((name, kind)) = person else {
        return Ok(None);
    };
    let (roles, catalogs) = roles_of(conn, user)?;
    Ok(Some(Principal { user, name, guest: kind == UserKind::Guest, roles, catalogs }))
}

type Roles = (BTreeSet<DirectoryRole>, BTreeMap<CatalogId, BTreeSet<CatalogRole>>);

fn roles_of(conn: &mut Conn, user: UserId) -> Result<Roles, StoreError> {
    let own_groups = || {
        group_members::table
            .inner_join(groups::table)
            .filter(group_members::user_id.eq(user))
            .filter(groups::deleted_at.is_null())
            .select(group_members::group_id.nullable())
    };
    let roles: Vec<DirectoryRole> = directory_role_grants::table
        .filter(
            directory_role_grants::user_id.eq(user).or(directory_role_grants::group_id.eq_any(own_groups())),
        )
        .select(directory_role_grants::role)
        .load(conn)?;
    let in_catalogs: Vec<(CatalogId, CatalogRole)> = catalog_role_grants::table
        .inner_join(catalogs::table)
        .filter(catalogs::deleted_at.is_null())
        .filter(catalog_role_grants::user_id.eq(user).or(catalog_role_grants::group_id.eq_any(own_groups())))
        .select((catalog_role_grants::catalog_id, catalog_role_grants::role))
        .load(conn)?;
    let mut catalogs: BTreeMap<CatalogId, BTreeSet<CatalogRole>> = BTreeMap::new();
    for (catalog, role) in in_catalogs {
        catalogs.entry(catalog).or_default().insert(role);
    }
    Ok((roles.into_iter().collect(), catalogs))
}

//! People as the rules see them: enabled or not, guest or not, live group memberships.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{connected_organizations, group_members, groups, users};
use crate::domain::directory::{OrganizationState, Person, UserKind};
use crate::kernel::ids::{GroupId, OrganizationId, UserId};

/// A person's facts for scopes and gates; `None` if there is no such user, or a deleted one.
pub fn person(conn: &mut Conn, id: UserId) -> Result<Option<Person>, StoreError> {
    let row: Option<(UserKind, bool, Option<OrganizationId>)> = users::table
        .find(id)
        .filter(users::deleted_at.is_null())
        .select((users::kind, users::enabled, users::organization_id))
        .first(conn)
        .optional()?;
    let Some((kind, enabled, organization)) = row else {
        return Ok(None);
    };
    let memberships: Vec<GroupId> = group_members::table
        .inner_join(groups::table)
        .filter(group_members::user_id.eq(id).and(groups::deleted_at.is_null()))
        .select(group_members::group_id)
        .load(conn)?;
    let configured = match organization {
        None => false,
        Some(o) => {
            connected_organizations::table
                .find(o)
                .select(connected_organizations::state)
                .first(conn)
                .optional()?
                == Some(OrganizationState::Configured)
        }
    };
    Ok(Some(Person {
        id: Some(id),
        guest: kind == UserKind::Guest,
        enabled,
        groups: memberships.into_iter().collect(),
        organization,
        organization_configured: configured,
    }))
}

/// The language and region of a person; empty if there is no such user.
pub fn locale(conn: &mut Conn, id: UserId) -> Result<String, StoreError> {
    let locale: Option<String> = users::table.find(id).select(users::locale).first(conn).optional()?;
    Ok(locale.unwrap_or_default())
}

/// Which of these users are enabled and not deleted.
pub fn enabled_among(conn: &mut Conn, ids: &BTreeSet<UserId>) -> Result<BTreeSet<UserId>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found: Vec<UserId> = users::table
        .filter(
            users::id
                .eq_any(ids.iter().copied())
                .and(users::enabled.eq(true))
                .and(users::deleted_at.is_null()),
        )
        .select(users::id)
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// The managers of these users; who has none is left out.
pub fn managers(conn: &mut Conn, ids: &BTreeSet<UserId>) -> Result<BTreeMap<UserId, UserId>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(UserId, Option<UserId>)> = users::table
        .filter(users::id.eq_any(ids.iter().copied()))
        .select((users::id, users::manager_id))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(user, manager)| manager.map(|m| (user, m))).collect())
}

/// The members of these groups, enabled or not.
pub fn members(
    conn: &mut Conn,
    ids: &BTreeSet<GroupId>,
) -> Result<BTreeMap<GroupId, BTreeSet<UserId>>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(GroupId, UserId)> = group_members::table
        .inner_join(groups::table)
        .filter(group_members::group_id.eq_any(ids.iter().copied()).and(groups::deleted_at.is_null()))
        .select((group_members::group_id, group_members::user_id))
        .load(conn)?;
    let mut members: BTreeMap<GroupId, BTreeSet<UserId>> = BTreeMap::new();
    for (group, user) in rows {
        members.entry(group).or_default().insert(user);
    }
    Ok(members)
}

/// The display names of these users, deleted ones too (SPEC DIR-2).
pub fn names(conn: &mut Conn, ids: &BTreeSet<UserId>) -> Result<BTreeMap<UserId, String>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(UserId, String)> = users::table
        .filter(users::id.eq_any(ids.iter().copied()))
        .select((users::id, users::display_name))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The display name of one user.
pub fn name(conn: &mut Conn, id: UserId) -> Result<String, StoreError> {
    let found: Option<String> = users::table.find(id).select(users::display_name).first(conn).optional()?;
    found.ok_or(StoreError::Missing("a user"))
}

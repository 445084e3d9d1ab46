//! People and groups to pick from.

use diesel::prelude::*;

use crate::domain::directory::{Holder, UserKind};
use crate::kernel::ids::{GroupId, UserId};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{groups, users};
use crate::store::search;

/// Somebody who can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonOption {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their department, may be empty.
    pub department: String,
    /// Comes from outside?
    pub guest: bool,
    /// May sign in?
    pub enabled: bool,
}

/// A group that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOption {
    /// Which.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

type PersonRow = (UserId, String, String, String, UserKind, bool);

fn person((id, name, email, department, kind, enabled): PersonRow) -> PersonOption {
    PersonOption { id, name, email, department, guest: kind == UserKind::Guest, enabled }
}

/// People whose name, address, department, job title or number contains every word of `q`, by name; all for an
/// empty `q`. Nobody deleted, and at most `limit`.
pub fn search_people(conn: &mut Conn, q: &str, limit: i64) -> Result<Vec<PersonOption>, StoreError> {
    let mut found = users::table.filter(users::deleted_at.is_null()).into_boxed::<MultiBackend>();
    for pattern in search::patterns(q) {
        found = found.filter(users::search_folded.like(pattern).escape(search::ESCAPE));
    }
    let rows: Vec<PersonRow> = found
        .order((users::name_folded, users::id))
        .limit(limit)
        .select((
            users::id,
            users::display_name,
            users::email,
            users::department,
            users::kind,
            users::enabled,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(person).collect())
}

/// Groups whose name contains every word of `q`, by name; all for an empty `q`. None deleted, and at most
/// `limit`.
pub fn search_groups(conn: &mut Conn, q: &str, limit: i64) -> Result<Vec<GroupOption>, StoreError> {
    let mut found = groups::table.filter(groups::deleted_at.is_null()).into_boxed::<MultiBackend>();
    for pattern in search::patterns(q) {
        found = found.filter(groups::name_folded.like(pattern).escape(search::ESCAPE));
    }
    let rows: Vec<(GroupId, String, String)> = found
        .order((groups::name_folded, groups::id))
        .limit(limit)
        .select((groups::id, groups::name, groups::description))
        .load(conn)?;
    Ok(rows.into_iter().map(group).collect())
}

fn group((id, name, description): (GroupId, String, String)) -> GroupOption {
    GroupOption { id, name, description }
}

/// The people with one of these folded addresses or folded names, by name.
pub fn people_called(
    conn: &mut Conn,
    emails: &[String],
    names: &[String],
) -> Result<Vec<PersonOption>, StoreError> {
    if emails.is_empty() && names.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<PersonRow> = users::table
        .filter(users::deleted_at.is_null())
        .filter(users::email_folded.eq_any(emails).or(users::name_folded.eq_any(names)))
        .order((users::name_folded, users::id))
        .select((
            users::id,
            users::display_name,
            users::email,
            users::department,
            users::kind,
            users::enabled,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(person).collect())
}

/// The groups with one of these folded names.
pub fn groups_called(conn: &mut Conn, names: &[String]) -> Result<Vec<GroupOption>, StoreError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(GroupId, String, String)> = groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::name_folded.eq_any(names))
        .select((groups::id, groups::name, groups::description))
        .load(conn)?;
    Ok(rows.into_iter().map(group).collect())
}

/// These users and groups as options, people first, each by name; deleted ones are left out.
pub fn chosen(
    conn: &mut Conn,
    holders: &[Holder],
) -> Result<(Vec<PersonOption>, Vec<GroupOption>), StoreError> {
    let people: Vec<PersonRow> = users::table
        .filter(users::deleted_at.is_null())
        .filter(users::id.eq_any(holders.iter().filter_map(|h| h.user())))
        .order((users::name_folded, users::id))
        .select((
            users::id,
            users::display_name,
            users::email,
            users::department,
            users::kind,
            users::enabled,
        ))
        .load(conn)?;
    let of_groups: Vec<(GroupId, String, String)> = groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::id.eq_any(holders.iter().filter_map(|h| h.group())))
        .order((groups::name_folded, groups::id))
        .select((groups::id, groups::name, groups::description))
        .load(conn)?;
    Ok((people.into_iter().map(person).collect(), of_groups.into_iter().map(group).collect()))
}

//! Creating, editing and deleting groups, and who belongs to them (SPEC DIR-4).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{difference, keep_an_administrator, keep_owners};
use crate::app::{AppError, Cx, rules};
use crate::domain::Refusal;
use crate::domain::access::Permit;
use crate::domain::access::task::ManageDirectory;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::directory::{Belonging, Group, GroupFields, GroupKind, Holder};
use crate::domain::rule::Rule;
use crate::kernel::ids::{CatalogId, EntityId as _, GroupId, UserId};
use crate::store::{StoreError, Tx, groups, people, role_grants, users};

fn taken(error: StoreError) -> AppError {
    if error.is_taken("groups_name_folded_key") { Refusal::NameTaken("a group").into() } else { error.into() }
}

fn record(action: &'static str, group: &Group) -> Record {
    Record::of(action, ObjectKind::Group, group.id.uuid(), group.fields.name.clone())
}

/// Loads the group as the form saw it; somebody else's change in between makes the form stale.
fn as_seen(tx: &mut Tx<'_>, id: GroupId, version: i64) -> Result<Group, AppError> {
    let group = groups::find(tx, id)?.ok_or(AppError::NotFound)?;
    if group.version != version {
        return Err(Refusal::Stale.into());
    }
    Ok(group)
}

/// Makes a group whose members are named by hand, with these owners.
pub fn create(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    fields: GroupFields,
    owners: &BTreeSet<UserId>,
) -> Result<GroupId, AppError> {
    let group = Group {
        id: cx.id(),
        fields,
        kind: GroupKind::Assigned,
        rule: None,
        created_at: cx.now,
        deleted_at: None,
        version: 1,
    };
    groups::insert(tx, &group).map_err(taken)?;
    let values = serde_json::to_value(&group.fields).map_err(StoreError::from)?;
    cx.record(tx, record("group.create", &group).change(Value::Null, values));
    put_in(tx, cx, &group, owners, Belonging::Owner)?;
    Ok(group.id)
}

/// Saves what was edited about a group. What did not change writes nothing.
pub fn edit(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: GroupId,
    version: i64,
    fields: GroupFields,
) -> Result<(), AppError> {
    let before = as_seen(tx, id, version)?;
    if before.fields == fields {
        return Ok(());
    }
    groups::update(tx, id, version, &fields).map_err(taken)?;
    let (old, new) = difference(&before.fields, &fields)?;
    cx.record(tx, record("group.edit", &before).change(old, new));
    Ok(())
}

/// Deletes a group that nothing uses any more.
pub fn delete(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: GroupId,
    version: i64,
) -> Result<(), AppError> {
    let group = as_seen(tx, id, version)?;
    let uses = groups::uses(tx, id)?;
    if !uses.is_empty() {
        return Err(Refusal::GroupInUse(shortened(&uses)).into());
    }
    groups::delete(tx, id, version, cx.now)?;
    rules::group_changed(tx, id)?;
    let values = serde_json::to_value(&group.fields).map_err(StoreError::from)?;
    cx.record(tx, record("group.delete", &group).change(values, Value::Null));
    Ok(())
}

/// The first few of a list in words, and how many more there are.
fn shortened(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = all.iter().take(SHOWN).map(String::as_str).collect();
    let rest = all.len().saturating_sub(SHOWN);
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more", shown.join(", ")) }
}

/// Adds people to a group, as members or owners. How many are new in it.
pub fn add(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: GroupId,
    people: &BTreeSet<UserId>,
    as_a: Belonging,
) -> Result<usize, AppError> {
    let group = groups::find(tx, id)?.ok_or(AppError::NotFound)?;
    if as_a == Belonging::Member {
        group.check_by_hand()?;
    }
    put_in(tx, cx, &group, people, as_a)
}

fn put_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    group: &Group,
    people: &BTreeSet<UserId>,
    as_a: Belonging,
) -> Result<usize, AppError> {
    let names = people::names(tx, people)?;
    let mut added = 0;
    for user in people {
        if users::find(tx, *user)?.is_none() {
            return Err(AppError::NotFound);
        }
        if groups::add(tx, group.id, *user, as_a, cx.now)? {
            added += 1;
            let action = match as_a {
                Belonging::Member => "group.addMember",
                Belonging::Owner => "group.addOwner",
            };
            let who = json!({ "user": user, "name": names.get(user) });
            cx.record(tx, record(action, group).about(*user).change(Value::Null, who));
        }
    }
    Ok(added)
}

/// Takes somebody out of a group. Refused if that took the last administrator, or the last owner of a catalog
/// (SPEC ROL-3).
pub fn remove(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: GroupId,
    user: UserId,
    as_a: Belonging,
) -> Result<(), AppError> {
    let group = groups::find(tx, id)?.ok_or(AppError::NotFound)?;
    let name = people::name(tx, user)?;
    let mut owned = Vec::new();
    if as_a == Belonging::Member {
        group.check_by_hand()?;
        owned = hold_roles(tx, id)?;
    }
    if !groups::remove(tx, id, user, as_a)? {
        return Ok(());
    }
    if as_a == Belonging::Member {
        keep_an_administrator(tx)?;
        keep_owners(tx, &owned)?;
    }
    let action = match as_a {
        Belonging::Member => "group.removeMember",
        Belonging::Owner => "group.removeOwner",
    };
    let who = json!({ "user": user, "name": name });
    cx.record(tx, record(action, &group).about(user).change(who, Value::Null));
    Ok(())
}

/// Puts somebody into a dynamic group, or takes them out, because of its rule (SPEC DIR-4). Refused if that took the
/// last administrator, or the last owner of a catalog (SPEC ROL-3).
pub fn follow_rule(
    tx: &mut Tx<'_>,
    cx: &Cx,
    id: GroupId,
    user: UserId,
    joins: bool,
    rule: &str,
) -> Result<(), AppError> {
    let group = groups::find(tx, id)?.ok_or(AppError::NotFound)?;
    let name = people::name(tx, user)?;
    let who = json!({ "user": user, "name": name });
    let why = format!("By the rule: {rule}");
    if joins {
        if groups::add(tx, id, user, Belonging::Member, cx.now)? {
            let joined = record("group.addMember", &group).about(user).change(Value::Null, who);
            cx.record(tx, joined.because(why));
        }
        return Ok(());
    }
    let owned = hold_roles(tx, id)?;
    if groups::remove(tx, id, user, Belonging::Member)? {
        keep_an_administrator(tx)?;
        keep_owners(tx, &owned)?;
        let left = record("group.removeMember", &group).about(user).change(who, Value::Null);
        cx.record(tx, left.because(why));
    }
    Ok(())
}

/// Before members are taken out of a group: nobody else may take the last administrator or owner at this moment. The
/// catalogs that the group owns.
fn hold_roles(tx: &mut Tx<'_>, id: GroupId) -> Result<Vec<CatalogId>, AppError> {
    role_grants::lock_administrators(tx)?;
    let owned = role_grants::owned_catalogs(tx, Holder::Group(id))?;
    for catalog in &owned {
        role_grants::lock_owners(tx, *catalog)?;
    }
    Ok(owned)
}

/// Lets a group's members follow a rule, or another one; without one they are named by hand again, and whoever is in
/// it stays. Refused while a package makes people members (SPEC DIR-4).
pub fn set_rule(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: GroupId,
    version: i64,
    rule: Option<&Rule>,
) -> Result<(), AppError> {
    let group = as_seen(tx, id, version)?;
    let text = rule.map(ToString::to_string);
    if group.rule == text {
        return Ok(());
    }
    if text.is_some() {
        let packages = groups::packages_with_members(tx, id)?;
        if !packages.is_empty() {
            return Err(Refusal::MembersByPackage(shortened(&packages)).into());
        }
    }
    groups::set_rule(tx, id, version, text.as_deref())?;
    rules::group_changed(tx, id)?;
    let (old, new) = (json!({ "rule": group.rule }), json!({ "rule": text }));
    cx.record(tx, record("group.setRule", &group).change(old, new));
    Ok(())
}

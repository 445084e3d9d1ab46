//! Creating, editing, disabling, enabling, deleting and restoring users (SPEC DIR-1, DIR-2, DIR-5, DIR-6).

use chrono::Duration;
use serde_json::{Value, json};

use super::{catalogs_owned_by, difference, keep_an_administrator, keep_owners};
use crate::app::{AppError, Cx, account};
use crate::domain::Refusal;
use crate::domain::access::Permit;
use crate::domain::access::task::ManageDirectory;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::directory::{Profile, RESTORABLE_DAYS, User, UserSource, check_manager};
use crate::kernel::ids::{EntityId as _, UserId};
use crate::store::{StoreError, Tx, account_links, principals, role_grants, rules, sessions, users};

/// Somebody new.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What is known of them.
    pub profile: Profile,
    /// Send them an invitation to choose a password?
    pub invite: bool,
}

fn taken(error: StoreError) -> AppError {
    if error.is_taken("users_email_folded_key") { Refusal::EmailTaken.into() } else { error.into() }
}

fn record(action: &'static str, user: &User) -> Record {
    Record::of(action, ObjectKind::User, user.id.uuid(), user.profile.display_name.clone()).about(user.id)
}

/// Loads the user as the form saw them; somebody else's change in between makes the form stale.
fn as_seen(tx: &mut Tx<'_>, id: UserId, version: i64) -> Result<User, AppError> {
    let user = users::find(tx, id)?.ok_or(AppError::NotFound)?;
    if user.version != version {
        return Err(Refusal::Stale.into());
    }
    Ok(user)
}

/// Refuses a manager who does not exist or would close a circle (SPEC DIR-6).
fn check_line(tx: &mut Tx<'_>, user: UserId, manager: UserId) -> Result<(), AppError> {
    users::hold_managers(tx)?;
    let found = users::find(tx, manager)?.ok_or(AppError::NotFound)?;
    let above = users::managers_of(tx, manager)?;
    check_manager(user, manager, &found.profile.display_name, &above)?;
    Ok(())
}

/// Makes a user, and sends an invitation if wanted.
pub fn create(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    new: NewUser,
) -> Result<UserId, AppError> {
    let user = User {
        id: cx.id(),
        profile: new.profile,
        enabled: true,
        source: UserSource::Local,
        organization: None,
        created_at: cx.now,
        last_sign_in_at: None,
        deleted_at: None,
        version: 1,
    };
    if let Some(manager) = user.profile.manager {
        check_line(tx, user.id, manager)?;
    }
    users::insert(tx, &user).map_err(taken)?;
    let values = serde_json::to_value(&user.profile).map_err(StoreError::from)?;
    cx.record(tx, record("user.create", &user).change(Value::Null, values));
    if new.invite {
        account::links::invite(tx, cx, user.id)?;
    }
    Ok(user.id)
}

/// Sends (another) invitation to somebody who can sign in.
pub fn invite(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: UserId,
) -> Result<(), AppError> {
    let user = users::find(tx, id)?.ok_or(AppError::NotFound)?;
    if !user.enabled {
        return Err(Refusal::UserDisabled.into());
    }
    account::links::invite(tx, cx, user.id)?;
    Ok(())
}

/// Saves what was edited about a user. What did not change writes nothing.
pub fn edit(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: UserId,
    version: i64,
    profile: Profile,
) -> Result<(), AppError> {
    let before = as_seen(tx, id, version)?;
    if before.profile == profile {
        return Ok(());
    }
    if let Some(manager) = profile.manager
        && before.profile.manager != Some(manager)
    {
        check_line(tx, id, manager)?;
    }
    users::update_profile(tx, id, version, &profile).map_err(taken)?;
    if before.profile.email != profile.email {
        // A link that waits in the old mailbox must not open the account of the new one.
        account_links::void_all_of(tx, id, cx.now)?;
        // Rules can ask for the manager's address.
        rules::touch_reports(tx, id, version + 1)?;
    }
    let (old, new) = difference(&before.profile, &profile)?;
    cx.record(tx, record("user.edit", &before).change(old, new));
    Ok(())
}

/// Disables a user: their sessions and open account links end at once, their assignments stay (SPEC DIR-5).
/// Refused for the last administrator (SPEC ROL-3).
pub fn disable(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: UserId,
    version: i64,
) -> Result<(), AppError> {
    role_grants::lock_administrators(tx)?;
    let user = as_seen(tx, id, version)?;
    if !user.enabled {
        return Ok(());
    }
    users::set_enabled(tx, id, version, false)?;
    keep_an_administrator(tx)?;
    end_everything(tx, cx, id)?;
    let (old, new) = (json!({ "enabled": true }), json!({ "enabled": false }));
    cx.record(tx, record("user.disable", &user).change(old, new));
    Ok(())
}

/// Ends sessions and account links.
fn end_everything(tx: &mut Tx<'_>, cx: &Cx, id: UserId) -> Result<(), AppError> {
    sessions::revoke_all(tx, id)?;
    account_links::void_all_of(tx, id, cx.now)?;
    Ok(())
}

/// Lets a disabled user in again.
pub fn enable(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: UserId,
    version: i64,
) -> Result<(), AppError> {
    let user = as_seen(tx, id, version)?;
    if user.enabled {
        return Ok(());
    }
    users::set_enabled(tx, id, version, true)?;
    let (old, new) = (json!({ "enabled": false }), json!({ "enabled": true }));
    cx.record(tx, record("user.enable", &user).change(old, new));
    Ok(())
}

/// Deletes a user softly: restorable for some days, and their name stays in past records (SPEC DIR-2). Refused
/// for the last administrator and for the last owner of a catalog (SPEC ROL-3).
pub fn delete(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: UserId,
    version: i64,
) -> Result<(), AppError> {
    role_grants::lock_administrators(tx)?;
    let user = as_seen(tx, id, version)?;
    let owned = principals::load(tx, id)?.map_or_else(Vec::new, |p| catalogs_owned_by(&p));
    for catalog in &owned {
        role_grants::lock_owners(tx, *catalog)?;
    }
    users::set_deleted(tx, id, version, Some(cx.now))?;
    keep_an_administrator(tx)?;
    keep_owners(tx, &owned)?;
    end_everything(tx, cx, id)?;
    let (old, new) = (json!({ "deleted": false }), json!({ "deleted": true }));
    cx.record(tx, record("user.delete", &user).change(old, new));
    Ok(())
}

/// Brings a deleted user back, as they were; not found after the time in which that is possible (SPEC DIR-2).
pub fn restore(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: UserId,
    version: i64,
) -> Result<(), AppError> {
    let user = users::find_with_deleted(tx, id)?.ok_or(AppError::NotFound)?;
    let Some(deleted_at) = user.deleted_at else {
        return Ok(());
    };
    if deleted_at + Duration::days(RESTORABLE_DAYS) <= cx.now {
        return Err(AppError::NotFound);
    }
    if user.version != version {
        return Err(Refusal::Stale.into());
    }
    users::set_deleted(tx, id, version, None).map_err(taken)?;
    let (old, new) = (json!({ "deleted": true }), json!({ "deleted": false }));
    cx.record(tx, record("user.restore", &user).change(old, new));
    Ok(())
}

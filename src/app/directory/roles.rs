//! Granting and taking back directory-wide roles (SPEC section 2).

use serde_json::{Value, json};

use super::keep_an_administrator;
use crate::app::{AppError, Cx};
use crate::domain::access::task::ManageDirectory;
use crate::domain::access::{DirectoryRole, Permit};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::directory::Holder;
use crate::kernel::ids::{EntityId as _, RoleGrantId};
use crate::store::role_grants::{self, Grant, NewGrant};
use crate::store::{Tx, groups, users};

/// Grants a role to users and groups. How many have it newly.
pub fn grant(
    tx: &mut Tx<'_>,
    cx: &Cx,
    permit: Permit<ManageDirectory>,
    role: DirectoryRole,
    holders: &[Holder],
) -> Result<usize, AppError> {
    let mut granted = 0;
    for holder in holders {
        let name = match holder {
            Holder::User(id) => users::find(tx, *id)?.map(|u| u.profile.display_name),
            Holder::Group(id) => groups::find(tx, *id)?.map(|g| g.fields.name),
        };
        let name = name.ok_or(AppError::NotFound)?;
        let new = NewGrant { id: cx.id(), role, holder: *holder, by: Some(permit.by()), at: cx.now };
        if role_grants::grant_directory(tx, new)? {
            granted += 1;
            let values = json!({ "role": role, "holder": holder, "name": name });
            cx.record(tx, record("directoryRole.grant", new.id, role, *holder).change(Value::Null, values));
        }
    }
    Ok(granted)
}

/// Takes a role back. Refused for the last enabled administrator (SPEC ROL-3).
pub fn revoke(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: RoleGrantId,
) -> Result<Grant<DirectoryRole>, AppError> {
    role_grants::lock_administrators(tx)?;
    let grant = role_grants::list_directory(tx)?
        .into_iter()
        .find(|grant| grant.id == id)
        .ok_or(AppError::NotFound)?;
    if !role_grants::revoke_directory(tx, id)? {
        return Err(AppError::NotFound);
    }
    keep_an_administrator(tx)?;
    let values = json!({ "role": grant.role, "holder": grant.holder, "name": grant.holder_name });
    cx.record(tx, record("directoryRole.revoke", id, grant.role, grant.holder).change(values, Value::Null));
    Ok(grant)
}

fn record(action: &'static str, id: RoleGrantId, role: DirectoryRole, holder: Holder) -> Record {
    let record = Record::of(action, ObjectKind::DirectoryRole, id.uuid(), role.words());
    match holder.user() {
        Some(user) => record.about(user),
        None => record,
    }
}

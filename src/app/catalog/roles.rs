//! Who holds which role in a catalog (SPEC section 2).

use serde_json::{Value, json};

use super::catalogs::get;
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, CatalogRole, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::directory::Holder;
use crate::kernel::ids::{CatalogId, EntityId as _, RoleGrantId};
use crate::store::Tx;
use crate::store::role_grants::{self, NewGrant};

/// Grants a role in the catalog to users and groups; who has it already keeps it. How many got it.
pub fn grant(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    catalog: CatalogId,
    role: CatalogRole,
    holders: &[Holder],
) -> Result<usize, AppError> {
    let permit = access::edit_catalog(me, catalog)?;
    let name = get(tx, catalog)?.fields.name;
    let mut granted = 0;
    for holder in holders {
        let new = NewGrant { id: cx.id(), role, holder: *holder, by: Some(permit.by()), at: cx.now };
        if !role_grants::grant_in_catalog(tx, catalog, new)? {
            continue;
        }
        granted += 1;
        let mut record = Record::of("catalog.grantRole", ObjectKind::Catalog, catalog.uuid(), &name)
            .change(Value::Null, json!({ "role": role, "holder": holder }));
        if let Some(user) = holder.user() {
            record = record.about(user);
        }
        cx.record(tx, record);
    }
    Ok(granted)
}

/// Takes a role in the catalog back. A catalog keeps at least one owner (SPEC ROL-3).
pub fn revoke(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    catalog: CatalogId,
    id: RoleGrantId,
) -> Result<(), AppError> {
    access::edit_catalog(me, catalog)?;
    let name = get(tx, catalog)?.fields.name;
    role_grants::lock_owners(tx, catalog)?;
    let grant = role_grants::list_in_catalog(tx, catalog)?
        .into_iter()
        .find(|g| g.id == id)
        .ok_or(AppError::NotFound)?;
    role_grants::revoke_in_catalog(tx, catalog, id)?;
    if grant.role == CatalogRole::Owner && role_grants::owners(tx, catalog)?.is_empty() {
        return Err(Refusal::LastOwner.into());
    }
    let mut record = Record::of("catalog.revokeRole", ObjectKind::Catalog, catalog.uuid(), &name)
        .change(json!({ "role": grant.role, "holder": grant.holder }), Value::Null);
    if let Some(user) = grant.holder.user() {
        record = record.about(user);
    }
    cx.record(tx, record);
    Ok(())
}

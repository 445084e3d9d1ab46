//! Use cases of the directory: users, groups and directory-wide roles (SPEC sections 2 and 3). Each demands the
//! permit to manage the directory, which administrators get.

pub mod groups;
pub mod import;
pub mod imports;
pub mod roles;
pub mod sponsors;
pub mod users;

use serde::Serialize;
use serde_json::{Map, Value};

use super::AppError;
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::kernel::ids::CatalogId;
use crate::store::{Tx, role_grants};

/// What differs between two states of an object, as the values before and after: what the audit log keeps of an
/// edit.
fn difference<T: Serialize>(old: &T, new: &T) -> Result<(Value, Value), AppError> {
    let object = |value: &T| match serde_json::to_value(value) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(AppError::Store(error.into())),
    };
    let (mut before, mut after) = (object(old)?, object(new)?);
    let same: Vec<String> = before
        .iter()
        .filter(|(name, value)| after.get(*name) == Some(*value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    Ok((Value::Object(before), Value::Object(after)))
}

/// Refuses the change that was just made if it took the last enabled administrator (SPEC ROL-3). Needs
/// [`role_grants::lock_administrators`] before the change.
fn keep_an_administrator(tx: &mut Tx<'_>) -> Result<(), AppError> {
    if role_grants::administrators(tx)?.is_empty() {
        return Err(Refusal::LastAdministrator.into());
    }
    Ok(())
}

/// Refuses the change that was just made if it took the last owner of one of these catalogs (SPEC ROL-3). Needs
/// [`role_grants::lock_owners`] before the change.
fn keep_owners(tx: &mut Tx<'_>, catalogs: &[CatalogId]) -> Result<(), AppError> {
    for catalog in catalogs {
        if role_grants::owners(tx, *catalog)?.is_empty() {
            return Err(Refusal::LastOwner.into());
        }
    }
    Ok(())
}

/// The catalogs that this person owns, through groups too.
fn catalogs_owned_by(person: &Principal) -> Vec<CatalogId> {
    person
        .catalogs
        .iter()
        .filter(|(_, roles)| roles.contains(&crate::domain::access::CatalogRole::Owner))
        .map(|(catalog, _)| *catalog)
        .collect()
}

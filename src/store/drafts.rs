//! Packages that somebody is making in the wizard and has not finished (SPEC PKG-6).

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::package_drafts;
use super::tx::Tx;
use super::types::Json;
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, UserId};

/// What was typed, where, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// The wizard's step, from 1.
    pub step: i32,
    /// What was typed in all steps.
    pub fields: T,
    /// When.
    pub at: Moment,
}

/// What this person has begun in this catalog.
pub fn find<T: DeserializeOwned>(
    conn: &mut Conn,
    user: UserId,
    catalog: CatalogId,
) -> Result<Option<Kept<T>>, StoreError> {
    let row: Option<(i32, Json, Moment)> = package_drafts::table
        .find((user, catalog))
        .select((package_drafts::step, package_drafts::fields, package_drafts::updated_at))
        .first(conn)
        .optional()?;
    row.map(|(step, fields, at)| Ok(Kept { step, fields: fields.read()?, at })).transpose()
}

/// Keeps it, in place of what was kept before.
pub fn keep<T: Serialize>(
    tx: &mut Tx<'_>,
    user: UserId,
    catalog: CatalogId,
    kept: &Kept<T>,
) -> Result<(), StoreError> {
    forget(tx, user, catalog)?;
    diesel::insert_into(package_drafts::table)
        .values((
            package_drafts::user_id.eq(user),
            package_drafts::catalog_id.eq(catalog),
            package_drafts::step.eq(kept.step),
            package_drafts::fields.eq(Json::of(&kept.fields)?),
            package_drafts::updated_at.eq(kept.at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets it.
pub fn forget(tx: &mut Tx<'_>, user: UserId, catalog: CatalogId) -> Result<(), StoreError> {
    diesel::delete(package_drafts::table.find((user, catalog))).execute(&mut **tx)?;
    Ok(())
}

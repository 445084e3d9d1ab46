//! Settings of the instance that the database keeps: secrets made at first start, the demo's clock.

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::settings;
use super::tx::Tx;
use super::types::Json;
use crate::kernel::Moment;

/// The value under this name.
pub fn get<T: DeserializeOwned>(conn: &mut Conn, name: &str) -> Result<Option<T>, StoreError> {
    let value: Option<Json> = settings::table.find(name).select(settings::value).first(conn).optional()?;
    value.map(Json::read).transpose()
}

/// Keeps the value under this name.
pub fn put<T: Serialize>(tx: &mut Tx<'_>, name: &str, value: &T, now: Moment) -> Result<(), StoreError> {
    let value = Json::of(value)?;
    let changed = diesel::update(settings::table.find(name))
        .set((settings::value.eq(&value), settings::updated_at.eq(now)))
        .execute(&mut **tx)?;
    if changed == 0 {
        diesel::insert_into(settings::table)
            .values((settings::name.eq(name), settings::value.eq(&value), settings::updated_at.eq(now)))
            .execute(&mut **tx)
            .map_err(StoreError::from)
            // Another process keeps it for the first time at the same moment: trying again finds what it kept.
            .map_err(|e| if e.is_taken("settings_pkey") { StoreError::Stale } else { e })?;
    }
    Ok(())
}

//! The sponsors of people (SPEC DIR-1): those who answer for them, and may approve for them (SPEC APR-1).

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::user_sponsors;
use super::tx::Tx;
use crate::kernel::ids::UserId;

/// The sponsors of a person.
pub fn of(conn: &mut Conn, user: UserId) -> Result<BTreeSet<UserId>, StoreError> {
    let rows: Vec<UserId> = user_sponsors::table
        .filter(user_sponsors::user_id.eq(user))
        .select(user_sponsors::sponsor_id)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Makes these, and nobody else, the sponsors of a person.
pub fn set(tx: &mut Tx<'_>, user: UserId, sponsors: &BTreeSet<UserId>) -> Result<(), StoreError> {
    diesel::delete(user_sponsors::table.filter(user_sponsors::user_id.eq(user))).execute(&mut **tx)?;
    for sponsor in sponsors {
        diesel::insert_into(user_sponsors::table)
            .values((user_sponsors::user_id.eq(user), user_sponsors::sponsor_id.eq(*sponsor)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

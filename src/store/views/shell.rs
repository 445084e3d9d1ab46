//! What surrounds every page of a signed-in person.

use diesel::prelude::*;

use crate::kernel::ids::UserId;
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::users;

/// What the frame of a page shows of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellFacts {
    /// Their address.
    pub email: String,
    /// Their time zone's name; empty when they follow the instance.
    pub time_zone: String,
}

/// Loads it; `None` if the person is gone.
pub fn load(conn: &mut Conn, user: UserId) -> Result<Option<ShellFacts>, StoreError> {
    let row: Option<(String, String)> = users::table
        .find(user)
        .select((users::email, users::time_zone))
        .first(conn)
        .optional()?;
    Ok(row.map(|(email, time_zone)| ShellFacts { email, time_zone }))
}

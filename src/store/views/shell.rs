//! What surrounds every page of a signed-in person.

use diesel::prelude::*;

use crate::domain::access::Principal;
use crate::kernel::Moment;
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
    /// How many requests wait for their decision.
    pub waiting: i64,
    /// How many fulfilment tasks wait for them; `None` if they have nothing to do with any.
    pub tasks: Option<i64>,
    /// How many people report to them.
    pub reports: i64,
}

/// Loads it; `None` if the person is gone.
pub fn load(conn: &mut Conn, principal: &Principal, now: Moment) -> Result<Option<ShellFacts>, StoreError> {
    let user = principal.user;
    let row: Option<(String, String)> =
        users::table.find(user).select((users::email, users::time_zone)).first(conn).optional()?;
    let Some((email, time_zone)) = row else {
        return Ok(None);
    };
    Ok(Some(ShellFacts {
        email,
        time_zone,
        waiting: super::approvals::waiting(conn, user, now)?,
        tasks: super::tasks::count(conn, principal)?,
        reports: super::team::count(conn, user)?,
    }))
}

//! Signed-in sessions (SPEC SES-2). The database keeps the hash of a session's key, never the key.

use chrono::Duration;
use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::sessions;
use super::tx::Tx;
use crate::kernel::Moment;
use crate::kernel::ids::{SessionId, UserId};

/// A session that is still good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Its id, as the profile lists it.
    pub id: SessionId,
    /// Whose it is.
    pub user: Option<UserId>,
    /// When it was last used.
    pub last_seen_at: Moment,
    /// When it ends in any case.
    pub expires_at: Moment,
}

/// The session with this key, unless it has ended or has been idle for too long.
pub fn find_live(
    conn: &mut Conn,
    key_hash: &str,
    now: Moment,
    idle: Duration,
) -> Result<Option<LiveSession>, StoreError> {
    let row: Option<(SessionId, Option<UserId>, Moment, Moment)> = sessions::table
        .filter(sessions::key_hash.eq(key_hash))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now - idle))
        .select((
            sessions::id,
            sessions::user_id,
            sessions::last_seen_at,
            sessions::expires_at,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, user, last_seen_at, expires_at)| LiveSession {
        id,
        user,
        last_seen_at,
        expires_at,
    }))
}

/// Notes that the session was used.
pub fn touch(tx: &mut Tx<'_>, id: SessionId, now: Moment) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id))
        .set(sessions::last_seen_at.eq(now))
        .execute(&mut **tx)?;
    Ok(())
}

//! Signed-in sessions (SPEC SES-2). The database keeps the hash of a session's key, never the key. A session is
//! made in the transaction that checks the credentials a last time, so none outlives a change of them (I15).

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
    /// The network address that it began from.
    pub ip: String,
    /// The browser that it began in.
    pub agent: String,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to about a minute.
    pub last_seen_at: Moment,
    /// When it ends in any case.
    pub expires_at: Moment,
}

/// A session to be kept.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Hash of the key in the cookie.
    pub key_hash: String,
    /// Whose it is.
    pub user: UserId,
    /// Network address.
    pub ip: String,
    /// Browser.
    pub agent: String,
    /// Now.
    pub created_at: Moment,
    /// When it ends in any case.
    pub expires_at: Moment,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: SessionId,
    user_id: Option<UserId>,
    ip: String,
    agent: String,
    created_at: Moment,
    last_seen_at: Moment,
    expires_at: Moment,
}

impl From<Row> for LiveSession {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            user: r.user_id,
            ip: r.ip,
            agent: r.agent,
            created_at: r.created_at,
            last_seen_at: r.last_seen_at,
            expires_at: r.expires_at,
        }
    }
}

/// The session with this key, unless it has ended or has been idle for too long.
pub fn find_live(
    conn: &mut Conn,
    key_hash: &str,
    now: Moment,
    idle: Duration,
) -> Result<Option<LiveSession>, StoreError> {
    let row: Option<Row> = sessions::table
        .filter(sessions::key_hash.eq(key_hash))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now - idle))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(LiveSession::from))
}

/// Notes that the session was used. One that was ended stays so.
pub fn touch(tx: &mut Tx<'_>, id: SessionId, now: Moment) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id)).set(sessions::last_seen_at.eq(now)).execute(&mut **tx)?;
    Ok(())
}

/// Keeps a new session. The caller has locked the account and checked its credentials in this transaction.
pub fn create(tx: &mut Tx<'_>, new: NewSession) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(new.id),
            sessions::key_hash.eq(new.key_hash),
            sessions::user_id.eq(new.user),
            sessions::ip.eq(new.ip),
            sessions::agent.eq(new.agent),
            sessions::created_at.eq(new.created_at),
            sessions::last_seen_at.eq(new.created_at),
            sessions::expires_at.eq(new.expires_at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The living sessions of a person, the one used last first.
pub fn list_of(
    conn: &mut Conn,
    user: UserId,
    now: Moment,
    idle: Duration,
) -> Result<Vec<LiveSession>, StoreError> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now - idle))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(200)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(LiveSession::from).collect())
}

/// Ends one session of a person. `false` if they have no such session.
pub fn revoke(tx: &mut Tx<'_>, user: UserId, session: SessionId) -> Result<bool, StoreError> {
    let own = sessions::table.filter(sessions::id.eq(session)).filter(sessions::user_id.eq(user));
    Ok(diesel::delete(own).execute(&mut **tx)? == 1)
}

/// Ends every session of a person: on disabling and deleting (SPEC DIR-5), a new password, sign-out everywhere.
/// How many there were.
pub fn revoke_all(tx: &mut Tx<'_>, user: UserId) -> Result<usize, StoreError> {
    Ok(diesel::delete(sessions::table.filter(sessions::user_id.eq(user))).execute(&mut **tx)?)
}

/// Removes the sessions that have reached their limit; idle ones are dead already, and go with them. How many.
pub fn purge(tx: &mut Tx<'_>, now: Moment) -> Result<usize, StoreError> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(&mut **tx)?)
}

/// Moves every session along with a clock that is moved forward, so that the demonstration's clock does not sign
/// everybody out.
pub fn carry_forward(tx: &mut Tx<'_>, now: Moment, by: Duration) -> Result<(), StoreError> {
    let rows: Vec<(SessionId, Moment, Moment, Moment)> = sessions::table
        .filter(sessions::expires_at.gt(now))
        .select((sessions::id, sessions::created_at, sessions::last_seen_at, sessions::expires_at))
        .load(&mut **tx)?;
    for (id, created, seen, expires) in rows {
        diesel::update(sessions::table.find(id))
            .set((
                sessions::created_at.eq(created + by),
                sessions::last_seen_at.eq(seen + by),
                sessions::expires_at.eq(expires + by),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

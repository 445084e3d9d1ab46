//! What people may change about themselves (SPEC DIR-2).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::users;
use super::tx::Tx;
use super::types::Json;
use crate::domain::account::NoticePreferences;
use crate::kernel::Moment;
use crate::kernel::ids::UserId;

/// What people may change about themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// IANA time zone.
    pub time_zone: String,
    /// Language and region.
    pub locale: String,
    /// Which mails they want.
    pub notices: NoticePreferences,
}

/// A person's own page: what they may change, and what they may only look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnProfile {
    /// Who.
    pub user: UserId,
    /// Name as shown.
    pub name: String,
    /// Address.
    pub email: String,
    /// Job title, may be empty.
    pub job_title: String,
    /// Department, may be empty.
    pub department: String,
    /// Company, may be empty.
    pub company: String,
    /// Name of the manager.
    pub manager: Option<String>,
    /// When the password was last changed.
    pub password_changed_at: Option<Moment>,
    /// Last successful sign-in.
    pub last_sign_in_at: Option<Moment>,
    /// What can be changed.
    pub preferences: Preferences,
    /// Grows with each change.
    pub version: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: UserId,
    display_name: String,
    email: String,
    job_title: String,
    department: String,
    company: String,
    manager_id: Option<UserId>,
    password_changed_at: Option<Moment>,
    last_sign_in_at: Option<Moment>,
    time_zone: String,
    locale: String,
    notice_preferences: Json,
    version: i64,
}

/// The person's own profile.
pub fn find(conn: &mut Conn, user: UserId) -> Result<Option<OwnProfile>, StoreError> {
    let row: Option<Row> = users::table
        .find(user)
        .filter(users::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let manager = match row.manager_id {
        Some(manager) => users::table
            .find(manager)
            .filter(users::deleted_at.is_null())
            .select(users::display_name)
            .first(conn)
            .optional()?,
        None => None,
    };
    Ok(Some(OwnProfile {
        user: row.id,
        name: row.display_name,
        email: row.email,
        job_title: row.job_title,
        department: row.department,
        company: row.company,
        manager,
        password_changed_at: row.password_changed_at,
        last_sign_in_at: row.last_sign_in_at,
        preferences: Preferences {
            time_zone: row.time_zone,
            locale: row.locale,
            notices: row.notice_preferences.read()?,
        },
        version: row.version,
    }))
}

/// Which mails a person wants; asked when a mail is about to be sent.
pub fn wanted_notices(conn: &mut Conn, user: UserId) -> Result<NoticePreferences, StoreError> {
    let json: Option<Json> =
        users::table.find(user).select(users::notice_preferences).first(conn).optional()?;
    json.map_or(Ok(NoticePreferences::default()), Json::read)
}

/// Saves what a person changed about themselves; the version has to be the one that was read.
pub fn save(
    tx: &mut Tx<'_>,
    user: UserId,
    version: i64,
    preferences: &Preferences,
) -> Result<(), StoreError> {
    let changed = diesel::update(users::table.find(user).filter(users::version.eq(version)))
        .set((
            users::time_zone.eq(&preferences.time_zone),
            users::locale.eq(&preferences.locale),
            users::notice_preferences.eq(Json::of(&preferences.notices)?),
            users::version.eq(users::version + 1),
        ))
        .execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

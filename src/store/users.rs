//! Users (SPEC DIR-1, DIR-2). What they may do is in `principals`, how they sign in in `credentials`.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::users;
use super::tx::Tx;
use super::types::Json;
use crate::domain::directory::{Profile, User, UserKind, UserSource};
use crate::kernel::ids::{OrganizationId, UserId};
use crate::kernel::{Email, Moment, text};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct ProfileRow {
    email: String,
    email_folded: String,
    display_name: String,
    name_folded: String,
    search_folded: String,
    given_name: String,
    surname: String,
    kind: UserKind,
    department: String,
    job_title: String,
    company: String,
    office: String,
    country: String,
    employee_id: String,
    hired_on: Option<chrono::NaiveDate>,
    manager_id: Option<UserId>,
    time_zone: String,
    locale: String,
    extension: Json,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: UserId,
    #[diesel(embed)]
    profile: ProfileRow,
    enabled: bool,
    source: UserSource,
    organization_id: Option<OrganizationId>,
    created_at: Moment,
    last_sign_in_at: Option<Moment>,
    deleted_at: Option<Moment>,
    version: i64,
}

impl ProfileRow {
    fn of(p: &Profile) -> Result<Self, StoreError> {
        let search = [
            p.display_name.as_str(),
            p.email.as_str(),
            p.department.as_str(),
            p.job_title.as_str(),
            p.employee_id.as_str(),
        ]
        .join(" ");
        Ok(Self {
            email: p.email.to_string(),
            email_folded: p.email.folded(),
            display_name: p.display_name.clone(),
            name_folded: text::fold(&p.display_name),
            search_folded: text::fold(&search),
            given_name: p.given_name.clone(),
            surname: p.surname.clone(),
            kind: p.kind,
            department: p.department.clone(),
            job_title: p.job_title.clone(),
            company: p.company.clone(),
            office: p.office.clone(),
            country: p.country.clone(),
            employee_id: p.employee_id.clone(),
            hired_on: p.hired_on,
            manager_id: p.manager,
            time_zone: p.time_zone.clone(),
            locale: p.locale.clone(),
            extension: Json::of(&p.extension)?,
        })
    }

    fn profile(self) -> Result<Profile, StoreError> {
        let extension: BTreeMap<String, String> = self.extension.read()?;
        Ok(Profile {
            email: Email::parse(&self.email)
                .map_err(|_| StoreError::Corrupt("a user's address".to_owned()))?,
            display_name: self.display_name,
            given_name: self.given_name,
            surname: self.surname,
            kind: self.kind,
            department: self.department,
            job_title: self.job_title,
            company: self.company,
            office: self.office,
            country: self.country,
            employee_id: self.employee_id,
            hired_on: self.hired_on,
            manager: self.manager_id,
            time_zone: self.time_zone,
            locale: self.locale,
            extension,
        })
    }
}

impl Row {
    fn user(self) -> Result<User, StoreError> {
        Ok(User {
            id: self.id,
            profile: self.profile.profile()?,
            enabled: self.enabled,
            source: self.source,
            organization: self.organization_id,
            created_at: self.created_at,
            last_sign_in_at: self.last_sign_in_at,
            deleted_at: self.deleted_at,
            version: self.version,
        })
    }
}

/// The user, unless deleted.
pub fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, StoreError> {
    Ok(find_with_deleted(conn, id)?.filter(|u| u.deleted_at.is_none()))
}

/// The user, a deleted one too: for the page that restores, and for names in past records.
pub fn find_with_deleted(conn: &mut Conn, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = users::table.find(id).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::user).transpose()
}

/// The user with this address, unless deleted; case does not count (SPEC DIR-1).
pub fn find_by_email(conn: &mut Conn, email: &Email) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = users::table
        .filter(users::email_folded.eq(email.folded()))
        .filter(users::deleted_at.is_null())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::user).transpose()
}

/// These users, deleted ones too.
pub fn many(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
    let rows: Vec<Row> =
        users::table.filter(users::id.eq_any(ids)).order(users::id).select(Row::as_select()).load(conn)?;
    rows.into_iter().map(Row::user).collect()
}

/// The users behind this one in the order of their ids, deleted ones too: for going through everybody.
pub fn after(conn: &mut Conn, last: Option<UserId>, limit: i64) -> Result<Vec<User>, StoreError> {
    let all = users::table.order(users::id).limit(limit).select(Row::as_select());
    let rows: Vec<Row> = match last {
        Some(last) => all.filter(users::id.gt(last)).load(conn)?,
        None => all.load(conn)?,
    };
    rows.into_iter().map(Row::user).collect()
}

/// Adds a user. Breaks `users_email_folded_key` if the address is taken.
pub fn insert(tx: &mut Tx<'_>, user: &User) -> Result<(), StoreError> {
    let row = Row {
        id: user.id,
        profile: ProfileRow::of(&user.profile)?,
        enabled: user.enabled,
        source: user.source,
        organization_id: user.organization,
        created_at: user.created_at,
        last_sign_in_at: user.last_sign_in_at,
        deleted_at: user.deleted_at,
        version: user.version,
    };
    diesel::insert_into(users::table).values(row).execute(&mut **tx)?;
    changed(tx, 1, user.id, user.version)
}

/// One row has to have changed; the rules that ask about the person look at them again (SPEC AUT-4).
fn changed(tx: &mut Tx<'_>, rows: usize, id: UserId, version: i64) -> Result<(), StoreError> {
    if rows != 1 {
        return Err(StoreError::Stale);
    }
    super::rules::touch(tx, id, &format!("user/{version}"))
}

/// Saves what can be edited, if nobody changed the user since this version.
pub fn update_profile(
    tx: &mut Tx<'_>,
    id: UserId,
    version: i64,
    profile: &Profile,
) -> Result<(), StoreError> {
    let rows = diesel::update(users::table)
        .filter(users::id.eq(id))
        .filter(users::version.eq(version))
        .set((ProfileRow::of(profile)?, users::version.eq(version + 1)))
        .execute(&mut **tx)?;
    changed(tx, rows, id, version + 1)
}

/// Enables or disables the user, if nobody changed them since this version.
pub fn set_enabled(tx: &mut Tx<'_>, id: UserId, version: i64, enabled: bool) -> Result<(), StoreError> {
    let rows = diesel::update(users::table)
        .filter(users::id.eq(id))
        .filter(users::version.eq(version))
        .set((users::enabled.eq(enabled), users::version.eq(version + 1)))
        .execute(&mut **tx)?;
    changed(tx, rows, id, version + 1)
}

/// Deletes the user softly at an instant, or restores them (SPEC DIR-2), if nobody changed them since this
/// version. Breaks `users_email_folded_key` if the address was given to somebody else in between.
pub fn set_deleted(tx: &mut Tx<'_>, id: UserId, version: i64, at: Option<Moment>) -> Result<(), StoreError> {
    let rows = diesel::update(users::table)
        .filter(users::id.eq(id))
        .filter(users::version.eq(version))
        .set((users::deleted_at.eq(at), users::version.eq(version + 1)))
        .execute(&mut **tx)?;
    changed(tx, rows, id, version + 1)
}

/// How far up a line of managers is followed.
const HIGHEST: usize = 100;

/// Makes transactions that change who reports to whom wait for each other, so that two of them cannot close a circle
/// together (SPEC DIR-6). Call it before [`managers_of`].
pub fn hold_managers(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    super::dialect::take_turn(tx, super::dialect::Turn::Managers)
}

/// The line of managers above a user, nearest first, with deleted and disabled ones, because they close a circle
/// too (SPEC DIR-6). Ends where the line ends or comes back to somebody who is already in it.
pub fn managers_of(conn: &mut Conn, user: UserId) -> Result<Vec<UserId>, StoreError> {
    let mut line = Vec::new();
    let mut at = user;
    while line.len() < HIGHEST {
        let above: Option<Option<UserId>> =
            users::table.find(at).select(users::manager_id).first(conn).optional()?;
        match above.flatten() {
            Some(manager) if manager != user && !line.contains(&manager) => {
                line.push(manager);
                at = manager;
            }
            _ => break,
        }
    }
    Ok(line)
}

/// Are there any users at all? (SPEC SES-5)
pub fn any(conn: &mut Conn) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(users::table.select(users::id))).get_result(conn)?)
}

//! Files of users that somebody wants to import (SPEC DIR-3).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::user_imports;
use super::tx::Tx;
use crate::kernel::Moment;
use crate::kernel::ids::{ImportId, UserId};

text_enum! {
    /// Where an import stands.
    pub enum ImportState {
        /// Looked at, not yet confirmed.
        Previewed = "previewed",
        /// Confirmed; being carried out.
        Waiting = "waiting",
        /// Done.
        Done = "done",
        /// Nothing was written.
        Refused = "refused",
    }
}

/// An import.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = user_imports, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The name of the file.
    pub file_name: String,
    /// Its text.
    pub content: String,
    /// Send invitations to new people?
    pub invite: bool,
    /// Where it stands.
    pub state: ImportState,
    /// What was confirmed.
    pub fingerprint: String,
    /// What came of it, in words.
    pub result: String,
    /// Who.
    pub created_by: UserId,
    /// When.
    pub created_at: Moment,
    /// When it ended.
    pub finished_at: Option<Moment>,
    /// Grows with each change.
    pub version: i64,
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, import: &Import) -> Result<(), StoreError> {
    diesel::insert_into(user_imports::table).values(import).execute(&mut **tx)?;
    Ok(())
}

/// One of them.
pub fn find(conn: &mut Conn, id: ImportId) -> Result<Option<Import>, StoreError> {
    Ok(user_imports::table.find(id).select(Import::as_select()).first(conn).optional()?)
}

/// Saves how far it is, if nobody changed it since. The text is dropped when it is over: nobody needs a second copy of
/// everybody's data.
pub fn save(tx: &mut Tx<'_>, import: &Import) -> Result<(), StoreError> {
    let over = matches!(import.state, ImportState::Done | ImportState::Refused);
    let content = if over { "" } else { import.content.as_str() };
    let changed =
        diesel::update(user_imports::table.find(import.id).filter(user_imports::version.eq(import.version)))
            .set((
                user_imports::state.eq(import.state),
                user_imports::invite.eq(import.invite),
                user_imports::fingerprint.eq(&import.fingerprint),
                user_imports::result.eq(&import.result),
                user_imports::finished_at.eq(import.finished_at),
                user_imports::content.eq(content),
                user_imports::version.eq(import.version + 1),
            ))
            .execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Drops the files that were looked at before this instant and never confirmed.
pub fn purge(tx: &mut Tx<'_>, before: Moment) -> Result<usize, StoreError> {
    Ok(diesel::delete(
        user_imports::table
            .filter(user_imports::state.eq(ImportState::Previewed))
            .filter(user_imports::created_at.lt(before)),
    )
    .execute(&mut **tx)?)
}

//! The only file that asks which database it is.

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager};
use diesel::prelude::*;

use super::conn::{Conn, DatabaseUrl};
use super::error::StoreError;

/// What a connection will be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reading only; the database itself refuses to write (I12).
    Read,
    /// Reading and writing.
    Write,
}

/// Opens a connection.
pub fn open(url: &DatabaseUrl, purpose: Purpose) -> Result<Conn, ConnectionError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut c = SqliteConnection::establish(&path.to_string_lossy())?;
            c.batch_execute(
                "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON; PRAGMA cache_size = -4000;",
            )
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
            if purpose == Purpose::Read {
                c.batch_execute("PRAGMA query_only = ON;")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
            }
            Ok(Conn::Sqlite(c))
        }
        DatabaseUrl::Postgres(text) => {
            let mut c = PgConnection::establish(text)?;
            c.batch_execute("SET client_min_messages = warning; SET TIME ZONE 'UTC';")
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            if purpose == Purpose::Read {
                c.batch_execute("SET default_transaction_read_only = on;")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
            }
            Ok(Conn::Pg(c))
        }
    }
}

/// Begins a writing transaction: IMMEDIATE on SQLite, because a deferred one fails at once when it has to
/// upgrade its lock.
pub fn begin(conn: &mut Conn) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        Conn::Pg(c) => AnsiTransactionManager::begin_transaction(c)?,
    }
    Ok(())
}

/// The name of the unique rule that was broken, in the same form on both databases: PostgreSQL gives the name of
/// the index, SQLite the columns, from which our naming makes the same name.
pub fn broken_rule(constraint: Option<&str>, message: &str) -> String {
    if let Some(name) = constraint {
        return name.to_owned();
    }
    let columns = message.rsplit(": ").next().unwrap_or_default();
    let mut table = "";
    let mut names = Vec::new();
    for column in columns.split(", ") {
        if let Some((t, c)) = column.split_once('.') {
            table = t;
            names.push(c);
        }
    }
    format!("{table}_{}_key", names.join("_"))
}

/// Sorts a database's message into our kinds.
pub fn classify(message: &str) -> StoreError {
    let lower = message.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    if any(&["deadlock detected", "could not serialize", "database is locked", "database table is locked"]) {
        StoreError::Collision(message.to_owned())
    } else if any(&["disk is full", "readonly database", "read-only", "no space left", "disk i/o error"]) {
        StoreError::CannotWrite(message.to_owned())
    } else if any(&["connection", "terminating", "server closed", "unable to open"]) {
        StoreError::Unavailable(message.to_owned())
    } else {
        StoreError::Database(message.to_owned())
    }
}

/// Adds a row unless it is there already (`ON CONFLICT DO NOTHING` does not exist for both at once). True if
/// the row was added.
macro_rules! insert_or_ignore {
    ($conn:expr, $table:expr, $values:expr) => {{
        let conn: &mut $crate::store::Conn = &mut *$conn;
        match conn {
            $crate::store::Conn::Pg(c) => {
                diesel::insert_into($table).values($values).on_conflict_do_nothing().execute(c)
            }
            $crate::store::Conn::Sqlite(c) => {
                diesel::insert_or_ignore_into($table).values($values).execute(c)
            }
        }
    }};
}
pub(crate) use insert_or_ignore;

/// The first rows of a work queue that nobody else is taking at this moment. PostgreSQL locks them and skips
/// those that are locked; SQLite has one writer, which is us.
macro_rules! take_unlocked {
    ($conn:expr, $query:expr) => {{
        let conn: &mut $crate::store::Conn = &mut *$conn;
        match conn {
            $crate::store::Conn::Pg(c) => $query.for_update().skip_locked().load(c),
            $crate::store::Conn::Sqlite(c) => $query.load(c),
        }
    }};
}
pub(crate) use take_unlocked;

/// The rows of a query, which nobody else can change until this transaction ends; others may hold them in the same
/// way. Whoever is changing one is waited for, and the row is then looked at again, so that one that was deleted is
/// not found. SQLite has one writer, which is us.
macro_rules! hold_rows {
    ($conn:expr, $query:expr) => {{
        let conn: &mut $crate::store::Conn = &mut *$conn;
        match conn {
            $crate::store::Conn::Pg(c) => $query.for_share().load(c),
            $crate::store::Conn::Sqlite(c) => $query.load(c),
        }
    }};
}
pub(crate) use hold_rows;

/// What only one transaction at a time may do, where no row stands for it.
#[derive(Debug, Clone, Copy)]
pub enum Turn {
    /// Changing who reports to whom: a circle is closed by several people's rows together (SPEC DIR-6).
    Managers = 0x6c6b_0001,
    /// Bringing the database up to date.
    Migrations = 0x6c6b_0002,
    /// What people do by hand for one person: giving and taking back never pass each other (I10).
    Fulfilment = 0x6c6b_0003,
    /// Giving one person packages that exclude each other (SPEC SOD-1).
    Duties = 0x6c6b_0004,
}

/// Waits for a turn and keeps it until the connection is closed: for what is more than one transaction.
pub fn keep_turn(conn: &mut Conn, turn: Turn) -> Result<(), StoreError> {
    match conn {
        Conn::Pg(c) => {
            diesel::sql_query("SELECT pg_advisory_lock($1, hashtext(current_schema()))")
                .bind::<diesel::sql_types::Integer, _>(turn as i32)
                .execute(c)?;
        }
        Conn::Sqlite(_) => {}
    }
    Ok(())
}

/// Waits until no other transaction has this turn, and keeps it to the end of ours. On SQLite a writing transaction
/// is alone anyway.
pub fn take_turn(conn: &mut Conn, turn: Turn) -> Result<(), StoreError> {
    match conn {
        Conn::Pg(c) => {
            // Another schema of the same database is another portal.
            diesel::sql_query("SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))")
                .bind::<diesel::sql_types::Integer, _>(turn as i32)
                .execute(c)?;
        }
        Conn::Sqlite(_) => {}
    }
    Ok(())
}

/// Like [`take_turn`], for one object of many: only those who name the same one wait for each other.
pub fn take_turn_of(conn: &mut Conn, turn: Turn, object: uuid::Uuid) -> Result<(), StoreError> {
    match conn {
        Conn::Pg(c) => {
            diesel::sql_query("SELECT pg_advisory_xact_lock($1, hashtext(current_schema() || $2))")
                .bind::<diesel::sql_types::Integer, _>(turn as i32)
                .bind::<diesel::sql_types::Text, _>(object.to_string())
                .execute(c)?;
        }
        Conn::Sqlite(_) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_rules_have_the_same_name_on_both() {
        let sqlite =
            broken_rule(None, "UNIQUE constraint failed: assignments.subject_id, assignments.package_id");
        assert_eq!(sqlite, "assignments_subject_id_package_id_key");
        assert_eq!(broken_rule(Some("users_email_folded_key"), "…"), "users_email_folded_key");
    }

    #[test]
    fn a_full_disk_is_told_apart_from_a_collision() {
        assert!(matches!(classify("database or disk is full"), StoreError::CannotWrite(_)));
        assert!(matches!(classify("attempt to write a readonly database"), StoreError::CannotWrite(_)));
        assert!(classify("database is locked").is_transient());
    }
}

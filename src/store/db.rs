//! The pools, and the only two ways in: reading and writing.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::TransactionManager;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool};

use super::conn::{Conn, DatabaseUrl};
use super::dialect::{self, Purpose};
use super::error::StoreError;
use super::tx::Tx;

/// An error that a transaction may end with, and that tells whether trying again may help.
pub trait Retry: From<StoreError> + Send + 'static {
    /// Would the same transaction perhaps succeed now?
    fn is_transient(&self) -> bool;
}

impl Retry for StoreError {
    fn is_transient(&self) -> bool {
        StoreError::is_transient(self)
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    url: DatabaseUrl,
    readers: Pool<Manager>,
    writers: Pool<Manager>,
}

#[derive(Debug)]
struct Manager {
    url: DatabaseUrl,
    purpose: Purpose,
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        dialect::open(&self.url, self.purpose).map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        diesel::sql_query("SELECT 1").execute(conn).map(|_| ()).map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        // A connection that is still inside a transaction must not serve somebody else.
        !matches!(
            <Conn as diesel::Connection>::TransactionManager::transaction_manager_status_mut(conn)
                .transaction_depth(),
            Ok(None)
        )
    }
}

/// How often a transaction that collided is tried again.
const RETRIES: u32 = 3;

impl Db {
    /// Opens the pools. SQLite gets one writing connection, because it has one writer anyway; waiting in our
    /// queue is fairer and quicker than in SQLite's.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let (readers, writers) = match url {
            DatabaseUrl::Sqlite(_) => (6, 1),
            DatabaseUrl::Postgres(_) => (8, 8),
        };
        Self::open_sized(url, readers, writers)
    }

    /// Opens the pools with so many connections at most.
    pub fn open_sized(url: &DatabaseUrl, readers: u32, writers: u32) -> Result<Self, StoreError> {
        let pool = |purpose, size| {
            // The first connection is opened here, so that the caller hears the real reason if it fails.
            dialect::open(url, purpose).map_err(|e| StoreError::Unavailable(e.to_string()))?;
            Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
                .connection_timeout(Duration::from_secs(10))
                .idle_timeout(Some(Duration::from_mins(5)))
                .error_handler(Box::new(Quiet))
                .build(Manager { url: url.clone(), purpose })
                .map_err(|e| StoreError::Unavailable(e.to_string()))
        };
        // The writer first: it creates a SQLite file that the reader could not.
        let writers = pool(Purpose::Write, writers)?;
        let readers = pool(Purpose::Read, readers)?;
        Ok(Self { inner: Arc::new(Inner { url: url.clone(), readers, writers }) })
    }

    /// Which database it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.url
    }

    /// Can it be worked with: does it answer, and are its migrations those of this program?
    pub fn ready(&self) -> Result<(), super::migrate::MigrateError> {
        let pending = super::migrate::pending(&self.inner.url)?;
        match pending.first() {
            None => Ok(()),
            Some(name) => Err(super::migrate::MigrateError::Pending(name.clone())),
        }
    }

    /// Reads, on a connection that cannot write.
    pub fn read_now<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.inner.readers.get().map_err(|e| StoreError::Unavailable(e.to_string()))?;
        work(&mut conn)
    }

    /// Writes in one transaction: everything, its audit events too, or nothing. What collided with another
    /// transaction is tried again up to three times, so `work` must be repeatable.
    pub fn write_now<T, E: Retry>(&self, mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut attempt = 0;
        loop {
            let mut conn = self.inner.writers.get().map_err(|e| StoreError::Unavailable(e.to_string()))?;
            match transaction(&mut conn, &mut work) {
                Err(error) if error.is_transient() && attempt < RETRIES => {
                    attempt += 1;
                    drop(conn);
                    std::thread::sleep(Duration::from_millis(u64::from(attempt) * 7));
                }
                other => return other,
            }
        }
    }

    /// [`Db::read_now`] on the blocking pool.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let db = self.clone();
        flatten(tokio::task::spawn_blocking(move || db.read_now(work)).await)
    }

    /// [`Db::write_now`] on the blocking pool.
    pub async fn write<T, E>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Retry,
    {
        let db = self.clone();
        flatten(tokio::task::spawn_blocking(move || db.write_now(work)).await)
    }
}

fn flatten<T, E: From<StoreError>>(joined: Result<Result<T, E>, tokio::task::JoinError>) -> Result<T, E> {
    joined.unwrap_or_else(|e| Err(StoreError::Database(format!("the work was cut off: {e}")).into()))
}

fn transaction<T, E: Retry>(
    conn: &mut Conn,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    type Manager = <Conn as diesel::Connection>::TransactionManager;
    dialect::begin(conn)?;
    let mut tx = Tx { conn, records: Vec::new() };
    let done = work(&mut tx).and_then(|value| {
        super::audit::append_pending(&mut tx)?;
        Ok(value)
    });
    match done {
        Ok(value) => match Manager::commit_transaction(conn) {
            Ok(()) => Ok(value),
            Err(error) => {
                let _ = Manager::rollback_transaction(conn);
                Err(StoreError::from(error).into())
            }
        },
        Err(error) => {
            // If the rollback fails too, the pool drops the connection (`has_broken`), which rolls back as well.
            let _ = Manager::rollback_transaction(conn);
            Err(error)
        }
    }
}

/// Failed attempts to connect are told by whoever waits for the connection.
#[derive(Debug)]
struct Quiet;
impl<E: std::error::Error> diesel::r2d2::HandleError<E> for Quiet {
    fn handle_error(&self, error: E) {
        tracing::warn!(%error, "a database connection could not be opened");
    }
}

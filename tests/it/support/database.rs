//! A database for one test: on SQLite a copy of a migrated file, on PostgreSQL a schema of its own. Both are gone
//! when the test ends, also when it fails.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use latchkey::store::{Conn, DatabaseUrl, migrate};

/// A database for one test.
pub struct Database {
    url: DatabaseUrl,
    place: Place,
}

enum Place {
    Folder(tempfile::TempDir),
    Schema { server: String, name: String },
}

/// Memory, where the system has it: a test commits hundreds of times, and none of them has to survive a power cut.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("latchkey-it-");
    let folder = if memory.is_dir() { builder.tempdir_in(memory) } else { builder.tempdir() };
    folder.expect("a temporary folder")
}

impl Database {
    /// A migrated SQLite file.
    pub fn sqlite() -> Self {
        let database = Self::empty_sqlite();
        let DatabaseUrl::Sqlite(path) = &database.url else { unreachable!() };
        std::fs::copy(template(), path).expect("the template is copied");
        database
    }

    /// A SQLite file that is not there yet.
    pub fn empty_sqlite() -> Self {
        let folder = scratch();
        Self { url: DatabaseUrl::Sqlite(folder.path().join("latchkey.db")), place: Place::Folder(folder) }
    }

    /// A migrated schema of the PostgreSQL server.
    pub fn postgres() -> Self {
        let database = Self::empty_postgres();
        migrate::run(&database.url).expect("PostgreSQL is migrated");
        database
    }

    /// A schema of the PostgreSQL server without tables.
    pub fn empty_postgres() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = postgres_server();
        let name = format!("it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // A schema of an earlier process with our number may be left if that one was killed.
        on_server(&server, &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name};"));
        let mut url = url::Url::parse(&server).expect("LATCHKEY_TEST_PG_URL is a URL");
        url.query_pairs_mut().append_pair("options", &format!("-csearch_path={name}"));
        // libpq reads %20, but takes + for a plus.
        let url = url.to_string().replace('+', "%20");
        Self { url: DatabaseUrl::Postgres(url), place: Place::Schema { server, name } }
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Is it SQLite?
    pub fn is_sqlite(&self) -> bool {
        matches!(self.place, Place::Folder(_))
    }

    /// A folder of the test's own, on SQLite the one of the database.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(folder) => Some(folder.path()),
            Place::Schema { .. } => None,
        }
    }

    /// A connection beside the pools, without their settings: what another program would have.
    pub fn connect(&self) -> Conn {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut conn =
                    SqliteConnection::establish(&path.to_string_lossy()).expect("SQLite opens the file");
                conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;")
                    .expect("the settings are taken");
                Conn::Sqlite(conn)
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url).expect("PostgreSQL answers");
                conn.batch_execute("SET client_min_messages = warning; SET TIME ZONE 'UTC';")
                    .expect("the settings are taken");
                Conn::Pg(conn)
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Schema { server, name } = &self.place {
            // Whoever still holds a lock belongs to a test that failed; it must not hang the others.
            let drop = format!("SET lock_timeout = '5s'; DROP SCHEMA {name} CASCADE;");
            let done = PgConnection::establish(server).map_err(|e| e.to_string()).and_then(|mut conn| {
                let quiet = "SET client_min_messages = warning;";
                conn.batch_execute(&format!("{quiet} {drop}")).map_err(|e| e.to_string())
            });
            if let Err(error) = done {
                eprintln!("the schema {name} is left behind: {error}");
            }
        }
    }
}

/// Is this database left out on purpose?
pub fn left_out(name: &str) -> bool {
    match std::env::var("LATCHKEY_TEST_ONLY") {
        Ok(only) if only == "sqlite" || only == "postgres" => only != name,
        Ok(other) => panic!("LATCHKEY_TEST_ONLY is \"{other}\"; it can be sqlite or postgres"),
        Err(_) => false,
    }
}

fn postgres_server() -> String {
    std::env::var("LATCHKEY_TEST_PG_URL").unwrap_or_else(|_| {
        panic!(
            "no PostgreSQL to test on. Start one with `export LATCHKEY_TEST_PG_URL=$(script/pg start)`, run all \
             with `script/test`, or leave it out for now with LATCHKEY_TEST_ONLY=sqlite"
        )
    })
}

fn on_server(server: &str, sql: &str) {
    let mut conn = PgConnection::establish(server)
        .unwrap_or_else(|e| panic!("PostgreSQL at LATCHKEY_TEST_PG_URL does not answer: {e}"));
    conn.batch_execute(&format!("SET client_min_messages = warning; {sql}"))
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// A migrated SQLite file, made once per version of the migrations and shared by all test processes.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let mut text = String::new();
        let mut folders: Vec<_> = std::fs::read_dir(&migrations)
            .expect("the migrations are there")
            .map(|entry| entry.expect("a folder").path())
            .collect();
        folders.sort();
        for folder in folders {
            text.push_str(&folder.to_string_lossy());
            text.push_str(&std::fs::read_to_string(folder.join("up.sql")).unwrap_or_default());
        }
        let version = latchkey::kernel::secret::hash(&text);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{version}.db"));
        if !path.exists() {
            let made = Database::empty_sqlite();
            migrate::run(made.url()).expect("SQLite is migrated");
            let DatabaseUrl::Sqlite(file) = made.url() else { unreachable!() };
            // Renamed into place, so that no other process copies half a file.
            let part = path.with_extension(format!("{}.part", std::process::id()));
            std::fs::copy(file, &part).expect("the template is kept");
            std::fs::rename(&part, &path).expect("the template is put in place");
        }
        path
    })
}

//! One test's portal.

use std::collections::HashMap;

use latchkey::app::{App, AppError, Cx, Instance};
use latchkey::domain::access::Principal;
use latchkey::domain::policy::LinkMode;
use latchkey::kernel::Moment;
use latchkey::kernel::clock::ManualClock;
use latchkey::kernel::ids::UserId;
use latchkey::store::{Conn, Db, StoreError, Tx, principals};

use super::Database;
use super::database::left_out;

/// The portal of one test: an instance on a database of its own, whose clock stands still until it is moved.
pub struct Test {
    /// The instance.
    pub app: App,
    /// Its clock.
    pub clock: ManualClock,
    /// People made so far, by first name.
    pub(super) people: HashMap<String, UserId>,
    /// Its background work, and the mails that were sent.
    pub post: super::mail::Post,
    pub(super) web: std::sync::OnceLock<latchkey::web::WebState>,
    // Last: the pools of `app` have to be closed before the database goes.
    /// The database.
    pub database: Database,
}

/// A Monday morning, in UTC.
pub const START: &str = "2026-03-02T09:00:00Z";

impl Test {
    /// A portal without anybody on this database.
    pub fn on(database: Database) -> Self {
        let clock = ManualClock::at(START.parse().expect("an instant"));
        let db = Db::open(database.url()).unwrap_or_else(|e| panic!("{e}"));
        let app = App::new(db, std::sync::Arc::new(clock.clone()), instance());
        Self {
            app,
            clock,
            people: HashMap::new(),
            post: super::mail::Post::default(),
            web: std::sync::OnceLock::new(),
            database,
        }
    }

    /// The current instant.
    pub fn now(&self) -> Moment {
        self.app.now()
    }

    /// Moves the clock.
    pub fn advance(&self, by: chrono::Duration) {
        self.clock.advance(by);
    }

    /// Reads.
    #[track_caller]
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> T {
        self.app.db.read_now(work).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Writes, and has to succeed.
    #[track_caller]
    pub fn write<T>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T, AppError>) -> T {
        self.app.db.write_now(work).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Writes as this person: one transaction, with the person's roles as they are now.
    pub fn try_as<T>(
        &self,
        name: &str,
        mut work: impl FnMut(&mut Tx<'_>, &Cx, &Principal) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let user = self.known(name);
        self.app.db.write_now(|tx| {
            let by = principals::load(tx, user)?.ok_or(AppError::NotFound)?;
            let cx = self.app.cx(&by, "192.0.2.7", "test");
            work(tx, &cx, &by)
        })
    }

    /// [`Test::try_as`], and has to succeed.
    #[track_caller]
    pub fn write_as<T>(
        &self,
        name: &str,
        work: impl FnMut(&mut Tx<'_>, &Cx, &Principal) -> Result<T, AppError>,
    ) -> T {
        self.try_as(name, work).unwrap_or_else(|e| panic!("{name} could not: {e}"))
    }

    /// The roles that the person holds now.
    #[track_caller]
    pub fn principal(&self, name: &str) -> Principal {
        let user = self.known(name);
        self.read(|conn| principals::load(conn, user)).unwrap_or_else(|| panic!("{name} may not sign in"))
    }

    /// The notices owed to this person, by their kinds, in the order in which they were written.
    pub fn notices_to(&self, name: &str) -> Vec<String> {
        let user = self.known(name);
        self.texts(&format!(
            "SELECT kind AS n FROM notices WHERE recipient_id = '{user}' ORDER BY created_at, id"
        ))
    }

    #[track_caller]
    fn known(&self, name: &str) -> UserId {
        *self.people.get(name).unwrap_or_else(|| panic!("there is no {name} yet: t.person(\"{name}\")"))
    }
}

/// The settings of a test's portal.
pub fn instance() -> Instance {
    Instance {
        name: "Latchkey".to_owned(),
        base_url: "https://latchkey.example".to_owned(),
        time_zone: chrono_tz::Europe::Berlin,
        link_mode: LinkMode::SignIn,
        demo: false,
    }
}

/// Runs a test on SQLite.
pub fn on_sqlite(body: fn(&mut Test)) {
    if left_out("sqlite") {
        eprintln!("left out: LATCHKEY_TEST_ONLY");
        return;
    }
    body(&mut Test::on(Database::sqlite()));
}

/// Runs a test on PostgreSQL.
pub fn on_postgres(body: fn(&mut Test)) {
    if left_out("postgres") {
        eprintln!("left out: LATCHKEY_TEST_ONLY");
        return;
    }
    body(&mut Test::on(Database::postgres()));
}

//! Opens an instance: its folder, its database, its clock.

use std::path::Path;
use std::sync::Arc;

use chrono::Duration;

use super::error::StartError;
use crate::app::catalog::catalogs;
use crate::app::{App, Instance};
use crate::config::{Config, Problems};
use crate::kernel::clock::{OffsetClock, SharedClock, SystemClock};
use crate::store::migrate::MigrateError;
use crate::store::{DatabaseUrl, Db, StoreError, settings};

/// Under which names the database keeps what belongs to the instance.
pub(super) const CLOCK: &str = "demo.clock";
pub(super) const DEMO: &str = "demo.filled";
const STARTED: &str = "instance.started";

/// An opened instance.
pub struct Opened {
    /// The instance.
    pub app: App,
    /// In a demonstration, its clock.
    pub clock: Option<OffsetClock>,
    /// The database, without its password: for messages.
    pub url: String,
}

fn database(config: &Config) -> Result<DatabaseUrl, StartError> {
    config
        .database_url
        .reveal()
        .parse()
        .map_err(|error: crate::store::conn::BadDatabaseUrl| Problems(vec![error.to_string()]).into())
}

/// Makes the data folder, for its owner alone.
fn data_dir(path: &Path) -> Result<(), StartError> {
    let failed = |error: std::io::Error| StartError::DataDir {
        path: path.display().to_string(),
        cause: error.to_string(),
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed)?;
    let probe = path.join(".write-test");
    std::fs::write(&probe, b"").map_err(failed)?;
    std::fs::remove_file(&probe).map_err(failed)
}

fn prepare(config: &Config) -> Result<(DatabaseUrl, String), StartError> {
    let url = database(config)?;
    let shown = url.to_string();
    if config.is_embedded() || config.smtp_url.is_none() {
        data_dir(&config.data_dir)?;
    }
    if let DatabaseUrl::Sqlite(path) = &url
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.is_dir()
    {
        return Err(StartError::Unreachable {
            url: shown,
            cause: format!("there is no folder {}", folder.display()),
        });
    }
    Ok((url, shown))
}

/// Brings the database up to date; the names of the migrations that ran.
pub fn migrate(config: &Config) -> Result<Vec<String>, StartError> {
    let (url, shown) = prepare(config)?;
    crate::store::migrate::run(&url).map_err(|error: MigrateError| StartError::of_migration(error, &shown))
}

/// Opens the database for looking only; it has to be up to date.
pub fn read_only(config: &Config) -> Result<Db, StartError> {
    let url = database(config)?;
    let shown = url.to_string();
    if let DatabaseUrl::Sqlite(path) = &url
        && !path.is_file()
    {
        return Err(StartError::Unreachable { url: shown, cause: "there is no such file".to_owned() });
    }
    let db = Db::open(&url).map_err(|error| StartError::of_store(error, &shown))?;
    db.ready().map_err(|error| StartError::of_migration(error, &shown))?;
    Ok(db)
}

/// Opens an instance, and proves that its database can be written.
pub fn open(config: &Config, demo: bool) -> Result<Opened, StartError> {
    let (url, shown) = prepare(config)?;
    let failed = |error: StoreError| StartError::of_store(error, &shown);
    let ran = crate::store::migrate::run(&url).map_err(|error| StartError::of_migration(error, &shown))?;
    for name in &ran {
        tracing::info!(migration = name, "the database was brought up to date");
    }
    let db = Db::open(&url).map_err(failed)?;
    let is_demo = db.read_now(|conn| settings::get::<bool>(conn, DEMO)).map_err(failed)?.unwrap_or(false);
    let (shared, clock): (SharedClock, _) = if demo {
        let micros = db.read_now(|conn| settings::get::<i64>(conn, CLOCK)).map_err(failed)?.unwrap_or(0);
        let clock = OffsetClock::ahead(Duration::microseconds(micros));
        (Arc::new(clock.clone()), Some(clock))
    } else {
        (Arc::new(SystemClock), None)
    };
    let app = App::new(
        db,
        shared,
        Instance {
            name: config.instance_name.clone(),
            base_url: config.base_url.clone(),
            time_zone: config.time_zone,
            link_mode: config.link_mode,
            demo,
        },
    );
    if is_demo && !demo {
        return Err(StartError::WrongDatabase(
            "this database holds a demonstration, whose passwords everybody knows. Start it with --demo, or choose \
             another with --data-dir or DATABASE_URL",
        ));
    }
    let (now, cx) = (app.now(), app.system_cx("start"));
    app.db
        .write_now(|tx| {
            settings::put(tx, STARTED, &now, now)?;
            // SPEC CAT-1: the built-in catalog always exists.
            catalogs::ensure_general(tx, &cx)
        })
        .map_err(|error| StartError::of_app(error, &shown))?;
    Ok(Opened { app, clock, url: shown })
}

//! Runs an instance until somebody asks it to stop.

use std::net::TcpListener;
use std::sync::Arc;

use chrono::Duration;

use super::error::StartError;
use super::instance::{CLOCK, DEMO, Opened, open};
use crate::app::account::set_up;
use crate::app::{App, AppError};
use crate::config::Config;
use crate::connectors::webhook::Webhook;
use crate::jobs::{Targets, Worker, runner};
use crate::kernel::clock::{Clock as _, OffsetClock};
use crate::mail::{Mailer, transport};
use crate::store::{sessions, settings, users};
use crate::web::{self, WebSettings, WebState};

fn worker(config: &Config) -> Result<Worker, StartError> {
    let from = config
        .mail_from
        .clone()
        .or_else(|| Mailer::default_from(&config.base_url))
        .ok_or_else(|| StartError::Mail("set mail_from (LATCHKEY_MAIL_FROM)".to_owned()))?;
    let smtp = config.smtp_url.as_ref().map(|url| url.reveal());
    let transport = transport::from_settings(smtp, &config.data_dir)
        .map_err(|error| StartError::Mail(error.to_string()))?;
    let webhook = Webhook::new(config.webhook_hosts.clone());
    let targets = Targets::new(vec![Arc::new(webhook)]);
    Ok(Worker::delivering(Mailer::new(&config.instance_name, from, transport), targets))
}

fn listen(config: &Config) -> Result<TcpListener, StartError> {
    TcpListener::bind(config.bind).map_err(|error| {
        let bind = config.bind.to_string();
        match error.kind() {
            std::io::ErrorKind::AddrInUse => StartError::PortTaken { bind },
            _ => StartError::Listen { bind, cause: error.to_string() },
        }
    })
}

/// Serves the portal, and does its background work, until a signal comes.
pub fn serve(config: &Config, demo: bool) -> Result<(), StartError> {
    let worker = worker(config)?;
    // Before the database: a second server by mistake must not even touch it.
    let listener = listen(config)?;
    let opened = open(config, demo)?;
    let failed = |error: AppError| StartError::of_app(error, &opened.url);
    if demo {
        fill(&opened)?;
    }
    let state = WebState::load(
        opened.app.clone(),
        WebSettings {
            session_idle: config.session_idle,
            session_absolute: config.session_absolute,
            trusted_proxies: config.trusted_proxies.clone(),
        },
    )
    .map_err(failed)?;
    let state = match &opened.clock {
        Some(clock) => {
            let (app, clock, worker) = (opened.app.clone(), clock.clone(), worker.clone());
            state.with_clock(Arc::new(move |by| advance(&app, &clock, &worker, by)))
        }
        None => state,
    };
    greet(config, &opened, demo)?;
    actix_web::rt::System::new().block_on(async move {
        let server = web::server::serve(listener, state).map_err(|error| StartError::System {
            what: "the server could not be started",
            cause: error.to_string(),
        })?;
        let handle = server.handle();
        let mut serving = actix_web::rt::spawn(server);
        let working = actix_web::rt::spawn({
            let (worker, app) = (worker.clone(), opened.app.clone());
            async move { worker.run(app).await }
        });
        let ended = tokio::select! {
            ended = &mut serving => Some(ended),
            () = signal() => None,
        };
        tracing::info!("stopping: requests and jobs that have begun are finished first");
        worker.stop();
        let result = match ended {
            None => {
                handle.stop(true).await;
                serving.await
            }
            Some(ended) => ended,
        };
        let _ = working.await;
        match result {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        }
        .map_err(|cause| StartError::System { what: "the server ended", cause })
    })
}

/// Does the background work alone, until a signal comes.
pub fn work(config: &Config) -> Result<(), StartError> {
    let worker = worker(config)?;
    let opened = open(config, false)?;
    tracing::info!(database = opened.url, "the worker runs");
    actix_web::rt::System::new().block_on(async move {
        let stopper = worker.clone();
        actix_web::rt::spawn(async move {
            signal().await;
            tracing::info!("stopping: the job that has begun is finished first");
            stopper.stop();
        });
        worker.run(opened.app.clone()).await;
        Ok(())
    })
}

/// Waits until somebody asks the process to stop.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut term) => tokio::select! {
                _ = term.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            },
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Fills a demonstration once. What holds anybody else's data is left alone.
fn fill(opened: &Opened) -> Result<(), StartError> {
    let app = &opened.app;
    let failed = |error: AppError| StartError::of_app(error, &opened.url);
    let (filled, used) = app
        .db
        .read_now(|conn| {
            Ok::<_, AppError>((settings::get::<bool>(conn, DEMO)?.unwrap_or(false), users::any(conn)?))
        })
        .map_err(failed)?;
    if filled {
        return Ok(());
    }
    if used {
        return Err(StartError::WrongDatabase(
            "this database is in use already, so it is not filled with a demonstration. Choose another with \
             --data-dir or DATABASE_URL, or start without --demo",
        ));
    }
    super::demo::fill(app).map_err(failed)?;
    let now = app.now();
    app.db.write_now(|tx| Ok(settings::put(tx, DEMO, &true, now)?)).map_err(failed)
}

/// Moves the demonstration's clock forward and does what became due. Sessions move along, so that whoever moves
/// the clock stays signed in.
fn advance(app: &App, clock: &OffsetClock, worker: &Worker, by: Duration) -> Result<(), AppError> {
    let offset = clock.offset() + by;
    let micros = offset.num_microseconds().unwrap_or(0);
    let before = clock.now();
    let then = before + by;
    app.db.write_now(|tx| {
        settings::put(tx, CLOCK, &micros, then)?;
        sessions::carry_forward(tx, before, by)?;
        Ok::<_, AppError>(())
    })?;
    clock.set(offset);
    runner::run_until_idle(app, worker)?;
    Ok(())
}

/// Says where the portal is, and how to get in for the first time (SPEC SES-5).
fn greet(config: &Config, opened: &Opened, demo: bool) -> Result<(), StartError> {
    let app = &opened.app;
    println!("Latchkey {} serves {}", env!("CARGO_PKG_VERSION"), config.base_url);
    println!("Listening on {}, database {}", config.bind, opened.url);
    if demo {
        println!("Demonstration: sign in as alice@demo.example with the password latchkey-demo");
        return Ok(());
    }
    if config.base_url.starts_with("http://") && !config.bind.ip().is_loopback() {
        tracing::warn!("the portal is reached without https: passwords can be read on the way");
    }
    let cx = app.system_cx("start");
    let token = app
        .db
        .write_now(|tx| set_up::offer(tx, &cx))
        .map_err(|error| StartError::of_app(error, &opened.url))?;
    if let Some(token) = token {
        let path = crate::kernel::paths::set_up(token.reveal());
        println!("Nobody can sign in yet. Create the first administrator here (works once):");
        println!("  {}{path}", config.base_url);
    }
    Ok(())
}

//! Turns of sweeps, background jobs, and the loop around them (I17, DESIGN section 6).

use std::sync::Barrier;

use chrono::Duration;
use latchkey::app::{App, AppError};
use latchkey::jobs::runner::run_until_idle;
use latchkey::jobs::{Job, JobError, Sweep, Turn, Worker, schedule};
use latchkey::store::jobs::{self, NewJob};

use super::owe;
use crate::support::Test;

fn write_job(app: &App, kind: &str, key: Option<&str>, payload: serde_json::Value) -> bool {
    let new = NewJob {
        id: app.ids.next(),
        kind: kind.to_owned(),
        payload,
        dedupe_key: key.map(str::to_owned),
        run_at: app.now(),
        now: app.now(),
    };
    app.db.write_now(|tx| jobs::enqueue(tx, new.clone())).expect("a job")
}

/// Leaves a trace in the database each time it runs.
fn tick(app: &App) -> Result<Turn, AppError> {
    write_job(app, "trace", None, serde_json::json!({}));
    Ok(Turn { done: 1, ..Turn::default() })
}

const TICK: Sweep = Sweep { name: "tick", every: Duration::minutes(5), run: tick };

const BROKEN: Sweep = Sweep { name: "broken", every: Duration::minutes(5), run: |_| Err(AppError::NotFound) };

fn turns(t: &Test) -> i64 {
    t.count("jobs WHERE kind = 'trace'")
}

/// Sixteen schedulers look at the same moment.
fn all_at_once(t: &Test) {
    let (app, gate) = (t.app.clone(), Barrier::new(16));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                gate.wait();
                schedule::run_due(&app, &[TICK], &|| false).expect("it runs");
            });
        }
    });
}

on_both! {
    /// Each turn is taken once, by one of many schedulers, also after a long downtime.
    fn i17_each_timer_fires_once(t: &mut Test) {
        all_at_once(t);
        assert_eq!(turns(t), 1, "the first turn");
        all_at_once(t);
        assert_eq!(turns(t), 1, "the next one is not due");
        t.advance(Duration::minutes(5));
        all_at_once(t);
        assert_eq!(turns(t), 2, "the second turn");
        t.advance(Duration::days(30));
        all_at_once(t);
        assert_eq!(turns(t), 3, "what was missed is made up for by one turn");
        t.advance(Duration::minutes(4));
        all_at_once(t);
        assert_eq!(turns(t), 3);
        t.advance(Duration::minutes(1));
        all_at_once(t);
        assert_eq!(turns(t), 4);
        let (_, next) = schedule::run_due(&t.app, &[TICK], &|| false).expect("it runs");
        assert_eq!(next, Some(t.now() + Duration::minutes(5)));
    }

    /// A clock that is set back delays a sweep by one interval at most.
    fn i17_a_clock_set_back_silences_nothing(t: &mut Test) {
        all_at_once(t);
        t.advance(Duration::days(-3));
        all_at_once(t);
        assert_eq!(turns(t), 2);
        all_at_once(t);
        assert_eq!(turns(t), 2);
    }

    /// A sweep that fails stops neither other sweeps nor the mail.
    fn a_broken_sweep_stops_nothing(t: &mut Test) {
        let bob = t.person("bob");
        owe(t, bob);
        let (turn, _) = schedule::run_due(&t.app, &[BROKEN, TICK], &|| false).expect("it runs");
        assert_eq!(turn.done, 1);
        assert_eq!(t.texts("SELECT last_result AS n FROM schedules WHERE name = 'broken'"), ["failed: not found"]);
        assert_eq!(t.mails().len(), 1);
    }

    /// Jobs: once per key, retried with pauses, given up for good, and unknown ones shown.
    fn jobs_are_done_retried_or_given_up(t: &mut Test) {
        let worker = Worker::with(latchkey_mailer(), Vec::new(), vec![Box::new(Moody)]);
        assert!(write_job(&t.app, "moody", Some("a"), serde_json::json!({ "mood": "good" })));
        assert!(!write_job(&t.app, "moody", Some("a"), serde_json::json!({ "mood": "good" })), "it waits already");
        write_job(&t.app, "moody", Some("b"), serde_json::json!({ "mood": "later" }));
        write_job(&t.app, "moody", Some("c"), serde_json::json!({ "mood": "never" }));
        write_job(&t.app, "unheard", None, serde_json::json!({}));
        run_until_idle(&t.app, &worker).expect("it runs");
        let states = "SELECT state || ' ' || CAST(attempts AS text) || ' ' || COALESCE(last_error, '-') AS n FROM jobs ORDER BY id";
        assert_eq!(t.texts(states), [
            "done 1 -",
            "waiting 1 in a while",
            "failed 1 not ever",
            "failed 1 this version knows no work called unheard",
        ]);
        assert!(write_job(&t.app, "moody", Some("a"), serde_json::json!({ "mood": "good" })), "the first is done");
        t.advance(Duration::minutes(1));
        run_until_idle(&t.app, &worker).expect("it runs");
        assert_eq!(t.texts(states)[1], "waiting 2 in a while");
    }

    /// The loop does what is due, wakes when it is told, and ends when it is told.
    fn the_runner_sends_and_stops(t: &mut Test) {
        let bob = t.person("bob");
        owe(t, bob);
        let memory = latchkey::mail::transport::Memory::default();
        let worker = super::sender(memory.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let running = worker.run(t.app.clone());
            let watching = async {
                while memory.sent().is_empty() {
                    tokio::task::yield_now().await;
                }
                owe(t, bob);
                worker.wake();
                while memory.sent().len() < 2 {
                    tokio::task::yield_now().await;
                }
                worker.stop();
            };
            tokio::join!(running, watching);
        });
        assert_eq!(memory.sent().len(), 2);
    }
}

fn latchkey_mailer() -> latchkey::mail::Mailer {
    let from = latchkey::kernel::Email::parse("latchkey@latchkey.example").expect("an address");
    let nowhere = latchkey::mail::transport::Memory::default();
    latchkey::mail::Mailer::new("Latchkey", from, std::sync::Arc::new(nowhere))
}

/// A job whose payload says how it ends.
struct Moody;
impl Job for Moody {
    fn kind(&self) -> &'static str {
        "moody"
    }
    fn run(&self, _: &App, payload: &serde_json::Value) -> Result<(), JobError> {
        match payload["mood"].as_str() {
            Some("later") => Err(JobError::Later("in a while".into())),
            Some("never") => Err(JobError::Never("not ever".into())),
            _ => Ok(()),
        }
    }
}

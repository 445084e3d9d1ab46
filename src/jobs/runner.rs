//! The runner: does what is due, then sleeps until something is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration as Wait, Instant};

use chrono::Duration;

use super::deliveries::{self, Targets};
use super::{Job, JobError, Sweep, Turn, backoff, mailer, schedule};
use crate::app::{App, AppError};
use crate::kernel::Moment;
use crate::mail::Mailer;
use crate::store::jobs::{self as store, Claimed};
use crate::store::outbox;

/// How long a claimed job is ours. A runner that dies gives its jobs back after this.
const HOLD: Duration = Duration::minutes(10);
/// How many jobs are claimed at once.
const BATCH: i64 = 10;
/// The runner looks at least this often, because what another process wrote wakes nobody here.
const LONGEST_SLEEP: Wait = Wait::from_secs(1);
/// What keeps failing at once must not keep a processor busy.
const SHORTEST_SLEEP: Wait = Wait::from_millis(20);
/// No kind of work keeps the others waiting for longer than this, and what it is at: sweeps end access, and mails go
/// out, also while thousands of rows are worked off.
const TURN: Wait = Wait::from_secs(4);
/// After a failure of the store.
const PAUSE_AFTER_FAILURE: Wait = Wait::from_secs(5);

/// Does background work. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Worker {
    inner: Arc<Inner>,
}

struct Inner {
    mailer: Mailer,
    sweeps: Vec<Sweep>,
    kinds: Vec<Box<dyn Job>>,
    targets: Targets,
    /// What leaves the portal has a pass of its own: targets take their time.
    outside: Mutex<()>,
    /// One pass at a time in this process: the demo moves its clock, and a lease that was given before must not
    /// look abandoned while its holder is still at work.
    pass: Mutex<()>,
    stopping: AtomicBool,
    wake: tokio::sync::Notify,
}

/// What one pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pass {
    /// What sweeps did.
    pub swept: Turn,
    /// Jobs that were tried.
    pub jobs: usize,
    /// Notices that were tried.
    pub notices: usize,
    /// Orders to targets outside the portal that were tried.
    pub orders: usize,
}

impl Pass {
    fn idle(self) -> bool {
        self.swept.done == 0 && self.jobs == 0 && self.notices == 0 && self.orders == 0
    }

    fn and(self, other: Self) -> Self {
        Self {
            swept: self.swept.and(other.swept),
            jobs: self.jobs + other.jobs,
            notices: self.notices + other.notices,
            orders: self.orders + other.orders,
        }
    }
}

impl Worker {
    /// A worker that does everything that the portal has to do.
    pub fn new(mailer: Mailer) -> Self {
        Self::with(mailer, super::SWEEPS.to_vec(), super::kinds(&Targets::default()))
    }

    /// The same, with ways out of the portal.
    pub fn delivering(mailer: Mailer, targets: Targets) -> Self {
        let kinds = super::kinds(&targets);
        Self::made(mailer, super::SWEEPS.to_vec(), kinds, targets)
    }

    /// A worker that knows only this work.
    pub fn with(mailer: Mailer, sweeps: Vec<Sweep>, kinds: Vec<Box<dyn Job>>) -> Self {
        Self::made(mailer, sweeps, kinds, Targets::default())
    }

    fn made(mailer: Mailer, sweeps: Vec<Sweep>, kinds: Vec<Box<dyn Job>>, targets: Targets) -> Self {
        Self {
            inner: Arc::new(Inner {
                mailer,
                sweeps,
                kinds,
                targets,
                outside: Mutex::new(()),
                pass: Mutex::new(()),
                stopping: AtomicBool::new(false),
                wake: tokio::sync::Notify::new(),
            }),
        }
    }

    /// Makes the runner look at once.
    pub fn wake(&self) {
        self.inner.wake.notify_one();
    }

    /// Lets the runner end after the item that it is at.
    pub fn stop(&self) {
        self.inner.stopping.store(true, Ordering::SeqCst);
        self.inner.wake.notify_one();
    }

    fn stopping(&self) -> bool {
        self.inner.stopping.load(Ordering::SeqCst)
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        // The lock guards no data, so a pass that panicked leaves nothing broken behind.
        self.inner.pass.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs until [`Worker::stop`] is called. What leaves the portal runs beside the rest.
    pub async fn run(&self, app: App) {
        tokio::join!(self.run_inside(app.clone()), self.run_outside(app));
    }

    async fn run_inside(&self, app: App) {
        while !self.stopping() {
            let (this, at) = (self.clone(), app.clone());
            let sleep = match tokio::task::spawn_blocking(move || this.pass(&at)).await {
                Ok(Ok(next)) => until(app.now(), next),
                Ok(Err(error)) => {
                    tracing::error!(%error, "background work failed and will be tried again");
                    PAUSE_AFTER_FAILURE
                }
                Err(error) => {
                    tracing::error!(%error, "background work was cut off and will be tried again");
                    PAUSE_AFTER_FAILURE
                }
            };
            if self.stopping() {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.inner.wake.notified() => {}
            }
        }
    }

    async fn run_outside(&self, app: App) {
        while !self.stopping() {
            let (this, at) = (self.clone(), app.clone());
            let sleep = match tokio::task::spawn_blocking(move || this.deliver(&at)).await {
                Ok(Ok(_)) => LONGEST_SLEEP,
                Ok(Err(error)) => {
                    tracing::error!(%error, "deliveries failed and will be tried again");
                    PAUSE_AFTER_FAILURE
                }
                Err(error) => {
                    tracing::error!(%error, "deliveries were cut off and will be tried again");
                    PAUSE_AFTER_FAILURE
                }
            };
            // Short sleeps only, so there is no need to be woken for the end.
            if !self.stopping() {
                tokio::time::sleep(sleep.min(LONGEST_SLEEP)).await;
            }
        }
    }

    /// Carries out what is due outside the portal.
    fn deliver(&self, app: &App) -> Result<usize, AppError> {
        let _alone = self.inner.outside.lock().unwrap_or_else(PoisonError::into_inner);
        deliveries::deliver_due(app, &self.inner.targets, &|| self.stopping())
    }

    /// Does what is due now, once. Returns when something is due next, as far as is known.
    fn pass(&self, app: &App) -> Result<Option<Moment>, AppError> {
        let _alone = self.alone();
        let (_, next_sweep) = schedule::run_due(app, &self.inner.sweeps, &|| self.stopping())?;
        self.do_jobs(app, TURN)?;
        self.send(app, TURN)?;
        let now = app.now();
        if app.db.read_now(|c| store::any_due(c, now))? {
            return Ok(Some(now));
        }
        let next_notice = app.db.read_now(outbox::next_due)?;
        Ok([next_sweep, next_notice].into_iter().flatten().min())
    }

    /// Does the jobs that are due, and those that they leave behind, until the turn is over.
    fn do_jobs(&self, app: &App, turn: Wait) -> Result<usize, AppError> {
        let (began, mut tried) = (Instant::now(), 0);
        while !self.stopping()
            && began.elapsed() < turn
            && app.db.read_now(|c| store::any_due(c, app.now()))?
        {
            let lease = app.ids.uuid();
            let now = app.now();
            let claimed = app.db.write_now(|tx| store::claim(tx, now, BATCH, HOLD, lease))?;
            if claimed.is_empty() {
                break;
            }
            for job in claimed {
                tried += 1;
                self.do_one(app, &job)?;
            }
        }
        Ok(tried)
    }

    fn do_one(&self, app: &App, job: &Claimed) -> Result<(), AppError> {
        let kind = self.inner.kinds.iter().find(|k| k.kind() == job.kind);
        let result = match kind {
            // Whatever kills the process each time would otherwise come back for ever.
            _ if job.attempts > i32::from(backoff::JOB.attempts) => {
                Err(JobError::Never("it was cut off too often".to_owned()))
            }
            Some(kind) => kind.run(app, &job.payload),
            None => Err(JobError::Never(format!("this version knows no work called {}", job.kind))),
        };
        let now = app.now();
        let again = match &result {
            Err(JobError::Later(_)) => backoff::JOB.after(job.attempts, &job.id.to_string()),
            _ => None,
        };
        let kept = app.db.write_now(|tx| match (&result, again) {
            (Ok(()), _) => store::done(tx, job.id, job.lease, now),
            (Err(error), Some(pause)) => store::retry(tx, job.id, job.lease, &error.to_string(), now + pause),
            (Err(error), None) => store::failed(tx, job.id, job.lease, &error.to_string(), now),
        })?;
        if !kept {
            tracing::warn!(job = %job.id, "the job took longer than its claim; somebody else does it again");
        } else if let Err(error) = &result {
            tracing::warn!(job = %job.id, kind = job.kind, %error, given_up = again.is_none(), "a job failed");
        }
        Ok(())
    }

    /// Sends the mails that are due until the turn is over.
    fn send(&self, app: &App, turn: Wait) -> Result<usize, AppError> {
        let began = Instant::now();
        mailer::send_due(app, &self.inner.mailer, &|| self.stopping() || began.elapsed() >= turn)
    }
}

fn until(now: Moment, next: Option<Moment>) -> Wait {
    next.and_then(|at| (at - now).to_std().ok())
        .unwrap_or(if next.is_some() { SHORTEST_SLEEP } else { LONGEST_SLEEP })
        .clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
}

/// Does everything that is due by the clock, and what follows from it, until nothing is left: for tests, and for
/// the demo's clock, whose page answers when what became due is done (SPEC FIX-3). Every sweep runs, whenever
/// its turn would be.
pub fn run_until_idle(app: &App, worker: &Worker) -> Result<Pass, AppError> {
    /// More rounds than any chain of consequences has; a sweep that always finds work is a mistake.
    const ROUNDS: usize = 100;
    let _alone = worker.alone();
    let mut total = Pass::default();
    for _ in 0..ROUNDS {
        let mut round = Pass::default();
        for sweep in &worker.inner.sweeps {
            round.swept = round.swept.and(schedule::run_one(app, *sweep)?);
        }
        round.orders = worker.deliver(app)?;
        round.jobs = worker.do_jobs(app, Wait::MAX)?;
        round.notices = worker.send(app, Wait::MAX)?;
        total = total.and(round);
        if round.idle() {
            return Ok(total);
        }
    }
    tracing::error!("background work did not come to an end");
    Ok(total)
}

//! Two transactions in the worst order: the second comes while the first has done its work, and has not committed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use latchkey::app::{AppError, Cx};
use latchkey::domain::access::Principal;
use latchkey::store::{Conn, Tx, principals};

use super::Test;
use super::raw;

/// What came of the two.
#[derive(Debug)]
pub struct Both<A, B> {
    /// The first.
    pub first: Result<A, AppError>,
    /// The one that came meanwhile.
    pub second: Result<B, AppError>,
}

/// Who does it, and what: `("alice", |tx, cx, me| …)`.
type Act<'a, T> = (&'a str, &'a (dyn Fn(&mut Tx<'_>, &Cx, &Principal) -> Result<T, AppError> + Sync));

impl Test {
    /// Runs `first`, and before it commits, `second` in a thread of its own, until that one has ended or waits for the
    /// first; then the first commits. On SQLite the second waits for its turn, because there is one writer.
    pub fn meanwhile<A: Send, B: Send>(&self, first: Act<'_, A>, second: Act<'_, B>) -> Both<A, B> {
        let (begun, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        let mut watcher = self.database.connect();
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                wait(|| begun.load(Ordering::Acquire));
                let done = self.act(second, |_| {});
                ended.store(true, Ordering::Release);
                done
            });
            let done = self.act(first, |tx| {
                let Conn::Pg(_) = &**tx else {
                    begun.store(true, Ordering::Release);
                    return;
                };
                let me = raw::number(tx, "SELECT pg_backend_pid()::int8 AS n");
                begun.store(true, Ordering::Release);
                let blocked = format!(
                    "SELECT count(*) AS n FROM pg_stat_activity WHERE {me} = ANY(pg_blocking_pids(pid))"
                );
                wait(|| ended.load(Ordering::Acquire) || raw::number(&mut watcher, &blocked) > 0);
            });
            // Also if the first failed before the second was let go.
            begun.store(true, Ordering::Release);
            Both { first: done, second: other.join().expect("no panic") }
        })
    }

    /// One transaction as this person, which `before_commit` looks at.
    fn act<T>(
        &self,
        (name, work): Act<'_, T>,
        mut before_commit: impl FnMut(&mut Tx<'_>),
    ) -> Result<T, AppError> {
        let user = self.people[name];
        self.app.db.write_now(|tx| {
            let me = principals::load(tx, user)?.ok_or(AppError::NotFound)?;
            let done = work(tx, &self.app.cx(&me, "192.0.2.7", "race"), &me)?;
            before_commit(tx);
            Ok(done)
        })
    }
}

fn wait(mut until: impl FnMut() -> bool) {
    let began = Instant::now();
    while !until() {
        assert!(began.elapsed() < Duration::from_secs(30), "nothing happened");
        std::thread::yield_now();
    }
}

//! The clock. Nothing else in the crate asks the operating system for the time, so that tests and the demo
//! can move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, DurationRound, TimeZone, Utc};

/// An instant in UTC with microseconds, the precision that both databases keep.
pub type Moment = DateTime<Utc>;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The current instant, truncated to microseconds.
    fn now(&self) -> Moment;
}

/// A clock that can be shared.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the operating system for the time"
    )]
    fn now(&self) -> Moment {
        truncate(Utc::now())
    }
}

/// The machine's clock plus an offset that can be moved forward: the demo's clock (SPEC OPS-1).
#[derive(Debug, Clone, Default)]
pub struct OffsetClock {
    micros: Arc<AtomicI64>,
}

impl OffsetClock {
    /// A clock that runs `by` ahead of the machine's.
    pub fn ahead(by: Duration) -> Self {
        let clock = Self::default();
        clock.set(by);
        clock
    }

    /// Sets how far the clock runs ahead.
    pub fn set(&self, by: Duration) {
        self.micros.store(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }

    /// How far the clock runs ahead.
    pub fn offset(&self) -> Duration {
        Duration::microseconds(self.micros.load(Ordering::SeqCst))
    }
}

impl Clock for OffsetClock {
    fn now(&self) -> Moment {
        SystemClock.now() + self.offset()
    }
}

/// A clock that stands still until it is moved: for tests.
#[derive(Debug, Clone)]
pub struct ManualClock {
    micros: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that shows `at`.
    pub fn at(at: Moment) -> Self {
        Self { micros: Arc::new(AtomicI64::new(at.timestamp_micros())) }
    }

    /// Moves the clock by `by`, backwards too.
    pub fn advance(&self, by: Duration) {
        self.micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }

    /// Sets the clock.
    pub fn set(&self, at: Moment) {
        self.micros.store(at.timestamp_micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        Utc.timestamp_micros(self.micros.load(Ordering::SeqCst)).single().unwrap_or_default()
    }
}

/// Cuts an instant to microseconds.
pub fn truncate(at: Moment) -> Moment {
    at.duration_trunc(Duration::microseconds(1)).unwrap_or(at)
}

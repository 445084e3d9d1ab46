//! The clock. Nothing else in the crate asks the operating system for the time, so that tests and the demo
//! can move it.

use std::ops::{Add, Deref, Sub};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, DurationRound as _, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};

/// An instant in UTC with microseconds, the precision that both databases keep. Reads like the
/// [`DateTime`] inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "DateTime<Utc>", into = "DateTime<Utc>")]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// The instant so many microseconds after the start of 1970; `None` beyond the calendar.
    pub fn from_micros(micros: i64) -> Option<Self> {
        Utc.timestamp_micros(micros).single().map(Self)
    }
}

impl From<DateTime<Utc>> for Moment {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.duration_trunc(Duration::microseconds(1)).unwrap_or(at))
    }
}

impl From<Moment> for DateTime<Utc> {
    fn from(at: Moment) -> Self {
        at.0
    }
}

impl Deref for Moment {
    type Target = DateTime<Utc>;
    fn deref(&self) -> &DateTime<Utc> {
        &self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        Self::from(self.0 + by)
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;
    fn sub(self, by: Duration) -> Self {
        Self::from(self.0 - by)
    }
}

impl Sub for Moment {
    type Output = Duration;
    fn sub(self, other: Self) -> Duration {
        self.0 - other.0
    }
}

impl FromStr for Moment {
    type Err = chrono::ParseError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<DateTime<Utc>>().map(Self::from)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The current instant.
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
        Utc::now().into()
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
        Moment::from_micros(self.micros.load(Ordering::SeqCst)).unwrap_or(Moment(DateTime::UNIX_EPOCH))
    }
}

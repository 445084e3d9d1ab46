//! The demonstration: a made-up company with a few months of history (SPEC OPS-1, FIX-3).
//!
//! Everything happens through the same use cases that pages and timers call, on a clock that walks through the past
//! up to now, in one transaction: a start that is cut off leaves an empty database. Choices come from a fixed
//! sequence, so every demonstration tells the same story.

mod by_hand;
mod cast;
mod company;
mod offers;
mod shelf;
mod story;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike as _, Duration, Timelike as _, Weekday};

use crate::app::account::hashing;
use crate::app::{App, AppError, Cx, rules};
use crate::domain::access::Principal;
use crate::kernel::Moment;
use crate::kernel::clock::ManualClock;
use crate::kernel::ids::{CatalogId, GroupId, OrganizationId, PackageId, PolicyId, ResourceRoleId, UserId};
use crate::store::{StoreError, Tx, outbox, principals};

/// Everybody's password.
const PASSWORD: &str = "latchkey-demo";
/// How many days of history there are.
const DAYS: i64 = 125;

/// Fills an empty database with the organization of SPEC FIX-3.
pub fn fill(app: &App) -> Result<(), AppError> {
    let hash = hashing::hash_now(PASSWORD)?;
    let now = app.now();
    app.db.write_now(|tx| {
        let mut demo = Demo::new(app, now);
        company::found(tx, &mut demo, &hash)?;
        shelf::stock(tx, &mut demo)?;
        story::tell(tx, &mut demo)?;
        rules::settle(tx, &demo.app.system_cx("demo"))?;
        // What was owed in the past was sent in the past.
        outbox::settle_past(tx, now)?;
        Ok(())
    })
}

/// The company while it is being made.
struct Demo {
    /// The instance, on the clock of the past.
    app: App,
    clock: ManualClock,
    /// The present.
    now: Moment,
    people: BTreeMap<&'static str, UserId>,
    groups: BTreeMap<&'static str, GroupId>,
    partner: Option<OrganizationId>,
    catalogs: BTreeMap<&'static str, CatalogId>,
    /// By resource and role, such as `CRM` and `User`.
    roles: BTreeMap<(&'static str, &'static str), ResourceRoleId>,
    packages: BTreeMap<&'static str, (PackageId, Option<PolicyId>)>,
}

impl Demo {
    fn new(app: &App, now: Moment) -> Self {
        let clock = ManualClock::at(now);
        Self {
            app: App::new(app.db.clone(), Arc::new(clock.clone()), (*app.instance).clone()),
            clock,
            now,
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            partner: None,
            catalogs: BTreeMap::new(),
            roles: BTreeMap::new(),
            packages: BTreeMap::new(),
        }
    }

    fn person(&self, key: &str) -> Result<UserId, StoreError> {
        self.people.get(key).copied().ok_or(StoreError::Missing("a person of the demonstration"))
    }

    fn group(&self, name: &str) -> Result<GroupId, StoreError> {
        self.groups.get(name).copied().ok_or(StoreError::Missing("a group of the demonstration"))
    }

    fn catalog(&self, name: &str) -> Result<CatalogId, StoreError> {
        self.catalogs.get(name).copied().ok_or(StoreError::Missing("a catalog of the demonstration"))
    }

    fn package(&self, name: &str) -> Result<(PackageId, Option<PolicyId>), StoreError> {
        self.packages.get(name).copied().ok_or(StoreError::Missing("a package of the demonstration"))
    }

    /// A working hour so many days ago; on a weekend the Friday before.
    fn at(&self, days_ago: i64, hour: u32, minute: u32) -> Moment {
        let day = self.now - Duration::days(days_ago);
        let back = match day.weekday() {
            Weekday::Sat => 1,
            Weekday::Sun => 2,
            _ => 0,
        };
        let day = day - Duration::days(back);
        let moment = day.with_hour(hour).and_then(|d| d.with_minute(minute)).map_or(day, Moment::from);
        moment.min(self.now)
    }

    fn go_to(&self, at: Moment) {
        self.clock.set(at);
    }

    /// Somebody at work, with the roles that they have at this point of the story.
    fn as_user(&self, tx: &mut Tx<'_>, user: UserId) -> Result<(Cx, Principal), AppError> {
        let by = principals::load(tx, user)?.ok_or(AppError::NotFound)?;
        let cx = self.app.cx(&by, "192.0.2.10", "demo");
        Ok((cx, by))
    }

    fn as_person(&self, tx: &mut Tx<'_>, key: &str) -> Result<(Cx, Principal), AppError> {
        self.as_user(tx, self.person(key)?)
    }
}

/// A fixed sequence that looks like chance.
struct Dice(u64);

impl Dice {
    /// A number from 0 up to `sides`, without it.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides.max(1)
    }

    fn pick<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let sides = u64::try_from(list.len()).unwrap_or(1);
        usize::try_from(self.roll(sides)).ok().and_then(|n| list.get(n))
    }
}

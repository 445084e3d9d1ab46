//! What a running instance consists of, and what a use case knows of its surroundings.

use std::sync::Arc;

use chrono_tz::Tz;

use crate::domain::access::Principal;
use crate::domain::audit::{Author, Record};
use crate::domain::policy::LinkMode;
use crate::kernel::clock::SharedClock;
use crate::kernel::ids::{EntityId, UserId};
use crate::kernel::{Ids, Moment};
use crate::store::{Db, Tx};

/// Settings that rules and texts depend on.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The name that pages and mails show.
    pub name: String,
    /// Where people reach the portal; the only source of links in mails. Without a slash at the end.
    pub base_url: String,
    /// The time zone in which fixed dates end (SPEC LIF-1).
    pub time_zone: Tz,
    /// The mode of emailed links where a policy does not say (SPEC POL-7).
    pub link_mode: LinkMode,
    /// The demonstration: fictional people, a clock that can be moved.
    pub demo: bool,
}

/// A running instance. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: SharedClock,
    /// New ids.
    pub ids: Ids,
    /// Settings.
    pub instance: Arc<Instance>,
}

impl App {
    /// An instance on this database and clock.
    pub fn new(db: Db, clock: SharedClock, instance: Instance) -> Self {
        Self { db, ids: Ids::new(clock.clone()), clock, instance: Arc::new(instance) }
    }

    /// The current instant.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The surroundings of a use case that this person carries out.
    pub fn cx(&self, by: &Principal, origin: impl Into<String>, correlation: impl Into<String>) -> Cx {
        let author = Author {
            user: Some(by.user),
            name: by.name.clone(),
            origin: origin.into(),
            correlation: correlation.into(),
        };
        self.cx_as(author)
    }

    /// The surroundings of a use case that the system carries out.
    pub fn system_cx(&self, correlation: impl Into<String>) -> Cx {
        self.cx_as(Author::system(correlation))
    }

    /// The surroundings of a use case with this author.
    pub fn cx_as(&self, author: Author) -> Cx {
        Cx { now: self.clock.now(), ids: self.ids.clone(), author, instance: self.instance.clone() }
    }
}

/// The surroundings of one use case: one instant, one author.
#[derive(Clone)]
pub struct Cx {
    /// The instant at which everything in the use case happens.
    pub now: Moment,
    /// New ids.
    pub ids: Ids,
    /// Who does it, and from where.
    pub author: Author,
    /// Settings.
    pub instance: Arc<Instance>,
}

impl Cx {
    /// A new id.
    pub fn id<T: EntityId>(&self) -> T {
        self.ids.next()
    }

    /// Who does it; `None` is the system.
    pub fn user(&self) -> Option<UserId> {
        self.author.user
    }

    /// Records a change for the audit log (SPEC AUD-1).
    pub fn record(&self, tx: &mut Tx<'_>, record: Record) {
        tx.record(self.ids.next(), self.now, &self.author, record);
    }
}

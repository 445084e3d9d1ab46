//! Following membership rules: dynamic groups (SPEC DIR-4) and automatic assignment (SPEC AUT-3, AUT-4).
//!
//! A change of a person leaves a mark in its transaction; a changed rule, that everybody has to be looked at. `look`
//! compares those people with the rules and plans who gains and loses; `decide` lets a plan pass, or stops and asks
//! where it is too big; `carry` does what is planned and due, one transaction per person, and looks again before it
//! does. Each step may run late, twice, or on two machines at once.

mod carry;
mod control;
mod decide;
mod follower;
mod look;
mod preview;

pub use carry::{carry_out, settle};
pub use control::{Answer, answer, group_changed, policy_changed};
pub use decide::{Standing, decide, standing};
pub use follower::Followed;
pub use look::look;
pub use preview::{Listed, Part, Preview, Tried, preview};

use chrono::Duration;

use crate::app::{App, AppError};
use crate::domain::following::Following;
use crate::store::{StoreError, rules};

/// How many people one transaction looks at.
const LOOK: i64 = 300;
/// How many transactions of one round look at people.
const LOOKS: usize = 100;
/// How many changes one round carries out.
const CARRY: i64 = 500;
/// After how long a change that could not be done is tried again.
const AGAIN: Duration = Duration::hours(1);

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Plans and changes made.
    pub done: u32,
    /// Changes that failed and are tried again later.
    pub failed: u32,
}

/// One round: looks at some people; when nobody is left to be looked at, decides, and carries out what is due.
pub fn round(app: &App) -> Result<Round, AppError> {
    let cx = app.system_cx(format!("rules-{}", app.now().timestamp_millis()));
    let mut round = Round::default();
    for _ in 0..LOOKS {
        // An idle round writes nothing.
        if !app.db.read_now(rules::anybody_to_look_at)? {
            break;
        }
        round.done += app.db.write_now(|tx| look(tx, &cx))?;
    }
    if app.db.read_now(rules::anybody_to_look_at)? {
        return Ok(round);
    }
    for follower in app.db.read_now(rules::followers)? {
        let waiting = app.db.read_now(|conn| rules::unreleased(conn, follower.target))?;
        if waiting != (0, 0) || follower.state == Following::Stopped {
            round.done += u32::from(app.db.write_now(|tx| decide(tx, &cx, follower.target))?);
        }
    }
    let due = app.db.read_now(|conn| rules::due(conn, cx.now, CARRY))?;
    for (target, user) in due {
        match carry_out(app, &cx, target, user) {
            Ok(true) => round.done += 1,
            Ok(false) => round.failed += 1,
            Err(error) => {
                round.failed += 1;
                tracing::error!(%error, %user, "a change by a rule failed; it stays for the next round");
            }
        }
    }
    Ok(round)
}

/// Once a day everybody is looked at again, in case a mark was lost.
pub fn look_at_everybody(app: &App) -> Result<usize, AppError> {
    app.db.write_now(|tx| rules::look_at_everybody(tx).map_err(|e: StoreError| e.into()))
}

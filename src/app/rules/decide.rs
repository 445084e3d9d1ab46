//! May a plan be carried out, or is it too big at once (SPEC AUT-4)?

use serde_json::json;

use super::follower::Followed;
use crate::app::{AppError, Cx};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::following::{Change, Following, Target};
use crate::kernel::ids::EntityId as _;
use crate::store::rules::{self, Follower};
use crate::store::{Conn, Tx, rule_people};

/// How something that follows a rule stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// How far it is.
    pub follower: Follower,
    /// What would change at once, and has not passed yet.
    pub change: Change,
}

/// How it stands; `None` if it follows no rule.
pub fn standing(conn: &mut Conn, target: Target) -> Result<Option<Standing>, AppError> {
    let Some(follower) = rules::find(conn, target)? else { return Ok(None) };
    let Some(followed) = Followed::load(conn, target)? else { return Ok(None) };
    Ok(Some(Standing { change: change_of(conn, &followed)?, follower }))
}

fn change_of(conn: &mut Conn, followed: &Followed) -> Result<Change, AppError> {
    let (gains, losses) = rules::unreleased(conn, followed.target)?;
    Ok(Change { gains, losses, holders: followed.holders(conn)?, everybody: rule_people::everybody(conn)? })
}

/// Lets what is planned be carried out, unless it is too much at once: then it stops, and the people who manage it
/// are asked. What stopped goes on by itself when it is small enough again, for instance because a mistake in the
/// data was mended. True if something changed.
pub fn decide(tx: &mut Tx<'_>, cx: &Cx, target: Target) -> Result<bool, AppError> {
    let Some(mut follower) = rules::find(tx, target)? else { return Ok(false) };
    // Half a look says nothing about how much changes; somebody's decision to leave it stands.
    if follower.whole || follower.state == Following::Paused || !rules::touched(tx, 1)?.is_empty() {
        return Ok(false);
    }
    let Some(followed) = Followed::load(tx, target)? else {
        rules::unfollow(tx, target)?;
        return Ok(true);
    };
    let change = change_of(tx, &followed)?;
    let stops = followed.limits.exceeded(&change);
    match (stops, follower.state) {
        (true, Following::Stopped) => Ok(false),
        (true, _) => {
            follower.state = Following::Stopped;
            follower.stopped_at = Some(cx.now);
            rules::save(tx, &mut follower)?;
            cx.record(tx, record(&followed, "rule.stop").change(json!(null), json!(change)));
            Ok(true)
        }
        (false, was) => {
            let released = rules::release(tx, target)?;
            if was == Following::Stopped {
                follower.state = Following::Following;
                follower.stopped_at = None;
                rules::save(tx, &mut follower)?;
                cx.record(tx, record(&followed, "rule.resume").change(json!(null), json!(change)));
            }
            Ok(released > 0 || was == Following::Stopped)
        }
    }
}

/// An audit record about what follows a rule.
pub(super) fn record(followed: &Followed, action: &'static str) -> Record {
    match followed.target {
        Target::Group(id) => Record::of(action, ObjectKind::Group, id.uuid(), followed.name()),
        Target::Policy(id) => Record::of(action, ObjectKind::Policy, id.uuid(), followed.name()),
    }
}

//! What people say to a rule that stopped, and what changes about who follows one.

use serde_json::json;

use super::decide::{record, standing};
use super::follower::Followed;
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::following::{Change, Following, Target};
use crate::domain::policy::{Scope, ScopeKind};
use crate::kernel::ids::{GroupId, PolicyId};
use crate::store::{Tx, groups, packages, policies, rules};

/// The answer to a rule that stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Carry it out.
    Confirm,
    /// Leave everything as it is.
    Leave,
    /// Look at everybody again.
    LookAgain,
}

/// Answers. `seen` is what the page showed: if it is something else by now, nothing happens (SPEC AUT-4). Policies are
/// answered for by those who edit them, groups by administrators.
pub fn answer(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    target: Target,
    answer: Answer,
    seen: (i64, i64),
) -> Result<(), AppError> {
    match target {
        Target::Group(_) => {
            access::manage_directory(me)?;
        }
        Target::Policy(id) => {
            let policy = policies::find(tx, id)?.ok_or(AppError::NotFound)?;
            let package = packages::find(tx, policy.package)?.ok_or(AppError::NotFound)?;
            access::edit_packages(me, package.catalog)?;
        }
    }
    let standing = standing(tx, target)?.ok_or(Refusal::NoRule)?;
    let followed = Followed::load(tx, target)?.ok_or(Refusal::NoRule)?;
    let mut follower = standing.follower;
    let Change { gains, losses, .. } = standing.change;
    if follower.state == Following::Following && answer != Answer::LookAgain || (gains, losses) != seen {
        return Err(Refusal::Stale.into());
    }
    let action = match answer {
        Answer::Confirm => {
            rules::release(tx, target)?;
            follower.state = Following::Following;
            follower.stopped_at = None;
            "rule.confirm"
        }
        Answer::Leave => {
            follower.state = Following::Paused;
            follower.stopped_at = Some(cx.now);
            "rule.pause"
        }
        Answer::LookAgain => {
            follower.state = Following::Following;
            follower.stopped_at = None;
            follower.whole = true;
            follower.reached = None;
            "rule.lookAgain"
        }
    };
    rules::save(tx, &mut follower)?;
    cx.record(tx, record(&followed, action).change(json!(null), json!(standing.change)));
    Ok(())
}

/// A policy was made, changed, switched or deleted: does it follow a rule now? To be called in the same transaction.
/// Switched off or deleted, or with another kind of scope, nobody gains or loses by it any more; what people hold
/// they keep (SPEC POL-2).
pub fn policy_changed(tx: &mut Tx<'_>, id: PolicyId) -> Result<(), AppError> {
    let target = Target::Policy(id);
    let follows = policies::find(tx, id)?.is_some_and(|p| p.enabled && p.scope_kind == ScopeKind::Automatic);
    if !follows {
        return Ok(rules::unfollow(tx, target)?);
    }
    let (_, terms) = policies::current(tx, id)?;
    if let Scope::Automatic { .. } = terms.scope {
        rules::follow(tx, target)?;
    }
    Ok(())
}

/// A group was made or changed: does it follow a rule now? To be called in the same transaction.
pub fn group_changed(tx: &mut Tx<'_>, id: GroupId) -> Result<(), AppError> {
    let target = Target::Group(id);
    match groups::find(tx, id)?.and_then(|g| g.rule) {
        Some(_) => rules::follow(tx, target)?,
        None => rules::unfollow(tx, target)?,
    }
    Ok(())
}

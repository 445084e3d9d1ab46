//! Comparing people with rules: planning who gains and who loses.

use std::collections::BTreeSet;

use super::LOOK;
use super::follower::Followed;
use crate::app::{AppError, Cx};
use crate::domain::following::{Has, Move, wanted};
use crate::kernel::ids::UserId;
use crate::store::rule_people::{self, Somebody};
use crate::store::rules::{self, Planned};
use crate::store::{StoreError, Tx};

/// Looks at the people about whom something changed, or at the next ones for a rule that changed: so many as fit
/// into one transaction. How many plans changed.
pub fn look(tx: &mut Tx<'_>, cx: &Cx) -> Result<u32, AppError> {
    // First the marks, then the facts: these are then at least as new.
    let touched = rules::touched(tx, LOOK)?;
    if !touched.is_empty() {
        let ids: BTreeSet<UserId> = touched.iter().map(|(user, _)| *user).collect();
        let people = rule_people::load(tx, &ids.into_iter().collect::<Vec<_>>())?;
        let mut planned = 0;
        for follower in rules::followers(tx)? {
            if let Some(followed) = Followed::load(tx, follower.target)? {
                planned += plan(tx, cx, &followed, &people)?;
            }
        }
        rules::forget_touched(tx, &touched)?;
        return Ok(planned);
    }
    let Some(mut follower) = rules::followers(tx)?.into_iter().find(|f| f.whole) else {
        return Ok(0);
    };
    let Some(followed) = Followed::load(tx, follower.target)? else {
        rules::unfollow(tx, follower.target)?;
        return Ok(0);
    };
    let people = rule_people::after(tx, follower.reached, LOOK)?;
    let planned = plan(tx, cx, &followed, &people)?;
    if people.len() < usize::try_from(LOOK).unwrap_or(usize::MAX) {
        follower.whole = false;
        follower.reached = None;
        follower.looked_at = Some(cx.now);
    } else {
        follower.reached = people.last().map(|p| p.id);
    }
    rules::save(tx, &mut follower)?;
    Ok(planned)
}

/// Plans for these people what the rule wants; what was planned and is not wanted any more is dropped, so whoever
/// returns within the grace period keeps what they have (SPEC AUT-3). How many plans changed.
fn plan(tx: &mut Tx<'_>, cx: &Cx, followed: &Followed, people: &[Somebody]) -> Result<u32, StoreError> {
    let ids: Vec<UserId> = people.iter().map(|p| p.id).collect();
    let has = followed.has(tx, Some(&ids))?;
    let before = rules::planned_for(tx, followed.target, &ids)?;
    let mut changed = 0;
    for person in people {
        let matches = !person.deleted && followed.rule.matches(&person.facts);
        let has = has.get(&person.id).copied().unwrap_or(Has::Nothing);
        let there = before.iter().find(|p| p.user == person.id);
        match (wanted(followed.kind(), matches, person.enabled, has), there) {
            (None, Some(_)) => {
                rules::drop_planned(tx, followed.target, person.id)?;
                changed += 1;
            }
            (Some(wish), there) if there.is_none_or(|t| t.gains != (wish == Move::Gain)) => {
                let gains = wish == Move::Gain;
                let planned = Planned {
                    user: person.id,
                    gains,
                    released: false,
                    noticed_at: cx.now,
                    due_at: if gains { cx.now } else { cx.now + followed.grace },
                    problem: None,
                };
                rules::plan(tx, followed.target, &planned)?;
                changed += 1;
            }
            // Another grace period counts from when it was noticed.
            (Some(Move::Lose), Some(there)) if there.due_at != there.noticed_at + followed.grace => {
                let due_at = there.noticed_at + followed.grace;
                rules::plan(tx, followed.target, &Planned { due_at, ..there.clone() })?;
            }
            _ => {}
        }
    }
    Ok(changed)
}

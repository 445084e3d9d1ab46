//! Carrying out one planned change, in its own transaction.

use super::AGAIN;
use super::decide::decide;
use super::follower::Followed;
use super::look::look;
use crate::app::{App, AppError, Cx, directory, request};
use crate::domain::Refusal;
use crate::domain::following::{Has, Move, Target, wanted};
use crate::kernel::ids::UserId;
use crate::store::rules::{self, Planned};
use crate::store::{Tx, assignments, rule_people};

/// Carries out what is planned for a person, if the rule still wants it. False if it cannot be done now: the reason
/// is kept, and it is tried again later.
pub fn carry_out(app: &App, cx: &Cx, target: Target, user: UserId) -> Result<bool, AppError> {
    match app.db.write_now(|tx| one(tx, cx, target, user)) {
        Ok(()) => Ok(true),
        Err(AppError::Refused(refusal)) => {
            let text = hindrance(&refusal);
            app.db.write_now(|tx| postpone(tx, cx, target, user, &text))?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Does everything that the rules want at this moment, inside one transaction: for filling a demonstration.
pub fn settle(tx: &mut Tx<'_>, cx: &Cx) -> Result<(), AppError> {
    while rules::anybody_to_look_at(tx)? {
        look(tx, cx)?;
    }
    for follower in rules::followers(tx)? {
        decide(tx, cx, follower.target)?;
    }
    for (target, user) in rules::due(tx, cx.now, i64::MAX)? {
        match one(tx, cx, target, user) {
            // Nothing was written but the plan, which is kept for later.
            Err(AppError::Refused(refusal)) => {
                let problem = Some(hindrance(&refusal));
                let due_at = cx.now + AGAIN;
                let again =
                    Planned { user, gains: true, released: true, noticed_at: cx.now, due_at, problem };
                rules::plan(tx, target, &again)?;
            }
            other => other?,
        }
    }
    Ok(())
}

/// Why somebody cannot be given it, for the people who manage it.
fn hindrance(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Conflict(names) => format!("Holds {names}, which cannot be held together with it."),
        Refusal::AlreadyRequested => "Has an open request for the package.".to_owned(),
        Refusal::CatalogClosedToGuests => {
            "Comes from outside, and the catalog is not open to guests.".to_owned()
        }
        Refusal::UserDisabled => "The account is disabled.".to_owned(),
        other => other.to_string(),
    }
}

fn postpone(tx: &mut Tx<'_>, cx: &Cx, target: Target, user: UserId, why: &str) -> Result<(), AppError> {
    if let Some(planned) = rules::planned_for(tx, target, &[user])?.into_iter().next() {
        let again = Planned { due_at: cx.now + AGAIN, problem: Some(why.to_owned()), ..planned };
        rules::plan(tx, target, &again)?;
    }
    Ok(())
}

fn one(tx: &mut Tx<'_>, cx: &Cx, target: Target, user: UserId) -> Result<(), AppError> {
    // Whoever drops the plan does it: of two workers at the same moment, one.
    let Some(planned) = rules::planned_for(tx, target, &[user])?.into_iter().next() else {
        return Ok(());
    };
    if !planned.released || planned.due_at > cx.now || !rules::drop_planned(tx, target, user)? {
        return Ok(());
    }
    let Some(followed) = Followed::load(tx, target)? else { return Ok(()) };
    let Some(person) = rule_people::load(tx, &[user])?.into_iter().next() else { return Ok(()) };
    let matches = !person.deleted && followed.rule.matches(&person.facts);
    let has = followed.has(tx, Some(&[user]))?.get(&user).copied().unwrap_or(Has::Nothing);
    let Some(wish) = wanted(followed.kind(), matches, person.enabled, has) else { return Ok(()) };
    if (wish == Move::Gain) != planned.gains {
        // It turned round meanwhile: the mark that this change left brings a new plan.
        return Ok(());
    }
    match (target, &followed.policy) {
        (Target::Group(group), _) => {
            let rule = followed.rule.to_string();
            directory::groups::follow_rule(tx, cx, group, user, wish == Move::Gain, &rule)
        }
        (Target::Policy(_), Some((policy, terms))) if wish == Move::Gain => {
            request::give(tx, cx, policy, terms, user).map(|_| ())
        }
        (Target::Policy(_), Some((policy, _))) => {
            let live = assignments::live_of(tx, user, policy.package)?;
            if let Some(held) = live.filter(|held| held.policy_id == policy.id) {
                request::take(tx, cx, policy, held.id)?;
            }
            Ok(())
        }
        (Target::Policy(_), None) => Ok(()),
    }
}

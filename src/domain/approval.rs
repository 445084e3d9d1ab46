//! Approval (SPEC section 8, APR-1 to APR-14): who can decide a stage, and what a vote does.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Refusal;
use super::policy::{Quorum, Stage};
use super::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::UserId;

text_enum! {
    /// What an approver decides.
    pub enum Verdict {
        /// Yes.
        Approve = "approve",
        /// No; one is enough to end the request (SPEC APR-6).
        Deny = "deny",
    }
}

text_enum! {
    /// The state of one stage of a request.
    pub enum StageState {
        /// An earlier stage is asked.
        Waiting = "waiting",
        /// Being asked.
        Pending = "pending",
        /// Enough approvals.
        Approved = "approved",
        /// An approver said no.
        Denied = "denied",
        /// Nobody decided in time.
        Expired = "expired",
        /// Not asked any more: the request ended before, or was approved without asking.
        Skipped = "skipped",
    }
}

text_enum! {
    /// The channel of a decision, as the audit records it.
    pub enum Channel {
        /// In the portal.
        Portal = "portal",
        /// Through an emailed link, signed in.
        Link = "link",
        /// Through an emailed link with a one-time code.
        Code = "code",
    }
}

text_enum! {
    /// Which circle of people can decide a stage (SPEC APR-3).
    pub enum Circle {
        /// Those whom the policy names.
        Named = "named",
        /// The fallback approvers: the named ones cannot be resolved.
        Fallback = "fallback",
        /// The catalog's owners: no fallback either.
        CatalogOwners = "catalogOwners",
        /// The administrators: nobody else is left.
        Administrators = "administrators",
    }
}

/// The people behind a stage as they are now: enabled users only, loaded at decision time (I5).
#[derive(Debug, Clone, Default)]
pub struct StageFacts {
    /// Resolved named approvers.
    pub named: BTreeSet<UserId>,
    /// Resolved fallback approvers.
    pub fallback: BTreeSet<UserId>,
    /// Resolved alternates; empty until the stage is escalated (SPEC APR-4).
    pub alternates: BTreeSet<UserId>,
    /// Owners of the package's catalog.
    pub catalog_owners: BTreeSet<UserId>,
    /// Administrators.
    pub administrators: BTreeSet<UserId>,
    /// Who never decides this request: the requestor and the person it is for (SPEC APR-2).
    pub barred: BTreeSet<UserId>,
    /// Who stands in for whom just now: the delegates of each of those above (SPEC APR-11).
    pub delegates: BTreeMap<UserId, BTreeSet<UserId>>,
}

/// Who can decide a stage now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deciders {
    /// Which circle they are.
    pub circle: Circle,
    /// They themselves. Empty only when the instance has no other administrator.
    pub users: BTreeSet<UserId>,
    /// Delegates, with those whose place they may take (SPEC APR-11).
    pub stand_ins: BTreeMap<UserId, BTreeSet<UserId>>,
}

impl Deciders {
    /// Is this person asked, by their own right or in somebody's place?
    pub fn include(&self, user: UserId) -> bool {
        self.users.contains(&user) || self.stand_ins.contains_key(&user)
    }

    /// Everybody who is asked, delegates too.
    pub fn everybody(&self) -> BTreeSet<UserId> {
        self.users.iter().chain(self.stand_ins.keys()).copied().collect()
    }

    /// In whose place this person's vote would count: `None` is their own, which comes first (SPEC APR-11). Each
    /// person votes once, and each place counts once, so that two signatures are always two people.
    pub fn place_of(&self, by: UserId, votes: &[Vote]) -> Result<Option<UserId>, Refusal> {
        let own = self.users.contains(&by);
        let others = self.stand_ins.get(&by);
        if !own && others.is_none() {
            return Err(Refusal::NotAnApprover);
        }
        if votes.iter().any(|v| v.by == by) {
            return Err(Refusal::AlreadyVoted);
        }
        let free = |place: &UserId| votes.iter().all(|v| v.place() != *place);
        if own && free(&by) {
            return Ok(None);
        }
        match others.into_iter().flatten().find(|place| free(place)) {
            Some(place) => Ok(Some(*place)),
            None if own => Err(Refusal::DecidedInYourPlace),
            None => Err(Refusal::PlaceTaken),
        }
    }
}

/// Resolves who can decide (SPEC APR-2, APR-3, APR-14): the named approvers; if none of them is left, the
/// fallback; then the catalog's owners; then the administrators; and the delegates of those (SPEC APR-11). Nobody
/// who is barred is ever among them, and nobody takes the place of somebody who is.
pub fn deciders(facts: &StageFacts) -> Deciders {
    let free = |users: &BTreeSet<UserId>| users.difference(&facts.barred).copied().collect::<BTreeSet<_>>();
    let circles = [
        (Circle::Named, &facts.named),
        (Circle::Fallback, &facts.fallback),
        (Circle::CatalogOwners, &facts.catalog_owners),
    ];
    let (circle, mut users) = circles
        .into_iter()
        .map(|(circle, users)| (circle, free(users)))
        .find(|(_, users)| !users.is_empty())
        .unwrap_or_else(|| (Circle::Administrators, free(&facts.administrators)));
    users.extend(free(&facts.alternates));
    // Only those who are asked by their own right hand it on, so delegation is never transitive.
    let mut stand_ins: BTreeMap<UserId, BTreeSet<UserId>> = BTreeMap::new();
    for (place, delegates) in facts.delegates.iter().filter(|(place, _)| users.contains(place)) {
        for delegate in delegates.difference(&facts.barred).filter(|d| *d != place) {
            stand_ins.entry(*delegate).or_default().insert(*place);
        }
    }
    Deciders { circle, users, stand_ins }
}

/// A vote that was accepted in the current stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who decided.
    pub by: UserId,
    /// In whose place, if not by their own right (SPEC APR-11).
    #[serde(default)]
    pub on_behalf_of: Option<UserId>,
    /// What.
    pub verdict: Verdict,
}

impl Vote {
    /// Whose vote it counts as.
    pub fn place(&self) -> UserId {
        self.on_behalf_of.unwrap_or(self.by)
    }
}

/// How many approvals the stage needs in all, given who can decide: never zero, never more than there are
/// people.
pub fn needed(quorum: Quorum, deciders: &Deciders, votes: &[Vote]) -> usize {
    let people: BTreeSet<_> = deciders.users.iter().copied().chain(votes.iter().map(Vote::place)).collect();
    match quorum {
        Quorum::AnyOne => 1,
        Quorum::AtLeast { n } => usize::from(n).min(people.len()).max(1),
        // Whoever left after approving still counts as having approved; whoever joined has to be asked.
        Quorum::All => people.len().max(1),
    }
}

/// A request at a stage, as a decision finds it.
#[derive(Debug)]
pub struct Situation<'a> {
    /// The request's state.
    pub state: RequestState,
    /// The current stage, from 1.
    pub stage: u8,
    /// How many stages the plan has.
    pub stages: u8,
    /// When the stage's time is over.
    pub due: Moment,
    /// The stage of the frozen plan (SPEC POL-4).
    pub plan: &'a Stage,
    /// Votes of this stage so far.
    pub votes: &'a [Vote],
    /// Who can decide now.
    pub deciders: &'a Deciders,
    /// Who never decides this request.
    pub barred: &'a BTreeSet<UserId>,
}

/// What a vote leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Counted; more approvals are needed.
    Counted {
        /// Approvals so far.
        approvals: usize,
        /// Approvals needed.
        needed: usize,
    },
    /// The stage is approved and the next one opens.
    NextStage(u8),
    /// The last stage is approved.
    Approved,
    /// The request ends.
    Denied,
}

/// May this person decide now? (SPEC APR-2, APR-5, APR-6, APR-11, APR-14)
pub fn may_decide(s: &Situation<'_>, by: UserId, now: Moment) -> Result<(), Refusal> {
    if s.barred.contains(&by) {
        return Err(Refusal::OwnRequest);
    }
    if s.state != RequestState::PendingApproval {
        return Err(Refusal::NotPending(s.state.words().to_owned()));
    }
    match s.deciders.place_of(by, s.votes) {
        Err(Refusal::NotAnApprover) => Err(Refusal::NotAnApprover),
        _ if now >= s.due => Err(Refusal::PastDue(s.due)),
        place => place.map(|_| ()),
    }
}

/// Decides (SPEC APR-6): one denial ends the request; the approval that completes the quorum closes the stage.
pub fn decide(
    s: &Situation<'_>,
    by: UserId,
    verdict: Verdict,
    reason: &str,
    now: Moment,
) -> Result<Step, Refusal> {
    may_decide(s, by, now)?;
    if s.plan.reason_required && reason.trim().is_empty() {
        return Err(Refusal::ReasonRequired);
    }
    if verdict == Verdict::Deny {
        return Ok(Step::Denied);
    }
    let approvals = s.votes.iter().filter(|v| v.verdict == Verdict::Approve).count() + 1;
    let needed = needed(s.plan.quorum, s.deciders, s.votes);
    Ok(if approvals < needed {
        Step::Counted { approvals, needed }
    } else if s.stage < s.stages {
        Step::NextStage(s.stage + 1)
    } else {
        Step::Approved
    })
}

/// When a stage that opens now is due (SPEC APR-5).
pub fn due(plan: &Stage, opened: Moment) -> Moment {
    opened + chrono::Duration::days(i64::from(plan.limit_days))
}

/// When the alternates of a stage that opens now are asked too (SPEC APR-4); never at or after its limit.
pub fn escalation(plan: &Stage, opened: Moment) -> Option<Moment> {
    let at = opened + chrono::Duration::days(i64::from(plan.alternates.as_ref()?.after_days));
    (at < due(plan, opened)).then_some(at)
}

/// When approvers are reminded (SPEC NOT-2): halfway, and one day before the limit. Never before half a day has
/// passed, and the two never closer than half a day.
pub fn reminders(plan: &Stage, opened: Moment) -> Vec<Moment> {
    let due = due(plan, opened);
    let half = opened + (due - opened) / 2;
    let last = due - chrono::Duration::days(1);
    let gap = chrono::Duration::hours(12);
    let mut at = vec![half];
    if last - half >= gap {
        at.push(last);
    }
    at
}

#[cfg(test)]
#[path = "approval_tests.rs"]
mod tests;

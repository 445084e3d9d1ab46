//! What notices about requests tell.

use std::collections::BTreeSet;

use super::{GONE, Loader, Told, no};
use crate::app::{AppError, links};
use crate::domain::approval::{StageState, Verdict};
use crate::domain::request::RequestState;
use crate::domain::timeline::Step;
use crate::kernel::ids::{RequestId, UserId, VoteId};
use crate::mail::facts::{Approval, Decision, Delegated, Facts};
use crate::store::requests::{self, VoteRow};
use crate::store::views::matter;
use crate::store::{notice_facts, people};

impl Loader<'_, '_> {
    /// An approval that the person can decide right now; anything else is not asked for any more.
    pub(super) fn approval(
        &mut self,
        id: RequestId,
        stage: u8,
    ) -> Result<Result<Approval, String>, AppError> {
        let now = self.cx.now;
        let Some(matter) = matter::load(self.tx, id, now)? else {
            return Ok(Err(GONE.to_owned()));
        };
        if let Err(refusal) = matter.may_decide(self.user, now) {
            return Ok(Err(refusal.to_string()));
        }
        let (Some(due), true) = (matter.request.due_at, matter.request.stage == stage) else {
            return Ok(Err("the stage is over".to_owned()));
        };
        let minted = links::mint(self.tx, self.cx, id, stage, self.user, self.address)?;
        let (Some(minted), Some(known)) = (minted, self.known(id)?) else {
            return Ok(Err("the person cannot decide it any more".to_owned()));
        };
        let plan = usize::from(stage).checked_sub(1).and_then(|index| matter.terms.stages.get(index));
        let opened = requests::stages(self.tx, id)?.into_iter().find(|s| s.stage == stage);
        let forwards_at = plan
            .and_then(|p| p.alternates.as_ref())
            .zip(opened.and_then(|s| s.opened_at))
            .map(|(a, opened)| opened + chrono::Duration::days(i64::from(a.after_days)));
        let changed = match requests::steps(self.tx, id)?.into_iter().rev().find_map(|e| match e.step {
            Step::SentBack { stage: at, edits, .. } => Some((at, edits)),
            _ => None,
        }) {
            Some((at, edits)) if at == stage => edits,
            _ => Vec::new(),
        };
        Ok(Ok(Approval {
            changed,
            request: known.shown,
            stage,
            due,
            forwards_at,
            roles: notice_facts::package_roles(self.tx, known.row.package)?,
            mode: minted.mode,
            token: minted.token,
            in_place_of: matter.in_place_of(self.user).map(str::to_owned),
        }))
    }

    pub(super) fn stage_expired(&mut self, id: RequestId, stage: u8) -> Result<Told, AppError> {
        let stages = requests::stages(self.tx, id)?;
        let Some(row) = stages.iter().find(|s| s.stage == stage && s.state == StageState::Expired) else {
            return no("the stage did not expire");
        };
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        Ok(Ok(Facts::StageExpired {
            at: row.due_at.or(row.closed_at).unwrap_or(known.row.submitted_at),
            request: known.shown,
            stage,
        }))
    }

    fn decisions(&mut self, votes: &[VoteRow], verdict: Verdict) -> Result<Vec<Decision>, AppError> {
        let who: BTreeSet<UserId> = votes.iter().flat_map(|v| [v.by, v.place()]).collect();
        let names = people::names(self.tx, &who)?;
        Ok(votes
            .iter()
            .filter(|v| v.verdict == verdict)
            .map(|v| {
                let name = |user: UserId| names.get(&user).cloned().unwrap_or_default();
                let by = match v.on_behalf_of {
                    Some(place) => format!("{} for {}", name(v.by), name(place)),
                    None => name(v.by),
                };
                Decision { by, at: v.at, reason: v.reason.clone() }
            })
            .collect())
    }

    pub(super) fn stage_approved(&mut self, id: RequestId, stage: u8) -> Result<Told, AppError> {
        let stages = requests::stages(self.tx, id)?;
        if !stages.iter().any(|s| s.stage == stage && s.state == StageState::Approved) {
            return no("the stage is not approved");
        }
        let Some(mut known) = self.known(id)? else {
            return no(GONE);
        };
        known.votes.retain(|v| v.stage == stage);
        let decisions = self.decisions(&known.votes, Verdict::Approve)?;
        Ok(Ok(Facts::StageApproved { request: known.shown, stage, decisions }))
    }

    pub(super) fn request_approved(&mut self, id: RequestId) -> Result<Told, AppError> {
        use RequestState::{Canceled, Denied, Expired, PendingApproval, Submitted, WaitingForCallback};
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        if let state @ (Submitted | WaitingForCallback | PendingApproval | Denied | Expired | Canceled) =
            known.row.state
        {
            return no(format!("the request is {}", state.words()));
        }
        let decisions = self.decisions(&known.votes, Verdict::Approve)?;
        let own = self.is_own(&known.row);
        Ok(Ok(Facts::RequestApproved { request: known.shown, own, decisions }))
    }

    pub(super) fn request_denied(&mut self, id: RequestId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        if known.row.state != RequestState::Denied {
            return no(format!("the request is {}", known.row.state.words()));
        }
        let decision = self.decisions(&known.votes, Verdict::Deny)?.pop();
        let own = self.is_own(&known.row);
        Ok(Ok(Facts::RequestDenied { request: known.shown, own, decision }))
    }

    fn is_own(&self, request: &requests::Request) -> bool {
        request.subject == self.user || request.requestor == Some(self.user)
    }

    pub(super) fn requested_for_you(&mut self, id: RequestId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        if known.row.state != RequestState::PendingApproval {
            return no(format!("the request is {}", known.row.state.words()));
        }
        Ok(Ok(Facts::RequestedForYou { due: known.row.due_at, request: known.shown }))
    }

    pub(super) fn request_expired(&mut self, id: RequestId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        if known.row.state != RequestState::Expired {
            return no(format!("the request is {}", known.row.state.words()));
        }
        let at = known.row.due_at.or(known.row.completed_at);
        Ok(Ok(Facts::RequestExpired { at: at.unwrap_or(known.row.submitted_at), request: known.shown }))
    }

    pub(super) fn decision_confirmed(&mut self, id: RequestId, vote: VoteId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        // It was made, also if the request was changed since.
        let mut votes = known.votes;
        votes.extend(requests::superseded_votes_of(self.tx, id)?);
        let Some(vote) = votes.into_iter().find(|v| v.id == vote) else {
            return no("the decision is not there");
        };
        let delegated = match vote.on_behalf_of {
            Some(place) if place == self.user => Some(Delegated::By(people::name(self.tx, vote.by)?)),
            Some(place) => Some(Delegated::For(people::name(self.tx, place)?)),
            None => None,
        };
        Ok(Ok(Facts::DecisionConfirmed {
            delegated,
            request: known.shown,
            verdict: vote.verdict,
            at: vote.at,
            channel: vote.channel,
            ip: vote.ip,
            reason: vote.reason,
        }))
    }
}

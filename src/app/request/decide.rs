//! Deciding a request (SPEC APR-2 to APR-7, APR-14).

use serde_json::json;

use super::{allow, deliver, package_name, record, stage, tell, words};
use crate::app::{AppError, Cx, links, notices};
use crate::domain::Refusal;
use crate::domain::allowance::Allowance;
use crate::domain::approval::{self, Channel, Situation, StageState, Step as Outcome, Verdict};
use crate::domain::conversation::ChangesOutcome;
use crate::domain::notice::Notice;
use crate::domain::request::{Changes, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::{RequestId, UserId, VoteId};
use crate::store::requests::{self, Request, VoteRow};
use crate::store::{StoreError, Tx, conversation as said, people, policies};

/// What an approver sends off.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Which request.
    pub request: RequestId,
    /// The stage that the approver saw, if the form or link is bound to one.
    pub stage: Option<u8>,
    /// The version of the request that the approver saw.
    pub seen_version: Option<i64>,
    /// Who decides.
    pub by: UserId,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// By which channel.
    pub channel: Channel,
    /// From which address.
    pub ip: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The vote.
    pub vote: VoteId,
    /// What it led to.
    pub outcome: Outcome,
}

/// Decides, and approves what was asked as it was asked.
pub fn decide(tx: &mut Tx<'_>, cx: &Cx, decision: &Decision) -> Result<Decided, AppError> {
    decide_within(tx, cx, decision, Allowance::default())
}

/// Decides, and approves for no more than this (SPEC APR-9). Everything is read again in this transaction: the state, the stage, who is still an approver (I5). Of
/// two decisions at the same moment one finds the request changed, and hears how it ended (I1).
pub fn decide_within(
    tx: &mut Tx<'_>,
    cx: &Cx,
    decision: &Decision,
    allowed: Allowance,
) -> Result<Decided, AppError> {
    let mut request = requests::find(tx, decision.request)?.ok_or(AppError::NotFound)?;
    let terms = policies::terms(tx, request.policy, request.policy_version)?;
    if request.state != RequestState::PendingApproval {
        return Err(Refusal::NotPending(request.state.words().to_owned()).into());
    }
    let plan = stage::stage_of(&terms.stages, request.stage)?;
    let (deciders, barred) = stage::deciders_of(tx, cx.now, &request, &terms.stages, request.stage)?;
    let all_votes = requests::votes_of(tx, request.id)?;
    let votes = requests::stage_votes(&all_votes, request.stage);
    let situation = Situation {
        state: request.state,
        stage: request.stage,
        stages: request.stages,
        due: request.due_at.unwrap_or(cx.now),
        plan,
        votes: &votes,
        deciders: &deciders,
        barred: &barred,
    };
    approval::may_decide(&situation, decision.by, cx.now)?;
    let place = deciders.place_of(decision.by, &votes)?;
    // Another vote bumps the version too: whoever decides sees it first.
    if decision.stage.is_some_and(|s| s != request.stage)
        || decision.seen_version.is_some_and(|v| v != request.version)
    {
        return Err(Refusal::ChangedSinceOpened.into());
    }
    let reason = words(&decision.reason)?;
    let outcome = approval::decide(&situation, decision.by, decision.verdict, &reason, cx.now)?;
    let narrowed = match decision.verdict {
        Verdict::Approve if !allowed.is_empty() => {
            if request.changes == Some(Changes::Answers) {
                return Err(Refusal::AllowedEnd("This request asks for no other time.").into());
            }
            let asked = allow::asked(tx, &request, &terms, cx.instance.time_zone)?;
            let so_far = requests::allowed(&all_votes);
            asked.narrow(so_far, allowed, cx.now)?;
            Some((asked.span(so_far, cx.now), allowed))
        }
        Verdict::Approve | Verdict::Deny => None,
    };
    let needed = approval::needed(plan.quorum, &deciders, &votes);
    let approvals = votes.iter().filter(|v| v.verdict == Verdict::Approve).count()
        + usize::from(decision.verdict == Verdict::Approve);
    let vote = VoteRow {
        id: cx.id(),
        stage: request.stage,
        by: decision.by,
        on_behalf_of: place,
        verdict: decision.verdict,
        reason: reason.clone(),
        channel: decision.channel,
        ip: decision.ip.clone(),
        at: cx.now,
        allowed: narrowed.map(|(_, allowed)| allowed).unwrap_or_default(),
    };
    // The same person at the same moment, twice: tried again, the second finds the first one's vote (I1).
    requests::insert_vote(tx, request.id, &vote).map_err(|e| {
        if e.is_taken("votes_request_id_stage_approver_id_key") {
            AppError::from(StoreError::Stale)
        } else if e.is_taken("votes_request_id_stage_on_behalf_of_key") {
            Refusal::PlaceTaken.into()
        } else {
            e.into()
        }
    })?;
    let voted = Step::Voted {
        stage: request.stage,
        verdict: decision.verdict,
        reason: reason.clone(),
        channel: decision.channel,
        approvals: u32::try_from(approvals).unwrap_or(u32::MAX),
        needed: u32::try_from(needed).unwrap_or(u32::MAX),
        in_place_of: place.map(|user| people::name(tx, user)).transpose()?,
    };
    requests::push_step(tx, cx.id(), request.id, cx.now, Some(decision.by), &voted)?;
    if let Some((asked, allowed)) = narrowed {
        let less = Step::Narrowed { allowed, asked_start: asked.starts_at, asked_end: asked.ends_at };
        requests::push_step(tx, cx.id(), request.id, cx.now, Some(decision.by), &less)?;
    }
    let package = package_name(tx, request.package)?;
    let values = json!({
        "stage": request.stage, "verdict": decision.verdict, "channel": decision.channel, "onBehalfOf": place,
        "allowed": vote.allowed,
    });
    cx.record(tx, record(&request, "request.decide", &package).change(json!(null), values).because(reason));
    let confirmed = Notice::DecisionConfirmed { request: request.id, vote: vote.id };
    for user in place.into_iter().chain([decision.by]) {
        notices::send(tx, cx, user, confirmed.clone(), &vote.id.to_string())?;
    }
    if !matches!(outcome, Outcome::Counted { .. }) {
        // Changes that were asked for in this stage are not waited for any more.
        said::end_changes(tx, request.id, ChangesOutcome::Overtaken, cx.now)?;
    }
    match &outcome {
        // The version grows with every vote, so that two last votes cannot both believe to be the last.
        Outcome::Counted { .. } => requests::save(tx, &mut request)?,
        Outcome::Denied => {
            requests::close_stage(tx, request.id, request.stage, StageState::Denied, cx.now)?;
            stage::finish(tx, cx, &mut request, RequestState::Denied, &Step::Denied)?;
            let deciding = place.into_iter().chain([decision.by]).collect();
            tell::denied(tx, cx, &request, &terms.stages, &deciding)?;
        }
        Outcome::NextStage(next) => {
            requests::close_stage(tx, request.id, request.stage, StageState::Approved, cx.now)?;
            tell::stage_approved(tx, cx, &request, &terms.stages)?;
            stage::open(tx, cx, &mut request, &terms.stages, *next)?;
            requests::save(tx, &mut request)?;
        }
        Outcome::Approved => {
            requests::close_stage(tx, request.id, request.stage, StageState::Approved, cx.now)?;
            tell::approved(tx, cx, &request, &terms.stages)?;
            step_by(tx, cx, &request, decision.by, &Step::Approved)?;
            deliver::start(tx, cx, &mut request, &terms)?;
            tell::approved_to_those_who_asked(tx, cx, &request, terms.notify)?;
        }
    }
    for user in place.into_iter().chain([decision.by]) {
        links::retire(tx, cx, request.id, vote.stage, user, &outcome)?;
    }
    Ok(Decided { vote: vote.id, outcome })
}

fn step_by(tx: &mut Tx<'_>, cx: &Cx, request: &Request, by: UserId, step: &Step) -> Result<(), AppError> {
    Ok(requests::push_step(tx, cx.id(), request.id, cx.now, Some(by), step)?)
}

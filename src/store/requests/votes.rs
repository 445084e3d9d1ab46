//! The votes of requests.

use diesel::prelude::*;

use super::small;
use crate::domain::allowance::Allowance;
use crate::domain::approval::{Channel, Verdict, Vote};
use crate::kernel::Moment;
use crate::kernel::ids::{RequestId, UserId, VoteId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::votes;
use crate::store::tx::Tx;

/// A vote as it is kept.
#[derive(Debug, Clone)]
pub struct VoteRow {
    /// Its id.
    pub id: VoteId,
    /// In which stage.
    pub stage: u8,
    /// Who.
    pub by: UserId,
    /// In whose place, if not by their own right (SPEC APR-11).
    pub on_behalf_of: Option<UserId>,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// By which channel.
    pub channel: Channel,
    /// From which address.
    pub ip: String,
    /// When.
    pub at: Moment,
    /// What was allowed, where that is less than was asked (SPEC APR-9).
    pub allowed: Allowance,
}

impl VoteRow {
    /// Whose vote it counts as.
    pub fn place(&self) -> UserId {
        self.on_behalf_of.unwrap_or(self.by)
    }
}

/// Adds a vote; the database takes one per approver and stage, and one per delegator and stage.
pub fn insert_vote(tx: &mut Tx<'_>, request: RequestId, vote: &VoteRow) -> Result<(), StoreError> {
    diesel::insert_into(votes::table)
        .values((
            votes::id.eq(vote.id),
            votes::request_id.eq(request),
            votes::stage.eq(i32::from(vote.stage)),
            votes::approver_id.eq(vote.by),
            votes::on_behalf_of.eq(vote.on_behalf_of),
            votes::verdict.eq(vote.verdict),
            votes::reason.eq(&vote.reason),
            votes::channel.eq(vote.channel),
            votes::ip.eq(&vote.ip),
            votes::voted_at.eq(vote.at),
            votes::allowed_start.eq(vote.allowed.start),
            votes::allowed_end.eq(vote.allowed.end),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Every vote that counts for a request as it reads now, oldest first.
pub fn votes_of(conn: &mut Conn, request: RequestId) -> Result<Vec<VoteRow>, StoreError> {
    Ok(load(conn, request)?.into_iter().filter(|(_, superseded)| !superseded).map(|(vote, _)| vote).collect())
}

/// The votes on an earlier text of a request, oldest first (SPEC REQ-9): kept for its history.
pub fn superseded_votes_of(conn: &mut Conn, request: RequestId) -> Result<Vec<VoteRow>, StoreError> {
    Ok(load(conn, request)?.into_iter().filter(|(_, superseded)| *superseded).map(|(vote, _)| vote).collect())
}

/// Sets the votes of a stage aside, because the request was changed since (SPEC REQ-9). How many there were.
pub fn supersede_votes(
    tx: &mut Tx<'_>,
    request: RequestId,
    stage: u8,
    now: Moment,
) -> Result<usize, StoreError> {
    Ok(diesel::update(
        votes::table
            .filter(votes::request_id.eq(request))
            .filter(votes::stage.eq(i32::from(stage)))
            .filter(votes::superseded_at.is_null()),
    )
    .set(votes::superseded_at.eq(Some(now)))
    .execute(&mut **tx)?)
}

/// Every vote, and whether it was set aside.
fn load(conn: &mut Conn, request: RequestId) -> Result<Vec<(VoteRow, bool)>, StoreError> {
    type Bounds = (Option<Moment>, Option<Moment>);
    type Columns = (
        VoteId,
        i32,
        UserId,
        Option<UserId>,
        Verdict,
        String,
        Channel,
        String,
        Moment,
        Option<Moment>,
        Bounds,
    );
    let rows: Vec<Columns> = votes::table
        .filter(votes::request_id.eq(request))
        .order((votes::voted_at, votes::id))
        .select((
            votes::id,
            votes::stage,
            votes::approver_id,
            votes::on_behalf_of,
            votes::verdict,
            votes::reason,
            votes::channel,
            votes::ip,
            votes::voted_at,
            votes::superseded_at,
            (votes::allowed_start, votes::allowed_end),
        ))
        .load(conn)?;
    let row =
        |(id, stage, by, on_behalf_of, verdict, reason, channel, ip, at, superseded, bounds): Columns| {
            let allowed = Allowance { start: bounds.0, end: bounds.1 };
            let vote = VoteRow {
                id,
                stage: small(stage),
                by,
                on_behalf_of,
                verdict,
                reason,
                channel,
                ip,
                at,
                allowed,
            };
            (vote, superseded.is_some())
        };
    Ok(rows.into_iter().map(row).collect())
}

/// The votes of one stage, as the rules see them.
pub fn stage_votes(all: &[VoteRow], stage: u8) -> Vec<Vote> {
    let vote = |v: &VoteRow| Vote { by: v.by, on_behalf_of: v.on_behalf_of, verdict: v.verdict };
    all.iter().filter(|v| v.stage == stage).map(vote).collect()
}

/// The least that the approvers so far allowed (SPEC APR-9).
pub fn allowed(all: &[VoteRow]) -> Allowance {
    let approvals = all.iter().filter(|v| v.verdict == Verdict::Approve);
    approvals.fold(Allowance::default(), |least, vote| least.strictest(vote.allowed))
}

/// Did this person approve the request, themselves or by somebody in their place?
pub fn approved_by(conn: &mut Conn, request: RequestId, user: UserId) -> Result<bool, StoreError> {
    let approvals = votes::table
        .filter(votes::request_id.eq(request))
        .filter(votes::verdict.eq(Verdict::Approve))
        .filter(votes::superseded_at.is_null())
        .filter(votes::approver_id.eq(user).or(votes::on_behalf_of.eq(user)));
    Ok(diesel::select(diesel::dsl::exists(approvals)).get_result(conn)?)
}

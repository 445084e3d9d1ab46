//! What a person decided, and what came of it (SPEC APR-13, PGE-2): filtered, sorted and paged in SQL.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::requests::names;
use crate::domain::allowance::Allowance;
use crate::domain::approval::{Channel, Verdict};
use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::ids::{AssignmentId, PackageId, RequestId, UserId, VoteId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{assignments, packages, requests, users, votes};
use crate::store::search::{ESCAPE, patterns};

/// The access that a decided request made or concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Its id.
    pub id: AssignmentId,
    /// Its state.
    pub state: AssignmentState,
    /// When it ends.
    pub ends_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
}

/// A decision that the person made, or that was made in their place.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its id.
    pub id: VoteId,
    /// Which request.
    pub request: RequestId,
    /// What it wanted.
    pub kind: RequestKind,
    /// For which package.
    pub package: String,
    /// Whom the access is for.
    pub subject: String,
    /// Their address.
    pub email: String,
    /// Who decided.
    pub by: UserId,
    /// Their name.
    pub by_name: String,
    /// In whose place, by name (SPEC APR-11).
    pub in_place_of: Option<String>,
    /// In which stage.
    pub stage: u8,
    /// How many stages there are.
    pub stages: u8,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// By which channel.
    pub channel: Channel,
    /// When.
    pub at: Moment,
    /// What was allowed, where that is less than was asked (SPEC APR-9).
    pub allowed: Allowance,
    /// Was it about an earlier text, which the requestor changed since (SPEC REQ-9)?
    pub superseded: bool,
    /// What became of the request.
    pub state: RequestState,
    /// What became of the access.
    pub access: Option<Access>,
}

impl Made {
    /// Can it be revoked now (SPEC APR-10)?
    pub fn is_revocable(&self) -> bool {
        let over = matches!(
            self.state,
            RequestState::Denied
                | RequestState::Expired
                | RequestState::Canceled
                | RequestState::PendingApproval
        );
        self.verdict == Verdict::Approve
            && !self.superseded
            && !over
            && self.access.as_ref().is_some_and(|a| a.state.is_live())
    }
}

/// What the list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words in the package's or the person's name.
    pub q: String,
    /// Words in the person's name or address.
    pub person: String,
    /// One package.
    pub package: Option<PackageId>,
    /// Approved or denied.
    pub verdict: Option<Verdict>,
    /// What became of the request.
    pub state: Option<RequestState>,
    /// Decided not before.
    pub from: Option<Moment>,
    /// Decided before.
    pub to: Option<Moment>,
}

/// How the list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The latest decision first.
    #[default]
    Newest,
    /// The oldest decision first.
    Oldest,
    /// By package.
    Package,
    /// By person.
    Person,
}

type Row = (
    (VoteId, i32, UserId, Option<UserId>, Verdict, String, Channel, Moment),
    (Option<Moment>, Option<Moment>, Option<Moment>),
    (RequestId, RequestKind, i32, RequestState, Option<AssignmentId>),
    String,
    (String, String),
);

/// The person's decisions, and those made in their place.
pub fn made(
    conn: &mut Conn,
    user: UserId,
    filter: &Filter,
    sort: Sort,
    at: PageRequest,
) -> Result<Page<Made>, StoreError> {
    let filtered = || {
        let mut query = votes::table
            .inner_join(requests::table.inner_join(packages::table))
            .inner_join(users::table.on(users::id.eq(requests::subject_id)))
            .filter(votes::approver_id.eq(user).or(votes::on_behalf_of.eq(user)))
            .into_boxed::<MultiBackend>();
        if let Some(package) = filter.package {
            query = query.filter(requests::package_id.eq(package));
        }
        if let Some(verdict) = filter.verdict {
            query = query.filter(votes::verdict.eq(verdict));
        }
        if let Some(state) = filter.state {
            query = query.filter(requests::state.eq(state));
        }
        if let Some(from) = filter.from {
            query = query.filter(votes::voted_at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(votes::voted_at.lt(to));
        }
        for like in patterns(&filter.person) {
            query = query.filter(
                users::name_folded
                    .like(like.clone())
                    .escape(ESCAPE)
                    .or(users::email_folded.like(like).escape(ESCAPE)),
            );
        }
        for like in patterns(&filter.q) {
            query = query.filter(
                packages::name_folded
                    .like(like.clone())
                    .escape(ESCAPE)
                    .or(users::name_folded.like(like).escape(ESCAPE)),
            );
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let query = match sort {
        Sort::Newest => filtered().order((votes::voted_at.desc(), votes::id.desc())),
        Sort::Oldest => filtered().order((votes::voted_at.asc(), votes::id.asc())),
        Sort::Package => {
            filtered().order((packages::name_folded.asc(), votes::voted_at.desc(), votes::id.desc()))
        }
        Sort::Person => {
            filtered().order((users::name_folded.asc(), votes::voted_at.desc(), votes::id.desc()))
        }
    };
    let rows: Vec<Row> = query
        .limit(at.size)
        .offset(at.offset())
        .select((
            (
                votes::id,
                votes::stage,
                votes::approver_id,
                votes::on_behalf_of,
                votes::verdict,
                votes::reason,
                votes::channel,
                votes::voted_at,
            ),
            (votes::allowed_start, votes::allowed_end, votes::superseded_at),
            (requests::id, requests::kind, requests::stages, requests::state, requests::assignment_id),
            packages::name,
            (users::display_name, users::email),
        ))
        .load(conn)?;
    let people: BTreeSet<UserId> = rows.iter().flat_map(|r| [Some(r.0.2), r.0.3]).flatten().collect();
    let names = names(conn, people)?;
    let held = held(conn, rows.iter().filter_map(|r| r.2.4).collect())?;
    let small = |n: i32| u8::try_from(n).unwrap_or(0);
    let items = rows
        .into_iter()
        .map(|(vote, allowed, request, package, (subject, email))| Made {
            id: vote.0,
            request: request.0,
            kind: request.1,
            package,
            subject,
            email,
            by: vote.2,
            by_name: names.get(&vote.2).cloned().unwrap_or_default(),
            in_place_of: vote.3.and_then(|place| names.get(&place)).cloned(),
            stage: small(vote.1),
            stages: small(request.2),
            verdict: vote.4,
            reason: vote.5,
            channel: vote.6,
            at: vote.7,
            allowed: Allowance { start: allowed.0, end: allowed.1 },
            superseded: allowed.2.is_some(),
            state: request.3,
            access: request.4.and_then(|id| held.get(&id)).cloned(),
        })
        .collect();
    Ok(Page { items, total, at })
}

type HeldRow = (AssignmentId, AssignmentState, Option<Moment>, Option<Moment>, Option<EndReason>);

/// These assignments, in portions that every database takes as parameters.
fn held(conn: &mut Conn, ids: BTreeSet<AssignmentId>) -> Result<HashMap<AssignmentId, Access>, StoreError> {
    let ids: Vec<AssignmentId> = ids.into_iter().collect();
    let mut all = HashMap::new();
    for some in ids.chunks(1000) {
        let rows: Vec<HeldRow> = assignments::table
            .filter(assignments::id.eq_any(some.to_vec()))
            .select((
                assignments::id,
                assignments::state,
                assignments::ends_at,
                assignments::ended_at,
                assignments::end_reason,
            ))
            .load(conn)?;
        all.extend(rows.into_iter().map(|(id, state, ends_at, ended_at, end_reason)| {
            (id, Access { id, state, ends_at, ended_at, end_reason })
        }));
    }
    Ok(all)
}

/// The packages of the person's decisions by name, at most two hundred: what the filter offers.
pub fn packages_of(conn: &mut Conn, user: UserId) -> Result<Vec<(PackageId, String)>, StoreError> {
    let mut rows: Vec<(PackageId, String)> = votes::table
        .inner_join(requests::table.inner_join(packages::table))
        .filter(votes::approver_id.eq(user).or(votes::on_behalf_of.eq(user)))
        .select((packages::id, packages::name))
        .distinct()
        .limit(200)
        .load(conn)?;
    rows.sort_by_key(|(id, name)| (crate::kernel::text::fold(name), *id));
    Ok(rows)
}

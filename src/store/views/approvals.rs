//! What an approver finds: requests that wait for their decision, and their own decisions (SPEC APR-8, APR-14).
//!
//! Who can decide is read from the live directory: SQL finds the candidates, `domain::approval` has the last word,
//! for all of them together in a bounded number of queries.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::candidates::candidates;
use crate::domain::approval::{self, Channel, Circle, Verdict, Vote};
use crate::domain::policy::Terms;
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::ids::{PackageId, PolicyId, RequestId, UserId};
use crate::kernel::text::fold;
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::approvers::{self, Question};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{catalogs, packages, policy_versions, requests, users, votes};
use crate::store::types::Json;
use crate::store::{delegations, people, requests as kept, search};

/// A request that waits for the decision of the person who looks.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its id.
    pub id: RequestId,
    /// What it wants.
    pub kind: RequestKind,
    /// For which package.
    pub package: String,
    /// The package's catalog.
    pub catalog: String,
    /// Whom the access is for.
    pub subject: String,
    /// Their department or company; may be empty.
    pub place: String,
    /// Who asked, if somebody else did.
    pub asked_by: Option<String>,
    /// The stage that is asked, from 1.
    pub stage: u8,
    /// How many stages there are.
    pub stages: u8,
    /// Why the person is asked (SPEC APR-3).
    pub circle: Circle,
    /// Since when the alternates are asked too (SPEC APR-4).
    pub escalated_at: Option<Moment>,
    /// In whose place the person would decide (SPEC APR-11).
    pub in_place_of: Option<String>,
    /// When it was made.
    pub submitted_at: Moment,
    /// When the stage's time is over.
    pub due_at: Moment,
}

/// How the queue is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What is due first.
    #[default]
    Due,
    /// What was asked last.
    Newest,
}

type Columns = (
    RequestId,
    RequestKind,
    UserId,
    Option<UserId>,
    PackageId,
    PolicyId,
    i32,
    i32,
    i32,
    bool,
    Option<Moment>,
    Moment,
);

struct Pending {
    id: RequestId,
    kind: RequestKind,
    subject: UserId,
    requestor: Option<UserId>,
    package: PackageId,
    policy: (PolicyId, i32),
    stage: u8,
    stages: u8,
    escalated: bool,
    due_at: Moment,
    submitted_at: Moment,
    circle: Circle,
    place: Option<UserId>,
}

fn small(n: i32) -> u8 {
    u8::try_from(n).unwrap_or(0)
}

/// How many requests wait for this person's decision.
pub fn waiting(conn: &mut Conn, user: UserId, now: Moment) -> Result<i64, StoreError> {
    let count = decidable(conn, user, now)?.len();
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The requests that wait for this person's decision: those whose package, catalog or person has every word of `q`.
pub fn queue(
    conn: &mut Conn,
    user: UserId,
    now: Moment,
    q: &str,
    order: Order,
    at: PageRequest,
) -> Result<Page<Waiting>, StoreError> {
    let pending = decidable(conn, user, now)?;
    let people: BTreeSet<UserId> =
        pending.iter().flat_map(|p| [Some(p.subject), p.requestor, p.place]).flatten().collect();
    let escalated =
        kept::escalated_since(conn, pending.iter().filter(|p| p.escalated).map(|p| p.id).collect())?;
    let places = places(conn, &people)?;
    let packages = package_names(conn, pending.iter().map(|p| p.package).collect())?;
    let words: Vec<String> = fold(q).split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
    let mut rows: Vec<Waiting> = pending
        .into_iter()
        .map(|p| {
            let (subject, place) = places.get(&p.subject).cloned().unwrap_or_default();
            let (package, catalog) = packages.get(&p.package).cloned().unwrap_or_default();
            let other = p.requestor.filter(|r| *r != p.subject);
            Waiting {
                id: p.id,
                kind: p.kind,
                package,
                catalog,
                subject,
                place,
                asked_by: other.and_then(|r| places.get(&r)).map(|(name, _)| name.clone()),
                stage: p.stage,
                stages: p.stages,
                circle: p.circle,
                escalated_at: escalated.get(&(p.id, p.stage)).copied(),
                in_place_of: p.place.and_then(|place| places.get(&place)).map(|(name, _)| name.clone()),
                submitted_at: p.submitted_at,
                due_at: p.due_at,
            }
        })
        .filter(|row| {
            let text = fold(&format!("{} {} {} {}", row.package, row.catalog, row.subject, row.place));
            words.iter().all(|word| text.contains(word.as_str()))
        })
        .collect();
    match order {
        Order::Due => rows.sort_by_key(|row| (row.due_at, row.id)),
        Order::Newest => rows.sort_by_key(|row| std::cmp::Reverse((row.submitted_at, row.id))),
    }
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let from = usize::try_from(at.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(at.size).unwrap_or(0);
    let items = rows.into_iter().skip(from).take(size).collect();
    Ok(Page { items, total, at })
}

/// Every request that this person can decide now.
fn decidable(conn: &mut Conn, user: UserId, now: Moment) -> Result<Vec<Pending>, StoreError> {
    let mut people = delegations::places_of(conn, user, now)?;
    people.insert(user);
    let candidates = candidates(conn, &people)?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Columns> = requests::table
        .filter(requests::id.eq_any(candidates.iter().copied()))
        .filter(requests::state.eq(RequestState::PendingApproval))
        .filter(requests::due_at.gt(now))
        .select((
            requests::id,
            requests::kind,
            requests::subject_id,
            requests::requestor_id,
            requests::package_id,
            requests::policy_id,
            requests::policy_version,
            requests::stage,
            requests::stages,
            requests::escalated,
            requests::due_at,
            requests::submitted_at,
        ))
        .load(conn)?;
    let mut pending: Vec<Pending> = rows
        .into_iter()
        .filter_map(|r| {
            Some(Pending {
                id: r.0,
                kind: r.1,
                subject: r.2,
                requestor: r.3,
                package: r.4,
                policy: (r.5, r.6),
                stage: small(r.7),
                stages: small(r.8),
                escalated: r.9,
                due_at: r.10?,
                submitted_at: r.11,
                circle: Circle::Named,
                place: None,
            })
        })
        .collect();
    let voted = votes_in(conn, pending.iter().map(|p| p.id).collect())?;

    let terms = terms_of(conn, pending.iter().map(|p| p.policy).collect())?;
    pending.retain(|p| stage(&terms, p).is_some());
    let questions: Vec<Question<'_>> = pending
        .iter()
        .filter_map(|p| {
            Some(Question {
                stage: stage(&terms, p)?,
                subject: p.subject,
                requestor: p.requestor,
                package: p.package,
                escalated: p.escalated,
            })
        })
        .collect();
    let facts = approvers::facts_of(conn, now, &questions)?;
    Ok(pending
        .into_iter()
        .zip(facts)
        .filter_map(|(mut p, facts)| {
            let deciders = approval::deciders(&facts);
            p.circle = deciders.circle;
            let votes = voted.get(&(p.id, p.stage)).map(Vec::as_slice).unwrap_or_default();
            p.place = deciders.place_of(user, votes).ok()?;
            Some(p)
        })
        .collect())
}

/// The votes of these requests, by stage.
fn votes_in(
    conn: &mut Conn,
    requests: BTreeSet<RequestId>,
) -> Result<BTreeMap<(RequestId, u8), Vec<Vote>>, StoreError> {
    let rows: Vec<(RequestId, i32, UserId, Option<UserId>, Verdict)> = votes::table
        .filter(votes::request_id.eq_any(requests))
        .filter(votes::superseded_at.is_null())
        .select((votes::request_id, votes::stage, votes::approver_id, votes::on_behalf_of, votes::verdict))
        .load(conn)?;
    let mut all: BTreeMap<(RequestId, u8), Vec<Vote>> = BTreeMap::new();
    for (request, stage, by, on_behalf_of, verdict) in rows {
        all.entry((request, small(stage))).or_default().push(Vote { by, on_behalf_of, verdict });
    }
    Ok(all)
}

fn stage<'t>(
    terms: &'t BTreeMap<(PolicyId, i32), Terms>,
    p: &Pending,
) -> Option<&'t crate::domain::policy::Stage> {
    terms.get(&p.policy)?.stages.get(usize::from(p.stage).checked_sub(1)?)
}

/// The terms of these versions of policies.
fn terms_of(
    conn: &mut Conn,
    wanted: BTreeSet<(PolicyId, i32)>,
) -> Result<BTreeMap<(PolicyId, i32), Terms>, StoreError> {
    let policies: BTreeSet<PolicyId> = wanted.iter().map(|(policy, _)| *policy).collect();
    let numbers: BTreeSet<i32> = wanted.iter().map(|(_, number)| *number).collect();
    let rows: Vec<(PolicyId, i32, Json)> = policy_versions::table
        .filter(policy_versions::policy_id.eq_any(policies))
        .filter(policy_versions::number.eq_any(numbers))
        .select((policy_versions::policy_id, policy_versions::number, policy_versions::terms))
        .load(conn)?;
    rows.into_iter()
        .filter(|(policy, number, _)| wanted.contains(&(*policy, *number)))
        .map(|(policy, number, terms)| Ok(((policy, number), terms.read()?)))
        .collect()
}

/// Names with department or company.
fn places(conn: &mut Conn, ids: &BTreeSet<UserId>) -> Result<BTreeMap<UserId, (String, String)>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(UserId, String, String, String)> = users::table
        .filter(users::id.eq_any(ids.iter().copied()))
        .select((users::id, users::display_name, users::department, users::company))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, department, company)| {
            let place = if department.is_empty() { company } else { department };
            (id, (name, place))
        })
        .collect())
}

/// The names of packages and their catalogs, deleted ones too.
fn package_names(
    conn: &mut Conn,
    ids: BTreeSet<PackageId>,
) -> Result<BTreeMap<PackageId, (String, String)>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(PackageId, String, String)> = packages::table
        .inner_join(catalogs::table)
        .filter(packages::id.eq_any(ids))
        .select((packages::id, packages::name, catalogs::name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, package, catalog)| (id, (package, catalog))).collect())
}

/// A decision that the person made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Which request.
    pub request: RequestId,
    /// For which package.
    pub package: String,
    /// Whom the access is for.
    pub subject: String,
    /// In which stage.
    pub stage: u8,
    /// How many stages there are.
    pub stages: u8,
    /// What.
    pub verdict: Verdict,
    /// By which channel.
    pub channel: Channel,
    /// When.
    pub at: Moment,
    /// What became of the request.
    pub state: RequestState,
    /// If it was decided in somebody's place (SPEC APR-11).
    pub placed: Option<Placed>,
}

/// A decision in somebody's place, as one of the two reads of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// The person decided for this one.
    For(String),
    /// This one decided for the person.
    By(String),
}

/// The person's decisions and those in their place, newest first: those whose package or person has every word of `q`, and this verdict.
pub fn history(
    conn: &mut Conn,
    user: UserId,
    q: &str,
    verdict: Option<Verdict>,
    at: PageRequest,
) -> Result<Page<Made>, StoreError> {
    type Row =
        (RequestId, String, String, i32, i32, Verdict, Channel, Moment, RequestState, UserId, Option<UserId>);
    let filtered = || {
        let mut query = votes::table
            .inner_join(requests::table.inner_join(packages::table))
            .inner_join(users::table.on(users::id.eq(requests::subject_id)))
            .filter(votes::approver_id.eq(user).or(votes::on_behalf_of.eq(user)))
            .into_boxed::<MultiBackend>();
        if let Some(verdict) = verdict {
            query = query.filter(votes::verdict.eq(verdict));
        }
        for pattern in search::patterns(q) {
            query = query.filter(
                packages::name_folded
                    .like(pattern.clone())
                    .escape(search::ESCAPE)
                    .or(users::name_folded.like(pattern).escape(search::ESCAPE)),
            );
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let rows: Vec<Row> = filtered()
        .order((votes::voted_at.desc(), votes::id.desc()))
        .limit(at.size)
        .offset(at.offset())
        .select((
            requests::id,
            packages::name,
            users::display_name,
            votes::stage,
            requests::stages,
            votes::verdict,
            votes::channel,
            votes::voted_at,
            requests::state,
            votes::approver_id,
            votes::on_behalf_of,
        ))
        .load(conn)?;
    let names = people::names(
        conn,
        &rows.iter().filter(|r| r.10.is_some()).flat_map(|r| r.10.into_iter().chain([r.9])).collect(),
    )?;
    let name = |user: UserId| names.get(&user).cloned().unwrap_or_default();
    let placed = |by: UserId, place: Option<UserId>| {
        place.map(|place| if place == user { Placed::By(name(by)) } else { Placed::For(name(place)) })
    };
    let items = rows
        .into_iter()
        .map(|r| Made {
            placed: placed(r.9, r.10),
            request: r.0,
            package: r.1,
            subject: r.2,
            stage: small(r.3),
            stages: small(r.4),
            verdict: r.5,
            channel: r.6,
            at: r.7,
            state: r.8,
        })
        .collect();
    Ok(Page { items, total, at })
}

//! What an approver finds: requests that wait for their decision, and their own decisions (SPEC APR-8, APR-14).
//!
//! Who can decide is read from the live directory: SQL finds the candidates, `domain::approval` has the last word,
//! for all of them together in a bounded number of queries.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::candidates::candidates;
use crate::domain::approval::{self, Circle, Verdict, Vote};
use crate::domain::policy::Terms;
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::ids::{PackageId, PolicyId, RequestId, UserId};
use crate::kernel::text::fold;
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::approvers::{self, Question};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{catalogs, packages, policy_versions, requests, users, votes};
use crate::store::types::Json;
use crate::store::{conversation, delegations, requests as kept};

/// A request that waits for the decision of the person who looks.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its id.
    pub id: RequestId,
    /// Grows with each change and each vote.
    pub version: i64,
    /// What it wants.
    pub kind: RequestKind,
    /// For which package, by id.
    pub package_id: PackageId,
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
    /// Does it wait for its requestor to change it (SPEC REQ-9)?
    pub changes_asked: bool,
    /// In whose place the person would decide (SPEC APR-11).
    pub in_place_of: Option<String>,
    /// Why, in the requestor's words; may be empty.
    pub justification: String,
    /// Must whoever decides give a reason (SPEC APR-7)?
    pub reason_required: bool,
    /// When it was made.
    pub submitted_at: Moment,
    /// When the stage's time is over.
    pub due_at: Moment,
}

/// What the queue is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words in the package's, its catalog's or the person's name.
    pub q: String,
    /// One package.
    pub package: Option<PackageId>,
    /// Only what was escalated (SPEC APR-4).
    pub escalated: bool,
    /// Only these requests.
    pub only: Option<BTreeSet<RequestId>>,
}

/// How the queue is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What is due first.
    #[default]
    Due,
    /// What was asked last.
    Newest,
    /// By the name of the package.
    Package,
    /// By the name of the person.
    Person,
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
    (i64, String),
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
    version: i64,
    justification: String,
    reason_required: bool,
}

fn small(n: i32) -> u8 {
    u8::try_from(n).unwrap_or(0)
}

/// How many requests wait for this person's decision.
pub fn waiting(conn: &mut Conn, user: UserId, now: Moment) -> Result<i64, StoreError> {
    let count = decidable(conn, user, now)?.len();
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The packages of the requests that wait for this person, by name: what the filter offers.
pub fn packages_of(
    conn: &mut Conn,
    user: UserId,
    now: Moment,
) -> Result<Vec<(PackageId, String)>, StoreError> {
    let packages = decidable(conn, user, now)?.into_iter().map(|p| p.package).collect();
    let mut all: Vec<(PackageId, String)> =
        package_names(conn, packages)?.into_iter().map(|(id, (name, _))| (id, name)).collect();
    all.sort_by_key(|(id, name)| (fold(name), *id));
    Ok(all)
}

/// The requests that wait for this person's decision.
pub fn queue(
    conn: &mut Conn,
    user: UserId,
    now: Moment,
    filter: &Filter,
    order: Order,
    at: PageRequest,
) -> Result<Page<Waiting>, StoreError> {
    let mut pending = decidable(conn, user, now)?;
    pending.retain(|p| {
        filter.only.as_ref().is_none_or(|only| only.contains(&p.id))
            && filter.package.is_none_or(|package| p.package == package)
            && (!filter.escalated || p.escalated)
    });
    let people: BTreeSet<UserId> =
        pending.iter().flat_map(|p| [Some(p.subject), p.requestor, p.place]).flatten().collect();
    let changing = conversation::waiting_among(conn, pending.iter().map(|p| p.id))?;
    let escalated =
        kept::escalated_since(conn, pending.iter().filter(|p| p.escalated).map(|p| p.id).collect())?;
    let places = places(conn, &people)?;
    let packages = package_names(conn, pending.iter().map(|p| p.package).collect())?;
    let words: Vec<String> =
        fold(&filter.q).split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
    let mut rows: Vec<Waiting> = pending
        .into_iter()
        .map(|p| {
            let (subject, place) = places.get(&p.subject).cloned().unwrap_or_default();
            let (package, catalog) = packages.get(&p.package).cloned().unwrap_or_default();
            let other = p.requestor.filter(|r| *r != p.subject);
            Waiting {
                id: p.id,
                version: p.version,
                kind: p.kind,
                package_id: p.package,
                package,
                catalog,
                subject,
                place,
                asked_by: other.and_then(|r| places.get(&r)).map(|(name, _)| name.clone()),
                stage: p.stage,
                stages: p.stages,
                circle: p.circle,
                escalated_at: escalated.get(&(p.id, p.stage)).copied(),
                changes_asked: changing.contains(&p.id),
                in_place_of: p.place.and_then(|place| places.get(&place)).map(|(name, _)| name.clone()),
                justification: p.justification,
                reason_required: p.reason_required,
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
        Order::Package => rows.sort_by_cached_key(|row| (fold(&row.package), row.due_at, row.id)),
        Order::Person => rows.sort_by_cached_key(|row| (fold(&row.subject), row.due_at, row.id)),
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
            (requests::version, requests::justification),
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
                version: r.12.0,
                justification: r.12.1,
                reason_required: false,
            })
        })
        .collect();
    let voted = votes_in(conn, pending.iter().map(|p| p.id).collect())?;

    let terms = terms_of(conn, pending.iter().map(|p| p.policy).collect())?;
    pending.retain(|p| stage(&terms, p).is_some());
    for p in &mut pending {
        p.reason_required = stage(&terms, p).is_some_and(|stage| stage.reason_required);
    }
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
pub(super) fn terms_of(
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

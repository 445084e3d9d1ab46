//! What an approver has to know to decide one request (SPEC APR-8).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use chrono_tz::Tz;

use crate::domain::Refusal;
use crate::domain::access::{CatalogTask, Principal};
use crate::domain::allowance::{Allowance, Asked};
use crate::domain::answers::{self, Answer};
use crate::domain::approval::{self, Channel, Circle, Deciders, Situation, StageState, Verdict};
use crate::domain::assignment::AssignmentState;
use crate::domain::link::Seen;
use crate::domain::package::RoleInPackage;
use crate::domain::policy::{Stage, Terms};
use crate::domain::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, RequestId, UserId};
use crate::store::approvers::{self, Question};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::requests::{self as kept, Request, VoteRow};
use crate::store::schema::{
    assignments, catalogs, connected_organizations, notices, packages, policies, requests, users, votes,
};
use crate::store::{assignments as kept_access, conflicts, packages as contents, people, policies as rules};

/// A person whom the request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they do; may be empty.
    pub job_title: String,
    /// Where; may be empty.
    pub department: String,
    /// Their organization or company; may be empty.
    pub organization: String,
    /// Is the account enabled?
    pub enabled: bool,
}

/// A package that the person holds already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The package.
    pub package: String,
    /// Its catalog.
    pub catalog: String,
    /// Until when.
    pub ends_at: Option<Moment>,
}

/// A decision that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteNow {
    /// Who.
    pub by: UserId,
    /// Their name.
    pub name: String,
    /// In whose place, if not by their own right (SPEC APR-11): who, and their name.
    pub in_place_of: Option<(UserId, String)>,
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
}

/// One stage as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageNow {
    /// Which, from 1.
    pub number: u8,
    /// How far.
    pub state: StageState,
    /// Who was asked when it opened.
    pub circle: Option<Circle>,
    /// When its time is over.
    pub due_at: Option<Moment>,
    /// When it closed.
    pub closed_at: Option<Moment>,
    /// Since when the alternates are asked too (SPEC APR-4).
    pub escalated_at: Option<Moment>,
    /// The decisions in it.
    pub votes: Vec<VoteNow>,
}

/// A request with everything that an approver has to know.
#[derive(Debug, Clone)]
pub struct Matter {
    /// The request itself.
    pub request: Request,
    /// The package's name.
    pub package: String,
    /// What it is for.
    pub description: String,
    /// The package's catalog.
    pub catalog: (CatalogId, String),
    /// The policy's name.
    pub policy: String,
    /// What the policy said when the request was made (SPEC POL-4).
    pub terms: Terms,
    /// Whom the access is for.
    pub subject: Party,
    /// Who asked, if somebody else did; `None` with an id in the request is the system.
    pub asked_by: Option<Party>,
    /// The answers, with the wording that the person saw (SPEC QST-3).
    pub answers: Vec<Answer>,
    /// What the package gives.
    pub roles: Vec<RoleInPackage>,
    /// What the person holds already.
    pub holds: Vec<Held>,
    /// What the person holds that is incompatible with the package (SPEC SOD-1).
    pub conflicts: Vec<String>,
    /// The stages in order.
    pub stages: Vec<StageNow>,
    /// Who can decide now, while a stage is asked.
    pub deciders: Option<Deciders>,
    /// The names of everybody who can decide now, in order; delegates as "Mia (for Bob)" (SPEC APR-11).
    pub decider_names: Vec<String>,
    /// For whom delegates stand in, by name (SPEC APR-11).
    pub places: BTreeMap<UserId, String>,
    /// Every decision so far.
    pub votes: Vec<VoteRow>,
    /// The present end of access that is to be extended.
    pub present_end: Option<Moment>,
}

type Heads = ((String, String), (CatalogId, String), String);

/// Loads it as it is at this instant; `None` if there is no such request. Who may see it is asked with [`may_see`].
pub fn load(conn: &mut Conn, id: RequestId, now: Moment) -> Result<Option<Matter>, StoreError> {
    let Some(request) = kept::find(conn, id)? else {
        return Ok(None);
    };
    let heads: Option<Heads> = requests::table
        .inner_join(packages::table.inner_join(catalogs::table))
        .inner_join(policies::table)
        .filter(requests::id.eq(id))
        .select(((packages::name, packages::description), (catalogs::id, catalogs::name), policies::name))
        .first(conn)
        .optional()?;
    let Some(((package, description), catalog, policy)) = heads else {
        return Ok(None);
    };
    let terms = rules::terms(conn, request.policy, request.policy_version)?;
    let votes = kept::votes_of(conn, id)?;
    let deciders = deciders(conn, &request, &terms, now)?;
    let named = deciders.as_ref().map(Deciders::everybody).unwrap_or_default();
    let about: BTreeSet<UserId> = request.requestor.into_iter().chain([request.subject]).collect();
    let mut parties = parties(conn, &about)?;
    let wanted = named.iter().copied().chain(votes.iter().flat_map(|v| [v.by, v.place()])).collect();
    let names = people::names(conn, &wanted)?;
    let decider_names = deciders.as_ref().map(|d| said(d, &names)).unwrap_or_default();
    let places = deciders
        .iter()
        .flat_map(|d| d.stand_ins.values().flatten())
        .filter_map(|place| Some((*place, names.get(place)?.clone())))
        .collect();
    let subject = parties.remove(&request.subject).ok_or(StoreError::Missing("the person of a request"))?;
    let conflicts = match people::person(conn, request.subject)? {
        Some(person) => conflicts::held_against(conn, &person, request.package)?,
        None => Vec::new(),
    };
    let stages = kept::stages(conn, id)?
        .into_iter()
        .map(|s| StageNow {
            number: s.stage,
            state: s.state,
            circle: s.circle,
            due_at: s.due_at,
            closed_at: s.closed_at,
            escalated_at: s.escalated_at,
            votes: votes.iter().filter(|v| v.stage == s.stage).map(|v| vote(v, &names)).collect(),
        })
        .collect();
    let present_end = match request.assignment {
        Some(held) if !request.kind.adds() => kept_access::find(conn, held)?.and_then(|a| a.ends_at),
        _ => None,
    };
    Ok(Some(Matter {
        asked_by: request.requestor.and_then(|r| parties.remove(&r)),
        answers: answers::read(&request.answers),
        roles: contents::roles(conn, request.package)?,
        holds: holds(conn, request.subject)?,
        package,
        description,
        catalog,
        policy,
        terms,
        subject,
        conflicts,
        stages,
        deciders,
        decider_names,
        places,
        votes,
        present_end,
        request,
    }))
}

/// May this person see the request with an approver's eyes? Whoever decides now or decided before, whoever was
/// asked, and whoever may see the assignments of the catalog; never the requestor as such.
pub fn may_see(conn: &mut Conn, who: &Principal, matter: &Matter) -> Result<bool, StoreError> {
    if who.may_in(CatalogTask::SeeAssignments, matter.catalog.0)
        || matter.deciders.as_ref().is_some_and(|d| d.include(who.user))
        || matter.votes.iter().any(|v| v.by == who.user || v.place() == who.user)
    {
        return Ok(true);
    }
    if matter.barred().contains(&who.user) {
        return Ok(false);
    }
    let asked: i64 = notices::table
        .filter(notices::request_id.eq(matter.request.id))
        .filter(notices::recipient_id.eq(who.user))
        .filter(notices::kind.eq_any(["approvalRequested", "approvalForwarded"]))
        .count()
        .get_result(conn)?;
    Ok(asked > 0)
}

impl Matter {
    /// Who never decides it (SPEC APR-2).
    pub fn barred(&self) -> BTreeSet<UserId> {
        self.request.requestor.into_iter().chain([self.request.subject]).collect()
    }

    /// The stage of the frozen plan with this number, from 1.
    pub fn plan(&self, number: u8) -> Option<&Stage> {
        plan(&self.terms, number)
    }

    /// What it asks for, as far as time goes (SPEC APR-9); `zone` is the instance's.
    pub fn asked(&self, zone: Tz) -> Asked {
        Asked {
            expiry: self.terms.expiry,
            zone,
            wanted: Allowance { start: self.request.wanted_start, end: self.request.wanted_end },
            present_end: self.present_end,
        }
    }

    /// What the approvers so far allowed of it (SPEC APR-9).
    pub fn allowed(&self) -> Allowance {
        kept::allowed(&self.votes)
    }

    /// May this person decide now? The refusal says why not.
    pub fn may_decide(&self, user: UserId, now: Moment) -> Result<(), Refusal> {
        let barred = self.barred();
        if barred.contains(&user) {
            return Err(Refusal::OwnRequest);
        }
        let ended = || Refusal::NotPending(self.request.state.words().to_owned());
        let (Some(deciders), Some(plan)) = (&self.deciders, self.plan(self.request.stage)) else {
            return Err(ended());
        };
        let situation = Situation {
            state: self.request.state,
            stage: self.request.stage,
            stages: self.request.stages,
            due: self.request.due_at.ok_or_else(ended)?,
            plan,
            votes: &kept::stage_votes(&self.votes, self.request.stage),
            deciders,
            barred: &barred,
        };
        approval::may_decide(&situation, user, now)
    }

    /// In whose place this person would decide now, by name; `None` by their own right, or not at all (SPEC
    /// APR-11).
    pub fn in_place_of(&self, user: UserId) -> Option<&str> {
        let votes = kept::stage_votes(&self.votes, self.request.stage);
        let place = self.deciders.as_ref()?.place_of(user, &votes).ok()??;
        self.places.get(&place).map(String::as_str)
    }

    /// Since when the stage that is asked is escalated (SPEC APR-4).
    pub fn escalated_at(&self) -> Option<Moment> {
        self.stages.iter().find(|s| s.number == self.request.stage)?.escalated_at
    }

    /// The decision of this person, or in their place; the latest of several stages.
    pub fn vote_of(&self, user: UserId) -> Option<&VoteRow> {
        self.votes.iter().rev().find(|v| v.by == user || v.place() == user)
    }

    /// What a mail about the current stage tells (SPEC APR-12).
    pub fn seen(&self) -> Seen {
        let mut roles: Vec<String> =
            self.roles.iter().map(|r| format!("{}: {}", r.resource_name, r.role.name)).collect();
        roles.sort();
        let in_stage = kept::stage_votes(&self.votes, self.request.stage);
        Seen {
            justification: self.request.justification.clone(),
            answers: self.request.answers.clone(),
            wanted_start: self.request.wanted_start,
            wanted_end: self.request.wanted_end,
            roles,
            approvals: in_stage.iter().filter(|v| v.verdict == Verdict::Approve).count(),
        }
    }
}

fn plan(terms: &Terms, number: u8) -> Option<&Stage> {
    terms.stages.get(usize::from(number).checked_sub(1)?)
}

fn deciders(
    conn: &mut Conn,
    request: &Request,
    terms: &Terms,
    now: Moment,
) -> Result<Option<Deciders>, StoreError> {
    let Some(stage) = plan(terms, request.stage) else {
        return Ok(None);
    };
    if request.state != RequestState::PendingApproval {
        return Ok(None);
    }
    let question = Question {
        stage,
        subject: request.subject,
        requestor: request.requestor,
        package: request.package,
        escalated: request.escalated,
    };
    Ok(Some(approval::deciders(&approvers::facts(conn, now, &question)?)))
}

/// Could this person decide this stage if it were asked now? For links of stages that are over.
pub fn belongs_to_stage(
    conn: &mut Conn,
    matter: &Matter,
    stage: u8,
    user: UserId,
    now: Moment,
) -> Result<bool, StoreError> {
    let Some(plan) = matter.plan(stage) else {
        return Ok(false);
    };
    let question = Question {
        stage: plan,
        subject: matter.request.subject,
        requestor: matter.request.requestor,
        package: matter.request.package,
        escalated: matter.stages.iter().any(|s| s.number == stage && s.escalated_at.is_some()),
    };
    Ok(approval::deciders(&approvers::facts(conn, now, &question)?).include(user))
}

/// Everybody who can decide, in order: "Bob", and for delegates "Mia (for Bob)".
pub fn said(deciders: &Deciders, names: &BTreeMap<UserId, String>) -> Vec<String> {
    let name = |user: &UserId| names.get(user).cloned();
    let own = deciders.users.iter().filter_map(name);
    let delegates = deciders.stand_ins.iter().filter(|(delegate, _)| !deciders.users.contains(delegate));
    let placed = delegates.filter_map(|(delegate, places)| {
        let places: Vec<String> = places.iter().filter_map(name).collect();
        Some(format!("{} (for {})", name(delegate)?, places.join(" and ")))
    });
    let mut all: Vec<String> = own.chain(placed).collect();
    all.sort_by_key(|name| crate::kernel::text::fold(name));
    all
}

fn vote(v: &VoteRow, names: &BTreeMap<UserId, String>) -> VoteNow {
    VoteNow {
        by: v.by,
        name: names.get(&v.by).cloned().unwrap_or_default(),
        in_place_of: v.on_behalf_of.map(|place| (place, names.get(&place).cloned().unwrap_or_default())),
        verdict: v.verdict,
        reason: v.reason.clone(),
        channel: v.channel,
        at: v.at,
        allowed: v.allowed,
    }
}

fn parties(conn: &mut Conn, ids: &BTreeSet<UserId>) -> Result<BTreeMap<UserId, Party>, StoreError> {
    type Row = (UserId, String, String, String, String, String, bool, Option<String>);
    let rows: Vec<Row> = users::table
        .left_join(connected_organizations::table)
        .filter(users::id.eq_any(ids.iter().copied()))
        .select((
            users::id,
            users::display_name,
            users::email,
            users::job_title,
            users::department,
            users::company,
            users::enabled,
            connected_organizations::name.nullable(),
        ))
        .load(conn)?;
    let party = |(id, name, email, job_title, department, company, enabled, organization): Row| Party {
        id,
        name,
        email,
        job_title,
        department,
        organization: organization.unwrap_or(company),
        enabled,
    };
    Ok(rows.into_iter().map(|row| (row.0, party(row))).collect())
}

fn holds(conn: &mut Conn, subject: UserId) -> Result<Vec<Held>, StoreError> {
    let rows: Vec<(String, String, Option<Moment>)> = assignments::table
        .inner_join(packages::table.inner_join(catalogs::table))
        .filter(assignments::subject_id.eq(subject))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .order((packages::name_folded, packages::id))
        .limit(50)
        .select((packages::name, catalogs::name, assignments::ends_at))
        .load(conn)?;
    let held = |(package, catalog, ends_at)| Held { package, catalog, ends_at };
    Ok(rows.into_iter().map(held).collect())
}

/// Who voted on a request, for "too late" messages: the newest decision of a stage.
pub fn last_vote(conn: &mut Conn, request: RequestId) -> Result<Option<(String, VoteRow)>, StoreError> {
    let Some(last) = kept::votes_of(conn, request)?.pop() else {
        return Ok(None);
    };
    let name: Option<String> = votes::table
        .inner_join(users::table.on(users::id.eq(votes::approver_id)))
        .filter(votes::id.eq(last.id))
        .select(users::display_name)
        .first(conn)
        .optional()?;
    Ok(Some((name.unwrap_or_default(), last)))
}

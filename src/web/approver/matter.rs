//! What an approver sees of a request (SPEC APR-8), the same in the portal and behind an emailed link.

use chrono::Duration;
use chrono_tz::Tz;

use crate::domain::answers::Answer;
use crate::domain::approval::{Channel, Circle, StageState, Verdict};
use crate::domain::link::Change;
use crate::domain::policy::{Expiry, Quorum};
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::Moment;
use crate::kernel::ids::UserId;
use crate::store::views::matter::{Matter, Party, StageNow, VoteNow};
use crate::web::ui::{Badge, PersonView, Timeline, TimelineItem, Tone, When, WhenDate};

/// How a person sees times.
#[derive(Debug, Clone, Copy)]
pub struct Eyes {
    pub now: Moment,
    pub tz: Tz,
}

impl Eyes {
    pub fn when(self, at: Moment) -> When {
        When::new(*at, *self.now, self.tz)
    }
}

/// Something that the package gives.
#[derive(Clone, Debug)]
pub struct RoleView {
    pub id: String,
    pub resource: String,
    pub role: String,
    pub description: String,
}

/// Something that the person holds already.
#[derive(Clone, Debug)]
pub struct HeldView {
    pub package: String,
    pub catalog: String,
    pub until: Option<When>,
}

/// A request as an approver sees it.
#[derive(Clone, Debug)]
pub struct MatterView {
    pub package: String,
    pub description: String,
    pub catalog: String,
    pub state: Badge,
    pub kind: &'static str,
    pub subject: PersonView,
    pub subject_name: String,
    pub organization: String,
    pub department: String,
    pub disabled: bool,
    pub asked_by: Option<PersonView>,
    pub justification: String,
    pub answers: Vec<Answer>,
    pub wanted_start: Option<When>,
    pub wanted_end: Option<When>,
    /// What earlier approvers allowed of it (SPEC APR-9).
    pub allowed_start: Option<When>,
    pub allowed_end: Option<When>,
    pub lasts: String,
    pub lasts_until: Option<WhenDate>,
    pub roles: Vec<RoleView>,
    /// Not shown without a session: the link alone opens no more than its mail.
    pub holds: Option<Vec<HeldView>>,
    pub conflicts: Vec<String>,
    pub stage: String,
    pub quorum: String,
    pub due: Option<When>,
    pub submitted: When,
    pub policy: String,
    pub policy_version: i32,
    pub deciders: Vec<String>,
    pub escalated: Option<When>,
    pub earlier: Option<Timeline>,
}

/// Who is asked, as a sentence for the person who is (SPEC APR-3).
pub fn why(circle: Circle) -> &'static str {
    match circle {
        Circle::Named => "The policy names you as an approver.",
        Circle::Fallback => "You stand in, because none of the named approvers can decide.",
        Circle::CatalogOwners => "You own the catalog, and none of the named approvers can decide.",
        Circle::Administrators => "You are an administrator, and nobody else can decide.",
    }
}

fn kind_words(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::UserAdd => "Asks for access",
        RequestKind::OnBehalfAdd => "Access asked for on behalf of somebody",
        RequestKind::AdminAdd | RequestKind::SystemAdd => "Direct assignment",
        RequestKind::UserUpdate | RequestKind::AdminUpdate | RequestKind::SystemUpdate => {
            "Asks for longer access"
        }
        RequestKind::UserRemove
        | RequestKind::AdminRemove
        | RequestKind::SystemRemove
        | RequestKind::ApproverRemove => "Ends access",
    }
}

fn person(party: &Party) -> PersonView {
    let parts = [&party.job_title, &party.email];
    let detail: Vec<&str> = parts.iter().filter(|p| !p.is_empty()).map(|p| p.as_str()).collect();
    PersonView::new(&party.name, detail.join(" · "))
}

fn count(n: u64, unit: &str) -> String {
    if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") }
}

impl MatterView {
    /// Everything but, without a session, what the person holds.
    pub fn of(m: &Matter, eyes: Eyes, with_holds: bool) -> Self {
        let r = &m.request;
        let plan = m.plan(r.stage);
        let (lasts, lasts_until) = match m.terms.expiry {
            Expiry::OnDate { date } => {
                let today = eyes.now.with_timezone(&eyes.tz).date_naive();
                ("Until the end of".to_owned(), Some(WhenDate::new(date, today)))
            }
            Expiry::AfterDays { days } => (count(u64::from(days), "day"), None),
            Expiry::AfterHours { hours } => (count(u64::from(hours), "hour"), None),
            Expiry::Never => ("Without an end".to_owned(), None),
        };
        let people = m.decider_names.len();
        let quorum = match plan.map(|p| p.quorum) {
            Some(Quorum::All) if people > 1 => "Everybody who is asked has to approve.".to_owned(),
            Some(Quorum::AtLeast { n }) if n > 1 && people > 1 => {
                format!("{n} of those who are asked have to approve.")
            }
            _ => String::new(),
        };
        let other = m.asked_by.as_ref().filter(|a| a.id != m.subject.id);
        Self {
            package: m.package.clone(),
            description: m.description.clone(),
            catalog: m.catalog.1.clone(),
            state: Badge::request(r.state.as_str()),
            kind: kind_words(r.kind),
            subject: person(&m.subject),
            subject_name: m.subject.name.clone(),
            organization: m.subject.organization.clone(),
            department: m.subject.department.clone(),
            disabled: !m.subject.enabled,
            asked_by: other.map(person),
            justification: r.justification.clone(),
            answers: m.answers.clone(),
            wanted_start: r.wanted_start.map(|at| eyes.when(at)),
            wanted_end: r.wanted_end.map(|at| eyes.when(at)),
            allowed_start: m.allowed().start.map(|at| eyes.when(at)),
            allowed_end: m.allowed().end.map(|at| eyes.when(at)),
            lasts,
            lasts_until,
            roles: m
                .roles
                .iter()
                .map(|role| RoleView {
                    id: role.role.id.to_string(),
                    resource: role.resource_name.clone(),
                    role: role.role.name.clone(),
                    description: role.role.description.clone(),
                })
                .collect(),
            holds: with_holds.then(|| {
                m.holds
                    .iter()
                    .map(|held| HeldView {
                        package: held.package.clone(),
                        catalog: held.catalog.clone(),
                        until: held.ends_at.map(|at| eyes.when(at)),
                    })
                    .collect()
            }),
            conflicts: m.conflicts.clone(),
            stage: if r.stages > 1 && r.stage > 0 {
                format!("Stage {} of {}", r.stage, r.stages)
            } else {
                String::new()
            },
            quorum,
            due: r.due_at.filter(|_| r.state == RequestState::PendingApproval).map(|at| eyes.when(at)),
            submitted: eyes.when(r.submitted_at),
            policy: m.policy.clone(),
            policy_version: r.policy_version,
            deciders: m.decider_names.clone(),
            escalated: m.escalated_at().map(|at| eyes.when(at)),
            earlier: earlier(m, eyes),
        }
    }
}

/// The decisions so far, and stages that ended without one.
fn earlier(m: &Matter, eyes: Eyes) -> Option<Timeline> {
    let mut items = Vec::new();
    for stage in &m.stages {
        for vote in &stage.votes {
            let (icon, tone, words) = match vote.verdict {
                Verdict::Approve => ("check-circle", Tone::Success, "Approved"),
                Verdict::Deny => ("x-circle", Tone::Danger, "Denied"),
            };
            let mut item =
                TimelineItem::new(eyes.when(vote.at), icon, tone, in_stage(words, m, stage.number))
                    .who(who(vote))
                    .text(&vote.reason);
            if vote.channel == Channel::Code {
                item = item.detail("By emailed link with a code");
            } else if vote.channel == Channel::Link {
                item = item.detail("By emailed link");
            }
            if let Some(start) = vote.allowed.start {
                item = item.detail(format!("Not before {}", eyes.when(start).exact));
            }
            if let Some(end) = vote.allowed.end {
                item = item.detail(format!("Not after {}", eyes.when(end).exact));
            }
            items.push(item);
        }
        if let Some(at) = stage.escalated_at {
            let title = in_stage("Nobody had decided, so the alternates were asked too", m, stage.number);
            items.push(TimelineItem::new(eyes.when(at), "people", Tone::Warning, title));
        }
        if let (StageState::Expired, Some(at)) = (stage.state, stage.closed_at) {
            let title = in_stage("Nobody decided in time", m, stage.number);
            items.push(TimelineItem::new(eyes.when(at), "clock-history", Tone::Warning, title));
        }
    }
    (!items.is_empty()).then(|| Timeline::new(items))
}

/// "Bob", or "Mia for Bob" (SPEC APR-11).
fn who(vote: &VoteNow) -> String {
    match &vote.in_place_of {
        Some((_, place)) => format!("{} for {place}", vote.name),
        None => vote.name.clone(),
    }
}

fn in_stage(words: &str, m: &Matter, stage: u8) -> String {
    if m.request.stages > 1 { format!("{words} in stage {stage}") } else { words.to_owned() }
}

/// How a stage came out, for whoever is too late or has decided: who, what, when.
#[derive(Clone, Debug)]
pub struct OutcomeView {
    pub tone: Tone,
    pub text: String,
    pub when: Option<When>,
    pub reason: String,
    /// What became of the request since, if that is something else.
    pub since: Badge,
}

/// The outcome of a stage as this person hears it; `None` while it is still asked and they have not decided.
pub fn outcome(m: &Matter, stage: u8, user: UserId, eyes: Eyes) -> Option<OutcomeView> {
    let row = m.stages.iter().find(|s| s.number == stage);
    let votes = row.map(|s| s.votes.as_slice()).unwrap_or_default();
    // One's own decision, or the one that somebody made in one's place (SPEC APR-11).
    let mine = |v: &&VoteNow| v.by == user || v.in_place_of.as_ref().is_some_and(|(place, _)| *place == user);
    let own = votes.iter().find(mine);
    let open = row.is_some_and(|s| matches!(s.state, StageState::Pending | StageState::Waiting));
    let in_time = row.and_then(|s| s.due_at).is_none_or(|due| eyes.now < due);
    let said = match own {
        Some(vote) => Some(vote),
        None if open && in_time => return None,
        None => votes.last().filter(|_| !open),
    };
    let since = Badge::request(m.request.state.as_str());
    Some(match said {
        Some(vote) => {
            let who = match &vote.in_place_of {
                Some((_, place)) if vote.by == user => format!("In the place of {place}, you"),
                Some((place, _)) if *place == user => format!("In your place, {}", vote.name),
                None if vote.by == user => "You".to_owned(),
                _ => who(vote),
            };
            let (tone, did) = match vote.verdict {
                Verdict::Approve => (Tone::Success, "approved"),
                Verdict::Deny => (Tone::Danger, "denied"),
            };
            let more = if open && own.is_some() {
                " More approvals are needed before the stage is decided."
            } else {
                ""
            };
            OutcomeView {
                tone,
                text: format!("{who} {did} this request{}.{more}", stage_words(m, row)),
                when: Some(eyes.when(vote.at)),
                reason: vote.reason.clone(),
                since,
            }
        }
        None => {
            let text = match m.request.state {
                RequestState::Canceled => "This request was cancelled before anybody decided.",
                RequestState::Expired => "Nobody decided this request in time.",
                RequestState::PendingApproval if open => "The time to decide this request is over.",
                _ => "This request was decided without you.",
            };
            OutcomeView {
                tone: Tone::Neutral,
                text: text.to_owned(),
                when: row.and_then(|s| s.closed_at.or(s.due_at)).map(|at| eyes.when(at)),
                reason: String::new(),
                since,
            }
        }
    })
}

fn stage_words(m: &Matter, stage: Option<&StageNow>) -> String {
    match stage {
        Some(stage) if m.request.stages > 1 => format!(" in stage {} of {}", stage.number, m.request.stages),
        _ => String::new(),
    }
}

/// What changed since the mail, a sentence each (SPEC APR-12).
pub fn changes(all: &[Change], eyes: Eyes) -> Vec<String> {
    let at = |when: &Option<Moment>| match when {
        Some(at) => eyes.when(*at).exact,
        None => "none".to_owned(),
    };
    all.iter()
        .map(|change| match change {
            Change::Justification(was) if was.is_empty() => "A justification was added.".to_owned(),
            Change::Justification(was) => format!("The justification was: “{was}”"),
            Change::Answers => "The answers to the questions are different.".to_owned(),
            Change::Start(was) => format!("The wanted start was: {}.", at(was)),
            Change::End(was) => format!("The wanted end was: {}.", at(was)),
            Change::RoleAdded(role) => format!("The package now gives {role} too."),
            Change::RoleRemoved(role) => format!("The package does not give {role} any more."),
            Change::Approvals(1) => "Another approver has approved.".to_owned(),
            Change::Approvals(n) => format!("{n} other approvers have approved."),
        })
        .collect()
}

/// Is it due within two days?
pub fn is_urgent(due: Moment, now: Moment) -> bool {
    due - now < Duration::days(2)
}

//! Direct assignment (SPEC ASG-1): somebody who manages assignments gives people a package. What is the same for all
//! of them is loaded once ([`Ready`]); each person is judged by how they stand towards the package ([`judge`]), for
//! the page that shows what would happen as for doing it.

use serde_json::{Value, json};

use super::{attributes, deliver, gate, package_name, record, stage, step, submit, timers, words};
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::attributes as asking;
use crate::domain::bulk::{Assign, RowWish};
use crate::domain::period::{self, Period};
use crate::domain::policy::{Scope, Stage, Terms};
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::{CatalogId, PackageId, PolicyId, RequestId, UserId};
use crate::store::policies::PolicyRow;
use crate::store::requests::{self, Request};
use crate::store::standing::{self, Standing};
use crate::store::{Conn, Tx, lasting, packages, people, policies};

/// What somebody assigns.
#[derive(Debug, Clone)]
pub struct Direct {
    /// Which package.
    pub package: PackageId,
    /// Under which policy.
    pub policy: PolicyId,
    /// To whom.
    pub subject: UserId,
    /// Why.
    pub justification: String,
    /// Without the approval that the policy asks for (administrators and catalog owners only; then the
    /// justification is required).
    pub without_approval: bool,
    /// From when to when, within what the policy gives.
    pub period: Period,
    /// Answers to the policy's questions and to the required attributes, by key.
    pub answers: Value,
    /// Is the person told (SPEC ASG-4)?
    pub notify: bool,
}

impl Direct {
    /// At once, for as long as the policy gives, with the approval that it asks for; the person is told.
    pub fn new(package: PackageId, policy: PolicyId, subject: UserId) -> Self {
        Self {
            package,
            policy,
            subject,
            justification: String::new(),
            without_approval: false,
            period: Period::default(),
            answers: json!({}),
            notify: true,
        }
    }

    /// One row of bulk work.
    pub fn of_row(package: PackageId, subject: UserId, all: &Assign, row: &RowWish) -> Self {
        let mut answers = all.answers.clone();
        if let (Some(into), Some(own)) = (answers.as_object_mut(), row.answers.as_object()) {
            into.extend(own.clone());
        }
        Self {
            package,
            policy: all.policy,
            subject,
            justification: row.justification.clone().unwrap_or_else(|| all.justification.clone()),
            without_approval: all.without_approval,
            period: Period { start: row.start.or(all.start), end: row.end.or(all.end) },
            answers,
            notify: all.notify,
        }
    }
}

/// What is the same for everybody who gets a package through one policy.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The catalog of the package.
    pub catalog: CatalogId,
    /// The policy as it is now.
    pub policy: PolicyRow,
    name: String,
    locale: String,
    /// Does any resource of the package have to know something of everybody (SPEC CAT-5)?
    asks: bool,
}

/// Loads it for somebody who may assign in the catalog. The policy must be on (SPEC POL-2).
pub fn ready(
    conn: &mut Conn,
    by: &Principal,
    package: PackageId,
    policy: PolicyId,
) -> Result<Ready, AppError> {
    let catalog = lasting::catalog_of(conn, package)?;
    access::manage_assignments(by, catalog)?;
    packages::find(conn, package)?.ok_or(AppError::NotFound)?;
    let policy = policies::enabled_of_package(conn, package)?
        .into_iter()
        .find(|p| p.id == policy)
        .ok_or(Refusal::PolicyNotOffered)?;
    Ok(Ready {
        catalog,
        policy,
        name: package_name(conn, package)?,
        locale: people::locale(conn, by.user)?,
        asks: !attributes::asked_of(conn, package, by.user)?.is_empty(),
    })
}

/// What an assignment would be, when nothing stands in its way.
#[derive(Debug, Clone)]
pub struct Judged {
    justification: String,
    period: Period,
    answers: Value,
    bypassed: bool,
    lapsed: bool,
    stages: Vec<Stage>,
}

impl Judged {
    /// Will approvers be asked first?
    pub fn asks_approvers(&self) -> bool {
        !self.stages.is_empty()
    }
}

/// May this person get the package so? It obeys the policy's scope, limits and questions, and separation of duties;
/// approval applies unless it is bypassed by somebody who may (SPEC ASG-1).
pub fn judge(
    conn: &mut Conn,
    cx: &Cx,
    by: &Principal,
    ready: &Ready,
    standing: Option<&Standing>,
    wish: &Direct,
) -> Result<Judged, AppError> {
    let standing = standing.ok_or(AppError::NotFound)?;
    let terms = &ready.policy.terms;
    let in_scope = terms.scope == Scope::Nobody || terms.scope.admits(&standing.person);
    let refusal = if !standing.person.enabled {
        Some(Refusal::UserDisabled)
    } else if standing.held {
        Some(Refusal::AlreadyHeld)
    } else if standing.open {
        Some(Refusal::AlreadyRequested)
    } else if !in_scope {
        Some(Refusal::NotAdmitted)
    } else if !standing.conflicts.is_empty() {
        Some(Refusal::Conflict(standing.conflicts.join(", ")))
    } else {
        None
    };
    if let Some(refusal) = refusal {
        return Err(refusal.into());
    }
    submit::check_end(cx, terms)?;
    // Those who assign choose start and end whether or not the policy lets requestors; its limit binds them too.
    let zone = cx.instance.time_zone;
    let own = Terms { custom_timeline: true, ..terms.clone() };
    let period = period::check(&own, wish.period, cx.now, zone, zone)
        .map_err(|bad| Refusal::BadPeriod(bad.words()))?;
    let justification = words(&wish.justification)?;
    let bypassed = !terms.stages.is_empty() && wish.without_approval;
    if bypassed {
        access::bypass_approval(by, ready.catalog)?;
        if justification.is_empty() {
            return Err(Refusal::JustificationRequired.into());
        }
    }
    let answers = answers(conn, ready, wish)?;
    let stages = if bypassed { Vec::new() } else { terms.stages.clone() };
    Ok(Judged { justification, period, answers, bypassed, lapsed: standing.lapsed, stages })
}

/// The answers to the policy's questions, and to what the resources have to know; what the person said about
/// themselves before counts.
fn answers(conn: &mut Conn, ready: &Ready, wish: &Direct) -> Result<Value, AppError> {
    let questions = &ready.policy.terms.questions;
    if questions.is_empty() && !ready.asks {
        return Ok(json!({}));
    }
    let mut given = wish.answers.clone();
    let mut asked = Vec::new();
    if ready.asks {
        asked = attributes::asked_of(conn, wish.package, wish.subject)?;
        asking::on_behalf(&mut asked, &mut given);
    }
    Ok(asking::keep(questions, &asked, &given, &ready.locale)?)
}

/// Assigns to one person.
pub fn assign(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, wish: &Direct) -> Result<RequestId, AppError> {
    let ready = ready(tx, by, wish.package, wish.policy)?;
    hold(tx, wish.package, &ready)?;
    let all = standing::of(tx, &[wish.subject], wish.package, cx.now)?;
    let judged = judge(tx, cx, by, &ready, all.get(&wish.subject), wish)?;
    carry_out(tx, cx, by, &ready, wish, judged).map(|made| made.id)
}

/// Keeps package and policy as they are until the transaction ends, so that nothing is given that is deleted or
/// switched off at this moment (SPEC PKG-4, POL-2).
pub fn hold(tx: &mut Tx<'_>, package: PackageId, ready: &Ready) -> Result<(), AppError> {
    if !packages::hold(tx, package)? {
        return Err(AppError::NotFound);
    }
    gate::hold_open(tx, ready.policy.id)
}

/// Does what was judged, in the transaction that holds package and policy ([`hold`]): the request, its timeline, its audit record (SPEC ROL-5), and the
/// delivery or the first stage of approval.
pub fn carry_out(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    ready: &Ready,
    wish: &Direct,
    judged: Judged,
) -> Result<Request, AppError> {
    let Judged { justification, period, answers, bypassed, lapsed, stages } = judged;
    if lapsed {
        timers::end_what_is_over(tx, cx, wish.subject, wish.package)?;
    }
    let policy = &ready.policy;
    let mut made = Request {
        id: cx.id(),
        kind: RequestKind::AdminAdd,
        package: wish.package,
        policy: policy.id,
        policy_version: policy.current_version,
        requestor: Some(by.user),
        subject: wish.subject,
        assignment: None,
        state: RequestState::Submitted,
        stage: 0,
        stages: u8::try_from(stages.len()).unwrap_or(u8::MAX),
        escalated: false,
        due_at: None,
        justification: justification.clone(),
        answers,
        wanted_start: period.start,
        wanted_end: period.end,
        submit_token: None,
        submitted_at: cx.now,
        decided_at: None,
        completed_at: None,
        version: 1,
        changes: None,
    };
    requests::insert(tx, &cx.ids, &made, &stages).map_err(submit::one_open_request)?;
    if !wish.notify {
        requests::keep_quiet(tx, made.id)?;
    }
    step(tx, cx, &made, &Step::Submitted { policy: policy.name.clone(), version: policy.current_version })?;
    let values = json!({
        "policy": policy.name, "policyVersion": policy.current_version, "withoutApproval": bypassed,
        "wantedStart": made.wanted_start, "wantedEnd": made.wanted_end, "told": wish.notify,
    });
    cx.record(
        tx,
        record(&made, "assignment.direct", &ready.name).change(json!(null), values).because(&justification),
    );
    if stages.is_empty() {
        let how = if bypassed {
            Step::ApprovalBypassed { reason: justification }
        } else {
            Step::ApprovedWithoutAsking
        };
        step(tx, cx, &made, &how)?;
        deliver::make(tx, cx, &mut made, &policy.terms)?;
    } else {
        stage::open(tx, cx, &mut made, &stages, 1)?;
        requests::save(tx, &mut made)?;
    }
    Ok(made)
}

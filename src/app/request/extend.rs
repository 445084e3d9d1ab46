//! Extending access that a person holds, and changing the answers about it (SPEC REQ-7, LIF-2): a request against
//! the live assignment. The access goes on while it waits; denied, expired or cancelled it leaves everything as it
//! was. There is one assignment before and after.

use serde_json::{Value, json};

use super::submit::{form_token, one_open_request};
use super::{allow, package_name, person, record, stage, step, words};
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::domain::allowance::Allowance;
use crate::domain::answers;
use crate::domain::assignment::effective;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::CatalogState;
use crate::domain::extension::{self, ExtensionFacts};
use crate::domain::notice::Notice;
use crate::domain::period;
use crate::domain::policy::{Question, Scope, Terms};
use crate::domain::request::{Changes, RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, EntityId as _, RequestId};
use crate::store::assignments::{self, Assignment};
use crate::store::requests::{self, Request};
use crate::store::{Conn, StoreError, Tx, catalogs, conflicts, packages, people, policies};

/// What a person sends off to extend access or to change its answers.
#[derive(Debug, Clone)]
pub struct Update {
    /// Which access.
    pub assignment: AssignmentId,
    /// What changes.
    pub changes: Changes,
    /// The end that is wanted, where the policy lets people choose (SPEC POL-6).
    pub end: Option<Moment>,
    /// Why.
    pub justification: String,
    /// New answers, by key.
    pub answers: Value,
    /// From the form: makes a repeated post the same request (SPEC REQ-3).
    pub token: String,
}

/// Everything that decides about an update of access, read at once.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What the gate needs.
    pub facts: ExtensionFacts,
    /// The policy's name.
    pub policy: String,
    /// The version of the policy as it is now.
    pub version: i32,
    /// What it says.
    pub terms: Terms,
    /// The last answers, as they were kept.
    pub answers: Value,
}

impl Standing {
    /// The questions that can be answered now: those that can be changed later, and those without an answer.
    pub fn askable(&self) -> Vec<Question> {
        let kept = answers::read(&self.answers);
        let open = |q: &&Question| q.editable_later || !kept.iter().any(|a| a.key == q.key);
        self.terms.questions.iter().filter(open).cloned().collect()
    }
}

/// Reads how the access stands. The policy that gave it governs it for good (SPEC REQ-7), as it is now.
pub fn standing(conn: &mut Conn, held: &Assignment) -> Result<Standing, AppError> {
    let holder = person(conn, held.subject_id)?;
    let package = packages::find(conn, held.package_id)?;
    let catalog = match &package {
        Some(package) => catalogs::find(conn, package.catalog)?,
        None => None,
    };
    let policy = policies::find(conn, held.policy_id)?;
    let (version, terms) = policies::current(conn, held.policy_id)?;
    // Who was assigned directly through a policy for that may extend, if it says so.
    let admitted = terms.scope == Scope::Nobody || terms.scope.admits(&holder);
    let published = catalog.as_ref().is_some_and(|c| c.fields.state == CatalogState::Published);
    let open_to_guests = catalog.as_ref().is_some_and(|c| c.fields.external_enabled);
    let facts = ExtensionFacts {
        state: held.state,
        starts_at: held.starts_at,
        ends_at: held.ends_at,
        allowed: terms.extension.allowed,
        policy_enabled: policy.as_ref().is_some_and(|p| p.enabled),
        admitted,
        expiry: terms.expiry,
        published,
        closed_to_guest: holder.guest && !open_to_guests,
        enabled: holder.enabled,
        open: requests::open_of(conn, held.subject_id, held.package_id)?.is_some(),
        conflicts: conflicts::held_against(conn, &holder, held.package_id)?,
    };
    Ok(Standing {
        facts,
        policy: policy.map(|p| p.fields.name).unwrap_or_default(),
        version,
        terms,
        answers: requests::answers_of(conn, held.id)?,
    })
}

/// Sends an extension, or changed answers, on their way: to the stages of the policy if it wants approval for
/// extension (SPEC LIF-2), else it is carried out at once. Only the holder does this for themselves.
pub fn update(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, wish: &Update) -> Result<RequestId, AppError> {
    let held = assignments::find(tx, wish.assignment)?.ok_or(AppError::NotFound)?;
    if held.subject_id != by.user {
        return Err(AppError::NotFound);
    }
    let token = form_token(by.user, &wish.token);
    if let Some(token) = &token
        && let Some(earlier) = requests::find_by_submit_token(tx, token)?
    {
        return Ok(earlier.id);
    }
    let now = standing(tx, &held)?;
    let justification = words(&wish.justification)?;
    let wanted_end = match wish.changes {
        Changes::End => {
            extension::check(&now.facts, cx.now, cx.instance.time_zone)?;
            if now.terms.justification_required && justification.is_empty() {
                return Err(Refusal::JustificationRequired.into());
            }
            let old = held.ends_at.ok_or(Refusal::NothingToExtend)?;
            // Days were read in the person's zone by the form; here only the limits count.
            let zone = cx.instance.time_zone;
            period::check_extension(&now.terms, wish.end, old, cx.now, zone, zone)
                .map_err(Refusal::BadPeriod)?
        }
        Changes::Answers => {
            extension::check_change(&now.facts, cx.now)?;
            if now.askable().is_empty() {
                return Err(Refusal::NoAnswersToChange.into());
            }
            None
        }
    };
    let locale = people::locale(tx, by.user)?;
    let answers = answers::change(&now.terms.questions, &now.answers, &wish.answers, &locale)?;
    if wish.changes == Changes::Answers && answers == now.answers {
        return Err(Refusal::NothingChanged.into());
    }
    let stages = if now.terms.extension.needs_approval { now.terms.stages.clone() } else { Vec::new() };
    let mut made = Request {
        id: cx.id(),
        kind: RequestKind::UserUpdate,
        package: held.package_id,
        policy: held.policy_id,
        policy_version: now.version,
        requestor: Some(by.user),
        subject: held.subject_id,
        assignment: Some(held.id),
        state: RequestState::Submitted,
        stage: 0,
        stages: u8::try_from(stages.len()).unwrap_or(u8::MAX),
        escalated: false,
        due_at: None,
        justification,
        answers,
        wanted_start: None,
        wanted_end,
        submit_token: token,
        submitted_at: cx.now,
        decided_at: None,
        completed_at: None,
        version: 1,
        changes: Some(wish.changes),
    };
    requests::insert(tx, &cx.ids, &made, &stages).map_err(one_open_request)?;
    step(tx, cx, &made, &Step::Submitted { policy: now.policy.clone(), version: now.version })?;
    let package = package_name(tx, held.package_id)?;
    let action = match wish.changes {
        Changes::End => "request.extend",
        Changes::Answers => "request.answers",
    };
    let values = json!({
        "policy": now.policy, "policyVersion": now.version, "justification": made.justification,
        "endsAt": held.ends_at, "wantedEnd": made.wanted_end,
    });
    cx.record(tx, record(&made, action, &package).change(json!(null), values));
    if stages.is_empty() {
        step(tx, cx, &made, &Step::ApprovedWithoutAsking)?;
        apply(tx, cx, &mut made, &now.terms)?;
    } else {
        stage::open(tx, cx, &mut made, &stages, 1)?;
        requests::save(tx, &mut made)?;
    }
    Ok(made.id)
}

/// Carries an approved update out: the assignment gets its new end, counted from now, and its reminders are planned
/// anew. Saves the request.
pub(super) fn apply(tx: &mut Tx<'_>, cx: &Cx, request: &mut Request, terms: &Terms) -> Result<(), AppError> {
    let id = request.assignment.ok_or(StoreError::Missing("the assignment of an update"))?;
    let mut held = assignments::find(tx, id)?.ok_or(StoreError::Missing("the assignment of an update"))?;
    if !effective(held.state, held.starts_at, held.ends_at, cx.now) {
        // I6: what is over stays over, whether or not the sweep has been here.
        return Err(Refusal::EndedMeanwhile.into());
    }
    request.decided_at.get_or_insert(cx.now);
    request.completed_at = Some(cx.now);
    request.due_at = None;
    request.state = RequestState::Delivered;
    let package = package_name(tx, held.package_id)?;
    if request.changes == Some(Changes::Answers) {
        requests::save(tx, request)?;
        requests::push_step(tx, cx.id(), request.id, cx.now, None, &Step::AnswersChanged)?;
        let changed = Record::of("assignment.answers", ObjectKind::Assignment, held.id.uuid(), package)
            .about(held.subject_id)
            .change(json!(null), json!({ "request": request.id }));
        cx.record(tx, changed);
        return Ok(());
    }
    // SPEC SOD-3: checked again when the request is approved.
    let holder = person(tx, held.subject_id)?;
    let conflicts = conflicts::held_against(tx, &holder, held.package_id)?.join(", ");
    if !conflicts.is_empty() {
        return Err(Refusal::Conflict(conflicts).into());
    }
    let before = held.ends_at;
    let zone = cx.instance.time_zone;
    // SPEC APR-9: the approvers may have allowed less; never less than the person had.
    let wanted = Allowance { start: None, end: request.wanted_end };
    let wanted = wanted.strictest(allow::allowed(tx, request)?).end;
    held.ends_at = extension::new_end(terms.expiry, wanted, before, cx.now, zone);
    held.remind_at = held.ends_at.and_then(|end| extension::next_reminder(cx.now, end, cx.now));
    held.policy_version = request.policy_version;
    assignments::save(tx, &mut held)?;
    requests::save(tx, request)?;
    let extended = Step::Extended { before, ends_at: held.ends_at };
    requests::push_step(tx, cx.id(), request.id, cx.now, None, &extended)?;
    let values = json!({ "endsAt": held.ends_at, "request": request.id });
    let extended = Record::of("assignment.extend", ObjectKind::Assignment, held.id.uuid(), package)
        .about(held.subject_id)
        .change(json!({ "endsAt": before }), values);
    cx.record(tx, extended);
    if terms.notify {
        let notice = Notice::AccessDelivered { request: request.id, assignment: held.id };
        notices::send(tx, cx, held.subject_id, notice, &request.id.to_string())?;
    }
    Ok(())
}

//! Changing a request because an approver asked for it, and sending it back to the same stage (SPEC REQ-9).

use serde_json::{Value, json};

use super::{attributes, package_name, record, stage, words};
use crate::app::{AppError, Cx};
use crate::domain::access::Denied;
use crate::domain::conversation::ChangesOutcome;
use crate::domain::period::{self, Period};
use crate::domain::policy::Terms;
use crate::domain::request::{Changes, RequestState};
use crate::domain::revision::{Said, edits};
use crate::domain::timeline::Step;
use crate::domain::{Refusal, answers, attributes as asking};
use crate::kernel::Moment;
use crate::kernel::ids::{RequestId, UserId};
use crate::store::requests::{self, Request};
use crate::store::{Conn, Tx, assignments, conversation, people, policies};

/// What the requestor sends back.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Which request.
    pub request: RequestId,
    /// The version of the request that the form was made from.
    pub seen_version: i64,
    /// Why.
    pub justification: String,
    /// Answers to the policy's questions, by key.
    pub answers: Value,
    /// The wanted start.
    pub wanted_start: Option<Moment>,
    /// The wanted end.
    pub wanted_end: Option<Moment>,
}

/// May this person change the request now? Only who asked for it, and only while changes are asked for.
pub fn check_revise(request: &Request, waits: bool, by: UserId, now: Moment) -> Result<(), AppError> {
    if request.requestor != Some(by) {
        return Err(Denied::Forbidden {
            needed: "requestor of this request",
            grantors: "Nobody: only the person who sent it",
        }
        .into());
    }
    if request.state != RequestState::PendingApproval {
        return Err(Refusal::NoChangesAsked(request.state.words().to_owned()).into());
    }
    if !waits {
        return Err(Refusal::NoChangesAsked("no changes are asked for".to_owned()).into());
    }
    match request.due_at {
        Some(due) if now >= due => Err(Refusal::PastDue(due).into()),
        _ => Ok(()),
    }
}

/// Sends the changed request back. It keeps its stage, whose time starts anew; approvals of this stage were for
/// the earlier text and are asked for again. Of an edit and a decision at the same moment one finds the request
/// changed, and hears it (I1).
pub fn revise(tx: &mut Tx<'_>, cx: &Cx, revision: &Revision) -> Result<(), AppError> {
    let mut request = requests::find(tx, revision.request)?.ok_or(AppError::NotFound)?;
    let by = cx.user().ok_or(AppError::NotFound)?;
    let waits = conversation::open_changes(tx, request.id)?.is_some();
    check_revise(&request, waits, by, cx.now)?;
    if revision.seen_version != request.version {
        return Err(Refusal::ActedMeanwhile.into());
    }
    let terms = policies::terms(tx, request.policy, request.policy_version)?;
    let justification = words(&revision.justification)?;
    if terms.justification_required && justification.is_empty() {
        return Err(Refusal::JustificationRequired.into());
    }
    let locale = people::locale(tx, by)?;
    let kept = match request.assignment {
        // A request against access that is held: some answers of before stay as they are.
        Some(held) if !request.kind.adds() => {
            let earlier = requests::answers_of(tx, held)?;
            answers::change(&terms.questions, &earlier, &revision.answers, &locale)?
        }
        _ => {
            let mut given = revision.answers.clone();
            let asked = asked_again(tx, &request, &mut given)?;
            asking::keep(&terms.questions, &asked, &given, &locale)?
        }
    };
    let period = dates(tx, cx, &request, revision, &terms)?;
    let before = request.clone();
    request.justification = justification;
    request.answers = kept;
    request.wanted_start = period.start;
    request.wanted_end = period.end;
    let changed = edits(&said(&before), &said(&request));
    if changed.is_empty() {
        return Err(Refusal::NothingRevised.into());
    }
    let asked_again = requests::supersede_votes(tx, request.id, request.stage, cx.now)?;
    conversation::end_changes(tx, request.id, ChangesOutcome::SentBack, cx.now)?;
    let step = Step::SentBack {
        stage: request.stage,
        edits: changed,
        asked_again: u32::try_from(asked_again).unwrap_or(u32::MAX),
    };
    super::step(tx, cx, &request, &step)?;
    let number = request.stage;
    stage::open(tx, cx, &mut request, &terms.stages, number)?;
    requests::save(tx, &mut request)?;
    let package = package_name(tx, request.package)?;
    let change = record(&request, "request.revise", &package).change(values(&before), values(&request));
    cx.record(tx, change);
    Ok(())
}

/// What the package's resources ask in the form that sends a request back: the same as in the one that made it
/// (SPEC CAT-5). Of a request for somebody else, what that person said about themselves is taken out of `given`.
pub fn asked_again(
    conn: &mut Conn,
    request: &Request,
    given: &mut Value,
) -> Result<Vec<asking::Attribute>, AppError> {
    if !request.kind.adds() {
        return Ok(Vec::new());
    }
    let mut asked = attributes::asked_of(conn, request.package, request.subject)?;
    if request.requestor != Some(request.subject) {
        asking::on_behalf(&mut asked, given);
    }
    Ok(asked)
}

fn said(request: &Request) -> Said<'_> {
    Said {
        justification: &request.justification,
        answers: &request.answers,
        start: request.wanted_start,
        end: request.wanted_end,
    }
}

fn values(request: &Request) -> Value {
    json!({
        "justification": request.justification,
        "answers": request.answers,
        "wantedStart": request.wanted_start,
        "wantedEnd": request.wanted_end,
    })
}

/// The wanted dates, checked as when they are first asked for (SPEC POL-6, REQ-7). Those that were not touched stay.
fn dates(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    revision: &Revision,
    terms: &Terms,
) -> Result<Period, AppError> {
    let wish = Period { start: revision.wanted_start, end: revision.wanted_end };
    if wish == (Period { start: request.wanted_start, end: request.wanted_end }) {
        return Ok(wish);
    }
    // Days were read in the person's zone by the form; here only the limits count.
    let zone = cx.instance.time_zone;
    let bad = |words: String| AppError::from(Refusal::BadPeriod(words));
    if request.kind.adds() {
        return period::check(terms, wish, cx.now, zone, zone).map_err(|b| bad(b.words()));
    }
    let held = match request.assignment {
        Some(id) => assignments::find(tx, id)?,
        None => None,
    };
    let old = held.and_then(|h| h.ends_at).ok_or(Refusal::NothingToExtend)?;
    if wish.start.is_some() || request.changes == Some(Changes::Answers) {
        return Err(bad("This request has no dates to choose.".to_owned()));
    }
    let end = period::check_extension(terms, wish.end, old, cx.now, zone, zone).map_err(bad)?;
    Ok(Period { start: None, end })
}

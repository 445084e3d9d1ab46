//! Asking for a package (SPEC REQ-1 to REQ-4).

use serde_json::json;

use super::{attributes, behalf, deliver, gate, package_name, person, record, stage, step, timers, words};
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::assignment;
use crate::domain::attributes as asking;
use crate::domain::notice::Notice;
use crate::domain::period::{self, Period};
use crate::domain::policy::{self, Terms};
use crate::domain::request::{self, RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::{PackageId, PolicyId, RequestId, UserId};
use crate::store::requests::{self, Request};
use crate::store::{StoreError, Tx, packages, people};

/// What a person sends off.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Which package.
    pub package: PackageId,
    /// Which policy, where several are offered (SPEC POL-3).
    pub policy: Option<PolicyId>,
    /// Whom it is for.
    pub subject: UserId,
    /// Why.
    pub justification: String,
    /// Answers to the policy's questions, by key.
    pub answers: serde_json::Value,
    /// From the form: makes a repeated post the same request (SPEC REQ-3).
    pub token: String,
}

/// Makes the request, and opens its first stage, or delivers at once where no approval is needed. A repeated post
/// of the same form gives the same request.
pub fn submit(tx: &mut Tx<'_>, cx: &Cx, wish: &Submission) -> Result<RequestId, AppError> {
    submit_for(tx, cx, wish, Period::default())
}

/// The same, for a period that the person chose (SPEC POL-6). Days were read in the person's zone; the policy's
/// limits are checked here.
pub fn submit_for(
    tx: &mut Tx<'_>,
    cx: &Cx,
    wish: &Submission,
    period: Period,
) -> Result<RequestId, AppError> {
    let requestor = cx.user().ok_or(AppError::NotFound)?;
    let token = form_token(requestor, &wish.token);
    if let Some(token) = &token
        && let Some(earlier) = requests::find_by_submit_token(tx, token)?
    {
        return Ok(earlier.id);
    }
    let subject = person(tx, wish.subject)?;
    let on_behalf = requestor != wish.subject;
    if on_behalf {
        behalf::reports_to(tx, wish.subject, requestor)?;
    }
    // Held from here on, so that nothing is asked for that is deleted at this moment (SPEC PKG-4).
    if !packages::hold(tx, wish.package)? {
        return Err(AppError::NotFound);
    }
    timers::end_what_is_over(tx, cx, wish.subject, wish.package)?;
    request::gate(&gate::gate_facts(tx, &subject, wish.package, cx.now)?)?;
    let mut offers = gate::offers(tx, &subject, wish.package)?;
    if on_behalf {
        offers = behalf::only(offers)?;
    }
    let ids: Vec<PolicyId> = offers.iter().map(|o| o.policy).collect();
    let chosen = policy::choose(&ids, wish.policy)?;
    let offer = offers.into_iter().find(|o| o.policy == chosen).ok_or(Refusal::PolicyNotOffered)?;
    gate::hold_open(tx, offer.policy)?;
    let justification = words(&wish.justification)?;
    if offer.terms.justification_required && justification.is_empty() {
        return Err(Refusal::JustificationRequired.into());
    }
    check_end(cx, &offer.terms)?;
    let zone = cx.instance.time_zone;
    let period = period::check(&offer.terms, period, cx.now, zone, zone)
        .map_err(|bad| Refusal::BadPeriod(bad.words()))?;
    let (mut attributes, mut given) =
        (attributes::asked_of(tx, wish.package, wish.subject)?, wish.answers.clone());
    if on_behalf {
        asking::on_behalf(&mut attributes, &mut given);
    }
    // Whoever fills in the form reads the questions in their own language (SPEC QST-2).
    let locale = people::locale(tx, requestor)?;
    let answers = asking::keep(&offer.terms.questions, &attributes, &given, &locale)?;
    let mut made = Request {
        id: cx.id(),
        kind: if on_behalf { RequestKind::OnBehalfAdd } else { RequestKind::UserAdd },
        package: wish.package,
        policy: offer.policy,
        policy_version: offer.version,
        requestor: Some(requestor),
        subject: wish.subject,
        assignment: None,
        state: RequestState::Submitted,
        stage: 0,
        stages: u8::try_from(offer.terms.stages.len()).unwrap_or(u8::MAX),
        escalated: false,
        due_at: None,
        justification,
        answers,
        wanted_start: period.start,
        wanted_end: period.end,
        submit_token: token,
        submitted_at: cx.now,
        decided_at: None,
        completed_at: None,
        version: 1,
        changes: None,
    };
    requests::insert(tx, &cx.ids, &made, &offer.terms.stages).map_err(one_open_request)?;
    step(tx, cx, &made, &Step::Submitted { policy: offer.name.clone(), version: offer.version })?;
    let package = package_name(tx, wish.package)?;
    let values = json!({
        "policy": offer.name, "policyVersion": offer.version, "justification": made.justification,
        "wantedStart": made.wanted_start, "wantedEnd": made.wanted_end,
    });
    cx.record(tx, record(&made, "request.submit", &package).change(json!(null), values));
    if offer.terms.stages.is_empty() {
        step(tx, cx, &made, &Step::ApprovedWithoutAsking)?;
        deliver::start(tx, cx, &mut made, &offer.terms)?;
    } else {
        stage::open(tx, cx, &mut made, &offer.terms.stages, 1)?;
        requests::save(tx, &mut made)?;
        if on_behalf {
            let notice = Notice::RequestedForYou { request: made.id };
            notices::send(tx, cx, made.subject, notice, &made.id.to_string())?;
        }
    }
    Ok(made.id)
}

/// Access under these terms has to end in the future, should it end at all.
pub(super) fn check_end(cx: &Cx, terms: &Terms) -> Result<(), AppError> {
    match assignment::end_of(terms.expiry, cx.now, cx.instance.time_zone) {
        Some(end) if end <= cx.now => Err(Refusal::BadPeriod(
            "Access through this policy has already ended: its last day is over. The people who manage the package can change that."
                .to_owned(),
        )
        .into()),
        _ => Ok(()),
    }
}

/// The token of a form as it is kept: bound to whoever sent it, so that nobody finds another person's request by
/// sending their token.
pub(super) fn form_token(requestor: UserId, token: &str) -> Option<String> {
    (!token.is_empty()).then(|| crate::kernel::secret::hash(&format!("{requestor}/{token}")))
}

/// The database lets one open request through (SPEC REQ-4); the other hears why. A form that was posted twice at
/// the same moment is tried again, and then finds the request that the first post made.
pub(super) fn one_open_request(error: StoreError) -> AppError {
    if error.is_taken("requests_submit_token_key") {
        StoreError::Stale.into()
    } else if error.is_taken("requests_subject_id_package_id_key") {
        Refusal::AlreadyRequested.into()
    } else {
        error.into()
    }
}

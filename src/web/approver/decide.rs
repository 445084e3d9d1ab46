//! One request in the portal: look, decide, and the receipt (SPEC APR-6 to APR-8).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::days;
use super::form::{self, Raw};
use super::matter::{Eyes, MatterView, OutcomeView, outcome, why};
use crate::app::AppError;
use crate::app::request::{self, Decision};
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::domain::approval::Channel;
use crate::domain::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::RequestId;
use crate::kernel::paths;
use crate::store::Conn;
use crate::store::views::matter::{self, Matter};
use crate::web::talk::{self, TalkView};
use crate::web::ui::{Crumb, FormView, Shell};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect_with};

/// The page of one request.
#[derive(Clone, Debug)]
pub struct DecideView {
    pub matter: MatterView,
    pub why: &'static str,
    /// In whose place the person would decide (SPEC APR-11).
    pub in_place_of: Option<String>,
    pub outcome: Option<OutcomeView>,
    pub form: Option<FormView>,
    /// Why the person cannot decide, while others can.
    pub not_you: Option<String>,
    pub too_late: bool,
    /// Where the person can take back what they approved (SPEC APR-10).
    pub revoke_href: Option<String>,
}

/// The page of one request.
#[derive(Template)]
#[template(path = "approver/decide.html")]
pub struct DecidePage<'a> {
    pub shell: &'a Shell,
    pub view: DecideView,
    pub talk: Option<TalkView>,
}

pub(super) fn load(conn: &mut Conn, me: &Principal, id: RequestId, now: Moment) -> Result<Matter, AppError> {
    let matter = matter::load(conn, id, now)?.ok_or(AppError::NotFound)?;
    if matter::may_see(conn, me, &matter)? { Ok(matter) } else { Err(AppError::NotFound) }
}

/// `GET /approvals/{id}`
pub async fn show(s: Signed, id: Path<RequestId>) -> Answer {
    let matter = matter_of(&s, id.into_inner()).await?;
    let stage = matter.request.stage;
    answer(&s, &matter, stage, &Raw::default(), &FormErrors::new(), StatusCode::OK).await
}

async fn matter_of(s: &Signed, id: RequestId) -> Result<Matter, PageError> {
    let (me, now) = (s.principal.clone(), s.now());
    s.read(move |conn| load(conn, &me, id, now)).await
}

async fn answer(
    s: &Signed,
    m: &Matter,
    stage: u8,
    raw: &Raw,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let (me, id) = (s.principal.clone(), m.request.id);
    let may_revoke = s.read(move |conn| match request::revocable(conn, &me, id) {
        Ok(_) => Ok(true),
        Err(AppError::NotFound | AppError::Refused(_)) => Ok(false),
        Err(other) => Err(other),
    });
    let may_revoke = may_revoke.await?;
    let (user, now) = (s.principal.user, s.now());
    let eyes = Eyes { now, tz: s.tz() };
    let title = format!("{} for {}", m.package, m.subject.name);
    let shell = s.shell(&title, vec![Crumb::link("Approvals", "/approvals")]);
    let allowed = m.may_decide(user, now);
    let form = allowed.is_ok().then(|| {
        form::view(
            m,
            paths::approval(m.request.id),
            &shell.csrf,
            raw,
            errors,
            false,
            eyes,
            s.app.instance.time_zone,
        )
    });
    // Whoever decided an earlier stage sees that decision while a later one is asked.
    let decided_in = m.vote_of(user).map_or(stage, |vote| vote.stage);
    let outcome = match form {
        Some(_) => None,
        None => outcome(m, if status == StatusCode::OK { decided_in } else { stage }, user, eyes),
    };
    let view = DecideView {
        matter: MatterView::of(m, eyes, true),
        why: m.deciders.as_ref().map_or("", |d| why(d.circle)),
        in_place_of: m.in_place_of(user).map(str::to_owned),
        not_you: match (&outcome, allowed) {
            (None, Err(refusal)) => Some(refusal.to_string()),
            _ => None,
        },
        too_late: status == StatusCode::CONFLICT,
        revoke_href: may_revoke.then(|| paths::approval_revoke(m.request.id)),
        outcome,
        form,
    };
    let talk = talk::view(s, &shell.csrf, m.request.id, talk::From::Approval, view.form.is_some()).await?;
    page_with(status, &DecidePage { shell: &shell, view, talk })
}

/// `POST /approvals/{id}`
pub async fn save(s: Signed, id: Path<RequestId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let before = matter_of(&s, id).await?;
    let stage = raw.stage.parse().unwrap_or(before.request.stage);
    let reason_required = before.plan(stage).is_some_and(|p| p.reason_required);
    if before.may_decide(s.principal.user, s.now()).is_ok()
        && let Err(errors) = raw.parse(reason_required, false)
    {
        return answer(&s, &before, stage, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let Ok(choice) = raw.parse(false, false) else {
        return refused(&s, id, stage, &raw, &Refusal::NoChoice).await;
    };
    let eyes = Eyes { now: s.now(), tz: s.tz() };
    let allowed = days::allowance(&before, choice.chosen, eyes, s.app.instance.time_zone);
    let ip = s.client().to_owned();
    let done = s
        .attempt(move |tx, cx, me| {
            load(tx, me, id, cx.now)?;
            let decision = Decision {
                request: id,
                stage: Some(choice.stage),
                seen_version: Some(choice.version),
                by: me.user,
                verdict: choice.verdict,
                reason: choice.reason.clone(),
                channel: Channel::Portal,
                ip: ip.clone(),
            };
            request::decide_within(tx, cx, &decision, allowed)
        })
        .await?;
    match done {
        Ok(_) => {
            redirect_with(paths::approval(id), Flash::success("Your decision counts. The requestor is told."))
        }
        Err(refusal) => refused(&s, id, stage, &raw, &refusal).await,
    }
}

/// The page again, as the request is by now.
async fn refused(s: &Signed, id: RequestId, stage: u8, raw: &Raw, refusal: &Refusal) -> Answer {
    let matter = matter_of(s, id).await?;
    let user = s.principal.user;
    if matter.votes.iter().any(|v| v.by == user && v.stage == stage) {
        // A second click, or Back: the decision is made, and its receipt is the page itself.
        return redirect_with(
            paths::approval(id),
            Flash::info("You had decided this already. Nothing changed."),
        );
    }
    let mut errors = FormErrors::new();
    let status = match refusal {
        Refusal::ReasonRequired | Refusal::BadText(_) => {
            errors.add("reason", refusal.to_string());
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Refusal::AllowedStart(text) => {
            errors.add("start", *text);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Refusal::AllowedEnd(text) => {
            errors.add("end", *text);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Refusal::OwnRequest => StatusCode::FORBIDDEN,
        // Whoever is no approver of the stage that is asked now may have been one of the stage on their page.
        Refusal::NotAnApprover
            if matter.request.state == RequestState::PendingApproval && matter.request.stage == stage =>
        {
            StatusCode::FORBIDDEN
        }
        other => {
            errors.form = Some(other.to_string());
            StatusCode::CONFLICT
        }
    };
    let raw = if status == StatusCode::CONFLICT { raw.without_choice() } else { raw.clone() };
    answer(s, &matter, stage, &raw, &errors, status).await
}

//! The emailed decision (SPEC APR-12). Fetching a page here changes nothing, whoever fetches it; deciding takes a
//! choice that nothing made in advance, and, by the link's mode, the session or the code of exactly its person.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Path;
use askama::Template;

use super::days;
use super::form::{self, Raw};
use super::matter::{self, Eyes, MatterView, OutcomeView, outcome};
use crate::app::links::{self, Open, Outcome, Standing, Through};
use crate::domain::Refusal;
use crate::domain::allowance::Allowance;
use crate::domain::policy::LinkMode;
use crate::kernel::ids::UserId;
use crate::kernel::paths;
use crate::kernel::secret::Token;
use crate::store::views::matter::Matter;
use crate::web::ui::{FormView, Shell, When};
use crate::web::{
    Answer, Flash, Form, FormErrors, MaybeSigned, PageError, page_with, redirect, redirect_with,
};

/// The page of a link that decides.
#[derive(Clone, Debug)]
pub struct LinkView {
    pub matter: MatterView,
    pub approver: String,
    /// In whose place the approver would decide (SPEC APR-11).
    pub in_place_of: Option<String>,
    pub changes: Vec<String>,
    pub form: FormView,
    pub code: Option<CodeView>,
}

/// Asking for a code.
#[derive(Clone, Debug)]
pub struct CodeView {
    pub action: String,
    pub address: String,
    /// A code is on its way, or good, until then.
    pub until: Option<When>,
    pub refused: Option<String>,
}

/// The page of a link that decides.
#[derive(Template)]
#[template(path = "approver/link.html")]
pub struct LinkPage<'a> {
    pub shell: &'a Shell,
    pub view: LinkView,
}

/// What came of it, for the link's person.
#[derive(Clone, Debug)]
pub struct ReceiptView {
    pub package: String,
    pub subject: String,
    pub outcome: OutcomeView,
    /// Where the person finds the request in the portal.
    pub href: Option<String>,
    pub too_late: bool,
}

/// The receipt.
#[derive(Template)]
#[template(path = "approver/receipt.html")]
pub struct ReceiptPage<'a> {
    pub shell: &'a Shell,
    pub view: ReceiptView,
}

/// The page of a link that is nothing to its visitor: the same for every reason.
#[derive(Template)]
#[template(path = "approver/gone.html")]
pub struct GonePage<'a> {
    pub shell: &'a Shell,
}

/// Reads a token from an address; what mail programs hang on to its end does not count.
fn token(path: &str) -> Option<Token> {
    let ours = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    Token::parse(path.trim_end_matches(|c| !ours(c)))
}

/// Keeps the page of a secret address out of search engines.
fn unlisted(answer: Answer) -> Answer {
    answer.map(|mut response: HttpResponse| {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
        response
    })
}

fn eyes(s: &MaybeSigned) -> Eyes {
    Eyes { now: s.now(), tz: s.tz() }
}

/// The eyes of the link's person: signed in or not, times and days are those of their zone.
fn eyes_of(s: &MaybeSigned, open: &Open) -> Eyes {
    Eyes { now: s.now(), tz: open.zone.unwrap_or_else(|| s.tz()) }
}

fn visitor(s: &MaybeSigned) -> Option<UserId> {
    s.principal.as_ref().map(|p| p.user)
}

/// `GET /d/{token}`
pub async fn show(s: MaybeSigned, path: Path<String>) -> Answer {
    let path = path.into_inner();
    let again =
        Again { raw: Raw::default(), errors: FormErrors::new(), code_refused: None, status: StatusCode::OK };
    unlisted(stand(&s, &path, &again).await)
}

/// The page again, with what was typed and what is wrong with it.
struct Again {
    raw: Raw,
    errors: FormErrors,
    code_refused: Option<String>,
    status: StatusCode,
}

async fn standing(s: &MaybeSigned, path: &str) -> Result<Standing, PageError> {
    let (token, who, now) = (token(path), visitor(s), s.now());
    s.read(move |conn| Ok(links::judge(conn, now, token.as_ref(), who)?)).await
}

async fn stand(s: &MaybeSigned, path: &str, again: &Again) -> Answer {
    match standing(s, path).await? {
        Standing::Nothing | Standing::Foreign(_) => gone(s),
        Standing::SignIn => sign_in(path),
        Standing::Open(open) => open_page(s, path, &open, again),
        Standing::Decided(decided) => late(s, &decided.0, decided.1.stage, decided.2, StatusCode::OK),
        Standing::Over(over) => {
            // Whoever sent a decision hears that somebody was quicker; whoever only looks, that it is over.
            let status = if again.status == StatusCode::OK { StatusCode::GONE } else { StatusCode::CONFLICT };
            late(s, &over.1, over.0.stage, over.0.approver, status)
        }
    }
}

fn gone(s: &MaybeSigned) -> Answer {
    let shell = s.shell("This link is not valid", Vec::new());
    page_with(StatusCode::NOT_FOUND, &GonePage { shell: &shell })
}

fn sign_in(path: &str) -> Answer {
    let next = token(path).map_or_else(|| "/".to_owned(), |t| paths::decision_link(t.reveal()));
    Err(PageError::SignIn { next })
}

fn open_page(s: &MaybeSigned, path: &str, open: &Open, again: &Again) -> Answer {
    let m = &open.matter;
    let by_code = open.link.mode == LinkMode::Code;
    let title = format!("{} for {}", m.package, m.subject.name);
    let shell = s.shell(&title, Vec::new());
    let eyes = eyes_of(s, open);
    let here = token(path).map_or_else(String::new, |t| paths::decision_link(t.reveal()));
    let view = LinkView {
        matter: MatterView::of(m, eyes, s.principal.is_some()),
        approver: masked(&open.link.address),
        in_place_of: m.in_place_of(open.link.approver).map(str::to_owned),
        changes: matter::changes(&open.changes, eyes),
        code: by_code.then(|| CodeView {
            action: format!("{here}/code"),
            address: masked(&open.link.address),
            until: open.code_until.map(|at| eyes.when(at)),
            refused: again.code_refused.clone(),
        }),
        form: form::view(
            m,
            here,
            &shell.csrf,
            &again.raw,
            &again.errors,
            by_code,
            eyes,
            s.app.instance.time_zone,
        ),
    };
    page_with(again.status, &LinkPage { shell: &shell, view })
}

/// What came of the stage, for its person.
fn late(s: &MaybeSigned, m: &Matter, stage: u8, approver: UserId, status: StatusCode) -> Answer {
    let Some(outcome) = outcome(m, stage, approver, eyes(s)) else {
        return gone(s);
    };
    let title = if status == StatusCode::OK { "Decision received" } else { "Already decided" };
    let shell = s.shell(title, Vec::new());
    let view = ReceiptView {
        package: m.package.clone(),
        subject: m.subject.name.clone(),
        href: s.principal.is_some().then(|| paths::approval(m.request.id)),
        too_late: status != StatusCode::OK,
        outcome,
    };
    page_with(status, &ReceiptPage { shell: &shell, view })
}

/// An address as its owner knows it and others do not.
fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(1).collect();
            format!("{first}•••@{domain}")
        }
        None => "•••".to_owned(),
    }
}

/// `POST /d/{token}`
pub async fn save(s: MaybeSigned, path: Path<String>, Form(raw): Form<Raw>) -> Answer {
    let path = path.into_inner();
    unlisted(decide(&s, &path, raw).await)
}

async fn decide(s: &MaybeSigned, path: &str, raw: Raw) -> Answer {
    // The form is checked first only for the link's own person: for anybody else nothing about it is told, and
    // the use case notes a stranger's attempt.
    let (by_code, reason_required, open) = match standing(s, path).await? {
        Standing::Open(open) => (
            open.link.mode == LinkMode::Code,
            open.matter.plan(open.link.stage).is_some_and(|p| p.reason_required),
            Some(open),
        ),
        Standing::Foreign(_) | Standing::Over(_) => (false, false, None),
        Standing::Decided(_) => return redirect(here(path)),
        Standing::Nothing => return gone(s),
        Standing::SignIn => return sign_in(path),
    };
    let choice = match raw.parse(reason_required, by_code) {
        Ok(choice) => choice,
        Err(errors) => {
            let again = Again { raw, errors, code_refused: None, status: StatusCode::UNPROCESSABLE_ENTITY };
            return stand(s, path, &again).await;
        }
    };
    let allowed = open.map_or_else(Allowance::default, |open| {
        days::allowance(&open.matter, choice.chosen, eyes_of(s, &open), s.app.instance.time_zone)
    });
    let through = Through {
        allowed,
        token: token(path),
        visitor: visitor(s),
        code: choice.code,
        seen_version: choice.version,
        verdict: choice.verdict,
        reason: choice.reason,
        ip: s.client().to_owned(),
        agent: s.visit.agent.clone(),
    };
    match s.attempt(move |tx, cx| links::decide(tx, cx, &through)).await? {
        Ok(Outcome::Done) => redirect(here(path)),
        Ok(Outcome::Nothing) => gone(s),
        Ok(Outcome::SignIn) => sign_in(path),
        Ok(Outcome::TooLate(m)) => match visitor(s) {
            Some(user) => late(s, &m, stage_of(&raw), user, StatusCode::CONFLICT),
            None => gone(s),
        },
        Ok(Outcome::WrongCode) => {
            let mut errors = FormErrors::new();
            errors.add("code", Refusal::WrongCode.to_string());
            let again = Again { raw, errors, code_refused: None, status: StatusCode::UNPROCESSABLE_ENTITY };
            stand(s, path, &again).await
        }
        Err(refusal) => {
            let mut errors = FormErrors::new();
            let (raw, status) = match &refusal {
                Refusal::ReasonRequired | Refusal::BadText(_) => {
                    errors.add("reason", refusal.to_string());
                    (raw, StatusCode::UNPROCESSABLE_ENTITY)
                }
                Refusal::AllowedStart(text) => {
                    errors.add("start", *text);
                    (raw, StatusCode::UNPROCESSABLE_ENTITY)
                }
                Refusal::AllowedEnd(text) => {
                    errors.add("end", *text);
                    (raw, StatusCode::UNPROCESSABLE_ENTITY)
                }
                _ => {
                    errors.form = Some(refusal.to_string());
                    (raw.without_choice(), StatusCode::CONFLICT)
                }
            };
            let again = Again { raw, errors, code_refused: None, status };
            stand(s, path, &again).await
        }
    }
}

fn stage_of(raw: &Raw) -> u8 {
    raw.stage.parse().unwrap_or(0)
}

fn here(path: &str) -> String {
    token(path).map_or_else(|| "/".to_owned(), |t| paths::decision_link(t.reveal()))
}

/// The form behind "Send me a code".
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST /d/{token}/code`
pub async fn code(s: MaybeSigned, path: Path<String>, _form: Form<Nothing>) -> Answer {
    let path = path.into_inner();
    unlisted(send_code(&s, &path).await)
}

async fn send_code(s: &MaybeSigned, path: &str) -> Answer {
    let (token, who) = (token(path), visitor(s));
    let asked = s.attempt(move |tx, cx| links::request_code(tx, cx, token.as_ref(), who)).await?;
    match asked {
        Ok(Outcome::Done) => redirect_with(
            here(path),
            Flash::success(
                "A code is on its way. It can take a minute; look at your mail, then enter it here.",
            ),
        ),
        Ok(Outcome::SignIn) => sign_in(path),
        Ok(Outcome::Nothing | Outcome::TooLate(_) | Outcome::WrongCode) => gone(s),
        Err(refusal) => {
            let again = Again {
                raw: Raw::default(),
                errors: FormErrors::new(),
                code_refused: Some(refusal.to_string()),
                status: StatusCode::TOO_MANY_REQUESTS,
            };
            stand(s, path, &again).await
        }
    }
}

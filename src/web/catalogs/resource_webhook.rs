//! Delivery of a resource by webhook: set up, tried out and looked at by its owners (SPEC DLV-6).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::catalog::RawVersion;
use super::common::{fine, me, version_of};
use super::resource::load_to_edit;
use crate::app::catalog::delivery::{self as cases, Choice};
use crate::domain::Refusal;
use crate::domain::catalog::{ConnectorKind, ResourceKind};
use crate::domain::order::{Action, Outcome};
use crate::kernel::ids::ResourceId;
use crate::kernel::paths;
use crate::store::orders::{self, Attempt};
use crate::store::webhooks;
use crate::web::ui::{Badge, FieldView, FormView, Shell, Tone, When};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

/// How many lines of the log are shown.
const SHOWN: i64 = 50;

/// What is typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    version: String,
    #[serde(default)]
    url: String,
}

#[derive(Template)]
#[template(path = "catalogs/resource_webhook.html")]
struct WebhookPage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    base: String,
    version: i64,
    form: Option<FormView>,
    webhook: Option<Hook>,
    secret: Option<String>,
    log: Vec<Line>,
    testing: bool,
}

struct Hook {
    since: When,
}

struct Line {
    id: String,
    at: When,
    what: String,
    role: String,
    outcome: Badge,
    answer: String,
    took: String,
    message: String,
    order: String,
}

fn badge(outcome: Outcome) -> Badge {
    let (tone, icon) = match outcome {
        Outcome::Done => (Tone::Success, "check-circle"),
        Outcome::Sending | Outcome::Pending => (Tone::Info, "hourglass-split"),
        Outcome::Later => (Tone::Warning, "clock-history"),
        Outcome::Refused => (Tone::Danger, "exclamation-octagon"),
        Outcome::Outdated => (Tone::Neutral, "dash-circle"),
    };
    let words = outcome.words();
    let label: String =
        words.chars().take(1).flat_map(char::to_uppercase).chain(words.chars().skip(1)).collect();
    Badge::new(outcome.as_str(), label, tone, Some(icon))
}

fn what(attempt: &Attempt) -> String {
    let word = match attempt.action {
        Action::Grant => "Grant",
        Action::Revoke => "Take back",
        Action::Test => "Test",
    };
    if attempt.by_callback { format!("{word}: told later") } else { word.to_owned() }
}

async fn webhook_page(
    s: &Signed,
    id: ResourceId,
    typed: Option<&Raw>,
    errors: &FormErrors,
    secret: Option<String>,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let (seen, target, attempts) = s
        .read(move |conn| {
            let seen = load_to_edit(conn, &who, id)?;
            Ok((seen, webhooks::find(conn, id)?, orders::attempts(conn, id, SHOWN)?))
        })
        .await?;
    let resource = &seen.resource;
    let shell = s.shell("Webhook", seen.way_below());
    let connector = resource.fields.connector;
    let url = match (typed, &target) {
        (Some(raw), _) => raw.url.clone(),
        (None, Some((target, _))) => target.url.clone(),
        (None, None) => String::new(),
    };
    let form = (resource.fields.kind != ResourceKind::Group).then(|| {
        FormView::new(paths::resource_tab(id, "webhook"), &shell.csrf, if connector == ConnectorKind::Webhook { "Save" } else { "Deliver by this webhook" })
            .field(FieldView::hidden("version", resource.version.to_string()))
            .field(
                FieldView::text("url", "Address of the webhook")
                    .value(&url)
                    .hint("Where orders go, such as https://hooks.example.org/latchkey. Whoever runs the portal has to allow its host.")
                    .error(errors.of("url"))
                    .maxlength(500)
                    .required(),
            )
            .cancel(paths::resource(id))
            .checked(errors.form.clone())
    });
    let when = |at: crate::kernel::Moment| When::new(*at, *s.now(), s.tz());
    let log = attempts
        .iter()
        .map(|a| Line {
            id: a.id.to_string(),
            at: when(a.at),
            what: what(a),
            role: a
                .resource_role_id
                .and_then(|role| seen.roles.iter().find(|r| r.id == role))
                .map(|r| r.name.clone())
                .unwrap_or_default(),
            outcome: badge(a.outcome),
            answer: a.status_code.map(|code| code.to_string()).unwrap_or_default(),
            took: a.millis.filter(|_| !a.by_callback).map(|ms| format!("{ms} ms")).unwrap_or_default(),
            message: a.message.clone().unwrap_or_default(),
            order: a.order_id.to_string(),
        })
        .collect();
    let view = View {
        base: paths::resource_tab(id, "webhook"),
        version: resource.version,
        form,
        webhook: target
            .filter(|_| connector == ConnectorKind::Webhook)
            .map(|(_, since)| Hook { since: when(since) }),
        secret,
        log,
        testing: attempts.iter().any(|a| a.outcome == Outcome::Sending),
    };
    page_with(status, &WebhookPage { shell: &shell, view })
}

/// `GET /resources/{id}/webhook`
pub async fn show(s: Signed, id: Path<ResourceId>) -> Answer {
    webhook_page(&s, id.into_inner(), None, &fine(), None, StatusCode::OK).await
}

/// `POST /resources/{id}/webhook`
pub async fn save(s: Signed, id: Path<ResourceId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    let choice = Choice { connector: ConnectorKind::Webhook, url: raw.url.clone() };
    match s.attempt(move |tx, cx, me| cases::choose(tx, cx, me, id, version, &choice)).await? {
        // Shown once: this page is the only place where it ever stands.
        Ok(Some(secret)) => webhook_page(&s, id, None, &fine(), Some(secret), StatusCode::OK).await,
        Ok(None) => redirect_with(paths::resource_tab(id, "webhook"), Flash::success("Webhook saved.")),
        Err(Refusal::WebhookAddress(text)) => {
            let mut errors = FormErrors::new();
            errors.add("url", text);
            webhook_page(&s, id, Some(&raw), &errors, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(refusal) => webhook_page(&s, id, Some(&raw), &refusal.into(), None, StatusCode::CONFLICT).await,
    }
}

/// `POST /resources/{id}/webhook/secret`
pub async fn rotate(s: Signed, id: Path<ResourceId>, Form(raw): Form<RawVersion>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    match s.attempt(move |tx, cx, me| cases::rotate(tx, cx, me, id, version)).await? {
        Ok(secret) => webhook_page(&s, id, None, &fine(), Some(secret), StatusCode::OK).await,
        Err(refusal) => webhook_page(&s, id, None, &refusal.into(), None, StatusCode::CONFLICT).await,
    }
}

/// A form without fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST /resources/{id}/webhook/test`
pub async fn test(s: Signed, id: Path<ResourceId>, Form(Nothing {}): Form<Nothing>) -> Answer {
    let id = id.into_inner();
    let flash = match s.attempt(move |tx, cx, me| cases::test(tx, cx, me, id)).await? {
        Ok(()) => Flash::info("The test is on its way. The log below shows the answer in a moment."),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    redirect_with(paths::resource_tab(id, "webhook"), flash)
}

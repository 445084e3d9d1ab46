//! How the roles of a resource get to people: written down by the portal, or done by its owners (SPEC DLV-6).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use super::common::{FormPage, FormPageView, counted, fine, me, version_of};
use super::resource::load_to_edit;
use crate::app::fulfil::{self, Choice};
use crate::domain::Refusal;
use crate::domain::catalog::{ConnectorKind, ResourceKind};
use crate::domain::fulfilment::{MOST_DAYS, ManualSettings};
use crate::kernel::ids::ResourceId;
use crate::kernel::paths;
use crate::store::tasks;
use crate::web::ui::{FieldView, FormView, OptionView};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect_with};

/// What is chosen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    version: String,
    #[serde(default)]
    delivery: String,
    #[serde(default)]
    days: String,
}

const RECORDED: &str = "recorded";
const BY_HAND: &str = "manual";

/// How it is now, in a sentence.
pub(super) fn words(connector: ConnectorKind, kind: ResourceKind, settings: ManualSettings) -> String {
    match connector {
        ConnectorKind::Directory if kind == ResourceKind::Group => {
            "The portal changes the group itself, at once.".to_owned()
        }
        ConnectorKind::Directory => {
            "The portal writes down who has which role. Nobody has to act.".to_owned()
        }
        ConnectorKind::Manual => format!(
            "By hand: its owners get a task each time, and have {} for it.",
            counted(i64::from(settings.days), "day", "days")
        ),
        ConnectorKind::Webhook => "By a call to another system.".to_owned(),
        ConnectorKind::Ldap => "In a directory server.".to_owned(),
        ConnectorKind::Scim => "In the application, by the portal.".to_owned(),
    }
}

async fn edit_page(
    s: &Signed,
    id: ResourceId,
    typed: Option<&Raw>,
    errors: &FormErrors,
    stale: bool,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let (seen, settings, open) = s
        .read(move |conn| {
            let seen = load_to_edit(conn, &who, id)?;
            Ok((seen, tasks::settings(conn, id)?, tasks::count_open(conn, id)?))
        })
        .await?;
    let fields = &seen.resource.fields;
    if fields.kind == ResourceKind::Group {
        return Err(PageError::NotFound);
    }
    let saved = Raw {
        version: seen.resource.version.to_string(),
        delivery: match fields.connector {
            ConnectorKind::Manual => BY_HAND,
            ConnectorKind::Directory => RECORDED,
            // Another way is chosen: nothing is ticked, so that it is not left by mistake.
            ConnectorKind::Webhook | ConnectorKind::Ldap | ConnectorKind::Scim => "",
        }
        .to_owned(),
        days: settings.days.to_string(),
    };
    let mut raw = typed.cloned().unwrap_or_else(|| saved.clone());
    if stale {
        raw.version.clone_from(&saved.version);
    }
    let recorded = if open > 0 {
        format!(
            "Nobody has to act. {} then closed, and what waited for it counts as done at once.",
            counted(open, "open task is", "open tasks are")
        )
    } else {
        "The portal writes down who has which role, at once. Nobody has to act.".to_owned()
    };
    let shell = s.shell("How roles are delivered", seen.way_below());
    let form = FormView::new(paths::resource_tab(id, "delivery"), &shell.csrf, "Save")
        .field(FieldView::hidden("version", &raw.version))
        .field(
            FieldView::radios(
                "delivery",
                "How people get a role, and lose it",
                vec![
                    OptionView::new(RECORDED, "Recorded only").hint(recorded),
                    OptionView::new(BY_HAND, "By hand, as a task for the owners").hint(
                        "Its owners get a mail and a task, do it in the resource, and say when it is done. Only then \
                         has the person access.",
                    ),
                ],
            )
            .value(&raw.delivery)
            .error(errors.of("delivery"))
            .required(),
        )
        .field(
            FieldView::number("days", "Time for a task")
                .value(&raw.days)
                .range(1, i64::from(MOST_DAYS))
                .suffix("days")
                .narrow()
                .error(errors.of("days"))
                .hint("Only by hand. The owners are reminded a day before, and when it is over."),
        )
        .cancel(paths::resource(id))
        .checked(errors.form.clone());
    let current = if stale {
        vec![("Now".to_owned(), words(fields.connector, fields.kind, settings))]
    } else {
        Vec::new()
    };
    let lead = "What people have already stays as it is.";
    page_with(status, &FormPage { shell: &shell, view: FormPageView::new(lead, form).beside(current) })
}

fn parse(raw: &Raw) -> Result<Choice, FormErrors> {
    let mut errors = FormErrors::new();
    match raw.delivery.as_str() {
        RECORDED => return Ok(Choice::Recorded),
        BY_HAND => {
            let days = raw.days.trim().parse::<i64>().map_err(|_| Refusal::TaskDays.to_string());
            let settings = days.and_then(|d| ManualSettings::of_days(d).map_err(|e| e.to_string()));
            if let Some(settings) = errors.take("days", settings) {
                return Ok(Choice::ByHand(settings));
            }
        }
        _ => errors.add("delivery", "Choose how."),
    }
    Err(errors)
}

/// `GET /resources/{id}/delivery`
pub async fn edit(s: Signed, id: Path<ResourceId>) -> Answer {
    edit_page(&s, id.into_inner(), None, &fine(), false, StatusCode::OK).await
}

/// `POST /resources/{id}/delivery`
pub async fn save(s: Signed, id: Path<ResourceId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    let choice = match parse(&raw) {
        Ok(choice) => choice,
        Err(errors) => {
            return edit_page(&s, id, Some(&raw), &errors, false, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    match s.attempt(move |tx, cx, me| fulfil::set_connector(tx, cx, me, id, version, choice)).await? {
        Ok(()) => redirect_with(paths::resource(id), Flash::success("Saved. It counts from now on.")),
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            edit_page(&s, id, Some(&raw), &refusal.into(), stale, StatusCode::CONFLICT).await
        }
    }
}

//! Asking for changes instead of deciding.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use super::FormPage;
use super::view::ask_form;
use crate::app::AppError;
use crate::app::request::{self, Ask};
use crate::domain::Refusal;
use crate::kernel::ids::RequestId;
use crate::kernel::paths;
use crate::store::requests;
use crate::store::views::matter;
use crate::web::ui::Crumb;
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

/// The form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    text: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    stage: String,
}

/// `POST /approvals/{id}/changes`
pub async fn save(s: Signed, id: Path<RequestId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    // What is no number is a version that the request never has.
    let seen = (raw.stage.parse().unwrap_or(0), raw.version.parse().unwrap_or(-1));
    let text = raw.text.clone();
    let done = s
        .attempt(move |tx, cx, me| {
            let now = cx.now;
            // Who may not see the request with an approver's eyes hears nothing of it (SPEC ROL-6).
            let matter = matter::load(tx, id, now)?.ok_or(AppError::NotFound)?;
            if !matter::may_see(tx, me, &matter)? {
                return Err(AppError::NotFound);
            }
            let ask = Ask {
                request: id,
                stage: Some(seen.0),
                seen_version: Some(seen.1),
                by: me.user,
                text: text.clone(),
            };
            request::ask_changes(tx, cx, &ask)
        })
        .await?;
    let Err(refusal) = done else {
        let flash = Flash::success("The requestor is asked to change the request, and gets a mail.");
        return redirect_with(paths::approval(id), flash);
    };
    let mut errors = FormErrors::new();
    let status = match refusal {
        // A second click, or somebody else was quicker: the page says what is asked for.
        Refusal::ChangesAskedAlready => {
            return redirect_with(paths::approval(id), Flash::info(refusal.to_string()));
        }
        Refusal::NothingSaid | Refusal::BadText(_) => {
            errors.add("text", refusal.to_string());
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Refusal::OwnRequest | Refusal::NotAnApprover => {
            errors.form = Some(refusal.to_string());
            StatusCode::FORBIDDEN
        }
        other => {
            errors.form = Some(other.to_string());
            StatusCode::CONFLICT
        }
    };
    let now = s.read(move |conn| requests::find(conn, id)?.ok_or(AppError::NotFound)).await?;
    let shell = s.shell("Ask for changes", vec![Crumb::link("The request", paths::approval(id))]);
    let form =
        ask_form(id, now.version, now.stage, &shell.csrf, &raw.text, &errors).cancel(paths::approval(id));
    let lead = "Nothing was asked for yet. Look at the request again if it has changed.";
    page_with(status, &FormPage { shell: &shell, lead, asked: None, form })
}

//! Adding a comment.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use super::FormPage;
use super::view::{From, comment_form};
use crate::app::request::{self, Remark};
use crate::domain::Refusal;
use crate::kernel::ids::RequestId;
use crate::web::ui::Crumb;
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

/// The form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    text: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    from: String,
}

/// `POST /requests/{id}/comments`
pub async fn save(s: Signed, id: Path<RequestId>, Form(raw): Form<Raw>) -> Answer {
    let (id, from) = (id.into_inner(), From::of(&raw.from));
    let remark = Remark { request: id, text: raw.text.clone(), token: raw.token.clone() };
    match s.attempt(move |tx, cx, me| request::comment(tx, cx, me, &remark)).await? {
        Ok(_) => redirect_with(
            from.path(id),
            Flash::success("Your comment is on the request. The others get it by mail."),
        ),
        Err(refusal) => {
            let mut errors = FormErrors::new();
            let status = match refusal {
                Refusal::NothingSaid | Refusal::BadText(_) => {
                    errors.add("text", refusal.to_string());
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                other => {
                    errors.form = Some(other.to_string());
                    StatusCode::CONFLICT
                }
            };
            let shell = s.shell("Your comment", vec![Crumb::link("The request", from.path(id))]);
            let form =
                comment_form(id, from, &shell.csrf, &raw.text, &raw.token, &errors).cancel(from.path(id));
            let lead = "It was not added yet.";
            page_with(status, &FormPage { shell: &shell, lead, asked: None, form })
        }
    }
}

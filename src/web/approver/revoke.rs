//! Revoking what one approved (SPEC APR-10): what will happen first, then the reason, then it is done.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::app::AppError;
use crate::app::request::{self, REASON_MAX};
use crate::domain::Refusal;
use crate::kernel::ids::RequestId;
use crate::kernel::paths;
use crate::store::{assignments, lasting, people};
use crate::web::ui::{ConfirmView, Crumb, FieldView, FormView, Shell, When};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect_with};

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    pub reason: String,
}

/// The page.
#[derive(Template)]
#[template(path = "approver/revoke.html")]
pub struct RevokePage<'a> {
    pub shell: &'a Shell,
    pub view: ConfirmView,
}

/// What would be revoked.
#[derive(Debug, Clone)]
pub struct Target {
    pub request: RequestId,
    pub package: String,
    pub person: String,
    pub roles: usize,
    pub started: bool,
    pub ends: Option<When>,
}

impl Target {
    /// The question, with what will happen.
    pub fn confirm(&self, csrf: &str, raw: &Raw, errors: &FormErrors) -> ConfirmView {
        let roles = match self.roles {
            1 => "1 role".to_owned(),
            n => format!("{n} roles"),
        };
        let mut lines = vec![if self.started {
            format!("{} loses {roles} at once, unless other access gives the same.", self.person)
        } else {
            format!("{} never gets it: the access has not started yet.", self.person)
        }];
        if let Some(ends) = &self.ends {
            lines.push(format!("It would have ended by itself on {}.", ends.exact));
        }
        lines.push(format!("{} is told, and can read your reason.", self.person));
        lines.push("To get it back, it has to be requested and approved again.".to_owned());
        let form = FormView::new(paths::approval_revoke(self.request), csrf, "Revoke it now")
            .field(
                FieldView::textarea("reason", "Reason")
                    .value(&raw.reason)
                    .hint(format!("{} can read this.", self.person))
                    .error(errors.of("reason"))
                    .maxlength(u32::try_from(REASON_MAX).unwrap_or(4000))
                    .rows(3)
                    .required(),
            )
            .cancel(paths::approval(self.request))
            .danger()
            .checked(errors.form.clone());
        ConfirmView::new(format!("Revoke “{}” from {}?", self.package, self.person), lines, form)
    }
}

/// What this person may revoke; the refusal says why there is nothing to revoke.
async fn target(s: &Signed, id: RequestId) -> Result<Result<Target, Refusal>, PageError> {
    let (me, now, tz) = (s.principal.clone(), s.now(), s.tz());
    let found = s
        .read(move |conn| {
            let (request, held) = match request::revocable(conn, &me, id) {
                Err(AppError::Refused(refusal)) => return Ok(Err(refusal)),
                other => other?,
            };
            let held = assignments::find(conn, held)?.ok_or(AppError::NotFound)?;
            Ok(Ok(Target {
                request: id,
                package: lasting::package_name(conn, request.package)?,
                person: people::name(conn, request.subject)?,
                roles: assignments::roles_of_package(conn, request.package)?.len(),
                started: held.starts_at <= now,
                ends: held.ends_at.map(|end| When::new(*end, *now, tz)),
            }))
        })
        .await?;
    Ok(found)
}

fn answer(s: &Signed, target: &Target, raw: &Raw, errors: &FormErrors, status: StatusCode) -> Answer {
    let way = vec![
        Crumb::link("Approvals", "/approvals"),
        Crumb::link(format!("{} for {}", target.package, target.person), paths::approval(target.request)),
    ];
    let shell = s.shell("Revoke access", way);
    let view = target.confirm(&shell.csrf, raw, errors);
    page_with(status, &RevokePage { shell: &shell, view })
}

fn nothing(id: RequestId, refusal: &Refusal) -> Answer {
    redirect_with(paths::approval(id), Flash::warning(refusal.to_string()))
}

/// `GET /approvals/{id}/revoke`
pub async fn show(s: Signed, id: Path<RequestId>) -> Answer {
    let id = id.into_inner();
    match target(&s, id).await? {
        Ok(target) => answer(&s, &target, &Raw::default(), &FormErrors::new(), StatusCode::OK),
        Err(refusal) => nothing(id, &refusal),
    }
}

/// `POST /approvals/{id}/revoke`
pub async fn save(s: Signed, id: Path<RequestId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let reason = raw.reason.clone();
    let done = s.attempt(move |tx, cx, me| request::revoke(tx, cx, me, id, &reason)).await?;
    let Err(refusal) = done else {
        let told = Flash::success("The access is revoked. The person is told, with your reason.");
        return redirect_with(paths::approval(id), told);
    };
    let target = match target(&s, id).await? {
        Ok(target) => target,
        Err(refusal) => return nothing(id, &refusal),
    };
    let mut errors = FormErrors::new();
    let status = match refusal {
        Refusal::RevokeReasonRequired | Refusal::BadText(_) => {
            errors.add("reason", refusal.to_string());
            StatusCode::UNPROCESSABLE_ENTITY
        }
        other => {
            errors.form = Some(other.to_string());
            StatusCode::CONFLICT
        }
    };
    answer(&s, &target, &raw, &errors, status)
}

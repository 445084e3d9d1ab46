//! The roles that an application or a site offers (SPEC CAT-4).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use super::catalog::RawVersion;
use super::common::{FormPage, FormPageView, fine, me, version_of};
use super::resource::load_to_edit;
use crate::app::catalog::resource_roles as cases;
use crate::app::catalog::resources::NewRole;
use crate::domain::Refusal;
use crate::kernel::ids::{ResourceId, ResourceRoleId};
use crate::kernel::{paths, text};
use crate::web::ui::{FieldView, FormView};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect_with};

/// What is typed about a role.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    version: String,
    name: String,
    description: String,
}

impl Raw {
    fn parse(&self) -> Result<NewRole, FormErrors> {
        let mut errors = FormErrors::new();
        let name = errors.take("name", text::line(&self.name, 200));
        let description = errors.take("description", text::optional_line(&self.description, 1000));
        match (name, description) {
            (Some(name), Some(description)) => Ok(NewRole { name, description }),
            _ => Err(errors),
        }
    }
}

async fn form_page(
    s: &Signed,
    id: ResourceId,
    role: Option<ResourceRoleId>,
    typed: Option<&Raw>,
    errors: &FormErrors,
    stale: bool,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let seen = s.read(move |conn| load_to_edit(conn, &who, id)).await?;
    let there = match role {
        Some(role) => Some(seen.roles.iter().find(|r| r.id == role).ok_or(PageError::NotFound)?),
        None => None,
    };
    let saved = Raw {
        version: seen.resource.version.to_string(),
        name: there.map(|r| r.name.clone()).unwrap_or_default(),
        description: there.map(|r| r.description.clone()).unwrap_or_default(),
    };
    let mut raw = typed.cloned().unwrap_or_else(|| saved.clone());
    if stale {
        raw.version.clone_from(&saved.version);
    }
    let (title, submit, action) = match role {
        None => ("New role", "Add role", paths::resource_tab(id, "roles/new")),
        Some(role) => ("Edit role", "Save", paths::resource_tab(id, &format!("roles/{role}"))),
    };
    let shell = s.shell(title, seen.way_below());
    let form = FormView::new(action, &shell.csrf, submit)
        .field(FieldView::hidden("version", &raw.version))
        .field(
            FieldView::text("name", "Name")
                .value(&raw.name)
                .error(errors.of("name"))
                .maxlength(200)
                .required(),
        )
        .field(
            FieldView::text("description", "What it permits")
                .value(&raw.description)
                .error(errors.of("description"))
                .maxlength(1000),
        )
        .cancel(paths::resource(id))
        .checked(errors.form.clone());
    let current = if stale && there.is_some() {
        vec![("Name".to_owned(), saved.name), ("What it permits".to_owned(), saved.description)]
    } else {
        Vec::new()
    };
    let view = FormPageView::new("", form).beside(current);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /resources/{id}/roles/new`
pub async fn new(s: Signed, id: Path<ResourceId>) -> Answer {
    form_page(&s, id.into_inner(), None, None, &fine(), false, StatusCode::OK).await
}

/// `POST /resources/{id}/roles/new`
pub async fn create(s: Signed, id: Path<ResourceId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    let role = match raw.parse() {
        Ok(role) => role,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return form_page(&s, id, None, Some(&raw), &errors, false, status).await;
        }
    };
    match s.attempt(move |tx, cx, me| cases::add(tx, cx, me, id, version, &role)).await? {
        Ok(_) => redirect_with(paths::resource(id), Flash::success("Role added.")),
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            form_page(&s, id, None, Some(&raw), &refusal.into(), stale, StatusCode::CONFLICT).await
        }
    }
}

/// `GET /resources/{id}/roles/{role}`
pub async fn edit(s: Signed, path: Path<(ResourceId, ResourceRoleId)>) -> Answer {
    let (id, role) = path.into_inner();
    form_page(&s, id, Some(role), None, &fine(), false, StatusCode::OK).await
}

/// `POST /resources/{id}/roles/{role}`
pub async fn save(s: Signed, path: Path<(ResourceId, ResourceRoleId)>, Form(raw): Form<Raw>) -> Answer {
    let (id, role) = path.into_inner();
    let version = version_of(&raw.version)?;
    let new = match raw.parse() {
        Ok(new) => new,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return form_page(&s, id, Some(role), Some(&raw), &errors, false, status).await;
        }
    };
    match s.attempt(move |tx, cx, me| cases::edit(tx, cx, me, id, version, role, &new)).await? {
        Ok(()) => redirect_with(paths::resource(id), Flash::success("Role saved.")),
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            let status = StatusCode::CONFLICT;
            form_page(&s, id, Some(role), Some(&raw), &refusal.into(), stale, status).await
        }
    }
}

/// `POST /resources/{id}/roles/{role}/remove`
pub async fn remove(
    s: Signed,
    path: Path<(ResourceId, ResourceRoleId)>,
    Form(raw): Form<RawVersion>,
) -> Answer {
    let (id, role) = path.into_inner();
    let version = version_of(&raw.version)?;
    match s.attempt(move |tx, cx, me| cases::remove(tx, cx, me, id, version, role)).await? {
        Ok(()) => redirect_with(paths::resource(id), Flash::success("Role removed.")),
        Err(refusal) => {
            let (errors, status) = (refusal.into(), StatusCode::CONFLICT);
            form_page(&s, id, Some(role), None, &errors, false, status).await
        }
    }
}

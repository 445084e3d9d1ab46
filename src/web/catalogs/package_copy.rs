//! Making another package like this one (SPEC PKG-7).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use super::common::{FormPage, FormPageView, PackageHead, counted, fine, me};
use crate::app::catalog::copying::{self as cases, Copy};
use crate::domain::access::CatalogTask;
use crate::domain::package::PackageFields;
use crate::kernel::ids::PackageId;
use crate::kernel::{paths, text};
use crate::web::ui::{FieldView, FormView};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

/// What the copy is to be.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    open: String,
    #[serde(default)]
    apart: String,
}

async fn copy_page(
    s: &Signed,
    id: PackageId,
    typed: Option<&Raw>,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let head = s.read(move |conn| PackageHead::load(conn, &who, CatalogTask::Packages, id)).await?;
    let raw = typed.cloned().unwrap_or_else(|| Raw {
        name: format!("Copy of {}", head.package.name).chars().take(200).collect(),
        description: head.package.description.clone(),
        open: String::new(),
        apart: "on".to_owned(),
    });
    let shell = s.shell("Duplicate package", head.way_below());
    let mut form =
        FormView::new(paths::manage_package_tab(id, "duplicate"), &shell.csrf, "Duplicate package")
            .field(
                FieldView::text("name", "Name")
                    .value(&raw.name)
                    .error(errors.of("name"))
                    .maxlength(200)
                    .required(),
            )
            .field(
                FieldView::textarea("description", "Description")
                    .value(&raw.description)
                    .error(errors.of("description")),
            );
    if head.policies > 0 {
        form = form.field(
            FieldView::checkbox("open", "Switch its policies on at once", !raw.open.is_empty())
                .hint("Otherwise they start switched off, and you can look at them first. A rule that assigns by itself always starts switched off."),
        );
    }
    if head.conflicts > 0 {
        form = form.field(
            FieldView::checkbox(
                "apart",
                "Keep it apart from the same packages and groups",
                !raw.apart.is_empty(),
            )
            .hint("Copies its separation of duties. The other direction stays as it is."),
        );
    }
    let lead = format!(
        "The copy gets {} and {}, with their questions and lifecycle. Nobody gets the copy: assignments and requests stay where they are.",
        counted(head.roles, "resource role", "resource roles"),
        counted(head.policies, "policy", "policies"),
    );
    let form = form.cancel(paths::manage_package(id)).checked(errors.form.clone());
    page_with(status, &FormPage { shell: &shell, view: FormPageView::new(lead, form) })
}

/// `GET /manage/packages/{id}/duplicate`
pub async fn ask(s: Signed, id: Path<PackageId>) -> Answer {
    copy_page(&s, id.into_inner(), None, &fine(), StatusCode::OK).await
}

/// `POST /manage/packages/{id}/duplicate`
pub async fn save(s: Signed, id: Path<PackageId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let who = me(&s);
    let hidden = s
        .read(move |conn| Ok(PackageHead::load(conn, &who, CatalogTask::Packages, id)?.package.hidden))
        .await?;
    let mut errors = FormErrors::new();
    let name = errors.take("name", text::line(&raw.name, 200));
    let description = errors.take("description", text::lines(&raw.description, 4000));
    let (Some(name), Some(description)) = (name, description) else {
        return copy_page(&s, id, Some(&raw), &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let copy = Copy {
        fields: PackageFields { name, description, hidden },
        open: !raw.open.is_empty(),
        apart: !raw.apart.is_empty(),
    };
    match s.attempt(move |tx, cx, me| cases::duplicate(tx, cx, me, id, &copy)).await? {
        Ok(new) => redirect_with(paths::manage_package(new), Flash::success("Package duplicated.")),
        Err(refusal) => copy_page(&s, id, Some(&raw), &refusal.into(), StatusCode::CONFLICT).await,
    }
}

//! What a package grants (SPEC PKG-1, PKG-3).

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{ConfirmPage, ConfirmPageView, PackageHead, counted, fine, me, version_of};
use super::draft::Draft;
use super::fields::{self, kind_words};
use super::terms;
use crate::app::AppError;
use crate::app::catalog::package_roles as cases;
use crate::domain::Refusal;
use crate::domain::access::CatalogTask;
use crate::kernel::ids::{PackageId, ResourceRoleId};
use crate::kernel::paths;
use crate::store::package_changes::{self, RoleImpact};
use crate::store::{packages, resources};
use crate::web::ui::{ConfirmView, Empty, FieldView, FormView, Shell, Tabs, When};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/package_roles.html")]
struct RolesPage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    tabs: Tabs,
    rows: Vec<Row>,
    empty: Option<Empty>,
    progress: Option<ProgressView>,
    form: Option<FormView>,
}

struct Row {
    id: String,
    resource: String,
    href: String,
    kind: &'static str,
    role: String,
    description: String,
}

/// How far the last change has come.
struct ProgressView {
    text: String,
    when: When,
    working: bool,
    failed: Vec<FailedLine>,
    more: usize,
    again: Option<String>,
}

struct FailedLine {
    id: String,
    person: String,
    href: String,
    error: String,
}

/// So many of those for whom it failed are named.
const NAMED: i64 = 50;

async fn roles_page(
    s: &Signed,
    id: PackageId,
    typed: Option<&Draft>,
    errors: &FormErrors,
    stale: bool,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let (head, roles, offered, progress) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::See, id)?;
            let roles = packages::roles(conn, id)?;
            let offered = resources::roles_on_offer(conn, head.catalog.id)?;
            let progress = package_changes::progress(conn, id)?;
            let failed = match &progress {
                Some(p) if !p.failed.is_empty() => package_changes::failures(conn, &p.failed, NAMED)?,
                _ => Vec::new(),
            };
            Ok((head, roles, offered, progress.map(|p| (p, failed))))
        })
        .await?;
    let mut draft = typed.cloned().unwrap_or_else(|| {
        let mut draft = Draft::default();
        draft.set("roles", roles.iter().map(|r| r.role.id.to_string()));
        draft
    });
    if stale || typed.is_none() {
        draft.set("version", [head.package.version.to_string()]);
    }
    let can_edit = s.principal.may_in(CatalogTask::Packages, head.catalog.id);
    let shell = s.shell(&head.package.name, head.way());
    let form = (can_edit && !offered.is_empty()).then(|| {
        let action = paths::manage_package_tab(id, "roles");
        let mut form = FormView::new(action, &shell.csrf, "Save roles")
            .field(FieldView::hidden("version", draft.one("version")));
        for field in fields::roles(&draft, errors, &offered).into_iter().flat_map(|s| s.fields) {
            form = form.field(field);
        }
        form.checked(errors.form.clone())
    });
    let sees = s.principal.may_in(CatalogTask::SeeAssignments, head.catalog.id);
    let manages = s.principal.may_in(CatalogTask::Assignments, head.catalog.id);
    let progress = progress.filter(|_| sees).map(|(p, failed)| ProgressView {
        text: match (p.total, p.failed.len()) {
            (0, _) => "Nobody holds it any more who held it then.".to_owned(),
            (total, 0) => format!("{} of {total} done.", p.done),
            (total, failed) => format!("{} of {total} done, {failed} failed.", p.done),
        },
        when: When::new(*p.made_at, *s.now(), s.tz()),
        working: p.done + p.failed.len() < p.total,
        more: p.failed.len().saturating_sub(failed.len()),
        again: (manages && !p.failed.is_empty()).then(|| paths::manage_package_tab(id, "roles/try-again")),
        failed: failed
            .into_iter()
            .map(|f| FailedLine {
                id: f.assignment.to_string(),
                person: f.person,
                href: paths::access(f.assignment),
                error: f.error,
            })
            .collect(),
    });
    let view = View {
        tabs: head.tabs("roles"),
        empty: roles.is_empty().then(|| {
            Empty::new(
                "key",
                "Grants nothing yet",
                "A package without resource roles can be held, but gives nothing.",
            )
        }),
        rows: roles
            .into_iter()
            .map(|r| Row {
                id: r.role.id.to_string(),
                resource: r.resource_name,
                href: paths::resource(r.role.resource),
                kind: kind_words(r.resource_kind),
                role: r.role.name,
                description: r.role.description,
            })
            .collect(),
        progress,
        form,
    };
    page_with(status, &RolesPage { shell: &shell, view })
}

/// `GET /manage/packages/{id}/roles`
pub async fn show(s: Signed, id: Path<PackageId>) -> Answer {
    roles_page(&s, id.into_inner(), None, &fine(), false, StatusCode::OK).await
}

/// The roles that were ticked, or what is wrong with them.
fn ticked(draft: &Draft) -> Result<BTreeSet<ResourceRoleId>, FormErrors> {
    let mut errors = FormErrors::new();
    let roles: BTreeSet<_> = terms::roles(draft, &mut errors).into_iter().collect();
    if errors.is_empty() { Ok(roles) } else { Err(errors) }
}

/// What would happen to those who hold the package, in words (SPEC PKG-3).
fn words(name: &str, impact: &RoleImpact) -> String {
    let n = i64::try_from(impact.holders.saturating_sub(impact.otherwise)).unwrap_or(i64::MAX);
    let k = i64::try_from(impact.otherwise).unwrap_or(i64::MAX);
    let mut text = if impact.added {
        format!("{} “{name}”.", counted(n, "person gets", "people get"))
    } else {
        format!("{} “{name}”.", counted(n, "person loses", "people lose"))
    };
    if k > 0 {
        let more = if impact.added {
            counted(
                k,
                "person has it already through other access",
                "people have it already through other access",
            )
        } else {
            counted(k, "person keeps it through other access", "people keep it through other access")
        };
        text.push_str(&format!(" {more}."));
    }
    text
}

/// `POST /manage/packages/{id}/roles`: saves if nobody holds the package; otherwise shows first what would happen.
pub async fn save(s: Signed, id: Path<PackageId>, Form(draft): Form<Draft>) -> Answer {
    let id = id.into_inner();
    let version = version_of(draft.one("version"))?;
    let roles = match ticked(&draft) {
        Ok(roles) => roles,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return roles_page(&s, id, Some(&draft), &errors, false, status).await;
        }
    };
    let (who, now, wanted) = (me(&s), s.now(), roles.clone());
    let looked = s
        .read(move |conn| match cases::preview(conn, &who, id, &wanted, now) {
            Ok(preview) => Ok(Ok(preview)),
            Err(AppError::Refused(refusal)) => Ok(Err(refusal)),
            Err(error) => Err(error),
        })
        .await?;
    let preview = match looked {
        Ok(preview) => preview,
        Err(refusal) => {
            return roles_page(&s, id, Some(&draft), &refusal.into(), false, StatusCode::CONFLICT).await;
        }
    };
    if !preview.concerns_somebody() || preview.version != version {
        return apply_now(&s, id, version, roles, &draft).await;
    }
    let who = me(&s);
    let head = s.read(move |conn| PackageHead::load(conn, &who, CatalogTask::See, id)).await?;
    let shell = s.shell("Change what it grants", head.way());
    let back = paths::manage_package_tab(id, "roles");
    let mut form = FormView::new(paths::manage_package_tab(id, "roles/apply"), &shell.csrf, "Change it now")
        .field(FieldView::hidden("version", version.to_string()));
    for role in &roles {
        form = form.field(FieldView::hidden("roles", role.to_string()));
    }
    let form = form.cancel(&back).checked(None);
    let mut lines: Vec<String> = preview.roles.iter().map(|(name, impact)| words(name, impact)).collect();
    lines.push("This runs in the background; the page of the package shows how far it is.".to_owned());
    let question = ConfirmView::new(format!("Change what {} grants?", head.package.name), lines, form);
    page_with(StatusCode::OK, &ConfirmPage { shell: &shell, view: ConfirmPageView::ask(question, back) })
}

/// `POST /manage/packages/{id}/roles/apply`
pub async fn apply(s: Signed, id: Path<PackageId>, Form(draft): Form<Draft>) -> Answer {
    let id = id.into_inner();
    let version = version_of(draft.one("version"))?;
    match ticked(&draft) {
        Ok(roles) => apply_now(&s, id, version, roles, &draft).await,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            roles_page(&s, id, Some(&draft), &errors, false, status).await
        }
    }
}

async fn apply_now(
    s: &Signed,
    id: PackageId,
    version: i64,
    roles: BTreeSet<ResourceRoleId>,
    draft: &Draft,
) -> Answer {
    match s.attempt(move |tx, cx, me| cases::change_roles(tx, cx, me, id, version, &roles)).await? {
        Ok(()) => {
            redirect_with(paths::manage_package_tab(id, "roles"), Flash::success("Resource roles saved."))
        }
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            let status = StatusCode::CONFLICT;
            roles_page(s, id, Some(draft), &refusal.into(), stale, status).await
        }
    }
}

/// A form without fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST /manage/packages/{id}/roles/try-again`
pub async fn try_again(s: Signed, id: Path<PackageId>, Form(Nothing {}): Form<Nothing>) -> Answer {
    let id = id.into_inner();
    let flash = match s.attempt(move |tx, cx, me| cases::try_again(tx, cx, me, id)).await? {
        Ok(()) => Flash::success("What failed is tried again in the background."),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    redirect_with(paths::manage_package_tab(id, "roles"), flash)
}

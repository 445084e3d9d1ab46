//! What a package grants (SPEC PKG-1, PKG-3).

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::common::{PackageHead, counted, fine, me, version_of};
use super::draft::Draft;
use super::fields::{self, kind_words};
use super::terms;
use crate::app::catalog::packages as cases;
use crate::domain::Refusal;
use crate::domain::access::CatalogTask;
use crate::kernel::ids::PackageId;
use crate::kernel::paths;
use crate::store::{packages, resources};
use crate::web::ui::{Empty, FieldView, FormView, Shell, Tabs};
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
    held: String,
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

async fn roles_page(
    s: &Signed,
    id: PackageId,
    typed: Option<&Draft>,
    errors: &FormErrors,
    stale: bool,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let (head, roles, offered) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::See, id)?;
            let roles = packages::roles(conn, id)?;
            let offered = resources::roles_on_offer(conn, head.catalog.id)?;
            Ok((head, roles, offered))
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
    let live = head.numbers.live;
    let form = (can_edit && live == 0 && !offered.is_empty()).then(|| {
        let action = paths::manage_package_tab(id, "roles");
        let mut form = FormView::new(action, &shell.csrf, "Save roles")
            .field(FieldView::hidden("version", draft.one("version")));
        for field in fields::roles(&draft, errors, &offered).into_iter().flat_map(|s| s.fields) {
            form = form.field(field);
        }
        form.checked(errors.form.clone())
    });
    let held = if can_edit && live > 0 {
        format!(
            "{} this package now, so its roles cannot be changed. Remove that access first, or make a new package.",
            counted(live, "person holds", "people hold")
        )
    } else {
        String::new()
    };
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
        held,
        form,
    };
    page_with(status, &RolesPage { shell: &shell, view })
}

/// `GET /manage/packages/{id}/roles`
pub async fn show(s: Signed, id: Path<PackageId>) -> Answer {
    roles_page(&s, id.into_inner(), None, &fine(), false, StatusCode::OK).await
}

/// `POST /manage/packages/{id}/roles`
pub async fn save(s: Signed, id: Path<PackageId>, Form(draft): Form<Draft>) -> Answer {
    let id = id.into_inner();
    let version = version_of(draft.one("version"))?;
    let mut errors = FormErrors::new();
    let roles: BTreeSet<_> = terms::roles(&draft, &mut errors).into_iter().collect();
    if !errors.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return roles_page(&s, id, Some(&draft), &errors, false, status).await;
    }
    match s.attempt(move |tx, cx, me| cases::change_roles(tx, cx, me, id, version, &roles)).await? {
        Ok(()) => {
            redirect_with(paths::manage_package_tab(id, "roles"), Flash::success("Resource roles saved."))
        }
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            let status = StatusCode::CONFLICT;
            roles_page(&s, id, Some(&draft), &refusal.into(), stale, status).await
        }
    }
}

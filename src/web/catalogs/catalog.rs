//! One catalog: overview, editing, publishing, deleting, and its packages (SPEC CAT-1 to CAT-3).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{
    CATALOGS, CatalogHead, ConfirmPage, ConfirmPageView, FormPage, FormPageView, ListQuery, counted, fine,
    me, version_of,
};
use super::hand_over;
use super::index::Raw;
use crate::app::catalog::catalogs as cases;
use crate::domain::Refusal;
use crate::domain::access::{CatalogTask, check_in};
use crate::domain::catalog::CatalogState;
use crate::kernel::ids::CatalogId;
use crate::kernel::paths;
use crate::store::views::catalogs as views;
use crate::store::{catalogs, handovers};
use crate::web::ui::{Badge, ConfirmView, Crumb, Empty, FieldView, FormView, Pager, Shell, Tabs};
use crate::web::{Answer, Flash, Form, FormErrors, Query, Signed, page, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/catalog.html")]
struct CatalogPage<'a> {
    shell: &'a Shell,
    view: CatalogView,
}

struct CatalogView {
    description: String,
    state: Badge,
    published: bool,
    external: bool,
    built_in: bool,
    version: i64,
    numbers: views::CatalogNumbers,
    base: String,
    tabs: Tabs,
    can_edit: bool,
    /// What is still to be done of handing it over, with links.
    to_do: Vec<(&'static str, String)>,
}

/// `GET /catalogs/{id}`
pub async fn show(s: Signed, id: Path<CatalogId>) -> Answer {
    let (id, me) = (id.into_inner(), me(&s));
    let can_edit = s.principal.may_in(CatalogTask::Edit, id);
    let (head, path) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &me, CatalogTask::See, id)?;
            Ok((head, if can_edit { handovers::find(conn, id)? } else { None }))
        })
        .await?;
    let shell = s.shell(&head.catalog.fields.name, vec![Crumb::link("Catalogs", CATALOGS)]);
    let view = CatalogView {
        to_do: path.map(|path| hand_over::to_do(id, path)).unwrap_or_default(),
        description: head.catalog.fields.description.clone(),
        state: head.badge(),
        published: head.catalog.fields.state == CatalogState::Published,
        external: head.catalog.fields.external_enabled,
        built_in: head.catalog.built_in,
        version: head.catalog.version,
        numbers: head.numbers,
        base: paths::catalog(id),
        tabs: head.tabs(""),
        can_edit,
    };
    page(&CatalogPage { shell: &shell, view })
}

async fn edit_page(
    s: &Signed,
    id: CatalogId,
    typed: Option<&Raw>,
    errors: &FormErrors,
    stale: bool,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let head = s.read(move |conn| CatalogHead::load(conn, &who, CatalogTask::Edit, id)).await?;
    let now = Raw::of(&head.catalog.fields, head.catalog.version);
    let mut raw = typed.cloned().unwrap_or_else(|| now.clone());
    if stale {
        // Whoever has compared can save over it.
        raw.version.clone_from(&now.version);
    }
    let shell = s.shell("Edit catalog", head.way());
    let form = raw.form(
        &paths::catalog_tab(id, "edit"),
        &shell.csrf,
        "Save",
        &paths::catalog(id),
        head.catalog.built_in,
        errors,
    );
    let current = if stale {
        let fields = &head.catalog.fields;
        vec![
            ("Name".to_owned(), fields.name.clone()),
            ("Description".to_owned(), fields.description.clone()),
            ("State".to_owned(), fields.state.to_string()),
            ("Open to guests".to_owned(), if fields.external_enabled { "yes" } else { "no" }.to_owned()),
        ]
    } else {
        Vec::new()
    };
    let view = FormPageView::new("", form).beside(current);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /catalogs/{id}/edit`
pub async fn edit(s: Signed, id: Path<CatalogId>) -> Answer {
    edit_page(&s, id.into_inner(), None, &fine(), false, StatusCode::OK).await
}

/// `POST /catalogs/{id}/edit`
pub async fn save(s: Signed, id: Path<CatalogId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    // Who may not change it hears so before their mistakes are judged.
    check_in(&s.principal, CatalogTask::Edit, id)?;
    let version = version_of(&raw.version)?;
    let fields = match raw.parse() {
        Ok(fields) => fields,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return edit_page(&s, id, Some(&raw), &errors, false, status).await;
        }
    };
    let done = s.attempt(move |tx, cx, me| cases::edit(tx, cx, me, id, version, &fields)).await?;
    match done {
        Ok(()) => redirect_with(paths::catalog(id), Flash::success("Catalog saved.")),
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            edit_page(&s, id, Some(&raw), &refusal.into(), stale, StatusCode::CONFLICT).await
        }
    }
}

/// The new state.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawState {
    state: String,
    version: String,
}

/// `POST /catalogs/{id}/state`
pub async fn set_state(s: Signed, id: Path<CatalogId>, Form(raw): Form<RawState>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    let state = CatalogState::parse(&raw.state)
        .ok_or_else(|| crate::web::PageError::BadRequest("no such state".to_owned()))?;
    s.write(move |tx, cx, me| cases::set_state(tx, cx, me, id, version, state)).await?;
    let words = match state {
        CatalogState::Published => "Catalog published: its packages can be requested.",
        CatalogState::Unpublished => {
            "Catalog unpublished: nothing new can be requested. Existing access goes on."
        }
    };
    redirect_with(paths::catalog(id), Flash::success(words))
}

/// `GET /catalogs/{id}/delete`
pub async fn ask_delete(s: Signed, id: Path<CatalogId>) -> Answer {
    delete_page(&s, id.into_inner(), None, StatusCode::OK).await
}

async fn delete_page(s: &Signed, id: CatalogId, refused: Option<Refusal>, status: StatusCode) -> Answer {
    let who = me(s);
    let (head, packages) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &who, CatalogTask::Edit, id)?;
            Ok((head, catalogs::packages_in(conn, id)?))
        })
        .await?;
    let shell = s.shell("Delete catalog", head.way());
    let back = paths::catalog(id);
    let name = &head.catalog.fields.name;
    let view = if head.catalog.built_in {
        ConfirmPageView::blocked(Refusal::BuiltInCatalog.to_string(), Vec::new(), back)
    } else if packages.is_empty() {
        let form = FormView::new(paths::catalog_tab(id, "delete"), &shell.csrf, "Delete catalog")
            .field(FieldView::hidden("version", head.catalog.version.to_string()))
            .danger()
            .cancel(&back)
            .checked(refused.map(|r| r.to_string()));
        let lines = vec![
            format!(
                "{} leave the catalog; they themselves stay.",
                counted(head.numbers.resources, "resource", "resources")
            ),
            "Everybody loses their role in this catalog.".to_owned(),
            "Past requests and the audit log keep its name.".to_owned(),
        ];
        ConfirmPageView::ask(ConfirmView::new(format!("Delete the catalog {name}?"), lines, form), back)
    } else {
        ConfirmPageView::blocked(
            format!("{name} cannot be deleted while it has packages. Delete these first:"),
            packages.into_iter().map(|(id, name)| (name, Some(paths::manage_package(id)))).collect(),
            back,
        )
    };
    page_with(status, &ConfirmPage { shell: &shell, view })
}

/// A form that only carries the version that it was made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawVersion {
    /// The version.
    pub version: String,
}

/// `POST /catalogs/{id}/delete`
pub async fn delete(s: Signed, id: Path<CatalogId>, Form(raw): Form<RawVersion>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    match s.attempt(move |tx, cx, me| cases::delete(tx, cx, me, id, version)).await? {
        Ok(()) => redirect_with(CATALOGS, Flash::success("Catalog deleted.")),
        Err(refusal) => delete_page(&s, id, Some(refusal), StatusCode::CONFLICT).await,
    }
}

#[derive(Template)]
#[template(path = "catalogs/packages.html")]
struct PackagesPage<'a> {
    shell: &'a Shell,
    view: PackagesView,
}

struct PackagesView {
    state: Badge,
    tabs: Tabs,
    base: String,
    q: String,
    can_edit: bool,
    rows: Vec<PackageLine>,
    empty: Option<Empty>,
    pager: Pager,
}

struct PackageLine {
    id: String,
    href: String,
    name: String,
    description: String,
    hidden: bool,
    roles: i64,
    policies: i64,
    assignments: i64,
}

/// `GET /catalogs/{id}/packages`
pub async fn packages(s: Signed, id: Path<CatalogId>, query: Query<ListQuery>) -> Answer {
    let (id, who, asked) = (id.into_inner(), me(&s), query.0.clone());
    let (head, found) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &who, CatalogTask::See, id)?;
            Ok((head, views::packages_of(conn, id, &asked.q, asked.at())?))
        })
        .await?;
    let can_edit = s.principal.may_in(CatalogTask::Packages, id);
    let base = paths::catalog_tab(id, "packages");
    let empty = found.items.is_empty().then(|| {
        let empty = if query.narrowed() {
            Empty::new("search", "No package found", "Try fewer or other words.").action("Show all", &base)
        } else {
            Empty::new(
                "box-seam",
                "No packages yet",
                "A package bundles resource roles that people can request.",
            )
        };
        if can_edit && !query.narrowed() { empty.action("New package", format!("{base}/new")) } else { empty }
    });
    let view = PackagesView {
        state: head.badge(),
        tabs: head.tabs("packages"),
        q: query.q.clone(),
        can_edit,
        pager: Pager::new(found.at.number, found.at.size, found.total, |n| query.href(n)),
        empty,
        rows: found
            .items
            .into_iter()
            .map(|p| PackageLine {
                id: p.id.to_string(),
                href: paths::manage_package(p.id),
                name: p.name,
                description: p.description,
                hidden: p.hidden,
                roles: p.roles,
                policies: p.policies,
                assignments: p.assignments,
            })
            .collect(),
        base,
    };
    let shell = s.shell(&head.catalog.fields.name, vec![Crumb::link("Catalogs", CATALOGS)]);
    page(&PackagesPage { shell: &shell, view })
}

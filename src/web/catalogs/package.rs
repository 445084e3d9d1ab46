//! One package: overview with its link, editing, deleting (SPEC PKG-1, PKG-2, PKG-4).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::catalog::RawVersion;
use super::common::{
    ConfirmPage, ConfirmPageView, FormPage, FormPageView, PackageHead, counted, fine, me, version_of,
};
use super::draft::Draft;
use super::{fields, terms, words};
use crate::app::catalog::packages as cases;
use crate::domain::Refusal;
use crate::domain::access::{CatalogTask, DirectoryTask};
use crate::domain::catalog::CatalogState;
use crate::kernel::ids::PackageId;
use crate::kernel::paths;
use crate::store::packages::{Holder, InTheWayOf};
use crate::store::views::managed::PackageNumbers;
use crate::store::{packages, policies};
use crate::web::ui::{Badge, ConfirmView, FieldView, FormView, Shell, Tabs};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/package.html")]
struct PackagePage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    tabs: Tabs,
    description: String,
    hidden: bool,
    catalog: String,
    catalog_href: String,
    catalog_state: Badge,
    requestable: bool,
    link: String,
    preview: String,
    numbers: PackageNumbers,
    roles: Vec<String>,
    policies: Vec<PolicyLine>,
    can_edit: bool,
    can_move: bool,
    base: String,
}

struct PolicyLine {
    id: String,
    name: String,
    href: String,
    text: String,
    enabled: Badge,
}

/// Whether a policy takes new requests (SPEC POL-2).
pub(super) fn switch_badge(enabled: bool) -> Badge {
    use crate::web::ui::Tone;
    if enabled {
        Badge::new("enabled", "On", Tone::Success, Some("check-circle"))
    } else {
        Badge::new("disabled", "Off", Tone::Neutral, Some("slash-circle"))
    }
}

/// `GET /manage/packages/{id}`
pub async fn show(s: Signed, id: Path<PackageId>) -> Answer {
    let (id, who) = (id.into_inner(), me(&s));
    let (head, roles, all) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::See, id)?;
            let roles = packages::roles(conn, id)?;
            Ok((head, roles, policies::of_package(conn, id)?))
        })
        .await?;
    let base = paths::manage_package(id);
    let view = View {
        tabs: head.tabs(""),
        description: head.package.description.clone(),
        hidden: head.package.hidden,
        catalog: head.catalog.fields.name.clone(),
        catalog_href: paths::catalog(head.catalog.id),
        catalog_state: Badge::published(head.catalog.fields.state == CatalogState::Published),
        requestable: all.iter().any(|p| p.enabled && p.scope_kind.tier().is_some()),
        link: format!("{}{}", s.app.instance.base_url, paths::package(id)),
        preview: paths::package(id),
        numbers: head.numbers,
        roles: roles.iter().map(|r| format!("{}: {}", r.resource_name, r.role.name)).collect(),
        policies: all
            .iter()
            .map(|p| PolicyLine {
                id: p.id.to_string(),
                name: p.name.clone(),
                href: format!("{base}/policies/{}", p.id),
                text: words::in_short(&p.terms),
                enabled: switch_badge(p.enabled),
            })
            .collect(),
        can_edit: s.principal.may_in(CatalogTask::Packages, head.catalog.id),
        can_move: s.principal.may_in(CatalogTask::Edit, head.catalog.id),
        base,
    };
    let shell = s.shell(&head.package.name, head.way());
    page(&PackagePage { shell: &shell, view })
}

async fn edit_page(
    s: &Signed,
    id: PackageId,
    typed: Option<&Draft>,
    errors: &FormErrors,
    stale: bool,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let head = s.read(move |conn| PackageHead::load(conn, &who, CatalogTask::Packages, id)).await?;
    let saved = head.package.fields();
    let mut draft = typed.cloned().unwrap_or_else(|| {
        let mut draft = Draft::default();
        draft.show_package(&saved);
        draft
    });
    if stale || typed.is_none() {
        draft.set("version", [head.package.version.to_string()]);
    }
    let shell = s.shell("Edit package", head.way_below());
    let mut form = FormView::new(paths::manage_package_tab(id, "edit"), &shell.csrf, "Save")
        .field(FieldView::hidden("version", draft.one("version")));
    for field in fields::basics(&draft, errors).into_iter().flat_map(|s| s.fields) {
        form = form.field(field);
    }
    let form = form.cancel(paths::manage_package(id)).checked(errors.form.clone());
    let current = if stale {
        vec![
            ("Name".to_owned(), saved.name),
            ("Description".to_owned(), saved.description),
            ("Hidden".to_owned(), if saved.hidden { "yes" } else { "no" }.to_owned()),
        ]
    } else {
        Vec::new()
    };
    let view = FormPageView::new("", form).beside(current);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /manage/packages/{id}/edit`
pub async fn edit(s: Signed, id: Path<PackageId>) -> Answer {
    edit_page(&s, id.into_inner(), None, &fine(), false, StatusCode::OK).await
}

/// `POST /manage/packages/{id}/edit`
pub async fn save(s: Signed, id: Path<PackageId>, Form(draft): Form<Draft>) -> Answer {
    let id = id.into_inner();
    let version = version_of(draft.one("version"))?;
    let mut errors = FormErrors::new();
    let Some(fields) = terms::package(&draft, &mut errors) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return edit_page(&s, id, Some(&draft), &errors, false, status).await;
    };
    match s.attempt(move |tx, cx, me| cases::edit(tx, cx, me, id, version, &fields)).await? {
        Ok(()) => redirect_with(paths::manage_package(id), Flash::success("Package saved.")),
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            let status = StatusCode::CONFLICT;
            edit_page(&s, id, Some(&draft), &refusal.into(), stale, status).await
        }
    }
}

/// The people in the way, by name, with links for those who may open the directory.
pub(super) fn people_in_the_way(
    s: &Signed,
    holding: &[Holder],
    asking: &[Holder],
) -> Vec<(String, Option<String>)> {
    let links = s.principal.may(DirectoryTask::Read);
    let line = |h: &Holder, what: &str| {
        let deleted = if h.deleted { ", deleted account" } else { "" };
        (format!("{} ({what}{deleted})", h.name), links.then(|| paths::user(h.user)))
    };
    let holding = holding.iter().map(|h| line(h, "has it"));
    holding.chain(asking.iter().map(|h| line(h, "has an open request"))).collect()
}

/// `GET /manage/packages/{id}/delete`
pub async fn ask_delete(s: Signed, id: Path<PackageId>) -> Answer {
    delete_page(&s, id.into_inner(), None, StatusCode::OK).await
}

async fn delete_page(s: &Signed, id: PackageId, refused: Option<Refusal>, status: StatusCode) -> Answer {
    let who = me(s);
    let (head, holding, asking) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::Packages, id)?;
            let holding = packages::holders(conn, InTheWayOf::Package(id))?;
            Ok((head, holding, packages::askers(conn, InTheWayOf::Package(id))?))
        })
        .await?;
    let shell = s.shell("Delete package", head.way_below());
    let back = paths::manage_package(id);
    let name = &head.package.name;
    let view = if holding.is_empty() && asking.is_empty() {
        let form = FormView::new(paths::manage_package_tab(id, "delete"), &shell.csrf, "Delete package")
            .field(FieldView::hidden("version", head.package.version.to_string()))
            .danger()
            .cancel(&back)
            .checked(refused.map(|r| r.to_string()));
        let lines = vec![
            format!("Its {} go with it.", counted(head.policies, "policy", "policies")),
            "Its link stops working.".to_owned(),
            "Past requests and the audit log keep its name.".to_owned(),
        ];
        ConfirmPageView::ask(ConfirmView::new(format!("Delete the package {name}?"), lines, form), back)
    } else {
        ConfirmPageView::blocked(
            format!("{name} cannot be deleted while somebody has it or asks for it:"),
            people_in_the_way(s, &holding, &asking),
            back,
        )
    };
    page_with(status, &ConfirmPage { shell: &shell, view })
}

/// `POST /manage/packages/{id}/delete`
pub async fn delete(s: Signed, id: Path<PackageId>, Form(raw): Form<RawVersion>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    let done = s
        .attempt(move |tx, cx, me| {
            let catalog = packages::find(tx, id)?.map(|p| p.catalog);
            cases::delete(tx, cx, me, id, version)?;
            Ok(catalog)
        })
        .await?;
    match done {
        Ok(catalog) => {
            let to = catalog.map_or("/catalogs".to_owned(), |c| paths::catalog_tab(c, "packages"));
            redirect_with(to, Flash::success("Package deleted."))
        }
        Err(refusal) => delete_page(&s, id, Some(refusal), StatusCode::CONFLICT).await,
    }
}

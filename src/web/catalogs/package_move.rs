//! Moving a package to another catalog (SPEC PKG-5): which catalogs can take it, and what is missing in the others.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{PackageHead, counted, fine, me, version_of};
use crate::app::catalog::copying as cases;
use crate::domain::access::{CatalogTask, check_in};
use crate::kernel::ids::{CatalogId, PackageId};
use crate::kernel::paths;
use crate::store::views::catalogs as views;
use crate::web::ui::{FieldView, FormView, OptionView, Shell};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/package_move.html")]
struct MovePage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    name: String,
    catalog: String,
    form: Option<FormView>,
    lines: Vec<String>,
    /// Catalogs that lack something, with what.
    lacking: Vec<Lacking>,
    back: String,
}

struct Lacking {
    id: String,
    name: String,
    href: String,
    resources: Vec<(String, String)>,
    add: String,
}

/// Where to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    catalog: String,
    #[serde(default)]
    version: String,
}

async fn move_page(
    s: &Signed,
    id: PackageId,
    raw: &Raw,
    errors: &FormErrors,
    stale: bool,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let (head, targets) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::Edit, id)?;
            let mut others = views::owned(conn, &who)?;
            others.retain(|(catalog, _)| *catalog != head.catalog.id);
            let ids: Vec<_> = others.iter().map(|(catalog, _)| *catalog).collect();
            let mut lacks = cases::missing(conn, id, &ids)?;
            let targets: Vec<_> = others
                .into_iter()
                .map(|(catalog, name)| {
                    let lacks = lacks.remove(&catalog).unwrap_or_default();
                    (catalog, name, lacks)
                })
                .collect();
            Ok((head, targets))
        })
        .await?;
    let shell = s.shell("Move package", head.way_below());
    let (ready, lacking): (Vec<_>, Vec<_>) = targets.into_iter().partition(|(.., lacks)| lacks.is_empty());
    let version =
        if stale || raw.version.is_empty() { head.package.version.to_string() } else { raw.version.clone() };
    let options: Vec<OptionView> =
        ready.iter().map(|(catalog, name, _)| OptionView::new(catalog.to_string(), name)).collect();
    let form = (!options.is_empty()).then(|| {
        FormView::new(paths::manage_package_tab(id, "move"), &shell.csrf, "Move package")
            .field(FieldView::hidden("version", version))
            .field(
                FieldView::radios("catalog", "To which catalog?", options)
                    .value(&raw.catalog)
                    .error(errors.of("catalog"))
                    .required(),
            )
            .cancel(paths::manage_package(id))
            .checked(errors.form.clone())
    });
    let from = &head.catalog.fields.name;
    let view = View {
        name: head.package.name.clone(),
        catalog: from.clone(),
        form,
        lines: vec![
            format!(
                "{} it, as before: nothing about their access changes.",
                counted(head.numbers.live, "person keeps", "people keep")
            ),
            "Its policies, requests and its link stay as they are.".to_owned(),
            format!(
                "Whoever has a role only in {from} no longer sees it; whoever has one in the new catalog does."
            ),
            "Where a policy asks the owners of the catalog, those of the new one are asked.".to_owned(),
        ],
        lacking: lacking
            .into_iter()
            .map(|(catalog, name, lacks)| Lacking {
                id: catalog.to_string(),
                name,
                href: paths::catalog(catalog),
                resources: lacks.into_iter().map(|(r, name)| (name, paths::resource(r))).collect(),
                add: paths::catalog_tab(catalog, "resources/add"),
            })
            .collect(),
        back: paths::manage_package(id),
    };
    page_with(status, &MovePage { shell: &shell, view })
}

/// `GET /manage/packages/{id}/move`
pub async fn choose(s: Signed, id: Path<PackageId>) -> Answer {
    move_page(&s, id.into_inner(), &Raw::default(), &fine(), false, StatusCode::OK).await
}

/// `POST /manage/packages/{id}/move`
pub async fn save(s: Signed, id: Path<PackageId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let who = me(&s);
    s.read(move |conn| cases::movable(conn, &who, id)).await?;
    let mut errors = FormErrors::new();
    let Ok(to) = raw.catalog.parse::<CatalogId>() else {
        errors.add("catalog", "Choose a catalog.");
        return move_page(&s, id, &raw, &errors, false, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    // The mover has to own the target too.
    check_in(&s.principal, CatalogTask::Edit, to)?;
    let version = version_of(&raw.version)?;
    match s.attempt(move |tx, cx, me| cases::move_to(tx, cx, me, id, version, to)).await? {
        Ok(()) => redirect_with(paths::manage_package(id), Flash::success("Package moved.")),
        Err(refusal) => {
            let stale = refusal == crate::domain::Refusal::Stale;
            move_page(&s, id, &raw, &refusal.into(), stale, StatusCode::CONFLICT).await
        }
    }
}

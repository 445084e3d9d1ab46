//! Separation of duties of a package: what it cannot be held together with, adding and removing (SPEC SOD-1, SOD-2).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{PackageHead, me};
use super::separation_people::{self as people, Asked, group_words, package_words};
use crate::app::catalog::separation as cases;
use crate::domain::access::{CatalogTask, DirectoryTask};
use crate::domain::conflict::Against;
use crate::kernel::ids::{ConflictId, PackageId};
use crate::kernel::paths;
use crate::store::views::{pickers, separation as views};
use crate::web::ui::{FieldView, OptionView, Shell, Tabs};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/separation.html")]
struct TabPage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    tabs: Tabs,
    name: String,
    base: String,
    rows: Vec<Row>,
    /// Packages that name this one, with links where the reader may follow them.
    naming: Vec<(String, String)>,
    /// How many more there are in catalogs that the reader does not see.
    naming_elsewhere: String,
    form: Option<(FieldView, FieldView)>,
    any: bool,
}

struct Row {
    id: String,
    name: String,
    href: Option<String>,
    kind: String,
    mutual: bool,
    both: i64,
    people: String,
    remove: Option<String>,
    /// The box that removes the other direction as well.
    back: Option<FieldView>,
}

/// The tab, with what was typed into its form and what is wrong with it.
pub(super) async fn tab_page(
    s: &Signed,
    id: PackageId,
    asked: &Asked,
    error: Option<(&str, String)>,
    status: StatusCode,
) -> Answer {
    let (who, viewer, now) = (me(s), s.viewer(), s.now());
    let (head, entries, naming, choices, groups) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::See, id)?;
            let entries = views::entries(conn, id, now)?;
            let naming = views::naming(conn, id)?;
            let edits = who.may_in(CatalogTask::Packages, head.catalog.id);
            let (choices, groups) = if edits {
                let most = people::MOST_SUGGESTED;
                (views::choices(conn, &viewer, id, "", most)?, pickers::search_groups(conn, "", most)?)
            } else {
                (Vec::new(), Vec::new())
            };
            Ok((head, entries, naming, choices, groups))
        })
        .await?;
    let can_edit = s.principal.may_in(CatalogTask::Packages, head.catalog.id);
    let base = paths::manage_package_tab(id, "separation");
    let sees = |catalog| s.principal.may_in(CatalogTask::See, catalog);
    let in_directory = s.principal.may(DirectoryTask::Read);
    let rows: Vec<Row> = entries
        .into_iter()
        .map(|e| {
            let href = match (e.against, &e.catalog) {
                (Against::Package(other), Some((catalog, _))) if sees(*catalog) => {
                    Some(paths::manage_package(other))
                }
                (Against::Group(group), _) if in_directory => Some(paths::group(group)),
                _ => None,
            };
            let both_ways = e.mutual
                && e.catalog.as_ref().is_some_and(|(c, _)| s.principal.may_in(CatalogTask::Packages, *c));
            Row {
                id: e.id.to_string(),
                href,
                kind: match &e.catalog {
                    Some((catalog, name)) if sees(*catalog) => format!("Package in {name}"),
                    Some(_) => "Package in another catalog".to_owned(),
                    None => "Group".to_owned(),
                },
                mutual: e.mutual,
                both: e.both,
                people: format!("{base}/people?other={}", e.against),
                remove: can_edit.then(|| format!("{base}/{}/remove", e.id)),
                back: (can_edit && both_ways).then(|| {
                    FieldView::checkbox("mutual", "Remove the other direction as well", true)
                        .id(format!("f-mutual-{}", e.id))
                }),
                name: e.name,
            }
        })
        .collect();
    let all = naming.len();
    let naming: Vec<_> = naming
        .into_iter()
        .filter(|n| sees(n.catalog))
        .map(|n| (n.name, paths::manage_package_tab(n.package, "separation")))
        .collect();
    let naming_elsewhere = match all - naming.len() {
        0 => String::new(),
        1 => "one package of a catalog that you do not see".to_owned(),
        n => format!("{n} packages of catalogs that you do not see"),
    };
    let form = can_edit.then(|| {
        let of = |field: &str| error.as_ref().filter(|(f, _)| *f == field).map(|(_, text)| text.clone());
        let options = choices
            .iter()
            .map(|c| OptionView::new(package_words(&c.name, &c.catalog), ""))
            .chain(groups.iter().map(|g| OptionView::new(group_words(&g.name), "")))
            .collect();
        (
            FieldView::text("other", "Package or group")
                .suggest(options)
                .autocomplete("off")
                .value(&asked.other)
                .error(of("other"))
                .hint("Its name. You find the packages of the catalogs that you see, and every group.")
                .required(),
            FieldView::checkbox("mutual", "In both directions", asked.mutual())
                .error(of("mutual"))
                .hint("Then whoever has this package cannot get the other one either. Packages only; you have to manage both."),
        )
    });
    let view = View {
        tabs: head.tabs("separation"),
        name: head.package.name.clone(),
        any: !rows.is_empty(),
        base,
        rows,
        naming,
        naming_elsewhere,
        form,
    };
    let shell = s.shell(&head.package.name, head.way());
    page_with(status, &TabPage { shell: &shell, view })
}

/// `GET /manage/packages/{id}/separation`
pub async fn show(s: Signed, id: Path<PackageId>, asked: Query<Asked>) -> Answer {
    tab_page(&s, id.into_inner(), &asked.0, None, StatusCode::OK).await
}

/// What is to be kept apart.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAdd {
    other: String,
    #[serde(default)]
    mutual: String,
}

/// `POST /manage/packages/{id}/separation`
pub async fn add(s: Signed, id: Path<PackageId>, Form(raw): Form<RawAdd>) -> Answer {
    let id = id.into_inner();
    let against = Against::parse(&raw.other)
        .ok_or_else(|| PageError::BadRequest("no package or group to keep apart".to_owned()))?;
    let mutual = !raw.mutual.is_empty();
    let done = s.attempt(move |tx, cx, me| cases::add(tx, cx, me, id, against, mutual)).await?;
    match done {
        Ok(()) => {
            let text = "Kept apart from now on. Whoever has both already keeps both.";
            redirect_with(paths::manage_package_tab(id, "separation"), Flash::success(text))
        }
        Err(refusal) => {
            let asked = Asked::of(against, mutual);
            people::check_page(&s, id, &asked, Some(refusal), StatusCode::CONFLICT).await
        }
    }
}

/// Which directions to remove.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRemove {
    #[serde(default)]
    mutual: String,
}

/// `POST /manage/packages/{id}/separation/{conflict}/remove`
pub async fn remove(s: Signed, path: Path<(PackageId, ConflictId)>, Form(raw): Form<RawRemove>) -> Answer {
    let (id, entry) = path.into_inner();
    let mutual = !raw.mutual.is_empty();
    s.write(move |tx, cx, me| cases::remove(tx, cx, me, id, entry, mutual)).await?;
    let text = "Removed. Both can be held together again.";
    redirect_with(paths::manage_package_tab(id, "separation"), Flash::success(text))
}

//! The resources of a catalog: list, bring in, take out (SPEC CAT-3, CAT-4, ROL-2).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{CATALOGS, CatalogHead, ConfirmPage, ConfirmPageView, ListQuery, counted, fine, me};
use super::fields::kind_words;
use crate::app::catalog::resources as cases;
use crate::domain::access::{CatalogTask, check_in, edit_resources};
use crate::domain::catalog::ResourceKind;
use crate::kernel::ids::{CatalogId, ResourceId};
use crate::kernel::paths;
use crate::store::views::catalogs as views;
use crate::store::{catalogs, resources};
use crate::web::ui::{Badge, ConfirmView, Crumb, Empty, FieldView, FormView, OptionView, Pager, Shell, Tabs};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Query, Signed, page, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/resources.html")]
struct ResourcesPage<'a> {
    shell: &'a Shell,
    view: ResourcesView,
}

struct ResourcesView {
    state: Badge,
    tabs: Tabs,
    base: String,
    q: String,
    can_edit: bool,
    rows: Vec<Row>,
    empty: Option<Empty>,
    pager: Pager,
}

struct Row {
    id: String,
    href: String,
    name: String,
    description: String,
    kind: &'static str,
    owners: String,
    packages: i64,
    remove: String,
}

/// `GET /catalogs/{id}/resources`
pub async fn list(s: Signed, id: Path<CatalogId>, query: Query<ListQuery>) -> Answer {
    let (id, who, asked) = (id.into_inner(), me(&s), query.0.clone());
    let (head, found) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &who, CatalogTask::See, id)?;
            Ok((head, views::resources_of(conn, id, &asked.q, asked.at())?))
        })
        .await?;
    let can_edit = s.principal.may_in(CatalogTask::Resources, id);
    let base = paths::catalog_tab(id, "resources");
    let empty = found.items.is_empty().then(|| {
        if query.narrowed() {
            return Empty::new("search", "No resource found", "Try fewer or other words.")
                .action("Show all", &base);
        }
        let text = "A resource is a group, an application or a site whose roles packages can grant.";
        let empty = Empty::new("boxes", "No resources yet", text);
        if can_edit { empty.action("Add a resource", format!("{base}/add")) } else { empty }
    });
    let view = ResourcesView {
        state: head.badge(),
        tabs: head.tabs("resources"),
        q: query.q.clone(),
        can_edit,
        pager: Pager::new(found.at.number, found.at.size, found.total, |n| query.href(n)),
        empty,
        rows: found
            .items
            .into_iter()
            .map(|r| Row {
                id: r.id.to_string(),
                href: paths::resource(r.id),
                name: r.name,
                description: r.description,
                kind: kind_words(r.kind),
                owners: r.owners.join(", "),
                packages: r.packages,
                remove: paths::catalog_resource_remove(id, r.id),
            })
            .collect(),
        base,
    };
    let shell = s.shell(&head.catalog.fields.name, vec![Crumb::link("Catalogs", CATALOGS)]);
    page(&ResourcesPage { shell: &shell, view })
}

/// Which resources are brought in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAdd {
    #[serde(default)]
    resources: Vec<String>,
}

async fn add_page(
    s: &Signed,
    id: CatalogId,
    raw: &RawAdd,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    const MOST: i64 = 500;
    let (who, viewer) = (me(s), s.viewer());
    let (head, offered) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &who, CatalogTask::Resources, id)?;
            let all = who.is_administrator();
            Ok((head, views::addable(conn, &viewer, all, id, MOST)?))
        })
        .await?;
    let mut way = head.way();
    way.push(Crumb::link("Resources", paths::catalog_tab(id, "resources")));
    let shell = s.shell("Add a resource", way);
    let options = offered
        .iter()
        .map(|r| {
            OptionView::new(r.id.to_string(), &r.name).hint(format!(
                "{}. {}",
                kind_words(r.kind),
                r.description
            ))
        })
        .collect();
    let form = (!offered.is_empty()).then(|| {
        FormView::new(paths::catalog_tab(id, "resources/add"), &shell.csrf, "Add to the catalog")
            .field(
                FieldView::checklist("resources", "Resources that you own", options)
                    .values(&raw.resources)
                    .error(errors.of("resources"))
                    .required(),
            )
            .cancel(paths::catalog_tab(id, "resources"))
            .checked(errors.form.clone())
    });
    let view = AddView { form, new_href: paths::catalog_tab(id, "resources/new") };
    page_with(status, &AddPage { shell: &shell, view })
}

#[derive(Template)]
#[template(path = "catalogs/resource_add.html")]
struct AddPage<'a> {
    shell: &'a Shell,
    view: AddView,
}

struct AddView {
    form: Option<FormView>,
    new_href: String,
}

/// `GET /catalogs/{id}/resources/add`
pub async fn choose(s: Signed, id: Path<CatalogId>) -> Answer {
    add_page(&s, id.into_inner(), &RawAdd::default(), &fine(), StatusCode::OK).await
}

/// `POST /catalogs/{id}/resources/add`
pub async fn add(s: Signed, id: Path<CatalogId>, Form(raw): Form<RawAdd>) -> Answer {
    let id = id.into_inner();
    check_in(&s.principal, CatalogTask::Resources, id)?;
    let mut chosen: Vec<ResourceId> = Vec::new();
    for typed in &raw.resources {
        chosen.push(typed.parse().map_err(|_| PageError::NotFound)?);
    }
    if chosen.is_empty() {
        let mut errors = fine();
        errors.add("resources", "Choose at least one resource.");
        return add_page(&s, id, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let count = i64::try_from(chosen.len()).unwrap_or(0);
    let done = s
        .attempt(move |tx, cx, me| {
            for resource in &chosen {
                cases::add(tx, cx, me, id, *resource)?;
            }
            Ok(())
        })
        .await?;
    match done {
        Ok(()) => redirect_with(
            paths::catalog_tab(id, "resources"),
            Flash::success(format!("{} added.", counted(count, "resource", "resources"))),
        ),
        Err(refusal) => add_page(&s, id, &raw, &refusal.into(), StatusCode::CONFLICT).await,
    }
}

/// `GET /catalogs/{id}/resources/{resource}/remove`
pub async fn ask_remove(s: Signed, path: Path<(CatalogId, ResourceId)>) -> Answer {
    let (id, resource) = path.into_inner();
    remove_page(&s, id, resource, StatusCode::OK).await
}

async fn remove_page(s: &Signed, id: CatalogId, resource: ResourceId, status: StatusCode) -> Answer {
    let who = me(s);
    let (head, found, using) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &who, CatalogTask::Resources, id)?;
            edit_resources(&who, id, resources::owns(conn, resource, who.user)?)?;
            let found = resources::find(conn, resource)?;
            let inside = catalogs::holds_resource(conn, id, resource)?;
            let using = catalogs::packages_using(conn, id, resource)?;
            Ok((head, found.filter(|_| inside), using))
        })
        .await?;
    let found = found.ok_or(PageError::NotFound)?;
    let mut way = head.way();
    way.push(Crumb::link("Resources", paths::catalog_tab(id, "resources")));
    let shell = s.shell("Remove resource", way);
    let back = paths::catalog_tab(id, "resources");
    let (name, catalog) = (&found.fields.name, &head.catalog.fields.name);
    let view = if using.is_empty() {
        let form = FormView::new(paths::catalog_resource_remove(id, resource), &shell.csrf, "Remove")
            .danger()
            .cancel(&back)
            .checked(None);
        let lines = vec![
            format!("New packages of {catalog} cannot grant its roles any more."),
            match found.fields.kind {
                ResourceKind::Group => "The group itself and its members stay.".to_owned(),
                _ => "The resource itself stays, in other catalogs too.".to_owned(),
            },
        ];
        ConfirmPageView::ask(ConfirmView::new(format!("Remove {name} from {catalog}?"), lines, form), back)
    } else {
        ConfirmPageView::blocked(
            format!("{name} cannot be removed while packages grant its roles. Take them out of these first:"),
            using
                .into_iter()
                .map(|(id, name)| (name, Some(paths::manage_package_tab(id, "roles"))))
                .collect(),
            back,
        )
    };
    page_with(status, &ConfirmPage { shell: &shell, view })
}

/// A form without fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNothing {}

/// `POST /catalogs/{id}/resources/{resource}/remove`
pub async fn remove(
    s: Signed,
    path: Path<(CatalogId, ResourceId)>,
    Form(RawNothing {}): Form<RawNothing>,
) -> Answer {
    let (id, resource) = path.into_inner();
    match s.attempt(move |tx, cx, me| cases::remove(tx, cx, me, id, resource)).await? {
        Ok(()) => redirect_with(
            paths::catalog_tab(id, "resources"),
            Flash::success("Resource removed from the catalog."),
        ),
        Err(_) => remove_page(&s, id, resource, StatusCode::CONFLICT).await,
    }
}

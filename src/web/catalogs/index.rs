//! The list of catalogs, and making one (SPEC CAT-1, ROL-1).

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::common::{CATALOGS, FormPage, FormPageView, ListQuery, fine};
use crate::app::catalog::catalogs;
use crate::domain::access::DirectoryTask;
use crate::domain::catalog::{CatalogFields, CatalogState};
use crate::kernel::{paths, text};
use crate::store::views::catalogs as views;
use crate::web::ui::{Badge, Crumb, Empty, FieldView, FormView, OptionView, Pager, Shell};
use crate::web::{Answer, Flash, Form, FormErrors, Query, Signed, page, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/list.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    view: ListView,
}

struct ListView {
    q: String,
    state: FieldView,
    can_create: bool,
    rows: Vec<Row>,
    empty: Option<Empty>,
    pager: Pager,
}

struct Row {
    id: String,
    href: String,
    name: String,
    description: String,
    state: Badge,
    packages: i64,
    resources: i64,
}

/// `GET /catalogs`
pub async fn list(s: Signed, query: Query<ListQuery>) -> Answer {
    let (viewer, asked) = (s.viewer(), query.0.clone());
    let state = CatalogState::parse(&asked.state);
    let found = s.read(move |conn| Ok(views::list(conn, &viewer, &asked.q, state, asked.at())?)).await?;
    let can_create = s.principal.may(DirectoryTask::CreateCatalog);
    let empty = found.items.is_empty().then(|| {
        if query.narrowed() {
            Empty::new("search", "No catalog found", "Try fewer or other words.").action("Show all", CATALOGS)
        } else if can_create {
            Empty::new(
                "collection",
                "No catalogs yet",
                "A catalog holds resources and the packages made of them.",
            )
            .action("New catalog", "/catalogs/new")
        } else {
            Empty::new("collection", "No catalogs", "You hold no role in any catalog.")
        }
    });
    let view = ListView {
        q: query.q.clone(),
        state: FieldView::select(
            "state",
            "State",
            vec![
                OptionView::new("", "Any state"),
                OptionView::new("published", "Published"),
                OptionView::new("unpublished", "Unpublished"),
            ],
        )
        .value(&query.state)
        .required(),
        can_create,
        pager: Pager::new(found.at.number, found.at.size, found.total, |n| query.href(n)),
        empty,
        rows: found
            .items
            .into_iter()
            .map(|c| Row {
                id: c.id.to_string(),
                href: paths::catalog(c.id),
                name: c.name,
                description: c.description,
                state: Badge::published(c.state == CatalogState::Published),
                packages: c.packages,
                resources: c.resources,
            })
            .collect(),
    };
    let shell = s.shell("Catalogs", vec![]);
    page(&ListPage { shell: &shell, view })
}

/// What is typed about a catalog.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    pub(super) name: String,
    pub(super) description: String,
    #[serde(default)]
    pub(super) published: String,
    #[serde(default)]
    pub(super) external: String,
    #[serde(default)]
    pub(super) version: String,
}

impl Raw {
    /// Nothing typed yet: a new catalog is published and open to guests.
    pub fn fresh() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            published: "on".to_owned(),
            external: "on".to_owned(),
            version: String::new(),
        }
    }

    /// The catalog as it is.
    pub fn of(fields: &CatalogFields, version: i64) -> Self {
        let ticked = |on: bool| if on { "on".to_owned() } else { String::new() };
        Self {
            name: fields.name.clone(),
            description: fields.description.clone(),
            published: ticked(fields.state == CatalogState::Published),
            external: ticked(fields.external_enabled),
            version: version.to_string(),
        }
    }

    /// Reads what was typed.
    pub fn parse(&self) -> Result<CatalogFields, FormErrors> {
        let mut errors = FormErrors::new();
        let name = errors.take("name", text::line(&self.name, 200));
        let description = errors.take("description", text::lines(&self.description, 4000));
        match (name, description) {
            (Some(name), Some(description)) => Ok(CatalogFields {
                name,
                description,
                state: if self.published.is_empty() {
                    CatalogState::Unpublished
                } else {
                    CatalogState::Published
                },
                external_enabled: !self.external.is_empty(),
            }),
            _ => Err(errors),
        }
    }

    /// The form.
    pub fn form(
        &self,
        action: &str,
        csrf: &str,
        submit: &str,
        cancel: &str,
        built_in: bool,
        errors: &FormErrors,
    ) -> FormView {
        let name = FieldView::text("name", "Name")
            .value(&self.name)
            .error(errors.of("name"))
            .maxlength(200)
            .required();
        let name = if built_in {
            name.readonly().hint("This catalog always exists and keeps its name.")
        } else {
            name.hint("Everyone who can request from it reads it.")
        };
        let mut form = FormView::new(action, csrf, submit)
            .field(name)
            .field(
                FieldView::textarea("description", "Description")
                    .value(&self.description)
                    .error(errors.of("description")),
            )
            .field(
                FieldView::checkbox("published", "Published", !self.published.is_empty()).hint(
                    "Its packages can be found and requested. Otherwise existing access goes on, but nothing new can be requested.",
                ),
            )
            .field(
                FieldView::checkbox("external", "Open to guests", !self.external.is_empty())
                    .hint("People from outside can request too, if a policy admits them."),
            );
        if !self.version.is_empty() {
            form = form.field(FieldView::hidden("version", &self.version));
        }
        form.cancel(cancel).checked(errors.form.clone())
    }
}

fn new_page(s: &Signed, raw: &Raw, errors: &FormErrors, status: StatusCode) -> Answer {
    let shell = s.shell("New catalog", vec![Crumb::link("Catalogs", CATALOGS)]);
    let form = raw.form("/catalogs/new", &shell.csrf, "Create catalog", CATALOGS, false, errors);
    let view = FormPageView::new("You become its first owner and can name others.", form);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /catalogs/new`
pub async fn new(s: Signed) -> Answer {
    new_page(&s, &Raw::fresh(), &fine(), StatusCode::OK)
}

/// `POST /catalogs/new`
pub async fn create(s: Signed, Form(raw): Form<Raw>) -> Answer {
    let fields = match raw.parse() {
        Ok(fields) => fields,
        Err(errors) => return new_page(&s, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    };
    match s.attempt(move |tx, cx, me| catalogs::create(tx, cx, me, &fields)).await? {
        Ok(id) => redirect_with(paths::catalog(id), Flash::success("Catalog created.")),
        Err(refusal) => new_page(&s, &raw, &refusal.into(), StatusCode::CONFLICT),
    }
}

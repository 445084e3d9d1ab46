//! Making a resource in a catalog (SPEC CAT-4, ROL-2).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use super::common::{CatalogHead, FormPage, FormPageView, fine, me};
use super::resource_fields::{self, About};
use crate::app::catalog::resources::{self as cases, NewKind, NewResource, NewRole};
use crate::domain::access::{CatalogTask, check_in};
use crate::kernel::ids::CatalogId;
use crate::kernel::{paths, text};
use crate::web::pickers::{self, Pick, Picked, Suggestions};
use crate::web::ui::{Crumb, EntryView, FieldView, FormView, OptionView};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

/// What is typed about a new resource.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNew {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    usage: String,
    #[serde(default)]
    link: String,
    #[serde(default)]
    roles: String,
    #[serde(default)]
    owners: Vec<String>,
}

fn new_roles(typed: &str) -> Result<Vec<NewRole>, String> {
    let mut roles: Vec<NewRole> = Vec::new();
    for line in typed.lines().filter(|l| !l.trim().is_empty()) {
        let (name, description) = line.split_once(':').unwrap_or((line, ""));
        let name = text::line(name, 200).map_err(|e| format!("“{}”: {e}", line.trim()))?;
        let description = text::optional_line(description, 1000).map_err(|e| format!("“{name}”: {e}"))?;
        if roles.iter().any(|r| text::fold(&r.name) == text::fold(&name)) {
            return Err(format!("“{name}” is there twice."));
        }
        roles.push(NewRole { name, description });
    }
    if roles.is_empty() {
        return Err("Name at least one role.".to_owned());
    }
    Ok(roles)
}

impl RawNew {
    fn parse(&self, group: &Picked, owners: &Picked) -> Result<NewResource, FormErrors> {
        let mut errors = FormErrors::new();
        let kind = match self.kind.as_str() {
            "group" => match (group.error(), group.groups().into_iter().next()) {
                (None, Some(id)) => Some(NewKind::Group(id)),
                (Some(wrong), _) => {
                    errors.add("group", wrong);
                    None
                }
                (None, None) => {
                    errors.add("group", "Name the group.");
                    None
                }
            },
            "application" => errors.take("roles", new_roles(&self.roles)).map(NewKind::Application),
            "site" => errors.take("roles", new_roles(&self.roles)).map(NewKind::Site),
            _ => {
                errors.add("kind", "Choose what it is.");
                None
            }
        };
        let about = self.about().read(&mut errors, self.kind == "group");
        if let Some(wrong) = owners.error() {
            errors.add("owners", wrong);
        }
        match (kind, about) {
            (Some(kind), Some(about)) if errors.is_empty() => Ok(NewResource {
                kind,
                name: about.name,
                description: about.description,
                usage: about.usage,
                link: about.link,
                owners: owners.users().into_iter().collect(),
            }),
            _ => Err(errors),
        }
    }

    fn about(&self) -> About<'_> {
        About { name: &self.name, description: &self.description, usage: &self.usage, link: &self.link }
    }
}

async fn new_page(
    s: &Signed,
    id: CatalogId,
    raw: &RawNew,
    owners: Vec<EntryView>,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let (head, people, groups) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &who, CatalogTask::Resources, id)?;
            let people = Suggestions::load(conn, Pick::People)?;
            Ok((head, people, Suggestions::load(conn, Pick::Groups)?))
        })
        .await?;
    let mut way = head.way();
    way.push(Crumb::link("Resources", paths::catalog_tab(id, "resources")));
    let shell = s.shell("New resource", way);
    let form = FormView::new(paths::catalog_tab(id, "resources/new"), &shell.csrf, "Create resource")
        .section("What it is", None)
        .field(
            FieldView::radios(
                "kind",
                "Kind",
                vec![
                    OptionView::new("group", "Group").hint("A group of the directory that you own. Its roles are Member and Owner."),
                    OptionView::new("application", "Application").hint("Has roles of its own."),
                    OptionView::new("site", "Site").hint("Has roles of its own."),
                ],
            )
            .value(&raw.kind)
            .error(errors.of("kind"))
            .required(),
        )
        .field(
            pickers::one_field("group", "Group", &groups)
                .value(&raw.group)
                .error(errors.of("group"))
                .hint("Only for a group: its name."),
        )
        .field(
            FieldView::textarea("roles", "Roles")
                .value(&raw.roles)
                .error(errors.of("roles"))
                .hint("Only for an application or a site. One per line; after a colon what it permits: “Editor: can change pages”."),
        )
        .section("For its users", None);
    let name = FieldView::text("name", "Name").hint("For a group, leave it empty to take the group’s name.");
    let form = raw
        .about()
        .fields(form, name, errors)
        .section("Who answers for it", None)
        .field(resource_fields::owners(owners, &people, "Nobody named means you."))
        .cancel(paths::catalog_tab(id, "resources"))
        .checked(errors.form.clone());
    let view = FormPageView::new("", form);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /catalogs/{id}/resources/new`
pub async fn new(s: Signed, id: Path<CatalogId>) -> Answer {
    let raw = RawNew { kind: "group".to_owned(), ..RawNew::default() };
    new_page(&s, id.into_inner(), &raw, vec![], &fine(), StatusCode::OK).await
}

/// `POST /catalogs/{id}/resources/new`
pub async fn create(s: Signed, id: Path<CatalogId>, Form(raw): Form<RawNew>) -> Answer {
    let id = id.into_inner();
    check_in(&s.principal, CatalogTask::Resources, id)?;
    let typed = raw.clone();
    let (group, owners) = s
        .read(move |conn| {
            Ok((
                pickers::resolve(conn, &[typed.group], Pick::Groups)?,
                pickers::resolve(conn, &typed.owners, Pick::People)?,
            ))
        })
        .await?;
    let new = match raw.parse(&group, &owners) {
        Ok(new) => new,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return new_page(&s, id, &raw, owners.entries, &errors, status).await;
        }
    };
    match s.attempt(move |tx, cx, me| cases::create(tx, cx, me, id, &new)).await? {
        Ok(resource) => redirect_with(paths::resource(resource), Flash::success("Resource created.")),
        Err(refusal) => new_page(&s, id, &raw, owners.entries, &refusal.into(), StatusCode::CONFLICT).await,
    }
}

//! Who holds which role in a catalog (SPEC section 2).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{CATALOGS, CatalogHead, counted, fine, me};
use crate::app::catalog::roles as cases;
use crate::domain::access::{CatalogRole, CatalogTask, DirectoryTask, check_in};
use crate::domain::directory::Holder;
use crate::kernel::ids::{CatalogId, RoleGrantId};
use crate::kernel::paths;
use crate::store::role_grants;
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{
    Badge, Crumb, EntryView, FieldView, FormView, OptionView, PersonView, Shell, Tabs, When,
};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/roles.html")]
struct RolesPage<'a> {
    shell: &'a Shell,
    view: RolesView,
}

struct RolesView {
    state: Badge,
    tabs: Tabs,
    rows: Vec<Row>,
    form: Option<FormView>,
}

struct Row {
    id: String,
    person: PersonView,
    role: &'static str,
    what: &'static str,
    by: String,
    since: When,
    remove: Option<String>,
}

/// What a role permits, in one sentence.
fn what(role: CatalogRole) -> &'static str {
    match role {
        CatalogRole::Owner => "Keeps the catalog, its resources, packages and roles",
        CatalogRole::PackageManager => "Keeps packages and policies",
        CatalogRole::AssignmentManager => "Assigns and removes access, cancels requests",
        CatalogRole::Reader => "Sees everything, changes nothing",
    }
}

/// Who gets which role.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    role: String,
    #[serde(default)]
    people: Vec<String>,
}

async fn list_page(
    s: &Signed,
    id: CatalogId,
    raw: &Raw,
    entries: Vec<EntryView>,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let can_edit = s.principal.may_in(CatalogTask::Edit, id);
    let (head, grants, suggestions) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &who, CatalogTask::See, id)?;
            let grants = role_grants::list_in_catalog(conn, id)?;
            let suggestions =
                if can_edit { Suggestions::load(conn, Pick::Both)? } else { Suggestions::default() };
            Ok((head, grants, suggestions))
        })
        .await?;
    let links = s.principal.may(DirectoryTask::Read);
    let shell = s.shell(&head.catalog.fields.name, vec![Crumb::link("Catalogs", CATALOGS)]);
    let base = paths::catalog_tab(id, "roles");
    let rows = grants
        .into_iter()
        .map(|g| {
            let (detail, href) = match g.holder {
                Holder::User(user) => (g.holder_email.clone(), paths::user(user)),
                Holder::Group(group) => ("Group: all who are in it".to_owned(), paths::group(group)),
            };
            let detail = if g.enabled { detail } else { format!("{detail} · disabled") };
            let person = PersonView::new(&g.holder_name, detail);
            Row {
                id: g.id.to_string(),
                person: if links { person.link(href) } else { person },
                role: g.role.words(),
                what: what(g.role),
                by: g.granted_by.unwrap_or_else(|| "the system".to_owned()),
                since: When::new(*g.granted_at, *s.now(), s.tz()),
                remove: can_edit.then(|| format!("{base}/{}/remove", g.id)),
            }
        })
        .collect();
    let form = can_edit.then(|| {
        let roles = CatalogRole::ALL
            .iter()
            .map(|r| OptionView::new(r.as_str(), r.words()).hint(what(*r)))
            .collect();
        FormView::new(&base, &shell.csrf, "Grant role")
            .field(
                pickers::field("people", "People and groups", entries, &suggestions)
                    .hint("One per line: an e-mail address or a name. Of a group, whoever is in it at the time.")
                    .required(),
            )
            .field(
                FieldView::radios("role", "Role", roles)
                    .value(&raw.role)
                    .error(errors.of("role"))
                    .required(),
            )
            .checked(errors.form.clone())
    });
    let view = RolesView { state: head.badge(), tabs: head.tabs("roles"), rows, form };
    page_with(status, &RolesPage { shell: &shell, view })
}

/// `GET /catalogs/{id}/roles`
pub async fn list(s: Signed, id: Path<CatalogId>) -> Answer {
    list_page(&s, id.into_inner(), &Raw::default(), vec![], &fine(), StatusCode::OK).await
}

/// `POST /catalogs/{id}/roles`
pub async fn grant(s: Signed, id: Path<CatalogId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    check_in(&s.principal, CatalogTask::Edit, id)?;
    let typed = raw.people.clone();
    let mut picked = s.read(move |conn| Ok(pickers::resolve(conn, &typed, Pick::Both)?)).await?;
    let mut errors = FormErrors::new();
    let role = CatalogRole::parse(&raw.role);
    if role.is_none() {
        errors.add("role", "Choose a role.");
    }
    if picked.entries.is_empty() {
        let text = "Name at least one person or group.".to_owned();
        picked.entries.push(EntryView::new("", Some(text)));
    }
    let Some(role) = role.filter(|_| picked.is_clear()) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return list_page(&s, id, &raw, picked.entries, &errors, status).await;
    };
    let holders = picked.holders.clone();
    let granted = s.attempt(move |tx, cx, me| cases::grant(tx, cx, me, id, role, &holders)).await?;
    match granted {
        Ok(0) => redirect_with(paths::catalog_tab(id, "roles"), Flash::info("They hold this role already.")),
        Ok(n) => {
            let n = i64::try_from(n).unwrap_or(0);
            let text = format!("Role granted to {}.", counted(n, "person or group", "people and groups"));
            redirect_with(paths::catalog_tab(id, "roles"), Flash::success(text))
        }
        Err(refusal) => list_page(&s, id, &raw, picked.entries, &refusal.into(), StatusCode::CONFLICT).await,
    }
}

/// `POST /catalogs/{id}/roles/{grant}/remove`
pub async fn revoke(s: Signed, path: Path<(CatalogId, RoleGrantId)>) -> Answer {
    let (id, grant) = path.into_inner();
    let done = s.attempt(move |tx, cx, me| cases::revoke(tx, cx, me, id, grant)).await?;
    match done {
        Ok(()) => redirect_with(paths::catalog_tab(id, "roles"), Flash::success("Role taken back.")),
        Err(refusal) => {
            list_page(&s, id, &Raw::default(), vec![], &refusal.into(), StatusCode::CONFLICT).await
        }
    }
}

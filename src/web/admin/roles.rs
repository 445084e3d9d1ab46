//! Who holds the directory-wide roles (SPEC section 2).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::user_state::ConfirmPage;
use crate::app::directory::roles as app;
use crate::domain::Refusal;
use crate::domain::access::{DirectoryRole, DirectoryTask, manage_directory};
use crate::domain::directory::Holder;
use crate::kernel::ids::RoleGrantId;
use crate::kernel::paths;
use crate::store::role_grants::{self, Grant};
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{
    ConfirmView, Crumb, EntryView, FieldView, FormView, OptionView, PersonView, Shell, When,
};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

/// The form as it is posted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    role: String,
    #[serde(default)]
    holders: Vec<String>,
}

#[derive(Debug, Clone)]
struct RowView {
    id: String,
    holder: PersonView,
    since: When,
    by: String,
    revoke: String,
}

#[derive(Debug, Clone)]
struct RoleView {
    name: &'static str,
    what: &'static str,
    rows: Vec<RowView>,
}

#[derive(Debug, Clone)]
struct RolesView {
    can_edit: bool,
    roles: Vec<RoleView>,
    grant: Option<FormView>,
}

#[derive(Template)]
#[template(path = "admin/roles.html")]
struct RolesPage<'a> {
    shell: &'a Shell,
    view: RolesView,
}

fn what(role: DirectoryRole) -> &'static str {
    match role {
        DirectoryRole::Administrator => "May do everything, everywhere.",
        DirectoryRole::Auditor => "Sees everything, changes nothing.",
        DirectoryRole::CatalogCreator => "May create catalogs, and owns what they create.",
        DirectoryRole::OrganizationAdministrator => "Keeps the connected organizations.",
    }
}

/// `GET /admin/roles`
pub async fn list(s: Signed) -> Answer {
    roles_page(&s, &Raw::default(), Vec::new(), &FormErrors::new(), StatusCode::OK).await
}

async fn roles_page(
    s: &Signed,
    raw: &Raw,
    entries: Vec<EntryView>,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let can_edit = s.principal.may(DirectoryTask::Manage);
    let (grants, suggestions) = s
        .read(move |conn| {
            let suggestions =
                if can_edit { Suggestions::load(conn, Pick::Both)? } else { Suggestions::default() };
            Ok((role_grants::list_directory(conn)?, suggestions))
        })
        .await?;
    let (now, tz) = (s.now(), s.tz());
    let row = |grant: &Grant<DirectoryRole>| RowView {
        id: grant.id.to_string(),
        holder: holder_view(grant),
        since: When::new(*grant.granted_at, *now, tz),
        by: grant.granted_by.clone().unwrap_or_else(|| "Latchkey".to_owned()),
        revoke: paths::role_revoke(grant.id),
    };
    let roles = DirectoryRole::ALL
        .iter()
        .map(|role| RoleView {
            name: role.words(),
            what: what(*role),
            rows: grants.iter().filter(|g| g.role == *role).map(row).collect(),
        })
        .collect();
    let shell = s.shell("Roles", Vec::new());
    let grant = can_edit.then(|| {
        let options = DirectoryRole::ALL
            .iter()
            .map(|role| OptionView::new(role.as_str(), role.words()).hint(what(*role)))
            .collect();
        FormView::new("/admin/roles", &shell.csrf, "Grant the role")
            .field(
                FieldView::radios("role", "Role", options)
                    .value(&raw.role)
                    .required()
                    .error(errors.of("role")),
            )
            .field(
                pickers::field("holders", "To whom", entries, &suggestions)
                    .hint("People or groups, one per line. A group gives the role to whoever is in it.")
                    .required(),
            )
            .checked(errors.form.clone())
    });
    let view = RolesView { can_edit, roles, grant };
    page_with(status, &RolesPage { shell: &shell, view })
}

fn holder_view(grant: &Grant<DirectoryRole>) -> PersonView {
    match grant.holder {
        Holder::User(id) => {
            let detail = if grant.enabled {
                grant.holder_email.clone()
            } else {
                format!("{} · disabled", grant.holder_email)
            };
            PersonView::new(&grant.holder_name, detail).link(paths::user(id))
        }
        Holder::Group(id) => {
            PersonView::new(&grant.holder_name, "Group: everybody in it").link(paths::group(id))
        }
    }
}

/// `POST /admin/roles`
pub async fn grant(s: Signed, Form(raw): Form<Raw>) -> Answer {
    let role = DirectoryRole::parse(&raw.role);
    let lines = raw.holders.clone();
    let done = s
        .attempt(move |tx, cx, me| {
            let permit = manage_directory(me)?;
            let mut picked = pickers::resolve(tx, &lines, Pick::Both)?;
            if picked.entries.is_empty() {
                let nobody = EntryView::new("", Some("Say who gets the role.".to_owned()));
                picked.entries.push(nobody);
            }
            let Some(role) = role.filter(|_| picked.is_clear()) else {
                return Ok(Err(picked.entries));
            };
            Ok(Ok(app::grant(tx, cx, permit, role, &picked.holders)?))
        })
        .await?;
    match done {
        Ok(Ok(0)) => redirect_with("/admin/roles", Flash::info("They have this role already.")),
        Ok(Ok(_)) => redirect_with("/admin/roles", Flash::success("The role was granted.")),
        Ok(Err(entries)) => {
            let mut errors = FormErrors::new();
            if role.is_none() {
                errors.add("role", "Choose a role.");
            }
            roles_page(&s, &raw, entries, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(refusal) => {
            let entries = raw.holders.iter().map(|line| EntryView::new(line, None)).collect();
            roles_page(&s, &raw, entries, &refusal.into(), StatusCode::CONFLICT).await
        }
    }
}

/// `GET /admin/roles/{id}/revoke`
pub async fn ask_revoke(s: Signed, id: Path<RoleGrantId>) -> Answer {
    confirm(&s, id.into_inner(), None).await
}

async fn confirm(s: &Signed, id: RoleGrantId, refusal: Option<Refusal>) -> Answer {
    let grants = s.read(|conn| Ok(role_grants::list_directory(conn)?)).await?;
    let Some(grant) = grants.into_iter().find(|grant| grant.id == id) else {
        return crate::web::redirect("/admin/roles");
    };
    let shell = s.shell("Take a role back", vec![Crumb::link("Roles", "/admin/roles")]);
    let (role, name) = (grant.role.words(), &grant.holder_name);
    let mut lines = vec![match grant.holder {
        Holder::User(_) => "They lose it at once, unless they also have it through a group.".to_owned(),
        Holder::Group(_) => {
            "Everybody in this group loses it at once, unless they have it otherwise.".to_owned()
        }
    }];
    if grant.holder == Holder::User(s.principal.user) {
        lines.push("This is you: you cannot give the role back to yourself.".to_owned());
    }
    let form =
        FormView::new(paths::role_revoke(id), &shell.csrf, "Take it back").danger().cancel("/admin/roles");
    let status = if refusal.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let view = ConfirmView::new(
        format!("Take the role {role} back from {name}?"),
        lines,
        form.checked(refusal.map(|r| r.to_string())),
    );
    page_with(status, &ConfirmPage { shell: &shell, view })
}

/// Nothing but the token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNothing {}

/// `POST /admin/roles/{id}/revoke`
pub async fn revoke(s: Signed, id: Path<RoleGrantId>, _: Form<RawNothing>) -> Answer {
    let id = id.into_inner();
    let done = s.attempt(move |tx, cx, me| app::revoke(tx, cx, manage_directory(me)?, id)).await?;
    match done {
        Ok(grant) => redirect_with(
            "/admin/roles",
            Flash::success(format!("{} no longer has the role {}.", grant.holder_name, grant.role.words())),
        ),
        Err(refusal) => confirm(&s, id, Some(refusal)).await,
    }
}

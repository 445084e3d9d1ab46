//! Adding, editing and deleting a group.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::user_state::ConfirmPage;
use crate::app::directory::groups as app;
use crate::domain::Refusal;
use crate::domain::access::manage_directory;
use crate::domain::directory::{Group, GroupFields};
use crate::kernel::ids::GroupId;
use crate::kernel::{PageRequest, paths, text};
use crate::store::{groups, views};
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{ConfirmView, Crumb, EntryView, FieldView, FormView, Shell};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect_with};

/// The form as it is posted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    version: String,
    name: String,
    description: String,
    #[serde(default)]
    owners: Vec<String>,
}

#[derive(Template)]
#[template(path = "admin/form.html")]
struct FormPage<'a> {
    shell: &'a Shell,
    view: FormView,
}

impl Raw {
    fn parse(&self) -> Result<GroupFields, FormErrors> {
        let mut errors = FormErrors::new();
        let name = errors.take("name", text::line(&self.name, 120));
        let description = errors.take("description", text::lines(&self.description, 1000));
        match (name, description) {
            (Some(name), Some(description)) => Ok(GroupFields { name, description }),
            _ => Err(errors),
        }
    }
}

fn errors_of(refusal: Refusal) -> FormErrors {
    let mut errors = FormErrors::new();
    match &refusal {
        Refusal::NameTaken(_) => errors.add("name", refusal.to_string()),
        _ => return refusal.into(),
    }
    errors
}

async fn form_page(
    s: &Signed,
    group: Option<&Group>,
    raw: &Raw,
    owners: Vec<EntryView>,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let groups = Crumb::link("Groups", "/admin/groups");
    let (shell, action, back, button) = match group {
        None => (
            s.shell("Add a group", vec![groups]),
            "/admin/groups/new".to_owned(),
            "/admin/groups".to_owned(),
            "Add the group",
        ),
        Some(g) => (
            s.shell("Edit group", vec![groups, Crumb::link(&g.fields.name, paths::group(g.id))]),
            paths::group_page(g.id, "edit"),
            paths::group(g.id),
            "Save",
        ),
    };
    let mut form = FormView::new(action, &shell.csrf, button)
        .field(
            FieldView::text("name", "Name")
                .value(&raw.name)
                .maxlength(120)
                .required()
                .autofocus()
                .error(errors.of("name")),
        )
        .field(
            FieldView::textarea("description", "Description")
                .value(&raw.description)
                .hint("What the group is for.")
                .maxlength(1000)
                .error(errors.of("description")),
        )
        .cancel(back);
    form = if group.is_some() {
        form.field(FieldView::hidden("version", &raw.version))
    } else {
        let suggestions = s.read(|conn| Ok(Suggestions::load(conn, Pick::People)?)).await?;
        form.field(pickers::field("owners", "Owners", owners, &suggestions))
    };
    let view = form.checked(errors.form.clone());
    page_with(status, &FormPage { shell: &shell, view })
}

fn typed(raw: &Raw) -> Vec<EntryView> {
    raw.owners.iter().filter(|line| !line.trim().is_empty()).map(|line| EntryView::new(line, None)).collect()
}

/// `GET /admin/groups/new`
pub async fn new(s: Signed) -> Answer {
    form_page(&s, None, &Raw::default(), Vec::new(), &FormErrors::new(), StatusCode::OK).await
}

/// `POST /admin/groups/new`
pub async fn add(s: Signed, Form(raw): Form<Raw>) -> Answer {
    let fields = match raw.parse() {
        Ok(fields) => fields,
        Err(errors) => {
            return form_page(&s, None, &raw, typed(&raw), &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let lines = raw.owners.clone();
    let done = s
        .attempt(move |tx, cx, me| {
            let permit = manage_directory(me)?;
            let picked = pickers::resolve(tx, &lines, Pick::People)?;
            if !picked.is_clear() {
                return Ok(Err(picked.entries));
            }
            Ok(Ok(app::create(tx, cx, permit, fields.clone(), &picked.users())?))
        })
        .await?;
    match done {
        Ok(Ok(id)) => redirect_with(paths::group(id), Flash::success("The group was added.")),
        Ok(Err(entries)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form_page(&s, None, &raw, entries, &FormErrors::new(), status).await
        }
        Err(refusal) => {
            form_page(&s, None, &raw, typed(&raw), &errors_of(refusal), StatusCode::CONFLICT).await
        }
    }
}

async fn saved(s: &Signed, id: GroupId) -> Result<Group, PageError> {
    s.read(move |conn| Ok(groups::find(conn, id)?)).await?.ok_or(PageError::NotFound)
}

/// `GET /admin/groups/{id}/edit`
pub async fn edit(s: Signed, id: Path<GroupId>) -> Answer {
    let group = saved(&s, id.into_inner()).await?;
    let raw = Raw {
        version: group.version.to_string(),
        name: group.fields.name.clone(),
        description: group.fields.description.clone(),
        owners: Vec::new(),
    };
    form_page(&s, Some(&group), &raw, Vec::new(), &FormErrors::new(), StatusCode::OK).await
}

fn version_of(text: &str) -> Result<i64, PageError> {
    text.parse().map_err(|_| PageError::BadRequest("no version".to_owned()))
}

/// `POST /admin/groups/{id}/edit`
pub async fn save(s: Signed, id: Path<GroupId>, Form(mut raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    let fields = match raw.parse() {
        Ok(fields) => fields,
        Err(errors) => {
            let group = saved(&s, id).await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return form_page(&s, Some(&group), &raw, Vec::new(), &errors, status).await;
        }
    };
    let done = s
        .attempt(move |tx, cx, me| app::edit(tx, cx, manage_directory(me)?, id, version, fields.clone()))
        .await?;
    let refusal = match done {
        Ok(()) => return redirect_with(paths::group(id), Flash::success("The group was saved.")),
        Err(refusal) => refusal,
    };
    let group = saved(&s, id).await?;
    let mut errors = errors_of(refusal.clone());
    if refusal == Refusal::Stale {
        // What somebody else saved stands at each field that differs; the next save replaces it knowingly.
        for (field, mine, theirs) in [
            ("name", &raw.name, &group.fields.name),
            ("description", &raw.description, &group.fields.description),
        ] {
            if mine != theirs {
                errors.add(field, format!("Saved now: {theirs}"));
            }
        }
        raw.version = group.version.to_string();
    }
    form_page(&s, Some(&group), &raw, Vec::new(), &errors, StatusCode::CONFLICT).await
}

/// What the confirming form carries.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDelete {
    version: String,
}

/// `GET /admin/groups/{id}/delete`
pub async fn ask_delete(s: Signed, id: Path<GroupId>) -> Answer {
    confirm(&s, id.into_inner(), None).await
}

async fn confirm(s: &Signed, id: GroupId, refusal: Option<Refusal>) -> Answer {
    let (page, uses) = s
        .read(move |conn| {
            let page = views::groups::load(conn, id, "", PageRequest::default())?;
            Ok((page, groups::uses(conn, id)?))
        })
        .await?;
    let page = page.ok_or(PageError::NotFound)?;
    let name = &page.group.fields.name;
    let shell = s.shell(
        "Delete group",
        vec![Crumb::link("Groups", "/admin/groups"), Crumb::link(name, paths::group(id))],
    );
    let members = super::user_state::counted(page.members.total, "member", "members");
    let mut lines = vec![format!("It has {members}. They stay, but not as members of a group.")];
    if !uses.is_empty() {
        lines.push(format!("It is still used, so it cannot be deleted yet: {}.", uses.join(", ")));
    }
    let form = FormView::new(paths::group_page(id, "delete"), &shell.csrf, "Delete")
        .field(FieldView::hidden("version", page.group.version.to_string()))
        .danger()
        .cancel(paths::group(id));
    let status = if refusal.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let view = ConfirmView::new(
        format!("Delete the group {name}?"),
        lines,
        form.checked(refusal.map(|r| r.to_string())),
    );
    page_with(status, &ConfirmPage { shell: &shell, view })
}

/// `POST /admin/groups/{id}/delete`
pub async fn delete(s: Signed, id: Path<GroupId>, Form(raw): Form<RawDelete>) -> Answer {
    let id = id.into_inner();
    let version = version_of(&raw.version)?;
    let done = s.attempt(move |tx, cx, me| app::delete(tx, cx, manage_directory(me)?, id, version)).await?;
    match done {
        Ok(()) => redirect_with("/admin/groups", Flash::success("The group was deleted.")),
        Err(refusal) => confirm(&s, id, Some(refusal)).await,
    }
}

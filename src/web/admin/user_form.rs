//! Adding and editing a user.

mod fields;
mod sponsors;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::app::directory::sponsors::set as set_sponsors;
use crate::app::directory::users::{NewUser, create, edit as save_edit};
use crate::domain::Refusal;
use crate::domain::access::manage_directory;
use crate::domain::directory::{Holder, Profile, User, UserKind};
use crate::kernel::ids::UserId;
use crate::kernel::paths;
use crate::store::users;
use crate::web::pickers::{self, Pick, Picked, Suggestions};
use crate::web::ui::{Crumb, FormView, Shell};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect_with};

/// The form as it is posted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    version: String,
    email: String,
    display_name: String,
    given_name: String,
    surname: String,
    kind: String,
    department: String,
    job_title: String,
    company: String,
    office: String,
    country: String,
    employee_id: String,
    hired_on: String,
    manager: String,
    #[serde(default)]
    sponsors: Vec<String>,
    time_zone: String,
    locale: String,
    extension: String,
    #[serde(default)]
    invite: String,
}

#[derive(Template)]
#[template(path = "admin/form.html")]
struct FormPage<'a> {
    shell: &'a Shell,
    view: FormView,
}

impl Raw {
    fn of(user: &User, manager: String, sponsors: Vec<String>) -> Self {
        let p = &user.profile;
        Self {
            version: user.version.to_string(),
            email: p.email.to_string(),
            display_name: p.display_name.clone(),
            given_name: p.given_name.clone(),
            surname: p.surname.clone(),
            kind: p.kind.to_string(),
            department: p.department.clone(),
            job_title: p.job_title.clone(),
            company: p.company.clone(),
            office: p.office.clone(),
            country: p.country.clone(),
            employee_id: p.employee_id.clone(),
            hired_on: p.hired_on.map(|on| on.to_string()).unwrap_or_default(),
            manager,
            sponsors,
            time_zone: p.time_zone.clone(),
            locale: p.locale.clone(),
            extension: p
                .extension
                .iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect::<Vec<_>>()
                .join("\n"),
            invite: String::new(),
        }
    }
}

/// Puts a refusal at the field that it is about.
fn errors_of(refusal: Refusal) -> FormErrors {
    let mut errors = FormErrors::new();
    match &refusal {
        Refusal::EmailTaken => errors.add("email", refusal.to_string()),
        Refusal::ManagerCycle(_) => errors.add("manager", refusal.to_string()),
        Refusal::OwnSponsor => errors.add("sponsors", refusal.to_string()),
        _ => return refusal.into(),
    }
    errors
}

/// The one manager that was picked, or none. More than one line, or an unclear one, is a mistake.
fn manager_of(picked: &Picked) -> Result<Option<UserId>, String> {
    if let Some(error) = picked.error() {
        return Err(error.to_owned());
    }
    match picked.holders.as_slice() {
        [] => Ok(None),
        [holder] => Ok(holder.user()),
        _ => Err("Only one person can be the manager.".to_owned()),
    }
}

async fn form_page(
    s: &Signed,
    user: Option<(UserId, String)>,
    raw: &Raw,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let suggestions = s.read(|conn| Ok(Suggestions::load(conn, Pick::People)?)).await?;
    let users = Crumb::link("Users", "/admin/users");
    let (shell, action) = match &user {
        None => (s.shell("Add a user", vec![users]), "/admin/users/new".to_owned()),
        Some((id, name)) => (
            s.shell("Edit user", vec![users, Crumb::link(name, paths::user(*id))]),
            paths::user_page(*id, "edit"),
        ),
    };
    let view = raw.view(&action, &shell.csrf, user.is_none(), errors, &suggestions);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /admin/users/new`
pub async fn new(s: Signed) -> Answer {
    let raw = Raw {
        kind: UserKind::Member.to_string(),
        time_zone: s.app.instance.time_zone.name().to_owned(),
        locale: "en".to_owned(),
        invite: "on".to_owned(),
        ..Raw::default()
    };
    form_page(&s, None, &raw, &FormErrors::new(), StatusCode::OK).await
}

/// `POST /admin/users/new`
pub async fn add(s: Signed, Form(raw): Form<Raw>) -> Answer {
    let profile = match raw.parse() {
        Ok(profile) => profile,
        Err(errors) => return form_page(&s, None, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let (typed, named, invite) = (raw.manager.clone(), raw.sponsors.clone(), raw.invite == "on");
    let name = profile.display_name.clone();
    let done = s
        .attempt(move |tx, cx, me| {
            let permit = manage_directory(me)?;
            let picked = pickers::resolve(tx, &[&typed], Pick::People)?;
            let manager = match manager_of(&picked) {
                Ok(manager) => manager,
                Err(error) => return Ok(Err(("manager", error))),
            };
            let sponsors = match sponsors::resolve(tx, &named)? {
                Ok(sponsors) => sponsors,
                Err(error) => return Ok(Err(("sponsors", error))),
            };
            let profile = Profile { manager, ..profile.clone() };
            let id = create(tx, cx, permit, NewUser { profile, invite })?;
            set_sponsors(tx, cx, manage_directory(me)?, id, &sponsors)?;
            Ok(Ok(id))
        })
        .await?;
    match done {
        Ok(Ok(id)) => {
            let text = if invite {
                format!("{name} was added. The invitation is on its way.")
            } else {
                format!("{name} was added.")
            };
            redirect_with(paths::user(id), Flash::success(text))
        }
        Ok(Err((field, unclear))) => {
            let mut errors = FormErrors::new();
            errors.add(field, unclear);
            form_page(&s, None, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(refusal) => form_page(&s, None, &raw, &errors_of(refusal), StatusCode::CONFLICT).await,
    }
}

/// The user as saved, and the lines for their manager and sponsors.
async fn saved(s: &Signed, id: UserId) -> Result<(User, String, Vec<String>), PageError> {
    s.read(move |conn| {
        let Some(user) = users::find(conn, id)? else {
            return Ok(None);
        };
        let manager = match user.profile.manager {
            Some(manager) => pickers::lines(conn, &[Holder::User(manager)])?.pop(),
            None => None,
        };
        let sponsors = sponsors::lines(conn, id)?;
        Ok(Some((user, manager.unwrap_or_default(), sponsors)))
    })
    .await?
    .ok_or(PageError::NotFound)
}

/// `GET /admin/users/{id}/edit`
pub async fn edit(s: Signed, id: Path<UserId>) -> Answer {
    let id = id.into_inner();
    let (user, manager, sponsors) = saved(&s, id).await?;
    let raw = Raw::of(&user, manager, sponsors);
    let known = Some((id, user.profile.display_name));
    form_page(&s, known, &raw, &FormErrors::new(), StatusCode::OK).await
}

/// `POST /admin/users/{id}/edit`
pub async fn save(s: Signed, id: Path<UserId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let (user, ..) = saved(&s, id).await?;
    let known = Some((id, user.profile.display_name));
    let version: i64 = raw.version.parse().map_err(|_| PageError::BadRequest("no version".to_owned()))?;
    let profile = match raw.parse() {
        Ok(profile) => profile,
        Err(errors) => return form_page(&s, known, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let (typed, named) = (raw.manager.clone(), raw.sponsors.clone());
    let done = s
        .attempt(move |tx, cx, me| {
            let permit = manage_directory(me)?;
            let picked = pickers::resolve(tx, &[&typed], Pick::People)?;
            let manager = match manager_of(&picked) {
                Ok(manager) => manager,
                Err(error) => return Ok(Err(("manager", error))),
            };
            let sponsors = match sponsors::resolve(tx, &named)? {
                Ok(sponsors) => sponsors,
                Err(error) => return Ok(Err(("sponsors", error))),
            };
            let profile = Profile { manager, ..profile.clone() };
            save_edit(tx, cx, permit, id, version, profile)?;
            Ok(Ok(set_sponsors(tx, cx, manage_directory(me)?, id, &sponsors)?))
        })
        .await?;
    match done {
        Ok(Ok(())) => redirect_with(paths::user(id), Flash::success("The user was saved.")),
        Ok(Err((field, unclear))) => {
            let mut errors = FormErrors::new();
            errors.add(field, unclear);
            form_page(&s, known, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Refusal::Stale) => stale(&s, id, known, raw).await,
        Err(refusal) => form_page(&s, known, &raw, &errors_of(refusal), StatusCode::CONFLICT).await,
    }
}

/// Somebody else saved in between: shows what they saved at each field that differs, and lets the next save
/// replace it knowingly.
async fn stale(s: &Signed, id: UserId, known: Option<(UserId, String)>, mut raw: Raw) -> Answer {
    let (user, manager, sponsors) = saved(s, id).await?;
    let theirs = Raw::of(&user, manager, sponsors);
    let mut errors = FormErrors::from(Refusal::Stale);
    let pairs = [
        ("display_name", &raw.display_name, &theirs.display_name),
        ("email", &raw.email, &theirs.email),
        ("kind", &raw.kind, &theirs.kind),
        ("given_name", &raw.given_name, &theirs.given_name),
        ("surname", &raw.surname, &theirs.surname),
        ("department", &raw.department, &theirs.department),
        ("job_title", &raw.job_title, &theirs.job_title),
        ("manager", &raw.manager, &theirs.manager),
        ("company", &raw.company, &theirs.company),
        ("office", &raw.office, &theirs.office),
        ("country", &raw.country, &theirs.country),
        ("employee_id", &raw.employee_id, &theirs.employee_id),
        ("hired_on", &raw.hired_on, &theirs.hired_on),
        ("time_zone", &raw.time_zone, &theirs.time_zone),
        ("locale", &raw.locale, &theirs.locale),
        ("extension", &raw.extension, &theirs.extension),
    ];
    for (field, mine, saved) in pairs {
        if mine != saved {
            let saved = if saved.is_empty() { "nothing" } else { saved };
            errors.add(field, format!("Saved now: {saved}"));
        }
    }
    if raw.sponsors != theirs.sponsors {
        errors.add("sponsors", format!("Saved now: {}", sponsors::said(&theirs.sponsors)));
    }
    raw.version = theirs.version;
    form_page(s, known, &raw, &errors, StatusCode::CONFLICT).await
}

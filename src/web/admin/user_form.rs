//! Adding and editing a user.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use crate::app::directory::users::{NewUser, create, edit as save_edit};
use crate::domain::Refusal;
use crate::domain::access::manage_directory;
use crate::domain::directory::{Holder, MOST_EXTENSIONS, Profile, User, UserKind};
use crate::kernel::ids::UserId;
use crate::kernel::{Email, paths, text};
use crate::store::users;
use crate::web::pickers::{self, Pick, Picked, Suggestions};
use crate::web::ui::{Crumb, FieldView, FormView, OptionView, Shell};
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

fn optional<E>(errors: &mut FormErrors, field: &str, value: Result<String, E>) -> String
where
    E: std::fmt::Display,
{
    errors.take(field, value).unwrap_or_default()
}

impl Raw {
    fn of(user: &User, manager: String) -> Self {
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

    /// The profile without the manager, who has to be looked up.
    fn parse(&self) -> Result<Profile, FormErrors> {
        const MOST: usize = 200;
        let mut errors = FormErrors::new();
        let e = &mut errors;
        let email = e.take("email", Email::parse(&self.email));
        let display_name = e.take("display_name", text::line(&self.display_name, MOST));
        let kind = UserKind::parse(&self.kind);
        if kind.is_none() {
            e.add("kind", "Choose one.");
        }
        let hired_on = match self.hired_on.trim() {
            "" => None,
            day => e.take(
                "hired_on",
                day.parse::<NaiveDate>().map_err(|_| "This is not a date. Example: 2026-03-01"),
            ),
        };
        let time_zone = self.time_zone.trim();
        if time_zone.parse::<chrono_tz::Tz>().is_err() {
            e.add("time_zone", "This is not a time zone. Example: Europe/Berlin");
        }
        let locale = self.locale.trim();
        if !is_locale(locale) {
            e.add("locale", "This is not a language. Examples: en, de-DE");
        }
        let extension = e.take("extension", extension(&self.extension)).unwrap_or_default();
        let given_name = optional(e, "given_name", text::optional_line(&self.given_name, MOST));
        let surname = optional(e, "surname", text::optional_line(&self.surname, MOST));
        let department = optional(e, "department", text::optional_line(&self.department, MOST));
        let job_title = optional(e, "job_title", text::optional_line(&self.job_title, MOST));
        let company = optional(e, "company", text::optional_line(&self.company, MOST));
        let office = optional(e, "office", text::optional_line(&self.office, MOST));
        let country = optional(e, "country", text::optional_line(&self.country, MOST));
        let employee_id = optional(e, "employee_id", text::optional_line(&self.employee_id, MOST));
        match (email, display_name, kind, errors.is_empty()) {
            (Some(email), Some(display_name), Some(kind), true) => Ok(Profile {
                email,
                display_name,
                given_name,
                surname,
                kind,
                department,
                job_title,
                company,
                office,
                country,
                employee_id,
                hired_on,
                manager: None,
                time_zone: time_zone.to_owned(),
                locale: locale.to_owned(),
                extension,
            }),
            _ => Err(errors),
        }
    }

    fn view(
        &self,
        action: &str,
        csrf: &str,
        new: bool,
        errors: &FormErrors,
        suggestions: &Suggestions,
    ) -> FormView {
        let line = |name: &'static str, label: &str, value: &str| {
            FieldView::text(name, label).value(value).maxlength(200).error(errors.of(name))
        };
        let kinds = vec![
            OptionView::new(UserKind::Member.as_str(), "Member").hint("Belongs to the organization."),
            OptionView::new(UserKind::Guest.as_str(), "Guest").hint("Comes from outside."),
        ];
        let zones = chrono_tz::TZ_VARIANTS
            .iter()
            .filter(|zone| zone.name().contains('/'))
            .map(|zone| OptionView::new(zone.name(), ""))
            .collect();
        let mut form = FormView::new(action, csrf, if new { "Add the user" } else { "Save" })
            .section("Account", None)
            .field(line("display_name", "Name", &self.display_name).required().autofocus())
            .field(
                FieldView::email("email", "E-mail address")
                    .value(&self.email)
                    .hint("Also the name to sign in with.")
                    .maxlength(254)
                    .required()
                    .error(errors.of("email")),
            )
            .field(
                FieldView::radios("kind", "Kind", kinds)
                    .value(&self.kind)
                    .required()
                    .error(errors.of("kind")),
            )
            .section("Person", None)
            .field(line("given_name", "Given name", &self.given_name))
            .field(line("surname", "Surname", &self.surname))
            .field(line("department", "Department", &self.department))
            .field(line("job_title", "Job title", &self.job_title))
            .field(
                pickers::one_field("manager", "Manager", suggestions)
                    .value(&self.manager)
                    .error(errors.of("manager")),
            )
            .section("More", None)
            .field(line("company", "Company", &self.company))
            .field(line("office", "Office", &self.office))
            .field(line("country", "Country", &self.country))
            .field(line("employee_id", "Employee ID", &self.employee_id))
            .field(
                FieldView::date("hired_on", "Hire date").value(&self.hired_on).error(errors.of("hired_on")),
            )
            .field(
                line("time_zone", "Time zone", &self.time_zone)
                    .hint("Example: Europe/Berlin")
                    .suggest(zones)
                    .required(),
            )
            .field(line("locale", "Language", &self.locale).hint("Examples: en, de-DE").required())
            .field(
                FieldView::textarea("extension", "Further attributes")
                    .value(&self.extension)
                    .hint("One per line, such as “Cost center: 4711”, at most 15.")
                    .error(errors.of("extension")),
            )
            .cancel(if new { "/admin/users" } else { action.trim_end_matches("/edit") });
        if new {
            form = form.field(
                FieldView::checkbox("invite", "Send an invitation by e-mail", self.invite == "on")
                    .hint("It has a link to choose a password."),
            );
        } else {
            form = form.field(FieldView::hidden("version", &self.version));
        }
        form.checked(errors.form.clone())
    }
}

/// `en`, `de-DE`, `zh-Hant-TW`.
fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && text.len() <= 35
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && language.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| (2..=8).contains(&part.len()))
}

/// Further attributes, one `name: value` per line.
fn extension(typed: &str) -> Result<BTreeMap<String, String>, String> {
    let mut all = BTreeMap::new();
    for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("“{line}” has no name. Example: Cost center: 4711"))?;
        let name = text::line(name, 60).map_err(|e| format!("{line}: {e}"))?;
        let value = text::line(value, 200).map_err(|e| format!("{name}: {e}"))?;
        if all.insert(name.clone(), value).is_some() {
            return Err(format!("{name} is there twice."));
        }
    }
    if all.len() > MOST_EXTENSIONS {
        return Err(format!("These are {}; at most {MOST_EXTENSIONS} are kept.", all.len()));
    }
    Ok(all)
}

/// Puts a refusal at the field that it is about.
fn errors_of(refusal: Refusal) -> FormErrors {
    let mut errors = FormErrors::new();
    match &refusal {
        Refusal::EmailTaken => errors.add("email", refusal.to_string()),
        Refusal::ManagerCycle(_) => errors.add("manager", refusal.to_string()),
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
    let (typed, invite) = (raw.manager.clone(), raw.invite == "on");
    let name = profile.display_name.clone();
    let done = s
        .attempt(move |tx, cx, me| {
            let permit = manage_directory(me)?;
            let picked = pickers::resolve(tx, &[&typed], Pick::People)?;
            let manager = match manager_of(&picked) {
                Ok(manager) => manager,
                Err(error) => return Ok(Err(error)),
            };
            let profile = Profile { manager, ..profile.clone() };
            Ok(Ok(create(tx, cx, permit, NewUser { profile, invite })?))
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
        Ok(Err(unclear)) => {
            let mut errors = FormErrors::new();
            errors.add("manager", unclear);
            form_page(&s, None, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(refusal) => form_page(&s, None, &raw, &errors_of(refusal), StatusCode::CONFLICT).await,
    }
}

/// The user as saved, and the line for their manager.
async fn saved(s: &Signed, id: UserId) -> Result<(User, String), PageError> {
    s.read(move |conn| {
        let Some(user) = users::find(conn, id)? else {
            return Ok(None);
        };
        let manager = match user.profile.manager {
            Some(manager) => pickers::lines(conn, &[Holder::User(manager)])?.pop(),
            None => None,
        };
        Ok(Some((user, manager.unwrap_or_default())))
    })
    .await?
    .ok_or(PageError::NotFound)
}

/// `GET /admin/users/{id}/edit`
pub async fn edit(s: Signed, id: Path<UserId>) -> Answer {
    let id = id.into_inner();
    let (user, manager) = saved(&s, id).await?;
    let raw = Raw::of(&user, manager);
    let known = Some((id, user.profile.display_name));
    form_page(&s, known, &raw, &FormErrors::new(), StatusCode::OK).await
}

/// `POST /admin/users/{id}/edit`
pub async fn save(s: Signed, id: Path<UserId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    let (user, _) = saved(&s, id).await?;
    let known = Some((id, user.profile.display_name));
    let version: i64 = raw.version.parse().map_err(|_| PageError::BadRequest("no version".to_owned()))?;
    let profile = match raw.parse() {
        Ok(profile) => profile,
        Err(errors) => return form_page(&s, known, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let typed = raw.manager.clone();
    let done = s
        .attempt(move |tx, cx, me| {
            let permit = manage_directory(me)?;
            let picked = pickers::resolve(tx, &[&typed], Pick::People)?;
            let manager = match manager_of(&picked) {
                Ok(manager) => manager,
                Err(error) => return Ok(Err(error)),
            };
            let profile = Profile { manager, ..profile.clone() };
            Ok(Ok(save_edit(tx, cx, permit, id, version, profile)?))
        })
        .await?;
    match done {
        Ok(Ok(())) => redirect_with(paths::user(id), Flash::success("The user was saved.")),
        Ok(Err(unclear)) => {
            let mut errors = FormErrors::new();
            errors.add("manager", unclear);
            form_page(&s, known, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Refusal::Stale) => stale(&s, id, known, raw).await,
        Err(refusal) => form_page(&s, known, &raw, &errors_of(refusal), StatusCode::CONFLICT).await,
    }
}

/// Somebody else saved in between: shows what they saved at each field that differs, and lets the next save
/// replace it knowingly.
async fn stale(s: &Signed, id: UserId, known: Option<(UserId, String)>, mut raw: Raw) -> Answer {
    let (user, manager) = saved(s, id).await?;
    let theirs = Raw::of(&user, manager);
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
    raw.version = theirs.version;
    form_page(s, known, &raw, &errors, StatusCode::CONFLICT).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dir_1_at_most_fifteen_further_attributes() {
        let many = |n: usize| (0..n).map(|i| format!("a{i}: {i}\n")).collect::<String>();
        assert_eq!(extension(&many(15)).unwrap().len(), 15);
        assert!(extension(&many(16)).is_err());
        assert!(extension("no colon").is_err());
        assert!(extension("a: 1\na: 2").is_err());
        assert_eq!(extension(" a : b: c \n\n").unwrap().get("a").unwrap(), "b: c");
    }

    #[test]
    fn languages_are_tags() {
        assert!(["en", "de-DE", "zh-Hant-TW"].iter().all(|l| is_locale(l)));
        assert!(["", "e", "english", "de_DE", "de-", "<b>"].iter().all(|l| !is_locale(l)));
    }
}

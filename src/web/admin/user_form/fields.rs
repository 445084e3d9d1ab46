//! The fields of the user form: how they are shown, and what is read from them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Raw;
use crate::domain::directory::{MOST_EXTENSIONS, Profile, UserKind};
use crate::kernel::{Email, text};
use crate::web::FormErrors;
use crate::web::pickers::{self, Suggestions};
use crate::web::ui::{FieldView, FormView, OptionView};

fn optional<E>(errors: &mut FormErrors, field: &str, value: Result<String, E>) -> String
where
    E: std::fmt::Display,
{
    errors.take(field, value).unwrap_or_default()
}

impl Raw {
    /// The profile without the manager, who has to be looked up.
    pub(super) fn parse(&self) -> Result<Profile, FormErrors> {
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

    pub(super) fn view(
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
            .field(super::sponsors::field(&self.sponsors, errors, suggestions))
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

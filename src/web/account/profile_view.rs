//! What the profile page shows.

use askama::Template;
use chrono_tz::Tz;

use super::{agent, password};
use crate::app::account::profile::LOCALES;
use crate::domain::account::NoticePreferences;
use crate::kernel::Moment;
use crate::kernel::ids::SessionId;
use crate::store::attributes::Stored;
use crate::store::profiles::OwnProfile;
use crate::store::sessions::LiveSession;
use crate::web::FormErrors;
use crate::web::ui::{FieldView, FormView, OptionView, Shell, When};

/// A reminder for each request.
pub const EACH: &str = "each";
/// One daily mail in place of them (SPEC NOT-5).
pub const DAILY: &str = "daily";
/// No reminders.
pub const NEVER: &str = "never";

/// The profile page.
#[derive(Template)]
#[template(path = "account/profile.html")]
pub struct ProfilePage<'a> {
    /// What surrounds it.
    pub shell: &'a Shell,
    /// What it shows.
    pub view: ProfileView,
}

/// What the profile page shows.
#[derive(Debug, Clone)]
pub struct ProfileView {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Job title, department and company, as far as they are known.
    pub work: String,
    /// Name of the manager.
    pub manager: Option<String>,
    /// Last sign-in.
    pub last_sign_in: Option<When>,
    /// Last change of the password.
    pub password_changed: Option<When>,
    /// Time zone, locale, mails.
    pub preferences: FormView,
    /// The password.
    pub password: FormView,
    /// What they answered to resources, and when (SPEC CAT-5).
    pub attributes: Vec<(String, String, When)>,
    /// Where the person is signed in.
    pub sessions: Vec<SessionRow>,
}

/// One session.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// "Firefox on Windows".
    pub browser: String,
    /// Network address.
    pub ip: String,
    /// When it began.
    pub began: When,
    /// When it was last used.
    pub seen: When,
    /// The one that looks at this page?
    pub this: bool,
}

/// What was typed into the preferences, or is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// The version that the form was filled from.
    pub version: String,
    /// Time zone.
    pub time_zone: String,
    /// Locale.
    pub locale: String,
    /// Which mails.
    pub notices: NoticePreferences,
}

impl Typed {
    /// What is stored.
    pub fn stored(profile: &OwnProfile) -> Self {
        Self {
            version: profile.version.to_string(),
            time_zone: profile.preferences.time_zone.clone(),
            locale: profile.preferences.locale.clone(),
            notices: profile.preferences.notices,
        }
    }
}

/// What goes into the page.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The person.
    pub profile: OwnProfile,
    /// Where they are signed in.
    pub sessions: Vec<LiveSession>,
    /// What they answered to resources.
    pub attributes: Vec<Stored>,
}

/// Mistakes in the two forms of the page; at most one of them was sent.
#[derive(Debug, Clone, Default)]
pub struct Mistakes {
    /// In the preferences.
    pub preferences: FormErrors,
    /// In the password.
    pub password: FormErrors,
}

/// Now, and where on earth the reader is.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    /// The current instant.
    pub now: Moment,
    /// The reader's time zone.
    pub tz: Tz,
    /// The reader's session.
    pub session: SessionId,
}

impl ProfileView {
    /// The page of these facts.
    pub fn of(facts: Facts, typed: &Typed, mistakes: &Mistakes, csrf: &str, here: Here) -> Self {
        let when = |at: Moment| When::new(at.into(), here.now.into(), here.tz);
        let Facts { profile, sessions, attributes } = facts;
        let work = [&profile.job_title, &profile.department, &profile.company];
        let work: Vec<&str> = work.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        Self {
            work: work.join(" · "),
            manager: profile.manager,
            last_sign_in: profile.last_sign_in_at.map(when),
            password_changed: profile.password_changed_at.map(when),
            preferences: preferences_form(typed, &mistakes.preferences, csrf),
            password: password_form(&profile.email, &mistakes.password, csrf),
            name: profile.name,
            email: profile.email,
            attributes: attributes
                .into_iter()
                .map(|a| (a.answer.question, a.answer.shown, when(a.at)))
                .collect(),
            sessions: sessions
                .into_iter()
                .map(|session| SessionRow {
                    id: session.id.to_string(),
                    browser: agent::words(&session.agent),
                    ip: session.ip,
                    began: when(session.created_at),
                    seen: when(session.last_seen_at),
                    this: session.id == here.session,
                })
                .collect(),
        }
    }
}

/// The time zones to choose from: the places of the IANA list and UTC, without its historical aliases.
pub fn time_zones() -> impl Iterator<Item = &'static str> {
    const OLD: [&str; 6] = ["Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/"];
    chrono_tz::TZ_VARIANTS
        .iter()
        .map(|tz| tz.name())
        .filter(|name| *name == "UTC" || (name.contains('/') && !OLD.iter().any(|old| name.starts_with(old))))
}

fn preferences_form(typed: &Typed, errors: &FormErrors, csrf: &str) -> FormView {
    let mut zones: Vec<OptionView> =
        time_zones().map(|name| OptionView::new(name, name.replace('_', " "))).collect();
    if !time_zones().any(|name| name == typed.time_zone) {
        zones.insert(0, OptionView::new(&typed.time_zone, &typed.time_zone));
    }
    let mut locales: Vec<OptionView> =
        LOCALES.iter().map(|(tag, name)| OptionView::new(*tag, *name)).collect();
    if !LOCALES.iter().any(|(tag, _)| *tag == typed.locale) {
        locales.insert(0, OptionView::new(&typed.locale, &typed.locale));
    }
    FormView::new("/profile", csrf, "Save")
        .field(FieldView::hidden("version", &typed.version))
        .field(
            FieldView::select("time_zone", "Time zone", zones)
                .value(&typed.time_zone)
                .hint("Pages and mails show times in it.")
                .required()
                .error(errors.of("time_zone")),
        )
        .field(
            FieldView::select("locale", "Language and region", locales)
                .value(&typed.locale)
                .hint("The portal speaks English for now.")
                .required()
                .error(errors.of("locale")),
        )
        .section(
            "Mails that you want",
            Some(
                "Mails that ask you to decide, tell of your own access or protect your account always come.",
            ),
        )
        .field(
            FieldView::radios("reminders", "Reminders", reminder_choices())
                .value(match typed.notices {
                    NoticePreferences { digest: true, .. } => DAILY,
                    NoticePreferences { reminders: true, .. } => EACH,
                    _ => NEVER,
                })
                .required()
                .error(errors.of("reminders")),
        )
        .field(FieldView::checkbox(
            "outcomes",
            "Tell me how requests ended that I could decide",
            typed.notices.outcomes,
        ))
        .checked(errors.form.clone())
}

fn reminder_choices() -> Vec<OptionView> {
    vec![
        OptionView::new(EACH, "A mail for each")
            .hint("When a request waits long for you, or access of yours ends soon."),
        OptionView::new(DAILY, "One mail a day").hint(
            "At 8 o'clock in your time zone: all that waits for you and ends soon. None if there is nothing.",
        ),
        OptionView::new(NEVER, "No reminders of requests")
            .hint("You still get each request once, when it arrives."),
    ]
}

fn password_form(email: &str, errors: &FormErrors, csrf: &str) -> FormView {
    let [new, repeat] = password::fields(errors);
    FormView::new("/profile/password", csrf, "Change the password")
        .field(FieldView::email("email", "Your e-mail").value(email).readonly().autocomplete("username"))
        .field(
            FieldView::password("current_password", "Current password")
                .required()
                .autocomplete("current-password")
                .error(errors.of("current_password")),
        )
        .field(new)
        .field(repeat)
        .checked(errors.form.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dir_2_time_zones_come_from_the_iana_list() {
        let zones: Vec<&str> = time_zones().collect();
        assert!(zones.len() > 400);
        for known in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"] {
            assert!(zones.contains(&known), "{known}");
        }
        assert!(zones.iter().all(|name| name.parse::<Tz>().is_ok()));
        assert!(!zones.contains(&"US/Eastern"));
    }
}

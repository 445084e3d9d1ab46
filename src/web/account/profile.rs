//! One's own profile: time zone, locale, mails, password, sessions (SPEC DIR-2, SES-2).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use chrono_tz::Tz;
use serde::Deserialize;

use super::profile_view::{DAILY, EACH, Facts, Here, Mistakes, NEVER, ProfilePage, ProfileView, Typed};
use super::{password, visitor};
use crate::app::AppError;
use crate::app::account::{self, profile};
use crate::domain::Refusal;
use crate::domain::account::NoticePreferences;
use crate::kernel::ids::SessionId;
use crate::store::profiles::Preferences;
use crate::store::{attributes, profiles, sessions};
use crate::web::{
    Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect, redirect_with, session,
};

/// The preferences as they are typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    version: String,
    time_zone: String,
    locale: String,
    #[serde(default)]
    reminders: String,
    #[serde(default)]
    outcomes: String,
}

impl Raw {
    fn typed(&self) -> Typed {
        Typed {
            version: self.version.clone(),
            time_zone: self.time_zone.clone(),
            locale: self.locale.clone(),
            notices: NoticePreferences {
                reminders: self.reminders != NEVER,
                outcomes: !self.outcomes.is_empty(),
                digest: self.reminders == DAILY,
            },
        }
    }

    /// `locale` is the one that is stored: a directory may know more than we offer.
    fn parse(&self, locale: &str) -> Result<(i64, Preferences), FormErrors> {
        let mut errors = FormErrors::new();
        if self.time_zone.parse::<Tz>().is_err() {
            errors.add("time_zone", "Choose a time zone of the list.");
        }
        if self.locale != locale && !profile::LOCALES.iter().any(|(tag, _)| *tag == self.locale) {
            errors.add("locale", "Choose a language of the list.");
        }
        if ![EACH, DAILY, NEVER].contains(&self.reminders.as_str()) {
            errors.add("reminders", "Choose how you want to be reminded.");
        }
        match self.version.parse() {
            Ok(version) if errors.is_empty() => {
                let typed = self.typed();
                Ok((
                    version,
                    Preferences { time_zone: typed.time_zone, locale: typed.locale, notices: typed.notices },
                ))
            }
            Ok(_) => Err(errors),
            Err(_) => Err(Refusal::Stale.into()),
        }
    }
}

/// Passwords as they are typed. The address is there for password managers only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPassword {
    #[serde(default, rename = "email")]
    _email: String,
    current_password: String,
    new_password: String,
    repeat: String,
}

async fn facts(s: &Signed) -> Result<Facts, PageError> {
    let (user, now, idle) = (s.principal.user, s.now(), s.visit.state.settings.session_idle);
    s.read(move |conn| {
        let profile = profiles::find(conn, user)?.ok_or(AppError::NotFound)?;
        let sessions = sessions::list_of(conn, user, now, idle)?;
        Ok(Facts { profile, sessions, attributes: attributes::stored(conn, user)? })
    })
    .await
}

fn answer(s: &Signed, facts: Facts, typed: &Typed, mistakes: &Mistakes, status: StatusCode) -> Answer {
    let shell = s.shell("Your profile", Vec::new());
    let here = Here { now: s.now(), tz: s.tz(), session: s.session };
    let view = ProfileView::of(facts, typed, mistakes, &shell.csrf, here);
    page_with(status, &ProfilePage { shell: &shell, view })
}

/// `GET /profile`
pub async fn show(s: Signed) -> Answer {
    let facts = facts(&s).await?;
    let typed = Typed::stored(&facts.profile);
    answer(&s, facts, &typed, &Mistakes::default(), StatusCode::OK)
}

/// `GET` on an address that only takes forms, such as after a reload.
pub async fn to_page(_: Signed) -> Answer {
    redirect("/profile")
}

/// `POST /profile`
pub async fn save(s: Signed, Form(raw): Form<Raw>) -> Answer {
    let stored = facts(&s).await?;
    let (errors, status) = match raw.parse(&stored.profile.preferences.locale) {
        Err(errors) => (errors, StatusCode::UNPROCESSABLE_ENTITY),
        Ok((version, new)) => {
            let done = s.attempt(move |tx, cx, me| profile::edit(tx, cx, me.user, version, &new)).await?;
            match done {
                Ok(()) => return redirect_with("/profile", Flash::success("Your profile is saved.")),
                Err(refusal) => (refusal.into(), StatusCode::CONFLICT),
            }
        }
    };
    let mut typed = raw.typed();
    if status == StatusCode::CONFLICT {
        // Seen and sent again, it is meant.
        typed.version = facts(&s).await?.profile.version.to_string();
    }
    let mistakes = Mistakes { preferences: errors, ..Mistakes::default() };
    answer(&s, stored, &typed, &mistakes, status)
}

/// `POST /profile/password`
pub async fn change_password(s: Signed, Form(raw): Form<RawPassword>) -> Answer {
    let mut errors = FormErrors::new();
    if raw.current_password.is_empty() {
        errors.add("current_password", "Enter your current password.");
    }
    password::check(&mut errors, &raw.new_password, &raw.repeat);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if errors.is_empty() {
        let (user, visitor) = (s.principal.user, visitor(&s.visit));
        let (current, new) = (&raw.current_password, &raw.new_password);
        match account::change_password::run(&s.app, &visitor, user, current, new).await {
            Ok(key) => {
                let done = redirect_with(
                    "/profile",
                    Flash::success("Your password is changed. Everywhere else you are signed out."),
                )?;
                return Ok(session::begin(done, key));
            }
            Err(AppError::Refused(Refusal::WrongCredentials)) => {
                errors.add("current_password", "This is not your current password.");
            }
            Err(AppError::Refused(refusal)) => {
                if matches!(refusal, Refusal::TryAgainIn(_)) {
                    status = StatusCode::TOO_MANY_REQUESTS;
                }
                errors = password::refused(refusal);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let facts = facts(&s).await?;
    let typed = Typed::stored(&facts.profile);
    let mistakes = Mistakes { password: errors, ..Mistakes::default() };
    answer(&s, facts, &typed, &mistakes, status)
}

/// `POST /profile/sign-out-everywhere`
pub async fn sign_out_everywhere(s: Signed) -> Answer {
    s.write(|tx, cx, me| account::sessions::sign_out_everywhere(tx, cx, me.user)).await?;
    Ok(session::end(redirect_with("/sign-in", Flash::success("You are signed out everywhere."))?))
}

/// `POST /profile/sessions/{id}/end`
pub async fn end_session(s: Signed, id: Path<SessionId>) -> Answer {
    let id = id.into_inner();
    s.write(move |tx, cx, me| account::sessions::revoke(tx, cx, me.user, id)).await?;
    if id == s.session {
        return Ok(session::end(redirect_with("/sign-in", Flash::success("You are signed out."))?));
    }
    redirect_with("/profile", Flash::success("That session is ended."))
}

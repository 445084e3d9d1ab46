//! Signing in and out (SPEC SES-1, SES-4).

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::personas::{self, Persona};
use super::visitor;
use crate::app::{AppError, account};
use crate::domain::Refusal;
use crate::kernel::paths::local_or_home;
use crate::store::users;
use crate::web::ui::{FieldView, FormView, Shell};
use crate::web::{
    Answer, Flash, Form, FormErrors, MaybeSigned, PageError, Query, page_with, redirect, redirect_with,
    session,
};

/// The sign-in page.
#[derive(Template)]
#[template(path = "account/sign_in.html")]
pub struct SignInPage<'a> {
    /// What surrounds it.
    pub shell: &'a Shell,
    /// What it shows.
    pub view: SignInView,
}

/// What the sign-in page shows.
#[derive(Debug, Clone)]
pub struct SignInView {
    /// The form.
    pub form: FormView,
    /// Where to go afterwards.
    pub next: String,
    /// Nobody is in the directory yet (SPEC SES-5).
    pub empty: bool,
    /// The demonstration's people; none elsewhere.
    pub personas: &'static [Persona],
}

/// `?next=`
#[derive(Debug, Clone, Deserialize)]
pub struct Onward {
    #[serde(default)]
    next: String,
}

/// What is typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Which of the demonstration's people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPersona {
    persona: String,
    #[serde(default)]
    next: String,
}

/// The form.
pub fn form(csrf: &str, email: &str, next: &str, errors: &FormErrors) -> FormView {
    let mut email_field = FieldView::email("email", "E-mail")
        .value(email)
        .required()
        .autocomplete("username")
        .error(errors.of("email"));
    let password = FieldView::password("password", "Password")
        .required()
        .autocomplete("current-password")
        .error(errors.of("password"));
    // With something wrong as a whole, the summary takes the focus.
    if errors.form.is_none() {
        email_field = email_field.autofocus();
    }
    FormView::new("/sign-in", csrf, "Sign in")
        .field(email_field)
        .field(password)
        .field(FieldView::hidden("next", next))
        .checked(errors.form.clone())
}

async fn answer(s: &MaybeSigned, email: &str, next: &str, errors: &FormErrors, status: StatusCode) -> Answer {
    let demo = s.app.instance.demo;
    let empty = !s.read(|conn| Ok::<_, AppError>(users::any(conn)?)).await?;
    let shell = s.shell("Sign in", Vec::new());
    // "/" goes without saying; a link that leads elsewhere must not even be shown (SPEC SES-4).
    let next = match local_or_home(next) {
        "/" => "",
        local => local,
    };
    let view = SignInView {
        form: form(&shell.csrf, email, next, errors),
        next: next.to_owned(),
        empty,
        personas: if demo { personas::PERSONAS } else { &[] },
    };
    page_with(status, &SignInPage { shell: &shell, view })
}

/// `GET /sign-in`
pub async fn show(s: MaybeSigned, Query(onward): Query<Onward>) -> Answer {
    if s.principal.is_some() {
        return redirect(local_or_home(&onward.next));
    }
    answer(&s, "", &onward.next, &FormErrors::new(), StatusCode::OK).await
}

/// `POST /sign-in`
pub async fn submit(s: MaybeSigned, Form(raw): Form<Raw>) -> Answer {
    let mut errors = FormErrors::new();
    if raw.email.trim().is_empty() {
        errors.add("email", "Enter your e-mail address.");
    }
    if raw.password.is_empty() {
        errors.add("password", "Enter your password.");
    }
    if !errors.is_empty() {
        return answer(&s, &raw.email, &raw.next, &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    sign_in(&s, &raw.email, &raw.password, &raw.next).await
}

/// `POST /sign-in/demo`: signs in as one of the demonstration's people, with the password that everybody knows.
pub async fn become_persona(s: MaybeSigned, Form(raw): Form<RawPersona>) -> Answer {
    if !s.app.instance.demo {
        return Err(PageError::NotFound);
    }
    let persona = personas::find(&raw.persona).ok_or(PageError::NotFound)?;
    sign_in(&s, persona.email, personas::PASSWORD, &raw.next).await
}

async fn sign_in(s: &MaybeSigned, email: &str, password: &str, next: &str) -> Answer {
    match account::sign_in::run(&s.app, &visitor(&s.visit), email, password).await {
        Ok(key) => {
            leave(s).await?;
            Ok(session::begin(redirect(local_or_home(next))?, key))
        }
        Err(AppError::Refused(refusal)) => {
            let status = match refusal {
                Refusal::TryAgainIn(_) => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            answer(s, email, next, &refusal.into(), status).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session that the browser had, if any.
async fn leave(s: &MaybeSigned) -> Result<(), PageError> {
    let Some(known) = &s.visit.known else {
        return Ok(());
    };
    let (user, session) = (known.principal.user, known.session);
    s.write(move |tx, cx| account::sessions::sign_out(tx, cx, user, session)).await
}

/// `POST /sign-out`
pub async fn sign_out(s: MaybeSigned) -> Answer {
    leave(&s).await?;
    Ok(session::end(redirect_with("/sign-in", Flash::success("You are signed out."))?))
}

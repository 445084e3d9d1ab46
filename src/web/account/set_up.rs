//! The first administrator (SPEC SES-5).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use super::links::{FormPage, FormPageView, dead_link};
use super::{password, visitor};
use crate::app::account::set_up::{self, NewAdministrator};
use crate::app::{AppError, account};
use crate::domain::Refusal;
use crate::domain::account::LinkPurpose;
use crate::kernel::secret::Token;
use crate::kernel::{Email, paths, text};
use crate::web::ui::{FieldView, FormView};
use crate::web::{Answer, Flash, Form, FormErrors, MaybeSigned, page_with, redirect_with, session};

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    name: String,
    email: String,
    new_password: String,
    repeat: String,
}

impl Raw {
    fn parse(&self) -> Result<NewAdministrator, FormErrors> {
        let mut errors = FormErrors::new();
        let name = errors.take("name", text::line(&self.name, 200));
        let email = errors.take("email", Email::parse(&self.email));
        password::check(&mut errors, &self.new_password, &self.repeat);
        match (name, email) {
            (Some(name), Some(email)) if errors.is_empty() => Ok(NewAdministrator { name, email }),
            _ => Err(errors),
        }
    }
}

/// The form.
pub fn view(csrf: &str, token: &str, raw: &Raw, errors: &FormErrors) -> FormPageView {
    let [new, repeat] = password::fields(errors);
    let mut name = FieldView::text("name", "Your name")
        .value(&raw.name)
        .required()
        .maxlength(200)
        .autocomplete("name")
        .error(errors.of("name"));
    if errors.form.is_none() {
        name = name.autofocus();
    }
    FormPageView {
        lead: "Nobody is in the directory yet. Create the first administrator: you can add everybody else afterwards."
            .to_owned(),
        form: FormView::new(paths::set_up(token), csrf, "Create and sign in")
            .field(name)
            .field(
                FieldView::email("email", "Your e-mail")
                    .value(&raw.email)
                    .hint("You sign in with it.")
                    .required()
                    .autocomplete("username")
                    .error(errors.of("email")),
            )
            .field(new)
            .field(repeat)
            .checked(errors.form.clone()),
        back: false,
    }
}

fn form_page(s: &MaybeSigned, token: &Token, raw: &Raw, errors: &FormErrors, status: StatusCode) -> Answer {
    let shell = s.shell(&format!("Set up {}", s.app.instance.name), Vec::new());
    let view = view(&shell.csrf, token.reveal(), raw, errors);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /set-up/{token}`
pub async fn show(s: MaybeSigned, token: Path<String>) -> Answer {
    match Token::parse(&token) {
        Some(token) if account::links::look_set_up(&s.app, token.clone()).await? => {
            form_page(&s, &token, &Raw::default(), &FormErrors::new(), StatusCode::OK)
        }
        _ => dead_link(&s, LinkPurpose::SetUp),
    }
}

/// `POST /set-up/{token}`
pub async fn submit(s: MaybeSigned, token: Path<String>, Form(raw): Form<Raw>) -> Answer {
    let Some(token) = Token::parse(&token) else {
        return dead_link(&s, LinkPurpose::SetUp);
    };
    // Nothing about the form is said to whoever holds no good link.
    if !account::links::look_set_up(&s.app, token.clone()).await? {
        return dead_link(&s, LinkPurpose::SetUp);
    }
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let new = match raw.parse() {
        Ok(new) => new,
        Err(errors) => return form_page(&s, &token, &raw, &errors, invalid),
    };
    match set_up::run(&s.app, &visitor(&s.visit), token.clone(), new, &raw.new_password).await {
        Ok(key) => {
            let done = redirect_with("/", Flash::success("Welcome. You are the first administrator."))?;
            Ok(session::begin(done, key))
        }
        Err(AppError::Refused(Refusal::StaleAccountLink)) => dead_link(&s, LinkPurpose::SetUp),
        Err(AppError::Refused(refusal)) => form_page(&s, &token, &raw, &password::refused(refusal), invalid),
        Err(error) => Err(error.into()),
    }
}

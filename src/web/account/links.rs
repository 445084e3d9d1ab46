//! Forgotten passwords, reset links, invitations (SPEC SES-1). Opening a link changes nothing: mail scanners open
//! them too.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::{password, visitor};
use crate::app::{AppError, account};
use crate::domain::Refusal;
use crate::domain::account::LinkPurpose;
use crate::kernel::Email;
use crate::kernel::paths;
use crate::kernel::secret::Token;
use crate::store::credentials::Credentials;
use crate::web::ui::{FieldView, FormView, Shell};
use crate::web::{Answer, Flash, Form, FormErrors, MaybeSigned, page_with, redirect_with};

/// A page with one form, outside of the portal's frame.
#[derive(Template)]
#[template(path = "account/form.html")]
pub struct FormPage<'a> {
    /// What surrounds it.
    pub shell: &'a Shell,
    /// What it shows.
    pub view: FormPageView,
}

/// What such a page shows.
#[derive(Debug, Clone)]
pub struct FormPageView {
    /// What this is about.
    pub lead: String,
    /// The form.
    pub form: FormView,
    /// Leads back to sign-in?
    pub back: bool,
}

/// The page of a link that is not good (any more).
#[derive(Template)]
#[template(path = "account/dead_link.html")]
pub struct DeadLinkPage<'a> {
    /// What surrounds it.
    pub shell: &'a Shell,
    /// What to do instead.
    pub view: DeadLinkView,
}

/// What to do instead.
#[derive(Debug, Clone)]
pub struct DeadLinkView {
    /// In words.
    pub advice: &'static str,
    /// Can a new link be had on `/forgot-password`?
    pub ask_again: bool,
}

/// An address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawForgot {
    email: String,
}

/// A new password. The address is there for password managers only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPassword {
    #[serde(default, rename = "email")]
    _email: String,
    new_password: String,
    repeat: String,
}

/// The same words whether the address has an account or not.
const SENT: &str =
    "If this address has an account, a mail with a link is on its way. The link works for one hour, once.";

/// The form that asks for a reset link.
pub fn forgot_view(csrf: &str, email: &str, errors: &FormErrors) -> FormPageView {
    let mut field = FieldView::email("email", "E-mail")
        .value(email)
        .required()
        .autocomplete("username")
        .error(errors.of("email"));
    if errors.form.is_none() {
        field = field.autofocus();
    }
    FormPageView {
        lead: "Enter the address that you sign in with. We send you a link to choose a new password."
            .to_owned(),
        form: FormView::new("/forgot-password", csrf, "Send the link")
            .field(field)
            .checked(errors.form.clone()),
        back: true,
    }
}

fn forgot_page(s: &MaybeSigned, email: &str, errors: &FormErrors, status: StatusCode) -> Answer {
    let shell = s.shell("Forgot your password?", Vec::new());
    let view = forgot_view(&shell.csrf, email, errors);
    page_with(status, &FormPage { shell: &shell, view })
}

/// `GET /forgot-password`
pub async fn forgot(s: MaybeSigned) -> Answer {
    forgot_page(&s, "", &FormErrors::new(), StatusCode::OK)
}

/// `POST /forgot-password`
pub async fn send(s: MaybeSigned, Form(raw): Form<RawForgot>) -> Answer {
    let mut errors = FormErrors::new();
    let Some(email) = errors.take("email", Email::parse(&raw.email)) else {
        return forgot_page(&s, &raw.email, &errors, StatusCode::UNPROCESSABLE_ENTITY);
    };
    match account::reset::request(&s.app, &visitor(&s.visit), email.as_str()).await {
        Ok(()) => redirect_with("/sign-in", Flash::info(SENT)),
        Err(AppError::Refused(refusal @ Refusal::TryAgainIn(_))) => {
            forgot_page(&s, &raw.email, &refusal.into(), StatusCode::TOO_MANY_REQUESTS)
        }
        Err(error) => Err(error.into()),
    }
}

/// The form in which a password is chosen through a link.
pub fn choose_view(
    csrf: &str,
    purpose: LinkPurpose,
    token: &str,
    name: &str,
    email: &str,
    errors: &FormErrors,
) -> FormPageView {
    let (action, lead) = match purpose {
        LinkPurpose::Invitation => (
            paths::account_invitation(token),
            format!("Welcome, {name}. Choose a password for your account, then sign in with it."),
        ),
        LinkPurpose::PasswordReset | LinkPurpose::SetUp => (
            paths::account_reset(token),
            "Choose a new password. Wherever you are signed in, you will be signed out.".to_owned(),
        ),
    };
    let [mut new, repeat] = password::fields(errors);
    if errors.form.is_none() {
        new = new.autofocus();
    }
    FormPageView {
        lead,
        form: FormView::new(action, csrf, "Set the password")
            .field(FieldView::email("email", "Your e-mail").value(email).readonly().autocomplete("username"))
            .field(new)
            .field(repeat)
            .checked(errors.form.clone()),
        back: false,
    }
}

fn title(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::Invitation => "Set up your account",
        LinkPurpose::PasswordReset | LinkPurpose::SetUp => "Choose a new password",
    }
}

fn choose_page(
    s: &MaybeSigned,
    purpose: LinkPurpose,
    token: &Token,
    person: &Credentials,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let shell = s.shell(title(purpose), Vec::new());
    let view = choose_view(&shell.csrf, purpose, token.reveal(), &person.name, &person.email, errors);
    page_with(status, &FormPage { shell: &shell, view })
}

/// The page of a link that is not good; the same for one that never was.
pub fn dead_link(s: &MaybeSigned, purpose: LinkPurpose) -> Answer {
    let shell = s.shell("This link does not work any more", Vec::new());
    let view = dead_link_view(purpose);
    page_with(StatusCode::GONE, &DeadLinkPage { shell: &shell, view })
}

/// What to do instead of using a dead link.
pub fn dead_link_view(purpose: LinkPurpose) -> DeadLinkView {
    DeadLinkView {
        advice: match purpose {
            LinkPurpose::PasswordReset => {
                "It was used already, or it is older than an hour. You can ask for a new one."
            }
            LinkPurpose::Invitation => {
                "It was used already, or it is older than a week. If you have chosen a password, sign in with it. Otherwise you can ask for a new link."
            }
            LinkPurpose::SetUp => {
                "It was used already, or it is too old. As long as nobody is in the directory, the server prints a new link each time it starts."
            }
        },
        ask_again: purpose != LinkPurpose::SetUp,
    }
}

async fn open(s: MaybeSigned, token: &str, purpose: LinkPurpose) -> Answer {
    let Some(token) = Token::parse(token) else {
        return dead_link(&s, purpose);
    };
    match account::links::look(&s.app, token.clone(), purpose).await? {
        Some((_, person)) => choose_page(&s, purpose, &token, &person, &FormErrors::new(), StatusCode::OK),
        None => dead_link(&s, purpose),
    }
}

async fn choose(s: MaybeSigned, token: &str, purpose: LinkPurpose, raw: RawPassword) -> Answer {
    let Some(token) = Token::parse(token) else {
        return dead_link(&s, purpose);
    };
    let mut errors = FormErrors::new();
    password::check(&mut errors, &raw.new_password, &raw.repeat);
    if errors.is_empty() {
        let visitor = visitor(&s.visit);
        let done = account::reset::choose(&s.app, &visitor, token.clone(), purpose, &raw.new_password).await;
        match done {
            Ok(()) => {
                return redirect_with("/sign-in", Flash::success("Your password is set. Sign in with it."));
            }
            Err(AppError::Refused(Refusal::StaleAccountLink)) => return dead_link(&s, purpose),
            Err(AppError::Refused(refusal)) => errors = password::refused(refusal),
            Err(error) => return Err(error.into()),
        }
    }
    match account::links::look(&s.app, token.clone(), purpose).await? {
        Some((_, person)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            choose_page(&s, purpose, &token, &person, &errors, status)
        }
        None => dead_link(&s, purpose),
    }
}

/// `GET /account/reset/{token}`
pub async fn reset(s: MaybeSigned, token: Path<String>) -> Answer {
    open(s, &token, LinkPurpose::PasswordReset).await
}

/// `POST /account/reset/{token}`
pub async fn save_reset(s: MaybeSigned, token: Path<String>, Form(raw): Form<RawPassword>) -> Answer {
    choose(s, &token, LinkPurpose::PasswordReset, raw).await
}

/// `GET /account/invitation/{token}`
pub async fn invitation(s: MaybeSigned, token: Path<String>) -> Answer {
    open(s, &token, LinkPurpose::Invitation).await
}

/// `POST /account/invitation/{token}`
pub async fn accept(s: MaybeSigned, token: Path<String>, Form(raw): Form<RawPassword>) -> Answer {
    choose(s, &token, LinkPurpose::Invitation, raw).await
}

//! What mails say: the texts of each kind, changed by an administrator, with preview and reset (SPEC NOT-6).

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::user_state::ConfirmPage;
use crate::app::notice_texts as app;
use crate::domain::Refusal;
use crate::domain::access::DirectoryTask;
use crate::domain::notice::Notice;
use crate::domain::notice_text::{LINE_MAX, Part, Placeholder, TEXT_MAX, TextProblem, Texts, placeholders};
use crate::kernel::paths;
use crate::mail::{Portal, Recipient, preview, render_with};
use crate::store::notice_texts::{self as store, Kept};
use crate::store::users;
use crate::web::ui::{
    Badge, ConfirmView, Crumb, ErrorSummary, FieldView, FormView, Shell, Tone, When, focus_first_error,
};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page, page_with, redirect_with};

/// A mail in a page of its own, for looking at: its own styles and nothing else.
const MAIL_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; \
                        frame-ancestors 'none'; sandbox";

/// The texts as they are typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    version: String,
    subject: String,
    heading: String,
    opening: String,
    closing: String,
    #[serde(default)]
    act: String,
}

/// What the form of "reset" carries.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawReset {
    version: String,
}

impl Raw {
    fn kept(kept: &Kept) -> Self {
        Self {
            version: kept.version.to_string(),
            subject: kept.texts.subject.clone(),
            heading: kept.texts.heading.clone(),
            opening: kept.texts.opening.clone(),
            closing: kept.texts.closing.clone(),
            act: String::new(),
        }
    }

    fn texts(&self) -> Texts {
        Texts {
            subject: self.subject.clone(),
            heading: self.heading.clone(),
            opening: self.opening.clone(),
            closing: self.closing.clone(),
        }
    }

    fn parse(&self, kind: &str) -> Result<Texts, FormErrors> {
        self.texts().parse(kind).map_err(|problems| {
            let mut errors = FormErrors::new();
            for (part, problem) in problems {
                if problem == TextProblem::Nothing {
                    errors.form = Some(problem.to_string());
                } else {
                    errors.add(part.field(), problem.to_string());
                }
            }
            errors
        })
    }
}

#[derive(Debug, Clone)]
struct RowView {
    kind: &'static str,
    href: String,
    words: &'static str,
    state: Badge,
    problem: Option<String>,
    changed: Option<When>,
    by: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/mail_texts.html")]
struct TextsPage<'a> {
    shell: &'a Shell,
    rows: Vec<RowView>,
}

fn state(kept: &Kept) -> Badge {
    if kept.texts.is_empty() {
        Badge::new("default", "The portal's own", Tone::Neutral, None)
    } else {
        Badge::new("changed", "Changed", Tone::Info, Some("pencil"))
    }
}

/// `GET /admin/mail/texts`
pub async fn list(s: Signed) -> Answer {
    let kept = s.read(|conn| Ok(store::all(conn)?)).await?;
    let (now, tz) = (s.now(), s.tz());
    let rows = Notice::KINDS.iter().filter(|kind| preview::sample(kind, now).is_some());
    let rows = rows.map(|kind| {
        let kept = kept.iter().find(|(k, _)| k == kind).map(|(_, kept)| kept.clone()).unwrap_or_default();
        let (at, by) = kept.changed.clone().filter(|_| !kept.texts.is_empty()).unzip();
        RowView {
            kind,
            href: paths::mail_text(kind),
            words: Notice::words(kind),
            state: state(&kept),
            problem: kept.texts.problem(kind).map(|p| p.to_string()),
            changed: at.map(|at| When::new(*at, *now, tz)),
            by: by.flatten(),
        }
    });
    let shell = s.shell("Texts of mails", vec![Crumb::link("Mail", paths::mails())]);
    page(&TextsPage { shell: &shell, rows: rows.collect() })
}

#[derive(Debug, Clone)]
struct Shown {
    subject: String,
    text: String,
}

#[derive(Debug, Clone)]
struct TextView {
    kind: &'static str,
    state: Badge,
    action: String,
    html_action: String,
    errors: ErrorSummary,
    fields: Vec<FieldView>,
    placeholders: Vec<Placeholder>,
    preview: Option<Shown>,
    own: Shown,
    problem: Option<String>,
    reset: Option<String>,
    can_edit: bool,
}

#[derive(Template)]
#[template(path = "admin/mail_text.html")]
struct TextPage<'a> {
    shell: &'a Shell,
    view: TextView,
}

/// The kind as the portal knows it, if its texts can be changed.
fn known(s: &Signed, kind: &str) -> Result<&'static str, PageError> {
    let kind = Notice::KINDS.iter().copied().find(|known| *known == kind).ok_or(PageError::NotFound)?;
    preview::sample(kind, s.now()).map(|_| kind).ok_or(PageError::NotFound)
}

/// The sample with these texts, as it would reach the person who looks.
async fn rendered(s: &Signed, kind: &str, texts: &Texts) -> Result<crate::mail::Mail, PageError> {
    let user = s.principal.user;
    let address =
        s.read(move |conn| Ok(users::find(conn, user)?)).await?.map(|u| u.profile.email.to_string());
    let to = Recipient {
        name: s.principal.name.clone(),
        address: address.unwrap_or_default(),
        locale: "en".to_owned(),
        zone: s.tz(),
    };
    let instance = &s.app.instance;
    let portal = Portal { name: instance.name.clone(), base_url: instance.base_url.clone() };
    let facts = preview::sample(kind, s.now()).ok_or(PageError::NotFound)?;
    render_with(&facts, &to, &portal, texts)
        .map(|(mail, _)| mail)
        .map_err(|error| PageError::internal("mail-preview", error))
}

fn fields(raw: &Raw, errors: &FormErrors, can_edit: bool) -> Vec<FieldView> {
    let line = |part: Part, label: &str, value: &str| {
        FieldView::text(part.field(), label).value(value).maxlength(u32::try_from(LINE_MAX).unwrap_or(150))
    };
    let text = |part: Part, label: &str, value: &str| {
        let most = u32::try_from(TEXT_MAX).unwrap_or(2000);
        FieldView::textarea(part.field(), label).value(value).maxlength(most).rows(5)
    };
    let all = [
        line(Part::Subject, "Subject", &raw.subject),
        line(Part::Heading, "Heading", &raw.heading),
        text(Part::Opening, "Opening", &raw.opening).hint("Before the facts. Each line becomes a paragraph."),
        text(Part::Closing, "Closing", &raw.closing)
            .hint("After the button, before the sentences that protect the reader."),
    ];
    let mut all: Vec<FieldView> = all
        .into_iter()
        .zip(raw.texts().parts())
        .map(|(field, (part, _))| field.error(errors.of(part.field())))
        .map(|field| if can_edit { field } else { field.readonly() })
        .collect();
    focus_first_error(all.iter_mut());
    all
}

async fn form_page(
    s: &Signed,
    kind: &'static str,
    raw: &Raw,
    errors: &FormErrors,
    tried: Option<&Texts>,
    status: StatusCode,
) -> Answer {
    let kept = s.read(move |conn| Ok(store::find(conn, kind)?)).await?;
    let shown = |mail: crate::mail::Mail| Shown { subject: mail.subject, text: mail.text };
    let own = shown(rendered(s, kind, &Texts::default()).await?);
    let preview = match tried {
        Some(texts) => Some(shown(rendered(s, kind, texts).await?)),
        None => None,
    };
    let can_edit = s.principal.may(DirectoryTask::Manage);
    let shell = s.shell(
        &format!("Text: {}", Notice::words(kind)),
        vec![Crumb::link("Mail", paths::mails()), Crumb::link("Texts of mails", paths::MAIL_TEXTS)],
    );
    let fields = fields(raw, errors, can_edit);
    let mut all = vec![FieldView::hidden("version", &raw.version)];
    let summary = ErrorSummary::new(errors.form.clone(), &fields);
    all.extend(fields);
    let view = TextView {
        kind,
        state: state(&kept),
        action: paths::mail_text(kind),
        html_action: paths::mail_text_page(kind, "preview"),
        errors: summary,
        fields: all,
        placeholders: placeholders(kind),
        preview,
        own,
        problem: kept.texts.problem(kind).map(|p| p.to_string()),
        reset: (can_edit && !kept.texts.is_empty()).then(|| paths::mail_text_page(kind, "reset")),
        can_edit,
    };
    page_with(status, &TextPage { shell: &shell, view })
}

/// `GET /admin/mail/texts/{kind}`
pub async fn show(s: Signed, kind: Path<String>) -> Answer {
    let kind = known(&s, &kind)?;
    let kept = s.read(move |conn| Ok(store::find(conn, kind)?)).await?;
    form_page(&s, kind, &Raw::kept(&kept), &FormErrors::new(), None, StatusCode::OK).await
}

/// `POST /admin/mail/texts/{kind}`: shows what would be sent, or saves.
pub async fn save(s: Signed, kind: Path<String>, Form(raw): Form<Raw>) -> Answer {
    let kind = known(&s, &kind)?;
    let texts = match raw.parse(kind) {
        Ok(texts) => texts,
        Err(errors) => {
            return form_page(&s, kind, &raw, &errors, None, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    if raw.act == "preview" {
        return form_page(&s, kind, &raw, &FormErrors::new(), Some(&texts), StatusCode::OK).await;
    }
    let version: Option<i64> = raw.version.parse().ok();
    let saved = texts.clone();
    let done = s
        .attempt(move |tx, cx, me| {
            let version = version.ok_or(Refusal::Stale)?;
            app::save(tx, cx, me, kind, version, saved.clone())
        })
        .await?;
    match done {
        Ok(()) => {
            let text = format!("The text of “{}” is saved. The next mail uses it.", Notice::words(kind));
            redirect_with(paths::MAIL_TEXTS, Flash::success(text))
        }
        Err(refusal) => {
            // Seen and sent again, it is meant.
            let now = s.read(move |conn| Ok(store::find(conn, kind)?)).await?.version.to_string();
            let raw = Raw { version: now, ..raw };
            form_page(&s, kind, &raw, &refusal.into(), Some(&texts), StatusCode::CONFLICT).await
        }
    }
}

/// `POST /admin/mail/texts/{kind}/preview`: the HTML part of what would be sent, as a page of its own.
pub async fn html(s: Signed, kind: Path<String>, Form(raw): Form<Raw>) -> Answer {
    let kind = known(&s, &kind)?;
    match raw.parse(kind) {
        Ok(texts) => {
            let mail = rendered(&s, kind, &texts).await?;
            Ok(HttpResponse::Ok()
                .content_type("text/html; charset=utf-8")
                .insert_header((header::CONTENT_SECURITY_POLICY, MAIL_CSP))
                .body(mail.html))
        }
        Err(errors) => form_page(&s, kind, &raw, &errors, None, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

/// `GET` on an address that only takes forms, such as after a reload.
pub async fn to_form(s: Signed, kind: Path<String>) -> Answer {
    crate::web::redirect(paths::mail_text(known(&s, &kind)?))
}

fn confirm_page(s: &Signed, kind: &'static str, kept: &Kept, error: Option<String>) -> Answer {
    let words = Notice::words(kind);
    let shell = s.shell(
        &format!("Reset: {words}"),
        vec![Crumb::link("Mail", paths::mails()), Crumb::link("Texts of mails", paths::MAIL_TEXTS)],
    );
    let status = if error.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let form = FormView::new(paths::mail_text_page(kind, "reset"), &shell.csrf, "Reset")
        .field(FieldView::hidden("version", kept.version.to_string()))
        .danger()
        .cancel(paths::mail_text(kind))
        .checked(error);
    let view = ConfirmView::new(
        format!("Go back to the portal's own text of “{words}”?"),
        vec![
            "The changed texts are removed; the audit log keeps them.".to_owned(),
            "The next mail of this kind says what the portal says by itself.".to_owned(),
        ],
        form,
    );
    page_with(status, &ConfirmPage { shell: &shell, view })
}

/// `GET /admin/mail/texts/{kind}/reset`
pub async fn ask_reset(s: Signed, kind: Path<String>) -> Answer {
    let kind = known(&s, &kind)?;
    let kept = s.read(move |conn| Ok(store::find(conn, kind)?)).await?;
    confirm_page(&s, kind, &kept, None)
}

/// `POST /admin/mail/texts/{kind}/reset`
pub async fn reset(s: Signed, kind: Path<String>, Form(raw): Form<RawReset>) -> Answer {
    let kind = known(&s, &kind)?;
    let version: Option<i64> = raw.version.parse().ok();
    let done =
        s.attempt(move |tx, cx, me| app::reset(tx, cx, me, kind, version.ok_or(Refusal::Stale)?)).await?;
    match done {
        Ok(()) => {
            let text = format!("“{}” says again what the portal says by itself.", Notice::words(kind));
            redirect_with(paths::MAIL_TEXTS, Flash::success(text))
        }
        Err(refusal) => {
            let kept = s.read(move |conn| Ok(store::find(conn, kind)?)).await?;
            confirm_page(&s, kind, &kept, Some(refusal.to_string()))
        }
    }
}

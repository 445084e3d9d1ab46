//! Importing users from a CSV file: choose it, look at what it would do, confirm (SPEC DIR-3).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::app::AppError;
use crate::app::directory::import::{Counts, Judged, Outcome, judge};
use crate::app::directory::imports as cases;
use crate::domain::access::manage_directory;
use crate::domain::import;
use crate::kernel::ids::ImportId;
use crate::kernel::{PageRequest, text};
use crate::store::imports::{self, Import, ImportState};
use crate::web::address::Address;
use crate::web::csv::Csv;
use crate::web::form::Uploaded;
use crate::web::ui::{Badge, Crumb, Pager, Shell, Tone};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page_with, redirect, redirect_with};

const BASE: &str = "/admin/users/import";

#[derive(Template)]
#[template(path = "admin/import.html")]
struct StartPage<'a> {
    shell: &'a Shell,
    action: &'static str,
    columns: String,
    typed: String,
    problem: Option<String>,
}

struct RowView {
    line: u64,
    email: String,
    name: String,
    outcome: Badge,
    changes: Vec<(String, String, String)>,
    reasons: Vec<String>,
}

struct PreviewView {
    file: String,
    counts: Counts,
    parts: Vec<(&'static str, usize, String, bool)>,
    rows: Vec<RowView>,
    pager: Pager,
    outcome: String,
    q: String,
    action: String,
    fingerprint: String,
    can_confirm: bool,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/import_preview.html")]
struct PreviewPage<'a> {
    shell: &'a Shell,
    view: PreviewView,
}

#[derive(Template)]
#[template(path = "admin/import_done.html")]
struct DonePage<'a> {
    shell: &'a Shell,
    state: Badge,
    result: String,
    waiting: bool,
    href: String,
}

/// Text that was pasted in place of a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    text: String,
}

/// The confirmation of a preview.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawConfirm {
    fingerprint: String,
    #[serde(default)]
    invite: String,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    outcome: String,
    q: String,
    page: String,
}

fn start_page(s: &Signed, typed: String, problem: Option<String>, status: StatusCode) -> Answer {
    let shell = s.shell("Import users", vec![Crumb::link("Users", "/admin/users")]);
    let columns = import::header().join(", ");
    page_with(status, &StartPage { shell: &shell, action: BASE, columns, typed, problem })
}

/// `GET /admin/users/import`
pub async fn start(s: Signed) -> Answer {
    start_page(&s, String::new(), None, StatusCode::OK)
}

/// `GET /admin/users/import/template`
pub async fn template(_s: Signed) -> Answer {
    Csv::new(&import::header()).answer("users")
}

/// `POST /admin/users/import`
pub async fn upload(s: Signed, file: Uploaded, Form(raw): Form<Raw>) -> Answer {
    let (name, read) = match file.0 {
        Some(file) => (file.name, import::decode(&file.bytes)),
        None => ("Pasted text".to_owned(), import::decode(raw.text.as_bytes())),
    };
    let checked = read.and_then(|content| import::read(&content).map(|_| content));
    let content = match checked {
        Ok(content) => content,
        Err(why) => return start_page(&s, raw.text, Some(why), StatusCode::UNPROCESSABLE_ENTITY),
    };
    let name = text::line(&name, 200).unwrap_or_else(|_| "File".to_owned());
    let id = s.write(move |tx, cx, me| cases::start(tx, cx, manage_directory(me)?, &name, &content)).await?;
    redirect(format!("{BASE}/{id}"))
}

fn badge(outcome: Outcome) -> Badge {
    match outcome {
        Outcome::Added => Badge::new("added", "Added", Tone::Success, Some("plus-lg")),
        Outcome::Changed => Badge::new("changed", "Changed", Tone::Info, Some("pencil")),
        Outcome::Same => Badge::new("same", "As it is", Tone::Neutral, None),
        Outcome::Refused => Badge::new("refused", "Refused", Tone::Danger, Some("exclamation-triangle")),
    }
}

/// `GET /admin/users/import/{id}`
pub async fn show(s: Signed, id: Path<ImportId>, asked: Query<Asked>) -> Answer {
    import_page(&s, id.into_inner(), asked.0).await
}

/// The import of whoever uploaded it: nobody else sees the file.
async fn own(s: &Signed, id: ImportId) -> Result<Import, PageError> {
    let me = s.principal.user;
    let found = s.read(move |conn| Ok(imports::find(conn, id)?)).await?;
    found.filter(|import| import.created_by == me).ok_or(PageError::NotFound)
}

async fn import_page(s: &Signed, id: ImportId, asked: Asked) -> Answer {
    let import = own(s, id).await?;
    let shell = s.shell("Import users", vec![Crumb::link("Users", "/admin/users")]);
    if import.state != ImportState::Previewed {
        let state = match import.state {
            ImportState::Done => Badge::new("done", "Done", Tone::Success, Some("check-circle")),
            ImportState::Refused => Badge::new("refused", "Nothing was written", Tone::Danger, None),
            _ => Badge::new("waiting", "In progress", Tone::Info, Some("clock-history")),
        };
        let waiting = import.state == ImportState::Waiting;
        let href = format!("{BASE}/{id}");
        return page_with(
            StatusCode::OK,
            &DonePage { shell: &shell, state, result: import.result, waiting, href },
        );
    }
    let zone = s.app.instance.time_zone.name();
    let content = import.content.clone();
    let judged = s
        .read(move |conn| {
            // It could be read when it was uploaded.
            let sheet = import::read(&content).map_err(|_| AppError::NotFound)?;
            judge(conn, &sheet, zone)
        })
        .await?;
    let wanted = Outcome::parse(&asked.outcome);
    let words = text::fold(&asked.q);
    let fits = |row: &&Judged| {
        wanted.is_none_or(|w| row.outcome == w)
            && (words.is_empty() || text::fold(&format!("{} {}", row.email, row.name)).contains(&words))
    };
    let found: Vec<&Judged> = judged.rows.iter().filter(fits).collect();
    let at = PageRequest::new(asked.page.parse().unwrap_or(1));
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let base = format!("{BASE}/{id}");
    let address = Address::new(&base).with("outcome", &asked.outcome).with("q", &asked.q);
    let part = |label: &'static str, outcome: Option<Outcome>, count: usize| {
        let word = outcome.map(Outcome::as_str).unwrap_or_default();
        (label, count, Address::new(&base).with("outcome", word).to_string(), wanted == outcome)
    };
    let c = judged.counts;
    let (skip, size) = (usize::try_from(at.offset()).unwrap_or(0), usize::try_from(at.size).unwrap_or(50));
    let view = PreviewView {
        file: import.file_name,
        counts: c,
        parts: vec![
            part("rows", None, judged.rows.len()),
            part("added", Some(Outcome::Added), c.added),
            part("changed", Some(Outcome::Changed), c.changed),
            part("as they are", Some(Outcome::Same), c.same),
            part("refused", Some(Outcome::Refused), c.refused),
        ],
        rows: found
            .into_iter()
            .skip(skip)
            .take(size)
            .map(|row| RowView {
                line: row.line,
                email: row.email.clone(),
                name: row.name.clone(),
                outcome: badge(row.outcome),
                changes: if row.outcome == Outcome::Changed { row.changes.clone() } else { Vec::new() },
                reasons: row.reasons.clone(),
            })
            .collect(),
        pager: Pager::new(at.number, at.size, total, |n| address.page(n)),
        outcome: asked.outcome,
        q: asked.q,
        action: base,
        fingerprint: judged.fingerprint,
        can_confirm: c.refused == 0 && c.added + c.changed > 0,
        problem: (c.refused > 0).then(|| {
            format!("{} rows cannot be taken. Nothing can be imported before they are mended or taken out of the file.", c.refused)
        }),
    };
    page_with(StatusCode::OK, &PreviewPage { shell: &shell, view })
}

/// `POST /admin/users/import/{id}`
pub async fn confirm(s: Signed, id: Path<ImportId>, Form(raw): Form<RawConfirm>) -> Answer {
    let id = id.into_inner();
    own(&s, id).await?;
    s.write(move |tx, cx, me| {
        cases::confirm(tx, cx, manage_directory(me)?, id, &raw.fingerprint, raw.invite == "on")
    })
    .await?;
    redirect_with(format!("{BASE}/{id}"), Flash::info("The import has begun. It is all done, or nothing."))
}

//! The Mail page: every notice, its state, what it said, and "send again" (SPEC NOT-4).

use actix_web::web::Path;
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::users::page_of;
use crate::app;
use crate::domain::access::DirectoryTask;
use crate::domain::notice::{Notice, NoticeState};
use crate::kernel::ids::NoticeId;
use crate::kernel::{Moment, PageRequest, paths};
use crate::store::views::mail::{self as store, Filter, MailDetail, MailLine};
use crate::web::address::Address;
use crate::web::csv::Csv;
use crate::web::ui::{Badge, Crumb, Empty, FieldView, OptionView, Pager, PersonView, Shell, SortLink, When};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page, redirect_with};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    state: String,
    kind: String,
    dir: String,
    page: String,
    format: String,
}

#[derive(Debug, Clone)]
struct RowView {
    id: String,
    href: String,
    subject: String,
    kind: &'static str,
    name: String,
    address: String,
    state: Badge,
    error: Option<String>,
    created: When,
    sent: Option<When>,
    attempts: i32,
}

#[derive(Debug, Clone)]
struct StatView {
    count: i64,
    label: String,
    href: String,
}

#[derive(Debug, Clone)]
struct MailsView {
    q: String,
    filters: Vec<FieldView>,
    stats: Vec<StatView>,
    sort: SortLink,
    rows: Vec<RowView>,
    pager: Pager,
    csv: String,
    empty: Empty,
}

#[derive(Template)]
#[template(path = "admin/mails.html")]
struct MailsPage<'a> {
    shell: &'a Shell,
    view: MailsView,
}

/// The badge of a notice: one that failed and waits for its next attempt is told apart.
fn badge(line: &MailLine) -> Badge {
    if line.state == NoticeState::Waiting && line.error.is_some() {
        let shown = Badge::work("retrying");
        return Badge::new(
            NoticeState::Waiting.as_str(),
            shown.label,
            shown.tone,
            Some("arrow-counterclockwise"),
        );
    }
    Badge::work(line.state.as_str())
}

fn row(line: MailLine, now: Moment, tz: Tz) -> RowView {
    let when = |at: Moment| When::new(*at, *now, tz);
    RowView {
        id: line.id.to_string(),
        href: paths::mail(line.id),
        kind: Notice::words(&line.kind),
        state: badge(&line),
        subject: if line.subject.is_empty() { Notice::words(&line.kind).to_owned() } else { line.subject },
        name: line.name,
        address: line.address,
        error: line.error,
        created: when(line.created_at),
        sent: line.sent_at.map(when),
        attempts: line.attempts,
    }
}

/// `GET /admin/mail`
pub async fn list(s: Signed, asked: Query<Asked>) -> Answer {
    let asked = asked.0;
    let oldest_first = asked.dir == "asc";
    let filter = Filter {
        q: asked.q.clone(),
        state: NoticeState::parse(&asked.state),
        kind: Notice::KINDS.contains(&asked.kind.as_str()).then(|| asked.kind.clone()),
        oldest_first,
    };
    let as_csv = asked.format == "csv";
    let at = if as_csv { PageRequest::everything() } else { page_of(&asked.page) };
    let viewer = s.viewer();
    let (found, counts) = s
        .read(move |conn| Ok((store::list(conn, &viewer, &filter, at)?, store::counts(conn, &viewer)?)))
        .await?;
    if as_csv {
        return csv(found.items);
    }
    let (now, tz) = (s.now(), s.tz());
    let address = Address::new(paths::mails())
        .with("q", &asked.q)
        .with("state", &asked.state)
        .with("kind", &asked.kind)
        .with("dir", &asked.dir);
    let view = MailsView {
        filters: filters(&asked),
        stats: stats(&counts),
        sort: SortLink::new(
            "Written",
            address.clone().with("dir", if oldest_first { "" } else { "asc" }).to_string(),
            Some(oldest_first),
        ),
        pager: Pager::new(at.number, at.size, found.total, |n| address.page(n)),
        csv: address.clone().with("format", "csv").to_string(),
        empty: if asked.q.is_empty() && asked.state.is_empty() && asked.kind.is_empty() {
            Empty::new(
                "envelope",
                "No mail yet",
                "Every mail that the portal owes somebody shows here, sent or not.",
            )
        } else {
            Empty::new("envelope", "No mail found", "Try other words or another state.")
                .action("Show all mail", paths::mails())
        },
        rows: found.items.into_iter().map(|line| row(line, now, tz)).collect(),
        q: asked.q,
    };
    let shell = s.shell("Mail", Vec::new());
    page(&MailsPage { shell: &shell, view })
}

fn filters(asked: &Asked) -> Vec<FieldView> {
    let mut states = vec![OptionView::new("", "Any state")];
    states
        .extend(NoticeState::ALL.iter().map(|s| OptionView::new(s.as_str(), Badge::work(s.as_str()).label)));
    let mut kinds = vec![OptionView::new("", "Any kind")];
    kinds.extend(Notice::KINDS.iter().map(|k| OptionView::new(*k, Notice::words(k))));
    vec![
        FieldView::select("state", "State", states).value(&asked.state).required(),
        FieldView::select("kind", "Kind", kinds).value(&asked.kind).required(),
    ]
}

fn stats(counts: &[(NoticeState, i64)]) -> Vec<StatView> {
    let of = |state: NoticeState| counts.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n);
    [
        (NoticeState::Waiting, "waiting"),
        (NoticeState::Sent, "sent"),
        (NoticeState::Dropped, "no longer needed"),
        (NoticeState::Failed, "could not be sent"),
    ]
    .into_iter()
    .map(|(state, label)| StatView {
        count: of(state),
        label: label.to_owned(),
        href: Address::new(paths::mails()).with("state", state.as_str()).to_string(),
    })
    .collect()
}

fn csv(lines: Vec<MailLine>) -> Answer {
    let at = |at: Moment| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let mut csv =
        Csv::new(&["Written", "Kind", "To", "Address", "Subject", "State", "Sent", "Attempts", "Error"]);
    for line in lines {
        csv.row([
            at(line.created_at),
            line.kind,
            line.name,
            line.address,
            line.subject,
            line.state.to_string(),
            line.sent_at.map(at).unwrap_or_default(),
            line.attempts.to_string(),
            line.error.unwrap_or_default(),
        ]);
    }
    csv.answer("mail")
}

#[derive(Debug, Clone)]
struct MailView {
    state: Badge,
    person: PersonView,
    kind: &'static str,
    kind_word: String,
    message_id: String,
    request: Option<String>,
    created: When,
    not_before: Option<When>,
    sent: Option<When>,
    attempts: i32,
    zone: String,
    locale: String,
    error: Option<String>,
    text_problem: Option<String>,
    dropped: bool,
    subject: String,
    text: String,
    html: String,
    send_again: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/mail.html")]
struct MailPage<'a> {
    shell: &'a Shell,
    view: MailView,
}

/// `GET /admin/mail/{id}`
pub async fn show(s: Signed, id: Path<NoticeId>) -> Answer {
    let (id, viewer) = (id.into_inner(), s.viewer());
    let found = s.read(move |conn| Ok(store::find(conn, &viewer, id)?)).await?.ok_or(PageError::NotFound)?;
    let title = if found.line.subject.is_empty() {
        Notice::words(&found.line.kind).to_owned()
    } else {
        found.line.subject.clone()
    };
    let shell = s.shell(&title, vec![Crumb::link("Mail", paths::mails())]);
    let can_edit = s.principal.may(DirectoryTask::Manage);
    let view = detail(found, can_edit, s.now(), s.tz());
    page(&MailPage { shell: &shell, view })
}

fn detail(found: MailDetail, can_edit: bool, now: Moment, tz: Tz) -> MailView {
    let when = |at: Moment| When::new(*at, *now, tz);
    let line = found.line;
    let again = can_edit && app::notices::can_send_again(line.state, line.attempts);
    let mut person = PersonView::new(&line.name, &line.address);
    if let Some(user) = line.recipient {
        person = person.link(paths::user(user));
    }
    MailView {
        state: badge(&line),
        person,
        kind: Notice::words(&line.kind),
        request: found.request.map(paths::request),
        created: when(line.created_at),
        not_before: (line.state == NoticeState::Waiting).then(|| when(line.not_before)),
        sent: line.sent_at.map(when),
        attempts: line.attempts,
        dropped: line.state == NoticeState::Dropped,
        error: line.error,
        text_problem: found.text_problem,
        subject: line.subject,
        kind_word: line.kind,
        message_id: found.message_id,
        zone: found.time_zone,
        locale: found.locale,
        text: found.text,
        html: found.html,
        send_again: again.then(|| paths::mail_send_again(line.id)),
    }
}

/// The form of "send again": a button.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {}

/// `POST /admin/mail/{id}/send-again`
pub async fn send_again(s: Signed, id: Path<NoticeId>, Form(_): Form<Again>) -> Answer {
    let id = id.into_inner();
    let flash = match s.attempt(move |tx, cx, me| app::notices::send_again(tx, cx, me, id)).await? {
        Ok(()) => Flash::success("The mail is on its way again, if it is still true."),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    redirect_with(paths::mail(id), flash)
}

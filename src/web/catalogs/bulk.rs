//! Work on many people or assignments: what would be done, before it is begun; how far it is; what came of each row
//! (SPEC ASG-2, PGE-4).

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::bulk_acts::RawEnd;
use super::common::{PackageHead, counted, me};
use crate::app::AppError;
use crate::domain::access::CatalogTask;
use crate::domain::bulk::{NewEnd, RowState, What, WorkKind, WorkState};
use crate::kernel::ids::{BulkWorkId, PackageId};
use crate::kernel::{Page, PageRequest, paths};
use crate::store::bulk::{self as store, Work};
use crate::store::people;
use crate::store::views::bulk::{self as views, ShownRow};
use crate::web::address::Address;
use crate::web::csv::Csv;
use crate::web::ui::{
    Badge, Crumb, Empty, FieldView, FormView, OptionView, Pager, PersonView, Shell, Tab, Tabs, Tone, When,
};
use crate::web::{Answer, FormErrors, PageError, Query, Signed, page};

#[derive(Template)]
#[template(path = "catalogs/bulk.html")]
struct WorkPage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    lead: String,
    state: Badge,
    note: String,
    percent: i32,
    settled: String,
    running: bool,
    by: String,
    when: Option<When>,
    end_form: Option<FormView>,
    start: Option<FormView>,
    nothing: bool,
    change: Option<String>,
    discard: Option<String>,
    cancel: Option<String>,
    here: String,
    csv: Option<String>,
    filters: Tabs,
    ends: bool,
    rows: Vec<Row>,
    empty: Option<Empty>,
    pager: Pager,
}

struct Row {
    id: String,
    person: Option<PersonView>,
    typed: String,
    state: Badge,
    words: String,
    now: Option<When>,
    then: Option<When>,
    no_end: bool,
    request: Option<String>,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    page: String,
}

pub(super) struct Loaded {
    head: PackageHead,
    work: Work,
    rows: Page<ShownRow>,
    by: String,
}

pub(super) async fn load(
    s: &Signed,
    path: (PackageId, BulkWorkId),
    state: String,
    at: PageRequest,
) -> Result<Loaded, PageError> {
    let (who, (package, id)) = (me(s), path);
    s.read(move |conn| {
        let head = PackageHead::load(conn, &who, CatalogTask::SeeAssignments, package)?;
        let work = store::find(conn, id)?.filter(|w| w.package == package).ok_or(AppError::NotFound)?;
        // A draft is its author's own.
        if work.state == WorkState::Draft && work.created_by != who.user {
            return Err(AppError::NotFound);
        }
        let rows = views::rows(conn, id, RowState::parse(&state), at)?;
        let by = people::name(conn, work.created_by)?;
        Ok(Loaded { head, work, rows, by })
    })
    .await
}

fn title(kind: WorkKind) -> &'static str {
    match kind {
        WorkKind::Assign => "Assign to many",
        WorkKind::Remove => "Remove access",
        WorkKind::ChangeEnd => "Change the end of access",
    }
}

/// The badge of a work's state.
pub fn work_badge(state: WorkState) -> Badge {
    match state {
        WorkState::Draft => Badge::new("draft", "Not started", Tone::Neutral, Some("pencil")),
        WorkState::Canceled => Badge::new("canceled", "Stopped", Tone::Neutral, Some("slash-circle")),
        other => Badge::work(other.as_str()),
    }
}

fn row_badge(state: RowState, work: &Work) -> Badge {
    let (label, tone, icon) = match (state, work.state) {
        (RowState::Waiting, WorkState::Draft) => match work.kind {
            WorkKind::Assign => ("Will be assigned", Tone::Info, "person-plus"),
            WorkKind::Remove => ("Will be removed", Tone::Warning, "person-x"),
            WorkKind::ChangeEnd => ("Will be changed", Tone::Info, "calendar-event"),
        },
        (RowState::Waiting, WorkState::Canceled | WorkState::Failed) => {
            ("Not done", Tone::Neutral, "dash-circle")
        }
        (RowState::Waiting, _) => ("Waiting", Tone::Info, "hourglass-split"),
        (RowState::Done, _) => match work.kind {
            WorkKind::Assign => ("Assigned", Tone::Success, "check-circle"),
            WorkKind::Remove => ("Removed", Tone::Success, "check-circle"),
            WorkKind::ChangeEnd => ("Changed", Tone::Success, "check-circle"),
        },
        (RowState::Skipped, _) => match work.kind {
            WorkKind::Assign => ("Already held", Tone::Neutral, "dash-circle"),
            WorkKind::Remove | WorkKind::ChangeEnd => ("Nothing to do", Tone::Neutral, "dash-circle"),
        },
        (RowState::Refused, _) => ("Refused", Tone::Warning, "slash-circle"),
        (RowState::Failed, _) => ("Failed", Tone::Danger, "exclamation-octagon"),
    };
    Badge::new(state.as_str(), label, tone, Some(icon))
}

/// What will happen, or happens, in a sentence.
fn lead(work: &Work, package: &str) -> String {
    let draft = work.state == WorkState::Draft;
    let n = i64::from(if draft { work.counts.waiting() } else { work.counts.total });
    let people = counted(n, "person", "people");
    match (work.kind, draft) {
        (WorkKind::Assign, true) => format!("“{package}” would be given to {people}. Nothing is done yet."),
        (WorkKind::Assign, false) => format!("“{package}” for {people}."),
        (WorkKind::Remove, true) => {
            format!("{people} would lose “{package}” at once and be told by mail. Nothing is done yet.")
        }
        (WorkKind::Remove, false) => format!("“{package}” is taken from {people}."),
        (WorkKind::ChangeEnd, true) => {
            format!(
                "“{package}” would end at another time for {people}, who are told by mail. Nothing is done yet."
            )
        }
        (WorkKind::ChangeEnd, false) => format!("“{package}” ends at another time for {people}."),
    }
}

fn filters(work: &Work, base: &str, state: &str) -> Tabs {
    let c = work.counts;
    let mut tabs = vec![Tab::new("All", base, state.is_empty()).count(i64::from(c.total))];
    for (word, n) in [
        (RowState::Waiting, c.waiting()),
        (RowState::Done, c.done),
        (RowState::Skipped, c.skipped),
        (RowState::Refused, c.refused),
        (RowState::Failed, c.failed),
    ] {
        if n > 0 || state == word.as_str() {
            let label = row_badge(word, work).label;
            let href = Address::new(base).with("state", word.as_str()).to_string();
            tabs.push(Tab::new(label, href, state == word.as_str()).count(i64::from(n)));
        }
    }
    Tabs::new("Results", tabs)
}

fn end_form(
    loaded: &Loaded,
    here: &str,
    typed: (&str, &str, &str),
    errors: &FormErrors,
    csrf: &str,
) -> FormView {
    let (kind, day, reason) = typed;
    FormView::new(format!("{here}/end"), csrf, "Show what would change")
        .field(
            FieldView::radios(
                "to",
                "When should it end?",
                vec![
                    OptionView::new("day", "At the end of a day")
                        .hint("Earlier or later, within the policy's limit."),
                    OptionView::new("policy", "When its policy says")
                        .hint("Counted from the start of each access, by the policy as it is now."),
                ],
            )
            .value(kind)
            .required(),
        )
        .field(FieldView::date("day", "Last day").value(day).error(errors.of("day")))
        .field(
            FieldView::textarea("reason", "Why?")
                .value(reason)
                .error(errors.of("reason"))
                .hint("The people read it.")
                .rows(2),
        )
        .cancel(paths::manage_package_tab(loaded.head.package.id, "assignments"))
        .checked(errors.form.clone())
}

fn start_form(work: &Work, here: &str, csrf: &str) -> FormView {
    let n = work.counts.waiting();
    let people = counted(i64::from(n), "person", "people");
    let form = |label: String| FormView::new(format!("{here}/start"), csrf, label);
    match work.kind {
        WorkKind::Assign => form(format!("Assign to {people}")),
        WorkKind::Remove => form(format!("Remove the access of {people}"))
            .field(FieldView::textarea("reason", "Why?").hint("The people read it.").rows(2))
            .danger(),
        WorkKind::ChangeEnd => form(format!("Change the end for {people}")),
    }
    .checked(None)
}

fn view(
    s: &Signed,
    loaded: Loaded,
    asked: &Asked,
    errors: &FormErrors,
    typed: Option<&RawEnd>,
    csrf: &str,
) -> View {
    let id = loaded.head.package.id;
    let work = &loaded.work;
    let (now, tz) = (s.now(), s.tz());
    let here = paths::bulk(id, work.id);
    let draft = work.state == WorkState::Draft;
    let may = s.principal.may_in(CatalogTask::Assignments, loaded.head.catalog.id);
    let chosen = match &work.what {
        Ok(What::ChangeEnd { end, reason }) => Some((*end, reason.clone())),
        _ => None,
    };
    let ends = chosen.is_some();
    let end = chosen.filter(|_| draft).map(|(end, reason)| {
        let (kind, day) = match end {
            Some(NewEnd::Policy) => ("policy", String::new()),
            Some(NewEnd::At { at }) => {
                let last = *at - chrono::Duration::microseconds(1);
                ("day", last.with_timezone(&tz).format("%Y-%m-%d").to_string())
            }
            None => ("day", String::new()),
        };
        let form = match typed {
            Some(raw) => end_form(&loaded, &here, (&raw.to, &raw.day, &raw.reason), errors, csrf),
            None => end_form(&loaded, &here, (kind, &day, &reason), errors, csrf),
        };
        (end.is_some(), form)
    });
    let ready = end.as_ref().is_none_or(|(chosen, _)| *chosen);
    let can_start = draft && ready && work.counts.waiting() > 0;
    let links = s.principal.may(crate::domain::access::DirectoryTask::Read);
    let c = work.counts;
    let when = |at| When::new(at, *now, tz);
    View {
        lead: lead(work, &loaded.head.package.name),
        state: work_badge(work.state),
        note: work.note.clone(),
        percent: c.percent(),
        settled: format!("{} of {} have their result", c.settled(), c.total),
        running: work.state.is_under_way(),
        by: loaded.by.clone(),
        when: work.finished_at.or(work.started_at).map(|at| when(*at)),
        start: can_start.then(|| start_form(work, &here, csrf)),
        nothing: draft && ready && work.counts.waiting() == 0,
        end_form: end.map(|(_, form)| form),
        change: (draft && work.kind == WorkKind::Assign)
            .then(|| format!("{}/new?draft={}", paths::manage_package_tab(id, "assignments"), work.id)),
        discard: draft.then(|| format!("{here}/discard")),
        cancel: (may && work.state.is_under_way()).then(|| format!("{here}/cancel")),
        csv: (!draft)
            .then(|| Address::new(format!("{here}/results.csv")).with("state", &asked.state).to_string()),
        filters: filters(work, &here, &asked.state),
        ends,
        empty: loaded.rows.items.is_empty().then(|| {
            Empty::new("search", "Nothing here", "No row has this result.").action("Show all", &here)
        }),
        pager: {
            let address = Address::new(&here).with("state", &asked.state);
            Pager::new(loaded.rows.at.number, loaded.rows.at.size, loaded.rows.total, |n| address.page(n))
        },
        rows: loaded
            .rows
            .items
            .iter()
            .map(|r| {
                let changes = ends && draft && ready && r.state == RowState::Waiting;
                Row {
                    id: r.position.to_string(),
                    person: r.person.as_ref().map(|(user, name, email)| {
                        let person = PersonView::new(name, email);
                        if links { person.link(paths::user(*user)) } else { person }
                    }),
                    typed: r.typed.clone(),
                    state: row_badge(r.state, work),
                    words: r.words.clone(),
                    now: r.assignment.and_then(|(_, end)| end).map(|at| when(*at)),
                    then: r.then.filter(|_| changes).map(|at| when(*at)),
                    no_end: changes && r.then.is_none(),
                    request: r.request.map(paths::request),
                }
            })
            .collect(),
        here,
    }
}

pub(super) fn shown(
    s: &Signed,
    loaded: Loaded,
    asked: &Asked,
    errors: &FormErrors,
    typed: Option<&RawEnd>,
) -> Answer {
    let id = loaded.head.package.id;
    let mut way = loaded.head.way_below();
    way.push(Crumb::link("Assignments", paths::manage_package_tab(id, "assignments")));
    let title = match (loaded.work.kind, loaded.work.counts.total) {
        (WorkKind::Assign, 1) => "Assign directly",
        (kind, _) => title(kind),
    };
    let shell = s.shell(title, way);
    let running = loaded.work.state.is_under_way();
    let view = view(s, loaded, asked, errors, typed, &shell.csrf);
    let mut answer = page(&WorkPage { shell: &shell, view })?;
    if running {
        // The browser asks again by itself; the page has a link for those where it does not.
        answer.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static("3"));
    }
    if !errors.is_empty() {
        *answer.status_mut() = actix_web::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

/// `GET /manage/packages/{id}/bulk/{work}`
pub async fn show(s: Signed, path: Path<(PackageId, BulkWorkId)>, asked: Query<Asked>) -> Answer {
    let asked = asked.0;
    let at = PageRequest::new(asked.page.parse().unwrap_or(1));
    let loaded = load(&s, path.into_inner(), asked.state.clone(), at).await?;
    shown(&s, loaded, &asked, &FormErrors::new(), None)
}

/// `GET /manage/packages/{id}/bulk/{work}/results.csv` (SPEC ASG-2)
pub async fn export(s: Signed, path: Path<(PackageId, BulkWorkId)>, asked: Query<Asked>) -> Answer {
    let loaded = load(&s, path.into_inner(), asked.state.clone(), PageRequest::everything()).await?;
    let mut csv = Csv::new(&["Row", "Typed", "Person", "E-mail", "Result", "Why", "Ends", "Request id"]);
    for row in &loaded.rows.items {
        let (name, email) = row.person.as_ref().map(|p| (p.1.as_str(), p.2.as_str())).unwrap_or_default();
        csv.row([
            row.position.to_string(),
            row.typed.clone(),
            name.to_owned(),
            email.to_owned(),
            row_badge(row.state, &loaded.work).label,
            row.words.clone(),
            row.assignment.and_then(|a| a.1).map(|at| at.to_string()).unwrap_or_default(),
            row.request.map(|r| r.to_string()).unwrap_or_default(),
        ]);
    }
    csv.answer("results")
}

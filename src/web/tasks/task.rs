//! One task: what to do, for whom, where, why and until when; and the answer to it.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::list::{act, badge};
use crate::app::fulfil::{self, Answer as Reply};
use crate::domain::Refusal;
use crate::domain::access::CatalogTask;
use crate::domain::fulfilment::{TaskAction, TaskState, Who};
use crate::kernel::ids::{TaskId, UserId};
use crate::kernel::{Moment, paths};
use crate::store::people;
use crate::store::views::task::{self, Details, Through};
use crate::store::views::tasks::{self, TaskRow};
use crate::web::ui::{Badge, Crumb, FieldView, PersonView, Shell, When};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect_with};

/// What the page of a task is made of.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub row: TaskRow,
    pub details: Details,
    pub through: Vec<Through>,
    /// Who is asked, and why they.
    pub who: Who,
    pub people: Vec<String>,
    /// May the person who looks answer it? A rule may be in the way although they own the resource.
    pub may: Result<bool, Refusal>,
    pub me: UserId,
    /// May they follow links to the request and the packages?
    pub manages: bool,
    pub until: Option<Moment>,
}

async fn load(s: &Signed, id: TaskId) -> Result<Loaded, PageError> {
    let me = s.principal.clone();
    s.read(move |conn| {
        let seen = fulfil::seen(conn, &me, id)?;
        let (who, asked) = seen.around.asked(seen.task.subject_id);
        let row = tasks::one(conn, id)?.ok_or(crate::app::AppError::NotFound)?;
        Ok(Loaded {
            row,
            details: task::details(conn, &seen.task)?,
            through: task::through(conn, &seen.task)?,
            who,
            people: people::names(conn, &asked)?.into_values().collect(),
            may: seen.around.may_close(seen.task.subject_id, me.user),
            me: me.user,
            manages: me.may_in(CatalogTask::SeeAssignments, seen.catalog),
            until: task::until(conn, &seen.task)?,
        })
    })
    .await
}

/// The page as it is shown.
#[derive(Debug, Clone)]
pub struct TaskView {
    pub id: String,
    pub state: Badge,
    pub open: bool,
    /// What to do, in one sentence.
    pub sentence: String,
    pub grant: bool,
    pub resource: String,
    pub role: String,
    pub role_description: String,
    pub person: PersonView,
    pub usage: String,
    pub link: String,
    pub packages: Vec<String>,
    pub catalog: String,
    pub justification: String,
    pub until: Option<When>,
    pub created: When,
    pub due: When,
    pub overdue: bool,
    pub people: String,
    pub fallback: Option<&'static str>,
    pub taken: Option<String>,
    pub mine: bool,
    pub closed: Option<(When, String)>,
    pub reason: String,
    pub may: bool,
    /// Why the person who looks cannot answer, if they would be the one.
    pub barred: Option<String>,
    pub note: FieldView,
    pub why: FieldView,
    pub errors: Option<String>,
    pub done_action: String,
    pub cannot_action: String,
    pub take_action: String,
    pub request_href: Option<String>,
}

/// The page of a task.
#[derive(Template)]
#[template(path = "tasks/task.html")]
pub struct TaskPage<'a> {
    pub shell: &'a Shell,
    pub view: TaskView,
}

/// What was typed, to be shown again.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub note: String,
    pub why: String,
    pub errors: FormErrors,
}

fn sentence(l: &Loaded) -> String {
    let r = &l.row;
    match (r.action, r.state) {
        (TaskAction::Grant, TaskState::Open) => {
            format!(
                "Give {} the role “{}” in {}. Then say here that it is done.",
                r.person, r.role, r.resource
            )
        }
        (TaskAction::Revoke, TaskState::Open) => format!(
            "Take the role “{}” in {} back from {}. Then say here that it is done.",
            r.role, r.resource, r.person
        ),
        (TaskAction::Grant, TaskState::Done) => {
            format!("{} has the role “{}” in {}.", r.person, r.role, r.resource)
        }
        (TaskAction::Revoke, TaskState::Done) => {
            format!("The role “{}” in {} was taken back from {}.", r.role, r.resource, r.person)
        }
        (_, TaskState::Cannot) => {
            "The people who manage the package can read why, and can ask again.".to_owned()
        }
        (TaskAction::Grant, TaskState::Canceled) => {
            format!("{} is not to get this any more. If you have begun, put it back as it was.", r.person)
        }
        (TaskAction::Revoke, TaskState::Canceled) => {
            format!("{} keeps this after all. If you have begun, put it back as it was.", r.person)
        }
    }
}

impl TaskView {
    pub fn of(l: &Loaded, typed: &Typed, now: Moment, tz: Tz) -> Self {
        let r = &l.row;
        let when = |at: Moment| When::new(*at, *now, tz);
        let open = r.state == TaskState::Open;
        let place: Vec<&str> = [l.details.job_title.as_str(), l.details.department.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        let detail =
            if place.is_empty() { r.email.clone() } else { format!("{} · {}", place.join(", "), r.email) };
        let mut packages: Vec<String> = l.through.iter().map(|t| t.name.clone()).collect();
        if packages.is_empty() {
            packages.push(r.package.clone());
        }
        let mine = r.taken_by.as_ref().is_some_and(|(id, _)| *id == l.me);
        Self {
            id: r.id.to_string(),
            state: badge(r.state, r.due_at <= now),
            open,
            sentence: sentence(l),
            grant: r.action == TaskAction::Grant,
            resource: r.resource.clone(),
            role: r.role.clone(),
            role_description: l.details.role_description.clone(),
            person: PersonView::new(&r.person, detail),
            usage: l.details.usage.clone(),
            link: l.details.link.clone(),
            packages,
            catalog: l.details.catalog.clone(),
            justification: l.details.justification.clone(),
            until: l.until.filter(|_| r.action == TaskAction::Grant).map(when),
            created: when(r.created_at),
            due: when(r.due_at),
            overdue: open && r.due_at <= now,
            people: l.people.join(", "),
            fallback: (l.who != Who::Owners).then(|| l.who.words()),
            taken: r.taken_by.as_ref().filter(|_| open).map(|(_, name)| {
                if mine { "You said that you are at it.".to_owned() } else { format!("{name} is at it.") }
            }),
            mine,
            closed: r.closed_at.map(|at| (when(at), r.closed_by.clone().unwrap_or_default())),
            reason: r.reason.clone(),
            may: open && l.may == Ok(true),
            barred: l.may.as_ref().err().filter(|_| open).map(ToString::to_string),
            note: FieldView::textarea("note", "Note")
                .rows(2)
                .maxlength(1000)
                .value(&typed.note)
                .error(typed.errors.of("note"))
                .hint("For the people who manage the package, such as a ticket number."),
            why: FieldView::textarea("why", "Why it cannot be done")
                .rows(2)
                .maxlength(1000)
                .value(&typed.why)
                .error(typed.errors.of("why"))
                .hint("The people who manage the package read it, and can ask again later.")
                .required(),
            errors: typed.errors.form.clone(),
            done_action: paths::task_act(r.id, "done"),
            cannot_action: paths::task_act(r.id, "cannot"),
            take_action: paths::task_act(r.id, "take"),
            request_href: l.manages.then(|| paths::request(l.details.request)),
        }
    }
}

async fn show_page(s: &Signed, id: TaskId, typed: &Typed, status: StatusCode) -> Answer {
    let loaded = load(s, id).await?;
    let row = &loaded.row;
    let title = format!("{}: {} in {}", act(row.action), row.role, row.resource);
    let shell = s.shell(&title, vec![Crumb::link("Tasks", paths::TASKS)]);
    page_with(status, &TaskPage { shell: &shell, view: TaskView::of(&loaded, typed, s.now(), s.tz()) })
}

/// `GET /tasks/{id}`
pub async fn show(s: Signed, id: Path<TaskId>) -> Answer {
    show_page(&s, id.into_inner(), &Typed::default(), StatusCode::OK).await
}

/// The form "done".
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    #[serde(default)]
    note: String,
}

/// The form "cannot be done".
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cannot {
    #[serde(default)]
    why: String,
}

/// Answers, and says what comes of it.
async fn answer(s: Signed, id: TaskId, reply: Reply, words: String, thanks: &'static str) -> Answer {
    let typed = words.clone();
    match s.attempt(move |tx, cx, me| fulfil::close(tx, cx, me, id, reply, &typed)).await? {
        Ok(()) => redirect_with(paths::task(id), Flash::success(thanks)),
        Err(refusal) => {
            let field = if reply == Reply::Done { "note" } else { "why" };
            let mut errors = FormErrors::new();
            let status = match &refusal {
                Refusal::TaskReasonRequired | Refusal::BadText(_) => {
                    errors.add(field, refusal.to_string());
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                _ => {
                    errors = refusal.into();
                    StatusCode::CONFLICT
                }
            };
            let (note, why) =
                if reply == Reply::Done { (words, String::new()) } else { (String::new(), words) };
            show_page(&s, id, &Typed { note, why, errors }, status).await
        }
    }
}

/// `POST /tasks/{id}/done`
pub async fn done(s: Signed, id: Path<TaskId>, Form(raw): Form<Done>) -> Answer {
    let thanks = "Thank you. The portal goes on from here, and tells whoever waits for it.";
    answer(s, id.into_inner(), Reply::Done, raw.note, thanks).await
}

/// `POST /tasks/{id}/cannot`
pub async fn cannot(s: Signed, id: Path<TaskId>, Form(raw): Form<Cannot>) -> Answer {
    let thanks = "Thank you. The people who manage the package can read your reason now.";
    answer(s, id.into_inner(), Reply::Cannot, raw.why, thanks).await
}

/// The form "I am at it".
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Take {
    #[serde(default)]
    leave: String,
}

/// `POST /tasks/{id}/take`
pub async fn take(s: Signed, id: Path<TaskId>, Form(raw): Form<Take>) -> Answer {
    let (id, mine) = (id.into_inner(), raw.leave.is_empty());
    let flash = match s.attempt(move |tx, cx, me| fulfil::take(tx, cx, me, id, mine)).await? {
        Ok(()) if mine => Flash::success("The others see now that you are at it."),
        Ok(()) => Flash::success("The others see now that nobody is at it."),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    redirect_with(paths::task(id), flash)
}

//! The Jobs page: what runs, what waits, what failed, bulk work with its progress, and the schedule (SPEC section 14).
//! Administrators act, auditors read. Mails have a page of their own.

use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::users::page_of;
use crate::app::background;
use crate::domain::access::DirectoryTask;
use crate::domain::bulk::WorkKind;
use crate::kernel::ids::JobId;
use crate::kernel::paths;
use crate::store::jobs::JobState;
use crate::store::views::{bulk, jobs as store};
use crate::web::address::Address;
use crate::web::catalogs::work_badge;
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, Shell, Tone, When};
use crate::web::{Answer, Flash, Form, Query, Signed, page, redirect_with};

const PATH: &str = "/admin/jobs";

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    kind: String,
    page: String,
}

struct StatView {
    count: i64,
    label: &'static str,
    href: String,
}

struct JobView {
    id: String,
    kind: String,
    state: Badge,
    error: Option<String>,
    attempts: i32,
    created: When,
    next: Option<When>,
    finished: Option<When>,
    retry: Option<String>,
}

struct ScheduleView {
    name: String,
    what: String,
    every: String,
    last: Option<When>,
    next: When,
    result: String,
    failed: bool,
    run: Option<String>,
}

struct WorkView {
    id: String,
    href: String,
    what: String,
    by: String,
    state: Badge,
    settled: String,
    percent: i32,
    when: Option<When>,
}

struct View {
    stats: Vec<StatView>,
    filters: Vec<FieldView>,
    jobs: Vec<JobView>,
    empty: Option<Empty>,
    pager: Pager,
    works: Vec<WorkView>,
    schedule: Vec<ScheduleView>,
    can_act: bool,
}

#[derive(Template)]
#[template(path = "admin/jobs.html")]
struct JobsPage<'a> {
    shell: &'a Shell,
    view: View,
}

/// What a kind of job or a schedule does; an unknown one is shown under its name.
fn words(name: &str) -> String {
    match name {
        "due" => "What is due: ends, starts, reminders, time-outs, deliveries",
        "bulk" => "Work on many people or assignments",
        "digests" => "Daily mails",
        "accounts" => "Ended sessions and old account links are cleared away",
        other => return other.to_owned(),
    }
    .to_owned()
}

fn every(seconds: Option<i32>) -> String {
    let (n, unit) = match seconds {
        None => return "–".to_owned(),
        Some(s) if s % 86_400 == 0 => (s / 86_400, "day"),
        Some(s) if s % 3600 == 0 => (s / 3600, "hour"),
        Some(s) if s % 60 == 0 => (s / 60, "minute"),
        Some(s) => (s, "second"),
    };
    if n == 1 { format!("every {unit}") } else { format!("every {n} {unit}s") }
}

/// `GET /admin/jobs`
pub async fn list(s: Signed, asked: Query<Asked>) -> Answer {
    let asked = asked.0;
    let (state, kind, at, viewer) =
        (JobState::parse(&asked.state), asked.kind.clone(), page_of(&asked.page), s.viewer());
    let (found, (counts, kinds), schedule, works) = s
        .read(move |conn| {
            Ok((
                store::list(conn, &viewer, state, &kind, at)?,
                store::counts(conn, &viewer)?,
                store::schedule(conn, &viewer)?,
                bulk::latest(conn, None, 10)?,
            ))
        })
        .await?;
    let (now, tz) = (s.now(), s.tz());
    let when = |at: crate::kernel::Moment| When::new(*at, *now, tz);
    let can_act = s.principal.may(DirectoryTask::Manage);
    let address = Address::new(PATH).with("state", &asked.state).with("kind", &asked.kind);
    let of = |state: JobState| counts.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n);
    let mut states = vec![OptionView::new("", "Any state")];
    states.extend(JobState::ALL.iter().map(|s| OptionView::new(s.as_str(), Badge::work(s.as_str()).label)));
    let mut all_kinds = vec![OptionView::new("", "Any kind")];
    all_kinds.extend(kinds.iter().map(|k| OptionView::new(k, words(k))));
    let view = View {
        stats: [
            (JobState::Running, "in progress"),
            (JobState::Waiting, "waiting"),
            (JobState::Failed, "gave up"),
            (JobState::Done, "done"),
        ]
        .into_iter()
        .map(|(state, label)| StatView {
            count: of(state),
            label,
            href: Address::new(PATH).with("state", state.as_str()).to_string(),
        })
        .collect(),
        filters: vec![
            FieldView::select("state", "State", states).value(&asked.state).required(),
            FieldView::select("kind", "Kind", all_kinds).value(&asked.kind).required(),
        ],
        pager: Pager::new(at.number, at.size, found.total, |n| address.page(n)),
        empty: found.items.is_empty().then(|| {
            if asked.state.is_empty() && asked.kind.is_empty() {
                Empty::new(
                    "inbox",
                    "No jobs",
                    "Work that a change leaves behind shows here until it is done.",
                )
            } else {
                Empty::new("search", "No job found", "Try another state or kind.")
                    .action("Show all jobs", PATH)
            }
        }),
        jobs: found
            .items
            .into_iter()
            .map(|j| JobView {
                id: j.id.to_string(),
                kind: words(&j.kind),
                state: if j.state == JobState::Waiting && j.error.is_some() {
                    let shown = Badge::work("retrying");
                    Badge::new(j.state.as_str(), shown.label, shown.tone, Some("arrow-counterclockwise"))
                } else {
                    Badge::work(j.state.as_str())
                },
                error: j.error,
                attempts: j.attempts,
                created: when(j.created_at),
                next: (j.state == JobState::Waiting).then(|| when(j.run_at)),
                finished: j.finished_at.map(when),
                retry: (can_act && j.state == JobState::Failed).then(|| format!("{PATH}/{}/retry", j.id)),
            })
            .collect(),
        works: works
            .into_iter()
            .map(|w| WorkView {
                id: w.id.to_string(),
                href: paths::bulk(w.package, w.id),
                what: format!(
                    "{} {}",
                    match w.kind {
                        WorkKind::Assign => "Assign",
                        WorkKind::Remove => "Remove",
                        WorkKind::ChangeEnd => "Change the end of",
                    },
                    w.package_name
                ),
                by: w.by,
                state: work_badge(w.state),
                settled: format!("{} of {}", w.counts.settled(), w.counts.total),
                percent: w.counts.percent(),
                when: w.finished_at.or(w.started_at).map(when),
            })
            .collect(),
        schedule: schedule
            .into_iter()
            .map(|l| {
                let failed = l.result.as_deref().is_some_and(|r| r.starts_with("failed"));
                ScheduleView {
                    what: words(&l.name),
                    every: every(l.every),
                    last: l.last.map(when),
                    next: when(l.next),
                    result: l.result.unwrap_or_else(|| "nothing to do yet".to_owned()),
                    failed,
                    run: can_act.then(|| format!("{PATH}/schedule/{}/run", l.name)),
                    name: l.name,
                }
            })
            .collect(),
        can_act,
    };
    let shell = s.shell("Jobs", Vec::new());
    page(&JobsPage { shell: &shell, view })
}

/// A form with nothing but its button.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST /admin/jobs/{id}/retry`
pub async fn retry(s: Signed, id: Path<JobId>, Form(_): Form<Nothing>) -> Answer {
    let id = id.into_inner();
    let flash = match s.attempt(move |tx, cx, me| background::retry(tx, cx, me, id)).await? {
        Ok(()) => Flash::success("The job is in the queue again."),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    redirect_with(PATH, flash)
}

/// `POST /admin/jobs/schedule/{name}/run`
pub async fn run_now(s: Signed, name: Path<String>, Form(_): Form<Nothing>) -> Answer {
    let name = name.into_inner();
    s.write(move |tx, cx, me| background::run_now(tx, cx, me, &name)).await?;
    redirect_with(PATH, Flash::success("It runs within a few seconds."))
}

impl ScheduleView {
    fn badge(&self) -> Badge {
        if self.failed {
            Badge::new("failed", "Failed", Tone::Danger, Some("exclamation-octagon"))
        } else {
            Badge::new("done", "Fine", Tone::Success, Some("check-circle"))
        }
    }
}

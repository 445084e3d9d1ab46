//! My team: the people who report to the person directly, what they have, what ends soon, and taking it away (SPEC
//! POL-6, ASG-3).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::access::RowView as AccessView;
use super::packages::{address, number};
use super::request_list::RowView as RequestView;
use super::words;
use crate::app;
use crate::domain::Refusal;
use crate::domain::assignment::AssignmentState;
use crate::kernel::ids::{AssignmentId, UserId};
use crate::kernel::{Moment, Page, PageRequest, paths};
use crate::store::views::browse::{self, PackageCard, Wanted};
use crate::store::views::offer::Asker;
use crate::store::views::team::{self, Report, ReportPage};
use crate::web::ui::{Badge, ConfirmView, Crumb, Empty, FieldView, FormView, Pager, PersonView, Shell, When};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page, page_with, redirect_with};

/// A report in the list.
#[derive(Debug, Clone)]
pub struct RowView {
    pub id: String,
    pub person: PersonView,
    pub account: Option<Badge>,
    pub active: usize,
    pub open: i64,
    pub next_end: Option<When>,
    pub request_href: Option<String>,
}

/// The team as it is shown.
#[derive(Debug, Clone)]
pub struct TeamView {
    pub rows: Vec<RowView>,
    pub empty: Option<Empty>,
}

#[derive(Template)]
#[template(path = "requestor/team.html")]
pub struct TeamPage<'a> {
    pub shell: &'a Shell,
    pub view: TeamView,
}

fn detail(r: &Report) -> String {
    if r.department.is_empty() { r.email.clone() } else { format!("{} · {}", r.department, r.email) }
}

impl TeamView {
    /// What the page shows.
    pub fn of(reports: &[Report], now: Moment, tz: Tz) -> Self {
        Self {
            rows: reports
                .iter()
                .map(|r| RowView {
                    id: r.id.to_string(),
                    person: PersonView::new(&r.name, detail(r)).link(paths::team_person(r.id)),
                    account: (!r.enabled).then(|| Badge::account(false)),
                    active: r.active,
                    open: r.open,
                    next_end: r.next_end.map(|at| When::new(*at, *now, tz)),
                    request_href: r.enabled.then(|| paths::team_packages(r.id)),
                })
                .collect(),
            empty: reports.is_empty().then(|| {
                Empty::new(
                    "people",
                    "Nobody reports to you",
                    "When somebody has you as their manager, you see here what they have, and can request things for them.",
                )
            }),
        }
    }
}

/// `GET /team`
pub async fn index(s: Signed) -> Answer {
    let (me, now) = (s.principal.user, s.now());
    let reports = s.read(move |conn| Ok(team::reports(conn, me, now)?)).await?;
    let shell = s.shell("My team", vec![]);
    page(&TeamPage { shell: &shell, view: TeamView::of(&reports, s.now(), s.tz()) })
}

/// Access of a report.
#[derive(Debug, Clone)]
pub struct HoldingView {
    pub access: AccessView,
    pub remove_href: String,
}

/// A request for a report.
#[derive(Debug, Clone)]
pub struct AskedView {
    pub request: RequestView,
    /// Only whoever asked, or decides, may look further.
    pub opens: bool,
}

/// The page of one report.
#[derive(Debug, Clone)]
pub struct PersonPageView {
    pub id: String,
    pub person: PersonView,
    pub name: String,
    pub active: Vec<HoldingView>,
    pub scheduled: Vec<HoldingView>,
    pub open: Vec<AskedView>,
    pub request_href: Option<String>,
}

#[derive(Template)]
#[template(path = "requestor/team_person.html")]
pub struct PersonPage<'a> {
    pub shell: &'a Shell,
    pub view: PersonPageView,
}

impl PersonPageView {
    /// What the page shows to the manager `me`.
    pub fn of(r: &ReportPage, me: UserId, now: Moment, tz: Tz) -> Self {
        let holding = |a: &crate::store::views::access::AccessRow| HoldingView {
            access: AccessView::of(a, now, tz),
            remove_href: paths::team_remove(r.person.id, a.id),
        };
        Self {
            id: r.person.id.to_string(),
            person: PersonView::new(&r.person.name, detail(&r.person)),
            name: r.person.name.clone(),
            active: r.active.iter().map(holding).collect(),
            scheduled: r.scheduled.iter().map(holding).collect(),
            open: r
                .open
                .iter()
                .map(|row| AskedView {
                    opens: row.requestor == Some(me),
                    request: RequestView::of(row, r.person.id, now, tz),
                })
                .collect(),
            request_href: r.person.enabled.then(|| paths::team_packages(r.person.id)),
        }
    }
}

async fn load(s: &Signed, id: UserId) -> Result<ReportPage, PageError> {
    let (me, now) = (s.principal.user, s.now());
    s.read(move |conn| Ok(team::report(conn, me, id, now)?)).await?.ok_or(PageError::NotFound)
}

/// `GET /team/{id}`
pub async fn show(s: Signed, id: Path<UserId>) -> Answer {
    let found = load(&s, id.into_inner()).await?;
    let shell = s.shell(&found.person.name, vec![Crumb::link("My team", "/team")]);
    let view = PersonPageView::of(&found, s.principal.user, s.now(), s.tz());
    page(&PersonPage { shell: &shell, view })
}

/// The query of the packages.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Search {
    q: String,
    page: String,
}

/// A package that can be requested for a report.
#[derive(Debug, Clone)]
pub struct PackageView {
    pub id: String,
    pub name: String,
    pub description: String,
    pub catalog: String,
    pub gives: String,
    pub href: String,
}

/// What can be requested for a report.
#[derive(Debug, Clone)]
pub struct PackagesView {
    pub q: String,
    pub action: String,
    pub name: String,
    pub rows: Vec<PackageView>,
    pub pager: Pager,
    pub empty: Option<Empty>,
}

#[derive(Template)]
#[template(path = "requestor/team_packages.html")]
pub struct PackagesPage<'a> {
    pub shell: &'a Shell,
    pub view: PackagesView,
}

impl PackagesView {
    /// What the page shows.
    pub fn of(person: &Report, q: &str, found: &Page<PackageCard>) -> Self {
        let action = paths::team_packages(person.id);
        Self {
            q: q.to_owned(),
            name: person.name.clone(),
            rows: found
                .items
                .iter()
                .map(|p| PackageView {
                    id: p.id.to_string(),
                    name: p.name.clone(),
                    description: p.description.clone(),
                    catalog: p.catalog.clone(),
                    gives: words::gives(&p.contents),
                    href: format!("{}?for={}", paths::package_request_for(p.id), person.id),
                })
                .collect(),
            pager: Pager::new(found.at.number, found.at.size, found.total, |n| {
                address(&action, &[("q", q)], n)
            }),
            empty: found.items.is_empty().then(|| {
                if q.trim().is_empty() {
                    Empty::new(
                        "box-seam",
                        "Nothing to request for them",
                        "Managers can request what a package's policy opens to them. What somebody has already, or has asked for, is not listed.",
                    )
                    .action("Back to the team", "/team")
                } else {
                    Empty::new("search", "Nothing found", "No package fits these words.")
                        .action("Show all", action.clone())
                }
            }),
            action,
        }
    }
}

/// `GET /team/{id}/packages`
pub async fn packages(s: Signed, id: Path<UserId>, search: Query<Search>) -> Answer {
    let (me, id, now, q) = (s.principal.user, id.into_inner(), s.now(), search.q.clone());
    let at = PageRequest::new(number(&search.page));
    let (person, found) = s
        .read(move |conn| {
            let Some(found) = team::report(conn, me, id, now)? else {
                return Ok(None);
            };
            let Some(asker) = Asker::load(conn, id)? else {
                return Ok(None);
            };
            let only: Vec<_> = team::on_behalf_packages(conn, None)?.into_iter().collect();
            let list = if only.is_empty() {
                Page { items: Vec::new(), total: 0, at }
            } else {
                browse::list(conn, &asker, &Wanted { q, only, fresh: true, catalog: None }, at, now)?
            };
            Ok(Some((found.person, list)))
        })
        .await?
        .ok_or(PageError::NotFound)?;
    let way = vec![Crumb::link("My team", "/team"), Crumb::link(&person.name, paths::team_person(person.id))];
    let shell = s.shell(&format!("Request for {}", person.name), way);
    page(&PackagesPage { shell: &shell, view: PackagesView::of(&person, &search.q, &found) })
}

/// The form that takes access away.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remove {
    #[serde(default)]
    reason: String,
}

/// The page before access is taken away.
#[derive(Template)]
#[template(path = "requestor/team_remove.html")]
pub struct RemovePage<'a> {
    pub shell: &'a Shell,
    pub view: ConfirmView,
}

fn confirm(
    s: &Signed,
    person: &Report,
    held: &crate::store::views::access::AccessRow,
    raw: &Remove,
    refusal: Option<&Refusal>,
    status: StatusCode,
) -> Answer {
    let way = vec![Crumb::link("My team", "/team"), Crumb::link(&person.name, paths::team_person(person.id))];
    let shell = s.shell("Remove access", way);
    let missing = refusal.filter(|r| **r == Refusal::RemovalReasonRequired).map(ToString::to_string);
    let whole = refusal.filter(|_| missing.is_none()).map(ToString::to_string);
    let form = FormView::new(paths::team_remove(person.id, held.id), &shell.csrf, "Remove it now")
        .field(
            FieldView::textarea("reason", "Why?")
                .rows(3)
                .required()
                .value(&raw.reason)
                .hint(format!("{} can read it, and so can the people who manage the package.", person.name))
                .error(missing),
        )
        .cancel(paths::team_person(person.id))
        .danger()
        .checked(whole);
    let mut lines = vec![if held.state == AssignmentState::Scheduled {
        format!("{} has it not yet: it never starts.", person.name)
    } else {
        format!(
            "{} loses at once what it gives, unless other access gives the same: {}.",
            person.name,
            words::gives(&held.contents)
        )
    }];
    lines.push(format!("{} gets a mail with your reason, and can ask for it again.", person.name));
    let view = ConfirmView::new(format!("Remove “{}” from {}?", held.package_name, person.name), lines, form);
    page_with(status, &RemovePage { shell: &shell, view })
}

type Found = (Report, crate::store::views::access::AccessRow);

async fn holding(s: &Signed, person: UserId, id: AssignmentId) -> Result<Found, PageError> {
    let page = load(s, person).await?;
    let held = page.active.iter().chain(&page.scheduled).find(|a| a.id == id).cloned();
    held.map(|held| (page.person, held)).ok_or(PageError::NotFound)
}

/// `GET /team/{id}/access/{assignment}/remove`
pub async fn ask_remove(s: Signed, ids: Path<(UserId, AssignmentId)>) -> Answer {
    let (person, id) = ids.into_inner();
    let (person, held) = holding(&s, person, id).await?;
    confirm(&s, &person, &held, &Remove::default(), None, StatusCode::OK)
}

/// `POST /team/{id}/access/{assignment}/remove`
pub async fn remove(s: Signed, ids: Path<(UserId, AssignmentId)>, Form(raw): Form<Remove>) -> Answer {
    let (person, id) = ids.into_inner();
    let (person, held) = holding(&s, person, id).await?;
    let reason = raw.reason.clone();
    let done = s.attempt(move |tx, cx, me| app::request::remove_from_report(tx, cx, id, me, &reason)).await?;
    match done {
        Ok(_) => {
            let text = format!("“{}” is removed from {}.", held.package_name, person.name);
            redirect_with(paths::team_person(person.id), Flash::success(text))
        }
        Err(refusal) => confirm(&s, &person, &held, &raw, Some(&refusal), StatusCode::UNPROCESSABLE_ENTITY),
    }
}

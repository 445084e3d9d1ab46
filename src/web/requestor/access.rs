//! My access: what the person has, will have and had; the page of one assignment; giving it up.

use actix_web::web::Path;
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::packages::{address, kind_icon, number};
use super::{csv, words};
use crate::app;
use crate::domain::access::CatalogTask;
use crate::domain::assignment::AssignmentState;
use crate::domain::delivery::DeliveryState;
use crate::domain::{Refusal, extension};
use crate::kernel::ids::AssignmentId;
use crate::kernel::{Moment, Page, PageRequest, paths};
use crate::store::assignments;
use crate::store::views::access::{self, AccessPage, AccessRow, Part};
use crate::store::views::home::SOON_DAYS;
use crate::web::ui::{Badge, Crumb, Empty, FieldView, Pager, PersonView, Shell, Tab, Tabs, When};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page, redirect_with};

/// The query of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Search {
    show: String,
    page: String,
}

impl Search {
    fn part(&self) -> Part {
        Part::parse(&self.show).unwrap_or(Part::Active)
    }
}

/// An assignment in a list.
#[derive(Debug, Clone)]
pub struct RowView {
    pub id: String,
    pub href: String,
    pub package: String,
    pub catalog: String,
    pub gives: String,
    pub state: Badge,
    pub starts: When,
    pub ends: Option<When>,
    pub ended: Option<When>,
    pub why: Option<&'static str>,
    /// Where to extend it, if it ends soon.
    pub extend_href: Option<String>,
}

impl RowView {
    pub fn of(r: &AccessRow, now: Moment, tz: Tz) -> Self {
        let when = |at: Moment| When::new(*at, *now, tz);
        let over = r.state == AssignmentState::Expired;
        Self {
            id: r.id.to_string(),
            href: paths::access(r.id),
            package: r.package_name.clone(),
            catalog: r.catalog.clone(),
            gives: words::gives(&r.contents),
            state: Badge::assignment(r.state.as_str()),
            starts: when(r.starts_at),
            ends: r.ends_at.map(when),
            ended: r.ended_at.or(r.ends_at).filter(|_| over).map(when),
            why: r.end_reason.map(|reason| reason.words()),
            extend_href: r
                .ends_at
                .filter(|end| r.extendable && !over && *end <= now + chrono::Duration::days(SOON_DAYS))
                .map(|_| paths::access_extend(r.id)),
        }
    }
}

/// The list as it is shown.
#[derive(Debug, Clone)]
pub struct ListView {
    pub tabs: Tabs,
    pub part: &'static str,
    pub rows: Vec<RowView>,
    pub pager: Pager,
    pub export_href: String,
    pub empty: Option<Empty>,
}

#[derive(Template)]
#[template(path = "requestor/access.html")]
pub struct AccessListPage<'a> {
    pub shell: &'a Shell,
    pub view: ListView,
}

fn show_of(part: Part) -> &'static str {
    if part == Part::Active { "" } else { part.as_str() }
}

impl ListView {
    pub fn of(part: Part, found: &Page<AccessRow>, counts: [i64; 3], now: Moment, tz: Tz) -> Self {
        let tabs = [(Part::Active, "Active"), (Part::Scheduled, "Starts later"), (Part::Expired, "Ended")];
        Self {
            tabs: Tabs::new(
                "My access",
                tabs.iter()
                    .zip(counts)
                    .map(|((of, label), n)| {
                        Tab::new(*label, address("/access", &[("show", show_of(*of))], 1), *of == part)
                            .count(n)
                    })
                    .collect(),
            ),
            part: part.as_str(),
            rows: found.items.iter().map(|r| RowView::of(r, now, tz)).collect(),
            pager: Pager::new(found.at.number, found.at.size, found.total, |n| {
                address("/access", &[("show", show_of(part))], n)
            }),
            export_href: address("/access/export.csv", &[("show", show_of(part))], 1),
            empty: found.items.is_empty().then(|| match part {
                Part::Active => Empty::new(
                    "key",
                    "You have no access yet",
                    "What you request and get shows up here, with how to use it and when it ends.",
                )
                .action("Find a package", "/packages"),
                Part::Scheduled => Empty::new(
                    "calendar-event",
                    "Nothing starts later",
                    "Access that was approved for a later day waits here until it starts.",
                ),
                Part::Expired => Empty::new(
                    "clock-history",
                    "Nothing has ended",
                    "Access that is over stays here, so that you can see what you had and request it again.",
                ),
            }),
        }
    }
}

/// `GET /access`
pub async fn index(s: Signed, search: Query<Search>) -> Answer {
    let (me, now, part) = (s.principal.user, s.now(), search.part());
    let at = PageRequest::new(number(&search.page));
    let (found, counts) = s
        .read(move |conn| {
            let found = access::mine(conn, me, part, at, now)?;
            let mut counts = [0; 3];
            for (count, part) in counts.iter_mut().zip(Part::ALL) {
                *count = access::count(conn, me, *part, now)?;
            }
            Ok((found, counts))
        })
        .await?;
    let shell = s.shell("My access", vec![]);
    page(&AccessListPage { shell: &shell, view: ListView::of(part, &found, counts, s.now(), s.tz()) })
}

/// `GET /access/export.csv`
pub async fn export(s: Signed, search: Query<Search>) -> Answer {
    let (me, now, part) = (s.principal.user, s.now(), search.part());
    let found = s.read(move |conn| Ok(access::mine(conn, me, part, PageRequest::everything(), now)?)).await?;
    let head = ["Package", "Catalog", "Gives", "State", "Starts", "Ends", "Ended", "Why", "Id"];
    let text = |at: Option<Moment>| at.map(|at| at.to_string()).unwrap_or_default();
    let rows = found.items.into_iter().map(|r| {
        let roles: Vec<_> = r.contents.iter().map(|c| format!("{}: {}", c.resource, c.role)).collect();
        vec![
            r.package_name,
            r.catalog,
            roles.join("; "),
            r.state.as_str().to_owned(),
            r.starts_at.to_string(),
            text(r.ends_at),
            text(r.ended_at),
            r.end_reason.map(|e| e.words().to_owned()).unwrap_or_default(),
            r.id.to_string(),
        ]
    });
    csv::file("access.csv", &head, rows)
}

/// A role that an assignment gives.
#[derive(Debug, Clone)]
pub struct GivenView {
    pub id: String,
    pub icon: &'static str,
    pub resource: String,
    pub role: String,
    pub description: String,
    pub usage: Vec<String>,
    pub link: Option<String>,
    pub state: Badge,
    pub error: Option<String>,
}

/// A request about the assignment.
#[derive(Debug, Clone)]
pub struct AboutView {
    pub id: String,
    pub href: String,
    pub kind: &'static str,
    pub who: String,
    pub state: Badge,
    pub at: When,
}

/// An assignment's page as it is shown.
#[derive(Debug, Clone)]
pub struct AssignmentView {
    pub id: String,
    pub state: Badge,
    pub own: bool,
    pub over: bool,
    pub subject: PersonView,
    pub package: String,
    pub package_href: String,
    pub description: String,
    pub catalog: String,
    pub policy: String,
    pub starts: When,
    pub later: bool,
    pub ends: Option<When>,
    pub ended: Option<When>,
    pub why_ended: Option<&'static str>,
    pub why: Vec<String>,
    pub given: Vec<GivenView>,
    pub requests: Vec<AboutView>,
    pub give_up: Option<GiveUpView>,
    pub again_href: Option<String>,
    pub extend_href: Option<String>,
    pub answers_href: Option<String>,
    /// Why the holder cannot extend it.
    pub why_not: Option<String>,
}

/// The question before access is given up.
#[derive(Debug, Clone)]
pub struct GiveUpView {
    pub action: String,
    pub text: String,
    pub reason: FieldView,
}

#[derive(Template)]
#[template(path = "requestor/assignment.html")]
pub struct AssignmentPage<'a> {
    pub shell: &'a Shell,
    pub view: AssignmentView,
}

/// A link that a browser may follow; anything else is shown as text.
fn web_link(link: &str) -> Option<String> {
    let ok = url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
    ok.then(|| link.to_owned())
}

impl AssignmentView {
    pub fn of(a: &AccessPage, ways: &Ways, manages: bool, now: Moment, tz: Tz) -> Self {
        let when = |at: Moment| When::new(*at, *now, tz);
        let over = a.state == AssignmentState::Expired;
        let held = a
            .given
            .iter()
            .filter(|g| !matches!(g.state, DeliveryState::Removed | DeliveryState::Removing))
            .count();
        Self {
            id: a.id.to_string(),
            state: Badge::assignment(a.state.as_str()),
            own: a.own,
            over,
            subject: PersonView::new(&a.subject.name, &a.subject.email),
            package: a.package_name.clone(),
            package_href: paths::package(a.package),
            description: a.package_description.clone(),
            catalog: a.catalog_name.clone(),
            policy: format!("{}, version {}", a.policy_name, a.policy_version),
            starts: when(a.starts_at),
            later: a.starts_at > now,
            ends: a.ends_at.map(when),
            ended: a.ended_at.or(a.ends_at).filter(|_| over).map(when),
            why_ended: a.end_reason.map(|reason| reason.words()).filter(|_| over),
            why: a
                .requests
                .iter()
                .filter(|r| r.kind.adds() && !r.justification.is_empty())
                .map(|r| r.justification.clone())
                .collect(),
            given: a
                .given
                .iter()
                .map(|g| GivenView {
                    id: g.id.to_string(),
                    icon: kind_icon(g.kind),
                    resource: g.resource_name.clone(),
                    role: g.role.clone(),
                    description: g.description.clone(),
                    usage: g.usage.lines().map(str::to_owned).collect(),
                    link: web_link(&g.link),
                    state: Badge::delivery(g.state.as_str()),
                    error: g.error.clone().filter(|_| manages),
                })
                .collect(),
            requests: a
                .requests
                .iter()
                .map(|r| AboutView {
                    id: r.id.to_string(),
                    href: paths::request(r.id),
                    kind: words::kind_of(r.kind, r.changes),
                    who: r.requestor.clone().unwrap_or_else(|| "The portal".to_owned()),
                    state: Badge::request(r.state.as_str()),
                    at: when(r.submitted_at),
                })
                .collect(),
            give_up: (a.own && !over).then(|| GiveUpView {
                action: format!("{}/give-up", paths::access(a.id)),
                text: match held {
                    _ if a.starts_at > now => {
                        "It has not started yet. It is cancelled, and never starts.".to_owned()
                    }
                    0 => "This access is taken back from you at once.".to_owned(),
                    n => format!(
                        "You lose {} at once, unless other access of yours gives the same. To get it back, you have to request it again.",
                        words::count(i64::try_from(n).unwrap_or(0), "role")
                    ),
                },
                reason: FieldView::textarea("reason", "Reason")
                    .rows(2)
                    .hint("The people who manage the package can read it."),
            }),
            again_href: (a.own && over).then(|| {
                let made = a.requests.iter().rev().find(|r| r.kind.adds());
                let again = made.map(|r| format!("?again={}", r.id)).unwrap_or_default();
                format!("{}{again}", paths::package_request(a.package))
            }),
            extend_href: (ways.extend == Some(Ok(()))).then(|| paths::access_extend(a.id)),
            answers_href: ways.answers.then(|| paths::access_answers(a.id)),
            why_not: match &ways.extend {
                Some(Err(Refusal::NothingToExtend) | Ok(())) | None => None,
                Some(Err(refusal)) => Some(refusal.to_string()),
            },
        }
    }
}

/// What the holder can do about live access.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// Extend it, or why not.
    pub extend: Option<Result<(), Refusal>>,
    /// Change answers.
    pub answers: bool,
}

async fn ways(s: &Signed, a: &AccessPage) -> Result<Ways, PageError> {
    if !a.own || a.state == AssignmentState::Expired {
        return Ok(Ways::default());
    }
    let (id, now, zone) = (a.id, s.now(), s.app.instance.time_zone);
    s.read(move |conn| {
        let Some(held) = assignments::find(conn, id)? else {
            return Ok(Ways::default());
        };
        let standing = app::request::standing(conn, &held)?;
        Ok(Ways {
            extend: Some(extension::check(&standing.facts, now, zone)),
            answers: !standing.askable().is_empty() && extension::check_change(&standing.facts, now).is_ok(),
        })
    })
    .await
}

async fn load(s: &Signed, id: AssignmentId) -> Result<AccessPage, PageError> {
    let (me, now) = (s.principal.clone(), s.now());
    s.read(move |conn| Ok(access::page(conn, &me, id, now)?)).await?.ok_or(PageError::NotFound)
}

/// `GET /access/{id}`
pub async fn show(s: Signed, id: Path<AssignmentId>) -> Answer {
    let a = load(&s, id.into_inner()).await?;
    let way = if a.own {
        vec![Crumb::link("My access", "/access")]
    } else {
        vec![
            Crumb::link("Catalogs", "/catalogs"),
            Crumb::link(&a.package_name, paths::manage_package(a.package)),
            Crumb::link("Assignments", paths::manage_package_tab(a.package, "assignments")),
        ]
    };
    let manages = s.principal.may_in(CatalogTask::SeeAssignments, a.catalog);
    let ways = ways(&s, &a).await?;
    let shell = s.shell(&a.package_name, way);
    page(&AssignmentPage { shell: &shell, view: AssignmentView::of(&a, &ways, manages, s.now(), s.tz()) })
}

/// The form that gives access up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveUp {
    #[serde(default)]
    reason: String,
}

/// `POST /access/{id}/give-up`
pub async fn give_up(s: Signed, id: Path<AssignmentId>, Form(raw): Form<GiveUp>) -> Answer {
    let id = id.into_inner();
    let done = s.attempt(move |tx, cx, me| app::request::give_up(tx, cx, id, me, &raw.reason)).await?;
    let flash = match done {
        Ok(_) => Flash::success("You have given this access up. Thank you for tidying up."),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    redirect_with(paths::access(id), flash)
}

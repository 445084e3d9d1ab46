//! What waits for the person's decision, and what they decided (SPEC APR-8, PGE-2).

use askama::Template;
use serde::Deserialize;

use super::matter::{Eyes, is_urgent, why};
use crate::domain::approval::Verdict;
use crate::kernel::{PageRequest, paths};
use crate::store::views::approvals::{self, Made, Order, Placed, Waiting};
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, Shell, SortLink, Tab, Tabs, Tone, When};
use crate::web::{Answer, Query, Signed, page};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    verdict: String,
}

impl Asked {
    fn page(&self) -> PageRequest {
        PageRequest::new(self.page.parse().unwrap_or(1))
    }

    fn order(&self) -> Order {
        if self.sort == "newest" { Order::Newest } else { Order::Due }
    }

    /// The address of this list with another page or order.
    fn href(&self, path: &str, sort: &str, number: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", self.q.as_str()), ("sort", sort), ("verdict", self.verdict.as_str())] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if number > 1 {
            query.append_pair("page", &number.to_string());
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// A row of the queue.
#[derive(Clone, Debug)]
pub struct WaitingRow {
    pub id: String,
    pub href: String,
    pub package: String,
    pub catalog: String,
    pub subject: String,
    pub place: String,
    pub asked_by: Option<String>,
    pub stage: String,
    pub why: Option<&'static str>,
    pub in_place_of: Option<String>,
    pub escalated: Option<When>,
    pub submitted: When,
    pub due: When,
    pub urgent: bool,
}

impl WaitingRow {
    pub fn of(row: Waiting, eyes: Eyes) -> Self {
        use crate::domain::approval::Circle;
        Self {
            id: row.id.to_string(),
            href: paths::approval(row.id),
            package: row.package,
            catalog: row.catalog,
            subject: row.subject,
            place: row.place,
            asked_by: row.asked_by,
            stage: format!("{} of {}", row.stage, row.stages),
            why: (row.circle != Circle::Named && row.in_place_of.is_none()).then(|| why(row.circle)),
            in_place_of: row.in_place_of,
            escalated: row.escalated_at.map(|at| eyes.when(at)),
            submitted: eyes.when(row.submitted_at),
            due: eyes.when(row.due_at),
            urgent: is_urgent(row.due_at, eyes.now),
        }
    }
}

/// The queue.
#[derive(Clone, Debug)]
pub struct QueueView {
    pub tabs: Tabs,
    pub q: String,
    pub rows: Vec<WaitingRow>,
    pub pager: Pager,
    pub sort_asked: SortLink,
    pub sort_due: SortLink,
    pub empty: Option<Empty>,
}

/// The page of the queue.
#[derive(Template)]
#[template(path = "approver/queue.html")]
pub struct QueuePage<'a> {
    pub shell: &'a Shell,
    pub view: QueueView,
}

/// The tabs of the area, on the page at this address. A guest hands nothing over (SPEC EXT-7).
pub fn tabs(s: &Signed, here: &str, waiting: i64) -> Tabs {
    let tab = |label: &str, href: &str| Tab::new(label, href, href == here);
    let mut all = vec![tab("To decide", "/approvals").count(waiting), tab("History", "/approvals/history")];
    if !s.principal.guest {
        all.push(tab("While away", paths::DELEGATION));
    }
    Tabs::new("Approvals", all)
}

/// How many requests wait, as the navigation counts them too.
pub fn count(s: &Signed) -> i64 {
    s.visit.known.as_ref().map_or(0, |known| known.facts.waiting)
}

/// `GET /approvals`
pub async fn waiting(s: Signed, Query(asked): Query<Asked>) -> Answer {
    let (user, now) = (s.principal.user, s.now());
    let eyes = Eyes { now, tz: s.tz() };
    let (q, order, at) = (asked.q.clone(), asked.order(), asked.page());
    let list = s.read(move |conn| Ok(approvals::queue(conn, user, now, &q, order, at)?)).await?;
    let total = count(&s);
    let empty = if list.total > 0 {
        None
    } else if total > 0 {
        Some(
            Empty::new("search", "No request matches", "Try other words, or look at all that waits.")
                .action("Show all", "/approvals"),
        )
    } else {
        Some(
            Empty::new(
                "inbox",
                "Nothing waits for you",
                "When somebody asks for access that you decide, it shows here.",
            )
            .action("Your decisions", "/approvals/history"),
        )
    };
    let by_due = order == Order::Due;
    let view = QueueView {
        tabs: tabs(&s, "/approvals", total),
        q: asked.q.clone(),
        pager: Pager::new(at.number, at.size, list.total, |n| asked.href("/approvals", &asked.sort, n)),
        sort_asked: SortLink::new("Asked", asked.href("/approvals", "newest", 1), (!by_due).then_some(false)),
        sort_due: SortLink::new("Due", asked.href("/approvals", "", 1), by_due.then_some(true)),
        rows: list.items.into_iter().map(|row| WaitingRow::of(row, eyes)).collect(),
        empty,
    };
    let shell = s.shell("Approvals", Vec::new());
    page(&QueuePage { shell: &shell, view })
}

/// A row of the history.
#[derive(Clone, Debug)]
pub struct MadeRow {
    pub id: String,
    pub href: String,
    pub package: String,
    pub subject: String,
    /// "for Bob" or "by Mia in your place" (SPEC APR-11).
    pub placed: Option<String>,
    pub verdict: Badge,
    pub stage: String,
    pub at: When,
    pub state: Badge,
}

impl MadeRow {
    pub fn of(row: Made, eyes: Eyes) -> Self {
        Self {
            id: row.request.to_string(),
            href: paths::approval(row.request),
            package: row.package,
            subject: row.subject,
            placed: row.placed.map(|p| match p {
                Placed::For(name) => format!("for {name}"),
                Placed::By(name) => format!("by {name} in your place"),
            }),
            verdict: match row.verdict {
                Verdict::Approve => Badge::new("approved", "Approved", Tone::Success, Some("check-circle")),
                Verdict::Deny => Badge::new("denied", "Denied", Tone::Danger, Some("x-circle")),
            },
            stage: format!("{} of {}", row.stage, row.stages),
            at: eyes.when(row.at),
            state: Badge::request(row.state.as_str()),
        }
    }
}

/// The history.
#[derive(Clone, Debug)]
pub struct HistoryView {
    pub tabs: Tabs,
    pub q: String,
    pub verdict: FieldView,
    pub rows: Vec<MadeRow>,
    pub pager: Pager,
    pub empty: Option<Empty>,
}

/// The page of the history.
#[derive(Template)]
#[template(path = "approver/history.html")]
pub struct HistoryPage<'a> {
    pub shell: &'a Shell,
    pub view: HistoryView,
}

/// The filter over decisions.
pub fn verdict_filter(chosen: &str) -> FieldView {
    FieldView::select(
        "verdict",
        "Decision",
        vec![
            OptionView::new("", "All decisions"),
            OptionView::new("approve", "Approved"),
            OptionView::new("deny", "Denied"),
        ],
    )
    .value(chosen)
}

/// `GET /approvals/history`
pub async fn history(s: Signed, Query(asked): Query<Asked>) -> Answer {
    let user = s.principal.user;
    let eyes = Eyes { now: s.now(), tz: s.tz() };
    let (q, verdict, at) = (asked.q.clone(), Verdict::parse(&asked.verdict), asked.page());
    let list = s.read(move |conn| Ok(approvals::history(conn, user, &q, verdict, at)?)).await?;
    let narrowed = !asked.q.is_empty() || verdict.is_some();
    let empty = (list.total == 0).then(|| {
        if narrowed {
            Empty::new("search", "No decision matches", "Try other words, or look at all your decisions.")
                .action("Show all", "/approvals/history")
        } else {
            Empty::new("clock-history", "No decisions yet", "What you approve or deny is kept here.")
                .action("What waits for you", "/approvals")
        }
    });
    let view = HistoryView {
        tabs: tabs(&s, "/approvals/history", count(&s)),
        q: asked.q.clone(),
        verdict: verdict_filter(&asked.verdict),
        pager: Pager::new(at.number, at.size, list.total, |n| asked.href("/approvals/history", "", n)),
        rows: list.items.into_iter().map(|row| MadeRow::of(row, eyes)).collect(),
        empty,
    };
    let shell = s.shell("Approvals", Vec::new());
    page(&HistoryPage { shell: &shell, view })
}

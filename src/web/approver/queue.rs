//! What waits for the person's decision, with a way to decide several together (SPEC APR-8, APR-13, PGE-2).

use askama::Template;
use serde::Deserialize;

use super::matter::{Eyes, is_urgent, why};
use crate::kernel::ids::PackageId;
use crate::kernel::{PageRequest, paths};
use crate::store::views::approvals::{self, Filter, Order, Waiting};
use crate::web::ui::{Empty, FieldView, OptionView, Pager, Shell, SortLink, Tab, Tabs, When};
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
    package: String,
    #[serde(default)]
    only: String,
}

impl Asked {
    fn page(&self) -> PageRequest {
        PageRequest::new(self.page.parse().unwrap_or(1))
    }

    fn order(&self) -> Order {
        match self.sort.as_str() {
            "newest" => Order::Newest,
            "package" => Order::Package,
            "person" => Order::Person,
            _ => Order::Due,
        }
    }

    fn filter(&self) -> Filter {
        Filter {
            q: self.q.clone(),
            package: self.package.parse().ok(),
            escalated: self.only == "escalated",
            only: None,
        }
    }

    /// The address of this list with another page or order.
    fn href(&self, sort: &str, number: i64) -> String {
        let path = "/approvals";
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in
            [("q", self.q.as_str()), ("package", &self.package), ("only", &self.only), ("sort", sort)]
        {
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
    pub changes_asked: bool,
    pub submitted: When,
    pub due: When,
    pub urgent: bool,
    pub justification: String,
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
            changes_asked: row.changes_asked,
            submitted: eyes.when(row.submitted_at),
            due: eyes.when(row.due_at),
            urgent: is_urgent(row.due_at, eyes.now),
            justification: row.justification,
        }
    }
}

/// The queue.
#[derive(Clone, Debug)]
pub struct QueueView {
    pub tabs: Tabs,
    pub q: String,
    pub filters: Vec<FieldView>,
    pub narrows: bool,
    pub rows: Vec<WaitingRow>,
    pub pager: Pager,
    pub sort_package: SortLink,
    pub sort_person: SortLink,
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

/// The filters over the queue.
pub fn filters(package: &str, only: &str, packages: &[(PackageId, String)]) -> Vec<FieldView> {
    let mut all = vec![OptionView::new("", "All packages")];
    all.extend(packages.iter().map(|(id, name)| OptionView::new(id.to_string(), name)));
    let kinds = vec![OptionView::new("", "All requests"), OptionView::new("escalated", "Escalated")];
    vec![
        FieldView::select("package", "Package", all).value(package),
        FieldView::select("only", "Show", kinds).value(only),
    ]
}

/// `GET /approvals`
pub async fn waiting(s: Signed, Query(asked): Query<Asked>) -> Answer {
    let (user, now) = (s.principal.user, s.now());
    let eyes = Eyes { now, tz: s.tz() };
    let (filter, order, at) = (asked.filter(), asked.order(), asked.page());
    let (list, packages) = s
        .read(move |conn| {
            let list = approvals::queue(conn, user, now, &filter, order, at)?;
            Ok((list, approvals::packages_of(conn, user, now)?))
        })
        .await?;
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
    let link = |label: &str, word: &str, wanted: Order, ascending: bool| {
        SortLink::new(label, asked.href(word, 1), (order == wanted).then_some(ascending))
    };
    let view = QueueView {
        tabs: tabs(&s, "/approvals", total),
        q: asked.q.clone(),
        filters: filters(&asked.package, &asked.only, &packages),
        narrows: asked.filter() != Filter::default(),
        pager: Pager::new(at.number, at.size, list.total, |n| asked.href(&asked.sort, n)),
        sort_package: link("Package", "package", Order::Package, true),
        sort_person: link("For", "person", Order::Person, true),
        sort_asked: link("Asked", "newest", Order::Newest, false),
        sort_due: link("Due", "", Order::Due, true),
        rows: list.items.into_iter().map(|row| WaitingRow::of(row, eyes)).collect(),
        empty,
    };
    let shell = s.shell("Approvals", Vec::new());
    page(&QueuePage { shell: &shell, view })
}

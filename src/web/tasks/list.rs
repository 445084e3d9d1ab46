//! The queue of tasks, open and done (SPEC PGE-2).

use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use crate::domain::access::DirectoryRole;
use crate::domain::fulfilment::{TaskAction, TaskState};
use crate::kernel::ids::{ResourceId, UserId};
use crate::kernel::{Moment, Page, PageRequest, paths};
use crate::store::views::tasks::{self, Filter, Scope, Sort, TaskRow};
use crate::web::csv::Csv;
use crate::web::ui::{
    Badge, Empty, FieldView, OptionView, Pager, PersonView, Shell, SortLink, Tab, Tabs, Tone, When,
};
use crate::web::{Answer, PageError, Query, Signed, page};

const EXPORT: &str = "/tasks/export.csv";

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub q: String,
    pub list: String,
    pub whose: String,
    pub action: String,
    pub resource: String,
    pub state: String,
    pub only: String,
    pub sort: String,
    pub page: String,
}

impl Asked {
    fn closed(&self) -> bool {
        self.list == "closed"
    }

    /// The filter that it means; what cannot be read narrows nothing.
    fn filter(&self, now: Moment) -> Filter {
        Filter {
            closed: self.closed(),
            q: self.q.clone(),
            action: TaskAction::parse(&self.action),
            resource: self.resource.parse().ok(),
            state: TaskState::parse(&self.state).filter(|_| self.closed()),
            due_before: (self.only == "overdue" && !self.closed()).then_some(now),
        }
    }

    fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "person" => Sort::Person,
            "resource" => Sort::Resource,
            _ => Sort::Urgent,
        }
    }

    fn narrows(&self) -> bool {
        [&self.q, &self.action, &self.resource, &self.state, &self.only]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    /// The address of this list with another order or page.
    fn href(&self, path: &str, sort: &str, number: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("list", self.list.as_str()),
            ("whose", &self.whose),
            ("q", &self.q),
            ("action", &self.action),
            ("resource", &self.resource),
            ("state", &self.state),
            ("only", &self.only),
            ("sort", sort),
        ] {
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

/// The badge of a task.
pub fn badge(state: TaskState, overdue: bool) -> Badge {
    let (word, label, tone, icon) = match state {
        TaskState::Open if overdue => ("open", "Overdue", Tone::Danger, "exclamation-octagon"),
        TaskState::Open => ("open", "To do", Tone::Warning, "hourglass-split"),
        TaskState::Done => ("done", "Done", Tone::Success, "check-circle"),
        TaskState::Cannot => ("cannot", "Cannot be done", Tone::Danger, "x-circle"),
        TaskState::Canceled => ("canceled", "No longer needed", Tone::Neutral, "dash-circle"),
    };
    Badge::new(word, label, tone, Some(icon))
}

/// "Give Editor in Quote tool", as a thing to do.
pub fn act(action: TaskAction) -> &'static str {
    match action {
        TaskAction::Grant => "Give",
        TaskAction::Revoke => "Take back",
    }
}

/// A row of the queue.
#[derive(Clone, Debug)]
pub struct RowView {
    pub id: String,
    pub href: String,
    pub act: &'static str,
    pub resource: String,
    pub role: String,
    pub person: PersonView,
    pub package: String,
    pub state: Badge,
    pub due: When,
    pub taken: Option<String>,
    pub closed: Option<When>,
    pub closer: String,
    pub reason: String,
}

impl RowView {
    pub fn of(row: &TaskRow, me: UserId, now: Moment, tz: Tz) -> Self {
        Self {
            id: row.id.to_string(),
            href: paths::task(row.id),
            act: act(row.action),
            resource: row.resource.clone(),
            role: row.role.clone(),
            person: PersonView::new(&row.person, &row.email),
            package: row.package.clone(),
            state: badge(row.state, row.due_at <= now),
            due: When::new(*row.due_at, *now, tz),
            taken: row.taken_by.as_ref().filter(|_| row.state == TaskState::Open).map(|(id, name)| {
                if *id == me { "You are at it".to_owned() } else { format!("{name} is at it") }
            }),
            closed: row.closed_at.map(|at| When::new(*at, *now, tz)),
            closer: row.closed_by.clone().unwrap_or_default(),
            reason: row.reason.clone(),
        }
    }
}

/// The queue as it is shown.
#[derive(Clone, Debug)]
pub struct ListView {
    pub tabs: Tabs,
    pub q: String,
    pub filters: Vec<FieldView>,
    pub hidden: Vec<(&'static str, String)>,
    pub clear: Option<String>,
    pub closed: bool,
    pub rows: Vec<RowView>,
    pub sort_what: SortLink,
    pub sort_person: SortLink,
    pub sort_due: SortLink,
    pub pager: Pager,
    pub export_href: String,
    pub empty: Option<Empty>,
}

/// The page of the queue.
#[derive(Template)]
#[template(path = "tasks/list.html")]
pub struct ListPage<'a> {
    pub shell: &'a Shell,
    pub view: ListView,
}

/// The people and the clock around a page.
#[derive(Debug, Clone, Copy)]
pub struct Eyes {
    pub me: UserId,
    pub now: Moment,
    pub tz: Tz,
    /// May they look at everybody's tasks?
    pub everything: bool,
}

fn filters(asked: &Asked, resources: &[(ResourceId, String)], everything: bool) -> Vec<FieldView> {
    let actions = vec![
        OptionView::new("", "Give and take back"),
        OptionView::new("grant", "Give"),
        OptionView::new("revoke", "Take back"),
    ];
    let mut all = vec![OptionView::new("", "All resources")];
    all.extend(resources.iter().map(|(id, name)| OptionView::new(id.to_string(), name)));
    let mut fields = vec![
        FieldView::select("action", "What", actions).value(&asked.action),
        FieldView::select("resource", "Resource", all).value(&asked.resource),
    ];
    if asked.closed() {
        let mut states = vec![OptionView::new("", "However they ended")];
        states.extend(
            [TaskState::Done, TaskState::Cannot, TaskState::Canceled]
                .map(|s| OptionView::new(s.as_str(), badge(s, false).label)),
        );
        fields.push(FieldView::select("state", "How it ended", states).value(&asked.state));
    } else {
        let kinds = vec![OptionView::new("", "All"), OptionView::new("overdue", "Overdue")];
        fields.push(FieldView::select("only", "Due", kinds).value(&asked.only));
    }
    if everything {
        let whose = vec![OptionView::new("", "Mine"), OptionView::new("all", "Everybody’s")];
        fields.push(FieldView::select("whose", "Whose", whose).value(&asked.whose));
    }
    fields
}

fn empty(asked: &Asked, clear: &str) -> Empty {
    if asked.narrows() {
        Empty::new("search", "No task matches", "Try other words, or look at all of them.")
            .action("Show all", clear)
    } else if asked.closed() {
        Empty::new(
            "clock-history",
            "Nothing closed yet",
            "Tasks that are done, or cannot be done, are kept here.",
        )
    } else {
        Empty::new(
            "check2-all",
            "Nothing to do by hand",
            "When somebody is to get or to lose access to a resource that you own, and the portal cannot do it \
             itself, you find the task here.",
        )
    }
}

impl ListView {
    pub fn of(
        asked: &Asked,
        found: &Page<TaskRow>,
        resources: &[(ResourceId, String)],
        waiting: i64,
        eyes: Eyes,
    ) -> Self {
        let (path, closed, sort) = (paths::TASKS, asked.closed(), asked.sort());
        let tab = |label: &str, list: &str| {
            let there = Asked { list: list.to_owned(), whose: asked.whose.clone(), ..Asked::default() };
            Tab::new(label, there.href(path, "", 1), asked.closed() == (list == "closed"))
        };
        let clear = Asked { list: asked.list.clone(), whose: asked.whose.clone(), ..Asked::default() }
            .href(path, "", 1);
        let link = |label: &str, word: &str, of: Sort| {
            SortLink::new(
                label.to_owned(),
                asked.href(path, word, 1),
                (sort == of).then_some(!closed || of != Sort::Urgent),
            )
        };
        let mut hidden = Vec::new();
        if closed {
            hidden.push(("list", asked.list.clone()));
        }
        if !asked.sort.is_empty() {
            hidden.push(("sort", asked.sort.clone()));
        }
        Self {
            tabs: Tabs::new("Tasks", vec![tab("To do", "").count(waiting), tab("Closed", "closed")]),
            q: asked.q.clone(),
            filters: filters(asked, resources, eyes.everything),
            hidden,
            clear: asked.narrows().then(|| clear.clone()),
            closed,
            rows: found.items.iter().map(|row| RowView::of(row, eyes.me, eyes.now, eyes.tz)).collect(),
            sort_what: link("What", "resource", Sort::Resource),
            sort_person: link("For", "person", Sort::Person),
            sort_due: link(if closed { "Closed" } else { "Due" }, "", Sort::Urgent),
            pager: Pager::new(found.at.number, found.at.size, found.total, |n| {
                asked.href(path, &asked.sort, n)
            }),
            export_href: asked.href(EXPORT, &asked.sort, 1),
            empty: (found.total == 0).then(|| empty(asked, &clear)),
        }
    }
}

fn everything(s: &Signed) -> bool {
    s.principal.is_administrator() || s.principal.is(DirectoryRole::Auditor)
}

type Found = (Page<TaskRow>, Vec<(ResourceId, String)>);

async fn found(s: &Signed, asked: &Asked, at: PageRequest) -> Result<Found, PageError> {
    let (me, filter, sort) = (s.principal.clone(), asked.filter(s.now()), asked.sort());
    let all = asked.whose == "all";
    s.read(move |conn| {
        let scope = if all { Scope::all(conn, &me)? } else { Scope::mine(conn, &me)? };
        Ok((tasks::list(conn, &scope, &filter, sort, at)?, tasks::resources_of(conn, &scope)?))
    })
    .await
}

/// `GET /tasks`
pub async fn show(s: Signed, Query(asked): Query<Asked>) -> Answer {
    let at = PageRequest::new(asked.page.parse().unwrap_or(1));
    let (list, resources) = found(&s, &asked, at).await?;
    let waiting = s.visit.known.as_ref().and_then(|known| known.facts.tasks).unwrap_or(0);
    let eyes = Eyes { me: s.principal.user, now: s.now(), tz: s.tz(), everything: everything(&s) };
    let shell = s.shell("Tasks", Vec::new());
    page(&ListPage { shell: &shell, view: ListView::of(&asked, &list, &resources, waiting, eyes) })
}

/// `GET /tasks/export.csv`: what the filter shows, all pages of it.
pub async fn export(s: Signed, Query(asked): Query<Asked>) -> Answer {
    let (list, _) = found(&s, &asked, PageRequest::everything()).await?;
    let mut csv = Csv::new(&[
        "What",
        "Resource",
        "Role",
        "For",
        "E-mail",
        "Package",
        "State",
        "Written",
        "Due",
        "At it",
        "Closed",
        "Closed by",
        "Reason",
        "Task id",
    ]);
    for row in list.items {
        csv.row([
            act(row.action).to_owned(),
            row.resource,
            row.role,
            row.person,
            row.email,
            row.package,
            row.state.as_str().to_owned(),
            row.created_at.to_string(),
            row.due_at.to_string(),
            row.taken_by.map(|(_, name)| name).unwrap_or_default(),
            row.closed_at.map(|at| at.to_string()).unwrap_or_default(),
            row.closed_by.unwrap_or_default(),
            row.reason,
            row.id.to_string(),
        ]);
    }
    csv.answer("tasks")
}

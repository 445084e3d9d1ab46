//! My requests: the list, and as a file.

use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::packages::{address, number};
use super::{csv, words};
use crate::domain::request::RequestState;
use crate::kernel::ids::UserId;
use crate::kernel::{Moment, Page, PageRequest, paths};
use crate::store::views::requests::{self, RequestRow, Which};
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, Shell, When};
use crate::web::{Answer, PageError, Query, Signed, page};

/// The query of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Search {
    q: String,
    state: String,
    page: String,
}

impl Search {
    fn which(&self) -> Which {
        match self.state.as_str() {
            "open" => Which::Open,
            word => RequestState::parse(word).map_or(Which::All, Which::In),
        }
    }
}

/// A request in a list.
#[derive(Debug, Clone)]
pub struct RowView {
    pub id: String,
    pub href: String,
    pub package: String,
    pub catalog: String,
    pub kind: &'static str,
    pub state: Badge,
    pub stage: Option<String>,
    pub asked: When,
    pub due: Option<When>,
    pub escalated: Option<When>,
    pub other: Option<String>,
    /// "waits for Bob": who can decide now, where that may be told.
    pub waits: Option<String>,
}

impl RowView {
    pub fn of(r: &RequestRow, me: UserId, now: Moment, tz: Tz) -> Self {
        let when = |at: Moment| When::new(*at, *now, tz);
        let pending = r.state == RequestState::PendingApproval;
        Self {
            id: r.id.to_string(),
            href: paths::request(r.id),
            package: r.package_name.clone(),
            catalog: r.catalog.clone(),
            kind: words::kind_of(r.kind, r.changes),
            state: Badge::request(r.state.as_str()),
            stage: match r.wanted_start.filter(|_| r.state == RequestState::Scheduled) {
                Some(start) => Some(format!("starts {}", when(start).exact)),
                None => (pending && r.stages > 1).then(|| format!("stage {} of {}", r.stage, r.stages)),
            },
            asked: when(r.submitted_at),
            due: r.due_at.filter(|_| pending).map(when),
            escalated: r.escalated_at.map(when),
            waits: match r.waiting_for.as_slice() {
                _ if r.changes_asked && r.requestor == Some(me) => Some("waits for your changes".to_owned()),
                _ if r.changes_asked => Some("waits for changes".to_owned()),
                [] => None,
                few @ ([_] | [_, _] | [_, _, _]) => Some(format!("waits for {}", words::listing(few, "or"))),
                many => Some(format!("waits for one of {} people", many.len())),
            },
            other: if r.subject == me {
                r.requestor_name.as_ref().filter(|_| r.requestor != Some(me)).map(|name| format!("by {name}"))
            } else {
                Some(format!("for {}", r.subject_name))
            },
        }
    }
}

/// The list as it is shown.
#[derive(Debug, Clone)]
pub struct ListView {
    pub q: String,
    pub states: FieldView,
    pub rows: Vec<RowView>,
    pub pager: Pager,
    pub export_href: String,
    pub empty: Option<Empty>,
}

#[derive(Template)]
#[template(path = "requestor/requests.html")]
pub struct RequestsPage<'a> {
    pub shell: &'a Shell,
    pub view: ListView,
}

impl ListView {
    pub fn of(search: &Search, found: &Page<RequestRow>, me: UserId, now: Moment, tz: Tz) -> Self {
        let mut options = vec![OptionView::new("", "All states"), OptionView::new("open", "On their way")];
        options.extend(
            RequestState::ALL
                .iter()
                .filter(|s| !matches!(s, RequestState::Submitted | RequestState::WaitingForCallback))
                .map(|s| OptionView::new(s.as_str(), Badge::request(s.as_str()).label)),
        );
        let fields = [("q", search.q.as_str()), ("state", search.state.as_str())];
        let filtered = !search.q.trim().is_empty() || search.which() != Which::All;
        Self {
            q: search.q.clone(),
            states: FieldView::select("state", "State", options).value(&search.state),
            rows: found.items.iter().map(|r| RowView::of(r, me, now, tz)).collect(),
            pager: Pager::new(found.at.number, found.at.size, found.total, |n| {
                address("/requests", &fields, n)
            }),
            export_href: address("/requests/export.csv", &fields, 1),
            empty: found.items.is_empty().then(|| {
                if filtered {
                    Empty::new("filter", "No request like this", "None of your requests fits this search.")
                        .action("Show all requests", "/requests")
                } else {
                    Empty::new(
                        "send",
                        "You have not asked for anything yet",
                        "Find a package that you need and request it. Here you then see how far it is.",
                    )
                    .action("Find a package", "/packages")
                }
            }),
        }
    }
}

async fn found(s: &Signed, search: &Search, at: PageRequest) -> Result<Page<RequestRow>, PageError> {
    let (me, which, q, now) = (s.principal.user, search.which(), search.q.clone(), s.now());
    s.read(move |conn| Ok(requests::mine(conn, me, which, &q, at, now)?)).await
}

/// `GET /requests`
pub async fn index(s: Signed, search: Query<Search>) -> Answer {
    let found = found(&s, &search, PageRequest::new(number(&search.page))).await?;
    let shell = s.shell("My requests", vec![]);
    page(&RequestsPage {
        shell: &shell,
        view: ListView::of(&search, &found, s.principal.user, s.now(), s.tz()),
    })
}

/// `GET /requests/export.csv`
pub async fn export(s: Signed, search: Query<Search>) -> Answer {
    let found = found(&s, &search, PageRequest::everything()).await?;
    let head = ["Package", "Catalog", "Kind", "For", "By", "State", "Submitted", "Decide by", "Id"];
    let rows = found.items.into_iter().map(|r| {
        vec![
            r.package_name,
            r.catalog,
            words::kind_of(r.kind, r.changes).to_owned(),
            r.subject_name,
            r.requestor_name.unwrap_or_default(),
            r.state.as_str().to_owned(),
            r.submitted_at.to_string(),
            r.due_at.map(|at| at.to_string()).unwrap_or_default(),
            r.id.to_string(),
        ]
    });
    csv::file("requests.csv", &head, rows)
}

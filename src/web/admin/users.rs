//! The list of users.

use askama::Template;
use serde::Deserialize;

use crate::domain::access::DirectoryTask;
use crate::domain::directory::UserKind;
use crate::kernel::{Moment, PageRequest, paths};
use crate::store::views::users::{self, UserFilter, UserLine, UserOrder};
use crate::web::address::Address;
use crate::web::csv::Csv;
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, PersonView, Shell, SortLink, When};
use crate::web::{Answer, Query, Signed, page};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    kind: String,
    state: String,
    department: String,
    sort: String,
    dir: String,
    page: String,
    format: String,
}

impl Asked {
    fn filter(&self) -> UserFilter {
        UserFilter {
            q: self.q.clone(),
            kind: UserKind::parse(&self.kind),
            enabled: match self.state.as_str() {
                "enabled" => Some(true),
                "disabled" => Some(false),
                _ => None,
            },
            department: (!self.department.is_empty()).then(|| self.department.clone()),
            deleted: self.state == "deleted",
        }
    }

    fn narrowed(&self) -> bool {
        ![&self.q, &self.kind, &self.state, &self.department].iter().all(|value| value.is_empty())
    }

    fn address(&self) -> Address {
        Address::new("/admin/users")
            .with("q", &self.q)
            .with("kind", &self.kind)
            .with("state", &self.state)
            .with("department", &self.department)
            .with("sort", &self.sort)
            .with("dir", &self.dir)
    }
}

#[derive(Debug, Clone)]
struct RowView {
    id: String,
    person: PersonView,
    kind: &'static str,
    department: String,
    account: Badge,
    last_sign_in: Option<When>,
}

#[derive(Debug, Clone)]
struct UsersView {
    can_edit: bool,
    q: String,
    filters: Vec<FieldView>,
    sorts: Vec<SortLink>,
    rows: Vec<RowView>,
    pager: Pager,
    csv: String,
    empty: Empty,
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct UsersPage<'a> {
    shell: &'a Shell,
    view: UsersView,
}

/// The words of a kind of user.
pub(super) fn kind_words(kind: UserKind) -> &'static str {
    match kind {
        UserKind::Member => "Member",
        UserKind::Guest => "Guest",
    }
}

/// The badge of an account.
pub(super) fn account_badge(enabled: bool, deleted: bool) -> Badge {
    if deleted {
        Badge::new("deleted", "Deleted", crate::web::ui::Tone::Neutral, Some("trash"))
    } else {
        Badge::account(enabled)
    }
}

/// A page as `?page=` says it; what is no number is the first.
pub(super) fn page_of(text: &str) -> PageRequest {
    PageRequest::new(text.parse().unwrap_or(1))
}

/// `GET /admin`: there is no overview yet, so the first list.
pub async fn overview(_: Signed) -> Answer {
    crate::web::redirect("/admin/users")
}

/// `GET /admin/users`
pub async fn list(s: Signed, asked: Query<Asked>) -> Answer {
    let asked = asked.0;
    let (filter, descending) = (asked.filter(), asked.dir == "desc");
    let order = UserOrder::parse(&asked.sort).unwrap_or(UserOrder::Name);
    let as_csv = asked.format == "csv";
    let at = if as_csv { PageRequest::everything() } else { page_of(&asked.page) };
    let (found, departments) = s
        .read(move |conn| {
            let found = users::list(conn, &filter, order, descending, at)?;
            Ok((found, users::departments(conn)?))
        })
        .await?;
    if as_csv {
        return csv(&found.items);
    }
    let (now, tz) = (s.now(), s.tz());
    let address = asked.address();
    let sorted = |by: UserOrder| (by == order).then_some(!descending);
    let sort = |label: &str, by: UserOrder| {
        SortLink::new(label, address.ordered(by.as_str(), sorted(by)), sorted(by))
    };
    let row = |line: UserLine| RowView {
        id: line.id.to_string(),
        person: PersonView::new(&line.name, &line.email).link(paths::user(line.id)),
        kind: kind_words(line.kind),
        department: line.department,
        account: account_badge(line.enabled, line.deleted_at.is_some()),
        last_sign_in: line.last_sign_in_at.map(|at| When::new(*at, *now, tz)),
    };
    let view = UsersView {
        can_edit: s.principal.may(DirectoryTask::Manage),
        filters: filters(&asked, departments),
        sorts: vec![
            sort("Name", UserOrder::Name),
            sort("Department", UserOrder::Department),
            sort("Last sign-in", UserOrder::LastSignIn),
        ],
        pager: Pager::new(at.number, at.size, found.total, |n| address.page(n)),
        csv: address.clone().with("format", "csv").to_string(),
        empty: if asked.narrowed() {
            Empty::new("people", "Nobody found", "Try other words, or fewer filters.")
                .action("Show everybody", "/admin/users")
        } else {
            Empty::new("people", "No users yet", "Add the first one.")
                .action("Add a user", "/admin/users/new")
        },
        rows: found.items.into_iter().map(row).collect(),
        q: asked.q,
    };
    let shell = s.shell("Users", Vec::new());
    page(&UsersPage { shell: &shell, view })
}

fn filters(asked: &Asked, departments: Vec<String>) -> Vec<FieldView> {
    let kinds = vec![
        OptionView::new("", "Members and guests"),
        OptionView::new(UserKind::Member.as_str(), "Members"),
        OptionView::new(UserKind::Guest.as_str(), "Guests"),
    ];
    let states = vec![
        OptionView::new("", "Any state"),
        OptionView::new("enabled", "Enabled"),
        OptionView::new("disabled", "Disabled"),
        OptionView::new("deleted", "Deleted"),
    ];
    let mut all = vec![OptionView::new("", "All departments")];
    all.extend(departments.into_iter().map(|d| OptionView::new(d.clone(), d)));
    vec![
        FieldView::select("kind", "Kind", kinds).value(&asked.kind).required(),
        FieldView::select("state", "State", states).value(&asked.state).required(),
        FieldView::select("department", "Department", all).value(&asked.department).required(),
    ]
}

fn csv(lines: &[UserLine]) -> Answer {
    let mut csv = Csv::new(&[
        "Name",
        "E-mail",
        "Kind",
        "Department",
        "Job title",
        "Manager",
        "State",
        "Created",
        "Last sign-in",
    ]);
    let time = |at: Moment| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    for line in lines {
        let state = match (line.deleted_at, line.enabled) {
            (Some(_), _) => "deleted",
            (None, true) => "enabled",
            (None, false) => "disabled",
        };
        csv.row([
            line.name.clone(),
            line.email.clone(),
            line.kind.to_string(),
            line.department.clone(),
            line.job_title.clone(),
            line.manager.clone().unwrap_or_default(),
            state.to_owned(),
            time(line.created_at),
            line.last_sign_in_at.map(time).unwrap_or_default(),
        ]);
    }
    csv.answer("users")
}

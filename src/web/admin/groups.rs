//! The list of groups.

use askama::Template;
use serde::Deserialize;

use super::users::page_of;
use crate::domain::access::DirectoryTask;
use crate::domain::directory::GroupKind;
use crate::kernel::{PageRequest, paths};
use crate::store::views::groups::{self, GroupLine, GroupOrder};
use crate::web::address::Address;
use crate::web::csv::Csv;
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, Shell, SortLink, Tone, When};
use crate::web::{Answer, Query, Signed, page};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    kind: String,
    sort: String,
    dir: String,
    page: String,
    format: String,
}

#[derive(Debug, Clone)]
struct RowView {
    id: String,
    name: String,
    href: String,
    description: String,
    kind: Badge,
    members: i64,
    owners: i64,
    created: When,
}

#[derive(Debug, Clone)]
struct GroupsView {
    can_edit: bool,
    q: String,
    kind: FieldView,
    sorts: Vec<SortLink>,
    rows: Vec<RowView>,
    pager: Pager,
    csv: String,
    empty: Empty,
}

#[derive(Template)]
#[template(path = "admin/groups.html")]
struct GroupsPage<'a> {
    shell: &'a Shell,
    view: GroupsView,
}

/// The badge of a kind of group.
pub(super) fn kind_badge(kind: GroupKind) -> Badge {
    match kind {
        GroupKind::Assigned => Badge::new("assigned", "Members by hand", Tone::Neutral, Some("people")),
        GroupKind::Dynamic => Badge::new("dynamic", "Members by rule", Tone::Info, Some("sliders")),
    }
}

/// `GET /admin/groups`
pub async fn list(s: Signed, asked: Query<Asked>) -> Answer {
    let asked = asked.0;
    let (q, kind) = (asked.q.clone(), GroupKind::parse(&asked.kind));
    let order = GroupOrder::parse(&asked.sort).unwrap_or(GroupOrder::Name);
    let descending = asked.dir == "desc";
    let as_csv = asked.format == "csv";
    let at = if as_csv { PageRequest::everything() } else { page_of(&asked.page) };
    let found = s.read(move |conn| Ok(groups::list(conn, &q, kind, order, descending, at)?)).await?;
    if as_csv {
        return csv(&found.items);
    }
    let (now, tz) = (s.now(), s.tz());
    let address = Address::new("/admin/groups")
        .with("q", &asked.q)
        .with("kind", &asked.kind)
        .with("sort", &asked.sort)
        .with("dir", &asked.dir);
    let sorted = |by: GroupOrder| (by == order).then_some(!descending);
    let sort = |label: &str, by: GroupOrder| {
        SortLink::new(label, address.ordered(by.as_str(), sorted(by)), sorted(by))
    };
    let kinds = vec![
        OptionView::new("", "Any kind"),
        OptionView::new(GroupKind::Assigned.as_str(), "Members by hand"),
        OptionView::new(GroupKind::Dynamic.as_str(), "Members by rule"),
    ];
    let view = GroupsView {
        can_edit: s.principal.may(DirectoryTask::Manage),
        kind: FieldView::select("kind", "Kind", kinds).value(&asked.kind).required(),
        sorts: vec![sort("Name", GroupOrder::Name), sort("Made", GroupOrder::Created)],
        pager: Pager::new(at.number, at.size, found.total, |n| address.page(n)),
        csv: address.clone().with("format", "csv").to_string(),
        empty: if asked.q.is_empty() && asked.kind.is_empty() {
            Empty::new("diagram-3", "No groups yet", "A group gathers people who need the same.")
                .action("Add a group", "/admin/groups/new")
        } else {
            Empty::new("diagram-3", "No group found", "Try other words.")
                .action("Show all groups", "/admin/groups")
        },
        rows: found
            .items
            .into_iter()
            .map(|line| RowView {
                id: line.id.to_string(),
                href: paths::group(line.id),
                name: line.name,
                description: line.description,
                kind: kind_badge(line.kind),
                members: line.members,
                owners: line.owners,
                created: When::new(*line.created_at, *now, tz),
            })
            .collect(),
        q: asked.q,
    };
    let shell = s.shell("Groups", Vec::new());
    page(&GroupsPage { shell: &shell, view })
}

fn csv(lines: &[GroupLine]) -> Answer {
    let mut csv = Csv::new(&["Name", "Description", "Kind", "Members", "Owners", "Made"]);
    for line in lines {
        csv.row([
            line.name.clone(),
            line.description.clone(),
            line.kind.to_string(),
            line.members.to_string(),
            line.owners.to_string(),
            line.created_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        ]);
    }
    csv.answer("groups")
}

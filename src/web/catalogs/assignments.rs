//! The assignments of a package: who has it, how it came, from when to when; removing one or many, and changing when
//! they end (SPEC PKG-6, ASG-3, PGE-2, PGE-4).

use actix_web::web::Path;
use askama::Template;
use chrono::Duration;
use serde::Deserialize;

use super::common::{PackageHead, me};
use crate::app::AppError;
use crate::app::bulk;
use crate::app::request;
use crate::domain::access::{CatalogTask, DirectoryTask};
use crate::domain::assignment::AssignmentState;
use crate::kernel::ids::{AssignmentId, PackageId, PolicyId};
use crate::kernel::{Moment, PageRequest, paths, text};
use crate::store::policies;
use crate::store::views::bulk::{self as works, WorkLine};
use crate::store::views::holding::{self, AssignmentRow, Came, Filter, Held, Order};
use crate::store::views::managed;
use crate::web::address::Address;
use crate::web::csv::Csv;
use crate::web::ui::{
    Badge, Empty, FieldView, OptionView, Pager, PersonView, Shell, SortLink, Tabs, Tone, When,
};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page, redirect, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/assignments.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    tabs: Tabs,
    base: String,
    q: String,
    filters: Vec<FieldView>,
    narrowed: bool,
    export: String,
    sort_name: SortLink,
    sort_start: SortLink,
    sort_end: SortLink,
    rows: Vec<Row>,
    empty: Option<Empty>,
    pager: Pager,
    total: i64,
    can_manage: bool,
    hidden: Vec<(&'static str, String)>,
    works: Vec<(String, String, Badge)>,
}

struct Row {
    id: String,
    name: String,
    person: PersonView,
    account: Option<Badge>,
    policy: String,
    came: &'static str,
    state: Badge,
    from: When,
    to: Option<When>,
    why: String,
    live: bool,
    remove: Option<(String, FieldView)>,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    state: String,
    policy: String,
    within: String,
    how: String,
    sort: String,
    dir: String,
    page: String,
}

impl Asked {
    fn filter(&self, now: Moment) -> Filter {
        Filter {
            q: self.q.clone(),
            which: match self.state.as_str() {
                "all" => Held::All,
                other => AssignmentState::parse(other).map_or(Held::Live, Held::In),
            },
            policy: self.policy.parse::<PolicyId>().ok(),
            ends_before: self
                .within
                .parse::<i64>()
                .ok()
                .filter(|days| (1..=3660).contains(days))
                .map(|days| now + Duration::days(days)),
            came: Came::parse(&self.how),
            order: match self.sort.as_str() {
                "start" => Order::Start,
                "end" => Order::End,
                _ => Order::Name,
            },
            descending: self.dir == "desc",
        }
    }

    /// The filter's parameters, for addresses and forms.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        [
            ("q", &self.q),
            ("state", &self.state),
            ("policy", &self.policy),
            ("within", &self.within),
            ("how", &self.how),
        ]
        .into_iter()
        .map(|(name, value)| (name, value.clone()))
        .collect()
    }

    fn address(&self, path: &str) -> Address {
        let all = self.parameters().into_iter();
        all.fold(Address::new(path), |address, (name, value)| address.with(name, value))
            .with("sort", &self.sort)
            .with("dir", &self.dir)
    }

    fn narrowed(&self) -> bool {
        self.parameters().iter().any(|(_, value)| !value.is_empty())
    }
}

fn filters(asked: &Asked, all: &[(PolicyId, String)]) -> Vec<FieldView> {
    let mut states = vec![OptionView::new("", "Live"), OptionView::new("all", "All")];
    states.extend(
        AssignmentState::ALL
            .iter()
            .map(|state| OptionView::new(state.as_str(), Badge::assignment(state.as_str()).label)),
    );
    let mut policies = vec![OptionView::new("", "Any policy")];
    policies.extend(all.iter().map(|(id, name)| OptionView::new(id.to_string(), name)));
    let mut within = vec![OptionView::new("", "Any end")];
    within.extend(["7", "14", "30", "90"].map(|d| OptionView::new(d, format!("Within {d} days"))));
    let mut how = vec![OptionView::new("", "Any way")];
    how.extend(Came::ALL.iter().map(|c| OptionView::new(c.as_str(), c.words())));
    vec![
        FieldView::select("state", "State", states).value(&asked.state).required(),
        FieldView::select("policy", "Policy", policies).value(&asked.policy).required(),
        FieldView::select("within", "Ends", within).value(&asked.within).required(),
        FieldView::select("how", "How it came", how).value(&asked.how).required(),
    ]
}

fn account(a: &AssignmentRow) -> Option<Badge> {
    if a.deleted {
        Some(Badge::new("deleted", "Deleted account", Tone::Neutral, Some("trash")))
    } else {
        (!a.enabled).then(|| Badge::account(false))
    }
}

/// `GET /manage/packages/{id}/assignments`
pub async fn list(s: Signed, id: Path<PackageId>, query: Query<Asked>) -> Answer {
    let (id, who, asked, now) = (id.into_inner(), me(&s), query.0, s.now());
    let (filter, at) = (asked.filter(now), PageRequest::new(asked.page.parse().unwrap_or(1)));
    let (head, found, all, running) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::SeeAssignments, id)?;
            let found = holding::list(conn, id, &filter, at, now)?;
            let all = policies::of_package(conn, id)?.into_iter().map(|p| (p.id, p.name)).collect::<Vec<_>>();
            Ok((head, found, all, works::latest(conn, Some(id), 3)?))
        })
        .await?;
    let can_manage = s.principal.may_in(CatalogTask::Assignments, head.catalog.id);
    let links = s.principal.may(DirectoryTask::Read);
    let base = paths::manage_package_tab(id, "assignments");
    let address = asked.address(&base);
    let now_sorted =
        |order: Order| (asked.filter(now).order == order).then_some(!asked.filter(now).descending);
    let sort = |label: &str, word: &str, order: Order| {
        SortLink::new(label, address.ordered(word, now_sorted(order)), now_sorted(order))
    };
    let empty = found.items.is_empty().then(|| {
        if asked.narrowed() {
            Empty::new("search", "No assignment found", "Try other words or another state.")
                .action("Show live ones", &base)
        } else {
            let empty = Empty::new("people", "Nobody has this package", "Whoever gets it is shown here.");
            if can_manage { empty.action("Assign directly", format!("{base}/new")) } else { empty }
        }
    });
    let view = View {
        tabs: head.tabs("assignments"),
        q: asked.q.clone(),
        filters: filters(&asked, &all),
        narrowed: asked.narrowed(),
        export: asked.address(&format!("{base}/export.csv")).to_string(),
        sort_name: sort("Who", "name", Order::Name),
        sort_start: sort("From", "start", Order::Start),
        sort_end: sort("To", "end", Order::End),
        pager: Pager::new(found.at.number, found.at.size, found.total, |n| address.page(n)),
        total: found.total,
        empty,
        can_manage,
        hidden: asked.parameters(),
        works: running.iter().map(work_line).collect(),
        rows: found
            .items
            .into_iter()
            .map(|a| {
                let person = PersonView::new(&a.name, &a.email);
                let live = a.state.is_live();
                Row {
                    id: a.id.to_string(),
                    person: if links { person.link(paths::user(a.user)) } else { person },
                    account: account(&a),
                    came: a.came.map_or("", Came::words),
                    state: Badge::assignment(a.state.as_str()),
                    from: When::new(*a.starts_at, *now, s.tz()),
                    to: a.ended_at.or(a.ends_at).map(|at| When::new(*at, *now, s.tz())),
                    why: a.end_reason.map(|r| r.words().to_owned()).unwrap_or_default(),
                    live: can_manage && live,
                    remove: (can_manage && live).then(|| {
                        (
                            format!("{base}/{}/remove", a.id),
                            FieldView::text("reason", format!("Reason for removing {}", a.name))
                                .id(format!("f-reason-{}", a.id))
                                .maxlength(1000),
                        )
                    }),
                    policy: a.policy,
                    name: a.name,
                }
            })
            .collect(),
        base,
    };
    let shell = s.shell(&head.package.name, head.way());
    page(&ListPage { shell: &shell, view })
}

fn work_line(work: &WorkLine) -> (String, String, Badge) {
    use crate::domain::bulk::WorkKind;
    let what = match work.kind {
        WorkKind::Assign => "Assigning",
        WorkKind::Remove => "Removing",
        WorkKind::ChangeEnd => "Changing the end",
    };
    let c = work.counts;
    let text = format!("{what}: {} of {}, by {}", c.settled(), c.total, work.by);
    (paths::bulk(work.package, work.id), text, super::bulk::work_badge(work.state))
}

/// `GET /manage/packages/{id}/assignments/export.csv`: what the filter shows, all pages of it.
pub async fn export(s: Signed, id: Path<PackageId>, query: Query<Asked>) -> Answer {
    let (id, who, asked, now) = (id.into_inner(), me(&s), query.0, s.now());
    let filter = asked.filter(now);
    let found = s
        .read(move |conn| {
            PackageHead::load(conn, &who, CatalogTask::SeeAssignments, id)?;
            Ok(holding::list(conn, id, &filter, PageRequest::everything(), now)?)
        })
        .await?;
    let at = |at: Option<Moment>| at.map(|at| at.to_string()).unwrap_or_default();
    let mut csv = Csv::new(&[
        "Name",
        "E-mail",
        "Account",
        "State",
        "Policy",
        "How it came",
        "From",
        "To",
        "Ended",
        "Why",
        "Id",
    ]);
    for a in found.items {
        csv.row([
            a.name.clone(),
            a.email.clone(),
            account(&a)
                .map_or("enabled", |b| if b.state == "deleted" { "deleted" } else { "disabled" })
                .to_owned(),
            a.state.as_str().to_owned(),
            a.policy,
            a.came.map_or("", Came::words).to_owned(),
            at(Some(a.starts_at)),
            at(a.ends_at),
            at(a.ended_at),
            a.end_reason.map(|r| r.words().to_owned()).unwrap_or_default(),
            a.id.to_string(),
        ]);
    }
    csv.answer("assignments")
}

/// Which assignments, and what is to become of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawChoice {
    #[serde(default)]
    act: Vec<String>,
    #[serde(default)]
    one: Vec<String>,
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    all: Vec<String>,
    q: String,
    state: String,
    policy: String,
    within: String,
    how: String,
}

/// `POST /manage/packages/{id}/assignments/choose`: on to the page that says what would happen to how many.
pub async fn choose(s: Signed, id: Path<PackageId>, Form(raw): Form<RawChoice>) -> Answer {
    let (id, now) = (id.into_inner(), s.now());
    let parse = |words: &[String]| -> Result<Vec<AssignmentId>, PageError> {
        words
            .iter()
            .map(|w| w.parse().map_err(|_| PageError::BadRequest("no assignment".to_owned())))
            .collect()
    };
    // The button of one row leaves what is ticked elsewhere alone.
    let ticked = if raw.one.is_empty() { parse(&raw.ids)? } else { parse(&raw.one)? };
    let everything = raw.one.is_empty() && !raw.all.is_empty();
    let removes = raw.one.is_empty() && raw.act.iter().any(|act| act == "remove");
    let asked = Asked {
        q: raw.q,
        state: raw.state,
        policy: raw.policy,
        within: raw.within,
        how: raw.how,
        ..Asked::default()
    };
    let back = asked.address(&paths::manage_package_tab(id, "assignments")).to_string();
    let drafted = s
        .attempt(move |tx, cx, me| {
            PackageHead::load(tx, me, CatalogTask::Assignments, id)?;
            let ids =
                if everything { holding::ids(tx, id, &asked.filter(now), now)? } else { ticked.clone() };
            if removes {
                bulk::remove_draft(tx, cx, me, id, &ids)
            } else {
                bulk::end_draft(tx, cx, me, id, &ids)
            }
        })
        .await?;
    match drafted {
        Ok(work) => redirect(paths::bulk(id, work)),
        Err(refusal) => redirect_with(back, Flash::warning(refusal.to_string())),
    }
}

/// Why access is removed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawReason {
    /// The words; may be empty.
    pub reason: String,
}

/// `POST /manage/packages/{id}/assignments/{assignment}/remove`
pub async fn remove(s: Signed, path: Path<(PackageId, AssignmentId)>, Form(raw): Form<RawReason>) -> Answer {
    let (id, assignment) = path.into_inner();
    let reason = text::lines(&raw.reason, 1000).map_err(|e| PageError::BadRequest(e.to_string()))?;
    let done = s
        .attempt(move |tx, cx, me| {
            PackageHead::load(tx, me, CatalogTask::Assignments, id)?;
            managed::assignment(tx, id, assignment)?.ok_or(AppError::NotFound)?;
            request::remove(tx, cx, assignment, me, &reason)
        })
        .await?;
    let flash = match done {
        Ok(_) => Flash::success("Access removed. The person is told."),
        Err(refusal) => Flash::danger(refusal.to_string()),
    };
    redirect_with(paths::manage_package_tab(id, "assignments"), flash)
}

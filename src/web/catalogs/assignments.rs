//! The assignments of a package: who has it, from when to when, and taking it away (SPEC PKG-6, ASG-3).

use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{ListQuery, PackageHead, me};
use crate::app::AppError;
use crate::app::request;
use crate::domain::access::{CatalogTask, DirectoryTask};
use crate::domain::assignment::AssignmentState;
use crate::kernel::ids::{AssignmentId, PackageId};
use crate::kernel::{paths, text};
use crate::store::views::managed::{self, Held};
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, PersonView, Shell, Tabs, When};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page, redirect_with};

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
    state: FieldView,
    rows: Vec<Row>,
    empty: Option<Empty>,
    pager: Pager,
    can_remove: bool,
}

struct Row {
    id: String,
    person: PersonView,
    account: Option<Badge>,
    policy: String,
    state: Badge,
    from: When,
    to: Option<When>,
    why: String,
    remove: Option<(String, FieldView)>,
}

fn which(word: &str) -> Held {
    match word {
        "all" => Held::All,
        other => AssignmentState::parse(other).map_or(Held::Live, Held::In),
    }
}

/// `GET /manage/packages/{id}/assignments`
pub async fn list(s: Signed, id: Path<PackageId>, query: Query<ListQuery>) -> Answer {
    let (id, who, asked, now) = (id.into_inner(), me(&s), query.0.clone(), s.now());
    let (head, found) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::SeeAssignments, id)?;
            let which = which(&asked.state);
            Ok((head, managed::assignments_of(conn, id, which, &asked.q, asked.at(), now)?))
        })
        .await?;
    let can_remove = s.principal.may_in(CatalogTask::Assignments, head.catalog.id);
    let links = s.principal.may(DirectoryTask::Read);
    let base = paths::manage_package_tab(id, "assignments");
    let mut states = vec![OptionView::new("", "Live"), OptionView::new("all", "All")];
    states.extend(
        AssignmentState::ALL
            .iter()
            .map(|state| OptionView::new(state.as_str(), Badge::assignment(state.as_str()).label)),
    );
    let empty = found.items.is_empty().then(|| {
        if query.narrowed() {
            Empty::new("search", "No assignment found", "Try other words or another state.")
                .action("Show live ones", &base)
        } else {
            Empty::new("people", "Nobody has this package", "Whoever gets it is shown here.")
        }
    });
    let view = View {
        tabs: head.tabs("assignments"),
        q: query.q.clone(),
        state: FieldView::select("state", "State", states).value(&query.state).required(),
        pager: Pager::new(found.at.number, found.at.size, found.total, |n| query.href(n)),
        empty,
        can_remove,
        rows: found
            .items
            .into_iter()
            .map(|a| {
                let person = PersonView::new(&a.name, &a.email);
                let live = a.state.is_live();
                Row {
                    id: a.id.to_string(),
                    person: if links { person.link(paths::user(a.user)) } else { person },
                    account: if a.deleted {
                        Some(Badge::new(
                            "deleted",
                            "Deleted account",
                            crate::web::ui::Tone::Neutral,
                            Some("trash"),
                        ))
                    } else {
                        (!a.enabled).then(|| Badge::account(false))
                    },
                    policy: a.policy,
                    state: Badge::assignment(a.state.as_str()),
                    from: When::new(*a.starts_at, *now, s.tz()),
                    to: a.ended_at.or(a.ends_at).map(|at| When::new(*at, *now, s.tz())),
                    why: a.end_reason.map(|r| r.words().to_owned()).unwrap_or_default(),
                    remove: (can_remove && live).then(|| {
                        (
                            format!("{base}/{}/remove", a.id),
                            FieldView::text("reason", format!("Reason for removing {}", a.name))
                                .id(format!("f-reason-{}", a.id))
                                .maxlength(1000),
                        )
                    }),
                }
            })
            .collect(),
        base,
    };
    let shell = s.shell(&head.package.name, head.way());
    page(&ListPage { shell: &shell, view })
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

//! The requests for a package, and cancelling them (SPEC PKG-6, REQ-5).

use actix_web::web::Path;
use askama::Template;

use super::assignments::RawReason;
use super::common::{ListQuery, PackageHead, me};
use crate::app::AppError;
use crate::app::request::cancel as cancel_request;
use crate::domain::access::{CatalogTask, DirectoryTask};
use crate::domain::request::{Canceler, RequestKind, RequestState, check_cancel};
use crate::kernel::ids::{PackageId, RequestId};
use crate::kernel::{paths, text};
use crate::store::requests;
use crate::store::views::managed::{self, Asked};
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, PersonView, Shell, Tabs, When};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/requests.html")]
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
    can_cancel: bool,
}

struct Row {
    id: String,
    href: String,
    what: &'static str,
    answers: Vec<(String, String)>,
    person: PersonView,
    policy: String,
    state: Badge,
    stage: String,
    at: When,
    due: Option<When>,
    escalated: Option<When>,
    cancel: Option<(String, FieldView)>,
}

fn what(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::UserAdd => "Request",
        RequestKind::OnBehalfAdd => "Request by the manager",
        RequestKind::AdminAdd => "Direct assignment",
        RequestKind::SystemAdd => "Assignment by rule",
        RequestKind::UserUpdate => "Extension",
        RequestKind::AdminUpdate | RequestKind::SystemUpdate => "Change",
        RequestKind::UserRemove => "Given up",
        RequestKind::AdminRemove | RequestKind::ApproverRemove => "Removal",
        RequestKind::SystemRemove => "End",
    }
}

/// `GET /manage/packages/{id}/requests`
pub async fn list(s: Signed, id: Path<PackageId>, query: Query<ListQuery>) -> Answer {
    let (id, who, asked, now) = (id.into_inner(), me(&s), query.0.clone(), s.now());
    let (head, found) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::SeeAssignments, id)?;
            let which = RequestState::parse(&asked.state).map_or(Asked::All, Asked::In);
            Ok((head, managed::requests_of(conn, id, which, &asked.q, asked.at())?))
        })
        .await?;
    let can_cancel = s.principal.may_in(CatalogTask::Assignments, head.catalog.id);
    let links = s.principal.may(DirectoryTask::Read);
    let base = paths::manage_package_tab(id, "requests");
    let mut states = vec![OptionView::new("", "Any state")];
    states.extend(
        RequestState::ALL
            .iter()
            .map(|state| OptionView::new(state.as_str(), Badge::request(state.as_str()).label)),
    );
    let empty = found.items.is_empty().then(|| {
        if query.narrowed() {
            Empty::new("search", "No request found", "Try other words or another state.")
                .action("Show all", &base)
        } else {
            Empty::new("send", "No requests yet", "Whoever asks for this package is shown here.")
        }
    });
    let view = View {
        tabs: head.tabs("requests"),
        q: query.q.clone(),
        state: FieldView::select("state", "State", states).value(&query.state).required(),
        pager: Pager::new(found.at.number, found.at.size, found.total, |n| query.href(n)),
        empty,
        can_cancel,
        rows: found
            .items
            .into_iter()
            .map(|r| {
                let person = PersonView::new(&r.name, &r.email);
                let open = check_cancel(r.state, r.kind, Canceler::Manager).is_ok();
                let pending = r.state == RequestState::PendingApproval;
                Row {
                    id: r.id.to_string(),
                    href: paths::request(r.id),
                    what: what(r.kind),
                    answers: r.answers.into_iter().map(|a| (a.question, a.shown)).collect(),
                    person: if links { person.link(paths::user(r.user)) } else { person },
                    policy: format!("{}, version {}", r.policy, r.policy_version),
                    state: Badge::request(r.state.as_str()),
                    stage: if pending && r.stages > 1 {
                        format!("stage {} of {}", r.stage, r.stages)
                    } else {
                        String::new()
                    },
                    at: When::new(*r.submitted_at, *now, s.tz()),
                    due: r.due_at.filter(|_| pending).map(|at| When::new(*at, *now, s.tz())),
                    escalated: r.escalated_at.map(|at| When::new(*at, *now, s.tz())),
                    cancel: (can_cancel && open).then(|| {
                        (
                            format!("{base}/{}/cancel", r.id),
                            FieldView::text(
                                "reason",
                                format!("Reason for cancelling the request of {}", r.name),
                            )
                            .id(format!("f-reason-{}", r.id))
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

/// `POST /manage/packages/{id}/requests/{request}/cancel`
pub async fn cancel(s: Signed, path: Path<(PackageId, RequestId)>, Form(raw): Form<RawReason>) -> Answer {
    let (id, request) = path.into_inner();
    let reason = text::lines(&raw.reason, 1000).map_err(|e| PageError::BadRequest(e.to_string()))?;
    let done = s
        .attempt(move |tx, cx, me| {
            PackageHead::load(tx, me, CatalogTask::Assignments, id)?;
            let found = requests::find(tx, request)?.ok_or(AppError::NotFound)?;
            if found.package != id {
                return Err(AppError::NotFound);
            }
            cancel_request(tx, cx, request, me, &reason)
        })
        .await?;
    let flash = match done {
        Ok(()) => Flash::success("Request cancelled."),
        Err(refusal) => Flash::danger(refusal.to_string()),
    };
    redirect_with(paths::manage_package_tab(id, "requests"), flash)
}

//! The requests for a package: what came of them, what could not be delivered, and cancelling them (SPEC PKG-6,
//! REQ-5, PGE-2).

use actix_web::web::Path;
use askama::Template;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;

use super::assignments::RawReason;
use super::common::{PackageHead, counted, me};
use crate::app::AppError;
use crate::app::request::cancel as cancel_request;
use crate::domain::access::{CatalogTask, DirectoryTask};
use crate::domain::assignment::end_of_day;
use crate::domain::request::{Canceler, RequestKind, RequestState, check_cancel};
use crate::kernel::ids::{PackageId, RequestId};
use crate::kernel::{Page, PageRequest, paths, text};
use crate::store::views::managed_requests::{self as views, Failure, Filter, RequestRow, Sort};
use crate::store::{policies, requests};
use crate::web::csv::Csv;
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, PersonView, Shell, SortLink, Tabs, When};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page, redirect_with};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    state: String,
    kind: String,
    policy: String,
    from: String,
    to: String,
    only: String,
    sort: String,
    page: String,
}

const OPEN: &str = "open";
const FAILED: &str = "failed";

/// The kinds of requests as people think of them.
const KINDS: [(&str, &str, &[RequestKind]); 5] = [
    ("asked", "Requests", &[RequestKind::UserAdd, RequestKind::OnBehalfAdd]),
    ("assigned", "Direct assignments", &[RequestKind::AdminAdd]),
    ("rule", "Assignments by rule", &[RequestKind::SystemAdd]),
    (
        "changed",
        "Extensions and changes",
        &[RequestKind::UserUpdate, RequestKind::AdminUpdate, RequestKind::SystemUpdate],
    ),
    (
        "removed",
        "Removals and ends",
        &[
            RequestKind::UserRemove,
            RequestKind::AdminRemove,
            RequestKind::SystemRemove,
            RequestKind::ApproverRemove,
        ],
    ),
];

impl Asked {
    /// The filter that it means; what cannot be read narrows nothing.
    fn filter(&self, tz: Tz) -> Filter {
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let states = match self.state.as_str() {
            OPEN => RequestState::ALL.iter().copied().filter(|s| s.is_open()).collect(),
            word => RequestState::parse(word).into_iter().collect(),
        };
        let kinds = KINDS.iter().find(|(word, ..)| *word == self.kind);
        Filter {
            q: self.q.clone(),
            states,
            kinds: kinds.map(|(_, _, kinds)| kinds.to_vec()).unwrap_or_default(),
            policy: self.policy.parse().ok(),
            from: day(&self.from).and_then(|day| day.pred_opt()).map(|before| end_of_day(before, tz)),
            to: day(&self.to).map(|day| end_of_day(day, tz)),
            failed: self.only == FAILED,
        }
    }

    fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "oldest" => Sort::Oldest,
            "person" => Sort::Person,
            "policy" => Sort::Policy,
            _ => Sort::Newest,
        }
    }

    fn narrows(&self) -> bool {
        [&self.q, &self.state, &self.kind, &self.policy, &self.from, &self.to, &self.only]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    /// The address of this list with another order or page.
    fn href(&self, path: &str, sort: &str, number: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", self.q.as_str()),
            ("state", &self.state),
            ("kind", &self.kind),
            ("policy", &self.policy),
            ("from", &self.from),
            ("to", &self.to),
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
    filters: Vec<FieldView>,
    sort: String,
    clear: bool,
    failures: Vec<FailureLine>,
    failures_href: Option<String>,
    rows: Vec<Row>,
    sort_person: SortLink,
    sort_policy: SortLink,
    sort_sent: SortLink,
    empty: Option<Empty>,
    pager: Pager,
    export_href: String,
    can_cancel: bool,
}

/// What failed, at a glance.
struct FailureLine {
    role: String,
    what: String,
    error: String,
}

impl From<Failure> for FailureLine {
    fn from(f: Failure) -> Self {
        let people = i64::try_from(f.people).unwrap_or(i64::MAX);
        let (one, many) = if f.removing {
            ("person still has it", "people still have it")
        } else {
            ("person did not get it", "people did not get it")
        };
        Self { role: f.role, what: counted(people, one, many), error: f.error }
    }
}

struct Row {
    id: String,
    href: String,
    what: &'static str,
    asked_by: Option<String>,
    answers: Vec<(String, String)>,
    person: PersonView,
    policy: String,
    state: Badge,
    stage: String,
    errors: Vec<(String, String)>,
    at: When,
    due: Option<When>,
    escalated: Option<When>,
    cancel: Option<(String, FieldView)>,
    /// Where what failed is tried again (SPEC DLV-3).
    again: Option<String>,
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

fn filters(asked: &Asked, names: &[(String, String)]) -> Vec<FieldView> {
    let mut states = vec![OptionView::new("", "Any state"), OptionView::new(OPEN, "Open")];
    states.extend(
        RequestState::ALL
            .iter()
            .map(|state| OptionView::new(state.as_str(), Badge::request(state.as_str()).label)),
    );
    let mut kinds = vec![OptionView::new("", "Any kind")];
    kinds.extend(KINDS.iter().map(|(word, label, _)| OptionView::new(*word, *label)));
    let mut of = vec![OptionView::new("", "Any policy")];
    of.extend(names.iter().map(|(id, name)| OptionView::new(id, name)));
    let only = vec![OptionView::new("", "All"), OptionView::new(FAILED, "With delivery errors")];
    vec![
        FieldView::select("state", "State", states).value(&asked.state),
        FieldView::select("kind", "Kind", kinds).value(&asked.kind),
        FieldView::select("policy", "Policy", of).value(&asked.policy),
        FieldView::select("only", "Delivery", only).value(&asked.only),
        FieldView::date("from", "From").value(&asked.from),
        FieldView::date("to", "To").value(&asked.to),
    ]
}

/// One page of the list, for whoever sees the assignments of the catalog.
async fn found(
    s: &Signed,
    id: PackageId,
    asked: &Asked,
    at: PageRequest,
) -> Result<(PackageHead, Page<RequestRow>), PageError> {
    let (who, filter, sort) = (me(s), asked.filter(s.tz()), asked.sort());
    s.read(move |conn| {
        let head = PackageHead::load(conn, &who, CatalogTask::SeeAssignments, id)?;
        Ok((head, views::list(conn, id, &filter, sort, at)?))
    })
    .await
}

/// `GET /manage/packages/{id}/requests`
pub async fn list(s: Signed, id: Path<PackageId>, Query(asked): Query<Asked>) -> Answer {
    let (id, now) = (id.into_inner(), s.now());
    let at = PageRequest::new(asked.page.parse().unwrap_or(1));
    let (head, found) = found(&s, id, &asked, at).await?;
    let (failures, names) =
        s.read(move |conn| Ok((views::failures(conn, id)?, policies::of_package(conn, id)?))).await?;
    let names: Vec<_> = names.into_iter().map(|p| (p.id.to_string(), p.name)).collect();
    let can_cancel = s.principal.may_in(CatalogTask::Assignments, head.catalog.id);
    let links = s.principal.may(DirectoryTask::Read);
    let base = paths::manage_package_tab(id, "requests");
    let (sort, narrows) = (asked.sort(), asked.narrows());
    let link = |label: &str, word: &str, is: Option<bool>| {
        SortLink::new(label.to_owned(), asked.href(&base, word, 1), is)
    };
    let (sent, word) = match sort {
        Sort::Newest => (Some(false), "oldest"),
        Sort::Oldest => (Some(true), ""),
        Sort::Person | Sort::Policy => (None, ""),
    };
    let failing = Asked { only: FAILED.to_owned(), ..Asked::default() };
    let view = View {
        tabs: head.tabs("requests"),
        q: asked.q.clone(),
        filters: filters(&asked, &names),
        sort: asked.sort.clone(),
        clear: narrows && asked.q.is_empty(),
        failures_href: (!failures.is_empty() && asked.only != FAILED).then(|| failing.href(&base, "", 1)),
        failures: failures.into_iter().map(FailureLine::from).collect(),
        sort_person: link("Who", "person", (sort == Sort::Person).then_some(true)),
        sort_policy: link("Policy", "policy", (sort == Sort::Policy).then_some(true)),
        sort_sent: link("Sent", word, sent),
        pager: Pager::new(found.at.number, found.at.size, found.total, |n| asked.href(&base, &asked.sort, n)),
        export_href: asked.href(&format!("{base}/export.csv"), &asked.sort, 1),
        empty: (found.total == 0).then(|| {
            if narrows {
                Empty::new("search", "No request found", "Try other words, or look at all of them.")
                    .action("Show all", &base)
            } else {
                Empty::new("send", "No requests yet", "Whoever asks for this package is shown here.")
            }
        }),
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
                    asked_by: r.asked_by,
                    answers: r.answers.into_iter().map(|a| (a.question, a.shown)).collect(),
                    person: if links { person.link(paths::user(r.user)) } else { person },
                    policy: format!("{}, version {}", r.policy, r.policy_version),
                    state: Badge::request(r.state.as_str()),
                    again: (can_cancel && !r.errors.is_empty()).then(|| paths::request_reprocess(r.id)),
                    errors: r.errors,
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

/// `GET /manage/packages/{id}/requests/export.csv`: what the filter shows, all pages of it.
pub async fn export(s: Signed, id: Path<PackageId>, Query(asked): Query<Asked>) -> Answer {
    let (_, found) = found(&s, id.into_inner(), &asked, PageRequest::everything()).await?;
    let mut csv = Csv::new(&[
        "Sent",
        "What",
        "For",
        "E-mail",
        "Asked by",
        "State",
        "Stage",
        "Stages",
        "Decide by",
        "Over",
        "Policy",
        "Version",
        "Justification",
        "Answers",
        "Delivery errors",
        "Request id",
    ]);
    for r in found.items {
        let pairs = |list: Vec<(String, String)>| {
            list.into_iter().map(|(name, text)| format!("{name}: {text}")).collect::<Vec<_>>().join("\n")
        };
        csv.row([
            r.submitted_at.to_string(),
            what(r.kind).to_owned(),
            r.name,
            r.email,
            r.asked_by.unwrap_or_default(),
            r.state.as_str().to_owned(),
            r.stage.to_string(),
            r.stages.to_string(),
            r.due_at.map(|at| at.to_string()).unwrap_or_default(),
            r.completed_at.map(|at| at.to_string()).unwrap_or_default(),
            r.policy,
            r.policy_version.to_string(),
            r.justification,
            pairs(r.answers.into_iter().map(|a| (a.question, a.shown)).collect()),
            pairs(r.errors),
            r.id.to_string(),
        ]);
    }
    csv.answer("requests")
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

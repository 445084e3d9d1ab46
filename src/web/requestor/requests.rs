//! The page of a request, and taking it back.

use actix_web::web::Path;
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::{less, story, words};
use crate::app;
use crate::domain::access::CatalogTask;
use crate::domain::answers;
use crate::domain::approval::{Deciders, StageState};
use crate::domain::delivery::DeliveryState;
use crate::domain::request::{Canceler, RequestKind, RequestState, check_cancel, check_resubmit};
use crate::kernel::ids::RequestId;
use crate::kernel::{Moment, paths};
use crate::store::views::matter::said;
use crate::store::views::package;
use crate::store::views::request::{self, RequestPage, StageNow};
use crate::store::views::task::Waiting;
use crate::store::{people, requests as kept};
use crate::web::talk::{self, TalkView};
use crate::web::ui::{Badge, Crumb, FieldView, PersonView, Shell, Timeline, Tone, When};
use crate::web::{Answer, Flash, Form, PageError, Signed, page, redirect_with};

/// One stage in a request's page.
#[derive(Debug, Clone)]
pub struct StageView {
    pub label: String,
    pub who: String,
    pub state: Badge,
    pub since: Option<When>,
    pub due: Option<When>,
    pub escalated: Option<When>,
}

/// The delivery of one role.
#[derive(Debug, Clone)]
pub struct DeliveryView {
    pub id: String,
    pub resource: String,
    pub role: String,
    pub state: Badge,
    pub error: Option<String>,
    /// Who has to do it by hand.
    pub waits: Option<String>,
    pub waits_until: Option<When>,
    pub overdue: bool,
    pub task_href: Option<String>,
    pub changed: When,
}

/// A request's page as it is shown.
#[derive(Debug, Clone)]
pub struct RequestView {
    pub id: String,
    pub state: Badge,
    pub next: String,
    pub package: String,
    pub package_href: String,
    pub catalog: String,
    pub policy: String,
    pub requestor: Option<PersonView>,
    pub subject: PersonView,
    pub asked: When,
    pub due: Option<When>,
    pub wanted_start: Option<When>,
    pub wanted_end: Option<When>,
    pub justification: String,
    pub answers: Vec<(String, String)>,
    pub stages: Vec<StageView>,
    /// How long a decision usually takes, while one is waited for (SPEC REQ-3).
    pub usual: Option<String>,
    /// What was asked for and what the approvers allowed, where that is less (SPEC APR-9).
    pub narrowed: Vec<String>,
    pub deliveries: Vec<DeliveryView>,
    pub timeline: Timeline,
    pub access_href: Option<String>,
    pub decide_href: Option<String>,
    pub cancel: Option<CancelView>,
    /// Where what was given up is tried again (SPEC DLV-3), for those who may.
    pub reprocess: Option<String>,
    pub resubmit_href: Option<String>,
}

/// The question before a request is taken back.
#[derive(Debug, Clone)]
pub struct CancelView {
    pub action: String,
    pub text: String,
    pub reason: FieldView,
}

#[derive(Template)]
#[template(path = "requestor/request.html")]
pub struct OneRequestPage<'a> {
    pub shell: &'a Shell,
    pub view: RequestView,
    pub talk: Option<TalkView>,
}

/// What a request's page is made of.
pub struct Loaded {
    pub request: RequestPage,
    /// The names of those who can decide now, where the person may know them.
    pub waiting_for: Vec<String>,
    /// Can the person who looks decide now?
    pub decides: bool,
    /// How long a decision about the package usually takes.
    pub usual: Option<chrono::Duration>,
}

/// Loads a request for the person; who may not know of it gets *not found*.
async fn load(s: &Signed, id: RequestId) -> Result<Loaded, PageError> {
    let (me, now) = (s.principal.clone(), s.now());
    s.read(move |conn| {
        let Some(row) = kept::find(conn, id)? else {
            return Ok(None);
        };
        let deciders: Option<Deciders> = app::request::current_deciders(conn, now, &row)?;
        let decides = deciders.as_ref().is_some_and(|d| d.include(me.user));
        let Some(found) = request::page(conn, &me, id, decides)? else {
            return Ok(None);
        };
        let waiting_for = match deciders {
            Some(d) if !found.hides_approvers() => said(&d, &people::names(conn, &d.everybody())?),
            _ => Vec::new(),
        };
        let usual = package::usual_wait(conn, found.package, now)?;
        Ok(Some(Loaded { request: found, waiting_for, decides, usual }))
    })
    .await?
    .ok_or(PageError::NotFound)
}

/// "waits for Ann or Ben": who has to do it by hand, for those who manage the package; for others what they are.
fn waits_for(waiting: &Waiting, names: bool) -> String {
    match (&waiting.taken_by, waiting.people.as_slice()) {
        (Some(name), _) if names => format!("{name} is at it"),
        (_, few @ ([_] | [_, _] | [_, _, _])) if names => format!("waits for {}", words::listing(few, "or")),
        (_, many) if names => format!("waits for one of {} people", many.len()),
        _ => "somebody has to do it by hand".to_owned(),
    }
}

fn stage_badge(state: StageState) -> Badge {
    let (label, tone, icon) = match state {
        StageState::Waiting => ("Not yet asked", Tone::Neutral, "hourglass"),
        StageState::Pending => ("Being asked", Tone::Warning, "hourglass-split"),
        StageState::Approved => ("Approved", Tone::Success, "check-circle"),
        StageState::Denied => ("Denied", Tone::Danger, "x-circle"),
        StageState::Expired => ("No decision in time", Tone::Neutral, "clock-history"),
        StageState::Skipped => ("Not asked", Tone::Neutral, "dash-circle"),
    };
    Badge::new(state.as_str(), label, tone, Some(icon))
}

fn stage_view(stage: &StageNow, loaded: &Loaded, when: impl Fn(Moment) -> When) -> StageView {
    let pending = stage.state == StageState::Pending;
    let who = match &stage.outline {
        // Those who can really decide now, if there are few enough to name.
        _ if pending && (1..=4).contains(&loaded.waiting_for.len()) => {
            words::listing(&loaded.waiting_for, "or")
        }
        Some(outline) => words::capital(&words::stage(outline, story::voice(&loaded.request))),
        None => "Approvers".to_owned(),
    };
    StageView {
        label: format!("Stage {}", stage.number),
        who,
        state: stage_badge(stage.state),
        since: stage.opened_at.filter(|_| pending).map(&when),
        due: stage.due_at.filter(|_| pending).map(&when),
        escalated: stage.escalated_at.map(when),
    }
}

impl RequestView {
    pub fn of(loaded: &Loaded, now: Moment, tz: Tz, may_manage: bool) -> Self {
        let r = &loaded.request;
        let when = |at: Moment| When::new(*at, *now, tz);
        let person = |p: &request::Someone| {
            let detail = if p.department.is_empty() {
                p.email.clone()
            } else {
                format!("{} · {}", p.department, p.email)
            };
            PersonView::new(&p.name, detail)
        };
        let canceler = if may_manage { Canceler::Manager } else { Canceler::Requestor };
        let may_cancel = (may_manage || r.sight.own) && check_cancel(r.state, r.kind, canceler).is_ok();
        let other = r.requestor.as_ref().filter(|who| who.id != r.subject.id);
        let pending = r.state == RequestState::PendingApproval;
        Self {
            id: r.id.to_string(),
            state: Badge::request(r.state.as_str()),
            next: story::next(loaded, now, tz),
            package: r.package_name.clone(),
            package_href: paths::package(r.package),
            catalog: r.catalog_name.clone(),
            policy: format!("{}, version {}", r.policy_name, r.policy_version),
            requestor: other.map(person),
            subject: person(&r.subject),
            asked: when(r.submitted_at),
            due: r.due_at.filter(|_| pending).map(when),
            wanted_start: r.wanted_start.map(when),
            wanted_end: r.wanted_end.map(when),
            justification: r.justification.clone(),
            answers: answers::read(&r.answers).into_iter().map(|a| (a.question, a.shown)).collect(),
            usual: loaded.usual.filter(|_| pending).map(words::about),
            narrowed: less::of(r, now, tz),
            stages: r.stages.iter().map(|s| stage_view(s, loaded, when)).collect(),
            deliveries: r
                .deliveries
                .iter()
                .map(|d| DeliveryView {
                    id: d.id.to_string(),
                    resource: d.resource.clone(),
                    role: d.role.clone(),
                    state: if d.given_up && d.state == DeliveryState::Removing {
                        Badge::new("failed", "Not removed", Tone::Danger, Some("exclamation-octagon"))
                    } else {
                        Badge::delivery(d.state.as_str())
                    },
                    error: d.error.clone().filter(|_| r.sight.manager),
                    waits: d.waiting.as_ref().map(|w| waits_for(w, r.sight.manager)),
                    waits_until: d.waiting.as_ref().map(|w| when(w.due_at)),
                    overdue: d.waiting.as_ref().is_some_and(|w| w.due_at <= now),
                    task_href: d.waiting.as_ref().filter(|_| r.sight.manager).map(|w| paths::task(w.task)),
                    changed: when(d.updated_at),
                })
                .collect(),
            timeline: story::timeline(r, now, tz),
            access_href: r
                .assignment
                .as_ref()
                .filter(|_| r.sight.manager || r.sight.own)
                .map(|a| paths::access(a.id)),
            decide_href: loaded.decides.then(|| paths::approval(r.id)),
            cancel: may_cancel.then(|| CancelView {
                action: format!("{}/cancel", paths::request(r.id)),
                text: if r.kind == RequestKind::UserUpdate {
                    "Your access stays as it is, and ends when it would have ended.".to_owned()
                } else if r.assignment.is_some() {
                    format!(
                        "Nothing is given to {}, and what is set up already is taken back.",
                        r.subject.name
                    )
                } else {
                    "Nobody is asked to decide any more. You can send the request again later.".to_owned()
                },
                reason: FieldView::textarea("reason", "Reason")
                    .rows(2)
                    .hint("Everybody who can see this request can read it."),
            }),
            reprocess: (may_manage && r.deliveries.iter().any(|d| d.given_up))
                .then(|| paths::request_reprocess(r.id)),
            resubmit_href: (r.sight.own && r.kind.adds() && check_resubmit(r.state).is_ok())
                .then(|| format!("{}?again={}", paths::package_request(r.package), r.id)),
        }
    }
}

/// `GET /requests/{id}`
pub async fn show(s: Signed, id: Path<RequestId>) -> Answer {
    let loaded = load(&s, id.into_inner()).await?;
    let r = &loaded.request;
    let may_manage = s.principal.may_in(CatalogTask::Assignments, r.catalog);
    let way = if r.sight.own {
        vec![Crumb::link("My requests", "/requests")]
    } else if r.sight.manager {
        vec![
            Crumb::link("Catalogs", "/catalogs"),
            Crumb::link(&r.package_name, paths::manage_package(r.package)),
            Crumb::link("Requests", paths::manage_package_tab(r.package, "requests")),
        ]
    } else {
        vec![Crumb::link("Approvals", "/approvals")]
    };
    let shell = s.shell(&format!("{}: {}", words::kind_of(r.kind, r.changes), r.package_name), way);
    let talk = talk::view(&s, &shell.csrf, r.id, talk::From::Request, false).await?;
    page(&OneRequestPage { shell: &shell, view: RequestView::of(&loaded, s.now(), s.tz(), may_manage), talk })
}

/// The form that takes a request back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    #[serde(default)]
    reason: String,
}

/// `POST /requests/{id}/cancel`
pub async fn cancel(s: Signed, id: Path<RequestId>, Form(raw): Form<Cancel>) -> Answer {
    let id = id.into_inner();
    // Who may not know of the request hears nothing of it; who may only look hears which role is needed.
    load(&s, id).await?;
    let done = s.attempt(move |tx, cx, me| app::request::cancel(tx, cx, id, me, &raw.reason)).await?;
    let flash = match done {
        Ok(()) => Flash::success("The request is cancelled."),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    redirect_with(paths::request(id), flash)
}

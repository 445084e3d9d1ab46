//! Several requests at once with one reason (SPEC APR-13): each is decided in a transaction of its own, succeeds or
//! fails by itself, and is named with its result. Sending it again decides nothing twice.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::decide::load;
use super::matter::{Eyes, outcome};
use super::queue::WaitingRow;
use crate::app::request::{self, Decision, REASON_MAX};
use crate::domain::Refusal;
use crate::domain::approval::{Channel, Verdict};
use crate::kernel::ids::RequestId;
use crate::kernel::{PageRequest, text};
use crate::store::views::approvals::{self, Filter, Order, Waiting};
use crate::web::ui::{Badge, Crumb, FieldView, FormView, OptionView, Shell, Tone};
use crate::web::{Answer, Form, FormErrors, PageError, Query, Signed, page_with};

/// So many at once, at most.
pub const MOST: usize = 100;

/// What was ticked in the queue.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Ticked {
    #[serde(default)]
    request: Vec<String>,
}

/// What the form sends. An item is a request as the page showed it: its id, stage and version.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    pub item: Vec<String>,
    #[serde(default)]
    pub verdict: String,
    #[serde(default)]
    pub reason: String,
}

/// One request as the page showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Item {
    request: RequestId,
    stage: u8,
    version: i64,
}

impl Item {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let item = Self {
            request: parts.next()?.parse().ok()?,
            stage: parts.next()?.parse().ok()?,
            version: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(item)
    }

    fn of(row: &Waiting) -> String {
        format!("{}.{}.{}", row.id, row.stage, row.version)
    }
}

/// The page that asks: what will be decided, and how.
#[derive(Clone, Debug)]
pub struct BulkView {
    pub rows: Vec<WaitingRow>,
    /// What of the ticked is left out, and why.
    pub left_out: Option<String>,
    pub form: Option<FormView>,
}

/// The page that asks.
#[derive(Template)]
#[template(path = "approver/bulk.html")]
pub struct BulkPage<'a> {
    pub shell: &'a Shell,
    pub view: BulkView,
}

/// The result of one.
#[derive(Clone, Debug)]
pub struct ResultRow {
    pub id: String,
    /// Nothing of a request that the person may not see.
    pub what: Option<(String, String)>,
    pub badge: Badge,
    pub text: String,
}

/// The page that tells.
#[derive(Clone, Debug)]
pub struct DoneView {
    pub tone: &'static str,
    pub summary: String,
    pub rows: Vec<ResultRow>,
    pub again: Option<String>,
}

/// The page that tells.
#[derive(Template)]
#[template(path = "approver/bulk_done.html")]
pub struct DonePage<'a> {
    pub shell: &'a Shell,
    pub view: DoneView,
}

fn requests(n: usize) -> String {
    if n == 1 { "1 request".to_owned() } else { format!("{n} requests") }
}

/// The page that asks, as data.
pub fn view(
    rows: Vec<Waiting>,
    ticked: usize,
    raw: &Raw,
    errors: &FormErrors,
    csrf: &str,
    eyes: Eyes,
) -> BulkView {
    let n = rows.len();
    let left_out = match ticked.saturating_sub(n) {
        0 => None,
        1 => Some("1 of the requests that you ticked is left out: it is decided already, out of time, or not yours to decide.".to_owned()),
        more => Some(format!("{more} of the requests that you ticked are left out: they are decided already, out of time, or not yours to decide.")),
    };
    // Without a row there is no form that could say what is wrong.
    let left_out = errors.form.clone().filter(|_| n == 0).or(left_out);
    let needy = rows.iter().filter(|row| row.reason_required).count();
    let form = (n > 0).then(|| {
        let verdict = FieldView::radios(
            "verdict",
            "Your decision about all of them",
            vec![
                OptionView::new("approve", "Approve")
                    .hint("Where no other approval is needed, the access is given at once."),
                OptionView::new("deny", "Deny").hint("Each of these requests ends. One denial is enough."),
            ],
        )
        .value(&raw.verdict)
        .error(errors.of("verdict"))
        .required();
        let mut hint = "The same for all of them. The people who asked can read it.".to_owned();
        if needy == n {
            hint.push_str(" It is needed.");
        } else if needy > 0 {
            hint.push_str(&format!(" It is needed for {needy} of them."));
        }
        let mut reason = FieldView::textarea("reason", "Reason")
            .value(&raw.reason)
            .hint(hint)
            .error(errors.of("reason"))
            .maxlength(u32::try_from(REASON_MAX).unwrap_or(4000))
            .rows(3);
        if needy == n {
            reason = reason.required();
        }
        let form =
            FormView::new("/approvals/bulk", csrf, format!("Decide {}", requests(n))).cancel("/approvals");
        rows.iter()
            .fold(form, |form, row| form.field(FieldView::hidden("item", Item::of(row))))
            .field(verdict)
            .field(reason)
            .checked(errors.form.clone())
    });
    BulkView { rows: rows.into_iter().map(|row| WaitingRow::of(row, eyes)).collect(), left_out, form }
}

async fn ask(
    s: &Signed,
    ids: BTreeSet<RequestId>,
    ticked: usize,
    raw: &Raw,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let (user, now) = (s.principal.user, s.now());
    let eyes = Eyes { now, tz: s.tz() };
    let filter = Filter { only: Some(ids), ..Filter::default() };
    let rows = s
        .read(move |conn| {
            Ok(approvals::queue(conn, user, now, &filter, Order::Due, PageRequest::everything())?)
        })
        .await?;
    let shell = s.shell("Decide several requests", vec![Crumb::link("Approvals", "/approvals")]);
    let view = view(rows.items, ticked, raw, errors, &shell.csrf, eyes);
    page_with(status, &BulkPage { shell: &shell, view })
}

/// `GET /approvals/bulk`
pub async fn show(s: Signed, Query(ticked): Query<Ticked>) -> Answer {
    let ids: BTreeSet<RequestId> =
        ticked.request.iter().filter_map(|id| id.parse().ok()).take(MOST).collect();
    let all: BTreeSet<&String> = ticked.request.iter().collect();
    ask(&s, ids, all.len(), &Raw::default(), &FormErrors::new(), StatusCode::OK).await
}

/// `POST /approvals/bulk`
pub async fn save(s: Signed, Form(raw): Form<Raw>) -> Answer {
    let items: Option<Vec<Item>> = raw.item.iter().map(|text| Item::parse(text)).collect();
    let Some(mut items) = items else {
        return Err(PageError::BadRequest("an item that the page never sends".to_owned()));
    };
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(item.request));
    let mut errors = FormErrors::new();
    let verdict = Verdict::parse(&raw.verdict);
    if verdict.is_none() {
        errors.add("verdict", Refusal::NoChoice.to_string());
    }
    let reason = errors.take("reason", text::lines(&raw.reason, REASON_MAX));
    if items.len() > MOST {
        errors.form = Some(format!("At most {MOST} requests can be decided at once."));
    }
    let (Some(verdict), Some(reason), true) = (verdict, reason, errors.is_empty()) else {
        let ids: BTreeSet<RequestId> = items.iter().map(|item| item.request).take(MOST).collect();
        return ask(&s, ids, items.len(), &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let mut results = Vec::new();
    for item in items {
        results.push(one(&s, item, verdict, &reason).await?);
    }
    let mut shell = s.shell("What was decided", vec![Crumb::link("Approvals", "/approvals")]);
    let (user, now) = (s.principal.user, s.now());
    let left = s.read(move |conn| Ok(approvals::waiting(conn, user, now)?)).await?;
    // What the navigation counts was read before the decisions.
    for item in
        shell.nav.iter_mut().flat_map(|group| &mut group.items).filter(|item| item.href == "/approvals")
    {
        item.count = (left > 0).then_some(left);
    }
    page_with(StatusCode::OK, &DonePage { shell: &shell, view: done(results, verdict) })
}

/// How one of them came out.
#[derive(Debug, Clone)]
pub struct Result1 {
    pub request: RequestId,
    pub what: Option<(String, String)>,
    pub came: Came,
}

/// How one of them came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// It counts now.
    Counts,
    /// The person had decided it before.
    Before,
    /// It does not count: why, and whether trying again can help.
    Not(String, bool),
}

/// Decides one, in its own transaction.
async fn one(s: &Signed, item: Item, verdict: Verdict, reason: &str) -> Result<Result1, PageError> {
    let (ip, words) = (s.client().to_owned(), reason.to_owned());
    let tried = s
        .attempt(move |tx, cx, me| {
            load(tx, me, item.request, cx.now)?;
            let decision = Decision {
                request: item.request,
                stage: Some(item.stage),
                seen_version: Some(item.version),
                by: me.user,
                verdict,
                reason: words.clone(),
                channel: Channel::Portal,
                ip: ip.clone(),
            };
            request::decide(tx, cx, &decision)
        })
        .await;
    let refusal = match tried {
        Ok(Ok(_)) => None,
        Ok(Err(refusal)) => Some(refusal),
        Err(PageError::NotFound) => {
            let text = "You cannot decide this request.".to_owned();
            return Ok(Result1 { request: item.request, what: None, came: Came::Not(text, false) });
        }
        // What went wrong with one must not hide what was decided before it.
        Err(_) => {
            let text = "Something went wrong, so nothing was decided. Try again.".to_owned();
            return Ok(Result1 { request: item.request, what: None, came: Came::Not(text, true) });
        }
    };
    let (me, now) = (s.principal.clone(), s.now());
    let m = s.read(move |conn| load(conn, &me, item.request, now)).await?;
    let user = s.principal.user;
    let came = match refusal {
        None => Came::Counts,
        Some(_) if m.votes.iter().any(|v| v.by == user && v.stage == item.stage) => Came::Before,
        Some(refusal @ (Refusal::ReasonRequired | Refusal::ChangedSinceOpened)) => {
            Came::Not(refusal.to_string(), true)
        }
        Some(refusal @ Refusal::OwnRequest) => Came::Not(refusal.to_string(), false),
        Some(refusal) => {
            let told = outcome(&m, item.stage, user, Eyes { now: s.now(), tz: s.tz() });
            Came::Not(told.map_or_else(|| refusal.to_string(), |o| o.text), false)
        }
    };
    Ok(Result1 { request: item.request, what: Some((m.package, m.subject.name)), came })
}

/// The page that tells, as data.
pub fn done(results: Vec<Result1>, verdict: Verdict) -> DoneView {
    let count = |wanted: fn(&Came) -> bool| results.iter().filter(|r| wanted(&r.came)).count();
    let (new, before) = (count(|c| *c == Came::Counts), count(|c| *c == Came::Before));
    let failed = results.len() - new - before;
    let did = if verdict == Verdict::Approve { "approved" } else { "denied" };
    let mut parts = vec![format!("You {did} {}.", requests(new))];
    if before > 0 {
        parts.push(format!("{} you had decided before; nothing changed there.", requests(before)));
    }
    if failed > 0 {
        parts.push(format!("{} could not be decided; the reason stands beside each.", requests(failed)));
    }
    let again: Vec<String> = results
        .iter()
        .filter(|r| matches!(r.came, Came::Not(_, true)))
        .map(|r| format!("request={}", r.request))
        .collect();
    DoneView {
        tone: match (new, failed) {
            (_, 0) => "success",
            (0, _) => "danger",
            _ => "warning",
        },
        summary: parts.join(" "),
        again: (!again.is_empty()).then(|| format!("/approvals/bulk?{}", again.join("&"))),
        rows: results
            .into_iter()
            .map(|r| {
                let (badge, text) = match r.came {
                    Came::Counts if verdict == Verdict::Approve => (
                        Badge::new("approved", "Approved", Tone::Success, Some("check-circle")),
                        String::new(),
                    ),
                    Came::Counts => {
                        (Badge::new("denied", "Denied", Tone::Danger, Some("x-circle")), String::new())
                    }
                    Came::Before => (
                        Badge::new("before", "Decided before", Tone::Neutral, Some("dash-circle")),
                        "You had decided this already. Nothing changed.".to_owned(),
                    ),
                    Came::Not(text, _) => (
                        Badge::new("notDecided", "Not decided", Tone::Warning, Some("exclamation-triangle")),
                        text,
                    ),
                };
                ResultRow { id: r.request.to_string(), what: r.what, badge, text }
            })
            .collect(),
    }
}

impl ResultRow {
    fn href(&self) -> String {
        format!("/approvals/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apr_13_an_item_is_what_the_page_showed_and_nothing_else() {
        let id = "019aa000-0000-7000-8000-000000000001";
        let item = Item::parse(&format!("{id}.2.7")).unwrap();
        assert_eq!((item.request.to_string().as_str(), item.stage, item.version), (id, 2, 7));
        for bad in ["", id, &format!("{id}.1"), &format!("{id}.1.2.3"), &format!("{id}.x.2"), "1.1.1"] {
            assert_eq!(Item::parse(bad), None, "{bad}");
        }
    }
}

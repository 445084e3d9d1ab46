//! What the person decided, what came of it, and what can still be revoked (SPEC APR-10, PGE-2).

use askama::Template;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;

use super::matter::Eyes;
use super::queue::{count, tabs};
use crate::domain::approval::{Channel, Verdict};
use crate::domain::assignment::{AssignmentState, end_of_day};
use crate::domain::request::RequestState;
use crate::kernel::ids::{PackageId, UserId};
use crate::kernel::{Moment, Page, PageRequest, paths};
use crate::store::views::decisions::{self, Access, Filter, Made, Sort};
use crate::web::csv::Csv;
use crate::web::ui::{Badge, Empty, FieldView, OptionView, Pager, Shell, SortLink, Tabs, Tone, When};
use crate::web::{Answer, PageError, Query, Signed, page};

const PATH: &str = "/approvals/history";
const EXPORT: &str = "/approvals/history/export.csv";

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    person: String,
    package: String,
    verdict: String,
    state: String,
    from: String,
    to: String,
    sort: String,
    page: String,
}

impl Asked {
    /// The filter that it means; what cannot be read narrows nothing.
    fn filter(&self, tz: Tz) -> Filter {
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        Filter {
            q: self.q.clone(),
            person: self.person.clone(),
            package: self.package.parse().ok(),
            verdict: Verdict::parse(&self.verdict),
            state: RequestState::parse(&self.state),
            from: day(&self.from).and_then(|day| day.pred_opt()).map(|before| end_of_day(before, tz)),
            to: day(&self.to).map(|day| end_of_day(day, tz)),
        }
    }

    fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "oldest" => Sort::Oldest,
            "package" => Sort::Package,
            "person" => Sort::Person,
            _ => Sort::Newest,
        }
    }

    fn narrows(&self) -> bool {
        [&self.q, &self.person, &self.package, &self.verdict, &self.state, &self.from, &self.to]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    /// The address of this list with another order or page.
    fn href(&self, path: &str, sort: &str, number: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", self.q.as_str()),
            ("person", &self.person),
            ("package", &self.package),
            ("verdict", &self.verdict),
            ("state", &self.state),
            ("from", &self.from),
            ("to", &self.to),
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

/// What came of the access, in words with a time.
#[derive(Clone, Debug)]
pub struct AccessView {
    pub words: String,
    pub at: Option<When>,
}

impl AccessView {
    fn of(access: &Access, eyes: Eyes) -> Self {
        let at = |moment: Option<Moment>| moment.map(|at| eyes.when(at));
        match access.state {
            AssignmentState::Expired => Self {
                words: access.end_reason.map_or("Ended".to_owned(), |why| format!("Ended: {}", why.words())),
                at: at(access.ended_at),
            },
            _ => match access.ends_at {
                Some(end) => Self { words: "Access ends".to_owned(), at: at(Some(end)) },
                None => Self { words: "Access without an end".to_owned(), at: None },
            },
        }
    }
}

/// A row of the history.
#[derive(Clone, Debug)]
pub struct MadeRow {
    pub id: String,
    pub href: String,
    pub package: String,
    pub subject: String,
    pub verdict: Badge,
    /// "for Bob" or "by Mia in your place", where it was not simply the person (SPEC APR-11).
    pub who: Option<String>,
    pub less: bool,
    pub superseded: bool,
    pub reason: String,
    pub channel: &'static str,
    pub stage: Option<String>,
    pub at: When,
    pub state: Badge,
    pub access: Option<AccessView>,
    pub revoke_href: Option<String>,
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Portal => "in the portal",
        Channel::Link => "by emailed link",
        Channel::Code => "by emailed link with a code",
    }
}

/// In whose place, or by whom in one's own (SPEC APR-11).
fn who(row: &Made, me: UserId) -> Option<String> {
    if row.by == me {
        return row.in_place_of.as_ref().map(|place| format!("for {place}"));
    }
    Some(format!("by {} in your place", row.by_name))
}

impl MadeRow {
    pub fn of(row: &Made, me: UserId, eyes: Eyes) -> Self {
        Self {
            id: row.request.to_string(),
            href: paths::approval(row.request),
            package: row.package.clone(),
            subject: row.subject.clone(),
            verdict: match row.verdict {
                Verdict::Approve => Badge::new("approved", "Approved", Tone::Success, Some("check-circle")),
                Verdict::Deny => Badge::new("denied", "Denied", Tone::Danger, Some("x-circle")),
            },
            who: who(row, me),
            less: !row.allowed.is_empty(),
            superseded: row.superseded,
            reason: row.reason.clone(),
            channel: channel(row.channel),
            stage: (row.stages > 1).then(|| format!("stage {} of {}", row.stage, row.stages)),
            at: eyes.when(row.at),
            state: Badge::request(row.state.as_str()),
            access: row
                .access
                .as_ref()
                .filter(|_| row.verdict == Verdict::Approve)
                .map(|a| AccessView::of(a, eyes)),
            revoke_href: row.is_revocable().then(|| paths::approval_revoke(row.request)),
        }
    }
}

/// The history.
#[derive(Clone, Debug)]
pub struct HistoryView {
    pub tabs: Tabs,
    pub q: String,
    pub filters: Vec<FieldView>,
    pub narrows: bool,
    pub rows: Vec<MadeRow>,
    pub sort_package: SortLink,
    pub sort_person: SortLink,
    pub sort_when: SortLink,
    pub pager: Pager,
    pub export_href: String,
    pub empty: Option<Empty>,
}

/// The page of the history.
#[derive(Template)]
#[template(path = "approver/history.html")]
pub struct HistoryPage<'a> {
    pub shell: &'a Shell,
    pub view: HistoryView,
}

fn filters(asked: &Asked, packages: &[(PackageId, String)]) -> Vec<FieldView> {
    let verdicts = vec![
        OptionView::new("", "All decisions"),
        OptionView::new("approve", "Approved"),
        OptionView::new("deny", "Denied"),
    ];
    let mut states = vec![OptionView::new("", "All states")];
    states.extend(
        RequestState::ALL
            .iter()
            .filter(|s| !matches!(s, RequestState::Submitted | RequestState::WaitingForCallback))
            .map(|s| OptionView::new(s.as_str(), Badge::request(s.as_str()).label)),
    );
    let mut all = vec![OptionView::new("", "All packages")];
    all.extend(packages.iter().map(|(id, name)| OptionView::new(id.to_string(), name)));
    vec![
        FieldView::select("verdict", "Decision", verdicts).value(&asked.verdict),
        FieldView::select("state", "Request now", states).value(&asked.state),
        FieldView::select("package", "Package", all).value(&asked.package),
        FieldView::text("person", "Person").value(&asked.person),
        FieldView::date("from", "From").value(&asked.from),
        FieldView::date("to", "To").value(&asked.to),
    ]
}

impl HistoryView {
    pub fn of(
        asked: &Asked,
        found: &Page<Made>,
        packages: &[(PackageId, String)],
        tabs: Tabs,
        me: UserId,
        eyes: Eyes,
    ) -> Self {
        let sort = asked.sort();
        let link = |label: &str, word: &str, is: Option<bool>| {
            SortLink::new(label.to_owned(), asked.href(PATH, word, 1), is)
        };
        let (when, word) = match sort {
            Sort::Newest => (Some(false), "oldest"),
            Sort::Oldest => (Some(true), ""),
            Sort::Package | Sort::Person => (None, ""),
        };
        let narrows = asked.narrows();
        Self {
            tabs,
            q: asked.q.clone(),
            filters: filters(asked, packages),
            narrows,
            rows: found.items.iter().map(|row| MadeRow::of(row, me, eyes)).collect(),
            sort_package: link("Package", "package", (sort == Sort::Package).then_some(true)),
            sort_person: link("For", "person", (sort == Sort::Person).then_some(true)),
            sort_when: link("When", word, when),
            pager: Pager::new(found.at.number, found.at.size, found.total, |n| {
                asked.href(PATH, &asked.sort, n)
            }),
            export_href: asked.href(EXPORT, &asked.sort, 1),
            empty: (found.total == 0).then(|| {
                if narrows {
                    Empty::new(
                        "search",
                        "No decision matches",
                        "Try other words, or look at all your decisions.",
                    )
                    .action("Show all", PATH)
                } else {
                    Empty::new("clock-history", "No decisions yet", "What you approve or deny is kept here.")
                        .action("What waits for you", "/approvals")
                }
            }),
        }
    }
}

async fn found(
    s: &Signed,
    asked: &Asked,
    at: PageRequest,
) -> Result<(Page<Made>, Vec<(PackageId, String)>), PageError> {
    let (user, filter, sort) = (s.principal.user, asked.filter(s.tz()), asked.sort());
    s.read(move |conn| {
        Ok((decisions::made(conn, user, &filter, sort, at)?, decisions::packages_of(conn, user)?))
    })
    .await
}

/// `GET /approvals/history`
pub async fn show(s: Signed, Query(asked): Query<Asked>) -> Answer {
    let at = PageRequest::new(asked.page.parse().unwrap_or(1));
    let (made, packages) = found(&s, &asked, at).await?;
    let eyes = Eyes { now: s.now(), tz: s.tz() };
    let shell = s.shell("Approvals", Vec::new());
    let view = HistoryView::of(&asked, &made, &packages, tabs(&s, PATH, count(&s)), s.principal.user, eyes);
    page(&HistoryPage { shell: &shell, view })
}

/// `GET /approvals/history/export.csv`: what the filter shows, all pages of it.
pub async fn export(s: Signed, Query(asked): Query<Asked>) -> Answer {
    let (made, _) = found(&s, &asked, PageRequest::everything()).await?;
    let mut csv = Csv::new(&[
        "Decided",
        "Decided by",
        "In place of",
        "Decision",
        "Reason",
        "Channel",
        "Package",
        "For",
        "E-mail",
        "Stage",
        "Stages",
        "Allowed from",
        "Allowed until",
        "Request",
        "Access",
        "Access ended because",
        "Request id",
    ]);
    let instant = |at: Option<Moment>| at.map(|at| at.to_string()).unwrap_or_default();
    for row in made.items {
        let (access, ended) = row.access.map_or_else(Default::default, |a| {
            (a.state.as_str().to_owned(), a.end_reason.map(|why| why.words().to_owned()).unwrap_or_default())
        });
        csv.row([
            row.at.to_string(),
            row.by_name,
            row.in_place_of.unwrap_or_default(),
            row.verdict.as_str().to_owned(),
            row.reason,
            row.channel.as_str().to_owned(),
            row.package,
            row.subject,
            row.email,
            row.stage.to_string(),
            row.stages.to_string(),
            instant(row.allowed.start),
            instant(row.allowed.end),
            row.state.as_str().to_owned(),
            access,
            ended,
            row.request.to_string(),
        ]);
    }
    csv.answer("decisions")
}

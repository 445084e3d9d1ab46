//! Packages: what the person can find, and the page of one.

use actix_web::web::Path;
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::words;
use crate::app::AppError;
use crate::app::request::{asked_of, gate_facts};
use crate::domain::attributes::Attribute;
use crate::domain::catalog::ResourceKind;
use crate::domain::request::checks;
use crate::kernel::ids::{CatalogId, PackageId};
use crate::kernel::{Moment, Page, PageRequest, paths};
use crate::store::people;
use crate::store::views::browse::{self, Content, PackageCard, Wanted};
use crate::store::views::offer::{Asker, Offer};
use crate::store::views::package::{self, PackagePage};
use crate::store::views::team;
use crate::web::ui::{Badge, Crumb, Empty, FieldView, OptionView, Pager, Shell, When};
use crate::web::{Answer, PageError, Query, Signed, page};

/// The query of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Search {
    q: String,
    catalog: String,
    page: String,
}

/// A package in a list.
#[derive(Debug, Clone)]
pub struct CardView {
    pub id: String,
    pub href: String,
    pub name: String,
    pub description: String,
    pub catalog: String,
    pub gives: String,
    pub lasts: String,
    pub decides: String,
    pub state: Option<Badge>,
}

impl CardView {
    /// A card; `card` comes from a list, so at least one policy admits the person.
    pub fn of(card: &PackageCard) -> Self {
        let (lasts, decides) = match card.offers.as_slice() {
            [only] => {
                (words::capital(&words::lasts(only.terms.expiry)), words::decision(&only.stages, &only.terms))
            }
            several => {
                let mut spans: Vec<String> = several.iter().map(|o| words::lasts(o.terms.expiry)).collect();
                spans.dedup();
                (
                    words::capital(&words::listing(&spans, "or")),
                    format!("{} ways to get it: you choose", several.len()),
                )
            }
        };
        Self {
            id: card.id.to_string(),
            href: paths::package(card.id),
            name: card.name.clone(),
            description: card.description.clone(),
            catalog: card.catalog.clone(),
            gives: words::gives(&card.contents),
            lasts,
            decides,
            state: card
                .held
                .as_ref()
                .map(|held| Badge::assignment(held.state.as_str()))
                .or_else(|| card.open.as_ref().map(|open| Badge::request(open.state.as_str()))),
        }
    }
}

/// The list as it is shown.
#[derive(Debug, Clone)]
pub struct ListView {
    pub q: String,
    pub catalogs: Option<FieldView>,
    pub cards: Vec<CardView>,
    pub pager: Pager,
    pub empty: Option<Empty>,
}

#[derive(Template)]
#[template(path = "requestor/packages.html")]
pub struct PackagesPage<'a> {
    pub shell: &'a Shell,
    pub view: ListView,
}

impl ListView {
    pub fn of(search: &Search, found: &Page<PackageCard>, catalogs: &[(CatalogId, String)]) -> Self {
        let filtered = !search.q.trim().is_empty() || !search.catalog.is_empty();
        let options = std::iter::once(OptionView::new("", "All catalogs"))
            .chain(catalogs.iter().map(|(id, name)| OptionView::new(id.to_string(), name)))
            .collect();
        let (q, catalog) = (search.q.clone(), search.catalog.clone());
        Self {
            q: search.q.clone(),
            catalogs: (catalogs.len() > 1)
                .then(|| FieldView::select("catalog", "Catalog", options).value(&search.catalog)),
            cards: found.items.iter().map(CardView::of).collect(),
            pager: Pager::new(found.at.number, found.at.size, found.total, move |n| {
                address("/packages", &[("q", &q), ("catalog", &catalog)], n)
            }),
            empty: found.items.is_empty().then(|| {
                if filtered {
                    Empty::new(
                        "search",
                        "Nothing fits",
                        "No package that you can request has these words in its name, description, contents or catalog. Try fewer words.",
                    )
                    .action("Show all packages", "/packages")
                } else {
                    Empty::new(
                        "box-seam",
                        "No packages for you yet",
                        "Nobody has made a package that you can request. If somebody sent you a link to one, open it: hidden packages are not listed.",
                    )
                    .action("See what you have", "/access")
                }
            }),
        }
    }
}

/// An address with its query; empty values are left out.
pub fn address(path: &str, fields: &[(&str, &str)], page: i64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    if page > 1 {
        query.append_pair("page", &page.to_string());
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The page's number in a query; whatever is none is the first.
pub fn number(page: &str) -> i64 {
    page.parse().unwrap_or(1)
}

/// The signed-in person as an asker.
pub fn asker(
    conn: &mut crate::store::Conn,
    principal: &crate::domain::access::Principal,
) -> Result<Asker, AppError> {
    Asker::load(conn, principal.user)?.ok_or(AppError::NotFound)
}

/// `GET /packages`
pub async fn index(s: Signed, search: Query<Search>) -> Answer {
    let wanted = Wanted { q: search.q.clone(), catalog: search.catalog.parse().ok(), ..Wanted::default() };
    let (at, now, me) = (PageRequest::new(number(&search.page)), s.now(), s.principal.clone());
    let (found, catalogs) = s
        .read(move |conn| {
            let asker = asker(conn, &me)?;
            let catalogs = browse::catalogs_with_offers(conn, &asker)?;
            Ok((browse::list(conn, &asker, &wanted, at, now)?, catalogs))
        })
        .await?;
    let shell = s.shell("Packages", vec![]);
    page(&PackagesPage { shell: &shell, view: ListView::of(&search, &found, &catalogs) })
}

/// A role that a package gives.
#[derive(Debug, Clone)]
pub struct ContentView {
    pub icon: &'static str,
    pub resource: String,
    pub role: String,
    pub description: String,
}

impl ContentView {
    pub fn of(content: &Content) -> Self {
        Self {
            icon: kind_icon(content.kind),
            resource: content.resource.clone(),
            role: content.role.clone(),
            description: content.description.clone(),
        }
    }
}

/// The icon of a kind of resource.
pub fn kind_icon(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Group => "people",
        ResourceKind::Application => "window-stack",
        ResourceKind::Site => "globe",
    }
}

/// One way to get a package.
#[derive(Debug, Clone)]
pub struct OfferView {
    pub id: String,
    pub name: String,
    pub description: String,
    pub lasts: String,
    pub stages: Vec<String>,
    pub asks: String,
}

impl OfferView {
    pub fn of(offer: &Offer) -> Self {
        Self::asking(offer, 0)
    }

    /// With so many questions that the resources ask beside the policy's.
    pub fn asking(offer: &Offer, more: usize) -> Self {
        let terms = &offer.terms;
        let several = offer.stages.len() > 1;
        let stages = offer
            .stages
            .iter()
            .zip(1..)
            .map(|(outline, n)| {
                let decides = words::decides(outline, words::Voice::asking(terms));
                let mut days = words::count(i64::from(outline.limit_days), "day");
                if let Some(after) = outline.escalates_after {
                    let after = words::count(i64::from(after), "day");
                    days.push_str(&format!("; others are asked too if nobody decides in {after}"));
                }
                if several {
                    format!("Stage {n}: {decides} within {days}")
                } else {
                    format!("{decides} within {days}")
                }
            })
            .collect();
        let mut asks = Vec::new();
        if terms.justification_required {
            asks.push("a reason".to_owned());
        }
        let questions = terms.questions.len() + more;
        if questions > 0 {
            let n = i64::try_from(questions).unwrap_or(0);
            asks.push(format!("answers to {}", words::count(n, "question")));
        }
        Self {
            id: offer.policy.to_string(),
            name: offer.name.clone(),
            description: offer.description.clone(),
            lasts: words::lasts_sentence(terms.expiry),
            stages,
            asks: words::listing(&asks, "and"),
        }
    }

    /// Everything that tells it from the others, in a line.
    pub fn in_a_line(&self) -> String {
        let decision = if self.stages.is_empty() {
            "No approval needed.".to_owned()
        } else {
            format!("{}.", self.stages.join(". "))
        };
        let asks =
            if self.asks.is_empty() { String::new() } else { format!(" You are asked for {}.", self.asks) };
        let about =
            if self.description.is_empty() { String::new() } else { format!("{} ", self.description) };
        format!("{about}{decision} {}{asks}", self.lasts)
    }
}

/// A check of "Why can't I request this?" (SPEC REQ-1).
#[derive(Debug, Clone)]
pub struct CheckView {
    pub label: &'static str,
    pub failed: Option<String>,
}

/// What the person has or has asked for.
#[derive(Debug, Clone)]
pub struct MineView {
    pub badge: Badge,
    pub href: String,
    pub label: &'static str,
    pub until: Option<When>,
    pub since: When,
}

/// A package's page as it is shown.
#[derive(Debug, Clone)]
pub struct PackageView {
    pub id: String,
    pub description: String,
    pub catalog: String,
    pub contents: Vec<ContentView>,
    pub offers: Vec<OfferView>,
    pub usual: Option<String>,
    pub held: Option<MineView>,
    pub open: Option<MineView>,
    pub checks: Vec<CheckView>,
    pub can_request: bool,
    pub request_href: String,
    /// Where a manager asks for their reports.
    pub team_href: Option<String>,
    pub why_href: String,
    pub manage_href: Option<String>,
    pub hidden: bool,
}

#[derive(Template)]
#[template(path = "requestor/package.html")]
pub struct OnePackagePage<'a> {
    pub shell: &'a Shell,
    pub view: PackageView,
}

/// What the page of a package is made of.
pub struct Loaded {
    pub package: PackagePage,
    pub checks: Vec<CheckView>,
    pub usual: Option<chrono::Duration>,
    /// Can the person ask for people who report to them?
    pub for_team: bool,
    /// What the package's resources ask beside the policy (SPEC CAT-5).
    pub attributes: Vec<Attribute>,
    /// The language and region of the reader.
    pub locale: String,
}

impl Loaded {
    /// Does nothing stand in the way of a request?
    pub fn can_request(&self) -> bool {
        self.checks.iter().all(|check| check.failed.is_none())
    }
}

/// Loads a package for the person, with the checks of the gate.
pub async fn load(s: &Signed, id: PackageId) -> Result<Loaded, PageError> {
    let (me, now) = (s.principal.clone(), s.now());
    s.read(move |conn| {
        let asker = asker(conn, &me)?;
        let package = package::page(conn, &me, &asker, id, now)?.ok_or(AppError::NotFound)?;
        let person = people::person(conn, me.user)?.ok_or(AppError::NotFound)?;
        let checks = checks(&gate_facts(conn, &person, id, now)?)
            .into_iter()
            .map(|check| CheckView {
                label: check.label,
                failed: check.failed.map(|refusal| refusal.to_string()),
            })
            .collect();
        let locale = people::locale(conn, me.user)?;
        let attributes = asked_of(conn, id, me.user)?;
        Ok(Loaded {
            package,
            checks,
            usual: package::usual_wait(conn, id, now)?,
            for_team: team::count(conn, me.user)? > 0
                && team::on_behalf_packages(conn, Some(id))?.contains(&id),
            attributes,
            locale,
        })
    })
    .await
}

impl PackageView {
    pub fn of(loaded: &Loaded, now: Moment, tz: Tz) -> Self {
        let p = &loaded.package;
        let when = |at: Moment| When::new(*at, *now, tz);
        Self {
            id: p.id.to_string(),
            description: p.description.clone(),
            catalog: p.catalog_name.clone(),
            contents: p.contents.iter().map(ContentView::of).collect(),
            offers: p.offers.iter().map(|o| OfferView::asking(o, loaded.attributes.len())).collect(),
            usual: loaded.usual.map(words::about),
            held: p.held.as_ref().map(|held| MineView {
                badge: Badge::assignment(held.state.as_str()),
                href: paths::access(held.id),
                label: "See your access",
                until: held.ends_at.map(when),
                since: when(held.starts_at),
            }),
            open: p.open.as_ref().map(|open| MineView {
                badge: Badge::request(open.state.as_str()),
                href: paths::request(open.id),
                label: "See your request",
                until: open.due_at.map(when),
                since: when(open.submitted_at),
            }),
            can_request: loaded.can_request(),
            checks: loaded.checks.clone(),
            request_href: paths::package_request(p.id),
            team_href: loaded.for_team.then(|| paths::package_request_for(p.id)),
            why_href: paths::package_why(p.id),
            manage_href: p.manages.then(|| paths::manage_package(p.id)),
            hidden: p.hidden,
        }
    }
}

/// The way to a package's pages.
pub fn way() -> Vec<Crumb> {
    vec![Crumb::link("Packages", "/packages")]
}

/// `GET /packages/{id}`
pub async fn show(s: Signed, id: Path<PackageId>) -> Answer {
    let loaded = load(&s, id.into_inner()).await?;
    if !loaded.package.may_open() {
        return Err(PageError::NotFound);
    }
    let shell = s.shell(&loaded.package.name, way());
    page(&OnePackagePage { shell: &shell, view: PackageView::of(&loaded, s.now(), s.tz()) })
}

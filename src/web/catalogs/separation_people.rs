//! Who holds a package and what stands against it: before saving, whoever would be in conflict; afterwards, whoever
//! holds both (SPEC SOD-2). Counted, listed, exported.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{ConfirmPageView, PackageHead, counted, me};
use super::separation::tab_page;
use crate::app::AppError;
use crate::app::catalog::separation as cases;
use crate::domain::Refusal;
use crate::domain::access::{CatalogTask, Denied, DirectoryTask, Principal, Viewer, check_in};
use crate::domain::conflict::Against;
use crate::kernel::ids::PackageId;
use crate::kernel::{Moment, Page, PageRequest, paths, text};
use crate::store::Conn;
use crate::store::views::pickers;
use crate::store::views::separation::{self as views, Both};
use crate::web::csv::Csv;
use crate::web::ui::{Badge, ConfirmView, Empty, FieldView, FormView, Pager, PersonView, Shell, When};
use crate::web::{Answer, Query, Signed, page_with, redirect};

/// How many packages, and how many groups, the browser is offered while somebody types.
pub(super) const MOST_SUGGESTED: i64 = 500;

/// What is looked at: `other` is a name as it was typed, or what [`Against`] writes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// A package or a group.
    pub other: String,
    /// The box, ticked or not.
    mutual: String,
    /// Words to look for among the people.
    q: String,
    /// Which page of them.
    page: String,
}

impl Asked {
    /// A form that was posted.
    pub(super) fn of(against: Against, mutual: bool) -> Self {
        let mutual = if mutual { "yes".to_owned() } else { String::new() };
        Self { other: against.to_string(), mutual, ..Self::default() }
    }

    /// Both directions?
    pub(super) fn mutual(&self) -> bool {
        !self.mutual.is_empty()
    }

    fn at(&self) -> PageRequest {
        PageRequest::new(self.page.parse().unwrap_or(1))
    }

    fn href(&self, against: Against, page: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("other", &against.to_string());
        if self.mutual() {
            query.append_pair("mutual", "yes");
        }
        if !self.q.is_empty() {
            query.append_pair("q", &self.q);
        }
        query.append_pair("page", &page.to_string());
        format!("?{}", query.finish())
    }
}

/// How a package is written in the field: unlike its namesakes in other catalogs.
pub(super) fn package_words(name: &str, catalog: &str) -> String {
    format!("{name} (package in {catalog})")
}

/// How a group is.
pub(super) fn group_words(name: &str) -> String {
    format!("{name} (group)")
}

/// What is meant by what was typed; the text says why it is not clear.
fn meant(
    conn: &mut Conn,
    viewer: &Viewer,
    except: PackageId,
    typed: &str,
) -> Result<Result<Against, String>, AppError> {
    if let Some(against) = Against::parse(typed) {
        return Ok(Ok(against));
    }
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Err("Name a package or a group.".to_owned()));
    }
    let wanted = text::fold(typed);
    let bare = typed.rsplit_once(" (").map_or(typed, |(name, _)| name);
    let mut names = vec![wanted.clone()];
    names.push(text::fold(bare));
    let mut found: Vec<(Against, String)> = Vec::new();
    for name in &names {
        let packages = views::choices(conn, viewer, except, name, 20)?;
        found.extend(
            packages.into_iter().map(|p| (Against::Package(p.id), package_words(&p.name, &p.catalog))),
        );
    }
    let groups = pickers::groups_called(conn, &names)?;
    found.extend(groups.into_iter().map(|g| (Against::Group(g.id), group_words(&g.name))));
    found.dedup_by_key(|(against, _)| *against);
    // What was suggested is written out whole; a bare name counts if only one thing is called so.
    if let Some((exact, _)) = found.iter().find(|(_, words)| text::fold(words) == wanted) {
        return Ok(Ok(*exact));
    }
    let called = |words: &str| words.rsplit_once(" (").is_some_and(|(name, _)| text::fold(name) == wanted);
    found.retain(|(_, words)| called(words));
    Ok(match found.as_slice() {
        [(only, _)] => Ok(*only),
        [] => Err(format!("No package or group that you may know of is called “{typed}”.")),
        several => {
            let names: Vec<&str> = several.iter().map(|(_, words)| words.as_str()).collect();
            Err(format!("“{typed}” can mean several. Give one of these: {}.", names.join(", or ")))
        }
    })
}

#[derive(Template)]
#[template(path = "catalogs/separation_people.html")]
struct PeoplePage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    lead: String,
    ask: Option<ConfirmPageView>,
    action: String,
    other: String,
    mutual: bool,
    q: String,
    other_name: String,
    package: String,
    group: bool,
    total: i64,
    rows: Vec<Row>,
    empty: Option<Empty>,
    pager: Pager,
    export: String,
}

struct Row {
    id: String,
    person: PersonView,
    account: Option<Badge>,
    since: When,
    until: Option<When>,
    other_since: Option<When>,
    other_until: Option<When>,
}

/// Loads whoever holds both, for whoever may see them: the people of an entry, as part of the package; those of
/// something that is only thought of, as far as the reader may know of it.
fn load(
    conn: &mut Conn,
    who: &Principal,
    id: PackageId,
    against: Against,
    (q, at): (&str, PageRequest),
    now: Moment,
) -> Result<(PackageHead, String, Page<Both>), AppError> {
    let head = PackageHead::load(conn, who, CatalogTask::SeeAssignments, id)?;
    let entry = views::entries(conn, id, now)?.into_iter().find(|e| e.against == against);
    let name = match entry {
        Some(entry) => entry.name,
        None => {
            check_in(who, CatalogTask::Packages, head.catalog.id)?;
            cases::name_of(conn, who, against)?
        }
    };
    let found = views::both(conn, id, against, q, at, now)?;
    Ok((head, name, found))
}

async fn list(
    s: &Signed,
    id: PackageId,
    asked: &Asked,
    against: Against,
    ask: bool,
    refused: Option<Refusal>,
    status: StatusCode,
) -> Answer {
    let (who, now, q, at) = (me(s), s.now(), asked.q.clone(), asked.at());
    let (head, name, found) = s.read(move |conn| load(conn, &who, id, against, (&q, at), now)).await?;
    let base = paths::manage_package_tab(id, "separation");
    let package = head.package.name.clone();
    let shell = s.shell(if ask { "Before you keep them apart" } else { "Who has both" }, head.way_below());
    let both = counted(found.total, "person has", "people have");
    let question = ask.then(|| {
        let mut lines = vec![format!(
            "Whoever has {name} cannot get {package}: not by asking, not directly, not by a rule. They cannot extend it either."
        )];
        if asked.mutual() {
            lines.push(format!("And the other way round: whoever has {package} cannot get {name}."));
        }
        lines.push(match found.total {
            0 => "Nobody has both now.".to_owned(),
            _ => format!("{both} both now, listed below. They keep both, until one of them ends."),
        });
        lines.push("Requests that wait are looked at again when they are approved and when access starts.".to_owned());
        let mut form = FormView::new(&base, &shell.csrf, "Keep them apart")
            .field(FieldView::hidden("other", against.to_string()));
        if asked.mutual() {
            form = form.field(FieldView::hidden("mutual", "yes"));
        }
        let form = form.cancel(&base).checked(refused.map(|r| r.to_string()));
        let text = format!("Keep {package} apart from {name}?");
        ConfirmPageView::ask(ConfirmView::new(text, lines, form), base.clone())
    });
    let links = s.principal.may(DirectoryTask::Read);
    let when = |at: Moment| When::new(*at, *now, s.tz());
    let empty = found.items.is_empty().then(|| {
        if asked.q.is_empty() {
            Empty::new("people", "Nobody has both", "Nobody would be in conflict now.")
        } else {
            Empty::new("search", "Nobody found", "Try fewer or other words.")
        }
    });
    let view = View {
        lead: if ask {
            "Nothing is saved yet: see first who is concerned.".to_owned()
        } else {
            format!("{both} {package} and {name}, and keep both until one of them ends.")
        },
        ask: question,
        action: format!("{base}/{}", if ask { "check" } else { "people" }),
        other: against.to_string(),
        mutual: asked.mutual(),
        q: asked.q.clone(),
        group: against.group().is_some(),
        other_name: name,
        package,
        total: found.total,
        export: format!("{base}/export.csv{}", asked.href(against, 1)),
        pager: Pager::new(found.at.number, found.at.size, found.total, |n| asked.href(against, n)),
        empty,
        rows: found
            .items
            .into_iter()
            .map(|b| {
                let person = PersonView::new(&b.name, &b.email);
                Row {
                    id: b.user.to_string(),
                    person: if links { person.link(paths::user(b.user)) } else { person },
                    account: (!b.enabled).then(|| Badge::account(false)),
                    since: when(b.since),
                    until: b.until.map(when),
                    other_since: b.other_since.map(when),
                    other_until: b.other_until.map(when),
                }
            })
            .collect(),
    };
    page_with(status, &PeoplePage { shell: &shell, view })
}

/// `GET /manage/packages/{id}/separation/people?other=…`: who holds both.
pub async fn people(s: Signed, id: Path<PackageId>, asked: Query<Asked>) -> Answer {
    let id = id.into_inner();
    match Against::parse(&asked.other) {
        Some(against) => list(&s, id, &asked, against, false, None, StatusCode::OK).await,
        None => {
            let who = me(&s);
            s.read(move |conn| PackageHead::load(conn, &who, CatalogTask::SeeAssignments, id)).await?;
            redirect(paths::manage_package_tab(id, "separation"))
        }
    }
}

/// `GET /manage/packages/{id}/separation/check?other=…`: before saving, who would be in conflict.
pub async fn check(s: Signed, id: Path<PackageId>, asked: Query<Asked>) -> Answer {
    check_page(&s, id.into_inner(), &asked.0, None, StatusCode::OK).await
}

/// The page that asks before saving; what cannot be saved is said at the field of the tab's form.
pub(super) async fn check_page(
    s: &Signed,
    id: PackageId,
    asked: &Asked,
    refused: Option<Refusal>,
    status: StatusCode,
) -> Answer {
    let (who, viewer, typed, mutual) = (me(s), s.viewer(), asked.other.clone(), asked.mutual());
    let outcome = s
        .read(move |conn| {
            PackageHead::load(conn, &who, CatalogTask::Packages, id)?;
            let against = match meant(conn, &viewer, id, &typed)? {
                Ok(against) => against,
                Err(text) => return Ok(Err(("other", text))),
            };
            Ok(match cases::check(conn, &who, id, against, mutual) {
                Ok(_) => Ok(against),
                Err(AppError::Refused(refusal @ Refusal::ConflictOneWay(_))) => {
                    Err(("mutual", refusal.to_string()))
                }
                Err(AppError::Refused(refusal)) => Err(("other", refusal.to_string())),
                Err(AppError::Denied(Denied::Invisible)) => Err((
                    "other",
                    "This package or group is not there, or you may not know of it.".to_owned(),
                )),
                Err(error) => return Err(error),
            })
        })
        .await?;
    match outcome {
        Ok(against) => list(s, id, asked, against, true, refused, status).await,
        Err((field, text)) => {
            let status = if status == StatusCode::OK { StatusCode::UNPROCESSABLE_ENTITY } else { status };
            tab_page(s, id, asked, Some((field, text)), status).await
        }
    }
}

/// `GET /manage/packages/{id}/separation/export.csv?other=…`: the same people, all pages of them; of every entry if
/// none is named.
pub async fn export(s: Signed, id: Path<PackageId>, asked: Query<Asked>) -> Answer {
    let (id, who, now, asked) = (id.into_inner(), me(&s), s.now(), asked.0);
    let found = s
        .read(move |conn| {
            let mut all = Vec::new();
            let which = match Against::parse(&asked.other) {
                Some(against) => vec![against],
                None => {
                    PackageHead::load(conn, &who, CatalogTask::SeeAssignments, id)?;
                    views::entries(conn, id, now)?.into_iter().map(|e| e.against).collect()
                }
            };
            for against in which {
                let at = PageRequest::everything();
                let (head, name, found) = load(conn, &who, id, against, (&asked.q, at), now)?;
                all.push((head.package.name, name, found.items));
            }
            Ok(all)
        })
        .await?;
    let mut csv = Csv::new(&[
        "Name",
        "E-mail",
        "Enabled",
        "Package",
        "Since",
        "Until",
        "In conflict with",
        "Since",
        "Until",
    ]);
    let instant = |at: Option<Moment>| at.map(|at| at.to_string()).unwrap_or_default();
    for (package, other, people) in found {
        for p in people {
            csv.row([
                p.name,
                p.email,
                if p.enabled { "yes" } else { "no" }.to_owned(),
                package.clone(),
                p.since.to_string(),
                instant(p.until),
                other.clone(),
                instant(p.other_since),
                instant(p.other_until),
            ]);
        }
    }
    csv.answer("conflicts")
}

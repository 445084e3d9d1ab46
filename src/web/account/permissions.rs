//! My permissions, and for administrators and auditors those of anybody: each role and right, where, through what, since
//! when (SPEC ROL-7).

use actix_web::web::Path;
use askama::Template;
use chrono_tz::Tz;

use crate::app::AppError;
use crate::domain::access::{CatalogRole, CatalogTask, DirectoryRole, DirectoryTask, Principal};
use crate::kernel::ids::UserId;
use crate::kernel::{Moment, paths};
use crate::store::users;
use crate::store::views::permissions::{self as views, Approves, AskedAs, Because, Permissions};
use crate::web::ui::{Crumb, Shell, When};
use crate::web::{Answer, Signed, page};

#[derive(Template)]
#[template(path = "account/permissions.html")]
pub(super) struct PermissionsPage<'a> {
    pub(super) shell: &'a Shell,
    pub(super) view: PermissionsView,
}

/// A role or a right.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Tells it from the others.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
    /// What it permits.
    pub(super) what: String,
    /// Where it holds, with a link for whoever may follow it.
    pub(super) place: (String, Option<String>),
    /// Through what.
    pub(super) through: (String, Option<String>),
    /// Since when.
    pub(super) since: Option<When>,
    /// Until when, for what ends.
    pub(super) until: Option<When>,
}

#[derive(Debug, Clone)]
pub(super) struct PermissionsView {
    pub(super) lead: String,
    pub(super) own: bool,
    pub(super) roles: Vec<Line>,
    pub(super) rights: Vec<Line>,
    pub(super) approvals: Vec<Line>,
    /// How many more stages name the person than are shown: beyond the most that a page lists, or asking managers or
    /// sponsors in catalogs that the reader does not see. Their packages, hidden ones too, are not told by name.
    pub(super) more: usize,
}

/// How many stages the page lists at most.
const MOST_STAGES: usize = 200;

/// Whose eyes look.
struct Eyes<'a> {
    reader: &'a Principal,
    own: bool,
    now: Moment,
    tz: Tz,
}

impl Eyes<'_> {
    fn when(&self, at: Moment) -> When {
        When::new(*at, *self.now, self.tz)
    }

    fn directory(&self) -> bool {
        self.reader.may(DirectoryTask::Read)
    }
}

fn what_of(role: &str) -> String {
    let directory = DirectoryRole::ALL.iter().find(|r| r.words() == role).map(|r| match r {
        DirectoryRole::Administrator => "May do everything, everywhere.",
        DirectoryRole::Auditor => "Sees everything, changes nothing.",
        DirectoryRole::CatalogCreator => "May create catalogs, and owns what they create.",
        DirectoryRole::OrganizationAdministrator => "Keeps the connected organizations.",
    });
    let catalog = CatalogRole::ALL.iter().find(|r| r.words() == role).map(|r| match r {
        CatalogRole::Owner => "Keeps the catalog, its resources, packages and roles.",
        CatalogRole::PackageManager => "Keeps packages and policies.",
        CatalogRole::AssignmentManager => "Assigns and removes access, cancels requests.",
        CatalogRole::Reader => "Sees everything in it, changes nothing.",
    });
    directory.or(catalog).unwrap_or_default().to_owned()
}

fn role_lines(found: &Permissions, eyes: &Eyes<'_>) -> Vec<Line> {
    found
        .roles
        .iter()
        .enumerate()
        .map(|(n, r)| Line {
            id: format!("role-{n}"),
            name: r.role.to_owned(),
            what: what_of(r.role),
            place: match &r.catalog {
                Some((id, name)) => {
                    (name.clone(), eyes.reader.may_in(CatalogTask::See, *id).then(|| paths::catalog(*id)))
                }
                None => ("Everywhere".to_owned(), None),
            },
            through: match &r.through {
                Some((id, name)) => {
                    (format!("the group {name}"), eyes.directory().then(|| paths::group(*id)))
                }
                None => ("granted directly".to_owned(), None),
            },
            since: Some(eyes.when(r.since)),
            until: None,
        })
        .collect()
}

fn people(n: i64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn right(id: &str, name: &str, what: &str) -> Line {
    Line {
        id: id.to_owned(),
        name: name.to_owned(),
        what: what.to_owned(),
        place: (String::new(), None),
        through: (String::new(), None),
        since: None,
        until: None,
    }
}

fn right_lines(found: &Permissions, eyes: &Eyes<'_>) -> Vec<Line> {
    let own = |href: &str| eyes.own.then(|| href.to_owned());
    let them = if eyes.own { "you" } else { "this person" };
    let mut lines = vec![Line {
        place: (format!("Packages whose policies admit {them}"), own("/packages")),
        through: ("the policies".to_owned(), None),
        ..right("requestor", "Requestor", "Requests packages, extends and gives up what was got.")
    }];
    if found.reports > 0 {
        lines.push(Line {
            place: (people(found.reports, "person", "people"), own("/team")),
            through: (format!("the directory: they report to {them}"), None),
            ..right(
                "manager",
                "Manager",
                "Sees and removes their access, requests for them where a policy lets managers do so.",
            )
        });
    }
    if found.sponsored > 0 {
        lines.push(Line {
            place: (people(found.sponsored, "person", "people"), None),
            through: ("the directory".to_owned(), None),
            ..right("sponsor", "Sponsor", "Answers for them; is asked where a policy asks sponsors.")
        });
    }
    lines.extend(found.organizations.iter().map(|o| Line {
        place: (o.name.clone(), None),
        through: ("the connected organization".to_owned(), None),
        ..right(
            &format!("organization-{}", o.id),
            if o.internal { "Internal sponsor" } else { "External sponsor" },
            "Answers for people of this organization; is asked where a policy asks its sponsors.",
        )
    }));
    lines.extend(found.resources.iter().map(|r| Line {
        place: (r.name.clone(), Some(paths::resource(r.id))),
        through: ("named as its owner".to_owned(), None),
        since: r.since.map(|at| eyes.when(at)),
        ..right(
            &format!("resource-{}", r.id),
            "Resource owner",
            "Edits the resource. Holds one of the two keys to put it into a catalog or take it out.",
        )
    }));
    lines.extend(found.groups.iter().map(|g| Line {
        place: (g.name.clone(), eyes.directory().then(|| paths::group(g.group))),
        through: ("named as its owner".to_owned(), None),
        since: Some(eyes.when(g.since)),
        ..right(
            &format!("group-{}", g.group),
            "Group owner",
            "May make the group a resource of a catalog that they own.",
        )
    }));
    lines.extend(found.delegations.iter().enumerate().map(|(n, d)| {
        let (name, what) = if d.stands_in {
            ("Stands in", "Decides in their place while they are away, never for oneself.")
        } else {
            ("Has a stand-in", "The other one decides too, in this person’s place.")
        };
        Line {
            place: (d.other.clone(), own(paths::DELEGATION)),
            through: ("a delegation".to_owned(), None),
            since: Some(eyes.when(d.starts_at)),
            until: Some(eyes.when(d.ends_at)),
            ..right(&format!("delegation-{n}"), name, what)
        }
    }));
    lines
}

fn stage_line(n: usize, a: &Approves, eyes: &Eyes<'_>) -> Line {
    let sees = eyes.reader.may_in(CatalogTask::See, a.catalog);
    let through = match &a.because {
        Because::Named => ("named by the policy".to_owned(), None),
        Because::Group(id, name) => {
            (format!("the group {name}"), eyes.directory().then(|| paths::group(*id)))
        }
        Because::CatalogOwner => ("owner of the catalog".to_owned(), None),
        Because::ResourceOwner => ("owner of a resource in it".to_owned(), None),
        Because::Manager => ("manager, for those who report to them".to_owned(), None),
        Because::Sponsor => ("sponsor, for those whom they sponsor".to_owned(), None),
    };
    let (name, what) = match a.asked_as {
        AskedAs::Approver => ("Approver", "Is asked."),
        AskedAs::Fallback => ("Fallback approver", "Is asked if none of the named approvers can act."),
        AskedAs::Alternate => ("Alternate approver", "Is asked if nobody decides for a while."),
    };
    let place = format!("{}, {}, stage {}", a.package_name, a.policy_name, a.stage);
    let policy = format!("{}/{}", paths::manage_package_tab(a.package, "policies"), a.policy);
    Line {
        place: (place, sees.then_some(policy)),
        through,
        since: Some(eyes.when(a.since)),
        ..right(&format!("stage-{n}"), name, what)
    }
}

/// May the reader know of this stage by name? Whoever a policy names is asked and hears of the package anyway; a stage
/// that asks whoever is the manager or the sponsor says nothing to them before somebody asks (SPEC PKG-2, ROL-6).
fn told(a: &Approves, eyes: &Eyes<'_>) -> bool {
    !matches!(a.because, Because::Manager | Because::Sponsor)
        || eyes.reader.may_in(CatalogTask::See, a.catalog)
}

fn view_of(found: &Permissions, eyes: &Eyes<'_>, lead: String) -> PermissionsView {
    let known: Vec<&Approves> = found.approves.iter().filter(|a| told(a, eyes)).take(MOST_STAGES).collect();
    PermissionsView {
        lead,
        own: eyes.own,
        roles: role_lines(found, eyes),
        rights: right_lines(found, eyes),
        more: found.approves.len() - known.len(),
        approvals: known.into_iter().enumerate().map(|(n, a)| stage_line(n, a, eyes)).collect(),
    }
}

/// `GET /profile/permissions`
pub async fn mine(s: Signed) -> Answer {
    let (user, now) = (s.principal.user, s.now());
    let found = s.read(move |conn| Ok(views::load(conn, user, now)?)).await?;
    let eyes = Eyes { reader: &s.principal, own: true, now, tz: s.tz() };
    let lead = "What you may do here, where, and why. It counts as it is at this moment.".to_owned();
    let view = view_of(&found, &eyes, lead);
    let shell = s.shell("My permissions", vec![Crumb::link("Your profile", "/profile")]);
    page(&PermissionsPage { shell: &shell, view })
}

/// `GET /admin/users/{id}/permissions`
pub async fn of_user(s: Signed, id: Path<UserId>) -> Answer {
    let (id, now) = (id.into_inner(), s.now());
    let (user, found) = s
        .read(move |conn| {
            let user = users::find_with_deleted(conn, id)?.ok_or(AppError::NotFound)?;
            Ok((user, views::load(conn, id, now)?))
        })
        .await?;
    let eyes = Eyes { reader: &s.principal, own: false, now, tz: s.tz() };
    let name = user.profile.display_name;
    let lead = if user.enabled && user.deleted_at.is_none() {
        format!("What {name} may do, where, and why. It counts as it is at this moment.")
    } else {
        format!("{name} cannot sign in, so none of this counts until the account is enabled again.")
    };
    let view = view_of(&found, &eyes, lead);
    let way = vec![Crumb::link("Users", "/admin/users"), Crumb::link(&name, paths::user(id))];
    let shell = s.shell("Permissions", way);
    page(&PermissionsPage { shell: &shell, view })
}

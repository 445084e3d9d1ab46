//! A user's page.

use actix_web::web::Path;
use askama::Template;
use chrono::Duration;

use super::users::{account_badge, kind_words};
use crate::domain::access::DirectoryTask;
use crate::domain::catalog::ResourceKind;
use crate::domain::directory::{Belonging, RESTORABLE_DAYS, UserSource};
use crate::kernel::ids::UserId;
use crate::kernel::{Moment, paths};
use crate::store::views::user::{self as store, UserPage as Read};
use crate::web::ui::{Badge, Crumb, PersonView, Shell, When, WhenDate};
use crate::web::{Answer, PageError, Signed, page};

#[derive(Debug, Clone)]
struct PackageRow {
    id: String,
    name: String,
    href: String,
    catalog: String,
    policy: String,
    state: Badge,
    from: When,
    until: Option<When>,
}

#[derive(Debug, Clone)]
struct ResourceRow {
    id: String,
    name: String,
    href: String,
    kind: &'static str,
    role: String,
    through: String,
    since: When,
}

#[derive(Debug, Clone)]
struct GroupRow {
    id: String,
    name: String,
    href: String,
    way: &'static str,
    since: When,
}

#[derive(Debug, Clone)]
struct RoleRow {
    role: &'static str,
    place: Option<(String, String)>,
    through: Option<(String, String)>,
    since: When,
}

#[derive(Debug, Clone)]
struct UserView {
    can_edit: bool,
    edit: String,
    account: Badge,
    enabled: bool,
    deleted: bool,
    restorable: bool,
    base: String,
    email: String,
    facts: Vec<(String, String)>,
    hired: Option<WhenDate>,
    manager: Option<PersonView>,
    sponsors: Vec<PersonView>,
    created: When,
    last_sign_in: Option<When>,
    source: &'static str,
    reports: Vec<PersonView>,
    groups: Vec<GroupRow>,
    roles: Vec<RoleRow>,
    packages: Vec<PackageRow>,
    resources: Vec<ResourceRow>,
    attributes: Vec<(String, String, When)>,
}

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage<'a> {
    shell: &'a Shell,
    view: UserView,
}

fn source_words(source: UserSource) -> &'static str {
    match source {
        UserSource::Local => "Made here",
        UserSource::Csv => "Imported from a file",
        UserSource::Oidc => "Signed in through the identity provider",
        UserSource::Scim => "Provisioned",
        UserSource::Ldap => "Read from the directory server",
    }
}

fn kind_of_resource(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Group => "Group",
        ResourceKind::Application => "Application",
        ResourceKind::Site => "Site",
    }
}

/// `GET /admin/users/{id}`
pub async fn show(s: Signed, id: Path<UserId>) -> Answer {
    let id = id.into_inner();
    let read = s.read(move |conn| Ok(store::load(conn, id)?)).await?.ok_or(PageError::NotFound)?;
    let shell = s.shell(&read.user.profile.display_name, vec![Crumb::link("Users", "/admin/users")]);
    let can_edit = s.principal.may(DirectoryTask::Manage);
    let view = view(read, can_edit, s.now(), s.tz());
    page(&UserPage { shell: &shell, view })
}

fn view(read: Read, can_edit: bool, now: Moment, tz: chrono_tz::Tz) -> UserView {
    let when = |at: Moment| When::new(*at, *now, tz);
    let Read { user, manager, sponsors, reports, groups, roles, packages, resources, attributes } = read;
    let (id, p) = (user.id, user.profile);
    let mut facts = vec![
        ("Kind", kind_words(p.kind).to_owned()),
        ("Given name", p.given_name),
        ("Surname", p.surname),
        ("Department", p.department),
        ("Job title", p.job_title),
        ("Company", p.company),
        ("Office", p.office),
        ("Country", p.country),
        ("Employee ID", p.employee_id),
        ("Time zone", p.time_zone),
        ("Language", p.locale),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(p.extension).collect();
    let person = |p: crate::store::views::pickers::PersonOption| {
        let detail = if p.enabled { p.email } else { format!("{} · disabled", p.email) };
        PersonView::new(p.name, detail).link(paths::user(p.id))
    };
    UserView {
        can_edit: can_edit && user.deleted_at.is_none(),
        edit: paths::user_page(id, "edit"),
        account: account_badge(user.enabled, user.deleted_at.is_some()),
        enabled: user.enabled,
        deleted: user.deleted_at.is_some(),
        restorable: can_edit && user.deleted_at.is_some_and(|at| at + Duration::days(RESTORABLE_DAYS) > now),
        base: paths::user(id),
        email: p.email.to_string(),
        hired: p.hired_on.map(|on| WhenDate::new(on, now.with_timezone(&tz).date_naive())),
        facts,
        manager: manager.map(person),
        sponsors: sponsors.into_iter().map(person).collect(),
        created: when(user.created_at),
        last_sign_in: user.last_sign_in_at.map(when),
        source: source_words(user.source),
        reports: reports.into_iter().map(person).collect(),
        groups: groups
            .into_iter()
            .map(|g| GroupRow {
                id: format!("{}-{}", g.group, g.as_a),
                href: paths::group(g.group),
                name: g.name,
                way: match g.as_a {
                    Belonging::Member => "Member",
                    Belonging::Owner => "Owner",
                },
                since: when(g.since),
            })
            .collect(),
        roles: roles
            .into_iter()
            .map(|r| RoleRow {
                role: r.role,
                place: r.catalog.map(|(id, name)| (paths::catalog(id), name)),
                through: r.through.map(|(id, name)| (paths::group(id), name)),
                since: when(r.since),
            })
            .collect(),
        attributes: attributes.into_iter().map(|a| (a.answer.question, a.answer.shown, when(a.at))).collect(),
        packages: packages
            .into_iter()
            .map(|h| PackageRow {
                id: h.assignment.to_string(),
                href: paths::manage_package(h.package),
                name: h.name,
                catalog: h.catalog,
                policy: h.policy,
                state: Badge::assignment(h.state.as_str()),
                from: when(h.starts_at),
                until: h.ends_at.map(when),
            })
            .collect(),
        resources: resources
            .into_iter()
            .enumerate()
            .map(|(n, h)| ResourceRow {
                id: format!("{}-{n}", h.resource),
                href: paths::resource(h.resource),
                name: h.name,
                kind: kind_of_resource(h.kind),
                role: h.role,
                through: h.through.join(", "),
                since: when(h.since),
            })
            .collect(),
    }
}

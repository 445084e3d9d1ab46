//! The page of a resource: what it is, who has it and through what (SPEC CAT-4, RPT-1).

use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{CATALOGS, ListQuery, me};
use super::fields::kind_words;
use super::resource_delivery;
use super::resource_questions::in_a_line;
use crate::app::AppError;
use crate::domain::access::{CatalogTask, Denied, DirectoryTask, Principal, edit_resource};
use crate::domain::catalog::{Resource, ResourceKind, ResourceRole};
use crate::kernel::ids::{CatalogId, ResourceId};
use crate::kernel::paths;
use crate::store::views::resource as views;
use crate::store::{Conn, attributes, catalogs, people, resources, tasks};
use crate::web::ui::{Badge, Crumb, Empty, Pager, PersonView, Shell, Tab, Tabs, When};
use crate::web::{Answer, Query, Signed, page};

/// A resource, as somebody may see it.
pub(super) struct Seen {
    pub(super) resource: Resource,
    pub(super) roles: Vec<ResourceRole>,
    pub(super) catalogs: Vec<(CatalogId, String)>,
    pub(super) can_edit: bool,
}

/// Loads the resource for its owners, and for whoever sees a catalog with it (SPEC ROL-6).
pub(super) fn load(conn: &mut Conn, me: &Principal, id: ResourceId) -> Result<Seen, AppError> {
    let resource = resources::find(conn, id)?.ok_or(Denied::Invisible)?;
    let holding = catalogs::holding_resource(conn, id)?;
    let catalogs: Vec<_> =
        holding.into_iter().filter(|(catalog, _)| me.may_in(CatalogTask::See, *catalog)).collect();
    let owns = resources::owns(conn, id, me.user)?;
    let can_edit = match edit_resource(me, id, owns, !catalogs.is_empty()) {
        Ok(_) => true,
        Err(Denied::Forbidden { .. }) => false,
        Err(Denied::Invisible) => return Err(Denied::Invisible.into()),
    };
    Ok(Seen { roles: resources::roles(conn, id)?, resource, catalogs, can_edit })
}

/// The same for whoever may change it.
pub(super) fn load_to_edit(conn: &mut Conn, me: &Principal, id: ResourceId) -> Result<Seen, AppError> {
    let seen = load(conn, me, id)?;
    let owns = resources::owns(conn, id, me.user)?;
    edit_resource(me, id, owns, true)?;
    Ok(seen)
}

impl Seen {
    /// The way to the resource: through the first catalog that the reader may see.
    pub(super) fn way(&self) -> Vec<Crumb> {
        match self.catalogs.first() {
            Some((id, name)) => vec![
                Crumb::link("Catalogs", CATALOGS),
                Crumb::link(name, paths::catalog(*id)),
                Crumb::link("Resources", paths::catalog_tab(*id, "resources")),
            ],
            None => Vec::new(),
        }
    }

    /// The way to a page below the resource.
    pub(super) fn way_below(&self) -> Vec<Crumb> {
        let mut way = self.way();
        way.push(Crumb::link(&self.resource.fields.name, paths::resource(self.resource.id)));
        way
    }
}

#[derive(Template)]
#[template(path = "catalogs/resource.html")]
struct ResourcePage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    kind: &'static str,
    description: String,
    usage: String,
    link: String,
    group: Option<(String, Option<String>)>,
    owners: Vec<PersonView>,
    keys: Vec<KeyLine>,
    roles: Vec<RoleLine>,
    questions: Vec<(String, String)>,
    can_edit: bool,
    can_edit_roles: bool,
    delivery: String,
    version: i64,
    base: String,
    holders: Option<Holders>,
}

/// A catalog with the resource, and what the reader would need to take it out (SPEC ROL-2).
struct KeyLine {
    name: String,
    href: String,
    /// The keys that are missing, in words; empty if the reader holds both.
    missing: String,
    remove: Option<String>,
}

struct RoleLine {
    id: String,
    name: String,
    description: String,
    packages: Vec<(String, String)>,
    edit: Option<String>,
}

struct Holders {
    role_id: String,
    tabs: Option<Tabs>,
    q: String,
    rows: Vec<HolderLine>,
    empty: Option<Empty>,
    pager: Pager,
}

struct HolderLine {
    id: String,
    person: PersonView,
    account: Option<Badge>,
    since: When,
    through: Vec<ThroughLine>,
}

struct ThroughLine {
    name: String,
    href: Option<String>,
    policy: String,
    from: When,
    until: Option<When>,
}

fn key_line(s: &Signed, seen: &Seen, catalog: CatalogId, name: &str) -> KeyLine {
    let of_catalog = s.principal.may_in(CatalogTask::Resources, catalog);
    let missing = match (of_catalog, seen.can_edit) {
        (true, true) => "",
        (true, false) => {
            "You own the catalog. Missing: ownership of the resource, which its owners and administrators can grant."
        }
        (false, true) => {
            "You own the resource. Missing: ownership of the catalog, which its owners and administrators can grant."
        }
        (false, false) => "You hold neither key.",
    };
    KeyLine {
        name: name.to_owned(),
        href: paths::catalog(catalog),
        missing: missing.to_owned(),
        remove: missing.is_empty().then(|| paths::catalog_resource_remove(catalog, seen.resource.id)),
    }
}

/// Whose holders are shown.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ShowQuery {
    #[serde(default)]
    role: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
}

impl ShowQuery {
    /// Is this role among those that are asked for?
    pub(super) fn narrows_to(&self, role: &ResourceRole) -> bool {
        self.role.is_empty() || self.role == role.id.to_string()
    }

    /// What the people are searched for.
    pub(super) fn words(&self) -> &str {
        &self.q
    }
}

/// `GET /resources/{id}`
pub async fn show(s: Signed, id: Path<ResourceId>, query: Query<ShowQuery>) -> Answer {
    let (id, who, asked) = (id.into_inner(), me(&s), query.0.clone());
    let list = ListQuery { q: asked.q.clone(), state: String::new(), page: asked.page.clone() };
    let at = list.at();
    let (seen, owners, granting, group, chosen, having, questions, settings) = s
        .read(move |conn| {
            let seen = load(conn, &who, id)?;
            let owners = resources::owners(conn, id)?;
            let names = people::names(conn, &owners.iter().copied().collect())?;
            let granting = views::granting(conn, id)?;
            let group = match seen.resource.fields.group {
                Some(group) => Some((group, views::group_name(conn, group)?)),
                None => None,
            };
            let chosen =
                seen.roles.iter().find(|r| r.id.to_string() == asked.role).or(seen.roles.first()).cloned();
            let having = match &chosen {
                Some(role) => Some(views::who_has(conn, role, &asked.q, at)?),
                None => None,
            };
            let owners: Vec<_> =
                owners.into_iter().map(|o| (o, names.get(&o).cloned().unwrap_or_default())).collect();
            let questions = attributes::of_resource(conn, id)?;
            let settings = tasks::settings(conn, id)?;
            Ok((seen, owners, granting, group, chosen, having, questions, settings))
        })
        .await?;
    let in_directory = s.principal.may(DirectoryTask::Read);
    let person = |id, name: &str, detail: String| {
        let person = PersonView::new(name, detail);
        if in_directory { person.link(paths::user(id)) } else { person }
    };
    let base = paths::resource(id);
    let fields = &seen.resource.fields;
    let named_roles = fields.kind != ResourceKind::Group;
    let roles = seen
        .roles
        .iter()
        .map(|r| RoleLine {
            id: r.id.to_string(),
            name: r.name.clone(),
            description: r.description.clone(),
            packages: granting
                .iter()
                .filter(|g| g.role == r.id && s.principal.may_in(CatalogTask::See, g.catalog))
                .map(|g| (g.name.clone(), paths::manage_package(g.package)))
                .collect(),
            edit: (seen.can_edit && named_roles).then(|| format!("{base}/roles/{}", r.id)),
        })
        .collect();
    let holders = chosen.zip(having).map(|(role, found)| {
        let several = seen.roles.len() > 1;
        let tabs = several.then(|| {
            let items = seen
                .roles
                .iter()
                .map(|r| Tab::new(&r.name, format!("{base}?role={}", r.id), r.id == role.id))
                .collect();
            Tabs::new("Role", items)
        });
        let href = |n| format!("{}&role={}", list.href(n), role.id);
        Holders {
            role_id: role.id.to_string(),
            tabs,
            q: list.q.clone(),
            empty: found.items.is_empty().then(|| {
                if list.q.is_empty() {
                    Empty::new(
                        "people",
                        "Nobody has this role",
                        "Whoever gets it through a package is shown here.",
                    )
                } else {
                    Empty::new("search", "Nobody found", "Try fewer or other words.")
                }
            }),
            pager: Pager::new(found.at.number, found.at.size, found.total, href),
            rows: found
                .items
                .into_iter()
                .map(|h| HolderLine {
                    id: h.user.to_string(),
                    person: person(h.user, &h.name, h.email),
                    account: (!h.enabled).then(|| Badge::account(false)),
                    since: When::new(*h.since, *s.now(), s.tz()),
                    through: h
                        .through
                        .into_iter()
                        .map(|t| ThroughLine {
                            name: t.package_name,
                            href: s
                                .principal
                                .may_in(CatalogTask::See, t.catalog)
                                .then(|| paths::manage_package(t.package)),
                            policy: t.policy,
                            from: When::new(*t.starts_at, *s.now(), s.tz()),
                            until: t.ends_at.map(|end| When::new(*end, *s.now(), s.tz())),
                        })
                        .collect(),
                })
                .collect(),
        }
    });
    let view = View {
        kind: kind_words(fields.kind),
        description: fields.description.clone(),
        usage: fields.usage.clone(),
        link: fields.link.clone(),
        group: group.map(|(id, name)| (name, in_directory.then(|| paths::group(id)))),
        owners: owners.iter().map(|(id, name)| person(*id, name, String::new())).collect(),
        keys: seen.catalogs.iter().map(|(id, name)| key_line(&s, &seen, *id, name)).collect(),
        roles,
        questions: questions.iter().map(in_a_line).collect(),
        can_edit: seen.can_edit,
        can_edit_roles: seen.can_edit && named_roles,
        delivery: resource_delivery::words(fields.connector, fields.kind, settings),
        version: seen.resource.version,
        base,
        holders,
    };
    let shell = s.shell(&fields.name, seen.way());
    page(&ResourcePage { shell: &shell, view })
}

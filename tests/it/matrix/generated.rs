//! SPEC section 2 as a generated test (I16): every route × every role × a catalog of one's own, a foreign one, one that
//! one may not know of. What is refused changes nothing.

use latchkey::domain::access::{CatalogRole, DirectoryRole};
use latchkey::domain::approval::Verdict;
use latchkey::domain::directory::Belonging;
use latchkey::kernel::ids::{CatalogId, ConflictId};
use latchkey::web::routes::{self, Route, Verb};

use super::posts::POSTS;
use super::sent::Rows;
use super::tasks::{Class, Expected, Place, ROLES, TABLE, class_of, expected};
use crate::requests::{decide, submit, the_assignment};
use crate::support::raw::id;
use crate::support::{Browser, Test, terms};

const PLACES: [Place; 3] = [Place::Own, Place::Foreign, Place::Invisible];

/// A catalog with one of everything.
struct World {
    ids: Vec<(&'static str, String)>,
    catalog: String,
    package: String,
    resource: String,
}

impl World {
    fn make(t: &mut Test, name: &str, owner: &str) -> (Self, CatalogId) {
        for person in ["alice", "bob", "dan"] {
            t.person(person);
        }
        let catalog = t.catalog(name, owner);
        let team = t.group(&format!("{name} team"), &[]);
        let team_resource = t.resource(catalog, &format!("{name} team"), Some(team), owner);
        let member = t.role(team_resource, "Member", Some("member"));
        let resource = t.resource(catalog, &format!("{name} tool"), None, owner);
        let role = t.role(resource, "User", None);
        let package = t.package(catalog, &format!("{name} package"), &[member]);
        let other = t.package(catalog, &format!("{name} other"), &[]);
        let policy = t.policy(package, "Everybody", &terms::members(vec![terms::manager()]));
        let asked = submit(t, "alice", package);
        decide(t, "bob", asked, Verdict::Approve);
        let held = the_assignment(t, asked).id;
        let waiting = submit(t, "dan", package);
        let conflict: ConflictId = t.app.ids.next();
        t.insert(
            "package_conflicts",
            &[("id", id(conflict)), ("package_id", id(package)), ("other_package_id", id(other))],
        );
        let now = t.now();
        t.write(|tx| Ok(latchkey::store::handovers::begin(tx, catalog, now)?));
        let grant = t.read(|c| latchkey::store::role_grants::list_in_catalog(c, catalog))[0].id;
        let ids = vec![
            ("{policy}", policy.to_string()),
            ("{assignment}", held.to_string()),
            ("{request}", waiting.to_string()),
            ("{resource}", resource.to_string()),
            ("{role}", role.to_string()),
            ("{grant}", grant.to_string()),
            ("{conflict}", conflict.to_string()),
        ];
        let world = Self {
            ids,
            catalog: catalog.to_string(),
            package: package.to_string(),
            resource: resource.to_string(),
        };
        (world, catalog)
    }

    fn fill(&self, pattern: &str) -> String {
        let own = match pattern.split('/').nth(1) {
            Some("catalogs") => &self.catalog,
            Some("manage") => &self.package,
            Some("resources") => &self.resource,
            _ => "00000000-0000-7000-8000-000000000000",
        };
        let mut path = pattern.replace("{id}", own);
        for (name, value) in &self.ids {
            path = path.replace(name, value);
        }
        // What the administration keeps is looked for only by those who may.
        path.replace("{user}", "00000000-0000-7000-8000-000000000000")
            .replace("{name}", "due")
            .replace("{kind}", "approvalRequested")
    }
}

/// Everybody of the table, each with a session: what they may is held in the catalog `own`, and in `foreign` they read.
fn people(t: &mut Test, own: CatalogId, foreign: CatalogId) -> Vec<(Browser, String)> {
    let catalog_roles = [
        ("owner", CatalogRole::Owner),
        ("packager", CatalogRole::PackageManager),
        ("assigner", CatalogRole::AssignmentManager),
        ("reader", CatalogRole::Reader),
    ];
    for (name, role) in catalog_roles {
        if role != CatalogRole::Owner {
            t.grant_in(own, role, name);
        }
        t.grant_in(foreign, CatalogRole::Reader, name);
    }
    let directory_roles = [
        ("administrator", DirectoryRole::Administrator),
        ("creator", DirectoryRole::CatalogCreator),
        ("auditor", DirectoryRole::Auditor),
    ];
    for (name, role) in directory_roles {
        let user = t.person(name);
        t.grant(role, user);
    }
    ROLES
        .iter()
        .map(|name| {
            let browser = t.sign_in(name);
            let form = browser.page("/profile").first_form("/profile").expect("a form");
            let token = form.values("csrf").remove(0);
            (browser, token)
        })
        .collect()
}

fn found(status: u16, location: Option<&str>) -> Result<Expected, String> {
    match status {
        403 => Ok(Expected::Forbidden),
        404 => Ok(Expected::Invisible),
        303 if location.is_some_and(|l| l.starts_with("/sign-in")) => Err("sent to sign in".to_owned()),
        500.. => Err(format!("{status}")),
        _ => Ok(Expected::May),
    }
}

/// What the form of a route sends in this world, as the administrator sees it.
fn fields(admin: &Browser, world: &World, route: &Route, path: &str) -> Vec<(String, String)> {
    let posted = POSTS.iter().find(|p| p.path == route.path);
    let Some(posted) = posted else { return Vec::new() };
    let mut fields = Vec::new();
    if !posted.page.is_empty() {
        let answer = admin.get(&world.fill(posted.page));
        if answer.status < 300
            && let Some(form) = answer.page().first_form(path)
        {
            fields = form.data();
        }
    }
    for (name, value) in posted.with {
        fields.retain(|(n, _)| n != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields.retain(|(name, _)| name != "csrf");
    fields
}

fn set(t: &mut Test) -> (Vec<World>, Vec<(Browser, String)>) {
    let (own, own_id) = World::make(t, "Own", "owner");
    let (foreign, foreign_id) = World::make(t, "Foreign", "carol");
    let (hidden, _) = World::make(t, "Hidden", "carol");
    // What the forms of `posts.rs` name.
    let desk = t.group("Desk", &[]);
    let (owner, now) = (t.person("owner"), t.now());
    t.write(|tx| Ok(latchkey::store::groups::add(tx, desk, owner, Belonging::Owner, now)?));
    let people = people(t, own_id, foreign_id);
    (vec![own, foreign, hidden], people)
}

/// Those whose routes name an object: elsewhere one place is enough.
fn places(class: Class) -> &'static [Place] {
    match class {
        Class::Own => &[],
        Class::Catalogs | Class::Does(super::tasks::Task::CreateCatalog) => &PLACES[..1],
        Class::Shows(super::tasks::Task::Directory) | Class::Does(super::tasks::Task::Directory) => {
            &PLACES[..1]
        }
        Class::Shows(_) | Class::Does(_) => &PLACES,
    }
}

/// Whoever administers may look for what is not there.
fn compare(class: Class, role: usize, place: Place, found: &Result<Expected, String>) -> Option<String> {
    let wanted = expected(class, role, place);
    let directory = matches!(class, Class::Shows(t) | Class::Does(t) if t == super::tasks::Task::Directory);
    match found {
        Ok(Expected::Invisible) if directory && wanted == Expected::May => None,
        Ok(found) if *found == wanted => None,
        other => Some(format!("{} in {place:?}: {other:?}, not {wanted:?}", ROLES[role])),
    }
}

#[test]
fn every_route_has_a_task() {
    let without: Vec<_> =
        routes::all().filter(|r| class_of(r.verb, r.path).is_none()).map(|r| (r.verb, r.path)).collect();
    assert!(without.is_empty(), "say in tasks.rs which task of SPEC section 2 these belong to: {without:?}");
    assert!(TABLE.iter().all(|(_, row)| row.chars().count() == ROLES.len()));
}

on_both! {
    /// Pages (SPEC section 2, ROL-6).
    fn i16_section_2_pages(t: &mut Test) {
        let (worlds, people) = set(t);
        let mut wrong = Vec::new();
        for route in routes::all().filter(|r| r.verb == Verb::Get) {
            let class = class_of(route.verb, route.path).expect("a class");
            for place in places(class) {
                let path = worlds[*place as usize].fill(route.path);
                assert!(!path.contains('{'), "the worlds have nothing for {}", route.path);
                for (role, (browser, _)) in people.iter().enumerate() {
                    let answer = browser.get(&path);
                    let found = found(answer.status, answer.header("location"));
                    wrong.extend(compare(class, role, *place, &found).map(|w| format!("GET {}: {w}", route.path)));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Forms; what is refused changes nothing (SPEC section 2, ROL-6).
    fn i16_section_2_forms(t: &mut Test) {
        let (worlds, people) = set(t);
        let cookies: Vec<_> = people.iter().map(|(browser, _)| browser.cookies()).collect();
        let mut rows = Rows::keep(t);
        let before = rows.digest();
        let mut wrong = Vec::new();
        for route in routes::all().filter(|r| r.verb == Verb::Post) {
            let class = class_of(route.verb, route.path).expect("a class");
            let mut allowed = Vec::new();
            for place in places(class) {
                let world = &worlds[*place as usize];
                let path = world.fill(route.path);
                assert!(!path.contains('{'), "the worlds have nothing for {}", route.path);
                let fields = fields(&people[0].0, world, route, &path);
                for role in 0..ROLES.len() {
                    let case = (*place, path.clone(), fields.clone(), role);
                    if expected(class, role, *place) == Expected::May {
                        allowed.push(case);
                        continue;
                    }
                    let found = send(&people, &cookies, &case);
                    wrong.extend(compare(class, role, *place, &found).map(|w| format!("POST {}: {w}", route.path)));
                }
            }
            if class != Class::Own && rows.digest() != before {
                wrong.push(format!("POST {}: refused, and yet something changed", route.path));
                rows.put_back();
            }
            for case in allowed {
                let found = send(&people, &cookies, &case);
                wrong.extend(compare(class, case.3, case.0, &found).map(|w| format!("POST {}: {w}", route.path)));
                rows.put_back();
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

type Case = (Place, String, Vec<(String, String)>, usize);

fn send(
    people: &[(Browser, String)],
    cookies: &[std::collections::BTreeMap<String, String>],
    (_, path, fields, role): &Case,
) -> Result<Expected, String> {
    let (browser, token) = &people[*role];
    browser.forget();
    cookies[*role].iter().for_each(|(name, value)| browser.set_cookie(name, value));
    let csrf = ("csrf", token.as_str());
    let all: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([csrf]).collect();
    let answer = browser.post(path, &all);
    found(answer.status, answer.header("location"))
}

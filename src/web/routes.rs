//! Every route of the portal, in one list. What is not in it does not exist; what it does not call public needs a
//! signed-in person. Tests walk the same list, so that no route escapes them.

use std::collections::BTreeMap;

use actix_web::middleware::from_fn;
use actix_web::{Handler, Responder, guard, web};

use super::error::PageError;
use super::gate::{Entry, gate};
use super::{account, admin, approver, catalogs, demo, health, hooks, requestor, rules, talk, tasks};
use crate::domain::access::DirectoryTask;

/// Who may pass before a handler is even asked. Finer questions, such as about one catalog, are the handler's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Machines: files and probes, served without asking who comes.
    Machine,
    /// Anybody, signed in or not.
    Public,
    /// Whoever holds an emailed link, signed in or not. A form that is too old leads back to its page, which says
    /// what comes first: signing in, or a code.
    Link,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever may do this task of the permission table.
    Task(DirectoryTask),
    /// Whoever has to do with at least one catalog.
    HasCatalogs,
}

/// What the browser does. A page that can be fetched answers `HEAD` too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Fetches a page; changes nothing.
    Get,
    /// Sends a form.
    Post,
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// What the browser does.
    pub verb: Verb,
    /// The address, `/packages/{id}`. The order in the list does not matter: fixed words win over placeholders.
    pub path: &'static str,
    /// Who may pass.
    pub guard: Guard,
    /// The handler, wrapped by [`to`].
    pub handler: fn() -> actix_web::Route,
    /// What a reader of the list should know.
    pub note: &'static str,
}

impl Route {
    /// A page.
    pub const fn get(path: &'static str, guard: Guard, handler: fn() -> actix_web::Route) -> Self {
        Self { verb: Verb::Get, path, guard, handler, note: "" }
    }

    /// A form's target.
    pub const fn post(path: &'static str, guard: Guard, handler: fn() -> actix_web::Route) -> Self {
        Self { verb: Verb::Post, path, guard, handler, note: "" }
    }

    /// Adds what a reader of the list should know.
    #[must_use]
    pub const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }
}

/// Wraps an `async fn` as the handler of a route: `Route::get("/packages", Guard::SignedIn, || to(index))`.
pub fn to<F, Args>(handler: F) -> actix_web::Route
where
    F: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::to(handler)
}

const AREAS: [&[Route]; 11] = [
    health::ROUTES,
    account::ROUTES,
    hooks::ROUTES,
    requestor::ROUTES,
    approver::ROUTES,
    talk::ROUTES,
    tasks::ROUTES,
    catalogs::ROUTES,
    rules::ROUTES,
    admin::ROUTES,
    demo::ROUTES,
];

/// Every route.
pub fn all() -> impl Iterator<Item = &'static Route> {
    AREAS.into_iter().flatten()
}

/// Is there a page at this address? The navigation leads only to pages that exist.
pub fn exists(path: &str) -> bool {
    all().any(|route| route.verb == Verb::Get && route.path == path)
}

/// Fixed words before placeholders, so that `/catalogs/new` is not taken for the catalog `new`.
fn order(path: &str) -> Vec<(bool, &str)> {
    path.split('/').map(|part| (part.contains('{'), part)).collect()
}

/// Registers every route behind the gate; any other address is not found.
pub fn mount(cfg: &mut web::ServiceConfig) {
    let mut by_path: BTreeMap<Vec<(bool, &str)>, Vec<&'static Route>> = BTreeMap::new();
    for route in all() {
        by_path.entry(order(route.path)).or_default().push(route);
    }
    for routes in by_path.into_values() {
        let Some(path) = routes.first().map(|route| route.path) else {
            continue;
        };
        let mut entry = Entry::default();
        let mut resource = web::resource(path);
        for route in &routes {
            entry.add(route.verb, route.guard);
            let handler = (route.handler)();
            resource = resource.route(match route.verb {
                Verb::Get => handler.guard(guard::Any(guard::Get()).or(guard::Head())),
                Verb::Post => handler.guard(guard::Post()),
            });
        }
        let allowed = entry.allowed();
        resource = resource
            .default_service(web::to(move || async move { Err::<&str, _>(PageError::WrongMethod(allowed)) }));
        if routes.iter().all(|route| route.guard == Guard::Machine) {
            cfg.service(resource);
        } else {
            cfg.service(resource.wrap(from_fn(move |req, next| gate(entry, req, next))));
        }
    }
    let nowhere = web::to(|| async { Err::<&str, _>(PageError::NotFound) });
    cfg.default_service(nowhere.wrap(from_fn(|req, next| gate(Entry::default(), req, next))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_listed_once_and_in_a_form_that_the_router_knows() {
        let mut seen = std::collections::BTreeSet::new();
        for route in all() {
            assert!(route.path.starts_with('/'), "{}", route.path);
            assert!(route.path == "/" || !route.path.ends_with('/'), "{}", route.path);
            assert!(
                seen.insert((route.path, route.verb as u8)),
                "{:?} {} is listed twice",
                route.verb,
                route.path
            );
        }
    }

    #[test]
    fn fixed_words_come_before_placeholders() {
        let mut paths = ["/catalogs/{id}", "/catalogs/new", "/{x}/new", "/catalogs"];
        paths.sort_by_key(|path| order(path));
        assert_eq!(paths, ["/catalogs", "/catalogs/new", "/catalogs/{id}", "/{x}/new"]);
    }
}

//! Every route of the portal, in one list. What is not in it does not exist; what it does not call public needs a
//! signed-in person. Tests walk the same list, so that no route escapes them.

use actix_web::{Handler, Responder, web};

use crate::domain::access::DirectoryTask;

/// Who may pass before a handler is even asked. Finer questions, such as about one catalog, are the handler's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Anybody, signed in or not.
    Public,
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
        Self {
            verb: Verb::Get,
            path,
            guard,
            handler,
            note: "",
        }
    }

    /// A form's target.
    pub const fn post(path: &'static str, guard: Guard, handler: fn() -> actix_web::Route) -> Self {
        Self {
            verb: Verb::Post,
            path,
            guard,
            handler,
            note: "",
        }
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

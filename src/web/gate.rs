//! The gate before every handler: who comes, may they pass, is the form ours. Behind it: pages for errors, a net
//! for panics, cookies.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use futures_util::FutureExt as _;

use super::csrf;
use super::error::PageError;
use super::flash::{self, Flash};
use super::form::Body;
use super::routes::{Guard, Verb};
use super::session::{self, SessionChange};
use super::state::WebState;
use super::visit::{self, Visit};
use crate::domain::access;

/// The guards of one address, by what the browser does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Entry {
    get: Option<Guard>,
    post: Option<Guard>,
}

impl Entry {
    /// Adds the guard for one method.
    pub fn add(&mut self, verb: Verb, guard: Guard) {
        match verb {
            Verb::Get => self.get = Some(guard),
            Verb::Post => self.post = Some(guard),
        }
    }

    /// The methods that the address knows.
    pub fn allowed(&self) -> &'static str {
        match (self.get.is_some(), self.post.is_some()) {
            (true, true) => "GET, HEAD, POST",
            (true, false) => "GET, HEAD",
            (false, true) => "POST",
            (false, false) => "",
        }
    }

    fn guard(&self, method: &Method) -> Option<Guard> {
        match *method {
            Method::GET | Method::HEAD => self.get,
            Method::POST => self.post,
            _ => None,
        }
    }
}

/// Lets a request pass, or answers it.
pub async fn gate(
    entry: Entry,
    mut req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = req.app_data::<WebState>().cloned() else {
        return Ok(req.into_response(HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR)));
    };
    let (visit, found) = Visit::open(&state, &req).await;
    let visit = Rc::new(visit);
    let passed = match found {
        Ok(()) => admit(entry, &visit, &mut req).await,
        Err(error) => Err(error),
    };
    let mut answer = match passed {
        Err(error) => req.into_response(error.page(&visit)),
        Ok(()) => {
            session::touch(&visit).await;
            req.extensions_mut().insert(visit.clone());
            let http = req.request().clone();
            match AssertUnwindSafe(next.call(req)).catch_unwind().await {
                Ok(Ok(answer)) => framed(answer, &visit),
                Ok(Err(error)) => ServiceResponse::new(http, of_error(&error).page(&visit)),
                Err(panic) => {
                    let cause = panic
                        .downcast_ref::<String>()
                        .cloned()
                        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                        .unwrap_or_default();
                    ServiceResponse::new(http, PageError::internal("panic", cause).page(&visit))
                }
            }
        }
    };
    dress(&mut answer, &visit)?;
    Ok(answer)
}

async fn admit(entry: Entry, visit: &Visit, req: &mut ServiceRequest) -> Result<(), PageError> {
    let Some(guard) = entry.guard(req.method()) else {
        return Ok(());
    };
    let posts = req.method() == Method::POST;
    let principal = visit.known.as_ref().map(|known| &known.principal);
    match (guard, principal) {
        (Guard::Public | Guard::Machine | Guard::Link, _) | (Guard::SignedIn, Some(_)) => {}
        (_, None) => {
            let next = match (posts, entry.get.is_some()) {
                (true, false) => "/".to_owned(),
                (true, true) => visit.path.clone(),
                (false, _) => visit.asked.clone(),
            };
            return Err(PageError::SignIn { next });
        }
        (Guard::Task(task), Some(principal)) => access::check(principal, task)?,
        (Guard::HasCatalogs, Some(principal)) => {
            if !principal.has_catalogs() {
                return Err(PageError::Forbidden {
                    needed: "Catalog reader",
                    grantors: "The owners of a catalog, and administrators",
                });
            }
        }
    }
    if posts {
        if !csrf::same_origin(&visit.state, req.headers()) {
            return Err(PageError::StaleForm("sent from another site"));
        }
        let body = Body::receive(req).await?;
        if !visit.csrf_fits(&body.csrf) {
            // The form was made for a session that is over, on a page that asks nobody to be signed in.
            if principal.is_none() && guard == Guard::Link && entry.get.is_some() {
                return Err(PageError::Reopen(visit.path.clone()));
            }
            if visit.stale_session {
                let next = if entry.get.is_some() { visit.path.clone() } else { "/".to_owned() };
                return Err(PageError::SignIn { next });
            }
            return Err(PageError::StaleForm("the token does not fit"));
        }
        req.extensions_mut().insert(body);
    }
    Ok(())
}

fn of_error(error: &Error) -> PageError {
    PageError::of_framework(error)
}

/// Gives an answer that is an error the page that belongs to it.
fn framed(answer: ServiceResponse<BoxBody>, visit: &Visit) -> ServiceResponse<BoxBody> {
    let page = match answer.response().error() {
        Some(error) => match error.as_error::<PageError>() {
            Some(error) => error.page(visit),
            None => of_error(error).page(visit),
        },
        None => return answer,
    };
    answer.into_response(page)
}

/// Cookies, and what caches may keep.
fn dress(answer: &mut ServiceResponse<BoxBody>, visit: &Visit) -> Result<(), Error> {
    let state = &visit.state;
    let (change, flash) = {
        let extensions = answer.response().extensions();
        (extensions.get::<SessionChange>().cloned(), extensions.get::<Flash>().cloned())
    };
    let mut cookies = visit.cookies();
    match change {
        Some(SessionChange::Begin(key)) => {
            cookies.retain(|cookie| cookie.name() != state.cookie_name(session::COOKIE));
            cookies.push(visit::cookie(state, session::COOKIE, key.reveal().to_owned()));
        }
        Some(SessionChange::End) => cookies.push(visit::gone(state, session::COOKIE)),
        None => {}
    }
    if let Some(flash) = flash {
        cookies.retain(|cookie| cookie.name() != state.cookie_name(flash::COOKIE));
        let mut cookie = visit::cookie(state, flash::COOKIE, flash.seal(state));
        cookie.set_max_age(actix_web::cookie::time::Duration::minutes(1));
        cookies.push(cookie);
    }
    let response = answer.response_mut();
    for cookie in &cookies {
        response.add_cookie(cookie)?;
    }
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    Ok(())
}

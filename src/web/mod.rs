//! The portal's pages: routes, forms and templates over `app` (changes) and `store::views` (reads).
//!
//! Only this module knows HTTP. It holds no rule of who may do what and no SQL: pages get owned display data, with
//! `can_*` computed in `domain::access`, and change state through `app` alone.

pub mod account;
pub mod address;
pub mod admin;
pub mod answer;
pub mod approver;
pub mod assets;
pub mod catalogs;
mod client;
pub mod csrf;
pub mod csv;
pub mod demo;
pub mod error;
pub mod extract;
pub mod flash;
pub mod form;
pub mod gate;
pub mod headers;
pub mod health;
mod hooks;
pub mod metrics;
pub mod multipart;
pub mod pickers;
pub mod questions;
pub mod requestor;
pub mod routes;
pub mod rules;
pub mod server;
pub mod session;
mod shell;
pub mod state;
pub mod talk;
mod tasks;
pub mod ui;
pub mod visit;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};

pub use answer::{Answer, page, page_with, redirect, redirect_with};
pub use error::PageError;
pub use extract::{MaybeSigned, Query, Signed};
pub use flash::Flash;
pub use form::{Form, FormErrors};
pub use state::{WebSettings, WebState};

/// The whole portal as one service: for the server, and for tests in the same process.
pub fn app(
    state: WebState,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    actix_web::App::new()
        .app_data(state)
        .configure(routes::mount)
        .wrap(Compress::default())
        .wrap(from_fn(headers::around))
}

#[cfg(test)]
mod smoke;

//! Talking about a request, asking for changes to it, and changing it (SPEC REQ-9): a part of the request's page and
//! of the decide page, with its own forms.

mod ask;
mod comment;
mod edit;
mod view;

pub use view::{AskedView, From, TalkView, view};

use askama::Template;

use super::routes::{Guard, Route, to};
use super::ui::{FormView, Shell};

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::post("/requests/{id}/comments", Guard::SignedIn, || to(comment::save))
        .note("requestor, subject, approvers, whoever manages the catalog's assignments"),
    Route::get("/requests/{id}/edit", Guard::SignedIn, || to(edit::show))
        .note("the requestor, while changes are asked for"),
    Route::post("/requests/{id}/edit", Guard::SignedIn, || to(edit::save))
        .note("the requestor, while changes are asked for"),
    Route::post("/approvals/{id}/changes", Guard::SignedIn, || to(ask::save)).note("approvers of the stage"),
];

/// A page that is one form.
#[derive(Template)]
#[template(path = "talk/form.html")]
pub(super) struct FormPage<'a> {
    shell: &'a Shell,
    lead: &'a str,
    asked: Option<AskedView>,
    form: FormView,
}

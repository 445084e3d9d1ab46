//! Pages for approvers: what waits, one request, several at once, what was decided, the emailed decision.
//!
//! The emailed decision (`/d/{token}`) is public: its link speaks for its visitor as far as `app::links` lets it.
//! No page here decides by being fetched, and none chooses for the approver.

mod bulk;
mod days;
mod decide;
mod delegation;
mod form;
mod history;
mod link;
mod matter;
mod queue;
mod revoke;
#[cfg(test)]
mod sample_lists;
#[cfg(test)]
mod samples;

use super::routes::{Guard, Route, to};

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get("/approvals", Guard::SignedIn, || to(queue::waiting)),
    Route::get("/approvals/history", Guard::SignedIn, || to(history::show)),
    Route::get("/approvals/history/export.csv", Guard::SignedIn, || to(history::export)),
    Route::get("/approvals/bulk", Guard::SignedIn, || to(bulk::show)),
    Route::post("/approvals/bulk", Guard::SignedIn, || to(bulk::save))
        .note("approvers of each request's stage"),
    Route::get("/approvals/{id}/revoke", Guard::SignedIn, || to(revoke::show)).note("who approved it"),
    Route::post("/approvals/{id}/revoke", Guard::SignedIn, || to(revoke::save)).note("who approved it"),
    Route::get("/approvals/delegation", Guard::SignedIn, || to(delegation::show)).note("members"),
    Route::post("/approvals/delegation", Guard::SignedIn, || to(delegation::create)).note("members"),
    Route::post("/approvals/delegation/{id}/end", Guard::SignedIn, || to(delegation::end))
        .note("whoever handed over"),
    Route::get("/approvals/{id}", Guard::SignedIn, || to(decide::show))
        .note("approvers; who sees assignments"),
    Route::post("/approvals/{id}", Guard::SignedIn, || to(decide::save)).note("approvers of the stage"),
    Route::get("/d/{token}", Guard::Public, || to(link::show))
        .note("the link's approver; by code without a session"),
    Route::post("/d/{token}", Guard::Link, || to(link::save))
        .note("the link's approver; by code without a session"),
    Route::post("/d/{token}/code", Guard::Public, || to(link::code))
        .note("mails a code to the link's approver"),
];

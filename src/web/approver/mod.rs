//! Pages for approvers: what waits, one request, the emailed decision.
//!
//! The emailed decision (`/d/{token}`) is public: its link speaks for its visitor as far as `app::links` lets it.
//! No page here decides by being fetched, and none chooses for the approver.

mod decide;
mod delegation;
mod form;
mod link;
mod matter;
mod queue;
#[cfg(test)]
mod samples;

use super::routes::{Guard, Route, to};

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get("/approvals", Guard::SignedIn, || to(queue::waiting)),
    Route::get("/approvals/history", Guard::SignedIn, || to(queue::history)),
    Route::get("/approvals/delegation", Guard::SignedIn, || to(delegation::show)).note("members"),
    Route::post("/approvals/delegation", Guard::SignedIn, || to(delegation::create)).note("members"),
    Route::post("/approvals/delegation/{id}/end", Guard::SignedIn, || to(delegation::end))
        .note("whoever handed over"),
    Route::get("/approvals/{id}", Guard::SignedIn, || to(decide::show))
        .note("approvers; who sees assignments"),
    Route::post("/approvals/{id}", Guard::SignedIn, || to(decide::save)).note("approvers of the stage"),
    Route::get("/d/{token}", Guard::Public, || to(link::show))
        .note("the link's approver; by code without a session"),
    Route::post("/d/{token}", Guard::Public, || to(link::save))
        .note("the link's approver; by code without a session"),
    Route::post("/d/{token}/code", Guard::Public, || to(link::code))
        .note("mails a code to the link's approver"),
];

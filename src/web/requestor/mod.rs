//! Pages for everybody: home, packages, own requests and access.

mod access;
mod ask;
mod csv;
mod home;
mod packages;
mod requests;
#[cfg(test)]
mod sample_data;
#[cfg(test)]
mod samples;
mod story;
mod words;

use super::routes::{Guard, Route, to};

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get("/", Guard::SignedIn, || to(home::show)),
    Route::get("/packages", Guard::SignedIn, || to(packages::index)),
    Route::get("/packages/{id}", Guard::SignedIn, || to(packages::show))
        .note("whoever may request, holds or manages the package"),
    Route::get("/packages/{id}/request", Guard::SignedIn, || to(ask::new))
        .note("whoever may request, holds or manages the package"),
    Route::post("/packages/{id}/request", Guard::SignedIn, || to(ask::create))
        .note("whoever may request the package"),
    Route::get("/requests", Guard::SignedIn, || to(requests::index)),
    Route::get("/requests/export.csv", Guard::SignedIn, || to(requests::export)),
    Route::get("/requests/{id}", Guard::SignedIn, || to(requests::show))
        .note("requestor, subject, approvers, whoever sees the catalog's assignments"),
    Route::post("/requests/{id}/cancel", Guard::SignedIn, || to(requests::cancel))
        .note("requestor, subject, whoever manages the catalog's assignments"),
    Route::get("/access", Guard::SignedIn, || to(access::index)),
    Route::get("/access/export.csv", Guard::SignedIn, || to(access::export)),
    Route::get("/access/{id}", Guard::SignedIn, || to(access::show))
        .note("whoever holds it, whoever sees the catalog's assignments"),
    Route::post("/access/{id}/give-up", Guard::SignedIn, || to(access::give_up)).note("whoever holds it"),
];

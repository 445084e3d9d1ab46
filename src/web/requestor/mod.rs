//! Pages for everybody: home, packages, own requests and access.

mod access;
mod ask;
mod csv;
mod edits;
mod extend;
mod home;
mod less;
mod packages;
mod reprocess;
mod request_list;
mod requests;
#[cfg(test)]
mod sample_data;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod samples_team;
mod story;
mod story_mails;
mod team;
mod team_ask;
mod wanted;
mod why;
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
    Route::get("/packages/{id}/why", Guard::SignedIn, || to(why::show))
        .note("whoever may request, holds or manages the package"),
    Route::get("/requests", Guard::SignedIn, || to(request_list::index)),
    Route::get("/requests/export.csv", Guard::SignedIn, || to(request_list::export)),
    Route::get("/requests/{id}", Guard::SignedIn, || to(requests::show))
        .note("requestor, subject, approvers, whoever sees the catalog's assignments"),
    Route::post("/requests/{id}/cancel", Guard::SignedIn, || to(requests::cancel))
        .note("requestor, subject, whoever manages the catalog's assignments"),
    Route::post("/requests/{id}/reprocess", Guard::SignedIn, || to(reprocess::again))
        .note("whoever manages the catalog's assignments"),
    Route::get("/access", Guard::SignedIn, || to(access::index)),
    Route::get("/access/export.csv", Guard::SignedIn, || to(access::export)),
    Route::get("/access/{id}", Guard::SignedIn, || to(access::show))
        .note("whoever holds it, whoever sees the catalog's assignments"),
    Route::get("/access/{id}/extend", Guard::SignedIn, || to(extend::extend)).note("whoever holds it"),
    Route::post("/access/{id}/extend", Guard::SignedIn, || to(extend::extend_now)).note("whoever holds it"),
    Route::get("/access/{id}/answers", Guard::SignedIn, || to(extend::answers)).note("whoever holds it"),
    Route::post("/access/{id}/answers", Guard::SignedIn, || to(extend::answer_now)).note("whoever holds it"),
    Route::get("/packages/{id}/request-for", Guard::SignedIn, || to(team_ask::new))
        .note("managers of people whom the package is for, if a policy lets managers ask"),
    Route::post("/packages/{id}/request-for", Guard::SignedIn, || to(team_ask::create))
        .note("managers of people whom the package is for, if a policy lets managers ask"),
    Route::get("/team", Guard::SignedIn, || to(team::index)),
    Route::get("/team/{id}", Guard::SignedIn, || to(team::show)).note("their manager"),
    Route::get("/team/{id}/packages", Guard::SignedIn, || to(team::packages)).note("their manager"),
    Route::get("/team/{id}/access/{assignment}/remove", Guard::SignedIn, || to(team::ask_remove))
        .note("their manager"),
    Route::post("/team/{id}/access/{assignment}/remove", Guard::SignedIn, || to(team::remove))
        .note("their manager"),
    Route::post("/access/{id}/give-up", Guard::SignedIn, || to(access::give_up)).note("whoever holds it"),
];

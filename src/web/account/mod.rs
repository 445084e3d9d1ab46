//! Pages of the own account: signing in and out, passwords, profile, e-mailed account links. Nothing else about
//! people lives here; their administration is in `web::admin`.

mod agent;
mod links;
mod password;
mod permissions;
mod personas;
mod profile;
mod profile_view;
mod set_up;
mod sign_in;

use super::routes::{Guard, Route, to};
use super::visit::Visit;
use crate::app::account::Visitor;
use crate::domain::access::DirectoryTask;

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get("/sign-in", Guard::Public, || to(sign_in::show)),
    Route::post("/sign-in", Guard::Public, || to(sign_in::submit)),
    Route::post("/sign-in/demo", Guard::Public, || to(sign_in::become_persona))
        .note("the demonstration's people only; does not exist elsewhere"),
    Route::post("/sign-out", Guard::Public, || to(sign_in::sign_out)),
    Route::get("/forgot-password", Guard::Public, || to(links::forgot)),
    Route::post("/forgot-password", Guard::Public, || to(links::send)),
    Route::get("/account/reset/{token}", Guard::Public, || to(links::reset)).note("whoever holds the link"),
    Route::post("/account/reset/{token}", Guard::Public, || to(links::save_reset))
        .note("whoever holds the link, once"),
    Route::get("/account/invitation/{token}", Guard::Public, || to(links::invitation))
        .note("whoever holds the link"),
    Route::post("/account/invitation/{token}", Guard::Public, || to(links::accept))
        .note("whoever holds the link, once"),
    Route::get("/set-up/{token}", Guard::Public, || to(set_up::show)).note("an empty directory only"),
    Route::post("/set-up/{token}", Guard::Public, || to(set_up::submit))
        .note("an empty directory only, once"),
    Route::get("/profile", Guard::SignedIn, || to(profile::show)),
    Route::post("/profile", Guard::SignedIn, || to(profile::save)),
    Route::get("/profile/password", Guard::SignedIn, || to(profile::to_page)),
    Route::post("/profile/password", Guard::SignedIn, || to(profile::change_password)),
    Route::get("/profile/permissions", Guard::SignedIn, || to(permissions::mine)),
    Route::get("/admin/users/{id}/permissions", Guard::Task(DirectoryTask::Read), || {
        to(permissions::of_user)
    }),
    Route::post("/profile/sign-out-everywhere", Guard::SignedIn, || to(profile::sign_out_everywhere)),
    Route::post("/profile/sessions/{id}/end", Guard::SignedIn, || to(profile::end_session))
        .note("one's own sessions; others are not found"),
];

/// The person in front of the browser, as the use cases want to know them.
fn visitor(visit: &Visit) -> Visitor {
    Visitor {
        ip: visit.client.clone(),
        agent: visit.agent.clone(),
        correlation: visit.request_id.clone(),
        session_absolute: visit.state.settings.session_absolute,
    }
}

#[cfg(test)]
mod samples;

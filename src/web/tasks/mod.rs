//! Pages for the people who do by hand what the portal cannot (SPEC DLV-6): the queue, and one task.

mod list;
#[cfg(test)]
mod samples;
mod task;

use super::routes::{Guard, Route, to};

const DOERS: &str = "owners of the resource; owners of the catalog or administrators for want of them";

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get("/tasks", Guard::SignedIn, || to(list::show)),
    Route::get("/tasks/export.csv", Guard::SignedIn, || to(list::export)),
    Route::get("/tasks/{id}", Guard::SignedIn, || to(task::show)).note("its people; who sees assignments"),
    Route::post("/tasks/{id}/done", Guard::SignedIn, || to(task::done)).note(DOERS),
    Route::post("/tasks/{id}/cannot", Guard::SignedIn, || to(task::cannot)).note(DOERS),
    Route::post("/tasks/{id}/take", Guard::SignedIn, || to(task::take)).note(DOERS),
];

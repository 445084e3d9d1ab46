//! Pages for those who keep catalogs, resources, packages and policies: what SPEC section 14 lists under
//! "Catalog roles". The address is no secret: each handler asks `domain::access` about its catalog.

mod asking;
mod asking_view;
mod assign;
mod assign_csv;
mod assignments;
mod bulk;
mod bulk_acts;
mod catalog;
mod check;
mod common;
mod compare;
mod draft;
mod fields;
mod hand_over;
mod index;
mod package;
mod package_copy;
mod package_move;
mod package_roles;
mod policies;
mod policy;
mod requests;
mod resource;
mod resource_delivery;
mod resource_edit;
mod resource_export;
mod resource_fields;
mod resource_new;
mod resource_questions;
mod resource_roles;
mod resource_webhook;
mod resources;
mod roles;
mod rule_preview;
mod separation;
mod separation_people;
mod stages;
mod terms;
mod wizard;
mod words;

pub use bulk::work_badge;
pub(in crate::web) use common::PackageHead;
pub(in crate::web) use policies::of_package;

use super::routes::{Guard, Route, to};
use crate::domain::access::DirectoryTask;

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get("/catalogs", Guard::HasCatalogs, || to(index::list)),
    Route::get("/catalogs/new", Guard::Task(DirectoryTask::CreateCatalog), || to(index::new)),
    Route::post("/catalogs/new", Guard::Task(DirectoryTask::CreateCatalog), || to(index::create)),
    Route::get("/catalogs/hand-over", Guard::Task(DirectoryTask::CreateCatalog), || to(hand_over::begin)),
    Route::post("/catalogs/hand-over", Guard::Task(DirectoryTask::CreateCatalog), || to(hand_over::create)),
    Route::get("/catalogs/{id}/hand-over", Guard::SignedIn, || to(hand_over::show)).note("owners"),
    Route::post("/catalogs/{id}/hand-over", Guard::SignedIn, || to(hand_over::save)).note("owners"),
    Route::get("/catalogs/{id}", Guard::SignedIn, || to(catalog::show)).note("whoever has a role in it"),
    Route::get("/catalogs/{id}/edit", Guard::SignedIn, || to(catalog::edit)).note("owners"),
    Route::post("/catalogs/{id}/edit", Guard::SignedIn, || to(catalog::save)).note("owners"),
    Route::post("/catalogs/{id}/state", Guard::SignedIn, || to(catalog::set_state)).note("owners"),
    Route::get("/catalogs/{id}/delete", Guard::SignedIn, || to(catalog::ask_delete)).note("owners"),
    Route::post("/catalogs/{id}/delete", Guard::SignedIn, || to(catalog::delete)).note("owners"),
    Route::get("/catalogs/{id}/packages", Guard::SignedIn, || to(catalog::packages))
        .note("whoever has a role in it"),
    Route::get("/catalogs/{id}/packages/new", Guard::SignedIn, || to(wizard::start))
        .note("owners, package managers"),
    Route::post("/catalogs/{id}/packages/new", Guard::SignedIn, || to(wizard::step))
        .note("owners, package managers"),
    Route::get("/catalogs/{id}/resources", Guard::SignedIn, || to(resources::list))
        .note("whoever has a role in it"),
    Route::get("/catalogs/{id}/resources/add", Guard::SignedIn, || to(resources::choose)).note("owners"),
    Route::post("/catalogs/{id}/resources/add", Guard::SignedIn, || to(resources::add))
        .note("owners who own the resource"),
    Route::get("/catalogs/{id}/resources/new", Guard::SignedIn, || to(resource_new::new)).note("owners"),
    Route::post("/catalogs/{id}/resources/new", Guard::SignedIn, || to(resource_new::create)).note("owners"),
    Route::get("/catalogs/{id}/resources/{resource}/remove", Guard::SignedIn, || to(resources::ask_remove))
        .note("owners who own the resource"),
    Route::post("/catalogs/{id}/resources/{resource}/remove", Guard::SignedIn, || to(resources::remove))
        .note("owners who own the resource"),
    Route::get("/catalogs/{id}/roles", Guard::SignedIn, || to(roles::list)).note("whoever has a role in it"),
    Route::post("/catalogs/{id}/roles", Guard::SignedIn, || to(roles::grant)).note("owners"),
    Route::post("/catalogs/{id}/roles/{grant}/remove", Guard::SignedIn, || to(roles::revoke)).note("owners"),
    Route::get("/resources/{id}", Guard::SignedIn, || to(resource::show))
        .note("its owners, and whoever has a role in a catalog with it"),
    Route::get("/resources/{id}/export.csv", Guard::SignedIn, || to(resource_export::export))
        .note("its owners, and whoever has a role in a catalog with it"),
    Route::get("/resources/{id}/edit", Guard::SignedIn, || to(resource_edit::edit)).note("its owners"),
    Route::post("/resources/{id}/edit", Guard::SignedIn, || to(resource_edit::save)).note("its owners"),
    Route::get("/resources/{id}/delivery", Guard::SignedIn, || to(resource_delivery::edit))
        .note("its owners"),
    Route::post("/resources/{id}/delivery", Guard::SignedIn, || to(resource_delivery::save))
        .note("its owners"),
    Route::get("/resources/{id}/webhook", Guard::SignedIn, || to(resource_webhook::show)).note("its owners"),
    Route::post("/resources/{id}/webhook", Guard::SignedIn, || to(resource_webhook::save)).note("its owners"),
    Route::post("/resources/{id}/webhook/secret", Guard::SignedIn, || to(resource_webhook::rotate))
        .note("its owners"),
    Route::post("/resources/{id}/webhook/test", Guard::SignedIn, || to(resource_webhook::test))
        .note("its owners"),
    Route::get("/resources/{id}/questions", Guard::SignedIn, || to(resource_questions::edit))
        .note("its owners"),
    Route::post("/resources/{id}/questions", Guard::SignedIn, || to(resource_questions::save))
        .note("its owners"),
    Route::get("/resources/{id}/delete", Guard::SignedIn, || to(resource_edit::ask_delete))
        .note("its owners"),
    Route::post("/resources/{id}/delete", Guard::SignedIn, || to(resource_edit::delete)).note("its owners"),
    Route::get("/resources/{id}/roles/new", Guard::SignedIn, || to(resource_roles::new)).note("its owners"),
    Route::post("/resources/{id}/roles/new", Guard::SignedIn, || to(resource_roles::create))
        .note("its owners"),
    Route::get("/resources/{id}/roles/{role}", Guard::SignedIn, || to(resource_roles::edit))
        .note("its owners"),
    Route::post("/resources/{id}/roles/{role}", Guard::SignedIn, || to(resource_roles::save))
        .note("its owners"),
    Route::post("/resources/{id}/roles/{role}/remove", Guard::SignedIn, || to(resource_roles::remove))
        .note("its owners"),
    Route::get("/manage/packages/{id}", Guard::SignedIn, || to(package::show))
        .note("whoever has a role in the catalog"),
    Route::get("/manage/packages/{id}/edit", Guard::SignedIn, || to(package::edit))
        .note("owners, package managers"),
    Route::post("/manage/packages/{id}/edit", Guard::SignedIn, || to(package::save))
        .note("owners, package managers"),
    Route::get("/manage/packages/{id}/move", Guard::SignedIn, || to(package_move::choose)).note("owners"),
    Route::post("/manage/packages/{id}/move", Guard::SignedIn, || to(package_move::save))
        .note("owners of both catalogs"),
    Route::get("/manage/packages/{id}/duplicate", Guard::SignedIn, || to(package_copy::ask))
        .note("owners, package managers"),
    Route::post("/manage/packages/{id}/duplicate", Guard::SignedIn, || to(package_copy::save))
        .note("owners, package managers"),
    Route::get("/manage/packages/{id}/delete", Guard::SignedIn, || to(package::ask_delete))
        .note("owners, package managers"),
    Route::post("/manage/packages/{id}/delete", Guard::SignedIn, || to(package::delete))
        .note("owners, package managers"),
    Route::get("/manage/packages/{id}/roles", Guard::SignedIn, || to(package_roles::show))
        .note("whoever has a role in the catalog"),
    Route::post("/manage/packages/{id}/roles", Guard::SignedIn, || to(package_roles::save))
        .note("owners, package managers"),
    Route::post("/manage/packages/{id}/roles/apply", Guard::SignedIn, || to(package_roles::apply))
        .note("package managers"),
    Route::post("/manage/packages/{id}/roles/try-again", Guard::SignedIn, || to(package_roles::try_again))
        .note("whoever manages the catalog's assignments"),
    Route::get("/manage/packages/{id}/policies", Guard::SignedIn, || to(policies::list))
        .note("whoever has a role in the catalog"),
    Route::get("/manage/packages/{id}/policies/new", Guard::SignedIn, || to(policy::new))
        .note("owners, package managers"),
    Route::post("/manage/packages/{id}/policies/new", Guard::SignedIn, || to(policy::create))
        .note("owners, package managers"),
    Route::get("/manage/packages/{id}/policies/{policy}", Guard::SignedIn, || to(policies::show))
        .note("whoever has a role in the catalog"),
    Route::get("/manage/packages/{id}/policies/{policy}/compare", Guard::SignedIn, || to(compare::show))
        .note("whoever has a role in the catalog"),
    Route::get("/manage/packages/{id}/check", Guard::SignedIn, || to(check::show))
        .note("whoever has a role in the catalog"),
    Route::get("/manage/packages/{id}/policies/{policy}/edit", Guard::SignedIn, || to(policy::edit))
        .note("owners, package managers"),
    Route::post("/manage/packages/{id}/policies/{policy}/edit", Guard::SignedIn, || to(policy::save))
        .note("owners, package managers"),
    Route::post("/manage/packages/{id}/policies/{policy}/apply", Guard::SignedIn, || to(policies::apply))
        .note("owners, package managers"),
    Route::post("/manage/packages/{id}/policies/{policy}/state", Guard::SignedIn, || {
        to(policies::set_enabled)
    })
    .note("owners, package managers"),
    Route::get("/manage/packages/{id}/policies/{policy}/delete", Guard::SignedIn, || {
        to(policies::ask_delete)
    })
    .note("owners, package managers"),
    Route::post("/manage/packages/{id}/policies/{policy}/delete", Guard::SignedIn, || to(policies::delete))
        .note("owners, package managers"),
    Route::get("/manage/packages/{id}/separation", Guard::SignedIn, || to(separation::show))
        .note("whoever has a role in the catalog"),
    Route::post("/manage/packages/{id}/separation", Guard::SignedIn, || to(separation::add))
        .note("owners, package managers"),
    Route::get("/manage/packages/{id}/separation/check", Guard::SignedIn, || to(separation_people::check))
        .note("owners, package managers"),
    Route::get("/manage/packages/{id}/separation/people", Guard::SignedIn, || to(separation_people::people))
        .note("whoever has a role in the catalog"),
    Route::get("/manage/packages/{id}/separation/export.csv", Guard::SignedIn, || {
        to(separation_people::export)
    })
    .note("whoever has a role in the catalog"),
    Route::post("/manage/packages/{id}/separation/{conflict}/remove", Guard::SignedIn, || {
        to(separation::remove)
    })
    .note("owners, package managers"),
    Route::get("/manage/packages/{id}/assignments", Guard::SignedIn, || to(assignments::list))
        .note("whoever has a role in the catalog"),
    Route::get("/manage/packages/{id}/assignments/new", Guard::SignedIn, || to(assign::new))
        .note("owners, package and assignment managers"),
    Route::post("/manage/packages/{id}/assignments/new", Guard::SignedIn, || to(assign::check))
        .note("owners, package and assignment managers"),
    Route::get("/manage/packages/{id}/assignments/export.csv", Guard::SignedIn, || to(assignments::export))
        .note("whoever has a role in the catalog"),
    Route::post("/manage/packages/{id}/assignments/choose", Guard::SignedIn, || to(assignments::choose))
        .note("owners, package and assignment managers"),
    Route::get("/manage/packages/{id}/bulk/{work}", Guard::SignedIn, || to(bulk::show))
        .note("whoever has a role in the catalog; a draft: its author"),
    Route::get("/manage/packages/{id}/bulk/{work}/results.csv", Guard::SignedIn, || to(bulk::export))
        .note("whoever has a role in the catalog; a draft: its author"),
    Route::post("/manage/packages/{id}/bulk/{work}/start", Guard::SignedIn, || to(bulk_acts::start))
        .note("its author"),
    Route::post("/manage/packages/{id}/bulk/{work}/end", Guard::SignedIn, || to(bulk_acts::end))
        .note("its author"),
    Route::post("/manage/packages/{id}/bulk/{work}/cancel", Guard::SignedIn, || to(bulk_acts::cancel))
        .note("owners, package and assignment managers"),
    Route::post("/manage/packages/{id}/bulk/{work}/discard", Guard::SignedIn, || to(bulk_acts::discard))
        .note("its author"),
    Route::post("/manage/packages/{id}/assignments/{assignment}/remove", Guard::SignedIn, || {
        to(assignments::remove)
    })
    .note("owners, package and assignment managers"),
    Route::get("/manage/packages/{id}/requests", Guard::SignedIn, || to(requests::list))
        .note("whoever has a role in the catalog"),
    Route::get("/manage/packages/{id}/requests/export.csv", Guard::SignedIn, || to(requests::export))
        .note("whoever has a role in the catalog"),
    Route::post("/manage/packages/{id}/requests/{request}/cancel", Guard::SignedIn, || to(requests::cancel))
        .note("owners, package and assignment managers"),
];

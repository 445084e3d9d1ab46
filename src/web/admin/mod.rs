//! Pages for administrators and auditors: users, groups, roles, audit, mail. Auditors read, administrators also
//! change (SPEC section 2); what a page offers comes from the same rules as what a use case permits.

mod audit;
mod audit_words;
mod group;
mod group_form;
mod groups;
mod import;
mod jobs;
mod mail;
mod mail_texts;
mod roles;
mod user;
mod user_form;
mod user_state;
mod users;

use super::routes::{Guard, Route, to};
use crate::domain::access::DirectoryTask;

pub(super) const READ: Guard = Guard::Task(DirectoryTask::Read);
pub(super) const MANAGE: Guard = Guard::Task(DirectoryTask::Manage);

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get("/admin", READ, || to(users::overview)),
    Route::get("/admin/users", READ, || to(users::list)),
    Route::get("/admin/users/new", MANAGE, || to(user_form::new)),
    Route::post("/admin/users/new", MANAGE, || to(user_form::add)),
    Route::get("/admin/users/import", MANAGE, || to(import::start)),
    Route::post("/admin/users/import", MANAGE, || to(import::upload)),
    Route::get("/admin/users/import/template", MANAGE, || to(import::template)),
    Route::get("/admin/users/import/{id}", MANAGE, || to(import::show)),
    Route::post("/admin/users/import/{id}", MANAGE, || to(import::confirm)),
    Route::get("/admin/users/{id}", READ, || to(user::show)),
    Route::get("/admin/users/{id}/edit", MANAGE, || to(user_form::edit)),
    Route::post("/admin/users/{id}/edit", MANAGE, || to(user_form::save)),
    Route::get("/admin/users/{id}/disable", MANAGE, || to(user_state::ask_disable)),
    Route::post("/admin/users/{id}/disable", MANAGE, || to(user_state::disable)),
    Route::get("/admin/users/{id}/enable", MANAGE, || to(user_state::ask_enable)),
    Route::post("/admin/users/{id}/enable", MANAGE, || to(user_state::enable)),
    Route::get("/admin/users/{id}/delete", MANAGE, || to(user_state::ask_delete)),
    Route::post("/admin/users/{id}/delete", MANAGE, || to(user_state::delete)),
    Route::get("/admin/users/{id}/restore", MANAGE, || to(user_state::ask_restore)),
    Route::post("/admin/users/{id}/restore", MANAGE, || to(user_state::restore)),
    Route::get("/admin/users/{id}/invite", MANAGE, || to(user_state::ask_invite)),
    Route::post("/admin/users/{id}/invite", MANAGE, || to(user_state::invite)),
    Route::get("/admin/groups", READ, || to(groups::list)),
    Route::get("/admin/groups/new", MANAGE, || to(group_form::new)),
    Route::post("/admin/groups/new", MANAGE, || to(group_form::add)),
    Route::get("/admin/groups/{id}", READ, || to(group::show)),
    Route::get("/admin/groups/{id}/edit", MANAGE, || to(group_form::edit)),
    Route::post("/admin/groups/{id}/edit", MANAGE, || to(group_form::save)),
    Route::get("/admin/groups/{id}/delete", MANAGE, || to(group_form::ask_delete)),
    Route::post("/admin/groups/{id}/delete", MANAGE, || to(group_form::delete)),
    Route::post("/admin/groups/{id}/members", MANAGE, || to(group::add_members)),
    Route::post("/admin/groups/{id}/owners", MANAGE, || to(group::add_owners)),
    Route::get("/admin/groups/{id}/members/{user}/remove", MANAGE, || to(group::ask_remove_member)),
    Route::post("/admin/groups/{id}/members/{user}/remove", MANAGE, || to(group::remove_member)),
    Route::get("/admin/groups/{id}/owners/{user}/remove", MANAGE, || to(group::ask_remove_owner)),
    Route::post("/admin/groups/{id}/owners/{user}/remove", MANAGE, || to(group::remove_owner)),
    Route::get("/admin/roles", READ, || to(roles::list)),
    Route::post("/admin/roles", MANAGE, || to(roles::grant)),
    Route::get("/admin/roles/{id}/revoke", MANAGE, || to(roles::ask_revoke)),
    Route::post("/admin/roles/{id}/revoke", MANAGE, || to(roles::revoke)),
    Route::get("/admin/jobs", READ, || to(jobs::list)),
    Route::post("/admin/jobs/{id}/retry", MANAGE, || to(jobs::retry)),
    Route::post("/admin/jobs/schedule/{name}/run", MANAGE, || to(jobs::run_now)),
    Route::get("/admin/mail", READ, || to(mail::list)),
    Route::get("/admin/mail/texts", READ, || to(mail_texts::list)),
    Route::get("/admin/mail/texts/{kind}", READ, || to(mail_texts::show)),
    Route::post("/admin/mail/texts/{kind}", MANAGE, || to(mail_texts::save)),
    Route::get("/admin/mail/texts/{kind}/preview", READ, || to(mail_texts::to_form)),
    Route::post("/admin/mail/texts/{kind}/preview", MANAGE, || to(mail_texts::html)),
    Route::get("/admin/mail/texts/{kind}/reset", MANAGE, || to(mail_texts::ask_reset)),
    Route::post("/admin/mail/texts/{kind}/reset", MANAGE, || to(mail_texts::reset)),
    Route::get("/admin/mail/{id}", READ, || to(mail::show)),
    Route::post("/admin/mail/{id}/send-again", MANAGE, || to(mail::send_again)),
    Route::get("/admin/audit", READ, || to(audit::list)),
];

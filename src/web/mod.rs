//! The portal's pages: routes, forms and templates over `app` (changes) and `store::views` (reads).
//!
//! Only this module knows HTTP. It holds no rule of who may do what and no SQL: pages get owned display data, with
//! `can_*` computed in `domain::access`, and change state through `app` alone.

pub mod account;
pub mod admin;
pub mod approver;
pub mod assets;
pub mod catalogs;
pub mod requestor;
pub mod routes;
pub mod ui;

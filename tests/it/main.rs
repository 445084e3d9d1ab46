//! The integration suite, on SQLite and PostgreSQL.

#[macro_use]
mod support;

// The check that the pages' own samples pass; here every page of the matrix passes it.
#[path = "../../src/web/ui/check.rs"]
mod check;
use latchkey::web;

mod account;
mod approver;
mod approver_tools;
mod bulk;
mod catalogs;
mod crash;
mod delegation;
mod delivery;
mod demo;
mod directory;
mod fulfil;
mod gate;
mod import;
mod mail;
mod matrix;
mod model;
mod questions;
mod races;
mod requestor;
mod requests;
mod rules;
mod start;
mod store;
mod talk;

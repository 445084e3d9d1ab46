//! The integration suite, on SQLite and PostgreSQL.

#[macro_use]
mod support;

mod account;
mod approver;
mod approver_tools;
mod catalogs;
mod crash;
mod demo;
mod directory;
mod gate;
mod mail;
mod matrix;
mod model;
mod questions;
mod races;
mod requestor;
mod requests;
mod start;
mod store;
mod talk;

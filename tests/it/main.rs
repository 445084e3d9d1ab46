//! The integration suite, on SQLite and PostgreSQL.

#[macro_use]
mod support;

mod demo;
mod gate;
mod matrix;
mod requestor;
mod account;
mod requests;
mod store;

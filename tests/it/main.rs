//! The integration suite, on SQLite and PostgreSQL.

#[macro_use]
mod support;

mod requests;
mod store;

//! The integration suite, on SQLite and PostgreSQL.

mod support;

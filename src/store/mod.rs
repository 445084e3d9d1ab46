//! The store: everything that is kept, on SQLite or PostgreSQL, chosen at run time by the URL.
//!
//! Here live the pools and transactions ([`Db`]), the mapping of types, the tables, one room per aggregate
//! (load, insert, update) and `views/`, the read models of pages. Only this folder uses diesel; row structs
//! stay private to it. Reading functions take `&mut Conn`, writing ones `&mut Tx`, which only
//! [`Db::write`] makes. `dialect.rs` is the only file that asks which database it is.

pub mod conn;
pub mod db;
pub(crate) mod dialect;
pub mod error;
pub mod migrate;
pub(crate) mod schema;
pub mod tx;
pub(crate) mod types;

pub mod account_links;
pub mod approvers;
pub mod assignments;
pub mod attributes;
pub mod audit;
pub mod backlog;
pub mod bulk;
pub mod catalogs;
pub mod conflicts;
pub mod conversation;
pub mod credentials;
pub mod delegations;
pub mod delivered;
pub mod digests;
pub mod drafts;
pub mod groups;
pub mod handovers;
pub mod imports;
pub mod jobs;
pub mod lasting;
pub mod links;
pub mod notice_facts;
pub mod notice_texts;
pub mod orders;
pub mod organizations;
pub mod outbox;
pub mod package_changes;
pub mod packages;
pub mod people;
pub mod policies;
pub mod principals;
pub mod profiles;
pub mod requests;
pub mod resources;
pub mod role_grants;
pub mod rule_people;
pub mod rules;
pub mod schedules;
pub(crate) mod search;
pub mod sessions;
pub mod settings;
pub mod sponsors;
pub mod standing;
pub mod tasks;
pub mod throttle;
pub mod users;
pub mod views;
pub mod webhooks;

pub use conn::{Conn, DatabaseUrl};
pub use db::{Db, Retry};
pub use error::StoreError;
pub use tx::Tx;

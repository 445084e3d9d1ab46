//! The store on both databases: what every other test leans on.

mod audit_log;
mod migrations;
mod opening;
mod transactions;
mod values;

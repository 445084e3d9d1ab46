//! Read models: what pages show, one file per page or area. They return owned values of domain types, apply the
//! scoping of who may see what in SQL, and make a bounded number of queries, whatever the number of rows.

pub mod access;
pub mod approvals;
pub mod browse;
pub mod bulk;
mod candidates;
pub mod catalogs;
pub mod decisions;
pub mod demo;
pub mod extending;
pub mod groups;
pub mod holding;
pub mod home;
pub mod jobs;
pub mod mail;
pub mod managed;
pub mod managed_requests;
pub mod matter;
pub mod offer;
pub mod package;
pub mod permissions;
pub mod pickers;
pub mod request;
pub mod requests;
pub mod resource;
pub mod separation;
pub mod shell;
pub mod story;
pub mod task;
pub mod tasks;
pub mod team;
pub mod user;
pub mod users;
pub mod waiting;

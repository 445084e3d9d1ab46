//! Latchkey: a self-hosted web portal for entitlement management.
//!
//! Layers, lowest first: `kernel ← domain ← store ← app ← {web, jobs, cli}`. `mail` sees only `kernel` and
//! `domain`; `connectors` sees `kernel`, `domain` and its own client libraries; `bootstrap` sees all.
//! `tests/architecture.rs` fails on a breach.

// A request must never bring the process down: what can go wrong is a value. (Tests may.)
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::dbg_macro,
        clippy::todo,
        clippy::await_holding_lock
    )
)]
#![cfg_attr(not(test), warn(clippy::pedantic))]
#![allow(
    clippy::missing_errors_doc,
    reason = "errors are typed per layer: Refusal, StoreError, AppError, PageError"
)]
#![allow(
    clippy::must_use_candidate,
    reason = "most functions only compute; the mark would be on nearly all of them"
)]
#![allow(clippy::wildcard_imports, reason = "rooms import the states of their one enum, tests their subject")]
#![allow(clippy::doc_markdown, reason = "the words of the interface are not code")]
#![allow(clippy::similar_names, clippy::many_single_char_names, reason = "short names in short functions")]
#![allow(clippy::needless_pass_by_value, reason = "handlers own what they extract")]
#![allow(clippy::struct_excessive_bools, reason = "views carry what may be done, one flag each")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "texts of a line or two")]
#![allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "siblings of one shape read as one table")]
#![allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
#![allow(
    clippy::match_same_arms,
    clippy::enum_glob_use,
    reason = "one line a rule, in the order of the rules"
)]
#![allow(clippy::items_after_statements, reason = "a query's row type stands beside the query")]
#![allow(clippy::redundant_closure_for_method_calls, reason = "a closure names what it maps")]
#![allow(clippy::single_match_else, clippy::too_many_lines, reason = "forms are long lists of fields")]

#[macro_use]
pub mod kernel;
pub mod app;
pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod connectors;
pub mod domain;
pub mod jobs;
pub mod mail;
pub mod store;
pub mod telemetry;
pub mod web;

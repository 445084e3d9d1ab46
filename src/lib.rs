//! Latchkey: a self-hosted web portal for entitlement management.
//!
//! Layers, lowest first: `kernel ← domain ← store ← app ← {web, jobs, cli}`. `mail` sees only `kernel` and
//! `domain`; `connectors` sees `kernel`, `domain` and its own client libraries; `bootstrap` sees all.
//! `tests/architecture.rs` fails on a breach.

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

//! The layering: `kernel ← domain ← store ← app ← {web, jobs, cli}`, and which library belongs to which layer.

use crate::scan::{self, NamedPath};
use crate::{assert_clean, files};

/// A layer and the other layers that it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("domain", &["kernel"]),
    ("store", &["kernel", "domain"]),
    ("app", &["kernel", "domain", "store"]),
    ("mail", &["kernel", "domain"]),
    ("connectors", &["kernel", "domain"]),
    // Plain values; it knows the domain's enums for instance-wide defaults.
    ("config", &["kernel", "domain"]),
    ("telemetry", &["kernel", "config"]),
    ("web", &["kernel", "domain", "store", "app", "config"]),
    // The only layer that calls mail and connectors.
    ("jobs", &["kernel", "domain", "store", "app", "mail", "connectors", "config"]),
    ("cli", &["kernel", "domain", "store", "app", "config", "telemetry", "bootstrap"]),
    (
        "bootstrap",
        &["kernel", "domain", "store", "app", "mail", "connectors", "config", "telemetry", "web", "jobs"],
    ),
    ("main", &["cli", "bootstrap"]),
    // The module list; it names layers only to declare them.
    ("lib", &[]),
];

/// The commands that start a server or a runner may name what they start.
/// Whoever changes the texts of mails sees what they make of a sample; nothing is sent there.
const STARTERS: &[(&str, &[&str])] = &[
    ("src/cli/serve", &["web", "jobs"]),
    ("src/cli/worker", &["jobs"]),
    ("src/web/admin/mail_texts", &["mail"]),
];

/// Inner rooms of the store: SQL and row types stay there.
const STORE_INNER: &[&str] = &["crate::store::schema", "crate::store::dialect", "crate::store::types"];

/// A library (or a prefix of its name, with `*`) and the places that may name it.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("diesel", &["src/store/"]),
    ("diesel_*", &["src/store/"]),
    ("libsqlite3_sys", &["src/store/"]),
    ("pq_sys", &["src/store/"]),
    ("actix*", &["src/web/", "src/bootstrap", "src/cli/serve"]),
    ("askama*", &["src/web/", "src/mail/"]),
    ("lettre", &["src/mail/"]),
    ("rand", &["src/kernel/"]),
    ("ureq", &["src/connectors/"]),
    ("rustls_native_certs", &["src/connectors/"]),
];

/// What the pure core never names: input and output, clocks, randomness, the outside.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::io",
    "std::process",
    "std::env",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "chrono::Local",
    "tokio",
    "reqwest",
];

/// Ambient time and identity, which only `kernel` may ask for; everybody else asks the clock and the ids in `App`.
const AMBIENT: &[&str] = &["Utc::now", "Local::now", "SystemTime::now", "Uuid::now_v7", "Uuid::new_v4"];

/// The module path of a file of `src/`: `src/store/views/mod.rs` is `store::views`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    match parts.last().map(String::as_str) {
        Some("mod") => drop(parts.pop()),
        Some("lib" | "main") if parts.len() == 1 => parts.clear(),
        _ => {}
    }
    parts
}

fn layer_of(path: &str) -> String {
    match path {
        "src/main.rs" => "main".into(),
        "src/lib.rs" => "lib".into(),
        _ => module_of(path).into_iter().next().unwrap_or_default(),
    }
}

fn breaches(path: &str, source: &str) -> Vec<String> {
    let layer = layer_of(path);
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![format!(
            "{path}:1: `{layer}` is no layer; give it a place in tests/architecture/layers.rs"
        )];
    };
    let mut out = Vec::new();
    let mut report = |line: usize, text: String| {
        let breach = format!("{path}:{line}: {text}");
        if !out.contains(&breach) {
            out.push(breach);
        }
    };
    for named in scan::paths(source, &module_of(path)) {
        let first = named.segments[0].as_str();
        if let Some(target) = target_layer(&named) {
            let started =
                STARTERS.iter().any(|(file, more)| path.starts_with(file) && more.contains(&target));
            let known = LAYERS.iter().any(|(name, _)| *name == target);
            if target != layer && layer != "lib" && known && !allowed.contains(&target) && !started {
                report(
                    named.line,
                    format!("`{layer}` may not use `{target}` (it names {})", named.segments.join("::")),
                );
            }
        }
        if layer != "store" && STORE_INNER.iter().any(|inner| named.starts_with(inner)) {
            report(named.line, format!("{} is private to `store`", named.segments.join("::")));
        }
        for (library, places) in LIBRARIES {
            let named_here =
                library.strip_suffix('*').map_or(first == *library, |start| first.starts_with(start));
            if named_here && !places.iter().any(|place| path.starts_with(place)) {
                report(named.line, format!("`{first}` belongs to {}", places.join(", ")));
            }
        }
        if layer == "domain" && IMPURE.iter().any(|impure| named.starts_with(impure)) {
            report(named.line, format!("`domain` is pure: no {}", named.segments.join("::")));
        }
        let ambient = AMBIENT.iter().any(|call| named.segments.join("::").ends_with(call));
        if layer != "kernel" && ambient {
            report(
                named.line,
                format!("{} is ambient: ask the clock or the ids in App", named.segments.join("::")),
            );
        }
    }
    out
}

/// The layer that a path of this crate leads into, from inside (`crate::…`) or from main (`latchkey::…`).
fn target_layer(path: &NamedPath) -> Option<&str> {
    match path.segments.first().map(String::as_str) {
        Some("crate" | "latchkey") => path.segments.get(1).map(String::as_str),
        _ => None,
    }
}

#[test]
fn layers_use_only_what_lies_below_them() {
    let sources = files("src", &["rs"]);
    assert!(sources.iter().any(|file| file.path == "src/lib.rs"), "the scan found no src/lib.rs");
    assert_clean(
        "layering (DESIGN section 1)",
        sources.iter().flat_map(|f| breaches(&f.path, &f.text)).collect(),
    );
}

/// The scanner itself: each line is a file, its source, and what the breach must say (nothing: allowed).
#[test]
fn the_scanner_sees_each_kind_of_breach() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "src/domain/package.rs",
            "\nuse crate::store::db::Tx;",
            &["src/domain/package.rs:2: `domain` may not use `store`"],
        ),
        ("src/domain/package.rs", "use crate::{kernel::Clock,\n  store::{db, outbox}};", &[":2: ", ":2: "]),
        ("src/domain/mod.rs", "fn f() { crate::app::submit::run() }", &["`domain` may not use `app`"]),
        ("src/domain/request/mod.rs", "use super::super::web;", &["`domain` may not use `web`"]),
        ("src/domain/request/mod.rs", "use super::{package, super::mail};", &["`domain` may not use `mail`"]),
        ("src/domain/mod.rs", "mod tests { use super::store::x; mod deep { use super::super::web; } }", &[]),
        ("src/domain/mod.rs", "mod tests { use super::super::store::x; }", &["`domain` may not use `store`"]),
        ("src/domain/rule.rs", "use std::{fmt, fs::File};", &["`domain` is pure: no std::fs::File"]),
        ("src/domain/rule.rs", "use chrono::Utc; fn f() { let t = Utc::now(); }", &["Utc::now is ambient"]),
        (
            "src/domain/rule.rs",
            "// crate::store::x\n/* std::fs /* diesel::x */ */ const A: &str = \"crate::web::y\";",
            &[],
        ),
        (
            "src/domain/rule.rs",
            "const A: &str = r#\"say \"crate::web::y\" \"#; const B: char = '\"';\nuse crate::web;",
            &[":2: "],
        ),
        (
            "src/domain/rule.rs",
            "fn f<'a>(x: &'a str) -> char { '\\'' }\nuse rand::Rng;",
            &[":2: `rand` belongs to"],
        ),
        ("src/app/submit.rs", "use diesel::prelude::*;", &["`diesel` belongs to src/store/"]),
        ("src/app/submit.rs", "use crate::store::schema::users;", &["private to `store`"]),
        ("src/app/submit.rs", "use crate::mail::Notice;", &["`app` may not use `mail`"]),
        ("src/app/submit.rs", "use crate::{app::cancel, domain::Request, kernel::Id, store::db::Tx};", &[]),
        ("src/web/shell.rs", "use crate::mail::render;", &["`web` may not use `mail`"]),
        ("src/web/shell.rs", "use crate::jobs::runner;", &["`web` may not use `jobs`"]),
        ("src/web/shell.rs", "use actix_web::{HttpResponse, web}; use askama::Template;", &[]),
        (
            "src/jobs/mail.rs",
            "use crate::{mail, connectors, store::outbox}; use actix_web::rt;",
            &["`actix_web` belongs to"],
        ),
        ("src/jobs/mail.rs", "use crate::bootstrap::App;", &["`jobs` may not use `bootstrap`"]),
        ("src/cli/serve.rs", "use crate::{web::server, jobs::runner}; use actix_web::HttpServer;", &[]),
        ("src/cli/user.rs", "use crate::web::server;", &["`cli` may not use `web`"]),
        ("src/main.rs", "use latchkey::store::db;", &["`main` may not use `store`"]),
        ("src/main.rs", "fn main() { latchkey::cli::main() }", &[]),
        ("src/shop/mod.rs", "", &["`shop` is no layer"]),
        ("src/kernel/ids.rs", "fn f() -> u8 { rand::random() } fn g() { uuid::Uuid::now_v7(); }", &[]),
        (
            "src/store/db.rs",
            "#[diesel(table_name = users)] struct Row; use diesel_migrations::embed_migrations;",
            &[],
        ),
        (
            "src/kernel/macros.rs",
            "macro_rules! id { () => { $crate::store::x } }",
            &["`kernel` may not use `store`"],
        ),
    ];
    for (path, source, expected) in cases {
        let found = breaches(path, source);
        assert_eq!(found.len(), expected.len(), "{path}: {source}\nfound: {found:#?}");
        for (breach, words) in found.iter().zip(*expected) {
            assert!(breach.contains(words), "{path}: {source}\nfound: {breach}\nexpected: {words}");
        }
    }
}

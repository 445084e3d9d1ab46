//! Rules about files: length, headers, templates, migrations, the changelog.

use std::collections::BTreeSet;

use regex::Regex;

use crate::{File, assert_clean, files, repository, scan};

/// A file that grows past about 400 lines is two rooms; this is where the test gives up on it.
const LONGEST: usize = 450;

/// A flat list of tables, one after the other: splitting it would only hide where a table is.
const LISTS: &[&str] = &["src/store/schema.rs"];

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn matches(file: &File, text: &str, pattern: &str, what: &str) -> Vec<String> {
    Regex::new(pattern)
        .expect("the pattern is valid")
        .find_iter(text)
        .map(|found| {
            format!("{}:{}: {what}: {}", file.path, line_of(text, found.start()), found.as_str().trim())
        })
        .collect()
}

fn too_long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > LONGEST)
        .then(|| format!("{}:{LONGEST}: {lines} lines; split it into rooms (aim at 400)", file.path))
}

#[test]
fn no_file_is_longer_than_its_room() {
    let sources =
        [files("src", &["rs"]), files("tests", &["rs", "js"]), files("templates", &["html", "txt"])];
    assert_clean(
        "file length (DESIGN section 1)",
        sources
            .iter()
            .flatten()
            .filter(|file| !LISTS.contains(&file.path.as_str()))
            .filter_map(too_long)
            .collect(),
    );
}

#[test]
fn every_folder_says_what_lives_there() {
    let bare = files("src", &["rs"])
        .into_iter()
        .filter(|f| f.path.ends_with("/mod.rs") && !f.text.starts_with("//!"));
    assert_clean(
        "a mod.rs starts with a header (DESIGN section 1)",
        bare.map(|f| format!("{}:1: starts without //!", f.path)).collect(),
    );
}

fn bare_allows(file: &File) -> Vec<String> {
    let tokens = scan::tokens(&file.text);
    let starts = (0..tokens.len()).filter(|&i| {
        let inner = usize::from(tokens.get(i + 1).is_some_and(|t| t.text == "!"));
        let word = |n: usize| tokens.get(i + inner + n).map_or("", |t| t.text.as_str());
        tokens[i].text == "#" && word(1) == "[" && word(2) == "allow"
    });
    starts
        .filter(|&i| !tokens[i..].iter().take_while(|t| t.text != "]").any(|t| t.text == "reason"))
        .map(|i| format!("{}:{}: `allow` without a reason; better `expect`", file.path, tokens[i].line))
        .collect()
}

#[test]
fn exceptions_to_lints_give_their_reason() {
    let found: Vec<String> = files("src", &["rs"]).iter().flat_map(bare_allows).collect();
    assert_clean("lints (DESIGN section 9)", found);
    let file = |text: &str| File { path: "src/x.rs".into(), text: text.into() };
    assert_eq!(bare_allows(&file("#[allow(dead_code)]\nfn f() {}")).len(), 1);
    assert_eq!(bare_allows(&file("#![allow(dead_code, reason = \"generated\")]\nfn allow() {}")).len(), 0);
}

/// Template code replaced by blanks of the same length, so that a `>` inside it ends no tag.
fn without_code(text: &str) -> String {
    let code = Regex::new(r"(?s)\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}").expect("the pattern is valid");
    code.replace_all(text, |found: &regex::Captures<'_>| {
        found[0]
            .chars()
            .map(|c| if c == '\n' { "\n".to_owned() } else { "_".repeat(c.len_utf8()) })
            .collect::<String>()
    })
    .into_owned()
}

fn template_breaches(file: &File) -> Vec<String> {
    let mut out = matches(file, &file.text, r"\|\s*safe\b|\{%-?\s*filter\s+safe\b", "unescaped output");
    if !file.path.ends_with(".html") {
        return out;
    }
    let markup = without_code(&file.text);
    // The policy of the pages forbids inline script and style; mail readers know nothing else than inline style.
    let tag = Regex::new(r"(?s)<[a-zA-Z][^>]*>").expect("the pattern is valid");
    let handler = Regex::new(r"(?i)\s(on[a-z]+|hx-on[:a-z-]*)\s*=").expect("the pattern is valid");
    let style = Regex::new(r"(?i)\sstyle\s*=").expect("the pattern is valid");
    let source = Regex::new(r"(?i)\ssrc\s*=").expect("the pattern is valid");
    let script_url = Regex::new(r#"(?i)=\s*["']?\s*javascript:"#).expect("the pattern is valid");
    let quoted = Regex::new(r#"(?s)"[^"]*"|'[^']*'"#).expect("the pattern is valid");
    let in_mail = file.path.starts_with("templates/mail/");
    for found in tag.find_iter(&markup) {
        // Text inside quotes is no attribute; its length does not matter here.
        let bare = quoted.replace_all(found.as_str(), "\"\"");
        let lower = bare.to_ascii_lowercase();
        let mut report = |what: &str| {
            out.push(format!(
                "{}:{}: {what}: {}",
                file.path,
                line_of(&markup, found.start()),
                found.as_str().replace('\n', " ")
            ));
        };
        if handler.is_match(&bare) {
            report("inline event handler");
        }
        if style.is_match(&bare) && !in_mail {
            report("inline style");
        }
        if lower.starts_with("<style") && !in_mail {
            report("inline style sheet");
        }
        if lower.starts_with("<script") && !source.is_match(&bare) {
            report("inline script");
        }
        if script_url.is_match(found.as_str()) {
            report("script in an address");
        }
    }
    out
}

#[test]
fn templates_escape_everything_and_hold_no_inline_code() {
    let templates = files("templates", &["html", "txt", "xml"]);
    assert_clean("templates (DESIGN section 5)", templates.iter().flat_map(template_breaches).collect());
}

#[test]
fn the_template_scanner_sees_each_kind_of_breach() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("templates/a.html", "<p>\n{{ name|safe }}</p>", &["templates/a.html:2: unescaped output"]),
        ("templates/a.html", "<p>\n\n<b\n style=\"x\">", &["a.html:3: inline style"]),
        ("templates/mail/a.html", "<b style=\"x\">{{ name | safe }}", &["unescaped output"]),
        ("templates/mail/a.txt", "{% filter safe %}", &["unescaped output"]),
        ("templates/a.html", "<a onclick='x()'>", &["inline event handler"]),
        ("templates/a.html", "<a hx-on:click=\"x()\">", &["inline event handler"]),
        ("templates/a.html", "<script>x()</script>", &["inline script"]),
        ("templates/a.html", "<script src=\"/static/app.js\" defer></script>", &[]),
        ("templates/a.html", "<style>p { }</style>", &["inline style sheet"]),
        ("templates/a.html", "<a href=\"javascript:x()\">", &["script in an address"]),
        (
            "templates/a.html",
            "{% if a > b %}<p title=\"one = 1, style = 2\">on = off; it is safe</p>{% endif %}",
            &[],
        ),
        ("templates/a.html", "<p {% if a > b %}hidden{% endif %} style=\"x\">", &["inline style"]),
    ];
    for (path, text, expected) in cases {
        let found = template_breaches(&File { path: (*path).into(), text: (*text).into() });
        assert_eq!(found.len(), expected.len(), "{text}\nfound: {found:#?}");
        for (breach, words) in found.iter().zip(*expected) {
            assert!(breach.contains(words), "{text}\nfound: {breach}\nexpected: {words}");
        }
    }
}

/// `<stamp>_<name>/up.sql` and so on, for each file of one database's tree.
fn migrations(database: &str) -> BTreeSet<String> {
    let folder = format!("migrations/{database}/");
    // Only scripts: `metadata.toml` may differ, since only SQLite rebuilds tables outside a transaction.
    let scripts = files(&folder, &["sql"]);
    assert_clean(
        "a migration does something",
        scripts
            .iter()
            .filter(|f| f.text.trim().is_empty())
            .map(|f| format!("{}:1: is empty", f.path))
            .collect(),
    );
    scripts.into_iter().map(|f| f.path.trim_start_matches(&folder).to_owned()).collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    let (postgres, sqlite) = (migrations("postgres"), migrations("sqlite"));
    let mut breaches: Vec<String> = Vec::new();
    breaches.extend(
        postgres.difference(&sqlite).map(|m| format!("migrations/postgres/{m}:1: has no twin for SQLite")),
    );
    breaches.extend(
        sqlite.difference(&postgres).map(|m| format!("migrations/sqlite/{m}:1: has no twin for PostgreSQL")),
    );
    for script in &postgres {
        let Some(folder) = script.strip_suffix("/up.sql").or_else(|| script.strip_suffix("/down.sql")) else {
            breaches.push(format!("migrations/postgres/{script}:1: is neither up.sql nor down.sql"));
            continue;
        };
        for half in ["up.sql", "down.sql"] {
            if !postgres.contains(&format!("{folder}/{half}")) {
                breaches.push(format!("migrations/postgres/{folder}:1: has no {half}"));
            }
        }
    }
    assert_clean("migrations (DESIGN section 3)", breaches);
}

#[test]
fn the_changelog_has_a_place_for_what_is_new() {
    let path = repository().join("CHANGELOG.md");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert!(text.contains("\n## [Unreleased]\n"), "CHANGELOG.md has no section `## [Unreleased]`");
}

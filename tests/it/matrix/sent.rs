//! Every form × every visitor (I16, SPEC section 2): the form as its page carries it, sent by each with a session and a
//! token of their own. What is refused changes nothing; what is done is undone, so that everybody meets the same scene.

use std::collections::BTreeMap;

use latchkey::web::routes::{self, Verb};

use super::posts::{POSTS, Posted};
use super::scene::{Scene, VISITORS};
use super::{class, compare};
use crate::support::Test;
use crate::support::raw::{batch, texts};

/// A visitor's letter. A form that is done and one that a rule stops are told apart.
fn letter(visitor: usize, status: u16, location: Option<&str>) -> char {
    match status {
        409 | 422 => 'r',
        // Home is where signing in leads anyway.
        303 if visitor == 0 && location == Some("/sign-in") => 's',
        _ => class(Verb::Post, status, location),
    }
}

/// The scene's rows, kept beside the tables and put back.
pub(super) struct Rows {
    conn: latchkey::store::Conn,
    sqlite: bool,
    tables: Vec<String>,
}

impl Rows {
    pub(super) fn keep(t: &Test) -> Self {
        let mut conn = t.database.connect();
        let sqlite = t.database.is_sqlite();
        let tables = texts(
            &mut conn,
            if sqlite {
                "SELECT name AS n FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
            } else {
                "SELECT tablename::text AS n FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
            },
        );
        let kept: String = tables
            .iter()
            .map(|table| format!("CREATE TABLE kept_{table} AS SELECT * FROM {table};"))
            .collect();
        batch(&mut conn, &kept).expect("the rows are kept");
        Self { conn, sqlite, tables }
    }

    /// What is there now, sessions and failed sign-ins apart.
    pub(super) fn digest(&mut self) -> BTreeMap<String, Vec<String>> {
        let mut all = BTreeMap::new();
        for table in self.tables.iter().filter(|t| !matches!(t.as_str(), "sessions" | "sign_in_failures")) {
            let query = if self.sqlite {
                let columns =
                    texts(&mut self.conn, &format!("SELECT name AS n FROM pragma_table_info('{table}')"));
                let quoted: Vec<String> = columns.iter().map(|c| format!("quote({c})")).collect();
                format!("SELECT {} AS n FROM {table} ORDER BY 1", quoted.join(" || ',' || "))
            } else {
                format!("SELECT x::text AS n FROM {table} x ORDER BY 1")
            };
            all.insert(table.clone(), texts(&mut self.conn, &query));
        }
        all
    }

    pub(super) fn put_back(&mut self) {
        let rows: String = self
            .tables
            .iter()
            .map(|table| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table};"))
            .collect();
        let whole = if self.sqlite {
            format!("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE; {rows} COMMIT;")
        } else {
            format!("BEGIN; SET LOCAL session_replication_role = replica; {rows} COMMIT;")
        };
        batch(&mut self.conn, &whole).expect("the rows are put back");
    }
}

/// What a form sends, as the person who may sees it; or why nobody can send it.
fn fields(scene: &Scene, posted: &Posted, path: &str) -> Result<Vec<(String, String)>, String> {
    let mut fields = if posted.page.is_empty() {
        Vec::new()
    } else {
        let who = VISITORS.iter().position(|name| *name == posted.by).expect("a visitor");
        let answer = scene.browsers[who].get(&scene.fill_for(posted.page, posted.path));
        let form = answer.page().first_form(path);
        form.ok_or_else(|| format!("{} finds no form on {} ({})", posted.by, posted.page, answer.status))?
            .data()
    };
    for (name, value) in posted.with {
        fields.retain(|(n, _)| n != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields.retain(|(name, _)| name != "csrf");
    Ok(fields)
}

on_both! {
    /// Forms: who may send them, who is refused, who is told that there is nothing (I16, ROL-6). A refusal changes
    /// nothing.
    fn i16_every_form_for_every_persona(t: &mut Test) {
        let scene = Scene::set(t);
        let tokens: Vec<String> = scene
            .browsers
            .iter()
            .enumerate()
            .map(|(n, browser)| {
                let page = browser.page(if n == 0 { "/sign-in" } else { "/profile" });
                let form = page.first_form(if n == 0 { "/sign-in" } else { "/profile" }).expect("a form");
                form.values("csrf").remove(0)
            })
            .collect();
        let cookies: Vec<_> = scene.browsers.iter().map(crate::support::Browser::cookies).collect();
        let mut rows = Rows::keep(t);
        let before = rows.digest();
        let (mut found, mut wrote) = (Vec::new(), Vec::new());
        for route in routes::all().filter(|route| route.verb == Verb::Post) {
            let key = format!("POST {}", route.path);
            let Some(posted) = POSTS.iter().find(|posted| posted.path == route.path) else {
                found.push((key, "?".to_owned()));
                continue;
            };
            let path = scene.fill(route.path);
            let afresh = |n: usize| {
                scene.browsers[n].forget();
                cookies[n].iter().for_each(|(name, value)| scene.browsers[n].set_cookie(name, value));
            };
            (0..VISITORS.len()).for_each(afresh);
            let fields = match fields(&scene, posted, &path) {
                Ok(fields) => fields,
                Err(why) => {
                    found.push((key, why));
                    continue;
                }
            };
            let send = |n: usize| {
                let browser = &scene.browsers[n];
                afresh(n);
                let csrf = ("csrf", tokens[n].as_str());
                let all: Vec<(&str, &str)> =
                    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([csrf]).collect();
                let answer = browser.post(&path, &all);
                letter(n, answer.status, answer.header("location"))
            };
            // Whoever is refused comes first, because nothing may have changed after all of them.
            let refused = |n: &usize| posted.row.chars().nth(*n) != Some('o');
            let mut row = ['?'; VISITORS.len()];
            for n in (0..VISITORS.len()).filter(refused) {
                row[n] = send(n);
                if posted.remembers {
                    rows.put_back();
                }
            }
            let changed = rows.digest() != before;
            if changed && !posted.remembers && row.iter().all(|letter| *letter != 'o') {
                wrote.push(route.path);
            }
            // Always: the digest leaves sessions out, which a form may end.
            rows.put_back();
            for n in (0..VISITORS.len()).filter(|n| !refused(n)) {
                row[n] = send(n);
                rows.put_back();
            }
            found.push((key, row.iter().collect()));
        }
        let expected = |key: &str| POSTS.iter().find(|p| format!("POST {}", p.path) == key).map(|p| p.row);
        compare(&found, expected);
        assert!(wrote.is_empty(), "refused, and yet something changed: {wrote:?}");
        let gone: Vec<_> = POSTS
            .iter()
            .filter(|p| !routes::all().any(|r| r.verb == Verb::Post && r.path == p.path))
            .map(|p| p.path)
            .collect();
        assert!(gone.is_empty(), "rows of routes that are not there: {gone:?}");
    }
}

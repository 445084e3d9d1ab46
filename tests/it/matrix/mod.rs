//! Every route × every persona (I16, SPEC section 2, ROL-6), and what reading never does (I12). The expectations are
//! in `rows.rs` for pages and in `posts.rs` for forms; a route without a row fails.

mod generated;
mod posts;
mod rows;
mod scene;
mod sent;
mod tasks;

use std::collections::HashSet;

use latchkey::web::routes::{self, Route, Verb};

use crate::check;
use scene::{Scene, VISITORS};

/// How the portal treats a visitor at a route.
fn class(verb: Verb, status: u16, location: Option<&str>) -> char {
    match status {
        303 if location.is_some_and(|l| l.starts_with("/sign-in?next=")) => 's',
        // Home is where signing in leads anyway. (Signing out, a POST, ends at the sign-in page too.)
        303 if verb == Verb::Get && location == Some("/sign-in") => 's',
        200..=299 | 303 | 409 | 422 => 'o',
        400 => 'b',
        401 => 's',
        403 => 'f',
        404 | 410 => 'n',
        429 => 'w',
        _ => '!',
    }
}

fn key(route: &Route) -> String {
    let verb = if route.verb == Verb::Get { "GET" } else { "POST" };
    format!("{verb} {}", route.path)
}

/// Compares, and prints the rows as they are for whoever has to look at a difference.
fn compare(found: &[(String, String)], row_of: impl Fn(&str) -> Option<&'static str>) {
    let mut wrong = Vec::new();
    for (key, actual) in found {
        match row_of(key) {
            None => wrong.push(format!("    (\"{key}\", \"{actual}\"), // no row")),
            Some(expected) if expected != actual => {
                wrong.push(format!("    (\"{key}\", \"{actual}\"), // expected {expected}"));
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "visitors: {VISITORS:?}\n{}", wrong.join("\n"));
}

on_both! {
    /// Pages: who sees, who is refused, who is told that there is nothing (I16, ROL-6), and nothing at all changes by
    /// looking, HEAD included (I12). Each page is whole: icons, labels, ids, tokens (SPEC PGE-1, FIX-4).
    fn i16_i12_every_page_for_every_persona(t: &mut Test) {
        let scene = Scene::set(t);
        let before = scene.digest(t);
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        for route in routes::all().filter(|r| r.verb == Verb::Get) {
            let path = scene.fill(route.path);
            let mut row = String::new();
            for browser in &scene.browsers {
                let answer = browser.get(&path);
                row.push(class(Verb::Get, answer.status, answer.header("location")));
                let html = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
                if html && seen.insert((route.path, answer.body.clone())) {
                    let problems = check::problems(&answer.body);
                    assert_eq!(problems, Vec::<String>::new(), "GET {path}:\n{}", answer.body);
                }
                let head = actix_web::test::TestRequest::with_uri(&path).method(actix_web::http::Method::HEAD);
                let head = browser.send(head, &format!("HEAD {path}"));
                assert_eq!(head.status, answer.status, "HEAD {path} answers like GET");
            }
            found.push((key(route), row));
        }
        assert_eq!(scene.digest(t), before, "looking changed something");
        compare(&found, |key| rows::ROWS.iter().find(|(k, _)| *k == key).map(|(_, row)| *row));
    }

    /// No form counts without the token that the portal gave with its page (SPEC: DESIGN 5).
    fn every_form_needs_its_token(t: &mut Test) {
        let scene = Scene::set(t);
        let before = scene.digest(t);
        // What machines send carries a signature of its own in place of the token.
        let forms = routes::all().filter(|r| r.verb == Verb::Post && !matches!(r.guard, routes::Guard::Machine));
        for route in forms {
            let path = scene.fill(route.path);
            for browser in &scene.browsers {
                let answer = browser.post(&path, &[]);
                assert!(matches!(answer.status, 403 | 303), "POST {path} without a token: {}", answer.status);
            }
        }
        assert_eq!(scene.digest(t), before);
    }
}

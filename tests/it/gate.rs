//! What holds for every route: who passes, whose form is taken, what every answer carries (SPEC SES-2, I15).

use actix_web::http::Method;
use actix_web::test::TestRequest;
use chrono::Duration;
use latchkey::web::headers::CSP;
use latchkey::web::routes::{Guard, Route, Verb, all};

use crate::support::Test;

/// An address of the route: ids that nobody has, tokens that nobody got.
fn address(route: &Route) -> String {
    let parts: Vec<&str> = route
        .path
        .split('/')
        .map(|part| match part {
            "{token}" => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            part if part.starts_with('{') => "01a20429-5e55-7fdc-87fb-0fc215c1a1b6",
            part => part,
        })
        .collect();
    parts.join("/")
}

fn routes(verb: Verb) -> impl Iterator<Item = &'static Route> {
    all().filter(move |route| route.verb == verb && route.guard != Guard::Machine)
}

fn written(t: &mut Test) -> i64 {
    t.number("SELECT count(*) AS n FROM audit_events") + t.number("SELECT count(*) AS n FROM sessions")
}

on_both! {
    /// A form without our token changes nothing, signed in or not, whatever the route.
    fn every_post_route_refuses_a_missing_csrf_token(t: &mut Test) {
        let root = t.sign_in("root");
        let before = written(t);
        for route in routes(Verb::Post) {
            let path = address(route);
            let answer = root.post(&path, &[("name", "x")]);
            assert_eq!(answer.status, 403, "{path}");
            assert!(answer.body.contains("This form is too old"), "{path}");
            let forged = root.post(&path, &[("csrf", "0011223344556677.00"), ("name", "x")]);
            assert_eq!(forged.status, 403, "{path}");
        }
        for route in routes(Verb::Post) {
            let path = address(route);
            let answer = t.browser().post(&path, &[("name", "x")]);
            let expected = if route.guard == Guard::Public { 403 } else { 303 };
            assert_eq!(answer.status, expected, "{path}");
        }
        assert_eq!(written(t), before);
    }

    /// A form from another site is refused even with a good token.
    fn a_form_from_another_site_is_refused(t: &mut Test) {
        let alice = t.sign_in("alice");
        let token = latchkey::web::csrf::issue(
            &t.web(),
            &format!("session {}", latchkey::kernel::secret::hash(&alice.cookie(&t.web().cookie_name("latchkey")).unwrap())),
        )
        .unwrap();
        for route in routes(Verb::Post) {
            let path = address(route);
            let foreign = TestRequest::post()
                .uri(&path)
                .insert_header(("sec-fetch-site", "cross-site"))
                .set_form([("csrf", token.as_str())]);
            assert_eq!(alice.send(foreign, &path).status, 403, "{path}");
            let foreign = TestRequest::post()
                .uri(&path)
                .insert_header(("origin", "https://evil.example"))
                .set_form([("csrf", token.as_str())]);
            assert_eq!(alice.send(foreign, &path).status, 403, "{path}");
        }
    }

    /// Whoever is not signed in is led to sign-in and back, from every page that is not public (SPEC SES-4).
    fn every_page_that_is_not_public_leads_to_sign_in(t: &mut Test) {
        for route in routes(Verb::Get).filter(|route| route.guard != Guard::Public) {
            let path = address(route);
            let answer = t.browser().get(&path);
            assert_eq!(answer.status, 303, "{path}");
            assert!(answer.location().starts_with("/sign-in"), "{path}");
        }
    }

    /// Every answer, errors too, carries the same security headers; nothing personal is kept by caches.
    fn every_answer_carries_the_security_headers(t: &mut Test) {
        let root = t.sign_in("root");
        let paths = routes(Verb::Get).map(address).chain(["/no/such/page".to_owned(), "/healthz".to_owned()]);
        for path in paths {
            for answer in [root.get(&path), t.browser().get(&path)] {
                assert_eq!(answer.header("content-security-policy"), Some(CSP), "{path}");
                assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
                assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
                assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
                assert!(answer.header("strict-transport-security").is_some(), "{path}");
                assert!(answer.header("x-request-id").is_some(), "{path}");
                assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
                assert!(answer.status < 500, "{path}: {}", answer.status);
            }
        }
    }

    /// Fetching changes nothing, by GET or HEAD; other methods are not known.
    fn fetching_changes_nothing(t: &mut Test) {
        let root = t.sign_in("root");
        let before = written(t);
        for route in routes(Verb::Get) {
            let path = address(route);
            let got = root.get(&path).status;
            let head = TestRequest::default().method(Method::HEAD).uri(&path);
            assert_eq!(root.send(head, &path).status, got, "{path}");
            let delete = TestRequest::delete().uri(&path);
            assert_eq!(root.send(delete, &path).status, 405, "{path}");
        }
        assert_eq!(written(t), before);
    }

    /// A session ends when it is idle for too long, after its absolute time, and with its person (SPEC SES-2).
    fn a_session_ends_in_time_and_with_its_person(t: &mut Test) {
        let signed_in = |answer: &crate::support::browser::Answer| answer.body.contains("Sign out");
        let alice = t.sign_in("alice");
        assert!(signed_in(&alice.get("/no/such/page")));
        t.advance(Duration::minutes(29));
        assert!(signed_in(&alice.get("/no/such/page")), "used within 30 minutes");
        t.advance(Duration::minutes(29));
        assert!(signed_in(&alice.get("/no/such/page")), "each use counts");
        t.advance(Duration::minutes(31));
        assert!(!signed_in(&alice.get("/no/such/page")), "idle for too long");
        assert_eq!(alice.cookie(&t.web().cookie_name("latchkey")), None, "the cookie goes too");

        let bob = t.sign_in("bob");
        for _ in 0..24 {
            t.advance(Duration::minutes(29));
            assert!(signed_in(&bob.get("/no/such/page")));
        }
        t.advance(Duration::minutes(25));
        assert!(!signed_in(&bob.get("/no/such/page")), "12 hours are over");

        let carol = t.sign_in("carol");
        assert!(signed_in(&carol.get("/no/such/page")));
        t.sql("UPDATE users SET enabled = FALSE WHERE display_name LIKE 'Carol%'");
        assert!(!signed_in(&carol.get("/no/such/page")), "a disabled person has no session (I15)");
    }
}

//! The gate and what surrounds it, in one process with a database of its own.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::test;

use super::*;
use crate::app::Instance;
use crate::domain::policy::LinkMode;
use crate::kernel::clock::SystemClock;
use crate::store::{Db, migrate};

fn state(base_url: &str) -> (tempfile::TempDir, WebState) {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("t.db").display()).parse().unwrap();
    migrate::run(&url).unwrap();
    let app = crate::app::App::new(
        Db::open(&url).unwrap(),
        Arc::new(SystemClock),
        Instance {
            name: "Test".into(),
            base_url: base_url.into(),
            time_zone: chrono_tz::UTC,
            link_mode: LinkMode::Code,
            demo: false,
        },
    );
    let state = WebState::load(app, WebSettings::default()).unwrap();
    (dir, state)
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let (_dir, state) = state("https://portal.example");
    let service = test::init_service(app(state)).await;
    for path in ["/healthz", "/readyz", "/metrics", "/nothing/here", "/favicon.ico"] {
        let answer = test::call_service(&service, test::TestRequest::get().uri(path).to_request()).await;
        let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(header("content-security-policy").as_deref(), Some(headers::CSP), "{path}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert!(header("strict-transport-security").is_some(), "{path}");
        assert_eq!(header("x-request-id").unwrap().len(), 36, "{path}");
        assert!(header("cache-control").is_some(), "{path}");
    }
}

#[actix_web::test]
async fn unknown_addresses_get_the_not_found_page_and_wrong_methods_405() {
    let (_dir, state) = state("http://127.0.0.1:8080");
    let service = test::init_service(app(state)).await;
    let answer = test::call_service(&service, test::TestRequest::get().uri("/nothing").to_request()).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let html = String::from_utf8(test::read_body(answer).await.to_vec()).unwrap();
    assert!(html.contains("Nothing here"), "{html}");
    let answer = test::call_service(&service, test::TestRequest::delete().uri("/healthz").to_request()).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[actix_web::test]
async fn a_token_fits_its_holder_only() {
    let (_dir, state) = state("http://127.0.0.1:8080");
    let token = csrf::issue(&state, "session a").unwrap();
    assert!(csrf::fits(&state, "session a", &token));
    assert!(!csrf::fits(&state, "session b", &token));
    assert_ne!(token, csrf::issue(&state, "session a").unwrap(), "each page gets another one");
    for bad in ["", ".", "x", &token[1..]] {
        assert!(!csrf::fits(&state, "session a", bad), "{bad}");
    }
}

#[actix_web::test]
async fn a_flash_is_believed_only_if_we_wrote_it() {
    let (_dir, state) = state("http://127.0.0.1:8080");
    let flash = Flash::success("Saved — thank you.");
    let sealed = flash.seal(&state);
    assert_eq!(Flash::open(&state, &sealed), Some(flash));
    assert_eq!(Flash::open(&state, &sealed.replacen('s', "w", 1)), None);
    assert_eq!(Flash::open(&state, "s.QQ."), None);
}

/// One route of our own behind the gate: its page shows the token, its form answers what it got.
fn behind_the_gate(cfg: &mut actix_web::web::ServiceConfig) {
    use actix_web::web;
    let mut entry = gate::Entry::default();
    entry.add(routes::Verb::Get, routes::Guard::Public);
    entry.add(routes::Verb::Post, routes::Guard::Public);
    let show = |visit: MaybeSigned| async move { visit.shell("x", vec![]).csrf };
    let take = |Form(fields): Form<Vec<(String, String)>>| async move {
        assert_ne!(fields.len(), 3, "this one panics");
        format!("{fields:?}")
    };
    cfg.service(
        web::resource("/t")
            .route(web::get().to(show))
            .route(web::post().to(take))
            .wrap(from_fn(move |req, next| gate::gate(entry, req, next))),
    );
}

#[actix_web::test]
async fn a_form_is_taken_from_whoever_was_given_its_token() {
    let (_dir, state) = state("http://127.0.0.1:8080");
    let service = test::init_service(
        actix_web::App::new()
            .app_data(state.clone())
            .configure(behind_the_gate)
            .wrap(from_fn(headers::around)),
    )
    .await;
    let page = test::call_service(&service, test::TestRequest::get().uri("/t").to_request()).await;
    let cookie = page.response().cookies().next().unwrap().into_owned();
    let token = String::from_utf8(test::read_body(page).await.to_vec()).unwrap();
    let post = |fields: String| test::TestRequest::post().uri("/t").set_payload(fields);

    let good = post(format!("csrf={token}&a=1")).cookie(cookie.clone()).to_request();
    let answer = test::call_service(&service, good).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(test::read_body(answer).await, r#"[("a", "1")]"#);

    for (name, bad) in [
        ("no cookie", post(format!("csrf={token}"))),
        ("no token", post("a=1".to_owned()).cookie(cookie.clone())),
        ("two tokens", post(format!("csrf={token}&csrf={token}")).cookie(cookie.clone())),
        (
            "another site",
            post(format!("csrf={token}"))
                .cookie(cookie.clone())
                .insert_header(("origin", "http://127.0.0.1:9")),
        ),
    ] {
        let answer = test::call_service(&service, bad.to_request()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}");
    }
    let large = post(format!("csrf={token}&a={}", "x".repeat(form::LIMIT))).cookie(cookie.clone());
    let answer = test::call_service(&service, large.to_request()).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);

    let panics = post(format!("csrf={token}&a=1&b=2&c=3")).cookie(cookie);
    let answer = test::call_service(&service, panics.to_request()).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.headers().contains_key("x-request-id"));
    let html = String::from_utf8(test::read_body(answer).await.to_vec()).unwrap();
    assert!(html.contains("panic") && !html.contains("this one panics"), "{html}");
}

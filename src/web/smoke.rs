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
    let url = format!("sqlite://{}", dir.path().join("t.db").display())
        .parse()
        .unwrap();
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
        assert_eq!(
            header("content-security-policy").as_deref(),
            Some(headers::CSP),
            "{path}"
        );
        assert_eq!(
            header("x-content-type-options").as_deref(),
            Some("nosniff"),
            "{path}"
        );
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
    assert_ne!(
        token,
        csrf::issue(&state, "session a").unwrap(),
        "each page gets another one"
    );
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

//! Static files, embedded in the binary and served under addresses that carry a hash of their content, so that a
//! browser may keep them for ever and still gets a new file with a new release.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    web::Path,
};

struct Asset {
    name: &'static str,
    file: &'static str,
    url: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of a file of `static/`, by its bare name (`app.css`), for templates. A name that does not exist
/// gives an address that answers 404; a test reads every template for such names.
pub fn url(name: &str) -> &'static str {
    find(name).map_or("/assets/missing", |asset| asset.url)
}

/// The content of a file of `static/`, by its bare name: what a mail or a page of its own may want to embed.
pub fn bytes(name: &str) -> Option<&'static [u8]> {
    find(name).map(|asset| asset.bytes)
}

fn find(name: &str) -> Option<&'static Asset> {
    let at = ASSETS.binary_search_by(|asset| asset.name.cmp(name)).ok()?;
    ASSETS.get(at)
}

/// `GET /assets/{file}`: the file of exactly that hash, cacheable for ever; anything else is not found and never cached.
pub async fn serve(file: Path<String>) -> HttpResponse {
    match ASSETS.iter().find(|asset| asset.file == file.as_str()) {
        Some(asset) => answer(asset, "public, max-age=31536000, immutable"),
        None => HttpResponse::NotFound()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
            .body("Not found"),
    }
}

/// `GET /favicon.ico`: browsers ask for it unbidden on pages that have no head of ours, such as a download.
pub async fn favicon() -> HttpResponse {
    match find("favicon.svg") {
        Some(asset) => answer(asset, "public, max-age=86400"),
        None => HttpResponse::NotFound().finish(),
    }
}

fn answer(asset: &Asset, cache: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(asset.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, http::StatusCode, test, web};

    #[actix_web::test]
    async fn a_file_is_served_under_its_hash_for_ever_and_nothing_else_is() {
        let app = test::init_service(
            App::new()
                .route("/assets/{file}", web::get().to(serve))
                .route("/favicon.ico", web::get().to(favicon)),
        )
        .await;
        for (name, kind) in [
            ("app.css", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("bootstrap.min.css", "text/css; charset=utf-8"),
            ("htmx.min.js", "text/javascript; charset=utf-8"),
            ("icons.svg", "image/svg+xml"),
            ("logo.svg", "image/svg+xml"),
        ] {
            let request = test::TestRequest::get().uri(url(name)).to_request();
            let response = test::call_service(&app, request).await;
            assert_eq!(response.status(), StatusCode::OK, "{name}");
            let header = |h: &str| response.headers().get(h).unwrap().to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), kind);
            assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(header("x-content-type-options"), "nosniff");
        }
        for path in ["/assets/app.css", "/assets/app.0000000000000000.css", url("no-such-file")] {
            let request = test::TestRequest::get().uri(path).to_request();
            let response = test::call_service(&app, request).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let request = test::TestRequest::get().uri("/favicon.ico").to_request();
        assert_eq!(test::call_service(&app, request).await.status(), StatusCode::OK);
    }

    #[::core::prelude::v1::test]
    fn no_stylesheet_needs_what_the_content_security_policy_forbids() {
        for asset in ASSETS.iter().filter(|a| a.name.ends_with(".css")) {
            let css = std::str::from_utf8(asset.bytes).unwrap();
            assert!(!css.contains("data:"), "{} holds a data: URI", asset.name);
            assert!(!css.contains("@import"), "{} imports", asset.name);
            assert!(!css.contains("url(http"), "{} fetches from elsewhere", asset.name);
        }
    }
}

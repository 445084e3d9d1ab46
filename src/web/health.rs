//! For machines: is the process alive, can it work, what did it do (SPEC OPS-4).

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::ReqData;

use super::metrics::Metrics;
use super::routes::{Guard, Route, to};
use super::state::WebState;
use super::{assets, visit::RequestId};
use crate::store::{StoreError, backlog};

/// The routes of files and probes.
pub const ROUTES: &[Route] = &[
    Route::get("/assets/{file}", Guard::Machine, || to(assets::serve)),
    Route::get("/favicon.ico", Guard::Machine, || to(assets::favicon)),
    Route::get("/healthz", Guard::Machine, || to(healthz)).note("the process lives"),
    Route::get("/readyz", Guard::Machine, || to(readyz)).note("the database answers and is up to date"),
    Route::get("/metrics", Guard::Machine, || to(metrics)).note("Prometheus; keep it inside with the proxy"),
];

fn plain(mut answer: actix_web::HttpResponseBuilder, text: impl Into<String>) -> HttpResponse {
    answer
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(text.into())
}

async fn healthz() -> HttpResponse {
    plain(HttpResponse::Ok(), "ok\n")
}

async fn readyz(state: Shared, id: Option<ReqData<RequestId>>) -> HttpResponse {
    let db = state.0.app.db.clone();
    match tokio::task::spawn_blocking(move || db.ready()).await {
        Ok(Ok(())) => plain(HttpResponse::Ok(), "ready\n"),
        failed => {
            let cause = match failed {
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
                Ok(Ok(())) => String::new(),
            };
            let request = id.map_or_else(String::new, |id| id.0.clone());
            tracing::error!(request, cause, "not ready");
            plain(HttpResponse::ServiceUnavailable(), "not ready: see the log\n")
        }
    }
}

async fn metrics(state: Shared, id: Option<ReqData<RequestId>>) -> HttpResponse {
    let (app, now) = (&state.0.app, state.0.app.now());
    let read = app.db.read(move |conn| {
        Ok::<_, StoreError>([("notices", backlog::notices(conn, now)?), ("jobs", backlog::jobs(conn, now)?)])
    });
    let mut text = state.0.metrics.text();
    match read.await {
        Ok(queues) => {
            for (what, queue) in &queues {
                text.push_str(&Metrics::queue(what, queue, now));
            }
        }
        // The counts of requests are worth having all the more when the database is away.
        Err(error) => {
            let request = id.map_or_else(String::new, |id| id.0.clone());
            tracing::error!(request, %error, "the queues could not be counted");
        }
    }
    plain(HttpResponse::Ok(), text)
}

/// The shared state, for handlers without a visit.
struct Shared(WebState);

impl actix_web::FromRequest for Shared {
    type Error = super::error::PageError;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(req: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let state = req.app_data::<WebState>().cloned().map(Self);
        std::future::ready(state.ok_or_else(|| super::error::PageError::internal("no-state", "no state")))
    }
}

//! For targets of webhooks: telling later how an order went (SPEC DLV-6; `docs/webhooks.md`). The signature of the
//! message is what lets it in, not a session.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::routes::{Guard, Route, to};
use super::state::WebState;
use crate::app::request::{self, Heard};
use crate::app::{App, AppError};
use crate::domain::webhook::{SIGNATURE, Signed, TIMESTAMP};
use crate::kernel::ids::OrderId;

/// The routes of targets.
pub const ROUTES: &[Route] = &[Route::post("/hooks/deliveries/{id}", Guard::Machine, || to(answer))
    .note("targets of webhooks, by the signature of the message")];

/// No message of a target is longer.
const BODY_MAX: usize = 64 * 1024;

/// `POST /hooks/deliveries/{order}`
async fn answer(req: HttpRequest, id: Path<String>, body: Bytes) -> HttpResponse {
    let Some(state) = req.app_data::<WebState>() else {
        return said(
            HttpResponse::InternalServerError(),
            "error",
            "Something went wrong here. Try again later.",
        );
    };
    let header = |name: &str| {
        req.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let (timestamp, signature) = (header(TIMESTAMP), header(SIGNATURE));
    let (Ok(order), true) = (id.parse::<OrderId>(), body.len() <= BODY_MAX) else {
        return unknown();
    };
    let Ok(body) = String::from_utf8(body.to_vec()) else {
        return unknown();
    };
    let app: App = state.app.clone();
    let cx = app.system_cx(format!("callback-{order}"));
    let heard = app.db.write(move |tx| {
        let signed = Signed { timestamp: &timestamp, signature: &signature, body: &body };
        request::answer(tx, &cx, order, &signed)
    });
    match heard.await {
        Ok(Heard::Taken) => said(HttpResponse::Ok(), "taken", "Thank you."),
        Ok(Heard::Known) => {
            said(HttpResponse::Ok(), "known", "The order does not wait for an answer any more.")
        }
        Err(AppError::Refused(refusal)) => said(HttpResponse::BadRequest(), "error", &refusal.to_string()),
        Err(AppError::NotFound | AppError::Denied(_)) => unknown(),
        Err(error) => {
            tracing::error!(%order, %error, "a callback could not be taken");
            said(HttpResponse::ServiceUnavailable(), "error", "Something went wrong here. Try again later.")
        }
    }
}

/// The same for an order that does not exist and for a signature that does not fit: who cannot sign learns nothing.
fn unknown() -> HttpResponse {
    said(HttpResponse::NotFound(), "error", "There is no such order, or the signature does not fit.")
}

fn said(mut answer: actix_web::HttpResponseBuilder, state: &str, message: &str) -> HttpResponse {
    answer.insert_header((CACHE_CONTROL, "no-store")).json(json!({ "state": state, "message": message }))
}

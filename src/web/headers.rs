//! Around everything: a request id, security headers on every answer, a line in the log, a count for `/metrics`.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use super::state::WebState;
use super::visit::RequestId;

/// What the browser may load and do: our own files, our own forms, nothing inline, nobody's frame.
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
                       connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers of every answer.
const ALWAYS: [(&str, &str); 7] = [
    ("content-security-policy", CSP),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

fn secure(headers: &mut HeaderMap, request_id: &str, https: bool) {
    // The preview of a mail brings a policy of its own.
    let own = headers.get(CONTENT_SECURITY_POLICY).cloned();
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(own) = own {
        headers.insert(CONTENT_SECURITY_POLICY, own);
    }
    if https {
        headers.insert(
            HeaderName::from_static("strict-transport-security"),
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

/// The outermost layer.
pub async fn around(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let state = req.app_data::<WebState>().cloned();
    let id = state.as_ref().map_or_else(String::new, |state| state.app.ids.uuid().to_string());
    let https = state.as_ref().is_some_and(|state| state.secure);
    let method = req.method().clone();
    req.extensions_mut().insert(RequestId(id.clone()));
    let answer = match next.call(req).await {
        Ok(answer) => answer,
        Err(error) => {
            // Without the request there is no page; the headers go with the bare answer all the same.
            let mut response = error.error_response();
            tracing::warn!(request = id, %error, "a request failed before any page");
            secure(response.headers_mut(), &id, https);
            return Err(InternalError::from_response(error, response).into());
        }
    };
    let mut answer = answer.map_into_boxed_body();
    secure(answer.headers_mut(), &id, https);
    let took = started.elapsed();
    // The pattern, never the path: paths may hold secrets (`/d/{token}`).
    let route = answer.request().match_pattern().unwrap_or_else(|| "-".to_owned());
    let status = answer.status().as_u16();
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(request = id, %method, route, status, milliseconds, "answered");
    if let Some(state) = state {
        state.metrics.count(method.as_str(), &route, status, took);
    }
    Ok(answer)
}

//! Forms are taken only from our own pages. A form carries a token bound to the visitor's session, or, before
//! sign-in, to a signed cookie of which nothing is stored; and what the browser says of the form's origin must fit.

use actix_web::http::header::{HeaderMap, ORIGIN};

use super::state::WebState;
use crate::kernel::secret::{self, NoRandomness};

const PURPOSE: &str = "csrf";

/// A new token for whoever holds `binding`. Each page gets another one, so that the length of a compressed page
/// tells nothing about it.
pub fn issue(state: &WebState, binding: &str) -> Result<String, NoRandomness> {
    let salt = secret::hex(&secret::random_bytes::<8>()?);
    let proof = state.sign(PURPOSE, &format!("{salt}\n{binding}"));
    Ok(format!("{salt}.{proof}"))
}

/// Was the token issued to whoever holds `binding`?
pub fn fits(state: &WebState, binding: &str, token: &str) -> bool {
    token
        .split_once('.')
        .is_some_and(|(salt, proof)| state.is_signed(PURPOSE, &format!("{salt}\n{binding}"), proof))
}

/// Does the browser say that the form comes from our own pages? Old browsers say nothing; the token decides then.
pub fn same_origin(state: &WebState, headers: &HeaderMap) -> bool {
    let text = |value: Option<&actix_web::http::header::HeaderValue>| {
        value.map(|v| v.to_str().unwrap_or_default().to_ascii_lowercase())
    };
    if let Some(site) = text(headers.get("sec-fetch-site")) {
        return matches!(site.as_str(), "same-origin" | "none");
    }
    match text(headers.get(ORIGIN)) {
        Some(origin) => origin == state.origin,
        None => true,
    }
}

//! The session cookie: a random key whose hash the database knows. A new sign-in gets a new key, so that a key
//! planted before is worth nothing (SPEC SES-2).

use actix_web::HttpResponse;
use chrono::Duration;

use super::visit::Visit;
use crate::kernel::secret::Token;
use crate::store::{StoreError, sessions};

/// The cookie's name, before the prefix.
pub const COOKIE: &str = "latchkey";

/// What an answer does to the session cookie.
#[derive(Debug, Clone)]
pub enum SessionChange {
    /// The visitor holds this key from now on.
    Begin(Token),
    /// The visitor holds no key any more.
    End,
}

/// Gives the visitor the key of a session that was just made.
#[must_use]
pub fn begin(mut response: HttpResponse, key: Token) -> HttpResponse {
    response.extensions_mut().insert(SessionChange::Begin(key));
    response
}

/// Takes the key from the visitor.
#[must_use]
pub fn end(mut response: HttpResponse) -> HttpResponse {
    response.extensions_mut().insert(SessionChange::End);
    response
}

/// Notes that the session was used, at most once a minute. A database that cannot be written must not keep
/// people from reading, so a failure only goes to the log.
pub async fn touch(visit: &Visit) {
    let Some(known) = &visit.known else { return };
    let (id, now) = (known.session, visit.now());
    if now - known.last_seen_at < Duration::minutes(1) {
        return;
    }
    let done: Result<(), StoreError> = visit.state.app.db.write(move |tx| sessions::touch(tx, id, now)).await;
    if let Err(error) = done {
        tracing::warn!(request = visit.request_id, %error, "the session's last use could not be noted");
    }
}

//! Trying again what was given up (SPEC DLV-3).

use actix_web::web::Path;
use serde::Deserialize;

use super::words;
use crate::app;
use crate::kernel::ids::RequestId;
use crate::kernel::paths;
use crate::web::{Answer, Flash, Form, Signed, redirect_with};

/// The form, which may say where to go back to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    #[serde(default)]
    next: String,
}

/// `POST /requests/{id}/reprocess`
pub async fn again(s: Signed, id: Path<RequestId>, Form(raw): Form<Again>) -> Answer {
    let id = id.into_inner();
    let done = s.attempt(move |tx, cx, me| app::request::reprocess(tx, cx, me, id)).await?;
    let flash = match done {
        Ok(roles) => Flash::success(format!("{} tried again.", words::count(i64::from(roles), "role"))),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    let next =
        if raw.next.is_empty() { paths::request(id) } else { paths::local_or_home(&raw.next).to_owned() };
    redirect_with(next, flash)
}

//! What is done with work on many people or assignments: starting it, saying to when, stopping it, throwing it away
//! (SPEC ASG-2, PGE-4).

use actix_web::web::Path;
use serde::Deserialize;

use super::bulk::{Asked, load, shown};
use super::common::PackageHead;
use crate::app::AppError;
use crate::app::bulk::{self, Batch};
use crate::domain::access::CatalogTask;
use crate::domain::bulk::NewEnd;
use crate::domain::period;
use crate::kernel::ids::{BulkWorkId, PackageId};
use crate::kernel::{PageRequest, paths};
use crate::store::bulk as store;
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, redirect, redirect_with};

/// The work must belong to the package of the address.
fn of_package(conn: &mut crate::store::Conn, package: PackageId, id: BulkWorkId) -> Result<(), AppError> {
    store::find(conn, id)?.filter(|w| w.package == package).map(|_| ()).ok_or(AppError::NotFound)
}

/// What is still to be said before it starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawStart {
    /// Why.
    #[serde(default)]
    reason: Vec<String>,
}

/// `POST /manage/packages/{id}/bulk/{work}/start`
pub async fn start(s: Signed, path: Path<(PackageId, BulkWorkId)>, Form(raw): Form<RawStart>) -> Answer {
    let (package, id) = path.into_inner();
    let reason = raw.reason.into_iter().next();
    let begun = s
        .attempt(move |tx, cx, me| {
            PackageHead::load(tx, me, CatalogTask::Assignments, package)?;
            of_package(tx, package, id)?;
            bulk::begin(tx, cx, me, id, reason.as_deref())
        })
        .await?;
    let here = paths::bulk(package, id);
    match begun {
        Ok(true) => {
            let app = s.app.clone();
            let done = actix_web::web::block(move || bulk::run(&app, id, Batch::AT_ONCE)).await;
            done.map_err(|e| PageError::internal("bulk-cut-off", e.to_string()))??;
            redirect(here)
        }
        Ok(false) => redirect_with(
            here,
            Flash::success("Started. You can leave this page; a mail tells you when everything is done."),
        ),
        Err(refusal) => redirect_with(here, Flash::warning(refusal.to_string())),
    }
}

/// To when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEnd {
    #[serde(default)]
    pub(super) to: String,
    pub(super) day: String,
    pub(super) reason: String,
}

/// `POST /manage/packages/{id}/bulk/{work}/end`: says to when, and shows what would change.
pub async fn end(s: Signed, path: Path<(PackageId, BulkWorkId)>, Form(raw): Form<RawEnd>) -> Answer {
    let (package, id) = path.into_inner();
    let mut errors = FormErrors::new();
    let end = if raw.to == "policy" {
        Some(NewEnd::Policy)
    } else {
        match errors.take("day", period::typed(&raw.day, true, s.tz())) {
            Some(Some(at)) => Some(NewEnd::At { at }),
            Some(None) => {
                errors.add("day", "Choose the last day.");
                None
            }
            None => None,
        }
    };
    if let Some(end) = end {
        let reason = raw.reason.clone();
        let checked = s
            .attempt(move |tx, cx, me| {
                PackageHead::load(tx, me, CatalogTask::Assignments, package)?;
                of_package(tx, package, id)?;
                bulk::check_end(tx, cx, me, id, end, &reason)
            })
            .await?;
        match checked {
            Ok(()) => return redirect(paths::bulk(package, id)),
            Err(refusal) => errors = refusal.into(),
        }
    }
    let loaded = load(&s, (package, id), String::new(), PageRequest::new(1)).await?;
    shown(&s, loaded, &Asked::default(), &errors, Some(&raw))
}

/// A form with nothing but its button.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST /manage/packages/{id}/bulk/{work}/cancel`
pub async fn cancel(s: Signed, path: Path<(PackageId, BulkWorkId)>, Form(_): Form<Nothing>) -> Answer {
    let (package, id) = path.into_inner();
    let stopped = s
        .attempt(move |tx, cx, me| {
            PackageHead::load(tx, me, CatalogTask::Assignments, package)?;
            of_package(tx, package, id)?;
            bulk::cancel(tx, cx, me, id)
        })
        .await?;
    let flash = match stopped {
        Ok(()) => Flash::success("Stopped. What was done stays done."),
        Err(refusal) => Flash::warning(refusal.to_string()),
    };
    redirect_with(paths::bulk(package, id), flash)
}

/// `POST /manage/packages/{id}/bulk/{work}/discard`
pub async fn discard(s: Signed, path: Path<(PackageId, BulkWorkId)>, Form(_): Form<Nothing>) -> Answer {
    let (package, id) = path.into_inner();
    let gone = s
        .attempt(move |tx, _, me| {
            PackageHead::load(tx, me, CatalogTask::Assignments, package)?;
            of_package(tx, package, id)?;
            bulk::discard(tx, me, id)
        })
        .await?;
    match gone {
        Ok(_) => redirect_with(
            paths::manage_package_tab(package, "assignments"),
            Flash::info("Nothing was changed."),
        ),
        Err(refusal) => redirect_with(paths::bulk(package, id), Flash::warning(refusal.to_string())),
    }
}

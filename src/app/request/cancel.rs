//! Taking a request back (SPEC REQ-5).

use serde_json::json;

use super::{end, package_name, record, stage, words};
use crate::app::{AppError, Cx};
use crate::domain::access::{self, Principal};
use crate::domain::assignment::EndReason;
use crate::domain::request::{Canceler, RequestState, check_cancel};
use crate::domain::timeline::Step;
use crate::kernel::ids::RequestId;
use crate::store::{Tx, assignments, lasting, requests};

/// Cancels: the requestor and the person it is for while it is pending or scheduled; whoever manages assignments
/// in the catalog also while it is being delivered or after that failed. What was delivered already is taken
/// back.
pub fn cancel(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: RequestId,
    by: &Principal,
    reason: &str,
) -> Result<(), AppError> {
    let mut request = requests::find(tx, request)?.ok_or(AppError::NotFound)?;
    let own = request.requestor == Some(by.user) || request.subject == by.user;
    let catalog = lasting::catalog_of(tx, request.package)?;
    let canceler = match access::manage_assignments(by, catalog) {
        Ok(_) => Canceler::Manager,
        Err(_) if own => Canceler::Requestor,
        Err(denied) => return Err(denied.into()),
    };
    check_cancel(request.state, request.kind, canceler)?;
    let reason = words(reason)?;
    let before = request.state;
    // A request that changes access leaves the access as it is.
    if request.kind.adds()
        && let Some(id) = request.assignment
        && let Some(mut held) = assignments::find(tx, id)?
        && held.state.is_live()
    {
        let why = if own { EndReason::RemovedByUser } else { EndReason::RemovedByAdministrator };
        end::close(tx, cx, &mut held, why, cx.now)?;
        end::take_back(tx, cx, &request, &held)?;
    }
    stage::finish(tx, cx, &mut request, RequestState::Canceled, &Step::Canceled { reason: reason.clone() })?;
    let package = package_name(tx, request.package)?;
    let change = record(&request, "request.cancel", &package)
        .change(json!({ "state": before }), json!({ "state": request.state }));
    cx.record(tx, change.because(reason));
    Ok(())
}

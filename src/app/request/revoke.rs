//! An approver takes back what they approved, while the access lives (SPEC APR-10).

use super::end;
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::domain::assignment::EndReason;
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::ids::{AssignmentId, RequestId};
use crate::store::requests::{self, Request};
use crate::store::{Conn, Tx, assignments};

/// The access that this person may end because they approved this request: as the one who decided, or as the one
/// in whose place it was decided. Whoever approved nothing of it gets *not found*; a refusal says why there is
/// nothing to end.
pub fn revocable(
    conn: &mut Conn,
    who: &Principal,
    id: RequestId,
) -> Result<(Request, AssignmentId), AppError> {
    let request = requests::find(conn, id)?.ok_or(AppError::NotFound)?;
    if !requests::approved_by(conn, id, who.user)? {
        return Err(AppError::NotFound);
    }
    let why_not = match (request.state, request.assignment) {
        (RequestState::PendingApproval, _) => "the request still waits for other approvers",
        (_, None) => "the request ended without access",
        (RequestState::Denied | RequestState::Expired | RequestState::Canceled, _) => {
            "the request was not carried out"
        }
        (_, Some(held)) => match assignments::find(conn, held)? {
            Some(a) if a.state.is_live() => return Ok((request, held)),
            _ => "it has ended already",
        },
    };
    Err(Refusal::NothingToRevoke(why_not).into())
}

/// Ends the access, with a reason that the person reads.
pub fn revoke(
    tx: &mut Tx<'_>,
    cx: &Cx,
    by: &Principal,
    request: RequestId,
    reason: &str,
) -> Result<RequestId, AppError> {
    let (_, held) = revocable(tx, by, request)?;
    if reason.trim().is_empty() {
        return Err(Refusal::RevokeReasonRequired.into());
    }
    let held = assignments::find(tx, held)?.ok_or(AppError::NotFound)?;
    end::end(tx, cx, held, RequestKind::ApproverRemove, EndReason::RemovedByApprover, reason)
}

//! What people answer who were asked to deliver by hand, as the answer of any other target.

use super::outcome::{self, Came};
use crate::app::{AppError, Cx};
use crate::domain::delivery::ConnectorError;
use crate::domain::order::Reply;
use crate::kernel::ids::AssignmentId;
use crate::store::assignments::{Assignment, Delivery};
use crate::store::{Tx, assignments};

/// Writes down that a person gave a role or took it back, or why they cannot. See [`settled`] for what follows.
pub fn answered(
    tx: &mut Tx<'_>,
    cx: &Cx,
    held: &Assignment,
    row: &mut Delivery,
    answer: Result<(), String>,
) -> Result<(), AppError> {
    let request = outcome::story_of(tx, held)?.ok_or(AppError::NotFound)?;
    let came = Came::Answered(answer.map(|()| Reply::Done).map_err(ConnectorError::Refused));
    outcome::mark_by(tx, cx, cx.user(), &request, held, row, came)
}

/// Brings an assignment and its request up to date after its deliveries were answered (SPEC DLV-1, DLV-5).
pub fn settled(tx: &mut Tx<'_>, cx: &Cx, id: AssignmentId) -> Result<(), AppError> {
    let Some(mut held) = assignments::find(tx, id)? else {
        return Ok(());
    };
    match outcome::story_of(tx, &held)? {
        Some(mut request) => outcome::finish(tx, cx, &mut request, &mut held),
        None => Ok(()),
    }
}

//! Emailed decision links (SPEC APR-12): making one when a mail is rendered, finding out what it lets its visitor
//! see, mailing one-time codes, and deciding through it.
//!
//! A link is a pointer with a narrow right, not a sign-in. What it permits is judged in one place (`judge`) for
//! looking and for deciding alike; only looking never writes.

mod decide;
mod judge;
mod mint;

pub use decide::{Outcome, Through, decide, request_code};
pub use judge::{Open, Standing, judge};
pub use mint::{Minted, make_code, mint};

use crate::app::{AppError, Cx};
use crate::domain::approval::Step;
use crate::kernel::ids::{RequestId, UserId};
use crate::store::{Tx, links};

/// After a decision, by whatever way it came: the approver's links for the stage are dead, and everybody's if the
/// stage is over.
pub fn retire(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: RequestId,
    stage: u8,
    by: UserId,
    outcome: &Step,
) -> Result<(), AppError> {
    match outcome {
        Step::Counted { .. } => links::revoke_of(tx, request, stage, by, cx.now)?,
        Step::NextStage(_) | Step::Approved | Step::Denied => {
            links::revoke_stage(tx, request, stage, cx.now)?
        }
    };
    Ok(())
}

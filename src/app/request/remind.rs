//! Reminding people that access which they can extend ends soon (SPEC NOT-2).

use super::extend::standing;
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::extension;
use crate::domain::notice::Notice;
use crate::kernel::ids::AssignmentId;
use crate::store::assignments::{self, Assignment};
use crate::store::{Conn, Tx};

/// Can its holder extend this access now? `Err` is why not.
pub fn can_extend(conn: &mut Conn, cx: &Cx, held: &Assignment) -> Result<Result<(), Refusal>, AppError> {
    let now = standing(conn, held)?;
    Ok(extension::check(&now.facts, cx.now, cx.instance.time_zone))
}

/// Takes up a reminder that was planned for now or before: plans the next one and, if the holder can extend the
/// access, owes them a mail. True if a mail was due.
pub fn remind_holder(tx: &mut Tx<'_>, cx: &Cx, id: AssignmentId) -> Result<bool, AppError> {
    let Some(mut held) = assignments::find(tx, id)? else {
        return Ok(false);
    };
    let Some(planned) = held.remind_at.filter(|at| *at <= cx.now && held.state.is_live()) else {
        return Ok(false);
    };
    let Some(end) = held.ends_at else {
        held.remind_at = None;
        assignments::save(tx, &mut held)?;
        return Ok(false);
    };
    let reminding = extension::remind(planned, held.starts_at, end, cx.now);
    held.remind_at = reminding.next;
    assignments::save(tx, &mut held)?;
    if !reminding.due || can_extend(tx, cx, &held)?.is_err() {
        return Ok(false);
    }
    // The day before is told at most once for an end, and so are the two weeks before.
    let key = format!("{id}/{end}/{planned}");
    let notice = Notice::ExtensionReminder { assignment: id, ends_at: end };
    notices::send(tx, cx, held.subject_id, notice, &key)?;
    Ok(true)
}

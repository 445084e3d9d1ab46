//! Background work as administrators handle it (SPEC section 14, Jobs): trying a failed job again, and having recurring
//! work done before its time.

use serde_json::json;
use uuid::Uuid;

use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::kernel::ids::{EntityId as _, JobId};
use crate::store::jobs::{self, JobState};
use crate::store::{Tx, schedules};

/// Puts a failed job back into the queue, to be done now with all its attempts.
pub fn retry(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, id: JobId) -> Result<(), AppError> {
    access::manage_directory(by)?;
    let kind = jobs::kind(tx, id)?.ok_or(AppError::NotFound)?;
    let again = tx.attempt(|tx| jobs::again(tx, id, cx.now)).map_err(|error| {
        if error.is_taken("jobs_dedupe_key_key") {
            AppError::from(Refusal::JobWaitsAlready)
        } else {
            error.into()
        }
    })?;
    if !again {
        return Err(Refusal::JobNotFailed.into());
    }
    let record = Record::of("job.retry", ObjectKind::Job, id.uuid(), kind).change(
        json!({ "state": JobState::Failed.as_str() }),
        json!({ "state": JobState::Waiting.as_str() }),
    );
    cx.record(tx, record);
    Ok(())
}

/// Makes recurring work due now; whoever runs the schedule takes it up within seconds.
pub fn run_now(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, name: &str) -> Result<(), AppError> {
    access::manage_directory(by)?;
    if !schedules::bring_forward(tx, name, cx.now)? {
        return Err(AppError::NotFound);
    }
    // A schedule has a name and no id.
    cx.record(tx, Record::of("schedule.runNow", ObjectKind::Schedule, Uuid::nil(), name));
    Ok(())
}

//! What notices about bulk work, and about ends that were changed, tell (SPEC ASG-2).

use super::{Loader, Told, no};
use crate::app::AppError;
use crate::domain::timeline::Step;
use crate::kernel::ids::{AssignmentId, BulkWorkId, RequestId};
use crate::mail::facts::{BulkResult, Facts};
use crate::store::{assignments, bulk, lasting, people, requests};

impl Loader<'_, '_> {
    pub(super) fn bulk_result(&mut self, id: BulkWorkId) -> Result<Told, AppError> {
        let Some(work) = bulk::find(self.tx, id)?.filter(|w| w.created_by == self.user) else {
            return no("the work is not there any more");
        };
        if work.finished_at.is_none() {
            return no("the work is not over");
        }
        let c = work.counts;
        Ok(Ok(Facts::BulkResult(BulkResult {
            work: id,
            package_id: work.package,
            package: lasting::package_name(self.tx, work.package)?,
            kind: work.kind,
            state: work.state,
            note: work.note,
            total: c.total,
            done: c.done,
            skipped: c.skipped,
            refused: c.refused,
            failed: c.failed,
        })))
    }

    /// Still true only if the access stands and ends as this change said.
    pub(super) fn end_changed(&mut self, request: RequestId, id: AssignmentId) -> Result<Told, AppError> {
        let Some(a) = assignments::find(self.tx, id)?.filter(|a| a.state.is_live()) else {
            return no("the access has ended");
        };
        if !self.wanted(&a)? {
            return no("the policy sends no such mails");
        }
        let Some(made) = requests::find(self.tx, request)? else {
            return no("the change is not there any more");
        };
        let steps = requests::steps(self.tx, request)?;
        let changed = steps.into_iter().find_map(|entry| match entry.step {
            Step::EndChanged { before, ends_at, reason } => Some((before, ends_at, reason)),
            _ => None,
        });
        let Some((before, ends_at, reason)) = changed else {
            return no("nothing was changed");
        };
        if a.ends_at != ends_at {
            return no("the access has another end by now");
        }
        let by = match made.requestor {
            Some(by) => people::name(self.tx, by)?,
            None => "The portal".to_owned(),
        };
        let access = self.access(&a)?;
        Ok(Ok(Facts::EndChanged { access, before, by, reason }))
    }
}

//! What notices about access tell.

use super::{Loader, Told, no};
use crate::app::{AppError, request};
use crate::domain::access;
use crate::domain::assignment::{AssignmentState, effective};
use crate::domain::delivery::DeliveryState;
use crate::domain::request::RequestState;
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, DeliveryId, RequestId};
use crate::mail::facts::{Access, Facts, Less};
use crate::store::{assignments, lasting, notice_facts, people, principals, requests};

impl Loader<'_, '_> {
    pub(super) fn access(&mut self, a: &assignments::Assignment) -> Result<Access, AppError> {
        let (package, _) = notice_facts::package(self.tx, a.package_id)?;
        Ok(Access {
            assignment: a.id,
            package,
            roles: notice_facts::assignment_roles(self.tx, a.id)?,
            ends_at: a.ends_at,
            holder: if a.subject_id == self.user {
                None
            } else {
                Some((a.subject_id, people::name(self.tx, a.subject_id)?))
            },
            less: None,
        })
    }

    pub(super) fn wanted(&mut self, a: &assignments::Assignment) -> Result<bool, AppError> {
        Ok(notice_facts::terms(self.tx, a.policy_id, a.policy_version)?.notify)
    }

    /// What was asked and what was allowed of it, the strictest of all stages.
    fn less(&mut self, request: RequestId) -> Result<Option<Less>, AppError> {
        let allowed = requests::allowed(&requests::votes_of(self.tx, request)?);
        if allowed.is_empty() {
            return Ok(None);
        }
        // The first one knows what was asked; the later ones only what was left of it.
        let steps = requests::steps(self.tx, request)?;
        Ok(steps.into_iter().find_map(|entry| match entry.step {
            Step::Narrowed { asked_start, asked_end, .. } => Some(Less { allowed, asked_start, asked_end }),
            _ => None,
        }))
    }

    pub(super) fn access_delivered(
        &mut self,
        request: RequestId,
        id: AssignmentId,
    ) -> Result<Told, AppError> {
        let Some(a) = assignments::find(self.tx, id)? else {
            return no("the assignment is not there any more");
        };
        if a.state != AssignmentState::Delivered || !effective(a.state, a.starts_at, a.ends_at, self.cx.now) {
            return no("the access is not there, or not any more");
        }
        if !self.wanted(&a)? {
            return no("the policy sends no such mails");
        }
        let mut access = self.access(&a)?;
        access.less = self.less(request)?;
        Ok(Ok(Facts::AccessDelivered { access }))
    }

    /// Still true only if the access stands, ends as it did when this was written, can be extended, and nobody
    /// has asked for that yet (SPEC NOT-1, NOT-2).
    pub(super) fn extension_reminder(&mut self, id: AssignmentId, ends_at: Moment) -> Result<Told, AppError> {
        let Some(a) = assignments::find(self.tx, id)? else {
            return no("the assignment is not there any more");
        };
        if !effective(a.state, a.starts_at, a.ends_at, self.cx.now) {
            return no("the access has ended");
        }
        if a.ends_at != Some(ends_at) {
            return no("the access has another end by now");
        }
        let terms = notice_facts::terms(self.tx, a.policy_id, a.policy_version)?;
        if !terms.notify {
            return no("the policy sends no such mails");
        }
        if let Err(refusal) = request::can_extend(self.tx, self.cx, &a)? {
            return no(refusal.to_string());
        }
        let access = self.access(&a)?;
        Ok(Ok(Facts::ExtensionReminder { access, ends_at }))
    }

    /// Still true only while it is given up, and while the recipient can do something about it.
    pub(super) fn delivery_failed(&mut self, request: RequestId, id: DeliveryId) -> Result<Told, AppError> {
        let Some(row) = assignments::find_delivery(self.tx, id)?.filter(assignments::Delivery::given_up)
        else {
            return no("it has been tried again since");
        };
        let Some(a) = assignments::find(self.tx, row.assignment_id)? else {
            return no("the assignment is not there any more");
        };
        let catalog = lasting::catalog_of(self.tx, a.package_id)?;
        let may = principals::load(self.tx, self.user)?
            .is_some_and(|p| access::manage_assignments(&p, catalog).is_ok());
        if !may {
            return no("the person does not manage the assignment any more");
        }
        let (package, _) = notice_facts::package(self.tx, a.package_id)?;
        let (role, _) = lasting::role(self.tx, row.resource_role_id)?;
        Ok(Ok(Facts::DeliveryFailed {
            request,
            package,
            person: people::name(self.tx, a.subject_id)?,
            role,
            removal: row.state == DeliveryState::Removing,
            error: row.error.unwrap_or_default(),
        }))
    }

    pub(super) fn access_ended(&mut self, request: RequestId, id: AssignmentId) -> Result<Told, AppError> {
        let Some(a) = assignments::find(self.tx, id)? else {
            return no("the assignment is not there any more");
        };
        if a.state != AssignmentState::Expired {
            return no("the access has not ended");
        }
        if !self.wanted(&a)? {
            return no("the policy sends no such mails");
        }
        let mut access = self.access(&a)?;
        access.ends_at = a.ended_at.or(a.ends_at);
        // The words of whoever ended it; the person's own need no repetition.
        let ended = requests::find(self.tx, request)?;
        if ended.as_ref().is_some_and(|r| r.state == RequestState::Canceled) {
            // It never started: why not is the last thing that its timeline says (SPEC DLV-8).
            let steps = requests::steps(self.tx, request)?;
            let why = steps.into_iter().rev().find_map(|entry| match entry.step {
                Step::Canceled { reason } => Some(reason),
                _ => None,
            });
            let why = why.unwrap_or_default();
            return Ok(Ok(Facts::AccessEnded { access, why, reason: String::new(), begun: false }));
        }
        let reason = ended
            .filter(|r| r.requestor.is_some_and(|by| by != a.subject_id))
            .map(|r| r.justification)
            .unwrap_or_default();
        let why = a.end_reason.map_or("", |r| r.words()).to_owned();
        Ok(Ok(Facts::AccessEnded { access, why, reason, begun: true }))
    }
}

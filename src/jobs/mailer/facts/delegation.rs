//! What notices about delegations tell (SPEC APR-11).

use super::{Loader, Told, no};
use crate::app::AppError;
use crate::domain::delegation::Phase;
use crate::kernel::ids::DelegationId;
use crate::mail::facts::Facts;
use crate::store::{delegations, people};

impl Loader<'_, '_> {
    pub(super) fn approval_delegated(&mut self, id: DelegationId) -> Result<Told, AppError> {
        let found = delegations::find(self.tx, id)?.filter(|d| d.delegate == self.user);
        let Some(d) = found else {
            return no("the delegation is not there");
        };
        if d.phase(self.cx.now) == Phase::Over {
            return no("the delegation is over");
        }
        Ok(Ok(Facts::ApprovalDelegated {
            by: people::name(self.tx, d.delegator)?,
            from: d.starts_at,
            until: d.ends_at,
            reason: d.reason,
        }))
    }

    pub(super) fn delegation_ended(&mut self, id: DelegationId) -> Result<Told, AppError> {
        let found = delegations::find(self.tx, id)?.filter(|d| d.delegate == self.user);
        let Some((d, ended)) = found.and_then(|d| Some((d.ended_at?, d))).map(|(at, d)| (d, at)) else {
            return no("the delegation goes on");
        };
        let begun = d.starts_at <= ended;
        Ok(Ok(Facts::DelegationEnded { by: people::name(self.tx, d.delegator)?, begun }))
    }
}

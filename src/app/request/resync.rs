//! Carrying a change of what a package grants to those who hold it (SPEC PKG-3).

use std::collections::BTreeSet;

use super::{deliver, outcome};
use crate::app::{AppError, Cx};
use crate::domain::assignment::AssignmentState;
use crate::domain::delivery::DeliveryState;
use crate::domain::timeline::Step;
use crate::kernel::ids::{AssignmentId, ResourceRoleId};
use crate::store::assignments::{self, Delivery};
use crate::store::{Tx, lasting, requests};

/// Gives an assignment the roles that its package grants now, and takes the others back. It may run twice, or after
/// further changes: it only looks at what is and what should be. True if there was anything to do.
pub fn resync(tx: &mut Tx<'_>, cx: &Cx, id: AssignmentId) -> Result<bool, AppError> {
    let Some(mut held) = assignments::find(tx, id)? else {
        return Ok(false);
    };
    if matches!(held.state, AssignmentState::Expired | AssignmentState::Scheduled) {
        return Ok(false);
    }
    let wanted: BTreeSet<ResourceRoleId> =
        assignments::roles_of_package(tx, held.package_id)?.into_iter().collect();
    let rows = assignments::deliveries_of(tx, id)?;
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for role in wanted.iter().filter(|role| !rows.iter().any(|row| row.resource_role_id == **role)) {
        let row = Delivery {
            id: cx.id(),
            assignment_id: id,
            resource_role_id: *role,
            state: DeliveryState::Pending,
            error: None,
            attempts: 0,
            due_at: Some(cx.now),
            updated_at: cx.now,
            version: 1,
            tries: 0,
            trying_since: None,
        };
        assignments::insert_delivery(tx, &row)?;
        added.push(lasting::role(tx, *role)?.0);
    }
    for mut row in rows {
        let role = row.resource_role_id;
        let gone = matches!(row.state, DeliveryState::Removing | DeliveryState::Removed);
        match (wanted.contains(&role), gone) {
            (true, false) | (false, true) => continue,
            (true, true) => {
                row.begin_anew(DeliveryState::Pending, cx.now);
                added.push(lasting::role(tx, role)?.0);
            }
            (false, false) => {
                deliver::let_go(tx, cx, &held, &mut row)?;
                removed.push(lasting::role(tx, role)?.0);
            }
        }
        assignments::save_delivery(tx, &mut row)?;
    }
    if added.is_empty() && removed.is_empty() {
        return Ok(false);
    }
    let Some(mut story) = outcome::story_of(tx, &held)? else {
        return Err(AppError::NotFound);
    };
    let step = Step::PackageChanged { added, removed };
    requests::push_step(tx, cx.id(), story.id, cx.now, None, &step)?;
    deliver::work(tx, cx, &story, &held)?;
    outcome::finish(tx, cx, &mut story, &mut held)?;
    Ok(true)
}

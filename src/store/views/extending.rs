//! Which access its holders can extend, for lists (SPEC LIF-2). What costs more to find out, such as whether the
//! policy still admits the person, the form tells.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::browse::open_states;
use crate::domain::policy::Terms;
use crate::kernel::ids::{AssignmentId, PolicyId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{assignments, policies, policy_versions, requests};
use crate::store::types::Json;

/// Those of these assignments whose policy is enabled and lets people extend, and about which nothing is on its
/// way.
pub fn extendable(conn: &mut Conn, held: &[AssignmentId]) -> Result<BTreeSet<AssignmentId>, StoreError> {
    if held.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<(AssignmentId, PolicyId)> = assignments::table
        .filter(assignments::id.eq_any(held.to_vec()))
        .select((assignments::id, assignments::policy_id))
        .load(conn)?;
    let busy: Vec<Option<AssignmentId>> = requests::table
        .filter(requests::assignment_id.eq_any(held.iter().copied().map(Some).collect::<Vec<_>>()))
        .filter(requests::state.eq_any(open_states()))
        .select(requests::assignment_id)
        .load(conn)?;
    let terms: Vec<(PolicyId, Json)> = policies::table
        .inner_join(policy_versions::table)
        .filter(policies::id.eq_any(rows.iter().map(|r| r.1).collect::<BTreeSet<_>>()))
        .filter(policies::enabled.eq(true))
        .filter(policies::deleted_at.is_null())
        .filter(policy_versions::number.eq(policies::current_version))
        .select((policies::id, policy_versions::terms))
        .load(conn)?;
    let mut allowed = BTreeMap::new();
    for (policy, terms) in terms {
        allowed.insert(policy, terms.read::<Terms>()?.extension.allowed);
    }
    Ok(rows
        .into_iter()
        .filter(|(id, policy)| allowed.get(policy) == Some(&true) && !busy.contains(&Some(*id)))
        .map(|(id, _)| id)
        .collect())
}

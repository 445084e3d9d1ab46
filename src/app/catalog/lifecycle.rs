//! Applying the lifecycle of a policy to access that people hold already (SPEC LIF-3): as work on many assignments,
//! which shows who would end when, before and after, and does nothing until that is confirmed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::policies::open;
use super::same_version;
use crate::app::{AppError, Cx, bulk};
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::domain::bulk::{MOST_ROWS, NewEnd};
use crate::domain::lifecycle::{changes, follows};
use crate::kernel::ids::{AssignmentId, BulkWorkId, PolicyId};
use crate::store::{Conn, Tx, assignments, policies};

/// What is written to the people, unless whoever confirms it says something else.
const REASON: &str = "The policy of this access has another lifecycle now.";

/// The live assignments of a policy that follow its lifecycle and would end at another time by its current version.
pub fn affected(conn: &mut Conn, cx: &Cx, policy: PolicyId) -> Result<Vec<AssignmentId>, AppError> {
    let (_, current) = policies::current(conn, policy)?;
    let zone = cx.instance.time_zone;
    let (mut found, mut given) = (Vec::new(), BTreeMap::new());
    for held in assignments::live_under(conn, policy, cx.now)? {
        let given = match given.entry(held.policy_version) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(gap) => *gap.insert(policies::terms(conn, policy, held.policy_version)?.expiry),
        };
        if follows(given, held.starts_at, held.ends_at, zone)
            && changes(current.expiry, held.starts_at, held.ends_at, zone)
        {
            found.push(held.id);
        }
    }
    Ok(found)
}

/// Drafts the work that gives them the end of the current version. `version` is that of the policy that was shown.
pub fn draft(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PolicyId,
    version: i64,
) -> Result<BulkWorkId, AppError> {
    let (policy, _, _permit) = open(tx, me, id)?;
    same_version(version, policy.version)?;
    let ids = affected(tx, cx, id)?;
    if ids.len() > MOST_ROWS {
        return Err(Refusal::TooMany(MOST_ROWS).into());
    }
    let work = bulk::end_draft(tx, cx, me, policy.package, &ids)?;
    bulk::check_end(tx, cx, me, work, NewEnd::Policy, REASON)?;
    Ok(work)
}

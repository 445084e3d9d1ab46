//! A package as those who manage it see it: its numbers, policies, assignments and requests (SPEC PKG-6).

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::domain::assignment::AssignmentState;
use crate::domain::policy::Terms;
use crate::domain::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, PackageId, PolicyId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, package_conflicts, package_roles, policies, policy_versions, requests, users,
};
use crate::store::types::Json;

/// The numbers of a package.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackageNumbers {
    /// People who hold it, or will.
    pub live: i64,
    /// Requests that wait for a decision.
    pub pending: i64,
    /// Requests in all.
    pub requests: i64,
    /// Assignments whose delivery failed, in part or whole.
    pub failed: i64,
}

/// The numbers of one package.
pub fn numbers(conn: &mut Conn, id: PackageId) -> Result<PackageNumbers, StoreError> {
    let by_state: Vec<(AssignmentState, i64)> = assignments::table
        .filter(assignments::package_id.eq(id))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .group_by(assignments::state)
        .select((assignments::state, count_star()))
        .load(conn)?;
    let failed = |s: AssignmentState| {
        matches!(s, AssignmentState::PartiallyDelivered | AssignmentState::DeliveryFailed)
    };
    Ok(PackageNumbers {
        live: by_state.iter().map(|(_, n)| n).sum(),
        failed: by_state.iter().filter(|(s, _)| failed(*s)).map(|(_, n)| n).sum(),
        pending: requests::table
            .filter(requests::package_id.eq(id))
            .filter(requests::state.eq(RequestState::PendingApproval))
            .count()
            .get_result(conn)?,
        requests: requests::table.filter(requests::package_id.eq(id)).count().get_result(conn)?,
    })
}

/// How many live assignments each policy of the package governs.
pub fn held_by_policy(conn: &mut Conn, package: PackageId) -> Result<HashMap<PolicyId, i64>, StoreError> {
    Ok(assignments::table
        .filter(assignments::package_id.eq(package))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .group_by(assignments::policy_id)
        .select((assignments::policy_id, count_star()))
        .load::<(PolicyId, i64)>(conn)?
        .into_iter()
        .collect())
}

/// A version of a policy (SPEC POL-4).
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// Its number, from 1.
    pub number: i32,
    /// What it says.
    pub terms: Terms,
    /// Who made it; `None` is the system.
    pub by: Option<String>,
    /// When.
    pub at: Moment,
}

/// The versions of a policy, the newest first.
pub fn versions(conn: &mut Conn, policy: PolicyId) -> Result<Vec<VersionRow>, StoreError> {
    let rows: Vec<(i32, Json, Option<String>, Moment)> = policy_versions::table
        .left_join(users::table)
        .filter(policy_versions::policy_id.eq(policy))
        .order(policy_versions::number.desc())
        .select((
            policy_versions::number,
            policy_versions::terms,
            users::display_name.nullable(),
            policy_versions::created_at,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(number, terms, by, at)| Ok(VersionRow { number, terms: terms.read()?, by, at }))
        .collect()
}

/// One assignment of a package.
pub fn assignment(
    conn: &mut Conn,
    package: PackageId,
    id: AssignmentId,
) -> Result<Option<(UserId, String, AssignmentState)>, StoreError> {
    Ok(assignments::table
        .inner_join(users::table)
        .filter(assignments::id.eq(id))
        .filter(assignments::package_id.eq(package))
        .select((users::id, users::display_name, assignments::state))
        .first(conn)
        .optional()?)
}

/// How many resource roles the package grants.
pub fn count_roles(conn: &mut Conn, package: PackageId) -> Result<i64, StoreError> {
    Ok(package_roles::table.filter(package_roles::package_id.eq(package)).count().get_result(conn)?)
}

/// How many policies the package has.
pub fn count_policies(conn: &mut Conn, package: PackageId) -> Result<i64, StoreError> {
    Ok(policies::table
        .filter(policies::package_id.eq(package))
        .filter(policies::deleted_at.is_null())
        .count()
        .get_result(conn)?)
}

/// How many packages and groups the package cannot be held together with (SPEC SOD-1).
pub fn count_conflicts(conn: &mut Conn, package: PackageId) -> Result<i64, StoreError> {
    Ok(package_conflicts::table.filter(package_conflicts::package_id.eq(package)).count().get_result(conn)?)
}

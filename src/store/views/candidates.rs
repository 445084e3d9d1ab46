//! Which pending requests a person may be among the deciders of: as little as SQL can tell, and never too little.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::domain::access::{CatalogRole, DirectoryRole};
use crate::domain::request::RequestState;
use crate::kernel::ids::{CatalogId, RequestId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{
    catalog_role_grants, directory_role_grants, group_members, groups, organization_sponsors, package_roles,
    packages, requests, resource_owners, resource_roles, stage_approvers, user_sponsors, users,
};
use crate::store::{approvers, people};

/// Requests that these people may be among the deciders of: whoever of them can decide one, it is in here. Several,
/// because a delegate looks for those whose place they take, too (SPEC APR-11).
pub(super) fn candidates(
    conn: &mut Conn,
    people: &BTreeSet<UserId>,
) -> Result<BTreeSet<RequestId>, StoreError> {
    let mut found: BTreeSet<RequestId> = named(conn, people)?.into_iter().collect();
    let owned = owned_catalogs(conn, people)?;
    if !owned.is_empty() {
        found.extend(pending_in(conn, &owned)?);
    }
    if has_administrator(conn, people)? {
        found.extend(left_to_administrators(conn)?);
    }
    Ok(found)
}

/// Pending requests whose current stage names one of the people, in whatever way.
fn named(conn: &mut Conn, people: &BTreeSet<UserId>) -> Result<Vec<RequestId>, StoreError> {
    let all = || people.iter().copied();
    let reports: Vec<UserId> = users::table
        .filter(users::manager_id.assume_not_null().eq_any(all()))
        .select(users::id)
        .load(conn)?;
    let second: Vec<UserId> = if reports.is_empty() {
        Vec::new()
    } else {
        users::table
            .filter(users::manager_id.assume_not_null().eq_any(reports.clone()))
            .select(users::id)
            .load(conn)?
    };
    let my_groups = group_members::table
        .inner_join(groups::table)
        .filter(group_members::user_id.eq_any(all()))
        .filter(groups::deleted_at.is_null())
        .select(group_members::group_id.nullable());
    let sponsored =
        user_sponsors::table.filter(user_sponsors::sponsor_id.eq_any(all())).select(user_sponsors::user_id);
    let of_sponsored_organizations = |internal: bool| {
        users::table
            .inner_join(
                organization_sponsors::table
                    .on(users::organization_id.eq(organization_sponsors::organization_id.nullable())),
            )
            .filter(organization_sponsors::user_id.eq_any(all()))
            .filter(organization_sponsors::internal.eq(internal))
            .select(users::id)
    };
    let with_my_resources = package_roles::table
        .inner_join(resource_roles::table)
        .inner_join(resource_owners::table.on(resource_owners::resource_id.eq(resource_roles::resource_id)))
        .filter(resource_owners::user_id.eq_any(all()))
        .select(package_roles::package_id);
    let kind = |word: &'static str| stage_approvers::kind.eq(word);
    Ok(stage_approvers::table
        .inner_join(requests::table)
        .filter(requests::state.eq(RequestState::PendingApproval))
        .filter(requests::stage.eq(stage_approvers::stage))
        .filter(
            stage_approvers::user_id
                .assume_not_null()
                .eq_any(all())
                .or(stage_approvers::group_id.eq_any(my_groups))
                .or(kind("manager")
                    .and(stage_approvers::level.le(1))
                    .and(requests::subject_id.eq_any(reports)))
                .or(kind("manager")
                    .and(stage_approvers::level.ge(2))
                    .and(requests::subject_id.eq_any(second)))
                .or(kind("sponsors").and(requests::subject_id.eq_any(sponsored)))
                .or(kind("internalSponsors")
                    .and(requests::subject_id.eq_any(of_sponsored_organizations(true))))
                .or(kind("externalSponsors")
                    .and(requests::subject_id.eq_any(of_sponsored_organizations(false))))
                .or(kind("resourceOwners").and(requests::package_id.eq_any(with_my_resources))),
        )
        .select(requests::id)
        .distinct()
        .load(conn)?)
}

/// The catalogs that one of the people owns, directly or through a group.
fn owned_catalogs(conn: &mut Conn, people: &BTreeSet<UserId>) -> Result<BTreeSet<CatalogId>, StoreError> {
    let all = || people.iter().copied();
    let my_groups = group_members::table
        .inner_join(groups::table)
        .filter(group_members::user_id.eq_any(all()))
        .filter(groups::deleted_at.is_null())
        .select(group_members::group_id.nullable());
    let owned: Vec<CatalogId> = catalog_role_grants::table
        .filter(catalog_role_grants::role.eq(CatalogRole::Owner))
        .filter(
            catalog_role_grants::user_id
                .assume_not_null()
                .eq_any(all())
                .or(catalog_role_grants::group_id.eq_any(my_groups)),
        )
        .select(catalog_role_grants::catalog_id)
        .load(conn)?;
    Ok(owned.into_iter().collect())
}

fn pending_in(conn: &mut Conn, catalogs: &BTreeSet<CatalogId>) -> Result<Vec<RequestId>, StoreError> {
    Ok(requests::table
        .inner_join(packages::table)
        .filter(requests::state.eq(RequestState::PendingApproval))
        .filter(packages::catalog_id.eq_any(catalogs.iter().copied()))
        .select(requests::id)
        .load(conn)?)
}

fn has_administrator(conn: &mut Conn, people: &BTreeSet<UserId>) -> Result<bool, StoreError> {
    let all = || people.iter().copied();
    let my_groups = group_members::table
        .inner_join(groups::table)
        .filter(group_members::user_id.eq_any(all()))
        .filter(groups::deleted_at.is_null())
        .select(group_members::group_id.nullable());
    let grants: i64 = directory_role_grants::table
        .filter(directory_role_grants::role.eq(DirectoryRole::Administrator))
        .filter(
            directory_role_grants::user_id
                .assume_not_null()
                .eq_any(all())
                .or(directory_role_grants::group_id.eq_any(my_groups)),
        )
        .count()
        .get_result(conn)?;
    Ok(grants > 0)
}

/// Pending requests that can only be the administrators': the catalog has no enabled owner, or none but the
/// requestor and the person whom the request is for (SPEC APR-3). More than two owners always leave one.
fn left_to_administrators(conn: &mut Conn) -> Result<Vec<RequestId>, StoreError> {
    let all: Vec<CatalogId> = requests::table
        .inner_join(packages::table)
        .filter(requests::state.eq(RequestState::PendingApproval))
        .select(packages::catalog_id)
        .distinct()
        .load(conn)?;
    let all: BTreeSet<CatalogId> = all.into_iter().collect();
    let owners = approvers::catalog_owners(conn, &all)?;
    let enabled = people::enabled_among(conn, &owners.values().flatten().copied().collect())?;
    let left = |catalog: &CatalogId| -> BTreeSet<UserId> {
        owners.get(catalog).map(|o| o.intersection(&enabled).copied().collect()).unwrap_or_default()
    };
    let orphans: BTreeSet<CatalogId> = all.iter().copied().filter(|c| left(c).is_empty()).collect();
    let few: BTreeSet<CatalogId> = all.iter().copied().filter(|c| (1..=2).contains(&left(c).len())).collect();
    let asking: BTreeSet<UserId> = few.iter().flat_map(left).collect();
    let mut found = if orphans.is_empty() { Vec::new() } else { pending_in(conn, &orphans)? };
    if !few.is_empty() {
        let own: Vec<RequestId> = requests::table
            .inner_join(packages::table)
            .filter(requests::state.eq(RequestState::PendingApproval))
            .filter(packages::catalog_id.eq_any(few))
            .filter(
                requests::subject_id
                    .eq_any(asking.clone())
                    .or(requests::requestor_id.assume_not_null().eq_any(asking)),
            )
            .select(requests::id)
            .load(conn)?;
        found.extend(own);
    }
    Ok(found)
}

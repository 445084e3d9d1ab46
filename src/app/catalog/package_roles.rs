//! What a package grants, and what a change of it means to those who hold it (SPEC PKG-1, PKG-3).

use std::collections::BTreeSet;

use serde_json::json;

use super::packages::{check_on_offer, open};
use super::same_version;
use crate::app::{AppError, Cx, request};
use crate::domain::Refusal;
use crate::domain::access::{self, Principal};
use crate::domain::audit::{ObjectKind, Record};
use crate::kernel::ids::{AssignmentId, EntityId as _, JobId, PackageId, ResourceRoleId};
use crate::store::jobs::{self, NewJob};
use crate::store::package_changes::{self, PackageChange, RoleImpact};
use crate::store::{Conn, Tx, assignments, catalogs, lasting, packages};

/// The kind of the job that tries again what failed.
pub const TRY_AGAIN: &str = "packageTryAgain";

/// What a change of the package's roles would mean, before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The version of the package that was looked at.
    pub version: i64,
    /// Each role that would come or go.
    pub roles: Vec<(String, RoleImpact)>,
}

impl Preview {
    /// Does anybody hold the package, so that somebody gains or loses something?
    pub fn concerns_somebody(&self) -> bool {
        self.roles.iter().any(|(_, impact)| impact.holders > 0)
    }
}

fn sets(
    conn: &mut Conn,
    id: PackageId,
    roles: &BTreeSet<ResourceRoleId>,
) -> Result<(BTreeSet<ResourceRoleId>, BTreeSet<ResourceRoleId>, BTreeSet<ResourceRoleId>), AppError> {
    let before: BTreeSet<ResourceRoleId> = packages::roles(conn, id)?.iter().map(|r| r.role.id).collect();
    let added = roles.difference(&before).copied().collect();
    let removed = before.difference(roles).copied().collect();
    Ok((before, added, removed))
}

/// Shows what a change would mean (SPEC PKG-3).
pub fn preview(
    conn: &mut Conn,
    me: &Principal,
    id: PackageId,
    roles: &BTreeSet<ResourceRoleId>,
    now: crate::kernel::Moment,
) -> Result<Preview, AppError> {
    let (package, permit) = open(conn, me, id)?;
    check_on_offer(conn, permit.catalog(), roles)?;
    let (_, added, removed) = sets(conn, id, roles)?;
    let mut named = Vec::new();
    for impact in package_changes::impact(conn, id, &added, &removed, now)? {
        named.push((lasting::role(conn, impact.role)?.0, impact));
    }
    Ok(Preview { version: package.version, roles: named })
}

/// Changes which resource roles the package grants. Those who hold it get what comes and lose what goes, in the
/// background (SPEC PKG-3).
pub fn change_roles(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PackageId,
    version: i64,
    roles: &BTreeSet<ResourceRoleId>,
) -> Result<(), AppError> {
    let (package, permit) = open(tx, me, id)?;
    same_version(version, package.version)?;
    let (before, added, removed) = sets(tx, id, roles)?;
    if *roles == before {
        return Ok(());
    }
    catalogs::hold(tx, permit.catalog())?;
    // Growing the version waits for whoever is just beginning an assignment, so that nobody is missed.
    packages::touch(tx, id, version)?;
    check_on_offer(tx, permit.catalog(), roles)?;
    for role in &removed {
        packages::remove_role(tx, id, *role)?;
    }
    for role in &added {
        packages::add_role(tx, id, *role, cx.now)?;
    }
    packages::refresh_search(tx, id)?;
    if !package_changes::next(tx, id, None, 1)?.is_empty() {
        let change = PackageChange {
            id: cx.id(),
            package: id,
            author: cx.user(),
            made_at: cx.now,
            roles: added.union(&removed).copied().collect(),
            reached: None,
            finished_at: None,
        };
        package_changes::begin(tx, &change)?;
    }
    cx.record(
        tx,
        Record::of("package.changeRoles", ObjectKind::Package, id.uuid(), &package.name)
            .change(json!(before), json!(roles)),
    );
    Ok(())
}

/// Puts everything to work again that was given up for those who hold the package. By whoever manages assignments.
pub fn try_again(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: PackageId) -> Result<(), AppError> {
    let package = packages::find(tx, id)?.ok_or(AppError::NotFound)?;
    access::manage_assignments(me, package.catalog)?;
    if package_changes::given_up(tx, id, None, 1)?.is_empty() {
        return Err(Refusal::NothingFailed.into());
    }
    let job: JobId = cx.id();
    let new = NewJob {
        id: job,
        kind: TRY_AGAIN.to_owned(),
        payload: json!({ "package": id, "by": me.user }),
        dedupe_key: Some(format!("{TRY_AGAIN}/{id}")),
        run_at: cx.now,
        now: cx.now,
    };
    jobs::enqueue(tx, new)?;
    cx.record(tx, Record::of("package.tryAgain", ObjectKind::Package, id.uuid(), &package.name));
    Ok(())
}

/// Puts what was given up of one assignment back to work, unless somebody else was quicker.
pub fn try_one_again(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: AssignmentId) -> Result<(), AppError> {
    let Some(held) = assignments::find(tx, id)? else {
        return Ok(());
    };
    access::manage_assignments(me, lasting::catalog_of(tx, held.package_id)?)?;
    match request::again(tx, cx, id) {
        Ok(_) | Err(AppError::Refused(Refusal::NothingFailed)) => Ok(()),
        Err(error) => Err(error),
    }
}

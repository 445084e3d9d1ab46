//! Making, changing and deleting policies (SPEC POL-1 to POL-7).

use serde_json::{Value, json};

use super::packages::{NewPolicy, in_the_way, open as open_package, people};
use super::{name_taken, same_version};
use crate::app::{AppError, Cx, rules};
use crate::domain::Refusal;
use crate::domain::access::{Denied, Permit, Principal, task};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::package::{Package, Policy, PolicyFields};
use crate::domain::policy::Terms;
use crate::kernel::ids::{EntityId as _, PackageId, PolicyId};
use crate::store::packages::InTheWayOf;
use crate::store::{Conn, Tx, policies};

const NAME: &str = "policies_package_id_name_folded_key";

/// Adds a policy to a package.
pub fn create(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    package: PackageId,
    new: &NewPolicy,
) -> Result<PolicyId, AppError> {
    let (_, permit) = open_package(tx, me, package)?;
    insert(tx, cx, permit, package, new)
}

/// The same for whoever has shown already that they may.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    cx: &Cx,
    permit: Permit<task::EditPackages>,
    package: PackageId,
    new: &NewPolicy,
) -> Result<PolicyId, AppError> {
    new.terms.check()?;
    let id: PolicyId = cx.id();
    policies::insert(tx, id, package, &new.fields, new.enabled, &new.terms, Some(permit.by()), cx.now)
        .map_err(name_taken(NAME, "a policy of this package"))?;
    rules::policy_changed(tx, id)?;
    cx.record(
        tx,
        Record::of("policy.create", ObjectKind::Policy, id.uuid(), &new.fields.name).change(
            Value::Null,
            json!({ "package": package, "fields": new.fields, "enabled": new.enabled, "terms": new.terms }),
        ),
    );
    Ok(id)
}

pub(super) fn open(
    conn: &mut Conn,
    me: &Principal,
    id: PolicyId,
) -> Result<(Policy, Package, Permit<task::EditPackages>), AppError> {
    let policy = policies::find(conn, id)?.ok_or(Denied::Invisible)?;
    let (package, permit) = open_package(conn, me, policy.package)?;
    Ok((policy, package, permit))
}

/// Changes a policy. Other terms become its next version, which only new requests follow (SPEC POL-4).
pub fn edit(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PolicyId,
    version: i64,
    fields: &PolicyFields,
    terms: &Terms,
) -> Result<(), AppError> {
    let (policy, _, permit) = open(tx, me, id)?;
    same_version(version, policy.version)?;
    terms.check()?;
    let before = policies::terms(tx, id, policy.current_version)?;
    let new_terms = (before != *terms).then_some(terms);
    if new_terms.is_none() && policy.fields == *fields {
        return Ok(());
    }
    let number = policies::save_version(tx, &policy, fields, new_terms, Some(permit.by()), cx.now)
        .map_err(name_taken(NAME, "a policy of this package"))?;
    if new_terms.is_some() {
        rules::policy_changed(tx, id)?;
    }
    cx.record(
        tx,
        Record::of("policy.edit", ObjectKind::Policy, id.uuid(), &fields.name).change(
            json!({ "fields": policy.fields, "version": policy.current_version, "terms": before }),
            json!({ "fields": fields, "version": number, "terms": terms }),
        ),
    );
    Ok(())
}

/// Switches a policy on, or off for new requests and assignments; live ones go on (SPEC POL-2).
pub fn set_enabled(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: PolicyId,
    version: i64,
    enabled: bool,
) -> Result<(), AppError> {
    let (policy, _, _permit) = open(tx, me, id)?;
    same_version(version, policy.version)?;
    if policy.enabled == enabled {
        return Ok(());
    }
    policies::set_enabled(tx, id, version, enabled)?;
    rules::policy_changed(tx, id)?;
    let action = if enabled { "policy.enable" } else { "policy.disable" };
    cx.record(
        tx,
        Record::of(action, ObjectKind::Policy, id.uuid(), &policy.fields.name)
            .change(json!({ "enabled": policy.enabled }), json!({ "enabled": enabled })),
    );
    Ok(())
}

/// Deletes a policy that governs nobody's access or open request (SPEC PKG-4).
pub fn delete(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: PolicyId, version: i64) -> Result<(), AppError> {
    let (policy, _, _permit) = open(tx, me, id)?;
    same_version(version, policy.version)?;
    // First the row, so that a request that is sent at this moment either counts below or finds no policy.
    policies::delete(tx, id, version, cx.now)?;
    rules::policy_changed(tx, id)?;
    let there = in_the_way(tx, InTheWayOf::Policy(id))?;
    if !there.is_empty() {
        return Err(Refusal::PolicyInUse(people(&there)).into());
    }
    let terms = policies::terms(tx, id, policy.current_version)?;
    cx.record(
        tx,
        Record::of("policy.delete", ObjectKind::Policy, id.uuid(), &policy.fields.name)
            .change(json!({ "fields": policy.fields, "terms": terms }), Value::Null),
    );
    Ok(())
}

//! People as membership rules see them: their attributes, and what they have of that which a rule gives.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{assignments, group_members, groups, package_conflicts, packages, users};
use super::users as kept;
use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::following::Has;
use crate::domain::rule::Facts;
use crate::kernel::Moment;
use crate::kernel::ids::{GroupId, PackageId, PolicyId, UserId};

/// Somebody, for a rule.
#[derive(Debug, Clone)]
pub struct Somebody {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their department, may be empty.
    pub department: String,
    /// May they sign in?
    pub enabled: bool,
    /// Deleted people match no rule.
    pub deleted: bool,
    /// What rules ask about.
    pub facts: Facts,
}

/// These people, deleted ones too.
pub fn load(conn: &mut Conn, people: &[UserId]) -> Result<Vec<Somebody>, StoreError> {
    let all = kept::many(conn, people)?;
    somebodies(conn, all)
}

/// The next people behind this one, in the order of their ids, deleted ones too.
pub fn after(conn: &mut Conn, last: Option<UserId>, limit: i64) -> Result<Vec<Somebody>, StoreError> {
    let all = kept::after(conn, last, limit)?;
    somebodies(conn, all)
}

fn somebodies(
    conn: &mut Conn,
    all: Vec<crate::domain::directory::User>,
) -> Result<Vec<Somebody>, StoreError> {
    let managers: BTreeSet<UserId> = all.iter().filter_map(|u| u.profile.manager).collect();
    let mails: BTreeMap<UserId, String> = users::table
        .filter(users::id.eq_any(managers))
        .select((users::id, users::email))
        .load::<(UserId, String)>(conn)?
        .into_iter()
        .collect();
    Ok(all
        .into_iter()
        .map(|user| {
            let manager = user.profile.manager.and_then(|m| mails.get(&m)).map(String::as_str);
            Somebody {
                id: user.id,
                facts: Facts::of(&user.profile, user.enabled, manager),
                email: user.profile.email.to_string(),
                name: user.profile.display_name,
                department: user.profile.department,
                enabled: user.enabled,
                deleted: user.deleted_at.is_some(),
            }
        })
        .collect())
}

/// How many people there are.
pub fn everybody(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(users::table.filter(users::deleted_at.is_null()).count().get_result(conn)?)
}

/// How many people are in a group.
pub fn members(conn: &mut Conn, group: GroupId) -> Result<i64, StoreError> {
    Ok(group_members::table.filter(group_members::group_id.eq(group)).count().get_result(conn)?)
}

/// How many people hold a package by this policy.
pub fn holders(conn: &mut Conn, policy: PolicyId) -> Result<i64, StoreError> {
    Ok(assignments::table
        .filter(assignments::policy_id.eq(policy).and(assignments::state.ne(AssignmentState::Expired)))
        .count()
        .get_result(conn)?)
}

/// Which of these people are in the group; everybody who is in it with `None`.
pub fn in_group(
    conn: &mut Conn,
    group: GroupId,
    people: Option<&[UserId]>,
) -> Result<BTreeMap<UserId, Has>, StoreError> {
    let of = group_members::table.filter(group_members::group_id.eq(group)).select(group_members::user_id);
    let found: Vec<UserId> = match people {
        Some(people) => of.filter(group_members::user_id.eq_any(people)).load(conn)?,
        None => of.load(conn)?,
    };
    Ok(found.into_iter().map(|user| (user, Has::ByRule)).collect())
}

/// What these people have of a package by a policy that follows a rule; everybody who has something with `people`
/// `None`. Who is not in it has nothing.
pub fn with_package(
    conn: &mut Conn,
    package: PackageId,
    policy: Option<PolicyId>,
    people: Option<&[UserId]>,
) -> Result<BTreeMap<UserId, Has>, StoreError> {
    let mut all: BTreeMap<UserId, Has> = BTreeMap::new();
    if let Some(policy) = policy {
        // The last word counts: what a rule gave and a person took away is not given again.
        let ended = assignments::table
            .filter(assignments::policy_id.eq(policy).and(assignments::state.eq(AssignmentState::Expired)))
            .order((assignments::ended_at, assignments::id))
            .select((assignments::subject_id, assignments::end_reason, assignments::ended_at));
        let rows: Vec<(UserId, Option<EndReason>, Option<Moment>)> = match people {
            Some(people) => ended.filter(assignments::subject_id.eq_any(people)).load(conn)?,
            None => ended.load(conn)?,
        };
        for (user, reason, _) in rows {
            if reason.is_some_and(by_hand) {
                all.insert(user, Has::TakenByHand);
            } else {
                all.remove(&user);
            }
        }
    }
    let live = assignments::table
        .filter(assignments::package_id.eq(package).and(assignments::state.ne(AssignmentState::Expired)))
        .select((assignments::subject_id, assignments::policy_id));
    let rows: Vec<(UserId, PolicyId)> = match people {
        Some(people) => live.filter(assignments::subject_id.eq_any(people)).load(conn)?,
        None => live.load(conn)?,
    };
    for (user, through) in rows {
        all.insert(user, if Some(through) == policy { Has::ByRule } else { Has::Otherwise });
    }
    Ok(all)
}

fn by_hand(reason: EndReason) -> bool {
    matches!(
        reason,
        EndReason::RemovedByUser
            | EndReason::RemovedByManager
            | EndReason::RemovedByAdministrator
            | EndReason::RemovedByApprover
            | EndReason::Review
    )
}

/// Everybody who holds what cannot be held together with the package, with what that is (SPEC SOD-1).
pub fn in_conflict(conn: &mut Conn, package: PackageId) -> Result<BTreeMap<UserId, Vec<String>>, StoreError> {
    let mut all: BTreeMap<UserId, Vec<String>> = BTreeMap::new();
    let holders: Vec<(UserId, String)> = package_conflicts::table
        .inner_join(packages::table.on(package_conflicts::other_package_id.eq(packages::id.nullable())))
        .inner_join(assignments::table.on(assignments::package_id.eq(packages::id)))
        .filter(package_conflicts::package_id.eq(package))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .select((assignments::subject_id, packages::name))
        .load(conn)?;
    let members: Vec<(UserId, String)> = package_conflicts::table
        .inner_join(groups::table.on(package_conflicts::group_id.eq(groups::id.nullable())))
        .inner_join(group_members::table.on(group_members::group_id.eq(groups::id)))
        .filter(package_conflicts::package_id.eq(package).and(groups::deleted_at.is_null()))
        .select((group_members::user_id, groups::name))
        .load(conn)?;
    for (user, name) in holders.into_iter().chain(members) {
        all.entry(user).or_default().push(name);
    }
    Ok(all)
}

//! Changes of what a package grants, while they are carried to those who hold it (SPEC PKG-3).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::assignments::gave_up;
use super::conn::Conn;
use super::error::StoreError;
use super::schema::{assignments, deliveries, package_changes, package_roles, users};
use super::tx::Tx;
use super::types::Json;
use crate::domain::assignment::AssignmentState;
use crate::domain::delivery::DeliveryState;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, PackageChangeId, PackageId, ResourceRoleId, UserId};

/// A change of what a package grants.
#[derive(Debug, Clone)]
pub struct PackageChange {
    /// Its id.
    pub id: PackageChangeId,
    /// Which package.
    pub package: PackageId,
    /// Who made it.
    pub author: Option<UserId>,
    /// When.
    pub made_at: Moment,
    /// The roles that came or went.
    pub roles: BTreeSet<ResourceRoleId>,
    /// The assignment that was looked at last.
    pub reached: Option<AssignmentId>,
    /// When everybody had been looked at.
    pub finished_at: Option<Moment>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = package_changes, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: PackageChangeId,
    package_id: PackageId,
    author_id: Option<UserId>,
    made_at: Moment,
    roles: Json,
    reached: Option<AssignmentId>,
    finished_at: Option<Moment>,
}

impl TryFrom<Row> for PackageChange {
    type Error = StoreError;

    fn try_from(r: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: r.id,
            package: r.package_id,
            author: r.author_id,
            made_at: r.made_at,
            roles: r.roles.read()?,
            reached: r.reached,
            finished_at: r.finished_at,
        })
    }
}

/// Writes a change down. One that is still being carried out becomes part of it: everybody is looked at anew.
pub fn begin(tx: &mut Tx<'_>, new: &PackageChange) -> Result<(), StoreError> {
    let open: Vec<Row> = package_changes::table
        .filter(package_changes::package_id.eq(new.package))
        .filter(package_changes::finished_at.is_null())
        .select(Row::as_select())
        .load(&mut **tx)?;
    let mut roles = new.roles.clone();
    for row in open {
        let old = PackageChange::try_from(row)?;
        roles.extend(old.roles);
        diesel::delete(package_changes::table.find(old.id)).execute(&mut **tx)?;
    }
    let row = Row {
        id: new.id,
        package_id: new.package,
        author_id: new.author,
        made_at: new.made_at,
        roles: Json::of(&roles)?,
        reached: None,
        finished_at: None,
    };
    diesel::insert_into(package_changes::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Changes that are being carried out, oldest first.
pub fn unfinished(conn: &mut Conn, limit: i64) -> Result<Vec<PackageChange>, StoreError> {
    let rows: Vec<Row> = package_changes::table
        .filter(package_changes::finished_at.is_null())
        .order((package_changes::made_at, package_changes::id))
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(PackageChange::try_from).collect()
}

/// The newest change of a package.
pub fn newest(conn: &mut Conn, package: PackageId) -> Result<Option<PackageChange>, StoreError> {
    let row: Option<Row> = package_changes::table
        .filter(package_changes::package_id.eq(package))
        .order((package_changes::made_at.desc(), package_changes::id.desc()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(PackageChange::try_from).transpose()
}

/// Notes how far a change has come. Nothing, if a newer one has taken its place.
pub fn note(
    tx: &mut Tx<'_>,
    id: PackageChangeId,
    reached: Option<AssignmentId>,
    finished_at: Option<Moment>,
) -> Result<(), StoreError> {
    diesel::update(package_changes::table.find(id))
        .set((package_changes::reached.eq(reached), package_changes::finished_at.eq(finished_at)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The assignments of a package that have begun and live.
macro_rules! begun {
    ($package:expr) => {
        assignments::table
            .filter(assignments::package_id.eq($package))
            .filter(assignments::state.ne_all([AssignmentState::Expired, AssignmentState::Scheduled]))
    };
}

/// Assignments of a package that have begun and live, after this one.
pub fn next(
    conn: &mut Conn,
    package: PackageId,
    after: Option<AssignmentId>,
    limit: i64,
) -> Result<Vec<AssignmentId>, StoreError> {
    let mut query = begun!(package).into_boxed::<super::conn::MultiBackend>();
    if let Some(after) = after {
        query = query.filter(assignments::id.gt(after));
    }
    Ok(query.order(assignments::id).limit(limit).select(assignments::id).load(conn)?)
}

type DeliveryRow = (AssignmentId, ResourceRoleId, DeliveryState, Option<Moment>, Option<String>);

fn rows(conn: &mut Conn, package: PackageId) -> Result<Vec<DeliveryRow>, StoreError> {
    Ok(deliveries::table
        .inner_join(assignments::table)
        .filter(assignments::package_id.eq(package))
        .filter(assignments::state.ne_all([AssignmentState::Expired, AssignmentState::Scheduled]))
        .select((
            deliveries::assignment_id,
            deliveries::resource_role_id,
            deliveries::state,
            deliveries::due_at,
            deliveries::error,
        ))
        .load(conn)?)
}

/// Is there anybody whose deliveries are not those that the package asks for? Then a change has missed them.
pub fn missed_somebody(conn: &mut Conn, package: PackageId) -> Result<bool, StoreError> {
    let wanted: BTreeSet<ResourceRoleId> = package_roles::table
        .filter(package_roles::package_id.eq(package))
        .select(package_roles::resource_role_id)
        .load(conn)?
        .into_iter()
        .collect();
    let all: Vec<AssignmentId> = begun!(package).select(assignments::id).load(conn)?;
    let mut has: BTreeMap<AssignmentId, BTreeSet<ResourceRoleId>> =
        all.into_iter().map(|id| (id, BTreeSet::new())).collect();
    for (assignment, role, state, ..) in rows(conn, package)? {
        if matches!(state, DeliveryState::Pending | DeliveryState::Delivered | DeliveryState::Failed)
            && let Some(has) = has.get_mut(&assignment)
        {
            has.insert(role);
        }
    }
    Ok(has.values().any(|has| *has != wanted))
}

/// How far a change has come: "182 of 240 done, 2 failed".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// When the change was made.
    pub made_at: Moment,
    /// By whom.
    pub author: Option<String>,
    /// How many people it concerns.
    pub total: usize,
    /// For how many it is done.
    pub done: usize,
    /// The assignments for which it failed.
    pub failed: Vec<AssignmentId>,
}

impl Progress {
    /// Is there nothing left to be done or tried again?
    pub fn complete(&self) -> bool {
        self.done == self.total
    }
}

/// How far the newest change of a package has come; `None` if there never was one.
pub fn progress(conn: &mut Conn, package: PackageId) -> Result<Option<Progress>, StoreError> {
    let Some(change) = newest(conn, package)? else {
        return Ok(None);
    };
    let author = match change.author {
        Some(user) => users::table.find(user).select(users::display_name).first(conn).optional()?,
        None => None,
    };
    let all: Vec<AssignmentId> = begun!(package)
        .filter(assignments::created_at.le(change.made_at))
        .select(assignments::id)
        .load(conn)?;
    let all: BTreeSet<AssignmentId> = all.into_iter().collect();
    let mut waiting: BTreeSet<AssignmentId> = match (change.finished_at, change.reached) {
        (Some(_), _) => BTreeSet::new(),
        (None, None) => all.clone(),
        (None, Some(reached)) => all.iter().copied().filter(|id| *id > reached).collect(),
    };
    let mut failed = BTreeSet::new();
    for (assignment, role, state, due_at, error) in rows(conn, package)? {
        if !all.contains(&assignment) || !change.roles.contains(&role) {
            continue;
        }
        if gave_up(state, due_at, error.as_deref()) {
            failed.insert(assignment);
        } else if matches!(state, DeliveryState::Pending | DeliveryState::Removing) {
            waiting.insert(assignment);
        }
    }
    let done = all.iter().filter(|id| !waiting.contains(id) && !failed.contains(id)).count();
    Ok(Some(Progress {
        made_at: change.made_at,
        author,
        total: all.len(),
        done,
        failed: failed.into_iter().collect(),
    }))
}

/// What failed for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whose access, for links.
    pub assignment: AssignmentId,
    /// Their name.
    pub person: String,
    /// What went wrong.
    pub error: String,
}

/// What failed of these assignments, by name; the first so many.
pub fn failures(conn: &mut Conn, of: &[AssignmentId], limit: i64) -> Result<Vec<Failure>, StoreError> {
    let found: Vec<(AssignmentId, String, Option<String>)> = deliveries::table
        .inner_join(assignments::table.inner_join(users::table))
        .filter(assignments::id.eq_any(of))
        .filter(
            deliveries::state.eq(DeliveryState::Failed).or(deliveries::state
                .eq(DeliveryState::Removing)
                .and(deliveries::due_at.is_null())
                .and(deliveries::error.is_not_null())),
        )
        .order((users::name_folded, assignments::id, deliveries::id))
        .limit(limit)
        .select((assignments::id, users::display_name, deliveries::error))
        .load(conn)?;
    let failure = |(assignment, person, error): (AssignmentId, String, Option<String>)| Failure {
        assignment,
        person,
        error: error.unwrap_or_default(),
    };
    Ok(found.into_iter().map(failure).collect())
}

/// What a change of one role would mean to those who hold the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleImpact {
    /// Which role.
    pub role: ResourceRoleId,
    /// Does it come, or go?
    pub added: bool,
    /// So many people hold the package.
    pub holders: usize,
    /// So many of them have the role through other access as well: they keep it, or have it already.
    pub otherwise: usize,
}

/// What a change of the package's roles would mean (SPEC PKG-3).
pub fn impact(
    conn: &mut Conn,
    package: PackageId,
    added: &BTreeSet<ResourceRoleId>,
    removed: &BTreeSet<ResourceRoleId>,
    now: Moment,
) -> Result<Vec<RoleImpact>, StoreError> {
    let holders: BTreeSet<UserId> =
        begun!(package).select(assignments::subject_id).load(conn)?.into_iter().collect();
    let both = removed.iter().map(|r| (*r, false)).chain(added.iter().map(|r| (*r, true)));
    both.map(|(role, added)| {
        let others: Vec<UserId> = deliveries::table
            .inner_join(assignments::table)
            .filter(deliveries::resource_role_id.eq(role))
            .filter(deliveries::state.eq_any([
                DeliveryState::Pending,
                DeliveryState::Delivered,
                DeliveryState::Failed,
            ]))
            .filter(assignments::package_id.ne(package))
            .filter(assignments::state.ne_all([AssignmentState::Expired, AssignmentState::Scheduled]))
            .filter(assignments::ends_at.is_null().or(assignments::ends_at.gt(now)))
            .select(assignments::subject_id)
            .distinct()
            .load(conn)?;
        let otherwise = others.iter().filter(|user| holders.contains(user)).count();
        Ok(RoleImpact { role, added, holders: holders.len(), otherwise })
    })
    .collect()
}

/// Live assignments of a package with something given up, after this one.
pub fn given_up(
    conn: &mut Conn,
    package: PackageId,
    after: Option<AssignmentId>,
    limit: i64,
) -> Result<Vec<AssignmentId>, StoreError> {
    let failed = deliveries::state.eq(DeliveryState::Failed).or(deliveries::state
        .eq(DeliveryState::Removing)
        .and(deliveries::due_at.is_null())
        .and(deliveries::error.is_not_null()));
    let mut query = deliveries::table
        .inner_join(assignments::table)
        .filter(assignments::package_id.eq(package))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .filter(failed)
        .into_boxed::<super::conn::MultiBackend>();
    if let Some(after) = after {
        query = query.filter(assignments::id.gt(after));
    }
    Ok(query.order(assignments::id).select(assignments::id).distinct().limit(limit).load(conn)?)
}

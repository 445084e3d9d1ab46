//! What a package cannot be held together with, and who holds both (SPEC SOD-1, SOD-2).

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::access::Viewer;
use crate::domain::assignment::AssignmentState;
use crate::domain::conflict::Against;
use crate::kernel::ids::{CatalogId, ConflictId, GroupId, PackageId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conflicts::against;
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalogs, group_members, groups, package_conflicts, packages, users,
};
use crate::store::search;

/// An entry of a package's separation of duties.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: ConflictId,
    /// What stands against the package.
    pub against: Against,
    /// Its name. It is part of the package's configuration, which whoever sees this may see.
    pub name: String,
    /// The catalog of another package.
    pub catalog: Option<(CatalogId, String)>,
    /// Does the other package name this one too?
    pub mutual: bool,
    /// How many people hold both now.
    pub both: i64,
}

/// The entries of a package, packages first, by name.
pub fn entries(conn: &mut Conn, package: PackageId, now: Moment) -> Result<Vec<Entry>, StoreError> {
    let found: Vec<(ConflictId, PackageId, String, CatalogId, String)> = package_conflicts::table
        .inner_join(
            packages::table
                .inner_join(catalogs::table)
                .on(package_conflicts::other_package_id.eq(packages::id.nullable())),
        )
        .filter(package_conflicts::package_id.eq(package))
        .filter(packages::deleted_at.is_null())
        .order((packages::name_folded, packages::id))
        .select((package_conflicts::id, packages::id, packages::name, catalogs::id, catalogs::name))
        .load(conn)?;
    let of_groups: Vec<(ConflictId, GroupId, String)> = package_conflicts::table
        .inner_join(groups::table)
        .filter(package_conflicts::package_id.eq(package))
        .filter(groups::deleted_at.is_null())
        .order((groups::name_folded, groups::id))
        .select((package_conflicts::id, groups::id, groups::name))
        .load(conn)?;
    let back: Vec<PackageId> = crate::store::conflicts::naming(conn, package)?;
    let packages = found.into_iter().map(|(id, other, name, catalog, catalog_name)| Entry {
        id,
        against: Against::Package(other),
        name,
        catalog: Some((catalog, catalog_name)),
        mutual: back.contains(&other),
        both: 0,
    });
    let groups = of_groups.into_iter().map(|(id, group, name)| Entry {
        id,
        against: Against::Group(group),
        name,
        catalog: None,
        mutual: false,
        both: 0,
    });
    let mut entries: Vec<Entry> = packages.chain(groups).collect();
    // A package has a handful of entries, so a count for each is bounded.
    for entry in &mut entries {
        entry.both = count_both(conn, package, entry.against, now)?;
    }
    Ok(entries)
}

/// A package that names this one.
#[derive(Debug, Clone)]
pub struct Naming {
    /// Which.
    pub package: PackageId,
    /// Its name.
    pub name: String,
    /// Its catalog.
    pub catalog: CatalogId,
}

/// The packages that name this one as incompatible, by name.
pub fn naming(conn: &mut Conn, package: PackageId) -> Result<Vec<Naming>, StoreError> {
    let rows: Vec<(PackageId, String, CatalogId)> = package_conflicts::table
        .inner_join(packages::table.on(package_conflicts::package_id.eq(packages::id)))
        .filter(package_conflicts::other_package_id.eq(package))
        .filter(packages::deleted_at.is_null())
        .order((packages::name_folded, packages::id))
        .select((packages::id, packages::name, packages::catalog_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(package, name, catalog)| Naming { package, name, catalog }).collect())
}

/// A package that somebody may pick.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Which.
    pub id: PackageId,
    /// Its name.
    pub name: String,
    /// The catalog's name.
    pub catalog: String,
}

/// The packages of the catalogs that the viewer sees, this one apart, by name; all with an empty `name`, otherwise
/// those with this folded name. At most `limit`.
pub fn choices(
    conn: &mut Conn,
    viewer: &Viewer,
    except: PackageId,
    name: &str,
    limit: i64,
) -> Result<Vec<Choice>, StoreError> {
    let mut query = packages::table
        .inner_join(catalogs::table)
        .filter(packages::deleted_at.is_null())
        .filter(packages::id.ne(except))
        .into_boxed::<MultiBackend>();
    if !viewer.everything {
        query = query.filter(packages::catalog_id.eq_any(viewer.catalogs.clone()));
    }
    if !name.is_empty() {
        query = query.filter(packages::name_folded.eq(name.to_owned()));
    }
    let rows: Vec<(PackageId, String, String)> = query
        .order((packages::name_folded, packages::id))
        .limit(limit)
        .select((packages::id, packages::name, catalogs::name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name, catalog)| Choice { id, name, catalog }).collect())
}

/// Somebody who holds the package and what stands against it.
#[derive(Debug, Clone)]
pub struct Both {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// May they sign in?
    pub enabled: bool,
    /// Since when they hold the package.
    pub since: Moment,
    /// Until when.
    pub until: Option<Moment>,
    /// Since when they hold the other package, or are in the group.
    pub other_since: Option<Moment>,
    /// Until when they hold the other package.
    pub other_until: Option<Moment>,
}

macro_rules! holders_of_both {
    ($package:expr, $against:expr, $q:expr, $now:expr) => {{
        let others = diesel::alias!(assignments as others);
        let mut query = assignments::table
            .inner_join(users::table)
            .filter(assignments::package_id.eq($package))
            .filter(assignments::state.ne(AssignmentState::Expired))
            .filter(assignments::ends_at.is_null().or(assignments::ends_at.gt($now)))
            .into_boxed::<MultiBackend>();
        match $against {
            Against::Package(other) => {
                let theirs = others
                    .filter(others.field(assignments::package_id).eq(other))
                    .filter(others.field(assignments::state).ne(AssignmentState::Expired))
                    .filter(
                        others
                            .field(assignments::ends_at)
                            .is_null()
                            .or(others.field(assignments::ends_at).gt($now)),
                    )
                    .select(others.field(assignments::subject_id));
                query = query.filter(assignments::subject_id.eq_any(theirs));
            }
            Against::Group(group) => {
                let theirs = group_members::table
                    .filter(group_members::group_id.eq(group))
                    .select(group_members::user_id);
                query = query.filter(assignments::subject_id.eq_any(theirs));
            }
        }
        for pattern in search::patterns($q) {
            query = query.filter(users::search_folded.like(pattern).escape(search::ESCAPE));
        }
        query
    }};
}

/// How many people hold both now.
pub fn count_both(
    conn: &mut Conn,
    package: PackageId,
    against: Against,
    now: Moment,
) -> Result<i64, StoreError> {
    Ok(holders_of_both!(package, against, "", now).count().get_result(conn)?)
}

type BothRow = (UserId, String, String, bool, Moment, Option<Moment>);

/// Everyone who holds both now, by name.
pub fn both(
    conn: &mut Conn,
    package: PackageId,
    against: Against,
    q: &str,
    at: PageRequest,
    now: Moment,
) -> Result<Page<Both>, StoreError> {
    let total = holders_of_both!(package, against, q, now).count().get_result(conn)?;
    let rows: Vec<BothRow> = holders_of_both!(package, against, q, now)
        .order((users::name_folded, users::id))
        .limit(at.size)
        .offset(at.offset())
        .select((
            users::id,
            users::display_name,
            users::email,
            users::enabled,
            assignments::starts_at,
            assignments::ends_at,
        ))
        .load(conn)?;
    let mut other: HashMap<UserId, (Moment, Option<Moment>)> = HashMap::new();
    // In portions, because a database takes only so many values in one question.
    for portion in rows.chunks(500) {
        let people: Vec<UserId> = portion.iter().map(|r| r.0).collect();
        let found: Vec<(UserId, Moment, Option<Moment>)> = match against {
            Against::Package(id) => assignments::table
                .filter(assignments::package_id.eq(id))
                .filter(assignments::state.ne(AssignmentState::Expired))
                .filter(assignments::subject_id.eq_any(people))
                .select((assignments::subject_id, assignments::starts_at, assignments::ends_at))
                .load(conn)?,
            Against::Group(id) => group_members::table
                .filter(group_members::group_id.eq(id))
                .filter(group_members::user_id.eq_any(people))
                .select((group_members::user_id, group_members::added_at))
                .load::<(UserId, Moment)>(conn)?
                .into_iter()
                .map(|(user, since)| (user, since, None))
                .collect(),
        };
        other.extend(found.into_iter().map(|(user, since, until)| (user, (since, until))));
    }
    let items = rows
        .into_iter()
        .map(|(user, name, email, enabled, since, until)| {
            let there = other.get(&user).copied();
            Both {
                user,
                name,
                email,
                enabled,
                since,
                until,
                other_since: there.map(|t| t.0),
                other_until: there.and_then(|t| t.1),
            }
        })
        .collect();
    Ok(Page { items, total, at })
}

/// Is this entry still there, and what stands against the package by it?
pub fn entry(conn: &mut Conn, package: PackageId, id: ConflictId) -> Result<Option<Against>, StoreError> {
    let row: Option<(Option<PackageId>, Option<GroupId>)> = package_conflicts::table
        .find(id)
        .filter(package_conflicts::package_id.eq(package))
        .select((package_conflicts::other_package_id, package_conflicts::group_id))
        .first(conn)
        .optional()?;
    Ok(row.and_then(|(package, group)| against(package, group)))
}

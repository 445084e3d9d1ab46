//! The list of catalogs, and what a catalog holds (SPEC section 5).

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::domain::access::{CatalogTask, Principal, Viewer};
use crate::domain::assignment::AssignmentState;
use crate::domain::catalog::{CatalogState, ResourceKind};
use crate::domain::request::RequestState;
use crate::kernel::ids::{CatalogId, PackageId, ResourceId};
use crate::kernel::{Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalog_resources, catalogs, package_roles, packages, policies, requests, resource_owners,
    resource_roles, resources, users,
};
use crate::store::search;

/// A catalog in the list.
#[derive(Debug, Clone)]
pub struct CatalogRow {
    /// Its id.
    pub id: CatalogId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Published or not.
    pub state: CatalogState,
    /// Open to guests?
    pub external_enabled: bool,
    /// How many packages it has.
    pub packages: i64,
    /// How many resources it has.
    pub resources: i64,
}

/// The catalogs that the viewer may see, by name (SPEC ROL-1, ROL-6).
pub fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    q: &str,
    state: Option<CatalogState>,
    at: PageRequest,
) -> Result<Page<CatalogRow>, StoreError> {
    let filtered = || {
        let mut query = catalogs::table.filter(catalogs::deleted_at.is_null()).into_boxed::<MultiBackend>();
        if !viewer.everything {
            query = query.filter(catalogs::id.eq_any(viewer.catalogs.clone()));
        }
        if let Some(state) = state {
            query = query.filter(catalogs::state.eq(state));
        }
        for pattern in search::patterns(q) {
            query = query.filter(catalogs::name_folded.like(pattern).escape(search::ESCAPE));
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let rows: Vec<(CatalogId, String, String, CatalogState, bool)> = filtered()
        .order((catalogs::name_folded, catalogs::id))
        .limit(at.size)
        .offset(at.offset())
        .select((
            catalogs::id,
            catalogs::name,
            catalogs::description,
            catalogs::state,
            catalogs::external_enabled,
        ))
        .load(conn)?;
    let ids: Vec<CatalogId> = rows.iter().map(|r| r.0).collect();
    let package_counts: HashMap<CatalogId, i64> = packages::table
        .filter(packages::catalog_id.eq_any(ids.clone()))
        .filter(packages::deleted_at.is_null())
        .group_by(packages::catalog_id)
        .select((packages::catalog_id, count_star()))
        .load::<(CatalogId, i64)>(conn)?
        .into_iter()
        .collect();
    let resource_counts: HashMap<CatalogId, i64> = catalog_resources::table
        .filter(catalog_resources::catalog_id.eq_any(ids))
        .group_by(catalog_resources::catalog_id)
        .select((catalog_resources::catalog_id, count_star()))
        .load::<(CatalogId, i64)>(conn)?
        .into_iter()
        .collect();
    let items = rows
        .into_iter()
        .map(|(id, name, description, state, external_enabled)| CatalogRow {
            id,
            name,
            description,
            state,
            external_enabled,
            packages: package_counts.get(&id).copied().unwrap_or(0),
            resources: resource_counts.get(&id).copied().unwrap_or(0),
        })
        .collect();
    Ok(Page { items, total, at })
}

/// The catalogs that the person keeps (SPEC section 2), by name: all of them for an administrator.
pub fn owned(conn: &mut Conn, me: &Principal) -> Result<Vec<(CatalogId, String)>, StoreError> {
    let mut query = catalogs::table.filter(catalogs::deleted_at.is_null()).into_boxed::<MultiBackend>();
    if !me.is_administrator() {
        let own: Vec<CatalogId> =
            me.catalogs.keys().copied().filter(|id| me.may_in(CatalogTask::Edit, *id)).collect();
        query = query.filter(catalogs::id.eq_any(own));
    }
    Ok(query
        .order((catalogs::name_folded, catalogs::id))
        .select((catalogs::id, catalogs::name))
        .load(conn)?)
}

/// The numbers of a catalog.
#[derive(Debug, Clone, Copy, Default)]
pub struct CatalogNumbers {
    /// Packages.
    pub packages: i64,
    /// Resources.
    pub resources: i64,
    /// Live assignments.
    pub assignments: i64,
    /// Requests that wait for a decision.
    pub pending: i64,
}

/// The numbers of one catalog.
pub fn numbers(conn: &mut Conn, id: CatalogId) -> Result<CatalogNumbers, StoreError> {
    let in_catalog = || {
        packages::table
            .filter(packages::catalog_id.eq(id))
            .filter(packages::deleted_at.is_null())
            .select(packages::id)
    };
    Ok(CatalogNumbers {
        packages: in_catalog().count().get_result(conn)?,
        resources: catalog_resources::table
            .filter(catalog_resources::catalog_id.eq(id))
            .count()
            .get_result(conn)?,
        assignments: assignments::table
            .filter(assignments::package_id.eq_any(in_catalog()))
            .filter(assignments::state.ne(AssignmentState::Expired))
            .count()
            .get_result(conn)?,
        pending: requests::table
            .filter(requests::package_id.eq_any(in_catalog()))
            .filter(requests::state.eq(RequestState::PendingApproval))
            .count()
            .get_result(conn)?,
    })
}

/// A resource in a catalog's list.
#[derive(Debug, Clone)]
pub struct ResourceRow {
    /// Its id.
    pub id: ResourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The names of its owners.
    pub owners: Vec<String>,
    /// How many packages of this catalog grant one of its roles.
    pub packages: i64,
}

/// The resources of a catalog, by name.
pub fn resources_of(
    conn: &mut Conn,
    catalog: CatalogId,
    q: &str,
    at: PageRequest,
) -> Result<Page<ResourceRow>, StoreError> {
    let filtered = || {
        let mut query = catalog_resources::table
            .inner_join(resources::table)
            .filter(catalog_resources::catalog_id.eq(catalog))
            .filter(resources::deleted_at.is_null())
            .into_boxed::<MultiBackend>();
        for pattern in search::patterns(q) {
            query = query.filter(resources::name_folded.like(pattern).escape(search::ESCAPE));
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let rows: Vec<(ResourceId, ResourceKind, String, String)> = filtered()
        .order((resources::name_folded, resources::id))
        .limit(at.size)
        .offset(at.offset())
        .select((resources::id, resources::kind, resources::name, resources::description))
        .load(conn)?;
    let ids: Vec<ResourceId> = rows.iter().map(|r| r.0).collect();
    let mut owners = owner_names(conn, &ids)?;
    let using: Vec<(ResourceId, PackageId)> = package_roles::table
        .inner_join(packages::table)
        .inner_join(resource_roles::table)
        .filter(packages::catalog_id.eq(catalog))
        .filter(packages::deleted_at.is_null())
        .filter(resource_roles::resource_id.eq_any(ids))
        .select((resource_roles::resource_id, packages::id))
        .distinct()
        .load(conn)?;
    let items = rows
        .into_iter()
        .map(|(id, kind, name, description)| ResourceRow {
            id,
            kind,
            name,
            description,
            owners: owners.remove(&id).unwrap_or_default(),
            packages: i64::try_from(using.iter().filter(|(r, _)| *r == id).count()).unwrap_or(0),
        })
        .collect();
    Ok(Page { items, total, at })
}

fn owner_names(conn: &mut Conn, ids: &[ResourceId]) -> Result<HashMap<ResourceId, Vec<String>>, StoreError> {
    let rows: Vec<(ResourceId, String)> = resource_owners::table
        .inner_join(users::table)
        .filter(resource_owners::resource_id.eq_any(ids.to_vec()))
        .filter(users::deleted_at.is_null())
        .order((users::name_folded, users::id))
        .select((resource_owners::resource_id, users::display_name))
        .load(conn)?;
    let mut names: HashMap<ResourceId, Vec<String>> = HashMap::new();
    for (id, name) in rows {
        names.entry(id).or_default().push(name);
    }
    Ok(names)
}

/// A resource that can be added to a catalog.
#[derive(Debug, Clone)]
pub struct Addable {
    /// Its id.
    pub id: ResourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// The resources outside the catalog that the viewer may bring in: their own, by name, or all of them for
/// administrators (SPEC ROL-2).
pub fn addable(
    conn: &mut Conn,
    viewer: &Viewer,
    all: bool,
    catalog: CatalogId,
    most: i64,
) -> Result<Vec<Addable>, StoreError> {
    let inside = catalog_resources::table
        .filter(catalog_resources::catalog_id.eq(catalog))
        .select(catalog_resources::resource_id);
    let mut query = resources::table
        .filter(resources::deleted_at.is_null())
        .filter(resources::id.ne_all(inside))
        .into_boxed::<MultiBackend>();
    if !all {
        let owned = resource_owners::table
            .filter(resource_owners::user_id.eq(viewer.user))
            .select(resource_owners::resource_id);
        query = query.filter(resources::id.eq_any(owned));
    }
    let rows: Vec<(ResourceId, ResourceKind, String, String)> = query
        .order((resources::name_folded, resources::id))
        .limit(most)
        .select((resources::id, resources::kind, resources::name, resources::description))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, kind, name, description)| Addable { id, kind, name, description })
        .collect())
}

/// A package in a catalog's list.
#[derive(Debug, Clone)]
pub struct PackageRow {
    /// Its id.
    pub id: PackageId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Kept out of lists?
    pub hidden: bool,
    /// How many resource roles it grants.
    pub roles: i64,
    /// How many of its policies are switched on.
    pub policies: i64,
    /// How many people hold it.
    pub assignments: i64,
}

/// The packages of a catalog, by name.
pub fn packages_of(
    conn: &mut Conn,
    catalog: CatalogId,
    q: &str,
    at: PageRequest,
) -> Result<Page<PackageRow>, StoreError> {
    let filtered = || {
        let mut query = packages::table
            .filter(packages::catalog_id.eq(catalog))
            .filter(packages::deleted_at.is_null())
            .into_boxed::<MultiBackend>();
        for pattern in search::patterns(q) {
            query = query.filter(packages::search_folded.like(pattern).escape(search::ESCAPE));
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let rows: Vec<(PackageId, String, String, bool)> = filtered()
        .order((packages::name_folded, packages::id))
        .limit(at.size)
        .offset(at.offset())
        .select((packages::id, packages::name, packages::description, packages::hidden))
        .load(conn)?;
    let ids: Vec<PackageId> = rows.iter().map(|r| r.0).collect();
    let roles: HashMap<PackageId, i64> = package_roles::table
        .filter(package_roles::package_id.eq_any(ids.clone()))
        .group_by(package_roles::package_id)
        .select((package_roles::package_id, count_star()))
        .load::<(PackageId, i64)>(conn)?
        .into_iter()
        .collect();
    let enabled: HashMap<PackageId, i64> = policies::table
        .filter(policies::package_id.eq_any(ids.clone()))
        .filter(policies::deleted_at.is_null())
        .filter(policies::enabled.eq(true))
        .group_by(policies::package_id)
        .select((policies::package_id, count_star()))
        .load::<(PackageId, i64)>(conn)?
        .into_iter()
        .collect();
    let held: HashMap<PackageId, i64> = assignments::table
        .filter(assignments::package_id.eq_any(ids))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .group_by(assignments::package_id)
        .select((assignments::package_id, count_star()))
        .load::<(PackageId, i64)>(conn)?
        .into_iter()
        .collect();
    let of = |counts: &HashMap<PackageId, i64>, id| counts.get(&id).copied().unwrap_or(0);
    let items = rows
        .into_iter()
        .map(|(id, name, description, hidden)| PackageRow {
            id,
            name,
            description,
            hidden,
            roles: of(&roles, id),
            policies: of(&enabled, id),
            assignments: of(&held, id),
        })
        .collect();
    Ok(Page { items, total, at })
}

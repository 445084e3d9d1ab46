//! Packages that a person may find and request (SPEC REQ-1 to REQ-3).

use std::collections::HashMap;

use diesel::prelude::*;

use super::offer::{self, Asker, Offer};

use crate::domain::assignment::AssignmentState;
use crate::domain::catalog::{CatalogState, ResourceKind};
use crate::domain::request::RequestState;
use crate::kernel::ids::{AssignmentId, CatalogId, PackageId, RequestId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalogs, package_roles, packages, policies, requests, resource_roles, resources, users,
};
use crate::store::search::{ESCAPE, patterns};

/// What a list of packages is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Words that must all occur in name, description, a resource's name or the catalog's name.
    pub q: String,
    /// Only this catalog.
    pub catalog: Option<CatalogId>,
    /// Only these packages; empty is all.
    pub only: Vec<PackageId>,
    /// Leave out what the person has or has asked for.
    pub fresh: bool,
}

/// A role that a package gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The resource's name.
    pub resource: String,
    /// What kind of thing it is.
    pub kind: ResourceKind,
    /// The role's name.
    pub role: String,
    /// What the role or the resource is, may be empty.
    pub description: String,
}

/// The person's live assignment of a package.
#[derive(Debug, Clone)]
pub struct Held {
    /// The assignment.
    pub id: AssignmentId,
    /// Its state.
    pub state: AssignmentState,
    /// When it starts.
    pub starts_at: Moment,
    /// When it ends.
    pub ends_at: Option<Moment>,
}

/// The person's open request for a package.
#[derive(Debug, Clone)]
pub struct Open {
    /// The request.
    pub id: RequestId,
    /// Its state.
    pub state: RequestState,
    /// When it was made.
    pub submitted_at: Moment,
    /// When the present stage must be decided.
    pub due_at: Option<Moment>,
}

/// A package in a list.
#[derive(Debug, Clone)]
pub struct PackageCard {
    /// Its id.
    pub id: PackageId,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The catalog's name.
    pub catalog: String,
    /// What it gives.
    pub contents: Vec<Content>,
    /// The ways to get it (SPEC POL-3).
    pub offers: Vec<Offer>,
    /// If the person has it.
    pub held: Option<Held>,
    /// If the person has asked for it.
    pub open: Option<Open>,
}

type CardRow = (PackageId, String, String, String);

/// The person's assignments that still stand (SPEC REQ-4), as a part of queries.
macro_rules! live_assignments {
    ($user:expr) => {
        assignments::table
            .filter(assignments::subject_id.eq($user))
            .filter(assignments::state.ne(AssignmentState::Expired))
    };
}

/// The person's requests that are on their way (SPEC REQ-4), as a part of queries.
macro_rules! open_requests {
    ($user:expr) => {
        requests::table.filter(requests::subject_id.eq($user)).filter(requests::state.eq_any(open_states()))
    };
}

/// Everything that lists may show the person (SPEC CAT-2, PKG-2, REQ-1), without order or page.
macro_rules! listed {
    ($asker:expr, $wanted:expr) => {{
        let (asker, wanted): (&Asker, &Wanted) = ($asker, $wanted);
        let mut query = packages::table
            .inner_join(catalogs::table)
            .filter(packages::deleted_at.is_null())
            .filter(packages::hidden.eq(false))
            .filter(catalogs::deleted_at.is_null())
            .filter(catalogs::state.eq(CatalogState::Published))
            .into_boxed::<MultiBackend>()
            .filter(packages::id.eq_any(offer::admitting!(asker).select(policies::package_id)));
        if asker.guest {
            query = query.filter(catalogs::external_enabled.eq(true));
        }
        if let Some(catalog) = wanted.catalog {
            query = query.filter(packages::catalog_id.eq(catalog));
        }
        if !wanted.only.is_empty() {
            query = query.filter(packages::id.eq_any(wanted.only.clone()));
        }
        if wanted.fresh {
            query = query
                .filter(packages::id.ne_all(live_assignments!(asker.user).select(assignments::package_id)))
                .filter(packages::id.ne_all(open_requests!(asker.user).select(requests::package_id)));
        }
        for like in patterns(&wanted.q) {
            let by_resource = package_roles::table
                .inner_join(resource_roles::table.inner_join(resources::table))
                .filter(resources::name_folded.like(like.clone()).escape(ESCAPE))
                .filter(resources::deleted_at.is_null())
                .select(package_roles::package_id);
            query = query.filter(
                packages::search_folded
                    .like(like.clone())
                    .escape(ESCAPE)
                    .or(packages::name_folded.like(like.clone()).escape(ESCAPE))
                    .or(catalogs::name_folded.like(like).escape(ESCAPE))
                    .or(packages::id.eq_any(by_resource)),
            );
        }
        query
    }};
}

/// The states of requests that are on their way (SPEC REQ-4).
pub(super) fn open_states() -> Vec<&'static str> {
    RequestState::ALL.iter().filter(|s| s.is_open()).map(|s| s.as_str()).collect()
}

/// The packages that the person finds, a page of them in the order of their names.
pub fn list(
    conn: &mut Conn,
    asker: &Asker,
    wanted: &Wanted,
    at: PageRequest,
    now: Moment,
) -> Result<Page<PackageCard>, StoreError> {
    let total = listed!(asker, wanted).count().get_result(conn)?;
    let rows: Vec<CardRow> = listed!(asker, wanted)
        .order((packages::name_folded, packages::id))
        .limit(at.size)
        .offset(at.offset())
        .select((packages::id, packages::name, packages::description, catalogs::name))
        .load(conn)?;
    let ids: Vec<_> = rows.iter().map(|r| r.0).collect();
    let mut contents = contents(conn, &ids)?;
    let mut offers = offer::offers(conn, asker, &ids)?;
    let mut held = held(conn, asker.user, &ids, now)?;
    let mut open = open(conn, asker.user, &ids)?;
    let items = rows
        .into_iter()
        .map(|(id, name, description, catalog)| PackageCard {
            id,
            name,
            description,
            catalog,
            contents: contents.remove(&id).unwrap_or_default(),
            offers: offers.remove(&id).unwrap_or_default(),
            held: held.remove(&id),
            open: open.remove(&id),
        })
        .collect();
    Ok(Page { items, total, at })
}

/// The catalogs that hold something for the person, for a filter.
pub fn catalogs_with_offers(conn: &mut Conn, asker: &Asker) -> Result<Vec<(CatalogId, String)>, StoreError> {
    let rows: Vec<(String, CatalogId, String)> = listed!(asker, &Wanted::default())
        .select((catalogs::name_folded, catalogs::id, catalogs::name))
        .distinct()
        .order((catalogs::name_folded, catalogs::id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(_, id, name)| (id, name)).collect())
}

/// What colleagues of the same department hold most, of that which the person could ask for.
pub fn suggested(
    conn: &mut Conn,
    asker: &Asker,
    most: i64,
    now: Moment,
) -> Result<Vec<PackageCard>, StoreError> {
    if asker.department.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<(PackageId, i64)> = assignments::table
        .inner_join(users::table)
        .filter(users::department.eq(&asker.department))
        .filter(users::id.ne(asker.user))
        .filter(assignments::state.ne(AssignmentState::Expired))
        .group_by(assignments::package_id)
        .order((diesel::dsl::count_star().desc(), assignments::package_id))
        .limit(40)
        .select((assignments::package_id, diesel::dsl::count_star()))
        .load(conn)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rank: HashMap<_, _> = ids.iter().enumerate().map(|(n, (id, _))| (*id, n)).collect();
    let wanted =
        Wanted { only: ids.into_iter().map(|(id, _)| id).collect(), fresh: true, ..Wanted::default() };
    let at = PageRequest { number: 1, size: 40 };
    let mut cards = list(conn, asker, &wanted, at, now)?.items;
    cards.sort_by_key(|card| rank.get(&card.id).copied().unwrap_or(usize::MAX));
    cards.truncate(usize::try_from(most).unwrap_or(0));
    Ok(cards)
}

type ContentRow = (PackageId, String, ResourceKind, String, String, String);

/// What packages give, in the order of the resources' names.
pub(super) fn contents(
    conn: &mut Conn,
    packages: &[PackageId],
) -> Result<HashMap<PackageId, Vec<Content>>, StoreError> {
    let mut found: HashMap<PackageId, Vec<Content>> = HashMap::new();
    if packages.is_empty() {
        return Ok(found);
    }
    let rows: Vec<ContentRow> = package_roles::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(package_roles::package_id.eq_any(packages.to_vec()))
        .order((resources::name_folded, resources::id, resource_roles::position, resource_roles::id))
        .select((
            package_roles::package_id,
            resources::name,
            resources::kind,
            resource_roles::name,
            resource_roles::description,
            resources::description,
        ))
        .load(conn)?;
    for (package, resource, kind, role, about_role, about_resource) in rows {
        found.entry(package).or_default().push(Content {
            resource,
            kind,
            role,
            description: if about_role.is_empty() { about_resource } else { about_role },
        });
    }
    Ok(found)
}

type HeldRow = (PackageId, AssignmentId, AssignmentState, Moment, Option<Moment>);

/// What the person holds of these packages. Access whose time is over is not held, swept or not (I6).
pub(super) fn held(
    conn: &mut Conn,
    user: UserId,
    packages: &[PackageId],
    now: Moment,
) -> Result<HashMap<PackageId, Held>, StoreError> {
    if packages.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<HeldRow> = live_assignments!(user)
        .filter(assignments::package_id.eq_any(packages.to_vec()))
        .filter(assignments::ends_at.is_null().or(assignments::ends_at.gt(now)))
        .select((
            assignments::package_id,
            assignments::id,
            assignments::state,
            assignments::starts_at,
            assignments::ends_at,
        ))
        .load(conn)?;
    let held = |(package, id, state, starts_at, ends_at)| (package, Held { id, state, starts_at, ends_at });
    Ok(rows.into_iter().map(held).collect())
}

type OpenRow = (PackageId, RequestId, RequestState, Moment, Option<Moment>);

pub(super) fn open(
    conn: &mut Conn,
    user: UserId,
    packages: &[PackageId],
) -> Result<HashMap<PackageId, Open>, StoreError> {
    if packages.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<OpenRow> = open_requests!(user)
        .filter(requests::package_id.eq_any(packages.to_vec()))
        .select((
            requests::package_id,
            requests::id,
            requests::state,
            requests::submitted_at,
            requests::due_at,
        ))
        .load(conn)?;
    let open =
        |(package, id, state, submitted_at, due_at)| (package, Open { id, state, submitted_at, due_at });
    Ok(rows.into_iter().map(open).collect())
}

//! One package as one person sees it (SPEC REQ-1 to REQ-3).

use diesel::prelude::*;

use super::browse::{Content, Held, Open, contents, held, open};
use super::offer::{self, Asker, Offer};
use crate::domain::access::{CatalogTask, Principal};
use crate::domain::catalog::CatalogState;
use crate::domain::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, PackageId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{catalogs, packages, requests};

/// Everything about one package for one person.
#[derive(Debug, Clone)]
pub struct PackagePage {
    /// Its id.
    pub id: PackageId,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Kept out of lists (SPEC PKG-2)?
    pub hidden: bool,
    /// Its catalog.
    pub catalog: CatalogId,
    /// The catalog's name.
    pub catalog_name: String,
    /// What it gives.
    pub contents: Vec<Content>,
    /// The ways to get it; those of an unpublished catalog too, which are closed meanwhile.
    pub offers: Vec<Offer>,
    /// Is the catalog open for the person?
    pub catalog_open: bool,
    /// If the person has it.
    pub held: Option<Held>,
    /// If the person has asked for it.
    pub open: Option<Open>,
    /// May the person see its configuration?
    pub manages: bool,
}

impl PackagePage {
    /// Does the page open for the person (SPEC REQ-2)? For whoever may request the package, has it or has asked
    /// for it, or manages it.
    pub fn may_open(&self) -> bool {
        (self.catalog_open && !self.offers.is_empty()) || self.concerned()
    }

    /// May the person know that the package exists, even if it is closed just now? Whoever was filling in the form
    /// when its catalog was closed hears the reason, not *not found*.
    pub fn may_know(&self) -> bool {
        !self.offers.is_empty() || self.concerned()
    }

    fn concerned(&self) -> bool {
        self.held.is_some() || self.open.is_some() || self.manages
    }
}

type PageRow = (PackageId, String, String, bool, CatalogId, String, CatalogState, bool);

/// One package as this person sees it; whether they may is asked of the result.
pub fn page(
    conn: &mut Conn,
    principal: &Principal,
    asker: &Asker,
    id: PackageId,
    now: Moment,
) -> Result<Option<PackagePage>, StoreError> {
    let row: Option<PageRow> = packages::table
        .inner_join(catalogs::table)
        .filter(packages::id.eq(id))
        .filter(packages::deleted_at.is_null())
        .filter(catalogs::deleted_at.is_null())
        .select((
            packages::id,
            packages::name,
            packages::description,
            packages::hidden,
            catalogs::id,
            catalogs::name,
            catalogs::state,
            catalogs::external_enabled,
        ))
        .first(conn)
        .optional()?;
    let Some((id, name, description, hidden, catalog, catalog_name, state, external)) = row else {
        return Ok(None);
    };
    Ok(Some(PackagePage {
        name,
        description,
        hidden,
        catalog,
        catalog_name,
        contents: contents(conn, &[id])?.remove(&id).unwrap_or_default(),
        offers: offer::offers(conn, asker, &[id])?.remove(&id).unwrap_or_default(),
        catalog_open: state == CatalogState::Published && (external || !asker.guest),
        held: held(conn, asker.user, &[id], now)?.remove(&id),
        open: open(conn, asker.user, &[id])?.remove(&id),
        manages: principal.may_in(CatalogTask::See, catalog),
        id,
    }))
}

/// How long people usually wait for a decision about the package (SPEC REQ-3): the median of the latest fifty of
/// the last year; `None` while there are fewer than three. What nobody decided says nothing about it.
pub fn usual_wait(
    conn: &mut Conn,
    package: PackageId,
    now: Moment,
) -> Result<Option<chrono::Duration>, StoreError> {
    let decided = [
        RequestState::Scheduled,
        RequestState::Delivering,
        RequestState::Delivered,
        RequestState::PartiallyDelivered,
        RequestState::DeliveryFailed,
        RequestState::Denied,
    ];
    let rows: Vec<(Moment, Option<Moment>)> = requests::table
        .filter(requests::package_id.eq(package))
        .filter(requests::decided_at.gt(now - chrono::Duration::days(365)))
        .filter(requests::decided_at.le(now))
        .filter(requests::stages.gt(0))
        .filter(requests::state.eq_any(decided))
        .order((requests::decided_at.desc(), requests::id.desc()))
        .limit(50)
        .select((requests::submitted_at, requests::decided_at))
        .load(conn)?;
    let mut waits: Vec<_> = rows.into_iter().filter_map(|(from, to)| Some(to? - from)).collect();
    waits.sort();
    Ok(waits.get(waits.len() / 2).filter(|_| waits.len() >= 3).copied())
}

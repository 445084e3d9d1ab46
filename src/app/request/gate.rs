//! What the gate of a request needs to know (SPEC REQ-1, POL-3).

use crate::app::AppError;
use crate::domain::catalog::CatalogState;
use crate::domain::directory::Person;
use crate::domain::policy::{self, ScopeKind, Terms};
use crate::domain::request::GateFacts;
use crate::kernel::Moment;
use crate::kernel::ids::{PackageId, PolicyId};
use crate::store::{Conn, StoreError, Tx, assignments, catalogs, conflicts, packages, policies, requests};

/// A policy that the person may use, already narrowed to the strictest tier (SPEC POL-3).
#[derive(Debug, Clone)]
pub struct Offer {
    /// Which policy.
    pub policy: PolicyId,
    /// Its name.
    pub name: String,
    /// Its version now.
    pub version: i32,
    /// What it says.
    pub terms: Terms,
}

/// The policies that the person may use for this package. They are the same whether the catalog is published or
/// not: that is its own check.
pub fn offers(conn: &mut Conn, person: &Person, package: PackageId) -> Result<Vec<Offer>, AppError> {
    let admitting: Vec<(ScopeKind, Offer)> = policies::enabled_of_package(conn, package)?
        .into_iter()
        .filter(|row| row.terms.scope.admits(person))
        .map(|row| {
            let offer =
                Offer { policy: row.id, name: row.name, version: row.current_version, terms: row.terms };
            (row.scope_kind, offer)
        })
        .collect();
    Ok(policy::strictest(admitting, |(kind, _)| *kind).into_iter().map(|(_, offer)| offer).collect())
}

/// Keeps a policy that was just found open as it is. If it was closed or deleted in between, everything is looked at
/// again (SPEC POL-2, PKG-4).
pub(super) fn hold_open(tx: &mut Tx<'_>, policy: PolicyId) -> Result<(), AppError> {
    match policies::hold(tx, policy)? {
        Some(true) => Ok(()),
        Some(false) | None => Err(StoreError::Stale.into()),
    }
}

/// Everything that decides whether the person can request the package now. Access whose time is over counts as ended,
/// whether that is written down yet or not (I6).
pub fn gate_facts(
    conn: &mut Conn,
    who: &Person,
    package: PackageId,
    now: Moment,
) -> Result<GateFacts, AppError> {
    let found = packages::find(conn, package)?.ok_or(AppError::NotFound)?;
    let catalog = catalogs::find(conn, found.catalog)?.ok_or(AppError::NotFound)?;
    let subject = who.id.ok_or(AppError::NotFound)?;
    Ok(GateFacts {
        enabled: who.enabled,
        guest: who.guest,
        published: catalog.fields.state == CatalogState::Published,
        open_to_guests: catalog.fields.external_enabled,
        offered: offers(conn, who, package)?.into_iter().map(|o| o.policy).collect(),
        held: assignments::live_of(conn, subject, package)?
            .filter(|a| a.ends_at.is_none_or(|end| end > now))
            .map(|a| a.id),
        open: requests::open_of(conn, subject, package)?,
        conflicts: conflicts::held_against(conn, who, package)?,
    })
}

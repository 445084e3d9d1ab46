//! Connected organizations (SPEC section 4).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{connected_organizations, organization_domains};
use super::tx::Tx;
use crate::domain::directory::OrganizationState;
use crate::kernel::ids::OrganizationId;
use crate::kernel::{Moment, text};

/// Adds a configured organization with the domains by which its people are known.
pub fn insert(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    name: &str,
    description: &str,
    domains: &[&str],
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(connected_organizations::table)
        .values((
            connected_organizations::id.eq(id),
            connected_organizations::name.eq(name),
            connected_organizations::name_folded.eq(text::fold(name)),
            connected_organizations::description.eq(description),
            connected_organizations::state.eq(OrganizationState::Configured),
            connected_organizations::created_at.eq(now),
            connected_organizations::version.eq(1_i64),
        ))
        .execute(&mut **tx)?;
    for domain in domains {
        diesel::insert_into(organization_domains::table)
            .values((
                organization_domains::domain.eq(text::fold(domain)),
                organization_domains::organization_id.eq(id),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The names of these organizations; who is not there any more is left out.
pub fn names(
    conn: &mut Conn,
    ids: &BTreeSet<OrganizationId>,
) -> Result<BTreeMap<OrganizationId, String>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(OrganizationId, String)> = connected_organizations::table
        .filter(connected_organizations::id.eq_any(ids.iter().copied()))
        .select((connected_organizations::id, connected_organizations::name))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

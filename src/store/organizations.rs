//! Connected organizations (SPEC section 4).

use diesel::prelude::*;

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

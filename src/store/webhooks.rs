//! Where the orders of a resource go that is delivered by webhook (SPEC DLV-6).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{resources, webhook_targets};
use super::tx::Tx;
use crate::domain::catalog::ConnectorKind;
use crate::domain::order::WebhookTarget;
use crate::kernel::Moment;
use crate::kernel::ids::ResourceId;

/// Where orders of this resource go, and since when its secret holds.
pub fn find(conn: &mut Conn, resource: ResourceId) -> Result<Option<(WebhookTarget, Moment)>, StoreError> {
    let row: Option<(String, String, Moment)> = webhook_targets::table
        .find(resource)
        .select((webhook_targets::url, webhook_targets::secret, webhook_targets::secret_since))
        .first(conn)
        .optional()?;
    Ok(row.map(|(url, secret, since)| (WebhookTarget { url, secret }, since)))
}

/// Sets where orders of this resource go.
pub fn put(
    tx: &mut Tx<'_>,
    resource: ResourceId,
    target: &WebhookTarget,
    secret_since: Moment,
) -> Result<(), StoreError> {
    let changed = diesel::update(webhook_targets::table.find(resource))
        .set((
            webhook_targets::url.eq(&target.url),
            webhook_targets::secret.eq(&target.secret),
            webhook_targets::secret_since.eq(secret_since),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        diesel::insert_into(webhook_targets::table)
            .values((
                webhook_targets::resource_id.eq(resource),
                webhook_targets::url.eq(&target.url),
                webhook_targets::secret.eq(&target.secret),
                webhook_targets::secret_since.eq(secret_since),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Changes how the roles of a resource are delivered. The resource's version is checked and grown by the caller.
pub fn set_connector(
    tx: &mut Tx<'_>,
    resource: ResourceId,
    connector: ConnectorKind,
) -> Result<(), StoreError> {
    diesel::update(resources::table.find(resource))
        .set(resources::connector.eq(connector))
        .execute(&mut **tx)?;
    Ok(())
}

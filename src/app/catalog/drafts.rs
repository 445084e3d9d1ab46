//! What somebody types into the package wizard, kept until the package is made (SPEC PKG-6). It grants nothing and
//! nobody else sees it, so it is no event of the audit log.

use serde::Serialize;

use crate::app::{AppError, Cx};
use crate::domain::access::{self, Principal};
use crate::kernel::ids::CatalogId;
use crate::store::drafts::{self, Kept};
use crate::store::{Tx, catalogs};

/// Keeps what was typed up to this step.
pub fn keep<T: Serialize>(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    catalog: CatalogId,
    step: i32,
    fields: &T,
) -> Result<(), AppError> {
    let permit = access::edit_packages(me, catalog)?;
    // Two windows of one person take turns.
    catalogs::hold(tx, permit.catalog())?;
    Ok(drafts::keep(tx, me.user, permit.catalog(), &Kept { step, fields, at: cx.now })?)
}

/// Throws it away.
pub fn forget(tx: &mut Tx<'_>, me: &Principal, catalog: CatalogId) -> Result<(), AppError> {
    let permit = access::edit_packages(me, catalog)?;
    Ok(drafts::forget(tx, me.user, permit.catalog())?)
}

//! Who answers for a person (SPEC DIR-1).

use std::collections::BTreeSet;

use serde_json::json;

use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::Permit;
use crate::domain::access::task::ManageDirectory;
use crate::domain::audit::{ObjectKind, Record};
use crate::kernel::ids::{EntityId as _, UserId};
use crate::store::{Tx, people, sponsors, users};

/// Names the sponsors of a person anew. What did not change writes nothing.
pub fn set(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    id: UserId,
    wanted: &BTreeSet<UserId>,
) -> Result<(), AppError> {
    let user = users::find(tx, id)?.ok_or(AppError::NotFound)?;
    if wanted.contains(&id) {
        return Err(Refusal::OwnSponsor.into());
    }
    let before = sponsors::of(tx, id)?;
    if before == *wanted {
        return Ok(());
    }
    // The version grows, so that two people who edit the user at once hear of each other.
    users::update_profile(tx, id, user.version, &user.profile)?;
    sponsors::set(tx, id, wanted)?;
    let mut names = |of: &BTreeSet<UserId>| -> Result<Vec<String>, AppError> {
        Ok(people::names(tx, of)?.into_values().collect())
    };
    let (old, new) = (names(&before)?, names(wanted)?);
    let record = Record::of("user.edit", ObjectKind::User, id.uuid(), &user.profile.display_name)
        .about(id)
        .change(json!({ "sponsors": old }), json!({ "sponsors": new }));
    cx.record(tx, record);
    Ok(())
}

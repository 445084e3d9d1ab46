//! One's own profile (SPEC DIR-2): time zone, locale, which mails.

use serde_json::json;

use crate::app::{AppError, Cx, digests};
use crate::domain::Refusal;
use crate::domain::audit::{ObjectKind, Record};
use crate::kernel::ids::{EntityId as _, UserId};
use crate::store::profiles::{self, Preferences};
use crate::store::{StoreError, Tx};

/// Languages and regions to choose from; what a directory brought along stays possible too.
pub const LOCALES: &[(&str, &str)] = &[
    ("en", "English"),
    ("en-GB", "English (United Kingdom)"),
    ("en-US", "English (United States)"),
    ("en-IE", "English (Ireland)"),
    ("en-AU", "English (Australia)"),
    ("en-CA", "English (Canada)"),
    // The portal itself speaks English; questions can be asked in any of these (SPEC QST-2).
    ("de", "Deutsch"),
    ("de-AT", "Deutsch (Österreich)"),
    ("de-CH", "Deutsch (Schweiz)"),
    ("es", "Español"),
    ("fr", "Français"),
    ("fr-CH", "Français (Suisse)"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("ja", "日本語"),
];

/// Saves what the person changed. `version` is the one that the form was filled from.
pub fn edit(tx: &mut Tx<'_>, cx: &Cx, user: UserId, version: i64, new: &Preferences) -> Result<(), AppError> {
    let before = profiles::find(tx, user)?.ok_or(AppError::NotFound)?;
    if before.version != version {
        return Err(Refusal::Stale.into());
    }
    let old = before.preferences;
    if old == *new {
        return Ok(());
    }
    profiles::save(tx, user, version, new).map_err(|error| match error {
        StoreError::Stale => AppError::from(Refusal::Stale),
        other => other.into(),
    })?;
    if (old.notices.digest, &old.time_zone) != (new.notices.digest, &new.time_zone) {
        digests::schedule(tx, cx, user, new.notices.digest, &new.time_zone)?;
    }
    let values =
        |p: &Preferences| json!({ "timeZone": p.time_zone, "locale": p.locale, "notices": p.notices });
    cx.record(
        tx,
        Record::of("user.editProfile", ObjectKind::User, user.uuid(), before.name)
            .about(user)
            .change(values(&old), values(new)),
    );
    Ok(())
}

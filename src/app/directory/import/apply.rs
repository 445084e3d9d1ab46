//! Carrying a file of users out.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::{Counts, Manager, Work, judge};
use crate::app::directory::keep_an_administrator;
use crate::app::{AppError, Cx, account};
use crate::domain::Refusal;
use crate::domain::access::Permit;
use crate::domain::access::task::ManageDirectory;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::directory::{Profile, User, UserSource};
use crate::domain::import::Sheet;
use crate::kernel::ids::{EntityId as _, UserId};
use crate::store::{Tx, account_links, role_grants, sessions, users};

/// Carries the file out: all of it in this transaction. Refused if a row is, or if the directory changed since the
/// fingerprint was taken.
pub fn apply(
    tx: &mut Tx<'_>,
    cx: &Cx,
    _permit: Permit<ManageDirectory>,
    sheet: &Sheet,
    fingerprint: &str,
    invite: bool,
) -> Result<Counts, AppError> {
    users::hold_managers(tx)?;
    role_grants::lock_administrators(tx)?;
    // A portal that is only being set up may have nobody yet.
    let had_an_administrator = !role_grants::administrators(tx)?.is_empty();
    let plan = judge(tx, sheet, cx.instance.time_zone.name())?;
    if plan.fingerprint != fingerprint {
        return Err(Refusal::ImportStale.into());
    }
    if plan.counts.refused > 0 {
        return Err(Refusal::ImportRefused(plan.counts.refused).into());
    }
    let mut ids: HashMap<String, UserId> = HashMap::new();
    for work in plan.works.iter().filter(|w| w.user.is_none()) {
        ids.insert(work.profile.email.folded(), cx.id());
    }
    let mut later = Vec::new();
    for work in &plan.works {
        let manager = match &work.manager {
            Manager::Is(id) => *id,
            // Whoever is new too may not be there yet.
            Manager::InFile(email) => {
                later.push((work, ids.get(email).copied()));
                None
            }
        };
        let profile = Profile { manager, ..work.profile.clone() };
        match &work.user {
            None => add(tx, cx, work, profile, &ids, invite)?,
            Some(user) => change(tx, cx, user, work, profile)?,
        }
    }
    for (work, manager) in later {
        let email = work.profile.email.clone();
        let user = users::find_by_email(tx, &email)?.ok_or(AppError::NotFound)?;
        let profile = Profile { manager, ..user.profile };
        users::update_profile(tx, user.id, user.version, &profile)?;
    }
    if had_an_administrator {
        keep_an_administrator(tx)?;
    }
    Ok(plan.counts)
}

fn add(
    tx: &mut Tx<'_>,
    cx: &Cx,
    work: &Work,
    profile: Profile,
    ids: &HashMap<String, UserId>,
    invite: bool,
) -> Result<(), AppError> {
    let id = ids.get(&profile.email.folded()).copied().ok_or(AppError::NotFound)?;
    let user = User {
        id,
        profile,
        enabled: work.enabled,
        source: UserSource::Csv,
        organization: None,
        created_at: cx.now,
        last_sign_in_at: None,
        deleted_at: None,
        version: 1,
    };
    users::insert(tx, &user)?;
    let record = Record::of("user.import", ObjectKind::User, id.uuid(), &user.profile.display_name);
    let (_, new) = audited(&work.changes);
    cx.record(tx, record.about(id).change(Value::Null, new));
    if invite && work.enabled {
        account::links::invite(tx, cx, id)?;
    }
    Ok(())
}

fn change(tx: &mut Tx<'_>, cx: &Cx, user: &User, work: &Work, profile: Profile) -> Result<(), AppError> {
    let mut version = user.version;
    if profile != user.profile {
        users::update_profile(tx, user.id, version, &profile)?;
        version += 1;
    }
    if work.enabled != user.enabled {
        users::set_enabled(tx, user.id, version, work.enabled)?;
        if !work.enabled {
            // SPEC DIR-5
            sessions::revoke_all(tx, user.id)?;
            account_links::void_all_of(tx, user.id, cx.now)?;
        }
    }
    let record = Record::of("user.import", ObjectKind::User, user.id.uuid(), &profile.display_name);
    let (old, new) = audited(&work.changes);
    cx.record(tx, record.about(user.id).change(old, new));
    Ok(())
}

/// The values before and after, of what changes.
fn audited(changes: &[(String, String, String)]) -> (Value, Value) {
    let of = |pick: fn(&(String, String, String)) -> (&String, &String)| {
        let all: BTreeMap<&String, &String> = changes.iter().map(pick).collect();
        json!(all)
    };
    (of(|(name, was, _)| (name, was)), of(|(name, _, is)| (name, is)))
}

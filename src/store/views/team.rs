//! My team: the people who report to somebody directly, with their access (SPEC POL-6, section 14).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::access::{self, AccessRow, Part};
use super::browse::open_states;
use super::requests::{self, RequestRow, Which};
use crate::domain::assignment::AssignmentState;
use crate::domain::policy::Terms;
use crate::kernel::ids::{PackageId, UserId};
use crate::kernel::{Moment, PageRequest};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{assignments, policies, policy_versions, requests as kept, users};
use crate::store::types::Json;

/// So many reports are shown and can be asked for at once; no manager has more.
const MOST: i64 = 500;

/// Somebody who reports to the person who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their department, may be empty.
    pub department: String,
    /// May they sign in and have requests made?
    pub enabled: bool,
    /// How many packages they have now.
    pub active: usize,
    /// How many requests for them are on their way.
    pub open: i64,
    /// When the next of their access ends.
    pub next_end: Option<Moment>,
}

type PersonRow = (UserId, String, String, String, bool);

fn people(conn: &mut Conn, manager: UserId) -> Result<Vec<PersonRow>, StoreError> {
    Ok(users::table
        .filter(users::manager_id.eq(manager))
        .filter(users::deleted_at.is_null())
        .order((users::name_folded, users::id))
        .limit(MOST)
        .select((users::id, users::display_name, users::email, users::department, users::enabled))
        .load(conn)?)
}

/// How many people report to this person.
pub fn count(conn: &mut Conn, manager: UserId) -> Result<i64, StoreError> {
    Ok(users::table
        .filter(users::manager_id.eq(manager))
        .filter(users::deleted_at.is_null())
        .count()
        .get_result(conn)?)
}

/// Everybody who reports to this person, by name.
pub fn reports(conn: &mut Conn, manager: UserId, now: Moment) -> Result<Vec<Report>, StoreError> {
    let people = people(conn, manager)?;
    let ids: Vec<UserId> = people.iter().map(|p| p.0).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let live: Vec<(UserId, Moment, Option<Moment>)> = assignments::table
        .filter(assignments::subject_id.eq_any(ids.clone()))
        .filter(assignments::state.ne_all([AssignmentState::Expired, AssignmentState::Scheduled]))
        .select((assignments::subject_id, assignments::starts_at, assignments::ends_at))
        .load(conn)?;
    let open: Vec<(UserId, i64)> = kept::table
        .filter(kept::subject_id.eq_any(ids))
        .filter(kept::state.eq_any(open_states()))
        .group_by(kept::subject_id)
        .select((kept::subject_id, diesel::dsl::count_star()))
        .load(conn)?;
    let open: BTreeMap<UserId, i64> = open.into_iter().collect();
    let mut has: BTreeMap<UserId, (usize, Option<Moment>)> = BTreeMap::new();
    for (who, start, end) in live {
        // What is past its end is over, swept or not (I6).
        if start <= now && end.is_none_or(|end| now < end) {
            let entry = has.entry(who).or_default();
            entry.0 += 1;
            entry.1 = entry.1.into_iter().chain(end).min();
        }
    }
    Ok(people
        .into_iter()
        .map(|(id, name, email, department, enabled)| {
            let (active, next_end) = has.get(&id).copied().unwrap_or_default();
            let open = open.get(&id).copied().unwrap_or(0);
            Report { id, name, email, department, enabled, active, open, next_end }
        })
        .collect())
}

/// One report with what they have and what is on its way.
#[derive(Debug, Clone)]
pub struct ReportPage {
    /// Who.
    pub person: Report,
    /// What they have.
    pub active: Vec<AccessRow>,
    /// What starts later.
    pub scheduled: Vec<AccessRow>,
    /// What was asked for them and is on its way.
    pub open: Vec<RequestRow>,
}

/// One person who reports to this manager; `None` if they do not.
pub fn report(
    conn: &mut Conn,
    manager: UserId,
    person: UserId,
    now: Moment,
) -> Result<Option<ReportPage>, StoreError> {
    let Some(found) = reports(conn, manager, now)?.into_iter().find(|r| r.id == person) else {
        return Ok(None);
    };
    let all = PageRequest::everything();
    let mut open = requests::mine(conn, person, Which::Open, "", all, now)?.items;
    open.retain(|r| r.subject == person);
    Ok(Some(ReportPage {
        person: found,
        active: access::mine(conn, person, Part::Active, all, now)?.items,
        scheduled: access::mine(conn, person, Part::Scheduled, all, now)?.items,
        open,
    }))
}

/// The packages that have an enabled policy which lets managers ask (SPEC POL-6); all, or of these only.
pub fn on_behalf_packages(
    conn: &mut Conn,
    only: Option<PackageId>,
) -> Result<BTreeSet<PackageId>, StoreError> {
    let mut query = policies::table
        .inner_join(policy_versions::table)
        .filter(policies::enabled.eq(true))
        .filter(policies::deleted_at.is_null())
        .filter(policy_versions::number.eq(policies::current_version))
        .select((policies::package_id, policy_versions::terms))
        .into_boxed::<crate::store::conn::MultiBackend>();
    if let Some(only) = only {
        query = query.filter(policies::package_id.eq(only));
    }
    let rows: Vec<(PackageId, Json)> = query.load(conn)?;
    let mut found = BTreeSet::new();
    for (package, terms) in rows {
        if terms.read::<Terms>()?.on_behalf {
            found.insert(package);
        }
    }
    Ok(found)
}

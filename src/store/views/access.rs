//! My access: active, scheduled and ended assignments, and the page of one (SPEC section 9).

use std::collections::HashMap;

use diesel::prelude::*;

use super::browse::{Content, contents};
use super::request::Someone;
use super::requests::names;
use crate::domain::access::{CatalogTask, Principal};
use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::catalog::ResourceKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::request::{Changes, RequestKind, RequestState};
use crate::kernel::ids::{
    AssignmentId, CatalogId, DeliveryId, PackageId, PolicyId, RequestId, ResourceId, UserId,
};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{
    assignments, catalogs, deliveries, packages, policies, requests, resource_roles, resources, users,
};

text_enum! {
    /// Which part of a person's access a list shows.
    pub enum Part {
        /// What the person can use.
        Active = "active",
        /// What starts later.
        Scheduled = "scheduled",
        /// What is over.
        Expired = "expired",
    }
}

/// An assignment in a list.
#[derive(Debug, Clone)]
pub struct AccessRow {
    /// Its id.
    pub id: AssignmentId,
    /// Of which package.
    pub package: PackageId,
    /// The package's name.
    pub package_name: String,
    /// The catalog's name.
    pub catalog: String,
    /// Its state now, whether or not a sweep has written it down (I6).
    pub state: AssignmentState,
    /// When it starts.
    pub starts_at: Moment,
    /// When it ends.
    pub ends_at: Option<Moment>,
    /// When it was over.
    pub ended_at: Option<Moment>,
    /// Why it is over.
    pub end_reason: Option<EndReason>,
    /// What the package gives now.
    pub contents: Vec<Content>,
    /// Can its holder most likely extend it? The form tells for sure.
    pub extendable: bool,
}

type ListRow = (
    AssignmentId,
    PackageId,
    String,
    String,
    AssignmentState,
    Moment,
    Option<Moment>,
    Option<Moment>,
    Option<EndReason>,
);

/// The state at `now`: what is past its end is over.
fn state_at(state: AssignmentState, ends_at: Option<Moment>, now: Moment) -> AssignmentState {
    if ends_at.is_some_and(|end| end <= now) { AssignmentState::Expired } else { state }
}

macro_rules! part_of {
    ($user:expr, $part:expr, $now:expr) => {{
        let query = assignments::table
            .inner_join(packages::table.inner_join(catalogs::table))
            .filter(assignments::subject_id.eq($user))
            .into_boxed::<MultiBackend>();
        let lasts = assignments::ends_at.is_null().or(assignments::ends_at.gt($now));
        let live = assignments::state.ne(AssignmentState::Expired);
        let later = assignments::state.eq(AssignmentState::Scheduled).or(assignments::starts_at.gt($now));
        match $part {
            Part::Active => query
                .filter(live)
                .filter(lasts)
                .filter(assignments::state.ne(AssignmentState::Scheduled))
                .filter(assignments::starts_at.le($now)),
            Part::Scheduled => query.filter(live).filter(lasts).filter(later),
            Part::Expired => query
                .filter(assignments::state.eq(AssignmentState::Expired).or(assignments::ends_at.le($now))),
        }
    }};
}

macro_rules! columns {
    ($query:expr) => {
        $query.select((
            assignments::id,
            packages::id,
            packages::name,
            catalogs::name,
            assignments::state,
            assignments::starts_at,
            assignments::ends_at,
            assignments::ended_at,
            assignments::end_reason,
        ))
    };
}

/// A part of the person's access: active by name, scheduled by start, ended with the latest first.
pub fn mine(
    conn: &mut Conn,
    user: UserId,
    part: Part,
    at: PageRequest,
    now: Moment,
) -> Result<Page<AccessRow>, StoreError> {
    let total = count(conn, user, part, now)?;
    let query = part_of!(user, part, now);
    let query = match part {
        Part::Active => query.order((packages::name_folded, assignments::id)),
        Part::Scheduled => query.order((assignments::starts_at, assignments::id)),
        Part::Expired => query.order((assignments::starts_at.desc(), assignments::id.desc())),
    };
    let rows: Vec<ListRow> = columns!(query.limit(at.size).offset(at.offset())).load(conn)?;
    let items = filled(conn, rows, now)?;
    Ok(Page { items, total, at })
}

/// How many assignments a part of the person's access has.
pub fn count(conn: &mut Conn, user: UserId, part: Part, now: Moment) -> Result<i64, StoreError> {
    Ok(part_of!(user, part, now).count().get_result(conn)?)
}

/// The person's active access that ends before `until`, the soonest first.
pub fn ending(
    conn: &mut Conn,
    user: UserId,
    until: Moment,
    most: i64,
    now: Moment,
) -> Result<Vec<AccessRow>, StoreError> {
    let query = part_of!(user, Part::Active, now)
        .filter(assignments::ends_at.le(until))
        .order((assignments::ends_at, assignments::id))
        .limit(most);
    let rows: Vec<ListRow> = columns!(query).load(conn)?;
    filled(conn, rows, now)
}

fn filled(conn: &mut Conn, rows: Vec<ListRow>, now: Moment) -> Result<Vec<AccessRow>, StoreError> {
    let ids: Vec<_> = rows.iter().map(|r| r.1).collect();
    let given: HashMap<PackageId, Vec<Content>> = contents(conn, &ids)?;
    let held: Vec<AssignmentId> =
        rows.iter().filter(|r| r.6.is_some_and(|end| end > now)).map(|r| r.0).collect();
    let extendable = super::extending::extendable(conn, &held)?;
    Ok(rows
        .into_iter()
        .map(|r| AccessRow {
            id: r.0,
            package: r.1,
            package_name: r.2,
            catalog: r.3,
            state: state_at(r.4, r.6, now),
            starts_at: r.5,
            ends_at: r.6,
            ended_at: r.7,
            end_reason: r.8,
            contents: given.get(&r.1).cloned().unwrap_or_default(),
            extendable: extendable.contains(&r.0),
        })
        .collect())
}

/// A role that an assignment gives, with how to use it (SPEC CAT-4).
#[derive(Debug, Clone)]
pub struct Given {
    /// The delivery.
    pub id: DeliveryId,
    /// Of which resource.
    pub resource: ResourceId,
    /// The resource's name.
    pub resource_name: String,
    /// What kind of thing it is.
    pub kind: ResourceKind,
    /// The role's name.
    pub role: String,
    /// What the role or the resource is.
    pub description: String,
    /// How to use it.
    pub usage: String,
    /// Where to find it.
    pub link: String,
    /// How far it is.
    pub state: DeliveryState,
    /// What went wrong.
    pub error: Option<String>,
    /// When that changed.
    pub updated_at: Moment,
}

/// A request about the assignment.
#[derive(Debug, Clone)]
pub struct About {
    /// Its id.
    pub id: RequestId,
    /// What it wanted.
    pub kind: RequestKind,
    /// What it changed.
    pub changes: Option<Changes>,
    /// Its state.
    pub state: RequestState,
    /// Who asked; `None` is the system.
    pub requestor: Option<String>,
    /// Why.
    pub justification: String,
    /// When.
    pub submitted_at: Moment,
}

/// Everything about one assignment.
#[derive(Debug, Clone)]
pub struct AccessPage {
    /// Its id.
    pub id: AssignmentId,
    /// Of which package.
    pub package: PackageId,
    /// The package's name.
    pub package_name: String,
    /// The package's description.
    pub package_description: String,
    /// Its catalog.
    pub catalog: CatalogId,
    /// The catalog's name.
    pub catalog_name: String,
    /// The policy.
    pub policy: PolicyId,
    /// The policy's name.
    pub policy_name: String,
    /// Its version.
    pub policy_version: i32,
    /// Who holds it.
    pub subject: Someone,
    /// Its state now (I6).
    pub state: AssignmentState,
    /// When it starts.
    pub starts_at: Moment,
    /// When it ends.
    pub ends_at: Option<Moment>,
    /// When everything was there.
    pub delivered_at: Option<Moment>,
    /// When it was over.
    pub ended_at: Option<Moment>,
    /// Why it is over.
    pub end_reason: Option<EndReason>,
    /// What it gives.
    pub given: Vec<Given>,
    /// Its requests, the first first.
    pub requests: Vec<About>,
    /// Does it belong to the person who looks?
    pub own: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = assignments, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, crate::store::conn::MultiBackend))]
struct Row {
    id: AssignmentId,
    package_id: PackageId,
    policy_id: PolicyId,
    policy_version: i32,
    state: AssignmentState,
    starts_at: Moment,
    ends_at: Option<Moment>,
    delivered_at: Option<Moment>,
    ended_at: Option<Moment>,
    end_reason: Option<EndReason>,
}

type Around = (String, String, CatalogId, String, String);

/// One assignment as this person sees it; `None` if it is neither theirs nor in a catalog whose assignments they
/// see.
pub fn page(
    conn: &mut Conn,
    principal: &Principal,
    id: AssignmentId,
    now: Moment,
) -> Result<Option<AccessPage>, StoreError> {
    let found: Option<(Row, Around, (UserId, String, String, String))> = assignments::table
        .inner_join(packages::table.inner_join(catalogs::table))
        .inner_join(policies::table)
        .inner_join(users::table)
        .filter(assignments::id.eq(id))
        .select((
            Row::as_select(),
            (packages::name, packages::description, catalogs::id, catalogs::name, policies::name),
            (users::id, users::display_name, users::email, users::department),
        ))
        .first(conn)
        .optional()?;
    let Some((row, around, (subject, name, email, department))) = found else {
        return Ok(None);
    };
    let (package_name, package_description, catalog, catalog_name, policy_name) = around;
    let own = subject == principal.user;
    if !own && !principal.may_in(CatalogTask::SeeAssignments, catalog) {
        return Ok(None);
    }
    Ok(Some(AccessPage {
        given: given(conn, id)?,
        requests: about(conn, id)?,
        id: row.id,
        package: row.package_id,
        package_name,
        package_description,
        catalog,
        catalog_name,
        policy: row.policy_id,
        policy_name,
        policy_version: row.policy_version,
        subject: Someone { id: subject, name, email, department },
        state: state_at(row.state, row.ends_at, now),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        delivered_at: row.delivered_at,
        ended_at: row.ended_at,
        end_reason: row.end_reason,
        own,
    }))
}

type GivenRow = (
    (DeliveryId, DeliveryState, Option<String>, Moment),
    (ResourceId, String, ResourceKind, String, String, String),
    (String, String),
);

fn given(conn: &mut Conn, assignment: AssignmentId) -> Result<Vec<Given>, StoreError> {
    let rows: Vec<GivenRow> = deliveries::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(deliveries::assignment_id.eq(assignment))
        .order((resources::name_folded, resources::id, resource_roles::position, deliveries::id))
        .select((
            (deliveries::id, deliveries::state, deliveries::error, deliveries::updated_at),
            (
                resources::id,
                resources::name,
                resources::kind,
                resources::description,
                resources::usage_text,
                resources::link,
            ),
            (resource_roles::name, resource_roles::description),
        ))
        .load(conn)?;
    let given = |(delivery, resource, role): GivenRow| Given {
        id: delivery.0,
        state: delivery.1,
        error: delivery.2,
        updated_at: delivery.3,
        resource: resource.0,
        resource_name: resource.1,
        kind: resource.2,
        description: if role.1.is_empty() { resource.3 } else { role.1 },
        usage: resource.4,
        link: resource.5,
        role: role.0,
    };
    Ok(rows.into_iter().map(given).collect())
}

type AboutRow = (RequestId, (RequestKind, Option<Changes>), RequestState, Option<UserId>, String, Moment);

fn about(conn: &mut Conn, assignment: AssignmentId) -> Result<Vec<About>, StoreError> {
    let rows: Vec<AboutRow> = requests::table
        .filter(requests::assignment_id.eq(assignment))
        .order((requests::submitted_at, requests::id))
        .select((
            requests::id,
            (requests::kind, requests::changes),
            requests::state,
            requests::requestor_id,
            requests::justification,
            requests::submitted_at,
        ))
        .load(conn)?;
    let names = names(conn, rows.iter().filter_map(|r| r.3).collect())?;
    Ok(rows
        .into_iter()
        .map(|(id, (kind, changes), state, requestor, justification, submitted_at)| About {
            id,
            kind,
            changes,
            state,
            requestor: requestor.and_then(|id| names.get(&id).cloned()),
            justification,
            submitted_at,
        })
        .collect())
}

//! Bulk work as pages show it, and what a draft needs to know of people and assignments (SPEC ASG-2).

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::assignment::AssignmentState;
use crate::domain::bulk::{RowState, RowWish, WorkKind, WorkState};
use crate::kernel::ids::{AssignmentId, BulkWorkId, PackageId, RequestId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::bulk::Counts;
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{assignments, bulk_rows, bulk_works, packages, users};
use crate::store::types::Json;

/// So many values go into one query.
const CHUNK: usize = 400;

/// Who has these folded addresses or names; a name may be that of several. Disabled people too, nobody deleted.
pub fn people_called(conn: &mut Conn, folded: &[String]) -> Result<HashMap<String, Vec<UserId>>, StoreError> {
    let mut found: HashMap<String, Vec<UserId>> = HashMap::new();
    for part in folded.chunks(CHUNK) {
        let (addresses, names): (Vec<&String>, Vec<&String>) = part.iter().partition(|t| t.contains('@'));
        if !addresses.is_empty() {
            let rows: Vec<(String, UserId)> = users::table
                .filter(users::email_folded.eq_any(addresses).and(users::deleted_at.is_null()))
                .select((users::email_folded, users::id))
                .load(conn)?;
            for (address, user) in rows {
                found.insert(address, vec![user]);
            }
        }
        if !names.is_empty() {
            let rows: Vec<(String, UserId)> = users::table
                .filter(users::name_folded.eq_any(names).and(users::deleted_at.is_null()))
                .order(users::id)
                .select((users::name_folded, users::id))
                .load(conn)?;
            for (name, user) in rows {
                let all = found.entry(name).or_default();
                if !all.contains(&user) {
                    all.push(user);
                }
            }
        }
    }
    Ok(found)
}

/// Which of these assignments of the package stand now, by the person's name: with the person and their address.
pub fn live_among(
    conn: &mut Conn,
    package: PackageId,
    ids: &[AssignmentId],
    now: Moment,
) -> Result<Vec<(AssignmentId, UserId, String)>, StoreError> {
    let mut live: Vec<(AssignmentId, UserId, String, String)> = Vec::new();
    for part in ids.chunks(CHUNK) {
        let rows: Vec<(AssignmentId, UserId, String, String)> = assignments::table
            .inner_join(users::table)
            .filter(assignments::id.eq_any(part).and(assignments::package_id.eq(package)))
            .filter(assignments::state.ne(AssignmentState::Expired))
            .filter(assignments::ends_at.is_null().or(assignments::ends_at.gt(now)))
            .select((assignments::id, users::id, users::email, users::name_folded))
            .load(conn)?;
        live.extend(rows);
    }
    live.sort_by(|a, b| (&a.3, a.0).cmp(&(&b.3, b.0)));
    live.dedup_by_key(|row| row.0);
    Ok(live.into_iter().map(|(id, user, email, _)| (id, user, email)).collect())
}

/// A row as the page shows it.
#[derive(Debug, Clone)]
pub struct ShownRow {
    /// Its place.
    pub position: i32,
    /// What was typed.
    pub typed: String,
    /// Who it is about: id, name, address.
    pub person: Option<(UserId, String, String)>,
    /// The assignment that it made or is about, and when that ends.
    pub assignment: Option<(AssignmentId, Option<Moment>)>,
    /// What became of it.
    pub state: RowState,
    /// Words about that.
    pub words: String,
    /// The request that came of it.
    pub request: Option<RequestId>,
    /// The end that it says: of its own, or what a check found.
    pub then: Option<Moment>,
}

type ShownColumns = (
    (i32, String, RowState, String, Option<RequestId>, Json),
    Option<(UserId, String, String)>,
    Option<(AssignmentId, Option<Moment>)>,
);

/// The rows of a work, in order; only those of one state if so asked.
pub fn rows(
    conn: &mut Conn,
    work: BulkWorkId,
    state: Option<RowState>,
    at: PageRequest,
) -> Result<Page<ShownRow>, StoreError> {
    let filtered = || {
        let mut query = bulk_rows::table
            .left_join(users::table)
            .left_join(assignments::table.on(bulk_rows::assignment_id.eq(assignments::id.nullable())))
            .filter(bulk_rows::work_id.eq(work))
            .into_boxed::<MultiBackend>();
        if let Some(state) = state {
            query = query.filter(bulk_rows::state.eq(state));
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let found: Vec<ShownColumns> = filtered()
        .order(bulk_rows::position)
        .limit(at.size)
        .offset(at.offset())
        .select((
            (
                bulk_rows::position,
                bulk_rows::typed,
                bulk_rows::state,
                bulk_rows::words,
                bulk_rows::request_id,
                bulk_rows::details,
            ),
            (users::id, users::display_name, users::email).nullable(),
            (assignments::id, assignments::ends_at).nullable(),
        ))
        .load(conn)?;
    let mut items = Vec::with_capacity(found.len());
    for ((position, typed, state, words, request, details), person, assignment) in found {
        let then = details.read::<RowWish>()?.end;
        items.push(ShownRow { position, typed, person, assignment, state, words, request, then });
    }
    Ok(Page { items, total, at })
}

/// A work in a list.
#[derive(Debug, Clone)]
pub struct WorkLine {
    /// Its id.
    pub id: BulkWorkId,
    /// Of which package.
    pub package: PackageId,
    /// Its name.
    pub package_name: String,
    /// What is done.
    pub kind: WorkKind,
    /// How far it is.
    pub state: WorkState,
    /// How its rows are.
    pub counts: Counts,
    /// Who started it.
    pub by: String,
    /// When.
    pub started_at: Option<Moment>,
    /// When it ended.
    pub finished_at: Option<Moment>,
}

type WorkColumns = (
    (BulkWorkId, PackageId, String, WorkKind, WorkState, String),
    (i32, i32, i32, i32, i32, Option<Moment>, Option<Moment>),
);

/// The latest works that were begun, the newest first: those of one package, or all.
pub fn latest(conn: &mut Conn, package: Option<PackageId>, limit: i64) -> Result<Vec<WorkLine>, StoreError> {
    let mut query = bulk_works::table
        .inner_join(packages::table)
        .inner_join(users::table)
        .filter(bulk_works::state.ne(WorkState::Draft))
        .into_boxed::<MultiBackend>();
    if let Some(package) = package {
        query = query.filter(bulk_works::package_id.eq(package));
    }
    let found: Vec<WorkColumns> = query
        .order((bulk_works::started_at.desc(), bulk_works::id.desc()))
        .limit(limit)
        .select((
            (
                bulk_works::id,
                bulk_works::package_id,
                packages::name,
                bulk_works::kind,
                bulk_works::state,
                users::display_name,
            ),
            (
                bulk_works::total,
                bulk_works::done,
                bulk_works::skipped,
                bulk_works::refused,
                bulk_works::failed,
                bulk_works::started_at,
                bulk_works::finished_at,
            ),
        ))
        .load(conn)?;
    Ok(found
        .into_iter()
        .map(|(what, how)| WorkLine {
            id: what.0,
            package: what.1,
            package_name: what.2,
            kind: what.3,
            state: what.4,
            by: what.5,
            counts: Counts { total: how.0, done: how.1, skipped: how.2, refused: how.3, failed: how.4 },
            started_at: how.5,
            finished_at: how.6,
        })
        .collect())
}

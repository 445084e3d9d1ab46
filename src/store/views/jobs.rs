//! The Jobs page: what runs, what waits, what failed, and the schedule (SPEC section 14). Only who may see everything
//! sees any.

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::domain::access::Viewer;
use crate::kernel::ids::JobId;
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::jobs::JobState;
use crate::store::schema::{jobs, schedules};

/// A job in the list.
#[derive(Debug, Clone, Queryable)]
pub struct JobLine {
    /// Its id.
    pub id: JobId,
    /// Which kind of work.
    pub kind: String,
    /// How far it is.
    pub state: JobState,
    /// Not to be done earlier.
    pub run_at: Moment,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was written.
    pub created_at: Moment,
    /// When it was over.
    pub finished_at: Option<Moment>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// The jobs, the newest first.
pub fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    state: Option<JobState>,
    kind: &str,
    at: PageRequest,
) -> Result<Page<JobLine>, StoreError> {
    if !viewer.everything {
        return Ok(Page { items: Vec::new(), total: 0, at });
    }
    let filtered = || {
        let mut query = jobs::table.into_boxed::<MultiBackend>();
        if let Some(state) = state {
            query = query.filter(jobs::state.eq(state));
        }
        if !kind.is_empty() {
            query = query.filter(jobs::kind.eq(kind.to_owned()));
        }
        query
    };
    let total = filtered().count().get_result(conn)?;
    let items = filtered()
        .order((jobs::created_at.desc(), jobs::id.desc()))
        .limit(at.size)
        .offset(at.offset())
        .select((
            jobs::id,
            jobs::kind,
            jobs::state,
            jobs::run_at,
            jobs::attempts,
            jobs::created_at,
            jobs::finished_at,
            jobs::last_error,
        ))
        .load(conn)?;
    Ok(Page { items, total, at })
}

/// How many jobs there are in each state, and which kinds there are.
pub fn counts(conn: &mut Conn, viewer: &Viewer) -> Result<(Vec<(JobState, i64)>, Vec<String>), StoreError> {
    if !viewer.everything {
        return Ok((Vec::new(), Vec::new()));
    }
    let states = jobs::table.group_by(jobs::state).select((jobs::state, count_star())).load(conn)?;
    let kinds = jobs::table.select(jobs::kind).distinct().order(jobs::kind).load(conn)?;
    Ok((states, kinds))
}

/// Recurring work.
#[derive(Debug, Clone, Queryable)]
pub struct ScheduleLine {
    /// Its name.
    pub name: String,
    /// When its next turn is.
    pub next: Moment,
    /// When its last turn was.
    pub last: Option<Moment>,
    /// What came of the last turn that had something to do, or failed.
    pub result: Option<String>,
    /// How often, in seconds.
    pub every: Option<i32>,
}

/// The schedule, by name.
pub fn schedule(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<ScheduleLine>, StoreError> {
    if !viewer.everything {
        return Ok(Vec::new());
    }
    Ok(schedules::table
        .order(schedules::name)
        .select((
            schedules::name,
            schedules::next_run_at,
            schedules::last_run_at,
            schedules::last_result,
            schedules::every_seconds,
        ))
        .load(conn)?)
}

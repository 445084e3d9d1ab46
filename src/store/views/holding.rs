//! The assignments of a package as those who manage it see them: filtered, sorted, page by page (SPEC PKG-6, PGE-2).

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::request::RequestKind;
use crate::kernel::ids::{AssignmentId, PackageId, PolicyId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::conn::{Conn, MultiBackend};
use crate::store::error::StoreError;
use crate::store::schema::{assignments, policies, requests, users};
use crate::store::search;

/// Which states a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Held {
    /// Those that still stand.
    #[default]
    Live,
    /// All.
    All,
    /// In this state.
    In(AssignmentState),
}

text_enum! {
    /// How access came about.
    pub enum Came {
        /// The person asked, or their manager did.
        Requested = "requested",
        /// It was assigned directly.
        Direct = "direct",
        /// A rule assigned it.
        Automatic = "automatic",
    }
}

impl Came {
    fn kinds(self) -> &'static [RequestKind] {
        match self {
            Self::Requested => &[RequestKind::UserAdd, RequestKind::OnBehalfAdd],
            Self::Direct => &[RequestKind::AdminAdd],
            Self::Automatic => &[RequestKind::SystemAdd],
        }
    }

    fn of(kind: RequestKind) -> Option<Self> {
        Self::ALL.iter().copied().find(|came| came.kinds().contains(&kind))
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Requested => "Requested",
            Self::Direct => "Assigned directly",
            Self::Automatic => "By rule",
        }
    }
}

/// The column of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The person's name.
    #[default]
    Name,
    /// When it began.
    Start,
    /// When it ends; without an end comes last.
    End,
}

/// What of the list is wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words of the person's name, address, department.
    pub q: String,
    /// In which states.
    pub which: Held,
    /// Through this policy.
    pub policy: Option<PolicyId>,
    /// It ends before this instant.
    pub ends_before: Option<Moment>,
    /// It came about so.
    pub came: Option<Came>,
    /// Ordered by this column.
    pub order: Order,
    /// Downwards?
    pub descending: bool,
}

/// An assignment in a package's list.
#[derive(Debug, Clone)]
pub struct AssignmentRow {
    /// Its id.
    pub id: AssignmentId,
    /// Who holds it.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// May they sign in?
    pub enabled: bool,
    /// Is the account deleted (SPEC PKG-4)?
    pub deleted: bool,
    /// Under which policy.
    pub policy: String,
    /// Its state now, whether or not a sweep has written it down (I6).
    pub state: AssignmentState,
    /// From when.
    pub starts_at: Moment,
    /// Until when.
    pub ends_at: Option<Moment>,
    /// When it was over.
    pub ended_at: Option<Moment>,
    /// Why.
    pub end_reason: Option<EndReason>,
    /// How it came about.
    pub came: Option<Came>,
}

type Columns = (
    (AssignmentId, UserId, String, String, bool, Option<Moment>),
    (String, AssignmentState, Moment, Option<Moment>, Option<Moment>, Option<EndReason>),
);

macro_rules! matching {
    ($package:expr, $filter:expr, $now:expr) => {{
        let (filter, now): (&Filter, Moment) = ($filter, $now);
        let mut query = assignments::table
            .inner_join(users::table)
            .inner_join(policies::table)
            .filter(assignments::package_id.eq($package))
            .into_boxed::<MultiBackend>();
        let lasts = || assignments::ends_at.is_null().or(assignments::ends_at.gt(now));
        match filter.which {
            Held::All => {}
            Held::Live => {
                query = query.filter(assignments::state.ne(AssignmentState::Expired)).filter(lasts());
            }
            Held::In(AssignmentState::Expired) => {
                query = query
                    .filter(assignments::state.eq(AssignmentState::Expired).or(assignments::ends_at.le(now)));
            }
            Held::In(state) => query = query.filter(assignments::state.eq(state)).filter(lasts()),
        }
        if let Some(policy) = filter.policy {
            query = query.filter(assignments::policy_id.eq(policy));
        }
        if let Some(before) = filter.ends_before {
            query = query.filter(assignments::ends_at.le(before));
        }
        if let Some(came) = filter.came {
            let made = requests::table
                .filter(requests::package_id.eq($package))
                .filter(requests::kind.eq_any(came.kinds().iter().copied()))
                .select(requests::assignment_id);
            query = query.filter(assignments::id.nullable().eq_any(made));
        }
        for pattern in search::patterns(&filter.q) {
            query = query.filter(users::search_folded.like(pattern).escape(search::ESCAPE));
        }
        query
    }};
}

/// The assignments of a package; truth that depends on time is that of `now`.
pub fn list(
    conn: &mut Conn,
    package: PackageId,
    filter: &Filter,
    at: PageRequest,
    now: Moment,
) -> Result<Page<AssignmentRow>, StoreError> {
    let total = matching!(package, filter, now).count().get_result(conn)?;
    let query = matching!(package, filter, now);
    let last = (users::name_folded, assignments::id);
    let ordered = match (filter.order, filter.descending) {
        (Order::Name, false) => query.order(last),
        (Order::Name, true) => query.order((users::name_folded.desc(), assignments::id)),
        (Order::Start, false) => query.order((assignments::starts_at, users::name_folded, assignments::id)),
        (Order::Start, true) => {
            query.order((assignments::starts_at.desc(), users::name_folded, assignments::id))
        }
        (Order::End, false) => query.order((
            assignments::ends_at.is_null(),
            assignments::ends_at,
            users::name_folded,
            assignments::id,
        )),
        (Order::End, true) => query.order((
            assignments::ends_at.is_null(),
            assignments::ends_at.desc(),
            users::name_folded,
            assignments::id,
        )),
    };
    let rows: Vec<Columns> = ordered
        .limit(at.size)
        .offset(at.offset())
        .select((
            (
                assignments::id,
                users::id,
                users::display_name,
                users::email,
                users::enabled,
                users::deleted_at,
            ),
            (
                policies::name,
                assignments::state,
                assignments::starts_at,
                assignments::ends_at,
                assignments::ended_at,
                assignments::end_reason,
            ),
        ))
        .load(conn)?;
    let ids: Vec<AssignmentId> = rows.iter().map(|r| r.0.0).collect();
    let came = came_about(conn, &ids)?;
    let items = rows
        .into_iter()
        .map(|(who, what)| AssignmentRow {
            came: came.get(&who.0).copied(),
            id: who.0,
            user: who.1,
            name: who.2,
            email: who.3,
            enabled: who.4,
            deleted: who.5.is_some(),
            policy: what.0,
            state: if what.3.is_some_and(|end| end <= now) { AssignmentState::Expired } else { what.1 },
            starts_at: what.2,
            ends_at: what.3,
            ended_at: what.4,
            end_reason: what.5,
        })
        .collect();
    Ok(Page { items, total, at })
}

/// The ids of everything that a filter shows.
pub fn ids(
    conn: &mut Conn,
    package: PackageId,
    filter: &Filter,
    now: Moment,
) -> Result<Vec<AssignmentId>, StoreError> {
    Ok(matching!(package, filter, now).order(assignments::id).select(assignments::id).load(conn)?)
}

fn came_about(conn: &mut Conn, ids: &[AssignmentId]) -> Result<HashMap<AssignmentId, Came>, StoreError> {
    let mut came = HashMap::with_capacity(ids.len());
    for part in ids.chunks(400) {
        let rows: Vec<(Option<AssignmentId>, RequestKind)> = requests::table
            .filter(requests::assignment_id.assume_not_null().eq_any(part))
            .select((requests::assignment_id, requests::kind))
            .load(conn)?;
        came.extend(rows.into_iter().filter_map(|(id, kind)| Some((id?, Came::of(kind)?))));
    }
    Ok(came)
}

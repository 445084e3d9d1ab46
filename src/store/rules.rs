//! Who follows a membership rule, what it is about to change, and about whom something changed (SPEC AUT-3, AUT-4).

use diesel::prelude::*;
use uuid::Uuid;

use super::conn::{Conn, MultiBackend};
use super::dialect::insert_or_ignore;
use super::error::StoreError;
use super::schema::{rule_changes, rule_followers, rule_touched, users};
use super::search;
use super::tx::Tx;
use super::types::AnyId;
use crate::domain::following::{FollowerKind, Following, Target};
use crate::kernel::ids::{AssignmentId, EntityId as _, GroupId, PolicyId, UserId};
use crate::kernel::{Moment, Page, PageRequest};

/// Something that follows a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    /// What.
    pub target: Target,
    /// How it stands.
    pub state: Following,
    /// Has everybody to be looked at?
    pub whole: bool,
    /// Up to whom that is done.
    pub reached: Option<UserId>,
    /// Since when it is stopped or paused.
    pub stopped_at: Option<Moment>,
    /// When everybody was looked at last.
    pub looked_at: Option<Moment>,
    /// Grows with each change.
    pub version: i64,
}

type Row = (AnyId, FollowerKind, Following, bool, Option<UserId>, Option<Moment>, Option<Moment>, i64);

fn follower(row: Row) -> Follower {
    let (AnyId(id), kind, state, whole, reached, stopped_at, looked_at, version) = row;
    let target = match kind {
        FollowerKind::Group => Target::Group(GroupId::from_uuid(id)),
        FollowerKind::Policy => Target::Policy(PolicyId::from_uuid(id)),
    };
    Follower { target, state, whole, reached, stopped_at, looked_at, version }
}

/// The id and the word of a target, as they are kept.
fn key(target: Target) -> (AnyId, FollowerKind) {
    match target {
        Target::Group(id) => (AnyId(id.uuid()), FollowerKind::Group),
        Target::Policy(id) => (AnyId(id.uuid()), FollowerKind::Policy),
    }
}

macro_rules! followers {
    () => {
        rule_followers::table.select((
            rule_followers::target_id,
            rule_followers::kind,
            rule_followers::state,
            rule_followers::whole,
            rule_followers::reached,
            rule_followers::stopped_at,
            rule_followers::looked_at,
            rule_followers::version,
        ))
    };
}

/// Everything that follows a rule.
pub fn followers(conn: &mut Conn) -> Result<Vec<Follower>, StoreError> {
    let rows: Vec<Row> = followers!().order(rule_followers::target_id).load(conn)?;
    Ok(rows.into_iter().map(follower).collect())
}

/// What stopped and waits for an answer.
pub fn stopped(conn: &mut Conn) -> Result<Vec<Target>, StoreError> {
    let rows: Vec<Row> = followers!()
        .filter(rule_followers::state.eq(Following::Stopped))
        .order(rule_followers::target_id)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| follower(row).target).collect())
}

/// One of them.
pub fn find(conn: &mut Conn, target: Target) -> Result<Option<Follower>, StoreError> {
    let row: Option<Row> =
        followers!().filter(rule_followers::target_id.eq(key(target).0)).first(conn).optional()?;
    Ok(row.map(follower))
}

/// Begins to follow a rule, or follows another: everybody has to be looked at.
pub fn follow(tx: &mut Tx<'_>, target: Target) -> Result<(), StoreError> {
    let (id, kind) = key(target);
    insert_or_ignore!(
        *tx,
        rule_followers::table,
        (
            rule_followers::target_id.eq(id),
            rule_followers::kind.eq(kind),
            rule_followers::state.eq(Following::Following),
            rule_followers::whole.eq(true),
            rule_followers::version.eq(1_i64),
        )
    )?;
    diesel::update(rule_followers::table.find(id))
        .set((
            rule_followers::state.eq(Following::Following),
            rule_followers::whole.eq(true),
            rule_followers::reached.eq(None::<UserId>),
            rule_followers::stopped_at.eq(None::<Moment>),
            rule_followers::version.eq(rule_followers::version + 1),
        ))
        .execute(&mut **tx)?;
    // Whatever waits was planned by the rule before: it has to pass the threshold anew.
    diesel::update(rule_changes::table.filter(rule_changes::target_id.eq(id)))
        .set((rule_changes::released.eq(false), rule_changes::problem.eq(None::<String>)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Follows no rule any more: what was planned is forgotten.
pub fn unfollow(tx: &mut Tx<'_>, target: Target) -> Result<(), StoreError> {
    diesel::delete(rule_followers::table.find(key(target).0)).execute(&mut **tx)?;
    Ok(())
}

/// Everybody has to be looked at again, for everything that follows a rule.
pub fn look_at_everybody(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    Ok(diesel::update(rule_followers::table.filter(rule_followers::whole.eq(false)))
        .set((
            rule_followers::whole.eq(true),
            rule_followers::reached.eq(None::<UserId>),
            rule_followers::version.eq(rule_followers::version + 1),
        ))
        .execute(&mut **tx)?)
}

/// Saves how far a follower is, if nobody changed it since. `Stale` otherwise.
pub fn save(tx: &mut Tx<'_>, follower: &mut Follower) -> Result<(), StoreError> {
    let row = rule_followers::table
        .filter(rule_followers::target_id.eq(key(follower.target).0))
        .filter(rule_followers::version.eq(follower.version));
    let changed = diesel::update(row)
        .set((
            rule_followers::state.eq(follower.state),
            rule_followers::whole.eq(follower.whole),
            rule_followers::reached.eq(follower.reached),
            rule_followers::stopped_at.eq(follower.stopped_at),
            rule_followers::looked_at.eq(follower.looked_at),
            rule_followers::version.eq(follower.version + 1),
        ))
        .execute(&mut **tx)?;
    follower.version += 1;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Something about this person changed: in the transaction that changes it. The mark says what, so that a change
/// that comes while the one before is being looked at is not lost.
pub fn touch(tx: &mut Tx<'_>, user: UserId, mark: &str) -> Result<(), StoreError> {
    insert_or_ignore!(
        *tx,
        rule_touched::table,
        (rule_touched::user_id.eq(user), rule_touched::mark.eq(mark))
    )?;
    Ok(())
}

/// An assignment of the person ended: a rule may give the package now.
pub fn touch_ended(tx: &mut Tx<'_>, user: UserId, assignment: AssignmentId) -> Result<(), StoreError> {
    touch(tx, user, &format!("assignment/{assignment}"))
}

/// The people who report to somebody, whose address was changed: rules can ask for it.
pub fn touch_reports(tx: &mut Tx<'_>, manager: UserId, version: i64) -> Result<(), StoreError> {
    let reports: Vec<UserId> =
        users::table.filter(users::manager_id.eq(manager)).select(users::id).load(&mut **tx)?;
    for report in reports {
        touch(tx, report, &format!("manager/{manager}/{version}"))?;
    }
    Ok(())
}

/// Is there anybody whom the rules have not looked at since something changed?
pub fn anybody_to_look_at(conn: &mut Conn) -> Result<bool, StoreError> {
    let whole = rule_followers::table.filter(rule_followers::whole.eq(true));
    Ok(diesel::select(diesel::dsl::exists(rule_touched::table.select(rule_touched::user_id)))
        .get_result::<bool>(conn)?
        || diesel::select(diesel::dsl::exists(whole)).get_result::<bool>(conn)?)
}

/// People about whom something changed, some of them.
pub fn touched(conn: &mut Conn, limit: i64) -> Result<Vec<(UserId, String)>, StoreError> {
    Ok(rule_touched::table
        .order((rule_touched::user_id, rule_touched::mark))
        .limit(limit)
        .select((rule_touched::user_id, rule_touched::mark))
        .load(conn)?)
}

/// These changes have been looked at.
pub fn forget_touched(tx: &mut Tx<'_>, seen: &[(UserId, String)]) -> Result<(), StoreError> {
    for (user, mark) in seen {
        diesel::delete(rule_touched::table.find((user, mark))).execute(&mut **tx)?;
    }
    Ok(())
}

/// A change that a rule is about to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// About whom.
    pub user: UserId,
    /// Gains, or loses.
    pub gains: bool,
    /// May it be carried out?
    pub released: bool,
    /// When it was noticed.
    pub noticed_at: Moment,
    /// When it is to be carried out.
    pub due_at: Moment,
    /// Why that did not work the last time.
    pub problem: Option<String>,
}

type PlannedRow = (UserId, bool, bool, Moment, Moment, Option<String>);

fn planned((user, gains, released, noticed_at, due_at, problem): PlannedRow) -> Planned {
    Planned { user, gains, released, noticed_at, due_at, problem }
}

/// What is planned for these people.
pub fn planned_for(conn: &mut Conn, target: Target, people: &[UserId]) -> Result<Vec<Planned>, StoreError> {
    let rows: Vec<PlannedRow> = rule_changes::table
        .filter(rule_changes::target_id.eq(key(target).0))
        .filter(rule_changes::user_id.eq_any(people))
        .select((
            rule_changes::user_id,
            rule_changes::gains,
            rule_changes::released,
            rule_changes::noticed_at,
            rule_changes::due_at,
            rule_changes::problem,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(planned).collect())
}

/// Plans a change, in place of what was planned for the person.
pub fn plan(tx: &mut Tx<'_>, target: Target, new: &Planned) -> Result<(), StoreError> {
    let (id, _) = key(target);
    insert_or_ignore!(
        *tx,
        rule_changes::table,
        (
            rule_changes::target_id.eq(id),
            rule_changes::user_id.eq(new.user),
            rule_changes::gains.eq(new.gains),
            rule_changes::released.eq(new.released),
            rule_changes::noticed_at.eq(new.noticed_at),
            rule_changes::due_at.eq(new.due_at),
        )
    )?;
    diesel::update(rule_changes::table.find((id, new.user)))
        .set((
            rule_changes::gains.eq(new.gains),
            rule_changes::released.eq(new.released),
            rule_changes::noticed_at.eq(new.noticed_at),
            rule_changes::due_at.eq(new.due_at),
            rule_changes::problem.eq(&new.problem),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Nothing is planned for this person any more. False if nothing was.
pub fn drop_planned(tx: &mut Tx<'_>, target: Target, user: UserId) -> Result<bool, StoreError> {
    Ok(diesel::delete(rule_changes::table.find((key(target).0, user))).execute(&mut **tx)? == 1)
}

/// How many people are about to gain and to lose, of those that are not released.
pub fn unreleased(conn: &mut Conn, target: Target) -> Result<(i64, i64), StoreError> {
    let rows: Vec<(bool, i64)> = rule_changes::table
        .filter(rule_changes::target_id.eq(key(target).0))
        .filter(rule_changes::released.eq(false))
        .group_by(rule_changes::gains)
        .select((rule_changes::gains, diesel::dsl::count_star()))
        .load(conn)?;
    let of = |gains| rows.iter().filter(|(g, _)| *g == gains).map(|(_, n)| n).sum();
    Ok((of(true), of(false)))
}

/// Lets everything that is planned be carried out.
pub fn release(tx: &mut Tx<'_>, target: Target) -> Result<usize, StoreError> {
    Ok(diesel::update(
        rule_changes::table
            .filter(rule_changes::target_id.eq(key(target).0))
            .filter(rule_changes::released.eq(false)),
    )
    .set(rule_changes::released.eq(true))
    .execute(&mut **tx)?)
}

/// Changes whose time has come, those that wait longest first.
pub fn due(conn: &mut Conn, now: Moment, limit: i64) -> Result<Vec<(Target, UserId)>, StoreError> {
    let rows: Vec<(AnyId, FollowerKind, UserId)> = rule_changes::table
        .inner_join(rule_followers::table)
        .filter(rule_changes::released.eq(true))
        .filter(rule_changes::due_at.le(now))
        .filter(rule_followers::state.eq(Following::Following))
        .order((rule_changes::due_at, rule_changes::target_id, rule_changes::user_id))
        .limit(limit)
        .select((rule_changes::target_id, rule_followers::kind, rule_changes::user_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(AnyId(id), kind, user)| (target_of(id, kind), user)).collect())
}

fn target_of(id: Uuid, kind: FollowerKind) -> Target {
    match kind {
        FollowerKind::Group => Target::Group(GroupId::from_uuid(id)),
        FollowerKind::Policy => Target::Policy(PolicyId::from_uuid(id)),
    }
}

/// A planned change with the person's name, for pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedLine {
    /// The change.
    pub change: Planned,
    /// The person's name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// Which planned changes a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that wait for a confirmation.
    Unreleased,
    /// Losses whose grace period runs.
    InGrace,
    /// Those that could not be done.
    Problems,
}

/// One page of what is planned, by name, of the people who have every word of `q`.
pub fn list(
    conn: &mut Conn,
    target: Target,
    which: Which,
    q: &str,
    at: PageRequest,
) -> Result<Page<PlannedLine>, StoreError> {
    macro_rules! matching {
        () => {{
            let mut query = rule_changes::table
                .inner_join(users::table)
                .filter(rule_changes::target_id.eq(key(target).0))
                .into_boxed::<MultiBackend>();
            query = match which {
                Which::Unreleased => query.filter(rule_changes::released.eq(false)),
                Which::InGrace => query
                    .filter(rule_changes::released.eq(true))
                    .filter(rule_changes::gains.eq(false))
                    .filter(rule_changes::problem.is_null()),
                Which::Problems => query.filter(rule_changes::problem.is_not_null()),
            };
            for pattern in search::patterns(q) {
                query = query.filter(users::search_folded.like(pattern).escape(search::ESCAPE));
            }
            query
        }};
    }
    let total = matching!().count().get_result(conn)?;
    let rows: Vec<(PlannedRow, String, String)> = matching!()
        .order((users::name_folded, users::id))
        .limit(at.size)
        .offset(at.offset())
        .select((
            (
                rule_changes::user_id,
                rule_changes::gains,
                rule_changes::released,
                rule_changes::noticed_at,
                rule_changes::due_at,
                rule_changes::problem,
            ),
            users::display_name,
            users::email,
        ))
        .load(conn)?;
    let items = rows
        .into_iter()
        .map(|(row, name, email)| PlannedLine { change: planned(row), name, email })
        .collect();
    Ok(Page { items, total, at })
}

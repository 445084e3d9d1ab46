//! What the story of a request is told from: steps, mails, deliveries (SPEC REQ-8).

use diesel::prelude::*;

use super::requests::names;
use super::task::{self, Waiting};
use crate::domain::delivery::DeliveryState;
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, DeliveryId, RequestId, StepId, UserId};
use crate::store::assignments::gave_up;
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{deliveries, notices, request_steps, resource_roles, resources};
use crate::store::types::Json;

/// A step of the timeline with the name of who did it.
#[derive(Debug, Clone)]
pub struct EntryNow {
    /// When.
    pub at: Moment,
    /// Who; `None` is the system.
    pub actor: Option<String>,
    /// Was it the person who looks?
    pub by_viewer: bool,
    /// What.
    pub step: Step,
}

/// A mail that went out about the request, or will.
#[derive(Debug, Clone)]
pub struct NoticeNow {
    /// The word of the notice.
    pub kind: String,
    /// To whom.
    pub to: Option<UserId>,
    /// Their name.
    pub name: String,
    /// `waiting`, `sending`, `sent`, `dropped`, `failed`.
    pub state: String,
    /// When it was written, or becomes due if that is later.
    pub due_at: Moment,
    /// When the mail server accepted it.
    pub sent_at: Option<Moment>,
}

/// The delivery of one role.
#[derive(Debug, Clone)]
pub struct DeliveryNow {
    /// Its id.
    pub id: DeliveryId,
    /// The resource's name.
    pub resource: String,
    /// The role's name.
    pub role: String,
    /// How far it is.
    pub state: DeliveryState,
    /// What went wrong.
    pub error: Option<String>,
    /// When it last changed.
    pub updated_at: Moment,
    /// Is it failed until somebody tries it again (SPEC DLV-3)?
    pub given_up: bool,
    /// Who has to do it by hand, if it waits for that (SPEC DLV-6).
    pub waiting: Option<Waiting>,
}

type StepRow = (StepId, Moment, Option<UserId>, Json);

pub(super) fn entries(
    conn: &mut Conn,
    request: RequestId,
    viewer: UserId,
) -> Result<Vec<EntryNow>, StoreError> {
    let rows: Vec<StepRow> = request_steps::table
        .filter(request_steps::request_id.eq(request))
        .order((request_steps::at, request_steps::id))
        .select((request_steps::id, request_steps::at, request_steps::actor_id, request_steps::step))
        .load(conn)?;
    let names = names(conn, rows.iter().filter_map(|r| r.2).collect())?;
    let mut entries = rows
        .into_iter()
        .map(|(_, at, actor, step)| {
            Ok(EntryNow {
                at,
                actor: actor.and_then(|id| names.get(&id).cloned()),
                by_viewer: actor == Some(viewer),
                step: step.read()?,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    entries.sort_by_key(|e| (e.at, rank(&e.step)));
    Ok(entries)
}

/// Steps of one transaction share their instant: this is the order in which they make sense.
fn rank(step: &Step) -> u8 {
    match step {
        Step::Submitted { .. } => 0,
        Step::ApprovedWithoutAsking
        | Step::ApprovalBypassed { .. }
        | Step::Voted { .. }
        | Step::ChangesRequested { .. }
        | Step::Narrowed { .. }
        | Step::SentBack { .. } => 1,
        Step::StageOpened { .. } | Step::Escalated { .. } | Step::Approved | Step::Denied => 2,
        Step::Expired { .. } | Step::Canceled { .. } => 3,
        Step::Scheduled { .. }
        | Step::DeliveryStarted
        | Step::Reprocessed { .. }
        | Step::PackageChanged { .. }
        | Step::Ended { .. } => 4,
        Step::RoleDelivered { .. }
        | Step::RoleFailed { .. }
        | Step::RoleDelayed { .. }
        | Step::RoleAwaited { .. }
        | Step::RoleRemoved { .. }
        | Step::RoleKept { .. }
        | Step::FulfilmentAsked { .. }
        | Step::FulfilmentOver { .. } => 5,
        Step::Delivered { .. } | Step::Extended { .. } | Step::EndChanged { .. } | Step::AnswersChanged => 6,
    }
}

type NoticeRow = (String, Option<UserId>, String, String, Moment, Moment, Option<Moment>);

pub(super) fn notices(conn: &mut Conn, request: RequestId) -> Result<Vec<NoticeNow>, StoreError> {
    let rows: Vec<NoticeRow> = notices::table
        .filter(notices::request_id.eq(request))
        .order((notices::created_at, notices::not_before, notices::id))
        .select((
            notices::kind,
            notices::recipient_id,
            notices::display_name,
            notices::state,
            notices::created_at,
            notices::not_before,
            notices::sent_at,
        ))
        .load(conn)?;
    let notice = |(kind, to, name, state, created_at, not_before, sent_at): NoticeRow| NoticeNow {
        kind,
        to,
        name,
        state,
        due_at: created_at.max(not_before),
        sent_at,
    };
    Ok(rows.into_iter().map(notice).collect())
}

type DeliveryRow = (DeliveryId, String, String, DeliveryState, Option<String>, Moment, Option<Moment>);

/// The delivery of each role of an assignment, in the order of the resources' names.
pub(super) fn deliveries(conn: &mut Conn, assignment: AssignmentId) -> Result<Vec<DeliveryNow>, StoreError> {
    let rows: Vec<DeliveryRow> = deliveries::table
        .inner_join(resource_roles::table.inner_join(resources::table))
        .filter(deliveries::assignment_id.eq(assignment))
        .order((resources::name_folded, resources::id, resource_roles::position, deliveries::id))
        .select((
            deliveries::id,
            resources::name,
            resource_roles::name,
            deliveries::state,
            deliveries::error,
            deliveries::updated_at,
            deliveries::due_at,
        ))
        .load(conn)?;
    let mut behind = task::behind(conn, assignment)?;
    let delivery = |(id, resource, role, state, error, updated_at, due_at): DeliveryRow| DeliveryNow {
        waiting: behind.remove(&id),
        given_up: gave_up(state, due_at, error.as_deref()),
        id,
        resource,
        role,
        state,
        error,
        updated_at,
    };
    Ok(rows.into_iter().map(delivery).collect())
}

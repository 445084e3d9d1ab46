//! The timeline of requests.

use diesel::prelude::*;

use crate::domain::timeline::{Entry, Step};
use crate::kernel::Moment;
use crate::kernel::ids::{RequestId, StepId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::request_steps;
use crate::store::tx::Tx;
use crate::store::types::Json;

/// Adds a step to the timeline (SPEC REQ-8).
pub fn push_step(
    tx: &mut Tx<'_>,
    id: StepId,
    request: RequestId,
    at: Moment,
    actor: Option<UserId>,
    step: &Step,
) -> Result<(), StoreError> {
    diesel::insert_into(request_steps::table)
        .values((
            request_steps::id.eq(id),
            request_steps::request_id.eq(request),
            request_steps::at.eq(at),
            request_steps::actor_id.eq(actor),
            request_steps::step.eq(Json::of(step)?),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The timeline, oldest first.
pub fn steps(conn: &mut Conn, request: RequestId) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<(Moment, Option<UserId>, Json)> = request_steps::table
        .filter(request_steps::request_id.eq(request))
        .order((request_steps::at, request_steps::id))
        .select((request_steps::at, request_steps::actor_id, request_steps::step))
        .load(conn)?;
    rows.into_iter().map(|(at, actor, step)| Ok(Entry { at, actor, step: step.read()? })).collect()
}

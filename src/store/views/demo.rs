//! What happened since the demonstration's clock was moved.

use diesel::prelude::*;

use crate::domain::notice::NoticeState;
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::Moment;
use crate::store::schema::{notices, request_stages, requests};
use crate::store::{Conn, StoreError};

/// Counts of what timers did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Happened {
    /// Mails that went out.
    pub mails: i64,
    /// Access that ended because its time was over.
    pub ended: i64,
    /// Requests that nobody decided in time.
    pub expired: i64,
    /// Requests whose alternates were asked.
    pub escalated: i64,
}

/// What timers have done since this instant.
pub fn since(conn: &mut Conn, at: Moment) -> Result<Happened, StoreError> {
    let mails = notices::table
        .filter(notices::state.eq(NoticeState::Sent))
        .filter(notices::sent_at.ge(at))
        .count()
        .get_result(conn)?;
    let ended = requests::table
        .filter(requests::kind.eq(RequestKind::SystemRemove))
        .filter(requests::submitted_at.ge(at))
        .count()
        .get_result(conn)?;
    let expired = requests::table
        .filter(requests::state.eq(RequestState::Expired))
        .filter(requests::completed_at.ge(at))
        .count()
        .get_result(conn)?;
    let escalated =
        request_stages::table.filter(request_stages::escalated_at.ge(at)).count().get_result(conn)?;
    Ok(Happened { mails, ended, expired, escalated })
}

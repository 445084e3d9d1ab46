//! The outbox: notices that the portal owes somebody (SPEC section 13).
//!
//! A notice is written in the transaction of the change that it tells of. A sender claims it with a lease,
//! commits, renders and sends without a transaction, and marks it; if the sender dies, the lease runs out and
//! another one sends it again with the same Message-ID: at least once (I9).

use chrono::Duration;
use diesel::prelude::*;
use uuid::Uuid;

use super::conn::Conn;
use super::dialect::{insert_or_ignore, take_unlocked};
use super::error::StoreError;
use super::schema::{notices, users};
use super::tx::Tx;
use super::types::{AnyId, Json};
use crate::domain::notice::{Notice, NoticeState};
use crate::kernel::Moment;
use crate::kernel::ids::{NoticeId, RequestId, UserId};

/// A notice to be written.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// Its id.
    pub id: NoticeId,
    /// What it is about.
    pub notice: Notice,
    /// Whom it is for. Address, name, language and time zone are kept as they are now.
    pub recipient: UserId,
    /// Write it although the person is disabled.
    pub even_if_disabled: bool,
    /// The request whose timeline shows it.
    pub request: Option<RequestId>,
    /// Not to be sent earlier.
    pub not_before: Moment,
    /// A second notice with the same key is ignored.
    pub dedupe_key: String,
    /// The Message-ID that it always has, in angle brackets.
    pub message_id: String,
    /// The current instant.
    pub now: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = notices, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct NewRow {
    id: NoticeId,
    kind: String,
    notice: Json,
    recipient_id: Option<UserId>,
    address: String,
    display_name: String,
    locale: String,
    time_zone: String,
    request_id: Option<RequestId>,
    not_before: Moment,
    dedupe_key: String,
    state: NoticeState,
    attempts: i32,
    created_at: Moment,
    message_id: String,
    subject: String,
    body_text: String,
    body_html: String,
}

/// Writes a notice, unless there is one with its key already, or the person is not to be written to. True if it
/// was written.
pub fn enqueue(tx: &mut Tx<'_>, new: NewNotice) -> Result<bool, StoreError> {
    let person: Option<(String, String, String, String, bool)> = users::table
        .filter(users::id.eq(new.recipient))
        .filter(users::deleted_at.is_null())
        .select((users::email, users::display_name, users::locale, users::time_zone, users::enabled))
        .first(&mut **tx)
        .optional()?;
    let Some((address, display_name, locale, time_zone, enabled)) = person else {
        return Ok(false);
    };
    if !enabled && !new.even_if_disabled {
        return Ok(false);
    }
    let row = NewRow {
        id: new.id,
        kind: new.notice.kind().to_owned(),
        notice: Json::of(&new.notice)?,
        recipient_id: Some(new.recipient),
        address,
        display_name,
        locale,
        time_zone,
        request_id: new.request,
        not_before: new.not_before,
        dedupe_key: new.dedupe_key,
        state: NoticeState::Waiting,
        attempts: 0,
        created_at: new.now,
        message_id: new.message_id,
        subject: String::new(),
        body_text: String::new(),
        body_html: String::new(),
    };
    Ok(insert_or_ignore!(tx, notices::table, &row)? == 1)
}

/// A notice that somebody has claimed and has to send.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: NoticeId,
    /// What it is about; `Err` holds why it cannot be understood.
    pub notice: Result<Notice, String>,
    /// The word for the header.
    pub kind: String,
    /// Whom it is for.
    pub recipient: Option<UserId>,
    /// The address as it was when the notice was written.
    pub address: String,
    /// The name as it was.
    pub display_name: String,
    /// The language as it was.
    pub locale: String,
    /// The time zone as it was.
    pub time_zone: String,
    /// The Message-ID.
    pub message_id: String,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// What proves the claim.
    pub lease: Uuid,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notices, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct DueRow {
    id: NoticeId,
    kind: String,
    notice: Json,
    recipient_id: Option<UserId>,
    address: String,
    display_name: String,
    locale: String,
    time_zone: String,
    message_id: String,
    attempts: i32,
}

/// Is there anything to send now? A cheap question, so that an idle runner writes nothing.
pub fn any_due(conn: &mut Conn, now: Moment) -> Result<bool, StoreError> {
    let waiting =
        notices::table.filter(notices::state.eq(NoticeState::Waiting)).filter(notices::not_before.le(now));
    let abandoned =
        notices::table.filter(notices::state.eq(NoticeState::Sending)).filter(notices::lease_until.le(now));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result::<bool>(conn)?
        || diesel::select(diesel::dsl::exists(abandoned)).get_result::<bool>(conn)?)
}

/// When the next waiting notice is due, if any waits.
pub fn next_due(conn: &mut Conn) -> Result<Option<Moment>, StoreError> {
    Ok(notices::table
        .filter(notices::state.eq(NoticeState::Waiting))
        .order(notices::not_before)
        .select(notices::not_before)
        .first(conn)
        .optional()?)
}

/// Claims up to `limit` notices that are due, for as long as `hold`. Two senders never get the same one; what a
/// sender did not finish in time is claimed again.
pub fn claim(
    tx: &mut Tx<'_>,
    now: Moment,
    limit: i64,
    hold: Duration,
    lease: Uuid,
) -> Result<Vec<Claimed>, StoreError> {
    let rows: Vec<DueRow> = take_unlocked!(
        tx,
        notices::table
            .filter(notices::state.eq(NoticeState::Waiting).and(notices::not_before.le(now)).or(
                notices::state.eq(NoticeState::Sending).and(notices::lease_until.le(now).assume_not_null())
            ),)
            .order((notices::not_before, notices::id))
            .limit(limit)
            .select(DueRow::as_select())
    )?;
    let ids: Vec<NoticeId> = rows.iter().map(|r| r.id).collect();
    diesel::update(notices::table.filter(notices::id.eq_any(ids)))
        .set((
            notices::state.eq(NoticeState::Sending),
            notices::lease_token.eq(AnyId(lease)),
            notices::lease_until.eq(now + hold),
            notices::attempts.eq(notices::attempts + 1),
        ))
        .execute(&mut **tx)?;
    Ok(rows
        .into_iter()
        .map(|r| Claimed {
            id: r.id,
            notice: r.notice.read().map_err(|e| e.to_string()),
            kind: r.kind,
            recipient: r.recipient_id,
            address: r.address,
            display_name: r.display_name,
            locale: r.locale,
            time_zone: r.time_zone,
            message_id: r.message_id,
            attempts: r.attempts + 1,
            lease,
        })
        .collect())
}

/// Keeps what the mail says (subject, text, HTML) and where it goes, for the Mail page. The texts must not hold
/// secrets any more. `problem` says why the changed texts could not be used. False if the claim was lost.
pub fn keep_rendered(
    tx: &mut Tx<'_>,
    id: NoticeId,
    lease: Uuid,
    address: &str,
    (subject, text, html): (&str, &str, &str),
    problem: Option<&str>,
) -> Result<bool, StoreError> {
    let changed = diesel::update(claimed(id, lease))
        .set((
            notices::address.eq(address),
            notices::subject.eq(subject),
            notices::body_text.eq(text),
            notices::body_html.eq(html),
            notices::text_problem.eq(problem),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Marks a notice as sent. False if the claim was lost.
pub fn sent(tx: &mut Tx<'_>, id: NoticeId, lease: Uuid, now: Moment) -> Result<bool, StoreError> {
    let changed = diesel::update(claimed(id, lease))
        .set((
            notices::state.eq(NoticeState::Sent),
            notices::sent_at.eq(now),
            notices::last_error.eq(None::<String>),
            notices::lease_token.eq(None::<AnyId>),
            notices::lease_until.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Marks a notice as no longer true, with the reason (SPEC NOT-1). False if the claim was lost.
pub fn dropped(tx: &mut Tx<'_>, id: NoticeId, lease: Uuid, reason: &str) -> Result<bool, StoreError> {
    finish(tx, id, lease, NoticeState::Dropped, reason)
}

/// Marks a notice as failed for good. False if the claim was lost.
pub fn failed(tx: &mut Tx<'_>, id: NoticeId, lease: Uuid, error: &str) -> Result<bool, StoreError> {
    finish(tx, id, lease, NoticeState::Failed, error)
}

/// Gives a notice back to be tried again later. False if the claim was lost.
pub fn retry(
    tx: &mut Tx<'_>,
    id: NoticeId,
    lease: Uuid,
    error: &str,
    again: Moment,
) -> Result<bool, StoreError> {
    let changed = diesel::update(claimed(id, lease))
        .set((
            notices::state.eq(NoticeState::Waiting),
            notices::not_before.eq(again),
            notices::last_error.eq(error),
            notices::lease_token.eq(None::<AnyId>),
            notices::lease_until.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Marks everything that should have gone out by now as sent when it was written, without sending it: for the
/// history of a demonstration.
pub fn settle_past(tx: &mut Tx<'_>, now: Moment) -> Result<usize, StoreError> {
    let due =
        notices::table.filter(notices::state.eq(NoticeState::Waiting)).filter(notices::not_before.le(now));
    Ok(diesel::update(due)
        .set((notices::state.eq(NoticeState::Sent), notices::sent_at.eq(notices::created_at.nullable())))
        .execute(&mut **tx)?)
}

/// Puts a notice that was found in this state back into the queue, due now, with all its attempts. False if it
/// is not in this state any more.
pub fn send_again(
    tx: &mut Tx<'_>,
    id: NoticeId,
    found: NoticeState,
    now: Moment,
) -> Result<bool, StoreError> {
    let row = notices::table.filter(notices::id.eq(id)).filter(notices::state.eq(found));
    let changed = diesel::update(row)
        .set((
            notices::state.eq(NoticeState::Waiting),
            notices::not_before.eq(now),
            notices::attempts.eq(0),
            notices::last_error.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

fn finish(
    tx: &mut Tx<'_>,
    id: NoticeId,
    lease: Uuid,
    state: NoticeState,
    why: &str,
) -> Result<bool, StoreError> {
    let changed = diesel::update(claimed(id, lease))
        .set((
            notices::state.eq(state),
            notices::last_error.eq(why),
            notices::lease_token.eq(None::<AnyId>),
            notices::lease_until.eq(None::<Moment>),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// The row, as long as the claim holds.
#[diesel::dsl::auto_type(no_type_alias)]
fn claimed(id: NoticeId, lease: Uuid) -> _ {
    let lease: AnyId = AnyId(lease);
    notices::table.filter(notices::id.eq(id)).filter(notices::lease_token.eq(lease))
}

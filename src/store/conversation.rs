//! What people say about requests, and the changes that approvers ask for (SPEC REQ-9).

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{change_requests, packages, request_comments, requests, votes};
use super::tx::Tx;
use crate::domain::conversation::{ChangesOutcome, SpeaksAs};
use crate::domain::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::{ChangeRequestId, CommentId, RequestId, UserId};

/// A comment as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// On which request.
    pub request: RequestId,
    /// Who said it.
    pub author: UserId,
    /// As what.
    pub author_as: SpeaksAs,
    /// What.
    pub text: String,
    /// When.
    pub at: Moment,
}

/// Changes that an approver asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Its id.
    pub id: ChangeRequestId,
    /// To which request.
    pub request: RequestId,
    /// In which stage.
    pub stage: u8,
    /// Who asked.
    pub by: UserId,
    /// What to change.
    pub text: String,
    /// When.
    pub at: Moment,
    /// When the requestor sent it back, or the stage ended.
    pub ended_at: Option<Moment>,
    /// How it ended.
    pub outcome: Option<ChangesOutcome>,
}

type CommentColumns = (CommentId, RequestId, UserId, SpeaksAs, String, Moment);

fn comment((id, request, author, author_as, text, at): CommentColumns) -> Comment {
    Comment { id, request, author, author_as, text, at }
}

type ChangesColumns =
    (ChangeRequestId, RequestId, i32, UserId, String, Moment, Option<Moment>, Option<ChangesOutcome>);

fn changes((id, request, stage, by, text, at, ended_at, outcome): ChangesColumns) -> Changes {
    let stage = u8::try_from(stage).unwrap_or(0);
    Changes { id, request, stage, by, text, at, ended_at, outcome }
}

macro_rules! comments {
    () => {
        request_comments::table.select((
            request_comments::id,
            request_comments::request_id,
            request_comments::author_id,
            request_comments::author_as,
            request_comments::text,
            request_comments::at,
        ))
    };
}

macro_rules! asked {
    () => {
        change_requests::table.select((
            change_requests::id,
            change_requests::request_id,
            change_requests::stage,
            change_requests::asked_by,
            change_requests::text,
            change_requests::asked_at,
            change_requests::ended_at,
            change_requests::outcome,
        ))
    };
}

/// Adds a comment; a form that was posted before is `Taken` (`request_comments_submit_token_key`).
pub fn insert_comment(tx: &mut Tx<'_>, c: &Comment, token: Option<&str>) -> Result<(), StoreError> {
    diesel::insert_into(request_comments::table)
        .values((
            request_comments::id.eq(c.id),
            request_comments::request_id.eq(c.request),
            request_comments::author_id.eq(c.author),
            request_comments::author_as.eq(c.author_as),
            request_comments::text.eq(&c.text),
            request_comments::at.eq(c.at),
            request_comments::submit_token.eq(token),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The comment that this form already made.
pub fn comment_by_token(conn: &mut Conn, token: &str) -> Result<Option<CommentId>, StoreError> {
    Ok(request_comments::table
        .filter(request_comments::submit_token.eq(token))
        .select(request_comments::id)
        .first(conn)
        .optional()?)
}

/// One comment.
pub fn find_comment(conn: &mut Conn, id: CommentId) -> Result<Option<Comment>, StoreError> {
    let row: Option<CommentColumns> =
        comments!().filter(request_comments::id.eq(id)).first(conn).optional()?;
    Ok(row.map(comment))
}

/// The comments on a request, the oldest first.
pub fn comments_of(conn: &mut Conn, request: RequestId) -> Result<Vec<Comment>, StoreError> {
    let rows: Vec<CommentColumns> = comments!()
        .filter(request_comments::request_id.eq(request))
        .order((request_comments::at, request_comments::id))
        .load(conn)?;
    Ok(rows.into_iter().map(comment).collect())
}

/// Who has said something about a request, or asked for changes.
pub fn speakers(conn: &mut Conn, request: RequestId) -> Result<BTreeSet<UserId>, StoreError> {
    let mut all: BTreeSet<UserId> = request_comments::table
        .filter(request_comments::request_id.eq(request))
        .select(request_comments::author_id)
        .load(conn)?
        .into_iter()
        .collect();
    let asked: Vec<UserId> = change_requests::table
        .filter(change_requests::request_id.eq(request))
        .select(change_requests::asked_by)
        .load(conn)?;
    all.extend(asked);
    Ok(all)
}

/// Who has decided in any stage of a request, also on an earlier text, and in whose place (SPEC APR-11).
pub fn voters(conn: &mut Conn, request: RequestId) -> Result<BTreeSet<UserId>, StoreError> {
    let all: Vec<(UserId, Option<UserId>)> = votes::table
        .filter(votes::request_id.eq(request))
        .select((votes::approver_id, votes::on_behalf_of))
        .load(conn)?;
    Ok(all.into_iter().flat_map(|(by, place)| place.into_iter().chain([by])).collect())
}

/// Adds changes that an approver asks for; the database takes one at a time per request
/// (`change_requests_request_id_key`).
pub fn insert_changes(tx: &mut Tx<'_>, c: &Changes) -> Result<(), StoreError> {
    diesel::insert_into(change_requests::table)
        .values((
            change_requests::id.eq(c.id),
            change_requests::request_id.eq(c.request),
            change_requests::stage.eq(i32::from(c.stage)),
            change_requests::asked_by.eq(c.by),
            change_requests::text.eq(&c.text),
            change_requests::asked_at.eq(c.at),
            change_requests::ended_at.eq(c.ended_at),
            change_requests::outcome.eq(c.outcome),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// One request for changes.
pub fn find_changes(conn: &mut Conn, id: ChangeRequestId) -> Result<Option<Changes>, StoreError> {
    let row: Option<ChangesColumns> = asked!().filter(change_requests::id.eq(id)).first(conn).optional()?;
    Ok(row.map(changes))
}

/// Every request for changes to a request, the oldest first.
pub fn changes_of(conn: &mut Conn, request: RequestId) -> Result<Vec<Changes>, StoreError> {
    let rows: Vec<ChangesColumns> = asked!()
        .filter(change_requests::request_id.eq(request))
        .order((change_requests::asked_at, change_requests::id))
        .load(conn)?;
    Ok(rows.into_iter().map(changes).collect())
}

/// The changes that a request waits for, if it does.
pub fn open_changes(conn: &mut Conn, request: RequestId) -> Result<Option<Changes>, StoreError> {
    let row: Option<ChangesColumns> = asked!()
        .filter(change_requests::request_id.eq(request).and(change_requests::ended_at.is_null()))
        .first(conn)
        .optional()?;
    Ok(row.map(changes))
}

/// The requests of this requestor that wait for changes, with the packages' names, the soonest due first.
pub fn waiting_for(conn: &mut Conn, requestor: UserId) -> Result<Vec<(RequestId, String)>, StoreError> {
    Ok(change_requests::table
        .inner_join(requests::table.inner_join(packages::table))
        .filter(change_requests::ended_at.is_null())
        .filter(requests::requestor_id.eq(requestor))
        .filter(requests::state.eq(RequestState::PendingApproval))
        .order((requests::due_at, requests::id))
        .limit(20)
        .select((requests::id, packages::name))
        .load(conn)?)
}

/// Which of these requests wait for their requestor to change them.
pub fn waiting_among(
    conn: &mut Conn,
    among: impl IntoIterator<Item = RequestId>,
) -> Result<BTreeSet<RequestId>, StoreError> {
    let among: Vec<RequestId> = among.into_iter().collect();
    if among.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found: Vec<RequestId> = change_requests::table
        .filter(change_requests::ended_at.is_null())
        .filter(change_requests::request_id.eq_any(among))
        .select(change_requests::request_id)
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// Ends what a request waits for; nothing happens if it waits for nothing.
pub fn end_changes(
    tx: &mut Tx<'_>,
    request: RequestId,
    outcome: ChangesOutcome,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::update(
        change_requests::table
            .filter(change_requests::request_id.eq(request).and(change_requests::ended_at.is_null())),
    )
    .set((change_requests::ended_at.eq(Some(now)), change_requests::outcome.eq(Some(outcome))))
    .execute(&mut **tx)?;
    Ok(())
}

//! Talking about a request, and asking for changes to it instead of deciding (SPEC REQ-9).

use std::collections::BTreeSet;

use serde_json::json;

use super::{package_name, record, stage};
use crate::app::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::access::{CatalogTask, Denied, Principal, check_in};
use crate::domain::approval::{self, Situation};
use crate::domain::conversation::{COMMENT_MAX, Involved, SpeaksAs, Standing, check_open};
use crate::domain::notice::Notice;
use crate::domain::request::RequestState;
use crate::domain::timeline::Step;
use crate::kernel::ids::{ChangeRequestId, CommentId, RequestId, UserId};
use crate::kernel::{Moment, secret, text};
use crate::store::conversation::{self, Changes, Comment};
use crate::store::requests::{self, Request};
use crate::store::{Conn, StoreError, Tx, approvers, lasting, policies};

/// What somebody says.
#[derive(Debug, Clone)]
pub struct Remark {
    /// About which request.
    pub request: RequestId,
    /// What.
    pub text: String,
    /// From the form: makes a repeated post the same comment.
    pub token: String,
}

/// Whom a request involves now.
pub fn involved(conn: &mut Conn, now: Moment, request: &Request) -> Result<Involved, AppError> {
    let deciders = stage::current_deciders(conn, now, request)?;
    Ok(Involved {
        own: request.requestor.into_iter().chain([request.subject]).collect(),
        deciders: deciders.map(|d| d.everybody()).unwrap_or_default(),
        voted: conversation::voters(conn, request.id)?,
        spoke: conversation::speakers(conn, request.id)?,
    })
}

/// What this person may do in the conversation about a request, from fresh rows.
pub fn talk_standing(
    conn: &mut Conn,
    now: Moment,
    me: &Principal,
    request: &Request,
) -> Result<Standing, AppError> {
    let catalog = lasting::catalog_of(conn, request.package)?;
    let manages = me.may_in(CatalogTask::Assignments, catalog);
    let sees = me.may_in(CatalogTask::SeeAssignments, catalog);
    Ok(involved(conn, now, request)?.standing(me.user, manages, sees))
}

fn said(typed: &str, max: usize) -> Result<String, AppError> {
    let clean = text::lines(typed, max).map_err(|e| Refusal::BadText(e.to_string()))?;
    if clean.is_empty() { Err(Refusal::NothingSaid.into()) } else { Ok(clean) }
}

/// As what the person speaks; who may only look hears which role is needed, anybody else that there is nothing.
fn voice(conn: &mut Conn, now: Moment, me: &Principal, request: &Request) -> Result<SpeaksAs, AppError> {
    match talk_standing(conn, now, me, request)?.speaks {
        Some(voice) => Ok(voice),
        None => {
            check_in(me, CatalogTask::Assignments, lasting::catalog_of(conn, request.package)?)?;
            Err(Denied::Invisible.into())
        }
    }
}

/// Adds a comment and tells the others who are in the conversation. A repeated post of the same form gives the
/// same comment.
pub fn comment(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, remark: &Remark) -> Result<CommentId, AppError> {
    let request = requests::find(tx, remark.request)?.ok_or(AppError::NotFound)?;
    let author_as = voice(tx, cx.now, me, &request)?;
    // Bound to its author and request, so that nobody finds another comment by sending its token.
    let token = (!remark.token.is_empty())
        .then(|| secret::hash(&format!("{}/{}/{}", me.user, request.id, remark.token)));
    if let Some(token) = &token
        && let Some(earlier) = conversation::comment_by_token(tx, token)?
    {
        return Ok(earlier);
    }
    check_open(request.state, request.completed_at, cx.now)?;
    let text = said(&remark.text, COMMENT_MAX)?;
    let length = text.chars().count();
    let made = Comment { id: cx.id(), request: request.id, author: me.user, author_as, text, at: cx.now };
    conversation::insert_comment(tx, &made, token.as_deref()).map_err(|e| {
        // Posted twice at the same moment: tried again, it finds the comment that the first post made.
        if e.is_taken("request_comments_submit_token_key") { StoreError::Stale } else { e }
    })?;
    let package = package_name(tx, request.package)?;
    // The words stay on the request: the audit log is kept longer, and is read by others.
    let values = json!({ "comment": made.id, "as": author_as, "characters": length });
    cx.record(tx, record(&request, "request.comment", &package).change(json!(null), values));
    for user in listeners(tx, cx.now, &request, me.user)? {
        let notice = Notice::CommentAdded { request: request.id, comment: made.id };
        notices::send(tx, cx, user, notice, &made.id.to_string())?;
    }
    Ok(made.id)
}

/// Who hears of a comment. If there is nobody else yet, the owners of the catalog, so that nobody speaks to a
/// wall.
fn listeners(
    conn: &mut Conn,
    now: Moment,
    request: &Request,
    author: UserId,
) -> Result<BTreeSet<UserId>, AppError> {
    let all = involved(conn, now, request)?.listeners(author);
    if !all.is_empty() {
        return Ok(all);
    }
    let catalog = lasting::catalog_of(conn, request.package)?;
    let owners = approvers::catalog_owners(conn, &[catalog].into())?.remove(&catalog).unwrap_or_default();
    Ok(owners.into_iter().filter(|user| *user != author).collect())
}

/// What an approver sends off instead of a decision.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which request.
    pub request: RequestId,
    /// The stage that the approver saw.
    pub stage: Option<u8>,
    /// The version of the request that the approver saw.
    pub seen_version: Option<i64>,
    /// Who asks.
    pub by: UserId,
    /// What to change.
    pub text: String,
}

/// Asks the requestor to change the request and send it back. The stage goes on meanwhile: its time runs, and its
/// approvers may still decide.
pub fn ask_changes(tx: &mut Tx<'_>, cx: &Cx, ask: &Ask) -> Result<ChangeRequestId, AppError> {
    let mut request = requests::find(tx, ask.request)?.ok_or(AppError::NotFound)?;
    if request.state != RequestState::PendingApproval {
        return Err(Refusal::NotPending(request.state.words().to_owned()).into());
    }
    let terms = policies::terms(tx, request.policy, request.policy_version)?;
    let plan = stage::stage_of(&terms.stages, request.stage)?;
    let (deciders, barred) = stage::deciders_of(tx, cx.now, &request, &terms.stages, request.stage)?;
    let votes = requests::stage_votes(&requests::votes_of(tx, request.id)?, request.stage);
    let situation = Situation {
        state: request.state,
        stage: request.stage,
        stages: request.stages,
        due: request.due_at.unwrap_or(cx.now),
        plan,
        votes: &votes,
        deciders: &deciders,
        barred: &barred,
    };
    approval::may_decide(&situation, ask.by, cx.now)?;
    let requestor = request.requestor.ok_or(Refusal::NobodyToAsk)?;
    if conversation::open_changes(tx, request.id)?.is_some() {
        return Err(Refusal::ChangesAskedAlready.into());
    }
    if ask.stage.is_some_and(|s| s != request.stage) || ask.seen_version.is_some_and(|v| v != request.version)
    {
        return Err(Refusal::ChangedSinceOpened.into());
    }
    let text = said(&ask.text, COMMENT_MAX)?;
    let asked = Changes {
        id: cx.id(),
        request: request.id,
        stage: request.stage,
        by: ask.by,
        text: text.clone(),
        at: cx.now,
        ended_at: None,
        outcome: None,
    };
    conversation::insert_changes(tx, &asked).map_err(|e| {
        if e.is_taken("change_requests_request_id_key") {
            AppError::from(Refusal::ChangesAskedAlready)
        } else {
            e.into()
        }
    })?;
    let step = Step::ChangesRequested { stage: request.stage, text: text.clone() };
    requests::push_step(tx, cx.id(), request.id, cx.now, Some(ask.by), &step)?;
    // The version grows, so that whoever decides at this moment sees first that changes are asked for.
    requests::save(tx, &mut request)?;
    let package = package_name(tx, request.package)?;
    let values = json!({ "stage": request.stage, "changes": asked.id });
    cx.record(tx, record(&request, "request.askChanges", &package).change(json!(null), values).because(text));
    let notice = Notice::ChangesRequested { request: request.id, changes: asked.id };
    notices::send(tx, cx, requestor, notice, &asked.id.to_string())?;
    Ok(asked.id)
}

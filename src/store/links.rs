//! Emailed decision links and their one-time codes (SPEC APR-12). Of tokens and codes only hashes are kept.

use chrono::Duration;
use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{decision_codes, decision_links};
use super::tx::Tx;
use super::types::Json;
use crate::domain::link::{CODE_MINUTES, CODES_AN_HOUR, Seen, TRIES_A_CODE};
use crate::domain::policy::LinkMode;
use crate::kernel::Moment;
use crate::kernel::ids::{CodeId, LinkId, RequestId, UserId};
use crate::kernel::secret::{self, Token};

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Which request.
    pub request: RequestId,
    /// Which stage.
    pub stage: u8,
    /// Who can decide through it.
    pub approver: UserId,
    /// The address that the mail went to.
    pub address: String,
    /// The version of the request that the mail described.
    pub request_version: i64,
    /// What it permits.
    pub mode: LinkMode,
    /// When it was made.
    pub issued_at: Moment,
    /// When it ends by itself.
    pub expires_at: Moment,
    /// When a decision was made through it.
    pub used_at: Option<Moment>,
    /// When it was taken back.
    pub revoked_at: Option<Moment>,
    /// What the mail told.
    pub seen: Seen,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = decision_links, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: LinkId,
    request_id: RequestId,
    stage: i32,
    approver_id: UserId,
    address: String,
    request_version: i64,
    mode: LinkMode,
    issued_at: Moment,
    expires_at: Moment,
    used_at: Option<Moment>,
    revoked_at: Option<Moment>,
    seen: Json,
    token_hash: String,
}

fn read(row: Row) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.id,
        request: row.request_id,
        stage: u8::try_from(row.stage).unwrap_or(0),
        approver: row.approver_id,
        address: row.address,
        request_version: row.request_version,
        mode: row.mode,
        issued_at: row.issued_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
        revoked_at: row.revoked_at,
        seen: row.seen.read()?,
    })
}

/// Keeps a new link under the hash of its token. Earlier links of the same approver stay good: whether an earlier
/// mail arrived is never known for sure, and a decision kills them all.
pub fn insert(tx: &mut Tx<'_>, link: &Link, token: &Token) -> Result<(), StoreError> {
    diesel::insert_into(decision_links::table)
        .values(Row {
            id: link.id,
            request_id: link.request,
            stage: i32::from(link.stage),
            approver_id: link.approver,
            address: link.address.clone(),
            request_version: link.request_version,
            mode: link.mode,
            issued_at: link.issued_at,
            expires_at: link.expires_at,
            used_at: link.used_at,
            revoked_at: link.revoked_at,
            seen: Json::of(&link.seen)?,
            token_hash: token.hash(),
        })
        .execute(&mut **tx)?;
    Ok(())
}

/// The link of this token, dead or alive.
pub fn find(conn: &mut Conn, token: &Token) -> Result<Option<Link>, StoreError> {
    let row: Option<Row> = decision_links::table
        .filter(decision_links::token_hash.eq(token.hash()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(read).transpose()
}

/// The link with this id, dead or alive.
pub fn get(conn: &mut Conn, id: LinkId) -> Result<Option<Link>, StoreError> {
    let row: Option<Row> = decision_links::table.find(id).select(Row::as_select()).first(conn).optional()?;
    row.map(read).transpose()
}

/// Marks the link through which a decision was made. False if somebody was quicker, or it is dead.
pub fn mark_used(tx: &mut Tx<'_>, id: LinkId, now: Moment) -> Result<bool, StoreError> {
    let marked = diesel::update(
        decision_links::table
            .find(id)
            .filter(decision_links::used_at.is_null())
            .filter(decision_links::revoked_at.is_null()),
    )
    .set(decision_links::used_at.eq(Some(now)))
    .execute(&mut **tx)?;
    Ok(marked == 1)
}

/// Takes back every unused link of one approver for one stage: after their decision, by whatever way it came.
pub fn revoke_of(
    tx: &mut Tx<'_>,
    request: RequestId,
    stage: u8,
    approver: UserId,
    now: Moment,
) -> Result<usize, StoreError> {
    Ok(diesel::update(
        decision_links::table
            .filter(decision_links::request_id.eq(request))
            .filter(decision_links::stage.eq(i32::from(stage)))
            .filter(decision_links::approver_id.eq(approver))
            .filter(decision_links::used_at.is_null())
            .filter(decision_links::revoked_at.is_null()),
    )
    .set(decision_links::revoked_at.eq(Some(now)))
    .execute(&mut **tx)?)
}

/// Takes back every unused link of a stage: after it closed.
pub fn revoke_stage(
    tx: &mut Tx<'_>,
    request: RequestId,
    stage: u8,
    now: Moment,
) -> Result<usize, StoreError> {
    Ok(diesel::update(
        decision_links::table
            .filter(decision_links::request_id.eq(request))
            .filter(decision_links::stage.eq(i32::from(stage)))
            .filter(decision_links::used_at.is_null())
            .filter(decision_links::revoked_at.is_null()),
    )
    .set(decision_links::revoked_at.eq(Some(now)))
    .execute(&mut **tx)?)
}

/// Books a code to be mailed for this link; the code itself is made when the mail is rendered. False if the
/// approver had too many within the hour, over all links for this stage.
pub fn book_code(tx: &mut Tx<'_>, id: CodeId, link: &Link, now: Moment) -> Result<bool, StoreError> {
    let siblings = || {
        decision_links::table
            .filter(decision_links::request_id.eq(link.request))
            .filter(decision_links::stage.eq(i32::from(link.stage)))
            .filter(decision_links::approver_id.eq(link.approver))
    };
    // Touching the rows makes requests at the same moment wait for each other, so that each counts the others.
    diesel::update(siblings()).set(decision_links::address.eq(decision_links::address)).execute(&mut **tx)?;
    let booked: i64 = decision_codes::table
        .filter(decision_codes::link_id.eq_any(siblings().select(decision_links::id)))
        .filter(decision_codes::created_at.gt(now - Duration::hours(1)))
        .count()
        .get_result(&mut **tx)?;
    if booked >= CODES_AN_HOUR {
        return Ok(false);
    }
    diesel::insert_into(decision_codes::table)
        .values((
            decision_codes::id.eq(id),
            decision_codes::link_id.eq(link.id),
            decision_codes::code_hash.eq(None::<String>),
            decision_codes::created_at.eq(now),
            decision_codes::expires_at.eq(now + Duration::minutes(CODE_MINUTES)),
            decision_codes::tries.eq(0),
        ))
        .execute(&mut **tx)?;
    Ok(true)
}

/// Keeps the code that the mail now being rendered tells, for the oldest booking without one; if the mail is
/// rendered again, for the newest booking. It is good for ten minutes from now. `None` if nothing is booked.
pub fn keep_code(
    tx: &mut Tx<'_>,
    link: LinkId,
    code: &str,
    now: Moment,
) -> Result<Option<Moment>, StoreError> {
    let of_link = || decision_codes::table.filter(decision_codes::link_id.eq(link));
    let empty: Option<CodeId> = of_link()
        .filter(decision_codes::code_hash.is_null())
        .order((decision_codes::created_at, decision_codes::id))
        .select(decision_codes::id)
        .first(&mut **tx)
        .optional()?;
    let booking = match empty {
        Some(id) => Some(id),
        None => of_link()
            .filter(decision_codes::used_at.is_null())
            .order((decision_codes::created_at.desc(), decision_codes::id.desc()))
            .select(decision_codes::id)
            .first(&mut **tx)
            .optional()?,
    };
    let Some(id) = booking else { return Ok(None) };
    let until = now + Duration::minutes(CODE_MINUTES);
    diesel::update(decision_codes::table.find(id))
        .set((
            decision_codes::code_hash.eq(Some(hash(link, code))),
            decision_codes::expires_at.eq(until),
            // A code that was never shown to anybody has its tries still.
            decision_codes::tries.eq(0),
        ))
        .execute(&mut **tx)?;
    Ok(Some(until))
}

/// Takes one of the tries of the newest code of this link, and compares. `None` if no code is good, or it has
/// been tried too often; otherwise its id, and whether this is it. The try counts only if the transaction
/// commits, so a wrong code must not make the transaction fail.
pub fn try_code(
    tx: &mut Tx<'_>,
    link: LinkId,
    code: &str,
    now: Moment,
) -> Result<Option<(CodeId, bool)>, StoreError> {
    let newest: Option<CodeId> = decision_codes::table
        .filter(decision_codes::link_id.eq(link))
        .filter(decision_codes::code_hash.is_not_null())
        .order((decision_codes::created_at.desc(), decision_codes::id.desc()))
        .select(decision_codes::id)
        .first(&mut **tx)
        .optional()?;
    let Some(id) = newest else { return Ok(None) };
    // Counted before it is compared, by the database: guesses at the same moment cannot share a try.
    let counted = diesel::update(
        decision_codes::table
            .find(id)
            .filter(decision_codes::used_at.is_null())
            .filter(decision_codes::expires_at.gt(now))
            .filter(decision_codes::tries.lt(TRIES_A_CODE)),
    )
    .set(decision_codes::tries.eq(decision_codes::tries + 1))
    .execute(&mut **tx)?;
    if counted != 1 {
        return Ok(None);
    }
    let kept: Option<String> =
        decision_codes::table.find(id).select(decision_codes::code_hash).first(&mut **tx)?;
    let right = kept.is_some_and(|kept| secret::same(&kept, &hash(link, code)));
    Ok(Some((id, right)))
}

/// Marks the code that decided.
pub fn mark_code_used(tx: &mut Tx<'_>, id: CodeId, now: Moment) -> Result<(), StoreError> {
    diesel::update(decision_codes::table.find(id))
        .set(decision_codes::used_at.eq(Some(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// When the newest booked or mailed code of this link ends, if it is still good.
pub fn code_until(conn: &mut Conn, link: LinkId, now: Moment) -> Result<Option<Moment>, StoreError> {
    Ok(decision_codes::table
        .filter(decision_codes::link_id.eq(link))
        .filter(decision_codes::used_at.is_null())
        .filter(decision_codes::expires_at.gt(now))
        .order((decision_codes::created_at.desc(), decision_codes::id.desc()))
        .select(decision_codes::expires_at)
        .first(conn)
        .optional()?)
}

/// A code is short, so its hash is bound to the link: the same code of two links looks different.
fn hash(link: LinkId, code: &str) -> String {
    secret::hash(&format!("{link}/{code}"))
}

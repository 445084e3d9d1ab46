//! The audit log: append-only, chained (SPEC AUD-1, I7, I8).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{audit_events, audit_head};
use super::tx::Tx;
use super::types::AnyId;
use crate::domain::audit::{Broken, Event, ObjectKind, verify_next};
use crate::kernel::ids::{AuditId, UserId};
use crate::kernel::{Moment, Page, PageRequest};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    seq: i64,
    id: AuditId,
    at: Moment,
    actor_id: Option<UserId>,
    actor_name: String,
    origin: String,
    action: String,
    object_kind: ObjectKind,
    object_id: AnyId,
    object_name: String,
    subject_id: Option<UserId>,
    old_values: String,
    new_values: String,
    reason: String,
    correlation: String,
    previous_hash: String,
    hash: String,
}

impl From<Row> for Event {
    fn from(r: Row) -> Self {
        Self {
            seq: r.seq,
            id: r.id,
            at: r.at,
            actor: r.actor_id,
            actor_name: r.actor_name,
            origin: r.origin,
            action: r.action,
            object_kind: r.object_kind,
            object: r.object_id.0,
            object_name: r.object_name,
            subject: r.subject_id,
            old: r.old_values,
            new: r.new_values,
            reason: r.reason,
            correlation: r.correlation,
            previous: r.previous_hash,
            hash: r.hash,
        }
    }
}

impl From<Event> for Row {
    fn from(e: Event) -> Self {
        Self {
            seq: e.seq,
            id: e.id,
            at: e.at,
            actor_id: e.actor,
            actor_name: e.actor_name,
            origin: e.origin,
            action: e.action,
            object_kind: e.object_kind,
            object_id: AnyId(e.object),
            object_name: e.object_name,
            subject_id: e.subject,
            old_values: e.old,
            new_values: e.new,
            reason: e.reason,
            correlation: e.correlation,
            previous_hash: e.previous,
            hash: e.hash,
        }
    }
}

/// Appends what the transaction recorded to the end of the chain. The head row is locked by its own update, so
/// that concurrent writers never fork the chain.
pub(super) fn append_pending(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let pending = std::mem::take(&mut tx.records);
    if pending.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(pending.len()).unwrap_or(i64::MAX);
    let locked = diesel::update(audit_head::table.find(1))
        .set(audit_head::seq.eq(audit_head::seq + count))
        .execute(&mut **tx)?;
    if locked != 1 {
        return Err(StoreError::Missing("the end of the audit log"));
    }
    let (end, mut hash): (i64, String) =
        audit_head::table.find(1).select((audit_head::seq, audit_head::hash)).first(&mut **tx)?;
    for (seq, p) in (end - count + 1..).zip(pending) {
        let mut event = Event {
            seq,
            id: p.id,
            at: p.at,
            actor: p.author.user,
            actor_name: p.author.name,
            origin: p.author.origin,
            action: p.record.action.to_owned(),
            object_kind: p.record.object_kind,
            object: p.record.object,
            object_name: p.record.object_name,
            subject: p.record.subject,
            old: p.record.old.to_string(),
            new: p.record.new.to_string(),
            reason: p.record.reason,
            correlation: p.author.correlation,
            previous: std::mem::take(&mut hash),
            hash: String::new(),
        };
        event.hash = event.expected_hash();
        hash.clone_from(&event.hash);
        diesel::insert_into(audit_events::table).values(Row::from(event)).execute(&mut **tx)?;
    }
    diesel::update(audit_head::table.find(1)).set(audit_head::hash.eq(hash)).execute(&mut **tx)?;
    Ok(())
}

/// What a check of the whole log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many events there are.
    pub events: i64,
    /// The hash of the last one: note it elsewhere, and a later truncation is proven.
    pub head: String,
}

/// Checks the whole log (I8), also while others write. `anchor` is a number and hash noted earlier, off this
/// machine.
pub fn verify(conn: &mut Conn, anchor: Option<(i64, &str)>) -> Result<Result<Verified, Broken>, StoreError> {
    const BATCH: i64 = 1000;
    // What was written before we began has to be there; what is there has to have been written when we are done.
    let before = end(conn)?;
    let known = [Some((before.0, before.1.as_str())), anchor];
    let (mut seq, mut hash) = (0_i64, String::new());
    loop {
        let rows: Vec<Row> = audit_events::table
            .filter(audit_events::seq.gt(seq))
            .order(audit_events::seq)
            .limit(BATCH)
            .select(Row::as_select())
            .load(conn)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let event = Event::from(row);
            if let Err(broken) = verify_next(seq, &hash, &event) {
                return Ok(Err(broken));
            }
            (seq, hash) = (event.seq, event.hash);
            let differs = |(at, expected): &(i64, &str)| *at == seq && *expected != hash;
            if known.iter().flatten().any(differs) {
                return Ok(Err(Broken::Content(seq)));
            }
        }
    }
    let written = known.iter().flatten().map(|(at, _)| *at).max().unwrap_or(0);
    if written > seq {
        return Ok(Err(Broken::Truncated { expected: written, found: seq }));
    }
    let (after, _) = end(conn)?;
    if seq > after {
        return Ok(Err(Broken::Added { expected: after, found: seq }));
    }
    Ok(Ok(Verified { events: seq, head: hash }))
}

/// The number and hash of the last event that the portal wrote.
fn end(conn: &mut Conn) -> Result<(i64, String), StoreError> {
    let head =
        audit_head::table.find(1).select((audit_head::seq, audit_head::hash)).first(conn).optional()?;
    Ok(head.unwrap_or_default())
}

/// The newest events first.
pub fn list(conn: &mut Conn, at: PageRequest) -> Result<Page<Event>, StoreError> {
    let total = audit_events::table.count().get_result(conn)?;
    let rows: Vec<Row> = audit_events::table
        .order(audit_events::seq.desc())
        .limit(at.size)
        .offset(at.offset())
        .select(Row::as_select())
        .load(conn)?;
    Ok(Page { items: rows.into_iter().map(Event::from).collect(), total, at })
}

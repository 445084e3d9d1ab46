//! Texts of mails that an administrator changed (SPEC NOT-6).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{notice_texts as t, users};
use super::tx::Tx;
use crate::domain::notice_text::Texts;
use crate::kernel::Moment;
use crate::kernel::ids::UserId;

/// The texts of a kind of notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// What was changed; empty texts are the portal's own.
    pub texts: Texts,
    /// When they were saved last, and by whom.
    pub changed: Option<(Moment, Option<String>)>,
    /// Grows with each change; 0 if there never was one.
    pub version: i64,
}

type Columns = (String, (String, String, String, String), Moment, Option<String>, i64);

/// Everything that was ever changed, with its kind.
pub fn all(conn: &mut Conn) -> Result<Vec<(String, Kept)>, StoreError> {
    let rows: Vec<Columns> = t::table
        .left_join(users::table)
        .order(t::kind)
        .select((
            t::kind,
            (t::subject, t::heading, t::opening, t::closing),
            t::updated_at,
            users::display_name.nullable(),
            t::version,
        ))
        .load(conn)?;
    let kept = |(kind, (subject, heading, opening, closing), at, by, version): Columns| {
        let texts = Texts { subject, heading, opening, closing };
        (kind, Kept { texts, changed: Some((at, by)), version })
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// The texts of this kind.
pub fn find(conn: &mut Conn, kind: &str) -> Result<Kept, StoreError> {
    Ok(all(conn)?.into_iter().find(|(k, _)| k == kind).map(|(_, kept)| kept).unwrap_or_default())
}

/// Saves the texts of this kind; the version has to be the one that was read.
pub fn save(
    tx: &mut Tx<'_>,
    kind: &str,
    version: i64,
    texts: &Texts,
    by: Option<UserId>,
    now: Moment,
) -> Result<(), StoreError> {
    let values = (
        t::subject.eq(&texts.subject),
        t::heading.eq(&texts.heading),
        t::opening.eq(&texts.opening),
        t::closing.eq(&texts.closing),
        t::updated_at.eq(now),
        t::updated_by.eq(by),
        t::version.eq(version + 1),
    );
    let changed = if version == 0 {
        super::dialect::insert_or_ignore!(tx, t::table, (t::kind.eq(kind), values))?
    } else {
        diesel::update(t::table.find(kind).filter(t::version.eq(version))).set(values).execute(&mut **tx)?
    };
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

//! Single-use links of accounts: invitation, password reset, set-up (SPEC SES-1, SES-5). The token in the link
//! is made when the mail is rendered; only its hash is kept. A mail that is rendered again gets a token of its
//! own, and the first stays good, because it may have arrived; using one uses up the link.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{account_link_tokens, account_links};
use super::tx::Tx;
use crate::domain::account::LinkPurpose;
use crate::kernel::Moment;
use crate::kernel::ids::{AccountLinkId, UserId};
use crate::kernel::secret::Token;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_links, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite, super::conn::MultiBackend))]
struct Row {
    id: AccountLinkId,
    user_id: Option<UserId>,
    purpose: LinkPurpose,
    created_at: Moment,
    expires_at: Moment,
    used_at: Option<Moment>,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLink {
    /// Its id.
    pub id: AccountLinkId,
    /// Whose; a set-up link is nobody's yet.
    pub user: Option<UserId>,
    /// What for.
    pub purpose: LinkPurpose,
    /// When it was made.
    pub created_at: Moment,
    /// From when on it is not good any more.
    pub expires_at: Moment,
    /// When it was used, or replaced.
    pub used_at: Option<Moment>,
}

impl AccountLink {
    /// Is it still good?
    pub fn is_live(&self, now: Moment) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }
}

impl From<Row> for AccountLink {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            user: r.user_id,
            purpose: r.purpose,
            created_at: r.created_at,
            expires_at: r.expires_at,
            used_at: r.used_at,
        }
    }
}

/// Makes a link that lives as long as its purpose says.
pub fn create(
    tx: &mut Tx<'_>,
    id: AccountLinkId,
    user: Option<UserId>,
    purpose: LinkPurpose,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::insert_into(account_links::table)
        .values(Row {
            id,
            user_id: user,
            purpose,
            created_at: now,
            expires_at: now + purpose.lifetime(),
            used_at: None,
        })
        .execute(&mut **tx)?;
    Ok(())
}

/// Keeps a token for a link: whoever presents it may use the link.
pub fn add_token(tx: &mut Tx<'_>, link: AccountLinkId, token: &Token, now: Moment) -> Result<(), StoreError> {
    diesel::insert_into(account_link_tokens::table)
        .values((
            account_link_tokens::token_hash.eq(token.hash()),
            account_link_tokens::link_id.eq(link),
            account_link_tokens::issued_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The link of this id.
pub fn find(conn: &mut Conn, id: AccountLinkId) -> Result<Option<AccountLink>, StoreError> {
    let row: Option<Row> = account_links::table.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(AccountLink::from))
}

/// The link of this token, good or not.
pub fn find_by_token(conn: &mut Conn, token: &Token) -> Result<Option<AccountLink>, StoreError> {
    let row: Option<Row> = account_link_tokens::table
        .inner_join(account_links::table)
        .filter(account_link_tokens::token_hash.eq(token.hash()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(AccountLink::from))
}

/// Uses up a link. `false` if somebody was quicker, or it is too old: of two uses at once one wins.
pub fn use_up(tx: &mut Tx<'_>, id: AccountLinkId, now: Moment) -> Result<bool, StoreError> {
    let good = account_links::table
        .find(id)
        .filter(account_links::used_at.is_null())
        .filter(account_links::expires_at.gt(now));
    let used = diesel::update(good).set(account_links::used_at.eq(now)).execute(&mut **tx)?;
    Ok(used == 1)
}

/// Makes every open link of a person worthless: a password was chosen, or the account is closed.
pub fn void_all_of(tx: &mut Tx<'_>, user: UserId, now: Moment) -> Result<usize, StoreError> {
    let open =
        account_links::table.filter(account_links::user_id.eq(user)).filter(account_links::used_at.is_null());
    Ok(diesel::update(open).set(account_links::used_at.eq(now)).execute(&mut **tx)?)
}

/// Makes every open set-up link worthless.
pub fn void_set_up(tx: &mut Tx<'_>, now: Moment) -> Result<usize, StoreError> {
    let open = account_links::table
        .filter(account_links::purpose.eq(LinkPurpose::SetUp))
        .filter(account_links::used_at.is_null());
    Ok(diesel::update(open).set(account_links::used_at.eq(now)).execute(&mut **tx)?)
}

/// Removes the links that ended before this instant, with their tokens. How many there were.
pub fn purge(tx: &mut Tx<'_>, ended_before: Moment) -> Result<usize, StoreError> {
    let old = account_links::table.filter(account_links::expires_at.lt(ended_before));
    Ok(diesel::delete(old).execute(&mut **tx)?)
}

//! Passwords of accounts, as hashes (SPEC SES-1).

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::users;
use super::tx::Tx;
use crate::kernel::ids::UserId;
use crate::kernel::{Moment, secret};

/// What signing in and choosing a password need to know of an account that may be used.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whose.
    pub user: UserId,
    /// Name as shown.
    pub name: String,
    /// First name, may be empty.
    pub given_name: String,
    /// Family name, may be empty.
    pub surname: String,
    /// Address, as it was typed in.
    pub email: String,
    /// Hash of the password; `None` until one was chosen.
    pub hash: Option<String>,
}

impl Credentials {
    /// Proof of having shown these credentials, good until they change.
    pub fn proof(&self) -> Proof {
        Proof { user: self.user, stamp: stamp(self.hash.as_deref()) }
    }
}

/// Proof that somebody showed the credentials of an account. The stamp is derived from the stored hash of the
/// password, so a proof is worthless as soon as the password changes, whatever the clocks say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Whose credentials.
    pub user: UserId,
    /// Their stamp.
    pub stamp: String,
}

fn stamp(hash: Option<&str>) -> String {
    secret::hash(hash.unwrap_or_default())
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.user)
    }
}

type Row = (UserId, String, String, String, String, Option<String>);

macro_rules! usable {
    ($filter:expr, $conn:expr) => {{
        let row: Option<Row> = users::table
            .filter(users::enabled.eq(true))
            .filter(users::deleted_at.is_null())
            .filter($filter)
            .select((
                users::id,
                users::display_name,
                users::given_name,
                users::surname,
                users::email,
                users::password_hash,
            ))
            .first($conn)
            .optional()?;
        Ok(row.map(|(user, name, given_name, surname, email, hash)| Credentials {
            user,
            name,
            given_name,
            surname,
            email,
            hash,
        }))
    }};
}

/// The account of this folded address, if it may be used: enabled, not deleted (SPEC DIR-5).
pub fn find_by_email(conn: &mut Conn, folded_email: &str) -> Result<Option<Credentials>, StoreError> {
    usable!(users::email_folded.eq(folded_email), conn)
}

/// The account of this id, if it may be used: enabled, not deleted (SPEC DIR-5).
pub fn find(conn: &mut Conn, user: UserId) -> Result<Option<Credentials>, StoreError> {
    usable!(users::id.eq(user), conn)
}

/// Does the proof still hold: is the account usable, and are the credentials those that were shown? The account's
/// row is locked by an update that changes nothing, so that disabling the account and changing its password
/// either came first and are seen, or come later and then end what the proof is good for (I15).
pub fn holds(tx: &mut Tx<'_>, proof: &Proof) -> Result<bool, StoreError> {
    diesel::update(users::table.find(proof.user))
        .set(users::version.eq(users::version))
        .execute(&mut **tx)?;
    let now = find(tx, proof.user)?;
    Ok(now.is_some_and(|c| c.proof() == *proof))
}

/// Sets a new password.
pub fn set_password(tx: &mut Tx<'_>, user: UserId, hash: &str, now: Moment) -> Result<(), StoreError> {
    let changed = diesel::update(users::table.find(user))
        .set((users::password_hash.eq(hash), users::password_changed_at.eq(now)))
        .execute(&mut **tx)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Missing("the account")) }
}

/// Replaces the hash of the same password by one with today's parameters. The password did not change, so
/// sessions stay. Nothing happens if the password was changed in between.
pub fn replace_hash(tx: &mut Tx<'_>, user: UserId, old: &str, new: &str) -> Result<(), StoreError> {
    diesel::update(users::table.find(user).filter(users::password_hash.eq(old)))
        .set(users::password_hash.eq(new))
        .execute(&mut **tx)?;
    Ok(())
}

/// Notes a successful sign-in (SPEC DIR-1).
pub fn signed_in(tx: &mut Tx<'_>, user: UserId, now: Moment) -> Result<(), StoreError> {
    diesel::update(users::table.find(user)).set(users::last_sign_in_at.eq(now)).execute(&mut **tx)?;
    Ok(())
}

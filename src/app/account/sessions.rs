//! One's own sessions: ending this one, another one, all of them (SPEC SES-2).

use super::{about, with_sessions};
use crate::app::{AppError, Cx};
use crate::domain::audit::{ObjectKind, Record};
use crate::kernel::ids::{EntityId as _, SessionId, UserId};
use crate::store::{Tx, credentials, sessions};

/// Signs out of this session. Signing out twice is no mistake.
pub fn sign_out(tx: &mut Tx<'_>, cx: &Cx, user: UserId, session: SessionId) -> Result<(), AppError> {
    if sessions::revoke(tx, user, session)? {
        let name = cx.author.name.clone();
        cx.record(tx, Record::of("session.signOut", ObjectKind::User, user.uuid(), name).about(user));
    }
    Ok(())
}

/// Ends one of one's own sessions. Somebody else's is not found.
pub fn revoke(tx: &mut Tx<'_>, cx: &Cx, user: UserId, session: SessionId) -> Result<(), AppError> {
    if !sessions::revoke(tx, user, session)? {
        return Err(AppError::NotFound);
    }
    let name = cx.author.name.clone();
    cx.record(tx, Record::of("session.revoke", ObjectKind::Session, session.uuid(), name).about(user));
    Ok(())
}

/// Ends every session of the person, this one too. How many there were.
pub fn sign_out_everywhere(tx: &mut Tx<'_>, cx: &Cx, user: UserId) -> Result<usize, AppError> {
    let person = credentials::find(tx, user)?.ok_or(AppError::NotFound)?;
    let ended = sessions::revoke_all(tx, user)?;
    cx.record(tx, with_sessions(about("session.signOutEverywhere", &person), ended));
    Ok(ended)
}

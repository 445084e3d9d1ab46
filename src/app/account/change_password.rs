//! Changing one's own password (SPEC SES-1, SES-2).

use super::{Visitor, about, begin_session, check_password, hashing, sign_in, with_sessions};
use crate::app::{App, AppError};
use crate::domain::Refusal;
use crate::kernel::ids::UserId;
use crate::kernel::secret::Token;
use crate::kernel::text::fold;
use crate::store::{account_links, credentials, sessions};

/// Changes the password and ends every session, this one too; gives the key of the one that goes on in its place.
pub async fn run(
    app: &App,
    visitor: &Visitor,
    user: UserId,
    current: &str,
    new: &str,
) -> Result<Token, AppError> {
    let before = app
        .db
        .read(move |conn| credentials::find(conn, user).map_err(AppError::from))
        .await?
        .ok_or(AppError::NotFound)?;
    check_password(new, &before)?;
    let person = sign_in::confirm(app, visitor, &fold(&before.email), current).await?;
    let hash = hashing::hash(new.to_owned()).await?;
    let cx = visitor.cx_as(app, &person);
    let visitor = visitor.clone();
    app.db
        .write(move |tx| {
            // Whoever changed the password in between has ended this session already.
            if person.user != user || !credentials::holds(tx, &person.proof())? {
                return Err(AppError::from(Refusal::WrongCredentials));
            }
            credentials::set_password(tx, user, &hash, cx.now)?;
            account_links::void_all_of(tx, user, cx.now)?;
            let ended = sessions::revoke_all(tx, user)?;
            cx.record(tx, with_sessions(about("user.changePassword", &person), ended));
            begin_session(tx, &cx, &visitor, user)
        })
        .await
}

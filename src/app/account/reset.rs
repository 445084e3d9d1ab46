//! A forgotten password (SPEC SES-1): asking for the link, and choosing a new password through it. Accepting an
//! invitation is the same with another link.

use std::time::Duration as Pause;

use super::{Visitor, about, check_password, hashing, links, sign_in, with_sessions};
use crate::app::{App, AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::account::{Budget, LinkPurpose, wait_in_words};
use crate::domain::notice::Notice;
use crate::kernel::secret::Token;
use crate::kernel::text::fold;
use crate::store::throttle::{self, Key};
use crate::store::{StoreError, Tx, account_links, credentials, sessions};

/// Every answer to "I forgot my password" takes at least this long, far longer than the work: how long it takes
/// tells nothing.
const ANSWER_AFTER: Pause = Pause::from_millis(400);

/// Asks for a link to choose a new password. The answer is the same, after the same time, for an address that
/// nobody has. Too many from one network address are refused; too many for one account are quietly not sent.
pub async fn request(app: &App, visitor: &Visitor, email: &str) -> Result<(), AppError> {
    let (folded, ip, cx) = (fold(email), visitor.ip.clone(), visitor.cx(app));
    let work = app.db.write(move |tx| {
        let address = [(Key::reset_address(&ip), Budget::address())];
        if let Err(wait) = throttle::admit(tx, &address, cx.now)? {
            return Err(AppError::from(Refusal::TryAgainIn(wait_in_words(wait))));
        }
        let account = [(Key::reset_mails(&folded), Budget::reset_mails())];
        if throttle::admit(tx, &account, cx.now)?.is_ok() {
            send_link(tx, &cx, &folded)?;
        }
        Ok(())
    });
    let (done, ()) = tokio::join!(work, tokio::time::sleep(ANSWER_AFTER));
    done
}

fn send_link(tx: &mut Tx<'_>, cx: &Cx, folded: &str) -> Result<(), AppError> {
    let Some(person) = credentials::find_by_email(tx, folded)? else {
        return Ok(());
    };
    let (user, link) = (person.user, cx.id());
    account_links::create(tx, link, Some(user), LinkPurpose::PasswordReset, cx.now)?;
    notices::send(tx, cx, user, Notice::PasswordReset { user, link }, &link.to_string())?;
    cx.record(tx, about("user.requestPasswordReset", &person));
    Ok(())
}

/// Uses a token to choose a password: once, and every session and every other link of the person ends. Nobody is
/// signed in by it: the next page asks for the new password.
pub async fn choose(
    app: &App,
    visitor: &Visitor,
    token: Token,
    purpose: LinkPurpose,
    new: &str,
) -> Result<(), AppError> {
    let (_, person) = links::look(app, token.clone(), purpose).await?.ok_or(Refusal::StaleAccountLink)?;
    check_password(new, &person)?;
    let hash = hashing::hash(new.to_owned()).await?;
    let cx = visitor.cx_as(app, &person);
    let ip = visitor.ip.clone();
    app.db
        .write(move |tx| {
            let (link, person) = links::open_account(tx, &token, purpose, cx.now)?
                .ok_or(AppError::from(Refusal::StaleAccountLink))?;
            if !account_links::use_up(tx, link.id, cx.now)? {
                return Err(Refusal::StaleAccountLink.into());
            }
            credentials::set_password(tx, person.user, &hash, cx.now)?;
            account_links::void_all_of(tx, person.user, cx.now)?;
            let ended = sessions::revoke_all(tx, person.user)?;
            // Whoever reads the person's mail is the person: from here they can always sign in (SPEC SES-3).
            sign_in::clear(tx, &fold(&person.email), &ip, cx.now)?;
            let action = match purpose {
                LinkPurpose::Invitation => "user.acceptInvitation",
                LinkPurpose::PasswordReset | LinkPurpose::SetUp => "user.resetPassword",
            };
            cx.record(tx, with_sessions(about(action, &person), ended));
            Ok::<_, AppError>(())
        })
        .await
        .map_err(|error| match error {
            // Of two uses at once the slower one finds the link used.
            AppError::Store(StoreError::Stale) => Refusal::StaleAccountLink.into(),
            other => other,
        })
}

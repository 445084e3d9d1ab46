//! E-mailed account links: making, minting, opening (SPEC SES-1).

use crate::app::{App, AppError, Cx, notices};
use crate::domain::account::LinkPurpose;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::notice::Notice;
use crate::kernel::Moment;
use crate::kernel::ids::{AccountLinkId, EntityId as _, UserId};
use crate::kernel::secret::Token;
use crate::store::account_links::{self, AccountLink};
use crate::store::credentials::{self, Credentials};
use crate::store::{Conn, StoreError, Tx, users};

/// Sends an invitation to choose a first password; earlier links of the person stop working. Whoever calls it
/// has checked that the actor may.
pub fn invite(tx: &mut Tx<'_>, cx: &Cx, user: UserId) -> Result<(), AppError> {
    let person = credentials::find(tx, user)?.ok_or(AppError::NotFound)?;
    account_links::void_all_of(tx, user, cx.now)?;
    let link = cx.id();
    account_links::create(tx, link, Some(user), LinkPurpose::Invitation, cx.now)?;
    notices::send(tx, cx, user, Notice::Invitation { user, link }, &link.to_string())?;
    cx.record(tx, Record::of("user.invite", ObjectKind::User, user.uuid(), person.name).about(user));
    Ok(())
}

/// Makes a token for a link, right before its mail is rendered: only the hash is kept. `None` if the link is not
/// good any more; then the mail is not owed either.
pub fn mint(tx: &mut Tx<'_>, link: AccountLinkId, now: Moment) -> Result<Option<Token>, AppError> {
    match account_links::find(tx, link)? {
        Some(found) if found.is_live(now) => {
            let token = Token::generate()?;
            account_links::add_token(tx, link, &token, now)?;
            Ok(Some(token))
        }
        _ => Ok(None),
    }
}

/// What a token of this purpose opens, if it is still good. Reading changes nothing: mail scanners open links.
pub fn open(
    conn: &mut Conn,
    token: &Token,
    purpose: LinkPurpose,
    now: Moment,
) -> Result<Option<AccountLink>, StoreError> {
    let link = account_links::find_by_token(conn, token)?;
    Ok(link.filter(|link| link.purpose == purpose && link.is_live(now)))
}

/// Whose account a token of this purpose opens, if it is still good.
pub fn open_account(
    conn: &mut Conn,
    token: &Token,
    purpose: LinkPurpose,
    now: Moment,
) -> Result<Option<(AccountLink, Credentials)>, StoreError> {
    let Some(link) = open(conn, token, purpose, now)? else {
        return Ok(None);
    };
    let Some(user) = link.user else { return Ok(None) };
    Ok(credentials::find(conn, user)?.map(|person| (link, person)))
}

/// [`open_account`] for a page.
pub async fn look(
    app: &App,
    token: Token,
    purpose: LinkPurpose,
) -> Result<Option<(AccountLink, Credentials)>, AppError> {
    let now = app.now();
    app.db.read(move |conn| open_account(conn, &token, purpose, now).map_err(AppError::from)).await
}

/// Is this a set-up link that is still good?
pub async fn look_set_up(app: &App, token: Token) -> Result<bool, AppError> {
    let now = app.now();
    app.db
        .read(move |conn| {
            let link = open(conn, &token, LinkPurpose::SetUp, now)?;
            Ok::<_, AppError>(link.is_some() && !users::any(conn)?)
        })
        .await
}

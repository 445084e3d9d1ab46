//! Signing in with a password (SPEC SES-1, SES-3).

use chrono::Duration;

use super::{Visitor, about, begin_session, hashing};
use crate::app::{App, AppError};
use crate::domain::Refusal;
use crate::domain::account::{Budget, wait_in_words};
use crate::domain::audit::{ObjectKind, Record};
use crate::kernel::Moment;
use crate::kernel::secret::Token;
use crate::kernel::text::fold;
use crate::store::credentials::{self, Credentials};
use crate::store::throttle::{self, Key};
use crate::store::{StoreError, Tx};

/// Signs in and begins a session; gives the key for its cookie. The answer is the same, and takes the same time, whether the account does not exist, is disabled,
/// has no password yet or has another one.
pub async fn run(app: &App, visitor: &Visitor, email: &str, password: &str) -> Result<Token, AppError> {
    let folded = fold(email);
    let person = admit(app, visitor, folded.clone()).await?;
    let hash = person.as_ref().and_then(|p| p.hash.clone());
    let right = hashing::verify(password.to_owned(), hash.clone()).await?;
    match (person, hash) {
        (Some(person), Some(hash)) if right => {
            let newer = if hashing::is_outdated(&hash) {
                Some(hashing::hash(password.to_owned()).await?)
            } else {
                None
            };
            succeed(app, visitor, folded, person, hash, newer).await
        }
        (person, _) => {
            fail(app, visitor, person).await?;
            Err(Refusal::WrongCredentials.into())
        }
    }
}

/// Checks the password of somebody who is signed in already, for what is worth asking again. The same gate as
/// signing in: a stolen session is no way around the limits.
pub(super) async fn confirm(
    app: &App,
    visitor: &Visitor,
    folded: &str,
    password: &str,
) -> Result<Credentials, AppError> {
    let person = admit(app, visitor, folded.to_owned()).await?;
    let hash = person.as_ref().and_then(|p| p.hash.clone());
    let right = hashing::verify(password.to_owned(), hash).await?;
    match person {
        Some(person) if right => {
            let (folded, ip, now) = (folded.to_owned(), visitor.ip.clone(), app.now());
            app.db.write(move |tx| clear(tx, &folded, &ip, now).map_err(AppError::from)).await?;
            Ok(person)
        }
        person => {
            fail(app, visitor, person).await?;
            Err(Refusal::WrongCredentials.into())
        }
    }
}

/// Counts the attempt, before anything is hashed, and looks the account up.
async fn admit(app: &App, visitor: &Visitor, folded: String) -> Result<Option<Credentials>, AppError> {
    let (ip, now) = (visitor.ip.clone(), app.now());
    let admitted = app
        .db
        .write(move |tx| -> Result<Result<Option<Credentials>, Duration>, StoreError> {
            // From where the owner has signed in before, attempts are counted apart (SPEC SES-3): nobody
            // elsewhere can keep the owner out.
            let familiar = throttle::is_familiar(tx, &folded, &ip)?;
            let limits = if familiar {
                vec![(Key::familiar(&folded, &ip), Budget::account())]
            } else {
                vec![(Key::account(&folded), Budget::account()), (Key::address(&ip), Budget::address())]
            };
            match throttle::admit(tx, &limits, now)? {
                Ok(()) => Ok(Ok(credentials::find_by_email(tx, &folded)?)),
                Err(wait) => Ok(Err(wait)),
            }
        })
        .await?;
    admitted.map_err(|wait| {
        tracing::info!(seconds = wait.num_seconds(), "a sign-in has to wait");
        Refusal::TryAgainIn(wait_in_words(wait)).into()
    })
}

async fn succeed(
    app: &App,
    visitor: &Visitor,
    folded: String,
    person: Credentials,
    hash: String,
    newer: Option<String>,
) -> Result<Token, AppError> {
    let cx = visitor.cx_as(app, &person);
    let visitor = visitor.clone();
    app.db
        .write(move |tx| {
            // The account may have been disabled, or the password changed, while we were hashing (I15).
            if !credentials::holds(tx, &person.proof())? {
                return Err(AppError::from(Refusal::WrongCredentials));
            }
            if let Some(newer) = &newer {
                credentials::replace_hash(tx, person.user, &hash, newer)?;
            }
            credentials::signed_in(tx, person.user, cx.now)?;
            clear(tx, &folded, &visitor.ip, cx.now)?;
            cx.record(tx, about("session.signIn", &person));
            begin_session(tx, &cx, &visitor, person.user)
        })
        .await
}

/// A right password: the account's failures are forgotten, the address becomes a familiar one.
pub(super) fn clear(tx: &mut Tx<'_>, folded: &str, ip: &str, now: Moment) -> Result<(), StoreError> {
    if !throttle::is_familiar(tx, folded, ip)? {
        throttle::take_back(tx, &Key::address(ip), now)?;
    }
    throttle::forgive(tx, &Key::account(folded), now)?;
    throttle::make_familiar(tx, folded, ip, now)
}

/// Records the failure, for an account that does not exist too: the same work either way. The typed address is
/// not kept; people type passwords there.
async fn fail(app: &App, visitor: &Visitor, person: Option<Credentials>) -> Result<(), AppError> {
    let cx = visitor.cx(app);
    app.db
        .write(move |tx| {
            let record = match &person {
                Some(person) => about("session.signInFailed", person),
                None => Record::of(
                    "session.signInFailed",
                    ObjectKind::Session,
                    uuid::Uuid::nil(),
                    "Unknown account",
                ),
            };
            cx.record(tx, record);
            Ok(())
        })
        .await
}

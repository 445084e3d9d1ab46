//! Accounts: signing in and out, passwords, e-mailed account links, sessions, one's own profile (SPEC section 4,
//! DIR-2, DIR-5). What hashes a password is asynchronous: hashing happens on the blocking pool, a few at a time,
//! and never inside a transaction.

pub mod change_password;
pub mod hashing;
pub mod links;
pub mod profile;
pub mod reset;
pub mod sessions;
pub mod set_up;
pub mod sign_in;

use chrono::Duration;
use serde_json::json;

use super::{App, AppError, Cx};
use crate::domain::audit::{Author, ObjectKind, Record};
use crate::domain::password;
use crate::kernel::Moment;
use crate::kernel::ids::{EntityId as _, UserId};
use crate::kernel::secret::Token;
use crate::store::credentials::Credentials;
use crate::store::sessions::NewSession;
use crate::store::{self, StoreError, Tx};

/// Somebody in front of a browser, perhaps not signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Network address.
    pub ip: String,
    /// Browser.
    pub agent: String,
    /// Ties together what one request does.
    pub correlation: String,
    /// How long a session lasts that begins now (SPEC SES-2).
    pub session_absolute: Duration,
}

impl Visitor {
    /// The surroundings of a use case by somebody unknown.
    fn cx(&self, app: &App) -> Cx {
        self.cx_of(app, None, "Not signed in")
    }

    /// The surroundings of a use case by this person.
    fn cx_as(&self, app: &App, person: &Credentials) -> Cx {
        self.cx_of(app, Some(person.user), &person.name)
    }

    fn cx_of(&self, app: &App, user: Option<UserId>, name: &str) -> Cx {
        app.cx_as(Author {
            user,
            name: name.to_owned(),
            origin: self.ip.clone(),
            correlation: self.correlation.clone(),
        })
    }
}

/// Begins a session of this person; the key is for the cookie. Only right after the credentials were checked, in
/// the same transaction (I15).
fn begin_session(tx: &mut Tx<'_>, cx: &Cx, visitor: &Visitor, user: UserId) -> Result<Token, AppError> {
    let key = Token::generate()?;
    let new = NewSession {
        id: cx.id(),
        key_hash: key.hash(),
        user,
        ip: visitor.ip.clone(),
        agent: visitor.agent.clone(),
        created_at: cx.now,
        expires_at: cx.now + visitor.session_absolute,
    };
    store::sessions::create(tx, new)?;
    Ok(key)
}

/// Removes what is over: ended sessions, old links, forgotten attempts. How many rows.
pub fn purge(tx: &mut Tx<'_>, now: Moment) -> Result<usize, StoreError> {
    let sessions = store::sessions::purge(tx, now)?;
    let links = store::account_links::purge(tx, now - Duration::days(30))?;
    let attempts = store::throttle::purge(tx, now)?;
    Ok(sessions + links + attempts)
}

/// Is the password good enough for this person (SPEC SES-1)?
fn check_password(new: &str, person: &Credentials) -> Result<(), AppError> {
    let owner =
        password::Owner { names: &[&person.name, &person.given_name, &person.surname], email: &person.email };
    Ok(password::check(new, owner)?)
}

/// A record about somebody's account.
fn about(action: &'static str, person: &Credentials) -> Record {
    Record::of(action, ObjectKind::User, person.user.uuid(), &person.name).about(person.user)
}

/// A record about an account, with how many sessions ended.
fn with_sessions(record: Record, ended: usize) -> Record {
    record.change(json!(null), json!({ "sessionsEnded": ended }))
}

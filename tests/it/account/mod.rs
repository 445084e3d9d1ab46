//! Accounts: signing in, passwords, e-mailed links, sessions, one's own profile (SPEC section 4, DIR-2, DIR-5).

mod limits;
mod links;
mod profile;
mod set_up;
mod sign_in;

use std::sync::LazyLock;

use latchkey::app::account::{Visitor, hashing, links as account_links};
use latchkey::domain::account::LinkPurpose;
use latchkey::kernel::ids::{AccountLinkId, UserId};
use latchkey::kernel::secret::Token;
use latchkey::store::{self, credentials};

use crate::support::{Answer, Browser, Test};

/// Everybody's password in these tests.
const PASSWORD: &str = "violet kettle harbour";
/// Another good one.
const OTHER: &str = "lantern, seven doors & rain";

static HASH: LazyLock<String> = LazyLock::new(|| hashing::hash_now(PASSWORD).unwrap());

/// This person, with [`PASSWORD`].
fn with_password(t: &mut Test, name: &str) -> UserId {
    let user = t.person(name);
    let now = t.now();
    t.write(|tx| Ok(credentials::set_password(tx, user, &HASH, now)?));
    user
}

/// A link of this person, and a token for it.
fn link_of(t: &Test, user: Option<UserId>, purpose: LinkPurpose) -> (AccountLinkId, Token) {
    let (link, now) = (t.app.ids.next(), t.now());
    t.write(|tx| {
        store::account_links::create(tx, link, user, purpose, now)?;
        let token = account_links::mint(tx, link, now)?.expect("a fresh link is good");
        Ok((link, token))
    })
}

/// Walks through the sign-in page.
fn try_sign_in(browser: &Browser, name: &str, password: &str) -> Answer {
    let form = browser.page("/sign-in").form("/sign-in");
    browser.submit(&form.set("email", &format!("{name}@demo.example")).set("password", password))
}

/// Is this browser signed in?
fn knows(browser: &Browser) -> bool {
    browser.get("/profile").status == 200
}

fn visitor(ip: &str) -> Visitor {
    Visitor {
        ip: ip.to_owned(),
        agent: "Test".to_owned(),
        correlation: "test".to_owned(),
        session_absolute: chrono::Duration::hours(12),
    }
}

/// Runs a use case that hashes, from a thread of a test.
fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(work)
}

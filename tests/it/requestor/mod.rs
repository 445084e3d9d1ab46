//! The requestor's pages, walked in a browser without a screen.

mod access;
mod asking;
mod browsing;
mod extending;
mod following;
mod team;

use latchkey::kernel::ids::{PackageId, RequestId};

use crate::support::{Answer, Browser, Test};

/// The address of a package's page.
fn package(id: PackageId) -> String {
    format!("/packages/{id}")
}

/// The address of its form.
fn form_of(id: PackageId) -> String {
    format!("/packages/{id}/request")
}

/// Fills the form of a package as somebody would who gives every answer, and sends it.
#[track_caller]
fn ask(b: &Browser, id: PackageId, why: &str) -> Answer {
    let mut form = b.page(&form_of(id)).form(&form_of(id)).set("justification", why);
    let questions: Vec<String> =
        form.data().into_iter().map(|(name, _)| name).filter(|name| name.starts_with("q.")).collect();
    for name in questions {
        form = form.set(&name, "The spring deal");
    }
    b.submit(&form)
}

/// Sends a request that has to be accepted; its id.
#[track_caller]
fn asked(b: &Browser, id: PackageId, why: &str) -> RequestId {
    let to = ask(b, id, why).expect(303).location();
    let id = to.strip_prefix("/requests/").unwrap_or_else(|| panic!("led to {to}"));
    id.parse().expect("an id")
}

/// Changes rows behind the portal's back.
fn set(t: &Test, table: &str, change: &str, id: impl std::fmt::Display) {
    t.sql(&format!("UPDATE {table} SET {change} WHERE id = '{id}'"));
}

//! The approver's pages and the emailed decision, as people and machines meet them.

mod codes;
mod delegating;
mod emailed;
mod pages;
mod queue;
mod races;

use latchkey::app::links;
use latchkey::app::request::{self, Submission};
use latchkey::kernel::ids::{PackageId, RequestId};
use latchkey::store::requests::{self, Request};

use crate::support::Test;
use crate::support::form::Form;
use crate::support::html::Page;
use crate::support::raw;

/// Asks for a package for oneself.
pub fn submit(t: &Test, who: &str, package: PackageId) -> RequestId {
    t.write_as(who, |tx, cx, by| {
        let wish = Submission {
            package,
            policy: None,
            subject: by.user,
            justification: "I start on Monday".into(),
            answers: serde_json::json!({ "deal": "The one with the fair" }),
            token: String::new(),
        };
        request::submit(tx, cx, &wish)
    })
}

pub fn the_request(t: &Test, id: RequestId) -> Request {
    t.read(|c| requests::find(c, id)).expect("the request exists")
}

/// The secret of a link as the approval mail of the current stage carries it, as `/d/{token}`.
pub fn link(t: &mut Test, request: RequestId, approver: &str) -> String {
    minted(t, request, approver).expect("the mail has a link")
}

/// The link of a mail, if the mail has one.
pub fn minted(t: &mut Test, request: RequestId, approver: &str) -> Option<String> {
    let user = t.person(approver);
    let cx = t.app.system_cx("mail");
    let stage = the_request(t, request).stage;
    let address = format!("{approver}@demo.example");
    let minted = t.write(|tx| links::mint(tx, &cx, request, stage, user, &address));
    let token = minted.expect("the mail is still true").token;
    token.map(|token| format!("/d/{}", token.reveal()))
}

/// The form that decides on this page: the one with a choice.
pub fn decision(page: &Page, action: &str) -> Form {
    page.form(action)
}

/// What a decision could change, to compare before and after.
pub fn snapshot(t: &Test) -> Vec<String> {
    [
        "SELECT id || ' ' || state || ' ' || version AS n FROM requests ORDER BY id",
        "SELECT request_id || ' ' || stage || ' ' || state AS n FROM request_stages ORDER BY request_id, stage",
        "SELECT token_hash || ' ' || CASE WHEN used_at IS NULL THEN '-' ELSE 'used' END || ' ' || \
         CASE WHEN revoked_at IS NULL THEN '-' ELSE 'revoked' END AS n FROM decision_links ORDER BY token_hash",
        "SELECT id || ' ' || tries AS n FROM decision_codes ORDER BY id",
        "SELECT id || ' ' || verdict AS n FROM votes ORDER BY id",
        "SELECT id || ' ' || state || ' ' || attempts AS n FROM notices ORDER BY id",
        "SELECT id || ' ' || request_id AS n FROM request_steps ORDER BY id",
        "SELECT seq || ' ' || hash AS n FROM audit_events ORDER BY seq",
        "SELECT id || ' ' || state AS n FROM assignments ORDER BY id",
        "SELECT CAST(id AS TEXT) AS n FROM sessions ORDER BY id",
        "SELECT id || ' ' || state AS n FROM jobs ORDER BY id",
    ]
    .iter()
    .flat_map(|query| t.texts(query))
    .collect()
}

/// How many votes a request has.
pub fn votes(t: &Test, request: RequestId) -> i64 {
    let request = t.literal(&raw::id(request));
    t.count(&format!("votes WHERE request_id = {request}"))
}

/// How many audit events of this kind there are.
pub fn audited(t: &Test, action: &str) -> i64 {
    t.count(&format!("audit_events WHERE action = '{action}'"))
}

/// Takes a person out of a group.
pub fn leave(t: &mut Test, group: latchkey::kernel::ids::GroupId, name: &str) {
    let (group, user) = (t.literal(&raw::id(group)), t.person(name));
    let user = t.literal(&raw::id(user));
    t.sql(&format!("DELETE FROM group_members WHERE group_id = {group} AND user_id = {user}"));
}

//! Talking about a request, and changing it because an approver asked (SPEC REQ-9).

mod changes;
mod comments;
mod explain;
mod pages;
mod races;

use latchkey::app::AppError;
use latchkey::app::request::{self, Ask, Remark, Revision};
use latchkey::domain::policy::{Approver, Quorum, Stage, Terms};
use latchkey::kernel::ids::{ChangeRequestId, CommentId, PackageId, RequestId};

use crate::requests::the_request;
use crate::support::{Test, terms};

/// Says something about a request.
pub fn try_say(t: &Test, who: &str, id: RequestId, text: &str, token: &str) -> Result<CommentId, AppError> {
    t.try_as(who, |tx, cx, me| {
        let remark = Remark { request: id, text: text.into(), token: token.into() };
        request::comment(tx, cx, me, &remark)
    })
}

pub fn say(t: &Test, who: &str, id: RequestId, text: &str) -> CommentId {
    try_say(t, who, id, text, "").expect("the comment is taken")
}

/// Asks for changes instead of deciding.
pub fn try_ask(t: &Test, who: &str, id: RequestId, text: &str) -> Result<ChangeRequestId, AppError> {
    t.try_as(who, |tx, cx, me| {
        let ask = Ask { request: id, stage: None, seen_version: None, by: me.user, text: text.into() };
        request::ask_changes(tx, cx, &ask)
    })
}

pub fn ask(t: &Test, who: &str, id: RequestId, text: &str) -> ChangeRequestId {
    try_ask(t, who, id, text).expect("changes are asked for")
}

/// What the person would send back: the request as it is, with another reason.
pub fn revision(t: &Test, id: RequestId, why: &str) -> Revision {
    let now = the_request(t, id);
    Revision {
        request: id,
        seen_version: now.version,
        justification: why.into(),
        answers: serde_json::json!({ "deal": "The spring deal" }),
        wanted_start: now.wanted_start,
        wanted_end: now.wanted_end,
    }
}

pub fn try_revise(t: &Test, who: &str, revision: &Revision) -> Result<(), AppError> {
    t.try_as(who, |tx, cx, _| request::revise(tx, cx, revision))
}

pub fn revise(t: &Test, who: &str, id: RequestId, why: &str) {
    try_revise(t, who, &revision(t, id, why)).expect("it is sent back");
}

/// A package whose only stage all of Bob, Mia and Carol have to approve.
pub fn all_three(t: &mut Test) -> PackageId {
    t.person("alice");
    t.person("root");
    let approvers: Vec<Approver> =
        ["bob", "mia", "carol"].iter().map(|n| Approver::User { id: t.person(n) }).collect();
    let catalog = t.catalog("Tools", "priya");
    let package = t.package(catalog, "Tool", &[]);
    let stage = Stage { quorum: Quorum::All, ..terms::stage(approvers) };
    let terms = Terms {
        questions: vec![terms::question("deal", "Which deal?", true)],
        ..terms::members(vec![stage])
    };
    t.policy(package, "All three", &terms);
    package
}

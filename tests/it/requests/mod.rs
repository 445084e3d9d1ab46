//! The life of a request and of the access that it gives, through the use cases.

mod approval;
mod behalf;
mod delegation;
mod ending;
mod escalation;
mod extension;
mod invariants;
mod schedule;
mod submission;

use latchkey::app::AppError;
use latchkey::app::request::{self, Decided, Decision, Submission};
use latchkey::domain::Refusal;
use latchkey::domain::approval::{Channel, Verdict};
use latchkey::jobs::sweeps::{self, SweepReport};
use latchkey::kernel::ids::{PackageId, RequestId};
use latchkey::store::assignments::{self, Assignment};
use latchkey::store::requests::{self, Request};

use crate::support::Test;

/// Asks for a package for oneself.
pub fn try_submit(t: &Test, who: &str, package: PackageId) -> Result<RequestId, AppError> {
    t.try_as(who, |tx, cx, by| {
        let wish = Submission {
            package,
            policy: None,
            subject: by.user,
            justification: "I start on Monday".into(),
            answers: serde_json::json!({ "deal": "The spring deal" }),
            token: String::new(),
        };
        request::submit(tx, cx, &wish)
    })
}

pub fn submit(t: &Test, who: &str, package: PackageId) -> RequestId {
    try_submit(t, who, package).expect("the request is accepted")
}

pub fn try_decide(t: &Test, who: &str, id: RequestId, verdict: Verdict) -> Result<Decided, AppError> {
    t.try_as(who, |tx, cx, by| {
        let decision = Decision {
            request: id,
            stage: None,
            seen_version: None,
            by: by.user,
            verdict,
            reason: "as agreed".into(),
            channel: Channel::Portal,
            ip: "127.0.0.1".into(),
        };
        request::decide(tx, cx, &decision)
    })
}

pub fn decide(t: &Test, who: &str, id: RequestId, verdict: Verdict) -> Decided {
    try_decide(t, who, id, verdict).expect("the decision counts")
}

pub fn the_request(t: &Test, id: RequestId) -> Request {
    t.read(|c| requests::find(c, id)).expect("the request exists")
}

pub fn the_assignment(t: &Test, id: RequestId) -> Assignment {
    let assignment = the_request(t, id).assignment.expect("the request made an assignment");
    t.read(|c| assignments::find(c, assignment)).expect("the assignment exists")
}

pub fn sweep(t: &Test) -> SweepReport {
    sweeps::run(&t.app).expect("the sweep runs")
}

pub fn refusal<T: std::fmt::Debug>(result: Result<T, AppError>) -> Refusal {
    match result {
        Err(AppError::Refused(refusal)) => refusal,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

/// Is the person in the group now?
pub fn in_group(
    t: &Test,
    group: latchkey::kernel::ids::GroupId,
    user: latchkey::kernel::ids::UserId,
) -> bool {
    let (group, user) =
        (t.literal(&crate::support::raw::id(group)), t.literal(&crate::support::raw::id(user)));
    t.count(&format!("group_members WHERE group_id = {group} AND user_id = {user}")) == 1
}

/// The kinds of the notices to a person, in order.
pub fn mails_to(t: &Test, user: latchkey::kernel::ids::UserId) -> Vec<String> {
    let user = t.literal(&crate::support::raw::id(user));
    t.texts(&format!("SELECT kind AS n FROM notices WHERE recipient_id = {user} ORDER BY created_at, id"))
}

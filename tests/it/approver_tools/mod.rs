//! The approver's tools: shorter or later, revoking, deciding in bulk, history, and what the requestor hears meanwhile.

mod allowance;
mod bulk;
mod history;
mod revoke;
mod waiting;

use latchkey::app::AppError;
use latchkey::app::request::{self, Decided, Decision};
use latchkey::domain::allowance::Allowance;
use latchkey::domain::approval::{Channel, Verdict};
use latchkey::kernel::Moment;
use latchkey::kernel::ids::RequestId;

use crate::support::Test;

/// Approves within bounds.
pub fn approve_within(t: &Test, who: &str, id: RequestId, allowed: Allowance) -> Result<Decided, AppError> {
    t.try_as(who, |tx, cx, by| {
        let decision = Decision {
            request: id,
            stage: None,
            seen_version: None,
            by: by.user,
            verdict: Verdict::Approve,
            reason: "as agreed".into(),
            channel: Channel::Portal,
            ip: "127.0.0.1".into(),
        };
        request::decide_within(tx, cx, &decision, allowed)
    })
}

pub fn until(end: Moment) -> Allowance {
    Allowance { start: None, end: Some(end) }
}

pub fn at(text: &str) -> Moment {
    text.parse().expect("an instant")
}

//! Use cases of requests and assignments: submit, decide, cancel, deliver, end (SPEC sections 8 and 9). Each
//! room is one act; what several share (loading the terms, opening a stage, delivering) has its own.

mod allow;
mod assign;
mod attributes;
mod automatic;
mod behalf;
mod cancel;
mod change_end;
mod conversation;
mod decide;
mod deliver;
mod end;
mod extend;
mod gate;
mod ordering;
mod outcome;
mod remind;
mod reprocess;
mod resync;
mod revise;
mod revoke;
mod schedule;
mod settled;
mod stage;
mod submit;
mod tell;
mod timers;

pub use allow::{allowed, asked};
pub use assign::{Direct, Judged, Ready, assign, carry_out, hold, judge, ready};
pub use attributes::asked_of;
pub use automatic::{give, take};
pub use behalf::{Report, reports_to};
pub use cancel::cancel;
pub use change_end::{change_end, planned_end};
pub use conversation::{Ask, Remark, ask_changes, comment, involved, talk_standing};
pub use decide::{Decided, Decision, decide, decide_within};
pub use end::{give_up, remove, remove_from_report};
pub use extend::{Standing, Update, standing, update};
pub use gate::{Offer, gate_facts, offers};
pub use ordering::{Claim, Heard, answer, claim, conclude};
pub use remind::{can_extend, remind_holder};
pub(in crate::app) use reprocess::again;
pub use reprocess::reprocess;
pub use resync::resync;
pub use revise::{Revision, asked_again, check_revise, revise};
pub use revoke::{revocable, revoke};
pub use settled::{answered, settled};
pub use stage::{current_deciders, plan_of};
pub use submit::{Submission, submit, submit_for};
pub use timers::{
    deliver_pending, end_assignment, escalate_request, expire_request, remind_approvers, start_assignment,
};

use crate::app::{AppError, Cx};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::timeline::Step;
use crate::kernel::ids::{EntityId as _, PackageId, UserId};
use crate::store::requests::{self, Request};
use crate::store::{Conn, StoreError, Tx, lasting, people};

/// The longest justification or reason, in characters.
pub const REASON_MAX: usize = 4000;

/// Adds a step to the request's timeline, done by the author of `cx`.
fn step(tx: &mut Tx<'_>, cx: &Cx, request: &Request, step: &Step) -> Result<(), StoreError> {
    requests::push_step(tx, cx.id(), request.id, cx.now, cx.user(), step)
}

/// An audit record about a request.
fn record(request: &Request, action: &'static str, package_name: &str) -> Record {
    Record::of(action, ObjectKind::Request, request.id.uuid(), package_name).about(request.subject)
}

/// The name of a package, deleted ones too.
fn package_name(conn: &mut Conn, package: PackageId) -> Result<String, StoreError> {
    lasting::package_name(conn, package)
}

/// A person's text: cleaned, at most [`REASON_MAX`] characters.
fn words(text: &str) -> Result<String, AppError> {
    crate::kernel::text::lines(text, REASON_MAX)
        .map_err(|e| crate::domain::Refusal::BadText(e.to_string()).into())
}

/// The person for whom something happens must exist.
fn person(conn: &mut Conn, user: UserId) -> Result<crate::domain::directory::Person, AppError> {
    people::person(conn, user)?.ok_or(AppError::NotFound)
}

//! Who hears how a stage or a request ended (SPEC section 13: mails 6 to 10, 16 and 17).
//!
//! Those who were asked are told of their own stage, and after the last decision everybody who was asked in any
//! stage: primaries, alternates once they were asked, and whoever stands in for them. A stage that was never asked
//! hears nothing.

use std::collections::BTreeSet;

use super::stage;
use crate::app::{AppError, Cx, notices};
use crate::domain::notice::Notice;
use crate::domain::policy::Stage;
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::ids::UserId;
use crate::store::requests::{self, Request};
use crate::store::{StoreError, Tx};

/// Everybody who is asked in these stages.
fn asked(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    plan: &[Stage],
    stages: std::ops::RangeInclusive<u8>,
) -> Result<BTreeSet<UserId>, StoreError> {
    let mut people = BTreeSet::new();
    for number in stages {
        people.extend(stage::deciders_of(tx, cx.now, request, plan, number)?.0.everybody());
    }
    Ok(people)
}

fn send(
    tx: &mut Tx<'_>,
    cx: &Cx,
    people: impl IntoIterator<Item = UserId>,
    notice: &Notice,
    key: &str,
) -> Result<(), AppError> {
    for user in people {
        notices::send(tx, cx, user, notice.clone(), key)?;
    }
    Ok(())
}

/// Whoever asked, and the person it is for.
fn those_who_asked(request: &Request) -> BTreeSet<UserId> {
    request.requestor.into_iter().chain([request.subject]).collect()
}

/// The current stage, not the last one, is approved: its people hear (mails 8 and 16).
pub(super) fn stage_approved(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    plan: &[Stage],
) -> Result<(), AppError> {
    let number = request.stage;
    let people = asked(tx, cx, request, plan, number..=number)?;
    let notice = Notice::StageApproved { request: request.id, stage: number };
    send(tx, cx, people, &notice, &format!("{}/{number}", request.id))
}

/// The last stage is approved. Its people hear that it is (mail 16; with a single stage there is only mail 7), those
/// of the stages before that the request is (mail 7). Nobody gets both.
pub(super) fn approved(tx: &mut Tx<'_>, cx: &Cx, request: &Request, plan: &[Stage]) -> Result<(), AppError> {
    let last = request.stage;
    let before = asked(tx, cx, request, plan, 1..=last.saturating_sub(1).max(1))?;
    let notice = Notice::RequestApproved { request: request.id };
    send(tx, cx, before.iter().copied(), &notice, &request.id.to_string())?;
    if last > 1 {
        let people = asked(tx, cx, request, plan, last..=last)?;
        let notice = Notice::StageApproved { request: request.id, stage: last };
        send(tx, cx, people.difference(&before).copied(), &notice, &format!("{}/{last}", request.id))?;
    }
    Ok(())
}

/// Tells those who asked that the request is approved, unless they hear at this very moment that the access is
/// there (mail 18). `notify` is the policy's switch of that mail. Who was assigned directly hears it too (SPEC ASG-4).
pub(super) fn approved_to_those_who_asked(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    notify: bool,
) -> Result<(), AppError> {
    let mut people = those_who_asked(request);
    if requests::is_quiet(tx, request.id)? {
        people.remove(&request.subject);
    }
    if request.state == RequestState::Delivered && notify {
        people.remove(&request.subject);
        // A manager who asked for a report gets that mail too (SPEC POL-6).
        if request.kind == RequestKind::OnBehalfAdd {
            people.clear();
        }
    }
    let notice = Notice::RequestApproved { request: request.id };
    send(tx, cx, people, &notice, &request.id.to_string())
}

/// Somebody said no: those who asked hear (mail 9), and so does everybody who was asked, but for those whose
/// decision it was: theirs was confirmed to them.
pub(super) fn denied(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: &Request,
    plan: &[Stage],
    deciding: &BTreeSet<UserId>,
) -> Result<(), AppError> {
    let notice = Notice::RequestDenied { request: request.id };
    let people = asked(tx, cx, request, plan, 1..=request.stage)?;
    let mut people: BTreeSet<UserId> = people.difference(deciding).copied().collect();
    people.extend(those_who_asked(request));
    send(tx, cx, people, &notice, &request.id.to_string())
}

/// Nobody decided the current stage in time: its people hear (mails 6 and 17), and those who asked (mail 10).
pub(super) fn expired(tx: &mut Tx<'_>, cx: &Cx, request: &Request, plan: &[Stage]) -> Result<(), AppError> {
    let number = request.stage;
    let people = asked(tx, cx, request, plan, number..=number)?;
    let notice = Notice::StageExpired { request: request.id, stage: number };
    send(tx, cx, people, &notice, &format!("{}/{number}", request.id))?;
    let notice = Notice::RequestExpired { request: request.id };
    send(tx, cx, those_who_asked(request), &notice, &request.id.to_string())
}

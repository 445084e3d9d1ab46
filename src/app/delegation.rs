//! Handing approvals over while away (SPEC APR-11), and taking them back.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::json;

use super::{AppError, Cx, notices};
use crate::domain::Refusal;
use crate::domain::access::{Denied, Principal};
use crate::domain::assignment::end_of_day;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::delegation::{self, Delegate, Delegation, Phase};
use crate::domain::directory::UserKind;
use crate::domain::notice::Notice;
use crate::kernel::ids::{DelegationId, EntityId as _, UserId};
use crate::kernel::text;
use crate::store::{Tx, delegations, people, users};

/// The longest reason, in characters.
pub const REASON_MAX: usize = 300;

/// What somebody who goes away sends off.
#[derive(Debug, Clone)]
pub struct Handover {
    /// Who stands in.
    pub delegate: UserId,
    /// The first day, in `zone`.
    pub from: NaiveDate,
    /// The last day, in `zone`.
    pub until: NaiveDate,
    /// The zone of the person who goes away.
    pub zone: Tz,
    /// Why; may be empty.
    pub reason: String,
}

/// Approvals are handed over by members and to members only: a guest sees no directory (SPEC EXT-7).
pub fn allowed(by: &Principal) -> Result<(), Denied> {
    if by.guest {
        return Err(Denied::Forbidden { needed: "member of the organization", grantors: "Administrators" });
    }
    Ok(())
}

/// Hands the approver's decisions over for some days, and tells the delegate.
pub fn create(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, wish: &Handover) -> Result<DelegationId, AppError> {
    allowed(by)?;
    let reason =
        text::optional_line(&wish.reason, REASON_MAX).map_err(|e| Refusal::BadText(e.to_string()))?;
    let to = users::find(tx, wish.delegate)?.ok_or(AppError::NotFound)?;
    let today = cx.now.with_timezone(&wish.zone).date_naive();
    if wish.from < today {
        return Err(Refusal::DelegationPeriod("The first day is over. Choose today or a later day.").into());
    }
    let first = wish.from.pred_opt().unwrap_or(wish.from);
    let starts_at = end_of_day(first, wish.zone).max(cx.now);
    let ends_at = end_of_day(wish.until, wish.zone);
    delegations::lock(tx, by.user)?;
    let own = delegations::made_by(tx, by.user, cx.now)?;
    let delegate = Delegate {
        id: to.id,
        name: &to.profile.display_name,
        enabled: to.enabled,
        guest: to.profile.kind == UserKind::Guest,
    };
    delegation::check(by.user, &delegate, (starts_at, ends_at), &own, cx.now)?;
    let made = Delegation {
        id: cx.id(),
        delegator: by.user,
        delegate: to.id,
        starts_at,
        ends_at,
        reason: reason.clone(),
        created_at: cx.now,
        ended_at: None,
    };
    delegations::insert(tx, &made)?;
    let values = json!({
        "delegation": made.id, "delegate": to.id, "name": to.profile.display_name, "startsAt": starts_at,
        "endsAt": ends_at,
    });
    let record = Record::of("delegation.create", ObjectKind::User, by.user.uuid(), &by.name)
        .about(to.id)
        .change(json!(null), values)
        .because(reason);
    cx.record(tx, record);
    let notice = Notice::ApprovalDelegated { delegation: made.id };
    notices::send(tx, cx, to.id, notice, &made.id.to_string())?;
    Ok(made.id)
}

/// Ends a delegation early, or takes it back before it begins. The right, and every emailed link that rests on it,
/// is gone at once: both are judged anew whenever they are used (I5).
pub fn end(tx: &mut Tx<'_>, cx: &Cx, by: &Principal, id: DelegationId) -> Result<(), AppError> {
    allowed(by)?;
    let found = delegations::find(tx, id)?.filter(|d| d.delegator == by.user).ok_or(AppError::NotFound)?;
    if found.phase(cx.now) == Phase::Over || !delegations::end(tx, id, cx.now)? {
        return Err(Refusal::DelegationOver.into());
    }
    let name = people::name(tx, found.delegate)?;
    let record = Record::of("delegation.end", ObjectKind::User, by.user.uuid(), &by.name)
        .about(found.delegate)
        .change(
            json!({ "delegation": id, "name": name, "endsAt": found.ends_at }),
            json!({ "endsAt": cx.now }),
        );
    cx.record(tx, record);
    let notice = Notice::DelegationEnded { delegation: id };
    notices::send(tx, cx, found.delegate, notice, &id.to_string())?;
    Ok(())
}

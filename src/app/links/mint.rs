//! Secrets that are made when a mail is rendered, so that the outbox never holds them (SPEC APR-12).

use chrono::Duration;

use crate::app::{AppError, Cx};
use crate::domain::link::LINK_DAYS;
use crate::domain::policy::LinkMode;
use crate::kernel::Moment;
use crate::kernel::ids::{LinkId, RequestId, UserId};
use crate::kernel::secret::{Token, eight_digits};
use crate::kernel::text::fold;
use crate::store::links::{self, Link};
use crate::store::views::matter;
use crate::store::{Tx, users};

/// What an approval mail may carry.
#[derive(Debug, Clone)]
pub struct Minted {
    /// What the link permits.
    pub mode: LinkMode,
    /// The secret of the link; none in mode *notice only*.
    pub token: Option<Token>,
    /// When the link ends by itself.
    pub expires_at: Moment,
}

/// Makes the link of an approval mail that is being rendered for this approver at this address. `None` if the
/// approver cannot decide this stage any more: then the mail is no longer true (SPEC NOT-1).
pub fn mint(
    tx: &mut Tx<'_>,
    cx: &Cx,
    request: RequestId,
    stage: u8,
    approver: UserId,
    address: &str,
) -> Result<Option<Minted>, AppError> {
    let Some(matter) = matter::load(tx, request, cx.now)? else {
        return Ok(None);
    };
    let due = match matter.request.due_at {
        Some(due) if matter.request.stage == stage && matter.may_decide(approver, cx.now).is_ok() => due,
        _ => return Ok(None),
    };
    let mut mode = matter.terms.link_mode.unwrap_or(cx.instance.link_mode);
    // A mail to an address that the person has left must not carry a right; their queue still shows the request.
    let current = users::find(tx, approver)?.map(|u| fold(u.profile.email.as_str()));
    if current != Some(fold(address)) {
        mode = LinkMode::NoticeOnly;
    }
    let expires_at = due.min(cx.now + Duration::days(LINK_DAYS));
    let token = match mode {
        LinkMode::NoticeOnly => None,
        LinkMode::SignIn | LinkMode::Code => {
            let token = Token::generate()?;
            let link = Link {
                id: cx.id(),
                request,
                stage,
                approver,
                address: address.to_owned(),
                request_version: matter.request.version,
                mode,
                issued_at: cx.now,
                expires_at,
                used_at: None,
                revoked_at: None,
                seen: matter.seen(),
            };
            links::insert(tx, &link, &token)?;
            Some(token)
        }
    };
    Ok(Some(Minted { mode, token, expires_at }))
}

/// Makes the one-time code that a mail being rendered tells, with the instant at which it ends. `None` if the
/// link is no longer good, or nobody asked for a code: then there is nothing to send.
pub fn make_code(tx: &mut Tx<'_>, cx: &Cx, link: LinkId) -> Result<Option<(String, Moment)>, AppError> {
    let Some(link) = links::get(tx, link)? else {
        return Ok(None);
    };
    let live = link.used_at.is_none() && link.revoked_at.is_none() && cx.now < link.expires_at;
    let decidable = match matter::load(tx, link.request, cx.now)? {
        Some(m) => m.request.stage == link.stage && m.may_decide(link.approver, cx.now).is_ok(),
        None => false,
    };
    if !live || !decidable || link.mode != LinkMode::Code {
        return Ok(None);
    }
    let code = eight_digits()?;
    let until = links::keep_code(tx, link.id, &code, cx.now)?;
    Ok(until.map(|until| (code, until)))
}

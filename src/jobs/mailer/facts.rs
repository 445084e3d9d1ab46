//! What a notice tells, loaded when it is sent, if it is still true then (SPEC NOT-1).

mod access;
mod account;
mod bulk;
mod conversation;
mod delegation;
mod digest;
mod fulfilment;
mod requests;

use crate::app::{App, AppError, Cx};
use crate::domain::notice::Notice;
use crate::kernel::Email;
use crate::kernel::ids::{RequestId, UserId};
use crate::mail::facts::{Facts, Recipient, Request};
use crate::store::outbox::Claimed;
use crate::store::requests::{self as kept, VoteRow};
use crate::store::{StoreError, Tx, notice_facts, people, profiles};

const GONE: &str = "the request is not there any more";

/// What was found.
pub(super) enum Found {
    /// It is true; here is what to tell, and to whom.
    Ready(Box<Ready>),
    /// It is not true any more: why.
    Untrue(String),
}

/// What to tell, and to whom.
pub(super) struct Ready {
    pub(super) facts: Facts,
    pub(super) to: Recipient,
}

/// The facts, or why there are none.
type Told = Result<Facts, String>;

fn no(why: impl Into<String>) -> Result<Told, AppError> {
    Ok(Err(why.into()))
}

/// Loads what a notice tells. Makes the secret that the mail carries, and keeps its hash.
pub(super) fn load(tx: &mut Tx<'_>, app: &App, claimed: &Claimed) -> Result<Found, AppError> {
    let notice = match &claimed.notice {
        Ok(notice) => notice,
        Err(error) => return Err(StoreError::Corrupt(error.clone()).into()),
    };
    let untrue = |why: &str| Ok(Found::Untrue(why.to_owned()));
    let Some(user) = claimed.recipient else {
        return untrue("there is nobody to write to");
    };
    let Some(card) = notice_facts::card(tx, user)? else {
        return untrue("the person is not there any more");
    };
    if !card.active {
        return untrue("the account is disabled or deleted");
    }
    let moved = folded(&card.address) != folded(&claimed.address);
    let bound = matches!(
        notice,
        Notice::Invitation { .. } | Notice::PasswordReset { .. } | Notice::DecisionCode { .. }
    );
    if moved && bound {
        // Somebody else may read the old mailbox by now, and the new one was not asked about.
        return untrue("the person's address has changed since");
    }
    let to = Recipient {
        zone: card.time_zone.parse().unwrap_or(app.instance.time_zone),
        name: card.name,
        address: card.address,
        locale: card.locale,
    };
    if !profiles::wanted_notices(tx, user)?.wants(notice) {
        return untrue("the person does not want such mails");
    }
    let cx = app.system_cx(format!("notice-{}", claimed.id));
    let mut loader = Loader { tx, cx: &cx, user, address: &to.address };
    Ok(match loader.tell(notice)? {
        Ok(facts) => Found::Ready(Box::new(Ready { facts, to })),
        Err(why) => Found::Untrue(why),
    })
}

fn folded(address: &str) -> String {
    Email::parse(address).map_or_else(|_| address.to_owned(), |a| a.folded())
}

struct Loader<'a, 'c> {
    tx: &'a mut Tx<'c>,
    cx: &'a Cx,
    user: UserId,
    address: &'a str,
}

/// A request with what mails say about it.
struct Known {
    row: kept::Request,
    shown: Request,
    votes: Vec<VoteRow>,
}

impl Loader<'_, '_> {
    fn tell(&mut self, notice: &Notice) -> Result<Told, AppError> {
        match notice {
            Notice::ApprovalRequested { request, stage } => {
                Ok(self.approval(*request, *stage)?.map(Facts::ApprovalRequested))
            }
            Notice::ApprovalReminder { request, stage } => {
                Ok(self.approval(*request, *stage)?.map(Facts::ApprovalReminder))
            }
            Notice::ApprovalForwarded { request, stage } => {
                Ok(self.approval(*request, *stage)?.map(Facts::ApprovalForwarded))
            }
            Notice::StageExpired { request, stage } => self.stage_expired(*request, *stage),
            Notice::StageApproved { request, stage } => self.stage_approved(*request, *stage),
            Notice::RequestApproved { request } => self.request_approved(*request),
            Notice::RequestDenied { request } => self.request_denied(*request),
            Notice::RequestExpired { request } => self.request_expired(*request),
            Notice::AccessDelivered { request, assignment } => self.access_delivered(*request, *assignment),
            Notice::ExtensionReminder { assignment, ends_at } => {
                self.extension_reminder(*assignment, *ends_at)
            }
            Notice::AccessEnded { request, assignment } => self.access_ended(*request, *assignment),
            Notice::EndChanged { request, assignment } => self.end_changed(*request, *assignment),
            Notice::BulkResult { work } => self.bulk_result(*work),
            Notice::DeliveryFailed { request, delivery } => self.delivery_failed(*request, *delivery),
            Notice::DailyDigest { day } => self.daily_digest(*day),
            Notice::DecisionConfirmed { request, vote } => self.decision_confirmed(*request, *vote),
            Notice::DecisionCode { link } => self.decision_code(*link),
            Notice::CommentAdded { request, comment } => self.comment_added(*request, *comment),
            Notice::ChangesRequested { request, changes } => self.changes_requested(*request, *changes),
            Notice::ApprovalDelegated { delegation } => self.approval_delegated(*delegation),
            Notice::DelegationEnded { delegation } => self.delegation_ended(*delegation),
            Notice::RequestedForYou { request } => self.requested_for_you(*request),
            Notice::FulfilmentTask { task, .. } => self.fulfilment_task(*task),
            Notice::FulfilmentReminder { task, overdue, .. } => self.fulfilment_reminder(*task, *overdue),
            Notice::Invitation { user, link } => {
                Ok(self.account_link(*user, *link)?.map(|(token, until)| Facts::Invitation { token, until }))
            }
            Notice::PasswordReset { user, link } => Ok(self
                .account_link(*user, *link)?
                .map(|(token, until)| Facts::PasswordReset { token, until })),
        }
    }

    fn known(&mut self, id: RequestId) -> Result<Option<Known>, AppError> {
        let Some(row) = kept::find(self.tx, id)? else {
            return Ok(None);
        };
        let (package, catalog) = notice_facts::package(self.tx, row.package)?;
        let person = notice_facts::card(self.tx, row.subject)?;
        let asked_by = match row.requestor {
            Some(by) if by != row.subject => Some(people::name(self.tx, by)?),
            _ => None,
        };
        let votes = kept::votes_of(self.tx, id)?;
        let (name, position, organization) = person.map_or_else(Default::default, |p| {
            let position = match (p.job_title.as_str(), p.department.as_str()) {
                ("", department) => department.to_owned(),
                (title, "") => title.to_owned(),
                (title, department) => format!("{title}, {department}"),
            };
            (p.name, position, p.organization)
        });
        let shown = Request {
            id,
            package,
            catalog,
            person: name,
            position,
            organization,
            asked_by,
            justification: row.justification.clone(),
            wanted_start: row.wanted_start,
            wanted_end: row.wanted_end,
            submitted_at: row.submitted_at,
            stages: row.stages,
        };
        Ok(Some(Known { row, shown, votes }))
    }
}

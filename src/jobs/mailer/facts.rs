//! What a notice tells, loaded when it is sent, if it is still true then (SPEC NOT-1).

use std::collections::BTreeSet;

use crate::app::{App, AppError, Cx, account, links};
use crate::domain::approval::{StageState, Verdict};
use crate::domain::assignment::{AssignmentState, effective};
use crate::domain::notice::Notice;
use crate::domain::request::RequestState;
use crate::kernel::ids::{AccountLinkId, AssignmentId, LinkId, RequestId, UserId, VoteId};
use crate::kernel::secret::Token;
use crate::kernel::{Email, Moment};
use crate::mail::facts::{Access, Approval, Decision, Facts, Recipient, Request};
use crate::store::outbox::Claimed;
use crate::store::requests::{self, VoteRow};
use crate::store::views::matter;
use crate::store::{
    StoreError, Tx, account_links, assignments, links as kept_links, notice_facts, people, profiles,
};

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
    row: requests::Request,
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
            Notice::StageExpired { request, stage } => self.stage_expired(*request, *stage),
            Notice::StageApproved { request, stage } => self.stage_approved(*request, *stage),
            Notice::RequestApproved { request } => self.request_approved(*request),
            Notice::RequestDenied { request } => self.request_denied(*request),
            Notice::RequestExpired { request } => self.request_expired(*request),
            Notice::AccessDelivered { assignment, .. } => self.access_delivered(*assignment),
            Notice::AccessEnded { request, assignment } => self.access_ended(*request, *assignment),
            Notice::DecisionConfirmed { request, vote } => self.decision_confirmed(*request, *vote),
            Notice::DecisionCode { link } => self.decision_code(*link),
            Notice::Invitation { user, link } => {
                Ok(self.account_link(*user, *link)?.map(|(token, until)| Facts::Invitation { token, until }))
            }
            Notice::PasswordReset { user, link } => Ok(self
                .account_link(*user, *link)?
                .map(|(token, until)| Facts::PasswordReset { token, until })),
        }
    }

    fn known(&mut self, id: RequestId) -> Result<Option<Known>, AppError> {
        let Some(row) = requests::find(self.tx, id)? else {
            return Ok(None);
        };
        let (package, catalog) = notice_facts::package(self.tx, row.package)?;
        let person = notice_facts::card(self.tx, row.subject)?;
        let asked_by = match row.requestor {
            Some(by) if by != row.subject => Some(people::name(self.tx, by)?),
            _ => None,
        };
        let votes = requests::votes_of(self.tx, id)?;
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

    /// An approval that the person can decide right now; anything else is not asked for any more.
    fn approval(&mut self, id: RequestId, stage: u8) -> Result<Result<Approval, String>, AppError> {
        let now = self.cx.now;
        let Some(matter) = matter::load(self.tx, id)? else {
            return Ok(Err(GONE.to_owned()));
        };
        if let Err(refusal) = matter.may_decide(self.user, now) {
            return Ok(Err(refusal.to_string()));
        }
        let (Some(due), true) = (matter.request.due_at, matter.request.stage == stage) else {
            return Ok(Err("the stage is over".to_owned()));
        };
        let minted = links::mint(self.tx, self.cx, id, stage, self.user, self.address)?;
        let (Some(minted), Some(known)) = (minted, self.known(id)?) else {
            return Ok(Err("the person cannot decide it any more".to_owned()));
        };
        let roles = notice_facts::package_roles(self.tx, known.row.package)?;
        Ok(Ok(Approval { request: known.shown, stage, due, roles, mode: minted.mode, token: minted.token }))
    }

    fn stage_expired(&mut self, id: RequestId, stage: u8) -> Result<Told, AppError> {
        let stages = requests::stages(self.tx, id)?;
        let Some(row) = stages.iter().find(|s| s.stage == stage && s.state == StageState::Expired) else {
            return no("the stage did not expire");
        };
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        Ok(Ok(Facts::StageExpired {
            at: row.due_at.or(row.closed_at).unwrap_or(known.row.submitted_at),
            request: known.shown,
            stage,
        }))
    }

    fn decisions(&mut self, votes: &[VoteRow], verdict: Verdict) -> Result<Vec<Decision>, AppError> {
        let who: BTreeSet<UserId> = votes.iter().map(|v| v.by).collect();
        let names = people::names(self.tx, &who)?;
        Ok(votes
            .iter()
            .filter(|v| v.verdict == verdict)
            .map(|v| Decision {
                by: names.get(&v.by).cloned().unwrap_or_default(),
                at: v.at,
                reason: v.reason.clone(),
            })
            .collect())
    }

    fn stage_approved(&mut self, id: RequestId, stage: u8) -> Result<Told, AppError> {
        let stages = requests::stages(self.tx, id)?;
        if !stages.iter().any(|s| s.stage == stage && s.state == StageState::Approved) {
            return no("the stage is not approved");
        }
        let Some(mut known) = self.known(id)? else {
            return no(GONE);
        };
        known.votes.retain(|v| v.stage == stage);
        let decisions = self.decisions(&known.votes, Verdict::Approve)?;
        Ok(Ok(Facts::StageApproved { request: known.shown, stage, decisions }))
    }

    fn request_approved(&mut self, id: RequestId) -> Result<Told, AppError> {
        use RequestState::{Canceled, Denied, Expired, PendingApproval, Submitted, WaitingForCallback};
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        if let state @ (Submitted | WaitingForCallback | PendingApproval | Denied | Expired | Canceled) =
            known.row.state
        {
            return no(format!("the request is {}", state.words()));
        }
        let decisions = self.decisions(&known.votes, Verdict::Approve)?;
        Ok(Ok(Facts::RequestApproved { request: known.shown, decisions }))
    }

    fn request_denied(&mut self, id: RequestId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        if known.row.state != RequestState::Denied {
            return no(format!("the request is {}", known.row.state.words()));
        }
        let decision = self.decisions(&known.votes, Verdict::Deny)?.pop();
        Ok(Ok(Facts::RequestDenied { request: known.shown, decision }))
    }

    fn request_expired(&mut self, id: RequestId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        if known.row.state != RequestState::Expired {
            return no(format!("the request is {}", known.row.state.words()));
        }
        let at = known.row.due_at.or(known.row.completed_at);
        Ok(Ok(Facts::RequestExpired { at: at.unwrap_or(known.row.submitted_at), request: known.shown }))
    }

    fn access(&mut self, a: &assignments::Assignment) -> Result<Access, AppError> {
        let (package, _) = notice_facts::package(self.tx, a.package_id)?;
        Ok(Access {
            assignment: a.id,
            package,
            roles: notice_facts::assignment_roles(self.tx, a.id)?,
            ends_at: a.ends_at,
        })
    }

    fn wanted(&mut self, a: &assignments::Assignment) -> Result<bool, AppError> {
        Ok(notice_facts::terms(self.tx, a.policy_id, a.policy_version)?.notify)
    }

    fn access_delivered(&mut self, id: AssignmentId) -> Result<Told, AppError> {
        let Some(a) = assignments::find(self.tx, id)? else {
            return no("the assignment is not there any more");
        };
        if a.state != AssignmentState::Delivered || !effective(a.state, a.starts_at, a.ends_at, self.cx.now) {
            return no("the access is not there, or not any more");
        }
        if !self.wanted(&a)? {
            return no("the policy sends no such mails");
        }
        let access = self.access(&a)?;
        Ok(Ok(Facts::AccessDelivered { access }))
    }

    fn access_ended(&mut self, request: RequestId, id: AssignmentId) -> Result<Told, AppError> {
        let Some(a) = assignments::find(self.tx, id)? else {
            return no("the assignment is not there any more");
        };
        if a.state != AssignmentState::Expired {
            return no("the access has not ended");
        }
        if !self.wanted(&a)? {
            return no("the policy sends no such mails");
        }
        let mut access = self.access(&a)?;
        access.ends_at = a.ended_at.or(a.ends_at);
        // The words of whoever ended it; the person's own need no repetition.
        let reason = requests::find(self.tx, request)?
            .filter(|r| r.requestor.is_some_and(|by| by != a.subject_id))
            .map(|r| r.justification)
            .unwrap_or_default();
        Ok(Ok(Facts::AccessEnded { access, why: a.end_reason.map_or("", |r| r.words()).to_owned(), reason }))
    }

    fn decision_confirmed(&mut self, id: RequestId, vote: VoteId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no(GONE);
        };
        let Some(vote) = known.votes.into_iter().find(|v| v.id == vote) else {
            return no("the decision is not there");
        };
        Ok(Ok(Facts::DecisionConfirmed {
            request: known.shown,
            verdict: vote.verdict,
            at: vote.at,
            channel: vote.channel,
            ip: vote.ip,
            reason: vote.reason,
        }))
    }

    fn decision_code(&mut self, link: LinkId) -> Result<Told, AppError> {
        let bound = kept_links::get(self.tx, link)?
            .is_some_and(|l| l.approver == self.user && folded(&l.address) == folded(self.address));
        if !bound {
            return no("the link is bound to another mailbox");
        }
        Ok(match links::make_code(self.tx, self.cx, link)? {
            Some((code, until)) => Ok(Facts::DecisionCode { code, until }),
            None => Err("the code is not needed any more".to_owned()),
        })
    }

    fn account_link(
        &mut self,
        user: UserId,
        id: AccountLinkId,
    ) -> Result<Result<(Token, Moment), String>, AppError> {
        let link = account_links::find(self.tx, id)?;
        let Some(link) = link.filter(|l| l.user == Some(user) && user == self.user) else {
            return Ok(Err("the link is not there any more".to_owned()));
        };
        Ok(match account::links::mint(self.tx, id, self.cx.now)? {
            Some(token) => Ok((token, link.expires_at)),
            None => Err("the link was used, replaced, or is too old".to_owned()),
        })
    }
}

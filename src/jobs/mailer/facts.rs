//! What a notice tells, loaded when it is sent, if it is still true then (SPEC NOT-1).

use std::collections::BTreeSet;

use chrono::Duration;

use crate::app::{App, AppError};
use crate::domain::approval::{self, Situation, StageState, Verdict};
use crate::domain::assignment::{AssignmentState, effective};
use crate::domain::link::{LINK_DAYS, Seen};
use crate::domain::notice::Notice;
use crate::domain::policy::{LinkMode, Terms};
use crate::domain::request::RequestState;
use crate::kernel::Email;
use crate::kernel::ids::{AccountLinkId, AssignmentId, LinkId, RequestId, UserId, VoteId};
use crate::kernel::secret::{Token, eight_digits};
use crate::mail::facts::{Access, Approval, Decision, Facts, Recipient, Request};
use crate::store::outbox::Claimed;
use crate::store::requests::{self, VoteRow};
use crate::store::{Tx, approvers, assignments, links, notice_facts, people};

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
        Err(error) => return Err(crate::store::StoreError::Corrupt(error.clone()).into()),
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
    let mut loader = Loader {
        tx,
        app,
        user,
        address: &to.address,
    };
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
    app: &'a App,
    user: UserId,
    address: &'a str,
}

/// A request with what mails say about it.
struct Known {
    row: requests::Request,
    shown: Request,
    terms: Terms,
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
            Notice::Invitation { user, link } => Ok(self
                .account_link(*user, *link)?
                .map(|(token, until)| Facts::Invitation { token, until })),
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
        let terms = notice_facts::terms(self.tx, row.policy, row.policy_version)?;
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
        Ok(Some(Known {
            row,
            shown,
            terms,
            votes,
        }))
    }

    /// An approval that the person can decide right now; anything else is not asked for any more.
    fn approval(&mut self, id: RequestId, stage: u8) -> Result<Result<Approval, String>, AppError> {
        let now = self.app.now();
        let Some(known) = self.known(id)? else {
            return Ok(Err("the request is not there any more".to_owned()));
        };
        if known.row.stage != stage {
            return Ok(Err("the stage is over".to_owned()));
        }
        let plan = usize::from(stage)
            .checked_sub(1)
            .and_then(|index| known.terms.stages.get(index));
        let (Some(plan), Some(due)) = (plan, known.row.due_at) else {
            return Ok(Err(format!("the request is {}", known.row.state.words())));
        };
        let question = approvers::Question {
            stage: plan,
            subject: known.row.subject,
            requestor: known.row.requestor,
            package: known.row.package,
            escalated: known.row.escalated,
        };
        let facts = approvers::facts(self.tx, &question)?;
        let deciders = approval::deciders(&facts);
        let votes = requests::stage_votes(&known.votes, stage);
        let situation = Situation {
            state: known.row.state,
            stage,
            stages: known.row.stages,
            due,
            plan,
            votes: &votes,
            deciders: &deciders,
            barred: &facts.barred,
        };
        if let Err(refusal) = approval::may_decide(&situation, self.user, now) {
            return Ok(Err(refusal.to_string()));
        }
        let roles = notice_facts::package_roles(self.tx, known.row.package)?;
        let mode = known.terms.link_mode.unwrap_or(self.app.instance.link_mode);
        let token = match mode {
            LinkMode::NoticeOnly => None,
            LinkMode::SignIn | LinkMode::Code => {
                let token = Token::generate()?;
                let link = links::Link {
                    id: self.app.ids.next(),
                    request: id,
                    stage,
                    approver: self.user,
                    address: self.address.to_owned(),
                    request_version: known.row.version,
                    mode,
                    issued_at: now,
                    expires_at: due.min(now + Duration::days(LINK_DAYS)),
                    used_at: None,
                    revoked_at: None,
                    seen: Seen {
                        justification: known.row.justification.clone(),
                        answers: known.row.answers.clone(),
                        wanted_start: known.row.wanted_start,
                        wanted_end: known.row.wanted_end,
                        roles: roles.clone(),
                        approvals: votes.iter().filter(|v| v.verdict == Verdict::Approve).count(),
                    },
                };
                links::insert(self.tx, &link, &token)?;
                Some(token)
            }
        };
        Ok(Ok(Approval {
            request: known.shown,
            stage,
            due,
            roles,
            mode,
            token,
        }))
    }

    fn stage_expired(&mut self, id: RequestId, stage: u8) -> Result<Told, AppError> {
        let stages = requests::stages(self.tx, id)?;
        let Some(row) = stages
            .iter()
            .find(|s| s.stage == stage && s.state == StageState::Expired)
        else {
            return no("the stage did not expire");
        };
        let Some(known) = self.known(id)? else {
            return no("the request is not there any more");
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
        if !stages
            .iter()
            .any(|s| s.stage == stage && s.state == StageState::Approved)
        {
            return no("the stage is not approved");
        }
        let Some(mut known) = self.known(id)? else {
            return no("the request is not there any more");
        };
        known.votes.retain(|v| v.stage == stage);
        let decisions = self.decisions(&known.votes, Verdict::Approve)?;
        Ok(Ok(Facts::StageApproved {
            request: known.shown,
            stage,
            decisions,
        }))
    }

    fn request_approved(&mut self, id: RequestId) -> Result<Told, AppError> {
        use RequestState::{Canceled, Denied, Expired, PendingApproval, Submitted, WaitingForCallback};
        let Some(known) = self.known(id)? else {
            return no("the request is not there any more");
        };
        if let state @ (Submitted | WaitingForCallback | PendingApproval | Denied | Expired | Canceled) =
            known.row.state
        {
            return no(format!("the request is {}", state.words()));
        }
        let decisions = self.decisions(&known.votes, Verdict::Approve)?;
        Ok(Ok(Facts::RequestApproved {
            request: known.shown,
            decisions,
        }))
    }

    fn request_denied(&mut self, id: RequestId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no("the request is not there any more");
        };
        if known.row.state != RequestState::Denied {
            return no(format!("the request is {}", known.row.state.words()));
        }
        let decision = self.decisions(&known.votes, Verdict::Deny)?.pop();
        Ok(Ok(Facts::RequestDenied {
            request: known.shown,
            decision,
        }))
    }

    fn request_expired(&mut self, id: RequestId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no("the request is not there any more");
        };
        if known.row.state != RequestState::Expired {
            return no(format!("the request is {}", known.row.state.words()));
        }
        let at = known.row.due_at.or(known.row.completed_at);
        Ok(Ok(Facts::RequestExpired {
            at: at.unwrap_or(known.row.submitted_at),
            request: known.shown,
        }))
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
        if a.state != AssignmentState::Delivered
            || !effective(a.state, a.starts_at, a.ends_at, self.app.now())
        {
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
        Ok(Ok(Facts::AccessEnded {
            access,
            why: a.end_reason.map_or("", |r| r.words()).to_owned(),
            reason,
        }))
    }

    fn decision_confirmed(&mut self, id: RequestId, vote: VoteId) -> Result<Told, AppError> {
        let Some(known) = self.known(id)? else {
            return no("the request is not there any more");
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
        let now = self.app.now();
        let bound = links::get(self.tx, link)?.filter(|l| {
            l.used_at.is_none()
                && l.revoked_at.is_none()
                && l.expires_at > now
                && l.approver == self.user
                && folded(&l.address) == folded(self.address)
        });
        if bound.is_none() {
            return no("the link is not good any more");
        }
        if links::code_until(self.tx, link, now)?.is_none() {
            return no("the code is not needed any more");
        }
        let code = eight_digits()?;
        Ok(match links::keep_code(self.tx, link, &code, now)? {
            Some(until) => Ok(Facts::DecisionCode { code, until }),
            None => Err("the code is not needed any more".to_owned()),
        })
    }

    fn account_link(
        &mut self,
        user: UserId,
        id: AccountLinkId,
    ) -> Result<Result<(Token, crate::kernel::Moment), String>, AppError> {
        let now = self.app.now();
        if user != self.user {
            return Ok(Err("the link is somebody else's".to_owned()));
        }
        let Some(until) = notice_facts::account_link(self.tx, id, user, now)? else {
            return Ok(Err("the link was used, replaced, or is too old".to_owned()));
        };
        let token = Token::generate()?;
        notice_facts::keep_account_token(self.tx, id, &token, now)?;
        Ok(Ok((token, until)))
    }
}

//! The model, and the portal that plays the same story.

use std::collections::BTreeSet;

use latchkey::app::AppError;
use latchkey::app::request::{self, Decision, Submission, Update};
use latchkey::domain::approval::{Channel, Verdict};
use latchkey::domain::assignment;
use latchkey::domain::policy::{Alternates, Approver, Expiry, Extension, Quorum, Terms};
use latchkey::domain::request::{Changes, RequestState};
use latchkey::jobs::sweeps;
use latchkey::kernel::Moment;
use latchkey::kernel::ids::{AssignmentId, CatalogId, GroupId, PackageId, RequestId, UserId};
use latchkey::store::{assignments, requests};

use super::script::{Act, Progress, Who};
use crate::support::{Test, raw, terms};

const DAYS: u16 = 20;

/// A request on its way, as the model sees it.
#[derive(Debug)]
struct Open {
    id: RequestId,
    extends: bool,
    stage: u8,
    due: Moment,
    forward_at: Option<Moment>,
    forwarded: bool,
    votes: BTreeSet<Who>,
    /// Who approved it so far, in any stage.
    approved: BTreeSet<Who>,
}

/// Access, as the model sees it.
#[derive(Debug)]
struct Access {
    id: AssignmentId,
    end: Moment,
    /// The last request that gave or extended it, and who approved that.
    by: (RequestId, BTreeSet<Who>),
}

pub struct Stage<'a> {
    t: &'a mut Test,
    catalog: CatalogId,
    team: GroupId,
    role: latchkey::kernel::ids::ResourceRoleId,
    alice: UserId,
    terms: Terms,
    package: PackageId,
    told: u32,
    open: Option<Open>,
    access: Option<Access>,
    last: Option<RequestId>,
}

type Told = Result<(), String>;

fn agree<T: PartialEq + std::fmt::Debug>(what: &str, portal: T, model: T) -> Told {
    if portal == model {
        Ok(())
    } else {
        Err(format!("{what}: the portal says {portal:?}, the model {model:?}"))
    }
}

impl<'a> Stage<'a> {
    pub fn set(t: &'a mut Test) -> Self {
        for name in ["alice", "bob", "zoe", "mia", "yan", "dan", "carol", "root"] {
            t.person(name);
        }
        let (alice, zoe) = (t.person("alice"), t.person("zoe"));
        let (mia, yan) = (t.person("mia"), t.person("yan"));
        let catalog = t.catalog("Stories", "carol");
        let team = t.group("Story team", &[]);
        let resource = t.resource(catalog, "Story team", Some(team), "carol");
        let role = t.role(resource, "Member", Some("member"));
        let first = latchkey::domain::policy::Stage {
            alternates: Some(Alternates { after_days: 2, approvers: vec![Approver::User { id: zoe }] }),
            limit_days: 5,
            ..terms::manager()
        };
        let second = latchkey::domain::policy::Stage {
            quorum: Quorum::All,
            limit_days: 3,
            ..terms::stage(vec![Approver::User { id: mia }, Approver::User { id: yan }])
        };
        let terms = Terms {
            expiry: Expiry::AfterDays { days: DAYS },
            extension: Extension { allowed: true, needs_approval: true },
            ..terms::members(vec![first, second])
        };
        let package = t.package(catalog, "Story 0", &[role]);
        Self { t, catalog, team, role, alice, terms, package, told: 0, open: None, access: None, last: None }
    }

    /// A new story: another package, so that nothing of the last one is in the way.
    pub fn begin(&mut self) {
        if let Some(access) = self.access.take() {
            // The team's membership would be kept by the other story's access.
            let _ = self.t.try_as("alice", |tx, cx, by| request::give_up(tx, cx, access.id, by, ""));
        }
        self.told += 1;
        self.package = self.t.package(self.catalog, &format!("Story {}", self.told), &[self.role]);
        self.t.policy(self.package, "Everybody", &self.terms);
        self.open = None;
        self.last = None;
    }

    pub fn play(&mut self, act: &Act, progress: &mut Progress) -> Told {
        match act {
            Act::Submit => self.submit(progress)?,
            Act::Vote(who, yes) => self.vote(*who, *yes, progress)?,
            Act::ApproveAll => {
                for who in [Who::Bob, Who::Mia, Who::Yan] {
                    if self.may_vote(who) {
                        self.vote(who, true, progress)?;
                    }
                }
            }
            Act::Cancel => self.cancel(progress)?,
            Act::Extend => self.extend(progress)?,
            Act::GiveUp => self.give_up(progress)?,
            Act::Revoke(who) => self.revoke(*who, progress)?,
            Act::Pass(hours) => {
                self.t.advance(chrono::Duration::hours(i64::from(*hours)));
                self.sweep(progress);
            }
            Act::Oversleep(hours, who) => {
                self.t.advance(chrono::Duration::hours(i64::from(*hours)));
                self.nobody_swept(*who)?;
                self.sweep(progress);
            }
        }
        self.compare()
    }

    fn now(&self) -> Moment {
        self.t.now()
    }

    fn given_until(&self) -> Moment {
        assignment::end_of(self.terms.expiry, self.now(), self.t.app.instance.time_zone).expect("an end")
    }

    fn opened(&self, id: RequestId, extends: bool) -> Open {
        let day = chrono::Duration::days(1);
        Open {
            id,
            extends,
            stage: 1,
            due: self.now() + day * 5,
            forward_at: Some(self.now() + day * 2),
            forwarded: false,
            votes: BTreeSet::new(),
            approved: BTreeSet::new(),
        }
    }

    fn verdict<T>(&self, got: &Result<T, AppError>, allowed: bool, progress: &mut Progress) -> Told {
        progress.refused += u32::from(!allowed);
        match got {
            Ok(_) | Err(AppError::Refused(_) | AppError::NotFound) => {
                agree("may it be done", got.is_ok(), allowed)
            }
            Err(other) => Err(format!("an error of the portal: {other}")),
        }
    }

    fn submit(&mut self, progress: &mut Progress) -> Told {
        let package = self.package;
        let got = self.t.try_as("alice", |tx, cx, by| {
            let wish = Submission {
                package,
                policy: None,
                subject: by.user,
                justification: "A story".into(),
                answers: serde_json::json!({}),
                token: String::new(),
            };
            request::submit(tx, cx, &wish)
        });
        self.verdict(&got, self.open.is_none() && self.access.is_none(), progress)?;
        if let Ok(id) = got {
            progress.submitted += 1;
            self.open = Some(self.opened(id, false));
            self.last = Some(id);
        }
        Ok(())
    }

    fn extend(&mut self, progress: &mut Progress) -> Told {
        let Some(access) = &self.access else { return Ok(()) };
        let (id, end) = (access.id, access.end);
        let allowed = self.open.is_none() && self.now() < end && self.given_until() > end;
        let got = self.t.try_as("alice", |tx, cx, by| {
            let wish = Update {
                assignment: id,
                changes: Changes::End,
                end: None,
                justification: "The story goes on".into(),
                answers: serde_json::json!({}),
                token: String::new(),
            };
            request::update(tx, cx, by, &wish)
        });
        self.verdict(&got, allowed, progress)?;
        if let Ok(id) = got {
            self.open = Some(self.opened(id, true));
            self.last = Some(id);
        }
        Ok(())
    }

    fn may_vote(&self, who: Who) -> bool {
        self.open.as_ref().is_some_and(|open| {
            let asked = match open.stage {
                1 => who == Who::Bob || (who == Who::Zoe && open.forwarded),
                _ => matches!(who, Who::Mia | Who::Yan),
            };
            asked && self.now() < open.due && !open.votes.contains(&who)
        })
    }

    fn try_vote(&self, who: Who, yes: bool) -> Option<Result<(), AppError>> {
        let request = self.open.as_ref().map(|open| open.id).or(self.last)?;
        let verdict = if yes { Verdict::Approve } else { Verdict::Deny };
        let got = self.t.try_as(who.name(), |tx, cx, by| {
            let decision = Decision {
                request,
                stage: None,
                seen_version: None,
                by: by.user,
                verdict,
                reason: "A decision".into(),
                channel: Channel::Portal,
                ip: "127.0.0.1".into(),
            };
            request::decide(tx, cx, &decision)
        });
        Some(got.map(|_| ()))
    }

    fn vote(&mut self, who: Who, yes: bool, progress: &mut Progress) -> Told {
        let allowed = self.may_vote(who);
        let Some(got) = self.try_vote(who, yes) else { return Ok(()) };
        self.verdict(&got, allowed, progress)?;
        if got.is_err() {
            return Ok(());
        }
        let (now, until) = (self.now(), self.given_until());
        let mut open = self.open.take().ok_or("nothing was open")?;
        open.votes.insert(who);
        open.approved.insert(who);
        match (yes, open.stage, open.votes.len()) {
            (false, ..) => progress.denied += 1,
            (true, 1, _) => {
                open.stage = 2;
                open.due = now + chrono::Duration::days(3);
                open.forward_at = None;
                open.forwarded = false;
                open.votes.clear();
                self.open = Some(open);
            }
            (true, _, 1) => self.open = Some(open),
            (true, ..) => {
                let request = self.t.read(|c| requests::find(c, open.id)).ok_or("the request is gone")?;
                let id = request.assignment.ok_or("approved without an assignment")?;
                if open.extends {
                    progress.extended += 1;
                } else {
                    progress.granted += 1;
                }
                let end = self.access.as_ref().map_or(until, |a| a.end.max(until));
                self.access = Some(Access { id, end, by: (open.id, open.approved) });
            }
        }
        Ok(())
    }

    fn cancel(&mut self, progress: &mut Progress) -> Told {
        let Some(id) = self.last else { return Ok(()) };
        let got = self.t.try_as("alice", |tx, cx, by| request::cancel(tx, cx, id, by, ""));
        self.verdict(&got, self.open.is_some(), progress)?;
        if got.is_ok() {
            progress.canceled += 1;
            self.open = None;
        }
        Ok(())
    }

    fn give_up(&mut self, progress: &mut Progress) -> Told {
        let Some(access) = &self.access else { return Ok(()) };
        let id = access.id;
        let got = self.t.try_as("alice", |tx, cx, by| request::give_up(tx, cx, id, by, ""));
        self.verdict(&got, true, progress)?;
        self.over();
        Ok(())
    }

    fn revoke(&mut self, who: Who, progress: &mut Progress) -> Told {
        let Some(access) = &self.access else { return Ok(()) };
        let (id, approved) = (access.by.0, access.by.1.contains(&who));
        let got =
            self.t.try_as(who.name(), |tx, cx, by| request::revoke(tx, cx, by, id, "The story is over"));
        self.verdict(&got, approved, progress)?;
        if approved {
            progress.revoked += 1;
            self.over();
        }
        Ok(())
    }

    /// The access ended, and with it what was under way about it.
    fn over(&mut self) {
        self.access = None;
        if self.open.as_ref().is_some_and(|open| open.extends) {
            self.open = None;
        }
    }

    /// Time passed, and no sweep ran: nobody has access past its end, nobody decides past the limit.
    fn nobody_swept(&self, who: Who) -> Told {
        if let Some(access) = self.access.as_ref().filter(|a| a.end <= self.now()) {
            let row = self.t.read(|c| assignments::find(c, access.id)).ok_or("the assignment is gone")?;
            let has = assignment::effective(row.state, row.starts_at, row.ends_at, self.now());
            agree("access past its end", has, false)?;
        }
        if self.open.as_ref().is_some_and(|open| open.due <= self.now())
            && let Some(got) = self.try_vote(who, true)
        {
            agree("a decision past the limit", got.is_ok(), false)?;
        }
        Ok(())
    }

    fn sweep(&mut self, progress: &mut Progress) {
        // Twice: each timer fires once (I17).
        for _ in 0..2 {
            let report = sweeps::run(&self.t.app).expect("the sweep runs");
            assert_eq!(report.failed, 0, "{report:?}");
        }
        let now = self.now();
        if self.access.as_ref().is_some_and(|a| a.end <= now) {
            progress.ended += 1;
            self.over();
        }
        let Some(open) = &mut self.open else { return };
        if open.due <= now {
            progress.expired += 1;
            self.open = None;
        } else if open.forward_at.is_some_and(|at| at <= now) && !open.forwarded {
            progress.escalated += 1;
            open.forwarded = true;
        }
    }

    fn compare(&self) -> Told {
        let (alice, package) = (self.alice, self.package);
        let open = self.t.read(|c| requests::open_of(c, alice, package));
        agree("the open request", open, self.open.as_ref().map(|o| o.id))?;
        if let Some(open) = &self.open {
            let row = self.t.read(|c| requests::find(c, open.id)).ok_or("the request is gone")?;
            agree("its state", row.state, RequestState::PendingApproval)?;
            agree("its stage", row.stage, open.stage)?;
            agree("escalated", row.escalated, open.forwarded)?;
            agree("its limit", row.due_at, Some(open.due))?;
        }
        let held = self.t.read(|c| assignments::live_of(c, alice, package));
        agree(
            "the access",
            held.as_ref().map(|a| (a.id, a.ends_at)),
            self.access.as_ref().map(|a| (a.id, Some(a.end))),
        )?;
        let (group, user) = (self.t.literal(&raw::id(self.team)), self.t.literal(&raw::id(alice)));
        let member = self.t.count(&format!("group_members WHERE group_id = {group} AND user_id = {user}"));
        agree("membership of the team", member, i64::from(self.access.is_some()))?;
        self.every_stage_approved()
    }

    /// I3: an assignment implies every stage of its frozen plan approved.
    fn every_stage_approved(&self) -> Told {
        let Some(access) = &self.access else { return Ok(()) };
        let making = self.t.read(|c| requests::making(c, access.id)).ok_or("made by no request")?;
        let votes = self.t.read(|c| requests::votes_of(c, making.id));
        let yes = |stage| votes.iter().filter(|v| v.stage == stage && v.verdict == Verdict::Approve).count();
        agree("approvals of the stages", (yes(1), yes(2)), (1, 2))?;
        agree("decided for oneself", votes.iter().any(|v| v.by == self.alice), false)
    }
}

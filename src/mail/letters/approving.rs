//! To those who can decide: decide, please.

use super::super::facts::Approval;
use super::super::letter::Letter;
use super::super::time::{day, exact, time};
use super::{APPROVER, Pen, stage_of, wish};
use crate::domain::policy::LinkMode;
use crate::kernel::paths;

impl Pen<'_> {
    fn approval(&self, mut letter: Letter, a: &Approval) -> Letter {
        if let Some(place) = &a.in_place_of {
            letter.opening.push(format!("You are asked because you stand in for {place} just now."));
        }
        let zone = self.to.zone;
        let request = &a.request;
        let words = format!("{} wrote", request.asked_by.as_ref().unwrap_or(&request.person));
        let when = |at: Option<crate::kernel::Moment>| at.map(|at| exact(at, zone)).unwrap_or_default();
        let letter = self
            .about(letter, request)
            .list("Gives", &a.roles)
            .fact("Wanted from", when(request.wanted_start))
            .fact("Wanted until", when(request.wanted_end))
            .fact("Submitted", exact(request.submitted_at, zone))
            .fact("Decide by", exact(a.due, zone))
            .fact("Stage", stage_of(a.stage, request.stages))
            .quote(words, &request.justification);
        let Some(token) = &a.token else {
            return Letter {
                security: vec![format!("To decide, sign in to {} and open Approvals.", self.portal.name)],
                why: APPROVER,
                ..letter
            };
        };
        let how = if a.mode == LinkMode::Code {
            "The page that opens sends you a one-time code to this address. With it you can decide without \
             signing in. Nothing happens before you choose."
        } else {
            "You sign in on the page that opens, and see the whole request there. Nothing happens before you \
             choose."
        };
        Letter {
            button: Some(("Look at it and decide", self.url(&paths::decision_link(token.reveal())))),
            security: vec![
                how.to_owned(),
                "The link is for you alone: forwarding it lets nobody else decide.".to_owned(),
            ],
            why: APPROVER,
            ..letter
        }
    }

    pub(super) fn approval_requested(&self, a: &Approval) -> Letter {
        let (r, zone) = (&a.request, self.to.zone);
        let by = day(a.due, zone);
        let mut opening = vec![format!("{}. Please approve or deny it by {}.", wish(r), exact(a.due, zone))];
        if let Some(at) = a.forwards_at {
            opening.push(format!("If nobody has decided by {}, others are asked too.", exact(at, zone)));
        }
        if !a.changed.is_empty() {
            opening.insert(
                0,
                "The request was changed as an approver asked, so it needs a decision again. Earlier decisions of \
                 this stage do not count any more."
                    .to_owned(),
            );
        }
        let changed: Vec<String> = a.changed.iter().map(|edit| edit.words(|at| exact(at, zone))).collect();
        let letter = Letter {
            subject: match (a.stage, a.forwards_at) {
                (_, None) => format!("Action required: Approve or deny request by {by}"),
                (..=1, Some(_)) => {
                    format!("Approve or deny the request by {} on {by}", time(a.due, zone))
                }
                (_, Some(_)) => {
                    format!("Action required: Approve or deny the request by {by} for {}", r.person)
                }
            },
            heading: wish(r),
            opening,
            ..Letter::default()
        };
        self.approval(letter.list("What changed", &changed), a)
    }

    pub(super) fn approval_forwarded(&self, a: &Approval) -> Letter {
        let (r, zone) = (&a.request, self.to.zone);
        let letter = Letter {
            subject: format!("Action required: Approve or deny forwarded request by {}", day(a.due, zone)),
            heading: wish(r),
            opening: vec![format!(
                "{}. Those who were asked first have not decided yet, so you are asked too. Please approve or deny \
                 it by {}. Without a decision the request ends.",
                wish(r),
                exact(a.due, zone)
            )],
            ..Letter::default()
        };
        self.approval(letter, a)
    }

    pub(super) fn approval_reminder(&self, a: &Approval) -> Letter {
        let r = &a.request;
        let by = day(a.due, self.to.zone);
        let letter = Letter {
            subject: match (a.stage, a.forwards_at) {
                (..=1, None) => format!("Reminder: Approve or deny the request by {by} for {}", r.person),
                (_, None) => format!("Action required reminder: Approve or deny the request by {by}"),
                (_, Some(_)) => {
                    format!("Action required reminder: Approve or deny the request by {by} for {}", r.person)
                }
            },
            heading: format!("{} is still waiting", r.person),
            opening: vec![format!(
                "{}, and it still needs your decision. If too few decide by {}, the request ends.",
                wish(r),
                exact(a.due, self.to.zone)
            )],
            ..Letter::default()
        };
        self.approval(letter, a)
    }
}

//! How stages and requests ended: to those who could decide, and to those who asked.

use super::super::facts::{Decision, Request};
use super::super::letter::Letter;
use super::super::time::exact;
use super::{APPROVER, Pen, REQUESTOR, stage_of, wish};
use crate::kernel::{Moment, paths};

impl Pen<'_> {
    pub(super) fn stage_expired(&self, r: &Request, stage: u8, at: String) -> Letter {
        let letter = Letter {
            subject: if stage <= 1 {
                format!("Request has expired for {}", r.package)
            } else {
                format!("A request has expired for {}", r.package)
            },
            heading: "A request has expired".to_owned(),
            opening: vec![format!(
                "{}. Nobody decided in time, so the request ended without access. {} can ask again.",
                wish(r),
                r.person
            )],
            button: Some(("See the request", self.url(&paths::approval(r.id)))),
            why: APPROVER,
            ..Letter::default()
        };
        self.about(letter, r).fact("Ended", at).fact("Stage", stage_of(stage, r.stages))
    }

    fn decisions(&self, letter: Letter, decisions: &[Decision]) -> Letter {
        let lines: Vec<String> =
            decisions.iter().map(|d| format!("{}, {}", d.by, exact(d.at, self.to.zone))).collect();
        decisions.iter().fold(letter.list("Approved by", &lines), |letter, d| {
            letter.quote(format!("{} wrote", d.by), &d.reason)
        })
    }

    pub(super) fn stage_approved(&self, r: &Request, stage: u8, decisions: &[Decision]) -> Letter {
        let letter = Letter {
            subject: format!("Request approved for {} to {}", r.person, r.package),
            heading: format!("Stage {stage} of {} is approved", r.stages),
            opening: vec![format!(
                "{}. Stage {stage} is approved; the next approvers are asked now. There is nothing left for you \
                 to do.",
                wish(r)
            )],
            button: Some(("See the request", self.url(&paths::approval(r.id)))),
            why: APPROVER,
            ..Letter::default()
        };
        self.decisions(self.about(letter, r), decisions)
    }

    pub(super) fn request_approved(&self, r: &Request, own: bool, decisions: &[Decision]) -> Letter {
        let text = if own {
            "It is approved and the access is on its way. There is nothing left for you to do."
        } else {
            "The request is approved and the access is on its way. There is nothing left for you to do."
        };
        let letter = Letter {
            subject: format!("Request approved for {} to {}", r.person, r.package),
            heading: if own { "Your request is approved" } else { "The request is approved" }.to_owned(),
            opening: vec![format!("{}. {text}", wish(r))],
            ..self.see(r, own)
        };
        self.decisions(self.about(letter, r), decisions)
    }

    pub(super) fn request_denied(&self, r: &Request, own: bool, decision: Option<&Decision>) -> Letter {
        let letter = if own {
            Letter {
                subject: format!("Request denied to {}", r.package),
                heading: "Your request was denied".to_owned(),
                opening: vec![format!(
                    "The request for “{}” was denied. Nothing has changed in what you have.",
                    r.package
                )],
                closing: vec!["You can change it and send it again from that page.".to_owned()],
                ..self.see(r, own)
            }
        } else {
            Letter {
                subject: format!("Request denied for {} to {}", r.person, r.package),
                heading: "The request was denied".to_owned(),
                opening: vec![format!(
                    "{}. The request was denied and has ended. There is nothing left for you to do.",
                    wish(r)
                )],
                ..self.see(r, own)
            }
        };
        let letter = self.about(letter, r);
        match decision {
            Some(d) => letter
                .fact("Denied by", d.by.as_str())
                .fact("When", exact(d.at, self.to.zone))
                .quote(format!("{} wrote", d.by), &d.reason),
            None => letter,
        }
    }

    /// The way to the request: those who asked see it elsewhere than those who decide.
    fn see(&self, r: &Request, own: bool) -> Letter {
        let path = if own { paths::request(r.id) } else { paths::approval(r.id) };
        Letter {
            button: Some(("See the request", self.url(&path))),
            why: if own { REQUESTOR } else { APPROVER },
            ..Letter::default()
        }
    }

    pub(super) fn requested_for_you(&self, r: &Request, due: Option<Moment>) -> Letter {
        let by = r.asked_by.as_deref().unwrap_or("Your manager");
        let letter = Letter {
            subject: format!("{by} asks for {} for you", r.package),
            heading: format!("{by} asks for access for you"),
            opening: vec![format!(
                "{by} has sent a request for “{}” in your name. There is nothing that you have to do: you hear how it is decided.",
                r.package
            )],
            button: Some(("See the request", self.url(&paths::request(r.id)))),
            closing: vec![format!("If you do not need it, tell {by}: they can cancel the request.")],
            why: "the access would be yours",
            ..Letter::default()
        };
        let until = due.map(|due| exact(due, self.to.zone)).unwrap_or_default();
        self.about(letter, r).fact("Decided by", until).quote(format!("{by} wrote"), &r.justification)
    }

    pub(super) fn request_expired(&self, r: &Request, at: String) -> Letter {
        let letter = Letter {
            subject: format!("Your request has expired for {}", r.package),
            heading: "Your request has expired".to_owned(),
            opening: vec![format!(
                "Nobody decided the request for “{}” in time, so it ended without access. This is not a no.",
                r.package
            )],
            button: Some(("See the request", self.url(&paths::request(r.id)))),
            closing: vec!["You can send it again from that page.".to_owned()],
            why: REQUESTOR,
            ..Letter::default()
        };
        self.about(letter, r).fact("Ended", at)
    }
}

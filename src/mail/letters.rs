//! What each notice says. Subjects are those of the reference product (SPEC section 13); they never carry
//! anybody's own words or a secret.

use super::facts::{Access, Approval, Decision, Facts, Portal, Recipient, Request};
use super::letter::Letter;
use super::time::{day, exact, hour};
use super::{Mail, RenderError};
use crate::domain::approval::{Channel, Verdict};
use crate::domain::policy::LinkMode;
use crate::kernel::paths;
use crate::kernel::secret::Token;

const APPROVER: &str = "you are among the people who can decide this request";
const REQUESTOR: &str = "you asked for this access, or it is yours";
const ACCOUNT: &str = "you have an account here, or are about to";

/// Writes the mail that tells these facts to this person.
pub fn render(facts: &Facts, to: &Recipient, portal: &Portal) -> Result<Mail, RenderError> {
    let pen = Pen { to, portal };
    let letter = match facts {
        Facts::ApprovalRequested(approval) => pen.approval_requested(approval),
        Facts::ApprovalReminder(approval) => pen.approval_reminder(approval),
        Facts::StageExpired { request, stage, at } => pen.stage_expired(request, *stage, exact(*at, to.zone)),
        Facts::StageApproved { request, stage, decisions } => pen.stage_approved(request, *stage, decisions),
        Facts::RequestApproved { request, decisions } => pen.request_approved(request, decisions),
        Facts::RequestDenied { request, decision } => pen.request_denied(request, decision.as_ref()),
        Facts::RequestExpired { request, at } => pen.request_expired(request, exact(*at, to.zone)),
        Facts::AccessDelivered { access } => pen.access_delivered(access),
        Facts::AccessEnded { access, why, reason } => pen.access_ended(access, why, reason),
        Facts::DecisionConfirmed { request, verdict, at, channel, ip, reason } => pen
            .decision_confirmed(request, *verdict, *channel, reason)
            .fact("When", exact(*at, to.zone))
            .fact("From", ip.as_str()),
        Facts::DecisionCode { code, until } => pen.decision_code(code, hour(*until, to.zone)),
        Facts::Invitation { token, until } => pen.invitation(token, exact(*until, to.zone)),
        Facts::PasswordReset { token, until } => pen.password_reset(token, exact(*until, to.zone)),
    };
    letter.write(portal, to)
}

struct Pen<'a> {
    to: &'a Recipient,
    portal: &'a Portal,
}

impl Pen<'_> {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.portal.base_url)
    }

    /// The facts of a request that every reader may see.
    fn about(&self, letter: Letter, request: &Request) -> Letter {
        let person = join(&[&request.person, &request.position]);
        letter
            .fact("Package", format!("{} (catalog {})", request.package, request.catalog))
            .fact("For", person)
            .fact("Organization", request.organization.as_str())
            .fact("Asked by", request.asked_by.clone().unwrap_or_default())
    }

    fn approval(&self, letter: Letter, a: &Approval) -> Letter {
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
                closing: vec![format!("To decide, sign in to {} and open Approvals.", self.portal.name)],
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
            closing: vec![
                how.to_owned(),
                "The link is for you alone: forwarding it lets nobody else decide.".to_owned(),
            ],
            why: APPROVER,
            ..letter
        }
    }

    fn approval_requested(&self, a: &Approval) -> Letter {
        let r = &a.request;
        let letter = Letter {
            subject: format!("Action required: Approve or deny request by {}", day(a.due, self.to.zone)),
            heading: wish(r),
            opening: vec![format!(
                "{}. Please approve or deny it by {}.",
                wish(r),
                exact(a.due, self.to.zone)
            )],
            ..Letter::default()
        };
        self.approval(letter, a)
    }

    fn approval_reminder(&self, a: &Approval) -> Letter {
        let r = &a.request;
        let by = day(a.due, self.to.zone);
        let letter = Letter {
            subject: if a.stage <= 1 {
                format!("Reminder: Approve or deny the request by {by} for {}", r.person)
            } else {
                format!("Action required reminder: Approve or deny the request by {by}")
            },
            heading: format!("{} is still waiting", r.person),
            opening: vec![format!(
                "{}, and nobody has decided yet. Without a decision by {} the request ends.",
                wish(r),
                exact(a.due, self.to.zone)
            )],
            ..Letter::default()
        };
        self.approval(letter, a)
    }

    fn stage_expired(&self, r: &Request, stage: u8, at: String) -> Letter {
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

    fn stage_approved(&self, r: &Request, stage: u8, decisions: &[Decision]) -> Letter {
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

    fn request_approved(&self, r: &Request, decisions: &[Decision]) -> Letter {
        let letter = Letter {
            subject: format!("Request approved for {} to {}", r.person, r.package),
            heading: "The request is approved".to_owned(),
            opening: vec![format!(
                "{}. The request is approved and the access is on its way. There is nothing left for you to do.",
                wish(r)
            )],
            button: Some(("See the request", self.url(&paths::approval(r.id)))),
            why: APPROVER,
            ..Letter::default()
        };
        self.decisions(self.about(letter, r), decisions)
    }

    fn request_denied(&self, r: &Request, decision: Option<&Decision>) -> Letter {
        let letter = Letter {
            subject: format!("Request denied to {}", r.package),
            heading: "Your request was denied".to_owned(),
            opening: vec![format!(
                "The request for “{}” was denied. Nothing has changed in what you have.",
                r.package
            )],
            button: Some(("See the request", self.url(&paths::request(r.id)))),
            closing: vec!["You can change it and send it again from that page.".to_owned()],
            why: REQUESTOR,
            ..Letter::default()
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

    fn request_expired(&self, r: &Request, at: String) -> Letter {
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

    fn access_delivered(&self, a: &Access) -> Letter {
        let until =
            a.ends_at.map_or_else(|| "It does not end by itself".to_owned(), |at| exact(at, self.to.zone));
        Letter {
            subject: format!("You now have access to {}", a.package),
            heading: format!("You now have access to {}", a.package),
            opening: vec![format!(
                "Everything that “{}” gives has been delivered. You can use it now.",
                a.package
            )],
            button: Some(("See what you can do with it", self.url(&paths::access(a.assignment)))),
            why: REQUESTOR,
            ..Letter::default()
        }
        .fact("Package", a.package.as_str())
        .list("Gives", &a.roles)
        .fact("Until", until)
    }

    fn access_ended(&self, a: &Access, why: &str, reason: &str) -> Letter {
        let when = a.ends_at.map(|at| exact(at, self.to.zone)).unwrap_or_default();
        Letter {
            subject: format!("Access has ended for {}", a.package),
            heading: format!("Your access to {} has ended", a.package),
            opening: vec![format!(
                "You no longer have “{}” and what it gave you. If you still need it, ask for it again.",
                a.package
            )],
            button: Some(("See this access", self.url(&paths::access(a.assignment)))),
            why: REQUESTOR,
            ..Letter::default()
        }
        .fact("Package", a.package.as_str())
        .list("Gave", &a.roles)
        .fact("Ended", when)
        .fact("Why", capital(why))
        .quote("The words that were given".to_owned(), reason)
    }

    fn decision_confirmed(&self, r: &Request, verdict: Verdict, channel: Channel, reason: &str) -> Letter {
        let did = if verdict == Verdict::Approve { "approved" } else { "denied" };
        let how = match channel {
            Channel::Portal => "in the portal, signed in as you",
            Channel::Link => "through the link in your mail, signed in as you",
            Channel::Code => "through the link in your mail, with a one-time code",
        };
        let letter = Letter {
            subject: format!("Decided in your name: request of {} for {}", r.person, r.package),
            heading: format!("You {did} a request"),
            opening: vec![format!(
                "The request of {} for “{}” was {did} in your name.",
                r.person, r.package
            )],
            button: Some(("See the request", self.url(&paths::approval(r.id)))),
            closing: vec![
                "Was it not you? Then tell an administrator at once: somebody else may be using your account or \
                 your mailbox."
                    .to_owned(),
            ],
            why: "a decision was recorded in your name",
            ..Letter::default()
        };
        self.about(letter, r)
            .fact("Decision", capital(did))
            .fact("How", capital(how))
            .quote("The reason that was given".to_owned(), reason)
    }

    fn decision_code(&self, code: &str, until: String) -> Letter {
        Letter {
            subject: "Your code to decide a request".to_owned(),
            heading: "Your one-time code".to_owned(),
            opening: vec![format!(
                "Type this code on the page that you opened from the mail about the request. It is good until {until}, \
                 for one decision."
            )],
            code: Some(code.to_owned()),
            closing: vec![
                "Give it to nobody: nobody will ask you for it. If you did not ask for a code, leave this mail \
                 alone; without the code nothing is decided."
                    .to_owned(),
            ],
            why: "somebody asked for a code on the page of a request that you can decide",
            ..Letter::default()
        }
    }

    fn invitation(&self, token: &Token, until: String) -> Letter {
        Letter {
            subject: format!("You are invited to {}", self.portal.name),
            heading: format!("Welcome to {}", self.portal.name),
            opening: vec![
                format!(
                    "An account is waiting for you in {}, the portal where you find the access that you need, ask \
                     for it, and see what you have.",
                    self.portal.name
                ),
                "Choose a password to start.".to_owned(),
            ],
            button: Some(("Choose a password", self.url(&paths::account_invitation(token.reveal())))),
            closing: vec!["The link works once, and only for you.".to_owned()],
            why: ACCOUNT,
            ..Letter::default()
        }
        .fact("Sign in as", self.to.address.as_str())
        .fact("Link good until", until)
    }

    fn password_reset(&self, token: &Token, until: String) -> Letter {
        Letter {
            subject: format!("Choose a new password for {}", self.portal.name),
            heading: "Choose a new password".to_owned(),
            opening: vec![format!(
                "Somebody asked for a new password for your account in {}.",
                self.portal.name
            )],
            button: Some(("Choose a new password", self.url(&paths::account_reset(token.reveal())))),
            closing: vec![
                "The link works once. If it was not you, leave this mail alone: your password stays as it is."
                    .to_owned(),
            ],
            why: ACCOUNT,
            ..Letter::default()
        }
        .fact("Account", self.to.address.as_str())
        .fact("Link good until", until)
    }
}

/// "Alice asks for “Deal desk”", or "Bob asks for “Deal desk” for Alice".
fn wish(r: &Request) -> String {
    match &r.asked_by {
        Some(by) => format!("{by} asks for “{}” for {}", r.package, r.person),
        None => format!("{} asks for “{}”", r.person, r.package),
    }
}

fn stage_of(stage: u8, stages: u8) -> String {
    if stages > 1 { format!("{stage} of {stages}") } else { String::new() }
}

fn join(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
    parts.join(", ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

//! Letters about delegation while away (SPEC APR-11).

use super::super::facts::{Delegated, Request};
use super::super::letter::Letter;
use super::{Pen, capital};
use crate::domain::approval::{Channel, Verdict};
use crate::kernel::paths;

impl Pen<'_> {
    pub(super) fn approval_delegated(&self, by: &str, from: String, until: String, reason: &str) -> Letter {
        Letter {
            subject: format!("{by} asks you to decide requests in their place"),
            heading: format!("You stand in for {by}"),
            opening: vec![
                format!(
                    "{by} is away from {from} until {until}. During this time you can decide the requests that wait \
                     for them, and new ones are mailed to you both."
                ),
                format!(
                    "Your decision then counts as theirs and shows both names. It passes to nobody else, and you \
                     never decide your own requests or those of {by}."
                ),
            ],
            button: Some(("See who stands in for whom", self.url(paths::DELEGATION))),
            closing: vec![format!("If you cannot do this, tell {by}: they can choose somebody else.")],
            why: "somebody named you to decide requests in their place",
            ..Letter::default()
        }
        .fact("From", from)
        .fact("Until", until)
        .quote(format!("{by} wrote"), reason)
    }

    pub(super) fn delegation_ended(&self, by: &str, begun: bool) -> Letter {
        let now = if begun {
            format!(
                "{by} decides again. You no longer decide in their place, and links in earlier mails about their requests do not work any more."
            )
        } else {
            format!("{by} took it back before it began. You will not be asked in their place.")
        };
        Letter {
            subject: format!("You no longer decide requests in the place of {by}"),
            heading: format!("You no longer stand in for {by}"),
            opening: vec![now, "What you decided for them stays as it is.".to_owned()],
            button: Some(("See who stands in for whom", self.url(paths::DELEGATION))),
            why: "somebody had named you to decide requests in their place",
            ..Letter::default()
        }
    }

    /// A decision in somebody's place, confirmed to both.
    pub(super) fn decided_in_place(
        &self,
        r: &Request,
        verdict: Verdict,
        channel: Channel,
        reason: &str,
        delegated: &Delegated,
    ) -> Letter {
        let did = if verdict == Verdict::Approve { "approved" } else { "denied" };
        let how = match channel {
            Channel::Portal => "In the portal, signed in",
            Channel::Link => "Through the link in the mail, signed in",
            Channel::Code => "Through the link in the mail, with a one-time code",
        };
        let (heading, opening, closing) = match delegated {
            Delegated::For(place) => (
                format!("You {did} a request in the place of {place}"),
                format!("The request of {} for “{}” was {did} by you, for {place}.", r.person, r.package),
                "Was it not you? Then tell an administrator at once: somebody else may be using your account or \
                 your mailbox."
                    .to_owned(),
            ),
            Delegated::By(name) => (
                format!("{name} {did} a request in your place"),
                format!(
                    "The request of {} for “{}” was {did} by {name}, who stands in for you. It counts as your \
                     decision.",
                    r.person, r.package
                ),
                "You can end the delegation at any time: open Approvals and there “While away”.".to_owned(),
            ),
        };
        let letter = Letter {
            subject: format!("Decided in your name: request of {} for {}", r.person, r.package),
            heading,
            opening: vec![opening],
            button: Some(("See the request", self.url(&paths::approval(r.id)))),
            security: vec![closing],
            why: "a decision was recorded in your name",
            ..Letter::default()
        };
        self.about(letter, r)
            .fact("Decision", capital(did))
            .fact("How", how)
            .quote("The reason that was given".to_owned(), reason)
    }
}

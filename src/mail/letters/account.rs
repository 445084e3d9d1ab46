//! What protects or opens an account.

use super::super::facts::Request;
use super::super::letter::Letter;
use super::{ACCOUNT, Pen, capital};
use crate::domain::approval::{Channel, Verdict};
use crate::kernel::paths;
use crate::kernel::secret::Token;

impl Pen<'_> {
    pub(super) fn decision_confirmed(
        &self,
        r: &Request,
        verdict: Verdict,
        channel: Channel,
        reason: &str,
    ) -> Letter {
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
            security: vec![
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

    pub(super) fn decision_code(&self, code: &str, until: String) -> Letter {
        Letter {
            subject: "Your code to decide a request".to_owned(),
            heading: "Your one-time code".to_owned(),
            opening: vec![
                "Type this code on the page that you opened from the mail about the request. It is good for one \
                 decision."
                    .to_owned(),
            ],
            code: Some(code.to_owned()),
            security: vec![
                "Give it to nobody: nobody will ask you for it. If you did not ask for a code, leave this mail \
                 alone; without the code nothing is decided."
                    .to_owned(),
            ],
            why: "somebody asked for a code on the page of a request that you can decide",
            ..Letter::default()
        }
        .fact("Good until", until)
    }

    pub(super) fn invitation(&self, token: &Token, until: String) -> Letter {
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
            security: vec!["The link works once, and only for you.".to_owned()],
            why: ACCOUNT,
            ..Letter::default()
        }
        .fact("Sign in as", self.to.address.as_str())
        .fact("Link good until", until)
    }

    pub(super) fn password_reset(&self, token: &Token, until: String) -> Letter {
        Letter {
            subject: format!("Choose a new password for {}", self.portal.name),
            heading: "Choose a new password".to_owned(),
            opening: vec![format!(
                "Somebody asked for a new password for your account in {}.",
                self.portal.name
            )],
            button: Some(("Choose a new password", self.url(&paths::account_reset(token.reveal())))),
            security: vec![
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

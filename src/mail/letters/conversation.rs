//! Comments, and changes that an approver asks for (SPEC REQ-9).

use super::{Pen, REQUESTOR};
use crate::kernel::{Moment, paths};
use crate::mail::facts::Request;
use crate::mail::letter::Letter;
use crate::mail::time::exact;

impl Pen<'_> {
    pub(super) fn comment_added(
        &self,
        r: &Request,
        by: &str,
        at: Moment,
        text: &str,
        decides: bool,
    ) -> Letter {
        let page = if decides { paths::approval(r.id) } else { paths::request(r.id) };
        let letter = Letter {
            subject: format!("New comment on the request for {}", r.package),
            heading: "There is a new comment".to_owned(),
            opening: vec![format!("{by} wrote about the request for “{}” for {}.", r.package, r.person)],
            button: Some(("Read and answer", self.url(&page))),
            closing: vec!["Everybody who is involved in this request can read the answers there.".to_owned()],
            why: "you are involved in this request",
            ..Letter::default()
        };
        self.about(letter, r).fact("When", exact(at, self.to.zone)).quote(format!("{by} wrote"), text)
    }

    pub(super) fn changes_requested(
        &self,
        r: &Request,
        by: &str,
        at: Moment,
        text: &str,
        due: Option<Moment>,
    ) -> Letter {
        let until = due.map(|due| exact(due, self.to.zone)).unwrap_or_default();
        let letter = Letter {
            subject: format!("Action required: Change your request for {}", r.package),
            heading: "Changes are asked for".to_owned(),
            opening: vec![format!(
                "{by} asks you to change your request for “{}” before it is decided. Change it, and send it back.",
                r.package
            )],
            button: Some(("Change the request", self.url(&paths::request_edit(r.id)))),
            closing: vec![
                "The request stays open meanwhile, and its time goes on. Without a decision in time it ends."
                    .to_owned(),
            ],
            why: REQUESTOR,
            ..Letter::default()
        };
        self.about(letter, r)
            .fact("Asked", exact(at, self.to.zone))
            .fact("Time until", until)
            .quote(format!("{by} wrote"), text)
    }
}

//! About work on many people or assignments, and about ends that were changed.

use super::super::facts::{Access, BulkResult};
use super::super::letter::Letter;
use super::super::time::exact;
use super::{Pen, REQUESTOR};
use crate::domain::bulk::{WorkKind, WorkState};
use crate::kernel::{Moment, paths};

impl Pen<'_> {
    pub(super) fn bulk_result(&self, r: &BulkResult) -> Letter {
        let what = match r.kind {
            WorkKind::Assign => "Assigning",
            WorkKind::Remove => "Removing access to",
            WorkKind::ChangeEnd => "Changing the end of access to",
        };
        let (how, opening) = match r.state {
            WorkState::Canceled => (
                "was stopped",
                "It was stopped before every row had its turn. What was done stays done.".to_owned(),
            ),
            WorkState::Failed => (
                "was given up",
                "It could not go on. What was done stays done; the rest was not touched.".to_owned(),
            ),
            _ if r.done == r.total => ("is done", "Everything was done.".to_owned()),
            _ => (
                "is done",
                "Every row has its result. The page says for each person what was done, and what was not, and why."
                    .to_owned(),
            ),
        };
        let link = paths::bulk(r.package_id, r.work);
        Letter {
            subject: format!("{what} {} {how}: {} of {} done", r.package, r.done, r.total),
            heading: format!("{what} {} {how}", r.package),
            opening: vec![opening],
            button: Some(("See the results", self.url(&link))),
            why: "you started this",
            ..Letter::default()
        }
        .fact("Package", r.package.as_str())
        .fact("Done", r.done.to_string())
        .fact("Nothing to do", some(r.skipped))
        .fact("Refused", some(r.refused))
        .fact("Failed", some(r.failed))
        .fact("Not done any more", some(r.total - r.done - r.skipped - r.refused - r.failed))
        .fact("Note", r.note.as_str())
    }

    pub(super) fn end_changed(&self, a: &Access, before: Option<Moment>, by: &str, reason: &str) -> Letter {
        let words = |at: Option<Moment>| {
            at.map_or_else(|| "It does not end by itself".to_owned(), |at| exact(at, self.to.zone))
        };
        let earlier = match (before, a.ends_at) {
            (Some(old), Some(new)) => new < old,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        let opening = if earlier {
            format!("“{}” ends earlier than before. Until then nothing changes.", a.package)
        } else {
            format!("You keep “{}” for longer than before. You need not do anything.", a.package)
        };
        Letter {
            subject: format!("The end of your access to {} was changed", a.package),
            heading: format!("Your access to {} has another end", a.package),
            opening: vec![opening],
            button: Some(("See this access", self.url(&paths::access(a.assignment)))),
            why: REQUESTOR,
            ..Letter::default()
        }
        .fact("Package", a.package.as_str())
        .list("Gives", &a.roles)
        .fact("Ends", words(a.ends_at))
        .fact("Before", words(before))
        .fact("Changed by", by)
        .quote("The words that were given".to_owned(), reason)
    }
}

/// A number, or nothing if there is nothing to tell.
fn some(n: i32) -> String {
    if n > 0 { n.to_string() } else { String::new() }
}

//! The daily mail in place of reminders (SPEC NOT-5).

use chrono::NaiveDate;

use super::super::letter::Letter;
use super::super::time::exact;
use super::Pen;
use crate::kernel::{Moment, paths};

/// How many lines of a kind one mail shows.
const SHOWN: usize = 25;

impl Pen<'_> {
    pub(super) fn daily_digest(
        &self,
        day: NaiveDate,
        waiting: &[(String, Moment)],
        ending: &[(String, Moment)],
    ) -> Letter {
        let (decide, ends) = (waiting.len(), ending.len());
        let requests = if decide == 1 { "1 request waits" } else { &format!("{decide} requests wait") };
        let heading = match (decide, ends) {
            (0, 1) => "1 access of yours ends soon".to_owned(),
            (0, n) => format!("{n} of your accesses end soon"),
            _ => format!("{requests} for your decision"),
        };
        let mut opening = Vec::new();
        if decide > 0 {
            opening.push(format!("{requests} for your decision; what is due first comes first."));
        }
        if ends > 0 {
            opening.push("Some of your own access ends in the next two weeks.".to_owned());
        }
        let button = if decide > 0 {
            ("Open your approvals", self.url(paths::APPROVALS))
        } else {
            ("See your access", self.url(paths::MY_ACCESS))
        };
        Letter {
            subject: format!("Your day in {}: {}", self.portal.name, day.format("%-d %B %Y")),
            heading,
            opening,
            button: Some(button),
            closing: vec!["You can change in your profile how you are reminded.".to_owned()],
            why: "you chose one daily mail in place of reminders",
            ..Letter::default()
        }
        .list("To decide", &self.lines(waiting, "by"))
        .list("Ends soon", &self.lines(ending, "on"))
    }

    fn lines(&self, rows: &[(String, Moment)], word: &str) -> Vec<String> {
        let line = |(what, at): &(String, Moment)| format!("{what}, {word} {}", exact(*at, self.to.zone));
        let mut lines: Vec<String> = rows.iter().take(SHOWN).map(line).collect();
        if let Some(more) = rows.len().checked_sub(SHOWN).filter(|n| *n > 0) {
            lines.push(format!("and {more} more"));
        }
        lines
    }
}

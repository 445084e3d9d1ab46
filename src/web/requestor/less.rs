//! Where the approvers allowed less than was asked: both, in words (SPEC APR-9).

use chrono_tz::Tz;

use crate::domain::allowance::Allowance;
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::store::views::request::RequestPage;
use crate::web::ui::When;

/// What was asked for and what the approvers allowed, the strictest of all stages (SPEC APR-9).
pub fn of(r: &RequestPage, now: Moment, tz: Tz) -> Vec<String> {
    // The first one knows what was asked; the later ones only what was left of it.
    let asked = r.entries.iter().find_map(|entry| match entry.step {
        Step::Narrowed { asked_start, asked_end, .. } => Some((asked_start, asked_end)),
        _ => None,
    });
    asked.map_or_else(Vec::new, |(start, end)| {
        lines(r.allowed, start, end, |at| When::new(*at, *now, tz).exact)
    })
}

/// What an approver allowed of what was asked, a line each (SPEC APR-9).
pub fn lines(
    allowed: Allowance,
    asked_start: Moment,
    asked_end: Option<Moment>,
    exact: impl Fn(Moment) -> String,
) -> Vec<String> {
    let start = allowed.start.map(|at| format!("Starts on {}, asked for {}", exact(at), exact(asked_start)));
    let end = allowed.end.map(|at| {
        let asked =
            asked_end.map_or_else(|| "without an end".to_owned(), |end| format!("until {}", exact(end)));
        format!("Approved until {}, asked {asked}", exact(at))
    });
    start.into_iter().chain(end).collect()
}

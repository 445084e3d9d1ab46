//! The days that an approver may choose instead of what was asked (SPEC APR-9). Days are those of the approver's
//! zone: access starts with the first instant of one, and ends after the last of another.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

use super::matter::Eyes;
use crate::domain::allowance::{Allowance, Span};
use crate::domain::assignment::end_of_day;
use crate::domain::request::Changes;
use crate::kernel::Moment;
use crate::store::views::matter::Matter;
use crate::web::FormErrors;
use crate::web::ui::FieldView;

/// What was typed into the two fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The first day.
    pub start: Option<NaiveDate>,
    /// The last day.
    pub end: Option<NaiveDate>,
}

/// A typed day; nothing is as asked.
pub fn typed(text: &str) -> Result<Option<NaiveDate>, &'static str> {
    match text.trim() {
        "" => Ok(None),
        day => NaiveDate::parse_from_str(day, "%Y-%m-%d")
            .map(Some)
            .map_err(|_| "Write a date such as 2027-01-31."),
    }
}

fn day_of(at: Moment, tz: Tz) -> NaiveDate {
    at.with_timezone(&tz).date_naive()
}

/// The last day of which an end leaves something.
fn last_day(end: Moment, tz: Tz) -> NaiveDate {
    day_of(end - chrono::Duration::microseconds(1), tz)
}

/// From when to when access would last if it were approved now, as allowed so far.
fn span(m: &Matter, eyes: Eyes, zone: Tz) -> Span {
    m.asked(zone).span(m.allowed(), eyes.now)
}

/// What the chosen days mean. The very days that were asked for change nothing; for everything else the rule has
/// the last word.
pub fn allowance(m: &Matter, chosen: Chosen, eyes: Eyes, zone: Tz) -> Allowance {
    let asked = span(m, eyes, zone);
    let start = chosen.start.filter(|day| *day != day_of(asked.starts_at, eyes.tz));
    let end = chosen
        .end
        .filter(|day| asked.ends_at.is_none_or(|end| *day != last_day(end, eyes.tz)) || start.is_some());
    Allowance {
        start: start.and_then(|day| day.pred_opt()).map(|before| end_of_day(before, eyes.tz)),
        end: end.map(|day| end_of_day(day, eyes.tz)),
    }
}

/// The fields, if there is a day to choose.
pub fn fields(m: &Matter, eyes: Eyes, zone: Tz, raw: (&str, &str), errors: &FormErrors) -> Vec<FieldView> {
    if m.request.changes == Some(Changes::Answers) {
        return Vec::new();
    }
    let asked = span(m, eyes, zone);
    let words = |day: NaiveDate| day.format("%-d %B %Y").to_string();
    let (first, last) = (day_of(asked.starts_at, eyes.tz), asked.ends_at.map(|end| last_day(end, eyes.tz)));
    let goes_on = m.present_end.is_some();
    let mut fields = Vec::new();
    if !goes_on {
        let when =
            if asked.starts_at <= eyes.now { "as soon as it is approved".to_owned() } else { words(first) };
        let mut start = FieldView::date("start", "First day")
            .value(raw.0)
            .hint(format!("Asked for: {when}. Leave it empty to keep that."))
            .error(errors.of("start"))
            .narrow();
        start.min = first.checked_add_days(Days::new(1)).map(|day| day.to_string());
        fields.push(start);
    }
    let until = last.map_or_else(|| "without an end".to_owned(), |day| format!("until {}", words(day)));
    let mut end = FieldView::date("end", "Last day")
        .value(raw.1)
        .hint(format!("Asked for: {until}. Leave it empty to keep that."))
        .error(errors.of("end"))
        .narrow();
    let least = m.present_end.map_or(first, |present| day_of(present, eyes.tz));
    end.min = Some(least.to_string());
    end.max = last.and_then(|day| day.pred_opt()).filter(|day| *day >= least).map(|day| day.to_string());
    fields.push(end);
    fields
}

//! The period that a person wants access for, where the policy lets them choose (SPEC POL-6, DLV-8).

use chrono::{Datelike as _, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::assignment::{end_of, end_of_day};
use super::policy::{Expiry, Terms};
use crate::kernel::Moment;

/// How far ahead access can start, in days.
pub const START_WITHIN_DAYS: i64 = 366;

/// Start and end that a person chose; `None` is now, and as long as the policy gives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// From when.
    pub start: Option<Moment>,
    /// Until when.
    pub end: Option<Moment>,
}

/// What is wrong, beside which field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BadPeriod {
    /// About the start.
    pub start: Option<String>,
    /// About the end.
    pub end: Option<String>,
}

impl BadPeriod {
    /// Is nothing wrong?
    pub fn is_empty(&self) -> bool {
        self.start.is_none() && self.end.is_none()
    }

    /// Everything that is wrong in one text.
    pub fn words(&self) -> String {
        [self.start.as_deref(), self.end.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Is the period asked for with a time of day? Only where access is counted in hours; elsewhere whole days are
/// meant.
pub fn in_hours(expiry: Expiry) -> bool {
    matches!(expiry, Expiry::AfterHours { .. })
}

/// A typed day, or day and time, as an instant in the person's zone. A day as a start is its first instant, as an
/// end its last: the first instant after it. Empty is no wish. `Err` are words for the person.
pub fn typed(text: &str, is_end: bool, zone: Tz) -> Result<Option<Moment>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let sensible = |day: &NaiveDate| (1970..=9999).contains(&day.year());
    if let Some(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(sensible) {
        return Ok(Some(if is_end { end_of_day(day, zone) } else { start_of_day(day, zone) }));
    }
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = formats.iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok());
    match local.filter(|local| sensible(&local.date())) {
        Some(local) => Ok(Some(super::assignment::instant(local, zone))),
        None => Err("Write a date such as 2027-01-31.".to_owned()),
    }
}

/// The first instant of a day in a time zone.
pub fn start_of_day(day: NaiveDate, zone: Tz) -> Moment {
    super::assignment::instant(day.and_time(NaiveTime::MIN), zone)
}

/// Checks a wish for new access against the policy, and gives what is kept of it: a start that has begun is none;
/// an end on the last day that the policy gives is the policy's own end. `person` is the zone in which days were
/// typed, `instance` the one in which the policy counts (SPEC LIF-1).
pub fn check(
    terms: &Terms,
    wish: Period,
    now: Moment,
    person: Tz,
    instance: Tz,
) -> Result<Period, BadPeriod> {
    if wish == Period::default() {
        return Ok(wish);
    }
    if !terms.custom_timeline {
        let text = "This policy does not let you choose when access starts and ends.".to_owned();
        return Err(match wish.start {
            Some(_) => BadPeriod { start: Some(text), end: None },
            None => BadPeriod { start: None, end: Some(text) },
        });
    }
    let mut bad = BadPeriod::default();
    let mut kept = wish;
    let today = start_of_day(now.with_timezone(&person).date_naive(), person);
    let begun = if in_hours(terms.expiry) { now - Duration::minutes(1) } else { today };
    match wish.start {
        Some(start) if start < begun => bad.start = Some("The start must not be in the past.".to_owned()),
        Some(start) if start <= now => kept.start = None,
        Some(start) if start > now + Duration::days(START_WITHIN_DAYS) => {
            bad.start = Some("Access can start at most a year ahead.".to_owned());
        }
        _ => {}
    }
    let from = kept.start.unwrap_or(now);
    let limit = end_of(terms.expiry, from, instance);
    if bad.start.is_none() && limit.is_some_and(|limit| limit <= from) {
        bad.start = Some(format!(
            "The start is too late: through this policy access lasts until {}.",
            limit.map(|l| day_before(l, instance)).unwrap_or_default()
        ));
    }
    if let Some(end) = wish.end {
        if end <= now {
            bad.end = Some("The end must not be in the past.".to_owned());
        } else if bad.start.is_none() && end <= from {
            bad.end = Some("The end must be after the start.".to_owned());
        } else if bad.start.is_none() {
            kept.end = within(end, limit, terms.expiry, person)
                .map_err(|why| BadPeriod { end: Some(why), ..BadPeriod::default() })?;
        }
    }
    if bad.is_empty() { Ok(kept) } else { Err(bad) }
}

/// Checks the end that a person wants for access that they hold and extend (SPEC REQ-7).
pub fn check_extension(
    terms: &Terms,
    wanted: Option<Moment>,
    old: Moment,
    now: Moment,
    person: Tz,
    instance: Tz,
) -> Result<Option<Moment>, String> {
    let Some(end) = wanted else {
        return Ok(None);
    };
    if !terms.custom_timeline {
        return Err("This policy does not let you choose when access ends.".to_owned());
    }
    if end <= old {
        return Err("The new end must be after the present one: an extension never shortens.".to_owned());
    }
    let limit = end_of(terms.expiry, now, instance);
    match within(end, limit, terms.expiry, person)? {
        Some(end) if end <= old => Err(super::Refusal::AtTheLimit.to_string()),
        kept => Ok(kept),
    }
}

/// The wanted end, cut to the limit on its last day; words if it is later than that.
pub(super) fn within(
    end: Moment,
    limit: Option<Moment>,
    expiry: Expiry,
    person: Tz,
) -> Result<Option<Moment>, String> {
    let Some(limit) = limit else {
        return Ok(Some(end));
    };
    if end <= limit {
        return Ok(Some(end));
    }
    // The day on which the limit falls was meant as "until the policy ends it".
    let day = (limit - Duration::microseconds(1)).with_timezone(&person).date_naive();
    if !in_hours(expiry) && end <= end_of_day(day, person) {
        return Ok(Some(limit));
    }
    Err(if in_hours(expiry) {
        format!("The end is too late: access lasts until {} at most.", minute(limit, person))
    } else {
        format!("The end is too late: access lasts until {} at most.", day_before(limit, person))
    })
}

/// The last day of which an end leaves something, in words.
fn day_before(end: Moment, zone: Tz) -> String {
    (end - Duration::microseconds(1)).with_timezone(&zone).format("%-d %B %Y").to_string()
}

fn minute(at: Moment, zone: Tz) -> String {
    zone.from_utc_datetime(&at.with_timezone(&Utc).naive_utc()).format("%-d %B %Y, %H:%M").to_string()
}

#[cfg(test)]
#[path = "period_tests.rs"]
mod tests;

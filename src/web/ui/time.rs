//! Times as a person reads them (SPEC PGE-5): relative, in their zone, exact on hover and in the markup.

use askama::Template;
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;

/// An instant.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(
    source = r#"<time datetime="{{ iso }}" title="{{ exact }}" data-relative>{{ relative }}</time>"#,
    ext = "html"
)]
pub struct When {
    /// RFC 3339, UTC.
    pub iso: String,
    /// Date, time and zone in words: `Mon 23 Nov 2026, 14:05 CET`.
    pub exact: String,
    /// Seen from now: `in 3 days`, `2 hours ago`.
    pub relative: String,
}

impl When {
    /// The instant as somebody in `tz` sees it at `now`.
    pub fn new(at: DateTime<Utc>, now: DateTime<Utc>, tz: Tz) -> Self {
        Self {
            iso: at.to_rfc3339_opts(SecondsFormat::Secs, true),
            exact: at.with_timezone(&tz).format("%a %-d %b %Y, %H:%M %Z").to_string(),
            relative: relative(at, now, tz),
        }
    }
}

/// A day of the calendar, without a time.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(source = r#"<time datetime="{{ iso }}" title="{{ relative }}">{{ exact }}</time>"#, ext = "html")]
pub struct WhenDate {
    /// `2026-11-23`.
    pub iso: String,
    /// `23 Nov 2026`.
    pub exact: String,
    /// `tomorrow`, `in 12 days`.
    pub relative: String,
}

impl WhenDate {
    /// The day as seen from `today`.
    pub fn new(on: NaiveDate, today: NaiveDate) -> Self {
        Self {
            iso: on.format("%Y-%m-%d").to_string(),
            exact: on.format("%-d %b %Y").to_string(),
            relative: days((on - today).num_days()),
        }
    }
}

/// Under a day in minutes and hours; from there in days of the reader's calendar, so that "tomorrow" is never today.
fn relative(at: DateTime<Utc>, now: DateTime<Utc>, tz: Tz) -> String {
    let span = at - now;
    let future = span > TimeDelta::zero();
    let seconds = span.num_seconds().abs();
    let (count, unit) = if seconds < 45 {
        return if future { "in a moment" } else { "just now" }.to_owned();
    } else if seconds < 45 * 60 {
        ((seconds + 30) / 60, "minute")
    } else if seconds < 22 * 3600 {
        ((seconds + 1800) / 3600, "hour")
    } else {
        let day = |t: DateTime<Utc>| t.with_timezone(&tz).date_naive();
        let apart = (day(at) - day(now)).num_days();
        // 22 to 24 hours can still be the same day: keep hours there.
        if apart == 0 {
            ((seconds + 1800) / 3600, "hour")
        } else {
            return days(apart);
        }
    };
    phrase(count, unit, future)
}

fn days(apart: i64) -> String {
    let future = apart > 0;
    match apart {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        _ => match apart.abs() {
            n @ 0..60 => phrase(n, "day", future),
            n @ 60..730 => phrase((n + 15) / 30, "month", future),
            n => phrase(n / 365, "year", future),
        },
    }
}

fn phrase(count: i64, unit: &str, future: bool) -> String {
    let s = if count == 1 { "" } else { "s" };
    if future { format!("in {count} {unit}{s}") } else { format!("{count} {unit}{s} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn pge_5_times_are_relative_and_exact_in_the_readers_zone() {
        let now = at("2026-11-22T22:30:00Z");
        let seen = |text: &str| When::new(at(text), now, Berlin).relative;
        assert_eq!(seen("2026-11-22T22:30:10Z"), "in a moment");
        assert_eq!(seen("2026-11-22T22:29:55Z"), "just now");
        assert_eq!(seen("2026-11-22T22:29:00Z"), "1 minute ago");
        assert_eq!(seen("2026-11-22T22:50:00Z"), "in 20 minutes");
        assert_eq!(seen("2026-11-23T00:30:00Z"), "in 2 hours");
        assert_eq!(seen("2026-11-23T22:29:00Z"), "tomorrow");
        assert_eq!(seen("2026-11-21T11:00:00Z"), "yesterday");
        assert_eq!(seen("2026-12-22T22:30:00Z"), "in 30 days");
        assert_eq!(seen("2027-11-22T22:30:00Z"), "in 12 months");
        assert_eq!(seen("2023-11-22T22:30:00Z"), "3 years ago");
        let when = When::new(at("2026-11-22T23:30:00Z"), now, Berlin);
        assert_eq!(when.exact, "Mon 23 Nov 2026, 00:30 CET");
        assert_eq!(
            when.to_string(),
            r#"<time datetime="2026-11-22T23:30:00Z" title="Mon 23 Nov 2026, 00:30 CET" data-relative>in 1 hour</time>"#
        );
    }

    #[test]
    fn pge_5_a_summer_time_change_keeps_the_exact_hour() {
        let now = at("2026-10-24T12:00:00Z");
        assert_eq!(When::new(at("2026-10-25T00:30:00Z"), now, Berlin).exact, "Sun 25 Oct 2026, 02:30 CEST");
        assert_eq!(When::new(at("2026-10-25T01:30:00Z"), now, Berlin).exact, "Sun 25 Oct 2026, 02:30 CET");
    }

    #[test]
    fn a_day_is_shown_by_its_date() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let when = WhenDate::new(day("2026-12-04"), day("2026-11-22"));
        assert_eq!((when.exact.as_str(), when.relative.as_str()), ("4 Dec 2026", "in 12 days"));
    }
}

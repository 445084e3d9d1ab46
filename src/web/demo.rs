//! Moving the demonstration's clock (SPEC OPS-1, FIX-3). In any other instance this page does not exist.

use actix_web::http::StatusCode;
use askama::Template;
use chrono::Duration;
use serde::Deserialize;

use super::routes::{Guard, Route, to};
use super::ui::{FieldView, FormView, Shell};
use super::{Answer, Flash, Form, FormErrors, MaybeSigned, PageError, page_with, redirect_with};
use crate::kernel::paths;
use crate::store::views::demo::{self, Happened};

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get(paths::DEMO, Guard::Public, || to(show))
        .note("a demonstration only; does not exist elsewhere"),
    Route::post(paths::DEMO, Guard::Public, || to(advance))
        .note("a demonstration only; does not exist elsewhere"),
];

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    days: String,
    #[serde(default)]
    hours: String,
}

/// Ten years at once are enough to see everything end.
const LONGEST: i64 = 3660;

impl Raw {
    fn parse(&self) -> Result<Duration, FormErrors> {
        let mut errors = FormErrors::new();
        let days = errors.take("days", number(&self.days, LONGEST));
        let hours = errors.take("hours", number(&self.hours, LONGEST * 24));
        match (days, hours) {
            (Some(0), Some(0)) => {
                errors.add("days", "Type how many days or hours the clock shall move.");
                Err(errors)
            }
            (Some(days), Some(hours)) => Ok(Duration::days(days) + Duration::hours(hours)),
            _ => Err(errors),
        }
    }
}

fn number(text: &str, most: i64) -> Result<i64, String> {
    match text.trim() {
        "" => Ok(0),
        typed => typed
            .parse()
            .ok()
            .filter(|n| (0..=most).contains(n))
            .ok_or_else(|| format!("Type a whole number up to {most}. The clock only moves forward.")),
    }
}

/// The page.
#[derive(Template)]
#[template(path = "demo/clock.html")]
struct ClockPage<'a> {
    shell: &'a Shell,
    view: ClockView,
}

struct ClockView {
    now: String,
    form: FormView,
}

impl ClockView {
    fn of(now: String, csrf: &str, raw: &Raw, errors: &FormErrors) -> Self {
        let field = |name: &'static str, label: &'static str, most: i64, value: &str| {
            FieldView::number(name, label).range(0, most).value(value).error(errors.of(name)).narrow()
        };
        let form = FormView::new(paths::DEMO, csrf, "Move the clock forward")
            .field(field("days", "Days", LONGEST, &raw.days))
            .field(field("hours", "Hours", LONGEST * 24, &raw.hours))
            .checked(errors.form.clone());
        Self { now, form }
    }
}

async fn show(visitor: MaybeSigned) -> Answer {
    answer(&visitor, &Raw::default(), &FormErrors::new(), StatusCode::OK)
}

fn answer(visitor: &MaybeSigned, raw: &Raw, errors: &FormErrors, status: StatusCode) -> Answer {
    if visitor.visit.state.move_clock().is_none() {
        return Err(PageError::NotFound);
    }
    let shell = visitor.shell("Move the clock", Vec::new());
    let now = visitor.now().with_timezone(&visitor.tz()).format("%A, %-d %B %Y, %H:%M").to_string();
    let view = ClockView::of(now, &shell.csrf, raw, errors);
    page_with(status, &ClockPage { shell: &shell, view })
}

/// Moves the clock, and answers when everything that became due is done.
async fn advance(visitor: MaybeSigned, Form(raw): Form<Raw>) -> Answer {
    let Some(advance) = visitor.visit.state.move_clock() else {
        return Err(PageError::NotFound);
    };
    let by = match raw.parse() {
        Ok(by) => by,
        Err(errors) => return answer(&visitor, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let then = visitor.now() + by;
    match actix_web::web::block(move || advance(by)).await {
        Ok(done) => done?,
        Err(error) => return Err(PageError::internal("demo-clock", error.to_string())),
    }
    let happened = visitor.read(move |conn| Ok(demo::since(conn, then)?)).await?;
    redirect_with(paths::DEMO, Flash::success(words(by, happened)))
}

fn count(n: i64, one: &str, many: &str) -> Option<String> {
    match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    }
}

fn list(parts: impl IntoIterator<Item = Option<String>>) -> String {
    let mut parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.pop() {
        None => String::new(),
        Some(last) if parts.is_empty() => last,
        Some(last) => format!("{} and {last}", parts.join(", ")),
    }
}

fn words(by: Duration, happened: Happened) -> String {
    let how_far = list([count(by.num_days(), "day", "days"), count(by.num_hours() % 24, "hour", "hours")]);
    let what = list([
        count(happened.ended, "access ended", "accesses ended"),
        count(happened.escalated, "request was escalated", "requests were escalated"),
        count(happened.expired, "request expired", "requests expired"),
        count(happened.mails, "mail was sent", "mails were sent"),
    ]);
    if what.is_empty() {
        format!("The clock moved {how_far} forward. Nothing was due.")
    } else {
        format!("The clock moved {how_far} forward: {what}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::ui::check;

    fn raw(days: &str, hours: &str) -> Raw {
        Raw { days: days.into(), hours: hours.into() }
    }

    #[test]
    fn fix_3_the_clock_moves_forward_only() {
        assert_eq!(raw("8", "").parse().ok(), Some(Duration::days(8)));
        assert_eq!(raw(" 1 ", "25").parse().ok(), Some(Duration::hours(49)));
        for (days, hours) in [("", ""), ("0", "0"), ("-1", "0"), ("1.5", ""), ("4000", ""), ("x", "1")] {
            assert!(raw(days, hours).parse().is_err(), "{days} {hours}");
        }
    }

    #[test]
    fn what_happened_is_told_in_words() {
        let happened = Happened { mails: 3, ended: 1, expired: 2, escalated: 0 };
        assert_eq!(
            words(Duration::hours(25), happened),
            "The clock moved 1 day and 1 hour forward: 1 access ended, 2 requests expired and 3 mails were sent."
        );
        assert_eq!(
            words(Duration::days(2), Happened::default()),
            "The clock moved 2 days forward. Nothing was due."
        );
    }

    #[test]
    fn the_page_is_sound() {
        for (input, errors) in
            [(raw("", ""), FormErrors::new()), (raw("x", ""), raw("x", "").parse().unwrap_err())]
        {
            let shell = Shell::sample("Move the clock");
            let view = ClockView::of("Monday, 2 March 2026, 10:00".into(), &shell.csrf, &input, &errors);
            let html = ClockPage { shell: &shell, view }.render().unwrap();
            assert_eq!(check::problems(&html), Vec::<String>::new());
            assert!(html.contains("Days") && html.contains("Hours"));
        }
    }
}

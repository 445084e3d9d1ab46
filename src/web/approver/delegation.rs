//! Who stands in for whom while somebody is away (SPEC APR-11).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::matter::Eyes;
use super::queue::{count, tabs};
use crate::app::AppError;
use crate::app::delegation::{self as app, Handover, REASON_MAX};
use crate::domain::Refusal;
use crate::domain::delegation::{Delegation, Phase};
use crate::kernel::ids::{DelegationId, UserId};
use crate::kernel::paths;
use crate::store::{delegations, people};
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{Badge, Crumb, FieldView, FormView, Shell, Tabs, Tone, When};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

/// How many the page shows, the newest.
const MOST: i64 = 200;

/// The form as it is posted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    delegate: String,
    from: String,
    until: String,
    #[serde(default)]
    reason: String,
}

/// A delegation in a list.
#[derive(Clone, Debug)]
pub struct DelegationRow {
    pub id: String,
    pub who: String,
    pub state: Badge,
    pub from: When,
    pub until: When,
    pub reason: String,
    /// Where to end it, and the words of the button, if it is the person's own and not over.
    pub end: Option<(String, &'static str)>,
}

/// The page.
#[derive(Clone, Debug)]
pub struct DelegationView {
    pub tabs: Tabs,
    pub form: FormView,
    pub own: Vec<DelegationRow>,
    pub others: Vec<DelegationRow>,
}

/// The page.
#[derive(Template)]
#[template(path = "approver/delegation.html")]
pub struct DelegationPage<'a> {
    pub shell: &'a Shell,
    pub view: DelegationView,
}

impl DelegationRow {
    /// A row as this person reads it.
    pub fn of(d: &Delegation, me: UserId, name: String, eyes: Eyes) -> Self {
        let phase = d.phase(eyes.now);
        let (state, label, tone, icon) = match phase {
            Phase::Running => ("running", "Running", Tone::Success, "person-check"),
            Phase::Coming => ("coming", "Coming", Tone::Info, "calendar-event"),
            Phase::Over => ("over", "Over", Tone::Neutral, "clock-history"),
        };
        let words = if phase == Phase::Coming { "Take back" } else { "End now" };
        Self {
            id: d.id.to_string(),
            who: name,
            state: Badge::new(state, label, tone, Some(icon)),
            from: eyes.when(d.starts_at),
            until: eyes.when(d.end().max(d.starts_at)),
            reason: d.reason.clone(),
            end: (d.delegator == me && phase != Phase::Over).then(|| (paths::delegation_end(d.id), words)),
        }
    }
}

/// The form as it is shown.
pub fn form(raw: &Raw, csrf: &str, errors: &FormErrors, suggestions: &Suggestions) -> FormView {
    FormView::new(paths::DELEGATION, csrf, "Hand over")
        .field(
            pickers::one_field("delegate", "Who stands in for you", suggestions)
                .value(&raw.delegate)
                .error(errors.of("delegate"))
                .required(),
        )
        .field(
            FieldView::date("from", "First day")
                .value(&raw.from)
                .error(errors.of("from"))
                .hint("From the start of this day in your time zone, or from now if it is today.")
                .required(),
        )
        .field(
            FieldView::date("until", "Last day")
                .value(&raw.until)
                .error(errors.of("until"))
                .hint("To the end of this day. At most 90 days in all.")
                .required(),
        )
        .field(
            FieldView::text("reason", "Reason")
                .value(&raw.reason)
                .error(errors.of("reason"))
                .hint("They read it in their mail.")
                .maxlength(u32::try_from(REASON_MAX).unwrap_or(300)),
        )
        .checked(errors.form.clone())
}

async fn show_with(s: &Signed, raw: &Raw, errors: &FormErrors, status: StatusCode) -> Answer {
    let me = s.principal.user;
    let (all, names, suggestions) = s
        .read(move |conn| {
            let all = delegations::around(conn, me, MOST)?;
            let wanted = all.iter().flat_map(|d| [d.delegator, d.delegate]).collect();
            Ok((all, people::names(conn, &wanted)?, Suggestions::load(conn, Pick::People)?))
        })
        .await?;
    let eyes = Eyes { now: s.now(), tz: s.tz() };
    let rows = |own: bool| {
        let mut some: Vec<&Delegation> = all.iter().filter(|d| (d.delegator == me) == own).collect();
        some.sort_by_key(|d| d.phase(eyes.now));
        some.into_iter()
            .map(|d| {
                let other = if own { d.delegate } else { d.delegator };
                DelegationRow::of(d, me, names.get(&other).cloned().unwrap_or_default(), eyes)
            })
            .collect()
    };
    let shell = s.shell("While you are away", vec![Crumb::link("Approvals", "/approvals")]);
    let view = DelegationView {
        tabs: tabs(s, paths::DELEGATION, count(s)),
        form: form(raw, &shell.csrf, errors, &suggestions),
        own: rows(true),
        others: rows(false),
    };
    page_with(status, &DelegationPage { shell: &shell, view })
}

/// `GET /approvals/delegation`
pub async fn show(s: Signed) -> Answer {
    app::allowed(&s.principal)?;
    let today = s.now().with_timezone(&s.tz()).date_naive();
    let raw = Raw { from: today.to_string(), ..Raw::default() };
    show_with(&s, &raw, &FormErrors::new(), StatusCode::OK).await
}

fn day(errors: &mut FormErrors, field: &'static str, typed: &str) -> Option<NaiveDate> {
    errors
        .take(field, typed.trim().parse::<NaiveDate>().map_err(|_| "This is not a date. Example: 2027-03-01"))
}

/// Puts a refusal at the field that it is about.
fn errors_of(refusal: Refusal) -> FormErrors {
    let field = match &refusal {
        Refusal::DelegateSelf | Refusal::DelegateDisabled(_) | Refusal::DelegateGuest(_) => "delegate",
        Refusal::DelegationPeriod(text) if text.starts_with("The first day") => "from",
        Refusal::DelegationPeriod(_) => "until",
        Refusal::BadText(_) => "reason",
        _ => return refusal.into(),
    };
    let mut errors = FormErrors::new();
    errors.add(field, refusal.to_string());
    errors
}

/// `POST /approvals/delegation`
pub async fn create(s: Signed, Form(raw): Form<Raw>) -> Answer {
    app::allowed(&s.principal)?;
    let mut errors = FormErrors::new();
    let from = day(&mut errors, "from", &raw.from);
    let until = day(&mut errors, "until", &raw.until);
    if raw.delegate.trim().is_empty() {
        errors.add("delegate", "Name somebody who stands in for you.");
    }
    let (Some(from), Some(until), true) = (from, until, errors.is_empty()) else {
        return show_with(&s, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let (typed, reason, zone) = (raw.delegate.clone(), raw.reason.clone(), s.tz());
    let done = s
        .attempt(move |tx, cx, me| {
            let picked = pickers::resolve(tx, &[&typed], Pick::People)?;
            if let Some(unclear) = picked.error() {
                return Ok(Err(unclear.to_owned()));
            }
            let mut chosen = picked.users().into_iter();
            let (Some(delegate), None) = (chosen.next(), chosen.next()) else {
                return Ok(Err("Name one person.".to_owned()));
            };
            let wish = Handover { delegate, from, until, zone, reason: reason.clone() };
            app::create(tx, cx, me, &wish)?;
            Ok::<_, AppError>(Ok(people::name(tx, delegate)?))
        })
        .await?;
    match done {
        Ok(Ok(name)) => redirect_with(
            paths::DELEGATION,
            Flash::success(format!("{name} stands in for you during these days. They are told by mail.")),
        ),
        Ok(Err(unclear)) => {
            errors.add("delegate", unclear);
            show_with(&s, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(refusal) => show_with(&s, &raw, &errors_of(refusal), StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

/// `POST /approvals/delegation/{id}/end`
pub async fn end(s: Signed, id: Path<DelegationId>) -> Answer {
    let id = id.into_inner();
    let flash = match s.attempt(move |tx, cx, me| app::end(tx, cx, me, id)).await? {
        Ok(()) => Flash::success("It ended. Only you decide your approvals again."),
        Err(refusal) => Flash::info(refusal.to_string()),
    };
    redirect_with(paths::DELEGATION, flash)
}

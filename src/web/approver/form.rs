//! The form of a decision, in the portal and through an emailed link.

use chrono_tz::Tz;
use serde::Deserialize;

use super::days::{self, Chosen};
use super::matter::Eyes;
use crate::app::request::REASON_MAX;
use crate::domain::Refusal;
use crate::domain::approval::Verdict;
use crate::domain::policy::Quorum;
use crate::kernel::text;
use crate::store::views::matter::Matter;
use crate::web::FormErrors;
use crate::web::ui::{FieldView, FormView, OptionView};

/// What the form sends. Nothing is preselected, so an unchosen verdict sends nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub stage: String,
    #[serde(default)]
    pub verdict: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub start: String,
    #[serde(default)]
    pub end: String,
}

/// A decision as it can be tried.
#[derive(Debug, Clone)]
pub struct Choice {
    pub version: i64,
    pub stage: u8,
    pub verdict: Verdict,
    pub reason: String,
    pub code: String,
    /// Days instead of what was asked (SPEC APR-9).
    pub chosen: Chosen,
}

impl Raw {
    /// Reads the form. Whether a reason is needed is known here already, so that all mistakes show at once; the
    /// rule itself is asked again when it is decided.
    pub fn parse(&self, reason_required: bool, by_code: bool) -> Result<Choice, FormErrors> {
        let mut errors = FormErrors::new();
        let verdict = Verdict::parse(&self.verdict);
        if verdict.is_none() {
            errors.add("verdict", Refusal::NoChoice.to_string());
        }
        let reason = errors.take("reason", text::lines(&self.reason, REASON_MAX));
        if reason_required && reason.as_deref() == Some("") {
            errors.add("reason", Refusal::ReasonRequired.to_string());
        }
        if by_code && self.code.trim().is_empty() {
            errors.add("code", "Enter the code from the mail. If you have none, ask for one above.");
        }
        // Days are for approving; beside a denial they mean nothing.
        let mut day = |name: &str, text: &str| match verdict {
            Some(Verdict::Deny) => None,
            _ => errors.take(name, days::typed(text)).flatten(),
        };
        let chosen = Chosen { start: day("start", &self.start), end: day("end", &self.end) };
        match (errors.is_empty(), verdict, reason) {
            (true, Some(verdict), Some(reason)) => Ok(Choice {
                // What is not a number is a version that the request never has: it changed since the page was made.
                version: self.version.parse().unwrap_or(-1),
                stage: self.stage.parse().unwrap_or(0),
                verdict,
                reason,
                code: self.code.clone(),
                chosen,
            }),
            _ => Err(errors),
        }
    }

    /// What to show again when the request changed in between: the words stay, the choice is asked for again.
    pub fn without_choice(&self) -> Self {
        Self { verdict: String::new(), code: String::new(), ..self.clone() }
    }
}

/// The form as it is shown.
pub fn view(
    matter: &Matter,
    action: String,
    csrf: &str,
    raw: &Raw,
    errors: &FormErrors,
    by_code: bool,
    eyes: Eyes,
    zone: Tz,
) -> FormView {
    let plan = matter.plan(matter.request.stage);
    let reason_required = plan.is_some_and(|p| p.reason_required);
    let last = matter.request.stage >= matter.request.stages;
    let alone = plan.is_none_or(|p| p.quorum == Quorum::AnyOne);
    let approve = match (alone, last) {
        (false, _) => "Your approval counts; others are asked too.",
        (true, true) => "The access is given.",
        (true, false) => "The request goes on to the next stage.",
    };
    let verdict = FieldView::radios(
        "verdict",
        "Your decision",
        vec![
            OptionView::new("approve", "Approve").hint(approve),
            OptionView::new("deny", "Deny").hint("The request ends. One denial is enough."),
        ],
    )
    .value(&raw.verdict)
    .error(errors.of("verdict"))
    .required();
    let mut reason = FieldView::textarea("reason", "Reason")
        .value(&raw.reason)
        .hint(format!("{} can read this.", matter.subject.name))
        .error(errors.of("reason"))
        .maxlength(u32::try_from(REASON_MAX).unwrap_or(4000))
        .rows(3);
    if let Some(asker) = matter.asked_by.as_ref().filter(|a| a.id != matter.subject.id) {
        reason = reason.hint(format!("{} and {} can read this.", asker.name, matter.subject.name));
    }
    if reason_required {
        reason = reason.required();
    }
    let mut form = FormView::new(action, csrf, "Send decision")
        .field(FieldView::hidden("version", matter.request.version.to_string()))
        .field(FieldView::hidden("stage", matter.request.stage.to_string()));
    if by_code {
        form = form.field(
            FieldView::text("code", "Code from the mail")
                .hint("8 digits, good for 10 minutes.")
                .error(errors.of("code"))
                .inputmode("numeric")
                .autocomplete("one-time-code")
                .maxlength(16)
                .narrow()
                .required(),
        );
    }
    form = form.field(verdict).field(reason);
    let days = days::fields(matter, eyes, zone, (&raw.start, &raw.end), errors);
    if !days.is_empty() {
        let text = "Days count in your time zone. The people who asked are told what was asked for and what you allow.";
        form = form.fold("Approve for a shorter time, or from a later day", Some(text));
    }
    for field in days {
        form = form.field(field);
    }
    form.checked(errors.form.clone())
}

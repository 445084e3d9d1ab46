//! Texts that an administrator put in place of the portal's own (SPEC NOT-6), filled in.

use std::collections::BTreeMap;

use super::facts::{Approval, Facts, Portal, Recipient, Request};
use super::letter::{Letter, clean};
use super::time::{day, exact, hour};
use crate::domain::approval::Verdict;
use crate::domain::fulfilment::TaskAction;
use crate::domain::notice_text::{TextProblem, Texts, fill};
use crate::kernel::text;

/// What the placeholders of these facts become.
pub(super) type Values = BTreeMap<&'static str, String>;

/// More than any name and date can make of a subject.
const SUBJECT_MAX: usize = 900;

impl Letter {
    /// The letter with these texts. The facts, the button and what protects the reader stay as they are.
    pub(super) fn with(mut self, texts: &Texts, values: &Values) -> Result<Self, TextProblem> {
        let filled = |text: &str| fill(text, |name| values.get(name).cloned());
        let line = |text: &str| -> Result<String, TextProblem> {
            Ok(text::line(&clean(&filled(text)?).replace('\n', " "), SUBJECT_MAX)?)
        };
        let paragraphs = |text: &str| -> Result<Vec<String>, TextProblem> {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(|line| Ok(clean(&filled(line)?))).collect()
        };
        if !texts.subject.is_empty() {
            self.subject = line(&texts.subject)?;
        }
        if !texts.heading.is_empty() {
            self.heading = line(&texts.heading)?;
        }
        if !texts.opening.is_empty() {
            self.opening = paragraphs(&texts.opening)?;
        }
        if !texts.closing.is_empty() {
            self.closing = paragraphs(&texts.closing)?;
        }
        Ok(self)
    }
}

/// What the placeholders become: the names that `domain::notice_text` lists for the kind of these facts.
pub(super) fn values(facts: &Facts, to: &Recipient, portal: &Portal) -> Values {
    let zone = to.zone;
    let mut v = Values::from([("name", to.name.clone()), ("portal", portal.name.clone())]);
    match facts {
        Facts::ApprovalRequested(a) | Facts::ApprovalReminder(a) | Facts::ApprovalForwarded(a) => {
            let Approval { request: r, stage, due, .. } = a;
            request(&mut v, r);
            v.insert("due", exact(*due, zone));
            v.insert("due_day", day(*due, zone));
            v.insert("stage", stage.to_string());
        }
        Facts::StageExpired { request: r, stage, at } => {
            request(&mut v, r);
            v.insert("stage", stage.to_string());
            v.insert("ended", exact(*at, zone));
        }
        Facts::StageApproved { request: r, stage, .. } => {
            request(&mut v, r);
            v.insert("stage", stage.to_string());
        }
        Facts::RequestApproved { request: r, .. }
        | Facts::RequestDenied { request: r, .. }
        | Facts::RequestedForYou { request: r, .. } => {
            request(&mut v, r);
        }
        Facts::RequestExpired { request: r, at } => {
            request(&mut v, r);
            v.insert("ended", exact(*at, zone));
        }
        Facts::AccessDelivered { access, .. } | Facts::EndChanged { access, .. } => {
            v.insert("package", access.package.clone());
            let ends =
                access.ends_at.map_or_else(|| "it does not end by itself".into(), |at| exact(at, zone));
            v.insert("until", ends);
        }
        Facts::ExtensionReminder { access, ends_at } => {
            v.insert("package", access.package.clone());
            v.insert("until", exact(*ends_at, zone));
        }
        Facts::AccessEnded { access, .. } => {
            v.insert("package", access.package.clone());
            v.insert("ended", access.ends_at.map(|at| exact(at, zone)).unwrap_or_default());
        }
        Facts::BulkResult(r) => {
            v.insert("package", r.package.clone());
        }
        Facts::DecisionConfirmed { request: r, verdict, .. } => {
            request(&mut v, r);
            let did = if *verdict == Verdict::Approve { "approved" } else { "denied" };
            v.insert("decision", did.to_owned());
        }
        Facts::DecisionCode { until, .. } => {
            v.insert("until", hour(*until, zone));
        }
        Facts::Invitation { until, .. } | Facts::PasswordReset { until, .. } => {
            v.insert("until", exact(*until, zone));
        }
        Facts::ApprovalDelegated { by, from, until, .. } => {
            v.insert("absent", by.clone());
            v.insert("from", exact(*from, zone));
            v.insert("until", exact(*until, zone));
        }
        Facts::DelegationEnded { by, .. } => {
            v.insert("absent", by.clone());
        }
        Facts::CommentAdded { request: r, by, .. } | Facts::ChangesRequested { request: r, by, .. } => {
            request(&mut v, r);
            v.insert("writer", by.clone());
        }
        Facts::DeliveryFailed { package, person, role, .. } => {
            v.insert("package", package.clone());
            v.insert("person", person.clone());
            v.insert("role", role.clone());
        }
        Facts::FulfilmentTask { task } | Facts::FulfilmentReminder { task, .. } => {
            v.insert("person", task.person.clone());
            v.insert("resource", task.resource.clone());
            v.insert("role", task.role.clone());
            v.insert("due", exact(task.due, zone));
            let act = match task.action {
                TaskAction::Grant => "Give",
                TaskAction::Revoke => "Take back",
            };
            v.insert("act", act.to_owned());
        }
        Facts::DailyDigest { day, .. } => {
            v.insert("day", day.format("%-d %B %Y").to_string());
        }
    }
    v
}

fn request(v: &mut Values, r: &Request) {
    v.insert("person", r.person.clone());
    v.insert("asker", r.asked_by.clone().unwrap_or_else(|| r.person.clone()));
    v.insert("package", r.package.clone());
    v.insert("catalog", r.catalog.clone());
}

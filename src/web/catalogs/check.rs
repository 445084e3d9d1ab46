//! Checking a person against a package (SPEC REQ-1, POL-3): what stands in the way, which policy would be used, and
//! who would approve at each stage right now. For whoever sees the package's configuration; nothing is changed.

use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{PackageHead, me};
use crate::app::AppError;
use crate::app::request::gate_facts;
use crate::domain::access::CatalogTask;
use crate::domain::approval::{Circle, deciders};
use crate::domain::explain::{self, Admission};
use crate::domain::request::checks;
use crate::kernel::ids::{PackageId, UserId};
use crate::kernel::paths;
use crate::store::approvers::{self, Question};
use crate::store::policies::PolicyRow;
use crate::store::{Conn, StoreError, notice_facts, people, policies};
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{Badge, FieldView, PersonView, Shell, Tone};
use crate::web::{Answer, Query, Signed, page};

/// Whom to check.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    person: String,
}

/// A check with its result.
#[derive(Debug, Clone)]
struct CheckView {
    label: &'static str,
    failed: Option<String>,
}

/// A policy and what it means for the person.
#[derive(Debug, Clone)]
struct PolicyView {
    id: String,
    name: String,
    href: String,
    badge: Badge,
    text: String,
    stages: Vec<String>,
}

/// What was found out about a person.
#[derive(Debug, Clone)]
struct FoundView {
    person: PersonView,
    can_request: bool,
    checks: Vec<CheckView>,
    policies: Vec<PolicyView>,
}

struct View {
    base: String,
    field: FieldView,
    found: Option<FoundView>,
}

#[derive(Template)]
#[template(path = "catalogs/check.html")]
struct CheckPage<'a> {
    shell: &'a Shell,
    view: View,
}

/// Who would decide each stage right now, a line each.
fn stages(
    conn: &mut Conn,
    now: crate::kernel::Moment,
    package: PackageId,
    user: UserId,
    policy: &PolicyRow,
) -> Result<Vec<String>, StoreError> {
    let questions: Vec<Question<'_>> = policy
        .terms
        .stages
        .iter()
        .map(|stage| Question { stage, subject: user, requestor: Some(user), package, escalated: false })
        .collect();
    let mut lines = Vec::new();
    for (number, facts) in (1..).zip(approvers::facts_of(conn, now, &questions)?) {
        let found = deciders(&facts);
        let names: Vec<String> = people::names(conn, &found.everybody())?.into_values().collect();
        let who = match names.len() {
            0 => "nobody".to_owned(),
            1..=8 => names.join(", "),
            n => format!("{n} people"),
        };
        let why = match found.circle {
            Circle::Named => "",
            Circle::Fallback => " (the fallback: none of the named approvers can act)",
            Circle::CatalogOwners => " (the catalog’s owners: none of the named approvers can act)",
            Circle::Administrators => " (the administrators: nobody else can act)",
        };
        lines.push(format!("Stage {number}: {who}{why}"));
    }
    Ok(lines)
}

fn look(
    conn: &mut Conn,
    now: crate::kernel::Moment,
    package: PackageId,
    user: UserId,
) -> Result<FoundView, AppError> {
    let person = people::person(conn, user)?.ok_or(AppError::NotFound)?;
    let card = notice_facts::card(conn, user)?.ok_or(AppError::NotFound)?;
    let found = checks(&gate_facts(conn, &person, package, now)?);
    let all = policies::of_package(conn, package)?;
    let scopes: Vec<_> = all.iter().map(|p| (&p.terms.scope, p.enabled)).collect();
    let admissions = explain::admissions(&scopes, &person);
    let base = paths::manage_package_tab(package, "policies");
    let mut views = Vec::new();
    for (policy, admission) in all.iter().zip(admissions) {
        let (badge, text) = match admission {
            Admission::Counts => (
                Badge::new("counts", "Would be used", Tone::Success, Some("check-circle")),
                if policy.terms.stages.is_empty() {
                    "Admits this person. No approval is needed.".to_owned()
                } else {
                    "Admits this person. If they asked now, these people could decide:".to_owned()
                },
            ),
            Admission::StricterFirst => (
                Badge::new("stricterFirst", "Stricter one first", Tone::Neutral, Some("dash-circle")),
                "Admits this person, but a policy of a stricter kind comes first.".to_owned(),
            ),
            Admission::NotFor => (
                Badge::new("notFor", "Does not admit", Tone::Neutral, Some("x-circle")),
                explain::not_for_them(policy.terms.scope.kind()).to_owned(),
            ),
            Admission::Off => (
                Badge::new("off", "Switched off", Tone::Neutral, Some("pause-circle")),
                "Takes no new requests.".to_owned(),
            ),
        };
        let counts = admission == Admission::Counts;
        views.push(PolicyView {
            id: policy.id.to_string(),
            name: policy.name.clone(),
            href: format!("{base}/{}", policy.id),
            badge,
            text,
            stages: if counts { stages(conn, now, package, user, policy)? } else { Vec::new() },
        });
    }
    Ok(FoundView {
        person: PersonView::new(&card.name, &card.address),
        can_request: found.iter().all(|c| c.failed.is_none()),
        checks: found
            .iter()
            .map(|c| CheckView {
                label: explain::label_about(c),
                failed: c.failed.as_ref().map(explain::failed_about),
            })
            .collect(),
        policies: views,
    })
}

/// `GET /manage/packages/{id}/check?person=…`
pub async fn show(s: Signed, id: Path<PackageId>, asked: Query<Asked>) -> Answer {
    let (id, who, now, typed) = (id.into_inner(), me(&s), s.now(), asked.0.person);
    let (head, suggestions, error, found, typed) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::See, id)?;
            let suggestions = Suggestions::load(conn, Pick::People)?;
            let picked = pickers::resolve(conn, &[typed.as_str()], Pick::People)?;
            let found = match picked.users().first() {
                Some(user) => Some(look(conn, now, id, *user)?),
                None => None,
            };
            let error = picked.error().map(str::to_owned);
            Ok((head, suggestions, error, found, typed))
        })
        .await?;
    let field = pickers::one_field("person", "Whom do you want to check?", &suggestions)
        .value(typed)
        .error(error)
        .required();
    let base = paths::manage_package_tab(id, "check");
    let shell = s.shell("Check a person", head.way_below());
    page(&CheckPage { shell: &shell, view: View { base, field, found } })
}

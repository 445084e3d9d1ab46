//! Comparing two versions of a policy, line by line (SPEC POL-4).

use std::collections::BTreeMap;

use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{PackageHead, me};
use super::policies::{Change, changes, of_package};
use super::words::{self, Names};
use crate::domain::access::CatalogTask;
use crate::domain::policy::{Scope, Terms};
use crate::domain::question::QuestionKind;
use crate::kernel::ids::{OrganizationId, PackageId, PolicyId};
use crate::kernel::paths;
use crate::store::organizations;
use crate::store::views::managed;
use crate::web::ui::{Crumb, FieldView, OptionView, Shell, When};
use crate::web::{Answer, PageError, Query, Signed, page};

/// Which two.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    to: String,
}

/// A line that differs.
struct LineView {
    label: String,
    /// `Added`, `Removed`, `Changed`: not by colour alone.
    word: &'static str,
    before: String,
    after: String,
}

/// A version in a heading.
struct VersionView {
    number: i32,
    by: String,
    at: When,
}

struct View {
    base: String,
    from: FieldView,
    to: FieldView,
    old: VersionView,
    new: VersionView,
    lines: Vec<LineView>,
    same: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "catalogs/compare.html")]
struct ComparePage<'a> {
    shell: &'a Shell,
    view: View,
}

/// The names of connected organizations.
type Outside = BTreeMap<OrganizationId, String>;

fn yes_no(yes: bool) -> String {
    if yes { "Yes" } else { "No" }.to_owned()
}

/// Everything that the terms say: what the policy's page says, and what is too long for it.
fn lines(terms: &Terms, names: &Names, outside: &Outside) -> Vec<(String, String)> {
    let mut all = words::lines(terms, names);
    let mut add = |label: &str, text: String| {
        if all.iter().all(|(l, _)| l != label) {
            all.push((label.to_owned(), text));
        }
    };
    if let Scope::Organizations { organizations } = &terms.scope {
        let name = |id| outside.get(id).map_or("a deleted organization", String::as_str);
        add("Organizations", organizations.iter().map(name).collect::<Vec<_>>().join(", "));
    }
    if let Scope::Automatic { rule, grace_days, .. } = &terms.scope {
        add("Rule", rule.clone());
        add("Grace period", format!("{grace_days} days"));
    }
    add("Requestor chooses dates", yes_no(terms.custom_timeline));
    add("Managers ask for their reports", yes_no(terms.on_behalf));
    for (number, question) in (1..).zip(&terms.questions) {
        let kind = match question.kind {
            QuestionKind::ShortText => "one line of text",
            QuestionKind::LongText => "several lines of text",
            QuestionKind::SingleChoice => "one of the choices",
            QuestionKind::MultipleChoice => "any of the choices",
        };
        let mut text = format!("{} ({kind}", question.text);
        text.push_str(if question.required { "; required" } else { "; optional" });
        if question.editable_later {
            text.push_str("; can be changed later");
        }
        text.push(')');
        if !question.choices.is_empty() {
            let labels: Vec<&str> = question.choices.iter().map(|c| c.label.as_str()).collect();
            text.push_str(&format!(": {}", labels.join(", ")));
        }
        add(&format!("Question {number}"), text);
    }
    all
}

/// `GET /manage/packages/{id}/policies/{policy}/compare?from=3&to=5`
pub async fn show(s: Signed, path: Path<(PackageId, PolicyId)>, asked: Query<Asked>) -> Answer {
    let ((id, policy), who) = (path.into_inner(), me(&s));
    let (head, policy, versions, names, outside) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::See, id)?;
            let policy = of_package(conn, id, policy)?;
            let versions = managed::versions(conn, policy.id)?;
            let names = Names::load(conn, versions.iter().map(|v| &v.terms))?;
            let mentioned = versions.iter().filter_map(|v| match &v.terms.scope {
                Scope::Organizations { organizations } => Some(organizations),
                _ => None,
            });
            let outside = organizations::names(conn, &mentioned.flatten().copied().collect())?;
            Ok((head, policy, versions, names, outside))
        })
        .await?;
    // Without a choice, or with one that there is not: the newest against the one before.
    let newest = policy.current_version;
    let known = |typed: &str, else_: i32| {
        let number = typed.parse::<i32>().ok().filter(|n| versions.iter().any(|v| v.number == *n));
        number.unwrap_or(else_)
    };
    let (from, to) = (known(&asked.from, (newest - 1).max(1)), known(&asked.to, newest));
    let find = |number: i32| versions.iter().find(|v| v.number == number).ok_or(PageError::NotFound);
    let (old, new) = (find(from)?, find(to)?);
    let (before, after) = (lines(&old.terms, &names, &outside), lines(&new.terms, &names, &outside));
    let differ = changes(&before, &after);
    let same = after.iter().filter(|(l, _)| differ.iter().all(|c| c.label != *l)).cloned().collect();
    let version = |v: &managed::VersionRow| VersionView {
        number: v.number,
        by: v.by.clone().unwrap_or_else(|| "the system".to_owned()),
        at: When::new(*v.at, *s.now(), s.tz()),
    };
    let select = |name: &str, label: &str, chosen: i32| {
        let option =
            |v: &managed::VersionRow| OptionView::new(v.number.to_string(), format!("Version {}", v.number));
        FieldView::select(name, label, versions.iter().map(option).collect())
            .value(chosen.to_string())
            .required()
    };
    let base = format!("{}/{}", paths::manage_package_tab(id, "policies"), policy.id);
    let view = View {
        from: select("from", "From", from),
        to: select("to", "To", to),
        old: version(old),
        new: version(new),
        lines: differ
            .into_iter()
            .map(|Change { label, before, after }| LineView {
                word: match (before.is_empty(), after.is_empty()) {
                    (true, _) => "Added",
                    (_, true) => "Removed",
                    _ => "Changed",
                },
                label,
                before,
                after,
            })
            .collect(),
        same,
        base: format!("{base}/compare"),
    };
    let mut way = head.way_below();
    way.push(Crumb::link("Policies", paths::manage_package_tab(id, "policies")));
    way.push(Crumb::link(&policy.fields.name, base));
    let shell = s.shell("Compare versions", way);
    page(&ComparePage { shell: &shell, view })
}

//! The policies of a package: list, one with its versions, on and off, delete (SPEC POL-2, POL-4, PKG-4).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::catalog::RawVersion;
use super::common::{ConfirmPage, ConfirmPageView, PackageHead, me, version_of};
use super::package::{people_in_the_way, switch_badge};
use super::words::{self, Names};
use crate::app::AppError;
use crate::app::catalog::lifecycle;
use crate::app::catalog::policies as cases;
use crate::app::rules;
use crate::domain::Refusal;
use crate::domain::access::CatalogTask;
use crate::domain::following::Target;
use crate::domain::package::Policy;
use crate::kernel::ids::{PackageId, PolicyId};
use crate::kernel::paths;
use crate::store::packages::InTheWayOf;
use crate::store::views::managed;
use crate::store::{Conn, packages, policies};
use crate::web::rules::{RuleBanner, banner};
use crate::web::ui::{Badge, ConfirmView, Crumb, Empty, FieldView, FormView, Shell, Tabs, When};
use crate::web::{Answer, Flash, Form, PageError, Signed, page, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/policies.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    view: ListView,
}

struct ListView {
    tabs: Tabs,
    base: String,
    can_edit: bool,
    /// Where somebody can try a rule (SPEC AUT-2).
    try_rule: Option<String>,
    rows: Vec<Row>,
    empty: Option<Empty>,
}

struct Row {
    id: String,
    name: String,
    href: String,
    description: String,
    text: String,
    enabled: Badge,
    version: i32,
    assignments: i64,
}

/// The policy of this package, or *not found*.
pub fn of_package(conn: &mut Conn, package: PackageId, id: PolicyId) -> Result<Policy, AppError> {
    policies::find(conn, id)?.filter(|policy| policy.package == package).ok_or(AppError::NotFound)
}

/// `GET /manage/packages/{id}/policies`
pub async fn list(s: Signed, id: Path<PackageId>) -> Answer {
    let (id, who) = (id.into_inner(), me(&s));
    let (head, all, held) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::See, id)?;
            let all = policies::of_package(conn, id)?;
            Ok((head, all, managed::held_by_policy(conn, id)?))
        })
        .await?;
    let base = paths::manage_package_tab(id, "policies");
    let can_edit = s.principal.may_in(CatalogTask::Packages, head.catalog.id);
    let view = ListView {
        tabs: head.tabs("policies"),
        try_rule: s
            .principal
            .may_in(CatalogTask::Assignments, head.catalog.id)
            .then(|| super::rule_preview::live(head.catalog.id, Some(id), None)),
        can_edit,
        empty: all.is_empty().then(|| {
            let text = "Without a policy nobody can request this package or be assigned to it.";
            let empty = Empty::new("sliders", "No policies yet", text);
            if can_edit { empty.action("New policy", format!("{base}/new")) } else { empty }
        }),
        rows: all
            .into_iter()
            .map(|p| Row {
                id: p.id.to_string(),
                href: format!("{base}/{}", p.id),
                text: words::in_short(&p.terms),
                enabled: switch_badge(p.enabled),
                version: p.current_version,
                assignments: held.get(&p.id).copied().unwrap_or(0),
                name: p.name,
                description: p.description,
            })
            .collect(),
        base,
    };
    let shell = s.shell(&head.package.name, head.way());
    page(&ListPage { shell: &shell, view })
}

#[derive(Template)]
#[template(path = "catalogs/policy.html")]
struct PolicyPage<'a> {
    shell: &'a Shell,
    view: PolicyView,
}

struct PolicyView {
    /// How its rule stands.
    rule: Option<RuleBanner>,
    description: String,
    enabled: bool,
    badge: Badge,
    number: i32,
    version: i64,
    lines: Vec<(String, String)>,
    versions: Vec<VersionView>,
    base: String,
    can_edit: bool,
    /// How many people would end at another time by this version.
    affected: usize,
}

struct VersionView {
    number: i32,
    by: String,
    at: When,
    changes: Vec<Change>,
}

pub(super) struct Change {
    pub(super) label: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// What differs between two versions, line by line (SPEC POL-4).
pub(super) fn changes(before: &[(String, String)], after: &[(String, String)]) -> Vec<Change> {
    let of = |lines: &[(String, String)], label: &str| {
        lines.iter().find(|(l, _)| l == label).map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let mut labels: Vec<&String> = after.iter().map(|(l, _)| l).collect();
    for (label, _) in before {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
        .into_iter()
        .map(|label| Change { label: label.clone(), before: of(before, label), after: of(after, label) })
        .filter(|change| change.before != change.after)
        .collect()
}

/// `GET /manage/packages/{id}/policies/{policy}`
pub async fn show(s: Signed, path: Path<(PackageId, PolicyId)>) -> Answer {
    let ((id, policy), who) = (path.into_inner(), me(&s));
    let cx = s.cx();
    let (head, policy, versions, names, standing, affected) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::See, id)?;
            let policy = of_package(conn, id, policy)?;
            let versions = managed::versions(conn, policy.id)?;
            let names = Names::load(conn, versions.iter().map(|v| &v.terms))?;
            let standing = rules::standing(conn, Target::Policy(policy.id))?;
            let affected = lifecycle::affected(conn, &cx, policy.id)?.len();
            Ok((head, policy, versions, names, standing, affected))
        })
        .await?;
    let base = format!("{}/{}", paths::manage_package_tab(id, "policies"), policy.id);
    let texts: Vec<Vec<(String, String)>> = versions.iter().map(|v| words::lines(&v.terms, &names)).collect();
    let view = PolicyView {
        rule: banner(standing, format!("{base}/rule")),
        description: policy.fields.description.clone(),
        enabled: policy.enabled,
        badge: switch_badge(policy.enabled),
        number: policy.current_version,
        version: policy.version,
        lines: texts.first().cloned().unwrap_or_default(),
        versions: versions
            .iter()
            .enumerate()
            .map(|(index, v)| VersionView {
                number: v.number,
                by: v.by.clone().unwrap_or_else(|| "the system".to_owned()),
                at: When::new(*v.at, *s.now(), s.tz()),
                changes: match (texts.get(index + 1), texts.get(index)) {
                    (Some(before), Some(after)) => changes(before, after),
                    _ => Vec::new(),
                },
            })
            .collect(),
        base,
        can_edit: s.principal.may_in(CatalogTask::Packages, head.catalog.id),
        affected,
    };
    let mut way = head.way_below();
    way.push(Crumb::link("Policies", paths::manage_package_tab(id, "policies")));
    let shell = s.shell(&policy.fields.name, way);
    page(&PolicyPage { shell: &shell, view })
}

/// On or off.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawState {
    state: String,
    version: String,
}

/// `POST /manage/packages/{id}/policies/{policy}/state`
pub async fn set_enabled(s: Signed, path: Path<(PackageId, PolicyId)>, Form(raw): Form<RawState>) -> Answer {
    let (id, policy) = path.into_inner();
    let version = version_of(&raw.version)?;
    let enabled = match raw.state.as_str() {
        "enabled" => true,
        "disabled" => false,
        _ => return Err(PageError::BadRequest("no such state".to_owned())),
    };
    s.write(move |tx, cx, me| {
        of_package(tx, id, policy)?;
        cases::set_enabled(tx, cx, me, policy, version, enabled)
    })
    .await?;
    let words = if enabled {
        "Policy switched on: it takes new requests."
    } else {
        "Policy switched off: nothing new through it. Existing access goes on."
    };
    let to = format!("{}/{policy}", paths::manage_package_tab(id, "policies"));
    redirect_with(to, Flash::success(words))
}

/// `POST /manage/packages/{id}/policies/{policy}/apply`: leads to who would end when; nothing is changed yet (SPEC
/// LIF-3).
pub async fn apply(s: Signed, path: Path<(PackageId, PolicyId)>, Form(raw): Form<RawVersion>) -> Answer {
    let (id, policy) = path.into_inner();
    let version = version_of(&raw.version)?;
    preview(&s, id, policy, version, None).await
}

/// Drafts the work that applies the lifecycle to live access, and leads to it.
pub(super) async fn preview(
    s: &Signed,
    id: PackageId,
    policy: PolicyId,
    version: i64,
    saved: Option<&'static str>,
) -> Answer {
    let drafted = s
        .attempt(move |tx, cx, me| {
            of_package(tx, id, policy)?;
            lifecycle::draft(tx, cx, me, policy, version)
        })
        .await?;
    let back = format!("{}/{policy}", paths::manage_package_tab(id, "policies"));
    match drafted {
        Ok(work) => {
            let words =
                "Look at who would end when. Nothing about their access is changed before you confirm.";
            redirect_with(paths::bulk(id, work), Flash::info(words))
        }
        Err(Refusal::NothingToDo) => {
            let words =
                saved.unwrap_or("All live access ends as this policy says, or as somebody decided for it.");
            redirect_with(back, Flash::success(words))
        }
        Err(refusal) => redirect_with(back, Flash::warning(refusal.to_string())),
    }
}

/// `GET /manage/packages/{id}/policies/{policy}/delete`
pub async fn ask_delete(s: Signed, path: Path<(PackageId, PolicyId)>) -> Answer {
    let (id, policy) = path.into_inner();
    delete_page(&s, id, policy, None, StatusCode::OK).await
}

async fn delete_page(
    s: &Signed,
    id: PackageId,
    policy: PolicyId,
    refused: Option<Refusal>,
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let of = InTheWayOf::Policy(policy);
    let (head, policy, holding, asking) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::Packages, id)?;
            let policy = of_package(conn, id, policy)?;
            let holding = packages::holders(conn, of)?;
            Ok((head, policy, holding, packages::askers(conn, of)?))
        })
        .await?;
    let base = format!("{}/{}", paths::manage_package_tab(id, "policies"), policy.id);
    let mut way = head.way_below();
    way.push(Crumb::link("Policies", paths::manage_package_tab(id, "policies")));
    way.push(Crumb::link(&policy.fields.name, &base));
    let shell = s.shell("Delete policy", way);
    let name = &policy.fields.name;
    let view = if holding.is_empty() && asking.is_empty() {
        let form = FormView::new(format!("{base}/delete"), &shell.csrf, "Delete policy")
            .field(FieldView::hidden("version", policy.version.to_string()))
            .danger()
            .cancel(&base)
            .checked(refused.map(|r| r.to_string()));
        let lines = vec![
            "Nobody can request the package through it any more.".to_owned(),
            "Past requests keep showing it as it was.".to_owned(),
        ];
        ConfirmPageView::ask(ConfirmView::new(format!("Delete the policy {name}?"), lines, form), base)
    } else {
        ConfirmPageView::blocked(
            format!(
                "{name} cannot be deleted while it governs somebody’s access or request. You can switch it off instead, which stops new requests."
            ),
            people_in_the_way(s, &holding, &asking),
            base,
        )
    };
    page_with(status, &ConfirmPage { shell: &shell, view })
}

/// `POST /manage/packages/{id}/policies/{policy}/delete`
pub async fn delete(s: Signed, path: Path<(PackageId, PolicyId)>, Form(raw): Form<RawVersion>) -> Answer {
    let (id, policy) = path.into_inner();
    let version = version_of(&raw.version)?;
    let done = s
        .attempt(move |tx, cx, me| {
            of_package(tx, id, policy)?;
            cases::delete(tx, cx, me, policy, version)
        })
        .await?;
    match done {
        Ok(()) => redirect_with(paths::manage_package_tab(id, "policies"), Flash::success("Policy deleted.")),
        Err(refusal) => delete_page(&s, id, policy, Some(refusal), StatusCode::CONFLICT).await,
    }
}

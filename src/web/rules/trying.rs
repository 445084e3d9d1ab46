//! Trying a rule without saving it (SPEC AUT-2): open to owners, package managers and assignment managers of a
//! catalog. The same address answers a script with the preview alone.

use actix_web::HttpRequest;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::{PreviewView, RuleExtra, field, said};
use crate::app::AppError;
use crate::app::rules::{Part, Tried, preview};
use crate::domain::access::{CatalogTask, DirectoryRole, check_in};
use crate::domain::following::Limits;
use crate::domain::rule::Rule;
use crate::kernel::ids::{CatalogId, PackageId, PolicyId};
use crate::kernel::paths;
use crate::store::{catalogs, packages};
use crate::web::address::Address;
use crate::web::ui::{Crumb, FieldView, Shell};
use crate::web::{Answer, Query, Signed, page};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    rule: String,
    package: String,
    policy: String,
    part: String,
    q: String,
}

#[derive(Template)]
#[template(path = "rules/try.html")]
struct TryPage<'a> {
    shell: &'a Shell,
    view: TryView,
}

struct TryView {
    action: String,
    rule: FieldView,
    extra: RuleExtra,
    preview: Option<PreviewView>,
    package: String,
    policy: String,
    part: String,
    q: String,
    about: Option<String>,
}

/// `GET /catalogs/{id}/rules?rule=…&package=…&policy=…&part=…&q=…`
pub async fn page_of_catalog(
    s: Signed,
    id: Path<CatalogId>,
    asked: Query<Asked>,
    http: HttpRequest,
) -> Answer {
    let (id, asked) = (id.into_inner(), asked.0);
    let (who, wanted) = (s.principal.clone(), asked.clone());
    let (catalog, about, preview) = s
        .read(move |conn| {
            // Auditors read everything; readers of the catalog see what is, not what would be.
            if !who.is(DirectoryRole::Auditor) {
                check_in(&who, CatalogTask::Assignments, id)?;
            }
            let catalog = catalogs::find(conn, id)?.ok_or(AppError::NotFound)?;
            let package: Option<PackageId> = wanted.package.parse().ok();
            let package = match package {
                // A package of another catalog is none of theirs.
                Some(package) => packages::find(conn, package)?.filter(|p| p.catalog == id),
                None => None,
            };
            let policy: Option<PolicyId> = wanted.policy.parse().ok();
            let tried = Tried::Policy(package.as_ref().map(|p| p.id), policy.filter(|_| package.is_some()));
            let about = package.map(|p| p.name);
            if wanted.rule.trim().is_empty() {
                return Ok((catalog, about, None));
            }
            let part = Part::parse(&wanted.part).unwrap_or(Part::Matching);
            let read = Rule::parse(&wanted.rule);
            let seen = match &read {
                Ok(rule) => {
                    let seen = preview(conn, rule, tried, Limits::default(), part, &wanted.q)?;
                    let base = paths::catalog_tab(id, "rules");
                    let (policy, package) = (&wanted.policy, &wanted.package);
                    PreviewView::of(rule, &seen, part, |part| {
                        Address::new(base.clone())
                            .with("rule", &wanted.rule)
                            .with("package", package)
                            .with("policy", policy)
                            .with("part", part.as_str())
                            .to_string()
                    })
                }
                Err(problem) => PreviewView::wrong(problem, &wanted.rule),
            };
            Ok((catalog, about, Some(seen)))
        })
        .await?;
    if http.headers().contains_key("hx-request") {
        return match preview {
            Some(view) => page(&view),
            None => page(&Nothing {}),
        };
    }
    let shell = s.shell(
        "Try a rule",
        vec![Crumb::link("Catalogs", "/catalogs"), Crumb::link(&catalog.fields.name, paths::catalog(id))],
    );
    let problem = Rule::parse(&asked.rule).err().filter(|_| !asked.rule.trim().is_empty());
    let error = problem.map(|p| said(&p, &asked.rule));
    let base = paths::catalog_tab(id, "rules");
    let view = TryView {
        rule: field(&asked.rule, error.clone()).required(),
        extra: RuleExtra::new(&asked.rule, error.is_some()),
        preview: preview.filter(|p| p.problem.is_none()),
        action: base,
        package: asked.package,
        policy: asked.policy,
        part: asked.part,
        q: asked.q,
        about,
    };
    page(&TryPage { shell: &shell, view })
}

/// Nothing was typed yet.
#[derive(Template)]
#[template(source = "<p class=\"lk-muted\">Write a rule to see who matches.</p>", ext = "html")]
struct Nothing {}

//! What the rule of a draft would do (SPEC AUT-2).

use super::draft::Draft;
use crate::app::AppError;
use crate::app::rules::{Part, Tried, preview};
use crate::domain::following::Limits;
use crate::domain::rule::Rule;
use crate::kernel::ids::{CatalogId, PackageId, PolicyId};
use crate::kernel::paths;
use crate::store::Conn;
use crate::web::address::Address;
use crate::web::rules::PreviewView;

/// Where a script asks for it.
pub fn live(catalog: CatalogId, package: Option<PackageId>, policy: Option<PolicyId>) -> String {
    let text = |id: Option<String>| id.unwrap_or_default();
    Address::new(paths::catalog_tab(catalog, "rules"))
        .with("package", text(package.map(|id| id.to_string())))
        .with("policy", text(policy.map(|id| id.to_string())))
        .to_string()
}

/// What the rule would do; nothing if it cannot be read: the field says why.
pub fn load(
    conn: &mut Conn,
    draft: &Draft,
    catalog: CatalogId,
    package: Option<PackageId>,
    policy: Option<PolicyId>,
) -> Result<Option<PreviewView>, AppError> {
    let Ok(rule) = Rule::parse(draft.one("rule")) else { return Ok(None) };
    let limits = Limits {
        percent: draft.one("limit_percent").parse().unwrap_or(Limits::default().percent),
        people: draft.one("limit_people").parse().unwrap_or(Limits::default().people),
    };
    let seen = preview(conn, &rule, Tried::Policy(package, policy), limits, Part::Matching, "")?;
    let text = draft.one("rule").to_owned();
    Ok(Some(PreviewView::of(&rule, &seen, Part::Matching, |part| {
        let rule = url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let live = live(catalog, package, policy);
        let join = if live.contains('?') { '&' } else { '?' };
        format!("{live}{join}rule={rule}&part={}", part.as_str())
    })))
}

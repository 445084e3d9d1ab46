//! "Why can't I request this?", in full (SPEC REQ-1, POL-3).

use actix_web::web::Path;
use askama::Template;

use super::packages::{load, way};
use crate::app::AppError;
use crate::app::request::gate_facts;
use crate::domain::explain::{self, Admission};
use crate::domain::request::checks;
use crate::kernel::ids::PackageId;
use crate::kernel::paths;
use crate::store::{people, policies};
use crate::web::ui::{Crumb, Shell};
use crate::web::{Answer, PageError, Signed, page};

/// A check with its result and what to do next.
#[derive(Debug, Clone)]
pub struct CheckView {
    pub label: &'static str,
    pub failed: Option<String>,
    pub next: &'static str,
}

/// What a policy means for the person.
#[derive(Debug, Clone)]
pub struct WayView {
    /// Is it open to them?
    pub counts: bool,
    pub name: Option<String>,
    pub text: String,
}

/// The page as it is shown.
#[derive(Debug, Clone)]
pub struct WhyView {
    pub checks: Vec<CheckView>,
    pub ways: Vec<WayView>,
    pub can_request: bool,
    pub request_href: String,
    pub package_href: String,
}

#[derive(Template)]
#[template(path = "requestor/why.html")]
pub struct WhyPage<'a> {
    pub shell: &'a Shell,
    pub view: WhyView,
}

/// `GET /packages/{id}/why`: for whoever may know of the package.
pub async fn show(s: Signed, id: Path<PackageId>) -> Answer {
    let id = id.into_inner();
    let loaded = load(&s, id).await?;
    if !loaded.package.may_open() {
        return Err(PageError::NotFound);
    }
    let (me, now) = (s.principal.clone(), s.now());
    let (found, all, person) = s
        .read(move |conn| {
            let person = people::person(conn, me.user)?.ok_or(AppError::NotFound)?;
            let found = checks(&gate_facts(conn, &person, id, now)?);
            Ok((found, policies::of_package(conn, id)?, person))
        })
        .await?;
    let scopes: Vec<_> = all.iter().map(|p| (&p.terms.scope, p.enabled)).collect();
    let mut ways = Vec::new();
    for (policy, admission) in all.iter().zip(explain::admissions(&scopes, &person)) {
        let (name, text) = match admission {
            Admission::Counts => (Some(policy.name.clone()), "You can use this way.".to_owned()),
            Admission::StricterFirst => (
                Some(policy.name.clone()),
                "It would be open to you, but a way that names you more closely comes first.".to_owned(),
            ),
            // Of ways that are not for the person only the kind is told, to guests not even that: the names of
            // policies, people and groups in them are not theirs to know (SPEC ROL-6, EXT-7).
            Admission::NotFor if !person.guest => {
                (None, explain::not_for_you(policy.terms.scope.kind()).to_owned())
            }
            Admission::NotFor | Admission::Off => continue,
        };
        let way = WayView { counts: admission == Admission::Counts, name, text };
        if way.name.is_some() || ways.iter().all(|w: &WayView| w.text != way.text) {
            ways.push(way);
        }
    }
    let mut crumbs = way();
    crumbs.push(Crumb::link(&loaded.package.name, paths::package(id)));
    let shell = s.shell("Can I request this?", crumbs);
    let view = WhyView {
        can_request: found.iter().all(|c| c.failed.is_none()),
        checks: found
            .iter()
            .map(|c| CheckView {
                label: c.label,
                next: c.failed.as_ref().map_or("", explain::next_step),
                failed: c.failed.as_ref().map(ToString::to_string),
            })
            .collect(),
        ways,
        request_href: paths::package_request(id),
        package_href: paths::package(id),
    };
    page(&WhyPage { shell: &shell, view })
}

//! Catalogs, resources, packages and policies: the rules through the use cases, and the pages through real forms.

mod copying;
mod lifecycle;
mod packages;
mod pages;
mod policies;
mod requests_tab;
mod rules;
mod separation;
mod stages;
mod wizard;

use latchkey::app::AppError;
use latchkey::app::catalog::packages::{NewPackage, NewPolicy};
use latchkey::domain::Refusal;
use latchkey::domain::access::Denied;
use latchkey::domain::catalog::{CatalogFields, CatalogState};
use latchkey::domain::package::{PackageFields, PolicyFields};
use latchkey::domain::policy::Terms;
use latchkey::kernel::ids::ResourceRoleId;

/// The refusal that stopped it.
#[track_caller]
pub fn refusal<T: std::fmt::Debug>(result: Result<T, AppError>) -> Refusal {
    match result {
        Err(AppError::Refused(refusal)) => refusal,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

/// Stopped because the person may not even know of it (SPEC ROL-6).
#[track_caller]
pub fn invisible<T: std::fmt::Debug>(result: Result<T, AppError>) {
    match result {
        Err(AppError::Denied(Denied::Invisible)) => {}
        other => panic!("it should be invisible, not {other:?}"),
    }
}

/// Stopped because the person lacks this role (SPEC ROL-6).
#[track_caller]
pub fn forbidden<T: std::fmt::Debug>(result: Result<T, AppError>, role: &str) {
    match result {
        Err(AppError::Denied(Denied::Forbidden { needed, .. })) => assert_eq!(needed, role),
        other => panic!("it should need the role {role}, not {other:?}"),
    }
}

pub fn catalog_fields(name: &str) -> CatalogFields {
    CatalogFields {
        name: name.into(),
        description: "For tests".into(),
        state: CatalogState::Published,
        external_enabled: true,
    }
}

pub fn package_fields(name: &str) -> PackageFields {
    PackageFields { name: name.into(), description: "For tests".into(), hidden: false }
}

pub fn new_policy(name: &str, terms: Terms) -> NewPolicy {
    NewPolicy { fields: PolicyFields { name: name.into(), description: String::new() }, enabled: true, terms }
}

pub fn new_package(name: &str, roles: &[ResourceRoleId], policy: Option<NewPolicy>) -> NewPackage {
    NewPackage { fields: package_fields(name), roles: roles.iter().copied().collect(), policy }
}

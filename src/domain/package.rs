//! Packages and the policies that stand on them (SPEC sections 6 and 7).

use serde::{Deserialize, Serialize};

use super::catalog::{ConnectorKind, ResourceKind, ResourceRole};
use super::policy::ScopeKind;
use crate::kernel::ids::{CatalogId, GroupId, PackageId, PolicyId};

/// What can be edited about a package (SPEC PKG-1). Texts are already cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFields {
    /// Unique in the catalog.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Kept out of lists, still requestable by link (SPEC PKG-2).
    pub hidden: bool,
}

/// An access package.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// The catalog that it is in.
    pub catalog: CatalogId,
    /// Unique in the catalog.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Kept out of lists, still requestable by link (SPEC PKG-2).
    pub hidden: bool,
    /// Grows with each change.
    pub version: i64,
}

impl Package {
    /// What can be edited about it.
    pub fn fields(&self) -> PackageFields {
        PackageFields { name: self.name.clone(), description: self.description.clone(), hidden: self.hidden }
    }
}

/// A resource role that a package grants, with what delivery needs to know of its resource.
#[derive(Debug, Clone)]
pub struct RoleInPackage {
    /// The role.
    pub role: ResourceRole,
    /// The resource's name.
    pub resource_name: String,
    /// What the resource is.
    pub resource_kind: ResourceKind,
    /// The group behind a resource of kind group.
    pub group: Option<GroupId>,
    /// How the role is delivered.
    pub connector: ConnectorKind,
}

/// What can be edited about a policy besides its terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFields {
    /// Unique in the package.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// An assignment policy, without its terms.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// The package that it is on.
    pub package: PackageId,
    /// Name and description.
    pub fields: PolicyFields,
    /// Open for new requests and direct assignments (SPEC POL-2)?
    pub enabled: bool,
    /// Whom its current terms are for.
    pub scope_kind: ScopeKind,
    /// The number of its current terms, from 1 (SPEC POL-4).
    pub current_version: i32,
    /// Grows with each change.
    pub version: i64,
}

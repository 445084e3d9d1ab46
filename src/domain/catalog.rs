//! Catalogs and resources (SPEC section 5).

use serde::{Deserialize, Serialize};

use crate::kernel::ids::{CatalogId, GroupId, ResourceId, ResourceRoleId};

text_enum! {
    /// Is what the catalog holds open for requests? (SPEC CAT-1, CAT-2)
    pub enum CatalogState {
        /// Listed and requestable.
        Published = "published",
        /// Neither listed nor requestable; existing assignments go on.
        Unpublished = "unpublished",
    }
}

text_enum! {
    /// What a resource is (SPEC section 1).
    pub enum ResourceKind {
        /// A group of the directory; its roles are Member and Owner.
        Group = "group",
        /// An application with its roles.
        Application = "application",
        /// A site with its roles.
        Site = "site",
    }
}

text_enum! {
    /// How a resource role is delivered (SPEC DLV-6).
    pub enum ConnectorKind {
        /// In the portal's own directory, at once.
        Directory = "directory",
        /// By a task for the resource's owners.
        Manual = "manual",
        /// By a signed HTTPS call.
        Webhook = "webhook",
        /// By group membership in a directory server.
        Ldap = "ldap",
        /// By users and groups in an application.
        Scim = "scim",
    }
}

text_enum! {
    /// What a role of a group resource stands for.
    pub enum GroupRole {
        /// Membership.
        Member = "member",
        /// Ownership.
        Owner = "owner",
    }
}

/// The name of the built-in catalog (SPEC CAT-1).
pub const GENERAL: &str = "General";

/// What can be edited about a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogFields {
    /// Unique name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Published or not.
    pub state: CatalogState,
    /// May guests request from it?
    pub external_enabled: bool,
}

/// A catalog.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// Its id.
    pub id: CatalogId,
    /// What can be edited.
    pub fields: CatalogFields,
    /// General, which always exists.
    pub built_in: bool,
    /// Grows with each change.
    pub version: i64,
}

/// What can be edited about a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceFields {
    /// Group, application or site.
    pub kind: ResourceKind,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// "How to use it", for its users.
    pub usage: String,
    /// Where its users find it.
    pub link: String,
    /// How its roles are delivered.
    pub connector: ConnectorKind,
    /// The group behind a resource of kind group.
    pub group: Option<GroupId>,
}

/// A resource.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// What can be edited.
    pub fields: ResourceFields,
    /// Grows with each change.
    pub version: i64,
}

/// A role that a resource offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRole {
    /// Its id.
    pub id: ResourceRoleId,
    /// Whose role it is.
    pub resource: ResourceId,
    /// Its name, as people read it.
    pub name: String,
    /// What it permits.
    pub description: String,
    /// For a group resource: which relation it stands for.
    pub group_role: Option<GroupRole>,
}

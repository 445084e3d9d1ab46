//! Who may do what (SPEC section 2). A check hands out a [`Permit`] for one object; a use case that changes the
//! object demands it, so that no change can be written without its check.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use uuid::Uuid;

use crate::kernel::ids::{CatalogId, EntityId, ResourceId, UserId};

text_enum! {
    /// A directory-wide role.
    pub enum DirectoryRole {
        /// Everything.
        Administrator = "administrator",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
        /// May create catalogs, nothing more.
        CatalogCreator = "catalogCreator",
        /// Keeps the connected organizations.
        OrganizationAdministrator = "organizationAdministrator",
    }
}

text_enum! {
    /// A role in one catalog.
    pub enum CatalogRole {
        /// Edits the catalog and everything in it.
        Owner = "owner",
        /// Keeps packages and policies.
        PackageManager = "packageManager",
        /// Assigns and removes.
        AssignmentManager = "assignmentManager",
        /// Sees.
        Reader = "reader",
    }
}

impl DirectoryRole {
    /// The role as people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::Auditor => "Auditor",
            Self::CatalogCreator => "Catalog creator",
            Self::OrganizationAdministrator => "Connected organization administrator",
        }
    }
}

impl CatalogRole {
    /// The role as people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Owner => "Catalog owner",
            Self::PackageManager => "Access package manager",
            Self::AssignmentManager => "Access package assignment manager",
            Self::Reader => "Catalog reader",
        }
    }
}

/// A signed-in person with the roles that they hold right now, through groups too (SPEC ROL-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub user: UserId,
    /// Their name, for records.
    pub name: String,
    /// Comes from outside?
    pub guest: bool,
    /// Directory-wide roles.
    pub roles: BTreeSet<DirectoryRole>,
    /// Catalog roles.
    pub catalogs: BTreeMap<CatalogId, BTreeSet<CatalogRole>>,
}

/// Why somebody may not do something (SPEC ROL-6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The person may not even know that the object exists: answered as *not found*.
    #[error("not found")]
    Invisible,
    /// The person may see it, but not do this.
    #[error("This needs the role {needed}. {grantors} can grant it.")]
    Forbidden {
        /// The role that is missing.
        needed: &'static str,
        /// Who can grant it.
        grantors: &'static str,
    },
}

/// A task of the permission table that concerns one catalog and what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogTask {
    /// See the catalog and its packages' configuration.
    See,
    /// Edit or delete the catalog, grant its roles.
    Edit,
    /// Add or remove a resource (the other key, ownership of the resource, is checked apart: ROL-2).
    Resources,
    /// Create, edit, hide, delete packages, their roles and policies.
    Packages,
    /// See assignments, requests, delivery errors.
    SeeAssignments,
    /// Assign directly, remove, cancel, reprocess.
    Assignments,
    /// Assign without the approval that the policy asks for (SPEC ASG-1).
    BypassApproval,
}

impl CatalogTask {
    /// Every task.
    pub const ALL: [Self; 7] = [
        Self::See,
        Self::Edit,
        Self::Resources,
        Self::Packages,
        Self::SeeAssignments,
        Self::Assignments,
        Self::BypassApproval,
    ];

    /// Does this catalog role permit the task (SPEC section 2)?
    pub fn allowed_to(self, role: CatalogRole) -> bool {
        use CatalogRole::{AssignmentManager, Owner, PackageManager, Reader};
        match self {
            Self::See => true,
            Self::Edit | Self::Resources | Self::BypassApproval => role == Owner,
            Self::Packages => matches!(role, Owner | PackageManager),
            Self::Assignments => matches!(role, Owner | PackageManager | AssignmentManager),
            Self::SeeAssignments => matches!(role, Owner | PackageManager | AssignmentManager | Reader),
        }
    }

    fn needed(self) -> &'static str {
        match self {
            Self::See | Self::SeeAssignments => "Catalog reader",
            Self::Edit | Self::Resources | Self::BypassApproval => "Catalog owner",
            Self::Packages => "Access package manager",
            Self::Assignments => "Access package assignment manager",
        }
    }

    fn reads_only(self) -> bool {
        matches!(self, Self::See | Self::SeeAssignments)
    }
}

/// A task of the permission table that is not about one catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryTask {
    /// See users, groups, settings, roles, mail, jobs, audit.
    Read,
    /// Change them.
    Manage,
    /// Create a catalog.
    CreateCatalog,
    /// See connected organizations.
    ReadOrganizations,
    /// Change connected organizations.
    ManageOrganizations,
}

impl DirectoryTask {
    /// Does this directory-wide role permit the task (SPEC section 2)?
    pub fn allowed_to(self, role: DirectoryRole) -> bool {
        use DirectoryRole::{Administrator, Auditor, CatalogCreator, OrganizationAdministrator};
        match self {
            Self::Read => matches!(role, Administrator | Auditor),
            Self::Manage => role == Administrator,
            Self::CreateCatalog => matches!(role, Administrator | CatalogCreator),
            Self::ReadOrganizations => matches!(role, Administrator | Auditor | OrganizationAdministrator),
            Self::ManageOrganizations => matches!(role, Administrator | OrganizationAdministrator),
        }
    }

    fn needed(self) -> &'static str {
        match self {
            Self::Read => "Administrator or Auditor",
            Self::Manage => "Administrator",
            Self::CreateCatalog => "Catalog creator",
            Self::ReadOrganizations | Self::ManageOrganizations => "Connected organization administrator",
        }
    }
}

const OWNERS: &str = "The owners of the catalog, and administrators,";
const ADMINISTRATORS: &str = "Administrators";

/// The tasks that change something, as types: what a use case demands.
pub mod task {
    macro_rules! tasks { ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $( $(#[$doc])* #[derive(Debug, Clone, Copy)] pub struct $name; )+ }; }
    tasks! {
        /// Change users, groups, settings, directory-wide roles.
        ManageDirectory,
        /// Create a catalog.
        CreateCatalog,
        /// Change a catalog and its roles.
        EditCatalog,
        /// Change which resources a catalog holds.
        EditResources,
        /// Change a resource itself: its name, owners, roles.
        EditResource,
        /// Change packages of a catalog.
        EditPackages,
        /// Change assignments in a catalog.
        ManageAssignments,
        /// Assign in a catalog without the approval that the policy asks for.
        BypassApproval,
    }
}

/// The right of one person to do one task on one object. Only the checks of this module make one, and they are
/// called inside the transaction that writes, on fresh rows.
#[derive(Debug, Clone, Copy)]
pub struct Permit<T> {
    on: Uuid,
    by: UserId,
    task: PhantomData<T>,
}

impl<T> Permit<T> {
    /// The catalog that the permit was issued for.
    pub fn catalog(&self) -> CatalogId {
        CatalogId::from_uuid(self.on)
    }

    /// The resource that the permit was issued for.
    pub fn resource(&self) -> ResourceId {
        ResourceId::from_uuid(self.on)
    }

    /// Who holds it.
    pub fn by(&self) -> UserId {
        self.by
    }

    /// Is it for this catalog?
    pub fn covers(&self, catalog: CatalogId) -> bool {
        self.on == catalog.uuid()
    }
}

impl Principal {
    /// Holds this directory-wide role?
    pub fn is(&self, role: DirectoryRole) -> bool {
        self.roles.contains(&role)
    }

    /// An administrator?
    pub fn is_administrator(&self) -> bool {
        self.is(DirectoryRole::Administrator)
    }

    /// May the person do this task anywhere in the directory?
    pub fn may(&self, task: DirectoryTask) -> bool {
        self.roles.iter().any(|r| task.allowed_to(*r))
    }

    /// May the person do this task in this catalog?
    pub fn may_in(&self, task: CatalogTask, catalog: CatalogId) -> bool {
        self.is_administrator()
            || (task.reads_only() && self.is(DirectoryRole::Auditor))
            || self.catalogs.get(&catalog).is_some_and(|roles| roles.iter().any(|r| task.allowed_to(*r)))
    }

    /// Is the person concerned with managing anything in any catalog (does the Catalogs page exist for them)?
    pub fn has_catalogs(&self) -> bool {
        !self.catalogs.is_empty() || self.may(DirectoryTask::CreateCatalog) || self.is(DirectoryRole::Auditor)
    }

    /// What the person's lists may contain.
    pub fn viewer(&self) -> Viewer {
        Viewer {
            user: self.user,
            everything: self.is_administrator() || self.is(DirectoryRole::Auditor),
            catalogs: self.catalogs.keys().copied().collect(),
        }
    }
}

/// What a person's lists may contain: the scoping that every list query applies.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who looks.
    pub user: UserId,
    /// Administrators and auditors see everything.
    pub everything: bool,
    /// The catalogs in which the person holds a role.
    pub catalogs: Vec<CatalogId>,
}

/// Checks a task in a catalog without making a permit: for reading.
pub fn check_in(p: &Principal, task: CatalogTask, catalog: CatalogId) -> Result<(), Denied> {
    if p.may_in(task, catalog) {
        Ok(())
    } else if p.may_in(CatalogTask::See, catalog) {
        Err(Denied::Forbidden { needed: task.needed(), grantors: OWNERS })
    } else {
        Err(Denied::Invisible)
    }
}

/// Checks a directory-wide task without making a permit: for reading. The pages of the administration are no
/// secret, so the answer is *forbidden*, with the role that is needed.
pub fn check(p: &Principal, task: DirectoryTask) -> Result<(), Denied> {
    if p.may(task) {
        Ok(())
    } else {
        Err(Denied::Forbidden { needed: task.needed(), grantors: ADMINISTRATORS })
    }
}

fn permit<T>(on: Uuid, by: UserId) -> Permit<T> {
    Permit { on, by, task: PhantomData }
}

/// May change users, groups, settings and directory-wide roles.
pub fn manage_directory(p: &Principal) -> Result<Permit<task::ManageDirectory>, Denied> {
    check(p, DirectoryTask::Manage)?;
    Ok(permit(Uuid::nil(), p.user))
}

/// The same for whoever runs the program on its own machine: the command line (SPEC OPS-1).
pub fn system_directory() -> Permit<task::ManageDirectory> {
    permit(Uuid::nil(), UserId(Uuid::nil()))
}

/// May create a catalog.
pub fn create_catalog(p: &Principal) -> Result<Permit<task::CreateCatalog>, Denied> {
    check(p, DirectoryTask::CreateCatalog)?;
    Ok(permit(Uuid::nil(), p.user))
}

/// May edit or delete this catalog and grant its roles.
pub fn edit_catalog(p: &Principal, catalog: CatalogId) -> Result<Permit<task::EditCatalog>, Denied> {
    check_in(p, CatalogTask::Edit, catalog)?;
    Ok(permit(catalog.uuid(), p.user))
}

/// May add a resource to this catalog or remove it (SPEC ROL-2: two keys; administrators hold both).
pub fn edit_resources(
    p: &Principal,
    catalog: CatalogId,
    owns_resource: bool,
) -> Result<Permit<task::EditResources>, Denied> {
    check_in(p, CatalogTask::Resources, catalog)?;
    if !owns_resource && !p.is_administrator() {
        return Err(Denied::Forbidden {
            needed: "owner of the resource",
            grantors: "The resource's owners, and administrators,",
        });
    }
    Ok(permit(catalog.uuid(), p.user))
}

/// May change this resource: its owners, and administrators. `sees` says whether the person may know of it.
pub fn edit_resource(
    p: &Principal,
    resource: ResourceId,
    owns: bool,
    sees: bool,
) -> Result<Permit<task::EditResource>, Denied> {
    if owns || p.is_administrator() {
        Ok(permit(resource.uuid(), p.user))
    } else if sees || p.is(DirectoryRole::Auditor) {
        Err(Denied::Forbidden {
            needed: "owner of the resource",
            grantors: "The resource's owners, and administrators,",
        })
    } else {
        Err(Denied::Invisible)
    }
}

/// May create, edit and delete packages and policies in this catalog.
pub fn edit_packages(p: &Principal, catalog: CatalogId) -> Result<Permit<task::EditPackages>, Denied> {
    check_in(p, CatalogTask::Packages, catalog)?;
    Ok(permit(catalog.uuid(), p.user))
}

/// May assign, remove and cancel in this catalog.
pub fn manage_assignments(
    p: &Principal,
    catalog: CatalogId,
) -> Result<Permit<task::ManageAssignments>, Denied> {
    check_in(p, CatalogTask::Assignments, catalog)?;
    Ok(permit(catalog.uuid(), p.user))
}

/// May assign in this catalog without the approval that the policy asks for (SPEC ASG-1).
pub fn bypass_approval(p: &Principal, catalog: CatalogId) -> Result<Permit<task::BypassApproval>, Denied> {
    check_in(p, CatalogTask::BypassApproval, catalog)?;
    Ok(permit(catalog.uuid(), p.user))
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;

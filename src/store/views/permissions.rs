//! What somebody may do, and why (SPEC ROL-7): the roles that they hold, and the rights that follow from data.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::user::{self, Belongs, HeldRole};
use crate::domain::access::CatalogRole;
use crate::domain::directory::Belonging;
use crate::domain::policy::{Approver, Terms};
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, GroupId, OrganizationId, PackageId, PolicyId, ResourceId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{
    catalogs, connected_organizations, delegations, organization_sponsors, package_roles, packages, policies,
    policy_versions, resource_owners, resource_roles, resources, user_sponsors, users,
};
use crate::store::types::Json;

/// Everything that somebody may do.
#[derive(Debug, Clone, Default)]
pub struct Permissions {
    /// Roles, directory-wide ones first.
    pub roles: Vec<HeldRole>,
    /// Stages of policies that name the person now.
    pub approves: Vec<Approves>,
    /// Resources that they own.
    pub resources: Vec<OwnedResource>,
    /// Groups that they own.
    pub groups: Vec<Belongs>,
    /// How many people report to them directly.
    pub reports: i64,
    /// How many people they sponsor.
    pub sponsored: i64,
    /// Organizations that they sponsor.
    pub organizations: Vec<SponsoredOrganization>,
    /// Delegations that run or will.
    pub delegations: Vec<StandIn>,
}

/// How a stage asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AskedAs {
    /// Among the first who are asked.
    Approver,
    /// If nobody else can act.
    Fallback,
    /// If nobody decides for a while (SPEC APR-4).
    Alternate,
}

/// Why a stage names somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// By name.
    Named,
    /// Through this group.
    Group(GroupId, String),
    /// Because they own the catalog.
    CatalogOwner,
    /// Because they own a resource in the package.
    ResourceOwner,
    /// For whoever reports to them, or to somebody who reports to them.
    Manager,
    /// For those whom they sponsor.
    Sponsor,
}

/// A stage of a policy that names somebody.
#[derive(Debug, Clone)]
pub struct Approves {
    /// Of which policy.
    pub policy: PolicyId,
    /// Its name.
    pub policy_name: String,
    /// Of which package.
    pub package: PackageId,
    /// Its name.
    pub package_name: String,
    /// In which catalog.
    pub catalog: CatalogId,
    /// Which stage, from 1.
    pub stage: usize,
    /// How it asks.
    pub asked_as: AskedAs,
    /// Why it names them.
    pub because: Because,
    /// Since when both the policy says so and the reason holds, as far as it is known.
    pub since: Moment,
}

/// A resource that somebody owns.
#[derive(Debug, Clone)]
pub struct OwnedResource {
    /// Which.
    pub id: ResourceId,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: Option<Moment>,
}

/// An organization that somebody sponsors.
#[derive(Debug, Clone)]
pub struct SponsoredOrganization {
    /// Which.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// From inside our own organization?
    pub internal: bool,
}

/// A delegation of approvals.
#[derive(Debug, Clone)]
pub struct StandIn {
    /// Does the person stand in for the other (or the other for them)?
    pub stands_in: bool,
    /// The other's name.
    pub other: String,
    /// From when.
    pub starts_at: Moment,
    /// Until when.
    pub ends_at: Moment,
}

/// Everything that this person may do at this instant, and through what.
pub fn load(conn: &mut Conn, user: UserId, now: Moment) -> Result<Permissions, StoreError> {
    let belongs = user::groups_of(conn, user)?;
    let roles = user::roles_of(conn, user)?;
    let owned: Vec<(ResourceId, String, Option<Moment>)> = resource_owners::table
        .inner_join(resources::table)
        .filter(resource_owners::user_id.eq(user))
        .filter(resources::deleted_at.is_null())
        .order((resources::name_folded, resources::id))
        .select((resources::id, resources::name, resource_owners::added_at))
        .load(conn)?;
    let reports: i64 = users::table
        .filter(users::manager_id.eq(user))
        .filter(users::deleted_at.is_null())
        .count()
        .get_result(conn)?;
    let sponsored: i64 = user_sponsors::table
        .inner_join(users::table.on(users::id.eq(user_sponsors::user_id)))
        .filter(user_sponsors::sponsor_id.eq(user))
        .filter(users::deleted_at.is_null())
        .count()
        .get_result(conn)?;
    let organizations: Vec<(OrganizationId, String, bool)> = organization_sponsors::table
        .inner_join(connected_organizations::table)
        .filter(organization_sponsors::user_id.eq(user))
        .order((connected_organizations::name_folded, connected_organizations::id))
        .select((connected_organizations::id, connected_organizations::name, organization_sponsors::internal))
        .load(conn)?;
    let reasons = Reasons {
        user,
        groups: belongs
            .iter()
            .filter(|b| b.as_a == Belonging::Member)
            .map(|b| (b.group, (b.name.clone(), b.since)))
            .collect(),
        owned_catalogs: roles
            .iter()
            .filter(|r| r.role == CatalogRole::Owner.words())
            .filter_map(|r| Some((r.catalog.as_ref()?.0, r.since)))
            .collect(),
        owned_packages: packages_with(conn, owned.iter().map(|(id, ..)| *id).collect())?,
        manages: reports > 0,
        sponsors: sponsored > 0,
        internal: organizations.iter().any(|(.., internal)| *internal),
        external: organizations.iter().any(|(.., internal)| !*internal),
    };
    Ok(Permissions {
        approves: approves(conn, &reasons)?,
        roles,
        resources: owned.into_iter().map(|(id, name, since)| OwnedResource { id, name, since }).collect(),
        groups: belongs.into_iter().filter(|b| b.as_a == Belonging::Owner).collect(),
        reports,
        sponsored,
        organizations: organizations
            .into_iter()
            .map(|(id, name, internal)| SponsoredOrganization { id, name, internal })
            .collect(),
        delegations: stand_ins(conn, user, now)?,
    })
}

fn packages_with(conn: &mut Conn, owned: Vec<ResourceId>) -> Result<BTreeSet<PackageId>, StoreError> {
    let rows: Vec<PackageId> = package_roles::table
        .inner_join(resource_roles::table)
        .filter(resource_roles::resource_id.eq_any(owned))
        .select(package_roles::package_id)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

fn stand_ins(conn: &mut Conn, user: UserId, now: Moment) -> Result<Vec<StandIn>, StoreError> {
    let rows: Vec<(UserId, UserId, Moment, Moment)> = delegations::table
        .filter(delegations::delegator_id.eq(user).or(delegations::delegate_id.eq(user)))
        .filter(delegations::ends_at.gt(now).and(delegations::ended_at.is_null()))
        .order((delegations::starts_at, delegations::id))
        .select((
            delegations::delegator_id,
            delegations::delegate_id,
            delegations::starts_at,
            delegations::ends_at,
        ))
        .load(conn)?;
    let others: BTreeSet<UserId> = rows.iter().flat_map(|r| [r.0, r.1]).collect();
    let names = crate::store::people::names(conn, &others)?;
    Ok(rows
        .into_iter()
        .map(|(from, to, starts_at, ends_at)| {
            let stands_in = to == user;
            let other = if stands_in { from } else { to };
            StandIn { stands_in, other: names.get(&other).cloned().unwrap_or_default(), starts_at, ends_at }
        })
        .collect())
}

/// Why a stage could name the person.
struct Reasons {
    user: UserId,
    groups: BTreeMap<GroupId, (String, Moment)>,
    owned_catalogs: BTreeMap<CatalogId, Moment>,
    owned_packages: BTreeSet<PackageId>,
    manages: bool,
    sponsors: bool,
    internal: bool,
    external: bool,
}

impl Reasons {
    /// Why this approver of a stage is the person, and since when, if the policy does not say later.
    fn because(
        &self,
        approver: &Approver,
        catalog: CatalogId,
        package: PackageId,
    ) -> Option<(Because, Option<Moment>)> {
        let plain = |yes: bool, because| yes.then_some((because, None));
        match *approver {
            Approver::User { id } => plain(id == self.user, Because::Named),
            Approver::Group { id } => {
                self.groups.get(&id).map(|(name, since)| (Because::Group(id, name.clone()), Some(*since)))
            }
            Approver::CatalogOwners => {
                self.owned_catalogs.get(&catalog).map(|since| (Because::CatalogOwner, Some(*since)))
            }
            Approver::ResourceOwners => plain(self.owned_packages.contains(&package), Because::ResourceOwner),
            Approver::Manager { .. } => plain(self.manages, Because::Manager),
            Approver::Sponsors => plain(self.sponsors, Because::Sponsor),
            Approver::InternalSponsors => plain(self.internal, Because::Sponsor),
            Approver::ExternalSponsors => plain(self.external, Because::Sponsor),
        }
    }
}

type PolicyRow = ((PolicyId, String), (PackageId, String, CatalogId), Json, Moment);

fn approves(conn: &mut Conn, reasons: &Reasons) -> Result<Vec<Approves>, StoreError> {
    let rows: Vec<PolicyRow> = policies::table
        .inner_join(packages::table.inner_join(catalogs::table))
        .inner_join(policy_versions::table)
        .filter(policies::deleted_at.is_null().and(policies::enabled.eq(true)))
        .filter(packages::deleted_at.is_null())
        .filter(policy_versions::number.eq(policies::current_version))
        .order((packages::name_folded, packages::id, policies::position, policies::id))
        .select((
            (policies::id, policies::name),
            (packages::id, packages::name, packages::catalog_id),
            policy_versions::terms,
            policy_versions::created_at,
        ))
        .load(conn)?;
    let mut all = Vec::new();
    for ((policy, policy_name), (package, package_name, catalog), terms, version_at) in rows {
        let terms: Terms = terms.read()?;
        for (number, stage) in (1..).zip(&terms.stages) {
            let alternates = stage.alternates.iter().flat_map(|a| &a.approvers);
            let asked = (stage.approvers.iter().map(|a| (AskedAs::Approver, a)))
                .chain(stage.fallback.iter().map(|a| (AskedAs::Fallback, a)))
                .chain(alternates.map(|a| (AskedAs::Alternate, a)));
            let found: BTreeMap<(AskedAs, Because), Option<Moment>> = asked
                .filter_map(|(asked_as, approver)| {
                    let (because, since) = reasons.because(approver, catalog, package)?;
                    Some(((asked_as, because), since))
                })
                .collect();
            all.extend(found.into_iter().map(|((asked_as, because), since)| Approves {
                policy,
                policy_name: policy_name.clone(),
                package,
                package_name: package_name.clone(),
                catalog,
                stage: number,
                asked_as,
                because,
                since: since.map_or(version_at, |since| since.max(version_at)),
            }));
        }
    }
    Ok(all)
}

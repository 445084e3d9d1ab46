//! Who stands behind the stages of requests right now (SPEC APR-1, APR-3, APR-14), for many requests in a
//! bounded number of queries.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::conn::Conn;
use super::error::StoreError;
use super::schema::{
    catalog_role_grants, directory_role_grants, group_members, groups, organization_sponsors, package_roles,
    packages, resource_owners, resource_roles, user_sponsors, users,
};
use super::{delegations, people};
use crate::domain::access::{CatalogRole, DirectoryRole};
use crate::domain::approval::StageFacts;
use crate::domain::policy::{Approver, Stage};
use crate::kernel::Moment;
use crate::kernel::ids::{CatalogId, GroupId, OrganizationId, PackageId, UserId};

/// A stage whose people are wanted.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The stage of the frozen plan.
    pub stage: &'a Stage,
    /// Whom the request is for.
    pub subject: UserId,
    /// Who asked.
    pub requestor: Option<UserId>,
    /// For which package.
    pub package: PackageId,
    /// Were the alternates asked already?
    pub escalated: bool,
}

/// The people behind one stage at this instant.
pub fn facts(conn: &mut Conn, now: Moment, question: &Question<'_>) -> Result<StageFacts, StoreError> {
    let mut all = facts_of(conn, now, std::slice::from_ref(question))?;
    all.pop().ok_or(StoreError::Missing("the stage"))
}

/// The people behind many stages at this instant, in the order of the questions. The number of queries does not depend on how
/// many there are.
pub fn facts_of(
    conn: &mut Conn,
    now: Moment,
    questions: &[Question<'_>],
) -> Result<Vec<StageFacts>, StoreError> {
    let circle = Circles::load(conn, now, questions)?;
    Ok(questions.iter().map(|q| circle.answer(q)).collect())
}

#[derive(Default)]
struct Circles {
    enabled: BTreeSet<UserId>,
    managers: BTreeMap<UserId, UserId>,
    members: BTreeMap<GroupId, BTreeSet<UserId>>,
    sponsors: BTreeMap<UserId, BTreeSet<UserId>>,
    organization_of: BTreeMap<UserId, OrganizationId>,
    organization_sponsors: BTreeMap<(OrganizationId, bool), BTreeSet<UserId>>,
    resource_owners: BTreeMap<PackageId, BTreeSet<UserId>>,
    catalog_of: BTreeMap<PackageId, CatalogId>,
    catalog_owners: BTreeMap<CatalogId, BTreeSet<UserId>>,
    administrators: BTreeSet<UserId>,
    delegates: BTreeMap<UserId, BTreeSet<UserId>>,
}

fn approvers<'a>(q: &'a Question<'a>) -> impl Iterator<Item = &'a Approver> {
    let alternates = q.stage.alternates.iter().flat_map(|a| &a.approvers);
    q.stage.approvers.iter().chain(&q.stage.fallback).chain(alternates)
}

impl Circles {
    fn load(conn: &mut Conn, now: Moment, questions: &[Question<'_>]) -> Result<Self, StoreError> {
        let mut c = Self::default();
        let any = |wanted: fn(&Approver) -> bool| questions.iter().any(|q| approvers(q).any(wanted));
        let subjects: BTreeSet<UserId> = questions.iter().map(|q| q.subject).collect();
        let of_packages: BTreeSet<PackageId> = questions.iter().map(|q| q.package).collect();
        if any(|a| matches!(a, Approver::Manager { .. })) {
            c.managers = people::managers(conn, &subjects)?;
            let second: BTreeSet<UserId> = c.managers.values().copied().collect();
            for (user, manager) in people::managers(conn, &second)? {
                c.managers.entry(user).or_insert(manager);
            }
        }
        let wanted_groups: BTreeSet<GroupId> = questions
            .iter()
            .flat_map(approvers)
            .filter_map(|a| if let Approver::Group { id } = a { Some(*id) } else { None })
            .collect();
        c.members = people::members(conn, &wanted_groups)?;
        if any(|a| *a == Approver::Sponsors) {
            let rows: Vec<(UserId, UserId)> = user_sponsors::table
                .filter(user_sponsors::user_id.eq_any(subjects.iter().copied()))
                .select((user_sponsors::user_id, user_sponsors::sponsor_id))
                .load(conn)?;
            for (user, sponsor) in rows {
                c.sponsors.entry(user).or_default().insert(sponsor);
            }
        }
        if any(|a| matches!(a, Approver::InternalSponsors | Approver::ExternalSponsors)) {
            c.load_organizations(conn, &subjects)?;
        }
        if any(|a| *a == Approver::ResourceOwners) {
            let rows: Vec<(PackageId, UserId)> = package_roles::table
                .inner_join(resource_roles::table)
                .inner_join(
                    resource_owners::table.on(resource_owners::resource_id.eq(resource_roles::resource_id)),
                )
                .filter(package_roles::package_id.eq_any(of_packages.iter().copied()))
                .select((package_roles::package_id, resource_owners::user_id))
                .load(conn)?;
            for (package, user) in rows {
                c.resource_owners.entry(package).or_default().insert(user);
            }
        }
        c.load_catalog_owners(conn, &of_packages)?;
        c.administrators = administrators(conn)?;
        let everybody = c.everybody(questions);
        c.enabled = people::enabled_among(conn, &everybody)?;
        c.delegates = delegations::running_of(conn, &c.enabled, now)?;
        Ok(c)
    }

    fn load_organizations(&mut self, conn: &mut Conn, subjects: &BTreeSet<UserId>) -> Result<(), StoreError> {
        let rows: Vec<(UserId, Option<OrganizationId>)> = users::table
            .filter(users::id.eq_any(subjects.iter().copied()))
            .select((users::id, users::organization_id))
            .load(conn)?;
        self.organization_of = rows.into_iter().filter_map(|(u, o)| o.map(|o| (u, o))).collect();
        let wanted: BTreeSet<OrganizationId> = self.organization_of.values().copied().collect();
        let rows: Vec<(OrganizationId, bool, UserId)> = organization_sponsors::table
            .filter(organization_sponsors::organization_id.eq_any(wanted))
            .select((
                organization_sponsors::organization_id,
                organization_sponsors::internal,
                organization_sponsors::user_id,
            ))
            .load(conn)?;
        for (organization, internal, user) in rows {
            self.organization_sponsors.entry((organization, internal)).or_default().insert(user);
        }
        Ok(())
    }

    fn load_catalog_owners(&mut self, conn: &mut Conn, of: &BTreeSet<PackageId>) -> Result<(), StoreError> {
        let rows: Vec<(PackageId, CatalogId)> = packages::table
            .filter(packages::id.eq_any(of.iter().copied()))
            .select((packages::id, packages::catalog_id))
            .load(conn)?;
        self.catalog_of = rows.into_iter().collect();
        let catalogs: BTreeSet<CatalogId> = self.catalog_of.values().copied().collect();
        self.catalog_owners = catalog_owners(conn, &catalogs)?;
        Ok(())
    }

    fn everybody(&self, questions: &[Question<'_>]) -> BTreeSet<UserId> {
        let named = questions
            .iter()
            .flat_map(approvers)
            .filter_map(|a| if let Approver::User { id } = a { Some(*id) } else { None });
        let sets = self
            .members
            .values()
            .chain(self.sponsors.values())
            .chain(self.organization_sponsors.values())
            .chain(self.resource_owners.values())
            .chain(self.catalog_owners.values())
            .flatten()
            .copied();
        named
            .chain(self.managers.values().copied())
            .chain(sets)
            .chain(self.administrators.iter().copied())
            .collect()
    }

    fn resolve(&self, approver: &Approver, q: &Question<'_>) -> BTreeSet<UserId> {
        let sponsors = |internal| {
            let organization = self.organization_of.get(&q.subject)?;
            self.organization_sponsors.get(&(*organization, internal)).cloned()
        };
        let found = match *approver {
            Approver::Manager { level } => {
                let first = self.managers.get(&q.subject);
                let manager = if level <= 1 { first } else { first.and_then(|m| self.managers.get(m)) };
                manager.copied().into_iter().collect()
            }
            Approver::User { id } => BTreeSet::from([id]),
            Approver::Group { id } => self.members.get(&id).cloned().unwrap_or_default(),
            Approver::Sponsors => self.sponsors.get(&q.subject).cloned().unwrap_or_default(),
            Approver::InternalSponsors => sponsors(true).unwrap_or_default(),
            Approver::ExternalSponsors => sponsors(false).unwrap_or_default(),
            Approver::ResourceOwners => self.resource_owners.get(&q.package).cloned().unwrap_or_default(),
            Approver::CatalogOwners => self.owners(q.package),
        };
        found.intersection(&self.enabled).copied().collect()
    }

    fn owners(&self, package: PackageId) -> BTreeSet<UserId> {
        let owners = self.catalog_of.get(&package).and_then(|c| self.catalog_owners.get(c));
        owners.map(|o| o.intersection(&self.enabled).copied().collect()).unwrap_or_default()
    }

    fn answer(&self, q: &Question<'_>) -> StageFacts {
        let all = |list: &[Approver]| list.iter().flat_map(|a| self.resolve(a, q)).collect::<BTreeSet<_>>();
        let alternates = match &q.stage.alternates {
            Some(alternates) if q.escalated => all(&alternates.approvers),
            _ => BTreeSet::new(),
        };
        let mut facts = StageFacts {
            named: all(&q.stage.approvers),
            fallback: all(&q.stage.fallback),
            alternates,
            catalog_owners: self.owners(q.package),
            administrators: self.administrators.intersection(&self.enabled).copied().collect(),
            barred: q.requestor.into_iter().chain([q.subject]).collect(),
            delegates: BTreeMap::new(),
        };
        let circles =
            [&facts.named, &facts.fallback, &facts.alternates, &facts.catalog_owners, &facts.administrators];
        let delegates = circles
            .into_iter()
            .flatten()
            .filter_map(|user| Some((*user, self.delegates.get(user)?.clone())))
            .collect();
        facts.delegates = delegates;
        facts
    }
}

/// Every administrator, directly or through a group; enabled or not.
pub fn administrators(conn: &mut Conn) -> Result<BTreeSet<UserId>, StoreError> {
    let direct: Vec<Option<UserId>> = directory_role_grants::table
        .filter(directory_role_grants::role.eq(DirectoryRole::Administrator))
        .filter(directory_role_grants::user_id.is_not_null())
        .select(directory_role_grants::user_id)
        .load(conn)?;
    let through: Vec<UserId> = directory_role_grants::table
        .inner_join(
            group_members::table.on(directory_role_grants::group_id.eq(group_members::group_id.nullable())),
        )
        .inner_join(groups::table.on(groups::id.eq(group_members::group_id)))
        .filter(
            directory_role_grants::role.eq(DirectoryRole::Administrator).and(groups::deleted_at.is_null()),
        )
        .select(group_members::user_id)
        .load(conn)?;
    Ok(direct.into_iter().flatten().chain(through).collect())
}

/// The owners of these catalogs, directly or through a group; enabled or not.
pub fn catalog_owners(
    conn: &mut Conn,
    catalogs: &BTreeSet<CatalogId>,
) -> Result<BTreeMap<CatalogId, BTreeSet<UserId>>, StoreError> {
    let direct: Vec<(CatalogId, Option<UserId>)> = catalog_role_grants::table
        .filter(catalog_role_grants::role.eq(CatalogRole::Owner))
        .filter(catalog_role_grants::catalog_id.eq_any(catalogs.iter().copied()))
        .filter(catalog_role_grants::user_id.is_not_null())
        .select((catalog_role_grants::catalog_id, catalog_role_grants::user_id))
        .load(conn)?;
    let through: Vec<(CatalogId, UserId)> = catalog_role_grants::table
        .inner_join(
            group_members::table.on(catalog_role_grants::group_id.eq(group_members::group_id.nullable())),
        )
        .inner_join(groups::table.on(groups::id.eq(group_members::group_id)))
        .filter(catalog_role_grants::role.eq(CatalogRole::Owner).and(groups::deleted_at.is_null()))
        .filter(catalog_role_grants::catalog_id.eq_any(catalogs.iter().copied()))
        .select((catalog_role_grants::catalog_id, group_members::user_id))
        .load(conn)?;
    let mut owners: BTreeMap<CatalogId, BTreeSet<UserId>> = BTreeMap::new();
    for (catalog, user) in direct.into_iter().filter_map(|(c, u)| u.map(|u| (c, u))).chain(through) {
        owners.entry(catalog).or_default().insert(user);
    }
    Ok(owners)
}

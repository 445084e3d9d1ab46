//! What a package offers to one person: the policies that admit them, narrowed to the strictest tier (SPEC
//! POL-3), with the people who would decide. Shared by the requestor's pages.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use crate::domain::directory::{OrganizationState, UserKind};
use crate::domain::policy::{Approver, Quorum, ScopeKind, Stage, Terms, strictest};
use crate::kernel::ids::{GroupId, OrganizationId, PackageId, PolicyId, UserId};
use crate::store::conn::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{connected_organizations, groups, policies, policy_versions, users};
use crate::store::types::Json;

/// The person who asks, as far as scopes and outlines need them.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Who.
    pub user: UserId,
    /// Comes from outside?
    pub guest: bool,
    /// May sign in and request?
    pub enabled: bool,
    /// Department, may be empty.
    pub department: String,
    organization: Option<OrganizationId>,
    organization_configured: bool,
    manager: Option<UserId>,
    managers_manager: Option<UserId>,
}

type AskerRow = (UserKind, bool, String, Option<UserId>, Option<OrganizationId>, Option<OrganizationState>);

impl Asker {
    /// Loads the person; `None` if there is no such (or a deleted) user.
    pub fn load(conn: &mut Conn, user: UserId) -> Result<Option<Self>, StoreError> {
        let row: Option<AskerRow> = users::table
            .left_join(connected_organizations::table)
            .filter(users::id.eq(user))
            .filter(users::deleted_at.is_null())
            .select((
                users::kind,
                users::enabled,
                users::department,
                users::manager_id,
                users::organization_id,
                connected_organizations::state.nullable(),
            ))
            .first(conn)
            .optional()?;
        let Some((kind, enabled, department, manager, organization, organization_state)) = row else {
            return Ok(None);
        };
        let managers_manager = match manager {
            Some(id) => users::table
                .find(id)
                .select(users::manager_id)
                .first::<Option<UserId>>(conn)
                .optional()?
                .flatten(),
            None => None,
        };
        Ok(Some(Self {
            user,
            guest: kind == UserKind::Guest,
            enabled,
            department,
            organization,
            organization_configured: organization_state == Some(OrganizationState::Configured),
            manager,
            managers_manager,
        }))
    }

    /// The scopes that admit the person without naming anybody.
    pub(super) fn open_scopes(&self) -> Vec<&'static str> {
        let mut kinds = vec![ScopeKind::AllUsers];
        if self.guest {
            kinds.push(ScopeKind::Anyone);
            if self.organization_configured {
                kinds.push(ScopeKind::AllOrganizations);
            }
        } else {
            kinds.push(ScopeKind::AllMembers);
        }
        kinds.into_iter().map(ScopeKind::as_str).collect()
    }

    /// The organization that counts for scopes: a guest's; for others an id that no organization has.
    pub(super) fn organization(&self) -> OrganizationId {
        self.organization.filter(|_| self.guest).unwrap_or(OrganizationId(uuid::Uuid::nil()))
    }
}

/// The enabled policies whose scope admits the person, as SQL: lists page over it (SPEC REQ-1, POL-2). A macro,
/// because a boxed query cannot be a part of another on both databases, and the plain type has no name.
macro_rules! admitting {
    ($asker:expr) => {{
        use crate::domain::policy::ScopeKind;
        use crate::store::schema::{
            group_members, groups, policies, policy_scope_groups, policy_scope_organizations,
            policy_scope_users,
        };
        let asker: &Asker = $asker;
        let by_name = policy_scope_users::table
            .filter(policy_scope_users::user_id.eq(asker.user))
            .select(policy_scope_users::policy_id);
        let by_group = policy_scope_groups::table
            .inner_join(group_members::table.on(group_members::group_id.eq(policy_scope_groups::group_id)))
            .inner_join(groups::table.on(groups::id.eq(policy_scope_groups::group_id)))
            .filter(group_members::user_id.eq(asker.user))
            .filter(groups::deleted_at.is_null())
            .select(policy_scope_groups::policy_id);
        let by_organization = policy_scope_organizations::table
            .filter(policy_scope_organizations::organization_id.eq(asker.organization()))
            .select(policy_scope_organizations::policy_id);
        let specific = policies::scope_kind
            .eq(ScopeKind::Specific)
            .and(policies::id.eq_any(by_name).or(policies::id.eq_any(by_group)));
        let organizations =
            policies::scope_kind.eq(ScopeKind::Organizations).and(policies::id.eq_any(by_organization));
        policies::table
            .filter(policies::enabled.eq(true))
            .filter(policies::deleted_at.is_null())
            .filter(policies::scope_kind.eq_any(asker.open_scopes()).or(specific).or(organizations))
    }};
}
pub(super) use admitting;

/// Somebody whom a stage asks, with the name where there is one to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whom the policy names.
    pub approver: Approver,
    /// The person's or group's name.
    pub name: Option<String>,
}

/// A stage as the requestor sees it before asking (SPEC REQ-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageOutline {
    /// Who is asked; those who cannot decide are left out already.
    pub asked: Vec<Asked>,
    /// How many of them.
    pub quorum: Quorum,
    /// Days to decide.
    pub limit_days: u8,
    /// After how many days without a decision others are asked too (SPEC APR-4).
    pub escalates_after: Option<u8>,
}

/// One way to get a package.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The policy.
    pub policy: PolicyId,
    /// Its name.
    pub name: String,
    /// Its description, may be empty.
    pub description: String,
    /// Its present version.
    pub version: i32,
    /// What it says.
    pub terms: Terms,
    /// Its stages with names.
    pub stages: Vec<StageOutline>,
}

type OfferRow = (PackageId, PolicyId, String, String, ScopeKind, i32, Json);

/// What each of the packages offers to the person, in the policies' order.
pub fn offers(
    conn: &mut Conn,
    asker: &Asker,
    packages: &[PackageId],
) -> Result<HashMap<PackageId, Vec<Offer>>, StoreError> {
    if packages.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<OfferRow> = admitting!(asker)
        .inner_join(policy_versions::table)
        .filter(policy_versions::number.eq(policies::current_version))
        .filter(policies::package_id.eq_any(packages.to_vec()))
        .order((policies::position, policies::id))
        .select((
            policies::package_id,
            policies::id,
            policies::name,
            policies::description,
            policies::scope_kind,
            policies::current_version,
            policy_versions::terms,
        ))
        .load(conn)?;
    let mut by_package: HashMap<PackageId, Vec<(ScopeKind, Offer)>> = HashMap::new();
    for (package, policy, name, description, scope, version, terms) in rows {
        let offer = Offer { policy, name, description, version, terms: terms.read()?, stages: Vec::new() };
        by_package.entry(package).or_default().push((scope, offer));
    }
    let mut offers: HashMap<PackageId, Vec<Offer>> = by_package
        .into_iter()
        .map(|(package, all)| {
            let best = strictest(all, |(scope, _)| *scope);
            (package, best.into_iter().map(|(_, offer)| offer).collect())
        })
        .collect();
    let names = Names::load(conn, asker, offers.values().flatten().flat_map(|o| o.terms.stages.iter()))?;
    for offer in offers.values_mut().flatten() {
        offer.stages = names.outline(asker, &offer.terms);
    }
    Ok(offers)
}

/// The stages of these terms with names, for the person whom the access is for.
pub fn outline(conn: &mut Conn, asker: &Asker, terms: &Terms) -> Result<Vec<StageOutline>, StoreError> {
    Ok(Names::load(conn, asker, terms.stages.iter())?.outline(asker, terms))
}

/// The names of everybody whom stages mention.
struct Names {
    /// Those who can act only.
    users: HashMap<UserId, String>,
    groups: HashMap<GroupId, String>,
}

impl Names {
    fn load<'s>(
        conn: &mut Conn,
        asker: &Asker,
        stages: impl Iterator<Item = &'s Stage>,
    ) -> Result<Self, StoreError> {
        let (mut people, mut teams) = (BTreeSet::new(), BTreeSet::new());
        for approver in stages.flat_map(|s| s.approvers.iter().chain(&s.fallback)) {
            match approver {
                Approver::User { id } => {
                    people.insert(*id);
                }
                Approver::Group { id } => {
                    teams.insert(*id);
                }
                Approver::Manager { .. } => {
                    people.extend(asker.manager);
                    people.extend(asker.managers_manager);
                }
                _ => {}
            }
        }
        let users = if people.is_empty() {
            Vec::new()
        } else {
            users::table
                .filter(users::id.eq_any(people))
                .filter(users::enabled.eq(true))
                .filter(users::deleted_at.is_null())
                .select((users::id, users::display_name))
                .load::<(UserId, String)>(conn)?
        };
        let groups = if teams.is_empty() {
            Vec::new()
        } else {
            groups::table
                .filter(groups::id.eq_any(teams))
                .filter(groups::deleted_at.is_null())
                .select((groups::id, groups::name))
                .load::<(GroupId, String)>(conn)?
        };
        Ok(Self { users: users.into_iter().collect(), groups: groups.into_iter().collect() })
    }

    fn outline(&self, asker: &Asker, terms: &Terms) -> Vec<StageOutline> {
        terms.stages.iter().map(|stage| self.stage(asker, stage)).collect()
    }

    /// Who would be asked (SPEC APR-2, APR-3): the named ones who can act; if none, the fallback; then the owners
    /// of the catalog.
    fn stage(&self, asker: &Asker, stage: &Stage) -> StageOutline {
        let pick = |approvers: &[Approver]| -> Vec<Asked> {
            approvers.iter().filter_map(|a| self.asked(asker, *a)).collect()
        };
        let mut asked = pick(&stage.approvers);
        if asked.is_empty() {
            asked = pick(&stage.fallback);
        }
        if asked.is_empty() {
            asked.push(Asked { approver: Approver::CatalogOwners, name: None });
        }
        StageOutline {
            asked,
            quorum: stage.quorum,
            limit_days: stage.limit_days,
            escalates_after: stage.alternates.as_ref().map(|a| a.after_days),
        }
    }

    fn asked(&self, asker: &Asker, approver: Approver) -> Option<Asked> {
        let person = match approver {
            Approver::User { id } => Some(id),
            Approver::Manager { level: 1 } => Some(asker.manager?),
            Approver::Manager { .. } => Some(asker.managers_manager?),
            _ => None,
        };
        let name = match (person, approver) {
            // Nobody decides their own request (SPEC APR-2).
            (Some(id), _) if id == asker.user => return None,
            (Some(id), _) => Some(self.users.get(&id)?.clone()),
            (None, Approver::Group { id }) => Some(self.groups.get(&id)?.clone()),
            (None, _) => None,
        };
        Some(Asked { approver, name })
    }
}

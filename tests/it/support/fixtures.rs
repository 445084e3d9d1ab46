//! Groups, catalogs and packages; the catalog "Sales" of the examples (SPEC FIX-3). Rows are written by hand, so that a test of one area does
//! not fail because another one is broken.

use latchkey::domain::access::CatalogRole;
use latchkey::domain::policy::{Approver, Expiry, LinkMode, Scope, Terms};
use latchkey::kernel::ids::{CatalogId, GroupId, PackageId, PolicyId, ResourceId, ResourceRoleId};
use latchkey::kernel::text::fold;

use super::Test;
use super::raw::{Sql, id};
use super::terms;

/// The catalog "Sales" with its packages.
#[derive(Clone, Copy, Debug)]
pub struct Sales {
    /// The catalog; Carol owns it.
    pub catalog: CatalogId,
    /// The group behind the resource "Sales team".
    pub team: GroupId,
    /// Member of the Sales team: delivered in the directory at once.
    pub team_member: ResourceRoleId,
    /// User of the CRM: an application, delivered by hand by its owner, Carol.
    pub crm_user: ResourceRoleId,
    /// All members, one stage: manager; 30 days, extension allowed; Sales team.
    pub onboarding: PackageId,
    /// Its policy.
    pub onboarding_policy: PolicyId,
    /// Two stages: manager, then Mia; one question; 7 days; Sales team.
    pub deal_desk: PackageId,
    /// Its policy.
    pub deal_desk_policy: PolicyId,
    /// No approval, never expires; Sales team.
    pub price_list: PackageId,
    /// Its policy.
    pub price_list_policy: PolicyId,
    /// Hidden; Alice and Bob only, decided by code; Sales team.
    pub board_papers: PackageId,
    /// Its policy.
    pub board_papers_policy: PolicyId,
    /// Direct assignment only; Sales team and CRM.
    pub contractor_kit: PackageId,
    /// Its policy.
    pub contractor_kit_policy: PolicyId,
}

impl Test {
    /// A group with these members.
    pub fn group(&mut self, name: &str, members: &[&str]) -> GroupId {
        let group: GroupId = self.app.ids.next();
        self.insert(
            "groups",
            &[
                ("id", id(group)),
                ("name", name.into()),
                ("name_folded", fold(name).into()),
                ("description", "".into()),
                ("kind", "assigned".into()),
                ("created_at", self.now().into()),
                ("version", 1.into()),
            ],
        );
        for member in members {
            self.join(group, member);
        }
        group
    }

    /// Puts a person into a group.
    pub fn join(&mut self, group: GroupId, name: &str) {
        let user = self.person(name);
        self.insert(
            "group_members",
            &[("group_id", id(group)), ("user_id", id(user)), ("added_at", self.now().into())],
        );
    }

    /// A published catalog, open to guests, owned by this person.
    pub fn catalog(&mut self, name: &str, owner: &str) -> CatalogId {
        let catalog: CatalogId = self.app.ids.next();
        self.insert(
            "catalogs",
            &[
                ("id", id(catalog)),
                ("name", name.into()),
                ("name_folded", fold(name).into()),
                ("description", "".into()),
                ("state", "published".into()),
                ("external_enabled", true.into()),
                ("built_in", false.into()),
                ("created_at", self.now().into()),
                ("version", 1.into()),
            ],
        );
        self.grant_in(catalog, CatalogRole::Owner, owner);
        catalog
    }

    /// A resource in a catalog: with a group one that stands for it, otherwise an application that its owner
    /// serves by hand.
    pub fn resource(
        &mut self,
        catalog: CatalogId,
        name: &str,
        group: Option<GroupId>,
        owner: &str,
    ) -> ResourceId {
        let owner = self.person(owner);
        let resource: ResourceId = self.app.ids.next();
        let (kind, connector) =
            if group.is_some() { ("group", "directory") } else { ("application", "manual") };
        self.insert(
            "resources",
            &[
                ("id", id(resource)),
                ("kind", kind.into()),
                ("name", name.into()),
                ("name_folded", fold(name).into()),
                ("description", "".into()),
                ("usage_text", "".into()),
                ("link", "".into()),
                ("connector", connector.into()),
                ("connector_settings", "{}".into()),
                ("group_id", group.map(id).unwrap_or(Sql::Null)),
                ("created_at", self.now().into()),
                ("version", 1.into()),
            ],
        );
        self.insert(
            "resource_owners",
            &[("resource_id", id(resource)), ("user_id", id(owner)), ("added_at", self.now().into())],
        );
        self.insert(
            "catalog_resources",
            &[("catalog_id", id(catalog)), ("resource_id", id(resource)), ("added_at", self.now().into())],
        );
        resource
    }

    /// A role of a resource; for one that stands for a group `Some("member")` or `Some("owner")`.
    pub fn role(&mut self, resource: ResourceId, name: &str, group_role: Option<&str>) -> ResourceRoleId {
        let role: ResourceRoleId = self.app.ids.next();
        self.insert(
            "resource_roles",
            &[
                ("id", id(role)),
                ("resource_id", id(resource)),
                ("name", name.into()),
                ("name_folded", fold(name).into()),
                ("description", "".into()),
                ("group_role", group_role.into()),
                ("position", 1.into()),
            ],
        );
        role
    }

    /// A package with these resource roles.
    pub fn package(&mut self, catalog: CatalogId, name: &str, roles: &[ResourceRoleId]) -> PackageId {
        let package: PackageId = self.app.ids.next();
        self.insert(
            "packages",
            &[
                ("id", id(package)),
                ("catalog_id", id(catalog)),
                ("name", name.into()),
                ("name_folded", fold(name).into()),
                ("description", "".into()),
                ("search_folded", fold(name).into()),
                ("hidden", false.into()),
                ("created_at", self.now().into()),
                ("version", 1.into()),
            ],
        );
        for role in roles {
            self.insert(
                "package_roles",
                &[
                    ("package_id", id(package)),
                    ("resource_role_id", id(*role)),
                    ("added_at", self.now().into()),
                ],
            );
        }
        package
    }

    /// An enabled policy of a package.
    pub fn policy(&mut self, package: PackageId, name: &str, terms: &Terms) -> PolicyId {
        terms.check().unwrap_or_else(|e| panic!("{name}: {e}"));
        let policy: PolicyId = self.app.ids.next();
        let position = self.count(&format!("policies WHERE package_id = '{package}'")) + 1;
        self.insert(
            "policies",
            &[
                ("id", id(policy)),
                ("package_id", id(package)),
                ("name", name.into()),
                ("name_folded", fold(name).into()),
                ("description", "".into()),
                ("enabled", true.into()),
                ("scope_kind", terms.scope.kind().as_str().into()),
                ("current_version", 1.into()),
                ("position", position.into()),
                ("created_at", self.now().into()),
                ("version", 1.into()),
            ],
        );
        let json = serde_json::to_string(terms).expect("terms are JSON");
        self.insert(
            "policy_versions",
            &[
                ("policy_id", id(policy)),
                ("number", 1.into()),
                ("terms", json.into()),
                ("created_at", self.now().into()),
            ],
        );
        match &terms.scope {
            Scope::Specific { users, groups } => {
                for user in users {
                    self.insert("policy_scope_users", &[("policy_id", id(policy)), ("user_id", id(*user))]);
                }
                for group in groups {
                    self.insert(
                        "policy_scope_groups",
                        &[("policy_id", id(policy)), ("group_id", id(*group))],
                    );
                }
            }
            Scope::Organizations { organizations } => {
                for organization in organizations {
                    self.insert(
                        "policy_scope_organizations",
                        &[("policy_id", id(policy)), ("organization_id", id(*organization))],
                    );
                }
            }
            _ => {}
        }
        policy
    }

    /// Everybody of SPEC FIX-3 and the catalog "Sales" with its five packages.
    pub fn sales(&mut self) -> Sales {
        for name in ["alice", "bob", "carol", "priya", "sam", "dan", "mia", "aud", "root", "erin"] {
            self.person(name);
        }
        let catalog = self.catalog("Sales", "carol");
        self.grant_in(catalog, CatalogRole::PackageManager, "priya");
        self.grant_in(catalog, CatalogRole::AssignmentManager, "sam");
        let team = self.group("Sales team", &[]);
        let team_resource = self.resource(catalog, "Sales team", Some(team), "carol");
        let team_member = self.role(team_resource, "Member", Some("member"));
        self.role(team_resource, "Owner", Some("owner"));
        let crm = self.resource(catalog, "CRM", None, "carol");
        let crm_user = self.role(crm, "User", None);

        let onboarding = self.package(catalog, "Sales onboarding", &[team_member]);
        let onboarding_policy =
            self.policy(onboarding, "All members", &terms::members(vec![terms::manager()]));
        let deal_desk = self.package(catalog, "Deal desk", &[team_member]);
        let mia = self.person("mia");
        let mut two_stages = terms::members(vec![terms::manager(), terms::by(mia)]);
        two_stages.questions = vec![terms::question("deal", "Which deal is it for?", true)];
        two_stages.expiry = Expiry::AfterDays { days: 7 };
        let deal_desk_policy = self.policy(deal_desk, "All members", &two_stages);
        let price_list = self.package(catalog, "Price list", &[team_member]);
        let mut at_once = terms::members(vec![]);
        at_once.expiry = Expiry::Never;
        let price_list_policy = self.policy(price_list, "All members", &at_once);
        let board_papers = self.package(catalog, "Board papers", &[team_member]);
        self.sql(&format!("UPDATE packages SET hidden = TRUE WHERE id = '{board_papers}'"));
        let named = ["alice", "bob"].map(|name| self.person(name));
        let mut by_code = terms::only(&named, vec![terms::stage(vec![Approver::CatalogOwners])]);
        by_code.link_mode = Some(LinkMode::Code);
        let board_papers_policy = self.policy(board_papers, "The board", &by_code);
        let contractor_kit = self.package(catalog, "Contractor kit", &[team_member, crm_user]);
        let contractor_kit_policy = self.policy(contractor_kit, "Direct assignment", &Terms::direct_only());
        Sales {
            catalog,
            team,
            team_member,
            crm_user,
            onboarding,
            onboarding_policy,
            deal_desk,
            deal_desk_policy,
            price_list,
            price_list_policy,
            board_papers,
            board_papers_policy,
            contractor_kit,
            contractor_kit_policy,
        }
    }
}

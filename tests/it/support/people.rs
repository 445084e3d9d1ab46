//! The people of the examples (SPEC FIX-3) and their directory-wide and catalog roles.

use latchkey::domain::access::{CatalogRole, DirectoryRole};
use latchkey::kernel::ids::{CatalogId, OrganizationId, RoleGrantId, UserId};
use latchkey::kernel::text::fold;

use super::Test;
use super::raw::{Sql, id};

/// A user in the making.
pub struct NewUser<'t> {
    test: &'t mut Test,
    name: String,
    manager: Option<UserId>,
    department: String,
    guest_of: Option<Option<OrganizationId>>,
    enabled: bool,
    time_zone: String,
}

impl NewUser<'_> {
    /// Reports to this person.
    pub fn manager(mut self, name: &str) -> Self {
        self.manager = Some(self.test.person(name));
        self
    }
    /// Works here.
    pub fn department(mut self, department: &str) -> Self {
        department.clone_into(&mut self.department);
        self
    }
    /// Comes from outside, from this connected organization if any.
    pub fn guest(mut self, organization: Option<OrganizationId>) -> Self {
        self.guest_of = Some(organization);
        self
    }
    /// May not sign in.
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }
    /// Lives here.
    pub fn time_zone(mut self, zone: &str) -> Self {
        zone.clone_into(&mut self.time_zone);
        self
    }
    /// Writes the row.
    pub fn create(self) -> UserId {
        let t = self.test;
        let user: UserId = t.app.ids.next();
        let domain = if self.guest_of.is_some() { "partner" } else { "demo" };
        let email = format!("{}@{domain}.example", self.name);
        let mut letters = self.name.chars();
        let given: String =
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        let shown = format!("{given} Example");
        t.insert(
            "users",
            &[
                ("id", id(user)),
                ("email", email.as_str().into()),
                ("email_folded", fold(&email).into()),
                ("display_name", shown.as_str().into()),
                ("name_folded", fold(&shown).into()),
                ("search_folded", fold(&format!("{shown} {email} {}", self.department)).into()),
                ("given_name", given.as_str().into()),
                ("surname", "Example".into()),
                ("kind", if self.guest_of.is_some() { "guest" } else { "member" }.into()),
                ("department", self.department.as_str().into()),
                ("job_title", "".into()),
                ("company", "".into()),
                ("office", "".into()),
                ("country", "".into()),
                ("employee_id", "".into()),
                ("manager_id", self.manager.map(id).unwrap_or(Sql::Null)),
                ("time_zone", self.time_zone.as_str().into()),
                ("locale", "en".into()),
                ("extension", "{}".into()),
                ("enabled", self.enabled.into()),
                ("source", "local".into()),
                ("organization_id", self.guest_of.flatten().map(id).unwrap_or(Sql::Null)),
                ("created_at", t.now().into()),
                ("version", 1.into()),
            ],
        );
        t.people.insert(self.name, user);
        user
    }
}

impl Test {
    /// The person with this first name, made when first mentioned. Those of SPEC FIX-3 have the manager, department
    /// and directory-wide role that belong to them; any other name is a member without either.
    pub fn person(&mut self, name: &str) -> UserId {
        if let Some(known) = self.people.get(name) {
            return *known;
        }
        match name {
            "alice" => self.user(name).manager("bob").department("Sales").create(),
            "bob" | "carol" | "priya" | "sam" => self.user(name).department("Sales").create(),
            "dan" => self.user(name).department("Warehouse").create(),
            "mia" => self.user(name).department("Finance").create(),
            "aud" => {
                let user = self.user(name).create();
                self.grant(DirectoryRole::Auditor, user);
                user
            }
            "root" => {
                let user = self.user(name).create();
                self.grant(DirectoryRole::Administrator, user);
                user
            }
            "erin" => {
                let partner = self.organization("Partner", "partner.example");
                self.user(name).guest(Some(partner)).create()
            }
            _ => self.user(name).create(),
        }
    }

    /// A new user with this first name: `t.user("zoe").manager("bob").create()`.
    pub fn user(&mut self, name: &str) -> NewUser<'_> {
        NewUser {
            name: name.to_owned(),
            manager: None,
            department: String::new(),
            guest_of: None,
            enabled: true,
            time_zone: "Europe/Berlin".to_owned(),
            test: self,
        }
    }

    /// A configured connected organization.
    pub fn organization(&mut self, name: &str, domain: &str) -> OrganizationId {
        let organization: OrganizationId = self.app.ids.next();
        self.insert(
            "connected_organizations",
            &[
                ("id", id(organization)),
                ("name", name.into()),
                ("name_folded", fold(name).into()),
                ("description", "".into()),
                ("state", "configured".into()),
                ("created_at", self.now().into()),
                ("version", 1.into()),
            ],
        );
        self.insert(
            "organization_domains",
            &[("domain", domain.into()), ("organization_id", id(organization))],
        );
        organization
    }

    /// Grants a directory-wide role.
    pub fn grant(&mut self, role: DirectoryRole, user: UserId) {
        let grant: RoleGrantId = self.app.ids.next();
        self.insert(
            "directory_role_grants",
            &[
                ("id", id(grant)),
                ("role", role.as_str().into()),
                ("user_id", id(user)),
                ("granted_at", self.now().into()),
            ],
        );
    }

    /// Grants a role in a catalog.
    pub fn grant_in(&mut self, catalog: CatalogId, role: CatalogRole, name: &str) {
        let user = self.person(name);
        let grant: RoleGrantId = self.app.ids.next();
        self.insert(
            "catalog_role_grants",
            &[
                ("id", id(grant)),
                ("catalog_id", id(catalog)),
                ("role", role.as_str().into()),
                ("user_id", id(user)),
                ("granted_at", self.now().into()),
            ],
        );
    }
}

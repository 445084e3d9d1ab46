//! The people, their managers, groups and roles.

use std::collections::BTreeMap;

use serde_json::json;

use super::cast::{PEOPLE, TEAMS};
use super::{DAYS, Demo};
use crate::app::AppError;
use crate::app::account::set_up::{self, NewAdministrator};
use crate::app::directory::{groups, roles, users};
use crate::domain::access::{self, DirectoryRole};
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::directory::{Belonging, GroupFields, Holder, Profile, User, UserKind, UserSource};
use crate::domain::rule::Rule;
use crate::kernel::Email;
use crate::kernel::ids::{EntityId as _, OrganizationId, UserId};
use crate::store::{StoreError, Tx, credentials, organizations};

fn email(key: &str, domain: &str) -> Result<Email, StoreError> {
    Email::parse(&format!("{key}@{domain}")).map_err(|e| StoreError::Corrupt(e.to_string()))
}

fn profile(key: &str, name: &str, domain: &str) -> Result<Profile, StoreError> {
    let (given, surname) = name.split_once(' ').unwrap_or((name, ""));
    Ok(Profile {
        email: email(key, domain)?,
        display_name: name.to_owned(),
        given_name: given.to_owned(),
        surname: surname.to_owned(),
        kind: UserKind::Member,
        department: String::new(),
        job_title: String::new(),
        company: "Demo Company".to_owned(),
        office: "Headquarters".to_owned(),
        country: String::new(),
        employee_id: String::new(),
        hired_on: None,
        manager: None,
        time_zone: "Europe/Berlin".to_owned(),
        locale: "en".to_owned(),
        extension: BTreeMap::new(),
    })
}

/// Everybody, the groups, the partner, and who holds which directory-wide role.
pub(super) fn found(tx: &mut Tx<'_>, demo: &mut Demo, hash: &str) -> Result<(), AppError> {
    demo.go_to(demo.at(DAYS, 8, 0));
    let first =
        NewAdministrator { name: "Root Administrator".to_owned(), email: email("root", "demo.example")? };
    let root = set_up::create_administrator(tx, &demo.app.system_cx("demo"), &first, hash)?;
    demo.people.insert("root", root);
    let (cx, by) = demo.as_person(tx, "root")?;
    let permit = access::manage_directory(&by)?;
    for (number, person) in (1..).zip(PEOPLE) {
        let mut profile = profile(person.key, person.name, "demo.example")?;
        person.department.clone_into(&mut profile.department);
        person.title.clone_into(&mut profile.job_title);
        profile.employee_id = format!("E{:04}", 1000 + number);
        if !person.manager.is_empty() {
            profile.manager = Some(demo.person(person.manager)?);
        }
        let new = users::NewUser { profile, invite: false };
        let user = users::create(tx, &cx, permit, new)?;
        credentials::set_password(tx, user, hash, cx.now)?;
        demo.people.insert(person.key, user);
    }
    for team in TEAMS {
        let fields = GroupFields { name: team.name.to_owned(), description: team.description.to_owned() };
        let group = groups::create(tx, &cx, permit, fields, &[demo.person(team.owner)?].into())?;
        let members = team.members.iter().map(|key| demo.person(key)).collect::<Result<_, _>>()?;
        groups::add(tx, &cx, permit, group, &members, Belonging::Member)?;
        demo.groups.insert(team.name, group);
    }
    // One group whose members follow a rule (SPEC DIR-4).
    let fields = GroupFields {
        name: "Everybody in finance".to_owned(),
        description: "Follows the department: nobody has to keep it.".to_owned(),
    };
    let group = groups::create(tx, &cx, permit, fields, &[demo.person("mia")?].into())?;
    let rule = Rule::parse("user.department -eq \"Finance\" -and user.accountEnabled -eq true");
    let rule = rule.map_err(|_| StoreError::Missing("a rule of the demonstration"))?;
    groups::set_rule(tx, &cx, permit, group, 1, Some(&rule))?;
    let grants = [
        (DirectoryRole::Auditor, "aud"),
        (DirectoryRole::CatalogCreator, "carol"),
        (DirectoryRole::CatalogCreator, "mia"),
        (DirectoryRole::CatalogCreator, "ines"),
        (DirectoryRole::CatalogCreator, "ian"),
    ];
    for (role, key) in grants {
        roles::grant(tx, &cx, permit, role, &[Holder::User(demo.person(key)?)])?;
    }
    partner(tx, demo, hash)
}

/// A connected organization, and a guest who comes from it.
fn partner(tx: &mut Tx<'_>, demo: &mut Demo, hash: &str) -> Result<(), AppError> {
    let (cx, _) = demo.as_person(tx, "root")?;
    let organization: OrganizationId = cx.id();
    let name = "Partner Company";
    organizations::insert(tx, organization, name, "Resells our products.", &["partner.example"], cx.now)?;
    cx.record(
        tx,
        Record::of("organization.create", ObjectKind::Organization, organization.uuid(), name)
            .change(json!(null), json!({ "name": name, "domains": ["partner.example"] })),
    );
    let mut profile = profile("erin", "Erin Ellis", "partner.example")?;
    profile.kind = UserKind::Guest;
    name.clone_into(&mut profile.company);
    profile.office = String::new();
    let erin: UserId = cx.id();
    let user = User {
        id: erin,
        enabled: true,
        source: UserSource::Local,
        organization: Some(organization),
        created_at: cx.now,
        last_sign_in_at: None,
        deleted_at: None,
        version: 1,
        profile,
    };
    crate::store::users::insert(tx, &user)?;
    credentials::set_password(tx, erin, hash, cx.now)?;
    cx.record(
        tx,
        Record::of("user.create", ObjectKind::User, erin.uuid(), "Erin Ellis")
            .about(erin)
            .change(json!(null), json!(user.profile)),
    );
    demo.people.insert("erin", erin);
    demo.partner = Some(organization);
    Ok(())
}

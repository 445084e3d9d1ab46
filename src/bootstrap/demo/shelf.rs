//! Catalogs, resources and packages on the shelf.

use std::collections::BTreeSet;

use super::offers::{self, Offer};
use super::{DAYS, Demo};
use crate::app::AppError;
use crate::app::catalog::packages::{NewPackage, NewPolicy};
use crate::app::catalog::resources::{NewKind, NewResource, NewRole};
use crate::app::catalog::{attributes, catalogs, packages, resources, roles};
use crate::domain::access::CatalogRole;
use crate::domain::catalog::{CatalogFields, CatalogState};
use crate::domain::directory::Holder;
use crate::domain::package::{PackageFields, PolicyFields};
use crate::domain::question::{Pattern, Question, QuestionKind};
use crate::store::{Tx, policies as policy_store, resources as resource_store};

/// A catalog: name, what it is for, its owner.
const CATALOGS: &[(&str, &str, &str)] = &[
    ("Sales", "What people in sales need: customers, prices, offers.", "carol"),
    ("Finance", "Accounts, payroll and budgets.", "mia"),
    ("Engineering", "Source code, production and tools.", "ines"),
    ("Workplace", "Buildings, travel and events.", "ian"),
];

/// Further roles: catalog, role, who.
const HELPERS: &[(&str, CatalogRole, &str)] = &[
    ("Sales", CatalogRole::PackageManager, "priya"),
    ("Sales", CatalogRole::AssignmentManager, "sam"),
    ("Finance", CatalogRole::PackageManager, "ruth"),
    ("Finance", CatalogRole::Reader, "noor"),
    ("Engineering", CatalogRole::PackageManager, "hugo"),
    ("Engineering", CatalogRole::AssignmentManager, "mei"),
    ("Workplace", CatalogRole::AssignmentManager, "jo"),
];

/// An application: name, catalog, owner, what it is, its roles.
const APPLICATIONS: &[(&str, &str, &str, &str, &[&str])] = &[
    ("CRM", "Sales", "carol", "Customers and what we know of them.", &["Reader", "User", "Team lead"]),
    ("Quote tool", "Sales", "carol", "Makes offers.", &["Editor", "Approver"]),
    ("Price database", "Sales", "priya", "Prices and discounts.", &["Reader"]),
    ("Accounting", "Finance", "mia", "The books.", &["Reader", "Clerk"]),
    ("Expense tool", "Finance", "ruth", "Expenses and receipts.", &["User", "Approver"]),
    ("Budget planner", "Finance", "mia", "Next year in numbers.", &["Editor"]),
    ("Source code", "Engineering", "hugo", "Every repository.", &["Read", "Write"]),
    ("Release signing", "Engineering", "ines", "Signs what customers install.", &["Signer"]),
    ("Travel portal", "Workplace", "jo", "Trains, flights, hotels.", &["Traveller"]),
    ("Door system", "Workplace", "ian", "Opens doors.", &["Warehouse", "Data centre"]),
    ("VPN", "General", "kate", "The network from outside.", &["User"]),
    ("Newsletter", "General", "marta", "Writes to customers.", &["Editor"]),
    ("Partner portal", "General", "jo", "Files that we share with partners.", &["Visitor"]),
];

/// A group that stands in a catalog as a resource.
const GROUPS: &[(&str, &str, &str)] = &[
    ("Sales team", "Sales", "carol"),
    ("Deal desk", "Sales", "carol"),
    ("Board", "Sales", "carol"),
    ("Payroll", "Finance", "mia"),
    ("On-call", "Engineering", "mei"),
    ("Production readers", "Engineering", "mei"),
    ("Newsletter editors", "General", "marta"),
];

/// Fills the catalogs.
pub(super) fn stock(tx: &mut Tx<'_>, demo: &mut Demo) -> Result<(), AppError> {
    demo.go_to(demo.at(DAYS - 1, 9, 0));
    let general = catalogs::ensure_general(tx, &demo.app.system_cx("demo"))?;
    demo.catalogs.insert("General", general);
    for (name, description, owner) in CATALOGS {
        let (cx, me) = demo.as_person(tx, owner)?;
        let fields = CatalogFields {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            state: CatalogState::Published,
            external_enabled: *name == "Sales",
        };
        let catalog = catalogs::create(tx, &cx, &me, &fields)?;
        demo.catalogs.insert(name, catalog);
    }
    let (cx, root) = demo.as_person(tx, "root")?;
    let keepers = [Holder::Group(demo.group("Service desk")?)];
    roles::grant(tx, &cx, &root, general, CatalogRole::Owner, &keepers)?;
    for (catalog, role, key) in HELPERS {
        let holder = Holder::User(demo.person(key)?);
        roles::grant(tx, &cx, &root, demo.catalog(catalog)?, *role, &[holder])?;
    }
    demo.go_to(demo.at(DAYS - 2, 10, 0));
    for (name, catalog, owner, description, offered) in APPLICATIONS {
        let new_roles = offered
            .iter()
            .map(|role| NewRole { name: (*role).to_owned(), description: String::new() })
            .collect();
        let new = NewResource {
            kind: NewKind::Application(new_roles),
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            usage: format!("Open {name} and sign in with your usual account."),
            link: String::new(),
            owners: vec![demo.person(owner)?],
        };
        place(tx, demo, name, catalog, &new)?;
    }
    for (name, catalog, owner) in GROUPS {
        let new = NewResource {
            kind: NewKind::Group(demo.group(name)?),
            name: String::new(),
            description: String::new(),
            usage: String::new(),
            link: String::new(),
            owners: vec![demo.person(owner)?],
        };
        place(tx, demo, name, catalog, &new)?;
    }
    for (number, offer) in (0..).zip(offers::all(demo)?) {
        demo.go_to(demo.at(DAYS - 3, 11, number));
        put(tx, demo, offer)?;
    }
    Ok(())
}

fn place(
    tx: &mut Tx<'_>,
    demo: &mut Demo,
    name: &'static str,
    catalog: &str,
    new: &NewResource,
) -> Result<(), AppError> {
    let (cx, root) = demo.as_person(tx, "root")?;
    let id = resources::create(tx, &cx, &root, demo.catalog(catalog)?, new)?;
    if name == "Door system" {
        let badge = Question {
            hint: "The six digits on the back of your badge. Guests get theirs at the reception.".to_owned(),
            required: true,
            editable_later: true,
            pattern: Some(Pattern {
                expression: "[0-9]{6}".to_owned(),
                error: "A badge has six digits, such as 204117.".to_owned(),
            }),
            ..Question::new("badge-number", "What is the number of your badge?", QuestionKind::ShortText)
        };
        let version = resource_store::find(tx, id)?.map_or(0, |resource| resource.version);
        attributes::set(tx, &cx, &root, id, version, &[badge])?;
    }
    super::by_hand::mark(tx, demo, name, id)?;
    let known: Vec<&'static str> = APPLICATIONS
        .iter()
        .filter(|(application, ..)| *application == name)
        .flat_map(|(.., offered)| offered.iter().copied())
        .chain(["Member", "Owner"])
        .collect();
    for role in resource_store::roles(tx, id)? {
        if let Some(words) = known.iter().find(|words| **words == role.name) {
            demo.roles.insert((name, words), role.id);
        }
    }
    Ok(())
}

fn put(tx: &mut Tx<'_>, demo: &mut Demo, offer: Offer) -> Result<(), AppError> {
    let (cx, me) = demo.as_person(tx, offer.by)?;
    let mut granted = BTreeSet::new();
    for key in offer.roles {
        let role = demo.roles.get(key).copied();
        granted.insert(role.ok_or(crate::store::StoreError::Missing("a role of the demonstration"))?);
    }
    let new = NewPackage {
        fields: PackageFields {
            name: offer.name.to_owned(),
            description: offer.description.to_owned(),
            hidden: offer.hidden,
        },
        roles: granted,
        policy: None,
    };
    let package = packages::create(tx, &cx, &me, demo.catalog(offer.catalog)?, &new)?;
    for (name, description, enabled, terms) in offer.policies {
        let policy = NewPolicy {
            fields: PolicyFields { name: name.to_owned(), description: description.to_owned() },
            enabled,
            terms,
        };
        crate::app::catalog::policies::create(tx, &cx, &me, package, &policy)?;
    }
    let first = policy_store::of_package(tx, package)?.first().map(|p| p.id);
    demo.packages.insert(offer.name, (package, first));
    Ok(())
}

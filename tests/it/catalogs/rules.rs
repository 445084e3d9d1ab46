//! Catalogs, their roles and resources (SPEC CAT-1 to CAT-4, ROL-1 to ROL-3).

use latchkey::app::catalog::resources::{NewKind, NewResource, NewRole};
use latchkey::app::catalog::{catalogs, packages, resource_roles, resources, roles};
use latchkey::domain::Refusal;
use latchkey::domain::access::{CatalogRole, DirectoryRole};
use latchkey::domain::catalog::{CatalogState, GroupRole};
use latchkey::domain::directory::{Belonging, Holder};
use latchkey::kernel::ids::GroupId;
use latchkey::store;

use super::{catalog_fields, forbidden, invisible, refusal};
use crate::requests;
use crate::support::Test;

fn group_resource(group: GroupId) -> NewResource {
    NewResource {
        kind: NewKind::Group(group),
        name: String::new(),
        description: String::new(),
        usage: String::new(),
        link: String::new(),
        owners: Vec::new(),
    }
}

fn application(name: &str) -> NewResource {
    let role = |name: &str| NewRole { name: name.into(), description: String::new() };
    NewResource {
        kind: NewKind::Application(vec![role("Reader"), role("Editor")]),
        name: name.into(),
        ..group_resource(GroupId(uuid::Uuid::nil()))
    }
}

fn own(t: &Test, group: GroupId, name: &str) {
    let user = t.principal(name).user;
    let now = t.now();
    t.write(|tx| Ok(store::groups::add(tx, group, user, Belonging::Owner, now)?));
}

on_both! {
    /// General always exists: made once, never renamed, never deleted (SPEC CAT-1).
    fn cat_1_general_always_exists(t: &mut Test) {
        t.person("root");
        let cx = t.app.system_cx("start");
        let first = t.write(|tx| catalogs::ensure_general(tx, &cx));
        let again = t.write(|tx| catalogs::ensure_general(tx, &cx));
        assert_eq!(first, again);
        let renamed = t.try_as("root", |tx, cx, me| catalogs::edit(tx, cx, me, first, 1, &catalog_fields("Other")));
        assert_eq!(refusal(renamed), Refusal::BuiltInCatalog);
        let deleted = t.try_as("root", |tx, cx, me| catalogs::delete(tx, cx, me, first, 1));
        assert_eq!(refusal(deleted), Refusal::BuiltInCatalog);
        t.write_as("root", |tx, cx, me| catalogs::edit(tx, cx, me, first, 1, &catalog_fields("General")));
    }

    /// Who makes a catalog owns it, and sees no other (SPEC ROL-1); names are unique without case (SPEC CAT-1).
    fn rol_1_the_creator_becomes_the_first_owner(t: &mut Test) {
        let sales = t.sales();
        t.person("zoe");
        let zoe = t.principal("zoe").user;
        let make = |t: &Test, name: &str| {
            let fields = catalog_fields(name);
            t.try_as("zoe", move |tx, cx, me| catalogs::create(tx, cx, me, &fields))
        };
        forbidden(make(t, "Lab"), "Catalog creator");
        t.grant(DirectoryRole::CatalogCreator, zoe);
        let lab = make(t, "Lab").unwrap();
        assert!(t.principal("zoe").catalogs[&lab].contains(&CatalogRole::Owner));
        assert_eq!(refusal(make(t, " sALES ".trim())), Refusal::NameTaken("a catalog"));
        let viewer = t.principal("zoe").viewer();
        let seen = t.read(|c| store::views::catalogs::list(c, &viewer, "", None, Default::default()));
        assert_eq!(seen.items.iter().map(|c| c.id).collect::<Vec<_>>(), [lab]);
        invisible(t.try_as("zoe", |tx, cx, me| catalogs::delete(tx, cx, me, sales.catalog, 1)));
    }

    /// The permission table: who may edit the catalog (SPEC section 2, ROL-6).
    fn rol_6_only_owners_edit_a_catalog(t: &mut Test) {
        let sales = t.sales();
        let edit = |t: &Test, who: &str| {
            t.try_as(who, |tx, cx, me| catalogs::set_state(tx, cx, me, sales.catalog, 1, CatalogState::Unpublished))
        };
        for who in ["priya", "sam", "aud"] {
            forbidden(edit(t, who), "Catalog owner");
        }
        for who in ["alice", "dan", "erin"] {
            invisible(edit(t, who));
        }
        edit(t, "carol").unwrap();
    }

    /// Unpublished: nothing new, but what is held goes on (SPEC CAT-2).
    fn cat_2_an_unpublished_catalog_takes_no_new_requests(t: &mut Test) {
        let sales = t.sales();
        let held = requests::submit(t, "alice", sales.price_list);
        t.write_as("carol", |tx, cx, me| catalogs::set_state(tx, cx, me, sales.catalog, 1, CatalogState::Unpublished));
        let asked = requests::try_submit(t, "bob", sales.price_list);
        assert_eq!(refusal(asked), Refusal::CatalogUnpublished);
        assert!(requests::the_assignment(t, held).state.is_live());
        t.write_as("carol", |tx, cx, me| catalogs::set_state(tx, cx, me, sales.catalog, 2, CatalogState::Published));
        requests::submit(t, "bob", sales.price_list);
    }

    /// A catalog with packages, and a resource that packages use, stay; the refusal names what is in the way
    /// (SPEC CAT-3).
    fn cat_3_what_is_in_use_stays(t: &mut Test) {
        let sales = t.sales();
        let deleted = t.try_as("carol", |tx, cx, me| catalogs::delete(tx, cx, me, sales.catalog, 1));
        let words = refusal(deleted).to_string();
        assert!(words.contains("Board papers") && words.contains("Sales onboarding"), "{words}");
        let crm = t.read(|c| store::resources::roles_on_offer(c, sales.catalog))
            .into_iter().find(|r| r.role.id == sales.crm_user).unwrap().role.resource;
        let remove = |t: &Test| t.try_as("carol", |tx, cx, me| resources::remove(tx, cx, me, sales.catalog, crm));
        assert_eq!(refusal(remove(t)), Refusal::ResourceInUse("Contractor kit".into()));
        t.write_as("carol", |tx, cx, me| packages::delete(tx, cx, me, sales.contractor_kit, 1));
        remove(t).unwrap();
        assert!(!t.read(|c| store::catalogs::holds_resource(c, sales.catalog, crm)));

        let empty = t.catalog("Empty", "carol");
        t.write_as("carol", |tx, cx, me| catalogs::delete(tx, cx, me, empty, 1));
        assert!(t.read(|c| store::catalogs::find(c, empty)).is_none());
        assert!(!t.principal("carol").catalogs.contains_key(&empty), "its roles are gone with it");
    }

    /// A group resource offers Member and Owner by itself, once, and only to owners of the group (SPEC CAT-4,
    /// ROL-2).
    fn cat_4_a_group_becomes_a_resource_once(t: &mut Test) {
        let lab = t.catalog("Lab", "carol");
        let group = t.group("Lab team", &[]);
        let make = |t: &Test| {
            t.try_as("carol", |tx, cx, me| resources::create(tx, cx, me, lab, &group_resource(group)))
        };
        forbidden(make(t), "owner of the resource");
        own(t, group, "carol");
        let resource = make(t).unwrap();
        let found = t.read(|c| store::resources::find(c, resource)).unwrap();
        assert_eq!(found.fields.name, "Lab team");
        let roles = t.read(|c| store::resources::roles(c, resource));
        let kinds: Vec<_> = roles.iter().map(|r| (r.name.as_str(), r.group_role)).collect();
        assert_eq!(kinds, [("Member", Some(GroupRole::Member)), ("Owner", Some(GroupRole::Owner))]);
        assert_eq!(refusal(make(t)), Refusal::GroupIsResource("Lab team".into()));
        let version = found.version;
        let more = t.try_as("carol", |tx, cx, me| {
            let new = NewRole { name: "Guest".into(), description: String::new() };
            resource_roles::add(tx, cx, me, resource, version, &new)
        });
        assert_eq!(refusal(more), Refusal::FixedRoles);
    }

    /// The roles of an application can change, but not those that packages grant (SPEC CAT-4, CAT-3).
    fn cat_4_roles_of_an_application(t: &mut Test) {
        let lab = t.catalog("Lab", "carol");
        let wiki = t.write_as("carol", |tx, cx, me| resources::create(tx, cx, me, lab, &application("Wiki")));
        let twice = t.try_as("carol", |tx, cx, me| resources::create(tx, cx, me, lab, &application("WIKI")));
        assert_eq!(refusal(twice), Refusal::NameTaken("a resource"));
        let roles = t.read(|c| store::resources::roles(c, wiki));
        assert_eq!(roles.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["Reader", "Editor"]);
        let (reader, editor) = (roles[0].id, roles[1].id);
        t.package(lab, "Writers", &[editor]);
        let remove = |t: &Test, version, role| {
            t.try_as("carol", move |tx, cx, me| resource_roles::remove(tx, cx, me, wiki, version, role))
        };
        assert_eq!(refusal(remove(t, 1, editor)), Refusal::ResourceInUse("Writers".into()));
        remove(t, 1, reader).unwrap();
        assert_eq!(refusal(remove(t, 1, reader)), Refusal::Stale, "the form was made before");
        let new = NewRole { name: "editor".into(), description: String::new() };
        let twice = t.try_as("carol", |tx, cx, me| resource_roles::add(tx, cx, me, wiki, 2, &new));
        assert_eq!(refusal(twice), Refusal::NameTaken("a role of this resource"));
        assert_eq!(t.read(|c| store::resources::roles(c, wiki)).len(), 1);
    }

    /// Two keys: the catalog and the resource, for bringing in and taking out (SPEC ROL-2).
    fn rol_2_a_resource_needs_both_keys(t: &mut Test) {
        let sales = t.sales();
        let lab = t.catalog("Lab", "dan");
        let wiki = t.write_as("dan", |tx, cx, me| resources::create(tx, cx, me, lab, &application("Wiki")));
        let add = |t: &Test, who: &str| {
            t.try_as(who, |tx, cx, me| resources::add(tx, cx, me, sales.catalog, wiki))
        };
        forbidden(add(t, "carol"), "owner of the resource");
        invisible(add(t, "dan"));
        forbidden(add(t, "priya"), "Catalog owner");
        assert!(add(t, "root").unwrap(), "administrators hold both");
        assert!(!add(t, "root").unwrap(), "it is there already");
        let remove = |t: &Test, who: &str| {
            t.try_as(who, |tx, cx, me| resources::remove(tx, cx, me, sales.catalog, wiki))
        };
        forbidden(remove(t, "carol"), "owner of the resource");
        let dan = t.principal("dan").user;
        t.write_as("carol", |tx, cx, me| roles::grant(tx, cx, me, sales.catalog, CatalogRole::Owner, &[Holder::User(dan)]));
        remove(t, "dan").unwrap();
        assert!(t.read(|c| store::catalogs::holds_resource(c, lab, wiki)), "it stays in the other catalog");
    }

    /// A catalog keeps an owner who can act; groups count with their members (SPEC ROL-3, ROL-4).
    fn rol_3_the_last_owner_stays(t: &mut Test) {
        let lab = t.catalog("Lab", "carol");
        t.person("priya");
        let owner_grant = |t: &Test, holder: Holder| {
            t.read(|c| store::role_grants::list_in_catalog(c, lab))
                .into_iter().find(|g| g.holder == holder && g.role == CatalogRole::Owner).unwrap().id
        };
        let carol = Holder::User(t.principal("carol").user);
        let hers = owner_grant(t, carol);
        let revoke = |t: &Test, who: &str, grant| {
            t.try_as(who, move |tx, cx, me| roles::revoke(tx, cx, me, lab, grant))
        };
        assert_eq!(refusal(revoke(t, "carol", hers)), Refusal::LastOwner);
        let empty = t.group("Nobody yet", &[]);
        t.write_as("carol", |tx, cx, me| roles::grant(tx, cx, me, lab, CatalogRole::Owner, &[Holder::Group(empty)]));
        assert_eq!(refusal(revoke(t, "carol", hers)), Refusal::LastOwner, "an empty group owns nothing");
        t.join(empty, "priya");
        revoke(t, "carol", hers).unwrap();
        invisible(revoke(t, "carol", hers));
        let group = owner_grant(t, Holder::Group(empty));
        assert_eq!(refusal(revoke(t, "priya", group)), Refusal::LastOwner);
    }

    /// A form that was made before somebody else saved is refused, not written over (SPEC PGE-3).
    fn pge_3_a_stale_form_is_refused(t: &mut Test) {
        let lab = t.catalog("Lab", "carol");
        t.write_as("carol", |tx, cx, me| catalogs::edit(tx, cx, me, lab, 1, &catalog_fields("Laboratory")));
        let late = t.try_as("carol", |tx, cx, me| catalogs::edit(tx, cx, me, lab, 1, &catalog_fields("Works")));
        assert_eq!(refusal(late), Refusal::Stale);
        assert_eq!(t.read(|c| store::catalogs::find(c, lab)).unwrap().fields.name, "Laboratory");
    }

    /// Every change writes its event with the values before and after (SPEC AUD-1).
    fn aud_1_changes_of_catalogs_are_recorded(t: &mut Test) {
        let lab = t.catalog("Lab", "carol");
        t.write_as("carol", |tx, cx, me| catalogs::edit(tx, cx, me, lab, 1, &catalog_fields("Laboratory")));
        t.write_as("carol", |tx, cx, me| catalogs::delete(tx, cx, me, lab, 2));
        let events = t.read(|c| store::audit::list(c, Default::default())).items;
        let edit = events.iter().find(|e| e.action == "catalog.edit").unwrap();
        assert!(edit.old.contains("\"Lab\"") && edit.new.contains("\"Laboratory\""), "{edit:?}");
        assert_eq!(edit.actor_name, t.principal("carol").name);
        assert!(events.iter().any(|e| e.action == "catalog.delete" && e.object_name == "Laboratory"));
    }
}

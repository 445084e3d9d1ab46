//! Packages (SPEC PKG-1 to PKG-4).

use std::collections::BTreeSet;

use latchkey::app::catalog::{package_roles, packages};
use latchkey::domain::Refusal;
use latchkey::store;

use super::{forbidden, invisible, new_package, new_policy, package_fields, refusal};
use crate::requests;
use crate::support::{Test, terms};

on_both! {
    /// A package and its first policy come together or not at all; names are unique in their catalog (SPEC PKG-1,
    /// PKG-6, I14).
    fn pkg_1_a_package_is_made_whole_or_not_at_all(t: &mut Test) {
        let sales = t.sales();
        let lab = t.catalog("Lab", "carol");
        let make = |t: &Test, catalog, new| {
            t.try_as("carol", move |tx, cx, me| packages::create(tx, cx, me, catalog, &new))
        };
        let bad = terms::only(&[], vec![]);
        let half = new_package("Half", &[sales.team_member], Some(new_policy("Bad", bad)));
        assert!(matches!(refusal(make(t, sales.catalog, half)), Refusal::BadPolicy(_)));
        assert_eq!(t.count("packages WHERE name = 'Half'"), 0, "nothing is left of it");

        let policy = new_policy("All members", terms::members(vec![terms::manager()]));
        let whole = new_package("Whole", &[sales.team_member, sales.crm_user], Some(policy));
        let id = make(t, sales.catalog, whole.clone()).unwrap();
        assert_eq!(t.read(|c| store::packages::roles(c, id)).len(), 2);
        assert_eq!(t.read(|c| store::policies::enabled_of_package(c, id)).len(), 1);
        assert_eq!(refusal(make(t, sales.catalog, whole)), Refusal::NameTaken("a package in this catalog"));
        make(t, lab, new_package("Whole", &[], None)).unwrap();
    }

    /// Only roles of the catalog's own resources (SPEC PKG-1).
    fn pkg_1_roles_of_other_catalogs_are_refused(t: &mut Test) {
        let sales = t.sales();
        let lab = t.catalog("Lab", "carol");
        let foreign = new_package("Thief", &[sales.team_member], None);
        let made = t.try_as("carol", |tx, cx, me| packages::create(tx, cx, me, lab, &foreign));
        assert_eq!(refusal(made), Refusal::ForeignRole("Member".into()));
        let package = t.package(lab, "Plain", &[]);
        let roles: BTreeSet<_> = [sales.crm_user].into();
        let changed = t.try_as("carol", |tx, cx, me| package_roles::change_roles(tx, cx, me, package, 1, &roles));
        assert_eq!(refusal(changed), Refusal::ForeignRole("User".into()));
    }

    /// Managers of packages change them, managers of assignments do not (SPEC section 2, ROL-6).
    fn rol_6_who_may_change_a_package(t: &mut Test) {
        let sales = t.sales();
        let edit = |t: &Test, who: &str, version| {
            t.try_as(who, move |tx, cx, me| {
                packages::edit(tx, cx, me, sales.price_list, version, &package_fields("Prices"))
            })
        };
        for who in ["sam", "aud"] {
            forbidden(edit(t, who, 1), "Access package manager");
        }
        for who in ["alice", "dan"] {
            invisible(edit(t, who, 1));
        }
        edit(t, "priya", 1).unwrap();
        assert_eq!(refusal(t.try_as("carol", |tx, cx, me| {
            packages::edit(tx, cx, me, sales.price_list, 1, &package_fields("Old"))
        })), Refusal::Stale);
    }

    /// Hidden only keeps a package out of lists (SPEC PKG-2).
    fn pkg_2_a_hidden_package_can_be_requested(t: &mut Test) {
        let sales = t.sales();
        requests::submit(t, "alice", sales.board_papers);
    }

    /// A search finds a package by its resources and its catalog, also after these were renamed (SPEC section 14).
    fn a_search_finds_packages_by_what_is_in_them(t: &mut Test) {
        let sales = t.sales();
        let id = t.write_as("carol", |tx, cx, me| {
            packages::create(tx, cx, me, sales.catalog, &new_package("Tools", &[sales.crm_user], None))
        });
        let found = |t: &Test, q: &str| {
            let page = t.read(|c| store::views::catalogs::packages_of(c, sales.catalog, q, Default::default()));
            page.items.iter().any(|p| p.id == id)
        };
        assert!(found(t, "crm") && found(t, "sales tools") && !found(t, "laboratory"));
        let fields = super::catalog_fields("Laboratory");
        t.write_as("carol", |tx, cx, me| latchkey::app::catalog::catalogs::edit(tx, cx, me, sales.catalog, 1, &fields));
        assert!(found(t, "laboratory"));
    }

    /// What people hold is not deleted under them; the refusal says who, deleted accounts too (SPEC PKG-4).
    fn pkg_4_a_held_package_stays(t: &mut Test) {
        let sales = t.sales();
        requests::submit(t, "alice", sales.price_list);
        let alice = t.principal("alice").user;
        let name = t.principal("alice").name;
        let delete = |t: &Test| {
            t.try_as("carol", |tx, cx, me| packages::delete(tx, cx, me, sales.price_list, 1))
        };
        assert_eq!(refusal(delete(t)), Refusal::PackageInUse(name.clone()));
        let at = t.literal(&t.now().into());
        t.sql(&format!("UPDATE users SET deleted_at = {at} WHERE id = '{alice}'"));
        assert_eq!(refusal(delete(t)), Refusal::PackageInUse(format!("{name} (deleted account)")));
        assert!(t.read(|c| store::packages::find(c, sales.price_list)).is_some());
    }

    /// An open request is in the way too; without anybody the package goes (SPEC PKG-4).
    fn pkg_4_an_open_request_is_in_the_way(t: &mut Test) {
        let sales = t.sales();
        let request = requests::submit(t, "alice", sales.onboarding);
        let delete = |t: &Test| {
            t.try_as("priya", |tx, cx, me| packages::delete(tx, cx, me, sales.onboarding, 1))
        };
        assert!(matches!(refusal(delete(t)), Refusal::PackageInUse(_)));
        t.write_as("alice", |tx, cx, me| latchkey::app::request::cancel(tx, cx, request, me, ""));
        delete(t).unwrap();
        assert!(t.read(|c| store::packages::find(c, sales.onboarding)).is_none());
        assert!(requests::try_submit(t, "alice", sales.onboarding).is_err());
    }

    /// Without holders the roles change at once (SPEC PKG-3).
    fn pkg_3_roles_of_a_package_that_nobody_holds(t: &mut Test) {
        let sales = t.sales();
        let roles: BTreeSet<_> = [sales.crm_user].into();
        t.write_as("priya", |tx, cx, me| package_roles::change_roles(tx, cx, me, sales.price_list, 1, &roles));
        let now: BTreeSet<_> =
            t.read(|c| store::packages::roles(c, sales.price_list)).iter().map(|r| r.role.id).collect();
        assert_eq!(now, roles);
    }
}

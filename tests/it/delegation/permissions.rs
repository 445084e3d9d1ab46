//! My permissions (SPEC ROL-7): each role and right, where, through what, since when.

use chrono::Duration;
use latchkey::domain::access::{CatalogRole, DirectoryRole};
use latchkey::domain::directory::Holder;
use latchkey::domain::policy::Approver;
use latchkey::store;
use latchkey::store::views::permissions::{self as views, AskedAs, Because};

use crate::support::{Test, terms};

fn of(t: &Test, name: &str) -> views::Permissions {
    let (user, now) = (t.principal(name).user, t.now());
    t.read(|c| views::load(c, user, now))
}

on_both! {
    /// Roles, directly and through groups; through a group since both are true (SPEC ROL-4, ROL-7).
    fn rol_7_roles_and_through_what(t: &mut Test) {
        let sales = t.sales();
        let priya = of(t, "priya");
        assert_eq!(priya.roles.len(), 1);
        assert_eq!((priya.roles[0].role, priya.roles[0].through.as_ref()), ("Access package manager", None));
        assert_eq!(priya.roles[0].catalog.as_ref().unwrap().0, sales.catalog);
        let keepers = t.group("Keepers", &[]);
        t.write_as("carol", |tx, cx, me| {
            latchkey::app::catalog::roles::grant(tx, cx, me, sales.catalog, CatalogRole::Reader, &[Holder::Group(keepers)])
        });
        assert!(of(t, "dan").roles.is_empty());
        t.advance(Duration::days(3));
        t.join(keepers, "dan");
        let joined = t.now();
        t.advance(Duration::days(3));
        let dan = of(t, "dan");
        assert_eq!((dan.roles[0].role, dan.roles[0].since), ("Catalog reader", joined));
        assert_eq!(dan.roles[0].through.as_ref().unwrap().1, "Keepers");
        let page = t.sign_in("dan").page("/profile/permissions");
        page.assert_says("Catalog reader");
        page.assert_says("the group Keepers");
        let now = t.now();
        t.write(|tx| Ok(store::groups::delete(tx, keepers, 1, now)?));
        assert!(of(t, "dan").roles.is_empty(), "a deleted group gives nothing");
    }

    /// Rights that follow from data: manager, approver by name, by group, as owner of the catalog or of a resource,
    /// resource owner, delegations (SPEC ROL-7, APR-11, APR-14).
    fn rol_7_rights_that_follow_from_data(t: &mut Test) {
        let sales = t.sales();
        let bob = of(t, "bob");
        assert!(bob.roles.is_empty() && bob.reports >= 1);
        let asks_bob: Vec<_> = bob.approves.iter().map(|a| (a.package, a.stage, a.because.clone())).collect();
        assert!(asks_bob.contains(&(sales.onboarding, 1, Because::Manager)), "{asks_bob:?}");
        let mia = of(t, "mia");
        let stages: Vec<_> = mia.approves.iter().map(|a| (a.package, a.stage, a.because.clone())).collect();
        assert_eq!(stages, [(sales.deal_desk, 2, Because::Named)]);
        let carol = of(t, "carol");
        assert!(carol.approves.iter().any(|a| a.package == sales.board_papers && a.because == Because::CatalogOwner));
        assert_eq!(carol.resources.len(), 2);
        assert!(of(t, "dan").approves.is_empty());

        let judges = t.group("Judges", &["dan"]);
        let court = t.package(sales.catalog, "Court", &[sales.crm_user]);
        let mut stage = terms::stage(vec![Approver::ResourceOwners]);
        stage.fallback = vec![Approver::Group { id: judges }];
        let policy = t.policy(court, "Everybody", &terms::members(vec![stage]));
        let dan = of(t, "dan");
        assert_eq!((dan.approves[0].asked_as, &dan.approves[0].because), (AskedAs::Fallback, &Because::Group(judges, "Judges".into())));
        assert!(of(t, "carol").approves.iter().any(|a| a.package == court && a.because == Because::ResourceOwner));
        t.sql(&format!("UPDATE policies SET enabled = FALSE WHERE id = '{policy}'"));
        assert!(of(t, "dan").approves.is_empty(), "a policy that is off asks nobody");
    }

    /// One's own page for everybody; anybody's for administrators and auditors, with what the reader may follow.
    fn rol_7_the_pages(t: &mut Test) {
        let sales = t.sales();
        let mia = t.person("mia").to_string();
        let page = t.sign_in("mia").page("/profile/permissions");
        page.assert_says("Deal desk, All members, stage 2");
        assert!(!page.source().contains("/manage/packages/"), "no link to what she may not open");
        // Bob is asked as a manager: no package is told by name before somebody asks, a hidden one least of all (PKG-2).
        let vault = t.package(sales.catalog, "Vault", &[]);
        t.policy(vault, "Everybody", &terms::members(vec![terms::manager()]));
        t.sql(&format!("UPDATE packages SET hidden = TRUE WHERE id = '{vault}'"));
        let bob = t.sign_in("bob").page("/profile/permissions");
        bob.assert_silent_about("Vault");
        bob.assert_silent_about("Sales onboarding");
        bob.assert_says("stages of other packages ask the manager or the sponsors");
        t.grant_in(sales.catalog, CatalogRole::Reader, "bob");
        t.sign_in("bob").page("/profile/permissions").assert_says("Vault, Everybody, stage 1");
        t.sign_in("erin").page("/profile/permissions").assert_says("You need none to request packages.");
        let aud = t.sign_in("aud");
        let page = aud.page(&format!("/admin/users/{mia}/permissions"));
        assert!(page.source().contains(&format!("/manage/packages/{}/policies/", sales.deal_desk)));
        let root = t.person("root").to_string();
        aud.page(&format!("/admin/users/{root}/permissions")).assert_says("May do everything, everywhere.");
        t.sign_in("carol").get(&format!("/admin/users/{mia}/permissions")).expect(403);
        let dan = t.person("dan");
        t.grant(DirectoryRole::CatalogCreator, dan);
        t.sign_in("dan").page("/profile/permissions").assert_says("Catalog creator");
    }

    /// Who owned a resource before keeps their date when owners are named anew (SPEC ROL-7).
    fn rol_7_owners_since_when(t: &mut Test) {
        let sales = t.sales();
        let now = t.now();
        let crm = t.read(|c| store::resources::roles_on_offer(c, sales.catalog))
            .into_iter().find(|r| r.role.id == sales.crm_user).unwrap().role.resource;
        let (dan, mia) = (t.person("dan"), t.person("mia"));
        t.write(|tx| Ok(store::resources::set_owners(tx, crm, &[dan], now)?));
        t.advance(Duration::days(2));
        let later = t.now();
        t.write(|tx| Ok(store::resources::set_owners(tx, crm, &[dan, mia], later)?));
        assert_eq!(of(t, "dan").resources[0].since, Some(now));
        assert_eq!(of(t, "mia").resources[0].since, Some(later));
        assert!(of(t, "carol").resources.iter().all(|r| r.id != crm));
    }
}

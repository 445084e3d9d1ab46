//! Directory-wide roles: through groups, live, and never without an administrator.

use std::sync::Barrier;

use latchkey::app::AppError;
use latchkey::app::directory::{groups, roles, users};
use latchkey::domain::Refusal;
use latchkey::domain::access::{CatalogRole, DirectoryRole, manage_directory};
use latchkey::domain::directory::{Belonging, Holder};
use latchkey::store::{principals, role_grants};

use super::{disable, user};
use crate::support::Test;

fn refused<T: std::fmt::Debug>(got: Result<T, AppError>) {
    assert!(matches!(got, Err(AppError::Refused(Refusal::LastAdministrator))), "{got:?}");
}

on_both! {
    /// A group holds a role for whoever is in it at the moment of the question.
    fn rol_4_a_group_counts_with_its_live_members(t: &mut Test) {
        let (alice, dan) = (t.person("alice"), t.person("dan"));
        t.person("root");
        let group = t.group("Auditors", &["alice"]);
        let catalog = t.catalog("Ops", "carol");
        t.write_as("root", |tx, cx, me| {
            roles::grant(tx, cx, manage_directory(me)?, DirectoryRole::Auditor, &[Holder::Group(group)])
        });
        t.write(|tx| {
            let new = role_grants::NewGrant {
                id: latchkey::kernel::ids::RoleGrantId(uuid::Uuid::from_u128(77)),
                role: CatalogRole::Reader,
                holder: Holder::Group(group),
                by: None,
                at: latchkey::kernel::Moment::from_micros(0).unwrap(),
            };
            Ok(role_grants::grant_in_catalog(tx, catalog, new)?)
        });
        let roles_of = |t: &Test, id| {
            let p = t.read(|conn| principals::load(conn, id)).expect("somebody");
            (p.is(DirectoryRole::Auditor), p.catalogs.contains_key(&catalog))
        };
        assert_eq!(roles_of(t, alice), (true, true));
        assert_eq!(roles_of(t, dan), (false, false));
        let browser = t.sign_in("dan");
        browser.get("/admin/users").expect(403);
        t.join(group, "dan");
        browser.page("/admin/users");
        t.write_as("root", |tx, cx, me| {
            groups::remove(tx, cx, manage_directory(me)?, group, dan, Belonging::Member)
        });
        browser.get("/admin/users").expect(403);
        t.sql(&format!("UPDATE groups SET deleted_at = created_at WHERE id = '{group}'"));
        assert_eq!(roles_of(t, alice), (false, false), "a deleted group gives nothing");
    }

    /// Disabling, deleting, taking the role back, leaving the group: none takes the last administrator.
    fn rol_3_the_last_enabled_administrator_stays(t: &mut Test) {
        let root = t.person("root");
        let dan = t.person("dan");
        let version = user(t, root).version;
        refused(t.try_as("root", |tx, cx, me| users::disable(tx, cx, manage_directory(me)?, root, version)));
        refused(t.try_as("root", |tx, cx, me| users::delete(tx, cx, manage_directory(me)?, root, version)));
        let grant = t.read(role_grants::list_directory)[0].id;
        refused(t.try_as("root", |tx, cx, me| roles::revoke(tx, cx, manage_directory(me)?, grant)));
        let group = t.group("Admins", &["dan"]);
        t.write_as("root", |tx, cx, me| {
            roles::grant(tx, cx, manage_directory(me)?, DirectoryRole::Administrator, &[Holder::Group(group)])
        });
        t.write_as("root", |tx, cx, me| roles::revoke(tx, cx, manage_directory(me)?, grant));
        // Dan is the last one now, through the group.
        refused(t.try_as("dan", |tx, cx, me| {
            groups::remove(tx, cx, manage_directory(me)?, group, dan, Belonging::Member)
        }));
        let browser = t.sign_in("dan");
        let path = format!("/admin/users/{dan}/disable");
        let ask = browser.page(&path);
        ask.assert_says("This is you");
        browser.submit(&ask.form(&path)).expect(409).page().assert_says("At least one enabled administrator");
        assert!(user(t, dan).enabled);
    }

    /// A disabled administrator does not count.
    fn rol_3_a_disabled_administrator_is_none(t: &mut Test) {
        let mia = t.person("mia");
        let root = t.person("root");
        t.grant(DirectoryRole::Administrator, mia);
        disable(t, mia);
        let version = user(t, root).version;
        refused(t.try_as("root", |tx, cx, me| users::disable(tx, cx, manage_directory(me)?, root, version)));
    }

    /// Two administrators who disable each other at the same time: one remains.
    fn rol_3_two_at_once_leave_one(t: &mut Test) {
        for round in 0..5 {
            let (a, b) = (t.user(&format!("a{round}")).create(), t.user(&format!("b{round}")).create());
            t.sql("DELETE FROM directory_role_grants");
            t.grant(DirectoryRole::Administrator, a);
            t.grant(DirectoryRole::Administrator, b);
            let barrier = Barrier::new(2);
            let done: Vec<bool> = std::thread::scope(|scope| {
                let tasks: Vec<_> = [(a, b), (b, a)]
                    .map(|(by, victim)| {
                        let (app, barrier) = (t.app.clone(), &barrier);
                        scope.spawn(move || {
                            barrier.wait();
                            let done = app.db.write_now(|tx| {
                                let me = principals::load(tx, by)?.ok_or(AppError::NotFound)?;
                                let cx = app.cx(&me, "test", "test");
                                users::disable(tx, &cx, manage_directory(&me)?, victim, 1)
                            });
                            done.is_ok()
                        })
                    })
                    .into_iter()
                    .collect();
                tasks.into_iter().map(|task| task.join().unwrap()).collect()
            });
            assert_eq!(done.iter().filter(|ok| **ok).count(), 1, "one wins: {done:?}");
            assert_eq!(t.read(role_grants::administrators).len(), 1);
        }
    }

    /// Deleting the only owner of a catalog is refused.
    fn rol_3_a_catalog_keeps_an_owner(t: &mut Test) {
        let carol = t.person("carol");
        t.person("root");
        t.catalog("Ops", "carol");
        let got = t.try_as("root", |tx, cx, me| users::delete(tx, cx, manage_directory(me)?, carol, 1));
        assert!(matches!(got, Err(AppError::Refused(Refusal::LastOwner))), "{got:?}");
    }

    /// Granted on the page to people and groups, taken back with a question, audited with names.
    fn rol_1_roles_are_granted_and_taken_back_on_their_page(t: &mut Test) {
        t.person("mia");
        t.group("Team", &["dan"]);
        let root = t.sign_in("root");
        let form = root.page("/admin/roles").form("/admin/roles");
        let nobody = root.submit(&form).expect(422).page();
        nobody.assert_says("Choose a role.");
        nobody.assert_says("Say who gets the role.");
        let filled = form.set("role", "catalogCreator").fill("holders", &["mia@demo.example", "Team (group)"]);
        root.done(&filled).assert_says("The role was granted.");
        root.done(&filled).assert_says("They have this role already.");
        let principal = t.principal("dan");
        assert!(principal.is(DirectoryRole::CatalogCreator));
        let grant = t
            .read(role_grants::list_directory)
            .into_iter()
            .find(|g| g.holder_name == "Team")
            .expect("the grant");
        assert_eq!(grant.granted_by.as_deref(), Some("Root Example"));
        let path = format!("/admin/roles/{}/revoke", grant.id);
        root.done(&root.page(&path).form(&path).press("Take it back")).assert_says("no longer has the role");
        assert!(!t.principal("dan").is(DirectoryRole::CatalogCreator));
        let audit = root.page("/admin/audit");
        audit.assert_says("granted Mia Example the role Catalog creator");
        audit.assert_says("took back from Team the role Catalog creator");
    }
}

//! Two at the same moment, each of whom would be right alone: what they may not make together (SPEC PKG-3, PKG-4,
//! DIR-6, ROL-3). The second comes when the first has done its work and not committed yet.

use std::collections::BTreeSet;

use latchkey::app::catalog::{package_roles, packages, policies, roles};
use latchkey::app::directory;
use latchkey::app::request::{self, Decision, Direct, Submission};
use latchkey::app::{AppError, Cx};
use latchkey::domain::Refusal;
use latchkey::domain::access::{CatalogRole, DirectoryRole, Principal, manage_directory};
use latchkey::domain::approval::{Channel, Verdict};
use latchkey::domain::directory::Profile;
use latchkey::kernel::ids::{PackageId, PolicyId, RequestId, RoleGrantId, UserId};
use latchkey::store::{self, Tx};

use crate::requests;
use crate::support::Test;

fn ask(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, package: PackageId) -> Result<RequestId, AppError> {
    let wish = Submission {
        package,
        policy: None,
        subject: me.user,
        justification: "I start on Monday".into(),
        answers: serde_json::json!({}),
        token: String::new(),
    };
    request::submit(tx, cx, &wish)
}

fn delete_package(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: PackageId) -> Result<(), AppError> {
    let version = store::packages::find(tx, id)?.ok_or(AppError::NotFound)?.version;
    packages::delete(tx, cx, me, id, version)
}

fn delete_policy(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: PolicyId) -> Result<(), AppError> {
    let version = store::policies::find(tx, id)?.ok_or(AppError::NotFound)?.version;
    policies::delete(tx, cx, me, id, version)
}

/// Nothing that is deleted is asked for or held (SPEC PKG-4).
#[track_caller]
fn nothing_hangs_on_what_is_deleted(t: &Test) {
    let packages = t.count(
        "packages p WHERE deleted_at IS NOT NULL AND (EXISTS (SELECT 1 FROM requests r WHERE r.package_id = p.id AND \
         r.state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')) OR EXISTS (SELECT 1 FROM assignments a \
         WHERE a.package_id = p.id AND a.state <> 'expired'))",
    );
    let policies = t.count(
        "policies p WHERE deleted_at IS NOT NULL AND (EXISTS (SELECT 1 FROM requests r WHERE r.policy_id = p.id AND \
         r.state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')) OR EXISTS (SELECT 1 FROM assignments a \
         WHERE a.policy_id = p.id AND a.state <> 'expired'))",
    );
    assert_eq!((packages, policies), (0, 0));
}

fn is_in_use<T: std::fmt::Debug>(got: &Result<T, AppError>) -> bool {
    matches!(got, Err(AppError::Refused(Refusal::PackageInUse(_) | Refusal::PolicyInUse(_))))
}

on_both! {
    /// Asked for at the moment when it is deleted: one of the two, in either order (SPEC PKG-4, REQ-1).
    fn pkg_4_asking_and_deleting_a_package_exclude_each_other(t: &mut Test) {
        let s = t.sales();
        t.person("alice");
        for package in [s.onboarding, s.price_list] {
            let got = t.meanwhile(
                ("alice", &|tx, cx, me| ask(tx, cx, me, package)),
                ("carol", &|tx, cx, me| delete_package(tx, cx, me, package)),
            );
            assert!(got.first.is_ok() && is_in_use(&got.second), "{got:?}");
            nothing_hangs_on_what_is_deleted(t);
        }
        t.person("bob");
        let got = t.meanwhile(
            ("carol", &|tx, cx, me| delete_package(tx, cx, me, s.board_papers)),
            ("bob", &|tx, cx, me| ask(tx, cx, me, s.board_papers)),
        );
        assert!(got.first.is_ok() && matches!(got.second, Err(AppError::NotFound)), "{got:?}");
        nothing_hangs_on_what_is_deleted(t);
    }

    /// The same for a policy, for asking and for assigning directly (SPEC PKG-4, ASG-1).
    fn pkg_4_using_and_deleting_a_policy_exclude_each_other(t: &mut Test) {
        let s = t.sales();
        let (alice, _) = (t.person("alice"), t.person("bob"));
        let got = t.meanwhile(
            ("alice", &|tx, cx, me| ask(tx, cx, me, s.onboarding)),
            ("carol", &|tx, cx, me| delete_policy(tx, cx, me, s.onboarding_policy)),
        );
        assert!(got.first.is_ok() && is_in_use(&got.second), "{got:?}");
        let got = t.meanwhile(
            ("carol", &|tx, cx, me| delete_policy(tx, cx, me, s.price_list_policy)),
            ("bob", &|tx, cx, me| ask(tx, cx, me, s.price_list)),
        );
        let gone = matches!(got.second, Err(AppError::Refused(Refusal::NotAdmitted | Refusal::PolicyNotOffered)));
        assert!(got.first.is_ok() && gone, "{got:?}");
        let direct = Direct {
            justification: "Project".into(),
            ..Direct::new(s.contractor_kit, s.contractor_kit_policy, alice)
        };
        let got = t.meanwhile(
            ("sam", &|tx, cx, me| request::assign(tx, cx, me, &direct)),
            ("carol", &|tx, cx, me| delete_policy(tx, cx, me, s.contractor_kit_policy)),
        );
        assert!(got.first.is_ok() && is_in_use(&got.second), "{got:?}");
        nothing_hangs_on_what_is_deleted(t);
    }

    /// Approved at the moment when the package is deleted, or when its roles are changed: whoever comes second sees
    /// the access that the first one gave (SPEC PKG-3, PKG-4).
    fn pkg_3_pkg_4_approving_is_seen_by_who_changes_the_package(t: &mut Test) {
        let s = t.sales();
        for name in ["alice", "bob", "dan"] {
            t.person(name);
        }
        t.sql("UPDATE users SET manager_id = (SELECT id FROM users WHERE email = 'bob@demo.example') WHERE email = 'dan@demo.example'");
        let approve = |id: RequestId| {
            move |tx: &mut Tx<'_>, cx: &Cx, me: &Principal| {
                let decision = Decision {
                    request: id,
                    stage: None,
                    seen_version: None,
                    by: me.user,
                    verdict: Verdict::Approve,
                    reason: "as agreed".into(),
                    channel: Channel::Portal,
                    ip: "192.0.2.7".into(),
                };
                request::decide(tx, cx, &decision)
            }
        };
        let id = requests::submit(t, "alice", s.onboarding);
        let got = t.meanwhile(
            ("bob", &approve(id)),
            ("carol", &|tx, cx, me| delete_package(tx, cx, me, s.onboarding)),
        );
        assert!(got.first.is_ok() && is_in_use(&got.second), "{got:?}");
        let held = t.count("assignments WHERE state <> 'expired'");
        assert_eq!(held, 1);
        let alices = requests::the_assignment(t, id).id;
        t.write_as("alice", |tx, cx, me| request::give_up(tx, cx, alices, me, ""));

        let id = requests::submit(t, "dan", s.onboarding);
        let got = t.meanwhile(
            ("bob", &approve(id)),
            ("carol", &|tx, cx, me| {
                let version = store::packages::find(tx, s.onboarding)?.ok_or(AppError::NotFound)?.version;
                package_roles::change_roles(tx, cx, me, s.onboarding, version, &BTreeSet::new())
            }),
        );
        assert!(got.first.is_ok() && got.second.is_ok(), "{got:?}");
        t.run_jobs();
        let kept = t.count("deliveries WHERE state <> 'removed'");
        assert_eq!(kept, 0, "whoever gets it at this moment loses what the package grants no more (PKG-3)");
        nothing_hangs_on_what_is_deleted(t);
    }

    /// Each makes the other one's person the manager: alone right, together a circle (SPEC DIR-6).
    fn dir_6_two_edits_close_no_circle_together(t: &mut Test) {
        let (dan, mia) = (t.person("dan"), t.person("mia"));
        t.person("root");
        t.user("root2").create();
        let second = t.person("root2");
        t.grant(DirectoryRole::Administrator, second);
        let report_to = |who: UserId, manager: UserId| {
            move |tx: &mut Tx<'_>, cx: &Cx, me: &Principal| {
                let before = store::users::find(tx, who)?.ok_or(AppError::NotFound)?;
                let wanted = Profile { manager: Some(manager), ..before.profile.clone() };
                directory::users::edit(tx, cx, manage_directory(me)?, who, before.version, wanted)
            }
        };
        let got = t.meanwhile(("root", &report_to(dan, mia)), ("root2", &report_to(mia, dan)));
        let refused = matches!(got.second, Err(AppError::Refused(Refusal::ManagerCycle(_))));
        assert!(got.first.is_ok() && refused, "{got:?}");
    }

    /// Two administrators, two owners, each taken away at the same moment: one stays (SPEC ROL-3).
    fn rol_3_the_last_of_two_stays_when_both_go_at_once(t: &mut Test) {
        let s = t.sales();
        let root = t.person("root");
        let other = t.person("root2");
        t.grant(DirectoryRole::Administrator, other);
        let grants = t.read(store::role_grants::list_directory);
        let grant_of = |user: UserId| grants.iter().find(|g| g.holder.user() == Some(user)).expect("granted").id;
        let take = |id: RoleGrantId| {
            move |tx: &mut Tx<'_>, cx: &Cx, me: &Principal| directory::roles::revoke(tx, cx, manage_directory(me)?, id)
        };
        let got = t.meanwhile(("root", &take(grant_of(other))), ("root2", &take(grant_of(root))));
        assert!(got.first.is_ok() && got.second.is_err(), "{got:?}");
        assert_eq!(t.read(store::role_grants::administrators).len(), 1);

        // The other way to go: disabled, and deleted.
        t.grant(DirectoryRole::Administrator, other);
        let version = |t: &Test, id: UserId| t.read(|c| store::users::find(c, id)).expect("there").version;
        let (first, second) = (version(t, other), version(t, root));
        let got = t.meanwhile(
            ("root", &|tx, cx, me| directory::users::disable(tx, cx, manage_directory(me)?, other, first)),
            ("root2", &|tx, cx, me| directory::users::delete(tx, cx, manage_directory(me)?, root, second)),
        );
        assert!(got.first.is_ok() && got.second.is_err(), "{got:?}");
        assert_eq!(t.read(store::role_grants::administrators).len(), 1);

        t.grant_in(s.catalog, CatalogRole::Owner, "mia");
        let owners = t.read(|c| store::role_grants::list_in_catalog(c, s.catalog));
        let owners: Vec<RoleGrantId> =
            owners.into_iter().filter(|g| g.role == CatalogRole::Owner).map(|g| g.id).collect();
        let [one, two] = owners[..] else { panic!("two owners: {owners:?}") };
        let give_back = |id: RoleGrantId| {
            move |tx: &mut Tx<'_>, cx: &Cx, me: &Principal| roles::revoke(tx, cx, me, s.catalog, id)
        };
        let got = t.meanwhile(("root", &give_back(one)), ("carol", &give_back(two)));
        let refused = matches!(
            got.second,
            Err(AppError::Refused(Refusal::LastOwner) | AppError::Denied(_))
        );
        assert!(got.first.is_ok() && refused, "{got:?}");
        assert_eq!(t.read(|c| store::role_grants::owners(c, s.catalog)).len(), 1);
    }
}

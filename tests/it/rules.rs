//! Dynamic groups and automatic assignment (SPEC DIR-4, AUT-2 to AUT-4).

use chrono::Duration;
use latchkey::app::catalog::packages::NewPolicy;
use latchkey::app::rules::{Answer, Part, Tried};
use latchkey::app::{self, AppError};
use latchkey::domain::access::manage_directory;
use latchkey::domain::directory::{GroupFields, Profile};
use latchkey::domain::following::{Following, Limits, Target};
use latchkey::domain::package::PolicyFields;
use latchkey::domain::policy::{Scope, Terms};
use latchkey::domain::rule::Rule;
use latchkey::domain::{Refusal, request::RequestKind};
use latchkey::kernel::ids::{GroupId, PackageId, PolicyId, UserId};
use latchkey::store;
use latchkey::store::rules::Which;

use crate::support::{Test, raw};

fn automatic(rule: &str, grace_days: u16) -> Terms {
    let limits = Limits::default();
    Terms { scope: Scope::Automatic { rule: rule.to_owned(), grace_days, limits }, ..Terms::direct_only() }
}

/// A policy that gives a package by rule, made by the catalog's owner.
fn rule_policy(t: &mut Test, package: PackageId, rule: &str, grace_days: u16) -> PolicyId {
    let fields = PolicyFields { name: "By rule".into(), description: String::new() };
    let new = NewPolicy { fields, enabled: true, terms: automatic(rule, grace_days) };
    t.write_as("carol", |tx, cx, me| app::catalog::policies::create(tx, cx, me, package, &new))
}

/// A dynamic group, made by an administrator.
fn dynamic(t: &mut Test, name: &str, rule: &str) -> GroupId {
    t.person("root");
    let rule = Rule::parse(rule).unwrap();
    t.write_as("root", |tx, cx, me| {
        let fields = GroupFields { name: name.to_owned(), description: String::new() };
        let id = app::directory::groups::create(tx, cx, manage_directory(me)?, fields, &Default::default())?;
        app::directory::groups::set_rule(tx, cx, manage_directory(me)?, id, 1, Some(&rule))?;
        Ok(id)
    })
}

/// An administrator edits somebody.
fn edit(t: &mut Test, user: UserId, change: impl Fn(&mut Profile)) {
    t.person("root");
    t.write_as("root", |tx, cx, me| {
        let before = store::users::find(tx, user)?.unwrap();
        let mut profile = before.profile.clone();
        change(&mut profile);
        app::directory::users::edit(tx, cx, manage_directory(me)?, user, before.version, profile)
    });
}

fn holds(t: &Test, user: UserId, package: PackageId) -> bool {
    t.read(|conn| store::assignments::live_of(conn, user, package)).is_some()
}

fn is_in(t: &Test, group: GroupId, user: UserId) -> bool {
    use latchkey::domain::directory::Belonging;
    t.read(|conn| store::groups::has(conn, group, user, Belonging::Member))
}

/// So many people of a department, whom nobody has to know by name.
fn crowd(t: &mut Test, department: &str, count: usize) -> Vec<UserId> {
    (0..count)
        .map(|n| t.user(&format!("{}{n}", department.to_lowercase())).department(department).create())
        .collect()
}

on_both! {
    /// Whoever matches gets the package, whoever stops matching loses it, each by a request of the system with its
    /// own timeline (SPEC AUT-3).
    fn aut_3_who_matches_gets_it_and_who_stops_matching_loses_it(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Sales tools", &[]);
        let policy = rule_policy(t, package, r#"user.department -eq "Sales""#, 0);
        let (alice, dan) = (t.person("alice"), t.person("dan"));
        t.run_jobs();
        assert!(holds(t, alice, package) && !holds(t, dan, package));
        let made = t.read(|conn| {
            let held = store::assignments::live_of(conn, alice, package)?.unwrap();
            store::requests::making(conn, held.id)
        }).unwrap();
        assert_eq!((made.kind, made.requestor, made.policy), (RequestKind::SystemAdd, None, policy));
        assert_eq!(t.count("audit_events WHERE action = 'assignment.byRule'"), 1 + others_in_sales(t));

        edit(t, dan, |p| p.department = "Sales".into());
        edit(t, alice, |p| p.department = "Finance".into());
        t.run_jobs();
        assert!(!holds(t, alice, package) && holds(t, dan, package));
        let reason = t.texts(&format!(
            "SELECT end_reason AS n FROM assignments WHERE package_id = {} AND state = 'expired'",
            t.literal(&raw::id(package))
        ));
        assert_eq!(reason, ["policyScope"]);
        assert_eq!(t.count("requests WHERE kind = 'systemRemove'"), 1);
    }

    /// Who returns within the grace period keeps it, and nothing happens; who does not loses it when it is over
    /// (SPEC AUT-3).
    fn aut_3_grace_period(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Sales tools", &[]);
        rule_policy(t, package, r#"user.department -eq "Sales""#, 7);
        let alice = t.person("alice");
        t.run_jobs();
        let before = t.read(|conn| store::assignments::live_of(conn, alice, package)).unwrap().id;
        edit(t, alice, |p| p.department = "Finance".into());
        t.run_jobs();
        t.advance(Duration::days(6));
        t.run_jobs();
        assert!(holds(t, alice, package), "the grace period runs");
        edit(t, alice, |p| p.department = "Sales".into());
        t.run_jobs();
        t.advance(Duration::days(2));
        t.run_jobs();
        let after = t.read(|conn| store::assignments::live_of(conn, alice, package)).unwrap().id;
        assert_eq!(before, after, "it is the same assignment");
        edit(t, alice, |p| p.department = "Finance".into());
        t.run_jobs();
        t.advance(Duration::days(7));
        t.run_jobs();
        assert!(!holds(t, alice, package));
    }

    /// Who holds the package in another way is left alone, disabled people gain nothing, and what a person took away
    /// is not given again (SPEC AUT-3).
    fn aut_3_who_is_left_alone(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Sales tools", &[]);
        let direct = t.policy(package, "Direct", &Terms::direct_only());
        let (alice, dan) = (t.person("alice"), t.person("dan"));
        let gone = t.user("gone").department("Sales").disabled().create();
        let by_hand = |subject| app::request::Direct {
            package, policy: direct, subject, justification: String::new(), without_approval: false,
            answers: serde_json::json!({}), notify: true, period: Default::default(),
        };
        t.write_as("carol", |tx, cx, me| app::request::assign(tx, cx, me, &by_hand(alice)));
        t.write_as("carol", |tx, cx, me| app::request::assign(tx, cx, me, &by_hand(dan)));
        rule_policy(t, package, r#"user.department -eq "Sales""#, 0);
        t.run_jobs();
        let held = t.read(|conn| store::assignments::live_of(conn, alice, package)).unwrap();
        assert_eq!(held.policy_id, direct, "hers stays as it is");
        assert!(holds(t, dan, package), "he does not match, but the rule did not give it to him");
        assert!(!holds(t, gone, package));

        // When her own ends, the rule gives it; when she gives that up, it is not given again.
        t.write_as("alice", |tx, cx, me| app::request::give_up(tx, cx, held.id, me, ""));
        t.run_jobs();
        let held = t.read(|conn| store::assignments::live_of(conn, alice, package)).unwrap();
        assert_ne!(held.policy_id, direct);
        t.write_as("alice", |tx, cx, me| app::request::give_up(tx, cx, held.id, me, ""));
        t.run_jobs();
        t.advance(Duration::days(2));
        t.run_jobs();
        assert!(!holds(t, alice, package));
    }

    /// Conflicts with separation of duties are recorded, not forced; when the conflict is over the person gets it
    /// (SPEC AUT-3, SOD-1).
    fn aut_3_conflicts_are_recorded_not_forced(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Payments", &[]);
        let auditors = t.group("Payment auditors", &["alice"]);
        t.insert("package_conflicts", &[
            ("id", raw::id(t.app.ids.next::<GroupId>())), ("package_id", raw::id(package)), ("group_id", raw::id(auditors)),
        ]);
        let policy = rule_policy(t, package, r#"user.department -eq "Sales""#, 0);
        let alice = t.person("alice");
        t.run_jobs();
        assert!(!holds(t, alice, package));
        let at = latchkey::kernel::PageRequest { number: 1, size: 50 };
        let kept = t.read(|conn| store::rules::list(conn, Target::Policy(policy), Which::Problems, "", at));
        assert_eq!(kept.total, 1);
        assert!(kept.items[0].change.problem.as_ref().unwrap().contains("Payment auditors"));
        t.sql("DELETE FROM package_conflicts");
        t.advance(Duration::hours(2));
        t.run_jobs();
        assert!(holds(t, alice, package));
    }

    /// Too much at once stops and asks; confirmed it is carried out, left alone nothing happens, and what becomes
    /// small again goes on by itself (SPEC AUT-4).
    fn aut_4_too_much_at_once_stops_and_asks(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Floor", &[]);
        let people = crowd(t, "Floor", 30);
        let policy = rule_policy(t, package, r#"user.department -eq "Floor""#, 0);
        let target = Target::Policy(policy);
        t.run_jobs();
        let standing = |t: &Test| t.app.db.read_now(|conn| app::rules::standing(conn, target)).unwrap().unwrap();
        let now = standing(t);
        assert_eq!(now.follower.state, Following::Stopped);
        assert_eq!((now.change.gains, now.change.losses), (30, 0));
        assert!(!people.iter().any(|p| holds(t, *p, package)), "nothing happened yet");

        // Only what was seen is confirmed, and only by those who edit packages.
        let stale = t.try_as("carol", |tx, cx, me| {
            app::rules::answer(tx, cx, me, target, Answer::Confirm, (29, 0))
        });
        assert!(matches!(stale, Err(AppError::Refused(Refusal::Stale))));
        let sam = t.try_as("sam", |tx, cx, me| app::rules::answer(tx, cx, me, target, Answer::Confirm, (30, 0)));
        assert!(matches!(sam, Err(AppError::Denied(_))));
        t.write_as("priya", |tx, cx, me| app::rules::answer(tx, cx, me, target, Answer::Confirm, (30, 0)));
        t.run_jobs();
        assert!(people.iter().all(|p| holds(t, *p, package)));
        assert_eq!(standing(t).follower.state, Following::Following);

        // A broken import: everybody is elsewhere. It stops; mended, it goes on by itself.
        for person in &people {
            edit(t, *person, |p| p.department = "Oops".into());
        }
        t.run_jobs();
        let now = standing(t);
        assert_eq!((now.follower.state, now.change.losses, now.change.holders), (Following::Stopped, 30, 30));
        for person in people.iter().skip(1) {
            edit(t, *person, |p| p.department = "Floor".into());
        }
        t.run_jobs();
        assert_eq!(standing(t).follower.state, Following::Following);
        assert!(!holds(t, people[0], package) && people.iter().skip(1).all(|p| holds(t, *p, package)));

        // Left as it is, nothing happens until somebody says otherwise.
        for person in people.iter().skip(1) {
            edit(t, *person, |p| p.department = "Oops".into());
        }
        t.run_jobs();
        t.write_as("carol", |tx, cx, me| app::rules::answer(tx, cx, me, target, Answer::Leave, (0, 29)));
        t.run_jobs();
        t.advance(Duration::days(3));
        t.run_jobs();
        assert!(people.iter().skip(1).all(|p| holds(t, *p, package)));
        assert_eq!(standing(t).follower.state, Following::Paused);
    }

    /// Switched off, a policy gives and takes nothing more; what people hold they keep (SPEC POL-2).
    fn pol_2_a_rule_that_is_switched_off_changes_nothing(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Sales tools", &[]);
        let policy = rule_policy(t, package, r#"user.department -eq "Sales""#, 0);
        let (alice, dan) = (t.person("alice"), t.person("dan"));
        t.run_jobs();
        t.write_as("carol", |tx, cx, me| app::catalog::policies::set_enabled(tx, cx, me, policy, 1, false));
        edit(t, alice, |p| p.department = "Finance".into());
        edit(t, dan, |p| p.department = "Sales".into());
        t.run_jobs();
        assert!(holds(t, alice, package) && !holds(t, dan, package));
        t.write_as("carol", |tx, cx, me| app::catalog::policies::set_enabled(tx, cx, me, policy, 2, true));
        t.run_jobs();
        assert!(!holds(t, alice, package) && holds(t, dan, package));
    }

    /// Two workers at the same moment give everybody one assignment (SPEC AUT-4, I2).
    fn aut_4_two_workers_never_double(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Sales tools", &[]);
        let people = crowd(t, "Pair", 9);
        rule_policy(t, package, r#"user.department -eq "Pair""#, 0);
        let apps = [t.app.clone(), t.app.clone()];
        let barrier = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for app in &apps {
                scope.spawn(|| {
                    barrier.wait();
                    for _ in 0..3 {
                        // Whoever loses a race tries again with the next round.
                        let _ = app::rules::round(app);
                    }
                });
            }
        });
        t.run_jobs();
        assert!(people.iter().all(|p| holds(t, *p, package)));
        assert_eq!(t.count("requests WHERE kind = 'systemAdd'"), 9);
        assert_eq!(t.count("rule_changes"), 0);
    }

    /// A dynamic group has whom its rule names, cannot be edited by hand, and the audit log says by which rule
    /// somebody joined or left (SPEC DIR-4).
    fn dir_4_a_dynamic_group_follows_its_rule(t: &mut Test) {
        let (alice, dan) = (t.person("alice"), t.person("dan"));
        let group = dynamic(t, "Everyone in Sales", r#"user.department -eq "Sales""#);
        t.run_jobs();
        assert!(is_in(t, group, alice) && !is_in(t, group, dan));
        edit(t, alice, |p| p.department = "Finance".into());
        edit(t, dan, |p| p.department = "Sales".into());
        t.run_jobs();
        assert!(!is_in(t, group, alice) && is_in(t, group, dan));
        let why = t.texts("SELECT reason AS n FROM audit_events WHERE action = 'group.removeMember'");
        assert_eq!(why, [r#"By the rule: user.department -eq "Sales""#]);
        let refused = t.try_as("root", |tx, cx, me| {
            use latchkey::domain::directory::Belonging;
            let people = [alice].into();
            app::directory::groups::add(tx, cx, manage_directory(me)?, group, &people, Belonging::Member)
        });
        assert!(matches!(refused, Err(AppError::Refused(Refusal::DynamicGroup))));
        // Back to a group by hand: the members stay.
        t.write_as("root", |tx, cx, me| {
            let version = store::groups::find(tx, group)?.unwrap().version;
            app::directory::groups::set_rule(tx, cx, manage_directory(me)?, group, version, None)
        });
        edit(t, dan, |p| p.department = "Warehouse".into());
        t.run_jobs();
        assert!(is_in(t, group, dan));
    }

    /// A package cannot put people into a group whose members follow a rule (SPEC DIR-4).
    fn dir_4_membership_by_rule_is_no_part_of_a_package(t: &mut Test) {
        let s = t.sales();
        let group = t.group("Team X", &[]);
        let resource = t.resource(s.catalog, "Team X", Some(group), "carol");
        let role = t.role(resource, "Member", Some("member"));
        t.person("root");
        let rule = Rule::parse(r#"user.department -eq "Sales""#).unwrap();
        let package = t.package(s.catalog, "With X", &[role]);
        let make = |tx: &mut store::Tx<'_>, cx: &app::Cx, me: &latchkey::domain::access::Principal| {
            let version = store::groups::find(tx, group)?.unwrap().version;
            app::directory::groups::set_rule(tx, cx, manage_directory(me)?, group, version, Some(&rule))
        };
        let refused = t.try_as("root", make).unwrap_err();
        assert!(refused.to_string().contains("With X"), "{refused}");
        t.sql("DELETE FROM package_roles");
        t.write_as("root", make);
        let refused = t.try_as("carol", |tx, cx, me| {
            let version = store::packages::find(tx, package)?.unwrap().version;
            app::catalog::package_roles::change_roles(tx, cx, me, package, version, &[role].into())
        });
        assert!(matches!(refused, Err(AppError::Refused(Refusal::MembersByRule(_)))), "{refused:?}");
    }

    /// Before saving: how many match, who would gain, who would lose, who is left alone (SPEC AUT-2).
    fn aut_2_preview_says_who_gains_and_who_loses(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Sales tools", &[]);
        let policy = rule_policy(t, package, r#"user.department -eq "Sales""#, 0);
        t.run_jobs();
        t.user("gone").department("Warehouse").disabled().create();
        t.person("dan");
        let rule = Rule::parse(r#"user.department -eq "Warehouse""#).unwrap();
        let tried = Tried::Policy(Some(package), Some(policy));
        let see = |part, q: &str| {
            let see = |conn: &mut store::Conn| app::rules::preview(conn, &rule, tried, Limits::default(), part, q);
            t.app.db.read_now(see).unwrap()
        };
        let all = see(Part::Gaining, "");
        assert_eq!(all.count(Part::Matching), 2);
        assert_eq!(all.count(Part::Gaining), 1);
        assert_eq!(all.count(Part::Hindered), 1, "disabled people gain nothing");
        assert_eq!(all.count(Part::Losing), 1 + others_in_sales(t));
        assert_eq!(all.people.len(), 1);
        assert!(all.people[0].email.starts_with("dan@"));
        assert_eq!(see(Part::Losing, "alice").people.len(), 1);
        assert_eq!(see(Part::Losing, "nobody").people.len(), 0);
    }

    /// The editor shows the preview by a button, marks a mistake at its place, and a catalog's assignment managers can
    /// try a rule without saving it (SPEC AUT-1, AUT-2).
    fn aut_2_the_editor_shows_what_a_rule_would_do(t: &mut Test) {
        let s = t.sales();
        let package = t.package(s.catalog, "Sales tools", &[]);
        t.person("dan");
        let carol = t.sign_in("carol");
        let at = format!("/manage/packages/{package}/policies/new");
        let rule = r#"user.department -eq "Warehouse""#;
        let editor = carol.page(&at);
        let form = editor.form(&at).set("scope", "automatic").set("rule", rule);
        let seen = carol.submit(&form.press("Preview who matches")).expect(200).page();
        assert!(seen.text_of("#rule-preview").contains("dan@demo.example"), "{}", seen.text_of("#rule-preview"));
        let form = editor.form(&at).set("scope", "automatic").set("rule", "user.departmnt -eq \"x\"");
        let wrong = carol.submit(&form.press("Create policy")).expect(422).page();
        wrong.assert_says("Did you mean user.department?");
        assert!(wrong.text_of(".lk-mark").contains("^^^^"));
        let sam = t.sign_in("sam");
        let found = sam.page(&format!("/catalogs/{}/rules?rule=user.department%20-eq%20%22Warehouse%22", s.catalog));
        found.assert_says("dan@demo.example");
    }
}

/// How many people besides Alice the examples have in Sales.
fn others_in_sales(t: &Test) -> i64 {
    t.count("users WHERE department = 'Sales' AND deleted_at IS NULL AND enabled = TRUE AND email <> 'alice@demo.example'")
}

//! The demonstration (SPEC OPS-1, FIX-3).

use std::time::{Duration, Instant};

use latchkey::bootstrap::demo;
use latchkey::domain::audit::Broken;
use latchkey::store::audit;

use crate::support::Test;

fn filled(t: &mut Test) {
    let began = Instant::now();
    demo::fill(&t.app).expect("the demonstration is made");
    // A start that takes longer than a person waits is broken; a loaded machine is slow.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

on_both! {
    /// FIX-3: the people, the catalog and its packages with their policies.
    fn fix_3_the_demonstration_has_its_fixed_points(t: &mut Test) {
        filled(t);
        for name in ["alice", "bob", "carol", "priya", "sam", "dan", "mia", "aud", "root"] {
            assert_eq!(t.count(&format!("users WHERE email = '{name}@demo.example' AND enabled AND kind = 'member'")), 1, "{name}");
        }
        assert_eq!(t.count("users WHERE email = 'erin@partner.example' AND kind = 'guest' AND organization_id IS NOT NULL"), 1);
        assert_eq!(t.count("users a JOIN users b ON a.manager_id = b.id WHERE a.email = 'alice@demo.example' AND b.email = 'bob@demo.example'"), 1);
        let roles = "SELECT u.email || ' ' || g.role AS n FROM catalog_role_grants g JOIN users u ON u.id = g.user_id \
                     JOIN catalogs c ON c.id = g.catalog_id WHERE c.name = 'Sales' ORDER BY u.email";
        assert_eq!(
            t.texts(roles),
            ["carol@demo.example owner", "priya@demo.example packageManager", "sam@demo.example assignmentManager"]
        );
        let packages = "SELECT p.name || ': ' || o.scope_kind AS n FROM packages p JOIN catalogs c ON c.id = p.catalog_id \
                        JOIN policies o ON o.package_id = p.id WHERE c.name = 'Sales' ORDER BY p.name";
        assert_eq!(
            t.texts(packages),
            [
                "Board papers: specific",
                "Contractor kit: nobody",
                "Deal desk: allMembers",
                "Price list: allMembers",
                "Sales onboarding: allMembers",
            ]
        );
        assert_eq!(t.texts("SELECT name AS n FROM packages WHERE hidden"), ["Board papers"]);
    }

    /// Alice can request "Sales onboarding": she has none, and nothing is in the way. Dan has nothing at all.
    fn fix_3_alice_can_begin(t: &mut Test) {
        filled(t);
        let of = |name: &str, table: &str, states: &str| {
            t.count(&format!(
                "{table} x JOIN users u ON u.id = x.subject_id JOIN packages p ON p.id = x.package_id \
                 WHERE u.email = '{name}@demo.example' AND p.name IN ('Sales onboarding', 'Deal desk') AND x.state {states}"
            ))
        };
        assert_eq!(of("alice", "assignments", "<> 'expired'"), 0);
        assert_eq!(of("alice", "requests", "IN ('submitted', 'pendingApproval', 'delivering', 'scheduled')"), 0);
        assert_eq!(t.count("requests r JOIN users u ON u.id = r.subject_id WHERE u.email = 'dan@demo.example'"), 0);
        let facts = t.read(|conn| {
            let email = latchkey::kernel::Email::parse("alice@demo.example").expect("an address");
            latchkey::store::users::find_by_email(conn, &email)
        });
        assert!(facts.is_some_and(|alice| alice.enabled));
    }

    /// A company to look around in: enough of everything, in every state that a portal of its age has.
    fn the_demonstration_is_worth_a_look(t: &mut Test) {
        filled(t);
        for (what, table, least) in [
            ("people", "users", 55),
            ("groups", "groups", 12),
            ("catalogs", "catalogs", 5),
            ("packages", "packages", 20),
            ("requests", "requests", 120),
            ("pending", "requests WHERE state = 'pendingApproval'", 6),
            ("denied", "requests WHERE state = 'denied'", 5),
            ("expired", "requests WHERE state = 'expired'", 2),
            ("canceled", "requests WHERE state = 'canceled'", 2),
            ("delivered", "requests WHERE state = 'delivered'", 80),
            ("access", "assignments WHERE state = 'delivered'", 40),
            ("ended by time", "assignments WHERE state = 'expired' AND end_reason = 'time'", 10),
            ("given up", "assignments WHERE end_reason = 'removedByUser'", 2),
            ("removed", "assignments WHERE end_reason = 'removedByAdministrator'", 2),
            ("second stage", "requests WHERE state = 'pendingApproval' AND stage = 2", 1),
            ("disabled", "users WHERE NOT enabled", 1),
        ] {
            let n = t.count(table);
            assert!(n >= least, "{what}: {n}, not {least}");
        }
        let now = t.literal(&t.now().into());
        assert_eq!(t.count(&format!("audit_events WHERE at > {now}")), 0, "nothing happens in the future");
        assert_eq!(t.count("notices WHERE state <> 'sent'"), 0, "the past owes nobody a mail");
        let verified: Result<_, Broken> = t.read(|conn| audit::verify(conn, None));
        assert!(verified.is_ok_and(|v| v.events > 500));
        // What was due is done: a portal that runs from here on has nothing to catch up with.
        assert_eq!(t.run_jobs().swept.done, 0);
        assert_eq!(t.mails().len(), 0);
    }

    /// On whatever day it is made, also on a Sunday night before a leap day.
    fn the_demonstration_can_be_made_on_any_day(t: &mut Test) {
        t.clock.set("2028-02-27T23:59:30Z".parse().expect("an instant"));
        filled(t);
        assert!(t.count("requests WHERE state = 'pendingApproval'") >= 5);
        assert!(t.count("requests WHERE state = 'canceled'") >= 2);
        assert_eq!(t.run_jobs().swept.done, 0);
    }

    /// The clock brings what was waiting: access ends, requests run out of time, mails go out.
    fn fix_3_time_goes_on_in_the_demonstration(t: &mut Test) {
        filled(t);
        let pending = t.count("requests WHERE state = 'pendingApproval'");
        t.advance(chrono::Duration::days(15));
        assert!(t.run_jobs().swept.done > 0);
        assert_eq!(t.count("requests WHERE state = 'pendingApproval'"), 0, "all {pending} ran out of time");
        assert!(!t.mails().is_empty());
    }
}

/// The page that moves the clock, and what it says came of it.
mod page {
    use std::sync::Arc;

    use latchkey::jobs::runner::run_until_idle;
    use latchkey::web::{WebSettings, WebState};

    use super::{Test, filled};
    use crate::support::Browser;

    /// A portal whose clock the visitor can move.
    fn visitor(t: &Test) -> Browser {
        let (app, clock, worker) = (t.app.clone(), t.clock.clone(), t.post.worker.clone());
        let state = WebState::load(t.app.clone(), WebSettings::default()).expect("a portal");
        Browser::new(state.with_clock(Arc::new(move |by| {
            clock.advance(by);
            run_until_idle(&app, &worker).map(drop)
        })))
    }

    on_both! {
        /// FIX-3: any number of hours or days; what became due is done before the page answers.
        fn fix_3_the_clock_moves_by_hours_and_days(t: &mut Test) {
            filled(t);
            let visitor = visitor(t);
            let before = t.now();
            let page = visitor.page("/demo");
            page.assert_says("Days");
            page.assert_says("Hours");
            let form = page.form("/demo").set("days", "15").set("hours", "3");
            let after = visitor.done(&form);
            assert_eq!(t.now() - before, chrono::Duration::hours(15 * 24 + 3));
            after.assert_says("The clock moved 15 days and 3 hours forward");
            after.assert_says("requests expired");
            after.assert_says("mails were sent");
            assert_eq!(after.attribute_of("html", "data-now"), t.now().to_string());
            assert_eq!(t.count("requests WHERE state = 'pendingApproval'"), 0);
            assert!(!t.post.memory.sent().is_empty());
        }

        /// It only moves forward, and what was typed stays.
        fn fix_3_a_clock_that_would_not_move_says_why(t: &mut Test) {
            let visitor = visitor(t);
            let before = t.now();
            for (days, hours) in [("-1", ""), ("", "x"), ("", ""), ("99999", "")] {
                let form = visitor.page("/demo").form("/demo").set("days", days).set("hours", hours);
                let again = visitor.submit(&form).expect(422).page();
                assert_eq!(again.form("/demo").values("days"), [days]);
            }
            assert_eq!(t.now(), before);
        }

        /// Outside a demonstration nobody moves any clock: there is no such page.
        fn fix_3_only_a_demonstration_has_the_page(t: &mut Test) {
            let root = t.sign_in("root");
            root.get("/demo").expect(404);
            let csrf = root.page("/").form("/sign-out").values("csrf").concat();
            root.post("/demo", &[("csrf", &csrf), ("days", "1")]).expect(404);
        }
    }
}

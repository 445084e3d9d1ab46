//! Deciding at the same moment, by page and by link (I1, I11).

use std::collections::BTreeSet;
use std::sync::Barrier;

use chrono::Duration;
use latchkey::domain::policy::Approver;
use latchkey::domain::request::RequestState;

use super::*;
use crate::support::browser::Browser;
use crate::support::terms;

/// Twelve approvers in one group, any one of whom decides.
fn contest(t: &mut Test) -> (Vec<String>, PackageId) {
    let names: Vec<String> = (0..12).map(|n| format!("voter{n}")).collect();
    for name in &names {
        t.user(name).create();
    }
    let voters: Vec<&str> = names.iter().map(String::as_str).collect();
    let team = t.group("Voters", &voters);
    t.person("alice");
    t.person("root");
    let catalog = t.catalog("Tools", "carol");
    let package = t.package(catalog, "Tool", &[]);
    t.policy(package, "P", &terms::members(vec![terms::stage(vec![Approver::Group { id: team }])]));
    (names, package)
}

on_both! {
    /// Sixteen clients at once: six approvers by page, six by link, approving and denying, two who cancel, two who
    /// expire. One outcome; whoever was too late is told so; every form ends in an answer (I1). It fails if nothing
    /// was contested.
    fn i1_one_outcome_by_page_and_link(t: &mut Test) {
        let (names, package) = contest(t);
        let (web, mut outcomes) = (t.web(), BTreeSet::new());
        let (mut late, mut refused) = (0, 0);
        for round in 0..6 {
            let id = submit(t, "alice", package);
            let links: Vec<String> = names.iter().map(|name| link(t, id, name)).collect();
            if round % 3 == 2 {
                // The last second: whoever expires it competes with whoever decides.
                t.clock.set(the_request(t, id).due_at.expect("due") - Duration::milliseconds(1));
            }
            let keys: Vec<String> = names.iter().map(|name| { let user = t.person(name); t.session_of(user) }).collect();
            let alice = t.principal("alice");
            let barrier = Barrier::new(16);
            let (answers, others): (Vec<u16>, usize) = std::thread::scope(|scope| {
                let voters: Vec<_> = (0..12)
                    .map(|n| {
                        let (web, barrier, key, link) = (web.clone(), &barrier, &keys[n], &links[n]);
                        scope.spawn(move || {
                            let browser = Browser::new(web.clone());
                            browser.set_cookie(&web.cookie_name("latchkey"), key);
                            let path = if n % 2 == 0 { format!("/approvals/{id}") } else { link.clone() };
                            let verdict = if n % 4 < 2 { "approve" } else { "deny" };
                            let form = browser.page(&path).form(&path).set("verdict", verdict).set("reason", "x");
                            barrier.wait();
                            browser.submit(&form).status
                        })
                    })
                    .collect();
                let rest: Vec<_> = (0..4)
                    .map(|n| {
                        let (app, barrier, alice, clock) = (&t.app, &barrier, &alice, &t.clock);
                        scope.spawn(move || {
                            barrier.wait();
                            if n < 2 {
                                // Half of the rounds are the approvers' own.
                                if round % 2 == 0 {
                                    return 0;
                                }
                                let cx = app.cx(alice, "192.0.2.7", "race");
                                return usize::from(app.db.write_now(|tx| request::cancel(tx, &cx, id, alice, "")).is_ok());
                            }
                            if round % 3 == 2 {
                                clock.advance(Duration::milliseconds(1));
                            }
                            let cx = app.system_cx("race");
                            usize::from(app.db.write_now(|tx| request::expire_request(tx, &cx, id)).unwrap_or(false))
                        })
                    })
                    .collect();
                (
                    voters.into_iter().map(|h| h.join().expect("no panic")).collect(),
                    rest.into_iter().map(|h| h.join().expect("no panic")).sum(),
                )
            });
            let won = answers.iter().filter(|status| **status == 303).count();
            let ended = the_request(t, id);
            assert_eq!(won + others, 1, "one of sixteen counted: {answers:?}, it ended as {}", ended.state);
            assert!(!ended.state.is_open(), "{}", ended.state);
            assert!(answers.iter().all(|s| [303, 409].contains(s)), "each is told: {answers:?}");
            late += answers.iter().filter(|status| **status == 409).count();
            refused += usize::from(others == 1);
            assert_eq!(votes(t, id), i64::try_from(won).unwrap());
            let live = ended.assignment.is_some();
            assert_eq!(live, ended.state == RequestState::Delivered);
            if let Some(assignment) = ended.assignment {
                t.write_as("alice", |tx, cx, by| request::give_up(tx, cx, assignment, by, ""));
            }
            outcomes.insert(ended.state);
        }
        assert!(late >= 6 * 10, "there was a contest: {late}");
        assert!(!outcomes.is_empty() && refused <= 6);
    }

    /// The same link, sent sixteen times at once: one decision, and sixteen times the same receipt (I11).
    fn i11_one_link_sent_many_times_decides_once(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = link(t, id, "bob");
        let (web, bob) = (t.web(), t.person("bob"));
        let key = t.session_of(bob);
        let barrier = Barrier::new(16);
        let receipts: BTreeSet<String> = std::thread::scope(|scope| {
            let hands: Vec<_> = (0..16)
                .map(|_| {
                    let (web, barrier, key, link) = (web.clone(), &barrier, &key, &link);
                    scope.spawn(move || {
                        let browser = Browser::new(web.clone());
                        browser.set_cookie(&web.cookie_name("latchkey"), key);
                        let form = browser.page(link).form(link).set("verdict", "approve").set("reason", "x");
                        barrier.wait();
                        browser.done(&form).text_of("main")
                    })
                })
                .collect();
            hands.into_iter().map(|h| h.join().expect("no panic")).collect()
        });
        assert_eq!(receipts.len(), 1, "{receipts:?}");
        assert_eq!((votes(t, id), audited(t, "link.decide")), (1, 1));
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
    }
}

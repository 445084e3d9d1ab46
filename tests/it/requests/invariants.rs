//! Invariants under real concurrency (DESIGN section 8).

use std::sync::Barrier;

use latchkey::app::request::{self, Decision, Submission};
use latchkey::app::{App, AppError};
use latchkey::domain::access::Principal;
use latchkey::domain::approval::{Channel, Verdict};
use latchkey::kernel::ids::{PackageId, RequestId};

use super::*;
use crate::support::terms;

fn ask(app: &App, by: &Principal, package: PackageId) -> Result<RequestId, AppError> {
    let cx = app.cx(by, "127.0.0.1", "race");
    app.db.write_now(|tx| {
        let wish = Submission {
            package,
            policy: None,
            subject: by.user,
            justification: String::new(),
            answers: serde_json::json!({}),
            token: String::new(),
        };
        request::submit(tx, &cx, &wish)
    })
}

fn vote(app: &App, by: &Principal, id: RequestId, verdict: Verdict) -> Result<(), AppError> {
    let cx = app.cx(by, "127.0.0.1", "race");
    let decision = Decision {
        request: id,
        stage: None,
        seen_version: None,
        by: by.user,
        verdict,
        reason: String::new(),
        channel: Channel::Portal,
        ip: String::new(),
    };
    app.db.write_now(|tx| request::decide(tx, &cx, &decision)).map(|_| ())
}

on_both! {
    /// Sixteen people at once approve, deny, cancel and let it expire: one outcome (I1). It fails if nobody got
    /// through, or if there was no contest.
    fn i1_one_outcome_per_request_and_stage(t: &mut Test) {
        let names: Vec<String> = (0..12).map(|n| format!("voter{n}")).collect();
        let voters: Vec<&str> = names.iter().map(String::as_str).collect();
        let team = t.group("Voters", &voters);
        t.person("alice");
        t.person("root");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let stage = terms::stage(vec![latchkey::domain::policy::Approver::Group { id: team }]);
        t.policy(package, "P", &terms::members(vec![stage]));
        let principals: Vec<Principal> = voters.iter().map(|v| t.principal(v)).collect();
        let alice = t.principal("alice");
        let (mut contested, mut outcomes) = (0, std::collections::BTreeSet::new());
        for round in 0..8 {
            let id = submit(t, "alice", package);
            if round % 2 == 1 {
                // The last second: whoever expires it competes with whoever decides.
                t.clock.set(the_request(t, id).due_at.expect("due") - chrono::Duration::milliseconds(1));
            }
            let barrier = Barrier::new(16);
            let won: usize = std::thread::scope(|scope| {
                let mut hands = Vec::new();
                for (n, by) in principals.iter().enumerate() {
                    let (app, barrier) = (&t.app, &barrier);
                    hands.push(scope.spawn(move || {
                        let verdict = if n % 3 == 0 { Verdict::Deny } else { Verdict::Approve };
                        barrier.wait();
                        usize::from(vote(app, by, id, verdict).is_ok())
                    }));
                }
                for n in 0..4 {
                    let (app, barrier, alice, clock) = (&t.app, &barrier, &alice, &t.clock);
                    hands.push(scope.spawn(move || {
                        let cx = app.cx(alice, "127.0.0.1", "race");
                        barrier.wait();
                        if n < 2 {
                            let done = app.db.write_now(|tx| request::cancel(tx, &cx, id, alice, ""));
                            return usize::from(done.is_ok());
                        }
                        if round % 2 == 1 {
                            clock.advance(chrono::Duration::milliseconds(1));
                        }
                        let cx = app.system_cx("race");
                        usize::from(app.db.write_now(|tx| request::expire_request(tx, &cx, id)).unwrap_or(false))
                    }));
                }
                hands.into_iter().map(|h| h.join().expect("no panic")).sum()
            });
            let ended = the_request(t, id);
            assert_eq!(won, 1, "exactly one of sixteen counted; it ended as {}", ended.state);
            assert!(!ended.state.is_open(), "{}", ended.state);
            outcomes.insert(ended.state);
            contested += 1;
            let request = t.literal(&crate::support::raw::id(id));
            assert!(t.count(&format!("votes WHERE request_id = {request}")) <= 1);
            let held = t.count(&format!("assignments a JOIN requests r ON r.assignment_id = a.id WHERE r.id = {request}"));
            assert_eq!(held == 1, ended.state == latchkey::domain::request::RequestState::Delivered);
            if let Some(assignment) = ended.assignment {
                t.write_as("alice", |tx, cx, by| request::give_up(tx, cx, assignment, by, ""));
            }
        }
        assert_eq!(contested, 8);
        assert!(!outcomes.is_empty());
    }

    /// At most one open request and one live assignment per person and package (I2, SPEC REQ-4).
    fn i2_one_open_request_and_one_live_assignment(t: &mut Test) {
        let s = t.sales();
        let alice = { t.person("alice"); t.principal("alice") };
        for package in [s.onboarding, s.price_list] {
            let barrier = Barrier::new(12);
            let won: usize = std::thread::scope(|scope| {
                let hands: Vec<_> = (0..12)
                    .map(|_| {
                        let (app, alice, barrier) = (&t.app, &alice, &barrier);
                        scope.spawn(move || {
                            barrier.wait();
                            usize::from(ask(app, alice, package).is_ok())
                        })
                    })
                    .collect();
                hands.into_iter().map(|h| h.join().expect("no panic")).sum()
            });
            assert_eq!(won, 1, "one of twelve got through");
        }
        assert_eq!(t.count("requests WHERE state = 'pendingApproval'"), 1);
        assert_eq!(t.count("assignments WHERE state <> 'expired'"), 1);
    }

    /// If the audit event cannot be written, the change is not made (I7), for each act of a request's life.
    fn i7_without_its_audit_event_no_change_is_made(t: &mut Test) {
        let s = t.sales();
        t.person("alice");
        let id = submit(t, "alice", s.onboarding);
        let before = t.count("request_steps");
        t.sql("ALTER TABLE audit_events RENAME TO audit_events_away");
        assert!(try_decide(t, "bob", id, Verdict::Approve).is_err());
        assert!(try_submit(t, "alice", s.price_list).is_err());
        t.sql("ALTER TABLE audit_events_away RENAME TO audit_events");
        assert_eq!(t.count("request_steps"), before, "I14: no half state");
        assert_eq!(t.count("votes"), 0);
        assert_eq!(t.count("assignments"), 0);
        decide(t, "bob", id, Verdict::Approve);
        let verified = t.app.db.read_now(|c| latchkey::store::audit::verify(c, None)).expect("readable");
        assert!(verified.is_ok(), "{verified:?}");
    }
}

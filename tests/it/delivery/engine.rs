//! The delivery engine against a target that can misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::Duration;
use latchkey::app::AppError;
use latchkey::app::request::{self, Claim};
use latchkey::domain::Refusal;
use latchkey::domain::access::Denied;
use latchkey::domain::assignment::AssignmentState;
use latchkey::domain::delivery::DeliveryState;
use latchkey::domain::order::{Action, Claimed, Reply, Report, Target};
use latchkey::domain::request::RequestState;
use latchkey::store::{orders, requests};

use super::fake::{Fake, Next};
use super::*;

fn claim(t: &Test, id: latchkey::kernel::ids::DeliveryId) -> Option<Box<Claimed>> {
    let lease = t.app.ids.uuid();
    let cx = t.app.system_cx("test");
    match t.write(|tx| request::claim(tx, &cx, id, lease)) {
        Claim::Call(claimed) => Some(claimed),
        Claim::Nothing | Claim::Settled => None,
    }
}

fn conclude(t: &Test, claimed: &Claimed) -> bool {
    let cx = t.app.system_cx("test");
    let report = Report { reply: Ok(Reply::Done), status: Some(200), millis: 1 };
    t.write(|tx| request::conclude(tx, &cx, claimed, &report))
}

fn state_of(t: &Test, id: RequestId) -> RequestState {
    t.read(|c| requests::find(c, id)).expect("a request").state
}

on_both! {
    /// Granting and taking back at a target outside; "you now have access" when it is there, not before (SPEC DLV-1,
    /// DLV-5, DLV-6).
    fn dlv_5_access_is_announced_when_the_target_has_it(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        let a = assign(t, alice, w.package, w.policy);
        assert_eq!(a.state, AssignmentState::Delivering);
        assert!(t.notices_to("alice").is_empty());
        assert_eq!(deliver(t, &target), 1);
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivered);
        assert_eq!((fake.holds(), recorded(t, w.role)), (1, 1));
        assert_eq!(t.notices_to("alice"), ["accessDelivered"]);
        let removal = remove(t, &a);
        assert_eq!(state_of(t, removal), RequestState::Delivering);
        assert_eq!(deliver(t, &target), 1);
        assert_eq!((fake.holds(), recorded(t, w.role)), (0, 0));
        assert_eq!(state_of(t, removal), RequestState::Delivered);
        let numbers: Vec<_> = fake.seen().iter().map(|s| (s.1, s.2)).collect();
        assert_eq!(numbers, [(1, Action::Grant), (2, Action::Revoke)]);
        assert_eq!(deliver(t, &target), 0, "nothing is left");
    }

    /// Failures are tried again with growing pauses for a day, then stay failed, and the people who manage the
    /// assignment hear of it; Reprocess has no time limit (SPEC DLV-3).
    fn dlv_3_a_day_of_attempts_then_reprocess(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        fake.plan(&[Next::Busy; 13]);
        let a = assign(t, alice, w.package, w.policy);
        let begun = t.now();
        deliver(t, &target);
        let mut tried = 1;
        while row(t, &a).state == DeliveryState::Pending {
            assert_eq!(deliver(t, &target), 0, "not before its time");
            let due = row(t, &a).due_at.expect("a next time");
            assert!(due > t.now() && due <= begun + Duration::hours(24));
            t.clock.set(due);
            assert_eq!(deliver(t, &target), 1);
            tried += 1;
        }
        assert_eq!(tried, 13);
        assert_eq!(t.now(), begun + Duration::hours(24));
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::DeliveryFailed);
        assert_eq!(row(t, &a).error.as_deref(), Some("busy"));
        let keys: std::collections::BTreeSet<_> = fake.seen().iter().map(|s| (s.0, s.1)).collect();
        assert_eq!(keys.len(), 1, "the same order under the same key each time (DLV-4)");
        for manager in ["carol", "sam"] {
            assert_eq!(t.notices_to(manager), ["deliveryFailed"]);
        }
        assert!(t.notices_to("alice").is_empty() && t.notices_to("root").is_empty());
        let mails = t.mails_to("sam@demo.example");
        assert!(mails[0].text.contains("busy") && mails[0].subject.contains("Delivery failed"), "{}", mails[0].text);
        t.advance(Duration::days(20));
        assert_eq!(deliver(t, &target), 0, "it stays failed");
        let making = t.read(|c| requests::making(c, a.id)).expect("a request").id;
        let again = |who: &str| t.try_as(who, |tx, cx, by| request::reprocess(tx, cx, by, making));
        assert!(matches!(again("dan"), Err(AppError::Denied(Denied::Invisible))));
        assert!(matches!(again("alice"), Err(AppError::Denied(Denied::Forbidden { .. }))));
        assert_eq!(again("sam").unwrap(), 1);
        assert!(matches!(again("sam"), Err(AppError::Refused(Refusal::NothingFailed))));
        assert_eq!(deliver(t, &target), 1);
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivered);
        assert_eq!(t.count("audit_events WHERE action = 'request.reprocess'"), 1);
        assert_eq!(t.count("audit_events WHERE action = 'delivery.fail'"), 1);
    }

    /// A removal that failed is tried again by Reprocess as well; until then the role counts as not taken back, and the
    /// person can ask anew (SPEC DLV-3, REQ-4).
    fn dlv_3_a_failed_removal_is_reprocessed(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        let a = assign(t, alice, w.package, w.policy);
        deliver(t, &target);
        fake.plan(&[Next::Refuses]);
        let removal = remove(t, &a);
        deliver(t, &target);
        assert!(row(t, &a).given_up());
        assert_eq!((fake.holds(), recorded(t, w.role)), (1, 1));
        assert_eq!(state_of(t, removal), RequestState::DeliveryFailed);
        assert_eq!(t.notices_to("sam"), ["deliveryFailed"]);
        assert_eq!(t.write_as("sam", |tx, cx, by| request::reprocess(tx, cx, by, removal)), 1);
        deliver(t, &target);
        assert_eq!(state_of(t, removal), RequestState::Delivered);
        assert_eq!((fake.holds(), recorded(t, w.role)), (0, 0));
        assign(t, alice, w.package, w.policy);
        deliver(t, &target);
        assert_eq!(fake.holds(), 1);
    }

    /// A worker that dies after the call: the order is repeated under its own key, and done once (SPEC DLV-4).
    fn dlv_4_a_worker_that_dies_after_the_call(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        let a = assign(t, alice, w.package, w.policy);
        let dead = claim(t, row(t, &a).id).expect("it is due");
        target.carry_out(&dead.order);
        // It is dead: nothing is written down. Nobody else takes it before the claim has run out.
        assert_eq!(deliver(t, &target), 0);
        t.advance(latchkey::domain::order::HOLD);
        assert_eq!(deliver(t, &target), 1);
        let seen = fake.seen();
        assert_eq!((seen.len(), seen[0]), (2, seen[1]));
        assert_eq!(fake.state.lock().expect("whole").changes, 1);
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivered);
        // The dead one was only slow: what it has to say counts no more.
        assert!(!conclude(t, &dead));
        assert_eq!(t.count("delivery_attempts WHERE outcome = 'outdated'"), 1);
    }

    /// I10: a grant whose answer is late never overtakes the removal that was ordered since.
    fn i10_a_late_grant_does_not_overtake_the_removal(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        let a = assign(t, alice, w.package, w.policy);
        let slow = claim(t, row(t, &a).id).expect("it is due");
        remove(t, &a);
        assert_eq!(deliver(t, &target), 0, "the removal waits until the grant is out of the way");
        t.advance(latchkey::domain::order::HOLD);
        assert_eq!(deliver(t, &target), 1);
        // Now the grant arrives at the target, and its answer here.
        target.carry_out(&slow.order);
        assert!(!conclude(t, &slow));
        assert_eq!((fake.holds(), recorded(t, w.role)), (0, 0));
        assert_eq!(row(t, &a).state, DeliveryState::Removed);
        let seen = fake.seen();
        assert!(seen[0].1 > seen[1].1, "the removal has the greater number: {seen:?}");
    }

    /// The access ends while the grant is under way: the answer is taken, and the removal follows (I10, SPEC DLV-4).
    fn dlv_4_access_ends_while_the_grant_is_under_way(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        let a = assign(t, alice, w.package, w.policy);
        let under_way = claim(t, row(t, &a).id).expect("it is due");
        remove(t, &a);
        target.carry_out(&under_way.order);
        assert!(conclude(t, &under_way));
        assert_eq!(row(t, &a).state, DeliveryState::Removing);
        assert_eq!(recorded(t, w.role), 1, "the target has it for now");
        assert_eq!(deliver(t, &target), 1);
        assert_eq!((fake.holds(), recorded(t, w.role)), (0, 0));
        assert_eq!(row(t, &a).state, DeliveryState::Removed);
    }

    /// What other access gives is judged at the moment of removal, also when that other access was never tried itself
    /// (SPEC DLV-2).
    fn dlv_2_judged_at_the_moment_of_removal(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        let a = assign(t, alice, w.package, w.policy);
        deliver(t, &target);
        // The removal is on its way when other access begins: nothing is asked of the target.
        fake.plan(&[Next::Busy]);
        remove(t, &a);
        deliver(t, &target);
        let b = assign(t, alice, w.other, w.other_policy);
        t.sql(&format!("UPDATE deliveries SET due_at = {} WHERE assignment_id = '{}'",
            t.literal(&(t.now() + Duration::hours(1)).into()), b.id));
        t.advance(Duration::minutes(1));
        assert_eq!(deliver(t, &target), 1);
        assert_eq!((row(t, &a).state, fake.holds()), (DeliveryState::Removed, 1));
        // The other access ends before it was ever tried: it is the one to take the role back.
        remove(t, &b);
        assert_eq!(row(t, &b).state, DeliveryState::Removing);
        assert_eq!(deliver(t, &target), 1);
        assert_eq!((fake.holds(), recorded(t, w.role)), (0, 0));
    }

    /// A target that tells later: nothing is repeated meanwhile, an answer that never comes is a failure, and a removal
    /// does not wait for it (SPEC DLV-6, I10).
    fn dlv_6_a_target_that_tells_later(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        fake.plan(&[Next::Later, Next::Later]);
        let a = assign(t, alice, w.package, w.policy);
        deliver(t, &target);
        t.advance(Duration::hours(5));
        assert_eq!(deliver(t, &target), 0);
        assert_eq!(fake.seen().len(), 1);
        t.advance(Duration::hours(1));
        assert_eq!(deliver(t, &target), 1, "the promise is over");
        assert!(row(t, &a).error.expect("an error").contains("did not tell"));
        t.advance(Duration::minutes(1));
        deliver(t, &target);
        assert_eq!(fake.seen()[0], fake.seen()[1], "the same order again");
        remove(t, &a);
        assert_eq!(deliver(t, &target), 1);
        assert_eq!(fake.seen()[2].1, 2);
        assert_eq!(row(t, &a).state, DeliveryState::Removed);
    }

    /// Two workers at once: no order twice, never two for the same role and person, everybody served (SPEC DLV-4, I10).
    fn dlv_4_two_workers_at_once(t: &mut Test) {
        const PEOPLE: usize = 12;
        let w = world(t);
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        let people: Vec<_> = (0..PEOPLE).map(|n| t.person(&format!("p{n}"))).collect();
        let all: Vec<_> = people
            .iter()
            .flat_map(|who| {
                [assign(t, *who, w.package, w.policy), assign(t, *who, w.other, w.other_policy)]
            })
            .collect();
        let done = AtomicUsize::new(0);
        for round in 0..2 {
            let barrier = std::sync::Barrier::new(2);
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    let (app, target) = (t.app.clone(), target.clone());
                    let (barrier, done) = (&barrier, &done);
                    scope.spawn(move || {
                        barrier.wait();
                        done.fetch_add(deliver_on(&app, &target), Ordering::SeqCst);
                    });
                }
            });
            // What one found busy waits until the claim of the other has run out.
            t.advance(latchkey::domain::order::HOLD);
            deliver(t, &target);
            let states: Vec<_> = all.iter().map(|a| row(t, a).state).collect();
            if round == 0 {
                assert!(states.iter().all(|s| *s == DeliveryState::Delivered), "{states:?}");
                assert_eq!((fake.holds(), recorded(t, w.role)), (PEOPLE, PEOPLE as i64));
                for a in &all {
                    remove(t, a);
                }
            } else {
                assert!(states.iter().all(|s| *s == DeliveryState::Removed), "{states:?}");
            }
        }
        assert_eq!((fake.holds(), recorded(t, w.role)), (0, 0));
        assert!(done.into_inner() >= PEOPLE, "no progress");
        let seen = fake.seen();
        let keys: std::collections::BTreeSet<_> = seen.iter().map(|s| s.0).collect();
        assert_eq!(keys.len(), seen.len(), "no order went out twice");
    }

    /// The log says what was asked and answered, and nothing about the person.
    fn dlv_6_the_log_holds_ids_only(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        assign(t, alice, w.package, w.policy);
        deliver(t, &target);
        let log = t.read(|c| orders::attempts(c, w.app, 10));
        assert_eq!(log.len(), 1);
        assert_eq!((log[0].status_code, log[0].millis, log[0].sequence), (Some(200), Some(3), 1));
        let text = format!("{log:?}");
        assert!(!text.contains("alice") && !text.contains(&alice.to_string()), "{text}");
    }
}

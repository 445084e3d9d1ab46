//! Changing and deciding at the same moment (SPEC I1), with real threads.

use std::sync::Barrier;

use latchkey::app::request::Decision;
use latchkey::domain::Refusal;
use latchkey::domain::approval::{Channel, Verdict};
use latchkey::domain::request::RequestState;

use super::*;
use crate::requests::{submit, the_request};

on_both! {
    /// Alice sends the changed request back while Bob approves what he saw before: one of them wins, the other hears
    /// in words what happened, and nothing is half done (I1).
    fn i1_an_edit_and_a_decision_at_the_same_moment(t: &mut Test) {
        let s = t.sales();
        let (alice, bob) = (t.principal("alice"), t.principal("bob"));
        let (mut edits, mut decisions) = (0, 0);
        for round in 0..16 {
            let id = submit(t, "alice", s.onboarding);
            ask(t, "bob", id, "Why?");
            let sent = revision(t, id, "Because");
            let seen = sent.seen_version;
            let barrier = Barrier::new(2);
            let (edited, decided) = std::thread::scope(|scope| {
                let (app, barrier) = (&t.app, &barrier);
                let edit = scope.spawn({
                    let (alice, sent) = (&alice, &sent);
                    move || {
                        let cx = app.cx(alice, "127.0.0.1", "race");
                        barrier.wait();
                        app.db.write_now(|tx| request::revise(tx, &cx, sent))
                    }
                });
                let bob = &bob;
                let decision = scope.spawn(move || {
                    let cx = app.cx(bob, "127.0.0.1", "race");
                    let decision = Decision {
                        request: id,
                        stage: Some(1),
                        seen_version: Some(seen),
                        by: bob.user,
                        verdict: Verdict::Deny,
                        reason: "no".into(),
                        channel: Channel::Portal,
                        ip: String::new(),
                    };
                    barrier.wait();
                    app.db.write_now(|tx| request::decide(tx, &cx, &decision))
                });
                (edit.join().expect("no panic"), decision.join().expect("no panic"))
            });
            let now = the_request(t, id);
            match (edited, decided) {
                (Ok(()), Err(AppError::Refused(why))) => {
                    edits += 1;
                    assert_eq!(why, Refusal::ChangedSinceOpened);
                    assert_eq!((now.state, now.justification.as_str()), (RequestState::PendingApproval, "Because"));
                    t.write_as("alice", |tx, cx, me| request::cancel(tx, cx, id, me, ""));
                }
                (Err(AppError::Refused(why)), Ok(_)) => {
                    decisions += 1;
                    assert!(matches!(why, Refusal::NoChangesAsked(_)), "{why:?}");
                    assert_eq!((now.state, now.justification.as_str()), (RequestState::Denied, "I start on Monday"));
                }
                other => panic!("round {round}: exactly one has to win: {other:?}"),
            }
            assert_eq!(t.count("change_requests WHERE ended_at IS NULL"), 0);
        }
        assert_eq!(edits + decisions, 16);
    }

    /// The same form posted eight times at once makes one comment.
    fn req_9_one_form_makes_one_comment(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let alice = t.principal("alice");
        let barrier = Barrier::new(8);
        let made: std::collections::BTreeSet<CommentId> = std::thread::scope(|scope| {
            let hands: Vec<_> = (0..8)
                .map(|_| {
                    let (app, barrier, alice) = (&t.app, &barrier, &alice);
                    scope.spawn(move || {
                        let cx = app.cx(alice, "127.0.0.1", "race");
                        let remark = Remark { request: id, text: "Hello".into(), token: "one form".into() };
                        barrier.wait();
                        app.db.write_now(|tx| request::comment(tx, &cx, alice, &remark)).expect("the comment")
                    })
                })
                .collect();
            hands.into_iter().map(|h| h.join().expect("no panic")).collect()
        });
        assert_eq!(made.len(), 1);
        assert_eq!(t.count("request_comments"), 1);
    }
}

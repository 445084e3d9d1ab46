//! How often somebody may try (SPEC SES-3).

use chrono::Duration;
use latchkey::app::{AppError, account};
use latchkey::domain::Refusal;

use super::{PASSWORD, try_sign_in, visitor, wait, with_password};
use crate::support::Test;

on_both! {
    /// Five failures, then growing delays; waiting helps, and success forgets.
    fn ses_3_five_failures_then_a_wait(t: &mut Test) {
        with_password(t, "alice");
        let browser = t.browser();
        for _ in 0..5 {
            try_sign_in(&browser, "alice", "wrong").expect(422);
        }
        let refused = try_sign_in(&browser, "alice", PASSWORD).expect(429);
        refused.page().assert_says("Too many attempts. Try again in 16 seconds.");
        assert_eq!(refused.page().form("/sign-in").values("email"), ["alice@demo.example"]);
        t.advance(Duration::seconds(15));
        try_sign_in(&browser, "alice", "wrong").expect(422);
        t.advance(Duration::seconds(29));
        try_sign_in(&browser, "alice", PASSWORD).expect(429);
        t.advance(Duration::seconds(1));
        try_sign_in(&browser, "alice", PASSWORD).expect(303);
        for _ in 0..5 {
            try_sign_in(&t.browser(), "alice", "wrong").expect(422);
        }
    }

    /// An address that nobody has is treated alike: the wait tells nothing.
    fn ses_3_unknown_accounts_wait_too(t: &mut Test) {
        for _ in 0..5 {
            try_sign_in(&t.browser(), "nobody", "wrong").expect(422);
        }
        try_sign_in(&t.browser(), "nobody", "wrong").expect(429);
        try_sign_in(&t.browser(), "somebody", "wrong").expect(422);
    }

    /// Twenty failures from one network address, over many accounts.
    fn ses_3_twenty_failures_from_one_address(t: &mut Test) {
        with_password(t, "alice");
        for n in 0..20 {
            try_sign_in(&t.browser(), &format!("person{n}"), "wrong").expect(422);
        }
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(429);
        let mut elsewhere = t.browser();
        elsewhere.ip = "198.51.100.4";
        try_sign_in(&elsewhere, "alice", PASSWORD).expect(303);
    }

    /// Nobody can keep the owner out: from where they signed in before, strangers' failures do not count.
    fn ses_3_strangers_cannot_lock_the_owner_out(t: &mut Test) {
        with_password(t, "alice");
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(303);
        let mut stranger = t.browser();
        stranger.ip = "198.51.100.4";
        for _ in 0..90 {
            // As often as they are let, for an hour and a half.
            t.advance(Duration::minutes(1));
            let _ = try_sign_in(&stranger, "alice", "guess");
        }
        assert!(t.count("audit_events WHERE action = 'session.signInFailed'") >= 10, "the stranger was busy");
        try_sign_in(&stranger, "alice", "guess").expect(429);
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(303);
        // The owner's own mistakes count there all the same.
        for _ in 0..5 {
            try_sign_in(&t.browser(), "alice", "wrong").expect(422);
        }
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(429);
    }

    /// Counted before hashing: parallel guesses never exceed the budget.
    fn ses_3_parallel_guesses_stay_within_the_budget(t: &mut Test) {
        with_password(t, "alice");
        let (app, clients) = (t.app.clone(), 24);
        let barrier = std::sync::Barrier::new(clients);
        let answers: Vec<_> = std::thread::scope(|scope| {
            let guesses: Vec<_> = (0..clients)
                .map(|n| {
                    let (app, barrier) = (&app, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        let from = visitor(&format!("198.51.100.{n}"));
                        wait(account::sign_in::run(app, &from, "alice@demo.example", "guess"))
                    })
                })
                .collect();
            guesses.into_iter().map(|g| g.join().unwrap()).collect()
        });
        let count = |wanted: fn(&Refusal) -> bool| {
            answers.iter().filter(|a| matches!(a, Err(AppError::Refused(r)) if wanted(r))).count()
        };
        assert_eq!(count(|r| matches!(r, Refusal::WrongCredentials)), 5, "{answers:?}");
        assert_eq!(count(|r| matches!(r, Refusal::TryAgainIn(_))), clients - 5, "{answers:?}");
        assert_eq!(t.count("audit_events WHERE action = 'session.signInFailed'"), 5);
    }

    /// What counts no more is removed; familiar addresses stay for 90 days.
    fn ses_3_old_attempts_are_removed(t: &mut Test) {
        with_password(t, "alice");
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(303);
        try_sign_in(&t.browser(), "nobody", "wrong").expect(422);
        let purge = |t: &Test| {
            let now = t.now();
            t.write(|tx| Ok(account::purge(tx, now)?));
        };
        t.advance(Duration::days(3));
        purge(t);
        assert_eq!(t.count("sign_in_failures"), 1, "the familiar address");
        t.advance(Duration::days(90));
        purge(t);
        assert_eq!(t.count("sign_in_failures"), 0);
    }
}

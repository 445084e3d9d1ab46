//! Signing in and out, and how long a session lives.

use chrono::Duration;
use latchkey::app::account;
use latchkey::kernel::ids::UserId;
use latchkey::kernel::secret::Token;
use latchkey::store::{account_links, sessions, users};

use super::{PASSWORD, knows, try_sign_in, visitor, wait, with_password};
use crate::support::Test;

fn disable(t: &Test, user: UserId) {
    let now = t.now();
    t.write(|tx| {
        let version = users::find(tx, user)?.expect("the user").version;
        users::set_enabled(tx, user, version, false)?;
        sessions::revoke_all(tx, user)?;
        account_links::void_all_of(tx, user, now)?;
        Ok(())
    });
}

on_both! {
    /// The right password signs in, whatever the case of the address, and is recorded.
    fn ses_1_the_right_password_signs_in(t: &mut Test) {
        with_password(t, "alice");
        let browser = t.browser();
        let form = browser.page("/sign-in").form("/sign-in");
        let answer = browser.submit(&form.set("email", " ALICE@demo.example ").set("password", PASSWORD)).expect(303);
        assert_eq!(answer.location(), "/");
        browser.page("/profile").assert_says("Alice Example");
        assert_eq!(t.count("audit_events WHERE action = 'session.signIn'"), 1);
        assert_eq!(t.count("users WHERE last_sign_in_at IS NOT NULL"), 1);
        // Known already: the sign-in page leads on.
        assert_eq!(browser.get("/sign-in?next=/packages").expect(303).location(), "/packages");
    }

    /// Same answer, same work: unknown, disabled, without a password, with another one (SPEC SES-1).
    fn ses_1_nobody_learns_who_has_an_account(t: &mut Test) {
        with_password(t, "alice");
        let dan = with_password(t, "dan");
        t.person("mia");
        disable(t, dan);
        let mut answers = Vec::new();
        for (name, password) in [("alice", "not her password"), ("dan", PASSWORD), ("mia", PASSWORD), ("nobody", PASSWORD)] {
            let before = (t.count("audit_events"), t.count("sign_in_failures"));
            let answer = try_sign_in(&t.browser(), name, password);
            let after = (t.count("audit_events"), t.count("sign_in_failures"));
            let text = answer.page().text_of("main").replace(name, "N");
            answers.push((answer.status, text, after.0 - before.0));
            answer.page().assert_says("The e-mail address or the password is not right.");
            assert!(answer.page().form("/sign-in").values("email").contains(&format!("{name}@demo.example")));
        }
        assert_eq!(answers[0].0, 422);
        assert!(answers.iter().all(|a| *a == answers[0]), "{answers:#?}");
        assert_eq!(t.count("sessions"), 0);
        // What was typed is nowhere: people type passwords into the wrong field.
        let kept = t.texts("SELECT object_name || old_values || new_values || reason || actor_name AS n FROM audit_events");
        assert!(kept.iter().all(|text| !text.contains("nobody@")), "{kept:?}");
        assert!(t.texts("SELECT key AS n FROM sign_in_failures").iter().all(|key| !key.contains("demo.example")));
    }

    /// Half an hour without a request, or twelve hours in any case (SPEC SES-2).
    fn ses_2_a_session_ends_idle_and_at_its_limit(t: &mut Test) {
        with_password(t, "alice");
        let idle = t.browser();
        try_sign_in(&idle, "alice", PASSWORD).expect(303);
        t.advance(Duration::minutes(30));
        assert_eq!(idle.get("/profile").expect(303).location(), "/sign-in?next=%2Fprofile");

        let busy = t.browser();
        try_sign_in(&busy, "alice", PASSWORD).expect(303);
        for _ in 0..35 {
            t.advance(Duration::minutes(20));
            assert!(knows(&busy));
        }
        t.advance(Duration::minutes(19));
        assert!(knows(&busy), "11 h 59 min");
        t.advance(Duration::minutes(1));
        assert!(!knows(&busy), "12 h");
        let now = t.now();
        t.write(|tx| Ok(account::purge(tx, now)?));
        assert_eq!(t.count("sessions"), 0);
    }

    /// A key planted before sign-in is worth nothing after it, and the key before it neither (SPEC SES-2).
    fn ses_2_the_key_changes_at_sign_in(t: &mut Test) {
        with_password(t, "alice");
        let cookie = t.web().cookie_name("latchkey");
        let planted = Token::generate().unwrap();
        let browser = t.browser();
        browser.set_cookie(&cookie, planted.reveal());
        try_sign_in(&browser, "alice", PASSWORD).expect(303);
        let first = browser.cookie(&cookie).unwrap();
        assert_ne!(first, planted.reveal());
        let thief = t.browser();
        thief.set_cookie(&cookie, planted.reveal());
        assert!(!knows(&thief));
        assert_eq!(t.texts("SELECT key_hash AS n FROM sessions"), [Token::parse(&first).unwrap().hash()], "kept as a hash only");

        // Signing in again in the same browser ends the session that it had.
        let csrf = browser.page("/profile").form("/profile").values("csrf").remove(0);
        let fields = [("csrf", csrf.as_str()), ("email", "alice@demo.example"), ("password", PASSWORD)];
        browser.post("/sign-in", &fields).expect(303);
        assert_ne!(browser.cookie(&cookie).unwrap(), first);
        assert!(knows(&browser));
        assert_eq!(t.count("sessions"), 1);
    }

    /// Signing out ends the session in the database: a copied cookie is worth nothing.
    fn ses_2_a_copied_cookie_dies_with_the_session(t: &mut Test) {
        with_password(t, "alice");
        let cookie = t.web().cookie_name("latchkey");
        let browser = t.browser();
        try_sign_in(&browser, "alice", PASSWORD).expect(303);
        let thief = t.browser();
        thief.set_cookie(&cookie, &browser.cookie(&cookie).unwrap());
        assert!(knows(&thief));
        let page = browser.done(&browser.page("/profile").form("/sign-out"));
        page.assert_says("You are signed out.");
        assert_eq!(browser.cookie(&cookie), None);
        assert!(!knows(&thief));
        assert_eq!(t.count("audit_events WHERE action = 'session.signOut'"), 1);
    }

    /// Deep links survive sign-in; only local paths are followed (SPEC SES-4).
    fn ses_4_only_local_paths_are_followed(t: &mut Test) {
        with_password(t, "alice");
        let browser = t.browser();
        let to_sign_in = browser.get("/profile?tab=a%20b").expect(303).location();
        let form = browser.page(&to_sign_in).form("/sign-in");
        let wrong = browser.submit(&form.set("email", "alice@demo.example").set("password", "wrong")).expect(422);
        let form = wrong.page().form("/sign-in").set("password", PASSWORD);
        assert_eq!(browser.submit(&form).expect(303).location(), "/profile?tab=a%20b", "after a mistake too");
        for evil in ["https://evil.example", "//evil.example", "/\\evil.example", "/%2fevil.example", "javascript:alert(1)", "/a\r\nX-Evil: 1"] {
            let browser = t.browser();
            let query: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
            let page = browser.page(&format!("/sign-in?next={query}"));
            assert_eq!(page.form("/sign-in").values("next"), [""], "{evil:?} is not even shown");
            let form = page.form("/sign-in").set("email", "alice@demo.example").set("password", PASSWORD).forge("next", evil);
            assert_eq!(browser.submit(&form).expect(303).location(), "/", "{evil:?}");
        }
    }

    /// Disabling somebody binds their next request, and they cannot come back (SPEC DIR-5, I15).
    fn dir_5_i15_disabling_ends_sessions_at_once(t: &mut Test) {
        let alice = with_password(t, "alice");
        let browser = t.browser();
        try_sign_in(&browser, "alice", PASSWORD).expect(303);
        assert!(knows(&browser));
        disable(t, alice);
        assert!(!knows(&browser));
        try_sign_in(&browser, "alice", PASSWORD).expect(422);
        // Enabled again, the old session stays dead.
        t.write(|tx| {
            let version = users::find(tx, alice)?.expect("the user").version;
            Ok(users::set_enabled(tx, alice, version, true)?)
        });
        assert_eq!(t.count("sessions"), 0);
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(303);
    }

    /// Whoever is disabled while they sign in has no session afterwards, whichever comes first (I15).
    fn i15_disabling_and_signing_in_at_once_leaves_no_session(t: &mut Test) {
        let alice = with_password(t, "alice");
        let mut in_time = 0;
        for round in 0..8 {
            let app = t.app.clone();
            let barrier = std::sync::Barrier::new(2);
            let signed_in = std::thread::scope(|scope| {
                let sign_in = scope.spawn(|| {
                    barrier.wait();
                    wait(account::sign_in::run(&app, &visitor("192.0.2.9"), "alice@demo.example", PASSWORD)).is_ok()
                });
                barrier.wait();
                if round % 2 == 0 {
                    // About as long as a hash takes, so that both orders occur.
                    let _ = latchkey::app::account::hashing::hash_now(PASSWORD);
                }
                disable(t, alice);
                sign_in.join().unwrap()
            });
            in_time += usize::from(signed_in);
            assert_eq!(t.count("sessions"), 0, "round {round}, signed in: {signed_in}");
            t.write(|tx| {
                let version = users::find(tx, alice)?.expect("the user").version;
                Ok(users::set_enabled(tx, alice, version, true)?)
            });
            t.advance(Duration::hours(1));
        }
        assert!(in_time < 8, "some sign-in met a disabled account");
    }

    /// An old hash is replaced at the next sign-in; sessions stay.
    fn ses_1_an_outdated_hash_is_renewed_at_sign_in(t: &mut Test) {
        let alice = with_password(t, "alice");
        // argon2id, 8 MiB, one pass, of the same password: made with weaker parameters.
        let old = weak_hash();
        t.sql(&format!("UPDATE users SET password_hash = '{old}' WHERE id = '{alice}'"));
        try_sign_in(&t.browser(), "alice", "wrong").expect(422);
        assert_eq!(t.count(&format!("users WHERE password_hash = '{old}'")), 1, "not by a wrong one");
        let browser = t.browser();
        try_sign_in(&browser, "alice", PASSWORD).expect(303);
        assert!(knows(&browser));
        assert_eq!(t.count("users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'"), 1);
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(303);
    }
}

fn weak_hash() -> String {
    use argon2::password_hash::PasswordHasher as _;
    use argon2::password_hash::phc::PasswordHash;
    let params = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let hash: PasswordHash = weak.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap();
    hash.to_string()
}

//! Forgotten passwords and invitations (SPEC SES-1).

use chrono::Duration;
use latchkey::app::account::{self, links};
use latchkey::domain::account::LinkPurpose::{Invitation, PasswordReset};
use latchkey::kernel::paths;
use latchkey::kernel::secret::Token;
use latchkey::store;

use super::{OTHER, PASSWORD, knows, link_of, try_sign_in, visitor, wait, with_password};
use crate::support::{Browser, Test};

fn ask(browser: &Browser, email: &str) -> (u16, String) {
    let form = browser.page("/forgot-password").form("/forgot-password").set("email", email);
    let answer = browser.submit(&form);
    match answer.status {
        303 => (303, browser.page(&answer.location()).text_of("main")),
        status => (status, answer.page().text_of("main")),
    }
}

on_both! {
    /// Asking gives the same answer for an address that nobody has; only the owner gets a mail.
    fn ses_1_asking_for_a_reset_tells_nothing(t: &mut Test) {
        with_password(t, "alice");
        let known = ask(&t.browser(), "Alice@demo.example");
        let unknown = ask(&t.browser(), "nobody@demo.example");
        assert_eq!(known.0, 303);
        assert_eq!(known, unknown);
        assert!(known.1.contains("a mail with a link is on its way"));
        assert_eq!(t.notices_to("alice"), ["passwordReset"]);
        assert_eq!(t.count("notices"), 1);
        assert_eq!(t.count("account_link_tokens"), 0, "the token is made when the mail is");
        let (status, text) = ask(&t.browser(), "not an address");
        assert_eq!(status, 422);
        assert!(text.contains("does not look like an e-mail address"));
    }

    /// At most three mails an hour to one person; the answer stays the same.
    fn ses_1_nobody_is_flooded_with_reset_mails(t: &mut Test) {
        with_password(t, "alice");
        let answers: Vec<_> = (0..5).map(|_| ask(&t.browser(), "alice@demo.example")).collect();
        assert!(answers.iter().all(|a| *a == answers[0]));
        assert_eq!(t.count("notices"), 3);
        t.advance(Duration::minutes(61));
        ask(&t.browser(), "alice@demo.example");
        assert_eq!(t.count("notices"), 4);
    }

    /// A link sets a password once; every session and every other link of the person ends.
    fn ses_1_a_reset_link_works_once(t: &mut Test) {
        let alice = with_password(t, "alice");
        let signed_in = t.sign_in("alice");
        let (_, token) = link_of(t, Some(alice), PasswordReset);
        let (_, sibling) = link_of(t, Some(alice), PasswordReset);
        let path = paths::account_reset(token.reveal());
        let browser = t.browser();
        let page = browser.page(&path);
        assert_eq!(page.form(&path).values("email"), ["alice@demo.example"], "for password managers");
        let form = page.form(&path).set("new_password", OTHER).set("repeat", OTHER);
        let done = browser.done(&form);
        done.assert_says("Your password is set. Sign in with it.");
        assert!(!knows(&browser), "nobody is signed in by a link");
        assert!(!knows(&signed_in));
        let replay = browser.submit(&form).expect(410).page();
        replay.assert_says("This link does not work any more");
        t.browser().get(&path).expect(410);
        t.browser().get(&paths::account_reset(sibling.reveal())).expect(410);
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(422);
        try_sign_in(&t.browser(), "alice", OTHER).expect(303);
        assert_eq!(t.count("audit_events WHERE action = 'user.resetPassword'"), 1);
    }

    /// Opening a link changes nothing, however often and by whom (I12): mail scanners do.
    fn i12_opening_a_link_changes_nothing(t: &mut Test) {
        let alice = with_password(t, "alice");
        let (_, reset) = link_of(t, Some(alice), PasswordReset);
        let (_, invitation) = link_of(t, Some(alice), Invitation);
        let digest = |t: &Test| {
            let tables = ["account_links WHERE used_at IS NULL", "account_link_tokens", "audit_events", "sessions", "sign_in_failures", "notices"];
            tables.map(|table| t.count(table))
        };
        let before = digest(t);
        for _ in 0..20 {
            t.browser().page(&paths::account_reset(reset.reveal()));
            t.browser().page(&paths::account_invitation(invitation.reveal()));
            t.browser().page("/forgot-password");
        }
        assert_eq!(digest(t), before);
    }

    /// One hour for a reset, seven days for an invitation; each at its own address only.
    fn ses_1_links_expire_and_fit_their_purpose(t: &mut Test) {
        let alice = with_password(t, "alice");
        let (_, reset) = link_of(t, Some(alice), PasswordReset);
        let (_, invitation) = link_of(t, Some(alice), Invitation);
        t.browser().get(&paths::account_invitation(reset.reveal())).expect(410);
        t.browser().get(&paths::account_reset(invitation.reveal())).expect(410);
        t.browser().get(&paths::set_up(reset.reveal())).expect(410);
        let unknown = Token::generate().unwrap();
        t.browser().get(&paths::account_reset(unknown.reveal())).expect(410);
        t.browser().get("/account/reset/short").expect(410);
        t.advance(Duration::minutes(59));
        let browser = t.browser();
        let path = paths::account_reset(reset.reveal());
        let form = browser.page(&path).form(&path).set("new_password", OTHER).set("repeat", OTHER);
        t.advance(Duration::minutes(1));
        browser.submit(&form).expect(410);
        t.browser().get(&path).expect(410);
        t.advance(Duration::days(7) - Duration::minutes(61));
        t.browser().page(&paths::account_invitation(invitation.reveal()));
        t.advance(Duration::minutes(1));
        t.browser().get(&paths::account_invitation(invitation.reveal())).expect(410);
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(303);
    }

    /// A password that is too weak is refused with the reason, and the link stays good.
    fn ses_1_a_weak_password_keeps_the_link(t: &mut Test) {
        let alice = t.person("alice");
        let (_, token) = link_of(t, Some(alice), Invitation);
        let path = paths::account_invitation(token.reveal());
        let browser = t.browser();
        for (new, repeat, says) in [
            ("", "", "Choose a password."),
            (OTHER, "another", "This is not the same as above."),
            ("short", "short", "use at least 12 characters"),
            ("Password2026!", "Password2026!", "too easy to guess"),
            ("alice and the kettle", "alice and the kettle", "contains your name"),
        ] {
            let form = browser.page(&path).form(&path).set("new_password", new).set("repeat", repeat);
            let answer = browser.submit(&form).expect(422).page();
            answer.assert_says(says);
            assert_eq!(answer.count("[autofocus]"), 1, "{says}");
            assert_eq!(answer.form(&path).values("new_password"), [""], "what was typed never comes back");
        }
        let form = browser.page(&path).form(&path).set("new_password", OTHER).set("repeat", OTHER);
        browser.done(&form);
        try_sign_in(&browser, "alice", OTHER).expect(303);
        assert_eq!(t.count("audit_events WHERE action = 'user.acceptInvitation'"), 1);
    }

    /// A reset helps whoever cannot get in for all the guesses of others (SPEC SES-3).
    fn ses_3_a_reset_lifts_the_wait(t: &mut Test) {
        let alice = with_password(t, "alice");
        for _ in 0..5 {
            try_sign_in(&t.browser(), "alice", "wrong").expect(422);
        }
        let (_, token) = link_of(t, Some(alice), PasswordReset);
        wait(account::reset::choose(&t.app, &visitor("192.0.2.7"), token, PasswordReset, OTHER)).unwrap();
        try_sign_in(&t.browser(), "alice", OTHER).expect(303);
    }

    /// Whoever is disabled has no use of a link, old or new.
    fn dir_5_links_of_a_disabled_person_are_dead(t: &mut Test) {
        let alice = with_password(t, "alice");
        let (_, token) = link_of(t, Some(alice), PasswordReset);
        t.sql(&format!("UPDATE users SET enabled = FALSE WHERE id = '{alice}'"));
        t.browser().get(&paths::account_reset(token.reveal())).expect(410);
        let done = wait(account::reset::choose(&t.app, &visitor("192.0.2.7"), token, PasswordReset, OTHER));
        assert!(done.is_err());
        ask(&t.browser(), "alice@demo.example");
        assert_eq!(t.count("notices"), 0);
    }

    /// Of two uses at once, of one token or of two siblings, one wins.
    fn ses_1_of_two_resets_at_once_one_wins(t: &mut Test) {
        let alice = with_password(t, "alice");
        for round in 0..5 {
            let (link, first) = link_of(t, Some(alice), PasswordReset);
            let now = t.now();
            let second = t.write(|tx| links::mint(tx, link, now)).unwrap();
            let (app, barrier) = (t.app.clone(), std::sync::Barrier::new(4));
            let wins: Vec<bool> = std::thread::scope(|scope| {
                let uses: Vec<_> = [&first, &second, &first, &second]
                    .into_iter()
                    .enumerate()
                    .map(|(n, token)| {
                        let (app, barrier) = (&app, &barrier);
                        scope.spawn(move || {
                            let new = format!("lantern number {n} of round {round}");
                            barrier.wait();
                            let token = token.clone();
                            wait(account::reset::choose(app, &visitor("192.0.2.7"), token, PasswordReset, &new)).is_ok()
                        })
                    })
                    .collect();
                uses.into_iter().map(|u| u.join().unwrap()).collect()
            });
            assert_eq!(wins.iter().filter(|won| **won).count(), 1, "round {round}: {wins:?}");
            let winner = wins.iter().position(|won| *won).unwrap();
            try_sign_in(&t.browser(), "alice", &format!("lantern number {winner} of round {round}")).expect(303);
        }
        assert_eq!(t.count("audit_events WHERE action = 'user.resetPassword'"), 5);
    }

    /// The database never holds a token that works.
    fn ses_1_tokens_are_kept_as_hashes(t: &mut Test) {
        let alice = t.person("alice");
        let (link, token) = link_of(t, Some(alice), PasswordReset);
        assert_eq!(t.texts("SELECT token_hash AS n FROM account_link_tokens"), [token.hash()]);
        // A mail that is rendered again gets a token of its own; the first stays good.
        let now = t.now();
        let again = t.write(|tx| links::mint(tx, link, now)).unwrap();
        assert_ne!(again.reveal(), token.reveal());
        t.browser().page(&paths::account_reset(token.reveal()));
        t.browser().page(&paths::account_reset(again.reveal()));
        t.advance(Duration::hours(2));
        let now = t.now();
        assert!(t.write(|tx| links::mint(tx, link, now)).is_none(), "too old: the mail is dropped");
        t.advance(Duration::days(31));
        let now = t.now();
        t.write(|tx| Ok(store::account_links::purge(tx, now - Duration::days(30))?));
        assert_eq!((t.count("account_links"), t.count("account_link_tokens")), (0, 0));
    }

    /// An invitation is owed by mail, and replaces an earlier one.
    fn ses_1_an_invitation_is_owed_by_mail(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        let (_, earlier) = link_of(t, Some(alice), Invitation);
        t.write_as("root", |tx, cx, _| links::invite(tx, cx, alice));
        assert_eq!(t.notices_to("alice"), ["invitation"]);
        t.browser().get(&paths::account_invitation(earlier.reveal())).expect(410);
        assert_eq!(t.count("audit_events WHERE action = 'user.invite'"), 1);
    }
}

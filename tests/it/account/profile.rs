//! One's own profile (SPEC DIR-2, SES-2).

use super::{OTHER, PASSWORD, knows, try_sign_in, with_password};

on_both! {
    /// People edit their own time zone, language and mails; it is recorded, and times follow at once.
    fn dir_2_people_edit_their_own_preferences(t: &mut Test) {
        with_password(t, "alice");
        let alice = t.sign_in("alice");
        let form = alice.page("/profile").form("/profile");
        assert_eq!(form.values("reminders"), ["each"], "wanted unless one says otherwise");
        let form = form.set("time_zone", "Asia/Kolkata").set("locale", "en-GB").set("reminders", "never");
        let page = alice.done(&form);
        page.assert_says("Your profile is saved.");
        let form = page.form("/profile");
        assert_eq!(form.values("time_zone"), ["Asia/Kolkata"]);
        assert_eq!(form.values("locale"), ["en-GB"]);
        assert_eq!(form.values("reminders"), ["never"]);
        assert!(page.source().contains("IST\""), "times in the new zone");
        assert_eq!(t.count("audit_events WHERE action = 'user.editProfile' AND new_values LIKE '%Asia/Kolkata%'"), 1);
    }

    /// What is not on the list is refused, and so is a field that is not on the form.
    fn dir_2_only_what_the_form_offers_is_taken(t: &mut Test) {
        with_password(t, "alice");
        let alice = t.sign_in("alice");
        let form = alice.page("/profile").form("/profile");
        let page = alice.submit(&form.clone().forge("time_zone", "Mars/Olympus")).expect(422).page();
        page.assert_says("Choose a time zone of the list.");
        alice.submit(&form.clone().forge("locale", "tlh")).expect(422);
        alice.submit(&form.clone().forge("email", "root@demo.example")).expect(400);
        alice.submit(&form.forge("display_name", "Root")).expect(400);
        assert_eq!(t.count("audit_events WHERE action = 'user.editProfile'"), 0);
    }

    /// Somebody else's change in between is shown first, and only overwritten knowingly.
    fn pge_3_a_stale_profile_is_not_saved_unseen(t: &mut Test) {
        let user = with_password(t, "alice");
        let alice = t.sign_in("alice");
        let form = alice.page("/profile").form("/profile").set("time_zone", "Asia/Kolkata");
        t.sql(&format!("UPDATE users SET version = version + 1 WHERE id = '{user}'"));
        let page = alice.submit(&form).expect(409).page();
        page.assert_says("Somebody else changed this");
        assert_eq!(page.form("/profile").values("time_zone"), ["Asia/Kolkata"], "what was chosen is kept");
        alice.done(&page.form("/profile"));
        assert_eq!(t.count("users WHERE time_zone = 'Asia/Kolkata'"), 1);
    }

    /// A new password gives this browser a new key and ends every other session (SPEC SES-2, I15).
    fn ses_2_i15_a_new_password_ends_other_sessions(t: &mut Test) {
        with_password(t, "alice");
        let (here, there) = (t.browser(), t.sign_in("alice"));
        try_sign_in(&here, "alice", PASSWORD).expect(303);
        let cookie = t.web().cookie_name("latchkey");
        let before = here.cookie(&cookie).unwrap();
        let form = here.page("/profile").form("/profile/password");
        let form = form.set("current_password", PASSWORD).set("new_password", OTHER).set("repeat", OTHER);
        here.done(&form).assert_says("Your password is changed.");
        assert_ne!(here.cookie(&cookie).unwrap(), before);
        assert!(!knows(&there));
        let thief = t.browser();
        thief.set_cookie(&cookie, &before);
        assert!(!knows(&thief), "the old key of this very browser neither");
        assert_eq!(t.count("sessions"), 1);
        try_sign_in(&t.browser(), "alice", PASSWORD).expect(422);
        try_sign_in(&t.browser(), "alice", OTHER).expect(303);
        assert_eq!(t.count("audit_events WHERE action = 'user.changePassword'"), 1);
    }

    /// The current password is asked for, and guessing it there is limited like at the sign-in page (SPEC SES-3).
    fn ses_3_the_current_password_cannot_be_guessed_with_a_stolen_session(t: &mut Test) {
        with_password(t, "alice");
        let alice = t.sign_in("alice");
        let form = alice.page("/profile").form("/profile/password").set("new_password", OTHER).set("repeat", OTHER);
        let page = alice.submit(&form).expect(422).page();
        page.assert_says("Enter your current password.");
        assert_eq!(page.attribute_of("[autofocus]", "name"), "current_password");
        for _ in 0..5 {
            let wrong = form.clone().set("current_password", "guess");
            alice.submit(&wrong).expect(422).page().assert_says("This is not your current password.");
        }
        alice.submit(&form.clone().set("current_password", PASSWORD)).expect(429);
        t.advance(chrono::Duration::seconds(15));
        let weak = form.clone().set("new_password", "short").set("repeat", "short");
        alice.submit(&weak.set("current_password", PASSWORD)).expect(422).page().assert_says("too short");
        alice.done(&form.set("current_password", PASSWORD));
    }

    /// Sessions are listed and can be ended one by one; somebody else's are not found (SPEC SES-2).
    fn ses_2_sessions_are_listed_and_revocable(t: &mut Test) {
        with_password(t, "alice");
        let (here, there, bob) = (t.sign_in("alice"), t.sign_in("alice"), t.sign_in("bob"));
        let page = here.page("/profile");
        assert_eq!(page.count("tr[data-id]"), 2, "the own ones");
        let foreign = bob.page("/profile").attribute_of("tr[data-id]", "data-id");
        page.assert_no_row(&foreign);
        let csrf = page.form("/profile").values("csrf").remove(0);
        here.post(&format!("/profile/sessions/{foreign}/end"), &[("csrf", &csrf)]).expect(404);
        assert!(knows(&bob));
        let form = page.form_called("Sign out Unknown browser, Mon 2 Mar 2026, 10:00 CET");
        here.done(&form).assert_says("That session is ended.");
        assert!(knows(&here) && !knows(&there));
    }

    /// Signing out everywhere ends this session too.
    fn ses_2_sign_out_everywhere(t: &mut Test) {
        with_password(t, "alice");
        let (here, there, bob) = (t.sign_in("alice"), t.sign_in("alice"), t.sign_in("bob"));
        let page = here.page("/profile");
        page.assert_says("All 2 sessions end");
        here.done(&page.form("/profile/sign-out-everywhere")).assert_says("You are signed out everywhere.");
        assert!(!knows(&here) && !knows(&there) && knows(&bob));
        assert_eq!(t.count("audit_events WHERE action = 'session.signOutEverywhere'"), 1);
    }

    /// The demonstration's clock takes the sessions along.
    fn fix_3_moving_the_clock_signs_nobody_out(t: &mut Test) {
        let alice = t.sign_in("alice");
        let (now, by) = (t.now(), chrono::Duration::days(20));
        t.write(|tx| Ok(latchkey::store::sessions::carry_forward(tx, now, by)?));
        t.advance(by);
        assert!(knows(&alice));
    }
}

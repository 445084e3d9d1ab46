//! The browser meets the portal as it stands.

use super::Browser;

on_both! {
    /// Whoever has a session is known, until it has been idle for too long; nobody else is.
    fn a_visitor_is_known_by_their_session_only(t: &mut Test) {
        let alice = t.sign_in("alice");
        t.browser().get("/nothing").expect(404).page().assert_silent_about("Alice");
        alice.get("/nothing").expect(404).page().assert_says("Alice Example");
        t.advance(chrono::Duration::minutes(31));
        alice.get("/nothing").expect(404).page().assert_silent_about("Alice");
        assert_eq!(alice.cookie(&t.web().cookie_name("latchkey")), None, "the cookie is taken back");
    }

    /// Each thread has browsers of its own on the same portal.
    fn browsers_work_side_by_side(t: &mut Test) {
        let alice = t.person("alice");
        let (web, key) = (t.web(), t.session_of(alice));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (web, key) = (web.clone(), key.clone());
                scope.spawn(move || {
                    let cookie = web.cookie_name("latchkey");
                    let browser = Browser::new(web);
                    browser.set_cookie(&cookie, &key);
                    browser.get("/nothing").expect(404).page().assert_says("Alice Example");
                });
            }
        });
    }
}

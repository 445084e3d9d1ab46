//! The first administrator (SPEC SES-5).

use latchkey::app::account::set_up::{self, NewAdministrator};
use latchkey::kernel::secret::Token;
use latchkey::kernel::{Email, paths};
use latchkey::store::role_grants;

use super::{OTHER, knows, visitor, wait};
use crate::support::Test;

fn offer(t: &Test) -> Option<Token> {
    let cx = t.app.system_cx("start");
    t.write(|tx| set_up::offer(tx, &cx))
}

on_both! {
    /// An empty database offers a link that creates the first administrator, once.
    fn ses_5_the_set_up_link_creates_the_first_administrator(t: &mut Test) {
        t.browser().page("/sign-in").assert_says("Open the set-up link");
        let first = offer(t).unwrap();
        let token = offer(t).unwrap();
        t.browser().get(&paths::set_up(first.reveal())).expect(410);
        let path = paths::set_up(token.reveal());
        let browser = t.browser();
        let form = browser.page(&path).form(&path).set("name", "Rosa Root").set("email", "rosa");
        let again = browser.submit(&form).expect(422).page();
        again.assert_says("does not look like an e-mail address");
        assert_eq!(again.form(&path).values("name"), ["Rosa Root"], "what was typed is kept");
        let weak = again.form(&path).set("email", "rosa@corp.example").set("new_password", "Rosa Root rules").set("repeat", "Rosa Root rules");
        browser.submit(&weak).expect(422).page().assert_says("contains your name");
        let form = weak.set("new_password", OTHER).set("repeat", OTHER);
        assert_eq!(browser.submit(&form).expect(303).location(), "/");
        browser.page("/profile").assert_says("Rosa Root");
        assert_eq!(t.read(role_grants::administrators).len(), 1);
        assert_eq!(t.count("audit_events WHERE action = 'user.createAdministrator'"), 1);
        browser.get(&path).expect(410);
        t.browser().submit(&form).expect(403); // another browser has no token for the form
        assert!(offer(t).is_none(), "never again");
        t.browser().page("/sign-in").assert_silent_about("set-up link");
    }

    /// Opening the link changes nothing; it lives for a day; it is dead once somebody is there.
    fn ses_5_the_set_up_link_ends(t: &mut Test) {
        let token = offer(t).unwrap();
        let path = paths::set_up(token.reveal());
        for _ in 0..5 {
            t.browser().page(&path);
        }
        t.advance(chrono::Duration::hours(24));
        t.browser().get(&path).expect(410);
        let fresh = offer(t).unwrap();
        t.person("alice");
        t.browser().get(&paths::set_up(fresh.reveal())).expect(410);
    }

    /// Of two set-ups at once one wins.
    fn ses_5_of_two_set_ups_at_once_one_wins(t: &mut Test) {
        let token = offer(t).unwrap();
        let (app, barrier) = (t.app.clone(), std::sync::Barrier::new(4));
        let keys: Vec<_> = std::thread::scope(|scope| {
            let uses: Vec<_> = (0..4)
                .map(|n| {
                    let (app, barrier, token) = (&app, &barrier, token.clone());
                    scope.spawn(move || {
                        let new = NewAdministrator {
                            name: format!("Person {n}"),
                            email: Email::parse(&format!("p{n}@corp.example")).unwrap(),
                        };
                        barrier.wait();
                        wait(set_up::run(app, &visitor("192.0.2.7"), token, new, OTHER)).ok()
                    })
                })
                .collect();
            uses.into_iter().filter_map(|u| u.join().unwrap()).collect()
        });
        assert_eq!(keys.len(), 1);
        assert_eq!((t.count("users"), t.count("sessions")), (1, 1));
        let browser = t.browser();
        browser.set_cookie(&t.web().cookie_name("latchkey"), keys[0].reveal());
        assert!(knows(&browser));
    }
}

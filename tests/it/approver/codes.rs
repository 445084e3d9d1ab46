//! Deciding with a one-time code, without a session (SPEC APR-12, mode *code*).

use std::sync::Barrier;

use chrono::Duration;
use latchkey::domain::approval::Verdict;
use latchkey::domain::request::RequestState;
use latchkey::kernel::ids::LinkId;
use latchkey::kernel::secret::Token;

use super::*;
use crate::support::browser::Browser;
use crate::support::html::Page;

fn link_id(t: &Test, link: &str) -> LinkId {
    let token = Token::parse(link.trim_start_matches("/d/")).expect("a token");
    t.read(|c| latchkey::store::links::find(c, &token)).expect("a link").id
}

/// The code of the mail that is rendered next, as the mailer makes it.
fn code(t: &Test, link: &str) -> String {
    let (cx, id) = (t.app.system_cx("mail"), link_id(t, link));
    let made = t.write(|tx| links::make_code(tx, &cx, id));
    made.expect("a code is due").0
}

fn ask(visitor: &Browser, link: &str) -> Page {
    let page = visitor.page(link);
    visitor.done(&page.form(&format!("{link}/code")))
}

/// A code that is not this one.
fn wrong(code: &str) -> String {
    let first = if code.starts_with('1') { '2' } else { '1' };
    format!("{first}{}", &code[1..])
}

on_both! {
    /// The whole way without a session: the request, a code to the bound address, the decision, the receipt.
    fn apr_12_a_code_decides_without_a_session(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.board_papers);
        let link = link(t, id, "carol");
        let visitor = t.browser();
        let page = visitor.page(&link);
        page.assert_says("Board papers");
        page.assert_says("c•••@demo.example");
        page.assert_silent_about("carol@demo.example");
        page.assert_silent_about("What they have already");
        let form = page.form(&link);
        let empty = visitor.submit(&form).expect(422).page();
        empty.assert_says("Choose whether to approve or deny.");
        empty.assert_says("Enter the code from the mail.");
        let page = ask(&visitor, &link);
        page.assert_says("A code is on its way");
        assert_eq!(t.count("notices WHERE kind = 'decisionCode'"), 1);
        let stored = t.texts("SELECT CAST(notice AS TEXT) AS n FROM notices WHERE kind = 'decisionCode'");
        let code = code(t, &link);
        assert_eq!(code.len(), 8);
        assert!(!stored.concat().contains(&code), "the outbox never holds it");
        assert!(!t.texts("SELECT code_hash AS n FROM decision_codes").concat().contains(&code));

        let filled = page.form(&link).set("verdict", "approve").set("reason", "Fine");
        let again = visitor.submit(&filled.clone().set("code", &wrong(&code))).expect(422).page();
        again.assert_says("This code is not right");
        assert_eq!((votes(t, id), again.form(&link).values("verdict")), (0, vec!["approve".to_owned()]));
        let spaced = format!("{} {}", &code[..4], &code[4..]);
        let right = filled.set("code", &spaced);
        let receipt = visitor.done(&right);
        receipt.assert_says("You approved this request");
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
        assert_eq!(t.texts("SELECT channel AS n FROM votes"), ["code"]);
        assert_eq!(t.texts("SELECT actor_name AS n FROM audit_events WHERE action = 'link.decide'"), ["Carol Example"]);
        let after = snapshot(t);
        visitor.submit(&right).expect(303);
        assert_eq!(visitor.page(&link).text_of("main"), receipt.text_of("main"));
        assert_eq!(snapshot(t), after, "a replay changes nothing");
        assert!(visitor.get("/approvals").expect(303).location().starts_with("/sign-in"), "no session came of it");
    }

    /// A forwarded link: the code goes to the bound mailbox, and somebody who is signed in gets nothing at all.
    fn apr_12_a_forwarded_code_link_gives_nobody_else_anything(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.board_papers);
        let link = link(t, id, "carol");
        for name in ["alice", "dan"] {
            t.sign_in(name).get(&link).expect(404);
        }
        ask(&t.browser(), &link);
        assert_eq!(t.texts("SELECT address AS n FROM notices WHERE kind = 'decisionCode'"), ["carol@demo.example"]);
    }

    /// A code decides one request: that of another link does not fit.
    fn i11_a_code_belongs_to_one_link(t: &mut Test) {
        let s = t.sales();
        let (one, two) = (submit(t, "alice", s.board_papers), submit(t, "bob", s.board_papers));
        let (first, second) = (link(t, one, "carol"), link(t, two, "carol"));
        let visitor = t.browser();
        ask(&visitor, &first);
        ask(&visitor, &second);
        let (code_one, code_two) = (code(t, &first), code(t, &second));
        let form = visitor.page(&second).form(&second).set("verdict", "approve");
        if code_one != code_two {
            visitor.submit(&form.clone().set("code", &code_one)).expect(422);
        }
        visitor.submit(&form.set("code", &code_two)).expect(303);
        assert_eq!((votes(t, one), votes(t, two)), (0, 1));
    }

    /// Ten minutes, five tries, three codes an hour, and only the newest counts.
    fn apr_12_codes_end_soon_and_wear_out(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.board_papers);
        let (link, sibling) = (link(t, id, "carol"), link(t, id, "carol"));
        let visitor = t.browser();
        let form = ask(&visitor, &link).form(&link).set("verdict", "approve");
        let first = code(t, &link);
        for _ in 0..5 {
            visitor.submit(&form.clone().set("code", &wrong(&first))).expect(422);
        }
        visitor.submit(&form.clone().set("code", &first)).expect(422);
        assert_eq!(votes(t, id), 0, "five tries wear a code out");

        ask(&visitor, &link);
        let second = code(t, &link);
        t.advance(Duration::minutes(10));
        visitor.submit(&form.clone().set("code", &second)).expect(422);

        ask(&visitor, &link);
        let third = code(t, &link);
        if second != third {
            visitor.submit(&form.clone().set("code", &second)).expect(422);
        }
        for address in [&link, &sibling] {
            let page = visitor.page(address);
            let refused = visitor.submit(&page.form(&format!("{address}/code"))).expect(429).page();
            refused.assert_says("Too many codes were sent.");
        }
        assert_eq!(t.count("decision_codes"), 3);
        visitor.submit(&form.set("code", &third)).expect(303);
        assert_eq!(votes(t, id), 1);
    }

    /// A code that is mailed again after a failure is another one; the one that nobody received is dead.
    fn apr_12_a_mail_that_is_rendered_again_has_a_new_code(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.board_papers);
        let link = link(t, id, "carol");
        let visitor = t.browser();
        let form = ask(&visitor, &link).form(&link).set("verdict", "deny").set("reason", "No");
        let (lost, second) = (code(t, &link), code(t, &link));
        if lost != second {
            visitor.submit(&form.clone().set("code", &lost)).expect(422);
        }
        visitor.submit(&form.set("code", &second)).expect(303);
        assert_eq!(the_request(t, id).state, RequestState::Denied);
        let (cx, of) = (t.app.system_cx("mail"), link_id(t, &link));
        assert!(t.write(|tx| links::make_code(tx, &cx, of)).is_none(), "nothing to send any more");
    }

    /// Sixteen guesses at once share five tries (I21's kind of race).
    fn apr_12_guesses_at_the_same_moment_share_the_tries(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.board_papers);
        let link = link(t, id, "carol");
        ask(&t.browser(), &link);
        let right = code(t, &link);
        let (guess, version) = (wrong(&right), the_request(t, id).version);
        let try_one = |code: &str, app: &latchkey::app::App| {
            let through = links::Through {
                allowed: latchkey::domain::allowance::Allowance::default(),
                token: Token::parse(link.trim_start_matches("/d/")),
                visitor: None,
                code: code.to_owned(),
                seen_version: version,
                verdict: Verdict::Approve,
                reason: String::new(),
                ip: "192.0.2.9".into(),
                agent: "Test".into(),
            };
            let cx = app.system_cx("guess");
            app.db.write_now(|tx| links::decide(tx, &cx, &through))
        };
        let barrier = Barrier::new(16);
        std::thread::scope(|scope| {
            let hands: Vec<_> = (0..16)
                .map(|_| {
                    let (app, barrier, guess, try_one) = (&t.app, &barrier, &guess, &try_one);
                    scope.spawn(move || {
                        barrier.wait();
                        try_one(guess, app)
                    })
                })
                .collect();
            for hand in hands {
                let outcome = hand.join().expect("no panic").expect("a wrong code is an outcome");
                assert!(matches!(outcome, links::Outcome::WrongCode), "{outcome:?}");
            }
        });
        assert_eq!(t.number("SELECT CAST(tries AS BIGINT) AS n FROM decision_codes"), 5, "counted, and never more");
        assert!(matches!(try_one(&right, &t.app), Ok(links::Outcome::WrongCode)), "worn out");
        assert_eq!(votes(t, id), 0);
    }
}

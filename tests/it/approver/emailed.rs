//! The emailed decision, case by case (SPEC APR-12, I5, I11).

use actix_web::test::TestRequest;
use chrono::Duration;
use latchkey::domain::policy::{Approver, LinkMode, Quorum, Stage, Terms};
use latchkey::domain::request::RequestState;

use super::*;
use crate::support::terms;

/// What a page says without what is different on each: token, request id, time.
fn constant(body: &str) -> String {
    let varying =
        regex::Regex::new(r#"value="[0-9a-f]{16}\.[0-9a-f]{64}"|[0-9a-f]{8}-[0-9a-f-]{27}|/d/[\w-]+"#);
    varying.expect("a pattern").replace_all(body, "…").into_owned()
}

const UNKNOWN: &str = "/d/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

on_both! {
    /// Mail scanners fetch links, from many addresses, as anybody and as everybody: nothing changes (I12).
    fn apr_12_i12_fetching_a_link_changes_nothing(t: &mut Test) {
        let s = t.sales();
        let by_session = submit(t, "alice", s.deal_desk);
        let by_code = submit(t, "alice", s.board_papers);
        let addresses = [link(t, by_session, "bob"), link(t, by_code, "carol"), UNKNOWN.to_owned()];
        let pages = ["/approvals".to_owned(), "/approvals/history".to_owned(), format!("/approvals/{by_session}")];
        let mut visitors = vec![t.browser()];
        visitors.extend(["alice", "bob", "carol", "dan", "aud", "root"].map(|name| t.sign_in(name)));
        let before = snapshot(t);
        let mut opened = 0;
        for (n, visitor) in visitors.iter_mut().enumerate() {
            visitor.ip = ["192.0.2.1", "198.51.100.2", "203.0.113.3"][n % 3];
            for address in addresses.iter().chain(&pages) {
                for _ in 0..5 {
                    opened += usize::from(visitor.get(address).status == 200);
                    let head = TestRequest::default().method(actix_web::http::Method::HEAD).uri(address);
                    let head = visitor.send(head, "HEAD");
                    assert!(head.status < 500);
                }
                visitor.get(&format!("{address}/code"));
            }
        }
        assert!(opened >= 5 * 10, "the links were really opened: {opened}");
        assert_eq!(snapshot(t), before);
    }

    /// The head of a page is all that HEAD gives, over a real socket (I12).
    fn apr_12_head_has_no_body(t: &mut Test) {
        use latchkey::kernel::clock::{Clock as _, SystemClock};
        t.clock.set(SystemClock.now());
        let s = t.sales();
        let id = submit(t, "alice", s.deal_desk);
        let (link, bob) = (link(t, id, "bob"), t.person("bob"));
        let session = t.session_of(bob);
        let server = crate::support::server::Server::start(t);
        for (visitor, status) in [(server.visitor(&session), 200), (server.visitor(""), 303)] {
            for path in [link.as_str(), &format!("/approvals/{id}")] {
                let reply = visitor.head(path).expect("an answer");
                assert_eq!((reply.status, reply.body.as_str()), (status, ""), "HEAD {path}");
            }
        }
        assert_eq!(votes(t, id), 0);
    }

    /// Signed out, the link leads through sign-in and back, and tells nothing.
    fn apr_12_signed_out_the_link_tells_nothing(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = link(t, id, "bob");
        let nobody = t.browser();
        let answer = nobody.get(&link).expect(303);
        assert_eq!(answer.location(), format!("/sign-in?next={}", link.replace('/', "%2F")));
        for secret in ["Sales onboarding", "Alice", "Monday"] {
            assert!(!answer.body.contains(secret), "{secret}");
        }
        let csrf = nobody.page("/sign-in").form("/sign-in").values("csrf").remove(0);
        let sent = nobody.post(&link, &[("csrf", &csrf), ("verdict", "approve"), ("version", "1"), ("stage", "1")]);
        assert!(sent.expect(303).location().starts_with("/sign-in"));
        assert_eq!(votes(t, id), 0);
    }

    /// The whole way in the first mode: look, choose, receipt; replay, double click and Back show the same receipt,
    /// and it counts once (I11).
    fn apr_12_i11_a_link_decides_once_and_keeps_its_receipt(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let (first, sibling) = (link(t, id, "bob"), link(t, id, "bob"));
        let bob = t.sign_in("bob");
        let page = bob.page(&first);
        page.assert_says("Sales onboarding");
        page.assert_says("I start on Monday");
        assert_eq!(page.count("input[type=radio]"), 2);
        assert_eq!(page.count("input[checked]"), 0, "no choice is made in advance");
        let form = decision(&page, &first);
        let untouched = bob.submit(&form).expect(422).page();
        untouched.assert_says("Choose whether to approve or deny.");
        assert_eq!(votes(t, id), 0);

        let form = form.set("verdict", "approve").set("reason", "Welcome");
        let receipt = bob.done(&form);
        receipt.assert_says("You approved this request");
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
        let words = receipt.text_of("main");
        for again in [&first, &sibling] {
            assert_eq!(bob.page(again).text_of("main"), words, "the same receipt");
        }
        let after = snapshot(t);
        let twice = bob.submit(&form).expect(303);
        assert_eq!(bob.page(&twice.location()).text_of("main"), words);
        let other_way = bob.submit(&form.clone().set("verdict", "deny")).expect(303);
        assert_eq!(bob.page(&other_way.location()).text_of("main"), words);
        assert_eq!(snapshot(t), after, "a replay changes nothing");
        assert_eq!((votes(t, id), audited(t, "link.decide")), (1, 1));
        assert_eq!(t.count("decision_links WHERE used_at IS NOT NULL"), 1);
        assert_eq!(t.count("decision_links WHERE used_at IS NULL AND revoked_at IS NULL"), 0, "siblings are dead");
        assert_eq!(t.texts("SELECT channel AS n FROM votes"), ["link"]);
        assert_eq!(t.count("notices WHERE kind = 'decisionConfirmed'"), 1);
    }

    /// A decision in the portal kills the link too; the link then shows that decision.
    fn apr_12_a_decision_in_the_portal_kills_the_link(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = link(t, id, "bob");
        let bob = t.sign_in("bob");
        let page = bob.page(&format!("/approvals/{id}"));
        bob.done(&decision(&page, &format!("/approvals/{id}")).set("verdict", "deny").set("reason", "Not yet"));
        bob.page(&link).assert_says("You denied this request");
        assert_eq!(t.count("decision_links WHERE revoked_at IS NULL"), 0);
    }

    /// A forwarded link is nothing to anybody else: the page of an unknown one, word by word, and it is audited;
    /// the requestor, too, gets nowhere with it (I4).
    fn apr_12_a_forwarded_link_gives_nobody_else_anything(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = link(t, id, "bob");
        for (n, name) in ["dan", "alice", "root", "carol"].into_iter().enumerate() {
            let visitor = t.sign_in(name);
            let theirs = visitor.get(&link).expect(404);
            let unknown = visitor.get(UNKNOWN).expect(404);
            assert_eq!(constant(&theirs.body), constant(&unknown.body), "{name}");
            theirs.page().assert_says("Your approvals");
            let csrf = visitor.page("/approvals/history").attribute_of("form[method=post] input[name=csrf]", "value");
            let forged = [("csrf", csrf.as_str()), ("verdict", "approve"), ("version", "2"), ("stage", "1")];
            visitor.post(&link, &forged).expect(404);
            assert_eq!(audited(t, "link.refuse"), i64::try_from(n).unwrap() + 1, "{name} is noted");
        }
        assert_eq!(votes(t, id), 0);
        let whys = t.texts("SELECT reason AS n FROM audit_events WHERE action = 'link.refuse' ORDER BY seq");
        assert_eq!(whys[1], "the requestor used an approver's link");
        assert_eq!(t.count("decision_links WHERE used_at IS NULL AND revoked_at IS NULL"), 1, "Bob's link lives");
    }

    /// Unknown tokens look all the same; what mail programs hang on to an address does not count.
    fn apr_12_wrong_tokens_look_alike_and_trailing_marks_do_not_count(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = link(t, id, "bob");
        let nobody = t.browser();
        let shape = constant(&nobody.get(UNKNOWN).expect(404).body);
        for wrong in ["/d/x", "/d/%00", &format!("{link}A"), &link[..link.len() - 1], "/d/..%2f..%2fapprovals"] {
            assert_eq!(constant(&nobody.get(wrong).expect(404).body), shape, "{wrong}");
        }
        let bob = t.sign_in("bob");
        for tail in [".", "%3E", ",", ")."] {
            bob.get(&format!("{link}{tail}")).expect(200);
        }
        assert!(link.len() < 100);
    }

    /// Nothing keeps, lists or passes on these addresses: neither the live page nor the dead one.
    fn apr_12_links_are_kept_out_of_caches_and_referrers(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = link(t, id, "bob");
        for (visitor, status) in [(t.sign_in("bob"), 200), (t.sign_in("dan"), 404), (t.browser(), 303)] {
            let answer = visitor.get(&link).expect(status);
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
            if status != 303 {
                assert!(answer.header("x-robots-tag").is_some_and(|v| v.contains("noindex")));
            }
        }
    }

    /// Who leaves the group, is disabled or changes their address holds a dead link at once, also between looking
    /// and sending (I5, SPEC APR-14).
    fn i5_an_approver_who_loses_the_right_holds_a_dead_link(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let team = t.group("Reviewers", &["gus", "hana", "ivo"]);
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let stage = terms::stage(vec![Approver::Group { id: team }]);
        t.policy(package, "P", &terms::members(vec![stage]));
        let id = submit(t, "alice", package);
        let links = ["gus", "hana", "ivo"].map(|name| link(t, id, name));
        let forms = ["gus", "hana", "ivo"].map(|name| {
            let n = ["gus", "hana", "ivo"].iter().position(|x| *x == name).unwrap();
            let browser = t.sign_in(name);
            let form = decision(&browser.page(&links[n]), &links[n]).set("verdict", "approve").set("reason", "x");
            (browser, form)
        });
        leave(t, team, "gus");
        t.sql("UPDATE users SET enabled = FALSE WHERE email = 'hana@demo.example'");
        t.sql("UPDATE users SET email = 'iv@demo.example', email_folded = 'iv@demo.example' WHERE email = 'ivo@demo.example'");
        for (n, (browser, form)) in forms.iter().enumerate() {
            let (look, send) = (browser.get(&links[n]), browser.submit(form));
            if n == 1 {
                assert_eq!((look.status, send.status), (303, 303), "disabled: signed out");
                assert_eq!(send.location(), links[n], "back to the page, which leads to sign-in");
                assert!(look.location().starts_with("/sign-in?next="), "{}", look.location());
            } else {
                look.expect(404).page().assert_says("Your approvals");
                send.expect(404);
            }
        }
        assert_eq!(votes(t, id), 0);
    }

    /// Cancelled, moved to another stage, out of time: the link's own person is told, nobody else.
    fn apr_12_links_die_with_the_stage_and_in_time(t: &mut Test) {
        let s = t.sales();
        let bob = t.sign_in("bob");
        let cancelled = submit(t, "alice", s.onboarding);
        let first = link(t, cancelled, "bob");
        let form = decision(&bob.page(&first), &first).set("verdict", "approve");
        t.write_as("alice", |tx, cx, by| request::cancel(tx, cx, cancelled, by, ""));
        bob.get(&first).expect(410).page().assert_says("cancelled before anybody decided");
        bob.submit(&form).expect(409).page().assert_says("cancelled before anybody decided");
        assert_eq!(votes(t, cancelled), 0);

        let late = submit(t, "alice", s.onboarding);
        let second = link(t, late, "bob");
        let form = decision(&bob.page(&second), &second).set("verdict", "approve");
        let due = the_request(t, late).due_at.expect("a due time");
        t.clock.set(due - Duration::seconds(1));
        let bob = t.sign_in("bob");
        bob.get(&second).expect(200);
        t.clock.set(due);
        bob.get(&second).expect(410).page().assert_says("The time to decide this request is over.");
        // The form was made in another session: its token is made to fit this one.
        let csrf = bob.page("/approvals/history").attribute_of("form[method=post] input[name=csrf]", "value");
        bob.submit(&form.clone().forge("csrf", &csrf)).expect(409);
        let cx = t.app.system_cx("sweep");
        t.write(|tx| request::expire_request(tx, &cx, late));
        bob.get(&second).expect(410).page().assert_says("Nobody decided this request in time.");
        t.sign_in("dan").get(&second).expect(404);
        t.browser().get(&second).expect(303);
        assert_eq!(votes(t, late), 0);
    }

    /// A link is bound to its stage: Bob's link of stage 1 does nothing in stage 2, even if he is asked there too.
    fn i11_a_link_is_bound_to_its_stage(t: &mut Test) {
        let bob_id = t.person("bob");
        t.person("alice");
        t.person("root");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let either = terms::stage(vec![Approver::User { id: bob_id }, Approver::User { id: t.person("mia") }]);
        t.policy(package, "P", &terms::members(vec![either, terms::by(bob_id)]));
        let id = submit(t, "alice", package);
        let first = link(t, id, "bob");
        let (bob, mia) = (t.sign_in("bob"), t.sign_in("mia"));
        let form = decision(&bob.page(&first), &first).set("verdict", "deny").set("reason", "x");
        let page = mia.page(&format!("/approvals/{id}"));
        mia.done(&decision(&page, &format!("/approvals/{id}")).set("verdict", "approve"));
        assert_eq!(the_request(t, id).stage, 2);
        let late = bob.submit(&form).expect(409).page();
        late.assert_says("Mia Example approved this request in stage 1 of 2");
        assert_eq!((votes(t, id), the_request(t, id).state), (1, RequestState::PendingApproval));
        let second = link(t, id, "bob");
        bob.done(&decision(&bob.page(&second), &second).set("verdict", "approve"));
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
    }

    /// What changed since the mail is shown, and a decision on what is no longer there asks again.
    fn apr_12_a_changed_request_is_shown_and_asked_again(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = link(t, id, "bob");
        let bob = t.sign_in("bob");
        let before = bob.page(&link);
        before.assert_silent_about("has changed since the mail was sent");
        let old = decision(&before, &link).set("verdict", "approve").set("reason", "All right");
        let request = t.literal(&raw::id(id));
        t.sql(&format!(
            "UPDATE requests SET justification = 'I want more', version = version + 1 WHERE id = {request}"
        ));
        let again = bob.submit(&old).expect(409).page();
        again.assert_says("has changed since you opened it");
        again.assert_says("The justification was: “I start on Monday”");
        again.assert_says("I want more");
        assert_eq!(votes(t, id), 0);
        let form = decision(&again, &link);
        assert_eq!(form.values("verdict"), Vec::<String>::new(), "the choice is asked for again");
        assert_eq!(form.values("reason"), ["All right"], "the words stay");
        bob.done(&form.set("verdict", "approve")).assert_says("You approved this request");
        assert_eq!(votes(t, id), 1);
    }

    /// In a stage that needs everybody each approver has their own link, and sees what the others decided.
    fn apr_12_each_approver_of_a_quorum_has_their_own_link(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let (gus, hana) = (t.user("gus").create(), t.user("hana").create());
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let both = Stage {
            quorum: Quorum::All,
            ..terms::stage(vec![Approver::User { id: gus }, Approver::User { id: hana }])
        };
        t.policy(package, "P", &terms::members(vec![both]));
        let id = submit(t, "alice", package);
        let (his, hers) = (link(t, id, "gus"), link(t, id, "hana"));
        let (g, h) = (t.sign_in("gus"), t.sign_in("hana"));
        g.get(&hers).expect(404);
        let receipt = g.done(&decision(&g.page(&his), &his).set("verdict", "approve"));
        receipt.assert_says("More approvals are needed");
        let page = h.page(&hers);
        page.assert_says("Another approver has approved.");
        h.done(&decision(&page, &hers).set("verdict", "approve"));
        assert_eq!((votes(t, id), the_request(t, id).state), (2, RequestState::Delivered));
    }

    /// A policy can do without links; the instance's mode holds where a policy says nothing (SPEC POL-7). And a mail
    /// to an address that its person has left carries none.
    fn pol_7_notice_only_mails_have_no_link(t: &mut Test) {
        t.person("alice");
        t.person("bob");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let silent = Terms {
            link_mode: Some(LinkMode::NoticeOnly),
            ..terms::members(vec![terms::manager()])
        };
        t.policy(package, "P", &silent);
        let id = submit(t, "alice", package);
        assert_eq!(minted(t, id, "bob"), None);
        let other = t.package(catalog, "Other", &[]);
        t.policy(other, "P", &terms::members(vec![terms::manager()]));
        let id = submit(t, "alice", other);
        assert!(minted(t, id, "bob").is_some());
        assert_eq!(t.texts("SELECT mode AS n FROM decision_links"), ["signIn"]);
        t.sql("UPDATE users SET email = 'b@demo.example', email_folded = 'b@demo.example' WHERE email = 'bob@demo.example'");
        assert_eq!(minted(t, id, "bob"), None);
        assert_eq!(t.count("decision_links"), 1);
    }
}

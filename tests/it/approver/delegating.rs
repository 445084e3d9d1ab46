//! Delegation in the pages (SPEC APR-11): handing over, the delegate's queue and decision, and the emailed link.

use chrono::Duration;
use latchkey::domain::request::RequestState;

use super::*;

const PAGE: &str = "/approvals/delegation";

/// Hands over from today on, for so many days, through the page.
fn hand_over(t: &mut Test, who: &str, to: &str, days: i64) {
    t.person(to);
    let last = (t.now() + Duration::days(days - 1)).date_naive().to_string();
    let browser = t.sign_in(who);
    let form = browser.page(PAGE).form(PAGE);
    let form =
        form.set("delegate", &format!("{to}@demo.example")).set("until", &last).set("reason", "Holiday");
    browser.done(&form).assert_says("stands in for you during these days");
}

on_both! {
    /// The whole way: hand over, the delegate finds the request, decides, and everybody reads both names.
    fn apr_11_the_whole_way_in_the_portal(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        hand_over(t, "bob", "mia", 5);
        let (bob, mia) = (t.principal("bob").name, t.principal("mia").name);
        let own = t.sign_in("bob");
        let page = own.page(PAGE);
        page.assert_says(&mia);
        page.assert_says("Holiday");
        let browser = t.sign_in("mia");
        browser.page(PAGE).assert_says(&bob);
        browser.page("/approvals").assert_says(&format!("In the place of {bob}"));
        let here = format!("/approvals/{id}");
        let page = browser.page(&here);
        page.assert_says(&format!("You decide in the place of {bob}"));
        browser.done(&decision(&page, &here).set("verdict", "approve").set("reason", "Fine"));
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
        browser.page(&here).assert_says(&format!("In the place of {bob}, you approved this request"));
        own.page(&here).assert_says(&format!("In your place, {mia} approved this request"));
        browser.page("/approvals/history").assert_says(&format!("for {bob}"));
        own.page("/approvals/history").assert_says(&format!("by {mia} in your place"));
        t.sign_in("alice").page(&format!("/requests/{id}")).assert_says(&format!("In the place of {bob}"));
    }

    /// Mistakes are told at their field, and what was typed stays (SPEC PGE-3).
    fn apr_11_mistakes_are_told_at_their_field(t: &mut Test) {
        for name in ["mia", "erin", "bob"] {
            t.person(name);
        }
        let bob = t.sign_in("bob");
        let today = t.now().date_naive();
        let (yesterday, later) = (today.pred_opt().unwrap().to_string(), (today + chrono::Days::new(3)).to_string());
        let tried = |delegate: &str, from: &str, until: &str| {
            let form = bob.page(PAGE).form(PAGE).set("delegate", delegate).set("from", from).set("until", until);
            bob.submit(&form).expect(422).page()
        };
        let today = today.to_string();
        tried("bob@demo.example", &today, &later).assert_says("You cannot stand in for yourself");
        tried("erin@partner.example", &today, &later).assert_says("Only members of the organization can stand in");
        tried("nobody@demo.example", &today, &later).assert_says("Nobody is called");
        tried("mia@demo.example", &yesterday, &later).assert_says("The first day is over");
        tried("mia@demo.example", &later, &today).assert_says("The last day is before the first");
        tried("mia@demo.example", &today, "2099-01-01").assert_says("longer than 90 days");
        tried("mia@demo.example", "soon", &later).assert_says("This is not a date");
        tried("", &today, &later).assert_says("Name somebody who stands in for you");
        assert_eq!(t.count("delegations"), 0);
        // A guest sees no directory: neither the page nor the form (SPEC EXT-7).
        let erin = t.sign_in("erin");
        erin.get(PAGE).expect(403);
        assert!(!erin.page("/approvals").text_of("main").contains("While away"));
    }

    /// The delegate's emailed link rests on the delegation and dies with it, at once (SPEC APR-11, APR-12, I5, I11).
    fn apr_11_i5_the_link_dies_with_the_delegation(t: &mut Test) {
        let s = t.sales();
        hand_over(t, "bob", "mia", 5);
        let id = submit(t, "alice", s.onboarding);
        let mias = link(t, id, "mia");
        let mia = t.sign_in("mia");
        let page = mia.page(&mias);
        page.assert_says("Sales onboarding");
        let ready = decision(&page, &mias).set("verdict", "approve").set("reason", "ok");
        let bob = t.sign_in("bob");
        let own = bob.page(PAGE);
        let delegation = t.texts(if t.database.is_sqlite() { "SELECT id AS n FROM delegations" } else { "SELECT id::text AS n FROM delegations" });
        bob.done(&own.form(&format!("{PAGE}/{}/end", delegation[0]))).assert_says("It ended.");
        mia.get(&mias).expect(404);
        mia.submit(&ready).expect(404);
        assert_eq!(votes(t, id), 0);
        assert!(minted(t, id, "bob").is_some());
        let gone = t.app.system_cx("mail");
        let user = t.person("mia");
        let none = t.write(|tx| links::mint(tx, &gone, id, 1, user, "mia@demo.example"));
        assert!(none.is_none(), "no new link either");
    }

    /// With the approver's own link after the delegate has decided: what came of it, and no second vote.
    fn apr_11_the_approvers_link_shows_what_was_decided_in_their_place(t: &mut Test) {
        let s = t.sales();
        hand_over(t, "bob", "mia", 5);
        let id = submit(t, "alice", s.onboarding);
        let (bobs, mias) = (link(t, id, "bob"), link(t, id, "mia"));
        let mia = t.sign_in("mia");
        let page = mia.page(&mias);
        mia.done(&decision(&page, &mias).set("verdict", "deny").set("reason", "Not now"));
        let name = t.principal("mia").name;
        t.sign_in("bob").page(&bobs).assert_says(&format!("In your place, {name} denied this request"));
        assert_eq!((votes(t, id), audited(t, "link.decide")), (1, 1));
    }

    /// Everybody who looks sees that a request was escalated, and since when (SPEC APR-4).
    fn apr_4_pages_say_that_it_is_escalated(t: &mut Test) {
        use latchkey::domain::policy::{Alternates, Approver, Stage};
        let mia = t.person("mia");
        for name in ["alice", "carol"] {
            t.person(name);
        }
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let stage = Stage {
            alternates: Some(Alternates { after_days: 2, approvers: vec![Approver::User { id: mia }] }),
            ..crate::support::terms::manager()
        };
        t.policy(package, "P", &crate::support::terms::members(vec![stage]));
        let id = submit(t, "alice", package);
        t.sign_in("alice").page(&format!("/packages/{package}")).assert_says("others are asked too");
        t.advance(Duration::days(2));
        latchkey::jobs::sweeps::run(&t.app).expect("the sweep runs");
        t.advance(Duration::hours(3));
        let alternate = t.sign_in("mia");
        alternate.page("/approvals").assert_says("Escalated 3 hours ago");
        alternate.page(&format!("/approvals/{id}")).assert_says("Nobody had decided, so the alternates were asked too");
        let alice = t.sign_in("alice");
        alice.page("/requests").assert_says("escalated 3 hours ago");
        let page = alice.page(&format!("/requests/{id}"));
        page.assert_says("Nobody decided yet, so it was escalated");
        page.assert_says("escalated 3 hours ago");
        t.sign_in("carol").page(&format!("/manage/packages/{package}/requests")).assert_says("escalated 3 hours ago");
    }
}

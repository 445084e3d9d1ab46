//! The conversation and the changes as people meet them on their pages (SPEC REQ-9).

use latchkey::domain::approval::Verdict;

use super::*;
use crate::requests::{decide, submit};

on_both! {
    /// Talking on the request page and on the decide page, line breaks kept, words escaped; a second click makes no
    /// second comment; nobody else sees a word (REQ-9).
    fn req_9_people_talk_on_the_pages(t: &mut Test) {
        let s = t.sales();
        for name in ["dan", "mia", "aud", "sam"] {
            t.person(name);
        }
        let id = submit(t, "alice", s.onboarding);
        let (alice, bob) = (t.sign_in("alice"), t.sign_in("bob"));
        let action = format!("/requests/{id}/comments");
        let page = alice.page(&format!("/requests/{id}"));
        page.assert_says("Nobody has said anything yet.");
        let form = page.form(&action).set("text", "First line\n<b>second</b> line");
        let after = alice.done(&form);
        assert!(after.source().contains("First line\n&#60;b&#62;second&#60;/b&#62; line"), "kept and escaped");
        alice.submit(&form).expect(303);
        assert_eq!(t.count("request_comments"), 1, "a second click makes no second comment");

        let decide_page = bob.page(&format!("/approvals/{id}"));
        decide_page.assert_says("First line");
        let back = bob.done(&decide_page.form(&action).set("text", "Read it."));
        back.assert_says("Read it.");
        back.assert_says("Decide");
        let refused = alice.submit(&alice.page(&format!("/requests/{id}")).form(&action).set("text", "  ")).expect(422);
        refused.page().assert_says("Write something first.");
        let long = alice.page(&format!("/requests/{id}")).form(&action).set("text", &"y".repeat(2001));
        assert!(alice.submit(&long).expect(422).body.contains("yyyy"), "what was typed stays");

        // Who sees the catalog's assignments reads; who only reads has no form.
        let aud = t.sign_in("aud").page(&format!("/requests/{id}"));
        aud.assert_says("Read it.");
        assert_eq!(aud.count(&format!("form[action='{action}']")), 0);
        let sam = t.sign_in("sam");
        sam.done(&sam.page(&format!("/requests/{id}")).form(&action).set("text", "I am here too."));
        for name in ["dan", "mia"] {
            let stranger = t.sign_in(name);
            stranger.get(&format!("/requests/{id}")).expect(404);
            let csrf = stranger.page("/").attribute_of("form[method=post] input[name=csrf]", "value");
            stranger.post(&action, &[("csrf", &csrf), ("text", "x")]).expect(404);
            stranger.get(&format!("/requests/{id}/edit")).expect(404);
            stranger.post(&format!("/requests/{id}/edit"), &[("csrf", &csrf), ("version", "1")]).expect(404);
            stranger.post(&format!("/approvals/{id}/changes"), &[("csrf", &csrf), ("text", "x")]).expect(404);
        }
        assert_eq!(t.count("request_comments"), 3);
    }

    /// Asked for on the decide page; told on top of the request, on Home and by mail; changed in a form with what was
    /// sent; told in the timeline with old and new (REQ-9).
    fn req_9_changes_from_asking_to_sending_back(t: &mut Test) {
        let s = t.sales();
        for name in ["mia", "carol"] {
            t.person(name);
        }
        let id = submit(t, "alice", s.deal_desk);
        let (alice, bob) = (t.sign_in("alice"), t.sign_in("bob"));
        let action = format!("/approvals/{id}/changes");
        let page = bob.page(&format!("/approvals/{id}"));
        bob.submit(&page.form(&action).set("text", "")).expect(422).page().assert_says("Write something first.");
        let form = page.form(&action).set("text", "Which region is it for?");
        let after = bob.done(&form);
        after.assert_says("Changes asked for");
        bob.submit(&form).expect(303);
        assert_eq!(t.count("change_requests"), 1, "a second click asks once");
        bob.page(&format!("/approvals/{id}")).form(&format!("/approvals/{id}"));

        alice.page("/").assert_says("An approver asks you to change your request for Deal desk");
        let page = alice.page(&format!("/requests/{id}"));
        page.assert_says("Which region is it for?");
        let edit = page.link("Change the request");
        let form_page = alice.page(&edit);
        form_page.assert_says("Which region is it for?");
        let form = form_page.form(&edit);
        assert_eq!(form.values("justification"), ["I start on Monday"]);
        assert_eq!(form.values("q.deal"), ["The spring deal"]);
        let same = alice.submit(&form).expect(409).page();
        same.assert_says("Nothing is different from before.");
        let missing = alice.submit(&form.clone().set("q.deal", "")).expect(422).page();
        missing.assert_says("This question needs an answer.");
        t.sign_in("carol").get(&edit).expect(403);

        // Bob's colleague acts meanwhile: here a comment changes nothing, so the form stays good.
        say(t, "bob", id, "No hurry.");
        let back = alice.done(&form.set("justification", "For the north").set("q.deal", "The autumn deal"));
        back.assert_says("Changed and sent back");
        back.assert_says("was “I start on Monday”, now “For the north”");
        back.assert_says("The autumn deal");
        back.assert_silent_about("asks for changes The requestor can");
        alice.page("/").assert_silent_about("asks you to change");
        alice.get(&edit).expect(303);
        bob.page(&format!("/approvals/{id}")).assert_says("For the north");
        decide(t, "bob", id, Verdict::Approve);
    }

    /// The link in the first mail tells what has changed since, and asks again (APR-12).
    fn apr_12_an_old_link_tells_what_changed(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let link = crate::approver::link(t, id, "bob");
        let bob = t.sign_in("bob");
        let before = bob.page(&link).form(&link).set("verdict", "approve");
        ask(t, "bob", id, "Why so early?");
        revise(t, "alice", id, "The fair starts on Tuesday");
        bob.submit(&before).expect(409);
        assert_eq!(crate::approver::votes(t, id), 0, "the earlier text is not approved");
        let page = bob.page(&link);
        page.assert_says("This request has changed since the mail was sent.");
        page.assert_says("The justification was: “I start on Monday”");
        bob.done(&page.form(&link).set("verdict", "approve"));
        assert_eq!(crate::approver::votes(t, id), 1);
    }

    /// A policy that keeps its approvers' names keeps them in the conversation, the timeline and the mails too.
    fn req_9_hidden_approvers_stay_hidden(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let bob = t.person("bob");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let secret = Terms { show_approvers: false, ..terms::members(vec![terms::by(bob)]) };
        t.policy(package, "P", &secret);
        let id = submit(t, "alice", package);
        let name = t.principal("bob").name;
        say(t, "bob", id, "Tell me more");
        ask(t, "bob", id, "Name the tool");
        let alice = t.sign_in("alice");
        for path in [format!("/requests/{id}"), format!("/requests/{id}/edit")] {
            let page = alice.page(&path);
            page.assert_says("An approver");
            page.assert_silent_about(&name);
        }
        for mail in t.mails_to("alice@demo.example") {
            assert!(!mail.source.contains(&name), "{}", mail.kind);
        }
        t.sign_in("carol").page(&format!("/requests/{id}")).assert_says(&name);
    }
}

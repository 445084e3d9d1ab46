//! Texts of mails that an administrator changed (SPEC NOT-6).

use latchkey::app::notice_texts;
use latchkey::domain::notice_text::Texts;

use super::{kept, newest};
use crate::requests::submit;

const PAGE: &str = "/admin/mail/texts/approvalRequested";

on_both! {
    /// Changed, previewed before saving, used by the next mail, recorded, and reset with a question first.
    fn not_6_texts_are_changed_previewed_used_and_reset(t: &mut Test) {
        let s = t.sales();
        t.person("root");
        let root = t.sign_in("root");
        let page = root.page("/admin/mail");
        assert!(page.source().contains("href=\"/admin/mail/texts\""));
        root.page("/admin/mail/texts").assert_state("approvalRequested", "default");
        let page = root.page(PAGE);
        page.assert_says("{due_day}");
        page.assert_says("the person whom the access is for");
        let form = page
            .form(PAGE)
            .set("subject", "Please decide: {package} for {person}")
            .set("opening", "Dear colleague {name},\nit is due on {due_day}.");
        let shown = root.submit(&form.clone().press("Preview")).expect(200).page();
        shown.assert_says("Please decide: Deal desk for Alice Adler");
        shown.assert_says("Not saved yet");
        assert_eq!(t.count("notice_texts"), 0, "a preview saves nothing");
        let fields = [
            ("csrf", form.values("csrf").remove(0)),
            ("version", "0".to_owned()),
            ("subject", "<b>{person}</b>".to_owned()),
            ("heading", String::new()),
            ("opening", "Only this".to_owned()),
            ("closing", String::new()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let html = root.post(&format!("{PAGE}/preview"), &fields).expect(200);
        assert!(html.body.starts_with("<!DOCTYPE html>") && html.body.contains("Only this"));
        assert!(html.body.contains("Look at it and decide"), "the button stays");
        assert!(!html.body.contains("<b>"), "escaped");
        assert!(html.header("content-security-policy").is_some_and(|csp| csp.ends_with("sandbox")));
        root.done(&form.press("Save")).assert_says("is saved");
        root.page("/admin/mail/texts").assert_state("approvalRequested", "changed");
        assert_eq!(
            t.count("audit_events WHERE action = 'notice.text' AND new_values LIKE '%Please decide%'"),
            1
        );

        submit(t, "alice", s.onboarding);
        let mail = t.mails_to("bob@demo.example").remove(0);
        assert!(mail.subject.starts_with("Please decide: "), "{}", mail.subject);
        assert!(mail.text.contains("Dear colleague Bob Example,"), "{}", mail.text);
        assert_eq!(mail.links().len(), 1, "the button stays");
        assert!(mail.text.contains("The link is for you alone"), "what protects the reader stays");

        let ask = root.page(&format!("{PAGE}/reset"));
        root.done(&ask.form(&format!("{PAGE}/reset")).press("Reset"));
        root.page("/admin/mail/texts").assert_state("approvalRequested", "default");
        assert_eq!(t.count("audit_events WHERE action = 'notice.textReset' AND old_values LIKE '%Please decide%'"), 1);
    }

    /// What cannot be used is refused at its field, and keeps what was typed.
    fn not_6_mistakes_are_shown_where_they_are(t: &mut Test) {
        t.person("root");
        let root = t.sign_in("root");
        let form = root.page(PAGE).form(PAGE);
        let refused = |name: &str, value: &str, words: &str| {
            let page = root.submit(&form.clone().forge(name, value).press("Save")).expect(422).page();
            page.assert_says(words);
            page
        };
        let page = refused("subject", "For {nobody}", "There is no placeholder {nobody} in this mail.");
        assert_eq!(page.form(PAGE).values("subject"), ["For {nobody}"]);
        refused("heading", "{person", "A brace stands alone.");
        refused("subject", "a\r\nBcc: b@evil.example", "such as a line break");
        refused("opening", "bell \u{7}", "control character");
        refused("closing", &"x".repeat(2001), "at most 2000 characters");
        refused("subject", "  ", "Write at least one text.");
        assert_eq!(t.count("notice_texts"), 0);
    }

    /// Of two who change the same text the second is told (PGE-3).
    fn not_6_a_stale_form_is_not_saved_unseen(t: &mut Test) {
        t.person("root");
        let root = t.sign_in("root");
        let first = root.page(PAGE).form(PAGE).set("subject", "First");
        let second = root.page(PAGE).form(PAGE).set("subject", "Second");
        let reset = root.page(&format!("{PAGE}/reset")).form(&format!("{PAGE}/reset"));
        root.done(&first.press("Save"));
        let page = root.submit(&second.press("Save")).expect(409).page();
        assert_eq!(page.form(PAGE).values("subject"), ["Second"], "what was typed is kept");
        root.submit(&reset.press("Reset")).expect(409);
        assert_eq!(t.texts("SELECT subject AS n FROM notice_texts"), ["First"]);
        root.done(&page.form(PAGE).press("Save"));
        assert_eq!(t.texts("SELECT subject AS n FROM notice_texts"), ["Second"]);
    }

    /// A text that cannot be used any more holds no mail up; the Mail page says so.
    fn not_6_i9_a_broken_text_falls_back_and_is_told(t: &mut Test) {
        let s = t.sales();
        t.person("root");
        let set = |subject: &str| Texts { subject: subject.into(), ..Texts::default() };
        t.write_as("root", |tx, cx, by| {
            notice_texts::save(tx, cx, by, "approvalRequested", 0, set("Decide for {person}"))
        });
        t.sql("UPDATE notice_texts SET subject = 'For {gone}'");
        submit(t, "alice", s.onboarding);
        let mail = t.mails_to("bob@demo.example").remove(0);
        assert!(mail.subject.starts_with("Action required: Approve or deny request by "), "{}", mail.subject);
        let bob = t.principal("bob").user;
        let id = newest(t, bob);
        assert!(kept(t, id).text_problem.is_some_and(|p| p.contains("{gone}")));
        let root = t.sign_in("root");
        root.page(&format!("/admin/mail/{id}")).assert_says("The changed text of this kind could not be used");
        root.page("/admin/mail/texts").assert_says("Not used: There is no placeholder {gone} in this mail.");
        root.page(PAGE).assert_says("the portal's own is sent");
    }

    /// Auditors read; nobody else even that; and no kind but ours.
    fn not_6_only_administrators_change_texts(t: &mut Test) {
        t.person("root");
        let aud = t.sign_in("aud");
        let page = aud.page(PAGE);
        assert!(!page.source().contains("value=\"save\""));
        aud.get(&format!("{PAGE}/reset")).expect(403);
        let texts = || Texts { subject: "Mine".into(), ..Texts::default() };
        for name in ["aud", "dan"] {
            t.person(name);
            let denied = t.try_as(name, |tx, cx, by| {
                notice_texts::save(tx, cx, by, "approvalRequested", 0, texts())
            });
            assert!(denied.is_err(), "{name}");
        }
        t.sign_in("dan").get(PAGE).expect(403);
        let root = t.sign_in("root");
        root.get("/admin/mail/texts/nothing").expect(404);
        let unknown = t.try_as("root", |tx, cx, by| notice_texts::save(tx, cx, by, "nothing", 0, texts()));
        assert!(unknown.is_err());
        assert_eq!(t.count("notice_texts"), 0);
    }
}

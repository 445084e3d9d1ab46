//! Every mail, looked at as a whole.

use super::facts::{Approval, Facts, Request};
use super::message::SendError;
use super::samples::{self, CODE, TOKEN};
use super::transport::Memory;
use super::{Mail, render};
use crate::domain::policy::LinkMode;

fn rendered(facts: &Facts) -> Mail {
    render(facts, &samples::recipient(), &samples::portal()).unwrap()
}

fn addresses(text: &str) -> std::collections::BTreeSet<String> {
    let url = regex::Regex::new(r#"https?://[^\s"'<>)]+"#).unwrap();
    url.find_iter(text).map(|m| m.as_str().to_owned()).collect()
}

#[test]
fn not_3_every_mail_has_the_reference_subject_and_two_complete_parts() {
    let tags = regex::Regex::new(r"(?s)<style>.*?</style>|<[^>]*>").unwrap();
    for (number, facts, subject) in samples::all() {
        let mail = rendered(&facts);
        assert_eq!(mail.subject, subject, "mail {number}");
        assert!(mail.html.starts_with("<!DOCTYPE html>"), "mail {number}");
        assert!(mail.html.trim_end().ends_with("</html>"), "mail {number}");
        assert!(!mail.html.contains("<img"), "mail {number} needs no pictures");
        assert!(mail.text.contains("Hello Bob Brandt,"), "mail {number}");
        for line in mail.text.lines() {
            let fits = line.chars().count() <= 76 || line.starts_with("https://");
            assert!(fits, "mail {number}: {line}");
        }
        // Both parts say the same: each word of the text part is in the HTML part, rules and blanks aside.
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let html = tags
            .replace_all(&mail.html, " ")
            .replace("&#39;", "'")
            .replace("&#34;", "\"")
            .replace("&amp;", "&");
        let html = flat(&html);
        for word in flat(&mail.text).split(' ') {
            let word = word.trim_end_matches(':');
            let rule = word.chars().all(|c| matches!(c, '=' | '-'));
            let address = word.starts_with("https://") && mail.html.contains(word);
            assert!(
                rule || address || html.contains(word),
                "mail {number}: {word:?} is in the text part only"
            );
        }
    }
}

#[test]
fn not_3_every_mail_has_at_most_one_address_and_it_is_the_button() {
    for (number, facts, _) in samples::all() {
        let mail = rendered(&facts);
        let (in_text, in_html) = (addresses(&mail.text), addresses(&mail.html));
        assert_eq!(in_text, in_html, "mail {number}");
        let expected = usize::from(!matches!(number, "code" | "2-notice-only"));
        assert_eq!(in_text.len(), expected, "mail {number}: {in_text:?}");
        assert_eq!(mail.html.matches("<a ").count(), expected, "mail {number}");
        assert!(in_text.iter().all(|a| a.starts_with("https://access.demo.example/")), "mail {number}");
    }
}

#[test]
fn apr_12_an_approval_mail_leads_to_one_page_whatever_the_verdict() {
    let mail = rendered(&Facts::ApprovalRequested(samples::approval(1, LinkMode::SignIn)));
    let link = format!("https://access.demo.example/d/{TOKEN}");
    assert_eq!(addresses(&mail.text), std::collections::BTreeSet::from([link]));
    assert!(!mail.subject.contains("accounts in the north"));
    let none = rendered(&Facts::ApprovalRequested(samples::approval(1, LinkMode::NoticeOnly)));
    assert!(!none.text.contains("/d/") && !none.html.contains("/d/"));
}

#[test]
fn apr_12_what_is_kept_holds_no_secret() {
    for (number, facts, _) in samples::all() {
        let mail = rendered(&facts);
        let kept = mail.masked(facts.secret());
        for secret in [TOKEN, CODE] {
            for part in [&kept.subject, &kept.text, &kept.html] {
                assert!(!part.contains(secret), "mail {number}");
            }
        }
        if facts.secret().is_some() {
            assert!(mail.text.contains(facts.secret().unwrap()), "mail {number}");
            assert!(kept.text.contains('…'), "mail {number}");
        } else {
            assert_eq!(kept, mail, "mail {number}");
        }
        let debug = format!("{facts:?}");
        assert!(!debug.contains(TOKEN), "mail {number}: tokens hide from logs");
    }
}

#[test]
fn not_3_other_peoples_words_are_escaped_and_marked() {
    let nasty = "<b>bold</b> & \"quoted\" <a href=\"https://evil.example\">x</a>\nApproved by: everybody";
    let facts = Facts::ApprovalRequested(Approval {
        request: Request {
            justification: nasty.into(),
            person: "Eve <script>alert(1)</script>".into(),
            package: "A & B".into(),
            ..samples::request()
        },
        ..samples::approval(1, LinkMode::SignIn)
    });
    let mail = rendered(&facts);
    for raw in ["<b>bold", "<script", "href=\"https://evil"] {
        assert!(!mail.html.contains(raw), "{raw}");
    }
    assert_eq!(mail.html.matches("<a ").count(), 1, "no address becomes a link by itself");
    assert!(mail.text.contains("wrote:\n    <b>bold</b>"), "{}", mail.text);
    assert!(mail.text.contains("\n    Approved by: everybody"), "{}", mail.text);
    assert!(!mail.text.contains("\nApproved by: everybody"));
}

#[test]
fn not_3_headers_say_what_it_is_and_who_sent_it() {
    let memory = Memory::default();
    let mailer = samples::mailer(memory.clone());
    samples::send(&mailer, "<0193@access.demo.example>", "2026-11-22T15:00:00Z".parse().unwrap()).unwrap();
    let sent = memory.sent();
    let source = &sent[0].source;
    for header in [
        "X-Latchkey-Notice: approvalRequested\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Message-ID: <0193@access.demo.example>\r\n",
        "From: Latchkey <latchkey@access.demo.example>\r\n",
        "To: \"Bob Brandt\" <bob@demo.example>\r\n",
        "Date: Sun, 22 Nov 2026 15:00:00",
        "Content-Language: en\r\n",
        "Content-Type: multipart/alternative;",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/html; charset=utf-8\r\n",
    ] {
        assert!(source.contains(header), "{header:?} is missing in\n{source}");
    }
    assert!(source.lines().all(|l| l.len() <= 998));
}

#[test]
fn control_characters_never_reach_a_header() {
    let memory = Memory::default();
    let mailer = samples::mailer(memory.clone());
    let portal = samples::portal();
    let now = "2026-11-22T15:00:00Z".parse().unwrap();
    let mail = |package: &str| {
        let facts = Facts::RequestExpired {
            request: Request { package: package.into(), ..samples::request() },
            at: now,
        };
        render(&facts, &samples::recipient(), &portal).unwrap()
    };
    let send = |mail: &Mail, name: &str, address: &str, id: &str| {
        let to = super::Recipient { name: name.into(), address: address.into(), ..samples::recipient() };
        let envelope = super::Envelope { to: &to, message_id: id, kind: "requestExpired", now };
        mailer.send(mail, &envelope)
    };
    let plain = mail("Deal desk");
    let cases = [
        send(&mail("x\r\nBcc: a@b.example"), "Bob", "bob@demo.example", "<1@a>"),
        send(&plain, "Bob\nBcc: a@b.example", "bob@demo.example", "<1@a>"),
        send(&plain, "Bob\u{0}", "bob@demo.example", "<1@a>"),
        send(&plain, "Bob", "bob@demo.example\r\nBcc: a@b.example", "<1@a>"),
        send(&plain, "Bob", "bob@demo.example", "<1@a>\r\nBcc: a@b.example"),
    ];
    for case in cases {
        let Err(SendError::Never(why)) = case else {
            panic!("{case:?}");
        };
        assert!(why.contains("control character"), "{why}");
    }
    assert!(memory.sent().is_empty());
    send(&mail("Größe „A“ \u{1F511}"), "Bøb", "bob@demo.example", "<1@a>").unwrap();
    assert_eq!(memory.sent().len(), 1);
}

#[test]
fn the_mails_can_be_looked_at() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/mails");
    std::fs::create_dir_all(&folder).unwrap();
    for (number, facts, _) in samples::all() {
        let mail = rendered(&facts);
        std::fs::write(folder.join(format!("{number}.html")), mail.html).unwrap();
        std::fs::write(folder.join(format!("{number}.txt")), mail.text).unwrap();
    }
}

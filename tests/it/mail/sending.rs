//! What is sent, and what is not any more (SPEC NOT-1, NOT-3, NOT-4, APR-12, SES-1).

use chrono::Duration;
use latchkey::app::{links, notices};
use latchkey::domain::account::LinkPurpose;
use latchkey::domain::approval::Verdict;
use latchkey::domain::notice::{Notice, NoticeState};
use latchkey::kernel::secret::Token;
use latchkey::mail::SendError;
use latchkey::store::links as kept_links;

use super::{kept, newest, owe};
use crate::requests::{decide, submit};
use crate::support::Test;

fn state(t: &Test, name: &str, kind: &str) -> Vec<(String, String)> {
    let user = t.principal(name).user;
    let rows = t.texts(&format!(
        "SELECT state || '/' || COALESCE(last_error, '') AS n FROM notices \
         WHERE recipient_id = '{user}' AND kind = '{kind}' ORDER BY created_at, id"
    ));
    rows.iter()
        .filter_map(|row| row.split_once('/'))
        .map(|(state, error)| (state.to_owned(), error.to_owned()))
        .collect()
}

on_both! {
    /// The approver's mail: subject with the day in their zone, one link, the requestor's words, and nothing in
    /// the database from which the link could be told.
    fn not_3_an_approval_mail_is_complete_and_leaves_no_secret_behind(t: &mut Test) {
        t.user("bob").time_zone("Pacific/Auckland").create();
        let s = t.sales();
        t.clock.set("2026-03-02T15:00:00Z".parse().unwrap());
        let request = submit(t, "alice", s.onboarding);
        let mails = t.mails_to("bob@demo.example");
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        let due = t.texts(&format!("SELECT CAST(due_at AS text) AS n FROM requests WHERE id = '{request}'"));
        assert!(!due.is_empty());
        assert!(mail.subject.starts_with("Action required: Approve or deny request by "), "{}", mail.subject);
        assert!(mail.text.contains("04:00 (Pacific/Auckland)"), "{}", mail.text);
        assert!(mail.text.contains("    I start on Monday"), "{}", mail.text);
        assert!(mail.source.contains("X-Latchkey-Notice: approvalRequested\r\n"));
        assert!(mail.source.contains("Auto-Submitted: auto-generated\r\n"));
        let link = mail.link("/d/");
        assert_eq!(mail.links().len(), 1, "one address, whatever the verdict");
        let token = Token::parse(link.trim_start_matches("/d/")).expect("a token");
        let found = t.read(|conn| kept_links::find(conn, &token)).expect("the link is known by its hash");
        assert_eq!((found.request, found.stage), (request, 1));
        for column in ["body_text", "body_html", "subject", "CAST(notice AS text)", "dedupe_key"] {
            for text in t.texts(&format!("SELECT {column} AS n FROM notices")) {
                assert!(!text.contains(token.reveal()), "{column}");
            }
        }
        let bob = t.principal("bob").user;
        let shown = kept(t, newest(t, bob));
        assert!(shown.text.contains("https://latchkey.example/d/…"), "{}", shown.text);
        assert!(shown.html.contains("https://latchkey.example/d/…"));
    }

    /// What is no longer true when its turn comes is dropped, with the reason.
    fn not_1_what_is_no_longer_true_is_dropped(t: &mut Test) {
        let s = t.sales();
        let request = submit(t, "alice", s.onboarding);
        let cx = t.app.system_cx("test");
        let bob = t.principal("bob").user;
        let later = t.now() + Duration::hours(20);
        t.write(|tx| {
            let reminder = Notice::ApprovalReminder { request, stage: 1 };
            notices::send_at(tx, &cx, bob, reminder, "r", later)
        });
        decide(t, "bob", request, Verdict::Approve);
        t.advance(Duration::hours(21));
        t.run_jobs();
        for kind in ["approvalRequested", "approvalReminder"] {
            let found = state(t, "bob", kind);
            assert_eq!(found.len(), 1, "{kind}");
            assert_eq!(found[0].0, "dropped", "{kind}");
            assert!(found[0].1.contains("not waiting for a decision"), "{kind}: {}", found[0].1);
        }
        assert_eq!(state(t, "bob", "decisionConfirmed")[0].0, "sent");
        assert_eq!(state(t, "alice", "accessDelivered")[0].0, "sent");
        assert!(t.post.memory.sent().iter().all(|m| m.kind != "approvalReminder"));
    }

    /// Who lost the right, or the account, is not asked any more.
    fn not_1_who_lost_the_right_is_not_asked(t: &mut Test) {
        let s = t.sales();
        submit(t, "alice", s.onboarding);
        let alice = t.principal("alice").user;
        let mia = t.principal("mia").user;
        t.sql(&format!("UPDATE users SET manager_id = '{mia}' WHERE id = '{alice}'"));
        t.run_jobs();
        let asked = state(t, "bob", "approvalRequested");
        assert_eq!(asked[0].0, "dropped");
        assert!(asked[0].1.contains("not among the people"), "{}", asked[0].1);
        assert_eq!(t.count("decision_links"), 0, "no link was made");

        let sam = t.principal("sam").user;
        owe(t, sam);
        t.sql(&format!("UPDATE users SET enabled = FALSE WHERE id = '{sam}'"));
        t.run_jobs();
        let id = newest(t, sam);
        assert_eq!(kept(t, id).line.state, NoticeState::Dropped);
    }

    /// Invitation and reset: the link in the mail opens the account, once; nothing goes to a mailbox that the
    /// person has left.
    fn ses_1_account_mails_carry_a_working_link_and_follow_nobody(t: &mut Test) {
        let bob = t.person("bob");
        owe(t, bob);
        let link = t.mails_to("bob@demo.example")[0].link("/account/invitation/");
        let token = Token::parse(link.trim_start_matches("/account/invitation/")).expect("a token");
        let now = t.now();
        let open = t.read(|conn| {
            latchkey::app::account::links::open(conn, &token, LinkPurpose::Invitation, now)
        });
        assert_eq!(open.expect("it opens").user, Some(bob));

        owe(t, bob);
        t.sql(&format!("UPDATE users SET email = 'b@other.example', email_folded = 'b@other.example' WHERE id = '{bob}'"));
        t.run_jobs();
        let dropped = kept(t, newest(t, bob)).line;
        assert_eq!(dropped.state, NoticeState::Dropped);
        assert_eq!(dropped.error.as_deref(), Some("the person's address has changed since"));
        assert_eq!(t.post.memory.sent().len(), 1);
    }

    /// The code of a link is mailed to its address, kept only as a hash, and shown to nobody afterwards.
    fn apr_12_a_code_is_mailed_and_kept_as_a_hash(t: &mut Test) {
        let s = t.sales();
        submit(t, "alice", s.board_papers);
        let mail = &t.mails_to("carol@demo.example")[0];
        let token = Token::parse(mail.link("/d/").trim_start_matches("/d/")).expect("a token");
        let cx = t.app.system_cx("test");
        t.write(|tx| links::request_code(tx, &cx, Some(&token), None).map(|_| ()));
        let mails = t.mails_to("carol@demo.example");
        let told = mails.iter().find(|m| m.kind == "decisionCode").expect("a code");
        let code = told
            .text
            .split_whitespace()
            .find(|w| w.len() == 8 && w.bytes().all(|b| b.is_ascii_digit()))
            .expect("eight digits")
            .to_owned();
        assert!(!told.subject.contains(&code));
        for column in ["body_text", "body_html", "subject"] {
            for text in t.texts(&format!("SELECT {column} AS n FROM notices")) {
                assert!(!text.contains(&code), "{column}");
            }
        }
        let hashes = t.texts("SELECT code_hash AS n FROM decision_codes");
        assert!(hashes.iter().all(|h| h.len() == 64 && *h != code));
    }

    /// What may work later is tried again after growing pauses; what cannot work fails and can be sent again.
    fn not_4_failures_are_tried_again_or_shown(t: &mut Test) {
        t.person("root");
        let bob = t.person("bob");
        let id = owe(t, bob);
        for _ in 0..3 {
            t.post.memory.fail_next(SendError::Later("451 busy".into()));
        }
        let mut pauses = Vec::new();
        for attempt in 1..=3 {
            t.run_jobs();
            let line = kept(t, id).line;
            assert_eq!((line.state, line.attempts), (NoticeState::Waiting, attempt));
            assert_eq!(line.error.as_deref(), Some("451 busy"));
            pauses.push(line.not_before - t.now());
            t.run_jobs();
            assert_eq!(kept(t, id).line.attempts, attempt, "not before its time");
            t.clock.set(line.not_before);
        }
        assert!(pauses.is_sorted_by(|a, b| a < b), "{pauses:?}");
        t.run_jobs();
        let line = kept(t, id).line;
        assert_eq!((line.state, line.attempts, line.error), (NoticeState::Sent, 4, None));

        let other = owe(t, bob);
        t.post.memory.fail_next(SendError::Never("550 no such mailbox".into()));
        t.run_jobs();
        assert_eq!(kept(t, other).line.state, NoticeState::Failed);
        t.advance(Duration::days(2));
        t.run_jobs();
        assert_eq!(t.post.memory.sent().len(), 1, "it is not tried by itself");
        t.write_as("root", |tx, cx, by| notices::send_again(tx, cx, by, other));
        t.run_jobs();
        assert_eq!(kept(t, other).line.state, NoticeState::Sent);
        assert_eq!(t.post.memory.sent().len(), 2);
        assert_eq!(t.count("audit_events WHERE action = 'notice.sendAgain'"), 1);
    }

    /// One notice that cannot be read or written does not stop the others.
    fn not_1_a_poisoned_notice_does_not_stop_the_others(t: &mut Test) {
        let (bob, mia) = (t.person("bob"), t.person("mia"));
        let unreadable = owe(t, bob);
        t.sql(&format!("UPDATE notices SET notice = '{{\"kind\":\"fromTheFuture\"}}' WHERE id = '{unreadable}'"));
        let unwritable = owe(t, mia);
        t.sql(&format!("UPDATE users SET display_name = 'Mia' || chr(10) || 'Bcc: x' WHERE id = '{mia}'")
            .replace("chr(10)", if t.database.is_sqlite() { "char(10)" } else { "chr(10)" }));
        let sam = t.person("sam");
        let fine = owe(t, sam);
        t.run_jobs();
        assert_eq!(kept(t, unreadable).line.state, NoticeState::Failed);
        let line = kept(t, unwritable).line;
        assert_eq!(line.state, NoticeState::Failed);
        assert_eq!(line.error.as_deref(), Some("the recipient's name contains a control character"));
        assert_eq!(kept(t, fine).line.state, NoticeState::Sent);
    }
}

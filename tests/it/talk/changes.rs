//! Changes that an approver asks for, and sending back (SPEC REQ-9).

use chrono::Duration;
use latchkey::app::AppError;
use latchkey::app::request::Update;
use latchkey::domain::Refusal;
use latchkey::domain::access::Denied;
use latchkey::domain::approval::Verdict;
use latchkey::domain::policy::{Expiry, Extension};
use latchkey::domain::request::{Changes, RequestState};
use latchkey::domain::revision::Edit;
use latchkey::domain::timeline::Step;
use latchkey::store::requests as kept;

use super::*;
use crate::requests::{decide, refusal, submit, sweep, try_decide};

on_both! {
    /// The whole way: asked for, told, changed, sent back to the same stage, asked again of everybody; the earlier
    /// vote stays in the history and does not count (REQ-9).
    fn req_9_a_changed_request_goes_back_to_the_same_stage(t: &mut Test) {
        let package = all_three(t);
        let id = submit(t, "alice", package);
        decide(t, "bob", id, Verdict::Approve);
        t.advance(Duration::days(3));
        let due = the_request(t, id).due_at.expect("due");
        ask(t, "mia", id, "Name the accounts, please.");
        let asked = the_request(t, id);
        assert_eq!(asked.state, RequestState::PendingApproval, "the state stays");
        assert_eq!(asked.due_at, Some(due), "the stage's time runs on");
        let mail = t.mails_to("alice@demo.example").pop().expect("a mail");
        assert_eq!(mail.kind, "changesRequested");
        assert!(mail.text.contains("Name the accounts, please."));
        assert!(mail.link("/requests/").ends_with(&format!("{id}/edit")));

        let before = t.mails().len();
        let mut sent = revision(t, id, "The accounts North and Fair");
        sent.answers = serde_json::json!({ "deal": "The autumn deal" });
        try_revise(t, "alice", &sent).expect("sent back");
        let back = the_request(t, id);
        assert_eq!((back.state, back.stage), (RequestState::PendingApproval, 1));
        assert_eq!(back.version, asked.version + 1);
        assert_eq!(back.due_at, Some(t.now() + Duration::days(14)), "the stage's time starts anew");
        assert_eq!(back.justification, "The accounts North and Fair");
        let steps: Vec<Step> = t.read(|c| kept::steps(c, id)).into_iter().map(|e| e.step).collect();
        let edits = steps.iter().find_map(|s| match s {
            Step::SentBack { edits, asked_again, stage: 1 } => Some((edits.clone(), *asked_again)),
            _ => None,
        });
        let (edits, asked_again) = edits.expect("the timeline tells");
        assert_eq!(asked_again, 1);
        assert_eq!(edits.len(), 2);
        assert_eq!(edits[0], Edit::Justification { before: "I start on Monday".into(), after: "The accounts North and Fair".into() });
        assert!(matches!(&edits[1], Edit::Answer { before, after, .. } if before == "The spring deal" && after == "The autumn deal"));

        // Everybody is asked again, by mail too, Bob included: his approval was for the earlier text.
        let mails = t.mails().split_off(before);
        for name in ["bob", "mia", "carol"] {
            let mails: Vec<_> = mails.iter().filter(|m| m.to == format!("{name}@demo.example")).collect();
            assert_eq!(mails.iter().filter(|m| m.kind == "approvalRequested").count(), 1, "{name}");
        }
        assert_eq!(t.count("votes"), 1, "the earlier vote is kept");
        assert!(t.read(|c| kept::votes_of(c, id)).is_empty());
        assert_eq!(t.read(|c| kept::superseded_votes_of(c, id)).len(), 1);
        for name in ["bob", "mia", "carol"] {
            assert_ne!(the_request(t, id).state, RequestState::Delivered, "before {name}");
            decide(t, name, id, Verdict::Approve);
        }
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
    }

    /// An extension is sent back like any request: another end within the policy's limit, never before the old one;
    /// the access goes on meanwhile, and ends as it was approved last (REQ-9, REQ-7).
    fn req_9_req_7_an_extension_is_changed_and_sent_back(t: &mut Test) {
        t.person("alice");
        t.person("bob");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let terms = Terms {
            custom_timeline: true,
            expiry: Expiry::AfterDays { days: 30 },
            extension: Extension { allowed: true, needs_approval: true },
            ..terms::members(vec![terms::manager()])
        };
        t.policy(package, "Everybody", &terms);
        let first = submit(t, "alice", package);
        decide(t, "bob", first, Verdict::Approve);
        let held = crate::requests::the_assignment(t, first);
        let old = held.ends_at.expect("it ends");
        t.advance(Duration::days(20));
        let wish = Update {
            assignment: held.id,
            changes: Changes::End,
            end: Some(old + Duration::days(14)),
            justification: "Two more weeks".into(),
            answers: serde_json::json!({}),
            token: String::new(),
        };
        let id = t.write_as("alice", |tx, cx, by| request::update(tx, cx, by, &wish));
        ask(t, "bob", id, "One week will do.");
        let sent = |end| Revision { wanted_end: Some(end), answers: serde_json::json!({}), ..revision(t, id, "One more week") };
        let shorter = refusal(try_revise(t, "alice", &sent(old - Duration::days(1))));
        assert!(matches!(shorter, Refusal::BadPeriod(_)), "{shorter:?}");
        let late = refusal(try_revise(t, "alice", &sent(old + Duration::days(365))));
        assert!(matches!(late, Refusal::BadPeriod(_)), "{late:?}");
        let early = Revision { wanted_start: Some(t.now()), ..sent(old + Duration::days(7)) };
        assert!(matches!(refusal(try_revise(t, "alice", &early)), Refusal::BadPeriod(_)), "an extension has no start");
        try_revise(t, "alice", &sent(old + Duration::days(7))).expect("sent back");
        let now = crate::requests::the_assignment(t, first);
        assert_eq!((now.state, now.ends_at), (held.state, Some(old)), "nothing changes while it waits");
        decide(t, "bob", id, Verdict::Approve);
        let now = crate::requests::the_assignment(t, first);
        assert_eq!((now.id, now.ends_at), (held.id, Some(old + Duration::days(7))));
        assert_eq!(t.count("assignments"), 1, "one assignment before and after");
    }

    /// Only approvers of the stage ask, once at a time, with words; only the requestor changes, only while it is
    /// asked for, and only if something is different (REQ-9).
    fn req_9_who_may_ask_and_who_may_change(t: &mut Test) {
        let s = t.sales();
        for name in ["dan", "carol", "root", "mia"] {
            t.person(name);
        }
        let id = submit(t, "alice", s.deal_desk);
        assert!(matches!(refusal(try_revise(t, "alice", &revision(t, id, "Other"))), Refusal::NoChangesAsked(_)));
        assert_eq!(refusal(try_ask(t, "alice", id, "Mine")), Refusal::OwnRequest);
        for name in ["dan", "carol", "root", "mia"] {
            assert_eq!(refusal(try_ask(t, name, id, "Please")), Refusal::NotAnApprover, "{name}");
        }
        assert_eq!(refusal(try_ask(t, "bob", id, "  ")), Refusal::NothingSaid);
        ask(t, "bob", id, "Which region?");
        assert_eq!(refusal(try_ask(t, "bob", id, "And when?")), Refusal::ChangesAskedAlready);
        for name in ["bob", "carol", "root", "dan"] {
            let sent = revision(t, id, "Somebody else's words");
            assert!(matches!(try_revise(t, name, &sent), Err(AppError::Denied(Denied::Forbidden { .. }))), "{name}");
        }
        assert_eq!(refusal(try_revise(t, "alice", &revision(t, id, "I start on Monday"))), Refusal::NothingRevised);
        let mut missing = revision(t, id, "North");
        missing.answers = serde_json::json!({});
        assert!(matches!(refusal(try_revise(t, "alice", &missing)), Refusal::BadAnswer(_)));
        let mut dated = revision(t, id, "North");
        dated.wanted_end = Some(t.now() + Duration::days(3));
        assert!(matches!(refusal(try_revise(t, "alice", &dated)), Refusal::BadPeriod(_)), "the policy gives no dates");
        revise(t, "alice", id, "North");
        assert!(matches!(refusal(try_revise(t, "alice", &revision(t, id, "South"))), Refusal::NoChangesAsked(_)));
        ask(t, "bob", id, "Again?");
    }

    /// While it waits, approvers may decide; then nothing is waited for any more. It expires as usual (APR-5).
    fn req_9_apr_5_it_does_not_wait_for_ever(t: &mut Test) {
        let s = t.sales();
        let decided = submit(t, "alice", s.deal_desk);
        ask(t, "bob", decided, "Which region?");
        decide(t, "bob", decided, Verdict::Approve);
        assert_eq!(the_request(t, decided).stage, 2);
        assert!(matches!(refusal(try_revise(t, "alice", &revision(t, decided, "North"))), Refusal::NoChangesAsked(_)));
        assert_eq!(t.texts("SELECT outcome AS n FROM change_requests"), ["overtaken"]);

        let late = submit(t, "alice", s.onboarding);
        ask(t, "bob", late, "Why?");
        t.clock.set(the_request(t, late).due_at.expect("due"));
        assert!(matches!(refusal(try_revise(t, "alice", &revision(t, late, "So"))), Refusal::PastDue(_)));
        sweep(t);
        assert_eq!(the_request(t, late).state, RequestState::Expired);
        assert_eq!(t.count("change_requests WHERE ended_at IS NULL"), 0);
    }

    /// What an approver saw before the change is not what they decide on (APR-12): the version says so.
    fn req_9_apr_12_a_decision_on_the_earlier_text_is_refused(t: &mut Test) {
        let package = all_three(t);
        let id = submit(t, "alice", package);
        let seen = the_request(t, id).version;
        ask(t, "mia", id, "Which?");
        revise(t, "alice", id, "This one");
        let bob = t.person("bob");
        let decided = t.try_as("bob", |tx, cx, _| {
            let decision = latchkey::app::request::Decision {
                request: id,
                stage: Some(1),
                seen_version: Some(seen),
                by: bob,
                verdict: Verdict::Approve,
                reason: String::new(),
                channel: latchkey::domain::approval::Channel::Portal,
                ip: String::new(),
            };
            request::decide(tx, cx, &decision)
        });
        assert_eq!(refusal(decided), Refusal::ChangedSinceOpened);
        try_decide(t, "bob", id, Verdict::Approve).expect("seen anew it counts");
    }

    /// Reminders come in the second round too (NOT-2).
    fn req_9_not_2_reminders_come_again(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        t.advance(Duration::days(8));
        sweep(t);
        ask(t, "bob", id, "Why?");
        revise(t, "alice", id, "So");
        t.advance(Duration::days(8));
        sweep(t);
        let reminders = t.notices_to("bob").iter().filter(|k| *k == "approvalReminder").count();
        assert_eq!(reminders, 2);
    }
}

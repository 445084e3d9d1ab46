//! Asking (SPEC REQ-1 to REQ-6).

use latchkey::app::request::{self, Submission};
use latchkey::domain::Refusal;
use latchkey::domain::approval::Verdict;
use latchkey::domain::policy::{Expiry, Extension, LinkMode, Terms};
use latchkey::domain::request::{RequestKind, RequestState};

use super::*;
use crate::support::terms;

on_both! {
    /// The main job: asked, decided, delivered, told, over (SPEC DLV-5, LIF-1).
    fn the_main_job_runs_from_request_to_end(t: &mut Test) {
        let s = t.sales();
        let (alice, bob) = (t.person("alice"), t.person("bob"));
        let id = submit(t, "alice", s.onboarding);
        let waiting = the_request(t, id);
        assert_eq!(waiting.state, RequestState::PendingApproval);
        assert_eq!(waiting.kind, RequestKind::UserAdd);
        assert!(!in_group(t, s.team, alice), "nothing before the decision");
        assert_eq!(mails_to(t, bob), ["approvalRequested"]);
        decide(t, "bob", id, Verdict::Approve);
        let done = the_request(t, id);
        assert_eq!(done.state, RequestState::Delivered);
        assert!(in_group(t, s.team, alice), "delivered at once in the portal's directory");
        let held = the_assignment(t, id);
        // Thirty calendar days in the instance's time zone, over the change to summer time.
        let zone = t.app.instance.time_zone;
        let end = held.ends_at.expect("it ends");
        let local = |at: latchkey::kernel::Moment| at.with_timezone(&zone).naive_local();
        assert_eq!(local(end), local(t.now()) + chrono::Duration::days(30));
        assert_eq!(mails_to(t, alice), ["accessDelivered"]);
        assert_eq!(mails_to(t, bob), ["approvalRequested", "decisionConfirmed", "requestApproved"]);
        t.advance(chrono::Duration::days(30));
        assert_eq!(sweep(t).ended, 1);
        assert!(!in_group(t, s.team, alice));
        assert_eq!(mails_to(t, alice), ["accessDelivered", "accessEnded"]);
        assert_eq!(sweep(t).ended, 0, "each timer fires once (I17)");
    }

    /// Each check of the gate, from real rows (SPEC REQ-1, CAT-2, POL-1, POL-2).
    fn req_1_the_gate_names_what_is_in_the_way(t: &mut Test) {
        let s = t.sales();
        t.person("alice");
        t.person("erin");
        t.person("dan");
        assert_eq!(refusal(try_submit(t, "dan", s.board_papers)), Refusal::NotAdmitted);
        assert_eq!(refusal(try_submit(t, "dan", s.contractor_kit)), Refusal::NotAdmitted);
        assert_eq!(refusal(try_submit(t, "erin", s.onboarding)), Refusal::NotAdmitted, "members only");
        let catalog = t.literal(&crate::support::raw::id(s.catalog));
        t.sql(&format!("UPDATE catalogs SET state = 'unpublished' WHERE id = {catalog}"));
        assert_eq!(refusal(try_submit(t, "alice", s.onboarding)), Refusal::CatalogUnpublished);
        t.sql(&format!("UPDATE catalogs SET state = 'published', external_enabled = FALSE WHERE id = {catalog}"));
        assert_eq!(refusal(try_submit(t, "erin", s.onboarding)), Refusal::CatalogClosedToGuests);
        t.sql("UPDATE policies SET enabled = FALSE");
        assert_eq!(refusal(try_submit(t, "alice", s.onboarding)), Refusal::NotAdmitted);
        t.sql("UPDATE policies SET enabled = TRUE");
        submit(t, "alice", s.onboarding);
        assert_eq!(refusal(try_submit(t, "alice", s.onboarding)), Refusal::AlreadyRequested);
        submit(t, "alice", s.price_list);
        assert_eq!(refusal(try_submit(t, "alice", s.price_list)), Refusal::AlreadyHeld);
    }

    /// Without stages the access is there at once (SPEC APR-1); it never ends by itself (LIF-1).
    fn no_approval_means_delivered_at_once(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let id = submit(t, "alice", s.price_list);
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
        assert_eq!(the_assignment(t, id).ends_at, None);
        assert!(in_group(t, s.team, alice));
        t.advance(chrono::Duration::days(4000));
        assert_eq!(sweep(t).ended, 0);
    }

    /// A repeated post of the same form is one request (SPEC REQ-3); another person's token finds nothing.
    fn req_3_a_second_click_makes_one_request(t: &mut Test) {
        let s = t.sales();
        t.person("alice");
        t.person("dan");
        let send = |who: &str| {
            t.try_as(who, |tx, cx, by| {
                let wish = Submission {
                    package: s.onboarding,
                    policy: None,
                    subject: by.user,
                    justification: "x".into(),
                    answers: serde_json::json!({}),
                    token: "the-same-form".into(),
                };
                request::submit(tx, cx, &wish)
            })
        };
        let first = send("alice").unwrap();
        assert_eq!(send("alice").unwrap(), first);
        assert_ne!(send("dan").unwrap(), first);
        assert_eq!(t.count("requests"), 2);
    }

    /// The strictest tier counts; several left: the requestor chooses (SPEC POL-3).
    fn pol_3_the_requestor_chooses_among_the_strictest(t: &mut Test) {
        let alice = t.person("alice");
        t.person("bob");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let short = Terms { expiry: Expiry::AfterDays { days: 1 }, ..terms::only(&[alice], vec![]) };
        let one = t.policy(package, "A day", &short);
        let two = t.policy(package, "With the manager", &terms::only(&[alice], vec![terms::manager()]));
        let everybody = t.policy(package, "Everybody", &terms::members(vec![]));
        assert_eq!(refusal(try_submit(t, "alice", package)), Refusal::ChoosePolicy);
        let with = |policy| {
            t.try_as("alice", |tx, cx, by| {
                let wish = Submission {
                    package,
                    policy: Some(policy),
                    subject: by.user,
                    justification: String::new(),
                    answers: serde_json::json!({}),
                    token: String::new(),
                };
                request::submit(tx, cx, &wish)
            })
        };
        assert_eq!(refusal(with(everybody)), Refusal::PolicyNotOffered);
        assert!(with(two).is_ok());
        assert_ne!(one, two);
        let id = submit(t, "bob", package);
        assert_eq!(the_request(t, id).policy, everybody, "one left: chosen silently");
    }

    /// The requestor must say why where the policy wants it (SPEC POL-6).
    fn pol_6_a_reason_where_the_policy_wants_one(t: &mut Test) {
        t.person("alice");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        t.policy(package, "P", &Terms { justification_required: true, ..terms::members(vec![]) });
        let silent = t.try_as("alice", |tx, cx, by| {
            let wish = Submission {
                package,
                policy: None,
                subject: by.user,
                justification: "  \n ".into(),
                answers: serde_json::json!({}),
                token: String::new(),
            };
            request::submit(tx, cx, &wish)
        });
        assert_eq!(refusal(silent), Refusal::JustificationRequired);
        assert_eq!(t.count("requests"), 0, "nothing half-done is left (I14)");
        submit(t, "alice", package);
    }

    /// The requestor cancels while it is pending, not later; a stranger finds nothing; who manages assignments may
    /// (SPEC REQ-5).
    fn req_5_cancel(t: &mut Test) {
        let s = t.sales();
        for name in ["alice", "dan", "sam", "carol"] {
            t.person(name);
        }
        let cancel = |who: &str, id| t.try_as(who, |tx, cx, by| request::cancel(tx, cx, id, by, "not needed"));
        let id = submit(t, "alice", s.onboarding);
        assert!(matches!(cancel("dan", id), Err(AppError::Denied(_))));
        cancel("alice", id).unwrap();
        assert_eq!(the_request(t, id).state, RequestState::Canceled);
        assert!(matches!(refusal(cancel("alice", id)), Refusal::NotCancelable(_)));
        let again = submit(t, "alice", s.onboarding);
        cancel("sam", again).unwrap();
        let third = submit(t, "alice", s.onboarding);
        assert!(matches!(refusal(try_decide(t, "bob", again, Verdict::Approve)), Refusal::NotPending(_)));
        decide(t, "bob", third, Verdict::Approve);
        assert!(matches!(refusal(cancel("alice", third)), Refusal::NotCancelable(_)));
    }

    /// A request keeps the policy as it was when it was sent (SPEC POL-4).
    fn pol_4_a_request_in_flight_keeps_its_terms(t: &mut Test) {
        let alice = t.person("alice");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let before = Terms { expiry: Expiry::AfterDays { days: 5 }, ..terms::members(vec![terms::manager()]) };
        let policy = t.policy(package, "P", &before);
        let id = submit(t, "alice", package);
        let mia = t.person("mia");
        let after = Terms {
            expiry: Expiry::Never,
            extension: Extension { allowed: true, needs_approval: false },
            link_mode: Some(LinkMode::NoticeOnly),
            ..terms::only(&[mia], vec![terms::by(mia)])
        };
        let now = t.now();
        t.write(|tx| {
            let old = latchkey::store::policies::find(tx, policy)?.expect("policy");
            Ok(latchkey::store::policies::save_version(tx, &old, &old.fields, Some(&after), None, now)?)
        });
        assert_eq!(refusal(try_decide(t, "mia", id, Verdict::Approve)), Refusal::NotAnApprover);
        decide(t, "bob", id, Verdict::Approve);
        assert_eq!(the_assignment(t, id).ends_at, Some(t.now() + chrono::Duration::days(5)));
        assert_eq!(the_request(t, id).policy_version, 1);
        assert_eq!(the_assignment(t, id).subject_id, alice);
    }
}

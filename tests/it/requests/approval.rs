//! Deciding (SPEC APR-1 to APR-7, APR-14), on real rows.

use latchkey::domain::Refusal;
use latchkey::domain::approval::{Circle, StageState, Step as Outcome, Verdict};
use latchkey::domain::policy::{Approver, Quorum, Stage};
use latchkey::domain::request::RequestState;
use latchkey::domain::timeline::Step;
use latchkey::store::requests;

use super::*;
use crate::support::{Test, terms};

on_both! {
    /// Stages come in order; the mails of each go to whom they concern (mails 2, 8, 11, 16, 7, 18).
    fn apr_1_two_stages_in_order(t: &mut Test) {
        let s = t.sales();
        let (alice, bob, mia) = (t.person("alice"), t.person("bob"), t.person("mia"));
        let id = submit(t, "alice", s.deal_desk);
        assert_eq!(refusal(try_decide(t, "mia", id, Verdict::Approve)), Refusal::NotAnApprover);
        assert_eq!(decide(t, "bob", id, Verdict::Approve).outcome, Outcome::NextStage(2));
        assert_eq!(refusal(try_decide(t, "bob", id, Verdict::Approve)), Refusal::NotAnApprover);
        assert_eq!(decide(t, "mia", id, Verdict::Approve).outcome, Outcome::Approved);
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
        let bobs: Vec<_> = mails_to(t, bob).into_iter().filter(|k| k != "decisionConfirmed").collect();
        assert_eq!(bobs, ["approvalRequested", "stageApproved", "requestApproved"]);
        let mias: Vec<_> = mails_to(t, mia).into_iter().filter(|k| k != "decisionConfirmed").collect();
        assert_eq!(mias, ["approvalRequested", "stageApproved"]);
        assert_eq!(mails_to(t, alice), ["accessDelivered"]);
    }

    /// Three stages, a quorum of two out of a group, and manager of level 2 (SPEC APR-1).
    fn apr_1_three_stages_with_quorum_and_level_2(t: &mut Test) {
        t.person("alice");
        t.person("root");
        for name in ["gus", "hana", "ivo"] {
            t.user(name).create();
        }
        t.user("lena").create();
        t.user("mona").manager("lena").create();
        t.user("nils").manager("mona").create();
        let team = t.group("Reviewers", &["gus", "hana", "ivo"]);
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let two_of = Stage { quorum: Quorum::AtLeast { n: 2 }, ..terms::stage(vec![Approver::Group { id: team }]) };
        let level_2 = terms::stage(vec![Approver::Manager { level: 2 }]);
        t.policy(package, "P", &terms::members(vec![terms::manager(), level_2, two_of]));
        let id = submit(t, "nils", package);
        assert_eq!(decide(t, "mona", id, Verdict::Approve).outcome, Outcome::NextStage(2));
        assert_eq!(decide(t, "lena", id, Verdict::Approve).outcome, Outcome::NextStage(3));
        assert_eq!(decide(t, "gus", id, Verdict::Approve).outcome, Outcome::Counted { approvals: 1, needed: 2 });
        assert_eq!(refusal(try_decide(t, "gus", id, Verdict::Approve)), Refusal::AlreadyVoted);
        assert_eq!(the_request(t, id).state, RequestState::PendingApproval);
        assert_eq!(decide(t, "ivo", id, Verdict::Approve).outcome, Outcome::Approved);
    }

    /// One denial ends it; later stages are never asked (SPEC APR-6, mail 9).
    fn apr_6_a_denial_ends_the_request(t: &mut Test) {
        let s = t.sales();
        let (alice, mia) = (t.person("alice"), t.person("mia"));
        let id = submit(t, "alice", s.deal_desk);
        decide(t, "bob", id, Verdict::Deny);
        let ended = the_request(t, id);
        assert_eq!((ended.state, ended.assignment), (RequestState::Denied, None));
        assert!(mails_to(t, mia).is_empty());
        assert_eq!(mails_to(t, alice), ["requestDenied"]);
        let states: Vec<_> = t.read(|c| requests::stages(c, id)).into_iter().map(|s| s.state).collect();
        assert_eq!(states, [StageState::Denied, StageState::Skipped]);
        submit(t, "alice", s.deal_desk);
    }

    /// Nobody approves their own request, not as named approver, not as a group member (SPEC APR-2, I4).
    fn apr_2_i4_nobody_decides_their_own_request(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        let team = t.group("Team", &["alice", "zoe"]);
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let both = vec![Approver::User { id: alice }, Approver::Group { id: team }];
        t.policy(package, "P", &terms::members(vec![terms::stage(both)]));
        let id = submit(t, "alice", package);
        assert_eq!(refusal(try_decide(t, "alice", id, Verdict::Approve)), Refusal::OwnRequest);
        assert_eq!(refusal(try_decide(t, "root", id, Verdict::Approve)), Refusal::NotAnApprover, "ROL-5");
        decide(t, "zoe", id, Verdict::Approve);
    }

    /// Named, then fallback, then the catalog's owners, then the administrators; the timeline says it (SPEC APR-3).
    fn apr_3_no_request_waits_on_nobody(t: &mut Test) {
        t.person("root");
        let mia = t.person("mia");
        t.user("loner").create();
        t.person("carol");
        let catalog = t.catalog("Tools", "carol");
        let with = Stage { fallback: vec![Approver::User { id: mia }], ..terms::manager() };
        let fallback = t.package(catalog, "With fallback", &[]);
        t.policy(fallback, "P", &terms::members(vec![with]));
        let none = t.package(catalog, "Without", &[]);
        t.policy(none, "P", &terms::members(vec![terms::manager()]));
        let circle_of = |id| {
            t.read(|c| requests::steps(c, id))
                .into_iter()
                .find_map(|e| if let Step::StageOpened { circle, .. } = e.step { Some(circle) } else { None })
                .expect("a stage opened")
        };
        let first = submit(t, "loner", fallback);
        assert_eq!(circle_of(first), Circle::Fallback);
        decide(t, "mia", first, Verdict::Approve);
        let second = submit(t, "loner", none);
        assert_eq!(circle_of(second), Circle::CatalogOwners);
        decide(t, "carol", second, Verdict::Approve);
        let third = submit(t, "carol", none);
        assert_eq!(circle_of(third), Circle::Administrators, "the only owner asks herself");
        decide(t, "root", third, Verdict::Approve);
    }

    /// At the limit it ends as expired, told apart from denied (SPEC APR-5, mails 6 and 10).
    fn apr_5_the_time_limit_expires_the_request(t: &mut Test) {
        let s = t.sales();
        let (alice, bob) = (t.person("alice"), t.person("bob"));
        let id = submit(t, "alice", s.onboarding);
        let due = the_request(t, id).due_at.expect("a due time");
        t.clock.set(due - chrono::Duration::seconds(1));
        assert_eq!(sweep(t).expired, 0);
        t.clock.set(due);
        assert!(matches!(refusal(try_decide(t, "bob", id, Verdict::Approve)), Refusal::PastDue(_)), "late sweep or not");
        assert_eq!(sweep(t).expired, 1);
        assert_eq!(the_request(t, id).state, RequestState::Expired);
        assert_eq!(mails_to(t, alice), ["requestExpired"]);
        assert!(mails_to(t, bob).contains(&"stageExpired".to_owned()));
        assert_eq!(sweep(t).expired, 0, "I17");
    }

    /// Halfway and one day before, only to those who can still act; one mail after a long downtime (SPEC NOT-2, I17).
    fn not_2_reminders_come_once_each(t: &mut Test) {
        let s = t.sales();
        let bob = t.person("bob");
        t.person("alice");
        let id = submit(t, "alice", s.onboarding);
        let reminders = |t: &Test| mails_to(t, bob).iter().filter(|k| *k == "approvalReminder").count();
        let due = the_request(t, id).due_at.expect("due");
        t.clock.set(due - chrono::Duration::hours(12));
        assert_eq!(sweep(t).reminded, 1);
        assert_eq!(reminders(t), 1, "two were due, one mail");
        assert_eq!(sweep(t).reminded, 0);
        let other = submit(t, "bob", s.onboarding);
        t.advance(chrono::Duration::hours(1));
        assert_eq!(sweep(t).reminded, 0);
        decide(t, "bob", id, Verdict::Approve);
        t.advance(chrono::Duration::days(3));
        sweep(t);
        assert_eq!(reminders(t), 1, "nobody is reminded of a decided request");
        assert_ne!(other, id);
    }

    /// The right to decide is read at decision time (SPEC APR-14, I5).
    fn apr_14_i5_rights_are_read_at_decision_time(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        let gus = t.user("gus").create();
        t.user("hana").create();
        let team = t.group("Team", &["gus"]);
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        t.policy(package, "P", &terms::members(vec![terms::stage(vec![Approver::Group { id: team }])]));
        let id = submit(t, "alice", package);
        assert_eq!(refusal(try_decide(t, "hana", id, Verdict::Approve)), Refusal::NotAnApprover);
        t.join(team, "hana");
        let gone = t.literal(&crate::support::raw::id(gus));
        t.sql(&format!("DELETE FROM group_members WHERE user_id = {gone}"));
        assert_eq!(refusal(try_decide(t, "gus", id, Verdict::Approve)), Refusal::NotAnApprover);
        decide(t, "hana", id, Verdict::Approve);
        assert_eq!(the_assignment(t, id).subject_id, alice);
    }
}

//! Holding and losing access (SPEC section 9, LIF-1, I6).

use latchkey::app::request;
use latchkey::app::request::Direct;
use latchkey::domain::Refusal;
use latchkey::domain::approval::Verdict;
use latchkey::domain::assignment::{AssignmentState, EndReason, effective};
use latchkey::domain::request::{RequestKind, RequestState};
use latchkey::domain::timeline::Step;
use latchkey::store::{assignments, requests};

use super::*;
use crate::support::{Test, terms};

on_both! {
    /// "I no longer need this": a request of its own, and nobody is mailed about it (SPEC ASG-3).
    fn asg_3_the_person_gives_access_up(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        t.person("dan");
        let id = submit(t, "alice", s.price_list);
        let held = the_assignment(t, id);
        let give_up = |who: &str| t.try_as(who, |tx, cx, by| request::give_up(tx, cx, held.id, by, "changed teams"));
        assert!(matches!(give_up("dan"), Err(AppError::NotFound)), "somebody else's access is not found");
        let removal = give_up("alice").unwrap();
        assert!(!in_group(t, s.team, alice));
        let ended = the_assignment(t, id);
        assert_eq!((ended.state, ended.end_reason), (AssignmentState::Expired, Some(EndReason::RemovedByUser)));
        let request = the_request(t, removal);
        assert_eq!((request.kind, request.state), (RequestKind::UserRemove, RequestState::Delivered));
        assert_eq!(refusal(give_up("alice")), Refusal::AlreadyEnded);
        assert_eq!(mails_to(t, alice), ["accessDelivered"]);
        submit(t, "alice", s.price_list);
    }

    /// Access whose time is over stands in nobody's way, also before the sweep has written its end down (I6, REQ-4).
    fn i6_who_lost_access_by_time_asks_again_at_once(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let id = submit(t, "alice", s.onboarding);
        decide(t, "bob", id, Verdict::Approve);
        let held = the_assignment(t, id);
        t.advance(chrono::Duration::days(31));
        assert!(the_assignment(t, id).state.is_live(), "no sweep has run");
        let page = t.sign_in("alice").page(&format!("/packages/{}", s.onboarding));
        assert!(page.count("a[href$='/request']") > 0, "it can be asked for again");
        let again = submit(t, "alice", s.onboarding);
        let ended = the_assignment(t, id);
        assert_eq!((ended.state, ended.end_reason), (AssignmentState::Expired, Some(EndReason::Time)));
        assert_eq!(ended.ended_at, held.ends_at, "it ended when its time was over");
        let by: Vec<_> = t.read(|c| requests::ending(c, held.id)).into_iter().map(|r| (r.kind, r.requestor)).collect();
        assert_eq!(by, [(RequestKind::SystemRemove, None)], "the clock ended it, not Alice");
        assert!(!in_group(t, s.team, alice));
        assert_eq!(the_request(t, again).state, RequestState::PendingApproval);
    }

    /// Assignment managers remove; readers and strangers do not (SPEC section 2, ROL-6).
    fn asg_3_managers_of_the_assignment_remove(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        for name in ["sam", "dan", "aud"] {
            t.person(name);
        }
        let id = submit(t, "alice", s.price_list);
        let held = the_assignment(t, id);
        let remove = |who: &str| t.try_as(who, |tx, cx, by| request::remove(tx, cx, held.id, by, "left the project"));
        use latchkey::domain::access::Denied;
        assert!(matches!(remove("dan"), Err(AppError::Denied(Denied::Invisible))));
        assert!(matches!(remove("aud"), Err(AppError::Denied(Denied::Forbidden { .. }))));
        remove("sam").unwrap();
        assert!(!in_group(t, s.team, alice));
        assert_eq!(mails_to(t, alice), ["accessDelivered", "accessEnded"]);
    }

    /// A role stays while another live assignment grants it (SPEC DLV-2).
    fn dlv_2_a_role_that_another_assignment_grants_stays(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let first = submit(t, "alice", s.price_list);
        let second = submit(t, "alice", s.onboarding);
        decide(t, "bob", second, Verdict::Approve);
        t.advance(chrono::Duration::days(30));
        assert_eq!(sweep(t).ended, 1);
        assert!(in_group(t, s.team, alice), "Price list still grants the team");
        let removal = t
            .read(|c| requests::ending(c, the_assignment(t, second).id))
            .expect("the expiry is a request");
        let steps = t.read(|c| requests::steps(c, removal.id));
        assert!(steps.iter().any(|e| matches!(e.step, Step::RoleKept { .. })));
        let held = the_assignment(t, first);
        t.write_as("alice", |tx, cx, by| request::give_up(tx, cx, held.id, by, ""));
        assert!(!in_group(t, s.team, alice), "the last one takes it along");
    }

    /// No access at or after the end, sweeper running or not (I6); the end is written as it was promised.
    fn i6_the_end_is_the_end_even_if_the_sweep_is_late(t: &mut Test) {
        let s = t.sales();
        t.person("alice");
        let id = submit(t, "alice", s.onboarding);
        decide(t, "bob", id, Verdict::Approve);
        let end = the_assignment(t, id).ends_at.expect("it ends");
        let on = |t: &Test| {
            let a = the_assignment(t, id);
            effective(a.state, a.starts_at, a.ends_at, t.now())
        };
        t.clock.set(end - chrono::Duration::seconds(1));
        assert!(on(t));
        t.clock.set(end);
        assert!(!on(t), "before any sweep");
        t.advance(chrono::Duration::days(7));
        assert_eq!(sweep(t).ended, 1);
        assert_eq!(the_assignment(t, id).ended_at, Some(end), "a late sweep does not extend access");
        assert_eq!(the_assignment(t, id).end_reason, Some(EndReason::Time));
    }

    /// Direct assignment: scope, approval and its bypass, each by whom the table permits (SPEC ASG-1, ROL-5).
    fn asg_1_direct_assignment(t: &mut Test) {
        let s = t.sales();
        for name in ["sam", "carol", "dan"] {
            t.person(name);
        }
        let zoe = t.user("zoe").manager("bob").create();
        t.person("bob");
        let give = |who: &str, package, policy, without_approval, why: &str| {
            t.try_as(who, |tx, cx, by| {
                let wish = Direct {
                    justification: why.into(),
                    without_approval,
                    ..Direct::new(package, policy, zoe)
                };
                request::assign(tx, cx, by, &wish)
            })
        };
        assert!(matches!(give("dan", s.contractor_kit, s.contractor_kit_policy, false, ""), Err(AppError::Denied(_))));
        let asked = give("sam", s.onboarding, s.onboarding_policy, false, "").unwrap();
        assert_eq!(the_request(t, asked).state, RequestState::PendingApproval, "approval applies");
        t.write_as("sam", |tx, cx, by| request::cancel(tx, cx, asked, by, ""));
        let bypass = give("sam", s.onboarding, s.onboarding_policy, true, "urgent");
        assert!(matches!(bypass, Err(AppError::Denied(_))), "assignment managers do not bypass");
        let no_reason = give("carol", s.onboarding, s.onboarding_policy, true, " ");
        assert_eq!(refusal(no_reason), Refusal::JustificationRequired);
        let done = give("carol", s.onboarding, s.onboarding_policy, true, "urgent").unwrap();
        assert!(in_group(t, s.team, zoe));
        let steps = t.read(|c| requests::steps(c, done));
        assert!(steps.iter().any(|e| matches!(&e.step, Step::ApprovalBypassed { reason } if reason == "urgent")));
    }

    /// An assignment that nobody approved is one of a policy without stages, or a recorded bypass (I3).
    fn i3_every_assignment_has_its_approvals(t: &mut Test) {
        let s = t.sales();
        t.person("alice");
        t.person("mia");
        let id = submit(t, "alice", s.deal_desk);
        decide(t, "bob", id, Verdict::Approve);
        assert_eq!(t.count("assignments"), 0, "one of two stages gives nothing");
        decide(t, "mia", id, Verdict::Approve);
        let unapproved = "SELECT COUNT(*) AS n FROM assignments a JOIN requests r ON r.assignment_id = a.id \
             JOIN request_stages s ON s.request_id = r.id WHERE s.state <> 'approved'";
        assert_eq!(t.number(unapproved), 0);
        assert_eq!(t.count("assignments"), 1);
    }

    /// Each role is delivered by itself (SPEC DLV-1); repeated work changes nothing (DLV-4).
    fn dlv_4_repeated_delivery_changes_nothing(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let id = submit(t, "alice", s.price_list);
        let held = the_assignment(t, id);
        let before = t.read(|c| assignments::deliveries_of(c, held.id));
        let cx = t.app.system_cx("again");
        assert!(!t.write(|tx| request::deliver_pending(tx, &cx, held.id)));
        assert_eq!(t.read(|c| assignments::deliveries_of(c, held.id)), before);
        assert!(in_group(t, s.team, alice));
        assert_eq!(mails_to(t, alice), ["accessDelivered"]);
        let _ = terms::members(vec![]);
    }
}

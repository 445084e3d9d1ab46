//! Access for a period that the person chose (SPEC POL-6, DLV-8).

use chrono::Duration;
use latchkey::app::request;
use latchkey::domain::assignment::{AssignmentState, EndReason};
use latchkey::domain::period::Period;
use latchkey::domain::policy::Terms;
use latchkey::domain::request::RequestState;
use latchkey::domain::timeline::Step;
use latchkey::kernel::Moment;

use super::*;
use crate::support::terms;

fn free(t: &mut Test, stages: Vec<latchkey::domain::policy::Stage>) -> PackageId {
    for name in ["alice", "bob", "sam"] {
        t.person(name);
    }
    let catalog = t.catalog("Tools", "carol");
    t.grant_in(catalog, latchkey::domain::access::CatalogRole::AssignmentManager, "sam");
    let team = t.group("Tool team", &[]);
    let resource = t.resource(catalog, "Tool team", Some(team), "carol");
    let role = t.role(resource, "Member", Some("member"));
    let package = t.package(catalog, "Tool", &[role]);
    t.policy(package, "Everybody", &Terms { custom_timeline: true, ..terms::members(stages) });
    package
}

fn ask(
    t: &Test,
    package: PackageId,
    start: Option<Moment>,
    end: Option<Moment>,
) -> Result<RequestId, AppError> {
    t.try_as("alice", |tx, cx, by| {
        let wish = Submission {
            package,
            policy: None,
            subject: by.user,
            justification: String::new(),
            answers: serde_json::json!({}),
            token: String::new(),
        };
        request::submit_for(tx, cx, &wish, Period { start, end })
    })
}

fn members(t: &Test) -> i64 {
    t.count("group_members")
}

on_both! {
    /// Approved for later: nothing is there until then, and at the start it is delivered; the policy's days count
    /// from the start (SPEC DLV-8, LIF-1).
    fn dlv_8_access_starts_when_it_was_wanted(t: &mut Test) {
        let package = free(t, vec![terms::manager()]);
        let start = t.now() + Duration::days(10);
        let id = ask(t, package, Some(start), None).expect("accepted");
        decide(t, "bob", id, Verdict::Approve);
        assert_eq!(the_request(t, id).state, RequestState::Scheduled);
        let a = the_assignment(t, id);
        assert_eq!((a.state, a.starts_at), (AssignmentState::Scheduled, start));
        // 30 days on the wall: the change to summer time lies between (I18).
        assert_eq!(a.ends_at.map(|end| end - start), Some(Duration::days(30) - Duration::hours(1)));
        t.clock.set(start - Duration::seconds(1));
        assert_eq!((sweep(t).started, members(t)), (0, 0));
        t.clock.set(start);
        assert_eq!((sweep(t).started, members(t)), (1, 1));
        assert_eq!(sweep(t).started, 0, "once (I17)");
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
    }

    /// A wanted end is kept, and the policy's limit is one (SPEC POL-6).
    fn pol_6_the_wanted_end_within_the_limit(t: &mut Test) {
        let package = free(t, vec![]);
        let (now, day) = (t.now(), Duration::days);
        for (start, end) in [(Some(now - day(2)), None), (Some(now + day(400)), None), (None, Some(now - day(1))), (None, Some(now + day(40))), (Some(now + day(5)), Some(now + day(4)))] {
            let got = ask(t, package, start, end);
            assert!(matches!(refusal(got), Refusal::BadPeriod(_)), "{start:?} {end:?}");
        }
        assert_eq!(t.count("requests"), 0);
        let id = ask(t, package, None, Some(now + day(7))).expect("accepted");
        assert_eq!(the_assignment(t, id).ends_at, Some(now + day(7)));
        t.clock.set(now + day(7));
        assert_eq!((sweep(t).ended, members(t)), (1, 0));
    }

    /// Until it starts, the person and whoever manages assignments can cancel (SPEC DLV-8, REQ-5).
    fn dlv_8_scheduled_access_can_be_cancelled_until_it_starts(t: &mut Test) {
        let package = free(t, vec![]);
        t.person("dan");
        let start = t.now() + Duration::days(10);
        let cancel = |t: &Test, who: &str, id| t.try_as(who, |tx, cx, by| request::cancel(tx, cx, id, by, "no"));
        for who in ["alice", "sam"] {
            let id = ask(t, package, Some(start), None).expect("accepted");
            assert_eq!(refusal(ask(t, package, None, None)), Refusal::AlreadyHeld, "it is theirs already (REQ-4)");
            assert!(matches!(cancel(t, "dan", id), Err(AppError::Denied(_))));
            cancel(t, who, id).expect("cancelled");
            assert_eq!(the_request(t, id).state, RequestState::Canceled);
            assert_eq!(the_assignment(t, id).state, AssignmentState::Expired);
        }
        let id = ask(t, package, Some(start), None).expect("accepted");
        t.clock.set(start);
        assert_eq!((sweep(t).started, members(t)), (1, 1));
        assert!(matches!(refusal(cancel(t, "alice", id)), Refusal::NotCancelable(_)));
    }

    /// At the start the account and separation of duties are looked at again (SPEC DLV-8, SOD-3).
    fn sod_3_what_stands_in_the_way_at_the_start_calls_it_off(t: &mut Test) {
        let package = free(t, vec![]);
        let alice = t.person("alice");
        let start = t.now() + Duration::days(10);
        let id = ask(t, package, Some(start), None).expect("accepted");
        let rivals = t.group("Rivals", &["alice"]);
        let conflict: latchkey::kernel::ids::PackageId = t.app.ids.next();
        t.insert("package_conflicts", &[
            ("id", crate::support::raw::id(conflict)),
            ("package_id", crate::support::raw::id(package)),
            ("group_id", crate::support::raw::id(rivals)),
        ]);
        t.clock.set(start);
        assert_eq!((sweep(t).started, members(t)), (1, 1), "only the rivals have her");
        assert_eq!(the_request(t, id).state, RequestState::Canceled);
        let a = the_assignment(t, id);
        assert_eq!((a.state, a.end_reason), (AssignmentState::Expired, Some(EndReason::PolicyScope)));
        let steps = t.read(|c| requests::steps(c, id));
        assert!(steps.iter().any(|e| matches!(&e.step, Step::Canceled { reason } if reason.contains("Rivals"))));
        assert_eq!(mails_to(t, alice), ["accessEnded"]);
        let said = t.mails_to("alice@demo.example");
        assert!(said.iter().any(|m| m.text.contains("Rivals")), "the mail says why");
        t.sql("DELETE FROM package_conflicts");
        let again = t.now() + Duration::days(3);
        let id = ask(t, package, Some(again), None).expect("accepted");
        t.sql(&format!("UPDATE users SET enabled = FALSE WHERE id = '{alice}'"));
        t.clock.set(again);
        sweep(t);
        assert_eq!(the_assignment(t, id).end_reason, Some(EndReason::Account));
    }
}

//! Extending access, changing its answers, and reminders of its end (SPEC REQ-7, LIF-2, NOT-2).

use chrono::Duration;
use latchkey::app::request::{self, Update};
use latchkey::domain::assignment::{AssignmentState, EndReason, effective};
use latchkey::domain::policy::{Expiry, Extension, Terms};
use latchkey::domain::request::{Changes, RequestKind, RequestState};
use latchkey::domain::timeline::Step;
use latchkey::kernel::Moment;
use latchkey::kernel::ids::{AssignmentId, PolicyId};
use latchkey::store::policies;

use super::*;
use crate::support::terms;

fn wish(assignment: AssignmentId) -> Update {
    Update {
        assignment,
        changes: Changes::End,
        end: None,
        justification: "The project goes on".into(),
        answers: serde_json::json!({}),
        token: String::new(),
    }
}

fn try_extend(t: &Test, who: &str, wish: &Update) -> Result<RequestId, AppError> {
    t.try_as(who, |tx, cx, by| request::update(tx, cx, by, wish))
}

fn extend(t: &Test, who: &str, assignment: AssignmentId) -> RequestId {
    try_extend(t, who, &wish(assignment)).expect("the extension is accepted")
}

fn held(t: &Test, id: AssignmentId) -> Assignment {
    t.read(|c| assignments::find(c, id)).expect("the assignment exists")
}

fn on(t: &Test, id: AssignmentId) -> bool {
    let a = held(t, id);
    effective(a.state, a.starts_at, a.ends_at, t.now())
}

/// Days on the wall from now until the end: the change to summer time takes an hour, and no day (I18).
fn left(t: &Test, id: AssignmentId) -> i64 {
    let local = |at: Moment| at.with_timezone(&t.app.instance.time_zone).naive_local();
    (local(held(t, id).ends_at.expect("it ends")).date() - local(t.now()).date()).num_days()
}

/// A package without approval, held by Alice; extension as told.
fn tool(t: &mut Test, terms: &Terms) -> (PolicyId, AssignmentId) {
    t.person("alice");
    t.person("bob");
    let catalog = t.catalog("Tools", "carol");
    let package = t.package(catalog, "Tool", &[]);
    let policy = t.policy(package, "Everybody", terms);
    let id = submit(t, "alice", package);
    if the_request(t, id).state == RequestState::PendingApproval {
        decide(t, "bob", id, Verdict::Approve);
    }
    (policy, the_assignment(t, id).id)
}

fn approved() -> Terms {
    Terms {
        extension: Extension { allowed: true, needs_approval: true },
        ..terms::members(vec![terms::manager()])
    }
}

/// Gives the policy another version.
fn change(t: &Test, policy: PolicyId, terms: &Terms) {
    let now = t.now();
    t.write(|tx| {
        let old = policies::find(tx, policy)?.expect("policy");
        Ok(policies::save_version(tx, &old, &old.fields, Some(terms), None, now)?)
    });
}

on_both! {
    /// Without approval the end moves at once, counted from now; it is the same assignment (SPEC REQ-7, LIF-2).
    fn req_7_an_extension_without_approval(t: &mut Test) {
        let (_, id) = tool(t, &terms::members(vec![terms::manager()]));
        t.advance(Duration::days(20));
        let made = extend(t, "alice", id);
        assert_eq!(left(t, id), 30);
        let request = the_request(t, made);
        assert_eq!((request.kind, request.state), (RequestKind::UserUpdate, RequestState::Delivered));
        assert_eq!((request.assignment, request.changes), (Some(id), Some(Changes::End)));
        assert_eq!(t.count("assignments"), 1, "one assignment before and after");
        let steps = t.read(|c| requests::steps(c, made));
        assert!(steps.iter().any(|e| matches!(&e.step, Step::Extended { before: Some(_), ends_at: Some(_) })));
        assert_eq!(t.count("audit_events WHERE action = 'assignment.extend'"), 1);
        // Extending twice in the same breath gives nothing more.
        assert_eq!(refusal(try_extend(t, "alice", &wish(id))), Refusal::AtTheLimit);
        assert_eq!(left(t, id), 30);
    }

    /// With approval access goes on while it waits; approved the end counts from the decision, without a gap (SPEC
    /// REQ-7).
    fn req_7_an_extension_with_approval(t: &mut Test) {
        let (_, id) = tool(t, &approved());
        t.advance(Duration::days(25));
        let made = extend(t, "alice", id);
        assert_eq!(the_request(t, made).state, RequestState::PendingApproval);
        assert_eq!(refusal(try_extend(t, "alice", &wish(id))), Refusal::AlreadyRequested);
        t.advance(Duration::days(4));
        assert!(on(t, id));
        assert_eq!(left(t, id), 1);
        decide(t, "bob", made, Verdict::Approve);
        assert_eq!(left(t, id), 30);
        t.advance(Duration::days(2));
        assert_eq!(sweep(t).ended, 0, "the old end is none any more");
        assert!(on(t, id));
        assert_eq!(t.count("assignments"), 1);
        let bob = t.person("bob");
        assert!(mails_to(t, bob).iter().filter(|k| *k == "approvalRequested").count() == 2);
    }

    /// Denial, time-out and taking it back leave the old end (SPEC REQ-7).
    fn req_7_whatever_is_not_approved_leaves_the_old_end(t: &mut Test) {
        let long = Terms { expiry: Expiry::AfterDays { days: 90 }, ..approved() };
        let (_, id) = tool(t, &long);
        let end = held(t, id).ends_at;
        t.advance(Duration::hours(1));
        let denied = extend(t, "alice", id);
        decide(t, "bob", denied, Verdict::Deny);
        let late = extend(t, "alice", id);
        t.advance(Duration::days(15));
        assert_eq!(sweep(t).expired, 1);
        assert_eq!(the_request(t, late).state, RequestState::Expired);
        let back = extend(t, "alice", id);
        t.write_as("alice", |tx, cx, by| request::cancel(tx, cx, back, by, "not needed"));
        assert_eq!(the_request(t, back).state, RequestState::Canceled);
        let a = held(t, id);
        assert_eq!((a.ends_at, a.state), (end, AssignmentState::Delivered), "cancelling takes no access away");
        assert!(on(t, id));
    }

    /// No access at or after the end while an extension waits, and no approval brings it back (I6, SPEC REQ-7).
    fn i6_access_ends_while_the_extension_waits(t: &mut Test) {
        let (_, id) = tool(t, &approved());
        t.advance(Duration::days(28));
        let made = extend(t, "alice", id);
        let end = held(t, id).ends_at.expect("it ends");
        t.clock.set(end - Duration::seconds(1));
        assert!(on(t, id));
        t.clock.set(end);
        assert!(!on(t, id), "before any sweep");
        assert_eq!(refusal(try_decide(t, "bob", made, Verdict::Approve)), Refusal::EndedMeanwhile);
        assert_eq!(held(t, id).ends_at, Some(end));
        assert_eq!(sweep(t).ended, 1);
        let over = held(t, id);
        assert_eq!((over.state, over.end_reason, over.ended_at), (AssignmentState::Expired, Some(EndReason::Time), Some(end)));
        assert_eq!(the_request(t, made).state, RequestState::Canceled);
        let steps = t.read(|c| requests::steps(c, made));
        assert!(steps.iter().any(|e| matches!(&e.step, Step::Canceled { reason } if reason.contains("its time was over"))));
        assert!(matches!(refusal(try_decide(t, "bob", made, Verdict::Approve)), Refusal::NotPending(_)));
        assert_eq!(refusal(try_extend(t, "alice", &wish(id))), Refusal::AlreadyEnded);
    }

    /// Each thing that stands in the way has its own words; somebody else's access is not found (SPEC REQ-7).
    fn req_7_what_stands_in_the_way(t: &mut Test) {
        let open = terms::members(vec![]);
        let (policy, id) = tool(t, &open);
        t.person("dan");
        t.advance(Duration::hours(1));
        let no = |t: &Test| refusal(try_extend(t, "alice", &wish(id)));
        assert!(matches!(try_extend(t, "dan", &wish(id)), Err(AppError::NotFound)));
        assert!(matches!(try_extend(t, "bob", &wish(id)), Err(AppError::NotFound)), "nor by the manager");
        change(t, policy, &Terms { extension: Extension::default(), ..open.clone() });
        assert_eq!(no(t), Refusal::ExtensionNotAllowed);
        let dan = t.person("dan");
        change(t, policy, &terms::only(&[dan], vec![]));
        assert_eq!(no(t), Refusal::NoLongerAdmitted);
        change(t, policy, &Terms { justification_required: true, ..open.clone() });
        let silent = Update { justification: " ".into(), ..wish(id) };
        assert_eq!(refusal(try_extend(t, "alice", &silent)), Refusal::JustificationRequired);
        t.sql("UPDATE policies SET enabled = FALSE");
        assert_eq!(no(t), Refusal::PolicySwitchedOff);
        t.sql("UPDATE policies SET enabled = TRUE");
        t.sql("UPDATE catalogs SET state = 'unpublished'");
        assert_eq!(no(t), Refusal::CatalogUnpublished);
        t.sql("UPDATE catalogs SET state = 'published'");
        change(t, policy, &Terms { expiry: Expiry::Never, ..open });
        extend(t, "alice", id);
        assert_eq!(held(t, id).ends_at, None);
        assert_eq!(no(t), Refusal::NothingToExtend);
    }

    /// Never past the policy's fixed date (SPEC REQ-7), and a wanted end only where the policy takes one (POL-6).
    fn req_7_never_past_the_fixed_date(t: &mut Test) {
        let date = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).expect("a day");
        let (policy, id) = tool(t, &terms::members(vec![]));
        let base = terms::members(vec![]);
        let fixed = Terms { expiry: Expiry::OnDate { date }, ..base.clone() };
        change(t, policy, &fixed);
        assert_eq!(refusal(try_extend(t, "alice", &wish(id))), Refusal::AtTheLimit, "it ends after that day");
        let end: Moment = "2026-04-10T22:00:00Z".parse().expect("an instant");
        t.sql(&format!("UPDATE assignments SET ends_at = {}", t.literal(&"2026-03-10T09:00:00Z".parse::<Moment>().expect("an instant").into())));
        let asks = Update { end: Some(end), ..wish(id) };
        assert!(matches!(refusal(try_extend(t, "alice", &asks)), Refusal::BadPeriod(_)), "the policy gives no choice");
        change(t, policy, &Terms { custom_timeline: true, ..fixed });
        assert!(matches!(refusal(try_extend(t, "alice", &asks)), Refusal::BadPeriod(_)), "past the fixed date");
        extend(t, "alice", id);
        assert_eq!(held(t, id).ends_at, Some("2026-03-31T22:00:00Z".parse().expect("an instant")));
        change(t, policy, &Terms { custom_timeline: true, expiry: Expiry::AfterDays { days: 60 }, ..base });
        try_extend(t, "alice", &asks).expect("within the limit");
        assert_eq!(held(t, id).ends_at, Some(end));
    }

    /// A repeated post of the form is one extension (SPEC REQ-3).
    fn req_3_a_second_click_extends_once(t: &mut Test) {
        let (_, id) = tool(t, &approved());
        t.advance(Duration::hours(1));
        let form = Update { token: "the-same-form".into(), ..wish(id) };
        let first = try_extend(t, "alice", &form).expect("accepted");
        assert_eq!(try_extend(t, "alice", &form).expect("the same"), first);
    }

    /// Of an end and an approval at the same moment one wins, and there is never more than one live assignment (I2).
    fn i2_the_sweep_and_an_approval_at_once(t: &mut Test) {
        let (_, id) = tool(t, &approved());
        t.advance(Duration::days(28));
        let made = extend(t, "alice", id);
        t.clock.set(held(t, id).ends_at.expect("it ends"));
        let barrier = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            let (app, gate) = (t.app.clone(), &barrier);
            scope.spawn(move || {
                gate.wait();
                sweeps::run(&app).expect("the sweep runs");
            });
            gate.wait();
            assert!(try_decide(t, "bob", made, Verdict::Approve).is_err());
        });
        sweep(t);
        assert_eq!(held(t, id).state, AssignmentState::Expired);
        assert_eq!(the_request(t, made).state, RequestState::Canceled);
    }

    /// Answers that can be changed later, alone or with an extension; the others stay (SPEC QST-1, REQ-7).
    fn req_7_changed_answers(t: &mut Test) {
        let mut asks = terms::members(vec![]);
        asks.questions = vec![terms::question("deal", "Which deal?", true), terms::question("seat", "Which seat?", false)];
        asks.questions[1].editable_later = true;
        let (policy, id) = tool(t, &asks);
        let change_to = |answers: serde_json::Value| Update { changes: Changes::Answers, answers, ..wish(id) };
        let end = held(t, id).ends_at;
        let made = try_extend(t, "alice", &change_to(serde_json::json!({ "seat": "12" }))).expect("accepted");
        assert_eq!(held(t, id).ends_at, end, "the end stays");
        let kept = the_request(t, made).answers.to_string();
        assert!(kept.contains("The spring deal") && kept.contains("12"), "{kept}");
        let same = try_extend(t, "alice", &change_to(serde_json::json!({ "seat": "12" })));
        assert_eq!(refusal(same), Refusal::NothingChanged);
        let fixed = try_extend(t, "alice", &change_to(serde_json::json!({ "deal": "Another", "seat": "3" })));
        assert!(matches!(refusal(fixed), Refusal::BadAnswer(_)));
        asks.questions[1].editable_later = false;
        change(t, policy, &asks);
        let none = try_extend(t, "alice", &change_to(serde_json::json!({ "seat": "4" })));
        assert_eq!(refusal(none), Refusal::NoAnswersToChange);
        assert_eq!(t.count("requests WHERE kind = 'userUpdate'"), 1);
    }

    /// Reminders 14 days and 1 day before, each once, also with a late sweep and two schedulers; an extension plans
    /// them anew (SPEC NOT-2, I17).
    fn not_2_i17_reminders_of_the_end(t: &mut Test) {
        let (_, id) = tool(t, &terms::members(vec![]));
        let end = held(t, id).ends_at.expect("it ends");
        let reminders = |t: &Test| t.notices_to("alice").into_iter().filter(|k| k == "extensionReminder").count();
        t.clock.set(end - Duration::days(14) - Duration::seconds(1));
        assert_eq!(sweep(t).ending, 0);
        t.clock.set(end - Duration::days(14));
        let barrier = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let (app, gate) = (t.app.clone(), &barrier);
                scope.spawn(move || {
                    gate.wait();
                    sweeps::run(&app).expect("the sweep runs");
                });
            }
        });
        assert_eq!(sweep(t).ending, 0);
        assert_eq!(reminders(t), 1);
        let mail = t.mails_to("alice@demo.example").into_iter().find(|m| m.kind == "extensionReminder").expect("a mail");
        assert!(mail.links().iter().any(|l| l.ends_with(&format!("/access/{id}/extend"))), "{:?}", mail.links());
        extend(t, "alice", id);
        t.clock.set(end - Duration::days(1));
        assert_eq!(sweep(t).ending, 0, "the old end counts no more");
        // Down over both times: one mail, and nothing after the end.
        let end = held(t, id).ends_at.expect("it ends");
        t.clock.set(end - Duration::hours(5));
        assert_eq!(sweep(t).ending, 1);
        assert_eq!(sweep(t).ending, 0);
        assert_eq!(reminders(t), 2);
    }

    /// No reminder where the access cannot be extended, and none goes out when that changed since (SPEC NOT-1, NOT-2).
    fn not_2_no_reminder_of_what_cannot_be_extended(t: &mut Test) {
        let open = terms::members(vec![]);
        let (policy, id) = tool(t, &open);
        change(t, policy, &Terms { extension: Extension::default(), ..open.clone() });
        let end = held(t, id).ends_at.expect("it ends");
        t.clock.set(end - Duration::days(14));
        assert_eq!(sweep(t).ending, 0);
        change(t, policy, &open);
        t.clock.set(end - Duration::days(1));
        assert_eq!(sweep(t).ending, 1);
        // Before the mail is sent, the policy is switched off: it is dropped.
        t.sql("UPDATE policies SET enabled = FALSE");
        assert!(!t.mails_to("alice@demo.example").iter().any(|m| m.kind == "extensionReminder"));
        assert_eq!(t.count("notices WHERE kind = 'extensionReminder' AND state = 'dropped'"), 1);
    }
}

//! Removing many and changing the end of many (SPEC ASG-3, section 8 `adminUpdate`).

use chrono::Duration;
use latchkey::app::AppError;
use latchkey::app::{bulk, request};
use latchkey::domain::Refusal;
use latchkey::domain::access::Denied;
use latchkey::domain::bulk::{NewEnd, RowState};
use latchkey::domain::policy::{Expiry, Terms};
use latchkey::domain::request::{RequestKind, RequestState};
use latchkey::domain::timeline::Step;
use latchkey::kernel::ids::AssignmentId;
use latchkey::store::{assignments, requests};

use super::*;
use crate::requests::{refusal, the_request};
use crate::support::Test;

/// A package for thirty days that these people hold.
fn thirty_days(t: &mut Test, n: usize) -> (PackageId, PolicyId, Vec<AssignmentId>) {
    let s = t.sales();
    crowd(t, n);
    let package = t.package(s.catalog, "Tools", &[s.team_member]);
    let days = Terms { expiry: Expiry::AfterDays { days: 30 }, ..Terms::direct_only() };
    let policy = t.policy(package, "Thirty days", &days);
    let names: Vec<String> = (0..n).map(|n| format!("p{n}@demo.example")).collect();
    let id =
        draft(t, "sam", package, &plainly(policy), &names.iter().map(String::as_str).collect::<Vec<_>>());
    begin(t, "sam", id);
    bulk::run(&t.app, id, Batch::AT_ONCE).unwrap();
    let ids = rows(t, id).into_iter().filter_map(|r| r.assignment).collect();
    (package, policy, ids)
}

fn end_of(t: &Test, id: AssignmentId) -> Option<latchkey::kernel::Moment> {
    t.read(|c| assignments::find(c, id)).expect("there").ends_at
}

on_both! {
    /// Many are removed with one reason; what ended meanwhile needs nothing (SPEC ASG-3, PGE-4).
    fn asg_3_many_are_removed_with_one_reason(t: &mut Test) {
        let (package, _, ids) = thirty_days(t, 4);
        let none: Vec<AssignmentId> = Vec::new();
        let draft = |who: &str, ids: &[AssignmentId]| {
            t.try_as(who, |tx, cx, by| bulk::remove_draft(tx, cx, by, package, ids))
        };
        assert!(matches!(draft("dan", &ids), Err(AppError::Denied(Denied::Invisible))));
        assert!(matches!(draft("aud", &ids), Err(AppError::Denied(Denied::Forbidden { .. }))));
        assert_eq!(refusal(draft("sam", &none)), Refusal::NothingToDo);
        let id = draft("sam", &ids[..3]).unwrap();
        t.write_as("p1", |tx, cx, by| request::give_up(tx, cx, ids[1], by, ""));
        assert!(begin(t, "sam", id));
        at_once(t, id);
        assert_eq!(states(t, id), [RowState::Done, RowState::Skipped, RowState::Done]);
        let removal = rows(t, id)[0].request.expect("a request");
        let removal = the_request(t, removal);
        assert_eq!((removal.kind, removal.justification.as_str()), (RequestKind::AdminRemove, "as agreed"));
        assert_eq!(t.notices_to("p0"), ["accessDelivered", "accessEnded"]);
        assert_eq!(t.count("assignments WHERE state <> 'expired'"), 1);
    }

    /// Another end, earlier or later within the policy's limit, or its own: a request with its timeline, the person is
    /// told, and the end of now is what ends it (SPEC section 8 `adminUpdate`, I6).
    fn admin_update_changes_the_end_of_many(t: &mut Test) {
        let (package, policy, ids) = thirty_days(t, 3);
        t.advance(Duration::days(5));
        let old = end_of(t, ids[0]);
        let id = t.write_as("sam", |tx, cx, by| bulk::end_draft(tx, cx, by, package, &ids));
        let other = t.try_as("carol", |tx, cx, by| bulk::check_end(tx, cx, by, id, NewEnd::Policy, ""));
        assert!(matches!(other, Err(AppError::Denied(Denied::Invisible))), "a draft is its author's own");
        let check = |end| {
            t.write_as("sam", |tx, cx, by| bulk::check_end(tx, cx, by, id, end, "The project ends"));
            states(t, id)
        };
        assert_eq!(check(NewEnd::Policy), [RowState::Skipped; 3], "it ends then already");
        let far = t.now() + Duration::days(32);
        assert_eq!(check(NewEnd::At { at: far }), [RowState::Refused; 3], "past what the policy gives from now");
        let soon = t.now() + Duration::days(2);
        assert_eq!(check(NewEnd::At { at: soon }), [RowState::Waiting; 3]);
        assert_eq!(end_of(t, ids[0]), old, "a check changes nothing");
        assert!(begin(t, "sam", id));
        at_once(t, id);
        assert_eq!(work(t, id).counts.done, 3);
        assert_eq!(end_of(t, ids[0]), Some(soon));
        let made = rows(t, id)[0].request.expect("a request");
        let made_row = the_request(t, made);
        assert_eq!((made_row.kind, made_row.state), (RequestKind::AdminUpdate, RequestState::Delivered));
        let steps = t.read(|c| requests::steps(c, made));
        assert!(matches!(&steps[0].step, Step::EndChanged { before, ends_at, .. } if *before == old && *ends_at == Some(soon)));
        let mails = t.mails_to("p0@demo.example");
        let last = mails.last().expect("a mail");
        assert_eq!(last.kind, "endChanged");
        assert!(last.text.contains("ends earlier") && last.text.contains("The words that were given"), "{}", last.text);
        assert_eq!(t.count("audit_events WHERE action = 'assignment.changeEnd'"), 3);
        // Back to the policy's own end, for one.
        t.write_as("carol", |tx, cx, by| request::change_end(tx, cx, by, ids[1], NewEnd::Policy, ""));
        assert_eq!(end_of(t, ids[1]), old);
        t.advance(Duration::days(3));
        t.run_jobs();
        assert_eq!(t.count("assignments WHERE state <> 'expired'"), 1);
        let over = t.try_as("sam", |tx, cx, by| request::change_end(tx, cx, by, ids[0], NewEnd::Policy, ""));
        assert_eq!(refusal(over), Refusal::AlreadyEnded, "what is over stays over");
        t.sql(&format!("UPDATE policies SET enabled = FALSE WHERE id = '{policy}'"));
        let stranger = t.try_as("dan", |tx, cx, by| request::change_end(tx, cx, by, ids[1], NewEnd::Policy, ""));
        assert!(matches!(stranger, Err(AppError::Denied(Denied::Invisible))));
    }

    /// Nobody keeps for longer what conflicts with something else of theirs; earlier is always right (SPEC SOD-1).
    fn sod_1_no_later_end_in_a_conflict(t: &mut Test) {
        let (package, _, ids) = thirty_days(t, 1);
        let group = t.group("Auditors of sales", &["p0"]);
        t.insert("package_conflicts", &[
            ("id", crate::support::raw::id(t.app.ids.next::<PolicyId>())),
            ("package_id", crate::support::raw::id(package)),
            ("group_id", crate::support::raw::id(group)),
        ]);
        t.advance(Duration::days(5));
        let change = |days| {
            let end = NewEnd::At { at: t.now() + Duration::days(days) };
            t.try_as("sam", |tx, cx, by| request::change_end(tx, cx, by, ids[0], end, ""))
        };
        assert!(matches!(refusal(change(29)), Refusal::Conflict(_)));
        change(3).unwrap();
    }
}

//! What a task does to a request, an assignment and its roles, whoever comes at the same moment.

use latchkey::app::fulfil::{self, Answer, Choice};
use latchkey::app::{AppError, request};
use latchkey::domain::Refusal;
use latchkey::domain::access::Denied;
use latchkey::domain::assignment::AssignmentState;
use latchkey::domain::delivery::DeliveryState;
use latchkey::domain::fulfilment::{ManualSettings, TaskAction, TaskState};
use latchkey::domain::request::RequestState;
use latchkey::domain::timeline::Step;
use latchkey::kernel::ids::{AssignmentId, RequestId};
use latchkey::store::{assignments, requests as kept, resources};

use super::*;
use crate::requests::{mails_to, refusal, sweep, the_assignment, the_request};

fn states(t: &Test, id: AssignmentId) -> Vec<DeliveryState> {
    t.read(|c| assignments::deliveries_of(c, id)).iter().map(|d| d.state).collect()
}

fn steps(t: &Test, id: RequestId) -> Vec<Step> {
    t.read(|c| kept::steps(c, id)).into_iter().map(|e| e.step).collect()
}

fn give_up(t: &Test, who: &str, id: AssignmentId) -> RequestId {
    t.write_as(who, |tx, cx, me| request::give_up(tx, cx, id, me, ""))
}

on_both! {
    /// Granted by hand: a task for the owner, access only when it is done, and who did it is known (SPEC DLV-5, DLV-6).
    fn dlv_6_a_grant_waits_for_the_owner_and_then_counts(t: &mut Test) {
        let (s, account) = by_hand(t);
        let (alice, carol) = (t.person("alice"), t.person("carol"));
        let id = ask(t, "alice", account);
        let task = the_open(t);
        assert_eq!((task.action, task.subject_id), (TaskAction::Grant, alice));
        assert_eq!(task.due_at, t.now() + chrono::Duration::days(3));
        assert_eq!(the_assignment(t, id).state, AssignmentState::Delivering);
        assert_eq!(mails_to(t, carol), ["fulfilmentTask"]);
        assert!(mails_to(t, alice).is_empty() && !holds(t, &s, alice), "not before it is done");
        sweep(t);
        assert_eq!(the_open(t).id, task.id, "no timer takes it up");
        t.advance(chrono::Duration::hours(1));
        done(t, "carol", task.id);
        assert_eq!(the_assignment(t, id).state, AssignmentState::Delivered);
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
        assert!(holds(t, &s, alice) && nothing_open(t));
        assert_eq!(mails_to(t, alice), ["accessDelivered"]);
        let by: Vec<_> = t.read(|c| kept::steps(c, id)).into_iter()
            .filter(|e| matches!(e.step, Step::RoleDelivered { .. })).map(|e| e.actor).collect();
        assert_eq!(by, [Some(carol)]);
        assert_eq!(t.count("audit_events WHERE action = 'task.done'"), 1);
    }

    /// Taken back by hand: the removal is over when the owner says so.
    fn dlv_6_a_removal_is_a_task_too(t: &mut Test) {
        let (s, account) = by_hand(t);
        let alice = t.person("alice");
        let held = the_assignment(t, ask(t, "alice", account)).id;
        done(t, "carol", the_open(t).id);
        t.advance(chrono::Duration::days(1));
        let removal = give_up(t, "alice", held);
        let task = the_open(t);
        assert_eq!(task.action, TaskAction::Revoke);
        assert_eq!((the_request(t, removal).state, states(t, held)), (RequestState::Delivering, vec![DeliveryState::Removing]));
        done(t, "carol", task.id);
        assert_eq!((the_request(t, removal).state, states(t, held)), (RequestState::Delivered, vec![DeliveryState::Removed]));
        assert!(!holds(t, &s, alice));
    }

    /// "You now have access" waits for the slowest of several ways (SPEC DLV-5).
    fn dlv_5_everything_has_to_be_in_place(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let wish = request::Direct::new(s.contractor_kit, s.contractor_kit_policy, alice);
        let id = t.write_as("carol", |tx, cx, me| request::assign(tx, cx, me, &wish));
        let held = the_assignment(t, id);
        assert_eq!(held.state, AssignmentState::Delivering);
        let mut both = states(t, held.id);
        both.sort_unstable();
        assert_eq!(both, [DeliveryState::Pending, DeliveryState::Delivered]);
        assert!(mails_to(t, alice).is_empty());
        done(t, "carol", the_open(t).id);
        assert_eq!(the_assignment(t, id).state, AssignmentState::Delivered);
        assert_eq!(mails_to(t, alice), ["accessDelivered"]);
    }

    /// Cannot be done: a reason, the delivery has failed with it, and another try is another task.
    fn dlv_6_cannot_be_done_needs_a_reason_and_fails_the_delivery(t: &mut Test) {
        let (_, account) = by_hand(t);
        let id = ask(t, "alice", account);
        let task = the_open(t);
        assert_eq!(refusal(answer(t, "carol", task.id, Answer::Cannot, "  ")), Refusal::TaskReasonRequired);
        answer(t, "carol", task.id, Answer::Cannot, "No licence left").unwrap();
        let held = the_assignment(t, id);
        assert_eq!((held.state, the_request(t, id).state), (AssignmentState::DeliveryFailed, RequestState::DeliveryFailed));
        let delivery = t.read(|c| assignments::deliveries_of(c, held.id)).remove(0);
        assert_eq!(delivery.state, DeliveryState::Failed);
        assert!(delivery.error.unwrap().ends_with("No licence left"));
        assert!(steps(t, id).iter().any(|s| matches!(s, Step::RoleFailed { error, .. } if error.ends_with("No licence left"))));
        give_up(t, "alice", held.id);
        assert!(nothing_open(t), "what was never given is not taken back");
    }

    /// A removal that comes before the grant is done cancels it, and is done at once (I10, SPEC DLV-4).
    fn i10_a_removal_overtakes_an_open_grant(t: &mut Test) {
        let (_, account) = by_hand(t);
        let id = ask(t, "alice", account);
        let task = the_open(t);
        let held = the_assignment(t, id).id;
        let removal = give_up(t, "alice", held);
        assert!(nothing_open(t));
        assert_eq!(all(t)[0].state, TaskState::Canceled);
        assert_eq!((the_request(t, removal).state, states(t, held)), (RequestState::Delivered, vec![DeliveryState::Removed]));
        assert!(matches!(refusal(answer(t, "carol", task.id, Answer::Done, "")), Refusal::TaskClosed(_)));
    }

    /// A grant that comes before the removal is done cancels that: the person keeps what they have (I10). The same
    /// package can be asked for when its removal is over; another one with the same role at once.
    fn i10_a_grant_cancels_an_open_removal(t: &mut Test) {
        let (s, account) = by_hand(t);
        let other = t.package(s.catalog, "CRM guest", &[s.crm_user]);
        t.policy(other, "All members", &terms::members(vec![]));
        let alice = t.person("alice");
        let first = the_assignment(t, ask(t, "alice", account)).id;
        done(t, "carol", the_open(t).id);
        let removal = give_up(t, "alice", first);
        assert_eq!(the_open(t).action, TaskAction::Revoke);
        assert!(crate::requests::try_submit(t, "alice", account).is_err(), "its removal is still under way");
        let again = ask(t, "alice", other);
        assert!(nothing_open(t));
        assert_eq!(the_assignment(t, again).state, AssignmentState::Delivered);
        sweep(t);
        assert_eq!(states(t, first), [DeliveryState::Removed], "kept, because the new access grants it");
        assert_eq!(the_request(t, removal).state, RequestState::Delivered);
        assert!(holds(t, &s, alice));
    }

    /// Two packages with the same role are one thing to do; done once, both have it (SPEC DLV-2, DLV-4).
    fn dlv_4_one_task_for_two_packages_with_the_same_role(t: &mut Test) {
        let (s, account) = by_hand(t);
        let other = t.package(s.catalog, "CRM guest", &[s.crm_user]);
        t.policy(other, "All members", &terms::members(vec![]));
        let (first, second) = (ask(t, "alice", account), ask(t, "alice", other));
        let task = the_open(t);
        done(t, "carol", task.id);
        for id in [first, second] {
            assert_eq!(the_assignment(t, id).state, AssignmentState::Delivered);
        }
        give_up(t, "alice", the_assignment(t, first).id);
        assert!(nothing_open(t), "the other one grants it still");
        give_up(t, "alice", the_assignment(t, second).id);
        assert_eq!(the_open(t).action, TaskAction::Revoke);
    }

    /// Who may: owners and administrators. Strangers do not know of it; who sees the package may look (SPEC ROL-6).
    fn dlv_6_owners_and_administrators_answer(t: &mut Test) {
        let (_, account) = by_hand(t);
        ask(t, "alice", account);
        let task = the_open(t).id;
        for stranger in ["alice", "dan", "bob"] {
            assert!(matches!(answer(t, stranger, task, Answer::Done, ""), Err(AppError::Denied(Denied::Invisible))), "{stranger}");
        }
        for looker in ["aud", "sam", "priya"] {
            assert!(matches!(answer(t, looker, task, Answer::Done, ""), Err(AppError::Denied(Denied::Forbidden { .. }))), "{looker}");
        }
        done(t, "root", task);
    }

    /// Nobody fulfils for themselves while another owner is there; the only owner may.
    fn dlv_6_not_for_oneself_while_another_owner_can(t: &mut Test) {
        let (s, account) = by_hand(t);
        let (bob, carol) = (t.person("bob"), t.person("carol"));
        let crm = t.read(|c| latchkey::store::tasks::resource_of(c, s.crm_user));
        t.write(|tx| Ok(resources::set_owners(tx, crm, &[bob, carol], t.now())?));
        ask(t, "bob", account);
        let task = the_open(t).id;
        assert_eq!(mails_to(t, carol), ["fulfilmentTask"]);
        assert!(mails_to(t, bob).is_empty(), "bob is not asked about himself");
        assert_eq!(refusal(answer(t, "bob", task, Answer::Done, "")), Refusal::OwnTask);
        t.write(|tx| Ok(resources::set_owners(tx, crm, &[bob], t.now())?));
        done(t, "bob", task);
    }

    /// The circle is that of the moment: who leaves cannot, who comes can; and it is never empty (SPEC APR-14's way).
    fn dlv_6_the_people_are_those_of_the_moment(t: &mut Test) {
        let (s, account) = by_hand(t);
        let (dan, mia) = (t.person("dan"), t.person("mia"));
        ask(t, "alice", account);
        let task = the_open(t).id;
        let crm = t.read(|c| latchkey::store::tasks::resource_of(c, s.crm_user));
        t.write(|tx| Ok(resources::set_owners(tx, crm, &[dan], t.now())?));
        t.sql(&format!("UPDATE users SET enabled = FALSE WHERE id = '{dan}'"));
        let asked = |t: &Test| t.read(|c| {
            let task = latchkey::store::tasks::find(c, task)?.expect("there");
            Ok(latchkey::store::tasks::around_one(c, &task)?.1.asked(task.subject_id).1)
        });
        assert_eq!(asked(t), [t.person("carol")].into(), "the catalog's owner");
        t.write(|tx| Ok(resources::set_owners(tx, crm, &[mia], t.now())?));
        assert_eq!(asked(t), [mia].into());
        assert!(matches!(answer(t, "carol", task, Answer::Done, ""), Err(AppError::Denied(Denied::Forbidden { .. }))));
        done(t, "mia", task);
    }

    /// Two owners at the same moment: one counts, the other hears who was quicker (SPEC DLV-4).
    fn dlv_4_two_owners_at_the_same_moment(t: &mut Test) {
        let (s, account) = by_hand(t);
        let (bob, carol) = (t.person("bob"), t.person("carol"));
        let crm = t.read(|c| latchkey::store::tasks::resource_of(c, s.crm_user));
        t.write(|tx| Ok(resources::set_owners(tx, crm, &[bob, carol], t.now())?));
        let id = ask(t, "alice", account);
        let task = the_open(t).id;
        let both = t.meanwhile(
            ("carol", &|tx, cx, me| fulfil::close(tx, cx, me, task, Answer::Done, "")),
            ("bob", &|tx, cx, me| fulfil::close(tx, cx, me, task, Answer::Cannot, "Never")),
        );
        both.first.expect("the first counts");
        let second = refusal(both.second).to_string();
        assert!(second.contains("already by"), "{second}");
        assert_eq!(the_assignment(t, id).state, AssignmentState::Delivered);
        assert_eq!(steps(t, id).iter().filter(|s| matches!(s, Step::RoleDelivered { .. })).count(), 1);
    }

    /// The owner says "done" while the person gives it up: whichever is first, nothing is lost (I10).
    fn i10_done_and_given_up_at_the_same_moment(t: &mut Test) {
        let (s, account) = by_hand(t);
        let alice = t.person("alice");
        let held = the_assignment(t, ask(t, "alice", account)).id;
        let task = the_open(t).id;
        let both = t.meanwhile(
            ("carol", &|tx, cx, me| fulfil::close(tx, cx, me, task, Answer::Done, "")),
            ("alice", &|tx, cx, me| request::give_up(tx, cx, held, me, "").map(|_| ())),
        );
        both.first.expect("done");
        both.second.expect("given up");
        sweep(t);
        if holds(t, &s, alice) {
            done(t, "carol", the_open(t).id);
        }
        assert_eq!(states(t, held), [DeliveryState::Removed]);
        assert!(!holds(t, &s, alice) && nothing_open(t));
    }

    /// The choice per resource: what was recorded before stays, and is taken back by hand afterwards; the other way
    /// round, what waits is written down at once.
    fn dlv_6_the_way_of_a_resource_can_change(t: &mut Test) {
        let (s, account) = by_hand(t);
        let alice = t.person("alice");
        let crm = t.read(|c| latchkey::store::tasks::resource_of(c, s.crm_user));
        let set = |t: &Test, who: &str, choice| {
            let version = t.read(|c| resources::find(c, crm)).expect("there").version;
            t.try_as(who, |tx, cx, me| fulfil::set_connector(tx, cx, me, crm, version, choice))
        };
        let id = ask(t, "alice", account);
        assert!(matches!(set(t, "priya", Choice::Recorded), Err(AppError::Denied(Denied::Forbidden { .. }))));
        set(t, "carol", Choice::Recorded).unwrap();
        assert!(nothing_open(t));
        sweep(t);
        assert_eq!(the_assignment(t, id).state, AssignmentState::Delivered);
        assert!(holds(t, &s, alice));
        set(t, "carol", Choice::ByHand(ManualSettings { days: 5 })).unwrap();
        give_up(t, "alice", the_assignment(t, id).id);
        let task = the_open(t);
        assert_eq!((task.action, task.due_at), (TaskAction::Revoke, t.now() + chrono::Duration::days(5)));
    }

    /// A cancelled request leaves no task behind (SPEC REQ-5).
    fn req_5_a_manager_cancels_what_waits_for_a_task(t: &mut Test) {
        let (_, account) = by_hand(t);
        let id = ask(t, "alice", account);
        t.write_as("sam", |tx, cx, me| request::cancel(tx, cx, id, me, "A mistake"));
        assert!(nothing_open(t));
        assert_eq!(the_request(t, id).state, RequestState::Canceled);
    }
}

//! Delegation while away (SPEC APR-11), and what it never allows (I4, I5).

use chrono::{Days, Duration, NaiveDate};
use latchkey::app::delegation::{self, Handover};
use latchkey::domain::Refusal;
use latchkey::domain::approval::{Step as Outcome, Verdict};
use latchkey::domain::policy::{Approver, Quorum, Stage};
use latchkey::domain::request::RequestState;
use latchkey::domain::timeline::Step;
use latchkey::kernel::PageRequest;
use latchkey::kernel::ids::{DelegationId, PackageId};
use latchkey::store::requests;
use latchkey::store::views::approvals::{self, Filter, Order};
use latchkey::store::views::matter;

use super::*;
use crate::support::{Test, terms};

fn today(t: &Test) -> NaiveDate {
    t.now().date_naive()
}

/// Hands over from a day from today on, for so many days.
pub fn try_hand_over(
    t: &mut Test,
    who: &str,
    to: &str,
    from: u64,
    days: u64,
) -> Result<DelegationId, AppError> {
    let delegate = t.person(to);
    t.person(who);
    let first = today(t) + Days::new(from);
    let wish = Handover {
        delegate,
        from: first,
        until: first + Days::new(days) - Days::new(1),
        zone: chrono_tz::UTC,
        reason: "On holiday".into(),
    };
    t.try_as(who, |tx, cx, me| delegation::create(tx, cx, me, &wish))
}

pub fn hand_over(t: &mut Test, who: &str, to: &str) -> DelegationId {
    try_hand_over(t, who, to, 0, 7).expect("the delegation is made")
}

/// What waits for a person: package and whose place they would take.
fn queue(t: &mut Test, name: &str) -> Vec<(String, Option<String>)> {
    let (user, now) = (t.person(name), t.now());
    let page =
        t.read(|c| approvals::queue(c, user, now, &Filter::default(), Order::Due, PageRequest::everything()));
    page.items.into_iter().map(|w| (w.package, w.in_place_of)).collect()
}

fn package(t: &mut Test, stages: Vec<Stage>) -> PackageId {
    for name in ["alice", "root"] {
        t.person(name);
    }
    let catalog = t.catalog("Tools", "carol");
    let package = t.package(catalog, "Tool", &[]);
    t.policy(package, "P", &terms::members(stages));
    package
}

fn users(t: &mut Test, names: &[&str]) -> Vec<Approver> {
    names.iter().map(|name| Approver::User { id: t.person(name) }).collect()
}

on_both! {
    /// What waits already shows at once; what comes is mailed to both; the decision counts as the approver's and
    /// shows both names (SPEC APR-11).
    fn apr_11_approvals_reach_both(t: &mut Test) {
        let s = t.sales();
        let (bob, mia) = (t.person("bob"), t.person("mia"));
        let before = submit(t, "alice", s.onboarding);
        assert_eq!(queue(t, "mia"), []);
        hand_over(t, "bob", "mia");
        assert_eq!(mails_to(t, mia), ["approvalDelegated"], "told of the delegation, not of what waited before");
        let place = Some(t.principal("bob").name);
        assert_eq!(queue(t, "mia"), [("Sales onboarding".to_owned(), place.clone())]);
        assert_eq!(queue(t, "bob"), [("Sales onboarding".to_owned(), None)]);

        let vote = decide(t, "mia", before, Verdict::Approve);
        assert_eq!(vote.outcome, Outcome::Approved);
        let votes = t.read(|c| requests::votes_of(c, before));
        assert_eq!((votes[0].by, votes[0].on_behalf_of), (mia, Some(bob)));
        let steps = t.read(|c| requests::steps(c, before));
        assert!(steps.iter().any(|e| e.actor == Some(mia)
            && matches!(&e.step, Step::Voted { in_place_of: Some(name), .. } if Some(name) == place.as_ref())));
        assert_eq!(t.count("audit_events WHERE action = 'delegation.create'"), 1);
        let told = |t: &mut Test, user| mails_to(t, user).iter().filter(|k| *k == "decisionConfirmed").count();
        assert_eq!((told(t, mia), told(t, bob)), (1, 1), "both are told");

        let after = submit(t, "alice", s.deal_desk);
        let asked = |t: &mut Test, user| mails_to(t, user).iter().filter(|k| *k == "approvalRequested").count();
        assert_eq!((asked(t, mia), asked(t, bob)), (1, 2));
        decide(t, "bob", after, Verdict::Approve);
        assert_eq!(t.read(|c| requests::votes_of(c, after))[0].on_behalf_of, None);
    }

    /// The mails say both names.
    fn apr_11_mails_show_both_names(t: &mut Test) {
        let s = t.sales();
        t.person("mia");
        hand_over(t, "bob", "mia");
        let id = submit(t, "alice", s.onboarding);
        let (bob, mia) = (t.principal("bob").name, t.principal("mia").name);
        // Lines of a mail break anywhere.
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let to_mia = t.mails_to("mia@demo.example");
        assert!(to_mia[0].subject.contains(&bob) && to_mia[0].text.contains("On holiday"), "{}", to_mia[0].text);
        let asked = to_mia.iter().find(|m| m.kind == "approvalRequested").expect("she is asked");
        assert!(flat(&asked.text).contains(&format!("You are asked because you stand in for {bob}")), "{}", asked.text);
        decide(t, "mia", id, Verdict::Deny);
        let to_alice = t.mails_to("alice@demo.example");
        let denied = to_alice.iter().find(|m| m.kind == "requestDenied").expect("she is told");
        assert!(flat(&denied.text).contains(&format!("{mia} for {bob}")), "{}", denied.text);
        let to_bob = t.mails_to("bob@demo.example");
        let confirmed = to_bob.iter().find(|m| m.kind == "decisionConfirmed").expect("he is told");
        assert!(flat(&confirmed.text).contains(&format!("denied by {mia}, who stands in for you")), "{}", confirmed.text);
        let to_mia = t.mails_to("mia@demo.example");
        let confirmed = to_mia.iter().find(|m| m.kind == "decisionConfirmed").expect("she is told");
        assert!(flat(&confirmed.text).contains(&format!("was denied by you, for {bob}")), "{}", confirmed.text);
    }

    /// The right runs from the first day to the last, ends at once when it is ended early, and is read at decision
    /// time (SPEC APR-11, I5).
    fn apr_11_i5_the_right_lives_as_long_as_the_delegation(t: &mut Test) {
        let s = t.sales();
        t.person("mia");
        let id = submit(t, "alice", s.onboarding);
        try_hand_over(t, "bob", "mia", 2, 2).expect("made");
        assert_eq!(refusal(try_decide(t, "mia", id, Verdict::Approve)), Refusal::NotAnApprover, "not yet");
        t.advance(Duration::days(4));
        assert_eq!(refusal(try_decide(t, "mia", id, Verdict::Approve)), Refusal::NotAnApprover, "not any more");
        let second = hand_over(t, "bob", "mia");
        assert_eq!(queue(t, "mia").len(), 1);
        t.write_as("bob", |tx, cx, me| delegation::end(tx, cx, me, second));
        let told = t.mails_to("mia@demo.example").pop().expect("a mail");
        assert_eq!(told.kind, "delegationEnded");
        assert!(told.text.contains("decides again"), "{}", told.text);
        assert_eq!(queue(t, "mia").len(), 0);
        assert_eq!(refusal(try_decide(t, "mia", id, Verdict::Approve)), Refusal::NotAnApprover, "ended early");
        let again = t.try_as("bob", |tx, cx, me| delegation::end(tx, cx, me, second));
        assert_eq!(refusal(again), Refusal::DelegationOver);
        // Somebody else's delegation is nobody's business.
        let third = hand_over(t, "bob", "mia");
        for name in ["mia", "dan", "root"] {
            t.person(name);
            let tried = t.try_as(name, |tx, cx, me| delegation::end(tx, cx, me, third));
            assert!(matches!(tried, Err(AppError::NotFound)), "{name}");
        }
        // A delegate or an approver who is disabled decides nothing (SPEC APR-14).
        let mia = t.person("mia");
        let set = |t: &Test, user: latchkey::kernel::ids::UserId, on: &str| {
            t.sql(&format!("UPDATE users SET enabled = {on} WHERE id = {}", t.literal(&crate::support::raw::id(user))));
        };
        let may = |t: &Test| t.read(|c| matter::load(c, id, t.now())).expect("it is there").may_decide(mia, t.now());
        assert_eq!(may(t), Ok(()));
        set(t, mia, "FALSE");
        assert_eq!(may(t), Err(Refusal::NotAnApprover));
        set(t, mia, "TRUE");
        let bob = t.person("bob");
        set(t, bob, "FALSE");
        assert_eq!(may(t), Err(Refusal::NotAnApprover));
        assert_eq!(queue(t, "mia"), []);
        set(t, bob, "TRUE");
        decide(t, "mia", id, Verdict::Approve);
    }

    /// Never transitive, never for oneself, never for the one whose place it is (SPEC APR-11, APR-2, I4).
    fn apr_11_i4_never_transitive_and_never_for_oneself(t: &mut Test) {
        let s = t.sales();
        for name in ["mia", "sam"] {
            t.person(name);
        }
        hand_over(t, "bob", "mia");
        hand_over(t, "mia", "sam");
        let id = submit(t, "alice", s.onboarding);
        assert_eq!(queue(t, "sam"), []);
        assert_eq!(refusal(try_decide(t, "sam", id, Verdict::Approve)), Refusal::NotAnApprover, "not through two");
        // Bob's approvals go to Alice: she still decides nothing that is hers.
        t.user("olga").manager("bob").create();
        let first = try_hand_over(t, "bob", "alice", 20, 3).expect("made");
        t.advance(Duration::days(20));
        assert_eq!(the_request(t, id).state, RequestState::PendingApproval);
        sweep(t);
        let own = submit(t, "alice", s.onboarding);
        let other = submit(t, "olga", s.onboarding);
        assert_eq!(refusal(try_decide(t, "alice", own, Verdict::Approve)), Refusal::OwnRequest);
        assert_eq!(queue(t, "alice").len(), 1, "only Olga's");
        decide(t, "alice", other, Verdict::Approve);
        t.write_as("bob", |tx, cx, me| delegation::end(tx, cx, me, first));
        // Carol decides for her catalog; a request of Carol's is not decided by whoever stands in for her.
        let package = package(t, vec![terms::stage(vec![Approver::CatalogOwners])]);
        hand_over(t, "carol", "sam");
        let hers = submit(t, "carol", package);
        assert_eq!(refusal(try_decide(t, "sam", hers, Verdict::Approve)), Refusal::NotAnApprover);
        decide(t, "root", hers, Verdict::Approve);
    }

    /// One place is one vote: with "all", the delegate's counts as the approver's, who cannot vote again; one's own
    /// right comes first; and nobody gives two votes (SPEC APR-11, APR-1).
    fn apr_11_a_place_counts_once(t: &mut Test) {
        let asked = users(t, &["bob", "mia"]);
        let all = Stage { quorum: Quorum::All, ..terms::stage(asked) };
        let package = package(t, vec![all]);
        let (bob, mia) = (t.person("bob"), t.person("mia"));
        hand_over(t, "bob", "sam");
        let id = submit(t, "alice", package);
        assert_eq!(decide(t, "sam", id, Verdict::Approve).outcome, Outcome::Counted { approvals: 1, needed: 2 });
        assert_eq!(refusal(try_decide(t, "bob", id, Verdict::Approve)), Refusal::DecidedInYourPlace);
        assert_eq!(refusal(try_decide(t, "sam", id, Verdict::Approve)), Refusal::AlreadyVoted);
        assert_eq!((queue(t, "bob").len(), queue(t, "sam").len(), queue(t, "mia").len()), (0, 0, 1));
        assert_eq!(decide(t, "mia", id, Verdict::Approve).outcome, Outcome::Approved);
        let places: Vec<_> = t.read(|c| requests::votes_of(c, id)).iter().map(|v| v.place()).collect();
        assert_eq!(places, [bob, mia]);

        // Mia stands in for Bob and is an approver herself: her vote is her own, and Bob is still asked.
        t.user("olga").create();
        t.advance(Duration::days(8));
        hand_over(t, "bob", "mia");
        let other = submit(t, "olga", package);
        assert_eq!(decide(t, "mia", other, Verdict::Approve).outcome, Outcome::Counted { approvals: 1, needed: 2 });
        assert_eq!(t.read(|c| requests::votes_of(c, other))[0].on_behalf_of, None);
        assert_eq!(refusal(try_decide(t, "mia", other, Verdict::Approve)), Refusal::AlreadyVoted, "two signatures are two people");
        assert_eq!(decide(t, "bob", other, Verdict::Approve).outcome, Outcome::Approved);
    }

    /// The approver was quicker: the delegate hears it.
    fn apr_11_a_place_that_is_taken(t: &mut Test) {
        let asked = users(t, &["bob", "mia"]);
        let package = package(t, vec![Stage { quorum: Quorum::All, ..terms::stage(asked) }]);
        hand_over(t, "bob", "sam");
        let id = submit(t, "alice", package);
        decide(t, "bob", id, Verdict::Approve);
        assert_eq!(refusal(try_decide(t, "sam", id, Verdict::Deny)), Refusal::PlaceTaken);
        assert_eq!(the_request(t, id).state, RequestState::PendingApproval);
    }

    /// Both at the same moment, with a quorum of all: the place counts once (SPEC APR-6, APR-11, I1).
    fn apr_11_i1_both_at_the_same_moment(t: &mut Test) {
        let asked = users(t, &["bob", "mia"]);
        let package = package(t, vec![Stage { quorum: Quorum::All, ..terms::stage(asked) }]);
        hand_over(t, "bob", "sam");
        for name in ["alice", "dan", "priya"] {
            t.person(name);
            let id = submit(t, name, package);
            let start = std::sync::Barrier::new(2);
            let results: Vec<bool> = std::thread::scope(|scope| {
                let both: Vec<_> = ["bob", "sam"]
                    .map(|name| (t.principal(name), &start))
                    .into_iter()
                    .map(|(who, start)| {
                        let app = t.app.clone();
                        scope.spawn(move || {
                            start.wait();
                            let decision = Decision {
                                request: id,
                                stage: None,
                                seen_version: None,
                                by: who.user,
                                verdict: Verdict::Approve,
                                reason: String::new(),
                                channel: latchkey::domain::approval::Channel::Portal,
                                ip: "127.0.0.1".into(),
                            };
                            let cx = app.cx(&who, "127.0.0.1", "test");
                            app.db.write_now(|tx| request::decide(tx, &cx, &decision)).is_ok()
                        })
                    })
                    .collect();
                both.into_iter().map(|b| b.join().expect("a decision")).collect()
            });
            assert_eq!(results.iter().filter(|ok| **ok).count(), 1, "{results:?}");
            assert_eq!(t.read(|c| requests::votes_of(c, id)).len(), 1);
            assert_eq!(the_request(t, id).state, RequestState::PendingApproval);
        }
    }

    /// What is refused, each with its own words (SPEC APR-11).
    fn apr_11_what_is_refused(t: &mut Test) {
        t.person("erin");
        t.user("gone").disabled().create();
        assert_eq!(refusal(try_hand_over(t, "bob", "bob", 0, 3)), Refusal::DelegateSelf);
        assert!(matches!(refusal(try_hand_over(t, "bob", "gone", 0, 3)), Refusal::DelegateDisabled(_)));
        assert!(matches!(refusal(try_hand_over(t, "bob", "erin", 0, 3)), Refusal::DelegateGuest(_)));
        assert!(matches!(refusal(try_hand_over(t, "bob", "mia", 0, 91)), Refusal::DelegationPeriod(_)));
        assert!(matches!(refusal(try_hand_over(t, "bob", "mia", 3, 0)), Refusal::DelegationPeriod(_)), "end before start");
        try_hand_over(t, "bob", "mia", 5, 5).expect("made");
        assert_eq!(refusal(try_hand_over(t, "bob", "sam", 9, 5)), Refusal::DelegationOverlaps);
        try_hand_over(t, "bob", "sam", 10, 5).expect("right after it");
        try_hand_over(t, "mia", "sam", 5, 5).expect("somebody else's time does not matter");
        let guest = try_hand_over(t, "erin", "mia", 0, 3);
        assert!(matches!(guest, Err(AppError::Denied(_))), "{guest:?}");
        assert_eq!(t.count("delegations"), 3);
    }

    /// Two forms at the same moment never make two delegations for the same days.
    fn apr_11_two_forms_at_once_do_not_overlap(t: &mut Test) {
        let (mia, sam) = (t.person("mia"), t.person("sam"));
        t.person("bob");
        let bob = t.principal("bob");
        let first = today(t);
        let start = std::sync::Barrier::new(2);
        let made: usize = std::thread::scope(|scope| {
            let both: Vec<_> = [mia, sam]
                .map(|delegate| Handover {
                    delegate,
                    from: first,
                    until: first + Days::new(3),
                    zone: chrono_tz::UTC,
                    reason: String::new(),
                })
                .into_iter()
                .map(|wish| {
                    let (app, bob, start) = (t.app.clone(), bob.clone(), &start);
                    scope.spawn(move || {
                        start.wait();
                        let cx = app.cx(&bob, "127.0.0.1", "test");
                        app.db.write_now(|tx| delegation::create(tx, &cx, &bob, &wish)).is_ok()
                    })
                })
                .collect();
            both.into_iter().map(|b| usize::from(b.join().expect("a form"))).sum()
        });
        assert_eq!(made, 1);
        assert_eq!(t.count("delegations"), 1);
    }
}

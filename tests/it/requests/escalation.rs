//! Alternates (SPEC APR-4): asked once, late, and never in vain (I17); and the kinds of approvers (SPEC APR-1).

use std::collections::BTreeSet;

use chrono::Duration;
use latchkey::domain::Refusal;
use latchkey::domain::approval::{Circle, Step as Outcome, Verdict};
use latchkey::domain::policy::{Alternates, Approver, Stage};
use latchkey::domain::request::RequestState;
use latchkey::domain::timeline::Step;
use latchkey::kernel::ids::PackageId;
use latchkey::store::requests;

use super::*;
use crate::support::{Test, raw, terms};

/// The manager decides within ten days; after three, these are asked too.
fn escalating(alternates: Vec<Approver>) -> Stage {
    Stage {
        alternates: Some(Alternates { after_days: 3, approvers: alternates }),
        limit_days: 10,
        ..terms::manager()
    }
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

fn escalations(t: &Test, id: RequestId) -> Vec<(u8, u32)> {
    let steps = t.read(|c| requests::steps(c, id));
    let escalated =
        |step| if let Step::Escalated { stage, people } = step { Some((stage, people)) } else { None };
    steps.into_iter().filter_map(|e| escalated(e.step)).collect()
}

fn count(t: &mut Test, kind: &str, name: &str) -> usize {
    let user = t.person(name);
    mails_to(t, user).iter().filter(|k| *k == kind).count()
}

on_both! {
    /// After so many days the alternates are asked, once; the first approvers may still decide; and everybody who
    /// was asked hears how it ended (SPEC APR-4, mails 1 and 7, I17).
    fn apr_4_alternates_are_asked_after_a_while(t: &mut Test) {
        let mia = t.person("mia");
        let package = package(t, vec![escalating(vec![Approver::User { id: mia }])]);
        let id = submit(t, "alice", package);
        assert_eq!(refusal(try_decide(t, "mia", id, Verdict::Approve)), Refusal::NotAnApprover);
        t.advance(Duration::days(3) - Duration::seconds(1));
        assert_eq!(sweep(t).escalated, 0);
        t.advance(Duration::seconds(1));
        assert_eq!(sweep(t).escalated, 1);
        assert_eq!(sweep(t).escalated, 0, "once");
        assert!(the_request(t, id).escalated);
        assert_eq!(escalations(t, id), [(1, 1)]);
        assert_eq!(count(t, "approvalForwarded", "mia"), 1);
        assert_eq!(count(t, "approvalForwarded", "bob"), 0, "who was asked before is not asked again");
        assert_eq!(t.count("audit_events WHERE action = 'request.escalate'"), 1);
        // Halfway: both are reminded.
        t.advance(Duration::days(2));
        assert_eq!(sweep(t).reminded, 1);
        assert_eq!((count(t, "approvalReminder", "bob"), count(t, "approvalReminder", "mia")), (1, 1));
        assert_eq!(decide(t, "bob", id, Verdict::Approve).outcome, Outcome::Approved);
        assert_eq!((count(t, "requestApproved", "bob"), count(t, "requestApproved", "mia")), (1, 1));
    }

    /// Expired: alternates hear it too (mails 6 and 17); after a downtime over the whole stage nobody is asked any
    /// more (I17).
    fn apr_4_i17_after_downtime_it_is_late_or_never(t: &mut Test) {
        let mia = t.person("mia");
        let package = package(t, vec![escalating(vec![Approver::User { id: mia }])]);
        let id = submit(t, "alice", package);
        t.advance(Duration::days(9));
        assert_eq!(sweep(t).escalated, 1, "late");
        assert_eq!(escalations(t, id), [(1, 1)]);
        t.advance(Duration::days(1));
        let report = sweep(t);
        assert_eq!((report.expired, report.escalated), (1, 0));
        assert_eq!((count(t, "stageExpired", "bob"), count(t, "stageExpired", "mia")), (1, 1));

        let again = submit(t, "alice", package);
        t.advance(Duration::days(30));
        let report = sweep(t);
        assert_eq!((report.expired, report.escalated, report.reminded), (1, 0, 0));
        assert_eq!(the_request(t, again).state, RequestState::Expired);
        assert_eq!(escalations(t, again), []);
        assert_eq!(count(t, "approvalForwarded", "mia"), 1);
    }

    /// Two sweeps at the same moment escalate once (I17).
    fn apr_4_i17_two_sweeps_at_once_escalate_once(t: &mut Test) {
        let mia = t.person("mia");
        let package = package(t, vec![escalating(vec![Approver::User { id: mia }])]);
        let id = submit(t, "alice", package);
        t.advance(Duration::days(3));
        let start = std::sync::Barrier::new(4);
        let done: u32 = std::thread::scope(|scope| {
            let sweeps: Vec<_> = (0..4)
                .map(|_| {
                    let (app, start) = (t.app.clone(), &start);
                    scope.spawn(move || {
                        start.wait();
                        latchkey::jobs::sweeps::run(&app).expect("the sweep runs").escalated
                    })
                })
                .collect();
            sweeps.into_iter().map(|s| s.join().expect("a sweep")).sum()
        });
        assert_eq!(done, 1);
        assert_eq!(escalations(t, id), [(1, 1)]);
        assert_eq!(count(t, "approvalForwarded", "mia"), 1);
        assert_eq!(t.count("audit_events WHERE action = 'request.escalate'"), 1);
    }

    /// An alternate decides; each stage has its own clock, and the outcome of the first still reaches its alternate
    /// when the second is decided (mails 8, 7).
    fn apr_4_each_stage_escalates_by_itself(t: &mut Test) {
        let (mia, sam) = (t.person("mia"), t.person("sam"));
        let second = Stage { approvers: vec![Approver::User { id: sam }], ..escalating(vec![Approver::CatalogOwners]) };
        let package = package(t, vec![escalating(vec![Approver::User { id: mia }]), second]);
        let id = submit(t, "alice", package);
        t.advance(Duration::days(4));
        sweep(t);
        assert_eq!(decide(t, "mia", id, Verdict::Approve).outcome, Outcome::NextStage(2));
        assert!(!the_request(t, id).escalated, "the second stage starts anew");
        assert_eq!((count(t, "stageApproved", "bob"), count(t, "stageApproved", "mia")), (1, 1));
        assert_eq!(refusal(try_decide(t, "carol", id, Verdict::Approve)), Refusal::NotAnApprover);
        t.advance(Duration::days(3));
        assert_eq!(sweep(t).escalated, 1);
        assert_eq!(escalations(t, id), [(1, 1), (2, 1)]);
        decide(t, "carol", id, Verdict::Approve);
        assert_eq!((count(t, "requestApproved", "bob"), count(t, "requestApproved", "mia")), (1, 1));
        assert_eq!((count(t, "stageApproved", "sam"), count(t, "stageApproved", "carol")), (1, 1));
    }

    /// Alternates who cannot be resolved break nothing, and the timeline says so; who joins the circle later can
    /// decide (SPEC APR-4, APR-14). Nobody becomes their own alternate (I4).
    fn apr_4_alternates_that_nobody_is(t: &mut Test) {
        let alice = t.person("alice");
        let empty = t.group("Nobody yet", &[]);
        let alternates = vec![Approver::Group { id: empty }, Approver::User { id: alice }, Approver::Sponsors];
        let package = package(t, vec![escalating(alternates)]);
        let id = submit(t, "alice", package);
        t.advance(Duration::days(3));
        assert_eq!(sweep(t).escalated, 1);
        assert_eq!(escalations(t, id), [(1, 0)]);
        assert_eq!(refusal(try_decide(t, "alice", id, Verdict::Approve)), Refusal::OwnRequest);
        t.join(empty, "dan");
        decide(t, "dan", id, Verdict::Approve);
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
    }

    /// Each kind of approver is found on real rows; where there is nobody of a kind, the fallback acts, then the
    /// catalog's owners (SPEC APR-1, APR-3).
    fn apr_1_apr_3_each_kind_and_its_fallback(t: &mut Test) {
        t.person("root");
        let (bob, carol, mia, sam) = (t.person("bob"), t.person("carol"), t.person("mia"), t.person("sam"));
        let alice = t.person("alice");
        let organization = t.organization("Acme", "acme.example");
        let gina = t.user("gina").guest(Some(organization)).create();
        let boss = t.user("boss").create();
        t.sql(&format!(
            "UPDATE users SET manager_id = {} WHERE id = {}",
            t.literal(&raw::id(boss)),
            t.literal(&raw::id(bob))
        ));
        for (user, sponsor) in [(alice, sam), (gina, sam)] {
            t.insert("user_sponsors", &[("user_id", raw::id(user)), ("sponsor_id", raw::id(sponsor))]);
        }
        let of = |user, internal: bool| {
            [("organization_id", raw::id(organization)), ("user_id", raw::id(user)), ("internal", internal.into())]
        };
        t.insert("organization_sponsors", &of(mia, true));
        t.insert("organization_sponsors", &of(gina, false));
        let catalog = t.catalog("Tools", "carol");
        let resource = t.resource(catalog, "Box", None, "priya");
        let role = t.role(resource, "User", None);
        let priya = t.person("priya");
        let plain = t.user("plain").create();
        let cases = [
            (Approver::Manager { level: 1 }, alice, bob),
            (Approver::Manager { level: 2 }, alice, boss),
            (Approver::Sponsors, alice, sam),
            (Approver::Sponsors, gina, sam),
            (Approver::InternalSponsors, gina, mia),
            (Approver::ResourceOwners, plain, priya),
            (Approver::CatalogOwners, plain, carol),
        ];
        let named = t.person("dan");
        for (number, (approver, subject, expected)) in cases.into_iter().enumerate() {
            let package = t.package(catalog, &format!("Tool {number}"), &[role]);
            let question = |stage: &Stage, subject| {
                let question = latchkey::store::approvers::Question {
                    stage,
                    subject,
                    requestor: Some(subject),
                    package,
                    escalated: false,
                };
                let facts = t.read(|c| latchkey::store::approvers::facts(c, t.now(), &question));
                latchkey::domain::approval::deciders(&facts)
            };
            let stage = Stage { fallback: vec![Approver::User { id: named }], ..terms::stage(vec![approver]) };
            let found = question(&stage, subject);
            assert_eq!((found.circle, found.users), (Circle::Named, BTreeSet::from([expected])), "{approver:?}");
            // Nobody of this kind for somebody without a manager, sponsor or organization: the fallback acts.
            if !matches!(approver, Approver::ResourceOwners | Approver::CatalogOwners) {
                let found = question(&stage, plain);
                assert_eq!((found.circle, found.users), (Circle::Fallback, BTreeSet::from([named])), "{approver:?}");
                let found = question(&terms::stage(vec![approver]), plain);
                assert_eq!((found.circle, found.users), (Circle::CatalogOwners, BTreeSet::from([carol])));
            }
        }
        // The only external sponsor is the requestor: nobody decides for themselves (I4).
        let stage = terms::stage(vec![Approver::ExternalSponsors]);
        let package = t.package(catalog, "Tool X", &[role]);
        let question = latchkey::store::approvers::Question {
            stage: &stage,
            subject: gina,
            requestor: Some(gina),
            package,
            escalated: false,
        };
        let facts = t.read(|c| latchkey::store::approvers::facts(c, t.now(), &question));
        assert_eq!(facts.named, BTreeSet::from([gina]));
        assert_eq!(latchkey::domain::approval::deciders(&facts).circle, Circle::CatalogOwners);
    }
}

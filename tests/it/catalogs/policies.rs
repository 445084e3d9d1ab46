//! Policies and their versions (SPEC POL-1 to POL-7, PKG-4).

use latchkey::app::catalog::policies;
use latchkey::domain::Refusal;
use latchkey::domain::package::PolicyFields;
use latchkey::domain::policy::{Expiry, LinkMode, Scope, Terms};
use latchkey::kernel::ids::PolicyId;
use latchkey::store;

use super::{forbidden, invisible, new_policy, refusal};
use crate::requests;
use crate::support::{Test, terms};

fn named(name: &str) -> PolicyFields {
    PolicyFields { name: name.into(), description: String::new() }
}

fn version(t: &Test, policy: PolicyId) -> i64 {
    t.read(|c| store::policies::find(c, policy)).unwrap().version
}

on_both! {
    /// An edit makes a new version; a request under way keeps the one that it was sent under (SPEC POL-4).
    fn pol_4_an_edit_makes_a_new_version(t: &mut Test) {
        let sales = t.sales();
        let policy = sales.onboarding_policy;
        let request = requests::submit(t, "alice", sales.onboarding);
        let mut shorter = terms::members(vec![terms::manager(), terms::manager()]);
        shorter.expiry = Expiry::AfterDays { days: 3 };
        t.write_as("priya", |tx, cx, me| policies::edit(tx, cx, me, policy, 1, &named("All members"), &shorter));
        let (number, current) = t.read(|c| store::policies::current(c, policy));
        assert_eq!((number, &current), (2, &shorter));
        let old = t.read(|c| store::policies::terms(c, policy, 1));
        assert_eq!(old.stages.len(), 1);
        assert_eq!(requests::the_request(t, request).policy_version, 1);
        requests::decide(t, "bob", request, latchkey::domain::approval::Verdict::Approve);
        assert!(requests::the_assignment(t, request).state.is_live(), "one stage was enough, as before the edit");
        let later = requests::submit(t, "dan", sales.onboarding);
        assert_eq!(requests::the_request(t, later).policy_version, 2);

        // The same terms under another name are no new version.
        let at = version(t, policy);
        t.write_as("priya", |tx, cx, me| policies::edit(tx, cx, me, policy, at, &named("Everyone"), &shorter));
        assert_eq!(t.read(|c| store::policies::current(c, policy)).0, 2);
        let late = t.try_as("priya", |tx, cx, me| policies::edit(tx, cx, me, policy, at, &named("X"), &shorter));
        assert_eq!(refusal(late), Refusal::Stale);
    }

    /// Whom the current version is for stands beside the policy, for queries; old versions do not (SPEC POL-1).
    fn pol_1_the_scope_tables_follow_the_current_version(t: &mut Test) {
        let sales = t.sales();
        let alice = t.principal("alice").user;
        let policy = sales.board_papers_policy;
        assert_eq!(t.count(&format!("policy_scope_users WHERE policy_id = '{policy}'")), 2);
        let only_alice = terms::only(&[alice], vec![terms::manager()]);
        t.write_as("carol", |tx, cx, me| policies::edit(tx, cx, me, policy, 1, &named("The board"), &only_alice));
        assert_eq!(t.count(&format!("policy_scope_users WHERE policy_id = '{policy}'")), 1);
        let mut team = only_alice.clone();
        team.scope = Scope::Specific { users: [].into(), groups: [sales.team].into() };
        t.write_as("carol", |tx, cx, me| policies::edit(tx, cx, me, policy, 2, &named("The board"), &team));
        assert_eq!(t.count(&format!("policy_scope_users WHERE policy_id = '{policy}'")), 0);
        assert_eq!(t.count(&format!("policy_scope_groups WHERE policy_id = '{policy}'")), 1);
        let everyone = terms::members(vec![]);
        t.write_as("carol", |tx, cx, me| policies::edit(tx, cx, me, policy, 3, &named("The board"), &everyone));
        assert_eq!(t.count(&format!("policy_scope_groups WHERE policy_id = '{policy}'")), 0);
    }

    /// Off stops new requests; what is held goes on; on again takes them again (SPEC POL-2).
    fn pol_2_a_policy_that_is_off_takes_no_requests(t: &mut Test) {
        let sales = t.sales();
        let held = requests::submit(t, "alice", sales.price_list);
        let switch = |t: &Test, version, on| {
            t.write_as("priya", move |tx, cx, me| policies::set_enabled(tx, cx, me, sales.price_list_policy, version, on));
        };
        switch(t, 1, false);
        assert_eq!(refusal(requests::try_submit(t, "dan", sales.price_list)), Refusal::NotAdmitted);
        assert!(requests::the_assignment(t, held).state.is_live());
        switch(t, 2, true);
        requests::submit(t, "dan", sales.price_list);
    }

    /// Only the strictest circle counts (SPEC POL-3).
    fn pol_3_the_narrowest_policy_counts(t: &mut Test) {
        let sales = t.sales();
        let dan = t.principal("dan").user;
        let mut for_dan = terms::only(&[dan], vec![]);
        for_dan.expiry = Expiry::AfterDays { days: 1 };
        let own = t.write_as("priya", |tx, cx, me| {
            policies::create(tx, cx, me, sales.onboarding, &new_policy("For Dan", for_dan.clone()))
        });
        let his = requests::submit(t, "dan", sales.onboarding);
        assert_eq!(requests::the_request(t, his).policy, own);
        let hers = requests::submit(t, "alice", sales.onboarding);
        assert_eq!(requests::the_request(t, hers).policy, sales.onboarding_policy);
    }

    /// A policy that contradicts itself is refused and nothing is kept of it (SPEC POL-1, POL-5, LIF-1, APR-5).
    fn pol_5_a_bad_policy_is_refused(t: &mut Test) {
        let sales = t.sales();
        let try_terms = |t: &Test, terms: Terms| {
            let new = new_policy("Bad", terms);
            t.try_as("priya", move |tx, cx, me| policies::create(tx, cx, me, sales.onboarding, &new))
        };
        let mut anyone = terms::members(vec![]);
        anyone.scope = Scope::Anyone;
        let mut long = terms::members(vec![terms::manager()]);
        long.stages[0].limit_days = 15;
        let mut endless = terms::members(vec![]);
        endless.expiry = Expiry::AfterDays { days: 3661 };
        for bad in [anyone, long, endless, terms::only(&[], vec![])] {
            assert!(matches!(refusal(try_terms(t, bad)), Refusal::BadPolicy(_)));
        }
        assert_eq!(t.count("policies WHERE name = 'Bad'"), 0);
        try_terms(t, terms::members(vec![])).unwrap();
        let twice = try_terms(t, terms::members(vec![]));
        assert_eq!(refusal(twice), Refusal::NameTaken("a policy of this package"));
    }

    /// What a policy says is kept whole: justification, mode of links, lifecycle (SPEC POL-6, POL-7, LIF-1).
    fn pol_6_pol_7_lif_1_terms_are_kept_whole(t: &mut Test) {
        let sales = t.sales();
        let mut full = terms::members(vec![terms::manager()]);
        full.justification_required = true;
        full.link_mode = Some(LinkMode::NoticeOnly);
        full.notify = false;
        full.show_approvers = false;
        full.expiry = Expiry::AfterHours { hours: 36 };
        let id = t.write_as("priya", |tx, cx, me| {
            policies::create(tx, cx, me, sales.contractor_kit, &new_policy("Full", full.clone()))
        });
        assert_eq!(t.read(|c| store::policies::terms(c, id, 1)), full);
    }

    /// A policy that governs somebody's access or request stays (SPEC PKG-4).
    fn pkg_4_a_policy_in_use_stays(t: &mut Test) {
        let sales = t.sales();
        let held = requests::submit(t, "alice", sales.price_list);
        let delete = |t: &Test, who: &str, version| {
            t.try_as(who, move |tx, cx, me| policies::delete(tx, cx, me, sales.price_list_policy, version))
        };
        forbidden(delete(t, "sam", 1), "Access package manager");
        invisible(delete(t, "dan", 1));
        assert_eq!(refusal(delete(t, "priya", 1)), Refusal::PolicyInUse(t.principal("alice").name));
        let assignment = requests::the_assignment(t, held).id;
        t.write_as("alice", |tx, cx, me| latchkey::app::request::give_up(tx, cx, assignment, me, ""));
        requests::sweep(t);
        delete(t, "priya", 1).unwrap();
        assert_eq!(t.read(|c| store::policies::terms(c, sales.price_list_policy, 1)).stages.len(), 0,
            "past requests keep showing what it said");
    }
}

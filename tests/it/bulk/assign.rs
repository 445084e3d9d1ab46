//! What direct assignment obeys, for one as for many (SPEC ASG-1, ASG-4).

use chrono::Duration;
use latchkey::app::AppError;
use latchkey::app::bulk;
use latchkey::app::request::{self, Direct};
use latchkey::domain::Refusal;
use latchkey::domain::approval::Verdict;
use latchkey::domain::assignment::AssignmentState;
use latchkey::domain::bulk::{RowState, RowWish};
use latchkey::domain::period::Period;
use latchkey::domain::policy::{Expiry, Terms};
use latchkey::domain::request::{RequestKind, RequestState};

use super::*;
use crate::requests::{decide, refusal, the_assignment, the_request};
use crate::support::terms;

on_both! {
    /// Scope, switch, conflicts and answers count for each person by themselves (SPEC ASG-1, SOD-1, QST-1, POL-2).
    fn asg_1_each_person_is_judged(t: &mut Test) {
        let s = t.sales();
        let people = crowd(t, 4);
        let only = terms::only(&[people[0].0, people[1].0, people[2].0], vec![]);
        let asked = Terms { questions: vec![terms::question("deal", "Which deal?", true)], ..only };
        let package = t.package(s.catalog, "Tools", &[s.team_member]);
        let policy = t.policy(package, "Some", &asked);
        let group = t.group("Auditors of sales", &["p1"]);
        t.insert("package_conflicts", &[
            ("id", crate::support::raw::id(t.app.ids.next::<latchkey::kernel::ids::PolicyId>())),
            ("package_id", crate::support::raw::id(package)),
            ("group_id", crate::support::raw::id(group)),
        ]);
        let mut entries: Vec<Entry> = people.iter().map(|(_, address)| entry(address)).collect();
        entries[0].wish.answers = serde_json::json!({ "deal": "Spring" });
        entries[1].wish.answers = serde_json::json!({ "deal": "Spring" });
        entries.push(Entry { typed: "p9@x".into(), problem: Some("Column “end”: no date.".into()), ..entry("") });
        let all = plainly(policy);
        let id = t.write_as("sam", |tx, cx, by| {
            bulk::assign_draft(tx, cx, by, package, all.clone(), entries.clone())
        });
        let seen = rows(t, id);
        assert_eq!((seen[0].state, seen[0].words.as_str()), (RowState::Waiting, ""));
        assert!(seen[1].words.contains("Auditors of sales"), "{}", seen[1].words);
        assert!(seen[2].words.contains("Which deal?"), "{}", seen[2].words);
        assert!(seen[3].words.contains("not for this person"), "{}", seen[3].words);
        assert_eq!(seen[4].words, "Column “end”: no date.");
        assert!(begin(t, "sam", id), "one row is done at once");
        at_once(t, id);
        assert_eq!(work(t, id).counts.done, 1);
        let made = rows(t, id)[0].request.expect("a request");
        let request = the_request(t, made);
        assert_eq!((request.kind, request.state), (RequestKind::AdminAdd, RequestState::Delivered));
        assert_eq!(request.answers[0]["shown"], "Spring");
        assert_eq!(t.notices_to("sam"), Vec::<String>::new(), "what was done at once is shown, not mailed");
        t.sql(&format!("UPDATE policies SET enabled = FALSE WHERE id = '{policy}'"));
        let off = try_draft(t, "sam", package, &all, &["p2@demo.example"]);
        assert_eq!(refusal(off), Refusal::PolicyNotOffered);
    }

    /// Start and end within the policy's limit, which binds owners too; days may differ by row (SPEC ASG-1, LIF-1).
    fn asg_1_start_and_end_within_the_limit(t: &mut Test) {
        let s = t.sales();
        let people = crowd(t, 3);
        let package = t.package(s.catalog, "Tools", &[s.team_member]);
        let days = Terms { expiry: Expiry::AfterDays { days: 10 }, ..Terms::direct_only() };
        let policy = t.policy(package, "Ten days", &days);
        let (start, end) = (t.now() + Duration::days(2), t.now() + Duration::days(5));
        let give = |who: &str, user, period| {
            t.try_as(who, |tx, cx, by| {
                request::assign(tx, cx, by, &Direct { period, ..Direct::new(package, policy, user) })
            })
        };
        let later = give("carol", people[0].0, Period { start: Some(start), end: Some(end) }).unwrap();
        let held = the_assignment(t, later);
        assert_eq!((held.state, held.starts_at, held.ends_at), (AssignmentState::Scheduled, start, Some(end)));
        let long = Period { start: None, end: Some(t.now() + Duration::days(12)) };
        for who in ["root", "carol", "sam"] {
            assert!(matches!(refusal(give(who, people[1].0, long)), Refusal::BadPeriod(_)), "{who}");
        }
        let mut all = plainly(policy);
        all.end = Some(end);
        let own = RowWish { end: Some(t.now() + Duration::days(3)), ..RowWish::default() };
        let too_long = RowWish { end: long.end, ..RowWish::default() };
        let entries: Vec<Entry> = [(1, own), (2, too_long)]
            .into_iter()
            .map(|(n, wish)| Entry { wish, ..entry(&people[n].1) })
            .collect();
        let id = t.write_as("sam", |tx, cx, by| {
            bulk::assign_draft(tx, cx, by, package, all.clone(), entries.clone())
        });
        assert_eq!(states(t, id), [RowState::Waiting, RowState::Refused]);
        begin(t, "sam", id);
        at_once(t, id);
        let made = rows(t, id)[0].request.expect("a request");
        assert_eq!(the_assignment(t, made).ends_at, Some(t.now() + Duration::days(3)));
    }

    /// Approval applies, unless somebody who may says why not (SPEC ASG-1, ROL-5).
    fn asg_1_without_approval_only_for_owners_with_a_reason(t: &mut Test) {
        let s = t.sales();
        crowd(t, 2);
        let mut all = plainly(s.onboarding_policy);
        t.sql(&format!("UPDATE users SET manager_id = '{}' WHERE email LIKE 'p%'", t.principal("bob").user));
        let id = draft(t, "sam", s.onboarding, &all, &["p0@demo.example"]);
        assert_eq!(rows(t, id)[0].words, "Approvers are asked first.");
        begin(t, "sam", id);
        at_once(t, id);
        let asked = rows(t, id)[0].request.expect("a request");
        assert_eq!(the_request(t, asked).state, RequestState::PendingApproval);
        decide(t, "bob", asked, Verdict::Approve);
        assert_eq!(the_request(t, asked).state, RequestState::Delivered);
        all.without_approval = true;
        let seen = draft(t, "sam", s.onboarding, &all, &["p1@demo.example"]);
        assert!(rows(t, seen)[0].words.contains("Catalog owner"), "{}", rows(t, seen)[0].words);
        all.justification = String::new();
        let seen = draft(t, "carol", s.onboarding, &all, &["p1@demo.example"]);
        assert_eq!(states(t, seen), [RowState::Refused]);
        all.justification = "The approver is ill".into();
        let id = draft(t, "carol", s.onboarding, &all, &["p1@demo.example"]);
        begin(t, "carol", id);
        at_once(t, id);
        let made = rows(t, id)[0].request.expect("a request");
        assert_eq!(the_request(t, made).state, RequestState::Delivered);
    }

    /// The people hear of it, unless that is switched off; their access is the same (SPEC ASG-4).
    fn asg_4_told_unless_switched_off(t: &mut Test) {
        let s = t.sales();
        crowd(t, 3);
        let mut all = plainly(s.price_list_policy);
        let told = draft(t, "sam", s.price_list, &all, &["p0@demo.example"]);
        all.notify = false;
        let quiet = draft(t, "sam", s.price_list, &all, &["p1@demo.example"]);
        // With approval, too: neither the decision nor the delivery is mailed to the person.
        t.sql(&format!("UPDATE users SET manager_id = '{}' WHERE email = 'p2@demo.example'", t.principal("bob").user));
        all.policy = s.onboarding_policy;
        let approved = draft(t, "sam", s.onboarding, &all, &["p2@demo.example"]);
        for id in [told, quiet, approved] {
            begin(t, "sam", id);
            at_once(t, id);
        }
        decide(t, "bob", rows(t, approved)[0].request.expect("a request"), Verdict::Approve);
        assert_eq!(t.notices_to("p0"), ["accessDelivered"]);
        assert_eq!(t.notices_to("p1"), Vec::<String>::new());
        assert_eq!(t.notices_to("p2"), Vec::<String>::new());
        let held = "assignments WHERE state = 'delivered'";
        assert_eq!(t.count(held), 3);
    }

    /// Who may not manage assignments drafts nothing; who may not know of the package does not learn of it (ROL-6).
    fn asg_1_only_those_who_manage_assignments(t: &mut Test) {
        let s = t.sales();
        crowd(t, 1);
        let all = plainly(s.contractor_kit_policy);
        let give = |who: &str| try_draft(t, who, s.contractor_kit, &all, &["p0@demo.example"]);
        use latchkey::domain::access::Denied;
        for who in ["dan", "alice"] {
            assert!(matches!(give(who), Err(AppError::Denied(Denied::Invisible))), "{who}");
        }
        assert!(matches!(give("aud"), Err(AppError::Denied(Denied::Forbidden { .. }))));
        for who in ["sam", "priya", "carol", "root"] {
            give(who).unwrap();
        }
        assert_eq!(refusal(try_draft(t, "sam", s.contractor_kit, &all, &[])), Refusal::NothingToDo);
    }
}

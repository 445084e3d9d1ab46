//! Approving for a shorter time or from a later day (SPEC APR-9).

use chrono::Duration;
use latchkey::domain::Refusal;
use latchkey::domain::assignment::AssignmentState;
use latchkey::domain::policy::Expiry;
use latchkey::domain::request::RequestState;
use latchkey::store::requests as kept;

use super::*;
use crate::requests::{decide, refusal, submit, sweep, the_assignment, the_request};
use crate::support::{raw, terms};

on_both! {
    /// The strictest of several stages holds; the assignment ends then, not when the policy would end it (SPEC APR-9).
    fn apr_9_the_strictest_stage_wins(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.deal_desk);
        approve_within(t, "bob", id, until(t.now() + Duration::days(5))).expect("shorter is allowed");
        let longer = approve_within(t, "mia", id, until(t.now() + Duration::days(6)));
        assert!(matches!(refusal(longer), Refusal::AllowedEnd(_)), "what one stage took, none gives back");
        assert_eq!(the_request(t, id).state, RequestState::PendingApproval);
        approve_within(t, "mia", id, until(t.now() + Duration::days(3))).expect("shorter still");
        let held = the_assignment(t, id);
        assert_eq!(held.ends_at, Some(t.now() + Duration::days(3)));
        assert_eq!(t.read(|c| kept::votes_of(c, id)).len(), 2);
        t.advance(Duration::days(3));
        sweep(t);
        assert_eq!(the_assignment(t, id).state, AssignmentState::Expired);
    }

    /// A later stage that chooses nothing keeps what the earlier one chose (SPEC APR-9).
    fn apr_9_silence_gives_nothing_back(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.deal_desk);
        let end = t.now() + Duration::days(2);
        approve_within(t, "bob", id, until(end)).expect("shorter is allowed");
        decide(t, "mia", id, Verdict::Approve);
        assert_eq!(the_assignment(t, id).ends_at, Some(end));
    }

    /// A later start makes a scheduled assignment that is delivered then, and lasts as long as the policy says from
    /// there (SPEC APR-9, DLV-8, LIF-1).
    fn apr_9_a_later_start_is_scheduled(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let start = t.now() + Duration::days(4);
        approve_within(t, "bob", id, Allowance { start: Some(start), end: None }).expect("later is allowed");
        assert_eq!(the_request(t, id).state, RequestState::Scheduled);
        let held = the_assignment(t, id);
        assert_eq!((held.state, held.starts_at), (AssignmentState::Scheduled, start));
        // Thirty days of the calendar, over a change of the clocks.
        let lasts = held.ends_at.map(|end| (end - start).num_hours());
        assert!(lasts.is_some_and(|hours| (719..=721).contains(&hours)), "{lasts:?}");
        t.advance(Duration::days(4));
        sweep(t);
        assert_eq!(the_assignment(t, id).state, AssignmentState::Delivered);
    }

    /// Never longer, never earlier, never an empty time; nothing is kept of a refused decision (SPEC APR-9).
    fn apr_9_never_longer_never_earlier(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let now = t.now();
        let day = |n| now + Duration::days(n);
        for allowed in [
            until(day(31)),
            until(day(30)),
            until(now),
            until(day(-1)),
            Allowance { start: Some(now), end: None },
            Allowance { start: Some(day(-3)), end: None },
            Allowance { start: Some(day(10)), end: Some(day(10)) },
            Allowance { start: Some(day(400)), end: None },
        ] {
            let no = refusal(approve_within(t, "bob", id, allowed));
            assert_eq!(no.rule(), "APR-9", "{allowed:?}: {no}");
        }
        assert_eq!(t.count("votes"), 0);
        assert_eq!(the_request(t, id).state, RequestState::PendingApproval);
        // What the requestor wanted is a bound too.
        let request = t.literal(&raw::id(id));
        let wanted = t.literal(&day(10).into());
        t.sql(&format!("UPDATE requests SET wanted_end = {wanted} WHERE id = {request}"));
        assert!(approve_within(t, "bob", id, until(day(11))).is_err());
        approve_within(t, "bob", id, until(day(9))).expect("shorter than wanted");
        assert_eq!(the_assignment(t, id).ends_at, Some(day(9)));
    }

    /// Access without an end, or up to a fixed day, can be bounded too (SPEC APR-9, LIF-1).
    fn apr_9_every_kind_of_end_can_be_shortened(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let catalog = t.catalog("Tools", "carol");
        let last_day = at("2026-03-20T00:00:00Z").date_naive();
        for (name, expiry, too_far) in [
            ("Ever", Expiry::Never, None),
            ("Dated", Expiry::OnDate { date: last_day }, Some(t.now() + Duration::days(30))),
            ("Hours", Expiry::AfterHours { hours: 100 }, Some(t.now() + Duration::hours(100))),
        ] {
            let package = t.package(catalog, name, &[]);
            let terms = latchkey::domain::policy::Terms { expiry, ..terms::members(vec![terms::manager()]) };
            t.policy(package, "P", &terms);
            let id = submit(t, "alice", package);
            if let Some(end) = too_far {
                assert!(approve_within(t, "bob", id, until(end)).is_err(), "{name}");
            }
            let end = t.now() + Duration::days(3);
            approve_within(t, "bob", id, until(end)).expect("shorter is allowed");
            assert_eq!(the_assignment(t, id).ends_at, Some(end), "{name}");
        }
    }
}

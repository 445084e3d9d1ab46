use super::*;
use chrono::NaiveDate;

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

const ZONE: Tz = chrono_tz::Europe::Berlin;

fn facts() -> ExtensionFacts {
    ExtensionFacts {
        state: AssignmentState::Delivered,
        starts_at: at("2026-03-01T09:00:00Z"),
        ends_at: Some(at("2026-03-31T09:00:00Z")),
        allowed: true,
        policy_enabled: true,
        admitted: true,
        expiry: Expiry::AfterDays { days: 30 },
        published: true,
        closed_to_guest: false,
        enabled: true,
        open: false,
        conflicts: Vec::new(),
    }
}

#[test]
fn req_7_each_check_of_an_extension_has_its_own_message() {
    let now = at("2026-03-20T09:00:00Z");
    assert_eq!(check(&facts(), now, ZONE), Ok(()));
    let date = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    let cases: Vec<(Box<dyn Fn(&mut ExtensionFacts)>, Refusal)> = vec![
        (Box::new(|f| f.state = AssignmentState::Expired), Refusal::AlreadyEnded),
        (Box::new(|f| f.open = true), Refusal::AlreadyRequested),
        (Box::new(|f| f.enabled = false), Refusal::UserDisabled),
        (Box::new(|f| f.policy_enabled = false), Refusal::PolicySwitchedOff),
        (Box::new(|f| f.published = false), Refusal::CatalogUnpublished),
        (Box::new(|f| f.closed_to_guest = true), Refusal::CatalogClosedToGuests),
        (Box::new(|f| f.admitted = false), Refusal::NoLongerAdmitted),
        (Box::new(|f| f.ends_at = None), Refusal::NothingToExtend),
        (Box::new(|f| f.allowed = false), Refusal::ExtensionNotAllowed),
        (Box::new(|f| f.conflicts = vec!["Board papers".into()]), Refusal::Conflict("Board papers".into())),
        (
            Box::new(move |f| {
                f.expiry = Expiry::OnDate { date };
                f.ends_at = Some(at("2026-03-31T22:00:00Z"));
            }),
            Refusal::AtTheLimit,
        ),
    ];
    let mut messages = std::collections::HashSet::new();
    for (change, refusal) in cases {
        let mut facts = facts();
        change(&mut facts);
        assert_eq!(check(&facts, now, ZONE), Err(refusal.clone()));
        assert!(messages.insert(refusal.to_string()));
    }
}

#[test]
fn i6_nothing_is_extended_at_or_after_its_end() {
    let (f, end, moment) = (facts(), at("2026-03-31T09:00:00Z"), Duration::microseconds(1));
    assert_eq!(check(&f, end - moment, ZONE), Ok(()));
    assert_eq!(check(&f, end, ZONE), Err(Refusal::AlreadyEnded));
    assert_eq!(check(&f, end + moment, ZONE), Err(Refusal::AlreadyEnded));
}

#[test]
fn req_7_a_new_end_counts_from_the_decision_and_never_shortens() {
    let now = at("2026-03-20T09:00:00Z");
    let old = Some(at("2026-03-31T09:00:00Z"));
    let days = |days| Expiry::AfterDays { days };
    // Over the change to summer time of 29 March, 10:00 stays 10:00 (I18).
    assert_eq!(new_end(days(30), None, old, now, ZONE), Some(at("2026-04-19T08:00:00Z")));
    // Extending on the first day gives nothing that the policy does not give.
    assert_eq!(new_end(days(5), None, old, now, ZONE), old);
    let wanted = Some(at("2026-04-10T22:00:00Z"));
    assert_eq!(new_end(days(30), wanted, old, now, ZONE), wanted);
    assert_eq!(
        new_end(days(30), Some(at("2027-01-01T00:00:00Z")), old, now, ZONE),
        Some(at("2026-04-19T08:00:00Z"))
    );
    let date = NaiveDate::from_ymd_opt(2026, 4, 5).unwrap();
    assert_eq!(new_end(Expiry::OnDate { date }, wanted, old, now, ZONE), Some(at("2026-04-05T22:00:00Z")));
    let past = NaiveDate::from_ymd_opt(2026, 3, 25).unwrap();
    assert_eq!(new_end(Expiry::OnDate { date: past }, None, old, now, ZONE), old);
    assert_eq!(new_end(Expiry::Never, None, old, now, ZONE), None);
    assert_eq!(new_end(Expiry::Never, wanted, old, now, ZONE), wanted);
    assert_eq!(new_end(days(30), None, None, now, ZONE), None, "what does not end is not given an end");
}

#[test]
fn not_2_reminders_are_sensible_for_short_access() {
    let start = at("2026-03-01T09:00:00Z");
    let of = |hours: i64| {
        let end = start + Duration::hours(hours);
        reminders(start, end).into_iter().map(|at| (end - at).num_hours()).collect::<Vec<_>>()
    };
    assert_eq!(of(90 * 24), [14 * 24, 24]);
    assert_eq!(of(28 * 24), [14 * 24, 24]);
    assert_eq!(of(28 * 24 - 1), [24], "less than 28 days: the last one only");
    assert_eq!(of(20 * 24), [24]);
    assert_eq!(of(48), [24]);
    assert_eq!(of(47), [0_i64; 0], "less than two days: none");
    assert_eq!(of(8), [0_i64; 0]);
}

#[test]
fn i17_a_late_sweep_reminds_once() {
    let start = at("2026-03-01T09:00:00Z");
    let end = start + Duration::days(30);
    let (first, last) = (end - Duration::days(14), end - Duration::days(1));
    assert_eq!(next_reminder(start, end, start), Some(first));
    assert_eq!(remind(first, start, end, first), Reminding { due: true, next: Some(last) });
    // The scheduler was down over both: one mail, and no more.
    let late = last + Duration::hours(3);
    assert_eq!(remind(first, start, end, late), Reminding { due: true, next: None });
    assert_eq!(remind(last, start, end, late), Reminding { due: true, next: None });
    assert_eq!(remind(last, start, end, end), Reminding { due: false, next: None });
    // The end was moved in between: nothing is told, the reminders are planned anew.
    let later = end + Duration::days(60);
    assert_eq!(
        remind(first, start, later, first),
        Reminding { due: false, next: Some(later - Duration::days(14)) }
    );
}

use super::*;

const BERLIN: Tz = chrono_tz::Europe::Berlin;
const KOLKATA: Tz = chrono_tz::Asia::Kolkata;

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn free(expiry: Expiry) -> Terms {
    Terms { custom_timeline: true, expiry, ..Terms::direct_only() }
}

fn wish(start: &str, end: &str, zone: Tz) -> Period {
    Period { start: typed(start, false, zone).unwrap(), end: typed(end, true, zone).unwrap() }
}

const NOW: &str = "2026-03-02T09:30:00Z";

fn checked(terms: &Terms, start: &str, end: &str) -> Result<Period, BadPeriod> {
    check(terms, wish(start, end, BERLIN), at(NOW), BERLIN, BERLIN)
}

#[test]
fn i18_a_day_is_the_persons_day() {
    assert_eq!(typed("", false, BERLIN), Ok(None));
    assert_eq!(typed("2026-04-01", false, BERLIN), Ok(Some(at("2026-03-31T22:00:00Z"))));
    assert_eq!(typed("2026-04-01", true, BERLIN), Ok(Some(at("2026-04-01T22:00:00Z"))));
    assert_eq!(typed("2026-04-01", true, KOLKATA), Ok(Some(at("2026-04-01T18:30:00Z"))));
    // The day of the change has 23 hours, and 02:30 does not exist on it: the first instant after the gap.
    assert_eq!(typed("2026-03-29", false, BERLIN), Ok(Some(at("2026-03-28T23:00:00Z"))));
    assert_eq!(typed("2026-03-29", true, BERLIN), Ok(Some(at("2026-03-29T22:00:00Z"))));
    assert_eq!(typed("2026-03-29T02:30", false, BERLIN), Ok(Some(at("2026-03-29T01:00:00Z"))));
    // 02:30 on the day back exists twice: the earlier one.
    assert_eq!(typed("2026-10-25T02:30", false, BERLIN), Ok(Some(at("2026-10-25T00:30:00Z"))));
    // Leap days.
    assert_eq!(typed("2028-02-29", true, BERLIN), Ok(Some(at("2028-02-29T23:00:00Z"))));
    for bad in ["2027-02-29", "tomorrow", "31.01.2027", "0001-01-01", "+12345-01-01", "2026-03-29T25:00"] {
        assert!(typed(bad, false, BERLIN).is_err(), "{bad}");
    }
}

#[test]
fn pol_6_a_period_within_the_policys_limit() {
    let days = free(Expiry::AfterDays { days: 30 });
    let got = checked(&days, "2026-03-10", "2026-03-20").unwrap();
    assert_eq!(got, wish("2026-03-10", "2026-03-20", BERLIN));
    // Today is now.
    assert_eq!(checked(&days, "2026-03-02", "").unwrap(), Period::default());
    // Only an end.
    assert_eq!(checked(&days, "", "2026-03-02").unwrap().end, Some(at("2026-03-02T23:00:00Z")));
    // The limit counts from the start, and its last day is the limit: 30 days from 1 April at midnight.
    let last = checked(&days, "2026-04-01", "2026-04-30").unwrap();
    assert_eq!(last.end, Some(at("2026-04-30T22:00:00Z")));
    // Without a start it counts from now; the end of the last day is cut to the hour.
    assert_eq!(checked(&days, "", "2026-04-01").unwrap().end, Some(at("2026-04-01T08:30:00Z")));
    let never = free(Expiry::Never);
    assert_eq!(checked(&never, "", "2030-01-01").unwrap().end, Some(at("2030-01-01T23:00:00Z")));
}

#[test]
fn pol_6_every_bad_period_says_what_is_wrong_beside_its_field() {
    let days = free(Expiry::AfterDays { days: 30 });
    let start = |start, end| checked(&days, start, end).unwrap_err().start.unwrap_or_default();
    let end = |start, end| checked(&days, start, end).unwrap_err().end.unwrap_or_default();
    assert!(start("2026-03-01", "").contains("past"));
    assert!(start("2027-06-01", "").contains("year"));
    assert!(end("", "2026-03-01").contains("past"));
    assert!(end("2026-03-10", "2026-03-09").contains("after the start"));
    assert!(end("", "2026-04-02").contains("until 1 April 2026"));
    assert!(end("2026-04-01", "2026-05-01").contains("until 30 April 2026"));
    let both = checked(&days, "2026-03-01", "2026-02-01").unwrap_err();
    assert!(both.start.is_some() && both.end.is_some());
    let date = free(Expiry::OnDate { date: NaiveDate::from_ymd_opt(2026, 3, 31).unwrap() });
    assert!(checked(&date, "2026-04-01", "").unwrap_err().start.unwrap().contains("until 31 March 2026"));
    assert_eq!(checked(&date, "2026-03-31", "2026-03-31").unwrap().end, Some(at("2026-03-31T22:00:00Z")));
    let fixed = Terms { custom_timeline: false, ..days };
    assert!(checked(&fixed, "2026-03-10", "").unwrap_err().start.unwrap().contains("does not let you"));
    assert!(checked(&fixed, "", "2026-03-10").unwrap_err().end.unwrap().contains("does not let you"));
    assert_eq!(checked(&fixed, "", "").unwrap(), Period::default());
}

#[test]
fn pol_6_hours_take_a_time_of_day() {
    let hours = free(Expiry::AfterHours { hours: 8 });
    // 10:30 in Berlin now; the same minute is not the past.
    assert_eq!(checked(&hours, "2026-03-02T10:30", "").unwrap().start, None);
    assert!(checked(&hours, "2026-03-02T10:28", "").is_err());
    let night = checked(&hours, "2026-03-28T22:00", "2026-03-29T07:00").unwrap();
    // The night of the change has an hour less: eight real hours end at 07:00 (I18).
    assert_eq!(night.end.unwrap() - night.start.unwrap(), Duration::hours(8));
    assert!(
        checked(&hours, "2026-03-28T22:00", "2026-03-29T07:01").unwrap_err().end.unwrap().contains("07:00")
    );
}

#[test]
fn req_7_a_wanted_end_of_an_extension() {
    let days = free(Expiry::AfterDays { days: 30 });
    let old = at("2026-03-20T08:30:00Z");
    let ask =
        |day: &str| check_extension(&days, typed(day, true, BERLIN).unwrap(), old, at(NOW), BERLIN, BERLIN);
    assert_eq!(ask(""), Ok(None));
    assert_eq!(ask("2026-03-25"), Ok(Some(at("2026-03-25T23:00:00Z"))));
    assert_eq!(ask("2026-04-01"), Ok(Some(at("2026-04-01T08:30:00Z"))), "cut to the limit on its last day");
    assert!(ask("2026-04-02").unwrap_err().contains("1 April 2026"));
    assert!(ask("2026-03-19").unwrap_err().contains("never shortens"));
    let fixed = Terms { custom_timeline: false, ..days };
    let end = typed("2026-03-25", true, BERLIN).unwrap();
    assert!(check_extension(&fixed, end, old, at(NOW), BERLIN, BERLIN).is_err());
    let date = free(Expiry::OnDate { date: NaiveDate::from_ymd_opt(2026, 3, 20).unwrap() });
    let late = typed("2026-03-20", true, KOLKATA).unwrap();
    assert!(check_extension(&date, late, at("2026-03-20T23:00:00Z"), at(NOW), KOLKATA, BERLIN).is_err());
}

//! Times as mails show them: in the recipient's zone, with the zone's name, because a mail is read anywhere.

use chrono_tz::Tz;

use crate::kernel::Moment;

/// "24 November 2026", for subjects.
pub(super) fn day(at: Moment, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %B %Y").to_string()
}

/// "Tuesday, 24 November 2026, 16:00 (Europe/Berlin)".
pub(super) fn exact(at: Moment, zone: Tz) -> String {
    let local = at.with_timezone(&zone).format("%A, %-d %B %Y, %H:%M");
    format!("{local} ({})", zone.name().replace('_', " "))
}

/// "16:00", for subjects.
pub(super) fn time(at: Moment, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M").to_string()
}

/// "16:00 (Europe/Berlin)".
pub(super) fn hour(at: Moment, zone: Tz) -> String {
    let local = at.with_timezone(&zone).format("%H:%M");
    format!("{local} ({})", zone.name().replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_3_times_are_shown_in_the_recipients_zone() {
        let at: Moment = "2026-11-24T23:30:00Z".parse().unwrap();
        assert_eq!(day(at, Tz::Europe__Berlin), "25 November 2026");
        assert_eq!(exact(at, Tz::America__New_York), "Tuesday, 24 November 2026, 18:30 (America/New York)");
        assert_eq!(hour(at, Tz::UTC), "23:30 (UTC)");
    }
}

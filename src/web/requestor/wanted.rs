//! The period that a person asks for, on a form (SPEC POL-6, DLV-8): days in their own zone; a time of day too where
//! access is counted in hours.

use chrono_tz::Tz;

use super::words;
use crate::domain::period::{self, Period, in_hours};
use crate::domain::policy::Terms;
use crate::kernel::Moment;
use crate::web::ui::{FieldKind, FieldView};
use crate::web::{FormErrors, Signed};

/// When and where a form is read.
#[derive(Debug, Clone, Copy)]
pub struct Zones {
    /// Now.
    pub now: Moment,
    /// The person's zone.
    pub person: Tz,
    /// The zone in which policies count (SPEC LIF-1).
    pub instance: Tz,
}

impl Zones {
    /// Of the person who is signed in.
    pub fn of(s: &Signed) -> Self {
        Self { now: s.now(), person: s.tz(), instance: s.app.instance.time_zone }
    }

    fn today(&self) -> String {
        self.now.with_timezone(&self.person).format("%Y-%m-%d").to_string()
    }
}

/// Reads what was typed; what is wrong is said beside the fields `start` and `end`.
pub fn read(terms: &Terms, start: &str, end: &str, z: &Zones, errors: &mut FormErrors) -> Period {
    let asked = !start.trim().is_empty() || !end.trim().is_empty();
    if asked && !terms.custom_timeline {
        // There may be no such fields beside which it could be said.
        errors.form = Some("This policy does not let you choose when access starts and ends.".to_owned());
        return Period::default();
    }
    let start = errors.take("start", period::typed(start, false, z.person)).flatten();
    let end = errors.take("end", period::typed(end, true, z.person)).flatten();
    if errors.of("start").is_some() || errors.of("end").is_some() {
        return Period::default();
    }
    match period::check(terms, Period { start, end }, z.now, z.person, z.instance) {
        Ok(kept) => kept,
        Err(bad) => {
            if let Some(why) = bad.start {
                errors.add("start", why);
            }
            if let Some(why) = bad.end {
                errors.add("end", why);
            }
            Period::default()
        }
    }
}

/// The end that is wanted for access that is extended.
pub fn read_end(terms: &Terms, end: &str, old: Moment, z: &Zones, errors: &mut FormErrors) -> Option<Moment> {
    let typed = errors.take("end", period::typed(end, true, z.person)).flatten();
    let checked = period::check_extension(terms, typed, old, z.now, z.person, z.instance);
    errors.take("end", checked).flatten()
}

fn field(name: &str, label: &str, hours: bool, value: &str, errors: &FormErrors, z: &Zones) -> FieldView {
    let kind = if hours { FieldKind::DateTime } else { FieldKind::Date };
    let mut field = FieldView::new(kind, name, label).value(value).error(errors.of(name));
    if !hours {
        field.min = Some(z.today());
    }
    field
}

/// The fields for start and end, if any of these policies lets people choose.
pub fn fields(all: &[&Terms], start: &str, end: &str, errors: &FormErrors, z: &Zones) -> Vec<FieldView> {
    let free: Vec<&&Terms> = all.iter().filter(|t| t.custom_timeline).collect();
    if free.is_empty() {
        return Vec::new();
    }
    let hours = free.iter().any(|t| in_hours(t.expiry));
    let some = if free.len() < all.len() { "Only for the ways above that let you choose. " } else { "" };
    let latest = match free.as_slice() {
        [only] if all.len() == 1 => {
            format!("Leave it empty for as long as possible: {}.", words::lasts(only.expiry))
        }
        _ => "Leave it empty for as long as possible.".to_owned(),
    };
    let zone = z.person.name().replace('_', " ");
    let at = if hours { format!(" Times are those of {zone}.") } else { String::new() };
    vec![
        field("start", "Start", hours, start, errors, z)
            .hint(format!("{some}Leave it empty to start as soon as it is approved.{at}")),
        field("end", "End", hours, end, errors, z)
            .hint(format!("{some}{latest}{}", if hours { "" } else { " You keep it through that day." })),
    ]
}

/// The field for the end that an extension is wanted for.
pub fn end_field(terms: &Terms, end: &str, errors: &FormErrors, z: &Zones) -> Option<FieldView> {
    terms.custom_timeline.then(|| {
        field("end", "New end", in_hours(terms.expiry), end, errors, z)
            .hint("Leave it empty for as long as possible.")
    })
}

//! Importing users from a CSV file (SPEC DIR-3): first what it would do, row by row, then all of it or nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

mod apply;

pub use apply::apply;

use crate::app::AppError;
use crate::domain::directory::{MOST_EXTENSIONS, Profile, User, UserKind};
use crate::domain::import::{Cell, Column, Row, Sheet};
use crate::kernel::ids::UserId;
use crate::kernel::{Email, secret};
use crate::store::{Conn, StoreError, role_grants, users};

text_enum! {
    /// What would happen to a row.
    pub enum Outcome {
        /// Somebody new.
        Added = "added",
        /// Somebody who is there changes.
        Changed = "changed",
        /// Everything is so already.
        Same = "same",
        /// It cannot be taken.
        Refused = "refused",
    }
}

/// A row with what would happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its line in the file.
    pub line: u64,
    /// The address, as it stands there.
    pub email: String,
    /// The name that the person would have.
    pub name: String,
    /// What would happen.
    pub outcome: Outcome,
    /// What changes: of what, from, to.
    pub changes: Vec<(String, String, String)>,
    /// Why it is refused.
    pub reasons: Vec<String>,
}

/// How many rows there are of each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Somebody new.
    pub added: usize,
    /// Somebody changes.
    pub changed: usize,
    /// Nothing changes.
    pub same: usize,
    /// Cannot be taken.
    pub refused: usize,
}

/// What a file would do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Every row.
    pub rows: Vec<Judged>,
    /// How many there are of each outcome.
    pub counts: Counts,
    /// Another one means that something is different by now.
    pub fingerprint: String,
    works: Vec<Work>,
}

/// The manager that a row names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Manager {
    Is(Option<UserId>),
    /// Somebody new in the same file, by folded address.
    InFile(String),
}

#[derive(Debug, Clone)]
struct Work {
    user: Option<User>,
    profile: Profile,
    manager: Manager,
    enabled: bool,
    changes: Vec<(String, String, String)>,
}

/// Everybody who is there, by folded address.
struct Directory {
    by_email: HashMap<String, User>,
    email_of: HashMap<UserId, String>,
}

impl Directory {
    fn load(conn: &mut Conn) -> Result<Self, StoreError> {
        const BATCH: i64 = 2_000;
        let (mut by_email, mut email_of) = (HashMap::new(), HashMap::new());
        let mut last = None;
        loop {
            let some = users::after(conn, last, BATCH)?;
            let Some(end) = some.last() else { break };
            last = Some(end.id);
            for user in some.into_iter().filter(|u| u.deleted_at.is_none()) {
                let email = user.profile.email.folded();
                email_of.insert(user.id, email.clone());
                by_email.insert(email, user);
            }
        }
        Ok(Self { by_email, email_of })
    }
}

/// Judges every row against the directory as it is now.
pub fn judge(conn: &mut Conn, sheet: &Sheet, time_zone: &str) -> Result<Plan, AppError> {
    let directory = Directory::load(conn)?;
    let mut times: HashMap<String, usize> = HashMap::new();
    for row in &sheet.rows {
        if let Some(email) = address(row) {
            *times.entry(email.folded()).or_insert(0) += 1;
        }
    }
    let mut rows = Vec::with_capacity(sheet.rows.len());
    let mut works = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let (judged, work) = judge_row(&directory, &times, row, time_zone);
        rows.push(judged);
        works.push(work);
    }
    refuse_circles(&directory, &mut rows, &works);
    refuse_the_last_administrator(conn, &mut rows, &works)?;
    let mut counts = Counts::default();
    let mut all = String::new();
    for row in &rows {
        match row.outcome {
            Outcome::Added => counts.added += 1,
            Outcome::Changed => counts.changed += 1,
            Outcome::Same => counts.same += 1,
            Outcome::Refused => counts.refused += 1,
        }
        all.push_str(&format!("{}|{}|{:?}|{:?}\n", row.email, row.outcome, row.changes, row.reasons));
    }
    let works = works
        .into_iter()
        .zip(&rows)
        .filter(|(_, row)| matches!(row.outcome, Outcome::Added | Outcome::Changed))
        .filter_map(|(work, _)| work)
        .collect();
    Ok(Plan { rows, counts, fingerprint: secret::hash(&all), works })
}

fn address(row: &Row) -> Option<Email> {
    match row.cells.get(&Column::Email) {
        Some(Cell::Text(text)) => Email::parse(text).ok(),
        _ => None,
    }
}

fn judge_row(
    directory: &Directory,
    times: &HashMap<String, usize>,
    row: &Row,
    time_zone: &str,
) -> (Judged, Option<Work>) {
    let mut reasons = row.problems.clone();
    let mut judged = Judged {
        line: row.line,
        email: String::new(),
        name: String::new(),
        outcome: Outcome::Refused,
        changes: Vec::new(),
        reasons: Vec::new(),
    };
    let Some(email) = address(row) else {
        if reasons.is_empty() {
            reasons.push("The address is missing.".to_owned());
        }
        return (Judged { reasons, ..judged }, None);
    };
    judged.email = email.to_string();
    if times.get(&email.folded()).is_some_and(|n| *n > 1) {
        reasons.push("This address is in the file more than once.".to_owned());
    }
    let there = directory.by_email.get(&email.folded());
    let before = there.map(|u| u.profile.clone());
    let mut profile = before.clone().unwrap_or_else(|| Profile {
        email: email.clone(),
        display_name: String::new(),
        given_name: String::new(),
        surname: String::new(),
        kind: UserKind::Member,
        department: String::new(),
        job_title: String::new(),
        company: String::new(),
        office: String::new(),
        country: String::new(),
        employee_id: String::new(),
        hired_on: None,
        manager: None,
        time_zone: time_zone.to_owned(),
        locale: "en".to_owned(),
        extension: BTreeMap::new(),
    });
    let mut enabled = there.is_none_or(|u| u.enabled);
    let mut manager = Manager::Is(profile.manager);
    for (column, cell) in &row.cells {
        let text = match cell {
            Cell::Text(text) => text.as_str(),
            Cell::Clear => "",
        };
        let keep = |field: &mut String| text.clone_into(field);
        match column {
            // An address that differs in case only is the same.
            Column::Email => {}
            Column::DisplayName => keep(&mut profile.display_name),
            Column::GivenName => keep(&mut profile.given_name),
            Column::Surname => keep(&mut profile.surname),
            Column::Department => keep(&mut profile.department),
            Column::JobTitle => keep(&mut profile.job_title),
            Column::Company => keep(&mut profile.company),
            Column::Office => keep(&mut profile.office),
            Column::Country => keep(&mut profile.country),
            Column::EmployeeId => keep(&mut profile.employee_id),
            Column::HiredOn => profile.hired_on = text.parse().ok(),
            Column::Manager if text.is_empty() => manager = Manager::Is(None),
            Column::Manager => {
                let folded = crate::kernel::text::fold(text);
                match directory.by_email.get(&folded) {
                    Some(known) => manager = Manager::Is(Some(known.id)),
                    None if times.contains_key(&folded) => manager = Manager::InFile(folded),
                    None => reasons
                        .push(format!("The manager {text} is neither in the directory nor in the file.")),
                }
            }
            Column::Kind | Column::TimeZone | Column::Locale | Column::Enabled if text.is_empty() => {
                reasons.push(format!("{} cannot be emptied.", column.words()));
            }
            Column::Kind => profile.kind = UserKind::parse(text).unwrap_or(profile.kind),
            Column::TimeZone => keep(&mut profile.time_zone),
            Column::Locale => keep(&mut profile.locale),
            Column::Enabled => enabled = text == "true",
            Column::Further(name) if text.is_empty() => {
                profile.extension.remove(name);
            }
            Column::Further(name) => {
                profile.extension.insert(name.clone(), text.to_owned());
            }
        }
    }
    if profile.extension.len() > MOST_EXTENSIONS {
        reasons.push(format!("A person has at most {MOST_EXTENSIONS} further attributes."));
    }
    if profile.display_name.is_empty() {
        let joined = format!("{} {}", profile.given_name, profile.surname);
        joined.trim().clone_into(&mut profile.display_name);
    }
    if profile.display_name.is_empty() {
        reasons.push("The name is missing.".to_owned());
    }
    judged.name.clone_from(&profile.display_name);
    let old = before
        .map(|p| values(&p, there.is_none_or(|u| u.enabled), manager_of(directory, &Manager::Is(p.manager))));
    let new = values(&profile, enabled, manager_of(directory, &manager));
    let changes = changes(old.as_ref(), &new);
    judged.outcome = match (&old, reasons.is_empty(), changes.is_empty()) {
        (_, false, _) => Outcome::Refused,
        (None, true, _) => Outcome::Added,
        (Some(_), true, true) => Outcome::Same,
        (Some(_), true, false) => Outcome::Changed,
    };
    judged.changes.clone_from(&changes);
    judged.reasons = reasons;
    let work = Work { user: there.cloned(), profile, manager, enabled, changes };
    (judged, Some(work))
}

fn manager_of(directory: &Directory, manager: &Manager) -> String {
    match manager {
        Manager::Is(None) => String::new(),
        Manager::Is(Some(id)) => {
            directory.email_of.get(id).cloned().unwrap_or_else(|| "a deleted user".to_owned())
        }
        Manager::InFile(email) => email.clone(),
    }
}

/// Everything about a person, by its everyday name.
fn values(p: &Profile, enabled: bool, manager: String) -> BTreeMap<String, String> {
    let text = |column: Column, value: &str| (column.words(), value.to_owned());
    let mut all = BTreeMap::from([
        text(Column::DisplayName, &p.display_name),
        text(Column::GivenName, &p.given_name),
        text(Column::Surname, &p.surname),
        text(Column::Kind, p.kind.as_str()),
        text(Column::Department, &p.department),
        text(Column::JobTitle, &p.job_title),
        text(Column::Company, &p.company),
        text(Column::Office, &p.office),
        text(Column::Country, &p.country),
        text(Column::EmployeeId, &p.employee_id),
        text(Column::HiredOn, &p.hired_on.map(|d| d.to_string()).unwrap_or_default()),
        text(Column::Manager, &manager),
        text(Column::TimeZone, &p.time_zone),
        text(Column::Locale, &p.locale),
        text(Column::Enabled, if enabled { "yes" } else { "no" }),
    ]);
    all.extend(p.extension.iter().map(|(name, value)| (name.clone(), value.clone())));
    all
}

fn changes(
    old: Option<&BTreeMap<String, String>>,
    new: &BTreeMap<String, String>,
) -> Vec<(String, String, String)> {
    let none = BTreeMap::new();
    let before = old.unwrap_or(&none);
    let names: BTreeSet<&String> = before.keys().chain(new.keys()).collect();
    let of = |all: &BTreeMap<String, String>, name: &String| all.get(name).cloned().unwrap_or_default();
    names
        .into_iter()
        .map(|name| (name.clone(), of(before, name), of(new, name)))
        .filter(|(_, was, is)| was != is)
        .collect()
}

/// Nobody may come out above themselves (SPEC DIR-6).
fn refuse_circles(directory: &Directory, rows: &mut [Judged], works: &[Option<Work>]) {
    let mut above: HashMap<&str, String> = HashMap::new();
    for (email, user) in &directory.by_email {
        if let Some(manager) = user.profile.manager.and_then(|m| directory.email_of.get(&m)) {
            above.insert(email, manager.clone());
        }
    }
    let emails: Vec<String> =
        works.iter().map(|w| w.as_ref().map(|w| w.profile.email.folded()).unwrap_or_default()).collect();
    for (email, work) in emails.iter().zip(works) {
        if let Some(work) = work {
            match manager_of(directory, &work.manager) {
                none if none.is_empty() => above.remove(email.as_str()),
                manager => above.insert(email, manager),
            };
        }
    }
    for (email, row) in emails.iter().zip(rows) {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut at = email.as_str();
        while let Some(next) = above.get(at) {
            if next == email && !email.is_empty() {
                row.outcome = Outcome::Refused;
                row.reasons.push("Its line of managers leads back to the person.".to_owned());
                break;
            }
            if !seen.insert(next) {
                break;
            }
            at = next;
        }
    }
}

/// At least one enabled administrator has to remain (SPEC ROL-3).
fn refuse_the_last_administrator(
    conn: &mut Conn,
    rows: &mut [Judged],
    works: &[Option<Work>],
) -> Result<(), AppError> {
    let mut left = role_grants::administrators(conn)?;
    let there = !left.is_empty();
    let disabled = |work: &Option<Work>| {
        work.as_ref().filter(|w| !w.enabled).and_then(|w| w.user.as_ref()).map(|u| u.id)
    };
    let before = left.clone();
    for id in works.iter().filter_map(disabled) {
        left.remove(&id);
    }
    if there && left.is_empty() {
        for (row, work) in rows.iter_mut().zip(works) {
            if disabled(work).is_some_and(|id| before.contains(&id)) {
                row.outcome = Outcome::Refused;
                row.reasons.push("It would disable the last administrator.".to_owned());
            }
        }
    }
    Ok(())
}

//! Reading a CSV file of users (SPEC DIR-3): encoding, separator, columns, cells. What a row would change is judged in
//! `app`, which knows the directory.

use std::collections::BTreeMap;

use super::directory::{MOST_EXTENSIONS, UserKind};
use crate::kernel::{Email, text};

/// The most that a file may hold, in bytes.
pub const LARGEST: usize = 20 * 1024 * 1024;
/// The most rows.
pub const MOST_ROWS: usize = 200_000;
/// The longest text of a cell.
const LONGEST: usize = 200;
/// A cell with this word empties what is there; an empty cell leaves it as it is.
pub const CLEARS: &str = "null";

/// What a column is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The address, by which people are found.
    Email,
    /// Full name.
    DisplayName,
    /// First name.
    GivenName,
    /// Family name.
    Surname,
    /// Member or guest.
    Kind,
    /// Department.
    Department,
    /// Job title.
    JobTitle,
    /// Company.
    Company,
    /// Office.
    Office,
    /// Country.
    Country,
    /// Employee id.
    EmployeeId,
    /// First day at work.
    HiredOn,
    /// The manager's address.
    Manager,
    /// Time zone.
    TimeZone,
    /// Language.
    Locale,
    /// May the person sign in?
    Enabled,
    /// A further attribute of this name.
    Further(String),
}

/// Each column: its everyday name, and other names in small letters without blanks.
const COLUMNS: &[(Column, &str, &[&str])] = &[
    (Column::Email, "E-mail", &["email", "mail", "emailaddress", "userprincipalname", "upn"]),
    (Column::DisplayName, "Name", &["name", "displayname", "fullname"]),
    (Column::GivenName, "Given name", &["givenname", "firstname"]),
    (Column::Surname, "Surname", &["surname", "lastname", "familyname"]),
    (Column::Kind, "Kind", &["kind", "usertype", "type"]),
    (Column::Department, "Department", &["department"]),
    (Column::JobTitle, "Job title", &["jobtitle", "title"]),
    (Column::Company, "Company", &["company", "companyname"]),
    (Column::Office, "Office", &["office", "officelocation"]),
    (Column::Country, "Country", &["country"]),
    (Column::EmployeeId, "Employee id", &["employeeid", "personnelnumber"]),
    (Column::HiredOn, "Hire date", &["hiredate", "employeehiredate", "hiredon"]),
    (Column::Manager, "Manager", &["manager", "manageremail", "managermail", "manageremailaddress"]),
    (Column::TimeZone, "Time zone", &["timezone"]),
    (Column::Locale, "Language", &["language", "locale", "preferredlanguage"]),
    (Column::Enabled, "Enabled", &["enabled", "accountenabled", "active"]),
];

impl Column {
    /// The column of a header; case, blanks, hyphens and underscores do not count.
    pub fn find(header: &str) -> Option<Self> {
        let plain: String =
            header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if let Some((column, ..)) = COLUMNS.iter().find(|(_, _, names)| names.contains(&plain.as_str())) {
            return Some(column.clone());
        }
        let header = header.trim();
        if plain
            .strip_prefix("extensionattribute")
            .is_some_and(|n| n.parse::<usize>().is_ok_and(|n| (1..=MOST_EXTENSIONS).contains(&n)))
        {
            return Some(Self::Further(header.to_owned()));
        }
        let name = header.strip_prefix("extension_").filter(|name| !name.is_empty())?;
        Some(Self::Further(name.to_owned()))
    }

    /// Its everyday name.
    pub fn words(&self) -> String {
        match self {
            Self::Further(name) => name.clone(),
            other => COLUMNS
                .iter()
                .find(|(column, ..)| column == other)
                .map_or_else(String::new, |(_, words, _)| (*words).to_owned()),
        }
    }
}

/// The everyday names of all columns: the header of the template.
pub fn header() -> Vec<&'static str> {
    COLUMNS.iter().map(|(_, words, _)| *words).collect()
}

/// What a cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Becomes this.
    Text(String),
    /// Is emptied.
    Clear,
}

/// A row: its line in the file, and its cells that are not empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What it says, by column.
    pub cells: BTreeMap<Column, Cell>,
    /// Cells that cannot be taken, in words.
    pub problems: Vec<String>,
}

/// A file that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The columns, in the order of the file.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// The text of a file, if it is in a form that keeps every letter.
pub fn decode(bytes: &[u8]) -> Result<String, String> {
    if bytes.len() > LARGEST {
        return Err("This file is too large: at most 20 MB. Split it.".to_owned());
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("This file is in UTF-16. Save it as “CSV UTF-8” and try again.".to_owned());
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|b| **b == b'\n').count() + 1;
        format!(
            "Line {line} has letters that are not UTF-8: the file was probably saved in an older form, such as Windows-1252. In a spreadsheet choose “CSV UTF-8” when you save it."
        )
    })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.contains('\0') {
        return Err("This is not a text file. Save the list as “CSV UTF-8”.".to_owned());
    }
    Ok(text.to_owned())
}

/// What stands between the cells: a comma, a semicolon or a tab, whichever the first line has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    let by = [(count(','), b','), (count(';'), b';'), (count('\t'), b'\t')];
    by.into_iter().rev().max_by_key(|(n, _)| *n).map_or(b',', |(_, c)| c)
}

/// Reads the text of a file; why that is not possible at all, in words.
pub fn read(content: &str) -> Result<Sheet, String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(content))
        .has_headers(false)
        .flexible(true)
        .from_reader(content.as_bytes());
    let mut records = reader.records();
    let Some(first) = records.next() else {
        return Err("This file is empty. Its first line names the columns.".to_owned());
    };
    let first = first.map_err(|error| format!("The first line cannot be read: {error}."))?;
    let mut columns = Vec::new();
    let mut unknown = Vec::new();
    for header in &first {
        match Column::find(header) {
            Some(column) if columns.contains(&column) => {
                return Err(format!("The column “{}” is there twice.", header.trim()));
            }
            Some(column) => columns.push(column),
            None => unknown.push(format!("“{}”", header.trim())),
        }
    }
    if !unknown.is_empty() {
        let known = header().join(", ");
        return Err(format!(
            "These columns are unknown: {}. Known are: {known}, and extension_name for a further attribute.",
            unknown.join(", ")
        ));
    }
    if !columns.contains(&Column::Email) {
        return Err("The column “E-mail” is missing: people are found by their address.".to_owned());
    }
    let further = columns.iter().filter(|c| matches!(c, Column::Further(_))).count();
    if further > MOST_EXTENSIONS {
        return Err(format!("People have at most {MOST_EXTENSIONS} further attributes."));
    }
    let mut rows = Vec::new();
    let mut lines = Lines { content, seen: 0, line: 1 };
    for record in records {
        let record = record.map_err(|error| format!("The file cannot be read: {error}."))?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(format!("This file has more than {MOST_ROWS} rows. Split it."));
        }
        let at = record.position().map_or(0, csv::Position::byte);
        let line = lines.up_to(usize::try_from(at).unwrap_or(usize::MAX));
        let mut row = Row { line, ..Row::default() };
        if record.len() > columns.len() {
            row.problems.push(format!(
                "It has {} cells, but there are {} columns.",
                record.len(),
                columns.len()
            ));
        }
        for (column, cell) in columns.iter().zip(&record) {
            let cell = cell.trim();
            if cell.is_empty() {
                continue;
            }
            if cell.eq_ignore_ascii_case(CLEARS) {
                row.cells.insert(column.clone(), Cell::Clear);
                continue;
            }
            match checked(column, cell) {
                Ok(good) => {
                    row.cells.insert(column.clone(), Cell::Text(good));
                }
                Err(why) => row.problems.push(format!("{}: {why}", column.words())),
            }
        }
        rows.push(row);
    }
    Ok(Sheet { columns, rows })
}

/// Counts the lines of a file on the way through it. The reader's own count is one too small behind `\r\n`.
struct Lines<'c> {
    content: &'c str,
    seen: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the record that begins at this byte, or behind the line break there.
    fn up_to(&mut self, at: usize) -> u64 {
        let rest = self.content.get(at..).unwrap_or_default();
        let start = at + rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let passed = self.content.get(self.seen..start).unwrap_or_default();
        self.line += u64::try_from(passed.matches('\n').count()).unwrap_or(0);
        self.seen = start;
        self.line
    }
}

/// A cell in the form in which it is kept.
fn checked(column: &Column, cell: &str) -> Result<String, String> {
    // Our own exports put a quotation mark before what a spreadsheet would run as a formula.
    let cell = match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    };
    match column {
        Column::Email | Column::Manager => {
            Email::parse(cell).map(|e| e.to_string()).map_err(|e| format!("“{cell}”. {e}"))
        }
        Column::Kind => UserKind::parse(&cell.to_lowercase())
            .map(|kind| kind.to_string())
            .ok_or_else(|| format!("“{cell}” is neither member nor guest.")),
        Column::HiredOn => cell
            .parse::<chrono::NaiveDate>()
            .map(|day| day.to_string())
            .map_err(|_| format!("“{cell}” is not a date. Example: 2026-03-01.")),
        Column::TimeZone => cell
            .parse::<chrono_tz::Tz>()
            .map(|zone| zone.name().to_owned())
            .map_err(|_| format!("“{cell}” is not a time zone. Example: Europe/Berlin.")),
        Column::Enabled => match cell.to_lowercase().as_str() {
            "true" | "yes" | "1" | "enabled" => Ok("true".to_owned()),
            "false" | "no" | "0" | "disabled" => Ok("false".to_owned()),
            _ => Err(format!("“{cell}” is neither yes nor no.")),
        },
        Column::Locale => {
            let good = cell.len() <= 35
                && cell.split('-').all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric()));
            if good {
                Ok(cell.to_owned())
            } else {
                Err(format!("“{cell}” is not a language. Example: de-DE."))
            }
        }
        _ => text::line(cell, LONGEST).map_err(|e| e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dir_3_headers_by_everyday_and_graph_names() {
        for (header, column) in [
            ("E-mail", Column::Email),
            (" user principal NAME ", Column::Email),
            ("Job Title", Column::JobTitle),
            ("jobTitle", Column::JobTitle),
            ("office_location", Column::Office),
            ("Manager e-mail", Column::Manager),
            ("extensionAttribute3", Column::Further("extensionAttribute3".into())),
            ("extension_costCentre", Column::Further("costCentre".into())),
        ] {
            assert_eq!(Column::find(header), Some(column), "{header}");
        }
        assert_eq!(Column::find("Shoe size"), None);
        assert_eq!(Column::find("extensionAttribute16"), None);
        for name in header() {
            assert!(Column::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn dir_3_separators_quotes_and_empty_cells() {
        for text in [
            "E-mail,Name,Department\na@x.example,\"Adams, Alice\",null\n\n",
            "E-mail;Name;Department\r\na@x.example;\"Adams, Alice\";NULL\r\n",
            "E-mail\tName\tDepartment\na@x.example\tAdams, Alice\tnull\n",
        ] {
            let sheet = read(text).unwrap();
            assert_eq!(sheet.rows.len(), 1);
            let row = &sheet.rows[0];
            assert_eq!(row.line, 2);
            assert_eq!(row.cells.get(&Column::DisplayName), Some(&Cell::Text("Adams, Alice".into())));
            assert_eq!(row.cells.get(&Column::Department), Some(&Cell::Clear));
        }
        let sheet = read("E-mail,Name\r\na@x.example,\"A\r\nB\"\r\n\r\nb@x.example,B\r\n").unwrap();
        assert_eq!(sheet.rows.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 5]);
        let sheet = read("email,name,country\na@x.example,A,\n").unwrap();
        assert_eq!(sheet.rows[0].cells.get(&Column::Country), None, "an empty cell leaves it as it is");
    }

    #[test]
    fn dir_3_what_cannot_be_read_is_told_in_words() {
        assert!(decode(b"E-mail\nM\xFCller@x.example\n").unwrap_err().contains("Line 2"));
        assert!(decode(&[0xFF, 0xFE, 0x45, 0]).unwrap_err().contains("UTF-16"));
        assert_eq!(decode("\u{FEFF}E-mail".as_bytes()).unwrap(), "E-mail");
        for (text, says) in [
            ("", "empty"),
            ("Name\nA\n", "E-mail"),
            ("E-mail,Shoe size\n", "Shoe size"),
            ("E-mail,mail\n", "twice"),
        ] {
            assert!(read(text).unwrap_err().contains(says), "{text}");
        }
        let sheet = read("email,kind,hire date,time zone,enabled\nnot,alien,soon,Moon,maybe\n").unwrap();
        assert_eq!(sheet.rows[0].problems.len(), 5);
    }
}

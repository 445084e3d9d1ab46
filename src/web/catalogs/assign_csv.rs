//! A table of people to assign: one line each, with answers and dates of their own (SPEC ASG-1).

use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::app::bulk::Entry;
use crate::domain::bulk::{MOST_ROWS, RowWish};
use crate::domain::period;
use crate::domain::policy::Question;
use crate::web::questions::KEPT;

/// The columns that every policy knows.
const PLAIN: [&str; 4] = ["email", "start", "end", "justification"];

/// Reads the table. `questions` are those of the chosen policy and of the package's resources. What concerns one line
/// is said in that line's result; `Err` says why the whole cannot be read.
pub fn read(text: &str, questions: &[Question], zone: Tz) -> Result<Vec<Entry>, String> {
    let text = text.trim_start_matches('\u{FEFF}').trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let head = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b'\t'].into_iter().find(|d| head.contains(char::from(*d))).unwrap_or(b',');
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let head: Vec<String> = table
        .headers()
        .map_err(|e| format!("The table cannot be read: {e}."))?
        .iter()
        .map(|name| name.to_lowercase())
        .collect();
    let known =
        |name: &str| PLAIN.contains(&name) || questions.iter().any(|q| names(q).contains(&name.to_owned()));
    if !head.iter().any(|name| name == "email") {
        return Err("The first line has to name the columns, one of them “email”.".to_owned());
    }
    if let Some(unknown) = head.iter().find(|name| !known(name)) {
        let all: Vec<String> = PLAIN
            .iter()
            .map(|name| (*name).to_owned())
            .chain(questions.iter().filter_map(|q| names(q).into_iter().next()))
            .collect();
        return Err(format!("There is no column “{unknown}”. The columns are: {}.", all.join(", ")));
    }
    let mut entries = Vec::new();
    for record in table.records() {
        if entries.len() > MOST_ROWS {
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                entries.push(Entry {
                    problem: Some(format!("This line cannot be read: {error}.")),
                    ..Entry::default()
                });
                continue;
            }
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        entries.push(line(&head, &record, questions, zone));
    }
    Ok(entries)
}

/// The names that a question's column may have: its key, and that of an attribute also without its prefix.
fn names(question: &Question) -> Vec<String> {
    let key = question.key.to_lowercase();
    match key.split_once(':') {
        Some((_, plain)) => vec![plain.to_owned(), key.clone()],
        None => vec![key],
    }
}

fn line(head: &[String], record: &csv::StringRecord, questions: &[Question], zone: Tz) -> Entry {
    let (mut entry, mut wish, mut answers) = (Entry::default(), RowWish::default(), Map::new());
    if record.len() > head.len() {
        entry.problem = Some("This line has more columns than the first one.".to_owned());
    }
    for (name, cell) in head.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty()) {
        let mut day = |is_end| match period::typed(cell, is_end, zone) {
            Ok(at) => at,
            Err(why) => {
                entry.problem = Some(format!("Column “{name}”: {why}"));
                None
            }
        };
        match name.as_str() {
            "email" => cell.clone_into(&mut entry.typed),
            "start" => wish.start = day(false),
            "end" => wish.end = day(true),
            "justification" => wish.justification = Some(cell.to_owned()),
            _ => {
                if let Some(question) = questions.iter().find(|q| names(q).contains(name)) {
                    answers.insert(question.key.clone(), answer(question, cell));
                }
            }
        }
    }
    if !answers.is_empty() {
        wish.answers = Value::Object(answers);
    }
    if entry.typed.is_empty() && entry.problem.is_none() {
        entry.problem = Some("This line names nobody.".to_owned());
    }
    Entry { wish, ..entry }
}

/// A cell as an answer: for choices the labels or values, several between bars.
fn answer(question: &Question, cell: &str) -> Value {
    if !question.kind.chooses() {
        return json!(cell);
    }
    let words = question.wording("");
    let value = |typed: &str| {
        let typed = typed.trim();
        let found =
            words.choices.iter().find(|(value, label)| *value == typed || label.eq_ignore_ascii_case(typed));
        found.map_or(typed, |(value, _)| *value).to_owned()
    };
    json!(cell.split('|').map(value).collect::<Vec<String>>())
}

/// Is this the name of a field that is only shown?
pub fn only_shown(name: &str) -> bool {
    name.starts_with(KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::question::QuestionKind;

    #[test]
    fn asg_1_a_table_has_answers_and_days_of_its_own() {
        let questions = [Question::new("deal", "Which deal?", QuestionKind::ShortText)];
        let text = "\u{FEFF}Email;deal;End\r\na@x.example;\"Spring; north\";2027-01-31\r\n;x;\r\nb@x.example;;soon\r\n\r\n";
        let entries = read(text, &questions, chrono_tz::UTC).unwrap();
        let [a, nobody, b] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!((a.typed.as_str(), &a.wish.answers), ("a@x.example", &json!({ "deal": "Spring; north" })));
        assert_eq!(a.wish.end, Some("2027-02-01T00:00:00Z".parse().unwrap()));
        assert!(nobody.problem.as_ref().is_some_and(|p| p.contains("nobody")));
        assert!(b.problem.as_ref().is_some_and(|p| p.contains("“end”")));
        let unknown = read("email,colour\na@x.example,red", &questions, chrono_tz::UTC).unwrap_err();
        assert!(unknown.contains("“colour”") && unknown.contains("deal"), "{unknown}");
        assert!(read("a@x.example", &questions, chrono_tz::UTC).is_err());
        assert!(read(" ", &questions, chrono_tz::UTC).unwrap().is_empty());
    }
}

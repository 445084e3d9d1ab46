//! Picking people and groups, everywhere in the portal in the same way: type a name or an address, one per line,
//! with suggestions by the browser. It works without scripts and with any number of people, because the
//! suggestions are only a help: the server finds out who is meant, and says for each line what is not clear.
//!
//! A form has `#[serde(default)] people: Vec<String>` (or one `String`). To show it: [`Suggestions::load`], then
//! [`field`] (several) or [`one_field`]. To take it: [`resolve`] inside the transaction, then
//! [`Picked::holders`], or show the form again with [`Picked::entries`].

use std::collections::BTreeSet;

use crate::domain::directory::Holder;
use crate::kernel::ids::{GroupId, UserId};
use crate::kernel::{Email, text};
use crate::store::views::pickers::{self, GroupOption, PersonOption};
use crate::store::{Conn, StoreError};
use crate::web::ui::{EntryView, FieldView, OptionView};

/// What can be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// People.
    People,
    /// Groups.
    Groups,
    /// People and groups.
    Both,
}

impl Pick {
    fn people(self) -> bool {
        self != Self::Groups
    }
    fn groups(self) -> bool {
        self != Self::People
    }
}

/// How many people, and how many groups, the browser is offered at most. Larger directories are searched by what
/// was typed when the form comes back.
const MOST_SUGGESTED: i64 = 500;

/// How many lines one field takes.
const MOST_LINES: usize = 500;

/// What marks a group in a line, so that it cannot be taken for a person.
const GROUP_MARK: &str = " (group)";

/// What the browser offers while somebody types.
#[derive(Debug, Clone, Default)]
pub struct Suggestions {
    people: Vec<PersonOption>,
    groups: Vec<GroupOption>,
}

impl Suggestions {
    /// The first people and groups by name.
    pub fn load(conn: &mut Conn, pick: Pick) -> Result<Self, StoreError> {
        let mut all = Self::default();
        if pick.people() {
            all.people = pickers::search_people(conn, "", MOST_SUGGESTED)?;
            all.people.retain(|person| person.enabled);
        }
        if pick.groups() {
            all.groups = pickers::search_groups(conn, "", MOST_SUGGESTED)?;
        }
        Ok(all)
    }

    fn options(&self) -> Vec<OptionView> {
        let people = self.people.iter().map(|p| OptionView::new(person_line(p), p.department.clone()));
        let groups = self.groups.iter().map(|g| OptionView::new(group_line(g), g.description.clone()));
        people.chain(groups).collect()
    }
}

fn person_line(person: &PersonOption) -> String {
    format!("{} <{}>", person.name, person.email)
}

fn group_line(group: &GroupOption) -> String {
    format!("{}{GROUP_MARK}", group.name)
}

/// The lines for those who are chosen already, people first. Who is deleted has none.
pub fn lines(conn: &mut Conn, holders: &[Holder]) -> Result<Vec<String>, StoreError> {
    let (people, groups) = pickers::chosen(conn, holders)?;
    Ok(people.iter().map(person_line).chain(groups.iter().map(group_line)).collect())
}

/// A field for any number of people or groups; add `.hint(…)`, `.required()`.
pub fn field(name: &str, label: &str, entries: Vec<EntryView>, suggestions: &Suggestions) -> FieldView {
    FieldView::entries(name, label, entries, suggestions.options())
        .hint("One per line: an e-mail address or a name.")
}

/// A field for one person or group; add `.value(…)`, `.error(…)`, `.required()`.
pub fn one_field(name: &str, label: &str, suggestions: &Suggestions) -> FieldView {
    FieldView::text(name, label)
        .suggest(suggestions.options())
        .autocomplete("off")
        .hint("An e-mail address or a name.")
}

/// Who is meant by what was typed.
#[derive(Debug, Clone, Default)]
pub struct Picked {
    /// Everybody who was found, in the order of the lines, nobody twice.
    pub holders: Vec<Holder>,
    /// The lines as they were typed, each with what is wrong with it.
    pub entries: Vec<EntryView>,
}

impl Picked {
    /// Was everybody found?
    pub fn is_clear(&self) -> bool {
        self.entries.iter().all(|entry| entry.error.is_none())
    }

    /// What is wrong with the first line that is not clear.
    pub fn error(&self) -> Option<&str> {
        self.entries.iter().find_map(|entry| entry.error.as_deref())
    }

    /// The users.
    pub fn users(&self) -> BTreeSet<UserId> {
        self.holders.iter().filter_map(|h| h.user()).collect()
    }

    /// The groups.
    pub fn groups(&self) -> BTreeSet<GroupId> {
        self.holders.iter().filter_map(|h| h.group()).collect()
    }
}

/// A line, taken apart.
struct Line {
    typed: String,
    /// The folded address, if there is one.
    email: Option<String>,
    /// The folded name otherwise.
    name: String,
    /// Marked as a group?
    group: bool,
}

fn line(typed: &str) -> Line {
    let inner = typed.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(typed);
    let email = Email::parse(inner).ok().map(|email| email.folded());
    let bare = typed.strip_suffix(GROUP_MARK);
    Line { typed: typed.to_owned(), email, name: text::fold(bare.unwrap_or(typed)), group: bare.is_some() }
}

/// Finds out who is meant, in at most three queries, and one more for each of the first lines that are not clear.
/// A pasted list, with line breaks or semicolons, counts as so many lines. Disabled people are found, deleted
/// ones are not.
pub fn resolve<S: AsRef<str>>(conn: &mut Conn, typed: &[S], pick: Pick) -> Result<Picked, StoreError> {
    let lines: Vec<Line> = typed
        .iter()
        .flat_map(|text| text.as_ref().split(['\n', '\r', ';']))
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .take(MOST_LINES)
        .map(line)
        .collect();
    let emails: Vec<String> = lines.iter().filter_map(|l| l.email.clone()).collect();
    let names: Vec<String> = lines.iter().map(|l| l.name.clone()).collect();
    let people = if pick.people() { pickers::people_called(conn, &emails, &names)? } else { Vec::new() };
    let groups = if pick.groups() { pickers::groups_called(conn, &names)? } else { Vec::new() };
    let mut picked = Picked::default();
    let mut looked_up = 0;
    for line in lines {
        let error = match meant(&line, &people, &groups) {
            Ok(holder) => {
                if !picked.holders.contains(&holder) {
                    picked.holders.push(holder);
                }
                None
            }
            Err(Unclear::Several(words)) => Some(words),
            Err(Unclear::Nobody) if looked_up < 5 => {
                looked_up += 1;
                Some(did_you_mean(conn, &line, pick)?)
            }
            Err(Unclear::Nobody) => Some(format!("“{}” was not found.", line.typed)),
        };
        picked.entries.push(EntryView::new(line.typed, error));
    }
    Ok(picked)
}

enum Unclear {
    Nobody,
    Several(String),
}

fn meant(line: &Line, people: &[PersonOption], groups: &[GroupOption]) -> Result<Holder, Unclear> {
    let mut named_groups = groups.iter().filter(|g| text::fold(&g.name) == line.name);
    if line.group {
        return named_groups.next().map(|g| Holder::Group(g.id)).ok_or(Unclear::Nobody);
    }
    if let Some(email) = &line.email {
        return people
            .iter()
            .find(|p| text::fold(&p.email) == *email)
            .map(|p| Holder::User(p.id))
            .ok_or(Unclear::Nobody);
    }
    let named: Vec<&PersonOption> = people.iter().filter(|p| text::fold(&p.name) == line.name).collect();
    match (named.as_slice(), named_groups.next()) {
        ([], None) => Err(Unclear::Nobody),
        ([], Some(group)) => Ok(Holder::Group(group.id)),
        ([one], None) => Ok(Holder::User(one.id)),
        (several, group) => {
            let lines = several.iter().map(|p| person_line(p)).chain(group.map(group_line));
            Err(Unclear::Several(format!(
                "“{}” can mean several. Give one of these: {}.",
                line.typed,
                list(lines)
            )))
        }
    }
}

fn did_you_mean(conn: &mut Conn, line: &Line, pick: Pick) -> Result<String, StoreError> {
    const MOST: i64 = 3;
    let words = line.email.as_deref().unwrap_or(&line.name);
    // Of an address the part before the @ says most, should the rest be mistyped.
    let words = words.split('@').next().unwrap_or_default();
    let mut found = Vec::new();
    if pick.people() && !line.group {
        let people = pickers::search_people(conn, words, MOST)?;
        found.extend(people.iter().map(person_line));
    }
    if pick.groups() {
        let groups = pickers::search_groups(conn, words, MOST)?;
        found.extend(groups.iter().map(group_line));
    }
    let what = match pick {
        Pick::People => "Nobody",
        Pick::Groups => "No group",
        Pick::Both => "No person or group",
    };
    Ok(if found.is_empty() {
        format!("{what} is called “{}”.", line.typed)
    } else {
        format!("{what} is called “{}”. Did you mean {}?", line.typed, list(found))
    })
}

fn list(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().collect::<Vec<_>>().join(", or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn wei(n: u128, email: &str) -> PersonOption {
        PersonOption {
            id: UserId(Uuid::from_u128(n)),
            name: "Wei Chen".to_owned(),
            email: email.to_owned(),
            department: String::new(),
            guest: false,
            enabled: true,
        }
    }

    #[test]
    fn a_line_is_an_address_a_name_or_what_was_suggested() {
        let people = [wei(1, "Wei@demo.example"), wei(2, "wei.chen@demo.example")];
        let groups = [GroupOption {
            id: GroupId(Uuid::from_u128(9)),
            name: "Wei Chen".to_owned(),
            description: String::new(),
        }];
        let one = |typed: &str| meant(&line(typed), &people, &groups).ok();
        assert_eq!(one("wei@DEMO.example"), Some(Holder::User(people[0].id)));
        assert_eq!(one(&person_line(&people[1])), Some(Holder::User(people[1].id)));
        assert_eq!(one(&group_line(&groups[0])), Some(Holder::Group(groups[0].id)));
        assert_eq!(one("Wei Chen"), None, "two people and a group have this name");
        assert_eq!(meant(&line(" wei  chen "), &people[..1], &[]).ok(), Some(Holder::User(people[0].id)));
        assert_eq!(one("nobody@demo.example"), None);
    }
}

//! What rules can ask about a person (SPEC DIR-1), under Entra's names.

use std::collections::BTreeMap;

use crate::domain::directory::{Profile, UserKind};
use crate::kernel::text::fold;

/// The form that an attribute has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; empty is `null`.
    Text,
    /// `true` or `false`.
    Flag,
}

/// An attribute of a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// One of `NAMED`, by its place there.
    Named(usize),
    /// `extensionAttribute1` to `extensionAttribute15`.
    Numbered(u8),
    /// A further attribute by its own name: `extension_costCentre`. Kept in small letters.
    Further(String),
}

/// Where the value of a named attribute comes from.
type Reader = fn(&Facts) -> &str;

/// The named attributes: Entra's name, other names, what it is in everyday words, its form, and its value.
struct Named {
    name: &'static str,
    aliases: &'static [&'static str],
    words: &'static str,
    kind: Kind,
    read: Reader,
}

const fn text(
    name: &'static str,
    aliases: &'static [&'static str],
    words: &'static str,
    read: Reader,
) -> Named {
    Named { name, aliases, words, kind: Kind::Text, read }
}

const NAMED: &[Named] = &[
    text("department", &[], "department", |f| &f.department),
    text("jobTitle", &[], "job title", |f| &f.job_title),
    text("companyName", &["company"], "company", |f| &f.company),
    text("officeLocation", &["office", "physicalDeliveryOfficeName"], "office", |f| &f.office),
    text("country", &[], "country", |f| &f.country),
    text("employeeId", &[], "employee id", |f| &f.employee_id),
    text("employeeHireDate", &["hireDate"], "hire date, as 2026-12-31", |f| &f.hired_on),
    text("mail", &["email", "userPrincipalName"], "e-mail address", |f| &f.mail),
    text("displayName", &[], "full name", |f| &f.display_name),
    text("givenName", &[], "first name", |f| &f.given_name),
    text("surname", &[], "family name", |f| &f.surname),
    text("userType", &[], "Member or Guest", |f| f.user_type),
    text("manager", &[], "the manager’s e-mail address", |f| &f.manager),
    Named {
        name: "accountEnabled",
        aliases: &[],
        words: "may the person sign in: true or false",
        kind: Kind::Flag,
        read: |f| if f.enabled { "true" } else { "false" },
    },
];

const NUMBERED: &str = "extensionattribute";
const FURTHER: &str = "extension_";

impl Attribute {
    /// The attribute with this name (without `user.`), whatever its case.
    pub fn find(name: &str) -> Option<Self> {
        let lower = name.to_lowercase();
        let named = NAMED.iter().position(|n| {
            n.name.eq_ignore_ascii_case(&lower) || n.aliases.iter().any(|a| a.eq_ignore_ascii_case(&lower))
        });
        if let Some(place) = named {
            return Some(Self::Named(place));
        }
        if let Some(number) = lower.strip_prefix(NUMBERED) {
            let number: u8 = number.parse().ok()?;
            return (1..=15).contains(&number).then_some(Self::Numbered(number));
        }
        let rest = lower.strip_prefix(FURTHER)?;
        let good = !rest.is_empty() && rest.chars().all(|c| c.is_alphanumeric() || c == '_');
        good.then(|| Self::Further(rest.to_owned()))
    }

    /// Its form.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Named(place) => NAMED.get(*place).map_or(Kind::Text, |n| n.kind),
            Self::Numbered(_) | Self::Further(_) => Kind::Text,
        }
    }

    /// The person's value; empty if there is none.
    pub fn read<'f>(&self, facts: &'f Facts) -> &'f str {
        match self {
            Self::Named(place) => NAMED.get(*place).map_or("", |n| (n.read)(facts)),
            Self::Numbered(number) => {
                facts.further.get(&format!("{NUMBERED}{number}")).map_or("", String::as_str)
            }
            Self::Further(name) => facts.further.get(name).map_or("", String::as_str),
        }
    }

    /// Every attribute that can be named, with what it is in everyday words: for help beside the field.
    pub fn described() -> Vec<(String, &'static str)> {
        let mut all: Vec<_> = NAMED.iter().map(|n| (format!("user.{}", n.name), n.words)).collect();
        all.push(("user.extensionAttribute1 … 15".to_owned(), "further attribute of this name"));
        all.push(("user.extension_name".to_owned(), "further attribute called “name”"));
        all
    }

    /// The name that looks most like a mistyped one.
    pub fn nearest(typed: &str) -> Option<&'static str> {
        let typed = typed.to_lowercase();
        let names = NAMED.iter().flat_map(|n| n.aliases.iter().chain([&n.name]).map(move |a| (*a, n.name)));
        names
            .map(|(alias, name)| (distance(&typed, &alias.to_lowercase()), name))
            .filter(|(far, _)| *far <= 3)
            .min()
            .map(|(_, name)| name)
    }
}

/// How many letters have to be changed, added or taken away to make one word of another.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (above + 1).min(left + 1).min(corner + usize::from(x != *y));
            corner = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

impl std::fmt::Display for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(place) => write!(f, "user.{}", NAMED.get(*place).map_or("", |n| n.name)),
            Self::Numbered(number) => write!(f, "user.extensionAttribute{number}"),
            Self::Further(name) => write!(f, "user.extension_{name}"),
        }
    }
}

/// What rules see of a person. Texts are folded, because rules compare without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    department: String,
    job_title: String,
    company: String,
    office: String,
    country: String,
    employee_id: String,
    hired_on: String,
    mail: String,
    display_name: String,
    given_name: String,
    surname: String,
    user_type: &'static str,
    manager: String,
    enabled: bool,
    further: BTreeMap<String, String>,
}

impl Facts {
    /// The facts of a person; the manager by their address.
    pub fn of(profile: &Profile, enabled: bool, manager: Option<&str>) -> Self {
        let extension = profile.extension.iter();
        Self {
            department: fold(&profile.department),
            job_title: fold(&profile.job_title),
            company: fold(&profile.company),
            office: fold(&profile.office),
            country: fold(&profile.country),
            employee_id: fold(&profile.employee_id),
            hired_on: profile.hired_on.map(|day| day.to_string()).unwrap_or_default(),
            mail: profile.email.folded(),
            display_name: fold(&profile.display_name),
            given_name: fold(&profile.given_name),
            surname: fold(&profile.surname),
            user_type: match profile.kind {
                UserKind::Member => "member",
                UserKind::Guest => "guest",
            },
            manager: fold(manager.unwrap_or_default()),
            enabled,
            further: extension.map(|(name, value)| (name.to_lowercase(), fold(value))).collect(),
        }
    }
}

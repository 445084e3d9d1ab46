//! Membership rules in the portal: the field with its help and marked mistakes, what a rule would do before it is
//! saved, and how it stands (SPEC AUT-1, AUT-2, AUT-4). Shared by policies and groups.

mod standing;
mod trying;

use askama::Template;

use super::routes::{Guard, Route, to};
use super::ui::{FieldView, PersonView};
use crate::app::rules::{Part, Preview};
use crate::domain::rule::{Attribute, LONGEST, Marked, Problem, Rule};
use crate::kernel::ids::UserId;

pub use standing::{RuleBanner, banner};

/// The routes of this area.
pub const ROUTES: &[Route] = &[
    Route::get("/catalogs/{id}/rules", Guard::SignedIn, || to(trying::page_of_catalog)),
    Route::get("/manage/packages/{id}/policies/{policy}/rule", Guard::SignedIn, || to(standing::of_policy)),
    Route::post("/manage/packages/{id}/policies/{policy}/rule", Guard::SignedIn, || {
        to(standing::answer_policy)
    })
    .note("whoever edits packages of the catalog"),
    Route::get("/admin/groups/{id}/rule", super::admin::READ, || to(standing::of_group)),
    Route::post("/admin/groups/{id}/rule", super::admin::MANAGE, || to(standing::answer_group)),
];

/// What stands below the field of a rule.
#[derive(Debug, Clone, Template)]
#[template(path = "rules/extra.html")]
pub struct RuleExtra {
    /// The place of a mistake.
    pub marked: Option<Marked>,
    /// Attributes that a rule can ask for.
    pub attributes: Vec<(String, &'static str)>,
    /// What the rule would do, if that was asked for.
    pub preview: Option<PreviewView>,
    /// Is there a button that shows the preview?
    pub button: bool,
    /// Where the preview comes from while somebody types; empty for nowhere.
    pub live: String,
}

// Both escape what they show by themselves.
impl askama::filters::HtmlSafe for RuleExtra {}
impl askama::filters::HtmlSafe for PreviewView {}

impl RuleExtra {
    /// Help for a field with this text.
    pub fn new(text: &str, wrong: bool) -> Self {
        let marked = if wrong { Rule::parse(text).err().map(|p| p.mark(text)) } else { None };
        Self { marked, attributes: Attribute::described(), preview: None, button: false, live: String::new() }
    }
}

/// The field itself.
pub fn field(text: &str, error: Option<String>) -> FieldView {
    FieldView::textarea("rule", "Rule")
        .value(text)
        .error(error)
        .rows(4)
        .maxlength(u32::try_from(LONGEST).unwrap_or(u32::MAX))
        .hint(
            "Such as user.department -eq \"Sales\" -and user.country -in [\"DE\", \"FR\"]. Upper and lower case are the same.",
        )
}

/// What is wrong, with its place in words.
pub fn said(problem: &Problem, text: &str) -> String {
    let marked = problem.mark(text);
    if marked.line > 1 {
        format!("Line {}, character {}: {}", marked.line, marked.column, problem.words)
    } else {
        format!("Character {}: {}", marked.column, problem.words)
    }
}

/// Somebody in a preview.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// Who.
    pub id: UserId,
    /// Their name and address.
    pub person: PersonView,
    /// Their department, may be empty.
    pub department: String,
    /// Why they are in this list, where that is not plain.
    pub note: String,
}

/// What a rule would do.
#[derive(Debug, Clone, Template)]
#[template(path = "rules/preview.html")]
pub struct PreviewView {
    /// What is wrong with the rule.
    pub problem: Option<(String, Marked)>,
    /// The rule as it is understood.
    pub canonical: String,
    /// Each part: its words, how many, where its list is, is it this one?
    pub parts: Vec<(&'static str, i64, String, bool)>,
    /// The heading of the list.
    pub heading: &'static str,
    /// The first of them.
    pub people: Vec<PersonRow>,
    /// How many there are.
    pub found: usize,
    /// Why saving it would stop and ask (SPEC AUT-4).
    pub stops: Option<String>,
}

/// A part in words.
pub fn part_words(part: Part) -> &'static str {
    match part {
        Part::Matching => "match",
        Part::Gaining => "would gain it",
        Part::Losing => "would lose it",
        Part::LeftAlone => "are left alone",
        Part::Hindered => "match, but cannot be given it",
    }
}

impl PreviewView {
    /// A rule that cannot be read.
    pub fn wrong(problem: &Problem, text: &str) -> Self {
        Self {
            problem: Some((said(problem, text), problem.mark(text))),
            canonical: String::new(),
            parts: Vec::new(),
            heading: "",
            people: Vec::new(),
            found: 0,
            stops: None,
        }
    }

    /// What a good rule would do. `href` is where a part is listed.
    pub fn of(rule: &Rule, preview: &Preview, part: Part, href: impl Fn(Part) -> String) -> Self {
        let change = preview.change;
        Self {
            problem: None,
            canonical: rule.to_string(),
            parts: Part::ALL
                .iter()
                .map(|p| (part_words(*p), preview.count(*p), href(*p), *p == part))
                .collect(),
            heading: match part {
                Part::Matching => "Who matches",
                Part::Gaining => "Who would gain it",
                Part::Losing => "Who would lose it",
                Part::LeftAlone => "Who is left alone",
                Part::Hindered => "Who cannot be given it",
            },
            people: preview
                .people
                .iter()
                .map(|p| PersonRow {
                    id: p.id,
                    person: PersonView::new(&p.name, p.email.clone()),
                    department: p.department.clone(),
                    note: p.note.clone(),
                })
                .collect(),
            found: preview.found,
            stops: preview.stops.then(|| {
                format!(
                    "So many at once ({} gain, {} of {} lose) is more than the safety limit: after saving nothing happens until somebody confirms it on the page of the rule.",
                    change.gains, change.losses, change.holders
                )
            }),
        }
    }
}

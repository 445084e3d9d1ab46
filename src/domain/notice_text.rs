//! Texts that an administrator puts in place of the portal's own (SPEC NOT-6).
//!
//! Only subject, heading, opening and closing can be changed. Facts, quoted words, codes, the button and the
//! sentences that protect the reader belong to the portal.

use crate::kernel::text::{self, BadText};

/// The longest subject or heading, in characters.
pub const LINE_MAX: usize = 150;
/// The longest opening or closing, in characters.
pub const TEXT_MAX: usize = 2000;

/// The changed texts of a kind of notice. An empty one is the portal's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The subject.
    pub subject: String,
    /// The heading.
    pub heading: String,
    /// The paragraphs before the facts, one per line.
    pub opening: String,
    /// The paragraphs after the button, one per line.
    pub closing: String,
}

/// One of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The subject.
    Subject,
    /// The heading.
    Heading,
    /// The opening.
    Opening,
    /// The closing.
    Closing,
}

impl Part {
    /// Its name in forms.
    pub fn field(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Heading => "heading",
            Self::Opening => "opening",
            Self::Closing => "closing",
        }
    }
}

/// Why a text cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// No such placeholder.
    #[error("There is no placeholder {{{0}}} in this mail.")]
    Unknown(String),
    /// A brace without its partner.
    #[error("A brace stands alone. Write {{{{ or }}}} to show a brace.")]
    LoneBrace,
    /// The characters or the length.
    #[error(transparent)]
    Bad(#[from] BadText),
    /// All texts are empty.
    #[error("Write at least one text. To go back to the portal's own words, reset this mail.")]
    Nothing,
}

/// A named part of a text that each mail fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholder {
    /// What stands between the braces.
    pub name: &'static str,
    /// What it becomes.
    pub meaning: &'static str,
}

const fn p(name: &'static str, meaning: &'static str) -> Placeholder {
    Placeholder { name, meaning }
}

const ANY: &[Placeholder] =
    &[p("name", "the name of the person who gets the mail"), p("portal", "the name of this portal")];
const REQUEST: &[Placeholder] = &[
    p("person", "the person whom the access is for"),
    p("asker", "the person who asked; often the same"),
    p("package", "the name of the package"),
    p("catalog", "the name of its catalog"),
];
const DECIDE: &[Placeholder] = &[
    p("due", "when the time to decide is over, with the hour"),
    p("due_day", "the day on which the time to decide is over"),
    p("stage", "the number of the stage"),
];
const STAGE: &[Placeholder] = &[p("stage", "the number of the stage")];
const ENDED: &[Placeholder] = &[p("ended", "when it ended")];
const PACKAGE: &[Placeholder] = &[p("package", "the name of the package")];
const UNTIL: &[Placeholder] = &[p("until", "when it ends")];
const GOOD_UNTIL: &[Placeholder] = &[p("until", "until when the link or code is good")];
const DECISION: &[Placeholder] = &[p("decision", "“approved” or “denied”")];
const AWAY: &[Placeholder] = &[
    p("absent", "the person who is away"),
    p("from", "from when the delegation holds"),
    p("until", "until when it holds"),
];
const ABSENT: &[Placeholder] = &[p("absent", "the person who was away")];
const WRITER: &[Placeholder] = &[p("writer", "the person who wrote")];
const FAILED: &[Placeholder] = &[p("person", "whose access it is"), p("role", "the resource and its role")];
const TASK: &[Placeholder] = &[
    p("person", "the person whom it is for"),
    p("resource", "the name of the resource"),
    p("role", "the role"),
    p("due", "until when it is to be done"),
    p("act", "“Give” or “Take back”"),
];
const DAY: &[Placeholder] = &[p("day", "the day of the mail")];

/// What the texts of a kind of notice can name.
pub fn placeholders(kind: &str) -> Vec<Placeholder> {
    let own: &[&[Placeholder]] = match kind {
        "approvalRequested" | "approvalReminder" | "approvalForwarded" => &[REQUEST, DECIDE],
        "stageExpired" => &[REQUEST, STAGE, ENDED],
        "stageApproved" => &[REQUEST, STAGE],
        "requestApproved" | "requestDenied" | "requestedForYou" => &[REQUEST],
        "requestExpired" => &[REQUEST, ENDED],
        "accessDelivered" | "extensionReminder" | "endChanged" => &[PACKAGE, UNTIL],
        "bulkResult" => &[PACKAGE],
        "accessEnded" => &[PACKAGE, ENDED],
        "decisionConfirmed" => &[REQUEST, DECISION],
        "decisionCode" | "invitation" | "passwordReset" => &[GOOD_UNTIL],
        "approvalDelegated" => &[AWAY],
        "delegationEnded" => &[ABSENT],
        "commentAdded" | "changesRequested" => &[REQUEST, WRITER],
        "deliveryFailed" => &[PACKAGE, FAILED],
        "fulfilmentTask" | "fulfilmentReminder" => &[TASK],
        "dailyDigest" => &[DAY],
        _ => &[],
    };
    ANY.iter().chain(own.iter().copied().flatten()).copied().collect()
}

impl Texts {
    /// Is nothing changed?
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|(_, text)| text.is_empty())
    }

    /// The texts with their parts.
    pub fn parts(&self) -> [(Part, &str); 4] {
        [
            (Part::Subject, &self.subject),
            (Part::Heading, &self.heading),
            (Part::Opening, &self.opening),
            (Part::Closing, &self.closing),
        ]
    }

    /// Cleans what was typed, or says what is wrong with each part.
    pub fn parse(self, kind: &str) -> Result<Self, Vec<(Part, TextProblem)>> {
        let mut problems = Vec::new();
        let mut take = |part: Part, typed: &str| {
            let cleaned = match part {
                Part::Subject | Part::Heading => text::optional_line(typed, LINE_MAX),
                Part::Opening | Part::Closing => text::lines(typed, TEXT_MAX),
            };
            match cleaned.map_err(TextProblem::from).and_then(|text| check(&text, kind).map(|()| text)) {
                Ok(text) => text,
                Err(problem) => {
                    problems.push((part, problem));
                    String::new()
                }
            }
        };
        let clean = Self {
            subject: take(Part::Subject, &self.subject),
            heading: take(Part::Heading, &self.heading),
            opening: take(Part::Opening, &self.opening),
            closing: take(Part::Closing, &self.closing),
        };
        if problems.is_empty() && clean.is_empty() {
            problems.push((Part::Subject, TextProblem::Nothing));
        }
        if problems.is_empty() { Ok(clean) } else { Err(problems) }
    }

    /// What is wrong with texts that are kept: another version may have known other placeholders.
    pub fn problem(&self, kind: &str) -> Option<TextProblem> {
        self.parts().iter().find_map(|(_, text)| check(text, kind).err())
    }
}

fn check(text: &str, kind: &str) -> Result<(), TextProblem> {
    let known = placeholders(kind);
    let known = |name: &str| known.iter().any(|p| p.name == name).then(String::new);
    fill(text, known).map(|_| ())
}

/// Puts values in place of placeholders, once: what a value says is never read as a placeholder.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, TextProblem> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            out.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            out.push('}');
            rest = after;
        } else if let Some((name, after)) = from.strip_prefix('{').and_then(|f| f.split_once('}')) {
            let name = name.trim();
            if name.contains(['{', '\n']) {
                return Err(TextProblem::LoneBrace);
            }
            out.push_str(&value(name).ok_or_else(|| TextProblem::Unknown(name.to_owned()))?);
            rest = after;
        } else {
            return Err(TextProblem::LoneBrace);
        }
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_6_placeholders_are_filled_once() {
        let value = |name: &str| (name == "person").then(|| "{package} Alice".to_owned());
        assert_eq!(fill("Hi {person}, {{x}}", value), Ok("Hi {package} Alice, {x}".into()));
        assert_eq!(fill("{ person }!", value), Ok("{package} Alice!".into()));
        assert_eq!(fill("{persona}", value), Err(TextProblem::Unknown("persona".into())));
        for lone in ["a { b", "a } b", "{person", "person}", "{per{person}"] {
            assert_eq!(fill(lone, value), Err(TextProblem::LoneBrace), "{lone}");
        }
    }

    #[test]
    fn not_6_what_was_typed_is_checked_part_by_part() {
        let texts = |subject: &str, opening: &str| Texts {
            subject: subject.into(),
            opening: opening.into(),
            ..Texts::default()
        };
        let kind = "approvalRequested";
        assert_eq!(texts(" For {person} ", "a\r\nb").parse(kind), Ok(texts("For {person}", "a\nb")));
        let wrong = |t: Texts| t.parse(kind).unwrap_err();
        assert_eq!(wrong(texts("", "")), [(Part::Subject, TextProblem::Nothing)]);
        assert_eq!(wrong(texts("a\nb", "")), [(Part::Subject, BadText::Control.into())]);
        assert_eq!(wrong(texts("", "bell\u{7}")), [(Part::Opening, BadText::Control.into())]);
        assert_eq!(wrong(texts(&"x".repeat(151), "")), [(Part::Subject, BadText::TooLong(150).into())]);
        assert_eq!(wrong(texts("", &"x".repeat(2001))), [(Part::Opening, BadText::TooLong(2000).into())]);
        let both = wrong(texts("{ended}", "{"));
        assert_eq!(both.len(), 2, "each part has its own problem: {both:?}");
        assert_eq!(TextProblem::Unknown("x".into()).to_string(), "There is no placeholder {x} in this mail.");
        assert_eq!(
            TextProblem::LoneBrace.to_string(),
            "A brace stands alone. Write {{ or }} to show a brace."
        );
    }
}

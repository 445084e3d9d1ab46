//! Questions to a person: of a policy to its requestors (SPEC QST-1, QST-2), of a resource to whoever is to get it
//! (SPEC CAT-5). What is asked, in which words, and what counts as an answer.

use std::collections::{BTreeMap, BTreeSet};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::kernel::text;

/// The most questions at once.
pub const QUESTIONS_MAX: usize = 20;
/// The most choices of a question.
pub const CHOICES_MAX: usize = 50;
/// The most languages beside the default.
pub const LANGUAGES_MAX: usize = 8;
/// The longest wording, in characters.
pub const WORDING_MAX: usize = 300;
/// The longest hint or message, in characters.
pub const HINT_MAX: usize = 500;
/// The longest value or label of a choice, in characters.
pub const LABEL_MAX: usize = 200;
/// The longest key, in characters.
pub const KEY_MAX: usize = 60;
/// The longest regular expression, in characters.
pub const PATTERN_MAX: usize = 500;
/// The most memory that a compiled expression may take. The engine's time is linear in the answer, so a bound on
/// both leaves nothing to wear a server out with.
const COMPILED_MAX: usize = 1 << 20;

text_enum! {
    /// The kind of a question (SPEC QST-1).
    pub enum QuestionKind {
        /// One line.
        ShortText = "shortText",
        /// Several lines.
        LongText = "longText",
        /// One of the choices.
        SingleChoice = "singleChoice",
        /// Any of the choices.
        MultipleChoice = "multipleChoice",
    }
}

impl QuestionKind {
    /// Is it answered by choosing?
    pub fn chooses(self) -> bool {
        matches!(self, Self::SingleChoice | Self::MultipleChoice)
    }

    /// The kind as people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::ShortText => "Short text",
            Self::LongText => "Long text",
            Self::SingleChoice => "One choice",
            Self::MultipleChoice => "Several choices",
        }
    }
}

/// A choice of a question: a stable value and what people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Stored.
    pub value: String,
    /// Shown.
    pub label: String,
}

/// What the text of an answer has to look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// A regular expression that the whole answer matches.
    pub expression: String,
    /// What the person is told otherwise; empty for a general sentence.
    #[serde(default)]
    pub error: String,
}

impl Pattern {
    /// The expression, good for whole answers only.
    fn compile(&self) -> Result<Regex, regex::Error> {
        let build = |expression: &str| RegexBuilder::new(expression).size_limit(COMPILED_MAX).build();
        // Alone first: an unbalanced one such as `a)|(b` would escape from the anchors.
        build(&self.expression)?;
        build(&format!(r"\A(?:{})\z", self.expression))
    }

    /// Is the expression short enough, and one that the engine understands?
    pub fn check(&self) -> Result<(), String> {
        wording_fits("The pattern", &self.expression, PATTERN_MAX)?;
        wording_fits("The message of the pattern", &self.error, HINT_MAX)?;
        if self.expression.trim().is_empty() {
            return Err("The pattern is empty.".to_owned());
        }
        match self.compile() {
            Ok(_) => Ok(()),
            Err(regex::Error::CompiledTooBig(_)) => {
                Err("The pattern is too large. Make it shorter, or repeat less.".to_owned())
            }
            // The engine draws a picture over several lines; its last line says what is wrong.
            Err(error) => {
                let words = error.to_string();
                let last = words.lines().last().unwrap_or_default();
                Err(format!("The pattern cannot be used: {}.", last.trim().trim_start_matches("error: ")))
            }
        }
    }

    /// Does the whole answer look like this? An expression that cannot be compiled (it never gets past
    /// [`check_all`]) admits nothing.
    pub fn admits(&self, answer: &str) -> bool {
        self.compile().is_ok_and(|regex| regex.is_match(answer))
    }
}

/// The same question in another language. What is empty or missing is said in the default words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The wording.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The help.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// The message of the pattern.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Labels by the choices' stable values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, String>,
}

/// A question (SPEC QST-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Stable within the policy or resource; of an attribute its name.
    pub key: String,
    /// The wording.
    pub text: String,
    /// Help below the wording; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// Must it be answered?
    pub required: bool,
    /// May the answer be changed later?
    #[serde(default)]
    pub editable_later: bool,
    /// The choices, for the choice kinds.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// What a text has to look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// The words in other languages, by language tag such as `de` or `de-AT` (SPEC QST-2).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, Translation>,
}

/// A question in the words of one person's language (SPEC QST-2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording<'q> {
    /// The wording.
    pub text: &'q str,
    /// The help; may be empty.
    pub hint: &'q str,
    /// The message of the pattern.
    pub error: &'q str,
    /// The choices: stable value and label, in order.
    pub choices: Vec<(&'q str, String)>,
}

impl Question {
    /// An optional question in one language.
    pub fn new(key: impl Into<String>, text: impl Into<String>, kind: QuestionKind) -> Self {
        Self {
            key: key.into(),
            text: text.into(),
            hint: String::new(),
            kind,
            required: false,
            editable_later: false,
            choices: Vec::new(),
            pattern: None,
            translations: BTreeMap::new(),
        }
    }

    /// The words for a person of this locale: of `de-AT`, then of `de`, then the default ones (SPEC QST-2). Each
    /// part falls back by itself, so that a half-finished translation leaves nothing blank.
    pub fn wording(&self, locale: &str) -> Wording<'_> {
        let chain: Vec<&Translation> =
            language_chain(locale).iter().filter_map(|tag| self.translations.get(tag)).collect();
        let message = self.pattern.as_ref().map_or("", |pattern| pattern.error.as_str());
        let label = |choice: &'_ Choice| -> String {
            let said = chain.iter().filter_map(|t| t.choices.get(&choice.value)).find(|l| !l.is_empty());
            said.unwrap_or(&choice.label).clone()
        };
        Wording {
            text: first(chain.iter().map(|t| t.text.as_str()), &self.text),
            hint: first(chain.iter().map(|t| t.hint.as_str()), &self.hint),
            error: first(chain.iter().map(|t| t.error.as_str()), message),
            choices: self.choices.iter().map(|c| (c.value.as_str(), label(c))).collect(),
        }
    }

    /// Is it broken? The first problem, in words.
    pub fn check(&self) -> Result<(), String> {
        wording_fits("The question", &self.text, WORDING_MAX)?;
        if self.text.trim().is_empty() {
            return Err("Write what is asked.".to_owned());
        }
        fits("The help", &self.hint, HINT_MAX)?;
        if !is_key(&self.key) {
            return Err(format!(
                "The name “{}” cannot be used: at most {KEY_MAX} letters, digits, “-” and “_”.",
                self.key
            ));
        }
        if self.kind.chooses() {
            self.check_choices()?;
        } else if !self.choices.is_empty() {
            return Err("Only questions with choices have choices.".to_owned());
        }
        if let Some(pattern) = &self.pattern {
            if self.kind.chooses() {
                return Err("Only texts can have a pattern.".to_owned());
            }
            pattern.check()?;
        }
        self.check_translations()
    }

    /// The same for its choices alone.
    pub fn check_choices(&self) -> Result<(), String> {
        if self.choices.is_empty() {
            return Err("Give at least one choice.".to_owned());
        }
        if self.choices.len() > CHOICES_MAX {
            return Err(format!("There can be at most {CHOICES_MAX} choices."));
        }
        let (mut values, mut labels) = (BTreeSet::new(), BTreeSet::new());
        for choice in &self.choices {
            wording_fits("A choice", &choice.label, LABEL_MAX)?;
            wording_fits("The value of a choice", &choice.value, LABEL_MAX)?;
            if choice.value.trim().is_empty() || choice.label.trim().is_empty() {
                return Err("A choice is empty.".to_owned());
            }
            if !values.insert(&choice.value) {
                return Err(format!("Two choices have the same value, “{}”.", choice.value));
            }
            if !labels.insert(text::fold(&choice.label)) {
                return Err(format!("The choice “{}” is there twice.", choice.label));
            }
        }
        Ok(())
    }

    fn check_translations(&self) -> Result<(), String> {
        if self.translations.len() > LANGUAGES_MAX {
            return Err(format!("There can be at most {LANGUAGES_MAX} other languages."));
        }
        for (tag, said) in &self.translations {
            if language_tag(tag).as_deref() != Some(tag) {
                return Err(format!("“{tag}” is no language: write “de”, “fr” or “de-AT”."));
            }
            wording_fits("A translation", &said.text, WORDING_MAX)?;
            fits("A translated help", &said.hint, HINT_MAX)?;
            wording_fits("A translated message", &said.error, HINT_MAX)?;
            for (value, label) in &said.choices {
                wording_fits("A translated choice", label, LABEL_MAX)?;
                if self.choices.iter().all(|choice| choice.value != *value) {
                    return Err(format!(
                        "The translation to “{tag}” has a choice “{value}” that is not there."
                    ));
                }
            }
        }
        Ok(())
    }
}

fn first<'t>(mut said: impl Iterator<Item = &'t str>, default: &'t str) -> &'t str {
    said.find(|text| !text.is_empty()).unwrap_or(default)
}

fn wording_fits(what: &str, text: &str, max: usize) -> Result<(), String> {
    text::optional_line(text, max).map(drop).map_err(|e| format!("{what}: {e}"))
}

fn fits(what: &str, text: &str, max: usize) -> Result<(), String> {
    text::lines(text, max).map(drop).map_err(|e| format!("{what}: {e}"))
}

/// Can this be a key: letters, digits, "-" and "_" of ASCII?
pub fn is_key(key: &str) -> bool {
    (1..=KEY_MAX).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A word for keys and values that resembles the text, is none of those taken, and stays when the text changes.
pub fn slug(text: &str, fallback: &str, taken: impl Fn(&str) -> bool) -> String {
    let words: Vec<String> = text::fold(text)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let mut base: String = words.join("-").chars().take(KEY_MAX - 4).collect();
    base.truncate(base.trim_end_matches('-').len());
    if base.is_empty() {
        fallback.clone_into(&mut base);
    }
    if !taken(&base) {
        return base;
    }
    (2..1000).map(|n| format!("{base}-{n}")).find(|word| !taken(word)).unwrap_or(base)
}

/// A language tag as it is kept: `de`, `de-AT`, `zh-Hant-TW`; `None` if it is none.
pub fn language_tag(typed: &str) -> Option<String> {
    let typed = typed.trim().replace('_', "-");
    let mut parts = typed.split('-');
    let language = parts.next().filter(|p| (2..=3).contains(&p.len()))?;
    if typed.len() > 35 || !language.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let mut tag = language.to_ascii_lowercase();
    for part in parts {
        if !(2..=8).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        tag.push('-');
        match part.len() {
            2 => tag.push_str(&part.to_ascii_uppercase()),
            4 if part.bytes().all(|b| b.is_ascii_alphabetic()) => {
                let mut letters = part.chars();
                tag.extend(letters.next().map(|c| c.to_ascii_uppercase()));
                tag.extend(letters.map(|c| c.to_ascii_lowercase()));
            }
            _ => tag.push_str(&part.to_ascii_lowercase()),
        }
    }
    Some(tag)
}

/// The tags to look under for a locale, the most exact first: `de-AT`, `de`.
pub fn language_chain(locale: &str) -> Vec<String> {
    let mut chain = Vec::new();
    let mut tag = language_tag(locale);
    while let Some(exact) = tag {
        tag = exact.rsplit_once('-').map(|(shorter, _)| shorter.to_owned());
        chain.push(exact);
    }
    chain
}

/// The questions of one policy or resource: each of them good, and no key twice. The first problem says which
/// question has it.
pub fn check_all(questions: &[Question]) -> Result<(), String> {
    if questions.len() > QUESTIONS_MAX {
        return Err(format!("There can be at most {QUESTIONS_MAX} questions."));
    }
    let mut keys = BTreeSet::new();
    for (index, question) in questions.iter().enumerate() {
        let which = match question.text.trim() {
            "" => format!("Question {}", index + 1),
            text => format!("Question {} (“{text}”)", index + 1),
        };
        question.check().map_err(|problem| format!("{which}: {problem}"))?;
        if !keys.insert(&question.key) {
            return Err(format!("{which}: another question has the name “{}” already.", question.key));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "question_tests.rs"]
mod tests;

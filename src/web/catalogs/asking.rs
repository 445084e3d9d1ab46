//! The editor of questions (SPEC QST-1, QST-2), for policies and for resources. It works without scripts: a button
//! that adds, moves or removes posts the form, and the page comes back with everything that was typed. Nothing is
//! saved by that.

use std::collections::BTreeMap;

use super::draft::Draft;
use crate::domain::question::{
    self, Choice, HINT_MAX, LANGUAGES_MAX, Pattern, QUESTIONS_MAX, Question, QuestionKind, Translation,
    WORDING_MAX, language_tag,
};
use crate::kernel::text;
use crate::web::FormErrors;

/// Whose questions are edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those of a policy; their keys come from their words.
    Policy,
    /// Those of a resource (SPEC CAT-5); their keys are names that are typed, and each needs an answer.
    Resource,
}

const PARTS: [&str; 9] =
    ["key", "text", "hint", "kind", "required", "later", "choices", "pattern", "message"];
const WORDS: [&str; 5] = ["lang", "text", "hint", "message", "choices"];
/// The field that says in which language the preview is.
pub const PREVIEW: &str = "preview_language";

pub(super) fn part(n: usize, part: &str) -> String {
    format!("q{n}_{part}")
}

pub(super) fn word(n: usize, m: usize, part: &str) -> String {
    format!("q{n}_l{m}_{part}")
}

/// The names of all fields.
pub fn names() -> Vec<String> {
    let mut all = vec![PREVIEW.to_owned()];
    for n in 1..=QUESTIONS_MAX {
        all.extend(PARTS.iter().map(|p| part(n, p)));
        for m in 1..=LANGUAGES_MAX {
            all.extend(WORDS.iter().map(|p| word(n, m, p)));
        }
    }
    all
}

/// A question as it was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    parts: BTreeMap<&'static str, String>,
    pub(super) languages: Vec<BTreeMap<&'static str, String>>,
}

impl Typed {
    /// A new one.
    fn empty() -> Self {
        let parts = PARTS.into_iter().map(|p| (p, String::new())).collect();
        let mut typed = Self { parts, languages: Vec::new() };
        typed.put("kind", QuestionKind::ShortText.as_str());
        typed.put("required", "on");
        typed
    }

    fn of(question: &Question) -> Self {
        let mut typed = Self::empty();
        typed.put("key", &question.key);
        typed.put("text", &question.text);
        typed.put("hint", &question.hint);
        typed.put("kind", question.kind.as_str());
        typed.put("required", if question.required { "on" } else { "" });
        typed.put("later", if question.editable_later { "on" } else { "" });
        let lines: Vec<String> =
            question.choices.iter().map(|c| format!("{} = {}", c.value, c.label)).collect();
        typed.put("choices", &lines.join("\n"));
        if let Some(pattern) = &question.pattern {
            typed.put("pattern", &pattern.expression);
            typed.put("message", &pattern.error);
        }
        for (tag, said) in &question.translations {
            let labels: Vec<String> = question
                .choices
                .iter()
                .filter_map(|c| said.choices.get(&c.value).map(|label| format!("{} = {label}", c.value)))
                .collect();
            let words = [tag.as_str(), &said.text, &said.hint, &said.error, &labels.join("\n")];
            typed.languages.push(WORDS.into_iter().zip(words.map(str::to_owned)).collect());
        }
        typed
    }

    pub(super) fn get(&self, part: &str) -> &str {
        self.parts.get(part).map_or("", String::as_str)
    }

    fn put(&mut self, part: &'static str, value: &str) {
        self.parts.insert(part, value.to_owned());
    }

    pub(super) fn kind(&self) -> Option<QuestionKind> {
        QuestionKind::parse(self.get("kind"))
    }
}

/// What was typed, question by question.
pub(super) fn typed(draft: &Draft) -> Vec<Typed> {
    let there = |name: String| !draft.many(&name).is_empty();
    (1..=QUESTIONS_MAX)
        .filter(|n| there(part(*n, "text")))
        .map(|n| Typed {
            parts: PARTS.into_iter().map(|p| (p, draft.one(&part(n, p)).to_owned())).collect(),
            languages: (1..=LANGUAGES_MAX)
                .filter(|m| there(word(n, *m, "lang")))
                .map(|m| WORDS.into_iter().map(|p| (p, draft.one(&word(n, m, p)).to_owned())).collect())
                .collect(),
        })
        .collect()
}

/// Writes them back, numbered anew.
fn put(draft: &mut Draft, all: &[Typed]) {
    for name in names().iter().filter(|name| *name != PREVIEW) {
        draft.clear(name);
    }
    for (typed, n) in all.iter().zip(1..=QUESTIONS_MAX) {
        for (name, value) in &typed.parts {
            // A box that is not ticked sends nothing.
            if !(value.is_empty() && matches!(*name, "required" | "later")) {
                draft.set(&part(n, name), [value]);
            }
        }
        for (words, m) in typed.languages.iter().zip(1..=LANGUAGES_MAX) {
            for (name, value) in words {
                draft.set(&word(n, m, name), [value]);
            }
        }
    }
}

/// Fills the draft with questions that exist.
pub fn show(draft: &mut Draft, questions: &[Question]) {
    let all: Vec<Typed> = questions.iter().map(Typed::of).collect();
    put(draft, &all);
}

/// A button of the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// One more, at the end.
    Add,
    /// One place up.
    Up(usize),
    /// One place down.
    Down(usize),
    /// Away with it.
    Remove(usize),
    /// Room for one more language.
    Language(usize),
    /// The preview of what was typed.
    Show,
}

impl Act {
    /// The button of this word; `None` for other buttons.
    pub fn parse(go: &str) -> Option<Self> {
        let (act, n) = match go.strip_prefix("q-")? {
            "add" => return Some(Self::Add),
            "show" => return Some(Self::Show),
            rest => rest.split_once('-')?,
        };
        let n: usize = n.parse().ok().filter(|n| (1..=QUESTIONS_MAX).contains(n))?;
        match act {
            "up" => Some(Self::Up(n)),
            "down" => Some(Self::Down(n)),
            "remove" => Some(Self::Remove(n)),
            "language" => Some(Self::Language(n)),
            _ => None,
        }
    }

    /// Does it, and says which question to show open.
    pub fn run(self, draft: &mut Draft) -> Option<usize> {
        let mut all = typed(draft);
        let open = match self {
            Self::Add if all.len() < QUESTIONS_MAX => {
                all.push(Typed::empty());
                Some(all.len())
            }
            Self::Up(n) if n > 1 && n <= all.len() => {
                all.swap(n - 1, n - 2);
                Some(n - 1)
            }
            Self::Down(n) if n < all.len() => {
                all.swap(n - 1, n);
                Some(n + 1)
            }
            Self::Remove(n) if n <= all.len() => {
                all.remove(n - 1);
                None
            }
            Self::Language(n) => {
                if let Some(one) = all.get_mut(n - 1)
                    && one.languages.len() < LANGUAGES_MAX
                {
                    one.languages.push(WORDS.into_iter().map(|p| (p, String::new())).collect());
                }
                Some(n)
            }
            _ => None,
        };
        put(draft, &all);
        open
    }
}

/// Reads the questions, with each mistake at its field.
pub fn read(draft: &Draft, whose: Whose, errors: &mut FormErrors) -> Vec<Question> {
    let all = typed(draft);
    let mut keys: Vec<String> = all.iter().map(|t| t.get("key").trim().to_owned()).collect();
    let mut questions: Vec<Question> = Vec::new();
    for (one, n) in all.iter().zip(1_usize..) {
        let mut own = FormErrors::new();
        let typed_key = keys.get(n - 1).cloned().unwrap_or_default();
        let key = match whose {
            Whose::Resource => typed_key.to_lowercase(),
            Whose::Policy if typed_key.is_empty() => {
                let key = question::slug(one.get("text"), "question", |k| keys.iter().any(|t| t == k));
                keys.push(key.clone());
                key
            }
            Whose::Policy => typed_key,
        };
        if whose == Whose::Resource {
            if !question::is_key(&key) {
                own.add(part(n, "key"), "Give a short name of letters, digits, “-” and “_”.");
            } else if questions.iter().any(|q| q.key == key) {
                own.add(part(n, "key"), "Another question has this name already.");
            }
        }
        let question = read_one(one, n, key, whose, &mut own);
        if own.is_empty()
            && let Err(problem) = question.check()
        {
            own.add(part(n, "text"), problem);
        }
        errors.merge(own);
        questions.push(question);
    }
    questions
}

fn read_one(typed: &Typed, n: usize, key: String, whose: Whose, errors: &mut FormErrors) -> Question {
    let at = |name: &str| part(n, name);
    let text = errors.take(&at("text"), text::line(typed.get("text"), WORDING_MAX));
    let hint = errors.take(&at("hint"), text::lines(typed.get("hint"), HINT_MAX));
    if typed.kind().is_none() {
        errors.add(at("kind"), "Choose how it is answered.");
    }
    let kind = typed.kind().unwrap_or(QuestionKind::ShortText);
    let mut question = Question::new(key, text.unwrap_or_default(), kind);
    question.hint = hint.unwrap_or_default();
    question.required = whose == Whose::Resource || !typed.get("required").is_empty();
    question.editable_later = !typed.get("later").is_empty();
    if kind.chooses() {
        question.choices = choices(typed.get("choices"));
        if let Err(problem) = question.check_choices() {
            errors.add(at("choices"), problem);
        }
    } else if !typed.get("pattern").trim().is_empty() {
        let message = errors.take(&at("message"), text::optional_line(typed.get("message"), HINT_MAX));
        let expression = typed.get("pattern").trim().to_owned();
        let pattern = Pattern { expression, error: message.unwrap_or_default() };
        if let Err(problem) = pattern.check() {
            errors.add(at("pattern"), problem);
        }
        question.pattern = Some(pattern);
    }
    for (words, m) in typed.languages.iter().zip(1_usize..) {
        translation(&mut question, words, |name| word(n, m, name), errors);
    }
    question
}

/// Choices, one a line: `value = label`, or only a label, whose value is made from it.
fn choices(typed: &str) -> Vec<Choice> {
    let lines: Vec<(Option<&str>, &str)> =
        typed.lines().map(str::trim).filter(|line| !line.is_empty()).map(halves).collect();
    let mut taken: Vec<String> = lines.iter().filter_map(|(value, _)| value.map(str::to_owned)).collect();
    lines
        .into_iter()
        .map(|(value, label)| {
            let value = value.map_or_else(
                || {
                    let value = question::slug(label, "choice", |v| taken.iter().any(|t| t == v));
                    taken.push(value.clone());
                    value
                },
                str::to_owned,
            );
            Choice { value, label: label.to_owned() }
        })
        .collect()
}

/// `value = label`, or only a label.
fn halves(line: &str) -> (Option<&str>, &str) {
    match line.split_once('=').map(|(value, label)| (value.trim(), label.trim())) {
        Some((value, label)) if !value.is_empty() && !label.is_empty() => (Some(value), label),
        _ => (None, line),
    }
}

fn translation(
    question: &mut Question,
    words: &BTreeMap<&'static str, String>,
    at: impl Fn(&str) -> String,
    errors: &mut FormErrors,
) {
    let get = |name: &str| words.get(name).map_or("", String::as_str);
    if words.values().all(|value| value.trim().is_empty()) {
        return;
    }
    let Some(tag) = language_tag(get("lang")) else {
        errors.add(at("lang"), "Give a language, such as “de”, “fr” or “de-AT”.");
        return;
    };
    if question.translations.contains_key(&tag) {
        errors.add(at("lang"), "This language is there twice.");
        return;
    }
    let text = errors.take(&at("text"), text::optional_line(get("text"), WORDING_MAX));
    let hint = errors.take(&at("hint"), text::lines(get("hint"), HINT_MAX));
    let error = errors.take(&at("message"), text::optional_line(get("message"), HINT_MAX));
    let mut labels = BTreeMap::new();
    // A line without a value belongs to the choice on the same line above.
    let lines = get("choices").lines().map(str::trim).zip(0_usize..).filter(|(line, _)| !line.is_empty());
    for (line, index) in lines.filter(|_| question.kind.chooses()) {
        let (value, label) = halves(line);
        let value = value.map(str::to_owned).or(question.choices.get(index).map(|c| c.value.clone()));
        match value.filter(|v| question.choices.iter().any(|c| c.value == *v)) {
            Some(value) => {
                labels.insert(value, label.to_owned());
            }
            None => errors.add(at("choices"), format!("“{line}” belongs to none of the choices.")),
        }
    }
    let said = Translation {
        text: text.unwrap_or_default(),
        hint: hint.unwrap_or_default(),
        error: error.unwrap_or_default(),
        choices: labels,
    };
    question.translations.insert(tag, said);
}

#[cfg(test)]
#[path = "asking_tests.rs"]
mod tests;

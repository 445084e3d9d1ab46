//! How the editor of questions looks, and the preview of what it makes (SPEC QST-1, QST-2).

use std::collections::BTreeMap;

use super::asking::{PREVIEW, Typed, Whose, part, read, typed, word};
use super::draft::Draft;
use crate::domain::question::{
    CHOICES_MAX, HINT_MAX, KEY_MAX, LANGUAGES_MAX, PATTERN_MAX, QUESTIONS_MAX, QuestionKind, WORDING_MAX,
    language_tag,
};
use crate::web::ui::{FieldView, OptionView};
use crate::web::{FormErrors, questions};

/// The words of a question in one language.
#[derive(Debug, Clone)]
pub struct LanguageView {
    /// Which, as a heading.
    pub title: String,
    /// Its fields.
    pub fields: Vec<FieldView>,
}

/// One question in the editor.
#[derive(Debug, Clone)]
pub struct AskView {
    /// Its number.
    pub n: usize,
    /// Its heading.
    pub title: String,
    /// Kind and duty in a few words.
    pub about: String,
    /// Folded open?
    pub open: bool,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// Its words in other languages.
    pub languages: Vec<LanguageView>,
    /// Are those folded open?
    pub languages_open: bool,
    /// Room for one more?
    pub more_languages: bool,
    /// Can it go up?
    pub up: bool,
    /// Can it go down?
    pub down: bool,
}

/// The editor.
#[derive(Debug, Clone)]
pub struct AsksView {
    /// Where the form posts; the buttons lead to places on the page that comes back.
    pub action: String,
    /// The questions.
    pub questions: Vec<AskView>,
    /// Is there room for one more?
    pub can_add: bool,
    /// In which language the preview is; `None` with one language only.
    pub preview: Option<FieldView>,
}

impl AsksView {
    /// Every field.
    pub fn fields(&self) -> impl Iterator<Item = &FieldView> {
        self.questions.iter().flat_map(|q| q.fields.iter().chain(q.languages.iter().flat_map(|l| &l.fields)))
    }

    /// Every field, to change it.
    pub fn fields_mut(&mut self) -> impl Iterator<Item = &mut FieldView> {
        self.questions
            .iter_mut()
            .flat_map(|q| q.fields.iter_mut().chain(q.languages.iter_mut().flat_map(|l| l.fields.iter_mut())))
    }
}

/// So many questions are all shown open.
const ALL_OPEN: usize = 2;

/// The editor with what was typed; `open` is the question that somebody works on.
pub fn view(draft: &Draft, errors: &FormErrors, whose: Whose, open: Option<usize>, action: &str) -> AsksView {
    let all = typed(draft);
    let count = all.len();
    let tags = languages(&all);
    let mut options = vec![OptionView::new("", "The default words")];
    options.extend(tags.iter().map(|tag| OptionView::new(tag, tag)));
    AsksView {
        action: action.to_owned(),
        questions: all
            .iter()
            .zip(1_usize..)
            .map(|(one, n)| ask(one, n, count, errors, whose, open))
            .collect(),
        can_add: count < QUESTIONS_MAX,
        preview: (!tags.is_empty()).then(|| {
            FieldView::select(PREVIEW, "Language of the preview", options)
                .value(draft.one(PREVIEW))
                .required()
        }),
    }
}

/// The languages that were typed.
fn languages(all: &[Typed]) -> Vec<String> {
    let typed = all.iter().flat_map(|one| &one.languages).filter_map(|words| words.get("lang"));
    let mut tags: Vec<String> = typed.filter_map(|tag| language_tag(tag)).collect();
    tags.sort();
    tags.dedup();
    tags
}

fn ask(
    typed: &Typed,
    n: usize,
    count: usize,
    errors: &FormErrors,
    whose: Whose,
    open: Option<usize>,
) -> AskView {
    let fields = ask_fields(typed, n, errors, whose);
    let languages: Vec<LanguageView> = typed
        .languages
        .iter()
        .zip(1_usize..)
        .map(|(words, m)| language(words, typed.kind(), errors, |name| word(n, m, name)))
        .collect();
    let wrong = |fields: &[FieldView]| fields.iter().any(|f| f.error.is_some());
    let wrong_words = languages.iter().any(|l| wrong(&l.fields));
    let shown = match typed.get("text").trim() {
        "" => format!("Question {n}"),
        text => format!("Question {n}: {text}"),
    };
    let mut about = vec![typed.kind().map_or("", QuestionKind::words)];
    if whose == Whose::Policy && !typed.get("required").is_empty() {
        about.push("required");
    }
    if !typed.languages.is_empty() {
        about.push("translated");
    }
    AskView {
        n,
        title: shown,
        about: about.join(", "),
        open: open == Some(n) || (open.is_none() && count <= ALL_OPEN) || wrong(&fields) || wrong_words,
        languages_open: wrong_words || (open == Some(n) && !languages.is_empty()),
        more_languages: languages.len() < LANGUAGES_MAX,
        fields,
        languages,
        up: n > 1,
        down: n < count,
    }
}

fn ask_fields(typed: &Typed, n: usize, errors: &FormErrors, whose: Whose) -> Vec<FieldView> {
    let at = |name: &str| part(n, name);
    let error = |name: &str| errors.of(&part(n, name));
    let most = |characters: usize| u32::try_from(characters).unwrap_or(u32::MAX);
    let kinds = QuestionKind::ALL
        .iter()
        .map(|kind| {
            OptionView::new(kind.as_str(), kind.words()).hint(match kind {
                QuestionKind::ShortText => "One line.",
                QuestionKind::LongText => "Several lines.",
                QuestionKind::SingleChoice => "One of the choices below.",
                QuestionKind::MultipleChoice => "Any number of the choices below.",
            })
        })
        .collect();
    let mut fields = match whose {
        Whose::Policy => vec![FieldView::hidden(at("key"), typed.get("key"))],
        Whose::Resource => vec![
            FieldView::text(at("key"), "Name of the attribute")
                .value(typed.get("key"))
                .error(error("key"))
                .hint(
                    "Under this name the answer is stored on the person, such as “licence-number”. Resources that use the same name share the answer.",
                )
                .maxlength(most(KEY_MAX))
                .required(),
        ],
    };
    fields.extend([
        FieldView::text(at("text"), "Question")
            .value(typed.get("text"))
            .error(error("text"))
            .maxlength(most(WORDING_MAX))
            .required(),
        FieldView::textarea(at("hint"), "Help below the question")
            .value(typed.get("hint"))
            .error(error("hint"))
            .maxlength(most(HINT_MAX))
            .rows(2),
        FieldView::radios(at("kind"), "How it is answered", kinds)
            .value(typed.get("kind"))
            .error(error("kind"))
            .required(),
        FieldView::textarea(at("choices"), "Choices")
            .value(typed.get("choices"))
            .error(error("choices"))
            .rows(5)
            .hint(format!(
                "Only for choices: one on each line, at most {CHOICES_MAX}. In “emea = Europe” people read “Europe”, and “emea” is what is stored: keep it when you change the words. Without “=” it is made from the words."
            )),
    ]);
    if whose == Whose::Policy {
        fields.push(FieldView::checkbox(
            at("required"),
            "Must be answered",
            !typed.get("required").is_empty(),
        ));
    }
    let later = FieldView::checkbox(at("later"), "Can be changed later", !typed.get("later").is_empty());
    fields.push(match whose {
        Whose::Policy => later.hint("The person may give another answer while they have the access."),
        Whose::Resource => later.hint(
            "With a later request the person may give another answer. Otherwise the first one stays for good.",
        ),
    });
    fields.extend([
        FieldView::text(at("pattern"), "Pattern of the answer")
            .value(typed.get("pattern"))
            .error(error("pattern"))
            .maxlength(most(PATTERN_MAX))
            .hint("Only for texts: a regular expression that the whole answer has to match. “PO-[0-9]{4}” takes PO-1234."),
        FieldView::text(at("message"), "What to say if it does not match")
            .value(typed.get("message"))
            .error(error("message"))
            .maxlength(most(HINT_MAX))
            .hint("Say what a good answer looks like: “Write it like PO-1234.”"),
    ]);
    fields
}

fn language(
    words: &BTreeMap<&'static str, String>,
    kind: Option<QuestionKind>,
    errors: &FormErrors,
    at: impl Fn(&str) -> String,
) -> LanguageView {
    let get = |name: &str| words.get(name).map_or("", String::as_str);
    let field = |view: FieldView, name: &str| view.value(get(name)).error(errors.of(&at(name)));
    let tag = get("lang").trim();
    let mut fields = vec![
        field(FieldView::text(at("lang"), "Language"), "lang")
            .hint("“de” for all who read German, “de-AT” for Austria alone. Empty everything to take it out.")
            .maxlength(35)
            .narrow(),
        field(FieldView::text(at("text"), "Question"), "text"),
        field(FieldView::textarea(at("hint"), "Help below the question"), "hint").rows(2),
    ];
    // What the kind does not need travels along unseen.
    let chooses = kind.is_some_and(QuestionKind::chooses);
    let hidden = |name: &str| FieldView::hidden(at(name), get(name));
    fields.push(if chooses {
        field(FieldView::textarea(at("choices"), "Choices"), "choices")
            .rows(5)
            .hint("On each line the words for the choice on the same line above, or “emea = Europa”.")
    } else {
        hidden("choices")
    });
    fields.push(if chooses {
        hidden("message")
    } else {
        field(FieldView::text(at("message"), "What to say if the pattern does not match"), "message")
    });
    LanguageView { title: if tag.is_empty() { "New language".to_owned() } else { tag.to_owned() }, fields }
}

/// The form as the person who is asked will see it. What is not good yet is left out.
pub fn preview(draft: &Draft, whose: Whose) -> Vec<FieldView> {
    let mut fields = Vec::new();
    if draft.ticked("justification") {
        fields.push(FieldView::textarea("preview", "Why do you need this?").required());
    }
    let asked = read(draft, whose, &mut FormErrors::new());
    let locale = draft.one(PREVIEW);
    for (question, n) in asked.iter().filter(|q| q.check().is_ok()).zip(1_usize..) {
        fields.push(questions::field(question, locale, &format!("preview-{n}"), &[]));
    }
    fields
}

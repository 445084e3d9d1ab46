//! A question as a field of a form, the same wherever it is asked and in previews (SPEC QST-1, QST-2).

use crate::domain::answers::{LINE_MAX, TEXT_MAX};
use crate::domain::attributes::Attribute;
use crate::domain::question::{Question, QuestionKind};
use crate::web::ui::{FieldView, OptionView};

/// More choices than this fold into a drop-down list.
const RADIOS_MAX: usize = 6;

/// The field of a question, in the words of the reader's locale, with what was given.
pub fn field(question: &Question, locale: &str, name: &str, given: &[String]) -> FieldView {
    let words = question.wording(locale);
    let first = given.first().map_or("", String::as_str);
    let most = |characters: usize| u32::try_from(characters).unwrap_or(u32::MAX);
    let mut options: Vec<OptionView> =
        words.choices.iter().map(|(value, label)| OptionView::new(*value, label)).collect();
    let mut field = match question.kind {
        QuestionKind::ShortText => {
            FieldView::text(name, words.text).value(first).maxlength(most(LINE_MAX)).autocomplete("off")
        }
        QuestionKind::LongText => {
            FieldView::textarea(name, words.text).value(first).maxlength(most(TEXT_MAX))
        }
        QuestionKind::SingleChoice if options.len() > RADIOS_MAX => {
            options.insert(0, OptionView::new("", "Choose"));
            FieldView::select(name, words.text, options).value(first)
        }
        QuestionKind::SingleChoice => FieldView::radios(name, words.text, options).value(first),
        QuestionKind::MultipleChoice => FieldView::checklist(name, words.text, options).values(given),
    };
    if !words.hint.is_empty() {
        field = field.hint(words.hint);
    }
    if question.required { field.required() } else { field }
}

/// The field of what a resource asks (SPEC CAT-5). An answer that cannot be changed is shown and not sent: its field's
/// name begins with [`KEPT`], and whoever reads the form passes over it.
pub fn attribute_field(
    attribute: &Attribute,
    n: usize,
    name: &str,
    typed: Option<&Vec<String>>,
    locale: &str,
) -> FieldView {
    let id = format!("f-about-{n}");
    match attribute.frozen() {
        Some(answer) => FieldView::text(format!("{KEPT}{n}"), &answer.question)
            .value(&answer.shown)
            .hint("You answered this before. It cannot be changed any more.")
            .id(id)
            .readonly(),
        None => {
            let given = typed.or(attribute.stored.as_ref().map(|a| &a.values)).map_or(&[][..], Vec::as_slice);
            field(&attribute.question, locale, name, given).id(id)
        }
    }
}

/// How the names of fields begin that are only shown.
pub const KEPT: &str = "kept.";

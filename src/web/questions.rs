//! A question as a field of a form, the same wherever it is asked and in previews (SPEC QST-1, QST-2).

use crate::domain::answers::{LINE_MAX, TEXT_MAX};
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

//! Fields whose values are typed with suggestions: one text, or any number of them.

use askama::Template;

use super::{FieldKind, FieldView, OptionView};

/// One text of several, with what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct EntryView {
    /// What was typed.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl EntryView {
    /// A text, with what is wrong with it, if anything.
    pub fn new(value: impl Into<String>, error: Option<String>) -> Self {
        Self { value: value.into(), error }
    }
}

/// What the browser offers while somebody types. Without scripts too; nothing hinders typing something else.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/suggestions.html")]
pub struct SuggestionsView {
    id: String,
    options: Vec<OptionView>,
}

impl askama::filters::HtmlSafe for SuggestionsView {}

/// How many empty inputs stand ready below what was typed. A script adds more as they fill.
const SPARE: usize = 2;

impl FieldView {
    /// Any number of short texts, an input each, and two empty ones to add more. Posts its name once for each;
    /// empty ones mean nothing.
    pub fn entries(
        name: impl Into<String>,
        label: impl Into<String>,
        entries: Vec<EntryView>,
        suggestions: Vec<OptionView>,
    ) -> Self {
        let error = entries.iter().find_map(|entry| entry.error.clone());
        let mut entries = entries;
        entries.extend(std::iter::repeat_n(EntryView::default(), SPARE));
        Self { options: suggestions, entries, error, ..Self::new(FieldKind::Entries, name, label) }
    }

    /// What the browser offers while somebody types in a field of one line.
    #[must_use]
    pub fn suggest(mut self, suggestions: Vec<OptionView>) -> Self {
        self.options = suggestions;
        self
    }

    /// The first entry that is wrong has the field's own id, so that the error summary leads to it; without one,
    /// the first of all.
    pub(super) fn entry_id(&self, index: &usize) -> String {
        let main = self.entries.iter().position(|entry| entry.error.is_some()).unwrap_or(0);
        if *index == main { self.id.clone() } else { format!("{}-{}", self.id, index + 1) }
    }

    pub(super) fn suggestions(&self) -> SuggestionsView {
        SuggestionsView { id: self.id.clone(), options: self.options.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pge_3_each_entry_keeps_its_text_and_its_error() {
        let field = FieldView::entries(
            "members",
            "Members",
            vec![
                EntryView::new("wei@demo.example", None),
                EntryView::new("bob\"", Some("Nobody is called “bob”.".to_owned())),
            ],
            vec![OptionView::new("Wei Chen <wei@demo.example>", "Sales")],
        );
        assert_eq!(field.error.as_deref(), Some("Nobody is called “bob”."));
        let page = scraper::Html::parse_fragment(&field.to_string());
        let all = |css: &str, attr: &str| -> Vec<String> {
            let selector = scraper::Selector::parse(css).unwrap();
            page.select(&selector).filter_map(|e| e.value().attr(attr).map(str::to_owned)).collect()
        };
        assert_eq!(all("input[name=members]", "value"), ["wei@demo.example", "bob\"", "", ""]);
        assert_eq!(all("[aria-invalid=true]", "id"), ["f-members"]);
        assert_eq!(all("datalist", "id"), ["f-members-list"]);
        assert_eq!(all("input[name=members]", "list"), vec!["f-members-list"; 4]);
    }
}

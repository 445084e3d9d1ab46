//! What the form of a new resource and that of an existing one share: what its users read, and who owns it.

use crate::kernel::text;
use crate::web::FormErrors;
use crate::web::pickers::{self, Suggestions};
use crate::web::ui::{EntryView, FieldView, FormView};

/// What is typed about a resource for its users.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) usage: &'a str,
    pub(super) link: &'a str,
}

/// The same, read and cleaned.
pub(super) struct Read {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) usage: String,
    pub(super) link: String,
}

impl About<'_> {
    /// Reads it; what is wrong goes to its field. A group may go without a name: it has its own.
    pub(super) fn read(&self, errors: &mut FormErrors, nameless: bool) -> Option<Read> {
        let name = if nameless { text::optional_line(self.name, 200) } else { text::line(self.name, 200) };
        let name = errors.take("name", name);
        let description = errors.take("description", text::lines(self.description, 4000));
        let usage = errors.take("usage", text::lines(self.usage, 4000));
        let link = errors.take("link", link(self.link));
        Some(Read { name: name?, description: description?, usage: usage?, link: link? })
    }

    /// Its fields, the name as it is asked for.
    pub(super) fn fields(&self, form: FormView, name: FieldView, errors: &FormErrors) -> FormView {
        form.field(name.value(self.name).error(errors.of("name")).maxlength(200))
            .field(
                FieldView::textarea("description", "Description")
                    .value(self.description)
                    .error(errors.of("description")),
            )
            .field(
                FieldView::textarea("usage", "How to use it")
                    .value(self.usage)
                    .error(errors.of("usage"))
                    .hint("Whoever has it reads this under My access."),
            )
            .field(
                FieldView::text("link", "Link")
                    .value(self.link)
                    .error(errors.of("link"))
                    .hint("Where its users find it: https://…"),
            )
    }
}

/// Who owns it; the sentence says what happens if nobody is named.
pub(super) fn owners(entries: Vec<EntryView>, people: &Suggestions, and: &str) -> FieldView {
    pickers::field("owners", "Owners", entries, people)
        .hint(format!("One per line: an e-mail address or a name. {and}"))
}

/// A link for people: a web address or nothing.
fn link(typed: &str) -> Result<String, String> {
    let typed = text::optional_line(typed, 2000).map_err(|e| e.to_string())?;
    if typed.is_empty() {
        return Ok(typed);
    }
    match url::Url::parse(&typed) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(typed),
        _ => Err("Give a whole address that starts with https:// or http://.".to_owned()),
    }
}

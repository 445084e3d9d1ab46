//! Whole forms: sections of fields, what is wrong with them, and the question before something destructive.

use askama::Template;

use super::{FieldView, Tone};

/// The name of the hidden field that carries the session's token.
pub const CSRF_FIELD: &str = "csrf";

/// One line of the error summary.
#[derive(Clone, Debug)]
pub struct ErrorItem {
    /// What is wrong.
    pub text: String,
    /// The id of the field; none when the form as a whole is refused.
    pub id: Option<String>,
}

/// All that is wrong with a form, above it, each line leading to its field (SPEC PGE-3). Renders nothing when empty.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "ui/error_summary.html")]
pub struct ErrorSummary {
    /// The lines.
    pub items: Vec<ErrorItem>,
}

impl ErrorSummary {
    /// A refusal of the form as a whole, if any, then the fields' errors in their order.
    pub fn new<'f>(form: Option<String>, fields: impl IntoIterator<Item = &'f FieldView>) -> Self {
        let whole = form.map(|text| ErrorItem { text, id: None });
        let each = fields.into_iter().filter_map(|field| {
            // A label that is a question needs no colon.
            let colon = if field.label.ends_with(['?', ':', '.', '!']) { "" } else { ":" };
            let text = format!("{}{colon} {}", field.label, field.error.as_ref()?);
            Some(ErrorItem { text, id: Some(field.id.clone()) })
        });
        Self { items: whole.into_iter().chain(each).collect() }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// With only a refusal of the whole there is no field to open on: the summary itself takes the focus.
    fn takes_focus(&self) -> bool {
        self.items.iter().all(|item| item.id.is_none())
    }
}

/// Puts the focus on the first field with an error, and takes it from all others (SPEC PGE-3). Without an error, the
/// focus stays where the page wants it.
pub fn focus_first_error<'f>(fields: impl IntoIterator<Item = &'f mut FieldView>) {
    let fields: Vec<_> = fields.into_iter().collect();
    if fields.iter().all(|field| field.error.is_none()) {
        return;
    }
    let mut found = false;
    for field in fields {
        field.autofocus = field.error.is_some() && !found;
        found |= field.autofocus;
    }
}

/// Fields under a heading.
#[derive(Clone, Debug, Default)]
pub struct FormSection {
    /// The heading; none for a form of one section.
    pub title: Option<String>,
    /// A sentence below it.
    pub text: Option<String>,
    /// The fields.
    pub fields: Vec<FieldView>,
    /// Folded away under its heading until it is wanted.
    pub fold: bool,
}

impl FormSection {
    /// Is something typed or wrong in it?
    fn opens(&self) -> bool {
        self.fields.iter().any(|field| field.error.is_some() || !field.value.is_empty())
    }
}

/// A form that posts back to where it is shown: error summary, token, sections, buttons.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/form.html")]
pub struct FormView {
    /// Where it posts.
    pub action: String,
    /// The session's token.
    pub csrf: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// The fields.
    pub sections: Vec<FormSection>,
    /// The words of the button.
    pub submit: String,
    /// The button's colour: `Tone::Danger` for what destroys.
    pub tone: Tone,
    /// Where "Cancel" leads.
    pub cancel_href: Option<String>,
}

impl FormView {
    /// A form of one section without fields yet.
    pub fn new(action: impl Into<String>, csrf: impl Into<String>, submit: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            csrf: csrf.into(),
            errors: ErrorSummary::default(),
            sections: Vec::new(),
            submit: submit.into(),
            tone: Tone::Primary,
            cancel_href: None,
        }
    }

    /// Adds a field to the last section.
    #[must_use]
    pub fn field(mut self, field: FieldView) -> Self {
        match self.sections.last_mut() {
            Some(section) => section.fields.push(field),
            None => self.sections.push(FormSection { fields: vec![field], ..FormSection::default() }),
        }
        self
    }

    /// Begins a section with a heading.
    #[must_use]
    pub fn section(mut self, title: impl Into<String>, text: Option<&str>) -> Self {
        let section = FormSection {
            title: Some(title.into()),
            text: text.map(str::to_owned),
            ..FormSection::default()
        };
        self.sections.push(section);
        self
    }

    /// Begins a section that is folded away under its heading; it opens by itself where something was typed or is
    /// wrong in it.
    #[must_use]
    pub fn fold(mut self, title: impl Into<String>, text: Option<&str>) -> Self {
        self = self.section(title, text);
        if let Some(section) = self.sections.last_mut() {
            section.fold = true;
        }
        self
    }

    /// Where "Cancel" leads.
    #[must_use]
    pub fn cancel(mut self, href: impl Into<String>) -> Self {
        self.cancel_href = Some(href.into());
        self
    }

    /// The button warns.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.tone = Tone::Danger;
        self
    }

    /// Ends the building: gathers the errors of the fields and of the form, and places the focus.
    #[must_use]
    pub fn checked(mut self, form_error: Option<String>) -> Self {
        focus_first_error(self.sections.iter_mut().flat_map(|section| section.fields.iter_mut()));
        self.errors = ErrorSummary::new(form_error, self.sections.iter().flat_map(|section| &section.fields));
        self
    }

    fn dangerous(&self) -> bool {
        self.tone == Tone::Danger
    }
}

/// The question before something destructive, as the main thing of a page (SPEC PGE-4): what will happen, to how many.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/confirm.html")]
pub struct ConfirmView {
    /// The question's first sentence.
    pub text: String,
    /// What will happen, a line each, with numbers.
    pub consequences: Vec<String>,
    /// The form that does it; may have fields, such as a reason.
    pub form: FormView,
}

impl ConfirmView {
    /// A question with its form.
    pub fn new(text: impl Into<String>, consequences: Vec<String>, form: FormView) -> Self {
        Self { text: text.into(), consequences, form }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pge_3_the_first_invalid_field_gets_the_focus_and_the_summary_leads_to_each() {
        let form = FormView::new("/x", "t", "Save")
            .field(FieldView::text("name", "Name").value("Alice").autofocus())
            .field(FieldView::email("email", "E-mail").value("alice@").error(Some("Give a whole address.")))
            .field(FieldView::number("days", "Days").error(Some("Give a number.")))
            .checked(None);
        let page = scraper::Html::parse_fragment(&form.to_string());
        let all = |css: &str| {
            let selector = scraper::Selector::parse(css).unwrap();
            page.select(&selector)
                .map(|e| e.value().attr("id").or(e.value().attr("href")).unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(all("[autofocus]"), ["f-email"]);
        assert_eq!(all(".lk-errors a"), ["#f-email", "#f-days"]);
        assert_eq!(all("[aria-invalid=true]"), ["f-email", "f-days"]);
        assert!(form.to_string().contains(r#"value="alice@""#));
    }

    #[test]
    fn a_refusal_of_the_whole_form_takes_the_focus_itself() {
        let form = FormView::new("/x", "t", "Save")
            .field(FieldView::text("name", "Name"))
            .checked(Some("Somebody changed this meanwhile.".to_owned()));
        assert!(form.to_string().contains("tabindex=\"-1\" autofocus"));
        let fine = FormView::new("/x", "t", "Save").field(FieldView::text("name", "Name")).checked(None);
        assert!(!fine.to_string().contains("lk-errors"));
    }

    #[test]
    fn what_was_typed_is_escaped_and_a_password_never_comes_back() {
        let field = FieldView::text("q", "Search").value(r#""><script>alert(1)</script>"#).to_string();
        assert!(!field.contains("<script"));
        let field = FieldView::password("password", "Password").value("hunter2").to_string();
        assert!(!field.contains("hunter2"));
    }
}

//! Form fields that keep what was typed and carry their own error (SPEC PGE-3).

use askama::Template;

/// How a field is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Text,
    /// An address.
    Email,
    /// Never shown again: its value is not rendered.
    Password,
    /// Digits.
    Number,
    /// A day.
    Date,
    /// A day and a time.
    DateTime,
    /// An address of a page.
    Url,
    /// What to look for.
    Search,
    /// Several lines.
    Textarea,
    /// One of a drop-down list.
    Select,
    /// One of a few, all visible.
    Radios,
    /// Yes or no.
    Checkbox,
    /// Any of a few.
    Checklist,
    /// Any number of short texts, an input each, with suggestions.
    Entries,
    /// Not shown.
    Hidden,
}

impl FieldKind {
    fn input_type(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password => "password",
            Self::Number => "number",
            Self::Date => "date",
            Self::DateTime => "datetime-local",
            Self::Url => "url",
            Self::Search => "search",
            Self::Hidden => "hidden",
            _ => "text",
        }
    }
}

/// One choice of a select, of radios or of a checklist.
#[derive(Clone, Debug)]
pub struct OptionView {
    /// What is posted.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// A sentence below it (not in a select).
    pub hint: Option<String>,
    /// Whether it is chosen.
    pub selected: bool,
    /// Whether it cannot be chosen now; say why in the hint.
    pub disabled: bool,
}

impl OptionView {
    /// A choice, not chosen.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, selected: false, disabled: false }
    }

    /// Adds a sentence below.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Chooses it, or not.
    #[must_use]
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// Makes it impossible to choose.
    #[must_use]
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }
}

/// One field with its label, hint, value and error. Built step by step:
/// `FieldView::text("name", "Name").value(&raw.name).required().error(errors.field("name"))`.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/field.html")]
pub struct FieldView {
    /// How it is asked.
    pub kind: FieldKind,
    /// The name that is posted.
    pub name: String,
    /// The id of its (first) control.
    pub id: String,
    /// What is asked.
    pub label: String,
    /// What was typed; for a checkbox what is posted when ticked.
    pub value: String,
    /// Whether a checkbox is ticked.
    pub checked: bool,
    /// Help below the label.
    pub hint: Option<String>,
    /// What is wrong with what was typed.
    pub error: Option<String>,
    /// Whether it must be filled.
    pub required: bool,
    /// Whether it cannot be changed here.
    pub readonly: bool,
    /// Whether the page opens on it.
    pub autofocus: bool,
    /// What the browser may fill in (`email`, `current-password`, `off`).
    pub autocomplete: Option<&'static str>,
    /// Which keyboard a phone shows (`numeric`).
    pub inputmode: Option<&'static str>,
    /// The least number or first day.
    pub min: Option<String>,
    /// The greatest number or last day.
    pub max: Option<String>,
    /// The most characters.
    pub maxlength: Option<u32>,
    /// The height of a text area.
    pub rows: u8,
    /// A unit after the control: `days`.
    pub suffix: Option<String>,
    /// Narrow, for numbers, dates and codes.
    pub narrow: bool,
    /// The choices; of a text or of entries the suggestions.
    pub options: Vec<OptionView>,
    /// The texts of [`FieldKind::Entries`].
    pub entries: Vec<super::EntryView>,
}

impl FieldView {
    /// A field of that kind, empty and optional.
    pub fn new(kind: FieldKind, name: impl Into<String>, label: impl Into<String>) -> Self {
        let name = name.into();
        let id = format!("f-{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
        let narrow = matches!(kind, FieldKind::Number | FieldKind::Date | FieldKind::DateTime);
        Self {
            kind,
            id,
            name,
            label: label.into(),
            value: String::new(),
            checked: false,
            hint: None,
            error: None,
            required: false,
            readonly: false,
            autofocus: false,
            autocomplete: None,
            inputmode: None,
            min: None,
            max: None,
            maxlength: None,
            rows: 4,
            suffix: None,
            narrow,
            options: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// One line of text.
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(FieldKind::Text, name, label)
    }
    /// An address.
    pub fn email(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(FieldKind::Email, name, label)
    }
    /// A password; `autocomplete` is `current-password` unless set.
    pub fn password(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(FieldKind::Password, name, label).autocomplete("current-password")
    }
    /// A number.
    pub fn number(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(FieldKind::Number, name, label)
    }
    /// A day.
    pub fn date(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(FieldKind::Date, name, label)
    }
    /// Several lines.
    pub fn textarea(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(FieldKind::Textarea, name, label)
    }
    /// A drop-down list. `chosen` is the value that was posted.
    pub fn select(name: impl Into<String>, label: impl Into<String>, options: Vec<OptionView>) -> Self {
        Self { options, ..Self::new(FieldKind::Select, name, label) }
    }
    /// One of a few, all visible.
    pub fn radios(name: impl Into<String>, label: impl Into<String>, options: Vec<OptionView>) -> Self {
        Self { options, ..Self::new(FieldKind::Radios, name, label) }
    }
    /// Yes or no; posts `value` (`on` unless set) when ticked.
    pub fn checkbox(name: impl Into<String>, label: impl Into<String>, checked: bool) -> Self {
        Self { checked, value: "on".to_owned(), ..Self::new(FieldKind::Checkbox, name, label) }
    }
    /// Any of a few; posts its name once for each.
    pub fn checklist(name: impl Into<String>, label: impl Into<String>, options: Vec<OptionView>) -> Self {
        Self { options, ..Self::new(FieldKind::Checklist, name, label) }
    }
    /// A value that travels with the form.
    pub fn hidden(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::new(FieldKind::Hidden, name, "") }
    }

    /// What was typed. For a select or radios it chooses the option of that value.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        if matches!(self.kind, FieldKind::Select | FieldKind::Radios) {
            for option in &mut self.options {
                option.selected = option.value == self.value;
            }
        }
        self
    }

    /// The ticked values of a checklist.
    #[must_use]
    pub fn values<S: AsRef<str>>(mut self, values: &[S]) -> Self {
        for option in &mut self.options {
            option.selected = values.iter().any(|value| value.as_ref() == option.value);
        }
        self
    }

    /// Help below the label.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong, if anything.
    #[must_use]
    pub fn error<S: Into<String>>(mut self, error: Option<S>) -> Self {
        self.error = error.map(Into::into);
        self
    }

    /// Must be filled.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Cannot be changed here.
    #[must_use]
    pub fn readonly(mut self) -> Self {
        self.readonly = true;
        self
    }

    /// The page opens on it.
    #[must_use]
    pub fn autofocus(mut self) -> Self {
        self.autofocus = true;
        self
    }

    /// What the browser may fill in.
    #[must_use]
    pub fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = Some(token);
        self
    }

    /// Which keyboard a phone shows.
    #[must_use]
    pub fn inputmode(mut self, mode: &'static str) -> Self {
        self.inputmode = Some(mode);
        self
    }

    /// The least and the greatest.
    #[must_use]
    pub fn range(mut self, min: impl ToString, max: impl ToString) -> Self {
        self.min = Some(min.to_string());
        self.max = Some(max.to_string());
        self
    }

    /// The most characters.
    #[must_use]
    pub fn maxlength(mut self, characters: u32) -> Self {
        self.maxlength = Some(characters);
        self
    }

    /// The height of a text area.
    #[must_use]
    pub fn rows(mut self, rows: u8) -> Self {
        self.rows = rows;
        self
    }

    /// A unit after the control.
    #[must_use]
    pub fn suffix(mut self, unit: impl Into<String>) -> Self {
        self.suffix = Some(unit.into());
        self
    }

    /// As wide as what it holds.
    #[must_use]
    pub fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    /// Another id, where one page holds two fields of one name.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    pub(super) fn is(&self, kind: FieldKind) -> bool {
        self.kind == kind
    }

    /// Long lists scroll in a box of their own, and scripts offer to filter them.
    fn is_long(&self) -> bool {
        self.options.len() > 10
    }

    /// The ids of hint and error for `aria-describedby`; empty when there is neither.
    fn described_by(&self) -> String {
        let part = |there: bool, what: &str| there.then(|| format!("{}-{what}", self.id));
        [part(self.hint.is_some(), "hint"), part(self.error.is_some(), "error")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The first control of a group has the field's own id, so that the error summary leads to it.
    fn option_id(&self, index: &usize) -> String {
        if *index == 0 { self.id.clone() } else { format!("{}-{}", self.id, index + 1) }
    }
}

//! A form as the page offers it: what a person can do with its fields, and what a browser then sends.

use scraper::ElementRef;

use super::html::{has_ancestor, selector, text};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Text,
    Hidden,
    Check,
    Radio,
    Option { multiple: bool },
    Submit,
}

/// A control that may send its name with the values of the choices that are on.
#[derive(Clone, Debug)]
pub(super) struct Control {
    name: String,
    kind: Kind,
    choices: Vec<Choice>,
    readonly: bool,
}

#[derive(Clone, Debug)]
struct Choice {
    value: String,
    label: String,
    on: bool,
}

impl Control {
    /// A control that could be sent; what has no name or is disabled never is.
    pub(super) fn read(element: ElementRef<'_>) -> Option<Self> {
        let fieldset = |e: ElementRef<'_>| e.value().name() == "fieldset" && e.attr("disabled").is_some();
        if element.attr("disabled").is_some() || has_ancestor(element, fieldset) {
            return None;
        }
        let name = element.attr("name").unwrap_or_default().to_owned();
        let value = |default: &str| element.attr("value").unwrap_or(default).to_owned();
        let single = |value: String, on: bool| vec![Choice { value, label: text(element), on }];
        let checked = element.attr("checked").is_some();
        let (kind, choices) = match (element.value().name(), element.attr("type").unwrap_or_default()) {
            ("select", _) => {
                (Kind::Option { multiple: element.attr("multiple").is_some() }, options(element))
            }
            ("textarea", _) => {
                let typed: String = element.text().collect();
                (Kind::Text, single(typed.strip_prefix('\n').unwrap_or(&typed).to_owned(), true))
            }
            ("button", "button" | "reset") | ("input", "button" | "reset" | "image" | "file") => return None,
            ("button", _) | ("input", "submit") => (Kind::Submit, single(value(""), false)),
            (_, "hidden") => (Kind::Hidden, single(value(""), true)),
            (_, "checkbox") => (Kind::Check, single(value("on"), checked)),
            (_, "radio") => (Kind::Radio, single(value("on"), checked)),
            _ => (Kind::Text, single(value(""), true)),
        };
        if name.is_empty() && kind != Kind::Submit {
            return None;
        }
        Some(Self { name, kind, choices, readonly: element.attr("readonly").is_some() })
    }
}

fn options(select: ElementRef<'_>) -> Vec<Choice> {
    let each = selector("option");
    let off = |e: ElementRef<'_>| e.attr("disabled").is_some();
    let group = |e: ElementRef<'_>| e.value().name() == "optgroup" && off(e);
    let mut all: Vec<_> = select
        .select(&each)
        .filter(|option| !off(*option) && !has_ancestor(*option, group))
        .map(|option| Choice {
            value: option.attr("value").map_or_else(|| text(option), str::to_owned),
            label: text(option),
            on: option.attr("selected").is_some(),
        })
        .collect();
    if select.attr("multiple").is_none() {
        // A browser sends the last selected one, or the first of all.
        let last = all.iter().rposition(|choice| choice.on).unwrap_or(0);
        all.iter_mut().enumerate().for_each(|(i, choice)| choice.on = i == last);
    }
    all
}

/// A form as the page offers it, filled like a browser would: hidden fields, defaults, what is ticked.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it leads.
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    controls: Vec<Control>,
    pressed: Option<usize>,
}

impl Form {
    pub(super) fn new(action: &str, method: &str, controls: Vec<Control>) -> Self {
        Self { action: action.to_owned(), method: method.to_ascii_lowercase(), controls, pressed: None }
    }

    /// Types a text, chooses an option or a radio button, or ticks the one box with this value. Fails if the form has
    /// no such field, if a person could not edit it, or if the value is not among those offered.
    #[track_caller]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let found: Vec<usize> = self.named(name);
        let names: Vec<&str> = self.controls.iter().map(|c| c.name.as_str()).collect();
        assert!(!found.is_empty(), "the form to {} has no field \"{name}\"; it has {names:?}", self.action);
        let offered: Vec<String> = self.offered(name);
        match self.controls[found[0]].kind {
            Kind::Hidden => panic!("\"{name}\" is hidden: nobody can set it (see `forge`)"),
            Kind::Submit => panic!("\"{name}\" is a button: see `press`"),
            Kind::Text => {
                assert_eq!(found.len(), 1, "there are {} text fields \"{name}\"", found.len());
                assert!(!self.controls[found[0]].readonly, "\"{name}\" is read-only");
                self.controls[found[0]].choices[0].value = value.to_owned();
            }
            kind => {
                assert!(
                    offered.iter().any(|o| o == value),
                    "\"{name}\" does not offer \"{value}\", only {offered:?}"
                );
                let one_of = matches!(kind, Kind::Radio | Kind::Option { multiple: false });
                for choice in &offered {
                    if one_of || choice == value {
                        self.switch(name, choice, choice == value);
                    }
                }
            }
        }
        self
    }

    /// Types these texts into the text fields of this name, one each, and empties the others: a list of lines.
    #[track_caller]
    pub fn fill(mut self, name: &str, lines: &[&str]) -> Self {
        let found = self.named(name);
        let texts = found.iter().all(|&i| self.controls[i].kind == Kind::Text && !self.controls[i].readonly);
        assert!(texts, "\"{name}\" is not made of text fields");
        assert!(found.len() >= lines.len(), "there are only {} text fields \"{name}\"", found.len());
        for (n, &i) in found.iter().enumerate() {
            self.controls[i].choices[0].value = lines.get(n).copied().unwrap_or_default().to_owned();
        }
        self
    }

    /// Chooses the option, radio button or box by the words beside it, for selects, or by its value.
    #[track_caller]
    pub fn choose(self, name: &str, label: &str) -> Self {
        let choices = self.named(name).into_iter().flat_map(|i| self.controls[i].choices.clone());
        let value = choices.into_iter().find(|c| c.label == label || c.value == label).map(|c| c.value);
        let value = value
            .unwrap_or_else(|| panic!("\"{name}\" does not offer \"{label}\": {:?}", self.offered(name)));
        self.set(name, &value)
    }

    /// Unticks the box, or takes the option of a multiple select out.
    #[track_caller]
    pub fn unset(mut self, name: &str, value: &str) -> Self {
        let kind = self.named(name).first().map(|&i| self.controls[i].kind);
        assert!(
            matches!(kind, Some(Kind::Check | Kind::Option { multiple: true })),
            "\"{name}\" cannot be unset"
        );
        assert!(self.offered(name).iter().any(|o| o == value), "\"{name}\" does not offer \"{value}\"");
        self.switch(name, value, false);
        self
    }

    /// Sends the form with the button that has these words.
    #[track_caller]
    pub fn press(mut self, words: &str) -> Self {
        let buttons =
            self.controls.iter().position(|c| c.kind == Kind::Submit && c.choices[0].label == words);
        assert!(buttons.is_some(), "the form to {} has no button \"{words}\"", self.action);
        self.pressed = buttons;
        self
    }

    /// What a person cannot do and an attacker can: replaces a field whatever its kind, or adds one.
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        self.controls.retain(|c| c.name != name);
        let choices = vec![Choice { value: value.to_owned(), label: String::new(), on: true }];
        self.controls.push(Control { name: name.to_owned(), kind: Kind::Hidden, choices, readonly: false });
        self
    }

    /// What an attacker can also do: leaves a field out.
    pub fn drop_field(mut self, name: &str) -> Self {
        self.controls.retain(|c| c.name != name);
        self
    }

    /// What the form would send for a field now; nothing if it is unticked or not there.
    pub fn values(&self, name: &str) -> Vec<String> {
        self.data().into_iter().filter(|(n, _)| n == name).map(|(_, value)| value).collect()
    }

    /// The values that a field offers, for choices.
    pub fn offered(&self, name: &str) -> Vec<String> {
        self.named(name)
            .into_iter()
            .flat_map(|i| self.controls[i].choices.iter().map(|c| c.value.clone()))
            .collect()
    }

    /// Every name and value in the order of the page.
    pub fn data(&self) -> Vec<(String, String)> {
        let sent = self
            .controls
            .iter()
            .enumerate()
            .filter(|(i, c)| !c.name.is_empty() && (c.kind != Kind::Submit || self.pressed == Some(*i)));
        sent.flat_map(|(_, c)| {
            let on = c.choices.iter().filter(|choice| choice.on || c.kind == Kind::Submit);
            // A browser ends each line of a textarea with CR LF.
            on.map(|choice| (c.name.clone(), choice.value.replace("\r\n", "\n").replace('\n', "\r\n")))
        })
        .collect()
    }

    /// The body of the request, as `application/x-www-form-urlencoded`; for `get`, what follows the `?`.
    pub fn body(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.data()).finish()
    }

    fn named(&self, name: &str) -> Vec<usize> {
        (0..self.controls.len()).filter(|&i| self.controls[i].name == name).collect()
    }

    fn switch(&mut self, name: &str, value: &str, on: bool) {
        for control in self.controls.iter_mut().filter(|c| c.name == name) {
            control.choices.iter_mut().filter(|c| c.value == value).for_each(|c| c.on = on);
        }
    }
}

//! Pages as a person meets them: forms are found, filled and sent with the fields that the markup really has, so a
//! renamed field, a lost token or a choice that is not offered fails the test.

use scraper::{ElementRef, Html, Selector};

use super::form::{Control, Form};

/// A parsed answer of the portal.
pub struct Page {
    html: Html,
    source: String,
}

pub(super) fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|e| panic!("{css}: {e}"))
}

/// The text of an element as it reads: runs of white space are one blank.
pub(super) fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn has_ancestor(element: ElementRef<'_>, matches: impl Fn(ElementRef<'_>) -> bool) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(matches)
}

impl Page {
    /// Parses an answer's body.
    pub fn parse(source: &str) -> Self {
        Self { html: Html::parse_document(source), source: source.to_owned() }
    }

    /// The markup as it came.
    pub fn source(&self) -> &str {
        &self.source
    }

    fn all(&self, css: &str) -> Vec<ElementRef<'_>> {
        self.html.select(&selector(css)).collect()
    }

    #[track_caller]
    fn one(&self, css: &str) -> ElementRef<'_> {
        let found = self.all(css);
        assert_eq!(found.len(), 1, "{} elements match {css}, not one, in:\n{}", found.len(), self.source);
        found[0]
    }

    /// The text of the only element that matches.
    #[track_caller]
    pub fn text_of(&self, css: &str) -> String {
        text(self.one(css))
    }

    /// The texts of all elements that match, in order.
    pub fn texts_of(&self, css: &str) -> Vec<String> {
        self.all(css).into_iter().map(text).collect()
    }

    /// How many elements match.
    pub fn count(&self, css: &str) -> usize {
        self.all(css).len()
    }

    /// An attribute of the only element that matches.
    #[track_caller]
    pub fn attribute_of(&self, css: &str, name: &str) -> String {
        let element = self.one(css);
        element.attr(name).unwrap_or_else(|| panic!("{css} has no {name} in:\n{}", self.source)).to_owned()
    }

    /// Where the link with exactly this text leads.
    #[track_caller]
    pub fn link(&self, label: &str) -> String {
        let links: Vec<_> = self.all("a[href]").into_iter().filter(|a| text(*a) == label).collect();
        let first = links.first().unwrap_or_else(|| {
            panic!("no link \"{label}\"; there are {:?} in:\n{}", self.texts_of("a[href]"), self.source)
        });
        let target = first.attr("href").expect("selected by href");
        assert!(
            links.iter().all(|a| a.attr("href") == Some(target)),
            "links \"{label}\" lead to several places"
        );
        target.to_owned()
    }

    /// Fails unless the words are somewhere in the text that the page shows.
    #[track_caller]
    pub fn assert_says(&self, words: &str) {
        let shown = text(self.html.root_element());
        assert!(shown.contains(words), "the page does not say \"{words}\"; it says:\n{shown}");
    }

    /// Fails if the words are anywhere in the markup, shown or not.
    #[track_caller]
    pub fn assert_silent_about(&self, words: &str) {
        let shown = text(self.html.root_element());
        assert!(
            !self.source.contains(words) && !shown.contains(words),
            "the page tells \"{words}\":\n{}",
            self.source
        );
    }

    /// The state on the badge of the row with this id (SPEC FIX-4); a row inside the row does not count.
    pub fn state_of(&self, id: &str) -> Option<String> {
        let row = self.all("[data-id]").into_iter().find(|row| row.attr("data-id") == Some(id))?;
        let badges = selector("[data-state]");
        let mut own = row.select(&badges).filter(|badge| {
            let nearest = std::iter::once(*badge).chain(badge.ancestors().filter_map(ElementRef::wrap));
            nearest.into_iter().find_map(|e| e.attr("data-id")) == Some(id)
        });
        row.attr("data-state").or_else(|| own.next()?.attr("data-state")).map(str::to_owned)
    }

    /// Fails unless the row with this id shows this state.
    #[track_caller]
    pub fn assert_state(&self, id: &str, state: &str) {
        let found = self.state_of(id);
        assert_eq!(found.as_deref(), Some(state), "state of {id} in:\n{}", self.source);
    }

    /// Fails if a row with this id is on the page.
    #[track_caller]
    pub fn assert_no_row(&self, id: &str) {
        let rows = self.all("[data-id]").into_iter().filter(|row| row.attr("data-id") == Some(id)).count();
        assert_eq!(rows, 0, "a row {id} is on the page:\n{}", self.source);
    }

    /// The only form that leads to this address; its query does not count.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let path = |address: &str| address.split('?').next().unwrap_or_default().to_owned();
        self.only_form(&format!("to {action}"), |form| form.attr("action").map(path) == Some(path(action)))
    }

    /// The first form that leads to this address, where a page has several, or perhaps none.
    pub fn first_form(&self, action: &str) -> Option<Form> {
        let path = |address: &str| address.split('?').next().unwrap_or_default().to_owned();
        let forms = self.all("form").into_iter();
        let mut fitting = forms.filter(|form| form.attr("action").map(path) == Some(path(action)));
        fitting.next().map(|form| self.read(form))
    }

    /// The only form below or around a heading, legend or button with exactly these words.
    #[track_caller]
    pub fn form_called(&self, words: &str) -> Form {
        let names = selector("h1, h2, h3, h4, legend, button, summary");
        let named = |e: ElementRef<'_>| e.select(&names).any(|name| text(name) == words);
        let within: Vec<_> = self.all("form").into_iter().filter(|form| named(*form)).collect();
        if !within.is_empty() {
            return self.only_form(&format!("called \"{words}\""), named);
        }
        // Otherwise the heading stands before the form, in the smallest part of the page that has both.
        let inner = selector("form");
        let around = |form: ElementRef<'_>| {
            let parts = form.ancestors().filter_map(ElementRef::wrap);
            parts.take_while(|part| part.select(&inner).count() == 1).any(named)
        };
        self.only_form(&format!("called \"{words}\""), around)
    }

    #[track_caller]
    fn only_form(&self, what: &str, wanted: impl Fn(ElementRef<'_>) -> bool) -> Form {
        let forms = self.all("form");
        let found: Vec<_> = forms.iter().filter(|form| wanted(**form)).collect();
        let actions: Vec<_> = forms.iter().map(|form| form.attr("action").unwrap_or_default()).collect();
        assert_eq!(
            found.len(),
            1,
            "{} forms {what}, not one; forms: {actions:?} in:\n{}",
            found.len(),
            self.source
        );
        self.read(*found[0])
    }

    fn read(&self, form: ElementRef<'_>) -> Form {
        let id = form.attr("id");
        let belongs = |control: &ElementRef<'_>| match control.attr("form") {
            Some(owner) => Some(owner) == id,
            None => has_ancestor(*control, |e| e == form),
        };
        let controls = self.all("input, select, textarea, button").into_iter().filter(belongs);
        let action = form.attr("action").unwrap_or_default();
        Form::new(action, form.attr("method").unwrap_or("get"), controls.filter_map(Control::read).collect())
    }
}

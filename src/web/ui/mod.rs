//! The display vocabulary that every page shares: the shell around a page, and components as owned values.
//!
//! A component is a struct with a small template of its own under `templates/ui/`, compiled once, and it renders where
//! a page's template names it: `{{ view.status }}`. What needs a body (confirm, filters, cards) is a macro of
//! `templates/ui/kit.html`. Nothing here knows rules, the database or HTTP; texts arrive ready to show.

mod badge;
mod entries;
mod error_page;
mod field;
mod form;
mod list;
mod sample;
mod shell;
mod time;
mod timeline;

pub use badge::{Badge, Tone};
pub use entries::EntryView;
pub use error_page::{ErrorPage, ErrorView};
pub use field::{FieldKind, FieldView, OptionView};
pub use form::{CSRF_FIELD, ConfirmView, ErrorItem, ErrorSummary, FormSection, FormView, focus_first_error};
pub use list::{Action, Empty, Pager, PersonView, SortLink, Step, Steps, Tab, Tabs};
pub use shell::{Crumb, DemoBar, FlashView, NavGroup, NavItem, Shell, ShellUser};
pub use time::{When, WhenDate};
pub use timeline::{Timeline, TimelineItem};

use askama::{Template, filters::HtmlSafe};

/// One symbol of the icon sprite, hidden from screen readers: the words beside it say what it means.
#[derive(Clone, Debug, Template)]
#[template(
    source = r#"<svg class="lk-icon" aria-hidden="true" focusable="false"><use href="{{ crate::web::assets::url("icons.svg") }}#{{ name }}"></use></svg>"#,
    ext = "html"
)]
pub struct Icon {
    name: &'static str,
}

/// The icon of that name (see `static/icons.txt`).
pub fn icon(name: &'static str) -> Icon {
    Icon { name }
}

/// Up to two letters that stand for a name where there is no picture.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

// Their templates escape all that they are given, so what they render is safe to insert as it is.
macro_rules! components {
    ($($component:ty),* $(,)?) => { $(impl HtmlSafe for $component {})* };
}
components!(
    Badge,
    ConfirmView,
    Empty,
    ErrorSummary,
    FieldView,
    FormView,
    Icon,
    Pager,
    PersonView,
    SortLink,
    Steps,
    Tabs,
    Timeline,
    When,
    WhenDate,
);

#[cfg(test)]
pub(crate) mod check;
#[cfg(test)]
mod kitchen;

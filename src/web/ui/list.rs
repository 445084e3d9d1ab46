//! What lists and detail pages are made of: paging, sorting, tabs, steps, people, and the state without content.

use askama::Template;

use super::initials;

/// Where a list stands, with links to its neighbours.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/pager.html")]
pub struct Pager {
    /// This page, from 1.
    pub page: i64,
    /// How many pages.
    pub pages: i64,
    /// How many rows in all.
    pub total: i64,
    /// The first row shown, from 1; 0 when there is none.
    pub from: i64,
    /// The last row shown.
    pub to: i64,
    /// The page before.
    pub prev_href: Option<String>,
    /// The page after.
    pub next_href: Option<String>,
}

impl Pager {
    /// Computes the span; `href` makes the address of a page's number, keeping search, filters and order.
    pub fn new(page: i64, per_page: i64, total: i64, href: impl Fn(i64) -> String) -> Self {
        let (per_page, total) = (per_page.max(1), total.max(0));
        let pages = ((total + per_page - 1) / per_page).max(1);
        let page = page.clamp(1, pages);
        Self {
            page,
            pages,
            total,
            from: if total == 0 { 0 } else { (page - 1) * per_page + 1 },
            to: (page * per_page).min(total),
            prev_href: (page > 1).then(|| href(page - 1)),
            next_href: (page < pages).then(|| href(page + 1)),
        }
    }
}

/// A column's heading that sorts: renders the whole `<th>`.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/sort.html")]
pub struct SortLink {
    /// The column's name.
    pub label: String,
    /// The address of the list in the order that a click asks for.
    pub href: String,
    /// Whether the list is sorted by this column now: `ascending`, `descending`, or not.
    pub direction: Option<&'static str>,
}

impl SortLink {
    /// A column; `sorted` is `Some(true)` when the list is sorted by it, ascending.
    pub fn new(label: impl Into<String>, href: impl Into<String>, sorted: Option<bool>) -> Self {
        let direction = sorted.map(|ascending| if ascending { "ascending" } else { "descending" });
        Self { label: label.into(), href: href.into(), direction }
    }
}

/// A link that does something next.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// A list without rows: why, and what to do next (SPEC PGE-2).
#[derive(Clone, Debug, Template)]
#[template(path = "ui/empty.html")]
pub struct Empty {
    /// An icon of the sprite.
    pub icon: &'static str,
    /// `Nothing waits for you`.
    pub title: String,
    /// One or two sentences.
    pub text: String,
    /// What to do next.
    pub action: Option<Action>,
}

impl Empty {
    /// Without an action.
    pub fn new(icon: &'static str, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { icon, title: title.into(), text: text.into(), action: None }
    }

    /// With a button.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some(Action { label: label.into(), href: href.into() });
        self
    }
}

/// One tab of a page with several faces; each is an address of its own.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is this page.
    pub current: bool,
    /// How many rows it holds.
    pub count: Option<i64>,
}

impl Tab {
    /// A tab.
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current, count: None }
    }

    /// Shows how many rows it holds.
    #[must_use]
    pub fn count(mut self, count: i64) -> Self {
        self.count = Some(count);
        self
    }
}

/// The tabs of a page.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/tabs.html")]
pub struct Tabs {
    /// What they are tabs of, for screen readers: `Package`.
    pub label: String,
    /// In order.
    pub items: Vec<Tab>,
}

impl Tabs {
    /// A row of tabs.
    pub fn new(label: impl Into<String>, items: Vec<Tab>) -> Self {
        Self { label: label.into(), items }
    }
}

/// One step of a wizard.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its words.
    pub label: String,
    /// Where one can go back to it.
    pub href: Option<String>,
}

/// How far a wizard is.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/steps.html")]
pub struct Steps {
    /// All steps in order.
    pub items: Vec<Step>,
    /// The present one, from 1.
    pub current: usize,
}

impl Steps {
    /// Steps by name; those before `current` (from 1) are done.
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>, current: usize) -> Self {
        let items = labels.into_iter().map(|label| Step { label: label.into(), href: None }).collect();
        Self { items, current }
    }
}

/// A person in a list: initials, name, and what tells them from a namesake.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/person.html")]
pub struct PersonView {
    /// Display name.
    pub name: String,
    /// Address, department, or whatever tells them apart; may be empty.
    pub detail: String,
    /// One or two letters.
    pub initials: String,
    /// The person's page, for whoever may open it.
    pub href: Option<String>,
}

impl PersonView {
    /// Works out the initials.
    pub fn new(name: impl Into<String>, detail: impl Into<String>) -> Self {
        let name = name.into();
        Self { initials: initials(&name), name, detail: detail.into(), href: None }
    }

    /// Links the name.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(page: i64, total: i64) -> (i64, i64, i64, bool, bool) {
        let pager = Pager::new(page, 25, total, |n| format!("?page={n}"));
        (pager.page, pager.from, pager.to, pager.prev_href.is_some(), pager.next_href.is_some())
    }

    #[test]
    fn pge_2_a_pager_stays_inside_its_list() {
        assert_eq!(span(1, 0), (1, 0, 0, false, false));
        assert_eq!(span(1, 25), (1, 1, 25, false, false));
        assert_eq!(span(1, 26), (1, 1, 25, false, true));
        assert_eq!(span(2, 26), (2, 26, 26, true, false));
        assert_eq!(span(99, 26), (2, 26, 26, true, false));
        assert_eq!(span(-4, 26), (1, 1, 25, false, true));
    }
}

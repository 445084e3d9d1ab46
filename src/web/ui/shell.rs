//! What surrounds every page: navigation, who is signed in, where one is, and what just happened.

use super::{Tone, initials};

/// Everything that the layouts need. Pages are `{ shell: &Shell, view: XView }`.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The page's heading and the start of its document title.
    pub title: String,
    /// The path asked for, so that sign-in and theme links can lead back.
    pub path: String,
    /// The organization's name for this portal.
    pub instance_name: String,
    /// Who is signed in, if anybody.
    pub user: Option<ShellUser>,
    /// The navigation, by hat; the caller leaves out what the person may not open.
    pub nav: Vec<NavGroup>,
    /// Where this page lies; the last entry is the page itself.
    pub crumbs: Vec<Crumb>,
    /// What the action before this page did.
    pub flash: Option<FlashView>,
    /// The token that every form posts back.
    pub csrf: String,
    /// The time of the server's clock, RFC 3339, so that relative times stay right while a page is open.
    pub now: String,
    /// Set in a demonstration.
    pub demo: Option<DemoBar>,
}

/// The signed-in person, as the top bar shows them.
#[derive(Clone, Debug)]
pub struct ShellUser {
    /// Their id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Address.
    pub email: String,
    /// One or two letters.
    pub initials: String,
}

impl ShellUser {
    /// Works out the initials.
    pub fn new(id: impl Into<String>, name: impl Into<String>, email: impl Into<String>) -> Self {
        let name = name.into();
        Self { id: id.into(), email: email.into(), initials: initials(&name), name }
    }
}

/// A headed part of the navigation.
#[derive(Clone, Debug)]
pub struct NavGroup {
    /// `My access`, `Approvals`, `Catalogs`, `Administration`.
    pub label: String,
    /// Its links.
    pub items: Vec<NavItem>,
}

impl NavGroup {
    /// A group of links.
    pub fn new(label: impl Into<String>, items: Vec<NavItem>) -> Self {
        Self { label: label.into(), items }
    }
}

/// One link of the navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// An icon of the sprite.
    pub icon: &'static str,
    /// Whether the present page belongs to it.
    pub current: bool,
    /// How much waits there.
    pub count: Option<i64>,
}

impl NavItem {
    /// A link that is current when `path` is its address or lies below it.
    pub fn new(label: impl Into<String>, href: impl Into<String>, icon: &'static str, path: &str) -> Self {
        let href = href.into();
        let current = path == href
            || (href != "/" && path.strip_prefix(href.as_str()).is_some_and(|rest| rest.starts_with('/')));
        Self { label: label.into(), href, icon, current, count: None }
    }

    /// It is current below these addresses too: pages that belong to it and live elsewhere.
    #[must_use]
    pub fn also(mut self, below: &[&str], path: &str) -> Self {
        self.current |= below.iter().any(|start| path.starts_with(start));
        self
    }

    /// Shows how much waits there; nothing when it is zero.
    #[must_use]
    pub fn count(mut self, count: i64) -> Self {
        self.count = (count > 0).then_some(count);
        self
    }
}

/// One step of the way to the page.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// Its words.
    pub label: String,
    /// Where it leads; none for the page itself.
    pub href: Option<String>,
}

impl Crumb {
    /// A step that leads somewhere.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// The page itself.
    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// What the last action did, shown once.
#[derive(Clone, Debug)]
pub struct FlashView {
    /// Its colour and icon.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
}

/// The loud strip on every page of a demonstration.
#[derive(Clone, Debug)]
pub struct DemoBar {
    /// What the demonstration's clock says, in words.
    pub now: String,
}

impl Shell {
    /// A shell without a signed-in person: sign-in, receipts, errors.
    pub fn plain(
        title: impl Into<String>,
        instance_name: impl Into<String>,
        csrf: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            instance_name: instance_name.into(),
            csrf: csrf.into(),
            ..Self::default()
        }
    }

    /// Names the page: its heading, and the crumbs that lead to it (the page itself is added).
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>, way: Vec<Crumb>) -> Self {
        self.title = title.into();
        self.crumbs = way;
        if !self.crumbs.is_empty() {
            self.crumbs.push(Crumb::here(self.title.clone()));
        }
        self
    }

    /// How much waits in all of the navigation, for the button that opens it on a small screen.
    pub fn waiting(&self) -> i64 {
        self.nav.iter().flat_map(|group| &group.items).filter_map(|item| item.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_navigation_link_is_current_on_its_page_and_below_only() {
        let current = |href: &str, path: &str| NavItem::new("x", href, "house", path).current;
        assert!(current("/requests", "/requests"));
        assert!(current("/requests", "/requests/1"));
        assert!(!current("/requests", "/requests-old"));
        assert!(
            NavItem::new("x", "/catalogs", "house", "/manage/packages/1")
                .also(&["/manage/"], "/manage/packages/1")
                .current
        );
        assert!(
            !NavItem::new("x", "/catalogs", "house", "/packages/1")
                .also(&["/manage/"], "/packages/1")
                .current
        );
        assert!(current("/", "/"));
        assert!(!current("/", "/requests"));
    }
}

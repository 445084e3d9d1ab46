//! What the pages of this area share: the head of a catalog and of a package, forms, questions.

use askama::Template;
use serde::Deserialize;

use crate::app::AppError;
use crate::domain::access::{CatalogTask, Denied, Principal, check_in};
use crate::domain::catalog::{Catalog, CatalogState};
use crate::domain::package::Package;
use crate::kernel::ids::{CatalogId, PackageId};
use crate::kernel::{PageRequest, paths};
use crate::store::views::catalogs::{self as views, CatalogNumbers};
use crate::store::views::managed::{self, PackageNumbers};
use crate::store::{Conn, catalogs, packages};
use crate::web::ui::{Badge, ConfirmView, Crumb, FormView, Shell, Tab, Tabs};
use crate::web::{FormErrors, PageError, Signed};

/// `/catalogs`
pub const CATALOGS: &str = "/catalogs";

/// The search, filter and page of a list.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ListQuery {
    /// Words to look for.
    #[serde(default)]
    pub q: String,
    /// A state to narrow to.
    #[serde(default)]
    pub state: String,
    /// Which page.
    #[serde(default)]
    pub page: String,
}

impl ListQuery {
    /// Which page.
    pub fn at(&self) -> PageRequest {
        PageRequest::new(self.page.parse().unwrap_or(1))
    }

    /// The address of a page of the same list.
    pub fn href(&self, page: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !self.q.is_empty() {
            query.append_pair("q", &self.q);
        }
        if !self.state.is_empty() {
            query.append_pair("state", &self.state);
        }
        query.append_pair("page", &page.to_string());
        format!("?{}", query.finish())
    }

    /// Is the list narrowed?
    pub fn narrowed(&self) -> bool {
        !self.q.is_empty() || !self.state.is_empty()
    }
}

/// The version that a form was made from.
pub fn version_of(text: &str) -> Result<i64, PageError> {
    text.parse().map_err(|_| PageError::BadRequest("no version".to_owned()))
}

/// A catalog with what its tabs show.
#[derive(Debug, Clone)]
pub struct CatalogHead {
    /// The catalog.
    pub catalog: Catalog,
    /// Its numbers.
    pub numbers: CatalogNumbers,
}

impl CatalogHead {
    /// Loads it for whoever may do the task in it (SPEC ROL-6).
    pub fn load(conn: &mut Conn, me: &Principal, task: CatalogTask, id: CatalogId) -> Result<Self, AppError> {
        check_in(me, task, id)?;
        let catalog = catalogs::find(conn, id)?.ok_or(AppError::NotFound)?;
        let numbers = views::numbers(conn, id)?;
        Ok(Self { catalog, numbers })
    }

    /// The way to a page below the catalog.
    pub fn way(&self) -> Vec<Crumb> {
        vec![
            Crumb::link("Catalogs", CATALOGS),
            Crumb::link(&self.catalog.fields.name, paths::catalog(self.catalog.id)),
        ]
    }

    /// Published or not.
    pub fn badge(&self) -> Badge {
        Badge::published(self.catalog.fields.state == CatalogState::Published)
    }

    /// The tabs, with this one open.
    pub fn tabs(&self, current: &str) -> Tabs {
        let id = self.catalog.id;
        let tab = |name: &str, label: &str| Tab::new(label, paths::catalog_tab(id, name), current == name);
        Tabs::new(
            "Catalog",
            vec![
                Tab::new("Overview", paths::catalog(id), current.is_empty()),
                tab("resources", "Resources").count(self.numbers.resources),
                tab("packages", "Packages").count(self.numbers.packages),
                tab("roles", "Roles"),
            ],
        )
    }
}

/// A package with what its tabs show.
#[derive(Debug, Clone)]
pub struct PackageHead {
    /// The package.
    pub package: Package,
    /// The catalog that it is in.
    pub catalog: Catalog,
    /// Its numbers.
    pub numbers: PackageNumbers,
    /// How many resource roles it grants.
    pub roles: i64,
    /// How many policies it has.
    pub policies: i64,
    /// How many packages and groups it cannot be held together with.
    pub conflicts: i64,
}

impl PackageHead {
    /// Loads it for whoever may do the task in its catalog (SPEC ROL-6).
    pub fn load(conn: &mut Conn, me: &Principal, task: CatalogTask, id: PackageId) -> Result<Self, AppError> {
        let package = packages::find(conn, id)?.ok_or(Denied::Invisible)?;
        check_in(me, task, package.catalog)?;
        let catalog = catalogs::find(conn, package.catalog)?.ok_or(AppError::NotFound)?;
        Ok(Self {
            numbers: managed::numbers(conn, id)?,
            roles: managed::count_roles(conn, id)?,
            policies: managed::count_policies(conn, id)?,
            conflicts: managed::count_conflicts(conn, id)?,
            package,
            catalog,
        })
    }

    /// The way to the package.
    pub fn way(&self) -> Vec<Crumb> {
        vec![
            Crumb::link("Catalogs", CATALOGS),
            Crumb::link(&self.catalog.fields.name, paths::catalog(self.catalog.id)),
        ]
    }

    /// The way to a page below the package.
    pub fn way_below(&self) -> Vec<Crumb> {
        let mut way = self.way();
        way.push(Crumb::link(&self.package.name, paths::manage_package(self.package.id)));
        way
    }

    /// The tabs, with this one open (SPEC PKG-6).
    pub fn tabs(&self, current: &str) -> Tabs {
        let id = self.package.id;
        let tab =
            |name: &str, label: &str| Tab::new(label, paths::manage_package_tab(id, name), current == name);
        Tabs::new(
            "Package",
            vec![
                Tab::new("Overview", paths::manage_package(id), current.is_empty()),
                tab("roles", "Resource roles").count(self.roles),
                tab("policies", "Policies").count(self.policies),
                tab("separation", "Separation of duties").count(self.conflicts),
                tab("assignments", "Assignments").count(self.numbers.live),
                tab("requests", "Requests").count(self.numbers.requests),
            ],
        )
    }
}

/// A page that is a form.
#[derive(Template)]
#[template(path = "catalogs/form.html")]
pub struct FormPage<'a> {
    /// The frame.
    pub shell: &'a Shell,
    /// What is on it.
    pub view: FormPageView,
}

/// A form, and what is saved now if somebody else was quicker.
#[derive(Debug, Clone)]
pub struct FormPageView {
    /// A sentence below the heading; may be empty.
    pub lead: String,
    /// The form.
    pub form: FormView,
    /// What is saved now, line by line (SPEC PGE-3); only when it differs from what the form started from.
    pub current: Vec<(String, String)>,
}

impl FormPageView {
    /// A form with a sentence.
    pub fn new(lead: impl Into<String>, form: FormView) -> Self {
        Self { lead: lead.into(), form, current: Vec::new() }
    }

    /// With what is saved now.
    #[must_use]
    pub fn beside(mut self, current: Vec<(String, String)>) -> Self {
        self.current = current;
        self
    }
}

/// A page that asks before something destructive, or says why it cannot be done (SPEC PGE-4, CAT-3, PKG-4).
#[derive(Template)]
#[template(path = "catalogs/confirm.html")]
pub struct ConfirmPage<'a> {
    /// The frame.
    pub shell: &'a Shell,
    /// What is on it.
    pub view: ConfirmPageView,
}

/// A question, or what is in the way.
#[derive(Debug, Clone)]
pub struct ConfirmPageView {
    /// The question; none if something is in the way.
    pub question: Option<ConfirmView>,
    /// Why not.
    pub blocked: String,
    /// What is in the way, with links where the reader may follow them.
    pub in_the_way: Vec<(String, Option<String>)>,
    /// Where to go back to.
    pub back: String,
}

impl ConfirmPageView {
    /// A question.
    pub fn ask(question: ConfirmView, back: String) -> Self {
        Self { question: Some(question), blocked: String::new(), in_the_way: Vec::new(), back }
    }

    /// Why it cannot be done.
    pub fn blocked(text: impl Into<String>, in_the_way: Vec<(String, Option<String>)>, back: String) -> Self {
        Self { question: None, blocked: text.into(), in_the_way, back }
    }
}

/// The principal for a closure that runs elsewhere.
pub fn me(s: &Signed) -> Principal {
    s.principal.clone()
}

/// `1 person`, `3 people`.
pub fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// No mistake: for a form that is shown the first time.
pub fn fine() -> FormErrors {
    FormErrors::new()
}

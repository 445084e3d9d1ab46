//! The frame around a page: navigation by what the person may do, the demonstration's clock, the flash.

use super::routes;
use super::ui::{Crumb, DemoBar, NavGroup, NavItem, Shell, ShellUser};
use super::visit::{Known, Visit};
use crate::domain::access::DirectoryTask;

impl Visit {
    /// The frame of a page. `crumbs` lead to the page; the page itself is added.
    pub fn shell(&self, title: &str, crumbs: Vec<Crumb>) -> Shell {
        let instance = &self.state.app.instance;
        let now = self.now();
        Shell {
            title: String::new(),
            path: self.path.clone(),
            instance_name: instance.name.clone(),
            user: self.known.as_ref().map(|known| {
                let principal = &known.principal;
                ShellUser::new(principal.user.to_string(), &principal.name, &known.facts.email)
            }),
            nav: self.known.as_ref().map(|known| navigation(known, &self.path)).unwrap_or_default(),
            crumbs: Vec::new(),
            flash: self.take_flash().map(super::flash::Flash::view),
            csrf: self.csrf(),
            now: now.to_string(),
            demo: instance.demo.then(|| DemoBar {
                now: now.with_timezone(&self.tz()).format("%A, %-d %B %Y, %H:%M").to_string(),
            }),
        }
        .titled(title, crumbs)
    }
}

fn navigation(known: &Known, path: &str) -> Vec<NavGroup> {
    let p = &known.principal;
    let item =
        |label: &str, href: &str, icon| routes::exists(href).then(|| NavItem::new(label, href, icon, path));
    let mut groups = vec![
        NavGroup::new(
            "My access",
            [
                item("Home", "/", "house"),
                item("Packages", "/packages", "box-seam"),
                item("My access", "/access", "key"),
                item("My requests", "/requests", "send"),
                item("My team", "/team", "people").filter(|_| known.facts.reports > 0),
            ]
            .into_iter()
            .flatten()
            .collect(),
        ),
        NavGroup::new(
            "Approvals",
            item("Approvals", "/approvals", "check2-square")
                .map(|item| item.count(known.facts.waiting))
                .into_iter()
                .chain(
                    known
                        .facts
                        .tasks
                        .and_then(|n| item("Tasks", "/tasks", "clipboard-check").map(|item| item.count(n))),
                )
                .collect(),
        ),
    ];
    if p.has_catalogs() {
        groups.push(NavGroup::new(
            "Catalogs",
            item("Catalogs", "/catalogs", "collection")
                .map(|item| item.also(&["/manage/", "/resources/"], path))
                .into_iter()
                .collect(),
        ));
    }
    if p.may(DirectoryTask::Read) {
        groups.push(NavGroup::new(
            "Administration",
            [
                item("Users", "/admin/users", "people"),
                item("Groups", "/admin/groups", "diagram-3"),
                item("Roles", "/admin/roles", "shield-lock"),
                item("Audit log", "/admin/audit", "journal-text"),
                item("Mail", "/admin/mail", "envelope"),
                item("Jobs", "/admin/jobs", "gear"),
            ]
            .into_iter()
            .flatten()
            .collect(),
        ));
    }
    groups.retain(|group| !group.items.is_empty());
    groups
}

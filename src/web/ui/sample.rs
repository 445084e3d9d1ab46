//! Sample values for the tests that render pages without a server or a database.

use super::{Crumb, NavGroup, NavItem, Shell, ShellUser};

impl Shell {
    /// The shell of somebody with every hat, for the `samples()` of pages.
    pub fn sample(title: &str) -> Self {
        let path = "/packages";
        let item = |label: &str, href: &str, icon| NavItem::new(label, href, icon, path);
        Self {
            path: path.to_owned(),
            instance_name: "Demo access".to_owned(),
            user: Some(ShellUser::new("0192f1c0-0000-7000-8000-000000000001", "Carol", "carol@demo.example")),
            nav: vec![
                NavGroup::new(
                    "My access",
                    vec![
                        item("Home", "/", "house"),
                        item("Find access", "/packages", "search"),
                        item("My requests", "/requests", "send").count(2),
                        item("My access", "/access", "key"),
                    ],
                ),
                NavGroup::new("Approvals", vec![item("To decide", "/approvals", "check2-square").count(3)]),
                NavGroup::new("Catalogs", vec![item("Catalogs", "/catalogs", "collection")]),
                NavGroup::new(
                    "Administration",
                    vec![
                        item("Users", "/admin/users", "person"),
                        item("Groups", "/admin/groups", "people"),
                        item("Roles", "/admin/roles", "shield-check"),
                        item("Audit", "/admin/audit", "journal-check"),
                        item("Mail", "/admin/mail", "envelope"),
                        item("Jobs", "/admin/jobs", "gear"),
                    ],
                ),
            ],
            csrf: "sample-token".to_owned(),
            now: "2026-11-22T12:00:00Z".to_owned(),
            ..Self::default()
        }
        .titled(title, vec![Crumb::link("Home", "/")])
    }
}

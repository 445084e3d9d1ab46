//! What every form of the portal answers to each visitor. One row per POST route, in the order of `VISITORS`:
//! `s` is sent to sign in, `o` is done, `r` may, but a rule says no or something is asked again, `b` not a form that
//! the portal made, `f` forbidden, `n` not found.
//!
//! A row names the page that carries the form and a person who sees it there; its fields are taken as they stand, with
//! `with` for what a person would type. A form that no page of the scene carries is sent `bare`.

/// A form and what comes of it.
pub struct Posted {
    /// The route.
    pub path: &'static str,
    /// The page that carries the form; empty if none does.
    pub page: &'static str,
    /// Who sees the form there.
    pub by: &'static str,
    /// What is typed, and for a bare form everything that is sent.
    pub with: &'static [(&'static str, &'static str)],
    /// One letter per visitor.
    pub row: &'static str,
    /// A refusal is remembered (a failed sign-in, a stranger with a link): it may write.
    pub remembers: bool,
}

impl Posted {
    /// What a person would type.
    const fn with(mut self, fields: &'static [(&'static str, &'static str)]) -> Self {
        self.with = fields;
        self
    }

    /// A refusal is remembered.
    const fn remembers(mut self) -> Self {
        self.remembers = true;
        self
    }
}

const fn form(path: &'static str, page: &'static str, by: &'static str, row: &'static str) -> Posted {
    Posted { path, page, by, with: &[], row, remembers: false }
}

const fn bare(path: &'static str, row: &'static str) -> Posted {
    form(path, "", "", row)
}

/// The rows.
pub const POSTS: &[Posted] = &[
    // Accounts: open to whoever comes.
    form("/sign-in", "/sign-in", "(nobody)", "rrrrrrrrrrr")
        .with(&[("email", "alice@demo.example"), ("password", "not the password")])
        .remembers(),
    bare("/sign-in/demo", "nnnnnnnnnnn").with(&[("persona", "root")]),
    form("/sign-out", "/", "alice", "soooooooooo"),
    form("/forgot-password", "/forgot-password", "(nobody)", "soooooooooo")
        .with(&[("email", "alice@demo.example")])
        .remembers(),
    bare("/account/reset/{token}", "nnnnnnnnnnn").with(&[
        ("email", ""),
        ("new_password", "violet kettle harbour"),
        ("repeat", "violet kettle harbour"),
    ]),
    bare("/account/invitation/{token}", "nnnnnnnnnnn").with(&[
        ("email", ""),
        ("new_password", "violet kettle harbour"),
        ("repeat", "violet kettle harbour"),
    ]),
    bare("/set-up/{token}", "nnnnnnnnnnn").with(&[
        ("name", "Eve"),
        ("email", "eve@demo.example"),
        ("new_password", "violet kettle harbour"),
        ("repeat", "violet kettle harbour"),
    ]),
    form("/profile", "/profile", "alice", "soooooooooo"),
    form("/profile/password", "/profile", "alice", "srrrrrrrrrr")
        .with(&[
            ("current_password", "not it"),
            ("new_password", "violet kettle harbour"),
            ("repeat", "violet kettle harbour"),
        ])
        .remembers(),
    form("/profile/sign-out-everywhere", "/profile", "alice", "soooooooooo"),
    bare("/profile/sessions/{id}/end", "sonnnnnnnnn"),
    // Requestors (SPEC REQ-1, REQ-5, ASG-3).
    form("/packages/{id}/request", "/packages/{id}/request", "carol", "srooonooooo")
        .with(&[("justification", "Because")]),
    form("/requests/{id}/cancel", "/requests/{id}", "alice", "sonnnnfoooo"),
    // Nothing has failed: who may is told so.
    bare("/requests/{id}/reprocess", "sfnnnnfoooo"),
    // Targets of webhooks: nobody without a signature.
    bare("/hooks/deliveries/{id}", "nnnnnnnnnnn"),
    // The conversation (SPEC REQ-9): whoever is involved speaks, readers only read.
    form("/requests/{id}/comments", "/requests/{id}", "alice", "soonnnfoooo")
        .with(&[("text", "Soon, please")]),
    // No changes are asked for: Alice is led back to her request.
    bare("/requests/{id}/edit", "sofnnnfffff").with(&[("version", "1"), ("justification", "Other")]),
    form("/approvals/{id}/changes", "/approvals/{id}", "bob", "snonnnfffff")
        .with(&[("text", "Which region?")]),
    form("/access/{id}/give-up", "/access/{id}", "alice", "sonnnnfffff"),
    // Alice's access never ends, and its policy asks nothing: there is nothing to extend or to change.
    bare("/access/{id}/extend", "srnnnnnnnnn"),
    bare("/access/{id}/answers", "srnnnnnnnnn"),
    // Managers, for those who report to them (SPEC POL-6).
    bare("/packages/{id}/request-for", "snnnnnnnnnn"),
    form(
        "/team/{id}/access/{assignment}/remove",
        "/team/{id}/access/{assignment}/remove",
        "bob",
        "snonnnnnnnn",
    )
    .with(&[("reason", "Not needed any more")]),
    // Approvers: only those whom the stage names (SPEC ROL-5, APR-12).
    form("/approvals/{id}", "/approvals/{id}", "bob", "snonnnfffff")
        .with(&[("verdict", "approve"), ("reason", "Yes")]),
    form("/d/{token}", "/d/{token}", "bob", "snonnnnnnnn")
        .with(&[("verdict", "approve"), ("reason", "Yes")])
        .remembers(),
    bare("/d/{token}/code", "snnnnnnnnnn"),
    form("/approvals/delegation", "/approvals/delegation", "bob", "sooorfooooo").with(&[
        ("delegate", "mia@demo.example"),
        ("from", "2026-03-10"),
        ("until", "2026-03-12"),
    ]),
    bare("/approvals/bulk", "srrrrrrrrrr"),
    bare("/approvals/{id}/revoke", "snnnnnnnnnn").with(&[("reason", "A mistake")]),
    bare("/approvals/delegation/{id}/end", "snnnnfnnnnn"),
    // Catalogs: owners (SPEC section 2).
    form("/catalogs/new", "/catalogs/new", "root", "sfffffffffo").with(&[("name", "Lab")]),
    form("/catalogs/hand-over", "/catalogs/hand-over", "root", "sfffffffffo").with(&[("name", "Lab")]),
    form("/catalogs/{id}/hand-over", "/catalogs/{id}/hand-over?step=owners", "carol", "snnnnnfffoo")
        .with(&[("people", "mia@demo.example")]),
    form("/catalogs/{id}/edit", "/catalogs/{id}/edit", "carol", "snnnnnfffoo")
        .with(&[("description", "For the matrix")]),
    form("/catalogs/{id}/state", "/catalogs/{id}", "carol", "snnnnnfffoo"),
    // The page of what cannot be deleted yet says why and has no form: these are sent as if it had.
    bare("/catalogs/{id}/delete", "snnnnnfffrr").with(&[("version", "1")]),
    bare("/catalogs/{id}/resources/add", "snnnnnfffrr"),
    form("/catalogs/{id}/resources/new", "/catalogs/{id}/resources/new", "carol", "snnnnnfffoo")
        .with(&[("group", "Desk")]),
    bare("/catalogs/{id}/resources/{resource}/remove", "snnnnnfffrr"),
    form("/catalogs/{id}/roles", "/catalogs/{id}/roles", "carol", "snnnnnfffoo")
        .with(&[("people", "dan@demo.example"), ("role", "reader")]),
    form("/catalogs/{id}/roles/{grant}/remove", "/catalogs/{id}/roles", "carol", "snnnnnfffoo"),
    // Resources: their owners, and administrators (SPEC ROL-2).
    form("/resources/{id}/edit", "/resources/{id}/edit", "carol", "snnnnnfffoo")
        .with(&[("description", "For the matrix")]),
    form("/resources/{id}/delivery", "/resources/{id}/delivery", "carol", "snnnnnfffoo")
        .with(&[("days", "5")]),
    form("/tasks/{id}/done", "/tasks/{id}", "carol", "snnnnnfffoo"),
    form("/tasks/{id}/cannot", "/tasks/{id}", "carol", "snnnnnfffoo").with(&[("why", "No licence left")]),
    form("/tasks/{id}/take", "/tasks/{id}", "carol", "snnnnnfffoo"),
    // The scene's resource stands for a group, which the portal delivers: no webhook.
    bare("/resources/{id}/webhook", "snnnnnfffrr")
        .with(&[("version", "1"), ("url", "https://hooks.example.com")]),
    bare("/resources/{id}/webhook/secret", "snnnnnfffrr").with(&[("version", "1")]),
    bare("/resources/{id}/webhook/test", "snnnnnfffoo"),
    form("/resources/{id}/questions", "/resources/{id}/questions", "carol", "snnnnnfffoo"),
    bare("/resources/{id}/delete", "snnnnnfffrr").with(&[("version", "1")]),
    form("/resources/{id}/roles/new", "/resources/{id}/roles/new", "carol", "snnnnnfffrr")
        .with(&[("name", "Guest")]),
    form("/resources/{id}/roles/{role}", "/resources/{id}/roles/{role}", "carol", "snnnnnfffrr")
        .with(&[("description", "For the matrix")]),
    bare("/resources/{id}/roles/{role}/remove", "snnnnnfffrr").with(&[("version", "1")]),
    // Packages and policies: package managers (SPEC section 2).
    form("/catalogs/{id}/packages/new", "/catalogs/{id}/packages/new", "priya", "snnnnnffooo")
        .with(&[("name", "Starter"), ("go", "next")]),
    form("/manage/packages/{id}/edit", "/manage/packages/{id}/edit", "priya", "snnnnnffooo")
        .with(&[("description", "For the matrix")]),
    // No catalog is chosen: whoever may is asked again.
    bare("/manage/packages/{id}/move", "snnnnnfffrr").with(&[("catalog", ""), ("version", "1")]),
    form("/manage/packages/{id}/duplicate", "/manage/packages/{id}/duplicate", "priya", "snnnnnffooo"),
    bare("/manage/packages/{id}/delete", "snnnnnffrrr").with(&[("version", "1")]),
    form("/manage/packages/{id}/roles", "/manage/packages/{id}/roles", "priya", "snnnnnffooo"),
    bare("/manage/packages/{id}/roles/apply", "snnnnnffooo").with(&[("version", "1")]),
    bare("/manage/packages/{id}/roles/try-again", "snnnnnfoooo"),
    form("/manage/packages/{id}/policies/new", "/manage/packages/{id}/policies/new", "priya", "snnnnnffooo")
        .with(&[("policy_name", "Second")]),
    form(
        "/manage/packages/{id}/policies/{policy}/edit",
        "/manage/packages/{id}/policies/{policy}/edit",
        "priya",
        "snnnnnffooo",
    ),
    bare("/manage/packages/{id}/policies/{policy}/apply", "snnnnnffooo").with(&[("version", "1")]),
    form(
        "/manage/packages/{id}/policies/{policy}/state",
        "/manage/packages/{id}/policies/{policy}",
        "priya",
        "snnnnnffooo",
    ),
    // The policy of the scene follows no rule.
    bare("/manage/packages/{id}/policies/{policy}/rule", "snnnnnffrrr").with(&[
        ("go", "confirm"),
        ("gains", "0"),
        ("losses", "0"),
    ]),
    bare("/manage/packages/{id}/policies/{policy}/delete", "snnnnnffrrr").with(&[("version", "1")]),
    form(
        "/manage/packages/{id}/separation",
        "/manage/packages/{id}/separation/check?other=Desk",
        "priya",
        "snnnnnffooo",
    ),
    form(
        "/manage/packages/{id}/separation/{conflict}/remove",
        "/manage/packages/{id}/separation",
        "priya",
        "snnnnnffooo",
    ),
    // Assignments and requests: assignment managers (SPEC section 2).
    form(
        "/manage/packages/{id}/assignments/new",
        "/manage/packages/{id}/assignments/new",
        "sam",
        "snnnnnfoooo",
    )
    .with(&[("list", "dan@demo.example")]),
    bare("/manage/packages/{id}/assignments/choose", "snnnnnfoooo").with(&[
        ("act", "remove"),
        ("all", "yes"),
        ("q", ""),
        ("state", ""),
        ("policy", ""),
        ("within", ""),
        ("how", ""),
    ]),
    // A draft is its author's own.
    bare("/manage/packages/{id}/bulk/{work}/start", "snnnnnfonnn").with(&[("reason", "over")]),
    bare("/manage/packages/{id}/bulk/{work}/end", "snnnnnfonnn").with(&[
        ("to", "policy"),
        ("day", ""),
        ("reason", ""),
    ]),
    bare("/manage/packages/{id}/bulk/{work}/discard", "snnnnnfonnn"),
    bare("/manage/packages/{id}/bulk/{work}/cancel", "snnnnnfoooo"),
    bare("/admin/jobs/{id}/retry", "sfffffffffo"),
    bare("/admin/jobs/schedule/{name}/run", "sfffffffffo"),
    form(
        "/manage/packages/{id}/assignments/{assignment}/remove",
        "/manage/packages/{id}/assignments",
        "sam",
        "snnnnnfoooo",
    ),
    form(
        "/manage/packages/{id}/requests/{request}/cancel",
        "/manage/packages/{id}/requests",
        "sam",
        "snnnnnfoooo",
    ),
    // Administration (SPEC section 2).
    form("/admin/users/new", "/admin/users/new", "root", "sfffffffffo")
        .with(&[("display_name", "Noor Haddad"), ("email", "noor@demo.example")]),
    form("/admin/users/{id}/edit", "/admin/users/{id}/edit", "root", "sfffffffffo")
        .with(&[("company", "Example")]),
    form("/admin/users/{id}/disable", "/admin/users/{id}/disable", "root", "sfffffffffo"),
    bare("/admin/users/{id}/enable", "sfffffffffo").with(&[("version", "1")]),
    form("/admin/users/{id}/delete", "/admin/users/{id}/delete", "root", "sfffffffffo"),
    bare("/admin/users/{id}/restore", "sfffffffffo").with(&[("version", "1")]),
    form("/admin/users/{id}/invite", "/admin/users/{id}/invite", "root", "sfffffffffo"),
    bare("/admin/users/import", "sfffffffffo").with(&[("text", "E-mail,Name\nnew@demo.example,New")]),
    // Nobody sees what somebody else uploaded.
    bare("/admin/users/import/{id}", "sfffffffffn").with(&[("fingerprint", "x")]),
    bare("/admin/groups/{id}/rule", "sfffffffffo").with(&[
        ("go", "preview"),
        ("version", "1"),
        ("rule", "user.department -eq \"Sales\""),
    ]),
    form("/admin/groups/new", "/admin/groups/new", "root", "sfffffffffo").with(&[("name", "Night shift")]),
    form("/admin/groups/{id}/edit", "/admin/groups/{id}/edit", "root", "sfffffffffo")
        .with(&[("description", "For the matrix")]),
    form("/admin/groups/{id}/delete", "/admin/groups/{id}/delete", "root", "sfffffffffr"),
    form("/admin/groups/{id}/members", "/admin/groups/{id}", "root", "sfffffffffo")
        .with(&[("members", "mia@demo.example")]),
    form("/admin/groups/{id}/owners", "/admin/groups/{id}", "root", "sfffffffffo")
        .with(&[("owners", "mia@demo.example")]),
    bare("/admin/groups/{id}/members/{user}/remove", "sfffffffffo"),
    bare("/admin/groups/{id}/owners/{user}/remove", "sfffffffffo"),
    form("/admin/roles", "/admin/roles", "root", "sfffffffffo")
        .with(&[("holders", "mia@demo.example"), ("role", "catalogCreator")]),
    form("/admin/roles/{id}/revoke", "/admin/roles/{id}/revoke", "root", "sfffffffffo"),
    bare("/admin/mail/{id}/send-again", "sfffffffffo"),
    form("/admin/mail/texts/{kind}", "/admin/mail/texts/{kind}", "root", "sfffffffffo")
        .with(&[("subject", "Please decide: {package}")]),
    bare("/admin/mail/texts/{kind}/preview", "sfffffffffo").with(&[
        ("version", "0"),
        ("subject", "Please decide: {package}"),
        ("heading", ""),
        ("opening", ""),
        ("closing", ""),
    ]),
    bare("/admin/mail/texts/{kind}/reset", "sfffffffffo").with(&[("version", "0")]),
    // Only in a demonstration.
    bare("/demo", "nnnnnnnnnnn").with(&[("days", "1")]),
];

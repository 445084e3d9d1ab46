//! The permission table of SPEC section 2, and which task each route belongs to. This is the only place that says so; a
//! route without a task fails.

use latchkey::web::routes::Verb;

/// The columns of the table, in its order; then whoever holds no role.
pub const ROLES: [&str; 8] =
    ["administrator", "creator", "owner", "packager", "assigner", "reader", "auditor", "anybody"];

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Users, groups, settings, directory-wide roles.
    Directory,
    /// Create a catalog.
    CreateCatalog,
    /// Edit or delete a catalog, grant catalog roles.
    Catalog,
    /// Add or remove a resource in a catalog, and change it: the owner here holds both keys.
    Resources,
    /// Packages, their resource roles, policies, separation of duties.
    Packages,
    /// See whom a rule would match: open to all three who keep packages or assignments, and to auditors.
    Preview,
    /// Assign, remove, cancel.
    Assignments,
    /// See the catalog and its packages' configuration, assignments and requests.
    See,
}

/// SPEC section 2, row by row: what each of [`ROLES`] may in a catalog of their own. `d` does it, `r` reads about it, `.`
/// neither.
pub const TABLE: [(Task, &str); 8] = [
    (Task::Directory, "d.....r."),
    (Task::CreateCatalog, "dd......"),
    (Task::Catalog, "d.drrrr."),
    (Task::Resources, "d.drrrr."),
    (Task::Packages, "d.ddrrr."),
    (Task::Preview, "d.dddrd."),
    (Task::Assignments, "d.dddrr."),
    (Task::See, "r.rrrrr."),
];

/// What a route is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Not about a role: public, one's own things, or a right that follows from data (SPEC section 2). `rows.rs` and
    /// `posts.rs` say who may.
    Own,
    /// Shows what the task is about.
    Shows(Task),
    /// Does the task, or is the page for doing it.
    Does(Task),
    /// The list of catalogs: for whoever has one, or may create one.
    Catalogs,
}

/// Words at the end of an address that is there to do something.
const DOING: [&str; 13] = [
    "new",
    "edit",
    "delete",
    "disable",
    "enable",
    "restore",
    "invite",
    "remove",
    "revoke",
    "reset",
    "add",
    "move",
    "duplicate",
];

/// The class of a route; `None` if nobody has said.
pub fn class_of(verb: Verb, path: &str) -> Option<Class> {
    use Class::{Catalogs, Does, Own, Shows};
    let last = path.rsplit('/').next().unwrap_or_default();
    let doing = verb == Verb::Post || DOING.contains(&last);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    Some(match parts.as_slice() {
        ["admin", "users", "import", ..] => Does(Task::Directory),
        ["admin", ..] if doing => Does(Task::Directory),
        ["admin", ..] => Shows(Task::Directory),
        ["catalogs"] => Catalogs,
        ["catalogs", "new" | "hand-over"] => Does(Task::CreateCatalog),
        ["catalogs", "{id}", "hand-over"] => Does(Task::Catalog),
        ["catalogs", "{id}", "packages", ..] if doing => Does(Task::Packages),
        ["catalogs", "{id}", "resources", ..] if doing => Does(Task::Resources),
        ["catalogs", "{id}"] | ["catalogs", "{id}", "packages" | "resources" | "roles"] if !doing => {
            Shows(Task::See)
        }
        ["catalogs", "{id}", "rules"] => Does(Task::Preview),
        ["catalogs", "{id}", "edit" | "state" | "delete" | "roles", ..] => Does(Task::Catalog),
        ["resources", "{id}"] | ["resources", "{id}", "export.csv"] => Shows(Task::Resources),
        ["resources", "{id}", "edit" | "questions" | "delete" | "delivery" | "webhook" | "roles", ..] => {
            Does(Task::Resources)
        }
        ["manage", "packages", "{id}"] => Shows(Task::See),
        ["manage", "packages", "{id}", "move"] => Does(Task::Catalog),
        ["manage", "packages", "{id}", "edit" | "delete" | "duplicate"] => Does(Task::Packages),
        ["manage", "packages", "{id}", "roles", "try-again"] => Does(Task::Assignments),
        ["manage", "packages", "{id}", "roles" | "policies" | "separation", ..] if doing => {
            Does(Task::Packages)
        }
        ["manage", "packages", "{id}", "separation", "check"] => Does(Task::Packages),
        ["manage", "packages", "{id}", "separation", ..] => Shows(Task::Packages),
        ["manage", "packages", "{id}", "roles" | "check"] => Shows(Task::Packages),
        ["manage", "packages", "{id}", "policies"]
        | ["manage", "packages", "{id}", "policies", "{policy}"]
        | ["manage", "packages", "{id}", "policies", "{policy}", "compare" | "rule"] => Shows(Task::Packages),
        // A draft of bulk work is its author's own.
        ["manage", "packages", "{id}", "bulk", ..] => Own,
        ["manage", "packages", "{id}", "assignments" | "requests", ..] if doing => Does(Task::Assignments),
        ["manage", "packages", "{id}", "assignments" | "requests"]
        | ["manage", "packages", "{id}", "assignments" | "requests", "export.csv"] => {
            Shows(Task::Assignments)
        }
        [""]
        | ["sign-in" | "sign-out" | "forgot-password" | "account" | "set-up" | "d" | "demo", ..]
        | ["assets" | "favicon.ico" | "healthz" | "readyz" | "metrics", ..]
        | ["profile" | "packages" | "requests" | "access" | "team" | "approvals" | "tasks" | "hooks", ..] => {
            Own
        }
        _ => return None,
    })
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// May: the page, or the form's own answer.
    May,
    /// Forbidden: sees that it is there, and hears which role is needed.
    Forbidden,
    /// Not found: may not know of it.
    Invisible,
}

/// Where the role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the catalog that the object is in.
    Own,
    /// In another one; of this one the person is only a reader.
    Foreign,
    /// In another one only.
    Invisible,
}

/// What section 2 says of this role, at this place, for a route of this class.
pub fn expected(class: Class, role: usize, place: Place) -> Expected {
    let cell = |task: Task, role: usize| {
        let row = TABLE.iter().find(|(t, _)| *t == task).map(|(_, row)| *row).expect("a row");
        row.chars().nth(role).expect("a column")
    };
    let in_catalog = matches!(role, 2..=5);
    // Somewhere else a catalog role counts for nothing; a reader's counts where they read.
    let at = match place {
        Place::Own => role,
        Place::Foreign if in_catalog => 5,
        Place::Invisible if in_catalog => 7,
        Place::Foreign | Place::Invisible => role,
    };
    match class {
        Class::Own => Expected::May,
        Class::Catalogs if role == 7 => Expected::Forbidden,
        Class::Catalogs => Expected::May,
        // The pages of the administration are no secret: forbidden, with the role that is needed (SPEC ROL-6).
        Class::Shows(task @ Task::Directory) if cell(task, role) == '.' => Expected::Forbidden,
        Class::Does(task @ (Task::Directory | Task::CreateCatalog)) if cell(task, role) != 'd' => {
            Expected::Forbidden
        }
        Class::Shows(task) => {
            if cell(task, at) == '.' {
                Expected::Invisible
            } else {
                Expected::May
            }
        }
        Class::Does(task) => match cell(task, at) {
            'd' => Expected::May,
            'r' => Expected::Forbidden,
            _ => Expected::Invisible,
        },
    }
}

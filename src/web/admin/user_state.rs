//! Disabling, enabling, deleting, restoring and inviting a user: each first says what it will do (SPEC PGE-4).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::app::directory::users as app;
use crate::domain::Refusal;
use crate::domain::access::manage_directory;
use crate::domain::directory::{RESTORABLE_DAYS, User};
use crate::kernel::ids::UserId;
use crate::kernel::paths;
use crate::store::users;
use crate::store::views::user::{Consequences, consequences};
use crate::web::ui::{ConfirmView, Crumb, FieldView, FormView, Shell};
use crate::web::{Answer, Flash, Form, PageError, Signed, page_with, redirect_with};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Disable,
    Enable,
    Delete,
    Restore,
    Invite,
}

/// What the confirming form carries.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    version: String,
}

#[derive(Template)]
#[template(path = "admin/confirm.html")]
pub(super) struct ConfirmPage<'a> {
    pub(super) shell: &'a Shell,
    pub(super) view: ConfirmView,
}

/// `1 package`, `3 packages`.
pub(super) fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

impl Act {
    fn page(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Invite => "invite",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Disable => ("Disable user", "Disable"),
            Self::Enable => ("Enable user", "Enable"),
            Self::Delete => ("Delete user", "Delete"),
            Self::Restore => ("Restore user", "Restore"),
            Self::Invite => ("Invite user", "Send the invitation"),
        }
    }

    fn fits(self, user: &User) -> bool {
        let deleted = user.deleted_at.is_some();
        match self {
            Self::Disable | Self::Invite => !deleted && user.enabled,
            Self::Enable => !deleted && !user.enabled,
            Self::Delete => !deleted,
            Self::Restore => deleted,
        }
    }

    fn question(self, name: &str) -> String {
        match self {
            Self::Disable => format!("Disable {name}?"),
            Self::Enable => format!("Let {name} in again?"),
            Self::Delete => format!("Delete {name}?"),
            Self::Restore => format!("Restore {name}?"),
            Self::Invite => format!("Send {name} an invitation?"),
        }
    }

    fn lines(self, user: &User, touched: Consequences, oneself: bool) -> Vec<String> {
        let mut lines = Vec::new();
        if oneself && matches!(self, Self::Disable | Self::Delete) {
            lines.push(
                "This is you: you will be signed out at once, and somebody else has to let you in again."
                    .to_owned(),
            );
        }
        let held = counted(touched.packages, "package", "packages");
        let reports = counted(touched.reports, "person reports", "people report");
        match self {
            Self::Disable => {
                lines.push("They are signed out at once, and cannot sign in or request anything.".to_owned());
                lines.push(format!("They hold {held}: those stay until they are removed or end."));
                if touched.reports > 0 {
                    lines.push(format!("{reports} to them: requests that need their manager go to others."));
                }
            }
            Self::Delete => {
                lines.push("They are signed out at once, and are in no list any more.".to_owned());
                lines.push(format!("They hold {held}: those stay recorded until they are removed or end."));
                if touched.reports > 0 {
                    lines.push(format!("{reports} to them and will have no manager."));
                }
                lines.push(format!("For {RESTORABLE_DAYS} days they can be restored. Their name stays in past records."));
            }
            Self::Enable => {
                lines.push("They can sign in again with the password that they had.".to_owned());
                lines.push(format!("They hold {held}."));
            }
            Self::Restore => {
                lines.push("They come back as they were, with their groups and roles.".to_owned());
                if !user.enabled {
                    lines.push("They stay disabled.".to_owned());
                }
            }
            Self::Invite => lines.push(format!(
                "A mail with a link to choose a password goes to {}. Links of earlier invitations stop working.",
                user.profile.email
            )),
        }
        lines
    }

    fn done(self, name: &str) -> String {
        match self {
            Self::Disable => format!("{name} is disabled."),
            Self::Enable => format!("{name} can sign in again."),
            Self::Delete => format!("{name} is deleted."),
            Self::Restore => format!("{name} is back."),
            Self::Invite => format!("The invitation to {name} is on its way."),
        }
    }
}

async fn ask(s: Signed, id: UserId, act: Act, refusal: Option<Refusal>) -> Answer {
    let (user, touched) = s
        .read(move |conn| {
            let user = users::find_with_deleted(conn, id)?;
            Ok((user, consequences(conn, id)?))
        })
        .await?;
    let user = user.ok_or(PageError::NotFound)?;
    if !act.fits(&user) {
        // Done already, perhaps by somebody else: the user's page says how things are.
        return crate::web::redirect(paths::user(id));
    }
    let name = &user.profile.display_name;
    let (title, button) = act.words();
    let shell =
        s.shell(title, vec![Crumb::link("Users", "/admin/users"), Crumb::link(name, paths::user(id))]);
    let status = if refusal.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let mut form = FormView::new(paths::user_page(id, act.page()), &shell.csrf, button)
        .field(FieldView::hidden("version", user.version.to_string()))
        .cancel(paths::user(id));
    if matches!(act, Act::Disable | Act::Delete) {
        form = form.danger();
    }
    let lines = act.lines(&user, touched, s.principal.user == id);
    let view = ConfirmView::new(act.question(name), lines, form.checked(refusal.map(|r| r.to_string())));
    page_with(status, &ConfirmPage { shell: &shell, view })
}

async fn run(s: Signed, id: UserId, act: Act, raw: &Raw) -> Answer {
    let version: i64 = raw.version.parse().map_err(|_| PageError::BadRequest("no version".to_owned()))?;
    let done = s
        .attempt(move |tx, cx, me| {
            let permit = manage_directory(me)?;
            let user = users::find_with_deleted(tx, id)?.ok_or(crate::app::AppError::NotFound)?;
            match act {
                Act::Disable => app::disable(tx, cx, permit, id, version)?,
                Act::Enable => app::enable(tx, cx, permit, id, version)?,
                Act::Delete => app::delete(tx, cx, permit, id, version)?,
                Act::Restore => app::restore(tx, cx, permit, id, version)?,
                Act::Invite => app::invite(tx, cx, permit, id)?,
            }
            Ok(user.profile.display_name)
        })
        .await?;
    match done {
        Ok(name) => redirect_with(paths::user(id), Flash::success(act.done(&name))),
        Err(refusal) => ask(s, id, act, Some(refusal)).await,
    }
}

macro_rules! acts {
    ($($ask:ident, $run:ident, $act:ident, $path:literal);+ $(;)?) => { $(
        #[doc = concat!("`GET /admin/users/{id}/", $path, "`")]
        pub async fn $ask(s: Signed, id: Path<UserId>) -> Answer {
            ask(s, id.into_inner(), Act::$act, None).await
        }
        #[doc = concat!("`POST /admin/users/{id}/", $path, "`")]
        pub async fn $run(s: Signed, id: Path<UserId>, Form(raw): Form<Raw>) -> Answer {
            run(s, id.into_inner(), Act::$act, &raw).await
        }
    )+ };
}
acts! {
    ask_disable, disable, Disable, "disable";
    ask_enable, enable, Enable, "enable";
    ask_delete, delete, Delete, "delete";
    ask_restore, restore, Restore, "restore";
    ask_invite, invite, Invite, "invite";
}

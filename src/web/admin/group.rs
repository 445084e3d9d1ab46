//! A group's page: who belongs to it, and what grants it (SPEC DIR-4).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::groups::kind_badge;
use super::user_state::ConfirmPage;
use super::users::page_of;
use crate::app::directory::groups as app;
use crate::domain::Refusal;
use crate::domain::access::{DirectoryTask, manage_directory};
use crate::domain::catalog::GroupRole;
use crate::domain::directory::{Belonging, GroupKind};
use crate::kernel::ids::{GroupId, UserId};
use crate::kernel::paths;
use crate::store::views::groups::{self as store, Belonger};
use crate::store::{groups, people};
use crate::web::address::Address;
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{Badge, ConfirmView, Crumb, Empty, EntryView, FormView, Pager, PersonView, Shell, When};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page_with, redirect_with};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    page: String,
}

#[derive(Debug, Clone)]
struct RowView {
    id: String,
    person: PersonView,
    department: String,
    through: String,
    since: When,
    remove: String,
}

#[derive(Debug, Clone)]
struct GroupView {
    can_edit: bool,
    /// Members are added by hand.
    by_hand: bool,
    description: String,
    kind: Badge,
    rule: Option<String>,
    base: String,
    q: String,
    total: i64,
    members: Vec<RowView>,
    pager: Pager,
    empty: Empty,
    owners: Vec<RowView>,
    packages: Vec<(String, String, String, &'static str)>,
    roles: Vec<(&'static str, Option<(String, String)>)>,
    add_members: Option<FormView>,
    add_owners: Option<FormView>,
}

#[derive(Template)]
#[template(path = "admin/group.html")]
struct GroupPage<'a> {
    shell: &'a Shell,
    view: GroupView,
}

/// What was typed to add people and could not be taken.
struct Unclear {
    as_a: Belonging,
    entries: Vec<EntryView>,
    form: Option<String>,
    status: StatusCode,
}

/// `GET /admin/groups/{id}`
pub async fn show(s: Signed, id: Path<GroupId>, asked: Query<Asked>) -> Answer {
    group_page(&s, id.into_inner(), asked.0, None).await
}

async fn group_page(s: &Signed, id: GroupId, asked: Asked, unclear: Option<Unclear>) -> Answer {
    let (q, at) = (asked.q.clone(), page_of(&asked.page));
    let may = s.principal.may(DirectoryTask::Manage);
    let (read, suggestions) = s
        .read(move |conn| {
            let suggestions =
                if may { Suggestions::load(conn, Pick::People)? } else { Suggestions::default() };
            Ok((store::load(conn, id, &q, at)?, suggestions))
        })
        .await?;
    let read = read.ok_or(PageError::NotFound)?;
    let shell = s.shell(&read.group.fields.name, vec![Crumb::link("Groups", "/admin/groups")]);
    let by_hand = read.group.kind == GroupKind::Assigned;
    let (now, tz) = (s.now(), s.tz());
    let row = |belonger: Belonger, way: &str| RowView {
        id: match way {
            "members" => belonger.id.to_string(),
            _ => format!("{way}-{}", belonger.id),
        },
        person: PersonView::new(
            &belonger.name,
            if belonger.enabled { belonger.email } else { format!("{} · disabled", belonger.email) },
        )
        .link(paths::user(belonger.id)),
        department: belonger.department,
        through: belonger.through.join(", "),
        since: When::new(*belonger.since, *now, tz),
        remove: paths::group_page(id, &format!("{way}/{}/remove", belonger.id)),
    };
    let (status, mut members_form, mut owners_form) =
        (unclear.as_ref().map_or(StatusCode::OK, |u| u.status), (Vec::new(), None), (Vec::new(), None));
    if let Some(u) = unclear {
        match u.as_a {
            Belonging::Member => members_form = (u.entries, u.form),
            Belonging::Owner => owners_form = (u.entries, u.form),
        }
    }
    let add = |way: &str, label: &str, button: &str, (entries, error): (Vec<EntryView>, Option<String>)| {
        FormView::new(paths::group_page(id, way), &shell.csrf, button)
            .field(pickers::field(way, label, entries, &suggestions).required())
            .checked(error)
    };
    let address = Address::new(paths::group(id)).with("q", &asked.q);
    let view = GroupView {
        can_edit: may,
        by_hand,
        add_members: (may && by_hand).then(|| add("members", "Add members", "Add", members_form)),
        add_owners: may.then(|| add("owners", "Add owners", "Add", owners_form)),
        description: read.group.fields.description,
        kind: kind_badge(read.group.kind),
        rule: read.group.rule,
        base: paths::group(id),
        total: read.members.total,
        pager: Pager::new(at.number, at.size, read.members.total, |n| address.page(n)),
        members: read.members.items.into_iter().map(|b| row(b, "members")).collect(),
        owners: read.owners.into_iter().map(|b| row(b, "owners")).collect(),
        empty: if asked.q.is_empty() {
            Empty::new("people", "No members", "Add people by hand, or let a package put them in.")
        } else {
            Empty::new("people", "Nobody found", "No member has these words.")
                .action("Show all", paths::group(id))
        },
        packages: read
            .packages
            .into_iter()
            .map(|p| {
                let gives = match p.role {
                    GroupRole::Member => "membership",
                    GroupRole::Owner => "ownership",
                };
                (paths::manage_package(p.id), p.name, p.catalog, gives)
            })
            .collect(),
        roles: read
            .roles
            .into_iter()
            .map(|(role, place)| (role, place.map(|(id, name)| (paths::catalog(id), name))))
            .collect(),
        q: asked.q,
    };
    page_with(status, &GroupPage { shell: &shell, view })
}

/// People to add as members.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMembers {
    #[serde(default)]
    members: Vec<String>,
}

/// People to add as owners.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOwners {
    #[serde(default)]
    owners: Vec<String>,
}

/// `POST /admin/groups/{id}/members`
pub async fn add_members(s: Signed, id: Path<GroupId>, Form(raw): Form<RawMembers>) -> Answer {
    add(s, id.into_inner(), raw.members, Belonging::Member).await
}

/// `POST /admin/groups/{id}/owners`
pub async fn add_owners(s: Signed, id: Path<GroupId>, Form(raw): Form<RawOwners>) -> Answer {
    add(s, id.into_inner(), raw.owners, Belonging::Owner).await
}

async fn add(s: Signed, id: GroupId, lines: Vec<String>, as_a: Belonging) -> Answer {
    let typed = lines.clone();
    let done = s
        .attempt(move |tx, cx, me| {
            let permit = manage_directory(me)?;
            let picked = pickers::resolve(tx, &typed, Pick::People)?;
            if !picked.is_clear() {
                return Ok(Err(picked.entries));
            }
            if picked.holders.is_empty() {
                let nobody = EntryView::new("", Some("Say whom to add.".to_owned()));
                return Ok(Err(vec![nobody]));
            }
            Ok(Ok(app::add(tx, cx, permit, id, &picked.users(), as_a)?))
        })
        .await?;
    let unclear = match done {
        Ok(Ok(added)) => {
            let text = match added {
                0 => "They were in the group already.".to_owned(),
                1 => "1 person was added.".to_owned(),
                n => format!("{n} people were added."),
            };
            return redirect_with(paths::group(id), Flash::success(text));
        }
        Ok(Err(entries)) => Unclear { as_a, entries, form: None, status: StatusCode::UNPROCESSABLE_ENTITY },
        Err(refusal) => Unclear {
            as_a,
            entries: lines.iter().map(|line| EntryView::new(line, None)).collect(),
            form: Some(refusal.to_string()),
            status: StatusCode::CONFLICT,
        },
    };
    group_page(&s, id, Asked::default(), Some(unclear)).await
}

/// Nothing but the token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNothing {}

async fn confirm(s: &Signed, id: GroupId, user: UserId, as_a: Belonging, refusal: Option<Refusal>) -> Answer {
    let found = s
        .read(move |conn| {
            let Some(group) = groups::find(conn, id)? else {
                return Ok(None);
            };
            if !groups::has(conn, id, user, as_a)? {
                return Ok(None);
            }
            let name = people::name(conn, user)?;
            let role = match as_a {
                Belonging::Member => GroupRole::Member,
                Belonging::Owner => GroupRole::Owner,
            };
            let through = store::through(conn, id, role)?.remove(&user);
            Ok(Some((group, name, through.unwrap_or_default())))
        })
        .await?;
    let Some((group, name, through)) = found else {
        return crate::web::redirect(paths::group(id));
    };
    let (way, what, line) = match as_a {
        Belonging::Member => (
            "members",
            "the members",
            "They lose at once what the group gives: roles, and what policies allow its members.",
        ),
        Belonging::Owner => ("owners", "the owners", "They no longer answer for the group."),
    };
    let shell = s.shell(
        "Remove from group",
        vec![Crumb::link("Groups", "/admin/groups"), Crumb::link(&group.fields.name, paths::group(id))],
    );
    let mut lines = vec![line.to_owned()];
    if !through.is_empty() {
        lines.push(format!(
            "They are in it through {}. That access does not end by this: better remove it there.",
            through.join(", ")
        ));
    }
    let action = paths::group_page(id, &format!("{way}/{user}/remove"));
    let form = FormView::new(action, &shell.csrf, "Remove").danger().cancel(paths::group(id));
    let status = if refusal.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let view = ConfirmView::new(
        format!("Take {name} out of {what} of {}?", group.fields.name),
        lines,
        form.checked(refusal.map(|r| r.to_string())),
    );
    page_with(status, &ConfirmPage { shell: &shell, view })
}

async fn remove(s: Signed, id: GroupId, user: UserId, as_a: Belonging) -> Answer {
    let done =
        s.attempt(move |tx, cx, me| app::remove(tx, cx, manage_directory(me)?, id, user, as_a)).await?;
    match done {
        Ok(()) => redirect_with(paths::group(id), Flash::success("They are out of the group.")),
        Err(refusal) => confirm(&s, id, user, as_a, Some(refusal)).await,
    }
}

/// `GET /admin/groups/{id}/members/{user}/remove`
pub async fn ask_remove_member(s: Signed, path: Path<(GroupId, UserId)>) -> Answer {
    let (id, user) = path.into_inner();
    confirm(&s, id, user, Belonging::Member, None).await
}

/// `POST /admin/groups/{id}/members/{user}/remove`
pub async fn remove_member(s: Signed, path: Path<(GroupId, UserId)>, _: Form<RawNothing>) -> Answer {
    let (id, user) = path.into_inner();
    remove(s, id, user, Belonging::Member).await
}

/// `GET /admin/groups/{id}/owners/{user}/remove`
pub async fn ask_remove_owner(s: Signed, path: Path<(GroupId, UserId)>) -> Answer {
    let (id, user) = path.into_inner();
    confirm(&s, id, user, Belonging::Owner, None).await
}

/// `POST /admin/groups/{id}/owners/{user}/remove`
pub async fn remove_owner(s: Signed, path: Path<(GroupId, UserId)>, _: Form<RawNothing>) -> Answer {
    let (id, user) = path.into_inner();
    remove(s, id, user, Belonging::Owner).await
}

//! The audit log as a list, newest first, a sentence per event (SPEC AUD-1).

use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::audit_words::{Words, words};
use super::users::page_of;
use crate::domain::audit::{Event, ObjectKind};
use crate::kernel::ids::{
    CatalogId, EntityId as _, GroupId, PackageId, RequestId, ResourceId, TaskId, UserId,
};
use crate::kernel::paths;
use crate::store::{audit, people};
use crate::web::address::Address;
use crate::web::ui::{Empty, Pager, Shell, When};
use crate::web::{Answer, Query, Signed, page};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    page: String,
}

#[derive(Debug, Clone)]
struct ChangeView {
    name: String,
    old: String,
    new: String,
}

#[derive(Debug, Clone)]
struct RowView {
    seq: i64,
    when: When,
    actor: String,
    actor_href: Option<String>,
    words: Words,
    object: String,
    object_href: Option<String>,
    /// Whom it concerns, where that is neither the actor nor the object.
    subject: Option<(String, String)>,
    reason: String,
    origin: String,
    correlation: String,
    changes: Vec<ChangeView>,
}

#[derive(Debug, Clone)]
struct AuditView {
    rows: Vec<RowView>,
    pager: Pager,
    empty: Empty,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage<'a> {
    shell: &'a Shell,
    view: AuditView,
}

/// The page of the object, where it has one.
fn href(kind: ObjectKind, id: uuid::Uuid) -> Option<String> {
    match kind {
        ObjectKind::User => Some(paths::user(UserId::from_uuid(id))),
        ObjectKind::Group => Some(paths::group(GroupId::from_uuid(id))),
        ObjectKind::Catalog => Some(paths::catalog(CatalogId::from_uuid(id))),
        ObjectKind::Resource => Some(paths::resource(ResourceId::from_uuid(id))),
        ObjectKind::Package => Some(paths::manage_package(PackageId::from_uuid(id))),
        ObjectKind::Request => Some(paths::request(RequestId::from_uuid(id))),
        ObjectKind::Task => Some(paths::task(TaskId::from_uuid(id))),
        ObjectKind::Session
        | ObjectKind::DirectoryRole
        | ObjectKind::Policy
        | ObjectKind::Assignment
        | ObjectKind::Organization
        | ObjectKind::Notice
        | ObjectKind::BulkWork
        | ObjectKind::Job
        | ObjectKind::Schedule
        | ObjectKind::Setting => None,
    }
}

fn shown(value: Option<&Value>) -> String {
    const LONGEST: usize = 300;
    let text = match value {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(other) => other.to_string(),
    };
    if text.chars().count() > LONGEST { text.chars().take(LONGEST).chain(['…']).collect() } else { text }
}

/// Whom the event concerns, if the sentence does not say so already: requests and access.
fn subject_of(event: &Event) -> Option<UserId> {
    let of_somebody = matches!(event.object_kind, ObjectKind::Request | ObjectKind::Assignment);
    event.subject.filter(|subject| of_somebody && event.actor != Some(*subject))
}

/// The values before and after, name by name.
fn changes(old: &Value, new: &Value) -> Vec<ChangeView> {
    let names = |value: &Value| -> Vec<String> {
        value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
    };
    let mut all = names(old);
    all.extend(names(new));
    all.sort();
    all.dedup();
    all.into_iter()
        .map(|name| ChangeView { old: shown(old.get(&name)), new: shown(new.get(&name)), name })
        .filter(|change| change.old != change.new)
        .collect()
}

/// `GET /admin/audit`
pub async fn list(s: Signed, asked: Query<Asked>) -> Answer {
    let at = page_of(&asked.page);
    let (found, names) = s
        .read(move |conn| {
            let found = audit::list(conn, at)?;
            let subjects = found.items.iter().filter_map(|event| event.subject).collect();
            Ok((found, people::names(conn, &subjects)?))
        })
        .await?;
    let (now, tz) = (s.now(), s.tz());
    let row = |event: Event| {
        // An event that cannot be read is shown without its values; `latchkey audit verify` tells what is wrong.
        let (old, new): (Value, Value) = (
            serde_json::from_str(&event.old).unwrap_or_default(),
            serde_json::from_str(&event.new).unwrap_or_default(),
        );
        RowView {
            seq: event.seq,
            when: When::new(*event.at, *now, tz),
            actor: event.actor_name.clone(),
            actor_href: event.actor.map(paths::user),
            words: words(&event, &old, &new),
            subject: subject_of(&event)
                .and_then(|id| names.get(&id).map(|name| (paths::user(id), name.clone()))),
            object_href: href(event.object_kind, event.object),
            object: event.object_name,
            reason: event.reason,
            origin: event.origin,
            correlation: event.correlation,
            changes: changes(&old, &new),
        }
    };
    let address = Address::new("/admin/audit");
    let view = AuditView {
        pager: Pager::new(at.number, at.size, found.total, |n| address.page(n)),
        rows: found.items.into_iter().map(row).collect(),
        empty: Empty::new("journal-text", "Nothing yet", "Every change leaves an entry here."),
    };
    let shell = s.shell("Audit log", Vec::new());
    page(&AuditPage { shell: &shell, view })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn aud_1_only_what_changed_is_shown_with_old_and_new_values() {
        let found = changes(&json!({"a": 1, "b": "x", "c": null}), &json!({"a": 1, "b": "y", "d": true}));
        let lines: Vec<String> = found.iter().map(|c| format!("{}: {} → {}", c.name, c.old, c.new)).collect();
        assert_eq!(lines, ["b: x → y", "d: nothing → yes"]);
    }
}

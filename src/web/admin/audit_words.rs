//! The words of audit events.

use serde_json::Value;

use crate::domain::audit::{Event, ObjectKind};

/// A sentence about an event: the actor, `before`, the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Between the actor and the object.
    pub before: String,
    /// Is the object named at all? Not where it is the actor.
    pub names_object: bool,
}

fn kind(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "the user",
        ObjectKind::Group => "the group",
        ObjectKind::Session => "the session of",
        ObjectKind::DirectoryRole => "the role",
        ObjectKind::Catalog => "the catalog",
        ObjectKind::Resource => "the resource",
        ObjectKind::Package => "the package",
        ObjectKind::Policy => "the policy",
        ObjectKind::Request => "the request for",
        ObjectKind::Assignment => "the access to",
        ObjectKind::Task => "the task",
        ObjectKind::Organization => "the connected organization",
        ObjectKind::Notice => "the mail",
        ObjectKind::BulkWork => "bulk work on",
        ObjectKind::Job => "the job",
        ObjectKind::Schedule => "the schedule",
        ObjectKind::Setting => "the setting",
    }
}

/// What the actor did to themselves or without an object, in full.
fn alone(action: &str) -> Option<&'static str> {
    Some(match action {
        "session.signIn" => "signed in",
        "session.signInFailed" => "tried to sign in, in vain",
        "session.signOut" => "signed out",
        "session.signOutEverywhere" => "signed out everywhere else",
        "session.revoke" => "ended one of their sessions",
        "user.editProfile" => "changed their settings",
        "user.changePassword" => "changed their password",
        "user.acceptInvitation" => "accepted the invitation and chose a password",
        "user.resetPassword" => "chose a new password through a link",
        "delegation.create" => "handed their approvals over while away",
        "delegation.end" => "ended a delegation of their approvals",
        "user.requestPasswordReset" => "asked for a link to choose a new password",
        _ => return None,
    })
}

/// The past of a verb, with what belongs between it and the object.
fn past(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "create" => "created",
        "createAdministrator" => "created the first administrator,",
        "edit" => "changed",
        "delete" => "deleted",
        "restore" => "restored",
        "enable" => "enabled",
        "disable" => "disabled",
        "invite" => "invited",
        "submit" => "sent",
        "comment" => "commented on",
        "askChanges" => "asked for changes to",
        "revise" => "changed and sent back",
        "decide" => "decided",
        "cancel" => "canceled",
        "expire" => "closed, because nobody decided in time,",
        "escalate" => "asked the alternates about",
        "end" => "ended",
        "direct" => "directly gave",
        "deliver" => "delivered",
        "addResource" => "added a resource to",
        "removeResource" => "removed a resource from",
        "addRole" => "added a role to",
        "editRole" => "changed a role of",
        "removeRole" => "removed a role from",
        "changeRoles" => "changed the resource roles of",
        "grantRole" => "granted a role in",
        "revokeRole" => "took back a role in",
        "retry" => "sent again",
        "begin" => "started",
        "finish" => "finished",
        "changeEnd" => "changed the end of",
        "runNow" => "ran before its time",
        "done" => "did",
        "cannot" => "could not do",
        "take" => "is at, or left to others,",
        "setConnector" => "changed how roles are delivered of",
        _ => return None,
    })
}

/// `changeRoles` as `change roles`: for verbs that have no words yet.
fn apart(verb: &str) -> String {
    let mut text = String::new();
    for c in verb.chars() {
        if c.is_uppercase() {
            text.push(' ');
        }
        text.extend(c.to_lowercase());
    }
    text
}

/// The sentence for an event.
pub fn words(event: &Event, old: &Value, new: &Value) -> Words {
    let named = |value: &Value| value.get("name").and_then(Value::as_str).unwrap_or("somebody").to_owned();
    let about = |before: String| Words { before, names_object: true };
    if let Some(text) = alone(&event.action) {
        // Somebody else's account, or an unknown one: the name says whose.
        let own = event.actor.is_some() && event.actor.map(|u| u.0) == Some(event.object)
            || event.object_name == event.actor_name
            || event.object_name.is_empty();
        return Words { before: text.to_owned(), names_object: !own };
    }
    let verdict = new.get("verdict").and_then(Value::as_str);
    match event.action.as_str() {
        "request.decide" | "link.decide" if verdict == Some("approve") => {
            return about("approved the request for".to_owned());
        }
        "request.decide" | "link.decide" if verdict == Some("deny") => {
            return about("denied the request for".to_owned());
        }
        "link.decide" => return about("used an e-mailed link to decide the request for".to_owned()),
        "link.code" => return about("asked for a one-time code to decide the request for".to_owned()),
        "link.refuse" => return about("was not let decide by an e-mailed link the request for".to_owned()),
        "group.addMember" => return about(format!("added {} to the members of", named(new))),
        "group.addOwner" => return about(format!("added {} to the owners of", named(new))),
        "group.removeMember" => {
            return about(format!("took {} out of the members of", named(old)));
        }
        "group.removeOwner" => {
            return about(format!("took {} out of the owners of", named(old)));
        }
        "directoryRole.grant" => return about(format!("granted {} the role", named(new))),
        "directoryRole.revoke" => {
            return about(format!("took back from {} the role", named(old)));
        }
        _ => {}
    }
    let verb = event.action.rsplit('.').next().unwrap_or_default();
    let before = past(verb).map_or_else(|| format!("({})", apart(verb)), str::to_owned);
    about(format!("{before} {}", kind(event.object_kind)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;
    use crate::kernel::ids::{AuditId, UserId};
    use serde_json::json;
    use uuid::Uuid;

    fn sentence(action: &str, object_kind: ObjectKind, old: Value, new: Value) -> String {
        let actor = UserId(Uuid::from_u128(1));
        let event = Event {
            seq: 1,
            id: AuditId(Uuid::from_u128(2)),
            at: Moment::from_micros(0).unwrap(),
            actor: Some(actor),
            actor_name: "Root".to_owned(),
            origin: String::new(),
            action: action.to_owned(),
            object_kind,
            object: Uuid::from_u128(3),
            object_name: "Sales".to_owned(),
            subject: None,
            old: String::new(),
            new: String::new(),
            reason: String::new(),
            correlation: String::new(),
            previous: String::new(),
            hash: String::new(),
        };
        let words = words(&event, &old, &new);
        format!("Root {} Sales", words.before)
    }

    #[test]
    fn aud_1_events_read_as_sentences() {
        let null = || Value::Null;
        assert_eq!(
            sentence("catalog.edit", ObjectKind::Catalog, null(), null()),
            "Root changed the catalog Sales"
        );
        assert_eq!(
            sentence("group.addMember", ObjectKind::Group, null(), json!({"name": "Bob"})),
            "Root added Bob to the members of Sales"
        );
        assert_eq!(
            sentence("policy.turnAround", ObjectKind::Policy, null(), null()),
            "Root (turn around) the policy Sales"
        );
    }
}

//! Required attributes (SPEC CAT-5) on their way from a request to the person.

use serde_json::{Value, json};

use crate::app::{AppError, Cx};
use crate::domain::attributes::{self, Attribute};
use crate::domain::audit::{ObjectKind, Record};
use crate::kernel::ids::{EntityId as _, PackageId, UserId};
use crate::store::requests::Request;
use crate::store::{Conn, Tx, attributes as kept, people};

/// What the package asks of this person beside the policy's questions.
pub fn asked_of(conn: &mut Conn, package: PackageId, user: UserId) -> Result<Vec<Attribute>, AppError> {
    Ok(kept::asked_with(conn, package, user)?)
}

/// Stores what a request says about its person. This happens when the request is approved, not when it is sent: an
/// answer that nobody let pass must not stay on the person, least of all one that can never be changed. What was
/// frozen in between stays.
pub(super) fn store(tx: &mut Tx<'_>, cx: &Cx, request: &Request) -> Result<(), AppError> {
    let said = attributes::of_request(&request.answers);
    if said.is_empty() {
        return Ok(());
    }
    let stored = kept::stored(tx, request.subject)?;
    let asked = kept::asked_with(tx, request.package, request.subject)?;
    let (mut before, mut after) = (serde_json::Map::new(), serde_json::Map::new());
    for (name, answer) in said {
        let there = stored.iter().find(|s| s.name == name);
        let may_change = asked.iter().any(|a| a.question.key == answer.key && a.question.editable_later);
        let news = there.is_none_or(|s| may_change && s.answer.values != answer.values);
        if news {
            kept::store(tx, request.subject, &name, &answer, request.id, cx.now)?;
            before.insert(name.clone(), there.map_or(Value::Null, |s| json!(s.answer.values)));
            after.insert(name, json!(answer.values));
        }
    }
    if after.is_empty() {
        return Ok(());
    }
    let names = people::names(tx, &[request.subject].into())?;
    let name = names.get(&request.subject).cloned().unwrap_or_default();
    let record = Record::of("user.setAttributes", ObjectKind::User, request.subject.uuid(), name);
    cx.record(tx, record.about(request.subject).change(Value::Object(before), Value::Object(after)));
    Ok(())
}

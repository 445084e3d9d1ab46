//! What a resource asks of everybody who gets it (SPEC CAT-5).

use serde_json::json;

use super::resources::open;
use super::same_version;
use crate::app::{AppError, Cx};
use crate::domain::access::Principal;
use crate::domain::attributes;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::question::Question;
use crate::kernel::ids::{EntityId as _, ResourceId};
use crate::store::{Tx, attributes as kept, resources};

/// Replaces the questions of a resource; its owners and administrators may. Their keys are the attributes' names.
/// What people answered before stays stored, and requests under way keep what they were asked.
pub fn set(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    resource: ResourceId,
    version: i64,
    questions: &[Question],
) -> Result<(), AppError> {
    let (there, permit) = open(tx, me, resource)?;
    same_version(version, there.version)?;
    attributes::check_questions(questions)?;
    let before = kept::of_resource(tx, resource)?;
    if before == questions {
        return Ok(());
    }
    resources::touch(tx, resource, version)?;
    kept::set(tx, permit.resource(), questions)?;
    cx.record(
        tx,
        Record::of("resource.setQuestions", ObjectKind::Resource, resource.uuid(), &there.fields.name)
            .change(json!(before), json!(questions)),
    );
    Ok(())
}

//! How a resource's roles are delivered: written down by the portal, or done by hand (SPEC DLV-6).

use serde_json::{Value, json};

use super::ask::cancel;
use crate::app::catalog::resources as cases;
use crate::app::{AppError, Cx};
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::{ConnectorKind, ResourceKind};
use crate::domain::fulfilment::ManualSettings;
use crate::kernel::ids::{EntityId as _, ResourceId};
use crate::store::{Tx, lasting, orders, resources, tasks};

/// How the roles of a resource are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The portal writes down who has which role; nobody has to act.
    Recorded,
    /// The owners are asked to do it.
    ByHand(ManualSettings),
}

impl Choice {
    fn connector(self) -> ConnectorKind {
        match self {
            Self::Recorded => ConnectorKind::Directory,
            Self::ByHand(_) => ConnectorKind::Manual,
        }
    }

    fn settings(self) -> Value {
        match self {
            Self::Recorded => json!({}),
            Self::ByHand(settings) => json!(settings),
        }
    }
}

/// Chooses how the roles of a resource are delivered. Tasks that are open are cancelled when nobody has to act any
/// more; what waited for them is written down at once. What people have already stays as it is.
pub fn set_connector(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: ResourceId,
    version: i64,
    choice: Choice,
) -> Result<(), AppError> {
    let resource = cases::open_version(tx, me, id, version)?;
    if resource.fields.kind == ResourceKind::Group {
        return Err(Refusal::GroupDeliversItself.into());
    }
    let before = (resource.fields.connector, resources::connector_settings(tx, id)?);
    let after = (choice.connector(), choice.settings());
    if before == after {
        return Ok(());
    }
    resources::set_connector(tx, id, version, after.0, &after.1)?;
    cx.record(
        tx,
        Record::of("resource.setConnector", ObjectKind::Resource, id.uuid(), &resource.fields.name).change(
            json!({ "connector": before.0, "settings": before.1 }),
            json!({ "connector": after.0, "settings": after.1 }),
        ),
    );
    if after.0 != ConnectorKind::Manual {
        cancel_open(tx, cx, id)?;
    }
    // What waited for another system goes on in the new way at once.
    orders::hurry(tx, id, cx.now)?;
    Ok(())
}

/// Cancels the open tasks of a resource that is not served by hand any more.
pub fn cancel_open(tx: &mut Tx<'_>, cx: &Cx, id: ResourceId) -> Result<(), AppError> {
    for task in tasks::open_of_resource(tx, id)? {
        let (name, _) = lasting::role(tx, task.resource_role_id)?;
        cancel(tx, cx, task, &name)?;
    }
    Ok(())
}

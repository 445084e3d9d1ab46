//! How the roles of a resource are delivered (SPEC DLV-6): chosen by its owners, tried out, looked at.

use serde_json::{Value, json};

use super::resources::open;
use super::same_version;
use crate::app::{AppError, Cx, fulfil};
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::domain::audit::{ObjectKind, Record};
use crate::domain::catalog::{ConnectorKind, ResourceKind};
use crate::domain::order::{Action, Outcome, OutsideOrder, Report, WebhookTarget};
use crate::domain::webhook;
use crate::kernel::ids::{AttemptId, EntityId as _, JobId, OrderId, ResourceId};
use crate::kernel::paths;
use crate::kernel::secret::Token;
use crate::store::jobs::{self, NewJob};
use crate::store::orders::{self, Attempt};
use crate::store::{Conn, Tx, resources, webhooks};

/// The kind of the job that sends a test.
pub const TEST: &str = "webhookTest";

/// What the owners choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// How it is delivered.
    pub connector: ConnectorKind,
    /// Where the orders of a webhook go, as it was typed.
    pub url: String,
}

/// A new secret, to be shown once.
fn secret() -> Result<String, AppError> {
    Ok(format!("whsec_{}", Token::generate()?.reveal()))
}

/// Chooses how the roles of a resource are delivered. Gives the secret of a webhook that had none, which is shown once.
/// What waits is tried at once in the new way; what was delivered in the old way stays as it is.
pub fn choose(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: ResourceId,
    version: i64,
    choice: &Choice,
) -> Result<Option<String>, AppError> {
    let (resource, _permit) = open(tx, me, id)?;
    same_version(version, resource.version)?;
    if resource.fields.kind == ResourceKind::Group && choice.connector != ConnectorKind::Directory {
        return Err(Refusal::GroupsAreDelivered.into());
    }
    let before = webhooks::find(tx, id)?;
    let mut shown = None;
    let mut url = Value::Null;
    if choice.connector == ConnectorKind::Webhook {
        let address = webhook::read_url(&choice.url).map_err(Refusal::WebhookAddress)?.to_string();
        url = json!(address);
        let (secret, since) = match &before {
            Some((target, since)) => (target.secret.clone(), *since),
            None => {
                let made = secret()?;
                shown = Some(made.clone());
                (made, cx.now)
            }
        };
        webhooks::put(tx, id, &WebhookTarget { url: address, secret }, since)?;
    }
    resources::touch(tx, id, version)?;
    webhooks::set_connector(tx, id, choice.connector)?;
    if choice.connector != ConnectorKind::Manual {
        // Nobody has to do by hand what the new way does.
        fulfil::cancel_open(tx, cx, id)?;
    }
    orders::hurry(tx, id, cx.now)?;
    let old = json!({
        "connector": resource.fields.connector,
        "url": before.map(|(target, _)| target.url),
    });
    let record = Record::of("resource.delivery", ObjectKind::Resource, id.uuid(), &resource.fields.name)
        .change(old, json!({ "connector": choice.connector, "url": url }));
    cx.record(tx, record);
    Ok(shown)
}

/// Makes a new secret in place of the old one, which counts no more. It is shown once.
pub fn rotate(
    tx: &mut Tx<'_>,
    cx: &Cx,
    me: &Principal,
    id: ResourceId,
    version: i64,
) -> Result<String, AppError> {
    let (resource, _permit) = open(tx, me, id)?;
    same_version(version, resource.version)?;
    let (target, _) = webhooks::find(tx, id)?.ok_or(Refusal::NoWebhook)?;
    let made = secret()?;
    webhooks::put(tx, id, &WebhookTarget { url: target.url, secret: made.clone() }, cx.now)?;
    resources::touch(tx, id, version)?;
    cx.record(
        tx,
        Record::of("resource.rotateSecret", ObjectKind::Resource, id.uuid(), &resource.fields.name),
    );
    Ok(made)
}

/// Sends a signed test to the target, in the background. How it went is in the log.
pub fn test(tx: &mut Tx<'_>, cx: &Cx, me: &Principal, id: ResourceId) -> Result<(), AppError> {
    let (resource, _permit) = open(tx, me, id)?;
    webhooks::find(tx, id)?.ok_or(Refusal::NoWebhook)?;
    let attempt: AttemptId = cx.id();
    let entry = Attempt {
        id: attempt,
        resource_id: id,
        resource_role_id: None,
        delivery_id: None,
        order_id: cx.id(),
        sequence: 0,
        action: Action::Test,
        by_callback: false,
        outcome: Outcome::Sending,
        status_code: None,
        millis: None,
        message: None,
        at: cx.now,
    };
    orders::log(tx, &entry)?;
    let job: JobId = cx.id();
    let new = NewJob {
        id: job,
        kind: TEST.to_owned(),
        payload: json!({ "attempt": attempt }),
        dedupe_key: None,
        run_at: cx.now,
        now: cx.now,
    };
    jobs::enqueue(tx, new)?;
    cx.record(
        tx,
        Record::of("resource.testDelivery", ObjectKind::Resource, id.uuid(), &resource.fields.name),
    );
    Ok(())
}

/// The order of a test that was asked for.
pub fn test_order(conn: &mut Conn, cx: &Cx, id: AttemptId) -> Result<OutsideOrder, AppError> {
    let attempt = orders::attempt(conn, id)?.ok_or(AppError::NotFound)?;
    let resource = resources::find(conn, attempt.resource_id)?.ok_or(AppError::NotFound)?;
    let order: OrderId = attempt.order_id;
    Ok(OutsideOrder {
        id: order,
        sequence: attempt.sequence,
        action: Action::Test,
        connector: ConnectorKind::Webhook,
        resource: resource.id,
        resource_name: resource.fields.name,
        matter: None,
        target: webhooks::find(conn, attempt.resource_id)?.map(|(target, _)| target),
        callback: format!("{}{}", cx.instance.base_url, paths::delivery_answer(order)),
        at: cx.now,
    })
}

/// Writes down how a test went.
pub fn tested(tx: &mut Tx<'_>, cx: &Cx, id: AttemptId, report: &Report) -> Result<(), AppError> {
    Ok(orders::log_report(tx, id, report, cx.now)?)
}

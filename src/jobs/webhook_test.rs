//! Sends the test of a webhook that its owners asked for (SPEC DLV-6).

use serde_json::Value;

use super::{Job, JobError, Targets};
use crate::app::{App, catalog::delivery};
use crate::kernel::ids::AttemptId;

/// Sends one test.
pub struct WebhookTest(pub Targets);

impl Job for WebhookTest {
    fn kind(&self) -> &'static str {
        delivery::TEST
    }

    fn run(&self, app: &App, payload: &Value) -> Result<(), JobError> {
        let id = payload.get("attempt").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let Some(id) = id.map(AttemptId) else {
            return Err(JobError::Never("the job says not which test".to_owned()));
        };
        let cx = app.system_cx(format!("test-{id}"));
        let order = app.db.read_now(|conn| delivery::test_order(conn, &cx, id))?;
        let report = self.0.carry_out(&order);
        let cx = app.system_cx(format!("test-{id}"));
        app.db.write_now(|tx| delivery::tested(tx, &cx, id, &report))?;
        Ok(())
    }
}

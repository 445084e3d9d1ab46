//! Deliveries that leave the portal: claim with a lease, commit, call, write down what came of it (SPEC DLV-3, DLV-4).

use std::sync::{Arc, mpsc};

use crate::app::request::Claim;
use crate::app::{App, AppError, request};
use crate::domain::catalog::ConnectorKind;
use crate::domain::delivery::ConnectorError;
use crate::domain::order::{Claimed, OutsideOrder, Report, Target};
use crate::kernel::ids::DeliveryId;
use crate::store::orders;

/// How many calls are under way at once: a slow target must not hold the others up.
const AT_ONCE: usize = 8;
/// How many are looked at in one round.
const BATCH: i64 = 100;

/// The ways out of the portal.
#[derive(Clone, Default)]
pub struct Targets(Vec<Arc<dyn Target>>);

impl Targets {
    /// These.
    pub fn new(targets: Vec<Arc<dyn Target>>) -> Self {
        Self(targets)
    }

    fn of(&self, kind: ConnectorKind) -> Option<&Arc<dyn Target>> {
        self.0.iter().find(|target| target.kind() == kind)
    }

    /// Carries an order out.
    pub fn carry_out(&self, order: &OutsideOrder) -> Report {
        match self.of(order.connector) {
            Some(target) => target.carry_out(order),
            None => Report {
                reply: Err(ConnectorError::Refused(format!(
                    "This portal cannot deliver by {} yet.",
                    order.connector.as_str()
                ))),
                status: None,
                millis: 0,
            },
        }
    }
}

/// Carries out what is due, until nothing is. Returns how many orders or removals were handled.
pub fn deliver_due(app: &App, targets: &Targets, stopping: &dyn Fn() -> bool) -> Result<usize, AppError> {
    let mut handled = 0;
    while !stopping() {
        let round = round(app, targets, stopping)?;
        if round == 0 {
            break;
        }
        handled += round;
    }
    Ok(handled)
}

/// One round: what is due now, several calls at a time. What one target does not answer holds up only its own place.
fn round(app: &App, targets: &Targets, stopping: &dyn Fn() -> bool) -> Result<usize, AppError> {
    let now = app.now();
    // What this worker has no way for is left to one that has.
    let kinds: Vec<_> = targets.0.iter().map(|target| target.kind()).collect();
    let due = app.db.read_now::<_, AppError>(|conn| Ok(orders::due(conn, now, &kinds, BATCH)?))?;
    let mut waiting = due.into_iter();
    let mut handled = 0;
    std::thread::scope(|scope| {
        let (done, answers) = mpsc::channel::<(Box<Claimed>, Report)>();
        let mut under_way = 0;
        loop {
            while under_way < AT_ONCE && !stopping() {
                let Some(id) = waiting.next() else { break };
                match claim(app, id) {
                    Claim::Nothing => {}
                    Claim::Settled => handled += 1,
                    Claim::Call(claimed) => {
                        under_way += 1;
                        let done = done.clone();
                        scope.spawn(move || {
                            // A connector that panics must not keep the others waiting for its answer.
                            let order = &claimed.order;
                            let call = std::panic::AssertUnwindSafe(|| targets.carry_out(order));
                            let report = std::panic::catch_unwind(call).unwrap_or_else(|_| Report {
                                reply: Err(ConnectorError::Later(
                                    "The portal failed while it called.".to_owned(),
                                )),
                                status: None,
                                millis: 0,
                            });
                            let _ = done.send((claimed, report));
                        });
                    }
                }
            }
            if under_way == 0 {
                break;
            }
            if let Ok((claimed, report)) = answers.recv() {
                under_way -= 1;
                handled += 1;
                conclude(app, &claimed, &report);
            }
        }
    });
    Ok(handled)
}

fn claim(app: &App, id: DeliveryId) -> Claim {
    let lease = app.ids.uuid();
    let cx = app.system_cx(format!("delivery-{id}"));
    app.db.write_now(|tx| request::claim(tx, &cx, id, lease)).unwrap_or_else(|error| {
        tracing::error!(delivery = %id, %error, "a delivery could not be claimed; it stays for the next round");
        Claim::Nothing
    })
}

fn conclude(app: &App, claimed: &Claimed, report: &Report) {
    let id = claimed.delivery;
    let cx = app.system_cx(format!("delivery-{id}"));
    let (order, outcome) = (claimed.order.id, report.outcome().as_str());
    match app.db.write_now(|tx| request::conclude(tx, &cx, claimed, report)) {
        Ok(true) => tracing::info!(delivery = %id, %order, outcome, status = report.status, "ordered"),
        Ok(false) => tracing::warn!(delivery = %id, %order, outcome, "the answer came too late to count"),
        // The claim runs out, and the order is repeated under its own key (SPEC DLV-4).
        Err(error) => tracing::error!(delivery = %id, %order, %error, "an answer could not be written down"),
    }
}

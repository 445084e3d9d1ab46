//! A target that keeps to the rules of docs/webhooks.md, and can be told to misbehave.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use latchkey::domain::catalog::ConnectorKind;
use latchkey::domain::delivery::ConnectorError;
use latchkey::domain::order::{Action, OutsideOrder, Reply, Report, Target};
use latchkey::kernel::ids::{OrderId, ResourceRoleId, UserId};

/// How it behaves next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// As it should.
    Well,
    /// It does it, and the answer is lost.
    Lost,
    /// It does not do it, and says that it is busy.
    Busy,
    /// It says that it will not.
    Refuses,
    /// It says that it will tell later.
    Later,
}

type Seat = (ResourceRoleId, UserId);

/// What it knows.
#[derive(Debug, Default)]
pub struct State {
    /// Who holds what.
    pub holds: BTreeSet<Seat>,
    /// The greatest sequence number that was carried out.
    pub newest: BTreeMap<Seat, i64>,
    /// Every order in the order in which it came: key, number, action.
    pub seen: Vec<(OrderId, i64, Action)>,
    /// How often something was really done.
    pub changes: u32,
    /// How it behaves next; well when this is used up.
    pub plan: VecDeque<Next>,
    busy: BTreeSet<Seat>,
}

/// The target.
#[derive(Default)]
pub struct Fake {
    pub state: Mutex<State>,
    /// Called while an order is under way.
    pub meanwhile: Mutex<Option<Arc<dyn Fn() + Send + Sync>>>,
}

impl Fake {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn plan(&self, next: &[Next]) {
        self.state.lock().expect("whole").plan.extend(next);
    }

    pub fn seen(&self) -> Vec<(OrderId, i64, Action)> {
        self.state.lock().expect("whole").seen.clone()
    }

    pub fn holds(&self) -> usize {
        self.state.lock().expect("whole").holds.len()
    }

    /// Carries an order out, unless it is older than what is known already.
    pub fn obey(&self, order: &OutsideOrder) {
        let matter = order.matter.as_ref().expect("a matter");
        let seat = (matter.role, matter.subject.id);
        let mut state = self.state.lock().expect("whole");
        let newest = state.newest.get(&seat).copied().unwrap_or(0);
        if order.sequence < newest {
            return;
        }
        state.newest.insert(seat, order.sequence);
        let changed = match order.action {
            Action::Grant => state.holds.insert(seat),
            Action::Revoke => state.holds.remove(&seat),
            Action::Test => false,
        };
        state.changes += u32::from(changed);
    }
}

impl Target for Fake {
    fn kind(&self) -> ConnectorKind {
        ConnectorKind::Webhook
    }

    fn carry_out(&self, order: &OutsideOrder) -> Report {
        let matter = order.matter.as_ref().expect("a matter");
        let seat = (matter.role, matter.subject.id);
        let next = {
            let mut state = self.state.lock().expect("whole");
            assert!(state.busy.insert(seat), "two orders for the same role and person at the same time");
            state.seen.push((order.id, order.sequence, order.action));
            state.plan.pop_front().unwrap_or(Next::Well)
        };
        let meanwhile = self.meanwhile.lock().expect("whole").take();
        if let Some(act) = meanwhile {
            act();
        }
        let later = |text: &str| Err(ConnectorError::Later(text.to_owned()));
        let reply = match next {
            Next::Well => {
                self.obey(order);
                Ok(Reply::Done)
            }
            Next::Lost => {
                self.obey(order);
                later("the answer was lost")
            }
            Next::Busy => later("busy"),
            Next::Refuses => Err(ConnectorError::Refused("no such person".to_owned())),
            Next::Later => Ok(Reply::Pending),
        };
        self.state.lock().expect("whole").busy.remove(&seat);
        Report { reply, status: Some(200), millis: 3 }
    }
}

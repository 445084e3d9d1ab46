//! What can happen in a story.

use proptest::prelude::*;

/// Somebody in the story; the requestor is Alice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Asks.
    Alice,
    /// Her manager: first stage.
    Bob,
    /// Asked too when Bob is silent for two days.
    Zoe,
    /// One of two in the second stage, both of whom have to approve.
    Mia,
    /// The other.
    Yan,
    /// A stranger.
    Dan,
}

impl Who {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
            Self::Zoe => "zoe",
            Self::Mia => "mia",
            Self::Yan => "yan",
            Self::Dan => "dan",
        }
    }
}

/// One act.
#[derive(Debug, Clone)]
pub enum Act {
    Submit,
    Vote(Who, bool),
    /// Whoever is asked approves, one after the other, until nobody is left to ask.
    ApproveAll,
    Cancel,
    Extend,
    GiveUp,
    Revoke(Who),
    /// So many hours pass, and the sweeps run.
    Pass(u16),
    /// So many hours pass while nobody sweeps: the truth must not wait for it.
    Oversleep(u16, Who),
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        1 => Just(Who::Alice),
        4 => Just(Who::Bob),
        3 => Just(Who::Zoe),
        3 => Just(Who::Mia),
        3 => Just(Who::Yan),
        1 => Just(Who::Dan),
    ]
}

/// Stories of up to forty acts.
pub fn any() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Submit),
        8 => (who(), prop::bool::weighted(0.85)).prop_map(|(who, yes)| Act::Vote(who, yes)),
        6 => Just(Act::ApproveAll),
        1 => Just(Act::Cancel),
        6 => Just(Act::Extend),
        1 => Just(Act::GiveUp),
        1 => who().prop_map(Act::Revoke),
        5 => (1u16..90).prop_map(Act::Pass),
        1 => (200u16..600).prop_map(Act::Pass),
        2 => (1u16..500, who()).prop_map(|(hours, who)| Act::Oversleep(hours, who)),
    ];
    prop::collection::vec(act, 10..60)
}

/// Stories in which each kind of thing happens.
pub fn known() -> Vec<Vec<Act>> {
    use Act::{ApproveAll, Cancel, Extend, GiveUp, Pass, Revoke, Submit, Vote};
    vec![
        vec![Submit, ApproveAll, Pass(240), Extend, ApproveAll, Revoke(Who::Dan), Revoke(Who::Bob)],
        vec![Submit, Vote(Who::Alice, true), Vote(Who::Bob, false)],
        vec![Submit, Vote(Who::Zoe, true), Pass(50), Vote(Who::Zoe, true), Cancel],
        vec![Submit, Pass(50), Pass(90), Submit, Submit],
        vec![Submit, ApproveAll, Pass(400), Extend, Pass(90), Submit, ApproveAll, GiveUp],
    ]
}

/// What happened in all stories together, so that a test in which nothing happens fails.
#[derive(Debug, Default)]
pub struct Progress {
    pub submitted: u32,
    pub granted: u32,
    pub extended: u32,
    pub denied: u32,
    pub expired: u32,
    pub escalated: u32,
    pub canceled: u32,
    pub revoked: u32,
    pub ended: u32,
    pub refused: u32,
}

impl Progress {
    pub fn every_kind(&self) -> bool {
        [
            self.submitted,
            self.granted,
            self.extended,
            self.denied,
            self.expired,
            self.escalated,
            self.canceled,
            self.revoked,
            self.ended,
            self.refused,
        ]
        .iter()
        .all(|n| *n > 0)
    }
}

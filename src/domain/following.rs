//! Following a membership rule: who gains, who loses, and when to stop and ask (SPEC DIR-4, AUT-3, AUT-4).

use serde::{Deserialize, Serialize};

use crate::kernel::ids::{GroupId, PolicyId};

text_enum! {
    /// What follows a rule.
    pub enum FollowerKind {
        /// A dynamic group: its members (SPEC DIR-4).
        Group = "group",
        /// A policy of automatic assignment: its holders (SPEC AUT-3).
        Policy = "policy",
    }
}

text_enum! {
    /// How a follower stands.
    pub enum Following {
        /// Changes are carried out.
        Following = "following",
        /// Too much would change at once: somebody is asked (SPEC AUT-4).
        Stopped = "stopped",
        /// Somebody decided to leave everything as it is.
        Paused = "paused",
    }
}

/// What follows a rule, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A dynamic group.
    Group(GroupId),
    /// A policy of automatic assignment.
    Policy(PolicyId),
}

/// The longest time for which somebody keeps what they do not match any more, in days.
pub const LONGEST_GRACE: u16 = 365;

/// Changes of so few people never stop: in a small group one person is a tenth.
pub const FEW: i64 = 10;

/// When a rule stops and asks (SPEC AUT-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// More than this share: of the holders for losses, of everybody for gains.
    pub percent: u8,
    /// More than so many people.
    pub people: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { percent: 10, people: 500 }
    }
}

impl Limits {
    /// Are these limits possible? Why not, in words.
    pub fn check(&self) -> Result<(), String> {
        if (1..=100).contains(&self.percent) && (1..=1_000_000).contains(&self.people) {
            Ok(())
        } else {
            Err("The safety limit is 1 to 100 percent, and 1 to 1,000,000 people.".to_owned())
        }
    }

    /// Would too much change at once?
    pub fn exceeded(&self, change: &Change) -> bool {
        let Change { gains, losses, holders, everybody } = *change;
        let share = i64::from(self.percent);
        gains + losses > FEW
            && (gains + losses > i64::from(self.people)
                || losses * 100 > share * holders
                || gains * 100 > share * everybody)
    }
}

/// What would change at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Change {
    /// How many people gain.
    pub gains: i64,
    /// How many lose.
    pub losses: i64,
    /// How many have it by the rule now.
    pub holders: i64,
    /// How many people there are.
    pub everybody: i64,
}

/// What somebody has of that which the rule gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// Nothing.
    Nothing,
    /// What the rule gave.
    ByRule,
    /// The same, in another way: left alone (SPEC AUT-3).
    Otherwise,
    /// Nothing, because a person took away what the rule had given: left alone too.
    TakenByHand,
}

/// What a rule does to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// They get it.
    Gain,
    /// They lose it.
    Lose,
}

/// What is to happen with somebody (SPEC AUT-3). `enabled` counts for automatic assignment only: whoever cannot sign
/// in gets nothing new, but keeps what they have; a group simply has whom its rule names.
pub fn wanted(kind: FollowerKind, matches: bool, enabled: bool, has: Has) -> Option<Move> {
    match (matches, has) {
        (true, Has::Nothing) if enabled || kind == FollowerKind::Group => Some(Move::Gain),
        (false, Has::ByRule) => Some(Move::Lose),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exceeded(gains: i64, losses: i64, holders: i64, everybody: i64) -> bool {
        Limits::default().exceeded(&Change { gains, losses, holders, everybody })
    }

    #[test]
    fn aut_4_more_than_a_tenth_or_five_hundred_people_stop() {
        assert!(!exceeded(0, 0, 0, 0));
        assert!(!exceeded(0, 90, 900, 5_000) && exceeded(0, 91, 900, 5_000));
        assert!(!exceeded(500, 0, 0, 10_000) && exceeded(501, 0, 0, 10_000));
        assert!(!exceeded(100, 0, 0, 1_000) && exceeded(101, 0, 0, 1_000));
        assert!(exceeded(300, 201, 50_000, 100_000));
        // So few people never stop.
        assert!(!exceeded(10, 0, 0, 10) && exceeded(11, 0, 0, 10) && !exceeded(0, 1, 5, 60));
        assert!(Limits { percent: 0, people: 5 }.check().is_err());
        assert!(Limits { percent: 10, people: 0 }.check().is_err());
    }

    #[test]
    fn aut_3_who_gains_who_loses_and_who_is_left_alone() {
        use FollowerKind::{Group, Policy};
        for kind in [Group, Policy] {
            assert_eq!(wanted(kind, true, true, Has::Nothing), Some(Move::Gain));
            assert_eq!(wanted(kind, false, true, Has::ByRule), Some(Move::Lose));
            assert_eq!(wanted(kind, false, false, Has::ByRule), Some(Move::Lose));
            for left_alone in [Has::Otherwise, Has::TakenByHand] {
                assert_eq!(wanted(kind, true, true, left_alone), None);
                assert_eq!(wanted(kind, false, true, left_alone), None);
            }
            assert_eq!(wanted(kind, true, true, Has::ByRule), None);
        }
        // Disabled people do not gain access; a group has whom its rule names.
        assert_eq!(wanted(Policy, true, false, Has::Nothing), None);
        assert_eq!(wanted(Group, true, false, Has::Nothing), Some(Move::Gain));
    }
}

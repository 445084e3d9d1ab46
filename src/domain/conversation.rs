//! Talking about a request, and asking for changes to it (SPEC REQ-9).

use std::collections::BTreeSet;

use chrono::Duration;

use super::Refusal;
use super::request::RequestState;
use crate::kernel::Moment;
use crate::kernel::ids::UserId;

/// The longest comment, in characters.
pub const COMMENT_MAX: usize = 2000;

/// For so many days after a request is over it can still be discussed.
pub const DAYS_AFTER: i64 = 30;

text_enum! {
    /// As what somebody speaks.
    pub enum SpeaksAs {
        /// Who asked, or for whom it is.
        Requestor = "requestor",
        /// Who can decide, or has decided.
        Approver = "approver",
        /// Who manages the assignment.
        Manager = "manager",
    }
}

impl SpeaksAs {
    /// As people read it beside a name.
    pub fn words(self) -> &'static str {
        match self {
            Self::Requestor => "asked for it",
            Self::Approver => "approver",
            Self::Manager => "manages the package",
        }
    }
}

text_enum! {
    /// What became of changes that were asked for.
    pub enum ChangesOutcome {
        /// The requestor sent the request back.
        SentBack = "sentBack",
        /// The stage ended without.
        Overtaken = "overtaken",
    }
}

/// Whom a request involves, as the rules of its conversation see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Involved {
    /// Who asked, and for whom it is.
    pub own: BTreeSet<UserId>,
    /// Who can decide now.
    pub deciders: BTreeSet<UserId>,
    /// Who has decided, also on an earlier text.
    pub voted: BTreeSet<UserId>,
    /// Who has said something.
    pub spoke: BTreeSet<UserId>,
}

/// What somebody may do in the conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// May they read it?
    pub reads: bool,
    /// May they speak, and as what?
    pub speaks: Option<SpeaksAs>,
}

impl Involved {
    /// The standing of a person who may or may not manage assignments in the catalog, or see them.
    pub fn standing(&self, who: UserId, manages: bool, sees: bool) -> Standing {
        let speaks = if self.own.contains(&who) {
            Some(SpeaksAs::Requestor)
        } else if self.deciders.contains(&who) || self.voted.contains(&who) {
            Some(SpeaksAs::Approver)
        } else {
            manages.then_some(SpeaksAs::Manager)
        };
        Standing { reads: sees || speaks.is_some(), speaks }
    }

    /// Who hears of a comment: everybody who is in it, never its author.
    pub fn listeners(&self, author: UserId) -> BTreeSet<UserId> {
        let mut all: BTreeSet<UserId> =
            [&self.own, &self.deciders, &self.voted, &self.spoke].into_iter().flatten().copied().collect();
        all.remove(&author);
        all
    }
}

/// Can the request still be discussed? While it is open, and for thirty days after.
pub fn check_open(state: RequestState, completed: Option<Moment>, now: Moment) -> Result<(), Refusal> {
    match completed {
        Some(at) if !state.is_open() && now >= at + Duration::days(DAYS_AFTER) => {
            Err(Refusal::ConversationOver)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::EntityId as _;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn req_9_who_speaks_who_reads_and_who_hears() {
        let (alice, bob, mia, carol, aud, dan) = (user(1), user(2), user(3), user(4), user(5), user(6));
        let involved = Involved {
            own: [alice].into(),
            deciders: [mia].into(),
            voted: [bob].into(),
            spoke: [carol, alice].into(),
        };
        let as_what = |who, manages, sees| involved.standing(who, manages, sees);
        assert_eq!(as_what(alice, true, true).speaks, Some(SpeaksAs::Requestor));
        assert_eq!(as_what(bob, false, false), Standing { reads: true, speaks: Some(SpeaksAs::Approver) });
        assert_eq!(as_what(mia, true, true).speaks, Some(SpeaksAs::Approver));
        assert_eq!(as_what(carol, true, true).speaks, Some(SpeaksAs::Manager));
        assert_eq!(as_what(aud, false, true), Standing { reads: true, speaks: None });
        assert_eq!(as_what(dan, false, false), Standing::default());
        assert_eq!(involved.listeners(alice), [bob, mia, carol].into());
        assert_eq!(involved.listeners(carol), [alice, bob, mia].into());
    }

    #[test]
    fn req_9_a_request_is_discussed_while_open_and_thirty_days_after() {
        let now: Moment = "2026-03-31T09:00:00Z".parse().unwrap();
        let ago = |days| Some(now - Duration::days(days));
        assert_eq!(check_open(RequestState::PendingApproval, None, now), Ok(()));
        assert_eq!(check_open(RequestState::Denied, ago(29), now), Ok(()));
        assert_eq!(check_open(RequestState::Denied, ago(30), now), Err(Refusal::ConversationOver));
        assert_eq!(check_open(RequestState::DeliveryFailed, None, now), Ok(()), "not over yet");
    }
}

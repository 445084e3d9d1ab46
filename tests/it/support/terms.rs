//! What the policies of the examples say.

use latchkey::domain::policy::{
    Approver, Expiry, Extension, Question, QuestionKind, Quorum, Scope, Stage, Terms,
};
use latchkey::kernel::ids::UserId;

/// A stage with these approvers, any one of whom decides, within 14 days.
pub fn stage(approvers: Vec<Approver>) -> Stage {
    Stage {
        approvers,
        quorum: Quorum::AnyOne,
        fallback: Vec::new(),
        alternates: None,
        limit_days: 14,
        reason_required: false,
    }
}

/// The manager decides.
pub fn manager() -> Stage {
    stage(vec![Approver::Manager { level: 1 }])
}

/// This person decides.
pub fn by(id: UserId) -> Stage {
    stage(vec![Approver::User { id }])
}

/// All members, with these stages; 30 days, extension allowed.
pub fn members(stages: Vec<Stage>) -> Terms {
    Terms {
        scope: Scope::AllMembers,
        stages,
        expiry: Expiry::AfterDays { days: 30 },
        extension: Extension { allowed: true, needs_approval: false },
        ..Terms::direct_only()
    }
}

/// These people and nobody else, with these stages; 30 days.
pub fn only(users: &[UserId], stages: Vec<Stage>) -> Terms {
    Terms {
        scope: Scope::Specific { users: users.iter().copied().collect(), groups: Default::default() },
        ..members(stages)
    }
}

/// A question with a line of text as its answer.
pub fn question(key: &str, text: &str, required: bool) -> Question {
    Question { required, ..Question::new(key, text, QuestionKind::ShortText) }
}

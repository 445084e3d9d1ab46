//! "Why can't I request this?" (SPEC REQ-1, POL-3): every check in words, for the person and about somebody else, and
//! why each policy counts or not.

use super::Refusal;
use super::directory::Person;
use super::policy::{Scope, ScopeKind};
use super::request::Check;

/// What a policy means for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It admits them, and no stricter one does: it counts.
    Counts,
    /// It admits them, but a stricter one comes first (SPEC POL-3).
    StricterFirst,
    /// It does not admit them.
    NotFor,
    /// It is switched off (SPEC POL-2).
    Off,
}

/// What each policy (scope, switched on) means for this person, in order.
pub fn admissions(policies: &[(&Scope, bool)], person: &Person) -> Vec<Admission> {
    let tier = |scope: &Scope| scope.kind().tier();
    let best = policies
        .iter()
        .filter(|(scope, enabled)| *enabled && scope.admits(person))
        .filter_map(|(scope, _)| tier(scope))
        .min();
    policies
        .iter()
        .map(|(scope, enabled)| {
            if !enabled {
                Admission::Off
            } else if !scope.admits(person) {
                Admission::NotFor
            } else if tier(scope) == best {
                Admission::Counts
            } else {
                Admission::StricterFirst
            }
        })
        .collect()
}

/// Why a policy that does not admit the person does not, said to them: by its kind only, never by name.
pub fn not_for_you(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Specific => "One way is for particular people and groups, and you are not among them.",
        ScopeKind::AllMembers => "One way is for members of the organization only.",
        ScopeKind::AllUsers => "One way is for everybody with an account here.",
        ScopeKind::Organizations | ScopeKind::AllOrganizations | ScopeKind::Anyone => {
            "One way is for people from outside the organization."
        }
        ScopeKind::Nobody => "One way is only for those whom the managers of the package give it to.",
        ScopeKind::Automatic => "One way is by a rule, without asking.",
    }
}

/// The same about somebody else, for those who keep the package.
pub fn not_for_them(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Specific => "Neither named, nor in one of its groups.",
        ScopeKind::AllMembers => "For members only; this person comes from outside.",
        ScopeKind::AllUsers => "For everybody with an account.",
        ScopeKind::Organizations => "For people of particular organizations; this person is not one of them.",
        ScopeKind::AllOrganizations => {
            "For people of configured organizations; this person is not one of them."
        }
        ScopeKind::Anyone => "For people from outside; this person is a member.",
        ScopeKind::Nobody => "Direct assignment only: nobody requests through it.",
        ScopeKind::Automatic => "By rule: nobody requests through it.",
    }
}

/// What a check is called when it is about somebody else.
pub fn label_about(check: &Check) -> &'static str {
    match check.label {
        "Your account is enabled" => "The account is enabled",
        "A policy lets you request it" => "A policy lets them request it",
        "You do not have it yet" => "They do not have it yet",
        "You have not asked for it already" => "They have not asked for it already",
        "It does not conflict with what you have" => "It does not conflict with what they have",
        other => other,
    }
}

/// A failed check about somebody else.
pub fn failed_about(refusal: &Refusal) -> String {
    match refusal {
        Refusal::UserDisabled => "The account is disabled. An administrator can enable it.".to_owned(),
        Refusal::NotAdmitted => "No enabled policy admits this person; see below.".to_owned(),
        Refusal::AlreadyHeld => "This person already has the package.".to_owned(),
        Refusal::AlreadyRequested => "A request of this person for the package is still open.".to_owned(),
        Refusal::Conflict(with) => format!("This person has {with}, which cannot go together with it."),
        other => other.to_string(),
    }
}

/// What the person can do next about a failed check.
pub fn next_step(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::UserDisabled => "Ask an administrator to enable the account.",
        Refusal::CatalogUnpublished | Refusal::CatalogClosedToGuests => {
            "Wait until it opens, or ask the people who keep the catalog."
        }
        Refusal::NotAdmitted => {
            "If you need it for your work, ask your manager or the people who keep the package."
        }
        Refusal::AlreadyHeld => "Look at it under My access.",
        Refusal::AlreadyRequested => "Look at it under My requests.",
        Refusal::Conflict(_) => "Give the other access up first, if you no longer need it.",
        _ => "Ask the people who keep the package.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request::{GateFacts, checks};
    use crate::kernel::ids::{EntityId as _, UserId};
    use uuid::Uuid;

    #[test]
    fn pol_3_only_the_strictest_tier_counts_and_the_others_say_why_not() {
        let alice = UserId::from_uuid(Uuid::from_u128(1));
        let person = Person {
            id: Some(alice),
            guest: false,
            enabled: true,
            groups: Default::default(),
            organization: None,
            organization_configured: false,
        };
        let named = Scope::Specific { users: [alice].into(), groups: Default::default() };
        let others = Scope::Specific { users: Default::default(), groups: Default::default() };
        let all = [
            (&Scope::AllMembers, true),
            (&named, true),
            (&others, true),
            (&Scope::AllUsers, false),
            (&Scope::Anyone, true),
        ];
        use Admission::*;
        assert_eq!(admissions(&all, &person), [StricterFirst, Counts, NotFor, Off, NotFor]);
        let without = [(&Scope::AllMembers, true), (&named, false), (&Scope::AllUsers, true)];
        assert_eq!(admissions(&without, &person), [Counts, Off, StricterFirst]);
    }

    #[test]
    fn req_1_every_check_has_words_about_somebody_else_and_a_next_step() {
        let facts = GateFacts { guest: true, conflicts: vec!["Board papers".into()], ..GateFacts::default() };
        for check in checks(&facts) {
            let label = label_about(&check);
            assert!(!label.to_lowercase().contains("you"), "{label}");
            if let Some(refusal) = &check.failed {
                assert!(!next_step(refusal).is_empty());
                assert!(!failed_about(refusal).to_lowercase().contains("you "), "{refusal:?}");
            }
        }
    }
}

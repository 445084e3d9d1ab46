//! Assignment policies (SPEC section 7): who may get a package, how it is approved, how long it lasts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Refusal;
use super::directory::Person;
use crate::kernel::ids::{GroupId, OrganizationId, PolicyId, UserId};

pub use super::question::{Choice, Question, QuestionKind};

/// Who can get the package through a policy (SPEC POL-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Scope {
    /// These users and the members of these groups.
    Specific {
        /// The users.
        users: BTreeSet<UserId>,
        /// The groups.
        groups: BTreeSet<GroupId>,
    },
    /// All members of the organization.
    AllMembers,
    /// All members and guests.
    AllUsers,
    /// People of these connected organizations.
    Organizations {
        /// The organizations.
        organizations: BTreeSet<OrganizationId>,
    },
    /// People of all configured organizations.
    AllOrganizations,
    /// Anyone from outside.
    Anyone,
    /// Nobody by themselves: direct assignment only.
    Nobody,
    /// Whoever matches a rule, without asking.
    Automatic {
        /// The membership rule.
        rule: String,
        /// Days until somebody who stops matching loses it.
        grace_days: u16,
        /// When to stop and ask (SPEC AUT-4).
        #[serde(default)]
        limits: super::following::Limits,
    },
}

text_enum! {
    /// The word of a [`Scope`], as kept beside a policy for queries.
    pub enum ScopeKind {
        /// Specific users and groups.
        Specific = "specific",
        /// All members.
        AllMembers = "allMembers",
        /// All users with guests.
        AllUsers = "allUsers",
        /// Specific organizations.
        Organizations = "organizations",
        /// All configured organizations.
        AllOrganizations = "allOrganizations",
        /// Anyone from outside.
        Anyone = "anyone",
        /// Direct assignment only.
        Nobody = "nobody",
        /// By rule.
        Automatic = "automatic",
    }
}

impl Scope {
    /// The word of the scope.
    pub fn kind(&self) -> ScopeKind {
        match self {
            Self::Specific { .. } => ScopeKind::Specific,
            Self::AllMembers => ScopeKind::AllMembers,
            Self::AllUsers => ScopeKind::AllUsers,
            Self::Organizations { .. } => ScopeKind::Organizations,
            Self::AllOrganizations => ScopeKind::AllOrganizations,
            Self::Anyone => ScopeKind::Anyone,
            Self::Nobody => ScopeKind::Nobody,
            Self::Automatic { .. } => ScopeKind::Automatic,
        }
    }

    /// Does the scope let this person request by themselves?
    pub fn admits(&self, person: &Person) -> bool {
        match self {
            Self::Specific { users, groups } => {
                person.id.is_some_and(|id| users.contains(&id))
                    || groups.iter().any(|g| person.groups.contains(g))
            }
            Self::AllMembers => !person.guest,
            Self::AllUsers => true,
            Self::Organizations { organizations } => {
                person.guest && person.organization.is_some_and(|o| organizations.contains(&o))
            }
            Self::AllOrganizations => person.guest && person.organization_configured,
            Self::Anyone => person.guest,
            Self::Nobody | Self::Automatic { .. } => false,
        }
    }
}

impl ScopeKind {
    /// The strictness of a requestable scope, 1 the strictest (SPEC POL-3); `None` if nobody requests through
    /// it.
    pub fn tier(self) -> Option<u8> {
        match self {
            Self::Specific | Self::Organizations => Some(1),
            Self::AllMembers => Some(2),
            Self::AllUsers => Some(3),
            Self::AllOrganizations | Self::Anyone => Some(4),
            Self::Nobody | Self::Automatic => None,
        }
    }
}

/// Which of the policies that admit a person count: those of the strictest tier (SPEC POL-3).
pub fn strictest<T>(admitting: Vec<T>, scope: impl Fn(&T) -> ScopeKind) -> Vec<T> {
    let best = admitting.iter().filter_map(|p| scope(p).tier()).min();
    admitting.into_iter().filter(|p| scope(p).tier().is_some() && scope(p).tier() == best).collect()
}

/// Picks the policy of a request: the only one that counts, or the one that was chosen (SPEC POL-3).
pub fn choose(offered: &[PolicyId], chosen: Option<PolicyId>) -> Result<PolicyId, Refusal> {
    match (offered, chosen) {
        ([], _) => Err(Refusal::NotAdmitted),
        ([only], None) => Ok(*only),
        (_, None) => Err(Refusal::ChoosePolicy),
        (_, Some(id)) if offered.contains(&id) => Ok(id),
        (_, Some(_)) => Err(Refusal::PolicyNotOffered),
    }
}

/// A kind of approver that a stage can name (SPEC APR-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Approver {
    /// The person's manager (level 1) or the manager's manager (level 2).
    Manager {
        /// 1 or 2.
        level: u8,
    },
    /// One user.
    User {
        /// Who.
        id: UserId,
    },
    /// The members of a group, as they are at decision time.
    Group {
        /// Which.
        id: GroupId,
    },
    /// The sponsors of the person.
    Sponsors,
    /// The internal sponsors of the person's organization.
    InternalSponsors,
    /// The external sponsors of the person's organization.
    ExternalSponsors,
    /// The owners of the package's resources.
    ResourceOwners,
    /// The owners of the package's catalog.
    CatalogOwners,
}

/// How many approvals a stage needs (SPEC APR-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Quorum {
    /// Any one of the approvers.
    #[default]
    AnyOne,
    /// Every approver.
    All,
    /// So many of them.
    AtLeast {
        /// How many.
        n: u8,
    },
}

/// Who is asked too when nobody decides (SPEC APR-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternates {
    /// After so many days without a decision.
    pub after_days: u8,
    /// Who.
    pub approvers: Vec<Approver>,
}

/// One stage of an approval (SPEC APR-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Who is asked.
    pub approvers: Vec<Approver>,
    /// How many have to approve.
    #[serde(default)]
    pub quorum: Quorum,
    /// Who acts when those cannot be resolved (SPEC APR-3); users and groups.
    #[serde(default)]
    pub fallback: Vec<Approver>,
    /// Who is asked too after a while (SPEC APR-4).
    #[serde(default)]
    pub alternates: Option<Alternates>,
    /// Days to decide, 1–14 (SPEC APR-5).
    pub limit_days: u8,
    /// Must approvers give a reason? (SPEC APR-7)
    #[serde(default)]
    pub reason_required: bool,
}

/// When access ends (SPEC LIF-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Expiry {
    /// At the end of this day in the instance's time zone.
    OnDate {
        /// The day.
        date: chrono::NaiveDate,
    },
    /// So many days after the access starts, 1–3,660.
    AfterDays {
        /// Days.
        days: u16,
    },
    /// So many hours after the access starts.
    AfterHours {
        /// Hours.
        hours: u32,
    },
    /// It does not end by itself.
    Never,
}

/// May access be extended? (SPEC LIF-2)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Extension {
    /// Allowed at all?
    pub allowed: bool,
    /// Through the same stages?
    pub needs_approval: bool,
}

text_enum! {
    /// What the link in an approval mail permits (SPEC POL-7, APR-12).
    pub enum LinkMode {
        /// The link leads through sign-in and back.
        SignIn = "signIn",
        /// A one-time code, mailed on demand, decides without a session.
        Code = "code",
        /// No link.
        NoticeOnly = "noticeOnly",
    }
}

/// What a policy says: the part that is versioned (SPEC POL-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Who can get it.
    pub scope: Scope,
    /// The stages of approval; none means approved at once (SPEC APR-1).
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// Must the requestor say why? (SPEC POL-6)
    #[serde(default)]
    pub justification_required: bool,
    /// May the requestor choose start and end? (SPEC POL-6)
    #[serde(default)]
    pub custom_timeline: bool,
    /// May managers request for their reports? (SPEC POL-6)
    #[serde(default)]
    pub on_behalf: bool,
    /// Are notices 18–20 sent? (SPEC POL-6)
    #[serde(default = "yes")]
    pub notify: bool,
    /// Does the requestor see the approvers' names?
    #[serde(default = "yes")]
    pub show_approvers: bool,
    /// The emailed links' mode; `None` follows the instance (SPEC POL-7).
    #[serde(default)]
    pub link_mode: Option<LinkMode>,
    /// Questions to the requestor.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// When access ends.
    pub expiry: Expiry,
    /// May it be extended?
    #[serde(default)]
    pub extension: Extension,
}

const fn yes() -> bool {
    true
}

impl Terms {
    /// The simplest policy: direct assignment only, never expiring.
    pub fn direct_only() -> Self {
        Self {
            scope: Scope::Nobody,
            stages: Vec::new(),
            justification_required: false,
            custom_timeline: false,
            on_behalf: false,
            notify: true,
            show_approvers: true,
            link_mode: None,
            questions: Vec::new(),
            expiry: Expiry::Never,
            extension: Extension::default(),
        }
    }

    /// Does the policy contradict itself or break a limit? The first problem, in words.
    pub fn check(&self) -> Result<(), Refusal> {
        let bad = |text: &str| Err(Refusal::BadPolicy(text.to_owned()));
        if self.stages.len() > 3 {
            return bad("An approval has at most three stages.");
        }
        if self.scope == Scope::Anyone && self.stages.is_empty() {
            // SPEC POL-5
            return bad("A policy for anyone always needs approval.");
        }
        if let Scope::Specific { users, groups } = &self.scope
            && users.is_empty()
            && groups.is_empty()
        {
            return bad("Name at least one user or group who can request this.");
        }
        if let Scope::Automatic { rule, grace_days, limits } = &self.scope {
            if let Err(problem) = super::rule::Rule::parse(rule) {
                return bad(&format!("The rule cannot be read. {problem}"));
            }
            if *grace_days > super::following::LONGEST_GRACE {
                return bad("People can keep it for at most 365 days after they stop matching.");
            }
            limits.check().map_err(Refusal::BadPolicy)?;
            if !self.stages.is_empty() || !self.questions.is_empty() || self.extension.allowed {
                return bad(
                    "Automatic assignment asks nobody: it has no approval, no questions and no extension.",
                );
            }
            if self.expiry != Expiry::Never {
                return bad("Automatic assignment lasts as long as the person matches the rule.");
            }
        }
        for (index, stage) in self.stages.iter().enumerate() {
            let number = index + 1;
            if stage.approvers.is_empty() {
                return bad(&format!("Stage {number} needs at least one approver."));
            }
            if !(1..=14).contains(&stage.limit_days) {
                return bad(&format!("Stage {number} must be decided within 1 to 14 days."));
            }
            if stage
                .approvers
                .iter()
                .chain(&stage.fallback)
                .chain(stage.alternates.iter().flat_map(|a| &a.approvers))
                .any(|a| matches!(a, Approver::Manager { level } if !(1..=2).contains(level)))
            {
                return bad(&format!("Stage {number} can ask the manager or the manager's manager."));
            }
            if let Quorum::AtLeast { n: 0 } = stage.quorum {
                return bad(&format!("Stage {number} needs at least one approval."));
            }
            if let Some(alternates) = &stage.alternates {
                if alternates.after_days == 0 || alternates.after_days >= stage.limit_days {
                    return bad(&format!(
                        "Stage {number}: alternates are asked after at least one day and before the limit."
                    ));
                }
                if alternates.approvers.is_empty() {
                    return bad(&format!("Stage {number}: name at least one alternate."));
                }
                if alternates.approvers.iter().any(|a| stage.approvers.contains(a)) {
                    return bad(&format!(
                        "Stage {number}: an alternate is asked from the start already. Name others."
                    ));
                }
            }
        }
        if let Err(problem) = super::question::check_all(&self.questions) {
            return bad(&problem);
        }
        match self.expiry {
            Expiry::AfterDays { days } if !(1..=3660).contains(&days) => {
                bad("Access can last 1 to 3,660 days.")
            }
            Expiry::AfterHours { hours } if !(1..=87_840).contains(&hours) => {
                bad("Access can last 1 to 87,840 hours.")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;

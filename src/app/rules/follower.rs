//! What follows a rule, with its rule read.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::domain::directory::Group;
use crate::domain::following::{FollowerKind, Has, Limits, Target};
use crate::domain::package::Policy;
use crate::domain::policy::{Scope, Terms};
use crate::domain::rule::Rule;
use crate::kernel::ids::UserId;
use crate::store::{Conn, StoreError, groups, packages, policies, rule_people};

/// What follows a rule, as it is now.
#[derive(Debug, Clone)]
pub struct Followed {
    /// What.
    pub target: Target,
    /// The rule.
    pub rule: Rule,
    /// Until when whoever stops matching keeps it.
    pub grace: Duration,
    /// When to stop and ask.
    pub limits: Limits,
    /// The policy with its terms, if it is one.
    pub policy: Option<(Policy, Terms)>,
    /// The group, if it is one.
    pub group: Option<Group>,
}

impl Followed {
    /// Loads it; `None` if it does not follow a rule any more, or is switched off or deleted.
    pub fn load(conn: &mut Conn, target: Target) -> Result<Option<Self>, StoreError> {
        match target {
            Target::Group(id) => {
                let Some(group) = groups::find(conn, id)? else { return Ok(None) };
                Ok(group.rule.as_deref().and_then(|text| Rule::parse(text).ok()).map(|rule| Self {
                    target,
                    rule,
                    grace: Duration::zero(),
                    limits: Limits::default(),
                    policy: None,
                    group: Some(group),
                }))
            }
            Target::Policy(id) => {
                let Some(policy) = policies::find(conn, id)?.filter(|p| p.enabled) else {
                    return Ok(None);
                };
                if packages::find(conn, policy.package)?.is_none() {
                    return Ok(None);
                }
                let terms = policies::terms(conn, id, policy.current_version)?;
                let Scope::Automatic { rule, grace_days, limits } = &terms.scope else { return Ok(None) };
                let Ok(rule) = Rule::parse(rule) else { return Ok(None) };
                Ok(Some(Self {
                    target,
                    rule,
                    grace: Duration::days(i64::from(*grace_days)),
                    limits: *limits,
                    group: None,
                    policy: Some((policy, terms)),
                }))
            }
        }
    }

    /// Its kind.
    pub fn kind(&self) -> FollowerKind {
        match self.target {
            Target::Group(_) => FollowerKind::Group,
            Target::Policy(_) => FollowerKind::Policy,
        }
    }

    /// The name of the policy or group.
    pub fn name(&self) -> &str {
        let policy = self.policy.as_ref().map(|(p, _)| p.fields.name.as_str());
        policy.or(self.group.as_ref().map(|g| g.fields.name.as_str())).unwrap_or_default()
    }

    /// What these people have of that which the rule gives; who is missing has nothing.
    pub fn has(
        &self,
        conn: &mut Conn,
        people: Option<&[UserId]>,
    ) -> Result<BTreeMap<UserId, Has>, StoreError> {
        match (self.target, &self.policy) {
            (Target::Group(id), _) => rule_people::in_group(conn, id, people),
            (Target::Policy(id), Some((policy, _))) => {
                rule_people::with_package(conn, policy.package, Some(id), people)
            }
            (Target::Policy(_), None) => Ok(BTreeMap::new()),
        }
    }

    /// How many have it by the rule.
    pub fn holders(&self, conn: &mut Conn) -> Result<i64, StoreError> {
        match self.target {
            Target::Group(id) => rule_people::members(conn, id),
            Target::Policy(id) => rule_people::holders(conn, id),
        }
    }
}

//! People and groups (SPEC section 3).

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::kernel::Moment;
use crate::kernel::ids::{GroupId, OrganizationId, UserId};

text_enum! {
    /// Does the person belong to the organization?
    pub enum UserKind {
        /// Belongs to the organization.
        Member = "member",
        /// Comes from outside.
        Guest = "guest",
    }
}

text_enum! {
    /// Where a user came from (SPEC DIR-1).
    pub enum UserSource {
        /// Made in the portal.
        Local = "local",
        /// Imported from a CSV file.
        Csv = "csv",
        /// Signed in through OpenID Connect.
        Oidc = "oidc",
        /// Provisioned through SCIM.
        Scim = "scim",
        /// Read from an LDAP directory.
        Ldap = "ldap",
    }
}

text_enum! {
    /// How a group gets its members (SPEC DIR-4).
    pub enum GroupKind {
        /// By hand and by packages.
        Assigned = "assigned",
        /// By a membership rule.
        Dynamic = "dynamic",
    }
}

text_enum! {
    /// Is a connected organization trusted by an administrator? (SPEC EXT-3)
    pub enum OrganizationState {
        /// Made or confirmed by an administrator.
        Configured = "configured",
        /// Made by an unknown requestor.
        Proposed = "proposed",
    }
}

/// What can be edited about a user (SPEC DIR-1). Texts are already cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Sign-in name; unique without case.
    pub email: crate::kernel::Email,
    /// Full name as shown.
    pub display_name: String,
    /// First name, may be empty.
    pub given_name: String,
    /// Family name, may be empty.
    pub surname: String,
    /// Member or guest.
    pub kind: UserKind,
    /// Department, may be empty.
    pub department: String,
    /// Job title, may be empty.
    pub job_title: String,
    /// Company, may be empty.
    pub company: String,
    /// Office, may be empty.
    pub office: String,
    /// Country, may be empty.
    pub country: String,
    /// Number in the personnel system, may be empty.
    pub employee_id: String,
    /// First day at work.
    pub hired_on: Option<chrono::NaiveDate>,
    /// Line manager.
    pub manager: Option<UserId>,
    /// IANA time zone, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Language and region, such as `en` or `de-DE`.
    pub locale: String,
    /// Up to 15 further attributes, by name.
    pub extension: BTreeMap<String, String>,
}

/// A user as the store knows them.
#[derive(Debug, Clone)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What can be edited.
    pub profile: Profile,
    /// May the person sign in and request?
    pub enabled: bool,
    /// Where the account came from.
    pub source: UserSource,
    /// Organization of a guest.
    pub organization: Option<OrganizationId>,
    /// When the account was made.
    pub created_at: Moment,
    /// Last successful sign-in.
    pub last_sign_in_at: Option<Moment>,
    /// Soft-deleted since (SPEC DIR-2).
    pub deleted_at: Option<Moment>,
    /// Grows with each change.
    pub version: i64,
}

/// What can be edited about a group (SPEC DIR-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFields {
    /// Unique name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// A group of users.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// What can be edited.
    pub fields: GroupFields,
    /// How it gets its members.
    pub kind: GroupKind,
    /// The membership rule of a dynamic group.
    pub rule: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// Soft-deleted since.
    pub deleted_at: Option<Moment>,
    /// Grows with each change.
    pub version: i64,
}

impl Group {
    /// May members be added and removed by hand? Not where a rule does it (SPEC DIR-4).
    pub fn check_by_hand(&self) -> Result<(), Refusal> {
        match self.kind {
            GroupKind::Assigned => Ok(()),
            GroupKind::Dynamic => Err(Refusal::DynamicGroup),
        }
    }
}

text_enum! {
    /// In which way somebody belongs to a group.
    pub enum Belonging {
        /// Has what the group gives.
        Member = "member",
        /// Answers for the group.
        Owner = "owner",
    }
}

/// Who holds a role: a user, or everybody who is in a group at the moment of the check (SPEC ROL-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "camelCase")]
pub enum Holder {
    /// One user.
    User(UserId),
    /// The members of a group.
    Group(GroupId),
}

impl Holder {
    /// The user, if it is one.
    pub fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Group(_) => None,
        }
    }

    /// The group, if it is one.
    pub fn group(self) -> Option<GroupId> {
        match self {
            Self::Group(id) => Some(id),
            Self::User(_) => None,
        }
    }
}

/// How many further attributes a user can have (SPEC DIR-1).
pub const MOST_EXTENSIONS: usize = 15;

/// For how many days a deleted user can be restored (SPEC DIR-2).
pub const RESTORABLE_DAYS: i64 = 30;

/// A person as the rules of policies see them.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The user; `None` never occurs for a stored one.
    pub id: Option<UserId>,
    /// Comes from outside?
    pub guest: bool,
    /// May sign in, not deleted?
    pub enabled: bool,
    /// Live group memberships (SPEC ROL-4).
    pub groups: HashSet<GroupId>,
    /// Organization of a guest.
    pub organization: Option<OrganizationId>,
    /// Is that organization configured (not merely proposed)?
    pub organization_configured: bool,
}

/// Would this manager close a circle (SPEC DIR-6)? `chain` is the manager's own line upwards, nearest first.
pub fn check_manager(
    user: UserId,
    manager: UserId,
    manager_name: &str,
    chain: &[UserId],
) -> Result<(), Refusal> {
    if user == manager || chain.contains(&user) {
        return Err(Refusal::ManagerCycle(manager_name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn dir_6_cycles_of_managers_are_refused() {
        let [a, b, c] = [1, 2, 3].map(|n| UserId(Uuid::from_u128(n)));
        assert!(check_manager(a, b, "B", &[c]).is_ok());
        assert!(check_manager(a, a, "A", &[]).is_err());
        let refusal = check_manager(a, b, "B", &[c, a]).unwrap_err();
        assert_eq!(refusal.rule(), "DIR-6");
    }
}

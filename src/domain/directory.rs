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

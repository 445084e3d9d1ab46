//! Scopes, tiers and limits of policies.

use super::*;
use uuid::Uuid;

fn stage() -> Stage {
    Stage {
        approvers: vec![Approver::Manager { level: 1 }],
        quorum: Quorum::AnyOne,
        fallback: vec![],
        alternates: None,
        limit_days: 14,
        reason_required: false,
    }
}

#[test]
fn pol_1_scopes_admit_whom_they_name() {
    let [alice, gina] = [1, 2].map(|n| UserId(Uuid::from_u128(n)));
    let sales = GroupId(Uuid::from_u128(9));
    let acme = OrganizationId(Uuid::from_u128(8));
    let member = Person { id: Some(alice), enabled: true, groups: [sales].into(), ..Person::default() };
    let guest =
        Person { id: Some(gina), guest: true, enabled: true, organization: Some(acme), ..Person::default() };
    let by_group = Scope::Specific { users: BTreeSet::new(), groups: [sales].into() };
    let by_name = Scope::Specific { users: [gina].into(), groups: BTreeSet::new() };
    assert!(by_group.admits(&member) && !by_group.admits(&guest));
    assert!(by_name.admits(&guest) && !by_name.admits(&member));
    assert!(Scope::AllMembers.admits(&member) && !Scope::AllMembers.admits(&guest));
    assert!(Scope::AllUsers.admits(&member) && Scope::AllUsers.admits(&guest));
    assert!(Scope::Organizations { organizations: [acme].into() }.admits(&guest));
    assert!(!Scope::AllOrganizations.admits(&guest), "a proposed organization is not configured (EXT-3)");
    assert!(Scope::Anyone.admits(&guest) && !Scope::Anyone.admits(&member));
    assert!(!Scope::Nobody.admits(&member) && !Scope::Nobody.admits(&guest));
}

#[test]
fn pol_3_only_the_strictest_tier_counts() {
    let kinds = vec![ScopeKind::AllUsers, ScopeKind::AllMembers, ScopeKind::Specific, ScopeKind::Specific];
    assert_eq!(strictest(kinds, |k| *k), vec![ScopeKind::Specific, ScopeKind::Specific]);
    assert!(strictest(vec![ScopeKind::Nobody], |k| *k).is_empty());
    let [one, two, other] = [1, 2, 3].map(|n| PolicyId(Uuid::from_u128(n)));
    assert_eq!(choose(&[one], None), Ok(one));
    assert_eq!(choose(&[one, two], None), Err(Refusal::ChoosePolicy));
    assert_eq!(choose(&[one, two], Some(two)), Ok(two));
    assert_eq!(choose(&[one, two], Some(other)), Err(Refusal::PolicyNotOffered));
    assert_eq!(choose(&[], None), Err(Refusal::NotAdmitted));
}

#[test]
fn pol_5_anyone_always_requires_approval() {
    let mut terms = Terms { scope: Scope::Anyone, ..Terms::direct_only() };
    assert!(terms.check().is_err());
    terms.stages = vec![stage()];
    assert_eq!(terms.check(), Ok(()));
}

#[test]
fn apr_5_and_lif_1_limits_are_checked() {
    let with = |change: fn(&mut Terms)| {
        let mut terms = Terms { scope: Scope::AllMembers, stages: vec![stage()], ..Terms::direct_only() };
        change(&mut terms);
        terms.check()
    };
    assert!(with(|_| ()).is_ok());
    assert!(with(|t| t.stages[0].limit_days = 15).is_err());
    assert!(with(|t| t.stages[0].limit_days = 0).is_err());
    assert!(with(|t| t.stages[0].approvers.clear()).is_err());
    assert!(with(|t| t.stages = vec![stage(), stage(), stage(), stage()]).is_err());
    assert!(with(|t| t.expiry = Expiry::AfterDays { days: 3661 }).is_err());
    assert!(with(|t| t.expiry = Expiry::AfterDays { days: 3660 }).is_ok());
}

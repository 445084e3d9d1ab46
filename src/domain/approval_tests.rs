//! The rules of approval, example by example and over random organizations.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::policy::Approver;

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}
fn set(ids: &[u128]) -> BTreeSet<UserId> {
    ids.iter().map(|n| user(*n)).collect()
}
fn at(text: &str) -> Moment {
    text.parse().unwrap()
}
fn plan(quorum: Quorum) -> Stage {
    Stage {
        approvers: vec![Approver::Manager { level: 1 }],
        quorum,
        fallback: vec![],
        alternates: None,
        limit_days: 4,
        reason_required: false,
    }
}

struct Case {
    plan: Stage,
    votes: Vec<Vote>,
    deciders: Deciders,
    barred: BTreeSet<UserId>,
    state: RequestState,
    stages: u8,
}
impl Case {
    fn new(quorum: Quorum, people: &[u128]) -> Self {
        Self {
            plan: plan(quorum),
            votes: vec![],
            deciders: Deciders { circle: Circle::Named, users: set(people), stand_ins: BTreeMap::new() },
            barred: set(&[1]),
            state: RequestState::PendingApproval,
            stages: 1,
        }
    }
    fn vote(&self, by: u128, verdict: Verdict, now: &str) -> Result<Step, Refusal> {
        let s = Situation {
            state: self.state,
            stage: 1,
            stages: self.stages,
            due: at("2026-01-05T00:00:00Z"),
            plan: &self.plan,
            votes: &self.votes,
            deciders: &self.deciders,
            barred: &self.barred,
        };
        decide(&s, user(by), verdict, "", at(now))
    }
}
const EARLY: &str = "2026-01-02T00:00:00Z";

#[test]
fn apr_1_any_one_all_and_n_of_them() {
    let any = Case::new(Quorum::AnyOne, &[2, 3, 4]);
    assert_eq!(any.vote(2, Verdict::Approve, EARLY), Ok(Step::Approved));
    let mut all = Case::new(Quorum::All, &[2, 3, 4]);
    assert_eq!(all.vote(2, Verdict::Approve, EARLY), Ok(Step::Counted { approvals: 1, needed: 3 }));
    all.votes = vec![
        Vote { by: user(2), on_behalf_of: None, verdict: Verdict::Approve },
        Vote { by: user(3), on_behalf_of: None, verdict: Verdict::Approve },
    ];
    assert_eq!(all.vote(4, Verdict::Approve, EARLY), Ok(Step::Approved));
    let mut two = Case::new(Quorum::AtLeast { n: 2 }, &[2, 3, 4]);
    assert_eq!(two.vote(2, Verdict::Approve, EARLY), Ok(Step::Counted { approvals: 1, needed: 2 }));
    two.votes = vec![Vote { by: user(2), on_behalf_of: None, verdict: Verdict::Approve }];
    two.stages = 2;
    assert_eq!(two.vote(3, Verdict::Approve, EARLY), Ok(Step::NextStage(2)));
    // A quorum larger than the circle does not block for ever.
    let small = Case::new(Quorum::AtLeast { n: 5 }, &[2]);
    assert_eq!(small.vote(2, Verdict::Approve, EARLY), Ok(Step::Approved));
}

#[test]
fn apr_2_approver_cannot_decide_own_request() {
    let mut case = Case::new(Quorum::AnyOne, &[1, 2]);
    case.barred = set(&[1]);
    assert_eq!(case.vote(1, Verdict::Approve, EARLY), Err(Refusal::OwnRequest));
    assert_eq!(case.vote(1, Verdict::Deny, EARLY), Err(Refusal::OwnRequest));
}

#[test]
fn apr_3_fallback_then_owners_then_administrators() {
    let mut facts = StageFacts {
        named: set(&[1]),
        fallback: set(&[2]),
        catalog_owners: set(&[1, 3]),
        administrators: set(&[9]),
        barred: set(&[1]),
        ..StageFacts::default()
    };
    assert_eq!(
        deciders(&facts),
        Deciders { circle: Circle::Fallback, users: set(&[2]), stand_ins: BTreeMap::new() }
    );
    facts.fallback.clear();
    assert_eq!(
        deciders(&facts),
        Deciders { circle: Circle::CatalogOwners, users: set(&[3]), stand_ins: BTreeMap::new() }
    );
    facts.catalog_owners = set(&[1]);
    assert_eq!(
        deciders(&facts),
        Deciders { circle: Circle::Administrators, users: set(&[9]), stand_ins: BTreeMap::new() }
    );
    facts.named = set(&[1, 4]);
    assert_eq!(
        deciders(&facts),
        Deciders { circle: Circle::Named, users: set(&[4]), stand_ins: BTreeMap::new() }
    );
}

#[test]
fn apr_4_alternates_join_and_first_approvers_stay() {
    let facts =
        StageFacts { named: set(&[2]), alternates: set(&[5, 1]), barred: set(&[1]), ..StageFacts::default() };
    assert_eq!(deciders(&facts).users, set(&[2, 5]));
}

#[test]
fn apr_5_no_vote_at_or_after_the_limit() {
    let case = Case::new(Quorum::AnyOne, &[2]);
    assert!(case.vote(2, Verdict::Approve, "2026-01-04T23:59:59Z").is_ok());
    assert!(matches!(case.vote(2, Verdict::Approve, "2026-01-05T00:00:00Z"), Err(Refusal::PastDue(_))));
    assert_eq!(due(&plan(Quorum::AnyOne), at("2026-01-01T00:00:00Z")), at("2026-01-05T00:00:00Z"));
}

#[test]
fn apr_6_one_denial_ends_and_end_states_absorb() {
    let mut case = Case::new(Quorum::All, &[2, 3]);
    case.stages = 3;
    assert_eq!(case.vote(2, Verdict::Deny, EARLY), Ok(Step::Denied));
    case.votes = vec![Vote { by: user(2), on_behalf_of: None, verdict: Verdict::Approve }];
    assert_eq!(case.vote(2, Verdict::Approve, EARLY), Err(Refusal::AlreadyVoted));
    for state in RequestState::ALL.iter().copied().filter(|s| *s != RequestState::PendingApproval) {
        case.state = state;
        assert!(matches!(case.vote(3, Verdict::Approve, EARLY), Err(Refusal::NotPending(_))), "{state}");
    }
}

#[test]
fn apr_7_a_reason_where_the_stage_wants_one() {
    let mut case = Case::new(Quorum::AnyOne, &[2]);
    case.plan.reason_required = true;
    assert_eq!(case.vote(2, Verdict::Approve, EARLY), Err(Refusal::ReasonRequired));
}

#[test]
fn apr_14_who_left_the_circle_lost_the_right() {
    let case = Case::new(Quorum::AnyOne, &[2]);
    assert_eq!(case.vote(7, Verdict::Approve, EARLY), Err(Refusal::NotAnApprover));
}

#[test]
fn not_2_reminders_halfway_and_a_day_before() {
    let mut stage = plan(Quorum::AnyOne);
    let opened = at("2026-01-01T00:00:00Z");
    assert_eq!(reminders(&stage, opened), vec![at("2026-01-03T00:00:00Z"), at("2026-01-04T00:00:00Z")]);
    stage.limit_days = 1;
    assert_eq!(reminders(&stage, opened), vec![at("2026-01-01T12:00:00Z")]);
    stage.limit_days = 2;
    assert_eq!(reminders(&stage, opened).len(), 1, "both on the same instant are one");
}

fn people() -> impl Strategy<Value = BTreeSet<UserId>> {
    proptest::collection::btree_set((0_u128..8).prop_map(user), 0..6)
}

proptest! {
    /// I4 and APR-2: over random circles nobody who is barred can decide, and if anybody else exists, somebody
    /// can (APR-3: no request waits on nobody).
    #[test]
    fn i4_nobody_decides_for_themselves(named in people(), fallback in people(), alternates in people(), owners in people(), admins in people(), barred in people()) {
        let facts = StageFacts { named: named.clone(), fallback: fallback.clone(), alternates, catalog_owners: owners.clone(), administrators: admins.clone(), barred: barred.clone(), delegates: BTreeMap::new() };
        let d = deciders(&facts);
        prop_assert!(d.users.is_disjoint(&barred));
        let anybody = [named, fallback, owners, admins].iter().any(|c| c.difference(&barred).next().is_some());
        prop_assert_eq!(anybody, !d.users.is_empty() && anybody);
    }

    /// No approval without the quorum, in whatever order the votes come; a denial always ends it.
    #[test]
    fn no_approval_without_quorum(n in 1_u8..5, circle in proptest::collection::btree_set((2_u128..9).prop_map(user), 1..6), order in proptest::collection::vec((2_u128..9, any::<bool>()), 1..12)) {
        let mut case = Case::new(Quorum::AtLeast { n }, &[]);
        case.deciders.users = circle.clone();
        let need = usize::from(n).min(circle.len());
        for (who, yes) in order {
            let verdict = if yes { Verdict::Approve } else { Verdict::Deny };
            match case.vote(who, verdict, EARLY) {
                Err(_) => prop_assert!(!circle.contains(&user(who)) || case.votes.iter().any(|v| v.by == user(who))),
                Ok(Step::Denied) => { prop_assert!(!yes); break; }
                Ok(step) => {
                    case.votes.push(Vote { by: user(who), on_behalf_of: None, verdict });
                    prop_assert_eq!(step == Step::Approved, case.votes.len() == need);
                    if step == Step::Approved { break; }
                }
            }
        }
    }
}

/// A random organization: who manages whom, who is in the group, who stands in for whom, and a stage over them.
#[derive(Debug, Clone)]
struct World {
    managers: Vec<Option<u8>>,
    group: BTreeSet<u8>,
    sponsors: BTreeSet<u8>,
    owners: BTreeSet<u8>,
    admins: BTreeSet<u8>,
    delegations: BTreeSet<(u8, u8)>,
    named: Vec<u8>,
    alternates: Vec<u8>,
    requestor: u8,
    subject: u8,
    escalated: bool,
    votes: Vec<(u8, bool)>,
}

const PEOPLE: u8 = 7;

fn world() -> impl Strategy<Value = World> {
    let some = || proptest::collection::btree_set(0..PEOPLE, 0..4);
    let kinds = || proptest::collection::vec(0_u8..5, 1..4);
    (
        proptest::collection::vec(proptest::option::of(0..PEOPLE), usize::from(PEOPLE)),
        (some(), some(), some(), some()),
        proptest::collection::btree_set((0..PEOPLE, 0..PEOPLE), 0..8),
        (kinds(), kinds()),
        (0..PEOPLE, 0..PEOPLE, any::<bool>()),
        proptest::collection::vec((0..PEOPLE, any::<bool>()), 0..20),
    )
        .prop_map(
            |(managers, (group, sponsors, owners, admins), delegations, (named, alternates), who, votes)| {
                World {
                    managers,
                    group,
                    sponsors,
                    owners,
                    admins,
                    delegations,
                    named,
                    alternates,
                    requestor: who.0,
                    subject: who.1,
                    escalated: who.2,
                    votes,
                }
            },
        )
}

fn person(n: u8) -> UserId {
    user(u128::from(n))
}

impl World {
    fn manager(&self, of: u8) -> Option<u8> {
        self.managers.get(usize::from(of)).copied().flatten()
    }

    fn resolve(&self, kinds: &[u8]) -> BTreeSet<UserId> {
        let first = self.manager(self.subject);
        kinds
            .iter()
            .flat_map(|kind| match kind {
                0 => first.into_iter().collect::<Vec<_>>(),
                1 => first.and_then(|m| self.manager(m)).into_iter().collect(),
                2 => self.group.iter().copied().collect(),
                3 => self.sponsors.iter().copied().collect(),
                _ => self.owners.iter().copied().collect(),
            })
            .map(person)
            .collect()
    }

    fn facts(&self) -> StageFacts {
        let mut delegates: BTreeMap<UserId, BTreeSet<UserId>> = BTreeMap::new();
        for (from, to) in &self.delegations {
            delegates.entry(person(*from)).or_default().insert(person(*to));
        }
        StageFacts {
            named: self.resolve(&self.named),
            fallback: BTreeSet::new(),
            alternates: if self.escalated { self.resolve(&self.alternates) } else { BTreeSet::new() },
            catalog_owners: self.owners.iter().copied().map(person).collect(),
            administrators: self.admins.iter().copied().map(person).collect(),
            barred: BTreeSet::from([person(self.requestor), person(self.subject)]),
            delegates,
        }
    }
}

proptest! {
    /// I4, APR-2, APR-4, APR-11: over random organizations, groups, escalation and delegations, nobody decides what
    /// is theirs, in nobody's place, and in no place of somebody who is barred; delegation reaches exactly one step;
    /// no person votes twice and no place counts twice, in whatever order the votes come.
    #[test]
    fn i4_apr_11_delegation_and_escalation_never_reach_oneself(w in world()) {
        let facts = w.facts();
        let d = deciders(&facts);
        prop_assert!(d.everybody().is_disjoint(&facts.barred));
        for (delegate, places) in &d.stand_ins {
            prop_assert!(!places.is_empty());
            for place in places {
                prop_assert!(d.users.contains(place), "only an own right is handed on");
                prop_assert!(!facts.barred.contains(place) && place != delegate);
                prop_assert!(facts.delegates.get(place).is_some_and(|all| all.contains(delegate)));
            }
        }
        let mut case = Case::new(Quorum::All, &[]);
        case.deciders = d.clone();
        case.barred = facts.barred.clone();
        for (who, yes) in &w.votes {
            let by = person(*who);
            let verdict = if *yes { Verdict::Approve } else { Verdict::Deny };
            let place = d.place_of(by, &case.votes);
            match case.vote(u128::from(*who), verdict, EARLY) {
                Err(refusal) => prop_assert!(place.is_err() || refusal == Refusal::OwnRequest),
                Ok(step) => {
                    let place = place.unwrap();
                    prop_assert_eq!(place.is_none(), d.users.contains(&by) && case.votes.iter().all(|v| v.place() != by));
                    let vote = Vote { by, on_behalf_of: place, verdict };
                    prop_assert!(!facts.barred.contains(&by) && !facts.barred.contains(&vote.place()));
                    prop_assert!(case.votes.iter().all(|v| v.by != by && v.place() != vote.place()));
                    prop_assert!(d.users.contains(&vote.place()));
                    case.votes.push(vote);
                    prop_assert_eq!(step == Step::Denied, !yes);
                    if step == Step::Denied { break; }
                    prop_assert_eq!(step == Step::Approved, case.votes.len() == d.users.len());
                    if step == Step::Approved { break; }
                }
            }
        }
    }
}

#[test]
fn apr_4_the_alternates_turn_comes_before_the_limit_or_never() {
    let opened = at("2026-01-01T00:00:00Z");
    let mut stage = plan(Quorum::AnyOne);
    assert_eq!(escalation(&stage, opened), None);
    let after = |days| Some(crate::domain::policy::Alternates { after_days: days, approvers: vec![] });
    stage.alternates = after(3);
    assert_eq!(escalation(&stage, opened), Some(at("2026-01-04T00:00:00Z")));
    stage.alternates = after(4);
    assert_eq!(escalation(&stage, opened), None, "the stage is over by then");
}

#[test]
fn apr_11_ones_own_right_comes_first_and_a_place_counts_once() {
    let facts = StageFacts {
        named: set(&[2, 3]),
        barred: set(&[1]),
        delegates: BTreeMap::from([(user(2), set(&[3, 4, 1])), (user(4), set(&[5])), (user(1), set(&[6]))]),
        ..StageFacts::default()
    };
    let d = deciders(&facts);
    assert_eq!(
        d.everybody(),
        set(&[2, 3, 4]),
        "not 5, who stands in for a delegate; not 6 for who is barred"
    );
    assert_eq!(
        d.place_of(user(3), &[]),
        Ok(None),
        "3 decides by their own right, though they stand in for 2"
    );
    assert_eq!(d.place_of(user(4), &[]), Ok(Some(user(2))));
    assert_eq!(d.place_of(user(5), &[]), Err(Refusal::NotAnApprover));
    let voted = [Vote { by: user(4), on_behalf_of: Some(user(2)), verdict: Verdict::Approve }];
    assert_eq!(d.place_of(user(2), &voted), Err(Refusal::DecidedInYourPlace));
    assert_eq!(d.place_of(user(4), &voted), Err(Refusal::AlreadyVoted));
    let own = [Vote { by: user(2), on_behalf_of: None, verdict: Verdict::Approve }];
    assert_eq!(d.place_of(user(4), &own), Err(Refusal::PlaceTaken));
    assert_eq!(needed(Quorum::All, &d, &voted), 2, "the place of 2 counts once");
}

//! Random stories of packages that share roles, told to a small model: at rest, what each person holds is the union of
//! what their live assignments grant — in the directory, in the portal's record, and at a target that fails, loses
//! answers, and hears old orders late (SPEC DLV-1 to DLV-4, PKG-3, I6, I10).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::Duration;
use latchkey::app::AppError;
use latchkey::app::catalog::package_roles;
use latchkey::app::request::{self, Claim};
use latchkey::domain::Refusal;
use latchkey::domain::catalog::ConnectorKind;
use latchkey::domain::order::{Claimed, Reply, Report, Target};
use latchkey::domain::policy::{Expiry, Terms};
use latchkey::jobs::sweeps;
use latchkey::kernel::Moment;
use latchkey::kernel::ids::{AssignmentId, CatalogId, GroupId};
use latchkey::store::{assignments, orders, packages, requests};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::fake::{Fake, Next};
use super::*;

const PEOPLE: usize = 3;
const PACKAGES: usize = 4;
const ROLES: usize = 4;
const STORIES: u32 = 24;

#[derive(Debug, Clone)]
enum Act {
    Assign(usize, usize),
    Remove(usize, usize),
    Edit(usize, u8),
    Deliver(Vec<Next>),
    /// A worker claims an order and dies, before or after the target has heard of it.
    Crash(bool),
    /// The dead are only slow: what they sent arrives now, and so does its answer.
    Late,
    Wait(i64),
    Sweep,
}

fn act() -> impl Strategy<Value = Act> {
    let next = prop_oneof![
        3 => Just(Next::Well),
        2 => Just(Next::Lost),
        2 => Just(Next::Busy),
        1 => Just(Next::Refuses),
        1 => Just(Next::Later),
    ];
    prop_oneof![
        6 => (0..PEOPLE, 0..PACKAGES).prop_map(|(a, b)| Act::Assign(a, b)),
        3 => (0..PEOPLE, 0..PACKAGES).prop_map(|(a, b)| Act::Remove(a, b)),
        3 => (0..PACKAGES, 0..1_u8 << ROLES).prop_map(|(a, b)| Act::Edit(a, b)),
        5 => prop::collection::vec(next, 0..6).prop_map(Act::Deliver),
        2 => any::<bool>().prop_map(Act::Crash),
        1 => Just(Act::Late),
        3 => (1..200_i64).prop_map(Act::Wait),
        2 => Just(Act::Sweep),
    ]
}

/// The portal, the target, and the roles that packages share.
struct Stage<'t> {
    t: &'t mut Test,
    catalog: CatalogId,
    roles: Vec<ResourceRoleId>,
    groups: Vec<GroupId>,
    fake: Arc<Fake>,
    stories: usize,
    done: BTreeMap<&'static str, u32>,
}

/// One story: its people, its packages, and what the model knows.
struct Story {
    people: Vec<UserId>,
    packages: Vec<(PackageId, PolicyId)>,
    contents: Vec<BTreeSet<usize>>,
    held: BTreeMap<(usize, usize), (AssignmentId, Option<Moment>)>,
    dead: Vec<(Box<Claimed>, bool)>,
}

impl<'t> Stage<'t> {
    fn set(t: &'t mut Test) -> Self {
        let w = world(t);
        let catalog = t.read(|c| latchkey::store::lasting::catalog_of(c, w.package));
        let second = t.role(w.app, "Lead", None);
        let mut roles = vec![w.role, second];
        let mut groups = Vec::new();
        for name in ["Red", "Blue"] {
            let group = t.group(name, &[]);
            let resource = t.resource(catalog, name, Some(group), "carol");
            roles.push(t.role(resource, "Member", Some("member")));
            groups.push(group);
        }
        Self { t, catalog, roles, groups, fake: Fake::new(), stories: 0, done: BTreeMap::new() }
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    fn begin(&mut self) -> Story {
        self.stories += 1;
        let n = self.stories;
        let people = (0..PEOPLE).map(|p| self.t.person(&format!("s{n}p{p}"))).collect();
        let contents: Vec<BTreeSet<usize>> =
            (0..PACKAGES).map(|p| [p % ROLES, (p + 1) % ROLES].into()).collect();
        let packages = (0..PACKAGES)
            .map(|p| {
                let roles: Vec<_> = contents[p].iter().map(|r| self.roles[*r]).collect();
                let id = self.t.package(self.catalog, &format!("S{n} P{p}"), &roles);
                let expiry = if p % 2 == 0 { Expiry::Never } else { Expiry::AfterHours { hours: 3 } };
                let terms = Terms { expiry, ..terms::members(vec![]) };
                (id, self.t.policy(id, "Direct", &terms))
            })
            .collect();
        Story { people, packages, contents, held: BTreeMap::new(), dead: Vec::new() }
    }

    fn target(&self) -> Arc<dyn Target> {
        self.fake.clone()
    }

    fn play(&mut self, story: &mut Story, act: &Act) {
        let now = self.t.now();
        match act {
            Act::Assign(who, what) => {
                let (package, policy) = story.packages[*what];
                let wish = Direct::new(package, policy, story.people[*who]);
                let made = self.t.try_as("sam", |tx, cx, by| request::assign(tx, cx, by, &wish));
                match made {
                    Ok(id) => {
                        let id = self.t.read(|c| requests::find(c, id)).expect("a request").assignment;
                        let id = id.expect("an assignment");
                        let ends = self.t.read(|c| assignments::find(c, id)).expect("an assignment").ends_at;
                        story.held.insert((*who, *what), (id, ends));
                        self.count("assigned");
                    }
                    // It is there already, or what was before is still being taken back.
                    Err(AppError::Refused(Refusal::AlreadyHeld | Refusal::AlreadyRequested)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            Act::Remove(who, what) => {
                let Some((id, _)) = story.held.remove(&(*who, *what)) else { return };
                match self.t.try_as("sam", |tx, cx, by| request::remove(tx, cx, id, by, "done")) {
                    Ok(_) => self.count("removed"),
                    Err(AppError::Refused(Refusal::AlreadyEnded)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            Act::Edit(what, mask) => {
                let package = story.packages[*what].0;
                let wanted: BTreeSet<usize> = (0..ROLES).filter(|r| mask & (1 << r) != 0).collect();
                let roles: BTreeSet<_> = wanted.iter().map(|r| self.roles[*r]).collect();
                self.t.write_as("carol", |tx, cx, me| {
                    let version = packages::find(tx, package)?.ok_or(AppError::NotFound)?.version;
                    package_roles::change_roles(tx, cx, me, package, version, &roles)
                });
                story.contents[*what] = wanted;
                self.count("edited");
            }
            Act::Deliver(plan) => {
                self.fake.plan(plan);
                let n = deliver(self.t, &self.target());
                self.fake.state.lock().expect("whole").plan.clear();
                if n > 0 {
                    self.count("delivered");
                }
            }
            Act::Crash(heard) => {
                let due = self.t.read(|c| orders::due(c, now, &[ConnectorKind::Webhook], 1));
                let Some(id) = due.first().copied() else { return };
                let (lease, cx) = (self.t.app.ids.uuid(), self.t.app.system_cx("model"));
                if let Claim::Call(claimed) = self.t.write(|tx| request::claim(tx, &cx, id, lease)) {
                    if *heard {
                        self.fake.obey(&claimed.order);
                    }
                    story.dead.push((claimed, *heard));
                    self.count("crashed");
                }
            }
            Act::Late => {
                for (claimed, _) in std::mem::take(&mut story.dead) {
                    self.fake.obey(&claimed.order);
                    let cx = self.t.app.system_cx("model");
                    let report = Report { reply: Ok(Reply::Done), status: Some(200), millis: 1 };
                    self.t.write(|tx| request::conclude(tx, &cx, &claimed, &report));
                    self.count("late");
                }
            }
            Act::Wait(minutes) => self.t.advance(Duration::minutes(*minutes)),
            Act::Sweep => self.sweep(),
        }
    }

    fn sweep(&mut self) {
        while sweeps::run(&self.t.app).expect("a sweep").more {}
        latchkey::jobs::packages::carry(&self.t.app).expect("a batch");
    }

    /// Lets everything come to rest: the target behaves, time passes, what was given up is tried again.
    fn rest(&mut self, story: &mut Story) {
        self.play(story, &Act::Late);
        for _ in 0..40 {
            self.sweep();
            deliver(self.t, &self.target());
            let failed = self.t.texts(
                "SELECT DISTINCT CAST(assignment_id AS TEXT) AS n FROM deliveries \
                 WHERE state = 'failed' OR (state = 'removing' AND due_at IS NULL)",
            );
            for id in failed {
                let id = AssignmentId(id.parse().expect("an id"));
                let held = self.t.read(|c| assignments::find(c, id)).expect("an assignment");
                let story = self.t.read(|c| requests::making(c, held.id)).expect("a request").id;
                self.t.write_as("sam", |tx, cx, by| request::reprocess(tx, cx, by, story));
                self.count("reprocessed");
            }
            let open = self.t.count("deliveries WHERE state IN ('pending', 'removing')")
                + self.t.count("package_changes WHERE finished_at IS NULL");
            if open == 0 {
                return;
            }
            self.t.advance(Duration::hours(1));
        }
        panic!("it does not come to rest: {:?}", self.t.texts("SELECT state || ' ' || COALESCE(error, '') AS n FROM deliveries WHERE state IN ('pending', 'removing', 'failed')"));
    }

    fn check(&mut self, story: &Story) -> Result<(), TestCaseError> {
        let now = self.t.now();
        for (who, person) in story.people.iter().enumerate() {
            let wanted: BTreeSet<usize> = story
                .held
                .iter()
                .filter(|((p, _), (_, ends))| *p == who && ends.is_none_or(|end| end > now))
                .flat_map(|((_, what), _)| story.contents[*what].iter().copied())
                .collect();
            let recorded: BTreeSet<usize> = (0..ROLES)
                .filter(|r| {
                    let role = self.roles[*r];
                    self.t.count(&format!(
                        "role_holdings WHERE resource_role_id = '{role}' AND user_id = '{person}'"
                    )) > 0
                })
                .collect();
            prop_assert_eq!(&recorded, &wanted, "recorded for person {}", who);
            let state = self.fake.state.lock().expect("whole");
            for r in 0..2 {
                let there = state.holds.contains(&(self.roles[r], *person));
                prop_assert_eq!(there, wanted.contains(&r), "role {} of person {} at the target", r, who);
            }
            drop(state);
            for (n, group) in self.groups.iter().enumerate() {
                let there = self
                    .t
                    .count(&format!("group_members WHERE group_id = '{group}' AND user_id = '{person}'"));
                prop_assert_eq!(there == 1, wanted.contains(&(n + 2)), "group {} of person {}", n, who);
            }
        }
        Ok(())
    }
}

fn tell(stage: &mut Stage<'_>, acts: &[Act]) -> Result<(), TestCaseError> {
    let mut story = stage.begin();
    for act in acts {
        stage.play(&mut story, act);
    }
    stage.rest(&mut story);
    stage.check(&story)
}

on_both! {
    /// At rest, everybody holds what their live assignments grant, and nothing else, wherever it is held.
    fn dlv_at_rest_everybody_holds_the_union_of_their_assignments(t: &mut Test) {
        let stage = RefCell::new(Stage::set(t));
        let mut runner = TestRunner::new(Config {
            cases: STORIES,
            failure_persistence: None,
            max_shrink_iters: 60,
            ..Config::default()
        });
        let stories = prop::collection::vec(act(), 4..28);
        runner.run(&stories, |acts| tell(&mut stage.borrow_mut(), &acts)).unwrap_or_else(|e| panic!("{e}"));
        let stage = stage.into_inner();
        for what in ["assigned", "removed", "edited", "delivered", "crashed", "late", "reprocessed"] {
            assert!(stage.done.contains_key(what), "the stories went nowhere: {:?}", stage.done);
        }
    }
}

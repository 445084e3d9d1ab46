//! What happened: who asked for what, and what became of it.
//!
//! An agenda of acts, played in order of time. An act may put others on the agenda; what would lie in the future is
//! left to whoever plays with the demonstration.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, Duration, Weekday};
use serde_json::json;

use super::cast::PEOPLE;
use super::{DAYS, Demo, Dice, by_hand};
use crate::app::AppError;
use crate::app::directory::users;
use crate::app::fulfil;
use crate::app::request::{self, Decision, Direct, Submission};
use crate::domain::access;
use crate::domain::approval::{Channel, Verdict};
use crate::domain::request::{RequestState, gate};
use crate::kernel::Moment;
use crate::kernel::ids::{AssignmentId, RequestId};
use crate::store::{Tx, assignments, people, requests, tasks};

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Everybody who is asked approves.
    Approve,
    /// Approved, and given up some days later.
    GiveUp,
    /// Approved, and taken away some days later.
    Remove,
    /// The first stage approves, the next has not decided yet.
    FirstOnly,
    /// Somebody denies.
    Deny,
    /// The requestor takes it back.
    TakeBack,
    /// Nobody decides.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Ask(&'static str, &'static str, Fate),
    Assign(&'static str, &'static str, &'static str),
    Decide(RequestId, Fate),
    TakeBack(RequestId),
    GiveUp(AssignmentId),
    Remove(AssignmentId),
    Leave(&'static str),
    /// Owners work their tasks off.
    Fulfil,
    /// What timers do.
    Due,
}

/// Told on purpose, in days ago, hour and minute: what the people of SPEC FIX-3 find when they sign in.
const PLOT: &[(i64, u32, u32, Act)] = &[
    // Alice knows the portal, but has no "Sales onboarding", and nothing is in its way.
    (96, 9, 12, Act::Ask("alice", "Price list", Fate::Approve)),
    (95, 13, 40, Act::Ask("alice", "Travel", Fate::Approve)),
    (61, 10, 5, Act::Ask("alice", "Deal desk", Fate::Approve)),
    (40, 15, 21, Act::Ask("alice", "Newsletter", Fate::Deny)),
    (33, 9, 47, Act::Ask("alice", "Expenses", Fate::Approve)),
    // What Bob finds waiting.
    (12, 9, 30, Act::Ask("omar", "Sales onboarding", Fate::Nothing)),
    (3, 14, 15, Act::Ask("tom", "Deal desk", Fate::Nothing)),
    (1, 11, 2, Act::Ask("yuki", "Sales onboarding", Fate::Nothing)),
    // What Mia finds waiting, in the second stage.
    (5, 10, 44, Act::Ask("lena", "Deal desk", Fate::FirstOnly)),
    (2, 9, 8, Act::Ask("noor", "Budget planning", Fate::Nothing)),
    // What Carol finds waiting: by code.
    (2, 16, 20, Act::Ask("bob", "Board papers", Fate::Nothing)),
    // About to end.
    (29, 8, 55, Act::Ask("nina", "Sales onboarding", Fate::Approve)),
    (27, 12, 30, Act::Ask("lena", "Sales onboarding", Fate::Approve)),
    (6, 9, 15, Act::Ask("nina", "Deal desk", Fate::Approve)),
    (2, 10, 35, Act::Ask("ravi", "Production logs", Fate::Approve)),
    // Sales operations at work.
    (50, 9, 0, Act::Assign("sam", "Contractor kit", "kofi")),
    (20, 9, 20, Act::Assign("sam", "Contractor kit", "julia")),
    (45, 14, 5, Act::Ask("theo", "Price list", Fate::Remove)),
    (70, 9, 33, Act::Ask("tom", "Sales onboarding", Fate::GiveUp)),
    (15, 9, 9, Act::Ask("victor", "Board papers", Fate::Approve)),
    // A denial, a lapse and a change of mind in every area.
    (80, 11, 11, Act::Ask("felix", "Payroll", Fate::Approve)),
    (44, 10, 0, Act::Ask("ivan", "Payroll", Fate::Deny)),
    (38, 16, 45, Act::Ask("ruth", "Audit workspace", Fate::Approve)),
    (9, 13, 0, Act::Ask("ivan", "Audit workspace", Fate::FirstOnly)),
    (35, 10, 10, Act::Ask("petra", "On-call", Fate::Approve)),
    (4, 10, 25, Act::Ask("leo", "On-call", Fate::Nothing)),
    (30, 15, 0, Act::Ask("zara", "Release signing", Fate::Nothing)),
    (25, 12, 12, Act::Ask("kate", "Data centre", Fate::Approve)),
    (21, 9, 50, Act::Ask("clara", "Newsletter", Fate::TakeBack)),
    (75, 14, 30, Act::Ask("chris", "Budget planning", Fate::TakeBack)),
    (52, 11, 0, Act::Ask("rosa", "Deal desk", Fate::TakeBack)),
    (66, 9, 5, Act::Ask("nora", "Newsletter", Fate::GiveUp)),
    (58, 13, 20, Act::Ask("pavel", "Books", Fate::Nothing)),
    (47, 15, 45, Act::Ask("lily", "Budget planning", Fate::Deny)),
    (31, 10, 50, Act::Ask("anna", "Deal desk", Fate::Deny)),
    // What Ian and Mia find to be done by hand.
    (6, 9, 40, Act::Ask("kofi", "Warehouse door", Fate::Approve)),
    (5, 14, 20, Act::Ask("nora", "Warehouse door", Fate::Approve)),
    (3, 10, 15, Act::Ask("felix", "Books", Fate::Approve)),
    (2, 11, 25, Act::Ask("pavel", "Books", Fate::Approve)),
    // Somebody leaves the company.
    (18, 17, 0, Act::Leave("erik")),
];

/// What the others ask for, by chance.
const WISHES: &[(&str, u64)] = &[
    ("VPN", 9),
    ("Travel", 9),
    ("Expenses", 8),
    ("Price list", 7),
    ("Books", 4),
    ("Newsletter", 3),
    ("Budget planning", 4),
    ("Source code", 4),
    ("Production logs", 4),
    ("Warehouse door", 5),
    ("Data centre", 3),
    ("Partner portal", 4),
    ("Deal desk", 4),
    ("On-call", 2),
];

/// Those whose story is told on purpose; Dan is a stranger to it all.
const TOLD: &[&str] =
    &["alice", "bob", "carol", "priya", "sam", "dan", "mia", "aud", "omar", "yuki", "helen"];

const REASONS: &[&str] = &[
    "I take over from a colleague who is on leave.",
    "For the project that starts next week.",
    "My manager asked me to help out.",
    "I need it every day for my work.",
    "New in the team.",
    "For the audit of this quarter.",
    "A customer is waiting for it.",
];
const APPROVALS: &[&str] = &["", "", "", "Fine with me.", "As we discussed.", "For this project only."];
const DENIALS: &[&str] = &[
    "Please ask your own team lead first.",
    "You do not need this for what you described.",
    "We agreed to wait until the project has started.",
];

struct Story<'d> {
    demo: &'d Demo,
    agenda: BTreeMap<(Moment, usize), Act>,
    acts: usize,
    dice: Dice,
    gone: BTreeSet<&'static str>,
}

/// Plays the story.
pub(super) fn tell(tx: &mut Tx<'_>, demo: &mut Demo) -> Result<(), AppError> {
    let mut story =
        Story { demo, agenda: BTreeMap::new(), acts: 0, dice: Dice(0x5EED_1A7C_4B3E), gone: BTreeSet::new() };
    for (days, hour, minute, act) in PLOT {
        story.plan(demo.at(*days, *hour, *minute), *act);
    }
    story.fill_up();
    while let Some(((at, _), act)) = story.agenda.pop_first() {
        demo.go_to(at);
        story.play(tx, act)?;
    }
    demo.go_to(demo.now);
    story.due(tx)
}

impl Story<'_> {
    /// Puts an act on the agenda, unless it lies in the future.
    fn plan(&mut self, at: Moment, act: Act) {
        if at < self.demo.now {
            self.agenda.insert((at, self.acts), act);
            self.acts += 1;
        }
    }

    fn now(&self) -> Moment {
        self.demo.app.now()
    }

    /// Every working day some ask for something, and timers run.
    fn fill_up(&mut self) {
        for day in (1..DAYS - 5).rev() {
            self.plan(self.demo.at(day, 6, 0), Act::Due);
            let weekday = (self.demo.now - Duration::days(day)).weekday();
            if matches!(weekday, Weekday::Sat | Weekday::Sun) {
                continue;
            }
            if day > 3 {
                self.plan(self.demo.at(day, 10, 30), Act::Fulfil);
            }
            for _ in 0..=self.dice.roll(2) {
                let hour = 8 + u32::try_from(self.dice.roll(8)).unwrap_or(0);
                let minute = u32::try_from(self.dice.roll(60)).unwrap_or(0);
                let who = self.dice.pick(PEOPLE).map_or("tom", |p| p.key);
                let wish = self.wish();
                let fate = match self.dice.roll(100) {
                    0..66 => Fate::Approve,
                    66..73 => Fate::GiveUp,
                    73..77 => Fate::Remove,
                    77..87 => Fate::Deny,
                    87..94 => Fate::Nothing,
                    _ => Fate::TakeBack,
                };
                if !TOLD.contains(&who) {
                    self.plan(self.demo.at(day, hour, minute), Act::Ask(who, wish, fate));
                }
            }
        }
    }

    fn wish(&mut self) -> &'static str {
        let all: u64 = WISHES.iter().map(|(_, weight)| weight).sum();
        let mut left = self.dice.roll(all);
        for (name, weight) in WISHES {
            if left < *weight {
                return name;
            }
            left -= weight;
        }
        "VPN"
    }

    fn hours(&mut self, from: u64, to: u64) -> Duration {
        let minutes = from * 60 + self.dice.roll((to - from) * 60);
        Duration::minutes(i64::try_from(minutes).unwrap_or(60))
    }

    fn words(&mut self, list: &[&'static str]) -> String {
        self.dice.pick(list).copied().unwrap_or_default().to_owned()
    }

    fn play(&mut self, tx: &mut Tx<'_>, act: Act) -> Result<(), AppError> {
        match act {
            Act::Ask(who, package, fate) => self.ask(tx, who, package, fate),
            Act::Assign(by, package, who) => self.assign(tx, by, package, who),
            Act::Decide(id, fate) => self.decide(tx, id, fate),
            Act::TakeBack(id) => self.take_back(tx, id),
            Act::GiveUp(id) => self.end(tx, id, false),
            Act::Remove(id) => self.end(tx, id, true),
            Act::Leave(who) => self.leave(tx, who),
            Act::Fulfil => by_hand::work(tx, self.demo),
            Act::Due => self.due(tx),
        }
    }

    fn ask(&mut self, tx: &mut Tx<'_>, who: &'static str, package: &str, fate: Fate) -> Result<(), AppError> {
        let (id, _) = self.demo.package(package)?;
        let user = self.demo.person(who)?;
        let Some(person) = people::person(tx, user)?.filter(|_| !self.gone.contains(who)) else {
            return Ok(());
        };
        let (cx, _) = self.demo.as_user(tx, user)?;
        let facts = request::gate_facts(tx, &person, id, cx.now)?;
        if gate(&facts).is_err() {
            return Ok(());
        }
        let wish = Submission {
            package: id,
            policy: facts.offered.first().copied(),
            subject: user,
            justification: self.words(REASONS),
            answers: json!({
                "deal": "The new branch of Northwind",
                "release": "4.2",
                "kind": "planned",
                "room": ["servers", "power"],
                "work": "Replace the batteries of row 3, together with the electrician.",
                "change": "CHG-2041",
                "part": "tools",
                "scope": "Invoices and payments of the last two quarters.",
                "attribute:badge-number": format!("{:06}", user.0.as_u128() % 1_000_000),
            }),
            token: String::new(),
        };
        let made = request::submit(tx, &cx, &wish)?;
        self.follow(tx, made, fate)
    }

    /// What comes next for a request.
    fn follow(&mut self, tx: &mut Tx<'_>, id: RequestId, fate: Fate) -> Result<(), AppError> {
        let Some(request) = requests::find(tx, id)? else {
            return Ok(());
        };
        let now = self.now();
        if let Some(due) = request.due_at {
            self.plan(due + Duration::seconds(3), Act::Due);
        }
        if request.state == RequestState::PendingApproval {
            match fate {
                Fate::Nothing => {}
                Fate::FirstOnly if request.stage > 1 => {}
                Fate::TakeBack => {
                    let at = now + self.hours(1, 30);
                    self.plan(at, Act::TakeBack(id));
                }
                _ => {
                    let at = now + self.hours(1, 28);
                    self.plan(at, Act::Decide(id, fate));
                }
            }
            return Ok(());
        }
        let held = match request.assignment {
            Some(id) => assignments::find(tx, id)?,
            None => None,
        };
        if let Some(held) = held {
            if let Some(end) = held.ends_at {
                self.plan(end + Duration::seconds(2), Act::Due);
            }
            let later = now + self.hours(5 * 24, 20 * 24);
            match fate {
                Fate::GiveUp => self.plan(later, Act::GiveUp(held.id)),
                Fate::Remove => self.plan(later, Act::Remove(held.id)),
                _ => {}
            }
        }
        Ok(())
    }

    fn assign(&mut self, tx: &mut Tx<'_>, by: &str, package: &str, who: &str) -> Result<(), AppError> {
        let (id, policy) = self.demo.package(package)?;
        let (cx, me) = self.demo.as_person(tx, by)?;
        let policy = policy.ok_or(AppError::NotFound)?;
        let wish = Direct {
            justification: "Works for sales until the project is over.".to_owned(),
            ..Direct::new(id, policy, self.demo.person(who)?)
        };
        request::assign(tx, &cx, &me, &wish)?;
        Ok(())
    }

    fn decide(&mut self, tx: &mut Tx<'_>, id: RequestId, fate: Fate) -> Result<(), AppError> {
        let Some(found) = requests::find(tx, id)? else {
            return Ok(());
        };
        let voted: BTreeSet<_> = requests::votes_of(tx, id)?
            .into_iter()
            .filter(|vote| vote.stage == found.stage)
            .map(|vote| vote.by)
            .collect();
        let deciders =
            request::current_deciders(tx, self.now(), &found)?.map(|d| d.users).unwrap_or_default();
        let Some(by) = deciders.into_iter().find(|user| !voted.contains(user)) else {
            return Ok(());
        };
        let last = found.stage >= found.stages;
        let (verdict, reason) = if fate == Fate::Deny && last {
            (Verdict::Deny, self.words(DENIALS))
        } else {
            let given = self.words(APPROVALS);
            let reason = if given.is_empty() && self.dice.roll(2) == 0 { String::new() } else { given };
            (Verdict::Approve, reason)
        };
        let (cx, _) = self.demo.as_user(tx, by)?;
        let decision = Decision {
            request: id,
            stage: Some(found.stage),
            seen_version: Some(found.version),
            by,
            verdict,
            reason: if reason.is_empty() { "OK.".to_owned() } else { reason },
            channel: Channel::Portal,
            ip: cx.author.origin.clone(),
        };
        request::decide(tx, &cx, &decision)?;
        self.follow(tx, id, fate)
    }

    fn take_back(&mut self, tx: &mut Tx<'_>, id: RequestId) -> Result<(), AppError> {
        let Some(found) = requests::find(tx, id)?.filter(|r| r.state == RequestState::PendingApproval) else {
            return Ok(());
        };
        let (cx, me) = self.demo.as_user(tx, found.subject)?;
        request::cancel(tx, &cx, id, &me, "I found another way.")
    }

    fn end(&mut self, tx: &mut Tx<'_>, id: AssignmentId, removed: bool) -> Result<(), AppError> {
        let Some(held) = assignments::find(tx, id)?.filter(|a| a.state.is_live()) else {
            return Ok(());
        };
        if removed {
            let (cx, me) = self.demo.as_person(tx, "root")?;
            request::remove(tx, &cx, id, &me, "Has changed teams.")?;
        } else if people::person(tx, held.subject_id)?.is_some_and(|p| p.enabled) {
            let (cx, me) = self.demo.as_user(tx, held.subject_id)?;
            request::give_up(tx, &cx, id, &me, "")?;
        }
        Ok(())
    }

    fn leave(&mut self, tx: &mut Tx<'_>, who: &'static str) -> Result<(), AppError> {
        let user = self.demo.person(who)?;
        let (cx, me) = self.demo.as_person(tx, "root")?;
        let permit = access::manage_directory(&me)?;
        if let Some(found) = crate::store::users::find(tx, user)? {
            users::disable(tx, &cx, permit, user, found.version)?;
        }
        self.gone.insert(who);
        Ok(())
    }

    /// What the timers of a running portal do.
    fn due(&mut self, tx: &mut Tx<'_>) -> Result<(), AppError> {
        const BATCH: i64 = 100;
        let (now, cx) = (self.now(), self.demo.app.system_cx("demo"));
        for id in assignments::ending(tx, now, BATCH)? {
            request::end_assignment(tx, &cx, id)?;
        }
        for id in requests::overdue(tx, now, BATCH)? {
            request::expire_request(tx, &cx, id)?;
        }
        for id in assignments::starting(tx, now, BATCH)? {
            request::start_assignment(tx, &cx, id)?;
        }
        for (id, stage) in requests::escalations_due(tx, now, BATCH)? {
            request::escalate_request(tx, &cx, id, stage)?;
        }
        for (id, stage) in requests::reminders_due(tx, now, BATCH)? {
            request::remind_approvers(tx, &cx, id, stage)?;
        }
        for id in assignments::reminders_due(tx, now, BATCH)? {
            request::remind_holder(tx, &cx, id)?;
        }
        for id in tasks::reminders_due(tx, now, BATCH)? {
            fulfil::remind(tx, &cx, id)?;
        }
        Ok(())
    }
}

//! The twenty mails of the reference table, each by its number: who gets it, who does not, when, and with which
//! subject (SPEC section 13, NOT-1, NOT-2).
//!
//! The people: Alice asks; Bob and Mia decide stage 1, Sam and Priya stage 2, Gus and Hana stage 3; Lena, Mona and
//! Nils are the alternates of the stages; Dora is disabled and named everywhere; Zoe has nothing to do with it.

use chrono::Duration;
use latchkey::app::request;
use latchkey::domain::approval::Verdict;
use latchkey::domain::policy::{Alternates, Approver, Expiry, Extension, Quorum, Stage, Terms};
use latchkey::kernel::Moment;
use latchkey::kernel::ids::{PackageId, RequestId};

use crate::requests::{decide, submit, the_assignment, the_request};
use crate::support::{Test, terms};

const APPROVERS: [[&str; 2]; 3] = [["bob", "mia"], ["sam", "priya"], ["gus", "hana"]];
const ALTERNATES: [&str; 3] = ["lena", "mona", "nils"];
/// The day on which stage 1 of a request that was made at the start is due, 4 days later.
const D: &str = "6 March 2026";

struct Scene {
    package: PackageId,
}

/// A package with so many stages of 4 days, two days until alternates are asked.
fn scene(t: &mut Test, stages: u8, escalates: bool, change: impl FnOnce(Terms) -> Terms) -> Scene {
    t.person("alice");
    t.user("zoe").create();
    t.user("dora").disabled().create();
    t.user("enno").disabled().create();
    for name in APPROVERS.iter().flatten().chain(&ALTERNATES) {
        t.person(name);
    }
    let user = |t: &mut Test, name: &str| Approver::User { id: t.person(name) };
    let mut plan = Vec::new();
    for (named, alternate) in APPROVERS.iter().zip(ALTERNATES).take(usize::from(stages)) {
        let approvers = vec![user(t, named[0]), user(t, named[1]), user(t, "dora")];
        let alternates = vec![user(t, alternate), user(t, "enno")];
        plan.push(Stage {
            limit_days: 4,
            alternates: escalates.then_some(Alternates { after_days: 2, approvers: alternates }),
            ..terms::stage(approvers)
        });
    }
    let catalog = t.catalog("Tools", "carol");
    let package = t.package(catalog, "Press", &[]);
    let terms = Terms { notify: true, ..terms::members(plan) };
    t.policy(package, "P", &change(terms));
    Scene { package }
}

fn plain(terms: Terms) -> Terms {
    terms
}

/// Stages of six days, so that alternates are asked before anybody is reminded.
fn longer(terms: Terms) -> Terms {
    let stages = terms.stages.into_iter().map(|s| Stage { limit_days: 6, ..s }).collect();
    Terms { stages, ..terms }
}

/// Who was sent a mail with this subject since the last call, in order of their names. Nobody gets it twice.
struct Post {
    seen: usize,
}

impl Post {
    fn new() -> Self {
        Self { seen: 0 }
    }

    /// What was sent since the last look: (subject, addressee), without confirmations.
    fn new_mails(&mut self, t: &Test) -> Vec<(String, String)> {
        let all = t.mails();
        let new = all[self.seen..].iter().filter(|m| m.kind != "decisionConfirmed");
        let new = new.map(|m| {
            let name = m.to.split('@').next().unwrap_or_default().to_owned();
            (m.subject.clone(), name)
        });
        let new: Vec<_> = new.collect();
        self.seen = all.len();
        new
    }

    /// Asserts that exactly these mails were sent since the last look.
    #[track_caller]
    fn expect(&mut self, t: &Test, expected: &[(u8, &str, &[&str])]) {
        let mut found = self.new_mails(t);
        found.sort();
        let mut wanted: Vec<(String, String)> = expected
            .iter()
            .flat_map(|(_, subject, people)| {
                people.iter().map(move |p| ((*subject).to_owned(), (*p).to_owned()))
            })
            .collect();
        wanted.sort();
        let numbers: Vec<u8> = expected.iter().map(|(n, ..)| *n).collect();
        assert_eq!(found, wanted, "mails {numbers:?}");
    }
}

fn at(t: &Test, id: RequestId, share: Duration) -> Moment {
    the_request(t, id).due_at.expect("due") - share
}

const APPROVED: &str = "Request approved for Alice Example to Press";

fn mails_6_10(t: &mut Test, escalates: bool) {
    let s = scene(t, 2, escalates, plain);
    let mut post = Post::new();
    let id = submit(t, "alice", s.package);
    t.run_jobs();
    t.advance(Duration::days(2));
    t.run_jobs();
    post.new_mails(t);
    t.clock.set(at(t, id, Duration::zero()));
    let told: &[&str] = if escalates { &["bob", "lena", "mia"] } else { &["bob", "mia"] };
    post.expect(
        t,
        &[(6, "Request has expired for Press", told), (10, "Your request has expired for Press", &["alice"])],
    );
    t.advance(Duration::days(9));
    post.expect(t, &[]);
}

fn mails_13_14_15_17(t: &mut Test, last: usize) {
    let s = scene(t, 3, true, longer);
    let mut post = Post::new();
    let id = submit(t, "alice", s.package);
    for by in ["bob", "sam"].into_iter().take(last - 1) {
        post.new_mails(t);
        decide(t, by, id, Verdict::Approve);
    }
    let day = "8 March 2026";
    let (asked, before, alternate) = (APPROVERS[last - 1], APPROVERS[last - 2], ALTERNATES[last - 1]);
    let title = format!("Action required: Approve or deny the request by {day} for Alice Example");
    post.expect(t, &[(if last == 2 { 8 } else { 16 }, APPROVED, &before), (13, &title, &asked)]);
    t.advance(Duration::days(2));
    let forwarded = format!("Action required: Approve or deny forwarded request by {day}");
    post.expect(t, &[(15, &forwarded, &[alternate])]);
    t.clock.set(at(t, id, Duration::days(3)));
    let reminder =
        format!("Action required reminder: Approve or deny the request by {day} for Alice Example");
    let all = [asked[0], asked[1], alternate];
    post.expect(t, &[(14, &reminder, &all)]);
    t.clock.set(at(t, id, Duration::days(1)));
    post.expect(t, &[(14, &reminder, &all)]);
    t.clock.set(at(t, id, Duration::zero()));
    post.expect(
        t,
        &[
            (17, "A request has expired for Press", &all),
            (10, "Your request has expired for Press", &["alice"]),
        ],
    );
}

fn mails_18_19_20(t: &mut Test, notify: bool) {
    let s = scene(t, 0, false, |terms| Terms {
        notify,
        expiry: Expiry::AfterDays { days: 60 },
        extension: Extension { allowed: true, needs_approval: false },
        ..terms
    });
    let mut post = Post::new();
    let id = submit(t, "alice", s.package);
    let people: &[&str] = if notify { &["alice"] } else { &[] };
    post.expect(t, &[(18, "You now have access to Press", people)]);
    let end = the_assignment(t, id).ends_at.expect("an end");
    let subject = format!("Extend access for Press by {}", end.format("%-d %B %Y"));
    t.clock.set(end - Duration::days(14) - Duration::seconds(1));
    post.expect(t, &[]);
    t.clock.set(end - Duration::days(14));
    post.expect(t, &[(19, &subject, people)]);
    t.clock.set(end - Duration::days(2));
    post.expect(t, &[]);
    t.clock.set(end - Duration::days(1));
    post.expect(t, &[(19, &subject, people)]);
    t.clock.set(end - Duration::seconds(1));
    post.expect(t, &[]);
    t.clock.set(end);
    post.expect(t, &[(20, "Access has ended for Press", people)]);
}

on_both! {
    /// Mails 2, 3, 7 and 18: one stage, nobody else is asked later.
    fn mails_2_3_7_18_one_stage(t: &mut Test) {
        let s = scene(t, 1, false, plain);
        let mut post = Post::new();
        let id = submit(t, "alice", s.package);
        post.expect(t, &[(2, &format!("Action required: Approve or deny request by {D}"), &["bob", "mia"])]);
        t.clock.set(at(t, id, Duration::days(2)));
        let reminder = format!("Reminder: Approve or deny the request by {D} for Alice Example");
        post.expect(t, &[(3, &reminder, &["bob", "mia"])]);
        t.advance(Duration::hours(23));
        post.expect(t, &[]);
        t.clock.set(at(t, id, Duration::days(1)));
        post.expect(t, &[(3, &reminder, &["bob", "mia"])]);
        decide(t, "bob", id, Verdict::Approve);
        post.expect(t, &[(7, APPROVED, &["bob", "mia"]), (18, "You now have access to Press", &["alice"])]);
        t.advance(Duration::days(3));
        post.expect(t, &[]);
    }

    /// Mails 4, 5 and 1: one stage whose alternates are asked after two days; 7 then goes to them too.
    fn mails_1_4_5_7_one_stage_with_alternates(t: &mut Test) {
        let s = scene(t, 1, true, longer);
        let mut post = Post::new();
        let day = "8 March 2026";
        let id = submit(t, "alice", s.package);
        post.expect(t, &[(4, &format!("Approve or deny the request by 10:00 on {day}"), &["bob", "mia"])]);
        t.advance(Duration::days(2));
        let forwarded = format!("Action required: Approve or deny forwarded request by {day}");
        post.expect(t, &[(1, &forwarded, &["lena"])]);
        t.clock.set(at(t, id, Duration::days(3)));
        let reminder = format!("Action required reminder: Approve or deny the request by {day} for Alice Example");
        post.expect(t, &[(5, &reminder, &["bob", "lena", "mia"])]);
        decide(t, "lena", id, Verdict::Approve);
        post.expect(t, &[
            (7, APPROVED, &["bob", "lena", "mia"]),
            (18, "You now have access to Press", &["alice"]),
        ]);
    }

    /// Mails 6 and 10: stage 1 expires; its alternates hear it only if they were asked.
    fn mails_6_10_stage_1_expires(t: &mut Test) {
        mails_6_10(t, false);
    }

    /// Mails 6 and 10: stage 1 expires; its alternates hear it only if they were asked.
    fn mails_6_10_stage_1_expires_with_alternates(t: &mut Test) {
        mails_6_10(t, true);
    }

    /// Mails 8, 11, 12, 16 and 7: three stages without alternates; stage 3 is like stage 2.
    fn mails_8_11_12_16_three_stages(t: &mut Test) {
        let s = scene(t, 3, false, plain);
        let mut post = Post::new();
        let id = submit(t, "alice", s.package);
        post.new_mails(t);
        for (stage, by, day) in [(2, "bob", "7 March 2026"), (3, "sam", "10 March 2026")] {
            t.advance(Duration::days(1));
            let before = APPROVERS[stage - 2];
            let asked = APPROVERS[stage - 1];
            post.new_mails(t);
            decide(t, by, id, Verdict::Approve);
            post.expect(t, &[
                (if stage == 2 { 8 } else { 16 }, APPROVED, &before),
                (11, &format!("Action required: Approve or deny request by {day}"), &asked),
            ]);
            t.clock.set(at(t, id, Duration::days(2)));
            let reminder = format!("Action required reminder: Approve or deny the request by {day}");
            post.expect(t, &[(12, &reminder, &asked)]);
        }
        decide(t, "gus", id, Verdict::Approve);
        post.expect(t, &[
            (7, APPROVED, &["bob", "mia", "priya", "sam"]),
            (16, APPROVED, &["gus", "hana"]),
            (18, "You now have access to Press", &["alice"]),
        ]);
    }

    /// Mails 13, 14, 15 and 17: stages 2 and 3 with alternates, until nobody decides.
    fn mails_13_14_15_17_stage_2_with_alternates(t: &mut Test) {
        mails_13_14_15_17(t, 2);
    }

    /// Mails 13, 14, 15 and 17: stages 2 and 3 with alternates, until nobody decides.
    fn mails_13_14_15_17_stage_3_with_alternates(t: &mut Test) {
        mails_13_14_15_17(t, 3);
    }

    /// Mail 9: a denial in stage 2, after alternates of stage 1 were asked. Everybody who was asked hears of it, the
    /// people of stage 3 nothing at all.
    fn mail_9_denied(t: &mut Test) {
        let s = scene(t, 3, true, plain);
        let mut post = Post::new();
        let id = submit(t, "alice", s.package);
        t.run_jobs();
        t.advance(Duration::days(2));
        t.run_jobs();
        decide(t, "lena", id, Verdict::Approve);
        post.new_mails(t);
        decide(t, "priya", id, Verdict::Deny);
        post.expect(t, &[
            (9, "Request denied to Press", &["alice"]),
            (9, "Request denied for Alice Example to Press", &["bob", "lena", "mia", "sam"]),
        ]);
        assert_eq!(t.notices_to("priya").last().map(String::as_str), Some("decisionConfirmed"));
        for nobody in ["gus", "hana", "nils", "mona", "zoe", "dora", "enno"] {
            assert!(t.notices_to(nobody).is_empty(), "{nobody}");
        }
    }

    /// With a quorum the stage's mails come when it is met, and reminders only to those who have not voted (NOT-2).
    fn mails_3_7_with_a_quorum(t: &mut Test) {
        let s = scene(t, 1, false, |terms| {
            let stages = terms.stages.into_iter().map(|s| Stage { quorum: Quorum::All, ..s }).collect();
            Terms { stages, ..terms }
        });
        let mut post = Post::new();
        let id = submit(t, "alice", s.package);
        post.new_mails(t);
        decide(t, "bob", id, Verdict::Approve);
        post.expect(t, &[]);
        t.clock.set(at(t, id, Duration::days(2)));
        let reminder = format!("Reminder: Approve or deny the request by {D} for Alice Example");
        post.expect(t, &[(3, &reminder, &["mia"])]);
        decide(t, "mia", id, Verdict::Approve);
        post.expect(t, &[(7, APPROVED, &["bob", "mia"]), (18, "You now have access to Press", &["alice"])]);
    }

    /// Mails 18, 19 and 20, with and without the policy's switch; the reminders of an end come 14 days and one day
    /// before it, once each, and not after an extension (NOT-2).
    fn mails_18_19_20_follow_the_policys_switch(t: &mut Test) {
        mails_18_19_20(t, true);
    }

    /// Mails 18, 19 and 20, with and without the policy's switch; the reminders of an end come 14 days and one day
    /// before it, once each, and not after an extension (NOT-2).
    fn mails_18_19_20_are_switched_off_by_the_policy(t: &mut Test) {
        mails_18_19_20(t, false);
    }

    /// Mail 19 is not sent where access cannot be extended.
    fn mail_19_only_if_extension_is_allowed(t: &mut Test) {
        let s = scene(t, 0, false, |terms| Terms {
            expiry: Expiry::AfterDays { days: 60 },
            extension: Extension::default(),
            ..terms
        });
        let mut post = Post::new();
        let id = submit(t, "alice", s.package);
        post.new_mails(t);
        let end = the_assignment(t, id).ends_at.expect("an end");
        for before in [14, 1] {
            t.clock.set(end - Duration::days(before));
            post.expect(t, &[]);
        }
    }

    /// Mails 7 and 18 when the access was assigned directly: the person is told as in any other case (ASG-4).
    fn mails_7_18_direct_assignment(t: &mut Test) {
        let s = scene(t, 1, false, plain);
        let mut post = Post::new();
        let alice = t.person("alice");
        let id = t.write_as("carol", |tx, cx, by| {
            let policy = latchkey::store::policies::enabled_of_package(tx, s.package)?[0].id;
            let wish = request::Direct {
                justification: "Needs it".into(),
                ..request::Direct::new(s.package, policy, alice)
            };
            request::assign(tx, cx, by, &wish)
        });
        post.new_mails(t);
        decide(t, "mia", id, Verdict::Approve);
        post.expect(t, &[
            (7, APPROVED, &["bob", "carol", "mia"]),
            (18, "You now have access to Press", &["alice"]),
        ]);
    }
}

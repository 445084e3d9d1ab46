//! The lifecycle of a policy, applied to access that people hold already (SPEC LIF-3).

use latchkey::app::bulk::{self, Batch};
use latchkey::app::catalog::lifecycle;
use latchkey::app::request;
use latchkey::domain::assignment::end_of;
use latchkey::domain::bulk::NewEnd;
use latchkey::domain::policy::{Expiry, Terms};
use latchkey::domain::request::RequestKind;
use latchkey::kernel::Moment;
use latchkey::kernel::ids::{BulkWorkId, RequestId};
use latchkey::store::bulk::find as find_work;
use latchkey::store::policies;

use super::*;
use crate::requests::{self, mails_to, the_assignment};
use crate::support::{Test, terms};

/// A package without approval for 30 days, and its policy.
fn month(t: &mut Test) -> (latchkey::kernel::ids::PackageId, latchkey::kernel::ids::PolicyId) {
    let s = t.sales();
    let package = t.package(s.catalog, "For a month", &[s.team_member]);
    let policy = t.policy(package, "All members", &for_days(30));
    (package, policy)
}

fn for_days(days: u16) -> Terms {
    Terms { expiry: Expiry::AfterDays { days }, ..terms::members(vec![]) }
}

fn edit(t: &Test, policy: latchkey::kernel::ids::PolicyId, days: u16) {
    t.write_as("carol", |tx, cx, me| {
        let there = policies::find(tx, policy)?.expect("there");
        let cases = latchkey::app::catalog::policies::edit;
        cases(tx, cx, me, policy, there.version, &there.fields, &for_days(days))
    });
}

fn draft(t: &Test, who: &str, policy: latchkey::kernel::ids::PolicyId) -> Result<BulkWorkId, AppError> {
    t.try_as(who, |tx, cx, me| {
        let version = policies::find(tx, policy)?.expect("there").version;
        lifecycle::draft(tx, cx, me, policy, version)
    })
}

fn confirm(t: &Test, work: BulkWorkId) {
    t.write_as("carol", |tx, cx, me| bulk::begin(tx, cx, me, work, None));
    bulk::run(&t.app, work, Batch::AT_ONCE).expect("it runs");
}

fn end(t: &Test, id: RequestId) -> Option<Moment> {
    the_assignment(t, id).ends_at
}

on_both! {
    /// Without the choice live access keeps its end; with it, only after the confirmation (SPEC LIF-3, POL-4).
    fn lif_3_live_access_changes_only_when_it_is_confirmed(t: &mut Test) {
        let (package, policy) = month(t);
        let asked = requests::submit(t, "alice", package);
        let before = end(t, asked);
        t.advance(chrono::Duration::days(1));
        edit(t, policy, 60);
        assert_eq!(end(t, asked), before, "an edit alone changes nothing");
        let work = draft(t, "carol", policy).unwrap();
        assert_eq!(end(t, asked), before, "a preview changes nothing");
        assert_eq!(t.read(|c| find_work(c, work)).unwrap().counts.waiting(), 1);
        confirm(t, work);
        let held = the_assignment(t, asked);
        let zone = t.app.instance.time_zone;
        assert_eq!(held.ends_at, end_of(Expiry::AfterDays { days: 60 }, held.starts_at, zone));
        assert_eq!(held.policy_version, 2);
        let alice = t.person("alice");
        assert_eq!(mails_to(t, alice), ["accessDelivered", "endChanged"]);
        let kind = RequestKind::AdminUpdate.as_str();
        assert_eq!(t.count(&format!("requests WHERE kind = '{kind}' AND state = 'delivered'")), 1);
        assert_eq!(t.count("audit_events WHERE action = 'assignment.changeEnd'"), 1);
        assert_eq!(refusal_of(draft(t, "carol", policy)), Refusal::NothingToDo, "once is enough");
        // The next edit finds them again.
        edit(t, policy, 45);
        assert!(draft(t, "carol", policy).is_ok());
    }

    /// An end in the past is refused and explained; it never happens by an edit (SPEC LIF-3).
    fn lif_3_nobody_ends_in_the_past(t: &mut Test) {
        let (package, policy) = month(t);
        let (old, new) = (requests::submit(t, "alice", package), { t.advance(chrono::Duration::days(9)); requests::submit(t, "dan", package) });
        let before = end(t, old);
        edit(t, policy, 5);
        let work = draft(t, "carol", policy).unwrap();
        let counts = t.read(|c| find_work(c, work)).unwrap().counts;
        assert_eq!((counts.waiting(), counts.refused), (1, 1));
        confirm(t, work);
        assert_eq!(end(t, old), before);
        let young = the_assignment(t, new);
        assert_eq!(young.ends_at, Some(young.starts_at + chrono::Duration::days(5)));
    }

    /// What somebody decided for one person stays: an end that was changed by hand is not touched.
    fn lif_3_an_end_of_its_own_stays(t: &mut Test) {
        let (package, policy) = month(t);
        let asked = requests::submit(t, "alice", package);
        let held = the_assignment(t, asked).id;
        let own: Moment = (*t.now() + chrono::Duration::days(3)).into();
        t.write_as("sam", |tx, cx, me| request::change_end(tx, cx, me, held, NewEnd::At { at: own }, ""));
        edit(t, policy, 60);
        assert_eq!(refusal_of(draft(t, "carol", policy)), Refusal::NothingToDo);
        assert_eq!(end(t, asked), Some(own));
    }

    /// Who may edit policies may; and only what was shown (SPEC section 2, PGE-3).
    fn lif_3_package_managers_may_and_nobody_else(t: &mut Test) {
        use latchkey::domain::access::Denied;
        let (package, policy) = month(t);
        requests::submit(t, "alice", package);
        edit(t, policy, 60);
        assert!(matches!(draft(t, "sam", policy), Err(AppError::Denied(Denied::Forbidden { .. }))));
        assert!(matches!(draft(t, "dan", policy), Err(AppError::Denied(Denied::Invisible))));
        assert!(draft(t, "priya", policy).is_ok());
        let stale = t.try_as("carol", |tx, cx, me| lifecycle::draft(tx, cx, me, policy, 1));
        assert_eq!(refusal_of(stale), Refusal::Stale);
    }

    /// The box in the editor leads to the preview; without it nothing is drafted. The policy's page offers it too.
    fn lif_3_the_editor_offers_it(t: &mut Test) {
        let (package, policy) = month(t);
        requests::submit(t, "alice", package);
        let carol = t.sign_in("carol");
        let at = format!("/manage/packages/{package}/policies/{policy}");
        let save = |days: &str, apply: bool| {
            let form = carol.page(&format!("{at}/edit")).form(&format!("{at}/edit")).set("expiry_days", days);
            let form = if apply { form.set("apply", "on") } else { form };
            carol.submit(&form.press("Save as new version")).expect(303).location()
        };
        assert_eq!(save("60", false), at);
        assert_eq!(t.count("bulk_works"), 0);
        carol.page(&at).assert_says("The access of 1 person ends as an earlier version says");
        assert!(save("50", true).starts_with(&format!("/manage/packages/{package}/bulk/")));
        assert_eq!(t.count("bulk_works WHERE state = 'draft'"), 1);
        let to = carol.submit(&carol.page(&at).form(&format!("{at}/apply")).press("Apply this lifecycle to them")).expect(303).location();
        assert!(to.starts_with(&format!("/manage/packages/{package}/bulk/")), "{to}");
        assert_eq!(save("30", true), at, "nothing to apply: they end so already");
    }
}

fn refusal_of<T: std::fmt::Debug>(got: Result<T, AppError>) -> Refusal {
    requests::refusal(got)
}

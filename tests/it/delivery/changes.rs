//! What a package grants is changed while people hold it (SPEC PKG-3), and the pages for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use latchkey::app::catalog::package_roles;
use latchkey::domain::order::Target;
use latchkey::domain::timeline::Step;
use latchkey::store::{package_changes, requests};

use super::fake::{Fake, Next};
use super::*;

on_both! {
    /// What comes is delivered to everybody, what goes is taken back unless other access gives it; thousands go in
    /// batches, the page says how far it is, and what failed is tried again (SPEC PKG-3).
    fn pkg_3_a_change_reaches_everybody_who_holds_it(t: &mut Test) {
        const PEOPLE: usize = 205;
        let w = world(t);
        let catalog = t.read(|c| latchkey::store::lasting::catalog_of(c, w.package));
        let group = t.group("Desk team", &[]);
        let desk = t.resource(catalog, "Desk team", Some(group), "carol");
        let member = t.role(desk, "Member", Some("member"));
        let wide = t.package(catalog, "Wide", &[member]);
        let wide_policy = t.policy(wide, "Direct", &terms::members(vec![]));
        let fake = Fake::new();
        let target: Arc<dyn Target> = fake.clone();
        let people: Vec<_> = (0..PEOPLE).map(|n| t.person(&format!("p{n}"))).collect();
        let all: Vec<_> = people.iter().map(|who| assign(t, *who, wide, wide_policy)).collect();
        assert_eq!(t.count(&format!("group_members WHERE group_id = '{group}'")), PEOPLE as i64);
        // One of them has the role through other access already.
        assign(t, people[0], w.package, w.policy);
        deliver(t, &target);
        let both: BTreeSet<_> = [member, w.role].into();
        let sam = t.sign_in("sam");
        let version = || t.read(|c| latchkey::store::packages::find(c, wide)).expect("a package").version;
        let preview = t.write_as("carol", |tx, cx, me| package_roles::preview(tx, me, wide, &both, cx.now));
        let impact: Vec<_> = preview.roles.iter().map(|(n, i)| (n.as_str(), i.added, i.holders, i.otherwise)).collect();
        assert_eq!(impact, [("Tickets: Agent", true, PEOPLE, 1)]);
        t.advance(chrono::Duration::minutes(1));
        t.write_as("carol", |tx, cx, me| package_roles::change_roles(tx, cx, me, wide, version(), &both));
        let progress = || t.read(|c| package_changes::progress(c, wide)).expect("a change");
        assert_eq!((progress().total, progress().done), (PEOPLE, 0));
        latchkey::jobs::packages::carry(&t.app).expect("a batch");
        assert_eq!(progress().done, 0, "ordered, not there yet");
        assert_eq!(t.count(&format!("deliveries WHERE resource_role_id = '{}' AND state = 'pending'", w.role)), 200);
        latchkey::jobs::packages::carry(&t.app).expect("a batch");
        fake.plan(&[Next::Refuses, Next::Refuses]);
        deliver(t, &target);
        let p = progress();
        assert_eq!((p.total, p.done, p.failed.len()), (PEOPLE, PEOPLE - 2, 2));
        // The first of the two that were refused has the role through other access already.
        assert_eq!(fake.holds(), PEOPLE - 1);
        let page = sam.page(&format!("/manage/packages/{wide}/roles"));
        page.assert_says(&format!("{} of {PEOPLE} done, 2 failed.", PEOPLE - 2));
        page.assert_says("no such person");
        // Every timeline says it.
        let story = t.read(|c| requests::making(c, all[7].id)).expect("a request").id;
        let steps = t.read(|c| requests::steps(c, story));
        let added = |s: &Step| matches!(s, Step::PackageChanged { added, .. } if added == &["Tickets: Agent"]);
        assert_eq!(steps.iter().filter(|e| added(&e.step)).count(), 1);
        // Sam tries again what failed.
        sam.done(&sam.page(&format!("/manage/packages/{wide}/roles")).form(&format!("/manage/packages/{wide}/roles/try-again")).press("Try the failed ones again"));
        t.run_jobs();
        deliver(t, &target);
        assert!(progress().complete() && fake.holds() == PEOPLE, "{:?}", progress());
        // Now both go: the directory's at once, the webhook's by orders; one keeps it through other access.
        t.advance(chrono::Duration::minutes(1));
        t.write_as("carol", |tx, cx, me| package_roles::change_roles(tx, cx, me, wide, version(), &BTreeSet::new()));
        while latchkey::jobs::packages::carry(&t.app).expect("a batch").more {}
        deliver(t, &target);
        assert!(progress().complete(), "{:?}", progress());
        assert_eq!((fake.holds(), recorded(t, w.role)), (1, 1));
        assert_eq!(t.count(&format!("group_members WHERE group_id = '{group}'")), 0);
        assert_eq!(t.count("audit_events WHERE action = 'package.changeRoles'"), 2);
    }

    /// Before it is saved, the page says to how many something happens (SPEC PKG-3, PGE-4).
    fn pkg_3_the_page_asks_before_people_gain_or_lose(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        assign(t, alice, w.package, w.policy);
        assign(t, alice, w.other, w.other_policy);
        let dan = t.person("dan");
        assign(t, dan, w.package, w.policy);
        let carol = t.sign_in("carol");
        let path = format!("/manage/packages/{}/roles", w.package);
        let form = carol.page(&path).form(&path).unset("roles", &w.role.to_string()).press("Save roles");
        let asked = carol.submit(&form).expect(200).page();
        asked.assert_says("1 person loses “Tickets: Agent”. 1 person keeps it through other access.");
        assert_eq!(t.read(|c| latchkey::store::packages::roles(c, w.package)).len(), 1, "nothing is saved yet");
        let after = carol.done(&asked.form(&format!("{path}/apply")).press("Change it now"));
        after.assert_says("0 of 2 done.");
        assert_eq!(t.read(|c| latchkey::store::packages::roles(c, w.package)).len(), 0);
    }

    /// Owners of a resource choose how it is delivered; the secret is shown once, and never again (SPEC DLV-6).
    fn dlv_6_owners_set_a_webhook_up(t: &mut Test) {
        let w = world(t);
        t.sql(&format!("UPDATE resources SET connector = 'directory' WHERE id = '{}'", w.app));
        let carol = t.sign_in("carol");
        let path = format!("/resources/{}/webhook", w.app);
        let form = carol.page(&path).form(&path).set("url", "hooks").press("Deliver by this webhook");
        let again = carol.submit(&form).expect(422).page();
        again.assert_says("Write the whole address");
        let form = again.form(&path).set("url", "https://hooks.example.com/x").press("Deliver by this webhook");
        let shown = carol.submit(&form).expect(200);
        let secret = t.texts("SELECT secret AS n FROM webhook_targets").remove(0);
        assert!(secret.starts_with("whsec_") && shown.body.contains(&secret), "it is shown now");
        let page = carol.page(&path);
        page.assert_silent_about(&secret);
        carol.done(&page.form(&format!("{path}/test")).press("Send a test"));
        t.run_jobs();
        carol.page(&path).assert_says("cannot deliver by webhook");
        let rotated = carol.submit(&page.form(&format!("{path}/secret")).press("Make a new secret")).expect(200);
        let new = t.texts("SELECT secret AS n FROM webhook_targets").remove(0);
        assert!(new != secret && rotated.body.contains(&new) && !rotated.body.contains(&secret));
        carol.submit(&page.form(&format!("{path}/secret")).press("Make a new secret")).expect(409);
        let audit = t.texts("SELECT action AS n FROM audit_events WHERE action LIKE 'resource.%' ORDER BY seq");
        assert_eq!(audit, ["resource.delivery", "resource.testDelivery", "resource.rotateSecret"]);
        let everything = t.texts("SELECT old_values || new_values AS n FROM audit_events");
        assert!(!everything.join(" ").contains("whsec_"), "no secret in the audit log");
        t.sign_in("sam").get(&path).expect(403);
        t.sign_in("dan").get(&path).expect(404);
    }
}

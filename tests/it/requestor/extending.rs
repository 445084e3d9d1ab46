//! Extending access and asking for a period, on the pages (SPEC REQ-7, POL-6, DLV-8, PGE-3).

use chrono::Duration;
use latchkey::domain::approval::Verdict;
use latchkey::domain::policy::{Expiry, Extension, Terms};
use latchkey::kernel::ids::PackageId;

use super::{asked, form_of};
use crate::requests::{decide, submit, the_assignment, the_request};
use crate::support::{Test, terms};

fn free(t: &mut Test, name: &str, expiry: Expiry) -> PackageId {
    for name in ["alice", "bob"] {
        t.person(name);
    }
    let catalog = t.catalog(name, "carol");
    let package = t.package(catalog, name, &[]);
    let terms = Terms {
        custom_timeline: true,
        expiry,
        extension: Extension { allowed: true, needs_approval: true },
        ..terms::members(vec![terms::manager()])
    };
    t.policy(package, "Everybody", &terms);
    package
}

on_both! {
    /// From "ends soon" to the new end: what will happen is said before, the access goes on, and the wanted end is
    /// checked beside its field (SPEC REQ-7).
    fn req_7_a_person_extends(t: &mut Test) {
        let package = free(t, "Tool", Expiry::AfterDays { days: 30 });
        let id = submit(t, "alice", package);
        decide(t, "bob", id, Verdict::Approve);
        let held = the_assignment(t, id).id;
        let path = format!("/access/{held}/extend");
        t.advance(Duration::days(20));
        let alice = t.sign_in("alice");
        for list in ["/", "/access"] {
            assert_eq!(alice.page(list).link("Extend Tool"), path, "{list}");
        }
        assert_eq!(alice.page(&format!("/access/{held}")).link("Extend"), path);
        let page = alice.page(&path);
        page.assert_says("You keep your access while you wait.");
        page.assert_says("Bob Example (your manager)");
        let form = page.form(&path).set("justification", "Still needed").press("Ask for the extension");
        for (end, wrong) in [("2026-03-20", "never shortens"), ("2026-12-01", "The end is too late"), ("nonsense", "Write a date")] {
            // 1 April is the old end.
            let again = alice.submit(&form.clone().forge("end", end)).expect(422).page();
            again.assert_says(wrong);
            assert_eq!(again.form(&path).values("justification"), ["Still needed"]);
        }
        let sent = alice.done(&form.set("end", "2026-04-10"));
        sent.assert_says("You keep your access while you wait.");
        let extension = t.texts("SELECT CAST(id AS TEXT) AS n FROM requests WHERE kind = 'userUpdate'").remove(0);
        let story = alice.page(&format!("/requests/{extension}"));
        story.assert_says("Extension requested");
        alice.page("/requests").assert_state(&extension, "pendingApproval");
        alice.page("/access").assert_state(&held.to_string(), "delivered");
        // While it waits there is no second one.
        alice.get(&path).expect(303);
        decide(t, "bob", extension.parse().expect("an id"), Verdict::Approve);
        alice.page(&format!("/requests/{extension}")).assert_says("Access extended");
        assert_eq!(the_assignment(t, id).ends_at, Some("2026-04-10T22:00:00Z".parse().expect("an instant")));
    }

    /// Nobody else's access: not the page, not a forged post (I16); who cannot extend hears why.
    fn req_7_the_form_is_for_the_holder(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.price_list);
        let path = format!("/access/{}/extend", the_assignment(t, id).id);
        for name in ["bob", "carol", "dan", "root"] {
            let b = t.sign_in(name);
            b.get(&path).expect(404);
            let csrf = b.page("/").attribute_of("form[action='/sign-out'] input[name='csrf']", "value");
            b.post(&path, &[("csrf", &csrf), ("token", "x"), ("justification", "")]).expect(404);
        }
        assert_eq!(t.count("requests WHERE kind = 'userUpdate'"), 0);
        let alice = t.sign_in("alice");
        let to = alice.get(&path).expect(303).location();
        alice.page(&to).assert_says("does not end by itself");
        let csrf = alice.page("/").attribute_of("form[action='/sign-out'] input[name='csrf']", "value");
        alice.post(&path, &[("csrf", &csrf), ("token", "x"), ("justification", "")]).expect(409);
        alice.post(&path, &[("csrf", &csrf), ("token", "x"), ("justification", ""), ("nonsense", "1")]).expect(400);
    }

    /// Answers that can be changed later have a page of their own (SPEC QST-1, REQ-7).
    fn req_7_a_person_changes_answers(t: &mut Test) {
        t.person("alice");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        let mut asks = terms::members(vec![]);
        asks.questions = vec![terms::question("seat", "Which seat?", true), terms::question("deal", "Which deal?", true)];
        asks.questions[0].editable_later = true;
        t.policy(package, "Everybody", &asks);
        let alice = t.sign_in("alice");
        let id = asked(&alice, package, "");
        let held = the_assignment(t, id).id;
        let path = format!("/access/{held}/answers");
        let page = alice.page(&format!("/access/{held}"));
        assert_eq!(page.link("Change answers"), path);
        let page = alice.page(&path);
        page.assert_says("These answers stay as they are.");
        let field = page.form(&path).data().into_iter().map(|(n, _)| n).find(|n| n.starts_with("q.")).expect("a question");
        let empty = page.form(&path).set(&field, "").press("Save answers");
        alice.submit(&empty).expect(422).page().assert_says("This question needs an answer.");
        alice.done(&page.form(&path).set(&field, "12").press("Save answers")).assert_says("Your answers are changed.");
        let change = t.texts("SELECT CAST(id AS TEXT) AS n FROM requests WHERE kind = 'userUpdate'").remove(0);
        let story = alice.page(&format!("/requests/{change}"));
        story.assert_says("Changed answers");
        story.assert_says("12");
        assert_eq!(alice.page(&path).form(&path).values(&field), ["12"]);
    }

    /// A period on the request form: days in the person's zone, wrong ones beside their field, scheduled access in
    /// the lists, cancelled until it starts (SPEC POL-6, DLV-8).
    fn dlv_8_a_person_asks_for_later(t: &mut Test) {
        let package = free(t, "Tool", Expiry::AfterDays { days: 30 });
        let path = form_of(package);
        let alice = t.sign_in("alice");
        let form = alice.page(&path).form(&path).set("justification", "Later");
        let wrong = alice.submit(&form.clone().forge("start", "2026-03-01").forge("end", "2026-02-01")).expect(422).page();
        wrong.assert_says("The start must not be in the past.");
        wrong.assert_says("The end must not be in the past.");
        assert_eq!(wrong.form(&path).values("start"), ["2026-03-01"]);
        alice.submit(&form.clone().set("start", "2026-03-10").set("end", "2026-05-01")).expect(422).page().assert_says("The end is too late");
        assert_eq!(t.count("requests"), 0);
        let to = alice.submit(&form.set("start", "2026-03-10").set("end", "2026-03-20")).expect(303).location();
        let id = to.strip_prefix("/requests/").expect("the request").parse().expect("an id");
        alice.page(&to).assert_says("Wanted from");
        decide(t, "bob", id, Verdict::Approve);
        let held = the_assignment(t, id);
        assert_eq!(held.starts_at, "2026-03-09T23:00:00Z".parse().expect("an instant"));
        assert_eq!(held.ends_at, Some("2026-03-20T23:00:00Z".parse().expect("an instant")));
        alice.page("/access?show=scheduled").assert_state(&held.id.to_string(), "scheduled");
        let list = alice.page("/requests");
        list.assert_state(&id.to_string(), "scheduled");
        list.assert_says("starts Tue");
        alice.page("/access").assert_no_row(&held.id.to_string());
        let page = alice.page(&to);
        page.assert_says("Access starts on");
        alice.done(&page.form_called("Cancel it now").set("reason", "not needed")).assert_state(&id.to_string(), "canceled");
        alice.page("/access?show=scheduled").assert_no_row(&held.id.to_string());
        assert_eq!(the_request(t, id).completed_at, Some(t.now()));
    }

    /// Where the policy gives no choice the form has no such fields, and a forged post is refused (SPEC POL-6).
    fn pol_6_no_period_where_the_policy_gives_none(t: &mut Test) {
        let s = t.sales();
        let alice = t.sign_in("alice");
        let path = form_of(s.onboarding);
        let page = alice.page(&path);
        assert_eq!(page.count("input[name='start']") + page.count("input[name='end']"), 0);
        let forged = page.form(&path).set("justification", "x").forge("end", "2026-03-10");
        alice.submit(&forged).expect(422).page().assert_says("does not let you choose");
        assert_eq!(t.count("requests"), 0);
    }
}

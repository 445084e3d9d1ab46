//! My team (SPEC POL-6, ASG-3, section 14).

use latchkey::domain::policy::Terms;
use latchkey::kernel::ids::PackageId;

use crate::requests::{submit, the_assignment};
use crate::support::{Browser, Test, terms};

fn tool(t: &mut Test, stages: Vec<latchkey::domain::policy::Stage>) -> PackageId {
    let catalog = t.catalog("Tools", "carol");
    let package = t.package(catalog, "Tool", &[]);
    t.policy(package, "Everybody", &Terms { on_behalf: true, ..terms::members(stages) });
    package
}

fn csrf(b: &Browser) -> String {
    b.page("/").attribute_of("form[action='/sign-out'] input[name='csrf']", "value")
}

on_both! {
    /// The manager sees the reports with their access and asks for them; several at once give one request each, with
    /// its own result (SPEC POL-6).
    fn pol_6_a_manager_asks_for_the_team(t: &mut Test) {
        let s = t.sales();
        let (alice, zoe) = (t.person("alice"), t.user("zoe").manager("bob").create());
        let package = tool(t, vec![terms::manager()]);
        let bob = t.sign_in("bob");
        assert_eq!(bob.page("/").link("My team"), "/team");
        let team = bob.page("/team");
        team.assert_says("Alice Example");
        team.assert_says("Zoe Example");
        assert_eq!(team.link("Request something for Zoe Example"), format!("/team/{zoe}/packages"));
        let packages = bob.page(&format!("/team/{zoe}/packages"));
        packages.assert_says("Tool");
        packages.assert_no_row(&s.onboarding.to_string());
        let one = packages.link("Request Tool");
        let path = format!("/packages/{package}/request-for");
        assert_eq!(one, format!("{path}?for={zoe}"));
        let form = bob.page(&one).form(&path).set("justification", "For the new project");
        assert_eq!(form.values("for"), [zoe.to_string()]);
        // Alice has asked for herself already, so only Zoe gets it.
        let both = bob.page(&path).form(&path).set("for", &alice.to_string()).set("for", &zoe.to_string()).set("justification", "x");
        submit(t, "alice", package);
        let done = bob.submit(&both).expect(200).page();
        done.assert_says("1 request was made.");
        done.assert_state(&zoe.to_string(), "requested");
        done.assert_state(&alice.to_string(), "refused");
        done.assert_says("already on its way");
        // The same form again makes nothing new.
        bob.submit(&both).expect(200);
        assert_eq!(t.count("requests"), 2);
        let request = t.texts("SELECT CAST(id AS TEXT) AS n FROM requests WHERE kind = 'onBehalfAdd'").remove(0);
        bob.page("/requests").assert_says("for Zoe Example");
        bob.page(&format!("/team/{zoe}")).assert_state(&request, "pendingApproval");
        let theirs = t.sign_in("zoe");
        theirs.page("/requests").assert_says("by Bob Example");
        theirs.page(&format!("/requests/{request}")).assert_says("Bob Example");
        // Bob would be the approver: he has nothing to decide about it (APR-2).
        bob.get(&format!("/approvals/{request}")).expect(404);
    }

    /// Nobody chosen, somebody else's report, a package that is not open to managers: nothing happens (SPEC POL-6).
    fn pol_6_forged_requests_for_others_make_nothing(t: &mut Test) {
        let s = t.sales();
        let (alice, dan) = (t.person("alice"), t.person("dan"));
        let package = tool(t, vec![]);
        let path = format!("/packages/{package}/request-for");
        let bob = t.sign_in("bob");
        let form = bob.page(&path).form(&path).set("justification", "x");
        bob.submit(&form).expect(422).page().assert_says("Choose whom the request is for.");
        bob.submit(&form.clone().forge("for", &dan.to_string())).expect(404);
        bob.submit(&form.clone().forge("for", "nonsense")).expect(404);
        let closed = format!("/packages/{}/request-for", s.onboarding);
        bob.get(&closed).expect(404);
        let token = csrf(&bob);
        bob.post(&closed, &[("csrf", &token), ("token", "x"), ("justification", ""), ("for", &alice.to_string())]).expect(404);
        for name in ["alice", "carol", "root"] {
            let b = t.sign_in(name);
            b.get(&path).expect(404);
            let token = csrf(&b);
            b.post(&path, &[("csrf", &token), ("token", "x"), ("justification", ""), ("for", &alice.to_string())]).expect(404);
        }
        assert_eq!(t.count("requests"), 0);
    }

    /// Taking access away says what it does, wants a reason, and is for the manager alone (SPEC ASG-3, PGE-4).
    fn asg_3_a_manager_removes_access_on_the_page(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let id = submit(t, "alice", s.price_list);
        let held = the_assignment(t, id).id;
        let path = format!("/team/{alice}/access/{held}/remove");
        let bob = t.sign_in("bob");
        let person = bob.page(&format!("/team/{alice}"));
        person.assert_state(&held.to_string(), "delivered");
        assert_eq!(person.link("Remove Price list"), path);
        let page = bob.page(&path);
        page.assert_says("Alice Example loses at once what it gives");
        page.assert_says("Sales team");
        bob.submit(&page.form(&path)).expect(422).page().assert_says("Say why you remove it");
        for name in ["alice", "dan", "carol", "root"] {
            let b = t.sign_in(name);
            b.get(&path).expect(404);
            let token = csrf(&b);
            b.post(&path, &[("csrf", &token), ("reason", "x")]).expect(404);
        }
        // Another person's access under the name of a report is not found either.
        let other = submit(t, "dan", s.price_list);
        let foreign = format!("/team/{alice}/access/{}/remove", the_assignment(t, other).id);
        let token = csrf(&bob);
        bob.post(&foreign, &[("csrf", &token), ("reason", "x")]).expect(404);
        assert_eq!(t.count("assignments WHERE state = 'delivered'"), 2);
        bob.done(&page.form(&path).set("reason", "Changed teams")).assert_says("is removed from Alice Example");
        let over = t.sign_in("alice").page(&format!("/access/{held}"));
        over.assert_says("removed by the manager");
        assert_eq!(t.count("assignments WHERE state = 'delivered'"), 1);
    }

    /// Who has no reports sees that, and has no item for it in the navigation.
    fn my_team_without_a_team(t: &mut Test) {
        t.sales();
        let dan = t.sign_in("dan");
        dan.page("/team").assert_says("Nobody reports to you");
        assert_eq!(dan.page("/").count("a[href='/team']"), 0);
    }
}

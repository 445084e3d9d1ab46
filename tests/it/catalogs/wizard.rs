//! The wizard that makes a package, walked through its real forms (SPEC PKG-6).

use latchkey::domain::policy::{Expiry, Scope};
use latchkey::store;

use crate::support::html::Page;
use crate::support::{Browser, Test};

fn packages(t: &Test) -> i64 {
    t.count("packages WHERE deleted_at IS NULL")
}

/// The wizard's form on this page.
fn form(page: &Page, at: &str) -> crate::support::form::Form {
    page.form(at)
}

fn next(carol: &Browser, page: &Page, at: &str) -> Page {
    carol.submit(&form(page, at).press("Next")).expect(200).page()
}

on_both! {
    /// Step by step; going back loses nothing; nothing exists before the last step (SPEC PKG-6).
    fn pkg_6_the_wizard_makes_a_package_at_its_last_step(t: &mut Test) {
        let sales = t.sales();
        let before = packages(t);
        let carol = t.sign_in("carol");
        let at = format!("/catalogs/{}/packages/new", sales.catalog);

        // Basics: a name is needed, and what was typed stays.
        let page = carol.page(&at);
        let refused = carol.submit(&form(&page, &at).set("description", "For new sellers").press("Next")).expect(422).page();
        refused.assert_says("For new sellers");
        assert_eq!(refused.count("[aria-invalid=true]"), 1);
        let basics = form(&refused, &at).set("name", "Starter").set("hidden", "on").press("Next");
        let page = carol.submit(&basics).expect(200).page();

        // Resource roles, then back to the basics and on again.
        let roles = form(&page, &at).set("roles", &sales.team_member.to_string());
        let back = carol.submit(&roles.clone().press("Back")).expect(200).page();
        let kept = form(&back, &at);
        assert_eq!(kept.values("name"), ["Starter"]);
        assert_eq!(kept.values("description"), ["For new sellers"]);
        assert_eq!(kept.values("hidden"), ["on"]);
        let page = next(&carol, &back, &at);
        assert_eq!(form(&page, &at).values("roles"), [sales.team_member.to_string()]);
        let page = next(&carol, &page, &at);

        // Requests: somebody whom nobody knows is told apart, with everything kept.
        let requests = form(&page, &at)
            .set("policy_name", "The team")
            .set("scope", "specific")
            .set("stages", "2")
            .forge("s2_kinds", "catalogOwners")
            .set("s2_limit", "3");
        let wrong = requests.clone().forge("scope_people", "Nobody Atall").press("Next");
        let refused = carol.submit(&wrong).expect(422).page();
        refused.assert_says("Nobody Atall");
        assert_eq!(form(&refused, &at).values("s2_limit"), ["3"]);
        let good = requests.forge("scope_people", "alice@demo.example").press("Next");
        let page = carol.submit(&good).expect(200).page();

        // Requestor information, lifecycle, with a limit that is broken first.
        let page = carol.submit(&form(&page, &at).set("justification", "on").press("Next")).expect(200).page();
        let refused = carol.submit(&form(&page, &at).set("expiry_days", "4000").press("Next")).expect(422).page();
        refused.assert_says("3660");
        let page = carol.submit(&form(&refused, &at).set("expiry_days", "20").press("Next")).expect(200).page();

        // Review shows everything, and still nothing exists.
        for words in ["Starter", "Sales team: Member", "20 days", "stage 2", "The owners of the catalog"] {
            page.assert_says(words);
        }
        assert_eq!(packages(t), before, "nothing exists before the last step");
        let done = carol.submit(&form(&page, &at).press("Create package")).expect(303);
        assert_eq!(packages(t), before + 1);
        let made = carol.page(&done.location());
        made.assert_says("Starter");

        let row = t.texts("SELECT name AS n FROM packages WHERE name = 'Starter' AND hidden = TRUE");
        assert_eq!(row.len(), 1);
        let id = done.location().rsplit('/').next().unwrap().parse().unwrap();
        let policies = t.read(|c| store::policies::enabled_of_package(c, id));
        let alice = t.principal("alice").user;
        let terms = &policies[0].terms;
        assert_eq!(terms.scope, Scope::Specific { users: [alice].into(), groups: [].into() });
        assert_eq!(terms.stages.len(), 2);
        assert_eq!(terms.stages[1].limit_days, 3);
        assert!(terms.justification_required);
        assert_eq!(terms.expiry, Expiry::AfterDays { days: 20 });
        assert_eq!(t.read(|c| store::packages::roles(c, id)).len(), 1);

        // The same form sent again makes no second package.
        carol.submit(&form(&page, &at).press("Create package")).expect(409);
        assert_eq!(packages(t), before + 1);
    }

    /// What travels in hidden fields is judged at the end like anything else (SPEC PKG-6, PKG-1).
    fn pkg_6_forged_steps_are_judged_at_the_end(t: &mut Test) {
        let sales = t.sales();
        let lab = t.catalog("Lab", "carol");
        let before = packages(t);
        let carol = t.sign_in("carol");
        let at = format!("/catalogs/{lab}/packages/new");
        let page = carol.page(&at);
        let jump = form(&page, &at).set("name", "Jump").forge("go", "create").forge("expiry_days", "0");
        let refused = carol.submit(&jump).expect(422).page();
        refused.assert_says("Lifecycle");
        let foreign = jump.forge("expiry_days", "5").forge("roles", &sales.team_member.to_string()).forge("go", "create");
        carol.submit(&foreign).expect(409);
        carol.submit(&form(&page, &at).forge("surprise", "1").forge("go", "next")).expect(400);
        assert_eq!(packages(t), before);
    }

    /// Whoever leaves finds everything where it was, alone, until the package is made or the form emptied (SPEC PKG-6).
    fn pkg_6_leaving_and_coming_back_loses_nothing(t: &mut Test) {
        let sales = t.sales();
        let carol = t.sign_in("carol");
        let at = format!("/catalogs/{}/packages/new", sales.catalog);
        let basics = form(&carol.page(&at), &at).set("name", "Starter").set("hidden", "on");
        let page = carol.submit(&basics.press("Next")).expect(200).page();
        let roles = form(&page, &at).set("roles", &sales.team_member.to_string());
        let page = carol.submit(&roles.press("Next")).expect(200).page();
        // What is wrong is kept as well.
        carol.submit(&form(&page, &at).set("s1_limit", "99").press("Next")).expect(422);

        let back = carol.page(&at);
        back.assert_says("What you typed is still here");
        let kept = form(&back, &at);
        assert_eq!(kept.values("s1_limit"), ["99"]);
        assert_eq!(kept.values("name"), ["Starter"]);
        assert_eq!(kept.values("roles"), [sales.team_member.to_string()]);
        assert_eq!(t.count("packages WHERE name = 'Starter'"), 0);
        assert_eq!(form(&t.sign_in("priya").page(&at), &at).values("name"), [""], "it is Carol's own");

        let mut page = carol.submit(&kept.set("s1_limit", "9").press("Next")).expect(200).page();
        for _ in 0..2 {
            page = next(&carol, &page, &at);
        }
        carol.submit(&form(&page, &at).press("Create package")).expect(303);
        assert_eq!(form(&carol.page(&at), &at).values("name"), [""], "a new package starts empty");

        let again = form(&carol.page(&at), &at).set("name", "Another");
        carol.submit(&again.press("Next")).expect(200);
        let empty = carol.submit(&form(&carol.page(&at), &at).press("Start over")).expect(303);
        assert_eq!(form(&carol.page(&empty.location()), &at).values("name"), [""]);
    }

    /// Who may not make packages has no wizard (SPEC section 2, ROL-6).
    fn rol_6_the_wizard_is_for_those_who_keep_packages(t: &mut Test) {
        let sales = t.sales();
        let at = format!("/catalogs/{}/packages/new", sales.catalog);
        for (who, status) in [("carol", 200), ("priya", 200), ("root", 200), ("sam", 403), ("aud", 403), ("dan", 404), ("alice", 404)] {
            t.sign_in(who).get(&at).expect(status);
        }
    }
}

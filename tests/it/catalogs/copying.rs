//! Moving and duplicating packages (SPEC PKG-5, PKG-7).

use latchkey::app::catalog::copying::{self, Copy};
use latchkey::app::catalog::separation;
use latchkey::domain::Refusal;
use latchkey::domain::access::CatalogRole;
use latchkey::domain::conflict::Against;
use latchkey::store;

use super::{forbidden, invisible, package_fields, refusal};
use crate::requests::{submit, the_assignment};
use crate::support::Test;

on_both! {
    /// Only to a catalog that holds all its resources, by somebody who owns both (SPEC PKG-5).
    fn pkg_5_a_package_moves(t: &mut Test) {
        let sales = t.sales();
        let held = submit(t, "alice", sales.price_list);
        let lab = t.catalog("Lab", "mia");
        let go = |t: &Test, who: &str| t.try_as(who, |tx, cx, me| copying::move_to(tx, cx, me, sales.price_list, 1, lab));
        forbidden(go(t, "priya"), "Catalog owner");
        invisible(go(t, "carol"));
        invisible(go(t, "mia"));
        t.grant_in(lab, CatalogRole::PackageManager, "carol");
        forbidden(go(t, "carol"), "Catalog owner");
        t.grant_in(lab, CatalogRole::Owner, "carol");
        assert_eq!(refusal(go(t, "carol")), Refusal::ResourcesMissing("Lab".into(), "Sales team".into()));
        let team = t.read(|c| store::resources::find_for_group(c, sales.team)).unwrap().id;
        let carol = t.sign_in("carol");
        let at = format!("/manage/packages/{}/move", sales.price_list);
        let page = carol.page(&at);
        assert_eq!(page.link("Sales team"), format!("/resources/{team}"), "what is missing, with a link");
        t.write_as("carol", |tx, cx, me| latchkey::app::catalog::resources::add(tx, cx, me, lab, team));
        let page = carol.page(&at);
        page.assert_says("1 person keeps it");
        let twin = t.package(lab, "price LIST", &[]);
        let taken = carol.submit(&page.form(&at).set("catalog", &lab.to_string()).press("Move package")).expect(409).page();
        taken.assert_says("There is already a package in that catalog with this name.");
        t.sql(&format!("UPDATE packages SET name = 'Other', name_folded = 'other' WHERE id = '{twin}'"));
        carol.done(&taken.form(&at).press("Move package")).assert_says("Package moved.");
        let moved = t.read(|c| store::packages::find(c, sales.price_list)).unwrap();
        assert_eq!(moved.catalog, lab);
        assert!(the_assignment(t, held).state.is_live(), "who has it keeps it");
        t.sign_in("priya").get(&format!("/manage/packages/{}", sales.price_list)).expect(404);
        t.sign_in("mia").page(&format!("/manage/packages/{}", sales.price_list));
        t.sign_in("alice").page("/packages?q=lab").assert_says("Price list");
        let events = t.read(|c| store::audit::list(c, Default::default())).items;
        assert!(events.iter().any(|e| e.action == "package.move" && e.old.contains("Sales") && e.new.contains("Lab")));
    }

    /// The copy has the contents and the policies, switched off unless wanted otherwise, and nobody has it (SPEC PKG-7).
    fn pkg_7_a_package_is_duplicated(t: &mut Test) {
        let sales = t.sales();
        submit(t, "alice", sales.price_list);
        t.write_as("priya", |tx, cx, me| {
            separation::add(tx, cx, me, sales.deal_desk, Against::Package(sales.board_papers), false)
        });
        let copy = |t: &Test, who: &str, name: &str, open, apart| {
            let copy = Copy { fields: package_fields(name), open, apart };
            t.try_as(who, |tx, cx, me| copying::duplicate(tx, cx, me, sales.deal_desk, &copy))
        };
        forbidden(copy(t, "sam", "Two", false, true), "Access package manager");
        invisible(copy(t, "dan", "Two", false, true));
        assert_eq!(refusal(copy(t, "priya", "DEAL desk", false, true)), Refusal::NameTaken("a package in this catalog"));
        let two = copy(t, "priya", "Two", false, true).unwrap();
        let three = copy(t, "priya", "Three", true, false).unwrap();
        let of = |t: &Test, id| t.read(|c| store::policies::of_package(c, id));
        let (original, second, third) = (of(t, sales.deal_desk), of(t, two), of(t, three));
        assert_eq!((&second[0].name, &second[0].terms), (&original[0].name, &original[0].terms), "questions and all");
        assert_eq!((second[0].enabled, third[0].enabled), (false, true));
        assert_eq!(second[0].current_version, 1);
        let roles = |t: &Test, id| t.read(|c| store::packages::roles(c, id)).iter().map(|r| r.role.id).collect::<Vec<_>>();
        assert_eq!(roles(t, two), roles(t, sales.deal_desk));
        assert_eq!(t.read(|c| store::conflicts::of_package(c, two)).len(), 1);
        assert_eq!(t.read(|c| store::conflicts::of_package(c, three)).len(), 0);
        assert_eq!(t.count(&format!("assignments WHERE package_id = '{two}'")), 0);

        let priya = t.sign_in("priya");
        let at = format!("/manage/packages/{}/duplicate", sales.price_list);
        let page = priya.page(&at);
        page.assert_says("Nobody gets the copy");
        let wrong = priya.submit(&page.form(&at).set("name", "").press("Duplicate package")).expect(422).page();
        let done = priya.done(&wrong.form(&at).set("name", "Price list 2").press("Duplicate package"));
        done.assert_says("Price list 2");
        done.assert_says("No policy that is switched on lets anybody request it yet.");
    }

    /// Publishing and unpublishing say first what they do (SPEC CAT-2, PGE-4).
    fn cat_2_publishing_says_what_it_does(t: &mut Test) {
        let sales = t.sales();
        submit(t, "alice", sales.price_list);
        let carol = t.sign_in("carol");
        let at = format!("/catalogs/{}", sales.catalog);
        let page = carol.page(&at);
        page.assert_says("Its 5 packages can no longer be found or requested. The 1 live assignment goes on.");
        carol.done(&page.form(&format!("{at}/state")).press("Unpublish now"));
        t.sign_in("alice").page("/packages").assert_silent_about("Sales onboarding");
        let page = carol.page(&at);
        page.assert_says("can be requested again by whoever a policy admits");
        carol.done(&page.form(&format!("{at}/state")).press("Publish now"));
        t.sign_in("alice").page("/packages").assert_says("Sales onboarding");
    }
}

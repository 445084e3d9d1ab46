//! Handing a catalog to a department (SPEC section 2): step by step, left and gone on with, back, leaving out.

use latchkey::domain::access::{CatalogRole, DirectoryRole};
use latchkey::domain::directory::Belonging;
use latchkey::store;

use crate::support::{Browser, Test};

fn begin(t: &mut Test, who: &str) -> (Browser, String) {
    let browser = t.sign_in(who);
    let at = "/catalogs/hand-over";
    let page = browser.page(at);
    let refused =
        browser.submit(&page.form(at).set("name", " ").press("Create and go on")).expect(422).page();
    let made = browser
        .submit(&refused.form(at).set("name", "Finance").press("Create and go on"))
        .expect(303)
        .location();
    let (catalog, step) = made.split_once("/hand-over").expect("the next step");
    assert_eq!(step, "?step=owners");
    (browser, catalog.to_owned())
}

on_both! {
    /// All four steps, by a catalog creator who owns a resource elsewhere.
    fn hand_over_step_by_step(t: &mut Test) {
        t.sales();
        let dan = t.person("dan");
        t.grant(DirectoryRole::CatalogCreator, dan);
        let own = t.catalog("Own", "dan");
        t.resource(own, "Ledger", None, "dan");
        let department = t.group("Finance people", &["mia"]);
        let _ = department;
        let (browser, at) = begin(t, "dan");
        let post = format!("{at}/hand-over");

        let owners = browser.page(&format!("{post}?step=owners"));
        let nobody = browser.submit(&owners.form_called("Save and go on").press("Save and go on")).expect(422).page();
        nobody.assert_says("Name at least one person or group, or leave this step out.");
        let form = nobody.form_called("Save and go on").forge("people", "Finance people (group)");
        assert!(browser.submit(&form).expect(303).location().ends_with("?step=resources"));
        t.sign_in("mia").page(&at);

        let resources = browser.page(&format!("{post}?step=resources"));
        browser.submit(&resources.form_called("Save and go on")).expect(422);
        resources.assert_says("Ledger");
        let form = resources.form_called("Save and go on");
        let only = form.offered("resources").remove(0);
        let form = form.set("resources", &only);
        assert!(browser.submit(&form).expect(303).location().ends_with("?step=managers"));

        // Back is a link, and shows what is there.
        let managers = browser.page(&format!("{post}?step=managers"));
        browser.page(&managers.link("Back")).assert_says("There already: Ledger.");
        let form = managers.form_called("Save and go on").forge("people", "priya@demo.example");
        let done = browser.done(&form);
        done.assert_says("The catalog is handed over.");
        done.assert_silent_about("Still to do");
        t.sign_in("priya").page(&format!("{at}/packages/new"));
        assert_eq!(t.count("catalog_handovers"), 0);
        assert!(browser.get(&post).expect(303).location().ends_with(&at), "a path at its end leads to the catalog");
    }

    /// Left, gone on with from the catalog's page, a step left out; what is done elsewhere counts; strangers see nothing.
    fn hand_over_is_left_and_gone_on_with(t: &mut Test) {
        t.sales();
        t.person("root");
        let (root, at) = begin(t, "root");
        let post = format!("{at}/hand-over");
        let page = root.page(&at);
        page.assert_says("Still to do");
        assert!(page.link("Name the owners").ends_with("?step=owners"));
        let catalog = at.rsplit('/').next().unwrap().parse().unwrap();
        let owners = root.page(&format!("{post}?step=owners"));
        let skip = owners.form_called("Leave this out").press("Leave this out");
        assert!(root.submit(&skip).expect(303).location().ends_with("?step=resources"));
        root.page(&at).assert_silent_about("Name the owners");
        t.grant_in(catalog, CatalogRole::PackageManager, "priya");
        root.page(&at).assert_silent_about("Invite a package manager");
        t.sign_in("priya").get(&post).expect(403);
        t.sign_in("priya").page(&at).assert_silent_about("Still to do");
        t.sign_in("dan").get(&post).expect(404);

        // A resource made on the catalog's own page: nothing is left to do, and the page does away with itself.
        let group = t.group("Books", &[]);
        let (root_id, now) = (t.person("root"), t.now());
        t.write(|tx| Ok(store::groups::add(tx, group, root_id, Belonging::Owner, now)?));
        let new = format!("{at}/resources/new");
        let form = root.page(&new).form(&new).set("group", "Books").press("Create resource");
        root.submit(&form).expect(303);
        root.page(&at).assert_silent_about("Still to do");
    }

    /// Who does not want the path ends it.
    fn hand_over_can_be_ended(t: &mut Test) {
        t.person("root");
        let (root, at) = begin(t, "root");
        let page = root.page(&at);
        let ended = root.done(&page.form(&format!("{at}/hand-over")).press("Do not show this any more"));
        ended.assert_silent_about("Still to do");
        assert_eq!(t.count("catalog_handovers"), 0);
    }
}

//! The pages of catalogs, resources, packages and policies, as people use them.

use latchkey::store;

use crate::requests;

on_both! {
    /// Make, edit, unpublish and delete a catalog through its pages (SPEC CAT-1 to CAT-3, PGE-3, PGE-4).
    fn cat_1_a_catalog_through_its_pages(t: &mut Test) {
        t.sales();
        let root = t.sign_in("root");
        let page = root.page("/catalogs/new");
        let refused = root.submit(&page.form("/catalogs/new").set("name", " ").set("description", "Kept").press("Create catalog")).expect(422).page();
        refused.assert_says("Kept");
        let taken = root.submit(&refused.form("/catalogs/new").set("name", "sales").press("Create catalog")).expect(409).page();
        taken.assert_says("There is already a catalog with this name.");
        let made = root.submit(&taken.form("/catalogs/new").set("name", "Lab").press("Create catalog")).expect(303);
        let at = made.location();
        let shown = root.page(&at);
        shown.assert_says("Lab");
        assert_eq!(shown.count("[data-state=published]"), 2);
        root.done(&shown.form(&format!("{at}/state")).press("Unpublish now"));
        assert!(root.page(&at).count("[data-state=unpublished]") > 0);
        let edit = root.page(&format!("{at}/edit"));
        root.done(&edit.form(&format!("{at}/edit")).set("name", "Laboratory").press("Save"));

        // Two people at the same form: the second sees both, and can then save (SPEC PGE-3).
        let stale = root.submit(&edit.form(&format!("{at}/edit")).set("name", "Works").press("Save")).expect(409).page();
        stale.assert_says("Laboratory");
        root.done(&stale.form(&format!("{at}/edit")).press("Save")).assert_says("Works");

        let ask = root.page(&format!("{at}/delete"));
        root.submit(&ask.form(&format!("{at}/delete")).press("Delete catalog")).expect(303);
        root.get(&at).expect(404);
        root.page("/catalogs").assert_silent_about("Works");
    }

    /// A catalog that cannot be deleted says what is in the way, with links (SPEC CAT-3).
    fn cat_3_the_page_links_to_what_is_in_the_way(t: &mut Test) {
        let sales = t.sales();
        let carol = t.sign_in("carol");
        let page = carol.page(&format!("/catalogs/{}/delete", sales.catalog));
        assert_eq!(page.link("Price list"), format!("/manage/packages/{}", sales.price_list));
        let crm = t.read(|c| store::resources::roles_on_offer(c, sales.catalog))
            .into_iter().find(|r| r.role.id == sales.crm_user).unwrap().role.resource;
        let page = carol.page(&format!("/catalogs/{}/resources/{crm}/remove", sales.catalog));
        assert_eq!(page.link("Contractor kit"), format!("/manage/packages/{}/roles", sales.contractor_kit));
    }

    /// The list shows what the viewer may see, and nothing else (SPEC ROL-1, ROL-6).
    fn rol_1_the_list_is_scoped(t: &mut Test) {
        let sales = t.sales();
        t.catalog("Lab", "dan");
        t.sign_in("aud").page("/catalogs").assert_says("Lab");
        let carol = t.sign_in("carol");
        let page = carol.page("/catalogs");
        page.assert_says("Sales");
        page.assert_silent_about("Lab");
        t.sign_in("alice").get("/catalogs").expect(403);
        t.sign_in("dan").get(&format!("/catalogs/{}", sales.catalog)).expect(404);
        let sam = t.sign_in("sam");
        let page = sam.page(&format!("/catalogs/{}", sales.catalog));
        assert_eq!(page.count("a[href$='/edit'], a[href$='/delete']"), 0, "no buttons that lead to a refusal");
        sam.get(&format!("/catalogs/{}/edit", sales.catalog)).expect(403);
    }

    /// A new group resource, a role in a catalog, the last owner (SPEC CAT-4, ROL-3).
    fn cat_4_rol_3_resources_and_roles_through_their_pages(t: &mut Test) {
        let lab = t.catalog("Lab", "carol");
        let group = t.group("Lab team", &["priya"]);
        let carol_id = t.principal("carol").user;
        t.person("sam");
        let now = t.now();
        t.write(|tx| Ok(store::groups::add(tx, group, carol_id, latchkey::domain::directory::Belonging::Owner, now)?));
        let carol = t.sign_in("carol");
        let at = format!("/catalogs/{lab}/resources/new");
        let page = carol.page(&at);
        let wrong = carol.submit(&page.form(&at).set("group", "No such group").press("Create resource")).expect(422).page();
        let made = carol.submit(&wrong.form(&at).set("group", "Lab team").set("usage", "Ask for a key").press("Create resource")).expect(303);
        let shown = carol.page(&made.location());
        shown.assert_says("Ask for a key");
        let priya = t.principal("priya");
        assert!(shown.count(&format!("tr[data-id='{}']", priya.user)) == 1, "who has it");
        shown.assert_says("given by hand");

        let at = format!("/catalogs/{lab}/roles");
        let page = carol.page(&at);
        let wrong = carol.submit(&page.form(&at).forge("people", "nobody@nowhere.example").set("role", "reader").press("Grant role")).expect(422).page();
        wrong.assert_says("nobody@nowhere.example");
        let granted = carol.done(&wrong.form(&at).forge("people", "sam@demo.example").set("role", "reader").press("Grant role"));
        granted.assert_says("sam@demo.example");
        let grant = t.read(|c| store::role_grants::list_in_catalog(c, lab))
            .into_iter().find(|g| g.holder.user() == Some(carol_id)).unwrap().id;
        let refused = carol.submit(&granted.form(&format!("{at}/{grant}/remove")).press("Take back now")).expect(409).page();
        refused.assert_says("A catalog keeps at least one owner");
    }

    /// The overview has the link to share, for hidden packages too (SPEC PKG-2).
    fn pkg_2_the_link_can_be_copied(t: &mut Test) {
        let sales = t.sales();
        let priya = t.sign_in("priya");
        let page = priya.page(&format!("/manage/packages/{}", sales.board_papers));
        let link = format!("{}/packages/{}", t.app.instance.base_url, sales.board_papers);
        assert_eq!(page.attribute_of("[data-copy]", "data-copy"), link);
        assert!(page.count("[data-state=hidden]") > 0);
    }

    /// A package that people have says so instead of asking (SPEC PKG-4), and its assignments can be removed.
    fn pkg_4_the_page_says_who_is_in_the_way(t: &mut Test) {
        let sales = t.sales();
        let asked = requests::submit(t, "alice", sales.price_list);
        let assignment = requests::the_assignment(t, asked).id;
        let name = t.principal("alice").name;
        let sam = t.sign_in("sam");
        let at = format!("/manage/packages/{}", sales.price_list);
        let carol = t.sign_in("carol");
        carol.page(&format!("{at}/delete")).assert_says(&name);
        let list = sam.page(&format!("{at}/assignments"));
        list.assert_state(&assignment.to_string(), "delivered");
        let removed = sam.done(&list.form(&format!("{at}/assignments/{assignment}/remove")).set("reason", "left").press("Remove access now"));
        removed.assert_no_row(&assignment.to_string());
        sam.page(&format!("{at}/assignments?state=expired")).assert_state(&assignment.to_string(), "expired");
        let ask = carol.page(&format!("{at}/delete"));
        carol.submit(&ask.form(&format!("{at}/delete")).press("Delete package")).expect(303);
        carol.get(&at).expect(404);
    }

    /// Requests of a package: state filter, and cancelling by those who manage assignments (SPEC REQ-5, PKG-6).
    fn req_5_a_request_is_cancelled_from_the_package(t: &mut Test) {
        let sales = t.sales();
        let asked = requests::submit(t, "alice", sales.onboarding);
        let at = format!("/manage/packages/{}/requests", sales.onboarding);
        let aud = t.sign_in("aud");
        let page = aud.page(&at);
        page.assert_state(&asked.to_string(), "pendingApproval");
        page.assert_silent_about("Cancel this request");
        aud.page(&format!("{at}?state=denied")).assert_no_row(&asked.to_string());
        t.sign_in("dan").get(&at).expect(404);
        let sam = t.sign_in("sam");
        let list = sam.page(&at);
        let after = sam.done(&list.form(&format!("{at}/{asked}/cancel")).set("reason", "by mistake").press("Cancel this request"));
        after.assert_state(&asked.to_string(), "canceled");
    }

    /// The editor keeps what was typed, saves a new version and shows what changed (SPEC POL-1, POL-4, POL-6,
    /// POL-7, LIF-1).
    fn pol_4_a_policy_through_its_editor(t: &mut Test) {
        let sales = t.sales();
        let priya = t.sign_in("priya");
        let at = format!("/manage/packages/{}/policies/{}", sales.onboarding, sales.onboarding_policy);
        let page = priya.page(&format!("{at}/edit"));
        let form = page.form(&format!("{at}/edit"));
        let wrong = form.clone().set("s1_limit", "15").set("expiry", "hours").set("expiry_hours", "").set("link_mode", "code").press("Save as new version");
        let refused = priya.submit(&wrong).expect(422).page();
        assert_eq!(refused.count("[aria-invalid=true]"), 2);
        let again = refused.form(&format!("{at}/edit"));
        assert_eq!(again.values("link_mode"), ["code"]);
        assert_eq!(again.values("s1_limit"), ["15"]);
        let good = again.set("s1_limit", "5").set("expiry_hours", "12").set("justification", "on").press("Save as new version");
        let saved = priya.done(&good);
        for words in ["Version 2", "12 hours", "With a one-time code", "within 5 days"] {
            saved.assert_says(words);
        }
        assert_eq!(t.read(|c| store::policies::current(c, sales.onboarding_policy)).0, 2);
        // The old form again: somebody has saved in between; what is saved now is shown.
        let stale = priya.submit(&form.set("s1_limit", "7").press("Save as new version")).expect(409).page();
        stale.assert_says("What is saved now");
        stale.assert_says("12 hours");

        let shown = priya.page(&at);
        priya.done(&shown.form(&format!("{at}/state")).press("Switch off"));
        assert!(requests::try_submit(t, "alice", sales.onboarding).is_err());
        t.sign_in("sam").get(&format!("{at}/edit")).expect(403);
        // A policy of another package is not found at this address.
        priya.get(&format!("/manage/packages/{}/policies/{}", sales.price_list, sales.onboarding_policy)).expect(404);
    }

    /// Who has a resource, and through what (SPEC CAT-4, RPT-1); strangers do not see it (SPEC ROL-6).
    fn cat_4_the_resource_says_who_has_it(t: &mut Test) {
        let sales = t.sales();
        requests::submit(t, "alice", sales.price_list);
        let team = t.read(|c| store::resources::roles_on_offer(c, sales.catalog))
            .into_iter().find(|r| r.role.id == sales.team_member).unwrap().role.resource;
        let at = format!("/resources/{team}");
        let alice = t.principal("alice");
        let page = t.sign_in("priya").page(&at);
        page.assert_says("Price list");
        assert_eq!(page.count(&format!("tr[data-id='{}']", alice.user)), 1);
        t.sign_in("priya").get(&format!("{at}/edit")).expect(403);
        t.sign_in("alice").get(&at).expect(404);
        let carol = t.sign_in("carol");
        let edit = carol.page(&format!("{at}/edit"));
        let bad = carol.submit(&edit.form(&format!("{at}/edit")).set("link", "javascript:alert(1)").press("Save")).expect(422).page();
        carol.done(&bad.form(&format!("{at}/edit")).set("link", "https://team.demo.example/").press("Save"))
            .assert_says("https://team.demo.example/");
        carol.page(&format!("{at}/delete")).assert_says("Sales");
    }
}

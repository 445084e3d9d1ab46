//! Finding packages, and who may open the page of one (SPEC REQ-2, PKG-2, POL-3, CAT-2, EXT-7).

use latchkey::domain::policy::{Approver, Expiry, Scope, Terms};

use super::{form_of, package, set};
use crate::support::terms;

on_both! {
    /// A list shows what a policy admits the person to, and nothing else; hidden packages are never listed, but open
    /// through their link (SPEC REQ-2, PKG-2).
    fn pkg_2_hidden_packages_open_by_link_and_are_not_listed(t: &mut Test) {
        let s = t.sales();
        let alice = t.sign_in("alice");
        let list = alice.page("/packages");
        for id in [s.onboarding, s.deal_desk, s.price_list] {
            assert_eq!(list.count(&format!("[data-id='{id}']")), 1);
        }
        list.assert_no_row(&s.board_papers.to_string());
        list.assert_no_row(&s.contractor_kit.to_string());
        let hidden = alice.page(&package(s.board_papers));
        assert_eq!(hidden.link("Request access"), form_of(s.board_papers));
        alice.get(&package(s.contractor_kit)).expect(404);

        // A stranger to the hidden package learns nothing of it, by reading or by posting.
        let dan = t.sign_in("dan");
        dan.get(&package(s.board_papers)).expect(404);
        dan.get(&form_of(s.board_papers)).expect(404);
        let form = dan.page(&form_of(s.onboarding)).form(&form_of(s.onboarding));
        let csrf = form.values("csrf").remove(0);
        let fields = [("csrf", csrf.as_str()), ("justification", "let me in"), ("token", "x")];
        dan.post(&form_of(s.board_papers), &fields).expect(404);
        assert_eq!(t.count("requests"), 0);
        assert!(dan.get(&form_of(s.onboarding)).status == 200, "Dan is a member");
    }

    /// Who manages the package may open its page without being able to request it, and reads why (SPEC REQ-1).
    fn req_1_the_page_says_why_it_cannot_be_requested(t: &mut Test) {
        let s = t.sales();
        let carol = t.sign_in("carol");
        let page = carol.page(&package(s.contractor_kit));
        page.assert_says("Why can’t I request this?");
        assert_eq!(page.count("[data-check='failed']"), 1);
        assert!(page.text_of("[data-check='failed']").contains("A policy lets you request it"));
        assert!(page.count("[data-check='passed']") >= 4);
        assert_eq!(page.link("Manage"), format!("/manage/packages/{}", s.contractor_kit));
        let there = carol.get(&form_of(s.contractor_kit)).expect(303).location();
        assert_eq!(there, package(s.contractor_kit));
    }

    /// Unpublished: nothing of the catalog is listed or can be opened by requestors (SPEC CAT-2).
    fn cat_2_nothing_of_an_unpublished_catalog_is_listed(t: &mut Test) {
        let s = t.sales();
        let alice = t.sign_in("alice");
        let form = alice.page(&form_of(s.onboarding)).form(&form_of(s.onboarding)).set("justification", "my words");
        set(t, "catalogs", "state = 'unpublished'", s.catalog);
        let list = alice.page("/packages");
        list.assert_no_row(&s.onboarding.to_string());
        list.assert_says("No packages for you yet");
        alice.get(&package(s.onboarding)).expect(404);
        // Whoever was just writing keeps the words and hears the reason.
        let page = alice.submit(&form).expect(409).page();
        page.assert_says("its catalog is unpublished");
        page.assert_says("my words");
        assert_eq!(t.count("requests"), 0);
    }

    /// Guests see only what admits them (SPEC EXT-5, EXT-7).
    fn ext_7_guests_see_only_what_admits_them(t: &mut Test) {
        let s = t.sales();
        let everybody = t.package(s.catalog, "Wiki for all", &[s.team_member]);
        t.policy(everybody, "All", &Terms { scope: Scope::AllUsers, ..terms::members(vec![]) });
        let partner = t.package(s.catalog, "Partner portal", &[s.team_member]);
        let organization = t.organization("Other", "other.example");
        t.policy(partner, "Other's people", &Terms {
            scope: Scope::Organizations { organizations: [organization].into() },
            ..terms::members(vec![])
        });
        let erin = t.sign_in("erin");
        let list = erin.page("/packages");
        assert_eq!(list.count("article[data-id]"), 1, "one package admits her");
        assert_eq!(list.count(&format!("[data-id='{everybody}']")), 1);
        erin.get(&package(s.onboarding)).expect(404);
        erin.get(&package(partner)).expect(404);
        t.user("gil").guest(Some(organization)).create();
        let gil = t.sign_in("gil");
        assert_eq!(gil.page("/packages").count("article[data-id]"), 2);
        set(t, "catalogs", "external_enabled = FALSE", s.catalog);
        assert_eq!(erin.page("/packages").count("article[data-id]"), 0);
        erin.get(&package(everybody)).expect(404);
    }

    /// Words are looked for in name, description, contents and catalog; wildcards are plain characters (SPEC PGE-2).
    fn pge_2_search_looks_into_name_contents_and_catalog(t: &mut Test) {
        let s = t.sales();
        let other = t.catalog("Facilities", "dan");
        let door = t.resource(other, "Badge printer", None, "dan");
        let role = t.role(door, "Operator", None);
        let parking = t.package(other, "Parking", &[role]);
        t.policy(parking, "All members", &terms::members(vec![]));
        let alice = t.sign_in("alice");
        let found = |q: &str| alice.page(&format!("/packages?q={q}")).texts_of("article[data-id] h2");
        assert_eq!(found("PARK"), ["Parking"]);
        assert_eq!(found("printer"), ["Parking"], "by what it contains");
        assert_eq!(found("facilities"), ["Parking"], "by its catalog");
        assert_eq!(found("desk+sales"), ["Deal desk"], "every word counts");
        assert_eq!(found("sales"), ["Deal desk", "Price list", "Sales onboarding"]);
        assert_eq!(found("%25"), Vec::<String>::new());
        alice.page("/packages?q=zzz").assert_says("Nothing fits");
        let in_catalog = alice.page(&format!("/packages?catalog={}", s.catalog));
        assert_eq!(in_catalog.count("article[data-id]"), 3);
    }

    /// Lists page in a stable order (SPEC PGE-2).
    fn pge_2_packages_come_in_pages(t: &mut Test) {
        let s = t.sales();
        for n in 10..40 {
            let more = t.package(s.catalog, &format!("Extra {n}"), &[]);
            t.policy(more, "All members", &terms::members(vec![]));
        }
        let alice = t.sign_in("alice");
        let mut seen = alice.page("/packages?q=extra").texts_of("article[data-id] h2");
        assert_eq!(seen.len(), 25);
        seen.extend(alice.page("/packages?q=extra&page=2").texts_of("article[data-id] h2"));
        assert_eq!(seen, (10..40).map(|n| format!("Extra {n}")).collect::<Vec<_>>());
    }

    /// A card says in short what one gets, for how long, and who decides (SPEC REQ-3).
    fn req_3_a_card_says_what_how_long_and_who(t: &mut Test) {
        let s = t.sales();
        let alice = t.sign_in("alice");
        let list = alice.page("/packages");
        let card = |id| list.text_of(&format!("article[data-id='{id}']"));
        let onboarding = card(s.onboarding);
        for words in ["Sales team", "30 days", "Bob Example (your manager) decides"] {
            assert!(onboarding.contains(words), "{words}: {onboarding}");
        }
        assert!(card(s.deal_desk).contains("Bob Example (your manager) decides, then Mia Example"));
        assert!(card(s.price_list).contains("No approval needed"));
        // Someone without a manager is told who acts instead (SPEC APR-3).
        let dan = t.sign_in("dan");
        let page = dan.page(&package(s.onboarding));
        page.assert_says("The owners of the catalog decide within 14 days");
    }

    /// Names of approvers stay out where the policy says so.
    fn approvers_names_can_be_kept_from_requestors(t: &mut Test) {
        let s = t.sales();
        let mia = t.person("mia");
        let quiet = t.package(s.catalog, "Quiet", &[s.team_member]);
        let mut hush = terms::members(vec![terms::by(mia), terms::stage(vec![Approver::CatalogOwners])]);
        hush.show_approvers = false;
        t.policy(quiet, "All members", &hush);
        let alice = t.sign_in("alice");
        let page = alice.page(&package(quiet));
        page.assert_silent_about("Mia");
        page.assert_says("A named person decides");
    }

    /// Only the strictest tier counts; several of it are for the requestor to choose (SPEC POL-3).
    fn pol_3_only_the_strictest_tier_is_offered(t: &mut Test) {
        let s = t.sales();
        let (alice, mia) = (t.person("alice"), t.person("mia"));
        let team = t.group("Key accounts", &["alice"]);
        let quick = t.policy(s.onboarding, "For Alice", &Terms {
            expiry: Expiry::AfterHours { hours: 8 },
            ..terms::only(&[alice], vec![])
        });
        let mut long = terms::only(&[], vec![terms::by(mia)]);
        long.scope = Scope::Specific { users: [].into(), groups: [team].into() };
        let long = t.policy(s.onboarding, "For key accounts", &long);
        let b = t.sign_in("alice");
        let form = b.page(&form_of(s.onboarding)).form(&form_of(s.onboarding));
        assert_eq!(form.offered("policy"), [quick.to_string(), long.to_string()], "not that for all members");
        let page = b.page(&form_of(s.onboarding));
        page.assert_says("8 hours");
        page.assert_says("Mia Example decides");
        // Choosing nothing is not enough, and what is not offered is refused.
        let none = b.submit(&form).expect(422).page();
        none.assert_says("Choose how you want to get this package.");
        let forged = form.clone().forge("policy", &s.onboarding_policy.to_string());
        b.submit(&forged).expect(422);
        assert_eq!(t.count("requests"), 0);
        b.submit(&form.set("policy", &long.to_string())).expect(303);
        assert_eq!(t.count("requests"), 1);
        assert_eq!(t.count(&format!("requests WHERE policy_id = '{long}'")), 1);
        // Dan is in neither: he gets the way for all members, silently.
        let dan = t.sign_in("dan");
        let form = dan.page(&form_of(s.onboarding)).form(&form_of(s.onboarding));
        assert!(form.offered("policy").is_empty());
        dan.submit(&form.set("justification", "because")).expect(303);
        assert_eq!(t.count(&format!("requests WHERE policy_id = '{}'", s.onboarding_policy)), 1);
    }
}

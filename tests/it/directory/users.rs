//! Users: what is kept, who may change it, circles of managers, disabling and deleting.

use chrono::Duration;
use latchkey::app::AppError;
use latchkey::app::directory::users::{self as app, NewUser};
use latchkey::domain::Refusal;
use latchkey::domain::access::manage_directory;
use latchkey::domain::directory::Profile;
use latchkey::kernel::PageRequest;
use latchkey::store::views::users::{UserFilter, UserOrder, list};

use super::{disable, profile, user};

on_both! {
    /// Everything that SPEC DIR-1 names comes back as it was given; the address is unique without case.
    fn dir_1_a_user_keeps_every_attribute_and_an_address_belongs_to_one(t: &mut Test) {
        let bob = t.person("bob");
        let full = Profile {
            given_name: "Zoë".into(),
            surname: "Müller".into(),
            department: "Sales".into(),
            job_title: "Account manager".into(),
            company: "Example".into(),
            office: "Berlin".into(),
            country: "Germany".into(),
            employee_id: "4711".into(),
            hired_on: chrono::NaiveDate::from_ymd_opt(2024, 2, 29),
            manager: Some(bob),
            time_zone: "Europe/Berlin".into(),
            locale: "de-DE".into(),
            extension: [("Cost center".to_owned(), "K-1".to_owned())].into(),
            ..profile("Zoë Müller", "Zoe@Demo.example")
        };
        let (wanted, new) = (full.clone(), NewUser { profile: full, invite: false });
        t.person("root");
        let id = t.write_as("root", |tx, cx, me| app::create(tx, cx, manage_directory(me)?, new.clone()));
        assert_eq!(user(t, id).profile, wanted);
        let again = t.try_as("root", |tx, cx, me| {
            let new = NewUser { profile: profile("Other", "zoe@DEMO.example"), invite: false };
            app::create(tx, cx, manage_directory(me)?, new)
        });
        assert!(matches!(again, Err(AppError::Refused(Refusal::EmailTaken))), "{again:?}");
        assert_eq!(t.count("audit_events WHERE action = 'user.create'"), 1);
    }

    /// An invitation goes out with the account, and not without being asked for.
    fn dir_2_an_invitation_is_sent_if_wanted(t: &mut Test) {
        let root = t.sign_in("root");
        let form = root.page("/admin/users/new").form("/admin/users/new");
        assert_eq!(form.values("invite"), ["on"]);
        let form = form.set("display_name", "Noor Haddad").set("email", "noor@demo.example");
        root.done(&form.clone().press("Add the user")).assert_says("The invitation is on its way.");
        assert_eq!(t.count("notices WHERE kind = 'invitation'"), 1);
        let quiet = form.set("email", "noor2@demo.example").unset("invite", "on");
        root.done(&quiet).assert_says("Noor Haddad was added.");
        assert_eq!(t.count("notices WHERE kind = 'invitation'"), 1);
    }

    /// Nobody is their own manager, directly or further up.
    fn dir_6_a_circle_of_managers_is_refused(t: &mut Test) {
        let (alice, bob) = (t.person("alice"), t.person("bob"));
        t.person("root");
        for (who, manager) in [(bob, alice), (bob, bob)] {
            let before = user(t, who);
            let wanted = Profile { manager: Some(manager), ..before.profile.clone() };
            let got = t.try_as("root", |tx, cx, me| {
                app::edit(tx, cx, manage_directory(me)?, who, before.version, wanted.clone())
            });
            assert!(matches!(got, Err(AppError::Refused(Refusal::ManagerCycle(_)))), "{got:?}");
        }
        let root = t.sign_in("root");
        let path = format!("/admin/users/{bob}/edit");
        let form = root.page(&path).form(&path).set("manager", "Alice Example");
        let refused = root.submit(&form).expect(409).page();
        refused.assert_says("circle of managers");
        assert_eq!(refused.attribute_of("[autofocus]", "name"), "manager");
    }

    /// Disabling ends the sessions at once, for good; enabling lets in again, but revives none.
    fn dir_5_disabling_binds_the_next_request(t: &mut Test) {
        let alice = t.sign_in("alice");
        t.person("root");
        alice.page("/");
        let id = t.person("alice");
        disable(t, id);
        assert_eq!(alice.get("/").expect(303).location(), "/sign-in");
        assert_eq!(t.count(&format!("sessions WHERE user_id = '{id}'")), 0);
        assert!(t.read(|conn| latchkey::store::principals::load(conn, id)).is_none());
        let root = t.sign_in("root");
        let page = root.page(&format!("/admin/users/{id}"));
        page.assert_says("This user is disabled");
        let path = format!("/admin/users/{id}/enable");
        root.done(&root.page(&path).form(&path).press("Enable")).assert_says("can sign in again");
        alice.get("/").expect(303);
        t.sign_in("alice").page("/");
    }

    /// Deleting hides somebody everywhere but in the records, and can be undone for thirty days.
    fn dir_2_a_deleted_user_can_be_restored_for_thirty_days(t: &mut Test) {
        let dan = t.person("dan");
        let team = t.group("Team", &["dan"]);
        let root = t.sign_in("root");
        let path = format!("/admin/users/{dan}/delete");
        let ask = root.page(&path);
        ask.assert_says("For 30 days they can be restored");
        root.done(&ask.form(&path).press("Delete")).assert_says("This user is deleted");
        root.page("/admin/users").assert_no_row(&dan.to_string());
        root.page("/admin/users?state=deleted").assert_state(&dan.to_string(), "deleted");
        root.page(&format!("/admin/groups/{team}")).assert_no_row(&dan.to_string());
        root.page("/admin/audit").assert_says("deleted the user Dan Example");
        t.advance(Duration::days(29));
        let root = t.sign_in("root");
        let path = format!("/admin/users/{dan}/restore");
        root.done(&root.page(&path).form(&path).press("Restore")).assert_says("Dan Example is back.");
        root.page(&format!("/admin/groups/{team}")).assert_says("Dan Example");
        let version = user(t, dan).version;
        t.write_as("root", |tx, cx, me| app::delete(tx, cx, manage_directory(me)?, dan, version));
        t.advance(Duration::days(30));
        let late = t.try_as("root", |tx, cx, me| {
            app::restore(tx, cx, manage_directory(me)?, dan, version + 1)
        });
        assert!(matches!(late, Err(AppError::NotFound)), "{late:?}");
    }

    /// A form keeps what was typed, marks each mistake, and opens on the first.
    fn pge_3_a_form_with_mistakes_comes_back_as_it_was(t: &mut Test) {
        let root = t.sign_in("root");
        let form = root
            .page("/admin/users/new")
            .form("/admin/users/new")
            .set("display_name", "  ")
            .set("email", "nonsense")
            .set("time_zone", "Mars/Base")
            .set("extension", "no colon")
            .set("office", "Room 1")
            .set("manager", "Alic");
        t.person("alice");
        let page = root.submit(&form).expect(422).page();
        let again = page.form("/admin/users/new");
        for (field, typed) in [("email", "nonsense"), ("time_zone", "Mars/Base"), ("office", "Room 1"), ("manager", "Alic")] {
            assert_eq!(again.values(field), [typed]);
        }
        assert_eq!(page.count("[aria-invalid=true]"), 4);
        assert_eq!(page.attribute_of("[autofocus]", "name"), "display_name");
        let good = again.set("display_name", "Noor").set("email", "noor@demo.example").set("time_zone", "UTC").set("extension", "");
        let page = root.submit(&good).expect(422).page();
        page.assert_says("Did you mean Alice Example <alice@demo.example>?");
        let id = t.person("alice");
        let next = root.done(&page.form("/admin/users/new").set("manager", "Alice Example <alice@demo.example>"));
        next.assert_says("Noor was added.");
        assert_eq!(t.count(&format!("users WHERE manager_id = '{id}'")), 1);
    }

    /// Two administrators edit: the second hears of it, sees both values, and nothing is lost silently.
    fn pge_3_a_stale_form_is_refused_with_both_values(t: &mut Test) {
        let dan = t.person("dan");
        let root = t.sign_in("root");
        let path = format!("/admin/users/{dan}/edit");
        let (first, second) = (root.page(&path).form(&path), root.page(&path).form(&path));
        root.done(&first.set("job_title", "Driver"));
        let page = root.submit(&second.set("job_title", "Packer").set("office", "North")).expect(409).page();
        page.assert_says("Somebody else changed this");
        page.assert_says("Saved now: Driver");
        assert_eq!(user(t, dan).profile.job_title, "Driver");
        root.done(&page.form(&path));
        assert_eq!(user(t, dan).profile.job_title, "Packer");
        assert_eq!(user(t, dan).profile.office, "North");
        let old: Vec<String> = t.texts("SELECT old_values AS n FROM audit_events WHERE action = 'user.edit' ORDER BY seq");
        assert!(old[1].contains("Driver") && !old[1].contains("Dan Example"), "{old:?}");
    }

    /// Auditors read and change nothing; strangers do not even read; what is offered follows.
    fn rol_6_auditors_read_administrators_change_strangers_neither(t: &mut Test) {
        let dan = t.person("dan");
        let (aud, root, stranger) = (t.sign_in("aud"), t.sign_in("root"), t.sign_in("alice"));
        for path in ["/admin/users", "/admin/groups", "/admin/roles", "/admin/audit"] {
            aud.page(path);
            root.page(path);
            stranger.get(path).expect(403).page().assert_says("Administrator or Auditor");
        }
        let page = aud.page(&format!("/admin/users/{dan}"));
        for word in ["Edit", "Disable", "Delete"] {
            assert!(!page.texts_of(".lk-actions a").iter().any(|a| a == word), "{word}");
        }
        for path in ["/admin/users/new".to_owned(), format!("/admin/users/{dan}/edit"), format!("/admin/users/{dan}/disable")] {
            aud.get(&path).expect(403).page().assert_says("Administrator");
            root.page(&path);
        }
        let version = user(t, dan).version;
        let tried = t.try_as("aud", |tx, cx, me| app::disable(tx, cx, manage_directory(me)?, dan, version));
        assert!(matches!(tried, Err(AppError::Denied(_))), "{tried:?}");
        root.get("/admin/users/00000000-0000-7000-8000-000000000000").expect(404);
    }

    /// The list: every word counts, wildcards are plain, filters and order work, pages are stable.
    fn pge_2_the_list_searches_filters_sorts_and_pages(t: &mut Test) {
        t.person("root");
        for n in 0..60 {
            t.write_as("root", |tx, cx, me| {
                let one = Profile {
                    department: if n % 2 == 0 { "Ärzte_1".into() } else { "ÄrzteX1".into() },
                    ..profile(&format!("Person {n:02}"), &format!("p{n}@demo.example"))
                };
                app::create(tx, cx, manage_directory(me)?, NewUser { profile: one, invite: false })
            });
        }
        t.user("gone").disabled().create();
        let find = |filter: UserFilter, order, descending, page| {
            t.read(|conn| list(conn, &filter, order, descending, PageRequest::new(page)))
        };
        let q = |text: &str| UserFilter { q: text.into(), ..UserFilter::default() };
        assert_eq!(find(q("ÄRZTE_1"), UserOrder::Name, false, 1).total, 30);
        assert_eq!(find(q("person 07"), UserOrder::Name, false, 1).total, 1);
        assert_eq!(find(q("%"), UserOrder::Name, false, 1).total, 0);
        let disabled = UserFilter { enabled: Some(false), ..UserFilter::default() };
        assert_eq!(find(disabled, UserOrder::Name, false, 1).total, 1);
        for order in UserOrder::ALL {
            for descending in [false, true] {
                let mut seen = std::collections::BTreeSet::new();
                for page in 1..=3 {
                    seen.extend(find(UserFilter::default(), *order, descending, page).items.into_iter().map(|u| u.id));
                }
                assert_eq!(seen.len(), 62, "{order} {descending}: nobody twice, nobody left out");
            }
        }
        let last = find(UserFilter::default(), UserOrder::Name, true, 1);
        assert_eq!(last.items[0].name, "Root Example");
    }

    /// State in the URL, export of what the filter shows, empty states that say what next.
    fn pge_2_the_export_holds_what_the_filter_shows(t: &mut Test) {
        t.person("alice");
        t.person("dan");
        let root = t.sign_in("root");
        let page = root.page("/admin/users?q=example&department=Sales&sort=department&dir=desc");
        let csv = root.get(&page.link("Export as CSV"));
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(csv.body.contains("alice@demo.example"), "{}", csv.body);
        assert!(!csv.body.contains("dan@demo.example"), "{}", csv.body);
        root.page("/admin/users?q=nobody-at-all").assert_says("Nobody found");
    }
}

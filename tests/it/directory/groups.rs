//! Groups: members, owners, what grants them, and what keeps them from being deleted.

use latchkey::app::AppError;
use latchkey::app::directory::groups as app;
use latchkey::domain::Refusal;
use latchkey::domain::access::manage_directory;
use latchkey::domain::directory::{Belonging, GroupFields};
use latchkey::store::groups;

use crate::support::terms;

fn fields(name: &str) -> GroupFields {
    GroupFields { name: name.to_owned(), description: "For tests".to_owned() }
}

on_both! {
    /// Made with owners, filled by address and by name, emptied again; each step is audited.
    fn dir_4_members_and_owners_come_and_go(t: &mut Test) {
        let (alice, dan) = (t.person("alice"), t.person("dan"));
        t.person("carol");
        let root = t.sign_in("root");
        let form = root.page("/admin/groups/new").form("/admin/groups/new");
        let page = root.done(&form.set("name", "Drivers").fill("owners", &["carol@demo.example"]));
        page.assert_says("Carol Example");
        let group = t.read(|conn| groups::find_by_name(conn, "drivers")).expect("the group").id;
        let path = format!("/admin/groups/{group}");
        let add = page.form(&format!("{path}/members"));
        let page = root.submit(&add.clone().fill("members", &["Alice Example", "Nobody"])).expect(422).page();
        page.assert_says("Nobody is called “Nobody”.");
        assert_eq!(page.form(&format!("{path}/members")).values("members")[..2], ["Alice Example", "Nobody"]);
        assert_eq!(t.count("group_members"), 0, "all or nothing");
        let page = root.done(&add.fill("members", &["ALICE@demo.example; Dan Example"]));
        page.assert_says("2 people were added.");
        page.assert_says("Members 2");
        let out = format!("{path}/members/{dan}/remove");
        root.done(&root.page(&out).form(&out).press("Remove")).assert_no_row(&dan.to_string());
        assert!(t.read(|conn| groups::has(conn, group, alice, Belonging::Member)));
        assert_eq!(t.count("audit_events WHERE action = 'group.addMember'"), 2);
        assert_eq!(t.count("audit_events WHERE action = 'group.removeMember'"), 1);
        root.page("/admin/audit").assert_says("took Dan Example out of the members of Drivers");
    }

    /// Two groups cannot have one name; case does not tell them apart.
    fn dir_4_a_groups_name_is_its_own(t: &mut Test) {
        t.group("Team", &[]);
        let root = t.sign_in("root");
        let form = root.page("/admin/groups/new").form("/admin/groups/new").set("name", "TEAM");
        let page = root.submit(&form).expect(409).page();
        page.assert_says("There is already a group with this name.");
        assert_eq!(page.attribute_of("[autofocus]", "name"), "name");
    }

    /// Who is in a dynamic group follows its rule.
    fn dir_4_a_dynamic_group_is_not_changed_by_hand(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        let group = t.group("Sales people", &["alice"]);
        t.sql(&format!("UPDATE groups SET kind = 'dynamic', membership_rule = 'department = Sales' WHERE id = '{group}'"));
        let add = t.try_as("root", |tx, cx, me| {
            app::add(tx, cx, manage_directory(me)?, group, &[alice].into(), Belonging::Member)
        });
        assert!(matches!(add, Err(AppError::Refused(Refusal::DynamicGroup))), "{add:?}");
        let out = t.try_as("root", |tx, cx, me| {
            app::remove(tx, cx, manage_directory(me)?, group, alice, Belonging::Member)
        });
        assert!(matches!(out, Err(AppError::Refused(Refusal::DynamicGroup))), "{out:?}");
        let page = t.sign_in("root").page(&format!("/admin/groups/{group}"));
        page.assert_says("department = Sales");
        assert_eq!(page.count("form[action$='/members']"), 0);
    }

    /// A group's page shows which packages grant it; while something uses it, it stays.
    fn dir_4_a_group_in_use_cannot_be_deleted(t: &mut Test) {
        let s = t.sales();
        t.person("root");
        let root = t.sign_in("root");
        let page = root.page(&format!("/admin/groups/{}", s.team));
        page.assert_says("grants membership");
        let path = format!("/admin/groups/{}/delete", s.team);
        let ask = root.page(&path);
        ask.assert_says("cannot be deleted yet");
        root.submit(&ask.form(&path).press("Delete")).expect(409).page().assert_says("still in use");
        assert!(t.read(|conn| groups::find(conn, s.team)).is_some());
    }

    /// A group that only approves somewhere is in use too.
    fn dir_4_a_group_of_approvers_is_in_use(t: &mut Test) {
        use latchkey::domain::policy::Approver;
        let s = t.sales();
        t.person("root");
        let group = t.group("Approvers", &["bob"]);
        let stage = terms::stage(vec![Approver::Group { id: group }]);
        t.policy(s.onboarding, "By the group", &terms::members(vec![stage]));
        let uses = t.read(|conn| groups::uses(conn, group));
        assert_eq!(uses.len(), 1, "{uses:?}");
        assert!(uses[0].contains("By the group"), "{uses:?}");
    }

    /// Deleting frees the name, and the members lose what the group gave.
    fn dir_4_deleting_a_group_frees_its_name(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let group = t.group("Old", &["alice"]);
        t.write_as("root", |tx, cx, me| app::delete(tx, cx, manage_directory(me)?, group, 1));
        assert!(t.read(|conn| groups::find(conn, group)).is_none());
        t.write_as("root", |tx, cx, me| {
            app::create(tx, cx, manage_directory(me)?, fields("old"), &Default::default())
        });
        t.sign_in("root").page("/admin/groups?q=OLD").assert_says("old");
    }
}

//! Importing users from a CSV file (SPEC DIR-3, DIR-6, ROL-3).

use latchkey::app::directory::import::{Counts, Outcome, Plan, apply, judge};
use latchkey::app::{self, AppError};
use latchkey::domain::access::manage_directory;
use latchkey::domain::directory::UserSource;
use latchkey::domain::import::{self, Sheet};
use latchkey::domain::{Refusal, access::DirectoryRole};
use latchkey::kernel::Email;
use latchkey::store;
use latchkey::store::imports::ImportState;

use crate::support::Test;

fn sheet(text: &str) -> Sheet {
    import::read(text).unwrap()
}

fn plan(t: &Test, text: &str) -> Plan {
    t.app.db.read_now(|conn| judge(conn, &sheet(text), "Europe/Berlin")).unwrap()
}

fn run(t: &mut Test, text: &str, fingerprint: &str) -> Result<Counts, AppError> {
    t.person("root");
    let sheet = sheet(text);
    t.try_as("root", |tx, cx, me| apply(tx, cx, manage_directory(me)?, &sheet, fingerprint, false))
}

/// Judged in the zone that the instance has, as the import itself does.
fn fingerprint(t: &Test, text: &str) -> String {
    let zone = t.app.instance.time_zone.name();
    t.app.db.read_now(|conn| judge(conn, &sheet(text), zone)).unwrap().fingerprint
}

fn user(t: &Test, email: &str) -> latchkey::domain::directory::User {
    let email = Email::parse(email).unwrap();
    t.read(|conn| store::users::find_by_email(conn, &email)).unwrap()
}

on_both! {
    /// The preview says row by row what would be added, changed and refused, with reasons, and writes nothing (SPEC
    /// DIR-3).
    fn dir_3_preview_row_by_row(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let before = t.count("users");
        let found = plan(t, "E-mail,Name,Department,Manager\n\
            ALICE@demo.example,,Finance,\n\
            new@demo.example,New Person,Sales,alice@demo.example\n\
            alone@demo.example,Alone,,nobody@demo.example\n\
            twice@demo.example,One,,\n\
            twice@demo.example,Two,,\n\
            nonsense,Somebody,,\n\
            noname@demo.example,,,\n\
            bob@demo.example,,,\n");
        let outcome: Vec<Outcome> = found.rows.iter().map(|r| r.outcome).collect();
        use Outcome::{Added, Changed, Refused, Same};
        assert_eq!(outcome, [Changed, Added, Refused, Refused, Refused, Refused, Refused, Same]);
        assert_eq!(found.rows[0].changes, [("Department".into(), "Sales".into(), "Finance".into())]);
        for (row, says) in [(2, "nobody@demo.example"), (3, "more than once"), (5, "nonsense"), (6, "name is missing")] {
            assert!(found.rows[row].reasons.join(" ").contains(says), "{:?}", found.rows[row]);
        }
        assert_eq!(found.counts, Counts { added: 1, changed: 1, same: 1, refused: 5 });
        assert_eq!(t.count("users"), before);
    }

    /// A file with a row that cannot be taken writes nothing at all; mended, all of it, managers of the same file too
    /// (SPEC DIR-3).
    fn dir_3_all_or_nothing(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let before = t.count("users");
        let bad = "E-mail,Name,Kind\na@demo.example,A,member\nb@demo.example,B,alien\n";
        let seen = fingerprint(t, bad);
        let refused = run(t, bad, &seen);
        assert!(matches!(refused, Err(AppError::Refused(Refusal::ImportRefused(1)))), "{refused:?}");
        assert_eq!(t.count("users"), before);
        let good = "mail;displayName;manager;extension_costCentre;accountEnabled;hire date\n\
            a@demo.example;Anna;b@demo.example;4711;;2026-03-01\n\
            b@demo.example;Berta;alice@demo.example;;no;\n\
            alice@demo.example;;null;;;\n";
        let seen = fingerprint(t, good);
        assert_eq!(run(t, good, &seen).unwrap(), Counts { added: 2, changed: 1, same: 0, refused: 0 });
        let (anna, berta, alice) = (user(t, "a@demo.example"), user(t, "b@demo.example"), user(t, "alice@demo.example"));
        assert_eq!(anna.profile.manager, Some(berta.id));
        assert_eq!(berta.profile.manager, Some(alice.id));
        assert_eq!(alice.profile.manager, None, "the word null empties");
        assert!(anna.enabled && !berta.enabled);
        assert_eq!((anna.source, alice.source), (UserSource::Csv, UserSource::Local));
        assert_eq!(anna.profile.extension.get("costCentre").map(String::as_str), Some("4711"));
        assert_eq!(t.count("audit_events WHERE action = 'user.import'"), 3);
        // Once more, everything is so already.
        assert_eq!(plan(t, good).counts, Counts { added: 0, changed: 0, same: 3, refused: 0 });
    }

    /// People can be imported before there is an administrator: a portal that is being set up (SPEC DIR-3, SES-5).
    fn dir_3_before_the_first_administrator(t: &mut Test) {
        let text = "E-mail,Name\nfirst@demo.example,First\n";
        let (sheet, seen) = (sheet(text), fingerprint(t, text));
        let cx = t.app.system_cx("test");
        let permit = latchkey::domain::access::system_directory();
        t.write(|tx| apply(tx, &cx, permit, &sheet, &seen, false));
        assert_eq!(t.count("users"), 1);
    }

    /// What changed since the preview is not written over (SPEC DIR-3).
    fn dir_3_a_stale_preview_is_refused(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        let text = "E-mail,Department\nalice@demo.example,Finance\n";
        let seen = fingerprint(t, text);
        t.write_as("root", |tx, cx, me| {
            let before = store::users::find(tx, alice)?.unwrap();
            let mut profile = before.profile.clone();
            profile.department = "Legal".into();
            app::directory::users::edit(tx, cx, manage_directory(me)?, alice, before.version, profile)
        });
        let refused = run(t, text, &seen);
        assert!(matches!(refused, Err(AppError::Refused(Refusal::ImportStale))), "{refused:?}");
        assert_eq!(user(t, "alice@demo.example").profile.department, "Legal");
    }

    /// A file cannot close a circle of managers, nor disable the last administrator (SPEC DIR-6, ROL-3).
    fn dir_3_circles_and_the_last_administrator_are_refused(t: &mut Test) {
        t.person("alice");
        t.person("root");
        let circle = plan(t, "E-mail,Manager\nbob@demo.example,alice@demo.example\n");
        assert_eq!(circle.counts.refused, 1, "Bob is Alice’s manager");
        let circle = plan(t, "E-mail,Name,Manager\nx@demo.example,X,y@demo.example\ny@demo.example,Y,x@demo.example\n");
        assert_eq!(circle.counts.refused, 2);
        let turned = plan(t, "E-mail,Manager\nbob@demo.example,alice@demo.example\nalice@demo.example,null\n");
        assert_eq!(turned.counts.changed, 2, "turned round it is no circle");
        let last = plan(t, "E-mail,Enabled\nroot@demo.example,no\n");
        assert!(last.rows[0].reasons.join(" ").contains("last administrator"), "{:?}", last.rows);
        let zoe = t.user("zoe").create();
        t.grant(DirectoryRole::Administrator, zoe);
        assert_eq!(plan(t, "E-mail,Enabled\nroot@demo.example,no\n").counts.changed, 1);
    }

    /// In the portal: upload, look, confirm; carried out in the background in the name of whoever confirmed it (SPEC
    /// DIR-3).
    fn dir_3_in_the_portal(t: &mut Test) {
        t.person("alice");
        let root = t.sign_in("root");
        let start = root.page("/admin/users/import");
        let form = start.form("/admin/users/import").set("text", "E-mail,Name\nnew@demo.example,New Person\n");
        let preview = root.done(&form);
        preview.assert_says("1 would be added");
        preview.assert_says("New Person");
        assert_eq!(t.count("users WHERE email = 'new@demo.example'"), 0);
        let confirm = preview.form_called("Import: add 1, change 0").press("Import: add 1, change 0");
        root.done(&confirm).assert_says("all done, or nothing");
        t.run_jobs();
        assert_eq!(t.count("users WHERE email = 'new@demo.example' AND source = 'csv'"), 1);
        assert_eq!(t.count("user_imports WHERE state = 'done' AND content = ''"), 1);
        // Nobody else sees the file.
        let zoe = t.user("zoe").create();
        t.grant(DirectoryRole::Administrator, zoe);
        let id = t.texts("SELECT CAST(id AS TEXT) AS n FROM user_imports");
        t.sign_in("zoe").get(&format!("/admin/users/import/{}", id[0])).expect(404);
        let wrong = root.submit(&start.form("/admin/users/import").set("text", "Shoe size\n42\n")).expect(422).page();
        wrong.assert_says("Shoe size");
        assert_eq!(ImportState::parse("done"), Some(ImportState::Done));
    }
}

//! What goes in comes out, the same on both databases; what breaks a rule says which.

use diesel::prelude::*;
use latchkey::app::AppError;
use latchkey::domain::audit::{Event, ObjectKind, Record};
use latchkey::kernel::ids::{EntityId, PackageId, PolicyId, UserId};
use latchkey::kernel::{Moment, PageRequest};
use latchkey::store::{StoreError, audit, settings};

use crate::support::Test;
use crate::support::raw::{Sql, id};

fn events(t: &Test) -> Vec<Event> {
    let all = PageRequest { number: 1, size: 100 };
    t.read(|conn| audit::list(conn, all)).items
}

/// Does adding the row break this rule?
#[track_caller]
fn assert_taken(t: &Test, rule: &str, table: &str, row: &[(&str, Sql)]) {
    let statement = t.insert_statement(table, row);
    let refused = t.app.db.write_now(|tx| -> Result<(), StoreError> {
        diesel::sql_query(&statement).execute(&mut **tx)?;
        Ok(())
    });
    match refused {
        Err(error) => assert!(error.is_taken(rule), "{rule}: {error:?}"),
        Ok(()) => panic!("{rule} was not broken by {statement}"),
    }
}

fn request(
    t: &Test,
    package: PackageId,
    policy: PolicyId,
    subject: UserId,
    token: &str,
) -> Vec<(&'static str, Sql)> {
    vec![
        ("id", id(t.app.ids.next::<latchkey::kernel::ids::RequestId>())),
        ("kind", "userAdd".into()),
        ("package_id", id(package)),
        ("policy_id", id(policy)),
        ("policy_version", 1.into()),
        ("requestor_id", id(subject)),
        ("subject_id", id(subject)),
        ("state", "pendingApproval".into()),
        ("stage", 1.into()),
        ("stages", 1.into()),
        ("escalated", false.into()),
        ("justification", "".into()),
        ("answers", "[]".into()),
        ("submit_token", token.into()),
        ("submitted_at", t.now().into()),
        ("version", 1.into()),
    ]
}

fn assignment(
    t: &Test,
    package: PackageId,
    policy: PolicyId,
    subject: UserId,
    state: &str,
) -> Vec<(&'static str, Sql)> {
    vec![
        ("id", id(t.app.ids.next::<latchkey::kernel::ids::AssignmentId>())),
        ("package_id", id(package)),
        ("policy_id", id(policy)),
        ("policy_version", 1.into()),
        ("subject_id", id(subject)),
        ("state", state.into()),
        ("starts_at", t.now().into()),
        ("created_at", t.now().into()),
        ("version", 1.into()),
    ]
}

on_both! {
    /// Instants keep their microseconds over the whole calendar that a person can type, texts every character.
    fn instants_ids_words_and_texts_come_back_the_same(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        let texts = [
            "plain",
            "O'Neil \"quoted\" \\ % _ ; DROP TABLE users; --",
            "Zoë Ångström 東京 🗝️ e\u{301}",
            " spaces kept  \n\ttoo ",
            "",
        ];
        let instants = [
            "1969-12-31T23:59:59.999999Z",
            "2026-03-02T09:00:00.000001Z",
            "2026-03-29T01:30:00.123456Z",
            "2028-02-29T23:59:59.999999Z",
            "9999-12-31T23:59:59.999999Z",
        ];
        for (text, instant) in texts.iter().zip(instants) {
            let at: Moment = instant.parse().expect("an instant");
            t.clock.set(at);
            let before = events(t).len();
            t.write_as("root", |tx, cx, _| {
                let record = Record::of("test.value", ObjectKind::User, alice.uuid(), *text)
                    .change(serde_json::json!({ "old": text }), serde_json::Value::Null)
                    .about(alice)
                    .because(*text);
                cx.record(tx, record);
                Ok(())
            });
            let found = events(t);
            assert_eq!(found.len(), before + 1);
            let newest = &found[0];
            assert_eq!(newest.at, at);
            assert_eq!(newest.object, alice.uuid());
            assert_eq!(newest.subject, Some(alice));
            assert_eq!(newest.object_kind, ObjectKind::User);
            assert_eq!((&newest.object_name, &newest.reason), (&(*text).to_owned(), &(*text).to_owned()));
            assert_eq!(newest.old, serde_json::json!({ "old": text }).to_string());
            assert_eq!(newest.hash, newest.expected_hash());
        }
    }

    /// JSON is kept as it was meant.
    fn json_comes_back_the_same(t: &mut Test) {
        let value = serde_json::json!({
            "text": "Ünï \"code\" 🗝️", "number": 9_007_199_254_740_993_i64, "nothing": null,
            "list": [1, 2.5, true, {"deep": []}], "": "an empty name",
        });
        let now = t.now();
        t.write(|tx| Ok(settings::put(tx, "test.value", &value, now)?));
        let found: Option<serde_json::Value> = t.read(|conn| settings::get(conn, "test.value"));
        assert_eq!(found.as_ref(), Some(&value));
        let none: Option<serde_json::Value> = t.read(|conn| settings::get(conn, "test.other"));
        assert_eq!(none, None);
    }

    /// A word that this version does not know is an error, not a guess.
    fn unknown_words_are_an_error(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        t.write_as("root", |tx, cx, _| {
            cx.record(tx, Record::of("test.word", ObjectKind::User, alice.uuid(), "Alice"));
            Ok(())
        });
        t.sql("UPDATE audit_events SET object_kind = 'spaceship'");
        let all = PageRequest { number: 1, size: 100 };
        let read = t.app.db.read_now(|conn| audit::list(conn, all));
        assert!(matches!(&read, Err(StoreError::Corrupt(why)) if why.contains("spaceship")), "{read:?}");
    }

    /// DIR-1 and I2 in the database itself: a broken unique rule has the same name on both.
    fn i2_broken_unique_rules_have_the_same_names_on_both(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let user = |t: &Test, email: &str| {
            vec![
                ("id", id(t.app.ids.next::<UserId>())), ("email", email.into()), ("email_folded", "alice@demo.example".into()),
                ("display_name", "A".into()), ("name_folded", "a".into()), ("search_folded", "a".into()),
                ("given_name", "".into()), ("surname", "".into()), ("kind", "member".into()), ("department", "".into()),
                ("job_title", "".into()), ("company", "".into()), ("office", "".into()), ("country", "".into()),
                ("employee_id", "".into()), ("time_zone", "UTC".into()), ("locale", "en".into()), ("extension", "{}".into()),
                ("enabled", true.into()), ("source", "local".into()), ("created_at", t.now().into()), ("version", 1.into()),
            ]
        };
        assert_taken(t, "users_email_folded_key", "users", &user(t, "ALICE@demo.example"));
        // Who is deleted does not keep an address.
        t.sql(&format!("UPDATE users SET deleted_at = {} WHERE id = '{alice}'", t.literal(&t.now().into())));
        t.insert("users", &user(t, "ALICE@demo.example"));

        let dan = t.person("dan");
        let (package, policy) = (s.onboarding, s.onboarding_policy);
        t.insert("requests", &request(t, package, policy, dan, "form one"));
        assert_taken(t, "requests_subject_id_package_id_key", "requests", &request(t, package, policy, dan, "form two"));
        t.sql("UPDATE requests SET state = 'denied'");
        assert_taken(t, "requests_submit_token_key", "requests", &request(t, package, policy, dan, "form one"));
        t.insert("requests", &request(t, package, policy, dan, "form two"));

        t.insert("assignments", &assignment(t, package, policy, dan, "delivered"));
        for state in ["scheduled", "delivering", "delivered", "partiallyDelivered", "deliveryFailed"] {
            let again = assignment(t, package, policy, dan, state);
            assert_taken(t, "assignments_subject_id_package_id_key", "assignments", &again);
        }
        t.insert("assignments", &assignment(t, package, policy, dan, "expired"));

        let grant = |t: &Test| {
            vec![
                ("id", id(t.app.ids.next::<latchkey::kernel::ids::RoleGrantId>())), ("catalog_id", id(s.catalog)),
                ("role", "reader".into()), ("user_id", id(dan)), ("granted_at", t.now().into()),
            ]
        };
        t.insert("catalog_role_grants", &grant(t));
        assert_taken(t, "catalog_role_grants_catalog_id_role_user_id_key", "catalog_role_grants", &grant(t));
    }

    /// What the database cannot hold is an error of its own kind, and the transaction leaves nothing.
    fn a_row_without_its_parent_is_refused(t: &mut Test) {
        let s = t.sales();
        let stranger: UserId = t.app.ids.next();
        let statement = t.insert_statement(
            "assignments",
            &assignment(t, s.onboarding, s.onboarding_policy, stranger, "delivered"),
        );
        let refused = t.app.db.write_now(|tx| -> Result<(), AppError> {
            diesel::sql_query(&statement).execute(&mut **tx).map_err(StoreError::from)?;
            Ok(())
        });
        assert!(matches!(refused, Err(AppError::Store(StoreError::Database(_)))), "{refused:?}");
        assert_eq!(t.count("assignments"), 0);
    }
}

//! Reading and writing: all or nothing, and never through the reading door.

use latchkey::app::AppError;
use latchkey::domain::audit::{ObjectKind, Record};
use latchkey::kernel::ids::{EntityId, UserId};
use latchkey::store::{Conn, StoreError, audit};

use crate::support::Test;
use crate::support::raw::batch;

fn renamed(user: UserId) -> Record {
    Record::of("user.edit", ObjectKind::User, user.uuid(), "Alice Example")
}

fn rename(conn: &mut Conn, user: UserId, name: &str) -> Result<(), StoreError> {
    batch(conn, &format!("UPDATE users SET display_name = '{name}' WHERE id = '{user}'"))
        .map_err(StoreError::Database)
}

impl Test {
    fn name_of(&self, user: UserId) -> String {
        self.texts(&format!("SELECT display_name AS n FROM users WHERE id = '{user}'")).concat()
    }
}

on_both! {
    /// I7, I14: what fails leaves neither the change nor its audit event behind.
    fn i7_a_failed_use_case_leaves_nothing(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        let refused: Result<(), AppError> = t.try_as("root", |tx, cx, _| {
            rename(tx, alice, "Half")?;
            cx.record(tx, renamed(alice));
            Err(AppError::NotFound)
        });
        assert!(matches!(refused, Err(AppError::NotFound)));
        assert_eq!(t.name_of(alice), "Alice Example");
        assert_eq!(t.count("audit_events"), 0);
        assert_eq!(t.count("audit_head WHERE seq = 0 AND hash = ''"), 1);
    }

    /// I7: the change and its event commit together.
    fn i7_a_change_and_its_event_commit_together(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        t.write_as("root", |tx, cx, _| {
            rename(tx, alice, "Alice Whole")?;
            cx.record(tx, renamed(alice));
            Ok(())
        });
        assert_eq!(t.name_of(alice), "Alice Whole");
        let events = t.read(|conn| audit::verify(conn, None)).expect("the chain holds");
        assert_eq!(events.events, 1);
    }

    /// I7: if the audit log cannot be written, the change fails.
    fn i7_without_its_event_a_change_fails(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        for damage in [
            "ALTER TABLE audit_head RENAME TO audit_head_gone",
            "ALTER TABLE audit_head_gone RENAME TO audit_head; DELETE FROM audit_head",
            "INSERT INTO audit_head VALUES (1, 0, ''); ALTER TABLE audit_events RENAME TO audit_events_gone",
        ] {
            t.sql(damage);
            let failed = t.try_as("root", |tx, cx, _| {
                rename(tx, alice, "Unrecorded")?;
                cx.record(tx, renamed(alice));
                Ok(())
            });
            assert!(matches!(failed, Err(AppError::Store(_))), "{damage}: {failed:?}");
            assert_eq!(t.name_of(alice), "Alice Example");
        }
        assert_eq!(t.count("audit_events_gone"), 0);
    }

    /// A panic in the middle of a transaction leaves nothing either, and the portal goes on.
    fn i14_a_panic_inside_a_transaction_leaves_nothing(t: &mut Test) {
        let alice = t.person("alice");
        t.person("root");
        let thrown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            t.write_as("root", |tx, cx, _| -> Result<(), AppError> {
                rename(tx, alice, "Half")?;
                cx.record(tx, renamed(alice));
                panic!("on purpose")
            })
        }));
        assert!(thrown.is_err());
        assert_eq!(t.name_of(alice), "Alice Example");
        t.write_as("root", |tx, _, _| Ok(rename(tx, alice, "Alice Again")?));
        assert_eq!(t.name_of(alice), "Alice Again");
    }

    /// I12: what reads cannot write, because the database itself refuses.
    fn i12_reading_connections_cannot_write(t: &mut Test) {
        let alice = t.person("alice");
        for statement in [
            format!("UPDATE users SET display_name = 'Eve' WHERE id = '{alice}'"),
            format!("DELETE FROM users WHERE id = '{alice}'"),
            "CREATE TABLE mine (id INTEGER)".to_owned(),
            "DROP TABLE votes".to_owned(),
        ] {
            let refused = t.app.db.read_now::<_, StoreError>(|conn| Ok(batch(conn, &statement)));
            let why = refused.expect("a connection").expect_err(&statement);
            assert!(why.contains("read") && why.contains("only"), "{statement}: {why}");
        }
        assert_eq!(t.name_of(alice), "Alice Example");
        assert_eq!(t.count("votes"), 0);
    }
}

//! The audit log cannot be changed unnoticed (I7, I8).

use latchkey::domain::audit::{Broken, ObjectKind, Record};
use latchkey::kernel::ids::EntityId;
use latchkey::store::audit::{self, Verified};

use crate::support::Test;

fn verify(t: &Test) -> Result<Verified, Broken> {
    t.read(|conn| audit::verify(conn, None))
}

fn record(t: &Test, who: &str, what: &str) {
    t.write_as(who, |tx, cx, by| {
        let record = Record::of("test.event", ObjectKind::User, by.user.uuid(), what)
            .change(serde_json::json!({ "was": what }), serde_json::json!({ "is": 2 }))
            .because("because");
        cx.record(tx, record);
        Ok(())
    });
}

/// Six events, and a copy of them to come back to.
fn six(t: &mut Test) -> Verified {
    t.person("root");
    t.person("alice");
    for n in 1..=6 {
        record(t, if n % 2 == 0 { "root" } else { "alice" }, &format!("event {n}"));
    }
    t.sql("CREATE TABLE kept_events AS SELECT * FROM audit_events; CREATE TABLE kept_head AS SELECT * FROM audit_head;");
    let whole = verify(t).expect("a whole chain");
    assert_eq!(whole.events, 6);
    whole
}

fn restore(t: &Test) {
    t.sql(
        "DELETE FROM audit_events; INSERT INTO audit_events SELECT * FROM kept_events; \
         DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head;",
    );
    assert_eq!(verify(t).map(|v| v.events), Ok(6));
}

#[track_caller]
fn assert_noticed(t: &Test, damage: &str) {
    t.sql(damage);
    assert!(verify(t).is_err(), "not noticed: {damage}");
    restore(t);
}

on_both! {
    /// Every field of an event counts.
    fn i8_an_edited_event_is_noticed(t: &mut Test) {
        six(t);
        let another = "'00000000-0000-7000-8000-000000000001'";
        let past = t.literal(&(t.now() - chrono::Duration::microseconds(1)).into());
        for (column, value) in [
            ("id", another), ("at", past.as_str()), ("actor_id", another), ("actor_id", "NULL"), ("actor_name", "'Eve'"),
            ("origin", "'198.51.100.1'"), ("action", "'test.other'"), ("object_kind", "'group'"), ("object_id", another),
            ("object_name", "'other'"), ("subject_id", another), ("old_values", "'{}'"), ("new_values", "'{}'"),
            ("reason", "''"), ("correlation", "'other'"), ("previous_hash", "''"), ("hash", "''"), ("seq", "77"),
        ] {
            for seq in [3, 6] {
                assert_noticed(t, &format!("UPDATE audit_events SET {column} = {value} WHERE seq = {seq}"));
            }
        }
        // Words that move from one field to the next are not the same event.
        assert_noticed(t, "UPDATE audit_events SET reason = '', correlation = 'becausetest' WHERE seq = 2");
    }

    /// Nothing can be taken out.
    fn i8_a_deleted_event_is_noticed(t: &mut Test) {
        six(t);
        for which in ["seq = 1", "seq = 3", "seq = 6", "seq > 3", "seq < 3", "seq > 0"] {
            assert_noticed(t, &format!("DELETE FROM audit_events WHERE {which}"));
        }
        assert_noticed(t, "DELETE FROM audit_events WHERE seq = 3; UPDATE audit_events SET seq = seq - 1 WHERE seq = 4");
        assert_noticed(t, "DELETE FROM audit_head");
        assert_noticed(t, "UPDATE audit_head SET seq = 3");
        assert_noticed(t, "UPDATE audit_head SET hash = ''");
    }

    /// Nothing can change places.
    fn i8_reordered_events_are_noticed(t: &mut Test) {
        six(t);
        assert_noticed(
            t,
            "UPDATE audit_events SET seq = 99 WHERE seq = 2; UPDATE audit_events SET seq = 2 WHERE seq = 3; \
             UPDATE audit_events SET seq = 3 WHERE seq = 99",
        );
    }

    /// Nothing can be added past the program, not even with a right hash.
    fn i8_an_inserted_event_is_noticed(t: &mut Test) {
        six(t);
        record(t, "root", "event 7");
        t.sql("DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head;");
        let found = verify(t);
        assert!(found.is_err(), "the event after the end was not noticed: {found:?}");
    }

    /// Who rewrites everything from some event on, with the right hashes and a new end, is found out by a hash that
    /// was noted elsewhere.
    fn i8_a_rewritten_end_is_noticed_by_an_anchor(t: &mut Test) {
        let whole = six(t);
        let anchor = Some((whole.events, whole.head.as_str()));
        assert_eq!(t.read(|conn| audit::verify(conn, anchor)), Ok(whole.clone()));
        record(t, "root", "event 7");
        assert_eq!(t.read(|conn| audit::verify(conn, anchor)).map(|v| v.events), Ok(7));
        let hash_of_3 = t.texts("SELECT hash AS n FROM audit_events WHERE seq = 3").concat();
        t.sql(&format!(
            "DELETE FROM audit_events WHERE seq > 3; UPDATE audit_head SET seq = 3, hash = '{hash_of_3}'"
        ));
        assert!(verify(t).is_ok(), "within the database nothing is wrong");
        assert!(t.read(|conn| audit::verify(conn, anchor)).is_err(), "truncated below the anchor");
        for n in 4..=8 {
            record(t, "alice", &format!("forged {n}"));
        }
        assert!(verify(t).is_ok(), "within the database nothing is wrong");
        assert_eq!(t.read(|conn| audit::verify(conn, anchor)), Err(Broken::Content(6)));
    }

    /// Sixteen writers at once make one chain, from the very first event on, and nobody's event is lost. Whoever
    /// checks the log meanwhile sees a whole one.
    fn i8_concurrent_writers_never_fork_the_chain(t: &mut Test) {
        const WRITERS: usize = 16;
        const EACH: usize = 5;
        t.person("root");
        let start = std::sync::Barrier::new(WRITERS + 1);
        let busy = std::sync::atomic::AtomicUsize::new(WRITERS);
        let t = &*t;
        let checks = std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (start, busy) = (&start, &busy);
                scope.spawn(move || {
                    start.wait();
                    for n in 0..EACH {
                        record(t, "root", &format!("writer {writer} event {n}"));
                    }
                    busy.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                });
            }
            start.wait();
            let mut checks = 0;
            while busy.load(std::sync::atomic::Ordering::SeqCst) > 0 {
                let seen = verify(t);
                assert!(seen.is_ok(), "{seen:?}");
                checks += 1;
            }
            checks
        });
        assert!(checks > 0);
        let all = i64::try_from(WRITERS * EACH).expect("a number");
        assert_eq!(verify(t).map(|v| v.events), Ok(all));
        assert_eq!(t.number("SELECT count(DISTINCT object_name) AS n FROM audit_events"), all);
    }
}

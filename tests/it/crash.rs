//! The program dies in the middle of its work (I13, I14).

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use latchkey::kernel::clock::{Clock as _, SystemClock};
use latchkey::store::audit;

use crate::support::server::{Server, Visitor};

/// Makes groups until the server is gone; notes each one that the portal said it made.
fn make_groups(visitor: &Visitor, prefix: &str, made: &Mutex<BTreeSet<String>>) {
    for n in 0.. {
        let name = format!("{prefix} {n}");
        let Ok(form) = visitor.form("/admin/groups/new", "/admin/groups/new") else {
            return;
        };
        match visitor.submit(&form.set("name", &name)) {
            Ok(reply) => {
                assert_eq!(reply.status, 303, "{}", reply.body);
                made.lock().expect("no writer panicked").insert(name);
            }
            Err(_) => return,
        }
    }
}

on_both! {
    /// I13: what was acknowledged survives kill -9; and nothing is half there (I7, I8, I14).
    fn i13_what_was_acknowledged_survives_kill_9(t: &mut Test) {
        const LEAST: usize = 12;
        t.clock.set(SystemClock.now());
        let root = t.person("root");
        let session = t.session_of(root);
        let mut server = Server::start(t);
        let made = Mutex::new(BTreeSet::new());
        for round in 1..=2 {
            let before = made.lock().expect("no writer panicked").len();
            std::thread::scope(|scope| {
                for writer in 0..4 {
                    let (visitor, made) = (server.visitor(&session), &made);
                    scope.spawn(move || make_groups(&visitor, &format!("round {round} writer {writer}"), made));
                }
                let began = Instant::now();
                while made.lock().expect("no writer panicked").len() < before + LEAST {
                    assert!(began.elapsed() < Duration::from_secs(120), "no progress");
                    std::thread::sleep(Duration::from_millis(1));
                }
                server.kill();
            });
            server.restart();
            let acknowledged = made.lock().expect("no writer panicked").clone();
            assert!(acknowledged.len() >= before + LEAST, "no progress");
            let there: BTreeSet<String> = t.texts("SELECT name AS n FROM groups").into_iter().collect();
            let lost: Vec<_> = acknowledged.difference(&there).collect();
            assert!(lost.is_empty(), "acknowledged, but lost: {lost:?}");
            let recorded: BTreeSet<String> =
                t.texts("SELECT object_name AS n FROM audit_events WHERE action = 'group.create'").into_iter().collect();
            assert_eq!(there, recorded, "each group has its event, each event its group");
            assert!(t.read(|conn| audit::verify(conn, None)).is_ok());
            let page = server.visitor(&session).get("/admin/groups").expect("an answer");
            assert_eq!(page.status, 200);
        }
    }
}

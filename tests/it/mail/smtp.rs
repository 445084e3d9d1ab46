//! Mail through a real conversation with a server on loopback (SPEC NOT-4).

use std::net::TcpListener;

use latchkey::domain::notice::NoticeState;
use latchkey::jobs::runner::run_until_idle;
use latchkey::kernel::ids::NoticeId;
use latchkey::mail::transport::Smtp;

use super::server::Server;
use super::{kept, owe, sender};
use crate::support::Test;

fn smtp(url: &str) -> Smtp {
    Smtp::open(url).expect("a usable URL")
}

fn line(t: &Test, id: NoticeId) -> (NoticeState, String) {
    let line = kept(t, id).line;
    (line.state, line.error.unwrap_or_default())
}

on_both! {
    /// Taken; refused for now, then taken; refused for good.
    fn not_4_a_server_takes_delays_and_refuses(t: &mut Test) {
        let server = Server::start();
        let worker = sender(smtp(&server.url()));
        let bob = t.person("bob");
        let first = owe(t, bob);
        run_until_idle(&t.app, &worker).expect("it runs");
        assert_eq!(line(t, first), (NoticeState::Sent, String::new()));
        let taken = server.taken();
        assert_eq!(taken.len(), 1);
        assert_eq!((taken[0].from.as_str(), taken[0].to.as_str()), ("latchkey@latchkey.example", "bob@demo.example"));
        for header in ["X-Latchkey-Notice: invitation\r\n", "Auto-Submitted: auto-generated\r\n", "Subject: You are invited to Latchkey\r\n"] {
            assert!(taken[0].data.contains(header), "{header}");
        }
        assert!(taken[0].data.contains(&format!("Message-ID: <{first}@latchkey.example>\r\n")));

        let second = owe(t, bob);
        server.at_end("451 4.3.0 try again later");
        run_until_idle(&t.app, &worker).expect("it runs");
        let (state, error) = line(t, second);
        assert_eq!(state, NoticeState::Waiting);
        assert!(error.contains("try again later"), "{error}");
        t.clock.set(kept(t, second).line.not_before);
        run_until_idle(&t.app, &worker).expect("it runs");
        assert_eq!(line(t, second), (NoticeState::Sent, String::new()));

        let third = owe(t, bob);
        server.at_recipient("550 5.1.1 no such mailbox");
        run_until_idle(&t.app, &worker).expect("it runs");
        let (state, error) = line(t, third);
        assert_eq!(state, NoticeState::Failed);
        assert!(error.contains("no such mailbox"), "{error}");
        assert_eq!(server.taken().len(), 2);
        assert_eq!(kept(t, third).line.attempts, 1, "it is not tried again by itself");
    }

    /// A server that is down loses nothing: everything waits, and goes out when it is up.
    fn not_4_a_server_that_is_down_loses_nothing(t: &mut Test) {
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.local_addr().expect("an address").port()
        };
        let people: Vec<_> = ["bob", "mia", "sam"].map(|name| t.person(name)).into();
        let ids: Vec<_> = people.iter().map(|p| owe(t, *p)).collect();
        let down = sender(smtp(&format!("smtp://127.0.0.1:{closed}")));
        run_until_idle(&t.app, &down).expect("it runs");
        for id in &ids {
            let (state, error) = line(t, *id);
            assert_eq!(state, NoticeState::Waiting);
            assert!(!error.is_empty(), "the Mail page says why");
        }
        let server = Server::start();
        let up = sender(smtp(&server.url()));
        t.advance(chrono::Duration::minutes(1));
        run_until_idle(&t.app, &up).expect("it runs");
        assert!(ids.iter().all(|id| line(t, *id).0 == NoticeState::Sent));
        assert_eq!(server.taken().len(), 3);
    }

    /// A server that does not offer TLS gets nothing when TLS is asked for.
    fn not_4_nothing_goes_out_without_the_tls_that_was_asked_for(t: &mut Test) {
        let server = Server::start();
        let worker = sender(smtp(&format!("{}?tls=required", server.url())));
        let bob = t.person("bob");
        let id = owe(t, bob);
        run_until_idle(&t.app, &worker).expect("it runs");
        assert_eq!(line(t, id).0, NoticeState::Waiting);
        assert!(server.taken().is_empty());
    }
}

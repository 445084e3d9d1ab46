//! The webhook connector against a real server on loopback (SPEC DLV-6).

use std::sync::Arc;
use std::time::Duration as Wait;

use chrono::Duration;
use latchkey::connectors::webhook::{Deadlines, Webhook};
use latchkey::domain::assignment::AssignmentState;
use latchkey::domain::delivery::DeliveryState;
use latchkey::domain::order::{Target, WebhookTarget};
use latchkey::domain::webhook::{Hosts, sign};
use latchkey::store::webhooks;

use super::server::{Answer, Server, answer};
use super::*;

const SECRET: &str = "whsec_test";

fn hook(hosts: &str) -> Arc<dyn Target> {
    let deadlines = Deadlines { connect: Wait::from_millis(800), whole: Wait::from_millis(800) };
    Arc::new(Webhook::new(Hosts::parse(hosts).expect("hosts")).within(deadlines))
}

fn point(t: &Test, w: &World, url: &str) {
    let target = WebhookTarget { url: url.to_owned(), secret: SECRET.to_owned() };
    let now = t.now();
    t.write(|tx| Ok(webhooks::put(tx, w.app, &target, now)?));
}

/// A world whose application is behind this server, and a connector that may call it.
fn behind(t: &mut Test, server: &Server) -> (World, Arc<dyn Target>) {
    let w = world(t);
    point(t, &w, &server.url());
    (w, hook(&format!("private:{}", server.address)))
}

fn error_of(t: &Test, a: &Assignment) -> String {
    row(t, a).error.expect("an error")
}

/// What a target sends back later.
fn callback(t: &Test, order: &str, secret: &str, body: &str) -> (u16, String) {
    let at = t.now().timestamp();
    let path = format!("/hooks/deliveries/{order}");
    let request = actix_web::test::TestRequest::post()
        .uri(&path)
        .insert_header(("x-latchkey-timestamp", at.to_string()))
        .insert_header(("x-latchkey-signature", sign(secret, at, body)))
        .set_payload(body.to_owned());
    let got = t.browser().send(request, &path);
    (got.status, got.body)
}

on_both! {
    /// The order as it is documented: signed, numbered, with a key, and what the target needs to know.
    fn dlv_6_a_signed_order_goes_out(t: &mut Test) {
        let server = Server::start();
        let (w, hook) = behind(t, &server);
        let alice = t.person("alice");
        server.plan(vec![answer(200, r#"{"state":"done"}"#)]);
        let a = assign(t, alice, w.package, w.policy);
        assert_eq!(deliver(t, &hook), 1);
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivered);
        let came = server.came().remove(0);
        assert_eq!(came.line, "POST /orders HTTP/1.1");
        let time: i64 = came.head["x-latchkey-timestamp"].parse().expect("a number");
        assert_eq!(time, t.now().timestamp());
        assert_eq!(came.head["x-latchkey-signature"], sign(SECRET, time, &came.body));
        assert_eq!(came.head["x-latchkey-sequence"], "1");
        let body: serde_json::Value = serde_json::from_str(&came.body).expect("JSON");
        assert_eq!(body["id"], came.head["idempotency-key"].as_str());
        assert_eq!(body["action"], "grant");
        assert_eq!(body["person"]["email"], "alice@demo.example");
        assert_eq!(body["role"]["name"], "Agent");
        assert_eq!(body["package"]["name"], "Support");
        assert_eq!(body["assignment"]["id"], a.id.to_string());
        remove(t, &a);
        deliver(t, &hook);
        let body: serde_json::Value = serde_json::from_str(&server.came()[1].body).expect("JSON");
        assert_eq!((body["action"].as_str(), body["sequence"].as_i64()), (Some("revoke"), Some(2)));
        assert_eq!(row(t, &a).state, DeliveryState::Removed);
    }

    /// Down, silent, dripping, flooding, talking nonsense: each is a failure that is tried again; a refusal and a
    /// redirect are final, with words that help (SPEC DLV-3, DLV-6).
    fn dlv_6_targets_that_misbehave(t: &mut Test) {
        let server = Server::start();
        let (w, hook) = behind(t, &server);
        let alice = t.person("alice");
        let later: Vec<(Answer, &str)> = vec![
            (Answer::Silence, "in time"),
            (Answer::Drip, "broke off"),
            (Answer::Flood, "64 KB"),
            (Answer::Raw(String::new()), "failed"),
            (Answer::Raw("no HTTP at all\r\n\r\n".into()), "proper HTTP"),
            (answer(200, "<html>Welcome</html>"), "understands"),
            (answer(503, ""), "503"),
            (answer(429, r#"{"state":"failed","message":"slow down"}"#), "slow down"),
        ];
        let a = assign(t, alice, w.package, w.policy);
        for (what, says) in later {
            server.plan(vec![what.clone()]);
            deliver(t, &hook);
            assert_eq!(row(t, &a).state, DeliveryState::Pending, "{what:?}");
            let error = error_of(t, &a);
            assert!(error.contains(says) || says == "failed" && !error.is_empty(), "{what:?}: {error}");
            t.clock.set(row(t, &a).due_at.expect("a next time"));
        }
        let keys: std::collections::BTreeSet<_> =
            server.came().iter().map(|c| c.head["idempotency-key"].clone()).collect();
        assert_eq!(keys.len(), 1, "the same key each time (DLV-4)");
        server.plan(vec![answer(422, r#"{"state":"refused","message":"No such person here"}"#)]);
        deliver(t, &hook);
        assert_eq!(row(t, &a).state, DeliveryState::Failed);
        assert_eq!(error_of(t, &a), "The target answered 422: No such person here");
        let bait = Server::start();
        let moved = format!("HTTP/1.1 307 Moved\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", bait.url());
        server.plan(vec![Answer::Raw(moved)]);
        let b = assign(t, alice, w.other, w.other_policy);
        deliver(t, &hook);
        assert!(error_of(t, &b).contains("does not follow"), "{}", error_of(t, &b));
        assert!(bait.came().is_empty(), "no redirect is followed");
    }

    /// Nothing answers at the address.
    fn dlv_6_a_target_that_is_down(t: &mut Test) {
        let w = world(t);
        let alice = t.person("alice");
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        point(t, &w, &format!("http://127.0.0.1:{port}/"));
        let a = assign(t, alice, w.package, w.policy);
        deliver(t, &hook(&format!("private:127.0.0.1:{port}")));
        assert!(error_of(t, &a).contains("Nothing answers"), "{}", error_of(t, &a));
        assert_eq!(row(t, &a).state, DeliveryState::Pending);
    }

    /// No host is called that the operator has not named, and no private address without leave; names are judged by the
    /// address that they mean.
    fn dlv_6_only_named_hosts_and_no_private_addresses(t: &mut Test) {
        let server = Server::start();
        let w = world(t);
        let alice = t.person("alice");
        let port = server.address.port();
        for (url, hosts, says) in [
            (server.url(), String::new(), "webhook_hosts"),
            (server.url(), "hooks.example.com".to_owned(), "webhook_hosts"),
            (format!("https://127.0.0.1:{port}/"), format!("127.0.0.1:{port}"), "private network"),
            (format!("https://localhost:{port}/"), format!("localhost:{port}"), "private network"),
            (format!("http://localhost:{port}/"), format!("localhost:{port}"), "https only"),
        ] {
            point(t, &w, &url);
            let a = assign(t, alice, w.package, w.policy);
            deliver(t, &hook(&hosts));
            let error = error_of(t, &a);
            assert!(error.contains(says), "{url} with {hosts}: {error}");
            remove(t, &a);
            t.sql(&format!("UPDATE deliveries SET state = 'removed', due_at = NULL WHERE assignment_id = '{}'", a.id));
            t.sql("UPDATE requests SET state = 'delivered' WHERE state = 'delivering'");
        }
        assert!(server.came().is_empty(), "nothing was called");
        point(t, &w, &format!("http://localhost:{port}/"));
        let a = assign(t, alice, w.package, w.policy);
        deliver(t, &hook(&format!("private:localhost:{port}")));
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivered);
    }

    /// The answer comes later: signed, once, and only for the order that waits (SPEC DLV-6, I10).
    fn dlv_6_the_answer_comes_by_callback(t: &mut Test) {
        let server = Server::start();
        let (w, hook) = behind(t, &server);
        let alice = t.person("alice");
        server.plan(vec![answer(202, "")]);
        let a = assign(t, alice, w.package, w.policy);
        deliver(t, &hook);
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivering);
        let body: serde_json::Value = serde_json::from_str(&server.came()[0].body).expect("JSON");
        let order = body["id"].as_str().expect("an id").to_owned();
        assert_eq!(body["callback"], format!("https://latchkey.example/hooks/deliveries/{order}"));
        let done = r#"{"state":"done"}"#;
        assert_eq!(callback(t, &order, "another secret", done).0, 404);
        assert_eq!(callback(t, &w.app.to_string(), SECRET, done).0, 404, "no such order");
        assert_eq!(callback(t, &order, SECRET, r#"{"state":"who knows"}"#).0, 400);
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivering);
        let (status, text) = callback(t, &order, SECRET, done);
        assert_eq!((status, text.contains("taken")), (200, true), "{text}");
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivered);
        let (status, text) = callback(t, &order, SECRET, r#"{"state":"refused"}"#);
        assert_eq!((status, text.contains("known")), (200, true), "{text}");
        assert_eq!(held(t, a.id.uuid()).state, AssignmentState::Delivered, "said once is said");
        // A removal is waited for; the answer to the grant cannot stand for it.
        server.plan(vec![answer(202, "")]);
        remove(t, &a);
        deliver(t, &hook);
        let (_, text) = callback(t, &order, SECRET, done);
        assert!(text.contains("known"), "{text}");
        assert_eq!(row(t, &a).state, DeliveryState::Removing);
        let second: serde_json::Value = serde_json::from_str(&server.came()[1].body).expect("JSON");
        let second = second["id"].as_str().expect("an id").to_owned();
        callback(t, &second, SECRET, r#"{"state":"failed","message":"busy"}"#);
        assert_eq!(error_of(t, &a), "busy");
        t.advance(Duration::minutes(1));
        deliver(t, &hook);
        assert_eq!((row(t, &a).state, server.came().len()), (DeliveryState::Removed, 3));
        assert_eq!(server.came()[2].head["idempotency-key"], second);
    }
}

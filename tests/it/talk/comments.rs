//! Comments (SPEC REQ-9).

use chrono::Duration;
use latchkey::app::AppError;
use latchkey::domain::Refusal;
use latchkey::domain::access::Denied;
use latchkey::domain::approval::Verdict;

use super::*;
use crate::requests::{decide, refusal, submit};

on_both! {
    /// Requestor, approvers and managers of the assignment talk; each comment is mailed to the others, never to its
    /// author, once (REQ-9, NOT-1).
    fn req_9_a_comment_is_mailed_to_the_others_involved(t: &mut Test) {
        let s = t.sales();
        for name in ["dan", "mia", "aud"] {
            t.person(name);
        }
        let id = submit(t, "alice", s.onboarding);
        let before = t.mails().len();
        say(t, "bob", id, "Is the north all that you need?\n\nThen it is fine.");
        let mails = t.mails().split_off(before);
        assert_eq!(mails.len(), 1, "Alice alone");
        assert_eq!(mails[0].to, "alice@demo.example");
        assert_eq!(mails[0].kind, "commentAdded");
        assert!(mails[0].text.contains("Is the north all that you need?"), "{}", mails[0].text);
        assert!(mails[0].link("/requests/").ends_with(&id.to_string()));
        say(t, "alice", id, "Yes, it is.");
        assert_eq!(t.mails_to("bob@demo.example").last().expect("a mail").kind, "commentAdded");
        // Carol owns the catalog: she hears from now on, because she has spoken.
        say(t, "carol", id, "I can add the south later.");
        say(t, "alice", id, "Thank you.");
        t.run_jobs();
        assert_eq!(t.count("notices WHERE kind = 'commentAdded'"), 1 + 1 + 2 + 2);
        assert_eq!(t.notices_to("carol"), ["commentAdded"]);
        assert_eq!(t.texts("SELECT author_as AS n FROM request_comments ORDER BY at, id"), ["approver", "requestor", "manager", "requestor"]);
        // The audit log says that something was said, not what (it is kept longer, and read by others).
        assert_eq!(t.count("audit_events WHERE action = 'request.comment'"), 4);
        let cast = if t.database.is_sqlite() { "new_values" } else { "new_values::text" };
        assert!(t.texts(&format!("SELECT {cast} AS n FROM audit_events WHERE action = 'request.comment'")).iter().all(|v| !v.contains("north")));
    }

    /// Who is not involved finds nothing; who only reads hears which role it takes (ROL-6).
    fn req_9_rol_6_strangers_find_nothing_and_readers_do_not_speak(t: &mut Test) {
        let s = t.sales();
        for name in ["dan", "mia", "aud", "erin"] {
            t.person(name);
        }
        let id = submit(t, "alice", s.onboarding);
        for name in ["dan", "mia", "erin"] {
            let told = try_say(t, name, id, "Let me in", "");
            assert!(matches!(told, Err(AppError::Denied(Denied::Invisible))), "{name}: {told:?}");
        }
        assert!(matches!(try_say(t, "aud", id, "Hm", ""), Err(AppError::Denied(Denied::Forbidden { .. }))));
        assert_eq!(t.count("request_comments"), 0);
    }

    /// A form that is posted twice makes one comment; another person's token is no help; words are needed, and few.
    fn req_9_a_double_post_makes_one_comment(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let first = try_say(t, "alice", id, "Hello", "form-1").expect("taken");
        assert_eq!(try_say(t, "alice", id, "Hello", "form-1").expect("the same"), first);
        assert_ne!(try_say(t, "bob", id, "Hello", "form-1").expect("another"), first);
        assert_eq!(t.count("request_comments"), 2);
        assert_eq!(refusal(try_say(t, "alice", id, " \n ", "form-2")), Refusal::NothingSaid);
        let long = "x".repeat(2001);
        assert!(matches!(refusal(try_say(t, "alice", id, &long, "form-3")), Refusal::BadText(_)));
        assert_eq!(t.count("request_comments"), 2);
    }

    /// Talking goes on for 30 days after the end.
    fn req_9_talking_ends_thirty_days_after_the_request(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        decide(t, "bob", id, Verdict::Deny);
        t.advance(Duration::days(29));
        say(t, "alice", id, "Why?");
        t.advance(Duration::days(1));
        assert_eq!(refusal(try_say(t, "alice", id, "Really, why?", "")), Refusal::ConversationOver);
    }

    /// A mail that would tell somebody who lost the right to read it is dropped (NOT-1, APR-14).
    fn req_9_not_1_who_lost_the_right_is_not_told(t: &mut Test) {
        let team = t.group("Team", &["mia", "bob"]);
        t.person("alice");
        t.person("root");
        let catalog = t.catalog("Tools", "carol");
        let package = t.package(catalog, "Tool", &[]);
        t.policy(package, "P", &terms::members(vec![terms::stage(vec![Approver::Group { id: team }])]));
        let id = submit(t, "alice", package);
        t.run_jobs();
        say(t, "alice", id, "A secret of mine");
        crate::approver::leave(t, team, "mia");
        t.run_jobs();
        let state = |name: &str, t: &mut Test| {
            let user = t.person(name);
            let user = t.literal(&crate::support::raw::id(user));
            t.texts(&format!("SELECT state AS n FROM notices WHERE kind = 'commentAdded' AND recipient_id = {user}"))
        };
        assert_eq!(state("mia", t), ["dropped"]);
        assert_eq!(state("bob", t), ["sent"]);
        assert!(t.mails_to("mia@demo.example").iter().all(|m| !m.source.contains("A secret of mine")));
    }

    /// If nobody decides and nobody has spoken, the owners of the catalog hear, so that nobody talks to a wall.
    fn req_9_without_anybody_else_the_owners_hear(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.price_list);
        say(t, "alice", id, "Where do I find it?");
        assert!(t.notices_to("carol").contains(&"commentAdded".to_owned()));
    }
}

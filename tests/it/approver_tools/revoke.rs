//! Revoking what one approved (SPEC APR-10).

use latchkey::domain::Refusal;
use latchkey::domain::assignment::{AssignmentState, EndReason};
use latchkey::domain::request::{RequestKind, RequestState};
use latchkey::store::requests as kept;

use super::*;
use crate::requests::{decide, in_group, mails_to, refusal, submit, sweep, the_assignment, the_request};

fn revoke(t: &Test, who: &str, id: RequestId, reason: &str) -> Result<RequestId, AppError> {
    t.try_as(who, |tx, cx, by| request::revoke(tx, cx, by, id, reason))
}

on_both! {
    /// Whoever approved, in any stage, ends the access with a reason; it is a request of its own, the person is told
    /// why, and the audit log names it (SPEC APR-10, ASG-3).
    fn apr_10_an_approver_of_any_stage_revokes(t: &mut Test) {
        let s = t.sales();
        for who in ["bob", "mia"] {
            let alice = t.person("alice");
            let id = submit(t, "alice", s.deal_desk);
            decide(t, "bob", id, Verdict::Approve);
            decide(t, "mia", id, Verdict::Approve);
            assert_eq!(refusal(revoke(t, who, id, "  ")), Refusal::RevokeReasonRequired);
            let removal = revoke(t, who, id, "The deal is off").expect("an approver revokes");
            let held = the_assignment(t, id);
            assert_eq!((held.state, held.end_reason), (AssignmentState::Expired, Some(EndReason::RemovedByApprover)));
            let kept = t.read(|c| kept::find(c, removal)).expect("the removal");
            assert_eq!((kept.kind, kept.state, kept.requestor), (RequestKind::ApproverRemove, RequestState::Delivered, Some(t.person(who))));
            assert_eq!(kept.justification, "The deal is off");
            assert_eq!(mails_to(t, alice).last().map(String::as_str), Some("accessEnded"));
            let text = t.mails_to("alice@demo.example").pop().expect("a mail").text;
            assert!(text.contains("The deal is off") && text.contains("Revoked by an approver"), "{text}");
            assert!(matches!(refusal(revoke(t, who, id, "again")), Refusal::NothingToRevoke(_)));
        }
        assert_eq!(t.count("audit_events WHERE action = 'assignment.end' AND reason = 'The deal is off'"), 2);
    }

    /// The roles are taken back at once.
    fn apr_10_the_roles_go_at_once(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let id = submit(t, "alice", s.onboarding);
        decide(t, "bob", id, Verdict::Approve);
        assert!(in_group(t, s.team, alice));
        revoke(t, "bob", id, "Left the project").expect("an approver revokes");
        assert!(!in_group(t, s.team, alice));
    }

    /// Nobody else: not the person, not somebody who denied or never voted, not an owner by this way; and nothing
    /// before it is delivered or after it ended (SPEC APR-10, I4).
    fn apr_10_nobody_else_revokes(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.deal_desk);
        decide(t, "bob", id, Verdict::Approve);
        assert!(matches!(refusal(revoke(t, "bob", id, "x")), Refusal::NothingToRevoke(_)), "Mia is still asked");
        decide(t, "mia", id, Verdict::Approve);
        for who in ["alice", "dan", "carol", "sam", "root", "aud"] {
            t.person(who);
            assert!(matches!(revoke(t, who, id, "x"), Err(AppError::NotFound)), "{who}");
        }
        let denied = submit(t, "alice", s.onboarding);
        decide(t, "bob", denied, Verdict::Deny);
        assert!(matches!(revoke(t, "bob", denied, "x"), Err(AppError::NotFound)), "a denial approves nothing");
        assert_eq!(the_assignment(t, id).state, AssignmentState::Delivered);
        t.advance(chrono::Duration::days(8));
        sweep(t);
        assert!(matches!(refusal(revoke(t, "bob", id, "x")), Refusal::NothingToRevoke(_)));
        assert_eq!(the_request(t, id).state, RequestState::Delivered);
    }

    /// What has not started yet is revoked too, and nothing is delivered at its time (SPEC APR-10, DLV-8).
    fn apr_10_scheduled_access_is_revoked_before_it_starts(t: &mut Test) {
        let s = t.sales();
        let id = submit(t, "alice", s.onboarding);
        let start = t.now() + chrono::Duration::days(2);
        approve_within(t, "bob", id, Allowance { start: Some(start), end: None }).expect("later is allowed");
        revoke(t, "bob", id, "Changed my mind").expect("an approver revokes");
        assert_eq!(the_assignment(t, id).state, AssignmentState::Expired);
        assert_eq!(the_request(t, id).state, RequestState::Canceled);
        t.advance(chrono::Duration::days(3));
        sweep(t);
        let alice = t.person("alice");
        assert!(!in_group(t, s.team, alice));
    }
}

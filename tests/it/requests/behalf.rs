//! Managers and their direct reports (SPEC POL-6, APR-2, ASG-3).

use latchkey::app::request;
use latchkey::domain::assignment::EndReason;
use latchkey::domain::policy::{Approver, Terms};
use latchkey::domain::request::{RequestKind, RequestState};
use latchkey::kernel::ids::UserId;

use super::*;
use crate::support::terms;

fn ask_for(t: &Test, who: &str, subject: UserId, package: PackageId) -> Result<RequestId, AppError> {
    t.try_as(who, |tx, cx, _| {
        let wish = Submission {
            package,
            policy: None,
            subject,
            justification: "starts on Monday".into(),
            answers: serde_json::json!({}),
            token: String::new(),
        };
        request::submit(tx, cx, &wish)
    })
}

fn open(t: &mut Test, stages: Vec<latchkey::domain::policy::Stage>) -> PackageId {
    let catalog = t.catalog("Tools", "carol");
    let package = t.package(catalog, "Tool", &[]);
    t.policy(package, "Everybody", &Terms { on_behalf: true, ..terms::members(stages) });
    package
}

on_both! {
    /// Only for direct reports, as they are when it is asked, and only where the policy says so (SPEC POL-6).
    fn pol_6_managers_ask_for_direct_reports(t: &mut Test) {
        let s = t.sales();
        let (alice, dan) = (t.person("alice"), t.person("dan"));
        let package = open(t, vec![]);
        assert!(matches!(ask_for(t, "bob", dan, package), Err(AppError::NotFound)), "not a report");
        assert!(matches!(ask_for(t, "carol", alice, package), Err(AppError::NotFound)), "an owner is no manager");
        assert_eq!(refusal(ask_for(t, "bob", alice, s.onboarding)), Refusal::NotOnBehalf);
        let id = ask_for(t, "bob", alice, package).expect("accepted");
        let request = the_request(t, id);
        assert_eq!((request.kind, request.state), (RequestKind::OnBehalfAdd, RequestState::Delivered));
        assert_eq!((request.subject, request.requestor), (alice, Some(t.person("bob"))));
        assert_eq!(refusal(ask_for(t, "bob", alice, package)), Refusal::AlreadyHeld, "the gate is about the report");
        let zoe = t.user("zoe").manager("bob").create();
        let mia = t.person("mia");
        t.sql(&format!("UPDATE users SET manager_id = '{mia}' WHERE id = '{zoe}'"));
        assert!(matches!(ask_for(t, "bob", zoe, package), Err(AppError::NotFound)), "not any more");
        ask_for(t, "mia", zoe, package).expect("her manager now");
    }

    /// Who asked on behalf does not decide: the next circle does (SPEC APR-2, APR-3).
    fn apr_2_who_asked_for_a_report_does_not_decide(t: &mut Test) {
        let (alice, mia) = (t.person("alice"), t.person("mia"));
        t.person("carol");
        let mut stage = terms::manager();
        stage.fallback = vec![Approver::User { id: mia }];
        let package = open(t, vec![stage]);
        let id = ask_for(t, "bob", alice, package).expect("accepted");
        assert_eq!(mails_to(t, alice), ["requestedForYou"], "the person hears that somebody asks for them");
        let row = the_request(t, id);
        let asked = t.read(|c| request::current_deciders(c, t.now(), &row)).expect("it waits");
        assert_eq!(asked.users.into_iter().collect::<Vec<_>>(), [mia]);
        let own = refusal(try_decide(t, "bob", id, Verdict::Approve));
        assert!(matches!(own, Refusal::OwnRequest | Refusal::NotAnApprover), "{own:?}");
        assert!(matches!(refusal(try_decide(t, "alice", id, Verdict::Approve)), Refusal::OwnRequest | Refusal::NotAnApprover));
        decide(t, "mia", id, Verdict::Deny);
        for name in ["alice", "bob"] {
            assert!(t.notices_to(name).contains(&"requestDenied".to_owned()), "{name} hears how it ended");
        }
        // Without a fallback, the catalog's owners.
        let package = { let catalog = t.catalog("Other", "carol"); let p = t.package(catalog, "Other tool", &[]); t.policy(p, "P", &Terms { on_behalf: true, ..terms::members(vec![terms::manager()]) }); p };
        let id = ask_for(t, "bob", alice, package).expect("accepted");
        decide(t, "carol", id, Verdict::Approve);
        for name in ["alice", "bob"] {
            assert!(t.notices_to(name).contains(&"accessDelivered".to_owned()), "{name} hears that it is there");
        }
        let mails = t.mails_to("bob@demo.example");
        let mail = mails.iter().find(|m| m.kind == "accessDelivered").expect("a mail to the manager");
        assert!(mail.text.contains("Alice Example"), "it says whose access it is: {}", mail.text);
    }

    /// The person for whom somebody asked may cancel, and so may who asked (SPEC REQ-5).
    fn req_5_both_may_cancel(t: &mut Test) {
        let alice = t.person("alice");
        let package = open(t, vec![terms::manager()]);
        for name in ["alice", "bob"] {
            let id = ask_for(t, "bob", alice, package).expect("accepted");
            t.write_as(name, |tx, cx, by| request::cancel(tx, cx, id, by, ""));
            assert_eq!(the_request(t, id).state, RequestState::Canceled);
        }
    }

    /// A manager removes access of a direct report, with a reason; nobody else's is found (SPEC ASG-3).
    fn asg_3_a_manager_removes_access(t: &mut Test) {
        let s = t.sales();
        let alice = t.person("alice");
        let id = submit(t, "alice", s.price_list);
        let held = the_assignment(t, id).id;
        let remove = |t: &Test, who: &str, why: &str| {
            t.try_as(who, |tx, cx, by| request::remove_from_report(tx, cx, held, by, why))
        };
        for who in ["dan", "mia", "carol", "alice"] {
            assert!(matches!(remove(t, who, "x"), Err(AppError::NotFound)), "{who}");
        }
        assert_eq!(refusal(remove(t, "bob", " ")), Refusal::RemovalReasonRequired);
        let removal = remove(t, "bob", "changed teams").expect("removed");
        let request = the_request(t, removal);
        assert_eq!((request.kind, request.state), (RequestKind::AdminRemove, RequestState::Delivered));
        assert_eq!(the_assignment(t, id).end_reason, Some(EndReason::RemovedByManager));
        assert!(!in_group(t, s.team, alice));
        assert_eq!(refusal(remove(t, "bob", "again")), Refusal::AlreadyEnded);
        assert!(mails_to(t, alice).contains(&"accessEnded".to_owned()));
    }
}

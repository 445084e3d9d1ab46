//! Every page of the area with example data: all render, and their markup is sound.

use askama::Template;
use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};
use uuid::Uuid;

use super::decide::{DecidePage, DecideView};
use super::delegation::{self, DelegationPage, DelegationRow, DelegationView};
use super::form::{self, Raw};
use super::link::{CodeView, GonePage, LinkPage, LinkView, ReceiptPage, ReceiptView};
use super::matter::{self, Eyes, MatterView};
use super::sample_lists;
use crate::domain::allowance::Allowance;
use crate::domain::answers::Answer;
use crate::domain::approval::{Channel, Circle, Deciders, StageState, Verdict};
use crate::domain::catalog::{ConnectorKind, ResourceKind, ResourceRole};
use crate::domain::delegation::Delegation;
use crate::domain::link::Change;
use crate::domain::package::RoleInPackage;
use crate::domain::policy::{Approver, Expiry, Quorum, Scope, Stage, Terms};
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::Moment;
use crate::kernel::ids::{
    CatalogId, DelegationId, PackageId, PolicyId, RequestId, ResourceId, ResourceRoleId, UserId, VoteId,
};
use crate::store::requests::{Request, VoteRow};
use crate::store::views::matter::{Held, Matter, Party, StageNow, VoteNow};
use crate::web::FormErrors;
use crate::web::pickers::Suggestions;
use crate::web::ui::{Shell, Tab, Tabs, check};

const ALICE: UserId = UserId(Uuid::from_u128(1));
const BOB: UserId = UserId(Uuid::from_u128(2));
const MIA: UserId = UserId(Uuid::from_u128(3));

pub(super) fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

pub(super) fn eyes() -> Eyes {
    Eyes { now: at("2026-11-22T12:00:00Z"), tz: chrono_tz::Europe::Berlin }
}

fn stage(id: UserId) -> Stage {
    Stage {
        approvers: vec![Approver::User { id }],
        quorum: Quorum::AnyOne,
        fallback: Vec::new(),
        alternates: None,
        limit_days: 7,
        reason_required: true,
    }
}

/// Stage 2 of 2: Bob approved, Mia is asked. The words try to break out of the page.
fn deal_desk() -> Matter {
    let vote = VoteRow {
        id: VoteId(Uuid::from_u128(20)),
        stage: 1,
        by: BOB,
        on_behalf_of: None,
        verdict: Verdict::Approve,
        reason: "She closes the big deals.\nSince March.".into(),
        channel: Channel::Link,
        ip: "192.0.2.1".into(),
        at: at("2026-11-21T09:00:00Z"),
        allowed: Allowance { start: None, end: Some(at("2026-11-28T23:00:00Z")) },
    };
    let first = StageNow {
        number: 1,
        state: StageState::Approved,
        circle: Some(Circle::Named),
        due_at: Some(at("2026-11-27T09:00:00Z")),
        closed_at: Some(vote.at),
        escalated_at: None,
        votes: vec![VoteNow {
            by: BOB,
            name: "Bob Example".into(),
            in_place_of: None,
            verdict: vote.verdict,
            reason: vote.reason.clone(),
            channel: vote.channel,
            at: vote.at,
            allowed: vote.allowed,
        }],
    };
    let second = StageNow {
        number: 2,
        state: StageState::Pending,
        circle: Some(Circle::Named),
        due_at: Some(at("2026-11-24T09:00:00Z")),
        closed_at: None,
        escalated_at: Some(at("2026-11-22T09:00:00Z")),
        votes: Vec::new(),
    };
    let role = |n: u128, resource: &str, role: &str, description: &str| RoleInPackage {
        role: ResourceRole {
            id: ResourceRoleId(Uuid::from_u128(n)),
            resource: ResourceId(Uuid::from_u128(n + 1)),
            name: role.into(),
            description: description.into(),
            group_role: None,
        },
        resource_name: resource.into(),
        resource_kind: ResourceKind::Application,
        group: None,
        connector: ConnectorKind::Manual,
    };
    Matter {
        request: Request {
            id: RequestId(Uuid::from_u128(10)),
            kind: RequestKind::UserAdd,
            package: PackageId(Uuid::from_u128(11)),
            policy: PolicyId(Uuid::from_u128(12)),
            policy_version: 3,
            requestor: Some(ALICE),
            subject: ALICE,
            assignment: None,
            state: RequestState::PendingApproval,
            stage: 2,
            stages: 2,
            escalated: false,
            due_at: second.due_at,
            justification: "For the <script>alert(1)</script> fair in May.\nAsk https://evil.example".into(),
            answers: serde_json::json!({}),
            wanted_start: Some(at("2026-12-01T08:00:00Z")),
            wanted_end: None,
            submit_token: None,
            submitted_at: at("2026-11-20T09:00:00Z"),
            decided_at: None,
            completed_at: None,
            version: 4,
            changes: None,
        },
        package: "Deal desk".into(),
        description: "Prices and discounts for large deals.".into(),
        catalog: (CatalogId(Uuid::from_u128(13)), "Sales".into()),
        policy: "All members".into(),
        terms: Terms {
            scope: Scope::AllMembers,
            stages: vec![stage(BOB), stage(MIA)],
            expiry: Expiry::AfterDays { days: 7 },
            ..Terms::direct_only()
        },
        subject: Party {
            id: ALICE,
            name: "Alice Example".into(),
            email: "alice@demo.example".into(),
            job_title: "Account manager".into(),
            department: "Sales".into(),
            organization: "Demo".into(),
            enabled: true,
        },
        asked_by: None,
        answers: vec![Answer {
            key: "deal".into(),
            question: "Which deal is it for?".into(),
            values: vec!["fair".into()],
            shown: "The one with the fair".into(),
        }],
        roles: vec![role(30, "CRM", "User", "Reads and edits deals"), role(40, "Sales team", "Member", "")],
        holds: vec![Held {
            package: "Sales onboarding".into(),
            catalog: "Sales".into(),
            ends_at: Some(at("2026-12-12T09:00:00Z")),
        }],
        conflicts: vec!["Deal audit".into()],
        stages: vec![first, second],
        deciders: Some(Deciders {
            circle: Circle::Named,
            users: BTreeSet::from([MIA]),
            stand_ins: BTreeMap::from([(BOB, BTreeSet::from([MIA]))]),
        }),
        decider_names: vec!["Bob Example (for Mia Example)".into(), "Mia Example".into()],
        places: BTreeMap::from([(MIA, "Mia Example".into())]),
        votes: vec![vote],
        present_end: None,
    }
}

fn denied(mut m: Matter) -> Matter {
    m.request.state = RequestState::Denied;
    m.deciders = None;
    if let Some(second) = m.stages.last_mut() {
        second.state = StageState::Denied;
        second.closed_at = Some(at("2026-11-22T11:00:00Z"));
        second.votes.push(VoteNow {
            by: MIA,
            name: "Mia Example".into(),
            in_place_of: None,
            verdict: Verdict::Deny,
            reason: "No budget.".into(),
            channel: Channel::Code,
            at: at("2026-11-22T11:00:00Z"),
            allowed: Allowance::default(),
        });
    }
    m
}

fn decide(m: &Matter, user: UserId, raw: &Raw, errors: &FormErrors, too_late: bool) -> String {
    let shell = Shell::sample("Deal desk for Alice Example");
    let open = m.may_decide(user, eyes().now).is_ok();
    let view = DecideView {
        matter: MatterView::of(m, eyes(), true),
        why: matter::why(Circle::Fallback),
        in_place_of: m.in_place_of(user).map(str::to_owned),
        outcome: matter::outcome(m, m.request.stage, user, eyes()).filter(|_| !open),
        form: open.then(|| {
            form::view(m, "/approvals/10".into(), "sample-token", raw, errors, false, eyes(), chrono_tz::UTC)
        }),
        not_you: None,
        too_late,
        revoke_href: (!open).then(|| "/approvals/10/revoke".into()),
    };
    DecidePage { shell: &shell, view, talk: None }.render().unwrap()
}

fn link(m: &Matter, by_code: bool, changes: &[Change], raw: &Raw, errors: &FormErrors) -> String {
    let shell = Shell::plain("Deal desk for Alice Example", "Demo access", "sample-token");
    let view = LinkView {
        matter: MatterView::of(m, eyes(), !by_code),
        approver: "m•••@demo.example".into(),
        in_place_of: by_code.then(|| "Bob Example".to_owned()),
        changes: matter::changes(changes, eyes()),
        code: by_code.then(|| CodeView {
            action: "/d/token/code".into(),
            address: "m•••@demo.example".into(),
            until: Some(eyes().when(at("2026-11-22T12:09:00Z"))),
            refused: Some("Too many codes were sent. Wait an hour, or sign in to decide.".into()),
        }),
        form: form::view(m, "/d/token".into(), "sample-token", raw, errors, by_code, eyes(), chrono_tz::UTC),
    };
    LinkPage { shell: &shell, view }.render().unwrap()
}

fn handed_over(mistake: bool) -> String {
    let made = |n: u128, from: &str, until: &str| Delegation {
        id: DelegationId(Uuid::from_u128(n)),
        delegator: BOB,
        delegate: MIA,
        starts_at: at(from),
        ends_at: at(until),
        reason: if n == 1 { "<b>Holiday</b>".into() } else { String::new() },
        created_at: at("2026-11-01T09:00:00Z"),
        ended_at: None,
    };
    let rows = |me| {
        [
            made(1, "2026-11-20T09:00:00Z", "2026-11-29T23:00:00Z"),
            made(2, "2026-12-20T23:00:00Z", "2026-12-29T23:00:00Z"),
            made(3, "2026-10-20T22:00:00Z", "2026-10-25T23:00:00Z"),
        ]
        .iter()
        .map(|d| DelegationRow::of(d, me, "Mia Example".into(), eyes()))
        .collect::<Vec<_>>()
    };
    let mut errors = FormErrors::new();
    if mistake {
        errors.add("until", "The last day is before the first. Choose a later one.");
    }
    let shell = Shell::sample("While you are away");
    let raw = delegation::Raw::default();
    let view = DelegationView {
        tabs: Tabs::new("Approvals", vec![Tab::new("While away", "/approvals/delegation", true)]),
        form: delegation::form(&raw, "sample-token", &errors, &Suggestions::default()),
        own: if mistake { Vec::new() } else { rows(BOB) },
        others: if mistake {
            Vec::new()
        } else {
            rows(MIA).into_iter().map(|r| DelegationRow { id: format!("{}-x", r.id), ..r }).collect()
        },
    };
    DelegationPage { shell: &shell, view }.render().unwrap()
}

fn samples() -> Vec<(&'static str, String)> {
    let m = deal_desk();
    let ended = denied(m.clone());
    let fresh = Raw::default();
    let none = FormErrors::new();
    let wrong = fresh.parse(true, true).unwrap_err();
    let changed = [
        Change::Justification("For the fair".into()),
        Change::RoleAdded("CRM: User".into()),
        Change::Approvals(1),
    ];
    let plain = |title: &str| Shell::plain(title, "Demo access", "sample-token");
    let receipt = |user, too_late| {
        let view = ReceiptView {
            package: ended.package.clone(),
            subject: ended.subject.name.clone(),
            outcome: matter::outcome(&ended, 2, user, eyes()).unwrap(),
            href: Some("/approvals/10".into()),
            too_late,
        };
        ReceiptPage { shell: &plain("Decision received"), view }.render().unwrap()
    };
    vec![
        ("queue", sample_lists::queue(false)),
        ("queue-empty", sample_lists::queue(true)),
        ("history", sample_lists::history()),
        ("bulk", sample_lists::bulk(&none)),
        ("bulk-invalid", sample_lists::bulk(&wrong)),
        ("bulk-nothing", sample_lists::bulk_nothing()),
        ("bulk-done", sample_lists::bulk_done()),
        ("revoke", sample_lists::revoke(&none)),
        ("revoke-invalid", sample_lists::revoke(&wrong)),
        ("delegation", handed_over(false)),
        ("delegation-invalid", handed_over(true)),
        ("decide", decide(&m, MIA, &fresh, &none, false)),
        ("decide-invalid", decide(&m, MIA, &fresh, &wrong, false)),
        ("decide-too-late", decide(&ended, BOB, &fresh, &none, true)),
        ("link", link(&m, false, &[], &fresh, &none)),
        ("link-changed", link(&m, false, &changed, &fresh, &none)),
        ("link-code", link(&m, true, &[], &fresh, &wrong)),
        ("receipt", receipt(MIA, false)),
        ("receipt-late", receipt(BOB, true)),
        ("gone", GonePage { shell: &plain("This link is not valid") }.render().unwrap()),
    ]
}

#[test]
fn every_page_renders_and_its_markup_is_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ui/approver");
    fs::create_dir_all(&folder).unwrap();
    for (name, html) in samples() {
        assert_eq!(check::problems(&html), Vec::<String>::new(), "{name}");
        assert!(!html.contains("<script>alert"), "{name}: a requestor's words are text");
        assert!(!html.contains("href=\"https://evil"), "{name}: and never links");
        fs::write(folder.join(format!("{name}.html")), html).unwrap();
    }
}

#[test]
fn apr_12_nothing_is_preselected_and_without_a_session_holdings_stay_closed() {
    let m = deal_desk();
    let fresh = Raw::default();
    let none = FormErrors::new();
    for html in [
        decide(&m, MIA, &fresh, &none, false),
        link(&m, false, &[], &fresh, &none),
        link(&m, true, &[], &fresh, &none),
    ] {
        assert!(!html.contains(" checked"), "no choice is made in advance");
        assert!(html.contains("value=\"approve\"") && html.contains("value=\"deny\""));
    }
    assert!(link(&m, false, &[], &fresh, &none).contains("Sales onboarding"));
    assert!(!link(&m, true, &[], &fresh, &none).contains("Sales onboarding"));
}

#[test]
fn apr_6_whoever_is_too_late_hears_who_decided_and_what() {
    let html = decide(&denied(deal_desk()), BOB, &Raw::default(), &FormErrors::new(), true);
    for words in ["Mia Example denied this request in stage 2 of 2", "No budget."] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn apr_7_a_missing_choice_and_reason_are_told_at_once() {
    let errors = Raw::default().parse(true, true).unwrap_err();
    for field in ["verdict", "reason", "code"] {
        assert!(errors.of(field).is_some(), "{field}");
    }
    let raw = Raw { verdict: "approve".into(), ..Raw::default() };
    assert!(raw.parse(false, false).is_ok(), "a reason only where the stage wants one");
    assert!(Raw { verdict: "Approve".into(), ..Raw::default() }.parse(false, false).is_err());
}

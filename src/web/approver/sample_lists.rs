//! The lists of approvers with example data.

use askama::Template;
use uuid::Uuid;

use super::bulk::{self, BulkPage, Came, DonePage, Result1};
use super::history::{self, HistoryPage, HistoryView};
use super::queue::{self, QueuePage, QueueView, WaitingRow};
use super::revoke::{self, RevokePage, Target};
use super::samples::{at, eyes};
use crate::domain::allowance::Allowance;
use crate::domain::approval::{Channel, Circle, Verdict};
use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::request::{RequestKind, RequestState};
use crate::kernel::ids::{AssignmentId, PackageId, RequestId, UserId, VoteId};
use crate::kernel::{Page, PageRequest};
use crate::store::views::approvals::Waiting;
use crate::store::views::decisions::{Access, Made};
use crate::web::FormErrors;
use crate::web::ui::{Empty, Pager, Shell, SortLink, Tab, Tabs};

const BOB: UserId = UserId(Uuid::from_u128(2));

fn waiting(n: u128, circle: Circle, due: &str, asked_by: Option<&str>) -> Waiting {
    Waiting {
        id: RequestId(Uuid::from_u128(n)),
        version: 2,
        kind: RequestKind::UserAdd,
        package_id: PackageId(Uuid::from_u128(11)),
        package: "Deal desk".into(),
        catalog: "Sales".into(),
        subject: "Alice Example".into(),
        place: "Sales".into(),
        asked_by: asked_by.map(str::to_owned),
        stage: 1,
        stages: 2,
        circle,
        escalated_at: (n == 2).then(|| at("2026-11-22T09:00:00Z")),
        changes_asked: n == 2,
        in_place_of: (n == 2).then(|| "Bob Example".to_owned()),
        justification: if n == 1 { "For the <script>alert(1)</script> fair".into() } else { String::new() },
        reason_required: n == 1,
        submitted_at: at("2026-11-20T09:00:00Z"),
        due_at: at(due),
    }
}

fn both() -> Vec<Waiting> {
    vec![
        waiting(1, Circle::Named, "2026-11-23T09:00:00Z", None),
        waiting(2, Circle::CatalogOwners, "2026-12-01T09:00:00Z", Some("Bob Example")),
    ]
}

pub(super) fn queue(empty: bool) -> String {
    let shell = Shell::sample("Approvals");
    let packages = [(PackageId(Uuid::from_u128(11)), "Deal desk".to_owned())];
    let view = QueueView {
        tabs: Tabs::new("Approvals", vec![Tab::new("To decide", "/approvals", true).count(2)]),
        q: String::new(),
        filters: queue::filters("", "escalated", &packages),
        narrows: true,
        rows: both().into_iter().map(|row| WaitingRow::of(row, eyes())).collect(),
        pager: Pager::new(1, 25, 2, |n| format!("?page={n}")),
        sort_package: SortLink::new("Package", "?sort=package", None),
        sort_person: SortLink::new("For", "?sort=person", None),
        sort_asked: SortLink::new("Asked", "?sort=newest", None),
        sort_due: SortLink::new("Due", "?", Some(true)),
        empty: empty.then(|| Empty::new("inbox", "Nothing waits for you", "…")),
    };
    QueuePage { shell: &shell, view }.render().unwrap()
}

pub(super) fn history() -> String {
    let made = |n: u128, verdict, state, access: Option<AssignmentState>| Made {
        id: VoteId(Uuid::from_u128(n)),
        request: RequestId(Uuid::from_u128(n)),
        kind: RequestKind::UserAdd,
        package: "Deal desk".into(),
        subject: "Alice Example".into(),
        email: "alice@demo.example".into(),
        by: UserId(Uuid::from_u128(if n == 2 { 3 } else { 2 })),
        by_name: "Mia Example".into(),
        in_place_of: (n == 2).then(|| "Bob Example".to_owned()),
        stage: 1,
        stages: 2,
        verdict,
        reason: "No <script>alert(1)</script> budget".into(),
        channel: Channel::Portal,
        at: at("2026-11-20T09:00:00Z"),
        allowed: Allowance { start: None, end: (n == 2).then(|| at("2026-11-30T23:00:00Z")) },
        superseded: n == 3,
        state,
        access: access.map(|state| Access {
            id: AssignmentId(Uuid::from_u128(n)),
            state,
            ends_at: Some(at("2026-11-30T23:00:00Z")),
            ended_at: (state == AssignmentState::Expired).then(|| at("2026-11-22T09:00:00Z")),
            end_reason: (state == AssignmentState::Expired).then_some(EndReason::RemovedByApprover),
        }),
    };
    let rows = vec![
        made(1, Verdict::Deny, RequestState::Denied, None),
        made(2, Verdict::Approve, RequestState::Delivered, Some(AssignmentState::Delivered)),
        made(3, Verdict::Approve, RequestState::Delivered, Some(AssignmentState::Expired)),
    ];
    assert_eq!(rows.iter().map(Made::is_revocable).collect::<Vec<_>>(), [false, true, false]);
    let shell = Shell::sample("Approvals");
    let found = Page { total: 3, items: rows, at: PageRequest::new(1) };
    let tabs = Tabs::new("Approvals", vec![Tab::new("History", "/approvals/history", true)]);
    let packages = [(PackageId(Uuid::from_u128(11)), "Deal desk".to_owned())];
    let view = HistoryView::of(&history::Asked::default(), &found, &packages, tabs, BOB, eyes());
    HistoryPage { shell: &shell, view }.render().unwrap()
}

pub(super) fn bulk(errors: &FormErrors) -> String {
    let shell = Shell::sample("Decide several requests");
    let view = bulk::view(both(), 4, &bulk::Raw::default(), errors, "sample-token", eyes());
    BulkPage { shell: &shell, view }.render().unwrap()
}

pub(super) fn bulk_nothing() -> String {
    let shell = Shell::sample("Decide several requests");
    let view = bulk::view(Vec::new(), 0, &bulk::Raw::default(), &FormErrors::new(), "sample-token", eyes());
    BulkPage { shell: &shell, view }.render().unwrap()
}

pub(super) fn bulk_done() -> String {
    let shell = Shell::sample("What was decided");
    let result = |n: u128, seen: bool, came| Result1 {
        request: RequestId(Uuid::from_u128(n)),
        what: seen.then(|| ("Deal desk".to_owned(), "Alice Example".to_owned())),
        came,
    };
    let results = vec![
        result(1, true, Came::Counts),
        result(2, true, Came::Before),
        result(3, true, Came::Not("Give a reason for your decision.".into(), true)),
        result(4, false, Came::Not("You cannot decide this request.".into(), false)),
    ];
    let view = bulk::done(results, Verdict::Approve);
    assert!(view.summary.starts_with("You approved 1 request. 1 request you had decided before"));
    assert_eq!(view.again.as_deref(), Some("/approvals/bulk?request=00000000-0000-0000-0000-000000000003"));
    DonePage { shell: &shell, view }.render().unwrap()
}

pub(super) fn revoke(errors: &FormErrors) -> String {
    let target = Target {
        request: RequestId(Uuid::from_u128(1)),
        package: "Deal desk".into(),
        person: "Alice Example".into(),
        roles: 2,
        started: true,
        ends: Some(eyes().when(at("2026-11-30T23:00:00Z"))),
    };
    let shell = Shell::sample("Revoke access");
    let view = target.confirm("sample-token", &revoke::Raw::default(), errors);
    RevokePage { shell: &shell, view }.render().unwrap()
}

//! Made-up packages, requests and access for the samples of this area's pages.

use chrono::Duration;
use uuid::Uuid;

use super::packages::{CheckView, Loaded as LoadedPackage};
use super::requests::Loaded;
use super::wanted::Zones;
use crate::domain::allowance::Allowance;
use crate::domain::answers::Answer;
use crate::domain::approval::{Channel, Circle, StageState, Verdict};
use crate::domain::assignment::{AssignmentState, EndReason};
use crate::domain::attributes::Attribute;
use crate::domain::catalog::ResourceKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::policy::{Approver, Expiry, Question, QuestionKind, Quorum, Terms};
use crate::domain::request::{RequestKind, RequestState};
use crate::domain::timeline::Step;
use crate::kernel::ids::*;
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::views::access::{About, AccessPage, AccessRow, Given};
use crate::store::views::browse::{Content, Held, Open, PackageCard};
use crate::store::views::offer::{Asked, Offer, StageOutline};
use crate::store::views::package::PackagePage;
use crate::store::views::request::{AssignmentNow, RequestPage, Sight, Someone, StageNow};
use crate::store::views::requests::RequestRow;
use crate::store::views::story::{DeliveryNow, EntryNow, NoticeNow};

pub(super) fn now() -> Moment {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub(super) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(super) fn someone(n: u128, name: &str) -> Someone {
    Someone {
        id: UserId(id(n)),
        name: name.to_owned(),
        email: format!("{}@demo.example", name.to_lowercase()),
        department: "Sales".to_owned(),
    }
}

pub(super) fn outline(name: &str) -> StageOutline {
    StageOutline {
        asked: vec![Asked { approver: Approver::Manager { level: 1 }, name: Some(name.to_owned()) }],
        quorum: Quorum::AnyOne,
        limit_days: 14,
        escalates_after: Some(7),
    }
}

/// One that is asked, one that is frozen.
fn attributes() -> Vec<Attribute> {
    let question = |key: &str, kind| Question::new(key, format!("Your <{key}>?"), kind);
    let stored = Answer {
        key: "attribute:licence".into(),
        question: "Your licence?".into(),
        values: vec!["B1".into()],
        shown: "B1".into(),
    };
    vec![
        Attribute::new(question("badge", QuestionKind::ShortText), None),
        Attribute::new(question("licence", QuestionKind::ShortText), Some(stored)),
    ]
}

pub(super) fn terms() -> Terms {
    Terms {
        justification_required: true,
        questions: [("deal", QuestionKind::ShortText), ("why", QuestionKind::LongText)]
            .map(|(key, kind)| Question {
                required: true,
                ..Question::new(key, format!("What about <{key}>?"), kind)
            })
            .into(),
        expiry: Expiry::AfterDays { days: 30 },
        ..Terms::direct_only()
    }
}

pub(super) fn offer(n: u128, name: &str, stages: &[&str]) -> Offer {
    Offer {
        policy: PolicyId(id(n)),
        name: name.to_owned(),
        description: String::new(),
        version: 3,
        terms: terms(),
        stages: stages.iter().map(|name| outline(name)).collect(),
    }
}

pub(super) fn contents() -> Vec<Content> {
    [("Sales team", ResourceKind::Group), ("CRM", ResourceKind::Application), ("Wiki", ResourceKind::Site)]
        .map(|(name, kind)| Content {
            resource: name.to_owned(),
            kind,
            role: "Member".to_owned(),
            description: "Read and write <everything>.".to_owned(),
        })
        .into()
}

pub(super) fn card(n: u128, name: &str) -> PackageCard {
    PackageCard {
        id: PackageId(id(n)),
        name: name.to_owned(),
        description: "All that a new colleague in sales needs.".to_owned(),
        catalog: "Sales".to_owned(),
        contents: contents(),
        offers: vec![offer(n, "All members", &["Bob", "Mia"])],
        held: None,
        open: None,
    }
}

pub(super) fn package(offers: Vec<Offer>) -> LoadedPackage {
    LoadedPackage {
        package: PackagePage {
            id: PackageId(id(1)),
            name: "Sales onboarding".to_owned(),
            description: "All that a new colleague in sales needs.".to_owned(),
            hidden: true,
            catalog: CatalogId(id(2)),
            catalog_name: "Sales".to_owned(),
            contents: contents(),
            offers,
            catalog_open: true,
            held: Some(Held {
                id: AssignmentId(id(4)),
                state: AssignmentState::Delivered,
                starts_at: now() - Duration::days(3),
                ends_at: Some(now() + Duration::days(27)),
            }),
            open: Some(Open {
                id: RequestId(id(5)),
                state: RequestState::PendingApproval,
                submitted_at: now() - Duration::hours(3),
                due_at: None,
            }),
            manages: true,
        },
        checks: vec![
            CheckView { label: "Your account is enabled", failed: None },
            CheckView {
                label: "You do not have it yet",
                failed: Some("You already have this package.".to_owned()),
            },
        ],
        usual: Some(Duration::hours(5)),
        for_team: true,
        attributes: attributes(),
        locale: "en".to_owned(),
    }
}

pub(super) fn row(n: u128, state: RequestState) -> RequestRow {
    RequestRow {
        id: RequestId(id(n)),
        kind: RequestKind::UserAdd,
        changes: None,
        wanted_start: None,
        state,
        package: PackageId(id(1)),
        package_name: "Sales onboarding".to_owned(),
        catalog: "Sales".to_owned(),
        subject: UserId(id(7)),
        subject_name: "Alice".to_owned(),
        requestor: Some(UserId(id(7))),
        requestor_name: Some("Alice".to_owned()),
        stage: 1,
        stages: 2,
        due_at: Some(now() + Duration::days(5)),
        escalated_at: Some(now() - Duration::hours(2)),
        changes_asked: true,
        submitted_at: now() - Duration::days(1),
        waiting_for: vec!["Bob <b>".to_owned()],
    }
}

pub(super) fn page<T>(items: Vec<T>) -> Page<T> {
    Page { total: 60, items, at: PageRequest::new(2) }
}

pub(super) fn entries() -> Vec<EntryNow> {
    let entry = |minutes: i64, actor: Option<&str>, step: Step| EntryNow {
        at: now() - Duration::minutes(minutes),
        actor: actor.map(str::to_owned),
        by_viewer: false,
        step,
    };
    let role = ResourceRoleId(id(3));
    let name = "CRM: User".to_owned();
    let vote = |stage, verdict, channel| Step::Voted {
        stage,
        verdict,
        reason: "Fine <by> me.".to_owned(),
        channel,
        approvals: 1,
        needed: 2,
        in_place_of: Some("Sam".to_owned()),
    };
    let opened =
        |stage, circle| Step::StageOpened { stage, due: now() + Duration::days(3), circle, people: 2 };
    let submitted = Step::Submitted { policy: "All members".to_owned(), version: 3 };
    vec![
        entry(900, Some("Alice"), submitted),
        entry(900, None, opened(1, Circle::Named)),
        entry(710, None, Step::Escalated { stage: 1, people: 0 }),
        entry(705, None, Step::Escalated { stage: 1, people: 2 }),
        entry(700, Some("Bob"), vote(1, Verdict::Approve, Channel::Link)),
        entry(700, None, opened(2, Circle::Fallback)),
        entry(600, Some("Mia"), vote(2, Verdict::Approve, Channel::Code)),
        entry(
            600,
            Some("Mia"),
            Step::Narrowed {
                allowed: Allowance { start: None, end: Some(now() + Duration::days(5)) },
                asked_start: now(),
                asked_end: Some(now() + Duration::days(30)),
            },
        ),
        entry(600, None, Step::Approved),
        entry(600, None, Step::DeliveryStarted),
        entry(500, None, Step::RoleFailed { role, name: name.clone(), error: "No such group".to_owned() }),
        entry(400, None, Step::RoleDelivered { role, name: name.clone() }),
        entry(400, None, Step::Delivered { ends_at: Some(now() + Duration::days(30)) }),
        entry(300, Some("Alice"), Step::Ended { reason: EndReason::RemovedByUser, note: "Done.".to_owned() }),
        entry(300, None, Step::RoleRemoved { role, name: name.clone() }),
        entry(300, None, Step::RoleKept { role, name }),
        entry(200, None, Step::ApprovedWithoutAsking),
        entry(190, Some("Root"), Step::ApprovalBypassed { reason: "Urgent".to_owned() }),
        entry(180, Some("Bob"), vote(1, Verdict::Deny, Channel::Portal)),
        entry(180, None, Step::Denied),
        entry(170, None, Step::Expired { stage: 2 }),
        entry(160, Some("Alice"), Step::Canceled { reason: "Not needed".to_owned() }),
        entry(150, None, Step::Scheduled { starts_at: now() + Duration::days(1) }),
    ]
}

pub(super) fn request(state: RequestState, waiting_for: &[&str]) -> Loaded {
    let notice = |kind: &str, name: &str, state: &str, minutes: i64| NoticeNow {
        kind: kind.to_owned(),
        to: None,
        name: name.to_owned(),
        state: state.to_owned(),
        due_at: now() - Duration::minutes(minutes),
        sent_at: None,
    };
    let stage = |number, state, name: &str| StageNow {
        number,
        state,
        circle: Some(Circle::Named),
        opened_at: Some(now() - Duration::days(1)),
        due_at: Some(now() + Duration::days(5)),
        escalated_at: Some(now() - Duration::hours(2)),
        outline: Some(outline(name)),
    };
    Loaded {
        request: RequestPage {
            id: RequestId(id(5)),
            kind: RequestKind::OnBehalfAdd,
            changes: None,
            wanted_start: None,
            wanted_end: Some(now() + Duration::days(60)),
            state,
            package: PackageId(id(1)),
            package_name: "Sales onboarding".to_owned(),
            catalog: CatalogId(id(2)),
            catalog_name: "Sales".to_owned(),
            policy: PolicyId(id(3)),
            policy_name: "All members".to_owned(),
            policy_version: 3,
            terms: terms(),
            requestor: Some(someone(8, "Bob")),
            subject: someone(7, "Alice"),
            assignment: Some(AssignmentNow {
                id: AssignmentId(id(4)),
                state: AssignmentState::Delivered,
                starts_at: now(),
                ends_at: Some(now() + Duration::days(30)),
            }),
            justification: "I start on Monday.\nThe <team> waits.".to_owned(),
            answers: serde_json::json!([{ "key": "deal", "question": "Which <deal>?", "values": ["x"], "shown": "The spring deal" }]),
            stage: 1,
            due_at: Some(now() + Duration::days(5)),
            submitted_at: now() - Duration::minutes(900),
            completed_at: None,
            version: 4,
            stages: vec![stage(1, StageState::Pending, "Bob"), stage(2, StageState::Waiting, "Mia")],
            entries: entries(),
            allowed: Allowance { start: None, end: Some(now() + Duration::days(5)) },
            notices: vec![
                notice("approvalRequested", "Bob", "sent", 900),
                notice("approvalReminder", "Bob", "waiting", 800),
                notice("accessDelivered", "Alice", "failed", 400),
                notice("approvalReminder", "Mia", "dropped", 350),
            ],
            deliveries: vec![DeliveryNow {
                waiting: None,
                id: DeliveryId(id(6)),
                resource: "CRM".to_owned(),
                role: "User".to_owned(),
                state: DeliveryState::Failed,
                error: Some("No such group".to_owned()),
                given_up: true,
                updated_at: now(),
            }],
            sight: Sight { own: true, approver: true, manager: true },
            for_viewer: true,
        },
        waiting_for: waiting_for.iter().map(|name| (*name).to_owned()).collect(),
        decides: true,
        usual: Some(Duration::hours(5)),
    }
}

pub(super) fn held(n: u128, state: AssignmentState) -> AccessRow {
    AccessRow {
        id: AssignmentId(id(n)),
        package: PackageId(id(1)),
        package_name: "Sales onboarding".to_owned(),
        catalog: "Sales".to_owned(),
        state,
        starts_at: now() - Duration::days(20),
        ends_at: Some(now() + Duration::days(10)),
        ended_at: None,
        end_reason: (state == AssignmentState::Expired).then_some(EndReason::Time),
        contents: contents(),
        extendable: true,
    }
}

pub(super) fn assignment(state: AssignmentState) -> AccessPage {
    AccessPage {
        id: AssignmentId(id(4)),
        package: PackageId(id(1)),
        package_name: "Sales onboarding".to_owned(),
        package_description: "All that a new colleague in sales needs.".to_owned(),
        catalog: CatalogId(id(2)),
        catalog_name: "Sales".to_owned(),
        policy: PolicyId(id(3)),
        policy_name: "All members".to_owned(),
        policy_version: 3,
        subject: someone(7, "Alice"),
        state,
        starts_at: now() - Duration::days(20),
        ends_at: Some(now() + Duration::days(10)),
        delivered_at: Some(now() - Duration::days(20)),
        ended_at: None,
        end_reason: Some(EndReason::Time),
        given: vec![Given {
            id: DeliveryId(id(6)),
            resource: ResourceId(id(11)),
            resource_name: "CRM".to_owned(),
            kind: ResourceKind::Application,
            role: "User".to_owned(),
            description: "Customers and deals".to_owned(),
            usage: "Sign in with your address.\nAsk Carol for a tour.".to_owned(),
            link: "https://crm.example/".to_owned(),
            state: DeliveryState::Delivered,
            error: Some("slow".to_owned()),
            updated_at: now(),
        }],
        requests: vec![About {
            id: RequestId(id(5)),
            kind: RequestKind::UserAdd,
            changes: None,
            state: RequestState::Delivered,
            requestor: Some("Alice".to_owned()),
            justification: "I start on Monday.".to_owned(),
            submitted_at: now() - Duration::days(21),
        }],
        own: state != AssignmentState::Scheduled,
    }
}

pub(super) fn zones() -> Zones {
    Zones { now: now(), person: chrono_tz::Europe::Berlin, instance: chrono_tz::Europe::Berlin }
}

//! The pages of extension and of the team, rendered and checked; written to `target/ui` to be looked at.

use askama::Template as _;
use chrono_tz::Europe::Berlin;

use super::ask::{AskPage, AskView, Draft};
use super::extend::{ExtendPage, ExtendView, Held};
use super::sample_data::*;
use super::team::{PackagesPage, PackagesView, PersonPage, PersonPageView, TeamPage, TeamView};
use super::team_ask::{Candidate, DonePage, DoneView, ResultView, Team};
use crate::app::request::Standing;
use crate::domain::assignment::AssignmentState;
use crate::domain::extension::ExtensionFacts;
use crate::domain::policy::{Extension, Terms};
use crate::domain::request::{Changes, RequestState};
use crate::kernel::ids::*;
use crate::store::assignments::Assignment;
use crate::store::views::team::{Report, ReportPage};
use crate::web::FormErrors;
use crate::web::ui::{Badge, Shell, Tone, check};

fn held(custom: bool) -> Held {
    let terms = Terms {
        custom_timeline: custom,
        extension: Extension { allowed: true, needs_approval: custom },
        ..terms()
    };
    let (start, end) = (now() - chrono::Duration::days(20), now() + chrono::Duration::days(10));
    let assignment = Assignment {
        id: AssignmentId(id(41)),
        package_id: PackageId(id(1)),
        policy_id: PolicyId(id(21)),
        policy_version: 3,
        subject_id: UserId(id(7)),
        state: AssignmentState::Delivered,
        starts_at: start,
        ends_at: Some(end),
        created_at: start,
        delivered_at: Some(start),
        ended_at: None,
        end_reason: None,
        version: 1,
        remind_at: None,
    };
    let facts = ExtensionFacts {
        state: assignment.state,
        starts_at: start,
        ends_at: Some(end),
        allowed: true,
        policy_enabled: true,
        admitted: true,
        expiry: terms.expiry,
        published: true,
        closed_to_guest: false,
        enabled: true,
        open: false,
        conflicts: Vec::new(),
    };
    let stages = if custom { offer(21, "All members", &["Bob"]).stages } else { Vec::new() };
    let answers = serde_json::json!([
        { "key": "why", "question": "What about <why>?", "values": ["It is"], "shown": "It is" }
    ]);
    let now = Standing { facts, policy: "All members".to_owned(), version: 4, terms, answers };
    Held { assignment, package: "Sales onboarding".to_owned(), now, stages, locale: "en".to_owned() }
}

fn report(n: u128, name: &str, enabled: bool) -> Report {
    Report {
        id: UserId(id(n)),
        name: name.to_owned(),
        email: "somebody@demo.example".to_owned(),
        department: "Sales".to_owned(),
        enabled,
        active: 3,
        open: 1,
        next_end: Some(now() + chrono::Duration::days(5)),
    }
}

fn samples() -> Vec<(&'static str, String)> {
    let shell = Shell::sample("Sample");
    let z = zones();
    let mut errors = FormErrors::new();
    errors.add("end", "The new end must be after the present one: an extension never shortens.");
    errors.add("justification", "Say why you need this.");
    let draft = Draft { token: "t".to_owned(), end: "2026-11-23".to_owned(), ..Draft::default() };
    let extend = |custom, changes, errors: &FormErrors| {
        let view = ExtendView::of(&held(custom), changes, &draft, errors, "t", &z);
        ExtendPage { shell: &shell, view }.render().unwrap()
    };
    let people = [report(11, "Alice <deal>", true), report(12, "Wei", false)];
    let page_of = ReportPage {
        person: report(11, "Alice", true),
        active: vec![super::sample_data::held(41, AssignmentState::Delivered)],
        scheduled: vec![super::sample_data::held(42, AssignmentState::Scheduled)],
        open: vec![row(31, RequestState::PendingApproval)],
    };
    let mut free = offer(21, "All members", &["Bob"]);
    free.terms.custom_timeline = true;
    let team = Team {
        loaded: package(vec![free]),
        people: vec![
            Candidate { id: UserId(id(11)), name: "Alice".to_owned(), failed: None },
            Candidate {
                id: UserId(id(12)),
                name: "Wei".to_owned(),
                failed: Some("Wei has it already.".to_owned()),
            },
        ],
    };
    let ask = |errors: &FormErrors| {
        AskPage { shell: &shell, view: AskView::of_team(&team, &draft, errors, "t", &z) }.render().unwrap()
    };
    let result = |n: u128, href: Option<&str>| ResultView {
        id: UserId(id(n)).to_string(),
        name: "Alice".to_owned(),
        state: Badge::new("requested", "Requested", Tone::Success, Some("check-circle")),
        text: "The request is made.".to_owned(),
        href: href.map(str::to_owned),
    };
    let done = DoneView {
        lead: "1 request was made.".to_owned(),
        rows: vec![result(11, Some("/requests/1")), result(12, None)],
    };
    let found = page(vec![card(1, "Sales onboarding")]);
    vec![
        ("extend", extend(false, Changes::End, &FormErrors::new())),
        ("extend-approval", extend(true, Changes::End, &errors)),
        ("answers", extend(false, Changes::Answers, &FormErrors::new())),
        ("team", TeamPage { shell: &shell, view: TeamView::of(&people, now(), Berlin) }.render().unwrap()),
        ("team-none", TeamPage { shell: &shell, view: TeamView::of(&[], now(), Berlin) }.render().unwrap()),
        (
            "team-person",
            PersonPage { shell: &shell, view: PersonPageView::of(&page_of, UserId(id(8)), now(), Berlin) }
                .render()
                .unwrap(),
        ),
        (
            "team-packages",
            PackagesPage { shell: &shell, view: PackagesView::of(&people[0], "", &found) }.render().unwrap(),
        ),
        ("team-ask", ask(&FormErrors::new())),
        ("team-ask-wrong", ask(&errors)),
        ("team-done", DonePage { shell: &shell, view: done }.render().unwrap()),
    ]
}

#[test]
fn every_page_renders_without_flaws_in_its_markup() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ui");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, html) in samples() {
        assert_eq!(check::problems(&html), Vec::<String>::new(), "{name}");
        assert!(!html.contains("<deal>") && !html.contains("<why>"), "{name} escapes");
        std::fs::write(folder.join(format!("requestor-{name}.html")), html).unwrap();
    }
}

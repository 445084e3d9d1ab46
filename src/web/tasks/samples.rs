//! Every page of the area with example data: all render, and their markup is sound.

use askama::Template;
use uuid::Uuid;

use super::list::{Asked, Eyes, ListPage, ListView};
use super::task::{Loaded, TaskPage, TaskView, Typed};
use crate::domain::Refusal;
use crate::domain::fulfilment::{TaskAction, TaskState, Who};
use crate::kernel::ids::{AssignmentId, PackageId, RequestId, ResourceId, TaskId, UserId};
use crate::kernel::{Moment, Page, PageRequest};
use crate::store::views::task::{Details, Through};
use crate::store::views::tasks::TaskRow;
use crate::web::FormErrors;
use crate::web::ui::{Shell, check};

const ME: UserId = UserId(Uuid::from_u128(2));

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn eyes() -> Eyes {
    Eyes { me: ME, now: at("2026-11-22T12:00:00Z"), tz: chrono_tz::Europe::Berlin, everything: true }
}

fn row(n: u128, action: TaskAction, state: TaskState, due: &str) -> TaskRow {
    let open = state == TaskState::Open;
    TaskRow {
        id: TaskId(Uuid::from_u128(n)),
        action,
        state,
        subject: UserId(Uuid::from_u128(1)),
        person: "Alice <b>Example</b>".into(),
        email: "alice@demo.example".into(),
        resource_id: ResourceId(Uuid::from_u128(7)),
        resource: "Door system".into(),
        role: "Warehouse".into(),
        package: "Warehouse access".into(),
        created_at: at("2026-11-20T09:00:00Z"),
        due_at: at(due),
        taken_by: (n == 2).then(|| (ME, "Ian Example".to_owned())),
        closed_by: (!open).then(|| "Ian Example".to_owned()),
        closed_at: (!open).then(|| at("2026-11-21T09:00:00Z")),
        reason: if open { String::new() } else { "No <script>alert(1)</script> badge left".into() },
    }
}

fn list(asked: &Asked, rows: Vec<TaskRow>) -> String {
    let total = i64::try_from(rows.len()).unwrap();
    let found = Page { items: rows, total, at: PageRequest::new(1) };
    let resources = [(ResourceId(Uuid::from_u128(7)), "Door system".to_owned())];
    let shell = Shell::sample("Tasks");
    ListPage { shell: &shell, view: ListView::of(asked, &found, &resources, 2, eyes()) }.render().unwrap()
}

fn task(row: TaskRow, may: Result<bool, Refusal>, typed: &Typed) -> String {
    let grant = row.action == TaskAction::Grant;
    let loaded = Loaded {
        row,
        details: Details {
            request: RequestId(Uuid::from_u128(8)),
            justification: "For the stock-taking".into(),
            role_description: "Opens the hall".into(),
            usage: "Open Door system and sign in.".into(),
            link: "https://doors.demo.example/".into(),
            department: "Sales".into(),
            job_title: "Account manager".into(),
            catalog: "Workplace".into(),
        },
        through: vec![Through {
            assignment: AssignmentId(Uuid::from_u128(5)),
            package: PackageId(Uuid::from_u128(6)),
            name: "Warehouse access".into(),
            ends_at: Some(at("2026-12-22T09:00:00Z")),
            live: grant,
        }],
        who: if grant { Who::Owners } else { Who::CatalogOwners },
        people: vec!["Ian Example".into(), "Jo Example".into()],
        may,
        me: ME,
        manages: true,
        until: Some(at("2026-12-22T09:00:00Z")),
    };
    let shell = Shell::sample("Give: Warehouse in Door system");
    TaskPage { shell: &shell, view: TaskView::of(&loaded, typed, eyes().now, eyes().tz) }.render().unwrap()
}

#[test]
fn every_page_of_the_area_renders_and_its_markup_is_sound() {
    use TaskAction::{Grant, Revoke};
    let late = "2026-11-21T09:00:00Z";
    let soon = "2026-11-25T09:00:00Z";
    let closed = Asked { list: "closed".into(), ..Asked::default() };
    let searched = Asked { q: "alice".into(), sort: "person".into(), ..Asked::default() };
    let mut errors = FormErrors::new();
    errors.add("why", Refusal::TaskReasonRequired.to_string());
    let typed = Typed { errors, ..Typed::default() };
    let open = |n, action, due| row(n, action, TaskState::Open, due);
    let pages = [
        list(&Asked::default(), vec![open(1, Grant, late), open(2, Revoke, soon)]),
        list(&Asked::default(), vec![]),
        list(&searched, vec![]),
        list(&closed, vec![row(3, Grant, TaskState::Done, soon), row(4, Grant, TaskState::Canceled, soon)]),
        list(&closed, vec![]),
        task(open(1, Grant, late), Ok(true), &Typed::default()),
        task(open(2, Revoke, soon), Ok(true), &typed),
        task(open(1, Grant, soon), Err(Refusal::OwnTask), &Typed::default()),
        task(row(3, Grant, TaskState::Cannot, soon), Ok(false), &Typed::default()),
        task(row(3, Revoke, TaskState::Done, soon), Ok(true), &Typed::default()),
        task(row(3, Revoke, TaskState::Canceled, soon), Ok(true), &Typed::default()),
    ];
    for html in pages {
        assert_eq!(check::problems(&html), Vec::<String>::new());
        assert!(!html.contains("<script>alert"), "escaped");
    }
}

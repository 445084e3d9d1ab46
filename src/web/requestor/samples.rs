//! Every page of this area, rendered and checked; written to `target/ui` to be looked at.

use askama::Template as _;
use chrono_tz::Europe::Berlin;

use super::access::{AccessListPage, AssignmentPage, AssignmentView, ListView as AccessList, Ways};
use super::ask::{AskPage, AskView, Draft};
use super::home::{HomePage, HomeView};
use super::packages::{
    ListView as PackageList, Loaded as LoadedPackage, OnePackagePage, PackageView, PackagesPage,
};
use super::request_list::{ListView as RequestList, RequestsPage};
use super::requests::{OneRequestPage, RequestView};
use super::sample_data::*;
use crate::domain::Refusal;
use crate::domain::assignment::AssignmentState;
use crate::domain::request::RequestState;
use crate::kernel::Page;
use crate::kernel::ids::*;
use crate::store::views::access::Part;
use crate::store::views::home::Home;
use crate::store::views::requests::RequestRow;
use crate::web::FormErrors;
use crate::web::ui::{Shell, check};

fn ways(state: AssignmentState) -> Ways {
    let may = if state == AssignmentState::Delivered { Ok(()) } else { Err(Refusal::NoLongerAdmitted) };
    Ways { extend: Some(may), answers: true }
}

fn samples() -> Vec<(&'static str, String)> {
    let shell = Shell::sample("Sample");
    let (now, tz, me) = (now(), Berlin, UserId(id(7)));
    let draft =
        Draft { justification: "I start on <Monday>".to_owned(), token: "t".to_owned(), ..Draft::default() };
    let mut errors = FormErrors::whole("There is already an open request.");
    errors.add("policy", "Choose how you want to get this package.");
    errors.add(format!("q.{}.deal", PolicyId(id(21))), "This question needs an answer.");
    let two_ways = || vec![offer(21, "For you", &["Bob"]), offer(22, "At once", &[])];
    let catalogs = [(CatalogId(id(2)), "Sales".to_owned()), (CatalogId(id(3)), "Legal".to_owned())];
    let package_list = |cards| PackagesPage {
        shell: &shell,
        view: PackageList::of(&Default::default(), &page(cards), &catalogs),
    };
    let package_page =
        |loaded: &LoadedPackage| OnePackagePage { shell: &shell, view: PackageView::of(loaded, now, tz) };
    let form = |offers, errors: &FormErrors| AskPage {
        shell: &shell,
        view: AskView::of(&package(offers), &draft, errors, "t", &zones()),
    };
    let request_list = |rows| RequestsPage {
        shell: &shell,
        view: RequestList::of(&Default::default(), &page(rows), me, now, tz),
    };
    let access_list = |part, rows| AccessListPage {
        shell: &shell,
        view: AccessList::of(part, &page(rows), [1, 2, 3], now, tz),
    };
    let home = |empty: bool| {
        let some = |rows: Vec<RequestRow>| Page { total: i64::from(!empty), ..page(rows) };
        let home = Home {
            open: some(if empty { vec![] } else { vec![row(31, RequestState::PendingApproval)] }),
            ending: if empty { vec![] } else { vec![held(41, AssignmentState::Delivered)] },
            active: 3,
            suggested: if empty { vec![] } else { vec![card(1, "Deal desk")] },
        };
        HomePage {
            shell: &shell,
            view: HomeView::of(&home, if empty { 0 } else { 2 }, (!empty).then_some(1), me, now, tz),
            asked: vec![("/requests/1/edit".into(), "Deal desk".into())],
            stopped: vec![(
                "/manage/packages/1/policies/2/rule".into(),
                "the policy By rule of Price list".into(),
            )],
        }
        .render()
        .unwrap()
    };
    let mut pages = vec![
        ("home", home(false)),
        ("home-calm", home(true)),
        ("packages", package_list(vec![card(1, "Sales onboarding"), card(2, "Deal desk")]).render().unwrap()),
        ("packages-none", package_list(vec![]).render().unwrap()),
        (
            "package",
            package_page(&package(vec![offer(21, "All members", &["Bob", "Mia"])])).render().unwrap(),
        ),
        ("package-ways", package_page(&package(two_ways())).render().unwrap()),
        ("ask", form(vec![offer(21, "All members", &["Bob"])], &FormErrors::new()).render().unwrap()),
        ("ask-ways", form(two_ways(), &errors).render().unwrap()),
        (
            "requests",
            request_list(vec![row(31, RequestState::PendingApproval), row(32, RequestState::Denied)])
                .render()
                .unwrap(),
        ),
        ("requests-none", request_list(vec![]).render().unwrap()),
        ("access", access_list(Part::Active, vec![held(41, AssignmentState::Delivered)]).render().unwrap()),
        ("access-none", access_list(Part::Scheduled, vec![]).render().unwrap()),
        (
            "access-over",
            access_list(Part::Expired, vec![held(41, AssignmentState::Expired)]).render().unwrap(),
        ),
    ];
    for (name, state) in [
        ("assignment", AssignmentState::Delivered),
        ("assignment-over", AssignmentState::Expired),
        ("assignment-later", AssignmentState::Scheduled),
    ] {
        let view = AssignmentView::of(&assignment(state), &ways(state), true, now, tz);
        pages.push((name, AssignmentPage { shell: &shell, view }.render().unwrap()));
    }
    for (name, state) in [
        ("request", RequestState::PendingApproval),
        ("request-denied", RequestState::Denied),
        ("request-delivered", RequestState::Delivered),
    ] {
        let view = RequestView::of(&request(state, &["Bob"]), now, tz, true);
        pages.push((name, OneRequestPage { shell: &shell, view, talk: None }.render().unwrap()));
    }
    pages
}

#[test]
fn every_page_renders_without_flaws_in_its_markup() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ui");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, html) in samples() {
        assert_eq!(check::problems(&html), Vec::<String>::new(), "{name}");
        assert!(!html.contains("<Monday>") && !html.contains("<deal>"), "{name} escapes");
        std::fs::write(folder.join(format!("requestor-{name}.html")), html).unwrap();
    }
}

#[test]
fn what_comes_next_is_told_in_every_state() {
    let mut seen = std::collections::HashSet::new();
    for state in RequestState::ALL {
        let loaded = request(*state, &["Bob", "Mia"]);
        let text = super::story::next(&loaded, now(), Berlin);
        assert!(!text.is_empty() && seen.insert(text), "{state}");
    }
}

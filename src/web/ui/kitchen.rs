//! A page with one of every component: proves that all of them render, and is what a designer looks at.
//! The pages are written to `target/ui/`, beside the static files that they name.

use super::*;
use chrono::{DateTime, Utc};
use std::{fs, path::Path};

#[derive(Template)]
#[template(path = "ui/kitchen.html")]
struct Kitchen<'a> {
    shell: &'a Shell,
    view: View,
}

#[derive(Template)]
#[template(path = "ui/kitchen_plain.html")]
struct KitchenPlain<'a> {
    shell: &'a Shell,
    form: FormView,
}

struct View {
    badge: Badge,
    badges: Vec<Badge>,
    tabs: Tabs,
    when: When,
    day: WhenDate,
    q: String,
    filter: FieldView,
    sort_name: SortLink,
    sort_when: SortLink,
    person: PersonView,
    pager: Pager,
    timeline: Timeline,
    steps: Steps,
    form: FormView,
    confirm: ConfirmView,
    reason: FieldView,
    comment: FieldView,
    empty: Empty,
}

fn view() -> View {
    let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
    let at = |text: &str| When::new(text.parse().unwrap(), now, chrono_tz::Europe::Berlin);
    let states = [
        "pendingApproval",
        "scheduled",
        "delivering",
        "delivered",
        "partiallyDelivered",
        "deliveryFailed",
        "denied",
        "expired",
        "canceled",
    ];
    let options = || {
        vec![
            OptionView::new("a", "Any one of them").hint("The first decision counts."),
            OptionView::new("b", "All of them"),
            OptionView::new("c", "A number of them").disabled(true).hint("Needs more than two approvers."),
        ]
    };
    View {
        badge: Badge::published(true),
        badges: states.iter().map(|state| Badge::request(state)).collect(),
        tabs: Tabs::new(
            "Package",
            vec![
                Tab::new("Overview", "/packages", true),
                Tab::new("Resource roles", "/packages", false).count(3),
                Tab::new("Policies", "/packages", false).count(2),
                Tab::new("Assignments", "/packages", false).count(128),
                Tab::new("Requests", "/packages", false),
            ],
        ),
        when: at("2026-12-01T08:00:00Z"),
        day: WhenDate::new("2026-12-04".parse().unwrap(), now.date_naive()),
        q: "sales".to_owned(),
        filter: FieldView::select(
            "state",
            "State",
            vec![OptionView::new("", "All"), OptionView::new("denied", "Denied")],
        ),
        sort_name: SortLink::new("Package", "/packages?sort=-name", Some(true)),
        sort_when: SortLink::new("Asked", "/packages?sort=when", None),
        person: PersonView::new("Alice", "Sales · alice@demo.example").link("/admin/users"),
        pager: Pager::new(2, 25, 128, |page| format!("/packages?page={page}")),
        timeline: Timeline::new(vec![
            TimelineItem::new(at("2026-11-21T12:00:00Z"), "send", Tone::Info, "Requested")
                .who("Alice")
                .text("I join the sales team on Monday and need the customer list."),
            TimelineItem::new(
                at("2026-11-21T13:00:00Z"),
                "check-circle",
                Tone::Success,
                "Approved in stage 1 of 2",
            )
            .who("Bob")
            .detail("Policy “All members”, version 3")
            .detail("Mail to Mia accepted by the mail server"),
            TimelineItem::new(
                at("2026-11-22T11:30:00Z"),
                "hourglass-split",
                Tone::Warning,
                "Waiting for Mia",
            ),
        ]),
        steps: Steps::new(["Basics", "Resource roles", "Requests", "Review"], 2),
        form: FormView::new("/x", "t", "Save changes")
            .field(
                FieldView::text("name", "Name")
                    .value("Sales onboarding")
                    .required()
                    .hint("As people will search for it."),
            )
            .field(
                FieldView::email("email", "E-mail")
                    .value("alice@")
                    .required()
                    .error(Some("Give a whole address, such as name@example.org.")),
            )
            .field(
                FieldView::password("password", "Password")
                    .required()
                    .error(Some("Use at least 12 characters.")),
            )
            .field(FieldView::textarea("description", "Description").value("First line\nSecond line"))
            .field(
                FieldView::select(
                    "catalog",
                    "Catalog",
                    vec![OptionView::new("1", "General"), OptionView::new("2", "Sales")],
                )
                .value("2")
                .required(),
            )
            .section("Approval", Some("Who decides, and for how long the access lasts."))
            .field(FieldView::radios("rule", "How many must approve", options()).value("a").required())
            .field(
                FieldView::checklist("days", "Remind on", options())
                    .values(&["b"])
                    .error(Some("Choose at least one.")),
            )
            .field(
                FieldView::number("limit", "Time to decide")
                    .value("14")
                    .range(1, 14)
                    .suffix("days")
                    .required(),
            )
            .field(FieldView::date("start", "Start").value("2026-12-01"))
            .field(FieldView::text("id", "Identifier").value("pkg-1").readonly())
            .field(
                FieldView::checkbox("hidden", "Hide it from the list", true)
                    .hint("Who has its address can still open it."),
            )
            .field(FieldView::checklist(
                "resources",
                "Resources",
                (1..=30)
                    .map(|n| OptionView::new(n.to_string(), format!("Resource {n}")).selected(n == 3))
                    .collect(),
            ))
            .field(FieldView::hidden("version", "3"))
            .cancel("/packages")
            .checked(None),
        confirm: ConfirmView::new(
            "Delete the package “Sales onboarding”?",
            vec!["12 people lose access at once.".to_owned(), "3 open requests are canceled.".to_owned()],
            FormView::new("/x", "t", "Delete package")
                .field(FieldView::hidden("version", "3"))
                .danger()
                .cancel("/packages"),
        ),
        reason: FieldView::textarea("reason", "Reason")
            .id("f-reason-1")
            .hint("Alice can read it.")
            .required(),
        comment: FieldView::textarea("comment", "Comment").required(),
        empty: Empty::new(
            "inbox",
            "Nothing waits for you",
            "When somebody asks for access that you decide on, it shows up here.",
        )
        .action("Find access", "/packages"),
    }
}

fn shells() -> [(&'static str, Shell); 2] {
    let mut demo = Shell::sample("Kitchen sink");
    demo.demo = Some(DemoBar { now: "Sun 22 Nov 2026, 13:00 CET".to_owned() });
    demo.flash = Some(FlashView { tone: Tone::Success, text: "Your request was sent to Bob.".to_owned() });
    [("plain", Shell::sample("Kitchen sink")), ("demo", demo)]
}

#[test]
fn every_component_renders_and_refers_only_to_files_that_exist() {
    let mut pages = Vec::new();
    for (name, shell) in shells() {
        pages.push((format!("kitchen-{name}"), Kitchen { shell: &shell, view: view() }.render().unwrap()));
    }
    let shell = Shell::plain("Sign in", "Demo access", "t");
    let form = FormView::new("/sign-in", "t", "Sign in")
        .field(FieldView::email("email", "E-mail").required().autocomplete("username").autofocus())
        .field(FieldView::password("password", "Password").required());
    pages.push(("sign-in".to_owned(), KitchenPlain { shell: &shell, form }.render().unwrap()));
    let view = ErrorView::forbidden("0192f1c0", "catalog owner", "an owner of the catalog “Sales”");
    let shell = Shell::sample(&view.title);
    pages.push(("forbidden".to_owned(), ErrorPage { shell: &shell, view }.render().unwrap()));

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ui");
    fs::create_dir_all(&folder).unwrap();
    for (name, page) in &pages {
        assert_eq!(check::problems(page), Vec::<String>::new(), "{name}");
        fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
}

#[test]
fn fix_4_a_badge_carries_its_state_in_the_markup() {
    assert!(Badge::request("pendingApproval").to_string().contains(r#"data-state="pendingApproval""#));
    assert!(Badge::assignment("delivered").to_string().ends_with("Active</span>"));
}

/// Icons are named in templates and in Rust: each must be in the sprite, or a page shows a hole.
#[test]
fn every_icon_named_in_source_and_templates_is_in_the_sprite() {
    let sprite = std::str::from_utf8(crate::web::assets::bytes("icons.svg").unwrap()).unwrap();
    let pattern =
        regex::Regex::new(r#"(?:icon\(|icon ?= ?|icon: )"([a-z0-9-]+)"|assets::url\("([^"]+)"\)"#).unwrap();
    let mut seen = 0;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("templates"), root.join("src/web")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for found in pattern.captures_iter(&text) {
                seen += 1;
                if let Some(name) = found.get(1) {
                    assert!(
                        sprite.contains(&format!(r#"<symbol id="{}""#, name.as_str())),
                        "{}: no icon {}",
                        path.display(),
                        name.as_str()
                    );
                } else if let Some(name) = found.get(2) {
                    assert!(
                        crate::web::assets::bytes(name.as_str()).is_some() || name.as_str() == "no-such-file",
                        "{}: no asset {}",
                        path.display(),
                        name.as_str()
                    );
                }
            }
        }
    }
    assert!(seen > 20);
}

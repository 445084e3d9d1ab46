//! Every page of this area, rendered and checked; written to `target/ui` to be looked at.

use askama::Template as _;
use chrono::Duration;

use super::links::{DeadLinkPage, FormPage, choose_view, dead_link_view, forgot_view};
use super::profile_view::{Facts, Here, Mistakes, ProfilePage, ProfileView, Typed};
use super::sign_in::{SignInPage, SignInView, form};
use super::{password, personas, set_up};
use crate::domain::Refusal;
use crate::domain::account::{LinkPurpose, NoticePreferences};
use crate::domain::answers::Answer;
use crate::kernel::Moment;
use crate::kernel::ids::{SessionId, UserId};
use crate::store::attributes::Stored;
use crate::store::profiles::{OwnProfile, Preferences};
use crate::store::sessions::LiveSession;
use crate::web::FormErrors;
use crate::web::ui::{Shell, check};

const TOKEN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";

fn plain(title: &str) -> Shell {
    Shell::plain(title, "Demo access", "t")
}

fn sign_in(errors: &FormErrors, email: &str, demo: bool) -> String {
    let shell = plain("Sign in");
    let view = SignInView {
        form: form("t", email, "/packages?q=a", errors),
        next: "/packages?q=a".to_owned(),
        empty: !demo,
        personas: if demo { personas::PERSONAS } else { &[] },
    };
    SignInPage { shell: &shell, view }.render().unwrap()
}

fn choose(purpose: LinkPurpose, errors: &FormErrors) -> String {
    let shell = plain("Choose a new password");
    let view = choose_view("t", purpose, TOKEN, "Alice", "alice@demo.example", errors);
    FormPage { shell: &shell, view }.render().unwrap()
}

fn facts(now: Moment) -> Facts {
    let session = |number: u128, agent: &str, minutes: i64| LiveSession {
        id: SessionId(uuid::Uuid::from_u128(number)),
        user: None,
        ip: "192.0.2.7".to_owned(),
        agent: agent.to_owned(),
        created_at: now - Duration::hours(3),
        last_seen_at: now - Duration::minutes(minutes),
        expires_at: now + Duration::hours(9),
    };
    Facts {
        profile: OwnProfile {
            user: UserId(uuid::Uuid::from_u128(9)),
            name: "Alice <script>".to_owned(),
            email: "alice@demo.example".to_owned(),
            job_title: "Account manager".to_owned(),
            department: "Sales".to_owned(),
            company: String::new(),
            manager: Some("Bob".to_owned()),
            password_changed_at: Some(now - Duration::days(30)),
            last_sign_in_at: Some(now - Duration::hours(3)),
            preferences: Preferences {
                time_zone: "Europe/Berlin".to_owned(),
                locale: "de-DE".to_owned(),
                notices: NoticePreferences::default(),
            },
            version: 3,
        },
        attributes: vec![Stored {
            name: "licence".to_owned(),
            answer: Answer {
                key: "attribute:licence".to_owned(),
                question: "Your <licence>?".to_owned(),
                values: vec!["B1".to_owned()],
                shown: "B1".to_owned(),
            },
            at: now,
        }],
        sessions: vec![
            session(1, "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36", 0),
            session(2, "Mozilla/5.0 (Windows NT 10.0) Firefox/132.0", 12),
        ],
    }
}

fn profile(mistakes: &Mistakes) -> String {
    let shell = Shell::sample("Your profile");
    let now: Moment = "2026-11-22T12:00:00Z".parse().unwrap();
    let facts = facts(now);
    let typed = Typed::stored(&facts.profile);
    let here = Here { now, tz: chrono_tz::Europe::Berlin, session: SessionId(uuid::Uuid::from_u128(1)) };
    let view = ProfileView::of(facts, &typed, mistakes, "t", here);
    ProfilePage { shell: &shell, view }.render().unwrap()
}

#[test]
fn every_account_page_is_sound() {
    let none = FormErrors::new();
    let wrong: FormErrors = Refusal::WrongCredentials.into();
    let weak = password::refused(Refusal::WeakPassword("This password is too short.".into()));
    let forgot = FormPage { shell: &plain("Forgot your password?"), view: forgot_view("t", "", &none) };
    let mut empty = FormErrors::new();
    empty.add("name", "This cannot be empty.");
    let set_up = FormPage {
        shell: &plain("Set up Demo access"),
        view: set_up::view("t", TOKEN, &set_up::Raw::default(), &empty),
    };
    let dead = DeadLinkPage {
        shell: &plain("This link does not work any more"),
        view: dead_link_view(LinkPurpose::Invitation),
    };
    let mistaken = Mistakes { password: weak.clone(), ..Mistakes::default() };
    let pages = [
        ("account-sign-in", sign_in(&none, "", true)),
        ("account-sign-in-wrong", sign_in(&wrong, "alice@demo.example", false)),
        ("account-forgot", forgot.render().unwrap()),
        ("account-reset", choose(LinkPurpose::PasswordReset, &weak)),
        ("account-reset-refused", choose(LinkPurpose::PasswordReset, &wrong)),
        ("account-invitation", choose(LinkPurpose::Invitation, &none)),
        ("account-set-up", set_up.render().unwrap()),
        ("account-dead", dead.render().unwrap()),
        ("account-profile", profile(&Mistakes::default())),
        ("account-profile-mistaken", profile(&mistaken)),
    ];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ui");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, html) in pages {
        assert_eq!(check::problems(&html), Vec::<String>::new(), "{name}");
        std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
    }
}

#[test]
fn ses_1_a_mistake_keeps_the_address_and_never_the_password() {
    let html = sign_in(&Refusal::WrongCredentials.into(), "alice@demo.example", false);
    assert!(html.contains(r#"value="alice@demo.example""#));
    assert!(html.contains("The e-mail address or the password is not right."));
    assert!(html.contains(r#"autocomplete="current-password""#));
    let password = html.split("<input").find(|i| i.contains(r#"type="password""#)).unwrap();
    assert!(!password.contains("value="), "a password never comes back");
}

#[test]
fn fix_3_every_person_of_the_demonstration_has_a_button_and_says_so_loudly() {
    let html = sign_in(&FormErrors::new(), "", true);
    for name in ["alice", "bob", "carol", "priya", "sam", "dan", "mia", "aud", "root"] {
        assert!(html.contains(&format!(r#"value="{name}@demo.example""#)), "{name}");
    }
    assert!(html.contains(r#"value="erin@partner.example""#));
    assert!(html.contains("Demonstration only."));
    assert!(!sign_in(&FormErrors::new(), "", false).contains("Demonstration"));
}

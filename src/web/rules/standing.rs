//! How a rule stands: what it is about to change, what it could not do, and the answer where it stopped (SPEC AUT-4).
//! For a group, its rule is edited here too.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::{PreviewView, RuleExtra, field, said};
use crate::app::AppError;
use crate::app::directory::groups as group_cases;
use crate::app::rules::{self as cases, Answer as Say, Part, Standing, Tried, preview};
use crate::domain::Refusal;
use crate::domain::access::{CatalogTask, DirectoryTask, manage_directory};
use crate::domain::directory::Group;
use crate::domain::following::{Change, Following, Limits, Target};
use crate::domain::rule::Rule;
use crate::kernel::ids::{GroupId, PackageId, PolicyId};
use crate::kernel::{Page, PageRequest, paths};
use crate::store::rules::{self as store, PlannedLine, Which};
use crate::store::{Conn, groups};
use crate::web::address::Address;
use crate::web::catalogs::{PackageHead, of_package};
use crate::web::ui::{Badge, Crumb, FieldView, Pager, PersonView, Shell, Tone, When};
use crate::web::{Answer, Flash, Form, PageError, Query, Signed, page_with, redirect_with};

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    which: String,
    q: String,
    page: String,
}

/// What is posted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    go: String,
    #[serde(default)]
    gains: String,
    #[serde(default)]
    losses: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    version: String,
}

/// A rule that needs an answer, for the page of what follows it.
#[derive(Debug, Clone)]
pub struct RuleBanner {
    /// How it stands.
    pub state: Badge,
    /// What that means.
    pub words: String,
    /// Where it is decided.
    pub href: String,
    /// Does somebody have to decide?
    pub urgent: bool,
}

struct RowView {
    id: String,
    person: PersonView,
    what: &'static str,
    when: When,
    note: String,
}

struct StandingView {
    state: Badge,
    words: String,
    following: bool,
    can_answer: bool,
    change: Change,
    looked: Option<When>,
    action: String,
    lists: Vec<(&'static str, String, bool)>,
    which: &'static str,
    q: String,
    rows: Vec<RowView>,
    total: i64,
    pager: Pager,
}

/// The rule of a group, to be edited.
struct EditorView {
    rule: FieldView,
    extra: RuleExtra,
    version: i64,
    dynamic: bool,
    action: String,
    back: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "rules/standing.html")]
struct StandingPage<'a> {
    shell: &'a Shell,
    view: Option<StandingView>,
    editor: Option<EditorView>,
    lead: String,
}

fn badge(state: Following) -> Badge {
    match state {
        Following::Following => {
            Badge::new("following", "Follows its rule", Tone::Success, Some("check-circle"))
        }
        Following::Stopped => {
            Badge::new("stopped", "Stopped: needs you", Tone::Danger, Some("exclamation-triangle"))
        }
        Following::Paused => Badge::new("paused", "Left as it is", Tone::Warning, Some("clock-history")),
    }
}

/// What would happen, in words.
fn words(standing: &Standing) -> String {
    let Change { gains, losses, holders, .. } = standing.change;
    match standing.follower.state {
        Following::Stopped => format!(
            "Stopped: it would give it to {gains} and take it from {losses} of {holders}. That is more than the safety limit, so somebody has to confirm it."
        ),
        Following::Paused => format!(
            "Left as it is: nothing is given or taken until somebody confirms it or the rule changes. Waiting: {gains} gain, {losses} lose."
        ),
        Following::Following if standing.follower.whole => "Everybody is being looked at.".to_owned(),
        Following::Following => {
            format!("{holders} have it by this rule. Changes are carried out within minutes.")
        }
    }
}

/// How a rule stands, in a line with a link.
pub fn banner(standing: Option<Standing>, href: String) -> Option<RuleBanner> {
    standing.map(|s| RuleBanner {
        state: badge(s.follower.state),
        words: words(&s),
        urgent: s.follower.state == Following::Stopped,
        href,
    })
}

fn which_of(text: &str) -> (Which, &'static str) {
    match text {
        "grace" => (Which::InGrace, "grace"),
        "problems" => (Which::Problems, "problems"),
        _ => (Which::Unreleased, "waiting"),
    }
}

struct Loaded {
    standing: Standing,
    list: Page<PlannedLine>,
}

fn load(conn: &mut Conn, target: Target, asked: &Asked) -> Result<Option<Loaded>, AppError> {
    let Some(standing) = cases::standing(conn, target)? else { return Ok(None) };
    let at = PageRequest::new(asked.page.parse().unwrap_or(1));
    let list = store::list(conn, target, which_of(&asked.which).0, &asked.q, at)?;
    Ok(Some(Loaded { standing, list }))
}

fn view(s: &Signed, loaded: Loaded, asked: &Asked, action: &str, can_answer: bool) -> StandingView {
    let (_, which) = which_of(&asked.which);
    let Loaded { standing, list } = loaded;
    let address = Address::new(action).with("which", which).with("q", &asked.q);
    let of = |name: &'static str, label: &'static str| {
        (label, Address::new(action).with("which", name).to_string(), which == name)
    };
    let (now, tz) = (s.now(), s.tz());
    StandingView {
        state: badge(standing.follower.state),
        words: words(&standing),
        following: standing.follower.state == Following::Following,
        can_answer,
        change: standing.change,
        looked: standing.follower.looked_at.map(|at| When::new(*at, *now, tz)),
        lists: vec![
            of("waiting", "Waiting for an answer"),
            of("grace", "In the grace period"),
            of("problems", "Could not be done"),
        ],
        which,
        q: asked.q.clone(),
        total: list.total,
        pager: Pager::new(list.at.number, list.at.size, list.total, |n| address.page(n)),
        rows: list
            .items
            .into_iter()
            .map(|line| RowView {
                id: line.change.user.to_string(),
                person: PersonView::new(&line.name, line.email),
                what: if line.change.gains { "gains it" } else { "loses it" },
                when: When::new(*line.change.due_at, *now, tz),
                note: line.change.problem.unwrap_or_default(),
            })
            .collect(),
        action: action.to_owned(),
    }
}

fn say(go: &str) -> Option<Say> {
    match go {
        "confirm" => Some(Say::Confirm),
        "leave" => Some(Say::Leave),
        "look" => Some(Say::LookAgain),
        _ => None,
    }
}

fn seen(raw: &Raw) -> Result<(i64, i64), PageError> {
    let number = |text: &str| text.parse().map_err(|_| PageError::BadRequest("no number".to_owned()));
    Ok((number(&raw.gains)?, number(&raw.losses)?))
}

fn done(say: Say) -> Flash {
    match say {
        Say::Confirm => Flash::success("Confirmed: it is carried out within minutes."),
        Say::Leave => Flash::info("Left as it is. Nothing is given or taken by this rule for now."),
        Say::LookAgain => Flash::info("Everybody is looked at again within minutes."),
    }
}

/// `GET /manage/packages/{id}/policies/{policy}/rule`
pub async fn of_policy(s: Signed, path: Path<(PackageId, PolicyId)>, asked: Query<Asked>) -> Answer {
    let (id, policy) = path.into_inner();
    policy_page(&s, id, policy, asked.0, StatusCode::OK).await
}

async fn policy_page(
    s: &Signed,
    id: PackageId,
    policy: PolicyId,
    asked: Asked,
    status: StatusCode,
) -> Answer {
    let (who, wanted) = (s.principal.clone(), asked.clone());
    let (head, policy, loaded) = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::SeeAssignments, id)?;
            let policy = of_package(conn, id, policy)?;
            let loaded = load(conn, Target::Policy(policy.id), &wanted)?;
            Ok((head, policy, loaded))
        })
        .await?;
    let base = format!("{}/{}", paths::manage_package_tab(id, "policies"), policy.id);
    let mut way = head.way_below();
    way.push(Crumb::link("Policies", paths::manage_package_tab(id, "policies")));
    way.push(Crumb::link(&policy.fields.name, &base));
    let shell = s.shell("Automatic assignment", way);
    let can = s.principal.may_in(CatalogTask::Packages, head.catalog.id);
    let action = format!("{base}/rule");
    let lead = if loaded.is_some() {
        "Who gets the package by the rule, and who loses it.".to_owned()
    } else {
        "This policy follows no rule now: it is switched off, or gives the package in another way.".to_owned()
    };
    let view = loaded.map(|loaded| view(s, loaded, &asked, &action, can));
    page_with(status, &StandingPage { shell: &shell, view, editor: None, lead })
}

/// `POST /manage/packages/{id}/policies/{policy}/rule`
pub async fn answer_policy(s: Signed, path: Path<(PackageId, PolicyId)>, Form(raw): Form<Raw>) -> Answer {
    let (id, policy) = path.into_inner();
    let what = say(&raw.go).ok_or_else(|| PageError::BadRequest("no such answer".to_owned()))?;
    let seen = seen(&raw)?;
    s.write(move |tx, cx, me| {
        of_package(tx, id, policy)?;
        cases::answer(tx, cx, me, Target::Policy(policy), what, seen)
    })
    .await?;
    let to = format!("{}/{policy}/rule", paths::manage_package_tab(id, "policies"));
    redirect_with(to, done(what))
}

/// `GET /admin/groups/{id}/rule`
pub async fn of_group(s: Signed, id: Path<GroupId>, asked: Query<Asked>) -> Answer {
    group_page(&s, id.into_inner(), asked.0, None, None, StatusCode::OK).await
}

async fn group_page(
    s: &Signed,
    id: GroupId,
    asked: Asked,
    typed: Option<String>,
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let (wanted, trying) = (asked.clone(), typed.clone());
    let (group, loaded, seen) = s
        .read(move |conn| {
            let group: Group = groups::find(conn, id)?.ok_or(AppError::NotFound)?;
            let seen = match trying.as_deref().map(Rule::parse) {
                Some(Ok(rule)) => {
                    let tried = Tried::Group(Some(id));
                    let seen = preview(conn, &rule, tried, Limits::default(), Part::Matching, "")?;
                    Some(PreviewView::of(&rule, &seen, Part::Matching, |_| "#rule-preview".to_owned()))
                }
                _ => None,
            };
            Ok((group, load(conn, Target::Group(id), &wanted)?, seen))
        })
        .await?;
    let can = s.principal.may(DirectoryTask::Manage);
    let action = paths::group_page(id, "rule");
    let shell = s.shell(
        "Membership rule",
        vec![Crumb::link("Groups", "/admin/groups"), Crumb::link(&group.fields.name, paths::group(id))],
    );
    let text = typed.clone().or(group.rule.clone()).unwrap_or_default();
    let wrong = typed.as_deref().filter(|t| !t.is_empty()).and_then(|t| Rule::parse(t).err());
    let error = wrong.map(|p| said(&p, &text));
    let extra = RuleExtra { button: true, preview: seen, ..RuleExtra::new(&text, error.is_some()) };
    let editor = can.then(|| EditorView {
        rule: field(&text, error).required(),
        extra,
        version: group.version,
        dynamic: group.rule.is_some(),
        action: action.clone(),
        back: paths::group(id),
        problem,
    });
    let lead = "The members of a dynamic group are the people who match its rule. They cannot be changed by hand, and no package can put people into it.".to_owned();
    let view = loaded.map(|loaded| view(s, loaded, &asked, &action, can));
    page_with(status, &StandingPage { shell: &shell, view, editor, lead })
}

/// `POST /admin/groups/{id}/rule`
pub async fn answer_group(s: Signed, id: Path<GroupId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    if let Some(what) = say(&raw.go) {
        let seen = seen(&raw)?;
        s.write(move |tx, cx, me| cases::answer(tx, cx, me, Target::Group(id), what, seen)).await?;
        return redirect_with(paths::group_page(id, "rule"), done(what));
    }
    let version: i64 = raw.version.parse().map_err(|_| PageError::BadRequest("no version".to_owned()))?;
    let rule = match raw.go.as_str() {
        "preview" | "save" => match Rule::parse(&raw.rule) {
            Ok(_) if raw.go == "preview" => {
                return group_page(&s, id, Asked::default(), Some(raw.rule), None, StatusCode::OK).await;
            }
            Ok(rule) => Some(rule),
            Err(problem) => {
                let whole = raw.rule.is_empty().then(|| problem.words.clone());
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return group_page(&s, id, Asked::default(), Some(raw.rule), whole, status).await;
            }
        },
        "by-hand" => None,
        _ => return Err(PageError::BadRequest("no such answer".to_owned())),
    };
    let dynamic = rule.is_some();
    let saved = s
        .attempt(move |tx, cx, me| {
            group_cases::set_rule(tx, cx, manage_directory(me)?, id, version, rule.as_ref())
        })
        .await?;
    match saved {
        Ok(()) if dynamic => {
            let words = "The rule was saved. The members follow it within minutes.";
            redirect_with(paths::group_page(id, "rule"), Flash::success(words))
        }
        Ok(()) => {
            let words = "The members are named by hand again. Whoever is in the group stays.";
            redirect_with(paths::group(id), Flash::success(words))
        }
        Err(refusal) => {
            let typed = (!raw.rule.is_empty()).then_some(raw.rule);
            let words = if refusal == Refusal::Stale {
                "Somebody changed this group meanwhile. Look at it again and save once more.".to_owned()
            } else {
                refusal.to_string()
            };
            group_page(&s, id, Asked::default(), typed, Some(words), StatusCode::CONFLICT).await
        }
    }
}

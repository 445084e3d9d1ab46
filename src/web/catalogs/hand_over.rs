//! Handing a catalog to a department: make it, name its owners, add resources, invite somebody who makes packages. Each
//! step is saved when it is done; one can go back, leave a step out, stop, and go on from the catalog's page.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::common::{CATALOGS, CatalogHead, fine, me};
use super::fields::kind_words;
use super::index::Raw as RawCatalog;
use crate::app::catalog::handover::{self as cases, Act};
use crate::domain::access::{CatalogRole, CatalogTask, check_in};
use crate::domain::handover::{Handover, Progress, Step};
use crate::kernel::ids::{CatalogId, ResourceId};
use crate::kernel::paths;
use crate::store::views::catalogs as views;
use crate::store::{handovers, role_grants};
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{Crumb, EntryView, FieldView, FormView, OptionView, Shell, Steps};
use crate::web::{
    Answer, Flash, Form, FormErrors, PageError, Query, Signed, page_with, redirect, redirect_with,
};

/// `/catalogs/hand-over`
const BEGIN: &str = "/catalogs/hand-over";

const LABELS: [&str; 4] = ["Catalog", "Owners", "Resources", "Package manager"];

#[derive(Template)]
#[template(path = "catalogs/hand_over.html")]
struct StepPage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    steps: Steps,
    title: &'static str,
    text: &'static str,
    /// What the step has brought already.
    there: Vec<String>,
    form: Option<FormView>,
    /// What to do where there is nothing to choose from.
    instead: Option<(String, String)>,
    /// The form that leaves the step out, or goes on where it is done.
    skip: Option<Skip>,
    back: Option<String>,
    stop: String,
}

struct Skip {
    action: String,
    step: &'static str,
    label: &'static str,
}

fn step_href(id: CatalogId, step: Step) -> String {
    format!("{}?step={step}", paths::catalog_tab(id, "hand-over"))
}

fn number(step: Step) -> usize {
    match step {
        Step::Owners => 2,
        Step::Resources => 3,
        Step::Managers => 4,
    }
}

/// What is still to be done, for the catalog's page; each with its link.
pub(super) fn to_do(id: CatalogId, path: Handover) -> Vec<(&'static str, String)> {
    let words = |step| match step {
        Step::Owners => "Name the owners",
        Step::Resources => "Add resources",
        Step::Managers => "Invite a package manager",
    };
    path.open().into_iter().map(|step| (words(step), step_href(id, step))).collect()
}

fn begin_page(s: &Signed, raw: &RawCatalog, errors: &FormErrors, status: StatusCode) -> Answer {
    let shell = s.shell("Hand a catalog to a department", vec![Crumb::link("Catalogs", CATALOGS)]);
    let view = View {
        steps: Steps::new(LABELS, 1),
        title: "The catalog",
        text: "You become its first owner. Next you name the people of the department, who then do the rest themselves. You can stop after any step and go on later.",
        there: Vec::new(),
        form: Some(raw.form(BEGIN, &shell.csrf, "Create and go on", CATALOGS, false, errors)),
        instead: None,
        skip: None,
        back: None,
        stop: String::new(),
    };
    page_with(status, &StepPage { shell: &shell, view })
}

/// `GET /catalogs/hand-over`
pub async fn begin(s: Signed) -> Answer {
    begin_page(&s, &RawCatalog::fresh(), &fine(), StatusCode::OK)
}

/// `POST /catalogs/hand-over`
pub async fn create(s: Signed, Form(raw): Form<RawCatalog>) -> Answer {
    let fields = match raw.parse() {
        Ok(fields) => fields,
        Err(errors) => return begin_page(&s, &raw, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    };
    match s.attempt(move |tx, cx, me| cases::begin(tx, cx, me, &fields)).await? {
        Ok(id) => redirect_with(step_href(id, Step::Owners), Flash::success("Catalog created.")),
        Err(refusal) => begin_page(&s, &raw, &refusal.into(), StatusCode::CONFLICT),
    }
}

/// Which step is shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    step: String,
}

/// What is typed in a step.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    step: String,
    #[serde(default)]
    go: String,
    #[serde(default)]
    people: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
}

async fn step_page(
    s: &Signed,
    id: CatalogId,
    step: Step,
    raw: &Raw,
    entries: Vec<EntryView>,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    const MOST: i64 = 200;
    let (who, viewer) = (me(s), s.viewer());
    let (head, path, grants, suggestions, inside, offered) = s
        .read(move |conn| {
            let head = CatalogHead::load(conn, &who, CatalogTask::Edit, id)?;
            let path = handovers::find(conn, id)?;
            let grants = role_grants::list_in_catalog(conn, id)?;
            let suggestions = if step == Step::Resources {
                Suggestions::default()
            } else {
                Suggestions::load(conn, Pick::Both)?
            };
            let inside = views::resources_of(conn, id, "", crate::kernel::PageRequest::new(1))?;
            let offered = if step == Step::Resources {
                views::addable(conn, &viewer, who.is_administrator(), id, MOST)?
            } else {
                Vec::new()
            };
            Ok((head, path, grants, suggestions, inside, offered))
        })
        .await?;
    let Some(path) = path else {
        // The path is at its end: the catalog's pages do the rest.
        return redirect(paths::catalog(id));
    };
    let action = paths::catalog_tab(id, "hand-over");
    let shell = s.shell(&format!("Hand over {}", head.catalog.fields.name), head.way());
    let form =
        FormView::new(&action, &shell.csrf, "Save and go on").field(FieldView::hidden("step", step.as_str()));
    let holders = |role: CatalogRole| -> Vec<String> {
        grants.iter().filter(|g| g.role == role).map(|g| g.holder_name.clone()).collect()
    };
    let (title, text, there, form, instead) = match step {
        Step::Owners => (
            "The owners",
            "They keep the catalog: its resources, packages and roles. Name at least two people, or a group, so that somebody is always there.",
            holders(CatalogRole::Owner),
            Some(form.field(
                pickers::field("people", "People and groups", entries, &suggestions)
                    .hint("One per line: an e-mail address or a name. Of a group, whoever is in it at the time.")
                    .required(),
            )),
            None,
        ),
        Step::Resources => {
            let options: Vec<OptionView> = offered
                .iter()
                .map(|r| OptionView::new(r.id.to_string(), &r.name).hint(format!("{}. {}", kind_words(r.kind), r.description)))
                .collect();
            let instead = (
                "A resource that is not there yet is made on the catalog’s own page; then you come back here.".to_owned(),
                paths::catalog_tab(id, "resources/new"),
            );
            let form = (!options.is_empty()).then(|| {
                form.field(
                    FieldView::checklist("resources", "Resources that you own", options)
                        .values(&raw.resources)
                        .error(errors.of("resources"))
                        .required(),
                )
            });
            let there = inside.items.iter().map(|r| r.name.clone()).collect();
            ("The resources", "Groups, applications and sites whose roles the packages of the catalog will grant. The owners can add what they own themselves, too.", there, form, Some(instead))
        }
        Step::Managers => (
            "The package manager",
            "They make packages and policies from the resources, and see who has what. They cannot change the catalog, its resources or its roles.",
            holders(CatalogRole::PackageManager),
            Some(form.field(
                pickers::field("people", "People and groups", entries, &suggestions)
                    .hint("One per line: an e-mail address or a name. Of a group, whoever is in it at the time.")
                    .required(),
            )),
            None,
        ),
    };
    let mut steps = Steps::new(LABELS, number(step));
    for (item, known) in steps.items.iter_mut().skip(1).zip(Step::ALL.iter()) {
        item.href = (*known != step).then(|| step_href(id, *known));
    }
    let view = View {
        steps,
        title,
        text,
        there,
        form: form.map(|f| f.checked(errors.form.clone())),
        instead,
        skip: Some(Skip {
            action,
            step: step.as_str(),
            label: if path.of(step) == Progress::Done { "Go on" } else { "Leave this out" },
        }),
        back: match step {
            Step::Owners => None,
            Step::Resources => Some(step_href(id, Step::Owners)),
            Step::Managers => Some(step_href(id, Step::Resources)),
        },
        stop: paths::catalog(id),
    };
    page_with(status, &StepPage { shell: &shell, view })
}

/// `GET /catalogs/{id}/hand-over?step=…`: without a step, the first that is open.
pub async fn show(s: Signed, id: Path<CatalogId>, asked: Query<Asked>) -> Answer {
    let id = id.into_inner();
    let step = match Step::parse(&asked.step) {
        Some(step) => step,
        None => {
            let who = me(&s);
            let path = s
                .read(move |conn| {
                    check_in(&who, CatalogTask::Edit, id)?;
                    Ok(handovers::find(conn, id)?)
                })
                .await?;
            path.and_then(|p| p.open().first().copied()).unwrap_or(Step::Owners)
        }
    };
    step_page(&s, id, step, &Raw::default(), Vec::new(), &fine(), StatusCode::OK).await
}

fn on(id: CatalogId, next: Option<Step>) -> Answer {
    match next {
        Some(next) => redirect(step_href(id, next)),
        None => {
            let text = "The catalog is handed over. Its owners do the rest; what you no longer need you can take back under Roles.";
            redirect_with(paths::catalog(id), Flash::success(text))
        }
    }
}

/// `POST /catalogs/{id}/hand-over`
pub async fn save(s: Signed, id: Path<CatalogId>, Form(raw): Form<Raw>) -> Answer {
    let id = id.into_inner();
    check_in(&s.principal, CatalogTask::Edit, id)?;
    if raw.go == "end" {
        s.write(move |tx, cx, me| cases::end(tx, cx, me, id)).await?;
        return redirect_with(
            paths::catalog(id),
            Flash::info("This is not shown any more. The tabs do the same work."),
        );
    }
    let step = Step::parse(&raw.step).ok_or_else(|| PageError::BadRequest("no such step".to_owned()))?;
    let unclear = StatusCode::UNPROCESSABLE_ENTITY;
    let mut entries = Vec::new();
    let act = if raw.go == "skip" {
        Act::Skip(step)
    } else if step == Step::Resources {
        let mut chosen: Vec<ResourceId> = Vec::new();
        for typed in &raw.resources {
            chosen.push(typed.parse().map_err(|_| PageError::NotFound)?);
        }
        if chosen.is_empty() {
            let mut errors = fine();
            errors.add("resources", "Choose at least one resource, or leave this step out.");
            return step_page(&s, id, step, &raw, entries, &errors, unclear).await;
        }
        Act::Resources(chosen)
    } else {
        let typed = raw.people.clone();
        let mut picked = s.read(move |conn| Ok(pickers::resolve(conn, &typed, Pick::Both)?)).await?;
        if picked.entries.is_empty() {
            let text = "Name at least one person or group, or leave this step out.".to_owned();
            picked.entries.push(EntryView::new("", Some(text)));
        }
        if !picked.is_clear() {
            return step_page(&s, id, step, &raw, picked.entries, &fine(), unclear).await;
        }
        entries = picked.entries;
        if step == Step::Owners { Act::Owners(picked.holders) } else { Act::Managers(picked.holders) }
    };
    match s.attempt(move |tx, cx, me| cases::go(tx, cx, me, id, &act)).await? {
        Ok(next) => on(id, next),
        Err(refusal) => step_page(&s, id, step, &raw, entries, &refusal.into(), StatusCode::CONFLICT).await,
    }
}

//! Making a package, step by step (SPEC PKG-6). What was typed travels in the form itself and is kept with every step,
//! so leaving and coming back loses nothing, and nothing exists before the last step. Everything is read anew at the
//! end.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::asking::{Act, Whose};
use super::asking_view;
use super::common::{CatalogHead, fine, me};
use super::draft::{Draft, Picks, Step};
use super::fields::{self, SectionsForm};
use super::rule_preview;
use super::terms::{self, only, wrong_in};
use super::words::{self, Names};
use crate::app::catalog::drafts;
use crate::app::catalog::packages::{self as cases, NewPackage, NewPolicy};
use crate::domain::access::CatalogTask;
use crate::domain::catalog::CatalogState;
use crate::kernel::ids::CatalogId;
use crate::kernel::paths;
use crate::store;
use crate::store::resources::{self, RoleOnOffer};
use crate::web::pickers::{Pick, Suggestions};
use crate::web::rules::PreviewView;
use crate::web::ui::{Crumb, ErrorSummary, Shell, Steps, When};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/wizard.html")]
struct WizardPage<'a> {
    shell: &'a Shell,
    view: View,
}

struct View {
    steps: Steps,
    title: &'static str,
    form: SectionsForm,
    summary: Vec<(&'static str, Vec<(String, String)>)>,
    /// What the last button will do, in words.
    promise: String,
    /// When what is shown was typed, if the person comes back to it.
    begun: Option<When>,
}

/// What the steps need to know.
struct Loaded {
    head: CatalogHead,
    offered: Vec<RoleOnOffer>,
    picks: Picks,
    suggestions: Suggestions,
    /// What the rule would do, if that was asked for.
    seen: Option<PreviewView>,
}

async fn load(s: &Signed, id: CatalogId, draft: &Draft) -> Result<Loaded, PageError> {
    let (who, draft) = (me(s), draft.clone());
    s.read(move |conn| {
        Ok(Loaded {
            head: CatalogHead::load(conn, &who, CatalogTask::Packages, id)?,
            offered: resources::roles_on_offer(conn, id)?,
            picks: Picks::load(conn, &draft)?,
            suggestions: Suggestions::load(conn, Pick::Both)?,
            seen: if draft.one("go") == "preview" {
                rule_preview::load(conn, &draft, id, None, None)?
            } else {
                None
            },
        })
    })
    .await
}

/// Reads the whole draft.
fn read(s: &Signed, draft: &Draft, picks: &Picks) -> Result<NewPackage, FormErrors> {
    let mut errors = FormErrors::new();
    let fields = terms::package(draft, &mut errors);
    let roles = terms::roles(draft, &mut errors);
    let policy = terms::policy_fields(draft, &mut errors);
    let today = s.now().with_timezone(&s.app.instance.time_zone).date_naive();
    // Mistakes elsewhere must not hide those of the terms, so they are read apart.
    let mut in_terms = FormErrors::new();
    let read = terms::terms(draft, picks, None, today, &mut in_terms);
    for step in Step::ALL {
        for field in step.fields() {
            if let Some(text) = in_terms.of(&field) {
                errors.add(field, text);
            }
        }
    }
    match (fields, policy, read) {
        (Some(fields), Some(policy), Some(terms)) if errors.is_empty() => {
            terms.check()?;
            Ok(NewPackage {
                fields,
                roles: roles.into_iter().collect(),
                policy: Some(NewPolicy { fields: policy, enabled: draft.ticked("enabled"), terms }),
            })
        }
        _ => Err(errors),
    }
}

/// Shows a step, and keeps what was typed so far for whoever leaves now.
async fn step_page(
    s: &Signed,
    loaded: Loaded,
    step: Step,
    draft: &Draft,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    asking_page(s, loaded, (step, None), draft, errors, status).await
}

/// The same; `open` is the question that somebody works on.
async fn asking_page(
    s: &Signed,
    loaded: Loaded,
    (step, open): (Step, Option<usize>),
    draft: &Draft,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let (id, at, memory) =
        (loaded.head.catalog.id, i32::try_from(step.number()).unwrap_or(1), draft.memory());
    s.write(move |tx, cx, me| drafts::keep(tx, cx, me, id, at, &memory)).await?;
    show(s, loaded, (step, open), draft, errors, status, None).await
}

async fn show(
    s: &Signed,
    loaded: Loaded,
    (step, open): (Step, Option<usize>),
    draft: &Draft,
    errors: &FormErrors,
    status: StatusCode,
    begun: Option<When>,
) -> Answer {
    let id = loaded.head.catalog.id;
    let mut way = loaded.head.way();
    way.push(Crumb::link("Packages", paths::catalog_tab(id, "packages")));
    let shell = s.shell("New package", way);
    let sections = match step {
        Step::Basics => fields::basics(draft, errors),
        Step::Roles => fields::roles(draft, errors, &loaded.offered),
        Step::Requests => fields::requests(draft, errors, &loaded.picks, &loaded.suggestions, None),
        Step::Information => {
            let action = paths::catalog_tab(id, "packages/new");
            fields::information(draft, asking_view::view(draft, errors, Whose::Policy, open, &action))
        }
        Step::Lifecycle => fields::lifecycle(draft, errors),
        Step::Review => Vec::new(),
    };
    let summary = if step == Step::Review { summary(s, draft, &loaded).await? } else { Vec::new() };
    let promise = if summary.is_empty() {
        String::new()
    } else {
        promise(
            draft,
            &loaded.head.catalog.fields.name,
            loaded.head.catalog.fields.state == CatalogState::Published,
        )
    };
    let mut hidden = draft.others(step);
    if step != Step::Requests {
        // The switch has no field of its own in the wizard: a new policy is on.
        hidden.retain(|(name, _)| name != "enabled");
    }
    if draft.ticked("enabled") {
        hidden.push(("enabled".to_owned(), "on".to_owned()));
    }
    hidden.push(("step".to_owned(), step.number().to_string()));
    let mut buttons = match step {
        Step::Review => vec![("create", "Create package")],
        _ => vec![("next", "Next")],
    };
    if step != Step::Basics {
        buttons.push(("back", "Back"));
    }
    if begun.is_some() {
        buttons.push(("restart", "Start over"));
    }
    let mut form = SectionsForm {
        action: paths::catalog_tab(id, "packages/new"),
        errors: ErrorSummary::default(),
        hidden,
        sections,
        buttons,
        cancel: paths::catalog_tab(id, "packages"),
        preview: (step == Step::Information).then(|| asking_view::preview(draft, Whose::Policy)),
    }
    .checked(errors.form.clone());
    form.show_rule(loaded.seen.clone(), &rule_preview::live(id, None, None));
    let view = View {
        steps: Steps::new(Step::ALL.map(Step::label), step.number()),
        title: step.label(),
        form,
        summary,
        promise,
        begun,
    };
    page_with(status, &WizardPage { shell: &shell, view })
}

/// Everything once more, before anything exists.
async fn summary(
    s: &Signed,
    draft: &Draft,
    loaded: &Loaded,
) -> Result<Vec<(&'static str, Vec<(String, String)>)>, PageError> {
    let Ok(new) = read(s, draft, &loaded.picks) else {
        return Ok(Vec::new());
    };
    let line = |label: &str, text: String| (label.to_owned(), text);
    let roles: Vec<String> = loaded
        .offered
        .iter()
        .filter(|r| new.roles.contains(&r.role.id))
        .map(|r| format!("{}: {}", r.resource_name, r.role.name))
        .collect();
    let mut all = vec![
        (
            "Basics",
            vec![
                line("Name", new.fields.name),
                line("Description", new.fields.description),
                line("Catalog", loaded.head.catalog.fields.name.clone()),
                line("Hidden", if new.fields.hidden { "Yes" } else { "No" }.to_owned()),
            ],
        ),
        (
            "Resource roles",
            vec![line("Grants", if roles.is_empty() { "Nothing yet".to_owned() } else { roles.join(" · ") })],
        ),
    ];
    if let Some(policy) = new.policy {
        let terms = policy.terms.clone();
        let names = s.read(move |conn| Ok(Names::load(conn, [&terms])?)).await?;
        let mut lines = vec![line("Name", policy.fields.name)];
        lines.extend(words::lines(&policy.terms, &names));
        all.push(("First policy", lines));
    }
    Ok(all)
}

/// What the last step does, in one sentence.
fn promise(draft: &Draft, catalog: &str, published: bool) -> String {
    let name = draft.one("name").trim();
    let who = match draft.one("scope") {
        "nobody" => "Nobody can request it: it is given by direct assignment only.",
        _ if !draft.ticked("enabled") => "Nobody can request it before its policy is switched on.",
        _ if !published => "Nobody can request it before the catalog is published.",
        _ => "Whoever the policy admits can request it at once.",
    };
    format!("This makes the package “{name}” in the catalog “{catalog}”. {who}")
}

/// `GET /catalogs/{id}/packages/new`: where the person left off, or the beginning.
pub async fn start(s: Signed, id: Path<CatalogId>) -> Answer {
    let (id, who) = (id.into_inner(), s.principal.user);
    let kept = s.read(move |conn| Ok(store::drafts::find(conn, who, id)?)).await?;
    let kept = kept.and_then(|kept| Some((Draft::remembered(kept.fields)?, kept.step, kept.at)));
    let (draft, step, begun) = match kept {
        Some((draft, step, at)) => {
            (draft, Step::parse(&step.to_string()), Some(When::new(*at, *s.now(), s.tz())))
        }
        None => (Draft::new_policy(), Step::Basics, None),
    };
    let loaded = load(&s, id, &draft).await?;
    show(&s, loaded, (step, None), &draft, &fine(), StatusCode::OK, begun).await
}

/// `POST /catalogs/{id}/packages/new`: one step on, or back, or the end.
pub async fn step(s: Signed, id: Path<CatalogId>, Form(mut draft): Form<Draft>) -> Answer {
    let id = id.into_inner();
    if draft.one("go") == "restart" {
        s.write(move |tx, _, me| drafts::forget(tx, me, id)).await?;
        return redirect(paths::catalog_tab(id, "packages/new"));
    }
    let loaded = load(&s, id, &draft).await?;
    let step = Step::parse(draft.one("step"));
    if let Some(act) = Act::parse(draft.one("go")) {
        let at = (Step::Information, act.run(&mut draft));
        return asking_page(&s, loaded, at, &draft, &fine(), StatusCode::OK).await;
    }
    if draft.one("go") == "preview" {
        let errors = super::policy::rule_errors(&draft);
        return step_page(&s, loaded, Step::Requests, &draft, &errors, StatusCode::OK).await;
    }
    if draft.one("go") == "back" {
        return step_page(&s, loaded, step.back(), &draft, &fine(), StatusCode::OK).await;
    }
    let read = read(&s, &draft, &loaded.picks);
    if draft.one("go") != "create" {
        let errors = read.err().unwrap_or_default();
        // A step answers for its own fields only.
        return if wrong_in(&errors, &step.fields()) {
            let errors = only(&errors, &step.fields());
            step_page(&s, loaded, step, &draft, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        } else {
            step_page(&s, loaded, step.next(), &draft, &fine(), StatusCode::OK).await
        };
    }
    let new = match read {
        Ok(new) => new,
        Err(errors) => {
            // Back to the first step that has a mistake.
            let first = Step::ALL.into_iter().find(|step| wrong_in(&errors, &step.fields()));
            let at = first.unwrap_or(Step::Requests);
            return step_page(&s, loaded, at, &draft, &errors, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    match s.attempt(move |tx, cx, me| cases::create(tx, cx, me, id, &new)).await? {
        Ok(package) => redirect_with(paths::manage_package(package), Flash::success("Package created.")),
        Err(refusal) => {
            let mut errors: FormErrors = refusal.clone().into();
            let at = if matches!(refusal, crate::domain::Refusal::NameTaken(_)) {
                errors = FormErrors::new();
                errors.add("name", refusal.to_string());
                Step::Basics
            } else {
                Step::Review
            };
            step_page(&s, loaded, at, &draft, &errors, StatusCode::CONFLICT).await
        }
    }
}

//! The policy editor (SPEC POL-1, POL-4, POL-6, POL-7, LIF-1).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::asking::{Act, Whose};
use super::asking_view;
use super::common::{PackageHead, fine, me, version_of};
use super::draft::{Draft, Picks};
use super::fields::{self, Section, SectionsForm};
use super::policies::of_package;
use super::terms;
use super::words::{self, Names};
use crate::app::catalog::packages::NewPolicy;
use crate::app::catalog::policies as cases;
use crate::domain::Refusal;
use crate::domain::access::CatalogTask;
use crate::domain::package::{Policy, PolicyFields};
use crate::domain::policy::Terms;
use crate::domain::rule::Rule;
use crate::kernel::ids::{PackageId, PolicyId};
use crate::kernel::paths;
use crate::store::policies;
use crate::web::pickers::{Pick, Suggestions};
use crate::web::rules::{PreviewView, said};
use crate::web::ui::{Crumb, ErrorSummary, FieldView, Shell};
use crate::web::{Answer, Flash, Form, FormErrors, Signed, page_with, redirect_with};

#[derive(Template)]
#[template(path = "catalogs/policy_form.html")]
struct EditorPage<'a> {
    shell: &'a Shell,
    view: EditorView,
}

struct EditorView {
    lead: &'static str,
    form: SectionsForm,
    current: Vec<(String, String)>,
}

/// What the editor works on.
struct Loaded {
    head: PackageHead,
    policy: Option<(Policy, Terms)>,
    draft: Draft,
    picks: Picks,
    suggestions: Suggestions,
    names: Names,
    seen: Option<PreviewView>,
}

/// How the page comes back.
#[derive(Debug, Clone, Copy, Default)]
struct How {
    /// Somebody saved in between.
    stale: bool,
    /// The question that somebody works on.
    open: Option<usize>,
    /// Show what the rule would do.
    preview: bool,
}

async fn editor(
    s: &Signed,
    id: PackageId,
    policy: Option<PolicyId>,
    typed: Option<&Draft>,
    errors: &FormErrors,
    how: How,
    status: StatusCode,
) -> Answer {
    let How { stale, open, preview } = how;
    let (who, typed) = (me(s), typed.cloned());
    let loaded = s
        .read(move |conn| {
            let head = PackageHead::load(conn, &who, CatalogTask::Packages, id)?;
            let policy = match policy {
                Some(policy) => {
                    let policy = of_package(conn, id, policy)?;
                    let terms = policies::terms(conn, policy.id, policy.current_version)?;
                    Some((policy, terms))
                }
                None => None,
            };
            let fresh = typed.is_none();
            let mut draft = match (typed, &policy) {
                (Some(draft), _) => draft,
                (None, Some((p, terms))) => Draft::of_policy(conn, &p.fields, p.enabled, terms)?,
                (None, None) => Draft::new_policy(),
            };
            if let Some((p, _)) = &policy
                && (fresh || stale)
            {
                draft.set("version", [p.version.to_string()]);
            }
            let seen = if preview {
                let policy = policy.as_ref().map(|(p, _)| p.id);
                super::rule_preview::load(conn, &draft, head.catalog.id, Some(id), policy)?
            } else {
                None
            };
            Ok(Loaded {
                seen,
                picks: Picks::load(conn, &draft)?,
                suggestions: Suggestions::load(conn, Pick::Both)?,
                names: Names::load(conn, policy.iter().map(|(_, terms)| terms))?,
                head,
                policy,
                draft,
            })
        })
        .await?;
    let list = paths::manage_package_tab(id, "policies");
    let mut way = loaded.head.way_below();
    way.push(Crumb::link("Policies", &list));
    let (title, lead, action, cancel, buttons) = match &loaded.policy {
        None => (
            "New policy",
            "A policy says who can have this package, who decides and for how long.",
            format!("{list}/new"),
            list.clone(),
            vec![("save", "Create policy")],
        ),
        Some((p, _)) => {
            let base = format!("{list}/{}", p.id);
            way.push(Crumb::link(&p.fields.name, &base));
            (
                "Edit policy",
                "Requests that are under way keep the policy as it was. Live access keeps its end.",
                format!("{base}/edit"),
                base,
                vec![("save", "Save as new version")],
            )
        }
    };
    let shell = s.shell(title, way);
    let (draft, base) = (&loaded.draft, loaded.policy.as_ref().map(|(_, terms)| terms));
    let mut sections: Vec<Section> =
        fields::requests(draft, errors, &loaded.picks, &loaded.suggestions, base);
    let asks = asking_view::view(draft, errors, Whose::Policy, open, &action);
    sections.extend(fields::information(draft, asks));
    sections.extend(fields::lifecycle(draft, errors));
    let mut hidden = Vec::new();
    match &loaded.policy {
        Some(_) => {
            hidden.push(("version".to_owned(), draft.one("version").to_owned()));
            if let Some(last) = sections.last_mut() {
                let apply = FieldView::checkbox(
                    fields::APPLY,
                    "Apply to existing assignments",
                    draft.ticked(fields::APPLY),
                )
                .hint("You see who would end when, and confirm it, before anything about their access is changed.");
                last.fields.push(apply);
            }
        }
        None => {
            let switch = FieldView::checkbox("enabled", "Switched on", draft.ticked("enabled"))
                .hint("Takes new requests from the start.");
            if let Some(first) = sections.first_mut() {
                first.fields.push(switch);
            }
        }
    }
    let form = SectionsForm {
        action,
        errors: ErrorSummary::default(),
        hidden,
        sections,
        buttons,
        cancel,
        preview: Some(asking_view::preview(draft, Whose::Policy)),
    }
    .checked(errors.form.clone());
    let live = super::rule_preview::live(
        loaded.head.catalog.id,
        Some(id),
        loaded.policy.as_ref().map(|(p, _)| p.id),
    );
    let mut form = form;
    form.show_rule(loaded.seen.clone(), &live);
    let current = match base.filter(|_| stale) {
        Some(terms) => words::lines(terms, &loaded.names),
        None => Vec::new(),
    };
    let view = EditorView { lead, form, current };
    page_with(status, &EditorPage { shell: &shell, view })
}

/// `GET /manage/packages/{id}/policies/new`
pub async fn new(s: Signed, id: Path<PackageId>) -> Answer {
    editor(&s, id.into_inner(), None, None, &fine(), How::default(), StatusCode::OK).await
}

/// Reads what was typed; `None` with mistakes.
async fn read(
    s: &Signed,
    id: PackageId,
    policy: Option<PolicyId>,
    draft: &Draft,
) -> Result<Result<(PolicyFields, Terms), FormErrors>, crate::web::PageError> {
    let (who, typed) = (me(s), draft.clone());
    let (picks, base) = s
        .read(move |conn| {
            PackageHead::load(conn, &who, CatalogTask::Packages, id)?;
            let base = match policy {
                Some(policy) => {
                    let policy = of_package(conn, id, policy)?;
                    Some(policies::terms(conn, policy.id, policy.current_version)?)
                }
                None => None,
            };
            Ok((Picks::load(conn, &typed)?, base))
        })
        .await?;
    let mut errors = FormErrors::new();
    let fields = terms::policy_fields(draft, &mut errors);
    let today = s.now().with_timezone(&s.app.instance.time_zone).date_naive();
    let terms = terms::terms(draft, &picks, base.as_ref(), today, &mut errors);
    Ok(match (fields, terms) {
        (Some(fields), Some(terms)) => match terms.check() {
            Ok(()) => Ok((fields, terms)),
            Err(refusal) => Err(refusal.into()),
        },
        _ => Err(errors),
    })
}

/// What is wrong with the rule that somebody wants to see at work.
pub(super) fn rule_errors(draft: &Draft) -> FormErrors {
    let mut errors = FormErrors::new();
    if let Err(problem) = Rule::parse(draft.one("rule")) {
        errors.add("rule", said(&problem, draft.one("rule")));
    }
    errors
}

/// `POST /manage/packages/{id}/policies/new`
pub async fn create(s: Signed, id: Path<PackageId>, Form(mut draft): Form<Draft>) -> Answer {
    let id = id.into_inner();
    if let Some(act) = Act::parse(draft.one("go")) {
        let how = How { open: act.run(&mut draft), ..How::default() };
        return editor(&s, id, None, Some(&draft), &fine(), how, StatusCode::OK).await;
    }
    if draft.one("go") == "preview" {
        let how = How { preview: true, ..How::default() };
        return editor(&s, id, None, Some(&draft), &rule_errors(&draft), how, StatusCode::OK).await;
    }
    let new = match read(&s, id, None, &draft).await? {
        Ok((fields, terms)) => NewPolicy { fields, enabled: draft.ticked("enabled"), terms },
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return editor(&s, id, None, Some(&draft), &errors, How::default(), status).await;
        }
    };
    match s.attempt(move |tx, cx, me| cases::create(tx, cx, me, id, &new)).await? {
        Ok(policy) => {
            let to = format!("{}/{policy}", paths::manage_package_tab(id, "policies"));
            redirect_with(to, Flash::success("Policy created."))
        }
        Err(refusal) => {
            let status = StatusCode::CONFLICT;
            editor(&s, id, None, Some(&draft), &refusal.into(), How::default(), status).await
        }
    }
}

/// `GET /manage/packages/{id}/policies/{policy}/edit`
pub async fn edit(s: Signed, path: Path<(PackageId, PolicyId)>) -> Answer {
    let (id, policy) = path.into_inner();
    editor(&s, id, Some(policy), None, &fine(), How::default(), StatusCode::OK).await
}

/// `POST /manage/packages/{id}/policies/{policy}/edit`
pub async fn save(s: Signed, path: Path<(PackageId, PolicyId)>, Form(mut draft): Form<Draft>) -> Answer {
    let (id, policy) = path.into_inner();
    if let Some(act) = Act::parse(draft.one("go")) {
        let how = How { open: act.run(&mut draft), ..How::default() };
        return editor(&s, id, Some(policy), Some(&draft), &fine(), how, StatusCode::OK).await;
    }
    if draft.one("go") == "preview" {
        let how = How { preview: true, ..How::default() };
        return editor(&s, id, Some(policy), Some(&draft), &rule_errors(&draft), how, StatusCode::OK).await;
    }
    let version = version_of(draft.one("version"))?;
    let (fields, terms) = match read(&s, id, Some(policy), &draft).await? {
        Ok(read) => read,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return editor(&s, id, Some(policy), Some(&draft), &errors, How::default(), status).await;
        }
    };
    match s.attempt(move |tx, cx, me| cases::edit(tx, cx, me, policy, version, &fields, &terms)).await? {
        Ok(()) if draft.ticked(fields::APPLY) => {
            let saved = s.read(move |conn| Ok(of_package(conn, id, policy)?.version)).await?;
            let nothing = "Policy saved. No live access ends at another time by it.";
            super::policies::preview(&s, id, policy, saved, Some(nothing)).await
        }
        Ok(()) => {
            let to = format!("{}/{policy}", paths::manage_package_tab(id, "policies"));
            redirect_with(to, Flash::success("Policy saved."))
        }
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            let status = StatusCode::CONFLICT;
            editor(
                &s,
                id,
                Some(policy),
                Some(&draft),
                &refusal.into(),
                How { stale, ..How::default() },
                status,
            )
            .await
        }
    }
}

//! What a resource asks of everybody who gets it (SPEC CAT-5).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::asking::{self, Act, Whose};
use super::asking_view;
use super::common::{fine, me, version_of};
use super::draft::Draft;
use super::fields::{Section, SectionsForm};
use super::resource::load_to_edit;
use crate::app::catalog::attributes as cases;
use crate::domain::Refusal;
use crate::domain::question::Question;
use crate::kernel::ids::ResourceId;
use crate::kernel::paths;
use crate::store::attributes;
use crate::web::ui::{ErrorSummary, Shell};
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

const LEAD: &str = "Whoever asks for a package with this resource has to answer these questions, too. The answers are \
                    stored on the person when the request is approved, and are asked again with the next one.";

/// How a question reads in a list: its wording, and how it is answered.
pub(super) fn in_a_line(question: &Question) -> (String, String) {
    let later = if question.editable_later { "can be changed later" } else { "stays as first answered" };
    (question.text.clone(), format!("{}, {later}", question.kind.words()))
}

async fn editor(
    s: &Signed,
    id: ResourceId,
    typed: Option<&Draft>,
    errors: &FormErrors,
    (open, stale): (Option<usize>, bool),
    status: StatusCode,
) -> Answer {
    let who = me(s);
    let (seen, saved) =
        s.read(move |conn| Ok((load_to_edit(conn, &who, id)?, attributes::of_resource(conn, id)?))).await?;
    let mut draft = typed.cloned().unwrap_or_else(|| {
        let mut draft = Draft::default();
        asking::show(&mut draft, &saved);
        draft
    });
    if typed.is_none() || stale {
        draft.set("version", [seen.resource.version.to_string()]);
    }
    let action = paths::resource_tab(id, "questions");
    let asks = asking_view::view(&draft, errors, Whose::Resource, open, &action);
    let text = "Asked in this order, after the questions of the policy. Two resources that use the same name for an \
                attribute share its answer, and it is asked once.";
    let form = SectionsForm {
        action,
        errors: ErrorSummary::default(),
        hidden: vec![("version".to_owned(), draft.one("version").to_owned())],
        sections: vec![Section::of_questions(text, asks)],
        buttons: vec![("save", "Save questions")],
        cancel: paths::resource(id),
        preview: Some(asking_view::preview(&draft, Whose::Resource)),
    }
    .checked(errors.form.clone());
    let current = if stale { saved.iter().map(in_a_line).collect() } else { Vec::new() };
    let shell = s.shell("Questions", seen.way_below());
    page_with(status, &EditorPage { shell: &shell, view: EditorView { lead: LEAD, form, current } })
}

/// `GET /resources/{id}/questions`
pub async fn edit(s: Signed, id: Path<ResourceId>) -> Answer {
    editor(&s, id.into_inner(), None, &fine(), (None, false), StatusCode::OK).await
}

/// `POST /resources/{id}/questions`
pub async fn save(s: Signed, id: Path<ResourceId>, Form(mut draft): Form<Draft>) -> Answer {
    let id = id.into_inner();
    let version = version_of(draft.one("version"))?;
    if let Some(act) = Act::parse(draft.one("go")) {
        let open = act.run(&mut draft);
        return editor(&s, id, Some(&draft), &fine(), (open, false), StatusCode::OK).await;
    }
    let mut errors = FormErrors::new();
    let questions = asking::read(&draft, Whose::Resource, &mut errors);
    if !errors.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return editor(&s, id, Some(&draft), &errors, (None, false), status).await;
    }
    match s.attempt(move |tx, cx, me| cases::set(tx, cx, me, id, version, &questions)).await? {
        Ok(()) => redirect_with(paths::resource(id), Flash::success("Questions saved.")),
        Err(refusal) => {
            let stale = refusal == Refusal::Stale;
            editor(&s, id, Some(&draft), &refusal.into(), (None, stale), StatusCode::CONFLICT).await
        }
    }
}

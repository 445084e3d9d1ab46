//! Extending access, and changing the answers about it (SPEC REQ-7, LIF-2).

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::ask::{Draft, field_name};
use super::wanted::{self, Zones};
use super::words;
use crate::app::AppError;
use crate::app::request::{REASON_MAX, Standing, Update, standing, update};
use crate::domain::answers::{self, Given};
use crate::domain::request::Changes;
use crate::domain::{Refusal, extension};
use crate::kernel::ids::{AssignmentId, UserId};
use crate::kernel::secret::Token;
use crate::kernel::{Moment, paths, text};
use crate::store::assignments::{self, Assignment};
use crate::store::views::offer::{self, Asker, StageOutline};
use crate::store::{Conn, lasting, people};
use crate::web::questions;
use crate::web::ui::{Crumb, FieldView, FormView, Shell, When};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, redirect_with};

/// Access that its holder wants to change.
#[derive(Debug, Clone)]
pub struct Held {
    /// The assignment.
    pub assignment: Assignment,
    /// The package's name.
    pub package: String,
    /// How it stands.
    pub now: Standing,
    /// Who would decide, if anybody has to.
    pub stages: Vec<StageOutline>,
    /// The language in which the holder reads questions.
    pub locale: String,
}

/// Loads it for its holder; to everybody else it is not there.
fn held(conn: &mut Conn, me: UserId, id: AssignmentId) -> Result<Held, AppError> {
    let assignment = assignments::find(conn, id)?.ok_or(AppError::NotFound)?;
    if assignment.subject_id != me {
        return Err(AppError::NotFound);
    }
    let asker = Asker::load(conn, me)?.ok_or(AppError::NotFound)?;
    let now = standing(conn, &assignment)?;
    let stages = if now.terms.extension.needs_approval {
        offer::outline(conn, &asker, &now.terms)?
    } else {
        Vec::new()
    };
    Ok(Held {
        package: lasting::package_name(conn, assignment.package_id)?,
        now,
        stages,
        locale: people::locale(conn, me)?,
        assignment,
    })
}

impl Held {
    fn may(&self, changes: Changes, z: &Zones) -> Result<(), Refusal> {
        match changes {
            Changes::End => extension::check(&self.now.facts, z.now, z.instance),
            Changes::Answers => extension::check_change(&self.now.facts, z.now).and_then(|()| {
                if self.now.askable().is_empty() { Err(Refusal::NoAnswersToChange) } else { Ok(()) }
            }),
        }
    }

    /// The form as it opens: with the answers that were given.
    fn draft(&self) -> Draft {
        let mut draft = Draft::default();
        for answer in answers::read(&self.now.answers) {
            draft.answers.insert(format!("q.{}.{}", self.assignment.policy_id, answer.key), answer.values);
        }
        draft
    }

    /// The command, or what is wrong.
    fn check(&self, changes: Changes, draft: &Draft, z: &Zones) -> Result<Update, FormErrors> {
        let mut errors = FormErrors::new();
        let questions = self.now.askable();
        let given: Given = questions
            .iter()
            .map(|q| {
                // A list with nothing ticked sends nothing: that is an answer too.
                let values = draft.answers.get(&field_name(self.assignment.policy_id, q));
                (q.key.clone(), values.cloned().unwrap_or_default())
            })
            .collect();
        if let Err(bad) = answers::check(&questions, &given, &self.locale) {
            for answer in bad {
                errors.add(format!("q.{}.{}", self.assignment.policy_id, answer.key), answer.why);
            }
        }
        let mut end = None;
        if changes == Changes::End {
            if self.now.terms.justification_required && draft.justification.trim().is_empty() {
                errors.add("justification", Refusal::JustificationRequired.to_string());
            }
            if let Some(old) = self.assignment.ends_at {
                end = wanted::read_end(&self.now.terms, &draft.end, old, z, &mut errors);
            }
        }
        let justification = errors.take("justification", text::lines(&draft.justification, REASON_MAX));
        match (errors.is_empty(), justification) {
            (true, Some(justification)) => Ok(Update {
                assignment: self.assignment.id,
                changes,
                end,
                justification,
                answers: serde_json::json!(given),
                token: draft.token.clone(),
            }),
            _ => Err(errors),
        }
    }
}

/// The page as it is shown.
#[derive(Debug, Clone)]
pub struct ExtendView {
    /// An extension, or answers only?
    pub extends: bool,
    pub ends: Option<When>,
    /// The end that an extension would give if it were decided now; `None` is no end date.
    pub would_end: Option<When>,
    pub fixed: Vec<(String, String)>,
    pub next: Vec<String>,
    pub form: FormView,
}

#[derive(Template)]
#[template(path = "requestor/extend.html")]
pub struct ExtendPage<'a> {
    pub shell: &'a Shell,
    pub view: ExtendView,
}

fn action(id: AssignmentId, changes: Changes) -> String {
    match changes {
        Changes::End => paths::access_extend(id),
        Changes::Answers => paths::access_answers(id),
    }
}

fn form(h: &Held, changes: Changes, draft: &Draft, errors: &FormErrors, csrf: &str, z: &Zones) -> FormView {
    let submit = match (changes, h.stages.is_empty()) {
        (Changes::End, true) => "Extend now",
        (Changes::End, false) => "Ask for the extension",
        (Changes::Answers, true) => "Save answers",
        (Changes::Answers, false) => "Send for approval",
    };
    let id = h.assignment.id;
    let mut form = FormView::new(action(id, changes), csrf, submit)
        .field(FieldView::hidden("token", &draft.token))
        .cancel(paths::access(id));
    if changes == Changes::End
        && let Some(field) = wanted::end_field(&h.now.terms, &draft.end, errors, z)
    {
        form = form.field(field);
    }
    let label = match changes {
        Changes::End => "Why do you still need this?",
        Changes::Answers => "Why do they change?",
    };
    let mut why = FieldView::textarea("justification", label)
        .value(&draft.justification)
        .error(errors.of("justification"));
    why = if changes == Changes::End && h.now.terms.justification_required {
        why.required().hint("Whoever decides will read it.")
    } else {
        why.hint("Whoever decides, or manages the package, can read it.")
    };
    form = form.field(why);
    for (n, question) in h.now.askable().iter().enumerate() {
        let name = field_name(h.assignment.policy_id, question);
        let given = draft.answers.get(&name).map_or(&[][..], Vec::as_slice);
        let field = questions::field(question, &h.locale, name.as_str(), given);
        form = form.field(field.id(format!("f-q-{n}")).error(errors.of(&name)));
    }
    form.checked(errors.form.clone())
}

fn next(h: &Held, changes: Changes) -> Vec<String> {
    let mut steps = Vec::new();
    for outline in &h.stages {
        let who = words::stage(outline, words::Voice::asking(&h.now.terms));
        let days = words::count(i64::from(outline.limit_days), "day");
        steps.push(format!("It goes to {who} by mail. If nobody decides within {days}, it expires."));
    }
    match (changes, steps.is_empty()) {
        (Changes::End, true) => {
            steps.push(
                "Nobody has to decide: your access gets its new end at once, without a break.".to_owned(),
            );
        }
        (Changes::End, false) => {
            steps.push("You keep your access while you wait. If it is denied, or nobody decides, it ends when it would have ended anyway.".to_owned());
            steps.push(
                "If its present end passes before somebody decides, it ends then: ask early enough."
                    .to_owned(),
            );
            steps.push(
                "Once approved, it lasts from that moment for as long as the policy gives, without a break."
                    .to_owned(),
            );
        }
        (Changes::Answers, true) => {
            steps.push("Nobody has to decide: your new answers count at once.".to_owned());
        }
        (Changes::Answers, false) => {
            steps.push("You keep your access, and your old answers count, until it is approved.".to_owned());
        }
    }
    steps
}

impl ExtendView {
    /// What the page shows.
    pub fn of(h: &Held, changes: Changes, draft: &Draft, errors: &FormErrors, csrf: &str, z: &Zones) -> Self {
        let when = |at: Moment| When::new(*at, *z.now, z.person);
        let open = h.now.askable();
        let end = extension::new_end(h.now.terms.expiry, None, h.assignment.ends_at, z.now, z.instance);
        Self {
            extends: changes == Changes::End,
            ends: h.assignment.ends_at.map(when),
            would_end: end.map(when),
            fixed: answers::read(&h.now.answers)
                .into_iter()
                .filter(|a| !open.iter().any(|q| q.key == a.key))
                .map(|a| (a.question, a.shown))
                .collect(),
            next: next(h, changes),
            form: form(h, changes, draft, errors, csrf, z),
        }
    }
}

fn show(
    s: &Signed,
    h: &Held,
    changes: Changes,
    draft: &Draft,
    errors: &FormErrors,
    status: StatusCode,
) -> Answer {
    let way =
        vec![Crumb::link("My access", "/access"), Crumb::link(&h.package, paths::access(h.assignment.id))];
    let title = match changes {
        Changes::End => format!("Extend {}", h.package),
        Changes::Answers => format!("Change answers: {}", h.package),
    };
    let shell = s.shell(&title, way);
    let view = ExtendView::of(h, changes, draft, errors, &shell.csrf, &Zones::of(s));
    page_with(status, &ExtendPage { shell: &shell, view })
}

async fn load(s: &Signed, id: AssignmentId) -> Result<Held, PageError> {
    let me = s.principal.user;
    s.read(move |conn| held(conn, me, id)).await
}

async fn open(s: Signed, id: AssignmentId, changes: Changes) -> Answer {
    let held = load(&s, id).await?;
    if let Err(refusal) = held.may(changes, &Zones::of(&s)) {
        return redirect_with(paths::access(id), Flash::warning(refusal.to_string()));
    }
    let mut draft = held.draft();
    Token::generate()?.reveal().clone_into(&mut draft.token);
    show(&s, &held, changes, &draft, &FormErrors::new(), StatusCode::OK)
}

async fn send(s: Signed, id: AssignmentId, changes: Changes, pairs: Vec<(String, String)>) -> Answer {
    let draft = Draft::parse(pairs)?;
    let held = load(&s, id).await?;
    let wish = match held.check(changes, &draft, &Zones::of(&s)) {
        Ok(wish) => wish,
        Err(errors) => return show(&s, &held, changes, &draft, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let at_once = held.stages.is_empty();
    match s.attempt(move |tx, cx, me| update(tx, cx, me, &wish)).await? {
        Ok(request) => {
            let text = match (changes, at_once) {
                (Changes::End, true) => "Done. Your access is extended.",
                (Changes::End, false) => "Your extension is on its way. You keep your access while you wait.",
                (Changes::Answers, true) => "Done. Your answers are changed.",
                (Changes::Answers, false) => {
                    "Your new answers are on their way. You get a mail when they are decided."
                }
            };
            let to = if at_once { paths::access(id) } else { paths::request(request) };
            redirect_with(to, Flash::success(text))
        }
        Err(refusal) => show(&s, &held, changes, &draft, &refusal.into(), StatusCode::CONFLICT),
    }
}

/// `GET /access/{id}/extend`
pub async fn extend(s: Signed, id: Path<AssignmentId>) -> Answer {
    open(s, id.into_inner(), Changes::End).await
}

/// `POST /access/{id}/extend`
pub async fn extend_now(
    s: Signed,
    id: Path<AssignmentId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Answer {
    send(s, id.into_inner(), Changes::End, pairs).await
}

/// `GET /access/{id}/answers`
pub async fn answers(s: Signed, id: Path<AssignmentId>) -> Answer {
    open(s, id.into_inner(), Changes::Answers).await
}

/// `POST /access/{id}/answers`
pub async fn answer_now(
    s: Signed,
    id: Path<AssignmentId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Answer {
    send(s, id.into_inner(), Changes::Answers, pairs).await
}

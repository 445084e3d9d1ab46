//! Changing a request because an approver asked for it, and sending it back.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use chrono_tz::Tz;

use super::FormPage;
use super::view::AskedView;
use crate::app::AppError;
use crate::app::request::{REASON_MAX, Revision, asked_again, check_revise, revise, talk_standing};
use crate::domain::Refusal;
use crate::domain::answers::{self, Given};
use crate::domain::attributes::{self, Attribute};
use crate::domain::period;
use crate::domain::policy::Terms;
use crate::domain::question::Question;
use crate::domain::request::Changes;
use crate::kernel::ids::RequestId;
use crate::kernel::{Moment, paths, text};
use crate::store::conversation::Changes as Asked;
use crate::store::requests::{self, Request};
use crate::store::{conversation, lasting, people, policies};
use crate::web::ui::{Crumb, FieldView, FormView, When};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Signed, page_with, questions, redirect_with};

/// What the form needs.
struct Editing {
    request: Request,
    terms: Terms,
    /// Those that can be answered in this request.
    questions: Vec<Question>,
    /// What the package's resources ask.
    attributes: Vec<Attribute>,
    locale: String,
    asked: Option<Asked>,
    by: String,
    package: String,
}

impl Editing {
    /// May the start be chosen?
    fn has_start(&self) -> bool {
        self.terms.custom_timeline && self.request.kind.adds()
    }

    /// May the end be chosen?
    fn has_end(&self) -> bool {
        self.terms.custom_timeline && self.request.changes != Some(Changes::Answers)
    }
}

/// Loads it for the requestor; the refusal says why it cannot be changed just now.
async fn load(s: &Signed, id: RequestId) -> Result<Result<Editing, Refusal>, PageError> {
    let (me, now) = (s.principal.clone(), s.now());
    s.read(move |conn| {
        let request = requests::find(conn, id)?.ok_or(AppError::NotFound)?;
        if !talk_standing(conn, now, &me, &request)?.reads {
            return Err(AppError::NotFound);
        }
        let asked = conversation::open_changes(conn, id)?;
        match check_revise(&request, asked.is_some(), me.user, now) {
            Err(AppError::Refused(refusal)) => return Ok(Err(refusal)),
            other => other?,
        }
        let terms = policies::terms(conn, request.policy, request.policy_version)?;
        let mut questions = terms.questions.clone();
        if let Some(held) = request.assignment.filter(|_| !request.kind.adds()) {
            let earlier = answers::read(&requests::answers_of(conn, held)?);
            questions.retain(|q| q.editable_later || earlier.iter().all(|a| a.key != q.key));
        }
        let mut attributes = asked_again(conn, &request, &mut serde_json::Value::Null)?;
        if request.requestor != Some(request.subject) {
            // What somebody said about themselves is not shown to whoever asks for them; it stays as it is.
            attributes.retain(|a| a.stored.is_none());
        }
        let by = match asked.as_ref().filter(|_| terms.show_approvers) {
            Some(asked) => people::name(conn, asked.by)?,
            None => "An approver".to_owned(),
        };
        Ok(Ok(Editing {
            package: lasting::package_name(conn, request.package)?,
            locale: people::locale(conn, me.user)?,
            request,
            terms,
            questions,
            attributes,
            asked,
            by,
        }))
    })
    .await
}

/// What was typed, or was sent before.
#[derive(Debug, Clone, Default)]
struct Draft {
    version: String,
    justification: String,
    start: String,
    end: String,
    answers: BTreeMap<String, Vec<String>>,
}

/// An instant as its field shows it: a day, or where access is counted in hours, a day and a time.
fn shown(at: Option<Moment>, is_end: bool, e: &Editing, tz: Tz) -> String {
    let Some(at) = at else {
        return String::new();
    };
    if period::in_hours(e.terms.expiry) {
        return at.with_timezone(&tz).format("%Y-%m-%dT%H:%M").to_string();
    }
    // The end of a day is the first instant after it.
    let at = if is_end { at - chrono::Duration::microseconds(1) } else { at };
    at.with_timezone(&tz).format("%Y-%m-%d").to_string()
}

impl Draft {
    fn of(e: &Editing, tz: Tz) -> Self {
        let r = &e.request;
        Self {
            version: r.version.to_string(),
            justification: r.justification.clone(),
            start: shown(r.wanted_start, false, e, tz),
            end: shown(r.wanted_end, true, e, tz),
            answers: answers::read(&r.answers).into_iter().map(|a| (a.key, a.values)).collect(),
        }
    }

    /// Reads a posted form; what our form never sends makes it bad.
    fn parse(pairs: Vec<(String, String)>) -> Result<Self, PageError> {
        let mut draft = Self::default();
        for (name, value) in pairs.into_iter().filter(|(name, _)| !name.starts_with(questions::KEPT)) {
            match (name.as_str(), name.strip_prefix("q.")) {
                (_, Some(key)) => draft.answers.entry(key.to_owned()).or_default().push(value),
                ("version", _) => draft.version = value,
                ("justification", _) => draft.justification = value,
                ("start", _) => draft.start = value,
                ("end", _) => draft.end = value,
                (other, _) => return Err(PageError::BadRequest(format!("unknown field {other:?}"))),
            }
        }
        Ok(draft)
    }

    fn check(&self, e: &Editing, tz: Tz) -> Result<Revision, FormErrors> {
        let mut errors = FormErrors::new();
        if e.terms.justification_required && self.justification.trim().is_empty() {
            errors.add("justification", Refusal::JustificationRequired.to_string());
        }
        let justification = errors.take("justification", text::lines(&self.justification, REASON_MAX));
        let asked = e.questions.iter().chain(e.attributes.iter().map(|a| &a.question));
        let given: Given =
            asked.filter_map(|q| Some((q.key.clone(), self.answers.get(&q.key)?.clone()))).collect();
        let checked = [
            answers::check(&e.questions, &given, &e.locale),
            attributes::check(&e.attributes, &given, &e.locale),
        ];
        for answer in checked.into_iter().filter_map(Result::err).flatten() {
            errors.add(format!("q.{}", answer.key), answer.why);
        }
        // A date that was not touched stays the instant that it is.
        let mut date = |name: &str, typed: &str, is_end: bool, was: Option<Moment>| {
            if typed.trim() == shown(was, is_end, e, tz) {
                return was;
            }
            errors.take(name, period::typed(typed, is_end, tz)).flatten()
        };
        let r = &e.request;
        let start =
            if e.has_start() { date("start", &self.start, false, r.wanted_start) } else { r.wanted_start };
        let end = if e.has_end() { date("end", &self.end, true, r.wanted_end) } else { r.wanted_end };
        match (errors.is_empty(), justification) {
            (true, Some(justification)) => Ok(Revision {
                request: r.id,
                seen_version: self.version.parse().unwrap_or(-1),
                justification,
                answers: serde_json::json!(given),
                wanted_start: start,
                wanted_end: end,
            }),
            _ => Err(errors),
        }
    }
}

fn form(e: &Editing, draft: &Draft, errors: &FormErrors, csrf: &str) -> FormView {
    let id = e.request.id;
    let mut why = FieldView::textarea("justification", "Why do you need this?")
        .value(&draft.justification)
        .hint("The people who decide will read it.")
        .error(errors.of("justification"));
    if e.terms.justification_required {
        why = why.required();
    }
    let mut form = FormView::new(paths::request_edit(id), csrf, "Send back")
        .field(FieldView::hidden("version", &draft.version))
        .field(why)
        .cancel(paths::request(id));
    for (n, question) in e.questions.iter().enumerate() {
        let name = format!("q.{}", question.key);
        let given = draft.answers.get(&question.key).map_or(&[][..], Vec::as_slice);
        let field = questions::field(question, &e.locale, &name, given)
            .id(format!("f-q-{n}"))
            .error(errors.of(&name));
        form = form.field(field);
    }
    for (n, attribute) in e.attributes.iter().enumerate() {
        let name = format!("q.{}", attribute.question.key);
        let typed = draft.answers.get(&attribute.question.key);
        let field = questions::attribute_field(attribute, n, &name, typed, &e.locale);
        form = form.field(field.error(errors.of(&name)));
    }
    let hours = period::in_hours(e.terms.expiry);
    let date = |name: &str, label: &str, value: &str| {
        let field = if hours {
            FieldView::text(name, label).hint("A day and a time, such as 2027-01-31T09:00.")
        } else {
            FieldView::date(name, label)
        };
        field.value(value).error(errors.of(name)).narrow()
    };
    if e.has_start() {
        form = form.field(date("start", "Access from", &draft.start));
    }
    if e.has_end() {
        form = form.field(date("end", "Access until", &draft.end));
    }
    form.checked(errors.form.clone())
}

fn answer(s: &Signed, e: &Editing, draft: &Draft, errors: &FormErrors, status: StatusCode) -> Answer {
    let id = e.request.id;
    let shell = s.shell(
        &format!("Change your request for {}", e.package),
        vec![Crumb::link("My requests", "/requests"), Crumb::link(&e.package, paths::request(id))],
    );
    let asked = e.asked.as_ref().map(|asked| AskedView {
        by: e.by.clone(),
        when: When::new(*asked.at, *s.now(), s.tz()),
        text: asked.text.clone(),
        edit_href: None,
    });
    let lead = "What you sent is filled in. Sending it back asks the approvers of this stage again, and its time starts anew.";
    let form = form(e, draft, errors, &shell.csrf);
    page_with(status, &FormPage { shell: &shell, lead, asked, form })
}

/// `GET /requests/{id}/edit`
pub async fn show(s: Signed, id: Path<RequestId>) -> Answer {
    let id = id.into_inner();
    match load(&s, id).await? {
        Ok(e) => answer(&s, &e, &Draft::of(&e, s.tz()), &FormErrors::new(), StatusCode::OK),
        Err(refusal) => redirect_with(paths::request(id), Flash::warning(refusal.to_string())),
    }
}

/// `POST /requests/{id}/edit`
pub async fn save(s: Signed, id: Path<RequestId>, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let id = id.into_inner();
    let mut draft = Draft::parse(pairs)?;
    let e = match load(&s, id).await? {
        Ok(e) => e,
        Err(refusal) => return redirect_with(paths::request(id), Flash::warning(refusal.to_string())),
    };
    let revision = match draft.check(&e, s.tz()) {
        Ok(revision) => revision,
        Err(errors) => return answer(&s, &e, &draft, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    };
    match s.attempt(move |tx, cx, _| revise(tx, cx, &revision)).await? {
        Ok(()) => redirect_with(
            paths::request(id),
            Flash::success("Your request is sent back. The approvers of this stage are asked again."),
        ),
        Err(refusal @ (Refusal::NoChangesAsked(_) | Refusal::PastDue(_))) => {
            redirect_with(paths::request(id), Flash::warning(refusal.to_string()))
        }
        Err(refusal) => {
            // What was typed stays; the next try is against the request as it is by now.
            draft.version = e.request.version.to_string();
            answer(&s, &e, &draft, &refusal.into(), StatusCode::CONFLICT)
        }
    }
}

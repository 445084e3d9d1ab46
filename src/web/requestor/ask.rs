//! The request form (SPEC REQ-3, POL-3).

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::packages::{ContentView, Loaded, OfferView, load, way};
use super::team_ask::Team;
use super::wanted::{self, Zones};
use super::words;
use crate::app::request::{Submission, submit_for};
use crate::domain::Refusal;
use crate::domain::answers::{self, Given};
use crate::domain::attributes;
use crate::domain::period::Period;
use crate::domain::policy::{Question, Terms, choose};
use crate::domain::request::check_resubmit;
use crate::kernel::ids::{PackageId, PolicyId, RequestId};
use crate::kernel::paths;
use crate::kernel::secret::Token;
use crate::store::views::offer::Offer;
use crate::store::views::requests;
use crate::web::questions;
use crate::web::ui::{Crumb, FieldView, FormView, OptionView, Shell};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Query, Signed, page_with, redirect_with};

/// What was typed, or is proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    pub policy: String,
    pub justification: String,
    pub token: String,
    /// When access should start and end (SPEC POL-6).
    pub start: String,
    pub end: String,
    /// Whom a manager asks for.
    pub people: Vec<String>,
    /// Field name of each answer to what was given.
    pub answers: BTreeMap<String, Vec<String>>,
}

/// The name of the field for a question of a policy. Questions of several policies can be on one form.
pub(super) fn field_name(policy: PolicyId, question: &Question) -> String {
    format!("q.{policy}.{}", question.key)
}

/// The name of the field for an attribute (SPEC CAT-5): the same for every policy. No policy's id is so short.
fn attribute_field(key: &str) -> String {
    format!("q.{key}")
}

impl Draft {
    /// Reads a posted form. Its fields depend on the policies, so it arrives as pairs; what our form never sends
    /// makes the request bad.
    pub(super) fn parse(pairs: Vec<(String, String)>) -> Result<Self, PageError> {
        let mut draft = Self::default();
        let mut seen = Vec::new();
        for (name, value) in pairs {
            if name.starts_with(questions::KEPT) {
                // A frozen attribute: shown only.
                continue;
            }
            if name.starts_with("q.") {
                draft.answers.entry(name).or_default().push(value);
                continue;
            }
            if name == "for" {
                draft.people.push(value);
                continue;
            }
            let field = match name.as_str() {
                "policy" => &mut draft.policy,
                "justification" => &mut draft.justification,
                "token" => &mut draft.token,
                "start" => &mut draft.start,
                "end" => &mut draft.end,
                other => return Err(PageError::BadRequest(format!("unknown field {other:?}"))),
            };
            *field = value;
            if seen.contains(&name) {
                return Err(PageError::BadRequest(format!("the field {name:?} came twice")));
            }
            seen.push(name);
        }
        Ok(draft)
    }

    fn given(&self, offer: &Offer) -> Given {
        offer
            .terms
            .questions
            .iter()
            .filter_map(|q| {
                let values = self.answers.get(&field_name(offer.policy, q))?;
                Some((q.key.clone(), values.clone()))
            })
            .collect()
    }

    /// The command, or what is wrong.
    pub(super) fn check(
        &self,
        package: &Loaded,
        subject: crate::kernel::ids::UserId,
        z: &Zones,
    ) -> Result<(Submission, Period), FormErrors> {
        let offers = &package.package.offers;
        let mut errors = FormErrors::new();
        let ids: Vec<PolicyId> = offers.iter().map(|o| o.policy).collect();
        let chosen = match choose(&ids, self.policy.parse().ok()) {
            Ok(id) => offers.iter().find(|o| o.policy == id),
            // With no way left, the use case says which check fails.
            Err(Refusal::NotAdmitted) => None,
            Err(refusal) => {
                errors.add("policy", refusal.to_string());
                None
            }
        };
        let (mut given, mut period) = (Given::new(), Period::default());
        if let Some(offer) = chosen {
            period = wanted::read(&offer.terms, &self.start, &self.end, z, &mut errors);
            if offer.terms.justification_required && self.justification.trim().is_empty() {
                errors.add("justification", Refusal::JustificationRequired.to_string());
            }
            given = self.given(offer);
            if let Err(bad) = answers::check(&offer.terms.questions, &given, &package.locale) {
                for answer in bad {
                    errors.add(format!("q.{}.{}", offer.policy, answer.key), answer.why);
                }
            }
            for attribute in &package.attributes {
                let key = &attribute.question.key;
                if let Some(values) = self.answers.get(&attribute_field(key)) {
                    given.insert(key.clone(), values.clone());
                }
            }
            if let Err(bad) = attributes::check(&package.attributes, &given, &package.locale) {
                for answer in bad {
                    errors.add(attribute_field(&answer.key), answer.why);
                }
            }
        }
        let justification = errors.take(
            "justification",
            crate::kernel::text::lines(&self.justification, crate::app::request::REASON_MAX),
        );
        match (errors.is_empty(), justification) {
            (true, Some(justification)) => {
                let wish = Submission {
                    package: package.package.id,
                    policy: chosen.map(|o| o.policy),
                    subject,
                    justification,
                    answers: serde_json::json!(given),
                    token: self.token.clone(),
                };
                Ok((wish, period))
            }
            _ => Err(errors),
        }
    }
}

/// The form's page as it is shown.
#[derive(Debug, Clone)]
pub struct AskView {
    pub contents: Vec<ContentView>,
    pub only: Option<OfferView>,
    pub usual: Option<String>,
    pub next: Vec<String>,
    pub form: FormView,
}

#[derive(Template)]
#[template(path = "requestor/ask.html")]
pub struct AskPage<'a> {
    pub shell: &'a Shell,
    pub view: AskView,
}

fn form(package: &Loaded, draft: &Draft, errors: &FormErrors, csrf: &str, z: &Zones) -> FormView {
    let p = &package.package;
    let submit =
        if p.offers.iter().all(|o| o.terms.stages.is_empty()) { "Get access" } else { "Send request" };
    let form = FormView::new(paths::package_request(p.id), csrf, submit)
        .field(FieldView::hidden("token", &draft.token))
        .cancel(paths::package(p.id));
    filled(form, package, draft, errors, z, ABOUT_YOU)
}

/// The form for people who report to whoever asks (SPEC POL-6).
pub(super) fn form_for(team: &Team, draft: &Draft, errors: &FormErrors, csrf: &str, z: &Zones) -> FormView {
    let form = FormView::new(paths::package_request_for(team.loaded.package.id), csrf, "Send request")
        .field(FieldView::hidden("token", &draft.token))
        .field(team.field(draft, errors))
        .cancel("/team");
    filled(form, &team.loaded, draft, errors, z, ABOUT_THEM)
}

/// What the resources ask (SPEC CAT-5): heading, and a sentence.
type About = (&'static str, &'static str);

const ABOUT_YOU: About = (
    "About you",
    "What you are about to get needs to know this. It is stored with your profile when the request is approved.",
);
const ABOUT_THEM: About = (
    "About them",
    "What they are about to get needs to know this. Who answered it before keeps that answer. If the answers differ, ask for one person at a time.",
);

fn filled(
    mut form: FormView,
    package: &Loaded,
    draft: &Draft,
    errors: &FormErrors,
    z: &Zones,
    about: About,
) -> FormView {
    let p = &package.package;
    let several = p.offers.len() > 1;
    if several {
        let options = p
            .offers
            .iter()
            .map(|o| OptionView::new(o.policy.to_string(), &o.name).hint(OfferView::of(o).in_a_line()))
            .collect();
        form = form.field(
            FieldView::radios("policy", "How do you want to get it?", options)
                .value(&draft.policy)
                .error(errors.of("policy"))
                .required(),
        );
    }
    let must = p.offers.iter().filter(|o| o.terms.justification_required).count();
    let mut why = FieldView::textarea("justification", "Why do you need this?")
        .value(&draft.justification)
        .error(errors.of("justification"));
    why = if must == p.offers.len() && must > 0 {
        why.required().hint("The people who decide will read it.")
    } else if must > 0 {
        why.hint("Some of the ways above ask for a reason. The people who decide will read it.")
    } else {
        why.hint("Whoever decides will read it.")
    };
    form = form.field(why);
    let terms: Vec<&Terms> = p.offers.iter().map(|o| &o.terms).collect();
    for field in wanted::fields(&terms, &draft.start, &draft.end, errors, z) {
        form = form.field(field);
    }
    for (n, offer) in p.offers.iter().enumerate().filter(|(_, o)| !o.terms.questions.is_empty()) {
        if several {
            form = form.section(
                format!("Questions for “{}”", offer.name),
                Some("Answer these only if you chose this way above."),
            );
        }
        for (m, question) in offer.terms.questions.iter().enumerate() {
            let name = field_name(offer.policy, question);
            let given = draft.answers.get(&name).map_or(&[][..], Vec::as_slice);
            let mut field = questions::field(question, &package.locale, name.as_str(), given)
                .id(format!("f-q-{n}-{m}"))
                .error(errors.of(&name));
            if several {
                // Only those of the chosen way have to be answered.
                field.required = false;
            }
            form = form.field(field);
        }
    }
    attribute_fields(form, package, draft, errors, about).checked(errors.form.clone())
}

/// What the package's resources ask of the person, filled with what is stored (SPEC CAT-5).
fn attribute_fields(
    mut form: FormView,
    package: &Loaded,
    draft: &Draft,
    errors: &FormErrors,
    (title, text): About,
) -> FormView {
    if package.attributes.is_empty() {
        return form;
    }
    form = form.section(title, Some(text));
    for (n, attribute) in package.attributes.iter().enumerate() {
        let name = attribute_field(&attribute.question.key);
        let typed = draft.answers.get(&name);
        let field = questions::attribute_field(attribute, n, &name, typed, &package.locale);
        form = form.field(field.error(errors.of(&name)));
    }
    form
}

/// What happens after the form is sent, step by step.
fn next(offers: &[Offer]) -> Vec<String> {
    let [offer] = offers else {
        return vec![
            "You choose how you want to get it, and send the request.".to_owned(),
            "The people named there decide. You can follow it under My requests, and cancel it while it waits."
                .to_owned(),
            "When the access is ready, you get a mail.".to_owned(),
        ];
    };
    let mut steps = Vec::new();
    for outline in &offer.stages {
        let who = words::stage(outline, words::Voice::asking(&offer.terms));
        let days = words::count(i64::from(outline.limit_days), "day");
        steps.push(format!("It goes to {who} by mail. If nobody decides within {days}, it expires."));
    }
    if !steps.is_empty() {
        steps.push("You can follow it under My requests, and cancel it while it waits.".to_owned());
    }
    steps.push(if offer.stages.is_empty() {
        "Nobody has to decide: the access is set up at once, and you get a mail when it is ready.".to_owned()
    } else {
        "Once approved, the access is set up, and you get a mail when it is ready.".to_owned()
    });
    steps.push(words::lasts_sentence(offer.terms.expiry));
    steps
}

fn show(s: &Signed, package: &Loaded, draft: &Draft, errors: &FormErrors, status: StatusCode) -> Answer {
    let p = &package.package;
    let mut crumbs = way();
    crumbs.push(Crumb::link(&p.name, paths::package(p.id)));
    let shell = s.shell(&format!("Request {}", p.name), crumbs);
    let view = AskView::of(package, draft, errors, &shell.csrf, &Zones::of(s));
    page_with(status, &AskPage { shell: &shell, view })
}

impl AskView {
    pub fn of(package: &Loaded, draft: &Draft, errors: &FormErrors, csrf: &str, z: &Zones) -> Self {
        let p = &package.package;
        Self {
            contents: p.contents.iter().map(ContentView::of).collect(),
            only: match p.offers.as_slice() {
                [only] => Some(OfferView::of(only)),
                _ => None,
            },
            usual: package.usual.map(words::about),
            next: next(&p.offers),
            form: form(package, draft, errors, csrf, z),
        }
    }
}

/// The query of the form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Again {
    again: String,
}

/// What an ended request of the person said, for a new form (SPEC REQ-6).
async fn copied(s: &Signed, package: &Loaded, again: &str) -> Result<Draft, PageError> {
    let mut draft = Draft::default();
    let Ok(id) = again.parse::<RequestId>() else {
        return Ok(draft);
    };
    let (me, now) = (s.principal.user, s.now());
    let earlier = s.read(move |conn| Ok(requests::copy(conn, me, id, now)?)).await?;
    if let Some(earlier) = earlier
        && earlier.package == package.package.id
        && (earlier.over || check_resubmit(earlier.state).is_ok())
    {
        draft.policy = earlier.policy.to_string();
        draft.justification = earlier.justification;
        // Attributes are filled from what is stored on the person.
        for answer in answers::read(&earlier.answers) {
            let name = format!("q.{}.{}", earlier.policy, answer.key);
            draft.answers.insert(name, answer.values);
        }
    }
    Ok(draft)
}

/// `GET /packages/{id}/request`
pub async fn new(s: Signed, id: Path<PackageId>, query: Query<Again>) -> Answer {
    let package = load(&s, id.into_inner()).await?;
    if !package.package.may_open() {
        return Err(PageError::NotFound);
    }
    if let Some(why) = package.checks.iter().find_map(|check| check.failed.clone()) {
        return redirect_with(paths::package(package.package.id), Flash::warning(why));
    }
    let mut draft = copied(&s, &package, &query.again).await?;
    Token::generate()?.reveal().clone_into(&mut draft.token);
    show(&s, &package, &draft, &FormErrors::new(), StatusCode::OK)
}

/// `POST /packages/{id}/request`
pub async fn create(s: Signed, id: Path<PackageId>, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let draft = Draft::parse(pairs)?;
    let package = load(&s, id.into_inner()).await?;
    if !package.package.may_know() {
        return Err(PageError::NotFound);
    }
    let (wish, period) = match draft.check(&package, s.principal.user, &Zones::of(&s)) {
        Ok(found) => found,
        Err(errors) => return show(&s, &package, &draft, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let at_once =
        package.package.offers.iter().any(|o| Some(o.policy) == wish.policy && o.terms.stages.is_empty());
    match s.attempt(move |tx, cx, _| submit_for(tx, cx, &wish, period)).await? {
        Ok(request) => redirect_with(
            paths::request(request),
            Flash::success(if at_once {
                "Done. No approval was needed; below you see how the access is set up."
            } else {
                "Your request is on its way. You get a mail when it is decided."
            }),
        ),
        Err(refusal) => show(&s, &package, &draft, &refusal.into(), StatusCode::CONFLICT),
    }
}

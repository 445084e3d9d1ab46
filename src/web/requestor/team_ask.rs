//! Asking for people who report to the person (SPEC POL-6): one request for each, each with its own result.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::ask::{AskPage, AskView, Draft};
use super::packages::{ContentView, Loaded, way};
use super::wanted::Zones;
use super::words;
use crate::app::AppError;
use crate::app::request::{asked_of, gate_facts, submit_for};
use crate::domain::Refusal;
use crate::domain::access::Principal;
use crate::domain::attributes::Attribute;
use crate::domain::policy::Question;
use crate::domain::request::gate;
use crate::kernel::ids::{PackageId, UserId};
use crate::kernel::secret::Token;
use crate::kernel::{Moment, paths};
use crate::store::views::offer::{self, Asker, Offer};
use crate::store::views::{package, team};
use crate::store::{Conn, people};
use crate::web::ui::{Badge, Crumb, FieldView, OptionView, Shell, Tone};
use crate::web::{Answer, Flash, Form, FormErrors, PageError, Query, Signed, page, page_with, redirect_with};

/// A report, and whether the package can be asked for them.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: UserId,
    pub name: String,
    pub failed: Option<String>,
}

/// The package with everybody it can be asked for.
pub struct Team {
    /// As for one person, with the ways that are open to managers.
    pub loaded: Loaded,
    pub people: Vec<Candidate>,
}

/// Loads the package for the manager's reports; `NotFound` if there is nobody for whom a manager may ask for it.
fn team_of(conn: &mut Conn, me: &Principal, id: PackageId, now: Moment) -> Result<Team, AppError> {
    if !team::on_behalf_packages(conn, Some(id))?.contains(&id) {
        return Err(AppError::NotFound);
    }
    let (mut found, mut candidates): (Option<Loaded>, Vec<Candidate>) = (None, Vec::new());
    for report in team::reports(conn, me.user, now)? {
        let (Some(asker), Some(person)) = (Asker::load(conn, report.id)?, people::person(conn, report.id)?)
        else {
            continue;
        };
        let open: Vec<Offer> = offer::offers(conn, &asker, &[id])?
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .filter(|o| o.terms.on_behalf)
            .collect();
        let failed = match gate(&gate_facts(conn, &person, id, now)?) {
            Ok(()) if open.is_empty() => Some(Refusal::NotOnBehalf.to_string()),
            Ok(()) => None,
            Err(refusal) => Some(of_somebody(&report.name, &refusal)),
        };
        if !open.is_empty() {
            if found.is_none() {
                let shown = package::page(conn, me, &asker, id, now)?.ok_or(AppError::NotFound)?;
                found = Some(Loaded {
                    package: package::PackagePage { offers: Vec::new(), ..shown },
                    checks: Vec::new(),
                    usual: package::usual_wait(conn, id, now)?,
                    for_team: true,
                    attributes: asked_of(conn, id, report.id)?.into_iter().map(blank).collect(),
                    locale: people::locale(conn, me.user)?,
                });
            }
            if let (Some(loaded), None) = (&mut found, &failed) {
                for offer in open {
                    if !loaded.package.offers.iter().any(|o| o.policy == offer.policy) {
                        loaded.package.offers.push(offer);
                    }
                }
            }
        }
        candidates.push(Candidate { id: report.id, name: report.name, failed });
    }
    // A package that none of them could ever ask for is none of the manager's business.
    found.map(|loaded| Team { loaded, people: candidates }).ok_or(AppError::NotFound)
}

/// What a resource asks, without what one of the reports answered: that is not for the manager to read here. It need
/// not be answered for those who did; the use case looks at each person.
fn blank(attribute: Attribute) -> Attribute {
    let question = Question { required: false, editable_later: true, ..attribute.question };
    Attribute { question, stored: None }
}

/// Refusals speak to the person whom the access is for; here they are told to the manager.
fn of_somebody(name: &str, refusal: &Refusal) -> String {
    match refusal {
        Refusal::AlreadyHeld => format!("{name} has it already."),
        Refusal::AlreadyRequested => format!("A request for {name} is already on its way."),
        Refusal::NotAdmitted => format!("No policy of the package is for {name}."),
        Refusal::UserDisabled => format!("The account of {name} is disabled."),
        Refusal::Conflict(with) => format!("{name} cannot have it together with {with}."),
        other => other.to_string(),
    }
}

impl Team {
    /// The field that asks whom the request is for.
    pub fn field(&self, draft: &Draft, errors: &FormErrors) -> FieldView {
        let options = self
            .people
            .iter()
            .map(|p| {
                let option = OptionView::new(p.id.to_string(), &p.name).disabled(p.failed.is_some());
                match &p.failed {
                    Some(why) => option.hint(why),
                    None => option,
                }
            })
            .collect();
        FieldView::checklist("for", "Request for", options)
            .values(&draft.people)
            .hint("Each of them gets a request of their own. You do not decide it: somebody else does.")
            .error(errors.of("for"))
            .required()
    }

    /// What happens after the form is sent.
    fn next(&self) -> Vec<String> {
        let asks = self.loaded.package.offers.iter().any(|o| !o.stages.is_empty());
        let mut steps = Vec::new();
        if asks {
            steps.push("The approvers that the policy names decide. If you are one of them, somebody else decides in your place: nobody decides what they asked for themselves.".to_owned());
            steps.push(
                "You and the person can follow the request under My requests, and cancel it while it waits."
                    .to_owned(),
            );
        } else {
            steps.push("Nobody has to decide: the access is set up at once.".to_owned());
        }
        steps.push("The person sees that you asked, and both of you hear by mail how it ends.".to_owned());
        if let [only] = self.loaded.package.offers.as_slice() {
            steps.push(words::lasts_sentence(only.terms.expiry));
        }
        steps
    }
}

impl AskView {
    /// The form for reports.
    pub fn of_team(team: &Team, draft: &Draft, errors: &FormErrors, csrf: &str, z: &Zones) -> Self {
        let p = &team.loaded.package;
        Self {
            contents: p.contents.iter().map(ContentView::of).collect(),
            // The ways are described for the person who asks for themselves.
            only: None,
            usual: team.loaded.usual.map(words::about),
            next: team.next(),
            form: super::ask::form_for(team, draft, errors, csrf, z),
        }
    }
}

fn show(s: &Signed, team: &Team, draft: &Draft, errors: &FormErrors, status: StatusCode) -> Answer {
    let p = &team.loaded.package;
    let mut crumbs = if team.loaded.package.may_open() { way() } else { Vec::new() };
    crumbs.push(Crumb::link("My team", "/team"));
    let shell = s.shell(&format!("Request {} for your team", p.name), crumbs);
    let view = AskView::of_team(team, draft, errors, &shell.csrf, &Zones::of(s));
    page_with(status, &AskPage { shell: &shell, view })
}

async fn load(s: &Signed, id: PackageId) -> Result<Team, PageError> {
    let (me, now) = (s.principal.clone(), s.now());
    s.read(move |conn| team_of(conn, &me, id, now)).await
}

/// The query of the form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Whom {
    #[serde(rename = "for")]
    whom: String,
}

/// `GET /packages/{id}/request-for`
pub async fn new(s: Signed, id: Path<PackageId>, query: Query<Whom>) -> Answer {
    let team = load(&s, id.into_inner()).await?;
    let mut draft = Draft::default();
    if let Some(one) = team.people.iter().find(|p| p.id.to_string() == query.whom) {
        if let Some(why) = &one.failed {
            return redirect_with(paths::team_person(one.id), Flash::warning(why.clone()));
        }
        draft.people.push(one.id.to_string());
    }
    Token::generate()?.reveal().clone_into(&mut draft.token);
    show(&s, &team, &draft, &FormErrors::new(), StatusCode::OK)
}

/// What came of the request for one of them.
#[derive(Debug, Clone)]
pub struct ResultView {
    pub id: String,
    pub name: String,
    pub state: Badge,
    pub text: String,
    pub href: Option<String>,
}

/// What came of it all.
#[derive(Debug, Clone)]
pub struct DoneView {
    pub lead: String,
    pub rows: Vec<ResultView>,
}

#[derive(Template)]
#[template(path = "requestor/team_done.html")]
pub struct DonePage<'a> {
    pub shell: &'a Shell,
    pub view: DoneView,
}

/// `POST /packages/{id}/request-for`
pub async fn create(s: Signed, id: Path<PackageId>, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let draft = Draft::parse(pairs)?;
    let team = load(&s, id.into_inner()).await?;
    let mut chosen: Vec<&Candidate> = Vec::new();
    for typed in &draft.people {
        // Whoever does not report to the person is not there.
        let one = team.people.iter().find(|p| p.id.to_string() == *typed).ok_or(PageError::NotFound)?;
        if !chosen.iter().any(|c| c.id == one.id) {
            chosen.push(one);
        }
    }
    let first = chosen.first().map_or(s.principal.user, |c| c.id);
    let mut checked = draft.check(&team.loaded, first, &Zones::of(&s));
    if chosen.is_empty() {
        let mut errors = checked.err().unwrap_or_default();
        errors.add("for", Refusal::ChoosePerson.to_string());
        checked = Err(errors);
    }
    let (wish, period) = match checked {
        Ok(found) => found,
        Err(errors) => return show(&s, &team, &draft, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let mut rows = Vec::new();
    for one in &chosen {
        let mut wish = wish.clone();
        wish.subject = one.id;
        // Each request has its own token, so that a repeated post makes none of them again (SPEC REQ-3).
        wish.token = format!("{}/{}", draft.token, one.id);
        let done = s.attempt(move |tx, cx, _| submit_for(tx, cx, &wish, period)).await?;
        rows.push(match done {
            Ok(request) => ResultView {
                id: one.id.to_string(),
                name: one.name.clone(),
                state: Badge::new("requested", "Requested", Tone::Success, Some("check-circle")),
                text: "The request is made.".to_owned(),
                href: Some(paths::request(request)),
            },
            Err(refusal) => ResultView {
                id: one.id.to_string(),
                name: one.name.clone(),
                state: Badge::new("refused", "Not requested", Tone::Danger, Some("x-circle")),
                text: of_somebody(&one.name, &refusal),
                href: None,
            },
        });
    }
    if let [ResultView { href: Some(href), name, .. }] = rows.as_slice() {
        return redirect_with(href.clone(), Flash::success(format!("The request for {name} is made.")));
    }
    if let [ResultView { href: None, text, .. }] = rows.as_slice() {
        return show(&s, &team, &draft, &FormErrors::whole(text.clone()), StatusCode::CONFLICT);
    }
    let made = rows.iter().filter(|r| r.href.is_some()).count();
    let shell =
        s.shell(&format!("Requested: {}", team.loaded.package.name), vec![Crumb::link("My team", "/team")]);
    let lead = match made {
        0 => "Nothing was requested.".to_owned(),
        1 => "1 request was made.".to_owned(),
        n => format!("{n} requests were made."),
    };
    page(&DonePage { shell: &shell, view: DoneView { lead, rows } })
}

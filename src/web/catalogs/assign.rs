//! Assigning directly: to one person, to many, from a pasted list or a table (SPEC ASG-1, ASG-4). The form is checked
//! into a draft, whose page shows what would become of each person before anything is done.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::assign_csv;
use super::common::{FormPage, FormPageView, PackageHead, me};
use super::words;
use crate::app::bulk::{self, Entry};
use crate::app::request::asked_of;
use crate::domain::access::CatalogTask;
use crate::domain::attributes::Attribute;
use crate::domain::bulk::{Assign, What, pasted};
use crate::domain::period;
use crate::domain::policy::Question;
use crate::kernel::ids::{BulkWorkId, PackageId};
use crate::kernel::{paths, text};
use crate::store::policies::{self, PolicyRow};
use crate::store::{bulk as store, people};
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{Crumb, EntryView, FieldKind, FieldView, FormView, OptionView};
use crate::web::{
    Answer, Flash, Form, FormErrors, PageError, Query, Signed, page_with, questions, redirect, redirect_with,
};

/// What was typed. It is kept with the draft, so that it can be changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Typed {
    policy: String,
    people: Vec<String>,
    list: String,
    table: String,
    start: String,
    end: String,
    justification: String,
    tell: bool,
    without: bool,
    answers: BTreeMap<String, Vec<String>>,
}

impl Typed {
    /// Reads a posted form. Its fields depend on the policies, so it arrives as pairs; what our form never sends
    /// makes the request bad.
    fn parse(pairs: Vec<(String, String)>) -> Result<Self, PageError> {
        let mut typed = Self::default();
        for (name, value) in pairs {
            if assign_csv::only_shown(&name) {
                continue;
            }
            if name.starts_with("q.") {
                typed.answers.entry(name).or_default().push(value);
                continue;
            }
            match name.as_str() {
                "people" => typed.people.push(value),
                "policy" => typed.policy = value,
                "list" => typed.list = value,
                "table" => typed.table = value,
                "start" => typed.start = value,
                "end" => typed.end = value,
                "justification" => typed.justification = value,
                "tell" => typed.tell = true,
                "without" => typed.without = true,
                other => return Err(PageError::BadRequest(format!("unknown field {other:?}"))),
            }
        }
        Ok(typed)
    }
}

/// The name of the field for a question of a policy; attributes are the same for all.
fn field_name(policy: Option<&PolicyRow>, question: &Question) -> String {
    policy.map_or_else(|| format!("q.{}", question.key), |p| format!("q.{}.{}", p.id, question.key))
}

/// What the form is made of.
struct Loaded {
    head: PackageHead,
    policies: Vec<PolicyRow>,
    attributes: Vec<Attribute>,
    suggestions: Suggestions,
    locale: String,
}

async fn load(s: &Signed, id: PackageId) -> Result<Loaded, PageError> {
    let who = me(s);
    s.read(move |conn| {
        let head = PackageHead::load(conn, &who, CatalogTask::Assignments, id)?;
        // Whoever assigns answers for others: what they said about themselves is nothing here.
        let mut attributes = asked_of(conn, id, who.user)?;
        for attribute in &mut attributes {
            attribute.stored = None;
            attribute.question.editable_later = true;
        }
        Ok(Loaded {
            head,
            attributes,
            policies: policies::enabled_of_package(conn, id)?
                .into_iter()
                .filter(|p| p.scope_kind != crate::domain::policy::ScopeKind::Automatic)
                .collect(),
            suggestions: Suggestions::load(conn, Pick::People)?,
            locale: people::locale(conn, who.user)?,
        })
    })
    .await
}

fn form(s: &Signed, loaded: &Loaded, typed: &Typed, errors: &FormErrors, csrf: &str) -> FormView {
    let id = loaded.head.package.id;
    let base = paths::manage_package_tab(id, "assignments");
    let several = loaded.policies.len() > 1;
    let ways = loaded
        .policies
        .iter()
        .map(|p| OptionView::new(p.id.to_string(), &p.name).hint(words::in_short(&p.terms)))
        .collect();
    let entries = typed.people.iter().filter(|p| !p.trim().is_empty());
    let mut form = FormView::new(format!("{base}/new"), csrf, "Check").cancel(base).field(
        FieldView::radios("policy", "Through which policy?", ways)
            .value(&typed.policy)
            .error(errors.of("policy"))
            .required(),
    );
    form = form
        .section(
            "Who",
            Some("Name people one by one, paste a list, or paste a table. All of them count together."),
        )
        .field(
            pickers::field(
                "people",
                "People",
                entries.map(|t| EntryView::new(t.clone(), None)).collect(),
                &loaded.suggestions,
            )
            .error(errors.of("people")),
        )
        .field(
            FieldView::textarea("list", "Or a list of addresses")
                .value(&typed.list)
                .error(errors.of("list"))
                .hint("As you have it: one per line, or between commas, semicolons or spaces.")
                .rows(4),
        )
        .field(
            FieldView::textarea("table", "Or a table (CSV)")
                .value(&typed.table)
                .error(errors.of("table"))
                .hint(columns(loaded))
                .rows(4),
        );
    let hours = loaded.policies.iter().any(|p| period::in_hours(p.terms.expiry));
    let kind = if hours { FieldKind::DateTime } else { FieldKind::Date };
    form = form
        .section("When", None)
        .field(
            FieldView::new(kind, "start", "Start")
                .value(&typed.start)
                .error(errors.of("start"))
                .hint("Leave it empty to start at once."),
        )
        .field(
            FieldView::new(kind, "end", "End")
                .value(&typed.end)
                .error(errors.of("end"))
                .hint("Leave it empty for as long as the policy gives. Its limit binds everybody."),
        );
    form = answer_fields(form, loaded, typed, errors, several);
    form = form.section("How", None).field(
        FieldView::textarea("justification", "Why?")
            .value(&typed.justification)
            .error(errors.of("justification"))
            .hint("It is kept with each request; approvers and auditors read it.")
            .rows(3),
    );
    form =
        form.field(FieldView::checkbox("tell", "Tell the people by mail when they have access", typed.tell));
    let asks = loaded.policies.iter().any(|p| !p.terms.stages.is_empty());
    if asks && s.principal.may_in(CatalogTask::BypassApproval, loaded.head.catalog.id) {
        form = form.field(
            FieldView::checkbox("without", "Without the approval that the policy asks for", typed.without)
                .hint("Only catalog owners and administrators may do this. Say why; the timeline shows it."),
        );
    }
    form.checked(errors.form.clone())
}

fn columns(loaded: &Loaded) -> String {
    let mut names =
        vec!["email".to_owned(), "start".to_owned(), "end".to_owned(), "justification".to_owned()];
    let asked = loaded.policies.iter().flat_map(|p| &p.terms.questions);
    for question in asked.chain(loaded.attributes.iter().map(|a| &a.question)) {
        let plain = question.key.split_once(':').map_or(question.key.as_str(), |(_, plain)| plain);
        if !names.iter().any(|n| n == plain) {
            names.push(plain.to_owned());
        }
    }
    format!("The first line names the columns: {}. Only the first is needed.", names.join(", "))
}

fn answer_fields(
    mut form: FormView,
    loaded: &Loaded,
    typed: &Typed,
    errors: &FormErrors,
    several: bool,
) -> FormView {
    const ALL: &str = "One answer for everybody; the table can answer for each person.";
    let asked = |policy: Option<&PolicyRow>, question: &Question, n: usize, m: usize| {
        let name = field_name(policy, question);
        let given = typed.answers.get(&name).map_or(&[][..], Vec::as_slice);
        let mut field = questions::field(question, &loaded.locale, name.as_str(), given)
            .id(format!("f-q-{n}-{m}"))
            .error(errors.of(&name));
        // The table may answer it, or the person may have before; the check says who misses what.
        field.required = false;
        field
    };
    for (n, policy) in loaded.policies.iter().enumerate().filter(|(_, p)| !p.terms.questions.is_empty()) {
        let title =
            if several { format!("Questions of “{}”", policy.name) } else { "Questions".to_owned() };
        form = form.section(title, Some(ALL));
        for (m, question) in policy.terms.questions.iter().enumerate() {
            form = form.field(asked(Some(policy), question, n, m));
        }
    }
    if !loaded.attributes.is_empty() {
        let text = "What they are about to get needs to know this. Who answered it before keeps that answer.";
        form = form.section("About them", Some(text));
        for (m, attribute) in loaded.attributes.iter().enumerate() {
            form = form.field(asked(None, &attribute.question, 999, m));
        }
    }
    form
}

fn show(s: &Signed, loaded: &Loaded, typed: &Typed, errors: &FormErrors, status: StatusCode) -> Answer {
    let mut way = loaded.head.way_below();
    way.push(Crumb::link("Assignments", paths::manage_package_tab(loaded.head.package.id, "assignments")));
    let shell = s.shell("Assign directly", way);
    let form = form(s, loaded, typed, errors, &shell.csrf);
    let lead =
        "Give people this package without their asking. You see what becomes of each before it is done.";
    page_with(status, &FormPage { shell: &shell, view: FormPageView::new(lead, form) })
}

/// The query of the form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Again {
    draft: String,
}

/// `GET /manage/packages/{id}/assignments/new`
pub async fn new(s: Signed, id: Path<PackageId>, query: Query<Again>) -> Answer {
    let id = id.into_inner();
    let loaded = load(&s, id).await?;
    if loaded.policies.is_empty() {
        let text = "No policy of this package is switched on, so nothing can be assigned. Add one first.";
        return redirect_with(paths::manage_package_tab(id, "policies"), Flash::warning(text));
    }
    let mut typed = Typed { tell: true, ..Typed::default() };
    if let [only] = loaded.policies.as_slice() {
        typed.policy = only.id.to_string();
    }
    if let Ok(draft) = query.draft.parse::<BulkWorkId>() {
        let user = s.principal.user;
        let kept = s.read(move |conn| Ok(store::find(conn, draft)?)).await?;
        if let Some(work) = kept.filter(|w| w.package == id && w.created_by == user)
            && let Ok(What::Assign(all)) = work.what
        {
            typed = serde_json::from_value(all.form).unwrap_or(typed);
        }
    }
    show(&s, &loaded, &typed, &FormErrors::new(), StatusCode::OK)
}

/// `POST /manage/packages/{id}/assignments/new`: checks, and shows what would become of each person.
pub async fn check(s: Signed, id: Path<PackageId>, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let id = id.into_inner();
    let typed = Typed::parse(pairs)?;
    let loaded = load(&s, id).await?;
    let (all, entries) = match read(&s, &loaded, &typed) {
        Ok(read) => read,
        Err(errors) => return show(&s, &loaded, &typed, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let drafted =
        s.attempt(move |tx, cx, me| bulk::assign_draft(tx, cx, me, id, all.clone(), entries.clone())).await?;
    match drafted {
        Ok(work) => redirect(paths::bulk(id, work)),
        Err(refusal) => show(&s, &loaded, &typed, &refusal.into(), StatusCode::CONFLICT),
    }
}

fn read(s: &Signed, loaded: &Loaded, typed: &Typed) -> Result<(Assign, Vec<Entry>), FormErrors> {
    let mut errors = FormErrors::new();
    let policy = loaded.policies.iter().find(|p| p.id.to_string() == typed.policy);
    if policy.is_none() {
        errors.add("policy", "Choose a policy.");
    }
    let start = errors.take("start", period::typed(&typed.start, false, s.tz())).flatten();
    let end = errors.take("end", period::typed(&typed.end, true, s.tz())).flatten();
    let limit = crate::app::request::REASON_MAX;
    let justification = errors.take("justification", text::lines(&typed.justification, limit));
    if typed.without && typed.justification.trim().is_empty() {
        errors.add("justification", "Say why it goes without approval.");
    }
    let mut asked: Vec<Question> = loaded.attributes.iter().map(|a| a.question.clone()).collect();
    asked.extend(policy.iter().flat_map(|p| p.terms.questions.clone()));
    let table = errors.take("table", assign_csv::read(&typed.table, &asked, s.tz())).unwrap_or_default();
    let entry = |typed: String| Entry { typed, ..Entry::default() };
    let mut entries: Vec<Entry> = pasted(&typed.people.join("\n")).into_iter().map(entry).collect();
    entries.extend(pasted(&typed.list).into_iter().map(entry));
    entries.extend(table);
    if entries.is_empty() {
        errors.add("people", "Name somebody: here, in a list or in a table.");
    }
    let mut answers = Map::new();
    for question in &asked {
        let about = loaded.attributes.iter().any(|a| a.question.key == question.key);
        let name = field_name(policy.filter(|_| !about), question);
        let given: Vec<&String> =
            typed.answers.get(&name).into_iter().flatten().filter(|v| !v.trim().is_empty()).collect();
        if !given.is_empty() {
            answers.insert(question.key.clone(), json!(given));
        }
    }
    match (policy, justification) {
        (Some(policy), Some(justification)) if errors.is_empty() => {
            let all = Assign {
                policy: policy.id,
                justification,
                without_approval: typed.without,
                start,
                end,
                answers: Value::Object(answers),
                notify: typed.tell,
                form: serde_json::to_value(typed).unwrap_or_default(),
            };
            Ok((all, entries))
        }
        _ => Err(errors),
    }
}

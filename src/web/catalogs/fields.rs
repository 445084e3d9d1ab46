//! The fields of packages and policies, shared by the wizard and the editors.

use super::asking_view::AsksView;
use super::draft::{Draft, KEEP, Picks};
use super::terms::{NAME, stage_numbers};
use super::{stages, words};
use crate::domain::catalog::ResourceKind;
use crate::domain::policy::Terms;
use crate::store::resources::RoleOnOffer;
use crate::web::FormErrors;
use crate::web::pickers::{self, Picked, Suggestions};
use crate::web::rules::{PreviewView, RuleExtra};
use crate::web::ui::{EntryView, ErrorSummary, FieldView, OptionView, focus_first_error};

/// Fields under a heading; may be folded away.
#[derive(Debug, Clone)]
pub struct Section {
    /// The heading; empty for none.
    pub title: String,
    /// A sentence below it; may be empty.
    pub text: String,
    /// The fields.
    pub fields: Vec<FieldView>,
    /// `Some(true)` is folded open, `Some(false)` closed, `None` not folded.
    pub folded: Option<bool>,
    /// The editor of questions, after the fields.
    pub asks: Option<AsksView>,
    /// What stands below the field of a rule.
    pub rule: Option<RuleExtra>,
}

impl Section {
    pub(super) fn new(title: &str, text: &str, fields: Vec<FieldView>) -> Self {
        Self { title: title.to_owned(), text: text.to_owned(), fields, folded: None, asks: None, rule: None }
    }

    /// The questions of a policy or resource.
    pub fn of_questions(text: &str, asks: AsksView) -> Self {
        Self { asks: Some(asks), ..Self::new("Questions", text, Vec::new()) }
    }

    fn all(&self) -> impl Iterator<Item = &FieldView> {
        self.fields.iter().chain(self.asks.iter().flat_map(AsksView::fields))
    }
}

/// A form of sections with one or more buttons.
#[derive(Debug, Clone)]
pub struct SectionsForm {
    /// Where it posts.
    pub action: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// What travels along.
    pub hidden: Vec<(String, String)>,
    /// The fields.
    pub sections: Vec<Section>,
    /// The buttons: value of `go`, words; the first one is what Enter presses.
    pub buttons: Vec<(&'static str, &'static str)>,
    /// Where "Cancel" leads.
    pub cancel: String,
    /// The form that the policy's questions make, as the requestor will see it; shown below, never sent.
    pub preview: Option<Vec<FieldView>>,
}

impl SectionsForm {
    /// Shows what the rule would do, and where that comes from while somebody types.
    pub fn show_rule(&mut self, preview: Option<PreviewView>, live: &str) {
        for extra in self.sections.iter_mut().filter_map(|s| s.rule.as_mut()) {
            live.clone_into(&mut extra.live);
            extra.preview.clone_from(&preview);
        }
    }

    /// Does Enter in a field have to press the first of the form's own buttons, because others stand before it?
    pub fn enter_first(&self) -> bool {
        self.preview.is_some() || self.sections.iter().any(|s| s.rule.is_some())
    }

    /// Gathers the mistakes and places the focus.
    #[must_use]
    pub fn checked(mut self, form_error: Option<String>) -> Self {
        focus_first_error(
            self.sections
                .iter_mut()
                .flat_map(|s| s.fields.iter_mut().chain(s.asks.iter_mut().flat_map(AsksView::fields_mut))),
        );
        self.errors = ErrorSummary::new(form_error, self.sections.iter().flat_map(Section::all));
        self
    }
}

pub(super) fn choices(options: &[(&str, &str, &str)]) -> Vec<OptionView> {
    options
        .iter()
        .map(|(value, label, hint)| {
            let option = OptionView::new(*value, *label);
            if hint.is_empty() { option } else { option.hint(*hint) }
        })
        .collect()
}

/// Name, description, hidden.
pub fn basics(draft: &Draft, errors: &FormErrors) -> Vec<Section> {
    vec![Section::new(
        "",
        "",
        vec![
            FieldView::text("name", "Name")
                .value(draft.one("name"))
                .error(errors.of("name"))
                .maxlength(u32::try_from(NAME).unwrap_or(u32::MAX))
                .required(),
            FieldView::textarea("description", "Description")
                .value(draft.one("description"))
                .error(errors.of("description"))
                .hint("Say in plain words who needs this and what it gives: people search in it."),
            FieldView::checkbox("hidden", "Hidden", draft.ticked("hidden"))
                .hint("Not shown in lists. Whoever a policy admits can still request it through its link."),
        ],
    )]
}

/// What a kind of resource is called.
pub fn kind_words(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Group => "Group",
        ResourceKind::Application => "Application",
        ResourceKind::Site => "Site",
    }
}

/// The roles that can be ticked.
pub fn roles(draft: &Draft, errors: &FormErrors, offered: &[RoleOnOffer]) -> Vec<Section> {
    let options = offered
        .iter()
        .map(|r| {
            OptionView::new(r.role.id.to_string(), format!("{}: {}", r.resource_name, r.role.name))
                .hint(format!("{}. {}", kind_words(r.resource_kind), r.role.description))
        })
        .collect();
    let text = if offered.is_empty() {
        "This catalog has no resources yet. You can go on without any and add them later."
    } else {
        "Everyone who gets the package gets all roles that you tick here."
    };
    let mut fields = Vec::new();
    if !offered.is_empty() {
        fields.push(
            FieldView::checklist("roles", "Resource roles", options)
                .values(draft.many("roles"))
                .error(errors.of("roles")),
        );
    }
    vec![Section::new("", text, fields)]
}

/// A picker with what was typed, and the mistakes line by line.
pub(super) fn picker(
    name: &str,
    label: &str,
    picked: &Picked,
    errors: &FormErrors,
    s: &Suggestions,
) -> FieldView {
    let mut entries = picked.entries.clone();
    // A mistake that no line has: nobody is named at all.
    if entries.iter().all(|e| e.error.is_none())
        && let Some(text) = errors.of(name)
    {
        entries.push(EntryView::new("", Some(text)));
    }
    if errors.of(name).is_none() {
        // What is not chosen is not judged.
        for entry in &mut entries {
            entry.error = None;
        }
    }
    pickers::field(name, label, entries, s)
}

/// Who can request, and the stages of approval.
pub fn requests(
    draft: &Draft,
    errors: &FormErrors,
    picks: &Picks,
    s: &Suggestions,
    base: Option<&Terms>,
) -> Vec<Section> {
    let mut scopes = choices(&[
        ("specific", "Specific people and groups", "Named below."),
        ("allMembers", "All members", "Everyone in the organization, no guests."),
        ("allUsers", "All members and guests", ""),
        ("nobody", "Nobody", "Direct assignment only: nobody can ask for it."),
        (
            "automatic",
            "Automatic, by rule",
            "Whoever matches the rule below gets it without asking, and loses it when they stop matching.",
        ),
    ]);
    if let Some(terms) = base
        && draft.one("scope") == KEEP
    {
        scopes.push(
            OptionView::new(KEEP, format!("As it is: {}", words::scope_kind(terms.scope.kind())))
                .hint("This cannot be changed here, only kept or replaced."),
        );
    }
    let mut all = vec![
        Section::new(
            "The policy",
            "",
            vec![
                FieldView::text("policy_name", "Name of the policy")
                    .value(draft.one("policy_name"))
                    .error(errors.of("policy_name"))
                    .maxlength(u32::try_from(NAME).unwrap_or(u32::MAX))
                    .required(),
                FieldView::textarea("policy_description", "Description of the policy")
                    .value(draft.one("policy_description"))
                    .error(errors.of("policy_description"))
                    .rows(2),
            ],
        ),
        Section::new(
            "Requestors",
            "",
            vec![
                FieldView::radios("scope", "Who can request", scopes)
                    .value(draft.one("scope"))
                    .error(errors.of("scope"))
                    .required(),
                picker("scope_people", "People and groups", &picks.scope, errors, s).hint(
                    "Only for “Specific people and groups”. One per line: an e-mail address or a name.",
                ),
            ],
        ),
        automatic(draft, errors),
        Section::new(
            "Approval",
            "Stages are asked one after the other. One denial ends the request.",
            vec![
                FieldView::radios(
                    "stages",
                    "How requests are approved",
                    choices(&[
                        ("0", "Without approval", "Requests are approved at once."),
                        ("1", "One stage", ""),
                        ("2", "Two stages", ""),
                        ("3", "Three stages", ""),
                    ]),
                )
                .value(draft.one("stages"))
                .error(errors.of("stages"))
                .required(),
            ],
        ),
    ];
    all.extend(stage_numbers().map(|number| stages::section(number, draft, errors, picks, s)));
    all.push(Section::new(
        "For approvers and requestors",
        "",
        vec![
            FieldView::select(
                "link_mode",
                "Deciding from e-mail",
                vec![
                    OptionView::new("", "As this portal does by default"),
                    OptionView::new("signIn", "The link leads through sign-in"),
                    OptionView::new("code", "A one-time code decides, without sign-in"),
                    OptionView::new("noticeOnly", "No link, only a notice"),
                ],
            )
            .value(draft.one("link_mode"))
            .error(errors.of("link_mode"))
            .required(),
            FieldView::checkbox(
                "show_approvers",
                "Requestors see who approves",
                draft.ticked("show_approvers"),
            ),
            FieldView::checkbox(
                "on_behalf",
                "Managers may request it for people who report to them",
                draft.ticked("on_behalf"),
            ),
        ],
    ));
    all
}

/// The rule of automatic assignment (SPEC AUT-1 to AUT-4).
fn automatic(draft: &Draft, errors: &FormErrors) -> Section {
    let number = |name: &str, label: &str, suffix: &str, from: i64, to: i64| {
        FieldView::number(name, label)
            .value(draft.one(name))
            .error(errors.of(name))
            .range(from, to)
            .suffix(suffix)
    };
    let chosen = draft.one("scope") == "automatic";
    let text = draft.one("rule");
    let mut section = Section::new(
        "The rule of automatic assignment",
        "Only for “Automatic, by rule”. Nobody is asked: approval, questions and lifecycle do not apply, access lasts as long as the person matches.",
        vec![
            number("grace_days", "Kept after they stop matching", "days", 0, 365)
                .hint("Who matches again within this time keeps it, as if nothing had happened."),
            number("limit_percent", "Stop and ask above", "percent", 1, 100).hint(
                "Of the holders for losses, of all people for gains. Changes of up to 10 people never stop.",
            ),
            number("limit_people", "Stop and ask above", "people", 1, 1_000_000).id("f-limit-people"),
            crate::web::rules::field(text, errors.of("rule")),
        ],
    );
    section.rule =
        Some(RuleExtra { button: true, ..RuleExtra::new(text, chosen && errors.of("rule").is_some()) });
    section
}

/// What the requestor has to say.
pub fn information(draft: &Draft, asks: AsksView) -> Vec<Section> {
    vec![
        Section::new(
            "Reason",
            "",
            vec![
                FieldView::checkbox(
                    "justification",
                    "Requestors say why they need it",
                    draft.ticked("justification"),
                )
                .hint("The approvers read it."),
            ],
        ),
        Section::of_questions(
            "Asked in the request form, in this order. The answers are shown to the approvers and kept on the request, with the words that the person saw.",
            asks,
        ),
    ]
}

/// The box that applies the lifecycle to live access too (SPEC LIF-3).
pub const APPLY: &str = "apply";

/// How long access lasts.
pub fn lifecycle(draft: &Draft, errors: &FormErrors) -> Vec<Section> {
    vec![Section::new(
        "Lifecycle",
        "Days and hours count from the moment that access starts. A date ends at the end of that day.",
        vec![
            FieldView::radios(
                "expiry",
                "Access ends",
                choices(&[
                    ("days", "After a number of days", ""),
                    ("hours", "After a number of hours", ""),
                    ("date", "On a date", ""),
                    ("never", "Never by itself", ""),
                ]),
            )
            .value(draft.one("expiry"))
            .error(errors.of("expiry"))
            .required(),
            FieldView::number("expiry_days", "Number of days")
                .value(draft.one("expiry_days"))
                .error(errors.of("expiry_days"))
                .range(1, 3660)
                .suffix("days")
                .hint("Only for “After a number of days”: 1 to 3,660."),
            FieldView::number("expiry_hours", "Number of hours")
                .value(draft.one("expiry_hours"))
                .error(errors.of("expiry_hours"))
                .range(1, 87_840)
                .suffix("hours")
                .hint("Only for “After a number of hours”."),
            FieldView::date("expiry_date", "Last day")
                .value(draft.one("expiry_date"))
                .error(errors.of("expiry_date"))
                .hint("Only for “On a date”."),
            FieldView::checkbox(
                "custom_timeline",
                "People may choose when it starts and ends",
                draft.ticked("custom_timeline"),
            )
            .hint("Within the limit above. A start in the future is kept until then."),
            FieldView::checkbox("extension", "Access can be extended", draft.ticked("extension")),
            FieldView::checkbox(
                "extension_approval",
                "An extension needs the same approval",
                draft.ticked("extension_approval"),
            ),
            FieldView::checkbox("notify", "Tell people by mail about their access", draft.ticked("notify"))
                .hint("When they get it, before it ends, and when it has ended."),
        ],
    )]
}

//! What was typed for a package and its policy: the wizard's memory, which travels in the form itself, and the
//! policy editor's form (SPEC PKG-6). Nothing here is trusted: everything is read anew at the last step.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::asking;
use super::words::named;
use crate::domain::directory::Holder;
use crate::domain::following::Limits;
use crate::domain::package::{PackageFields, PolicyFields};
use crate::domain::policy::{Approver, Expiry, Quorum, Scope, Stage, Terms};
use crate::store::{Conn, StoreError};
use crate::web::pickers::{self, Pick, Picked};

/// The wizard's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Name, description, hidden.
    Basics,
    /// What the package grants.
    Roles,
    /// Who may request, and how it is decided.
    Requests,
    /// What the requestor has to say.
    Information,
    /// How long access lasts.
    Lifecycle,
    /// Everything once more.
    Review,
}

impl Step {
    /// In order.
    pub const ALL: [Self; 6] =
        [Self::Basics, Self::Roles, Self::Requests, Self::Information, Self::Lifecycle, Self::Review];

    /// Its heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Basics => "Basics",
            Self::Roles => "Resource roles",
            Self::Requests => "Requests",
            Self::Information => "Requestor information",
            Self::Lifecycle => "Lifecycle",
            Self::Review => "Review + create",
        }
    }

    /// Its place, from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|s| *s == self).unwrap_or(0) + 1
    }

    /// The step at this place; anything else is the first.
    pub fn parse(text: &str) -> Self {
        let at = text.parse::<usize>().unwrap_or(1).saturating_sub(1);
        Self::ALL.get(at).copied().unwrap_or(Self::Basics)
    }

    /// The one after; the last is its own.
    pub fn next(self) -> Self {
        Self::ALL.get(self.number()).copied().unwrap_or(Self::Review)
    }

    /// The one before; the first is its own.
    pub fn back(self) -> Self {
        Self::ALL.get(self.number().saturating_sub(2)).copied().unwrap_or(Self::Basics)
    }

    /// The names of its fields.
    pub fn fields(self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Basics => &["name", "description", "hidden"],
            Self::Roles => &["roles"],
            Self::Requests => &[
                "policy_name",
                "policy_description",
                "enabled",
                "scope",
                "scope_people",
                "rule",
                "grace_days",
                "limit_percent",
                "limit_people",
                "stages",
                "link_mode",
                "show_approvers",
                "on_behalf",
            ],
            Self::Information => &["justification"],
            Self::Lifecycle => &[
                "expiry",
                "expiry_date",
                "expiry_days",
                "expiry_hours",
                "extension",
                "extension_approval",
                "custom_timeline",
                "notify",
            ],
            Self::Review => &[],
        };
        let mut all: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        if self == Self::Requests {
            for stage in 1..=STAGES {
                all.extend(STAGE_FIELDS.iter().map(|name| stage_field(stage, name)));
            }
        }
        if self == Self::Information {
            all.extend(asking::names());
        }
        all
    }
}

/// How many stages a policy has at most (SPEC APR-1).
pub const STAGES: usize = 3;

const STAGE_FIELDS: [&str; 11] = [
    "kinds",
    "people",
    "quorum",
    "count",
    "fallback",
    "limit",
    "alternates",
    "alternate_after",
    "alternate_kinds",
    "alternate_people",
    "reason",
];

/// The name of a stage's field, such as `s1_limit`.
pub fn stage_field(stage: usize, name: &str) -> String {
    format!("s{stage}_{name}")
}

/// Fields that take any number of values.
fn takes_many(name: &str) -> bool {
    matches!(name, "roles" | "scope_people")
        || ["_kinds", "_people", "_fallback"].iter().any(|end| name.ends_with(end))
}

/// What was typed, by field. Unknown fields, and single ones that come twice, make the request bad: our own
/// pages never send them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Vec<(String, String)>")]
pub struct Draft {
    fields: BTreeMap<String, Vec<String>>,
}

impl TryFrom<Vec<(String, String)>> for Draft {
    type Error = String;

    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, String> {
        let mut known: BTreeSet<String> = Step::ALL.iter().flat_map(|s| s.fields()).collect();
        known.extend(["step", "go", "version", super::fields::APPLY].map(str::to_owned));
        let mut draft = Self::default();
        for (name, value) in pairs {
            if !known.contains(&name) {
                return Err(format!("unknown field `{name}`"));
            }
            let values = draft.fields.entry(name.clone()).or_default();
            if !values.is_empty() && !takes_many(&name) {
                return Err(format!("duplicate field `{name}`"));
            }
            values.push(value);
        }
        Ok(draft)
    }
}

impl Draft {
    /// What was typed in a field of one value; empty if nothing.
    pub fn one(&self, name: &str) -> &str {
        self.many(name).first().map_or("", String::as_str)
    }

    /// What was typed in a field of any number of values.
    pub fn many(&self, name: &str) -> &[String] {
        self.fields.get(name).map_or(&[], Vec::as_slice)
    }

    /// Was the box ticked?
    pub fn ticked(&self, name: &str) -> bool {
        !self.one(name).is_empty()
    }

    /// Sets a field.
    pub fn set<S: Into<String>>(&mut self, name: &str, values: impl IntoIterator<Item = S>) {
        self.fields.insert(name.to_owned(), values.into_iter().map(Into::into).collect());
    }

    /// Empties a field, as if it had not been sent.
    pub fn clear(&mut self, name: &str) {
        self.fields.remove(name);
    }

    fn tick(&mut self, name: &str, on: bool) {
        self.set(name, on.then_some("on"));
    }

    /// Everything that was typed, to be kept until the package is made.
    pub fn memory(&self) -> BTreeMap<String, Vec<String>> {
        let mut fields = self.fields.clone();
        fields.retain(|name, _| !matches!(name.as_str(), "step" | "go" | "version"));
        fields
    }

    /// What was kept; nothing if the form has other fields by now.
    pub fn remembered(fields: BTreeMap<String, Vec<String>>) -> Option<Self> {
        let pairs = fields
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)))
            .collect::<Vec<_>>();
        Self::try_from(pairs).ok()
    }

    /// How many stages were chosen.
    pub fn stages(&self) -> usize {
        self.one("stages").parse::<usize>().unwrap_or(0).min(STAGES)
    }

    /// Everything that was typed in the other steps, to travel along in hidden fields.
    pub fn others(&self, but: Step) -> Vec<(String, String)> {
        let names = Step::ALL.iter().filter(|s| **s != but).flat_map(|s| s.fields());
        names
            .flat_map(|name| {
                self.many(&name).iter().map(|value| (name.clone(), value.clone())).collect::<Vec<_>>()
            })
            .collect()
    }

    /// The start of a new package: for all members, decided by the manager, for 90 days.
    pub fn new_policy() -> Self {
        let mut draft = Self::default();
        draft.set("policy_name", ["Initial policy"]);
        draft.set("scope", ["allMembers"]);
        draft.no_rule();
        draft.set("stages", ["1"]);
        draft.set("expiry", ["days"]);
        draft.set("expiry_days", ["90"]);
        for name in ["enabled", "notify", "show_approvers", "extension"] {
            draft.tick(name, true);
        }
        for stage in 1..=STAGES {
            draft.empty_stage(stage);
        }
        draft.set("s1_kinds", ["manager1"]);
        draft
    }

    /// What the fields of a rule show before there is one.
    fn no_rule(&mut self) {
        let limits = Limits::default();
        self.set("grace_days", ["7"]);
        self.set("limit_percent", [limits.percent.to_string()]);
        self.set("limit_people", [limits.people.to_string()]);
    }

    fn empty_stage(&mut self, stage: usize) {
        self.set(&stage_field(stage, "quorum"), ["any"]);
        self.set(&stage_field(stage, "limit"), ["14"]);
    }

    /// What the editor shows for a policy that exists.
    pub fn of_policy(
        conn: &mut Conn,
        fields: &PolicyFields,
        enabled: bool,
        terms: &Terms,
    ) -> Result<Self, StoreError> {
        let mut draft = Self::default();
        draft.set("policy_name", [&fields.name]);
        draft.set("policy_description", [&fields.description]);
        draft.tick("enabled", enabled);
        draft.no_rule();
        let scope = match &terms.scope {
            Scope::Specific { users, groups } => {
                let users = users.iter().copied().map(Holder::User);
                let all: Vec<Holder> = users.chain(groups.iter().copied().map(Holder::Group)).collect();
                let lines = pickers::lines(conn, &all)?;
                draft.set("scope_people", lines);
                "specific"
            }
            Scope::AllMembers => "allMembers",
            Scope::AllUsers => "allUsers",
            Scope::Nobody => "nobody",
            Scope::Automatic { rule, grace_days, limits } => {
                draft.set("rule", [rule]);
                draft.set("grace_days", [grace_days.to_string()]);
                draft.set("limit_percent", [limits.percent.to_string()]);
                draft.set("limit_people", [limits.people.to_string()]);
                "automatic"
            }
            _ => KEEP,
        };
        draft.set("scope", [scope]);
        draft.set("stages", [terms.stages.len().to_string()]);
        for number in 1..=STAGES {
            match terms.stages.get(number - 1) {
                Some(stage) => draft.show_stage(conn, number, stage)?,
                None => draft.empty_stage(number),
            }
        }
        draft.set("link_mode", terms.link_mode.map(|mode| mode.as_str()));
        draft.tick("show_approvers", terms.show_approvers);
        draft.tick("justification", terms.justification_required);
        asking::show(&mut draft, &terms.questions);
        draft.tick("notify", terms.notify);
        draft.tick("on_behalf", terms.on_behalf);
        draft.tick("custom_timeline", terms.custom_timeline);
        draft.tick("extension", terms.extension.allowed);
        draft.tick("extension_approval", terms.extension.needs_approval);
        match terms.expiry {
            Expiry::Never => draft.set("expiry", ["never"]),
            Expiry::OnDate { date } => {
                draft.set("expiry", ["date"]);
                draft.set("expiry_date", [date.to_string()]);
            }
            Expiry::AfterDays { days } => {
                draft.set("expiry", ["days"]);
                draft.set("expiry_days", [days.to_string()]);
            }
            Expiry::AfterHours { hours } => {
                draft.set("expiry", ["hours"]);
                draft.set("expiry_hours", [hours.to_string()]);
            }
        }
        Ok(draft)
    }

    fn show_stage(&mut self, conn: &mut Conn, number: usize, stage: &Stage) -> Result<(), StoreError> {
        let field = |name: &str| stage_field(number, name);
        let kinds: Vec<&str> = stage.approvers.iter().filter_map(kind_word).collect();
        self.set(&field("kinds"), kinds);
        let people = pickers::lines(conn, &named(&stage.approvers))?;
        self.set(&field("people"), people);
        let fallback = pickers::lines(conn, &named(&stage.fallback))?;
        self.set(&field("fallback"), fallback);
        match stage.quorum {
            Quorum::AnyOne => self.set(&field("quorum"), ["any"]),
            Quorum::All => self.set(&field("quorum"), ["all"]),
            Quorum::AtLeast { n } => {
                self.set(&field("quorum"), ["n"]);
                self.set(&field("count"), [n.to_string()]);
            }
        }
        self.set(&field("limit"), [stage.limit_days.to_string()]);
        if let Some(alternates) = &stage.alternates {
            self.tick(&field("alternates"), true);
            self.set(&field("alternate_after"), [alternates.after_days.to_string()]);
            let kinds: Vec<&str> = alternates.approvers.iter().filter_map(kind_word).collect();
            self.set(&field("alternate_kinds"), kinds);
            let people = pickers::lines(conn, &named(&alternates.approvers))?;
            self.set(&field("alternate_people"), people);
        }
        self.tick(&field("reason"), stage.reason_required);
        Ok(())
    }

    /// What the editor shows of a package.
    pub fn show_package(&mut self, fields: &PackageFields) {
        self.set("name", [&fields.name]);
        self.set("description", [&fields.description]);
        self.tick("hidden", fields.hidden);
    }
}

/// The scope stays what it was: one that this editor does not offer.
pub const KEEP: &str = "keep";

/// The word of an approver that is no user and no group.
pub fn kind_word(approver: &Approver) -> Option<&'static str> {
    Some(match approver {
        Approver::Manager { level: 1 } => "manager1",
        Approver::Manager { .. } => "manager2",
        Approver::ResourceOwners => "resourceOwners",
        Approver::CatalogOwners => "catalogOwners",
        Approver::Sponsors => "sponsors",
        Approver::InternalSponsors => "internalSponsors",
        Approver::ExternalSponsors => "externalSponsors",
        Approver::User { .. } | Approver::Group { .. } => return None,
    })
}

/// The approver of a word of [`kind_word`].
pub fn kind_of(word: &str) -> Option<Approver> {
    Some(match word {
        "manager1" => Approver::Manager { level: 1 },
        "manager2" => Approver::Manager { level: 2 },
        "resourceOwners" => Approver::ResourceOwners,
        "catalogOwners" => Approver::CatalogOwners,
        "sponsors" => Approver::Sponsors,
        "internalSponsors" => Approver::InternalSponsors,
        "externalSponsors" => Approver::ExternalSponsors,
        _ => return None,
    })
}

/// Who is meant by the names that were typed.
#[derive(Debug, Clone, Default)]
pub struct Picks {
    /// Who can request.
    pub scope: Picked,
    /// Those of each stage.
    pub stages: Vec<StagePicks>,
}

/// Who is meant by the names that were typed for one stage.
#[derive(Debug, Clone, Default)]
pub struct StagePicks {
    /// Approvers by name.
    pub named: Picked,
    /// Their fallback.
    pub fallback: Picked,
    /// Alternates by name.
    pub alternates: Picked,
}

impl Picks {
    /// Looks everybody up.
    pub fn load(conn: &mut Conn, draft: &Draft) -> Result<Self, StoreError> {
        let mut picks = Self {
            scope: pickers::resolve(conn, draft.many("scope_people"), Pick::Both)?,
            stages: Vec::new(),
        };
        for stage in 1..=STAGES {
            let mut of = |name| pickers::resolve(conn, draft.many(&stage_field(stage, name)), Pick::Both);
            picks.stages.push(StagePicks {
                named: of("people")?,
                fallback: of("fallback")?,
                alternates: of("alternate_people")?,
            });
        }
        Ok(picks)
    }
}

//! Policies in everyday words: what a policy says, line by line (SPEC section 7).

use std::collections::BTreeMap;

use crate::domain::directory::Holder;
use crate::domain::policy::{Approver, Expiry, LinkMode, Question, Quorum, Scope, ScopeKind, Stage, Terms};
use crate::kernel::ids::{GroupId, UserId};
use crate::store::views::pickers;
use crate::store::{Conn, StoreError};

/// The names of the people and groups that policies mention.
#[derive(Debug, Clone, Default)]
pub struct Names {
    users: BTreeMap<UserId, String>,
    groups: BTreeMap<GroupId, String>,
}

impl Names {
    /// Loads the names for these terms.
    pub fn load<'t>(conn: &mut Conn, terms: impl IntoIterator<Item = &'t Terms>) -> Result<Self, StoreError> {
        let mut holders: Vec<Holder> = terms.into_iter().flat_map(mentioned).collect();
        holders.sort_unstable();
        holders.dedup();
        let (people, groups) = pickers::chosen(conn, &holders)?;
        Ok(Self {
            users: people.into_iter().map(|p| (p.id, p.name)).collect(),
            groups: groups.into_iter().map(|g| (g.id, g.name)).collect(),
        })
    }

    fn user(&self, id: UserId) -> &str {
        self.users.get(&id).map_or("somebody who was deleted", String::as_str)
    }

    fn group(&self, id: GroupId) -> String {
        match self.groups.get(&id) {
            Some(name) => format!("{name} (group)"),
            None => "a deleted group".to_owned(),
        }
    }
}

/// Everybody whom the terms mention by name.
pub fn mentioned(terms: &Terms) -> Vec<Holder> {
    let mut all = Vec::new();
    if let Scope::Specific { users, groups } = &terms.scope {
        all.extend(users.iter().copied().map(Holder::User));
        all.extend(groups.iter().copied().map(Holder::Group));
    }
    for stage in &terms.stages {
        let alternates = stage.alternates.iter().flat_map(|a| &a.approvers);
        all.extend(named(stage.approvers.iter().chain(&stage.fallback).chain(alternates)));
    }
    all
}

/// The users and groups among approvers.
pub fn named<'a>(approvers: impl IntoIterator<Item = &'a Approver>) -> Vec<Holder> {
    approvers
        .into_iter()
        .filter_map(|approver| match approver {
            Approver::User { id } => Some(Holder::User(*id)),
            Approver::Group { id } => Some(Holder::Group(*id)),
            _ => None,
        })
        .collect()
}

/// Whom a kind of scope is for, in short.
pub fn scope_kind(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Specific => "Specific people and groups",
        ScopeKind::AllMembers => "All members",
        ScopeKind::AllUsers => "All members and guests",
        ScopeKind::Organizations => "Specific connected organizations",
        ScopeKind::AllOrganizations => "All connected organizations",
        ScopeKind::Anyone => "Anyone from outside",
        ScopeKind::Nobody => "Nobody: direct assignment only",
        ScopeKind::Automatic => "Automatic, by rule",
    }
}

fn scope(scope: &Scope, names: &Names) -> String {
    match scope {
        Scope::Specific { users, groups } => list(
            users
                .iter()
                .map(|id| names.user(*id).to_owned())
                .chain(groups.iter().map(|id| names.group(*id)))
                .collect(),
        ),
        Scope::Automatic { rule, grace_days, .. } => {
            let kept = match grace_days {
                0 => "Who stops matching loses it at once.".to_owned(),
                1 => "Who stops matching keeps it for 1 day.".to_owned(),
                n => format!("Who stops matching keeps it for {n} days."),
            };
            format!("Automatic, for whoever matches {rule}. {kept}")
        }
        other => scope_kind(other.kind()).to_owned(),
    }
}

/// An approver as people say it.
pub fn approver(approver: &Approver, names: &Names) -> String {
    match approver {
        Approver::Manager { level: 1 } => "the manager".to_owned(),
        Approver::Manager { .. } => "the manager’s manager".to_owned(),
        Approver::User { id } => names.user(*id).to_owned(),
        Approver::Group { id } => names.group(*id),
        Approver::Sponsors => "the requestor’s sponsors".to_owned(),
        Approver::InternalSponsors => "the internal sponsors of the requestor’s organization".to_owned(),
        Approver::ExternalSponsors => "the external sponsors of the requestor’s organization".to_owned(),
        Approver::ResourceOwners => "the owners of the resources".to_owned(),
        Approver::CatalogOwners => "the owners of the catalog".to_owned(),
    }
}

fn approvers(all: &[Approver], names: &Names) -> String {
    list(all.iter().map(|a| approver(a, names)).collect())
}

fn list(mut items: Vec<String>) -> String {
    match items.pop() {
        None => "nobody".to_owned(),
        Some(last) if items.is_empty() => last,
        Some(last) => format!("{} and {last}", items.join(", ")),
    }
}

fn stage(stage: &Stage, names: &Names) -> String {
    let mut words = capital(&approvers(&stage.approvers, names));
    match stage.quorum {
        Quorum::AnyOne | Quorum::AtLeast { n: 1 } => words.push_str("; one approval is enough"),
        Quorum::All => words.push_str("; all have to approve"),
        Quorum::AtLeast { n } => words.push_str(&format!("; {n} have to approve")),
    }
    words.push_str(&format!("; within {}", counted(stage.limit_days.into(), "day", "days")));
    if !stage.fallback.is_empty() {
        words.push_str(&format!("; if nobody can be asked: {}", approvers(&stage.fallback, names)));
    } else if !stage.approvers.contains(&Approver::CatalogOwners) {
        words.push_str("; if nobody can be asked: the owners of the catalog");
    }
    if let Some(alternates) = &stage.alternates {
        words.push_str(&format!(
            "; after {} without a decision also {}",
            counted(alternates.after_days.into(), "day", "days"),
            approvers(&alternates.approvers, names)
        ));
    }
    if stage.reason_required {
        words.push_str("; a reason is required");
    }
    words.push('.');
    words
}

/// When access ends, in words.
pub fn expiry(expiry: Expiry) -> String {
    match expiry {
        Expiry::Never => "Until it is removed".to_owned(),
        Expiry::AfterDays { days } => counted(days.into(), "day", "days"),
        Expiry::AfterHours { hours } => counted(hours, "hour", "hours"),
        Expiry::OnDate { date } => format!("Until the end of {}", date.format("%-d %B %Y")),
    }
}

fn link_mode(mode: Option<LinkMode>) -> &'static str {
    match mode {
        None => "As this portal does by default",
        Some(LinkMode::SignIn) => "Through sign-in",
        Some(LinkMode::Code) => "With a one-time code",
        Some(LinkMode::NoticeOnly) => "No link: notice only",
    }
}

fn counted(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "Yes" } else { "No" }
}

fn question(asked: &Question) -> String {
    let mut words = format!("{} {}", asked.text, asked.kind.words());
    if !asked.choices.is_empty() {
        let labels: Vec<&str> = asked.choices.iter().map(|c| c.label.as_str()).collect();
        words.push_str(&format!(": {}", labels.join(", ")));
    }
    words.push_str(if asked.required { "; has to be answered" } else { "; optional" });
    if asked.editable_later {
        words.push_str("; can be changed later");
    }
    if let Some(pattern) = &asked.pattern {
        words.push_str(&format!("; matches {}", pattern.expression));
    }
    if !asked.translations.is_empty() {
        let tags: Vec<&str> = asked.translations.keys().map(String::as_str).collect();
        words.push_str(&format!("; also in {}", tags.join(", ")));
    }
    words.push('.');
    words
}

/// What the terms say, line by line: label and text. The labels are the same for all terms, so that two versions
/// can be compared line by line.
pub fn lines(terms: &Terms, names: &Names) -> Vec<(String, String)> {
    let mut all = vec![("Who can request".to_owned(), scope(&terms.scope, names))];
    if terms.stages.is_empty() {
        all.push(("Approval".to_owned(), "None: requests are approved at once.".to_owned()));
    }
    for (index, one) in terms.stages.iter().enumerate() {
        all.push((format!("Approval, stage {}", index + 1), stage(one, names)));
    }
    if !terms.stages.is_empty() {
        all.push(("Deciding from e-mail".to_owned(), link_mode(terms.link_mode).to_owned()));
        all.push(("Requestor sees approvers".to_owned(), yes_no(terms.show_approvers).to_owned()));
    }
    all.push(("Justification required".to_owned(), yes_no(terms.justification_required).to_owned()));
    for (index, asked) in terms.questions.iter().enumerate() {
        all.push((format!("Question {}", index + 1), question(asked)));
    }
    all.push(("Access lasts".to_owned(), expiry(terms.expiry)));
    all.push((
        "Extension".to_owned(),
        match (terms.extension.allowed, terms.extension.needs_approval) {
            (false, _) => "Not allowed",
            (true, false) => "Allowed, without approval",
            (true, true) => "Allowed, with the same approval",
        }
        .to_owned(),
    ));
    all.push(("Mails about access".to_owned(), yes_no(terms.notify).to_owned()));
    all
}

/// One sentence for lists: who, how decided, how long.
pub fn in_short(terms: &Terms) -> String {
    let approval = match terms.stages.len() {
        0 => "no approval".to_owned(),
        n => counted(u32::try_from(n).unwrap_or(3), "stage of approval", "stages of approval"),
    };
    if terms.scope.kind() == ScopeKind::Automatic {
        return format!("{} · as long as the person matches", scope_kind(ScopeKind::Automatic));
    }
    format!("{} · {approval} · {}", scope_kind(terms.scope.kind()), expiry(terms.expiry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_read_like_a_sentence() {
        let mut terms = Terms {
            scope: Scope::AllMembers,
            stages: vec![Stage {
                approvers: vec![Approver::Manager { level: 1 }],
                quorum: Quorum::AnyOne,
                fallback: vec![Approver::CatalogOwners],
                alternates: None,
                limit_days: 1,
                reason_required: true,
            }],
            expiry: Expiry::AfterDays { days: 30 },
            ..Terms::direct_only()
        };
        let names = Names::default();
        let of = |terms: &Terms, label: &str| {
            lines(terms, &names).into_iter().find(|(l, _)| l == label).map(|(_, t)| t)
        };
        assert_eq!(
            of(&terms, "Approval, stage 1").as_deref(),
            Some(
                "The manager; one approval is enough; within 1 day; if nobody can be asked: the owners of the \
                 catalog; a reason is required."
            )
        );
        assert_eq!(of(&terms, "Access lasts").as_deref(), Some("30 days"));
        assert_eq!(in_short(&terms), "All members · 1 stage of approval · 30 days");
        terms.stages.clear();
        assert!(of(&terms, "Approval").is_some());
        assert_eq!(of(&terms, "Deciding from e-mail"), None);
    }
}

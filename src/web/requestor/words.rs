//! The words of the requestor's pages: who decides, for how long, what is given.

use crate::domain::policy::{Approver, Expiry, Quorum, Terms};
use crate::domain::request::{Changes, RequestKind};
use crate::store::views::browse::Content;
use crate::store::views::offer::{Asked, StageOutline};

/// "Bob", "Bob and Mia", "Bob, Mia and Sam"; `last` is "and" or "or".
pub fn listing(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., tail] => format!("{} {last} {tail}", head.join(", ")),
    }
}

/// "1 day", "3 days".
pub fn count(n: i64, unit: &str) -> String {
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

/// How long access lasts: "30 days", "until 31 December 2026", "no end date".
pub fn lasts(expiry: Expiry) -> String {
    match expiry {
        Expiry::Never => "no end date".to_owned(),
        Expiry::AfterDays { days } => count(i64::from(days), "day"),
        Expiry::AfterHours { hours } => count(i64::from(hours), "hour"),
        Expiry::OnDate { date } => format!("until {}", date.format("%-d %B %Y")),
    }
}

/// The sentence about the end: "Access ends 30 days after it starts."
pub fn lasts_sentence(expiry: Expiry) -> String {
    match expiry {
        Expiry::Never => "Access does not end by itself. You can give it up at any time.".to_owned(),
        Expiry::OnDate { date } => format!("Access ends at the end of {}.", date.format("%-d %B %Y")),
        other => format!("Access ends {} after it starts.", lasts(other)),
    }
}

/// How approvers are spoken of.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    /// By name; by kind only where the policy keeps names from the requestor.
    pub names: bool,
    /// To the person whom the access is for: "your manager".
    pub own: bool,
}

impl Voice {
    /// To the person who asks for themselves.
    pub fn asking(terms: &Terms) -> Self {
        Self { names: terms.show_approvers, own: true }
    }
}

/// Somebody whom a stage asks.
fn asked(asked: &Asked, voice: Voice) -> String {
    let name = asked.name.as_deref().filter(|_| voice.names);
    let (your, yours) = if voice.own { ("your", "your") } else { ("the", "their") };
    match (asked.approver, name) {
        (Approver::Manager { level: 1 }, Some(name)) => format!("{name} ({your} manager)"),
        (Approver::Manager { level: 1 }, None) => format!("{your} manager"),
        (Approver::Manager { .. }, Some(name)) => format!("{name} ({your} manager’s manager)"),
        (Approver::Manager { .. }, None) => format!("{your} manager’s manager"),
        (Approver::User { .. }, Some(name)) => name.to_owned(),
        (Approver::User { .. }, None) => "a named person".to_owned(),
        (Approver::Group { .. }, Some(name)) => format!("the group {name}"),
        (Approver::Group { .. }, None) => "a group".to_owned(),
        (Approver::Sponsors, _) => format!("{yours} sponsors"),
        (Approver::InternalSponsors, _) => format!("the sponsors of {yours} organization"),
        (Approver::ExternalSponsors, _) => format!("the sponsors at {yours} organization"),
        (Approver::ResourceOwners, _) => "the owners of what it contains".to_owned(),
        (Approver::CatalogOwners, _) => "the owners of the catalog".to_owned(),
    }
}

/// Who decides a stage: "Bob (your manager)", "Mia or Sam", "all of Mia and Sam", "2 of Mia, Sam and Tom".
pub fn stage(outline: &StageOutline, voice: Voice) -> String {
    let mut people: Vec<String> = outline.asked.iter().map(|a| asked(a, voice)).collect();
    people.dedup();
    match outline.quorum {
        Quorum::AnyOne => listing(&people, "or"),
        Quorum::All if people.len() == 1 && outline.asked.iter().all(single) => listing(&people, "and"),
        Quorum::All => format!("all of {}", listing(&people, "and")),
        Quorum::AtLeast { n } => format!("{n} of {}", listing(&people, "and")),
    }
}

fn single(asked: &Asked) -> bool {
    matches!(asked.approver, Approver::Manager { .. } | Approver::User { .. })
}

/// "Bob (your manager) decides", "The owners of the catalog decide".
pub fn decides(outline: &StageOutline, voice: Voice) -> String {
    let many = match outline.quorum {
        // Of several named with "or", the last one gives the verb its number.
        Quorum::AnyOne => outline.asked.last().is_some_and(|a| {
            matches!(
                a.approver,
                Approver::Sponsors
                    | Approver::InternalSponsors
                    | Approver::ExternalSponsors
                    | Approver::ResourceOwners
                    | Approver::CatalogOwners
            )
        }),
        Quorum::All => outline.asked.len() > 1 || !outline.asked.iter().all(single),
        Quorum::AtLeast { n } => n > 1,
    };
    format!("{} {}", capital(&stage(outline, voice)), if many { "decide" } else { "decides" })
}

/// The sentence about the whole decision: "Bob (your manager) decides, then Mia".
pub fn decision(stages: &[StageOutline], terms: &Terms) -> String {
    let voice = Voice::asking(terms);
    match stages {
        [] => "No approval needed: you get it at once".to_owned(),
        [first, rest @ ..] => std::iter::once(decides(first, voice))
            .chain(rest.iter().map(|s| stage(s, voice)))
            .collect::<Vec<_>>()
            .join(", then "),
    }
}

/// The first letter large.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What a package gives, in a line: "Sales CRM, Price list and 2 more".
pub fn gives(contents: &[Content]) -> String {
    let mut names: Vec<String> = contents.iter().map(|c| c.resource.clone()).collect();
    names.dedup();
    match names.as_slice() {
        [] => "Nothing yet: the package is still empty".to_owned(),
        [.., _] if names.len() <= 3 => listing(&names, "and"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
        [only] => only.clone(),
    }
}

/// What a request is, in a list.
pub fn kind(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::UserAdd => "Request",
        RequestKind::OnBehalfAdd => "Request on behalf",
        RequestKind::AdminAdd => "Direct assignment",
        RequestKind::SystemAdd => "Automatic assignment",
        RequestKind::UserUpdate => "Extension",
        RequestKind::AdminUpdate | RequestKind::SystemUpdate => "Change",
        RequestKind::UserRemove => "Given up",
        RequestKind::AdminRemove => "Removal",
        RequestKind::ApproverRemove => "Revocation",
        RequestKind::SystemRemove => "End of access",
    }
}

/// What a request is, with what it changes.
pub fn kind_of(kind: RequestKind, changes: Option<Changes>) -> &'static str {
    match changes {
        Some(Changes::Answers) => "Changed answers",
        Some(Changes::End) | None => self::kind(kind),
    }
}

/// A span as people say it: "about 3 hours".
pub fn about(span: chrono::Duration) -> String {
    let minutes = span.num_minutes();
    if minutes < 90 {
        format!("about {}", count(minutes.max(1), "minute"))
    } else if minutes < 36 * 60 {
        format!("about {}", count((minutes + 30) / 60, "hour"))
    } else {
        format!("about {}", count((minutes + 720) / 1440, "day"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalog::ResourceKind;

    const NAMED: Voice = Voice { names: true, own: true };
    const UNNAMED: Voice = Voice { names: false, own: true };

    fn someone(approver: Approver, name: Option<&str>) -> Asked {
        Asked { approver, name: name.map(str::to_owned) }
    }

    #[test]
    fn req_3_who_decides_is_told_by_name_or_by_kind() {
        let nobody = uuid::Uuid::nil();
        let bob = someone(Approver::Manager { level: 1 }, Some("Bob"));
        let mia = someone(Approver::User { id: crate::kernel::ids::UserId(nobody) }, Some("Mia"));
        let team = someone(Approver::Group { id: crate::kernel::ids::GroupId(nobody) }, Some("Finance"));
        let outline = |asked: &[&Asked], quorum| StageOutline {
            asked: asked.iter().map(|a| (*a).clone()).collect(),
            quorum,
            limit_days: 14,
            escalates_after: None,
        };
        let first = outline(&[&bob], Quorum::AnyOne);
        assert_eq!(stage(&first, NAMED), "Bob (your manager)");
        assert_eq!(stage(&first, UNNAMED), "your manager");
        assert_eq!(stage(&outline(&[&mia, &team], Quorum::AnyOne), NAMED), "Mia or the group Finance");
        assert_eq!(stage(&outline(&[&mia, &team], Quorum::AnyOne), UNNAMED), "a named person or a group");
        assert_eq!(stage(&outline(&[&mia], Quorum::All), NAMED), "Mia");
        assert_eq!(stage(&outline(&[&team], Quorum::All), NAMED), "all of the group Finance");
        assert_eq!(
            stage(&outline(&[&bob, &mia], Quorum::AtLeast { n: 2 }), NAMED),
            "2 of Bob (your manager) and Mia"
        );
        let owners = outline(&[&someone(Approver::CatalogOwners, None)], Quorum::AnyOne);
        assert_eq!(decides(&owners, NAMED), "The owners of the catalog decide");
        let terms = Terms::direct_only();
        assert_eq!(
            decision(&[first, outline(&[&mia], Quorum::AnyOne)], &terms),
            "Bob (your manager) decides, then Mia"
        );
        assert!(decision(&[], &terms).starts_with("No approval needed"));
    }

    #[test]
    fn what_is_given_fits_a_line() {
        let content = |name: &str| Content {
            resource: name.into(),
            kind: ResourceKind::Group,
            role: "Member".into(),
            description: String::new(),
        };
        let all: Vec<_> = ["CRM", "CRM", "Prices", "Wiki", "Mail"].map(content).into();
        assert_eq!(gives(&all[..0]), "Nothing yet: the package is still empty");
        assert_eq!(gives(&all[..2]), "CRM");
        assert_eq!(gives(&all[..4]), "CRM, Prices and Wiki");
        assert_eq!(gives(&all), "CRM, Prices and 2 more");
        assert_eq!(lasts(Expiry::AfterDays { days: 1 }), "1 day");
        assert_eq!(about(chrono::Duration::minutes(200)), "about 3 hours");
    }
}

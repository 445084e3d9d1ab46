//! Reading a draft: from what was typed to a policy's terms, with each mistake at its field (SPEC PGE-3).

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::asking::{self, Whose};
use super::draft::{Draft, KEEP, Picks, STAGES};
use crate::domain::following::{LONGEST_GRACE, Limits};
use crate::domain::package::{PackageFields, PolicyFields};
use crate::domain::policy::{Approver, Expiry, Extension, LinkMode, Scope, Terms};
use crate::domain::rule::Rule;
use crate::kernel::ids::ResourceRoleId;
use crate::kernel::text;
use crate::web::FormErrors;
use crate::web::pickers::Picked;
use crate::web::rules::said;

/// The longest name.
pub const NAME: usize = 200;
/// The longest description.
pub const DESCRIPTION: usize = 4000;

/// Reads a package's name, description and hiding.
pub fn package(draft: &Draft, errors: &mut FormErrors) -> Option<PackageFields> {
    let name = errors.take("name", text::line(draft.one("name"), NAME));
    let description = errors.take("description", text::lines(draft.one("description"), DESCRIPTION));
    Some(PackageFields { name: name?, description: description?, hidden: draft.ticked("hidden") })
}

/// Reads which roles were ticked.
pub fn roles(draft: &Draft, errors: &mut FormErrors) -> Vec<ResourceRoleId> {
    let mut all = Vec::new();
    for typed in draft.many("roles") {
        match typed.parse() {
            Ok(id) => all.push(id),
            Err(_) => errors.add("roles", "Choose among the roles shown."),
        }
    }
    all
}

/// Reads a policy's name and description.
pub fn policy_fields(draft: &Draft, errors: &mut FormErrors) -> Option<PolicyFields> {
    let name = errors.take("policy_name", text::line(draft.one("policy_name"), NAME));
    let description =
        errors.take("policy_description", text::lines(draft.one("policy_description"), DESCRIPTION));
    Some(PolicyFields { name: name?, description: description? })
}

/// Reads a policy's terms. What this editor does not offer stays as it is in `base`.
pub fn terms(
    draft: &Draft,
    picks: &Picks,
    base: Option<&Terms>,
    today: NaiveDate,
    errors: &mut FormErrors,
) -> Option<Terms> {
    if draft.one("scope") == "automatic" {
        return automatic(draft, errors);
    }
    let scope = scope(draft, picks, base, errors);
    let mut stages = Vec::new();
    match draft.one("stages") {
        "0" | "1" | "2" | "3" => {
            for number in 1..=draft.stages() {
                stages.extend(super::stages::read(draft, picks, number, errors));
            }
        }
        _ => errors.add("stages", "Choose how requests are approved."),
    }
    let link_mode = match draft.one("link_mode") {
        "" => None,
        word => {
            let mode = LinkMode::parse(word);
            if mode.is_none() {
                errors.add("link_mode", "Choose one of the ways shown.");
            }
            mode
        }
    };
    let questions = asking::read(draft, Whose::Policy, errors);
    let expiry = expiry(draft, base, today, errors);
    if !errors.is_empty() {
        return None;
    }
    Some(Terms {
        scope: scope?,
        stages,
        justification_required: draft.ticked("justification"),
        questions,
        notify: draft.ticked("notify"),
        show_approvers: draft.ticked("show_approvers"),
        link_mode,
        expiry: expiry?,
        on_behalf: draft.ticked("on_behalf"),
        custom_timeline: draft.ticked("custom_timeline"),
        extension: Extension {
            allowed: draft.ticked("extension"),
            needs_approval: draft.ticked("extension_approval"),
        },
    })
}

/// Reads the terms of automatic assignment: it asks nobody and lasts as long as the rule matches, so the other steps
/// have nothing to say about it (SPEC AUT-3).
fn automatic(draft: &Draft, errors: &mut FormErrors) -> Option<Terms> {
    let rule = match Rule::parse(draft.one("rule")) {
        Ok(rule) => Some(rule.to_string()),
        Err(problem) => {
            errors.add("rule", said(&problem, draft.one("rule")));
            None
        }
    };
    let grace_days = number_in(draft, "grace_days", 0..=LONGEST_GRACE, errors);
    let percent = number_in(draft, "limit_percent", 1..=100, errors);
    let people = number_in(draft, "limit_people", 1..=1_000_000, errors);
    let limits = Limits { percent: percent?, people: people? };
    Some(Terms {
        scope: Scope::Automatic { rule: rule?, grace_days: grace_days?, limits },
        notify: draft.ticked("notify"),
        ..Terms::direct_only()
    })
}

fn scope(draft: &Draft, picks: &Picks, base: Option<&Terms>, errors: &mut FormErrors) -> Option<Scope> {
    match draft.one("scope") {
        "allMembers" => Some(Scope::AllMembers),
        "allUsers" => Some(Scope::AllUsers),
        "nobody" => Some(Scope::Nobody),
        "specific" => {
            clear("scope_people", &picks.scope, errors);
            if picks.scope.entries.is_empty() {
                errors.add("scope_people", "Name at least one person or group.");
            }
            Some(Scope::Specific { users: picks.scope.users(), groups: picks.scope.groups() })
        }
        KEEP if base.is_some() => base.map(|terms| terms.scope.clone()),
        _ => {
            errors.add("scope", "Choose who can request this.");
            None
        }
    }
}

/// Notes lines that nobody could be found for.
pub(super) fn clear(field: &str, picked: &Picked, errors: &mut FormErrors) {
    if let Some(text) = picked.error() {
        errors.add(field, text);
    }
}

/// Who was picked, as approvers.
pub(super) fn people(picked: &Picked) -> impl Iterator<Item = Approver> {
    let users = picked.users().into_iter().map(|id| Approver::User { id });
    users.chain(picked.groups().into_iter().map(|id| Approver::Group { id }))
}

/// A number within these limits.
pub(super) fn number_in<N>(
    draft: &Draft,
    field: &str,
    range: RangeInclusive<N>,
    errors: &mut FormErrors,
) -> Option<N>
where
    N: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let typed = draft.one(field).trim().parse::<N>().ok();
    let good = typed.filter(|n| range.contains(n));
    if good.is_none() {
        errors.add(field, format!("Give a number from {} to {}.", range.start(), range.end()));
    }
    good
}

fn expiry(draft: &Draft, base: Option<&Terms>, today: NaiveDate, errors: &mut FormErrors) -> Option<Expiry> {
    match draft.one("expiry") {
        "never" => Some(Expiry::Never),
        "days" => number_in(draft, "expiry_days", 1..=3660, errors).map(|days| Expiry::AfterDays { days }),
        "hours" => {
            number_in(draft, "expiry_hours", 1..=87_840, errors).map(|hours| Expiry::AfterHours { hours })
        }
        "date" => match draft.one("expiry_date").parse::<NaiveDate>() {
            Ok(date) => {
                let expiry = Expiry::OnDate { date };
                if date < today && base.is_none_or(|terms| terms.expiry != expiry) {
                    errors.add("expiry_date", "This day is over. Give one that is still to come.");
                }
                Some(expiry)
            }
            Err(_) => {
                errors.add("expiry_date", "Give a day, such as 2027-12-31.");
                None
            }
        },
        _ => {
            errors.add("expiry", "Choose how long access lasts.");
            None
        }
    }
}

/// Is anything wrong in these fields?
pub fn wrong_in(errors: &FormErrors, fields: &[String]) -> bool {
    fields.iter().any(|field| errors.of(field).is_some())
}

/// Only the mistakes in these fields.
pub fn only(errors: &FormErrors, fields: &[String]) -> FormErrors {
    let mut some = FormErrors::new();
    for field in fields {
        if let Some(text) = errors.of(field) {
            some.add(field.clone(), text);
        }
    }
    some
}

/// A number of stages as chosen, for the fields that show them.
pub const fn stage_numbers() -> RangeInclusive<usize> {
    1..=STAGES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::catalogs::draft::Step;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
    }

    fn read(draft: &Draft, base: Option<&Terms>) -> (Option<Terms>, FormErrors) {
        let picks = Picks { stages: vec![Default::default(); STAGES], ..Picks::default() };
        let mut errors = FormErrors::new();
        let terms = terms(draft, &picks, base, today(), &mut errors);
        (terms, errors)
    }

    #[test]
    fn pkg_6_a_new_draft_is_a_good_policy() {
        let (terms, errors) = read(&Draft::new_policy(), None);
        assert!(errors.is_empty());
        let terms = terms.unwrap();
        assert_eq!(terms.check(), Ok(()));
        assert_eq!(terms.scope, Scope::AllMembers);
        assert_eq!(terms.expiry, Expiry::AfterDays { days: 90 });
        assert_eq!(terms.stages.len(), 1);
    }

    #[test]
    fn lif_1_and_apr_5_limits_are_told_at_their_field() {
        let with = |name: &str, value: &str| {
            let mut draft = Draft::new_policy();
            draft.set(name, [value]);
            read(&draft, None).1
        };
        for (name, bad) in [
            ("expiry_days", "0"),
            ("expiry_days", "3661"),
            ("expiry_days", "ten"),
            ("s1_limit", "15"),
            ("s1_limit", "0"),
            ("s1_quorum", "most"),
            ("scope", "everybody"),
            ("scope", KEEP),
            ("link_mode", "pigeon"),
            ("stages", "4"),
            ("expiry", "some day"),
        ] {
            assert!(with(name, bad).of(name).is_some(), "{name}={bad}");
        }
        assert!(with("expiry_days", "3660").is_empty());
        // What is not chosen is not read.
        assert!(with("s2_limit", "99").is_empty());
        assert!(with("expiry_hours", "x").is_empty());
    }

    #[test]
    fn lif_1_a_day_that_is_over_is_refused_unless_it_was_there_before() {
        let mut draft = Draft::new_policy();
        draft.set("expiry", ["date"]);
        draft.set("expiry_date", ["2026-03-01"]);
        assert!(read(&draft, None).1.of("expiry_date").is_some());
        let base = Terms {
            expiry: Expiry::OnDate { date: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() },
            ..Terms::direct_only()
        };
        assert!(read(&draft, Some(&base)).1.is_empty());
    }

    #[test]
    fn pol_1_what_the_editor_does_not_offer_stays() {
        let base = Terms { scope: Scope::Anyone, ..Terms::direct_only() };
        let mut draft = Draft::new_policy();
        draft.set("scope", [KEEP]);
        let terms = read(&draft, Some(&base)).0.unwrap();
        assert_eq!(terms.scope, Scope::Anyone);
    }

    #[test]
    fn aut_1_a_rule_is_read_with_its_mistake_at_the_field() {
        let mut draft = Draft::new_policy();
        draft.set("scope", ["automatic"]);
        draft.set("rule", [r#"user.department -eq Sales"#]);
        let wrong = read(&draft, None).1.of("rule").unwrap();
        assert!(wrong.contains("Character 21"), "{wrong}");
        draft.set("rule", [r#"USER.department -EQ "Sales""#]);
        let terms = read(&draft, None).0.unwrap();
        assert_eq!(terms.check(), Ok(()));
        let Scope::Automatic { rule, grace_days: 7, limits } = &terms.scope else { panic!("{terms:?}") };
        assert_eq!((rule.as_str(), *limits), (r#"user.department -eq "Sales""#, Limits::default()));
        draft.set("grace_days", ["366"]);
        assert!(read(&draft, None).1.of("grace_days").is_some());
    }

    #[test]
    fn pol_6_the_boxes_for_the_timeline_and_for_managers_are_kept() {
        let base = Terms { custom_timeline: true, on_behalf: true, ..Terms::direct_only() };
        let mut draft = Draft::new_policy();
        let terms = read(&draft, Some(&base)).0.unwrap();
        assert!(!terms.custom_timeline && !terms.on_behalf, "an empty box is off");
        draft.set("custom_timeline", ["on"]);
        draft.set("on_behalf", ["on"]);
        let terms = read(&draft, None).0.unwrap();
        assert!(terms.custom_timeline && terms.on_behalf);
    }

    #[test]
    fn pkg_6_every_step_has_its_own_fields() {
        let mut seen = std::collections::BTreeSet::new();
        for field in Step::ALL.iter().flat_map(|s| s.fields()) {
            assert!(seen.insert(field.clone()), "{field}");
        }
        assert_eq!(Step::parse("3"), Step::Requests);
        assert_eq!(Step::parse("nonsense"), Step::Basics);
        assert_eq!(Step::Review.next(), Step::Review);
        assert_eq!(Step::Basics.back(), Step::Basics);
    }
}

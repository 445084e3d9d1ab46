//! The stages of an approval in the wizard and the policy editor: their fields, and what is read from them (SPEC
//! APR-1 to APR-7).

use super::draft::{Draft, Picks, StagePicks, Step, kind_of, kind_word, stage_field};
use super::fields::{Section, choices, picker};
use super::terms::{clear, number_in, people, wrong_in};
use crate::domain::policy::{Alternates, Approver, Quorum, Stage};
use crate::web::FormErrors;
use crate::web::pickers::Suggestions;
use crate::web::ui::{FieldView, OptionView};

/// The kinds of approvers that are nobody by name: word, label, hint.
const KINDS: [(&str, &str, &str); 7] = [
    ("manager1", "The requestor’s manager", ""),
    ("manager2", "The manager’s manager", ""),
    ("sponsors", "The requestor’s sponsors", "Named on the person’s page by an administrator."),
    (
        "internalSponsors",
        "The internal sponsors of the requestor’s organization",
        "People of your own who answer for a connected organization.",
    ),
    (
        "externalSponsors",
        "The external sponsors of the requestor’s organization",
        "People of the connected organization.",
    ),
    ("resourceOwners", "The owners of the resources", "Whoever owns something that the package gives."),
    ("catalogOwners", "The owners of the catalog", ""),
];

fn kinds() -> Vec<OptionView> {
    choices(&KINDS)
}

/// The fields of a stage.
pub fn section(number: usize, draft: &Draft, errors: &FormErrors, picks: &Picks, s: &Suggestions) -> Section {
    let field = |name: &str| stage_field(number, name);
    let nobody = StagePicks::default();
    let picked = picks.stages.get(number - 1).unwrap_or(&nobody);
    let fields = vec![
        FieldView::checklist(field("kinds"), "Approvers", kinds())
            .values(draft.many(&field("kinds")))
            .error(errors.of(&field("kinds"))),
        picker(&field("people"), "Approvers by name", &picked.named, errors, s)
            .hint("People and groups. One per line: an e-mail address or a name."),
        FieldView::radios(
            field("quorum"),
            "How many have to approve",
            choices(&[
                ("any", "Any one of them", ""),
                ("all", "All of them", ""),
                ("n", "So many of them", "Give the number below."),
            ]),
        )
        .value(draft.one(&field("quorum")))
        .error(errors.of(&field("quorum")))
        .required(),
        FieldView::number(field("count"), "Number of approvals")
            .value(draft.one(&field("count")))
            .error(errors.of(&field("count")))
            .range(1, 20)
            .hint("Only for “So many of them”."),
        picker(&field("fallback"), "Fallback approvers", &picked.fallback, errors, s).hint(
            "People and groups who are asked when none of the approvers above can decide: there is no manager or \
             sponsor, a group is empty, or they are disabled or ask for themselves. Without fallback the owners of \
             the catalog are asked, then the administrators. One per line.",
        ),
        FieldView::number(field("limit"), "Days to decide")
            .value(draft.one(&field("limit")))
            .error(errors.of(&field("limit")))
            .range(1, 14)
            .suffix("days")
            .required(),
        FieldView::checkbox(
            field("alternates"),
            "Ask others too when nobody decides",
            draft.ticked(&field("alternates")),
        )
        .hint("The alternates below are asked as well after some days. The first approvers may still decide."),
        FieldView::number(field("alternate_after"), "Ask the alternates after")
            .value(draft.one(&field("alternate_after")))
            .error(errors.of(&field("alternate_after")))
            .range(1, 13)
            .suffix("days")
            .hint("Fewer than the days to decide."),
        FieldView::checklist(field("alternate_kinds"), "Alternates", kinds())
            .values(draft.many(&field("alternate_kinds")))
            .error(errors.of(&field("alternate_kinds"))),
        picker(&field("alternate_people"), "Alternates by name", &picked.alternates, errors, s)
            .hint("People and groups. One per line: an e-mail address or a name."),
        FieldView::checkbox(field("reason"), "Approvers give a reason", draft.ticked(&field("reason")))
            .hint("The requestor can read it."),
    ];
    let names: Vec<String> =
        Step::Requests.fields().into_iter().filter(|name| name.starts_with(&format!("s{number}_"))).collect();
    let text = match number {
        1 => "Asked first. Not used without approval.".to_owned(),
        2 => "Only used with two stages or more.".to_owned(),
        _ => "Only used with three stages.".to_owned(),
    };
    Section {
        folded: Some(number <= draft.stages().max(1) || wrong_in(errors, &names)),
        ..Section::new(&format!("Stage {number}"), &text, fields)
    }
}

/// Reads a stage.
pub fn read(draft: &Draft, picks: &Picks, number: usize, errors: &mut FormErrors) -> Option<Stage> {
    let field = |name: &str| stage_field(number, name);
    let picked = picks.stages.get(number - 1)?;
    let mut approvers = kinds_in(draft, &field("kinds"));
    approvers.extend(people(&picked.named));
    clear(&field("people"), &picked.named, errors);
    clear(&field("fallback"), &picked.fallback, errors);
    if approvers.is_empty() && picked.named.entries.is_empty() {
        errors.add(field("kinds"), "Choose at least one approver, or name one below.");
    }
    let quorum = match draft.one(&field("quorum")) {
        "any" => Some(Quorum::AnyOne),
        "all" => Some(Quorum::All),
        "n" => number_in(draft, &field("count"), 1..=20, errors).map(|n| Quorum::AtLeast { n }),
        _ => {
            errors.add(field("quorum"), "Choose how many have to approve.");
            None
        }
    };
    let limit_days = number_in(draft, &field("limit"), 1..=14, errors);
    let alternates = if draft.ticked(&field("alternates")) {
        Some(alternates(draft, picked, number, (&approvers, limit_days), errors)?)
    } else {
        None
    };
    Some(Stage {
        approvers,
        quorum: quorum?,
        fallback: people(&picked.fallback).collect(),
        alternates,
        limit_days: limit_days?,
        reason_required: draft.ticked(&field("reason")),
    })
}

fn kinds_in(draft: &Draft, field: &str) -> Vec<Approver> {
    draft.many(field).iter().filter_map(|word| kind_of(word)).collect()
}

/// Reads who is asked too when nobody decides (SPEC APR-4).
fn alternates(
    draft: &Draft,
    picked: &StagePicks,
    number: usize,
    (approvers, limit): (&[Approver], Option<u8>),
    errors: &mut FormErrors,
) -> Option<Alternates> {
    let field = |name: &str| stage_field(number, name);
    clear(&field("alternate_people"), &picked.alternates, errors);
    let mut all = kinds_in(draft, &field("alternate_kinds"));
    all.extend(people(&picked.alternates));
    if all.is_empty() && picked.alternates.entries.is_empty() {
        errors.add(field("alternate_kinds"), "Choose at least one alternate, or name one below.");
    }
    for twice in all.iter().filter(|a| approvers.contains(a)) {
        match KINDS.iter().find(|(word, ..)| kind_word(twice) == Some(word)) {
            Some((_, label, _)) => errors.add(
                field("alternate_kinds"),
                format!("“{label}” are asked from the start already. Choose others."),
            ),
            None => errors.add(
                field("alternate_people"),
                "Somebody here is asked from the start already. Name others.",
            ),
        }
    }
    let after_days = match limit {
        Some(1) => {
            errors.add(field("limit"), "With alternates there have to be at least 2 days to decide.");
            None
        }
        Some(limit) => number_in(draft, &field("alternate_after"), 1..=limit.saturating_sub(1), errors),
        None => None,
    };
    Some(Alternates { after_days: after_days?, approvers: all })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::catalogs::draft::STAGES;

    fn tried(changes: &[(&str, &[&str])]) -> (Option<Stage>, FormErrors) {
        let mut draft = Draft::new_policy();
        for (name, values) in changes {
            draft.set(name, values.iter().copied());
        }
        let picks = Picks { stages: vec![StagePicks::default(); STAGES], ..Picks::default() };
        let mut errors = FormErrors::new();
        let stage = read(&draft, &picks, 1, &mut errors);
        (stage, errors)
    }

    #[test]
    fn apr_1_every_kind_of_approver_can_be_chosen() {
        let words: Vec<&str> = KINDS.iter().map(|(word, ..)| *word).collect();
        let (stage, errors) = tried(&[("s1_kinds", &words)]);
        assert!(errors.is_empty());
        let approvers = stage.unwrap().approvers;
        assert_eq!(approvers.len(), KINDS.len());
        for (approver, word) in approvers.iter().zip(words) {
            assert_eq!(kind_word(approver), Some(word));
        }
    }

    #[test]
    fn apr_4_alternates_are_read_and_their_mistakes_told_at_their_field() {
        let good: [(&str, &[&str]); 3] = [
            ("s1_alternates", &["on"]),
            ("s1_alternate_after", &["3"]),
            ("s1_alternate_kinds", &["manager2"]),
        ];
        let (stage, errors) = tried(&good);
        assert!(errors.is_empty());
        assert_eq!(
            stage.unwrap().alternates,
            Some(Alternates { after_days: 3, approvers: vec![Approver::Manager { level: 2 }] })
        );
        let with = |name: &'static str, values: &'static [&'static str]| {
            let mut all = good.to_vec();
            all.push((name, values));
            tried(&all).1
        };
        assert!(
            with("s1_alternate_after", &["14"]).of("s1_alternate_after").is_some(),
            "not before the limit"
        );
        assert!(with("s1_alternate_after", &["0"]).of("s1_alternate_after").is_some());
        assert!(with("s1_alternate_after", &[""]).of("s1_alternate_after").is_some());
        assert!(with("s1_alternate_kinds", &[]).of("s1_alternate_kinds").is_some(), "nobody");
        assert!(
            with("s1_alternate_kinds", &["manager1"]).of("s1_alternate_kinds").is_some(),
            "asked already"
        );
        assert!(with("s1_limit", &["1"]).of("s1_limit").is_some(), "no day is left");
        // What is not chosen is not read.
        let (stage, errors) = tried(&[("s1_alternate_after", &["99"])]);
        assert!(errors.is_empty());
        assert_eq!(stage.unwrap().alternates, None);
    }
}

//! What a rule would do, before it is saved (SPEC AUT-2).

use std::collections::BTreeMap;

use super::LOOK;
use crate::app::AppError;
use crate::domain::following::{Change, FollowerKind, Has, Limits, Move, wanted};
use crate::domain::rule::Rule;
use crate::kernel::ids::{GroupId, PackageId, PolicyId, UserId};
use crate::kernel::text::fold;
use crate::store::rule_people::Somebody;
use crate::store::{Conn, rule_people};

/// What a rule is tried for.
#[derive(Debug, Clone, Copy)]
pub enum Tried {
    /// A group, which may not exist yet.
    Group(Option<GroupId>),
    /// A policy of a package; neither may exist yet.
    Policy(Option<PackageId>, Option<PolicyId>),
}

text_enum! {
    /// Which part of the people a preview lists.
    pub enum Part {
        /// Who matches.
        Matching = "matching",
        /// Who would gain.
        Gaining = "gaining",
        /// Who would lose.
        Losing = "losing",
        /// Who has it in another way, and is left alone.
        LeftAlone = "leftAlone",
        /// Who would gain, but holds what cannot be held together with it, or is disabled.
        Hindered = "hindered",
    }
}

/// Somebody in a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their department, may be empty.
    pub department: String,
    /// Why they are in this part, where that is not plain.
    pub note: String,
}

/// What a rule would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// How many people are in each part.
    pub counts: BTreeMap<Part, i64>,
    /// The people of the part that was asked for, by name, as many as were asked for.
    pub people: Vec<Listed>,
    /// How many of the part have the words that were searched.
    pub found: usize,
    /// What would change at once.
    pub change: Change,
    /// Is that more than the safety limit (SPEC AUT-4)?
    pub stops: bool,
}

impl Preview {
    /// How many people are in a part.
    pub fn count(&self, part: Part) -> i64 {
        self.counts.get(&part).copied().unwrap_or(0)
    }
}

/// How many people of a part are shown.
pub const SHOWN: usize = 50;

/// Tries a rule on everybody; changes nothing. Of the part, those are listed who have every word of `q`.
pub fn preview(
    conn: &mut Conn,
    rule: &Rule,
    tried: Tried,
    limits: Limits,
    part: Part,
    q: &str,
) -> Result<Preview, AppError> {
    let (kind, has, conflicts) = match tried {
        Tried::Group(id) => {
            let has = id.map_or(Ok(BTreeMap::new()), |id| rule_people::in_group(conn, id, None))?;
            (FollowerKind::Group, has, BTreeMap::new())
        }
        Tried::Policy(None, _) => (FollowerKind::Policy, BTreeMap::new(), BTreeMap::new()),
        Tried::Policy(Some(package), policy) => {
            let has = rule_people::with_package(conn, package, policy, None)?;
            (FollowerKind::Policy, has, rule_people::in_conflict(conn, package)?)
        }
    };
    let words: Vec<String> = fold(q).split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
    let mut preview = Preview::default();
    let mut listed: Vec<(String, Listed)> = Vec::new();
    let mut last = None;
    loop {
        let people = rule_people::after(conn, last, LOOK * 4)?;
        let Some(end) = people.last() else { break };
        last = Some(end.id);
        for person in people {
            let has = has.get(&person.id).copied().unwrap_or(Has::Nothing);
            preview.change.everybody += i64::from(!person.deleted);
            preview.change.holders += i64::from(has == Has::ByRule);
            let matches = !person.deleted && rule.matches(&person.facts);
            let wish = wanted(kind, matches, person.enabled, has);
            let mut parts = Vec::new();
            let mut note = String::new();
            if matches {
                parts.push(Part::Matching);
            }
            match wish {
                Some(Move::Gain) => match conflicts.get(&person.id) {
                    Some(names) => {
                        note = format!("Not together with {}", names.join(", "));
                        parts.push(Part::Hindered);
                    }
                    None => {
                        preview.change.gains += 1;
                        parts.push(Part::Gaining);
                    }
                },
                Some(Move::Lose) => {
                    preview.change.losses += 1;
                    parts.push(Part::Losing);
                }
                None if matches && has == Has::Otherwise => {
                    "Has it in another way".clone_into(&mut note);
                    parts.push(Part::LeftAlone);
                }
                None if matches && has == Has::TakenByHand => {
                    "A person took it away or they gave it up".clone_into(&mut note);
                    parts.push(Part::LeftAlone);
                }
                None if matches && has == Has::Nothing => {
                    "The account is disabled".clone_into(&mut note);
                    parts.push(Part::Hindered);
                }
                None => {}
            }
            for each in &parts {
                *preview.counts.entry(*each).or_insert(0) += 1;
            }
            if parts.contains(&part) {
                let name = fold(&person.name);
                let haystack = format!("{name} {} {}", person.email.to_lowercase(), fold(&person.department));
                if words.iter().all(|word| haystack.contains(word.as_str())) {
                    preview.found += 1;
                    let Somebody { id, name: shown, email, department, .. } = person;
                    listed.push((name, Listed { id, name: shown, email, department, note }));
                }
            }
            // Only the first by name are kept.
            if listed.len() > 4 * SHOWN {
                cut(&mut listed);
            }
        }
    }
    cut(&mut listed);
    preview.people = listed.into_iter().map(|(_, person)| person).collect();
    preview.stops = limits.exceeded(&preview.change);
    Ok(preview)
}

fn cut(listed: &mut Vec<(String, Listed)>) {
    listed.sort_by(|(a, x), (b, y)| a.cmp(b).then(x.id.cmp(&y.id)));
    listed.truncate(SHOWN);
}

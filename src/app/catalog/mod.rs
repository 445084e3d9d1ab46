//! Use cases of catalogs, resources, packages and policies (SPEC sections 5 to 7). Each asks `domain::access` for
//! a permit first, on rows of the same transaction, and records old and new values.

pub mod attributes;
pub mod catalogs;
pub mod copying;
pub mod delivery;
pub mod drafts;
pub mod handover;
pub mod lifecycle;
pub mod package_roles;
pub mod packages;
pub mod policies;
pub mod resource_roles;
pub mod resources;
pub mod roles;
pub mod separation;

use crate::app::AppError;
use crate::domain::Refusal;
use crate::store::StoreError;

/// Turns the broken unique rule of a name into words (SPEC PGE-3).
fn name_taken(rule: &'static str, what: &'static str) -> impl Fn(StoreError) -> AppError {
    move |error| {
        if error.is_taken(rule) { Refusal::NameTaken(what).into() } else { error.into() }
    }
}

/// The form was made from another version than the one that is there now.
fn same_version(form: i64, stored: i64) -> Result<(), Refusal> {
    if form == stored { Ok(()) } else { Err(Refusal::Stale) }
}

/// The first names of a list, and how many more there are.
fn some_of<S: AsRef<str>>(names: &[S]) -> String {
    const MOST: usize = 5;
    let mut shown: Vec<&str> = names.iter().take(MOST).map(AsRef::as_ref).collect();
    let more = match names.len().saturating_sub(MOST) {
        0 => None,
        1 => Some("1 other".to_owned()),
        n => Some(format!("{n} others")),
    };
    let last = match &more {
        Some(more) => Some(more.as_str()),
        None => shown.pop(),
    };
    match (shown.is_empty(), last) {
        (_, None) => String::new(),
        (true, Some(last)) => last.to_owned(),
        (false, Some(last)) => format!("{} and {last}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::some_of;

    #[test]
    fn a_long_list_of_names_is_cut() {
        assert_eq!(some_of::<&str>(&[]), "");
        assert_eq!(some_of(&["A"]), "A");
        assert_eq!(some_of(&["A", "B"]), "A and B");
        assert_eq!(some_of(&["A", "B", "C", "D", "E", "F"]), "A, B, C, D, E and 1 other");
        assert_eq!(some_of(&["A"; 9]), "A, A, A, A, A and 4 others");
    }
}

//! The sponsors of a person in the user form (SPEC DIR-1): who answers for them, and may approve for them.

use std::collections::BTreeSet;

use crate::app::AppError;
use crate::domain::directory::Holder;
use crate::kernel::ids::UserId;
use crate::store::{Conn, StoreError, sponsors};
use crate::web::FormErrors;
use crate::web::pickers::{self, Pick, Suggestions};
use crate::web::ui::{EntryView, FieldView};

/// The lines of a person's sponsors.
pub(super) fn lines(conn: &mut Conn, user: UserId) -> Result<Vec<String>, StoreError> {
    let all: Vec<Holder> = sponsors::of(conn, user)?.into_iter().map(Holder::User).collect();
    pickers::lines(conn, &all)
}

/// The field, with what was typed.
pub(super) fn field(typed: &[String], errors: &FormErrors, suggestions: &Suggestions) -> FieldView {
    let mut entries: Vec<EntryView> =
        typed.iter().filter(|line| !line.trim().is_empty()).map(|line| EntryView::new(line, None)).collect();
    if let Some(error) = errors.of("sponsors") {
        match entries.first_mut() {
            Some(first) => first.error = Some(error),
            None => entries.push(EntryView::new("", Some(error))),
        }
    }
    pickers::field("sponsors", "Sponsors", entries, suggestions).hint(
        "Who answers for this person, above all for a guest; policies can ask them to approve. One per line: an \
         e-mail address or a name.",
    )
}

/// Who is meant; or what is not clear, in words.
pub(super) fn resolve(
    conn: &mut Conn,
    typed: &[String],
) -> Result<Result<BTreeSet<UserId>, String>, AppError> {
    let picked = pickers::resolve(conn, typed, Pick::People)?;
    Ok(match picked.error() {
        Some(error) => Err(error.to_owned()),
        None => Ok(picked.users()),
    })
}

/// The lines in one, for people.
pub(super) fn said(lines: &[String]) -> String {
    if lines.is_empty() { "nobody".to_owned() } else { lines.join(", ") }
}

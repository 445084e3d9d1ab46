//! What a requestor changed because an approver asked, in the story of the request (SPEC REQ-9).

use crate::domain::revision::Edit;
use crate::domain::timeline::Step;
use crate::store::views::request::RequestPage;

/// The reason as it was first sent; later ones are told where they were sent back.
pub fn first_words(r: &RequestPage) -> &str {
    let edits = r.entries.iter().flat_map(|entry| match &entry.step {
        Step::SentBack { edits, .. } => edits.as_slice(),
        _ => &[],
    });
    let mut was = edits.filter_map(|edit| match edit {
        Edit::Justification { before, .. } => Some(before.as_str()),
        _ => None,
    });
    was.next().unwrap_or(&r.justification)
}

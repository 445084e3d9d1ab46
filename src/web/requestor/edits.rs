//! What a requestor changed because an approver asked, in the story of the request (SPEC REQ-9).

use crate::domain::revision::Edit;
use crate::domain::timeline::Step;
use crate::kernel::Moment;
use crate::store::views::request::RequestPage;
use crate::web::ui::When;

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

/// One thing that the requestor changed, with the old and the new.
pub fn edited(edit: &Edit, when: &impl Fn(Moment) -> When) -> String {
    let said = |text: &str| if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") };
    let at = |at: &Option<Moment>| at.map_or_else(|| "none".to_owned(), |at| when(at).exact);
    match edit {
        Edit::Justification { before, after } => {
            format!("Reason: was {}, now {}", said(before), said(after))
        }
        Edit::Answer { question, before, after } => {
            format!("{question} Was {}, now {}", said(before), said(after))
        }
        Edit::Start { before, after } => format!("Wanted start: was {}, now {}", at(before), at(after)),
        Edit::End { before, after } => format!("Wanted end: was {}, now {}", at(before), at(after)),
    }
}
